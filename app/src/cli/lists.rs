//! Lists of the API, read from page to page; people by their handles; words of the domain as arguments.

use super::Out;
use super::client::{Client, query_of};
use super::exit::{Exit, Failure};
use super::out::text;
use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

/// Items of one page at most, as the API gives them.
const PAGE: usize = 200;

/// How much of a list.
#[derive(Debug, Args)]
pub(super) struct Much {
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// All there are.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl Much {
    /// Only the first.
    pub(super) fn first() -> Much {
        Much { limit: 1, all: false }
    }

    fn most(&self) -> usize {
        if self.all { usize::MAX } else { self.limit }
    }
}

/// A list in the API's own form, `{"items": […], "next": …}`, as long as was asked for.
pub(super) async fn list(
    client: &Client,
    path: &str,
    query: &[(&str, String)],
    much: &Much,
) -> Result<Value> {
    let mut items: Vec<Value> = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let want = PAGE.min(much.most().saturating_sub(items.len()));
        if want == 0 {
            break;
        }
        let mut pairs: Vec<(&str, &str)> =
            query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let limit = want.to_string();
        pairs.push(("limit", &limit));
        if let Some(cursor) = &next {
            pairs.push(("cursor", cursor));
        }
        let page = client.get(&format!("{path}?{}", query_of(&pairs))).await?;
        next = page["next"].as_str().map(str::to_owned);
        items.extend(page["items"].as_array().into_iter().flatten().cloned());
        if next.is_none() {
            break;
        }
    }
    Ok(json!({ "items": items, "next": next }))
}

/// The items of a list.
pub(super) fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Shows a list: as JSON, as a table, or with a sentence when it is empty.
pub(super) fn show(
    out: &mut Out,
    list: &Value,
    names: &[&str],
    row: impl Fn(&Value) -> Vec<String>,
    empty: &str,
) -> Result<()> {
    if out.json {
        return out.value(list);
    }
    let rows: Vec<Vec<String>> = items(list).iter().map(row).collect();
    if rows.is_empty() {
        out.aside(empty);
        return Ok(());
    }
    out.table(names, &rows)?;
    if list["next"].is_string() {
        out.aside("There are more; --limit 200 or --all shows them.");
    }
    Ok(())
}

/// A person's or team's id: of an id, `me`, or a handle.
pub(super) async fn person(client: &Client, said: &str) -> Result<String> {
    if said.starts_with("per_") || said.starts_with("tea_") {
        return Ok(said.to_owned());
    }
    if said == "me" {
        return Ok(text(&client.get("/me").await?, "id").to_owned());
    }
    let handle = said.trim_start_matches('@');
    let everybody = list(client, "/people", &[], &Much { limit: 0, all: true }).await?;
    let found = items(&everybody).iter().find(|person| text(person, "handle") == handle);
    found.map(|person| text(person, "id").to_owned()).ok_or_else(|| {
        let mut handles: Vec<&str> =
            items(&everybody).iter().map(|person| text(person, "handle")).collect();
        handles.sort_by(|a, b| {
            strsim::jaro_winkler(b, handle).total_cmp(&strsim::jaro_winkler(a, handle))
        });
        let near = handles.first().map(|near| format!("; did you mean {near}?"));
        let what = format!("nobody here has the handle `{handle}`{}", near.unwrap_or_default());
        Failure::new(Exit::Usage, what).into()
    })
}

/// One of the domain's words, for an argument.
pub(super) fn one_of(words: impl IntoIterator<Item = &'static str>) -> PossibleValuesParser {
    PossibleValuesParser::new(words)
}

/// A day, or a time, as the API's filters take it.
pub(super) fn since(said: &str) -> Result<String, String> {
    let at = match said.parse::<jiff::civil::Date>() {
        Ok(day) => format!("{day}T00:00:00Z"),
        Err(_) => said.to_owned(),
    };
    let read = at.parse::<jiff::Timestamp>();
    read.map(|at| at.to_string())
        .map_err(|_| format!("`{said}` is not a day such as 2026-11-12 or 2026-11-12T14:02:00Z."))
}

/// A word for people of a word of the API: `in_review` is `in review`.
pub(super) fn spoken(word: &str) -> String {
    word.replace('_', " ")
}
