//! What the palette offers while somebody types: places to go, things to do, people, incidents.

use super::passage::Part;
use super::question::Question;
use super::show::answer;
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::{self, Key};
use crate::{actions, people, risks};
use kit::db::Conn;
use kit::web::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// How many of each are offered.
const MOST: usize = 6;

/// One thing that is offered.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SearchOffer)]
pub struct Offer {
    /// `go`, `do`, `person`, `incident`.
    pub kind: &'static str,
    /// What it is called.
    pub label: String,
    /// More about it; may be empty.
    pub note: String,
    /// Where it leads.
    pub url: String,
}

fn offer(kind: &'static str, label: &str, note: &str, url: &str) -> Offer {
    Offer { kind, label: label.to_owned(), note: note.to_owned(), url: url.to_owned() }
}

/// Pages one can go to: name, other words for it, address.
const PLACES: &[(&str, &str, &str)] = &[
    ("Home", "start next waiting", "/"),
    ("Incidents", "outages", "/incidents"),
    ("Retros", "retrospectives postmortems reviews", "/retros"),
    ("Actions", "todo mine open", "/actions"),
    ("Risks", "accepted", "/risks"),
    ("People", "colleagues accounts", "/people"),
    ("Teams", "groups", "/teams"),
    ("Services", "systems", "/services"),
    ("Calendars", "holidays hours zones", "/calendars"),
    ("Kinds of review", "templates library", "/kinds"),
    ("Policy", "rules right-sizing", "/policy"),
    ("Reviews asked for", "requests", "/requests"),
    ("Waived reviews", "waivers", "/waivers"),
];

/// Whether each typed word begins one of these words.
fn fits(typed: &str, words: &str) -> bool {
    let typed = super::tokens::folded(typed);
    let words = super::tokens::folded(words);
    let begins = |part: &str| words.split_whitespace().any(|word| word.starts_with(part));
    typed.split_whitespace().all(begins)
}

fn places(viewer: &Viewer, typed: &str) -> Vec<Offer> {
    let mut out: Vec<Offer> = PLACES
        .iter()
        .filter(|(name, other, _)| fits(typed, &format!("{name} {other}")))
        .map(|(name, _, url)| offer("go", name, "", url))
        .collect();
    if viewer.can_audit() && fits(typed, "Audit log record") {
        out.push(offer("go", "Audit log", "", "/audit"));
    }
    out
}

async fn doings(conn: &mut Conn, viewer: &Viewer, typed: &str) -> Result<Vec<Offer>, Problem> {
    let mut out = Vec::new();
    if !viewer.can_write() {
        return Ok(out);
    }
    if fits(typed, "declare new incident write down") {
        out.push(offer("do", "Write down a new incident", "", "/incidents/new"));
    }
    if viewer.can_administer() && fits(typed, "invite somebody person") {
        out.push(offer("do", "Invite somebody", "", "/people"));
    }
    if fits(typed, "note capture evidence add") {
        let newest = incidents::Filter::default();
        for one in incidents::list(conn, viewer, &newest, 20).await? {
            if one.status.is_open() && out.len() < 4 {
                let key = one.key();
                let label = format!("Note something for {key}");
                out.push(offer("do", &label, &one.title, &format!("/i/{key}/capture")));
            }
        }
    }
    Ok(out)
}

/// What a key leads to, if it is there for this viewer.
async fn by_key(conn: &mut Conn, viewer: &Viewer, typed: &str) -> Result<Vec<Offer>, Problem> {
    let text = typed.trim().to_ascii_uppercase();
    let mut out = Vec::new();
    let (prefix, number) = text.split_once('-').unwrap_or(("", text.as_str()));
    let is_number =
        !number.is_empty() && number.len() < 10 && number.bytes().all(|b| b.is_ascii_digit());
    let Some(number) = number.parse::<i64>().ok().filter(|n| is_number && *n > 0) else {
        return Ok(out);
    };
    if matches!(prefix, "" | "INC")
        && let Some(one) = incidents::find(conn, viewer, Key(number)).await?
    {
        out.push(offer("go", &one.key().to_string(), &one.title, &format!("/i/{}", one.key())));
    }
    if matches!(prefix, "" | "ACT")
        && let Some(one) = actions::find(conn, viewer, number).await?
    {
        out.push(offer("go", &one.key(), &one.title, &format!("/actions/{}", one.key())));
    }
    if matches!(prefix, "" | "RISK")
        && let Some(one) = risks::find(conn, viewer, number).await?
    {
        out.push(offer("go", &one.key(), &one.statement, &format!("/risks/{}", one.key())));
    }
    Ok(out)
}

async fn persons(conn: &mut Conn, typed: &str) -> Result<Vec<Offer>, Problem> {
    let all = people::names(conn).await?;
    let found = all.iter().filter(|one| fits(typed, &format!("{} {}", one.name, one.handle)));
    let url = |one: &people::Named| format!("/people#p-{}", one.handle);
    Ok(found
        .take(MOST)
        .map(|one| offer("person", &one.name, &format!("@{}", one.handle), &url(one)))
        .collect())
}

/// What is offered for what was typed so far.
///
/// # Errors
/// As the search; 503 when it fails.
pub async fn suggest(
    app: &App,
    viewer: &Viewer,
    question: &Question,
) -> Result<Vec<Offer>, Problem> {
    let typed = question.text.as_str();
    let mut conn = app.db.read().await?;
    let mut offers = by_key(&mut conn, viewer, typed).await?;
    offers.extend(places(viewer, typed));
    offers.extend(doings(&mut conn, viewer, typed).await?);
    if typed.trim().is_empty() {
        return Ok(offers);
    }
    offers.extend(persons(&mut conn, typed.trim_start_matches('@')).await?);
    drop(conn);
    let mut question = question.clone();
    question.asked = question.asked.typed(&question.text);
    if question.asked.is_empty() {
        return Ok(offers);
    }
    let shown = answer(app, viewer, &question, (0, MOST)).await?;
    for one in &shown.results {
        let note = one.found_in.first().map(|place| {
            let said: String = place.passage.iter().map(|part: &Part| part.text.as_str()).collect();
            said.chars().take(90).collect::<String>()
        });
        let label = format!("{} {}", one.key, one.title_text());
        offers.push(offer("incident", &label, &note.unwrap_or_default(), &one.url));
    }
    Ok(offers)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn each_typed_word_begins_a_word() {
        assert!(fits("ret", "Retros retrospectives"));
        assert!(fits("Zo", "Zoë Kravitz"));
        assert!(!fits("tros", "Retros"));
        assert!(fits("", "anything"));
    }
}
