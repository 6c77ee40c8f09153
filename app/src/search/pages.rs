//! `/search`: what was found, why, and what it can be narrowed to; the same as CSV.

use super::handle::State;
use super::question::Question;
use super::show::{Answer, Choice, PAGE, Place, Shown, answer};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{RawQuery, State as Given};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kit::web::road::get;
use kit::web::{Problem, Said};

/// The most rows of a CSV.
const ROWS: usize = 1_000;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new().route("/search", get(show)).route("/search.csv", get(csv))
}

/// One choice as a link.
struct Link {
    label: String,
    count: usize,
    url: String,
    is_chosen: bool,
}

/// What answers can be narrowed by, as links.
struct Group {
    title: &'static str,
    links: Vec<Link>,
}

#[derive(askama::Template)]
#[template(path = "search/templates/search.html")]
struct SearchPage {
    page: Page,
    said: Said,
    shown: Option<Shown>,
    groups: Vec<Group>,
    query: String,
    /// The same words without what narrows them.
    bare: String,
    newer: Option<String>,
    older: Option<String>,
    is_narrowed: bool,
}

impl SearchPage {
    fn day(&self, answer: &Answer) -> String {
        words::day(answer.began)
    }

    fn count(&self, shown: &Shown) -> String {
        words::count(shown.total, "incident", "incidents")
    }

    fn is_old(&self, shown: &Shown) -> bool {
        shown.index == State::Building && !shown.is_simple
    }

    fn has_failed(&self, shown: &Shown) -> bool {
        shown.index == State::Failed
    }

    fn says(&self, place: &Place) -> String {
        place.says()
    }
}

/// The fields that narrow, in the order in which they are shown.
const NARROWS: [&str; 8] =
    ["service", "team", "kind", "severity", "state", "from", "to", "open_actions"];

/// An address with some fields set anew; empty ones are left out, and the page begins anew.
fn with(said: &Said, path: &str, set: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ["q"].iter().chain(&NARROWS) {
        let set = set.iter().find(|(field, _)| field == name);
        let value = set.map_or(said.text(name), |(_, value)| value);
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    let page = set.iter().find(|(field, _)| *field == "page");
    if let Some((name, value)) = page {
        query.append_pair(name, value);
    }
    format!("{path}?{}", query.finish())
}

fn group(said: &Said, title: &'static str, name: &'static str, choices: &[Choice]) -> Group {
    let link = |choice: &Choice| {
        let is_chosen = said.text(name) == choice.value;
        let value = if is_chosen { "" } else { choice.value.as_str() };
        Link {
            label: choice.label.clone(),
            count: choice.count,
            url: with(said, "/search", &[(name, value)]),
            is_chosen,
        }
    };
    Group { title, links: choices.iter().map(link).collect() }
}

fn years(said: &Said, choices: &[Choice]) -> Group {
    let link = |choice: &Choice| {
        let (from, to) = (format!("{}-01-01", choice.value), format!("{}-12-31", choice.value));
        let is_chosen = said.text("from") == from && said.text("to") == to;
        let set = if is_chosen { ("", "") } else { (from.as_str(), to.as_str()) };
        Link {
            label: choice.label.clone(),
            count: choice.count,
            url: with(said, "/search", &[("from", set.0), ("to", set.1)]),
            is_chosen,
        }
    };
    Group { title: "Year", links: choices.iter().map(link).collect() }
}

fn groups(said: &Said, shown: &Shown) -> Vec<Group> {
    let choices = &shown.choices;
    let mut groups = vec![
        group(said, "Service", "service", &choices.service),
        group(said, "Team", "team", &choices.team),
        group(said, "Kind", "kind", &choices.kind),
        group(said, "Severity", "severity", &choices.severity),
        group(said, "Status", "state", &choices.state),
        years(said, &choices.year),
        group(said, "Actions", "open_actions", &choices.open_actions),
    ];
    groups.retain(|group| !group.links.is_empty());
    groups
}

async fn show(
    Given(app): Given<App>,
    viewer: Viewer,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let question = Question::read(&said)?;
    let is_narrowed = NARROWS.iter().any(|name| said.some(name).is_some());
    let is_asked = !question.text.is_empty() || is_narrowed;
    let from = (question.page - 1) * PAGE;
    let shown = match is_asked {
        true => Some(answer(&app, &viewer, &question, (from, PAGE)).await?),
        false => None,
    };
    let to_page = |page: usize| with(&said, "/search", &[("page", &page.to_string())]);
    let has_more = shown.as_ref().is_some_and(|shown| shown.total > from + PAGE);
    let title = match question.text.as_str() {
        "" => "Search".to_owned(),
        text => format!("{} · Search", text.chars().take(60).collect::<String>()),
    };
    let nothing: Vec<(&str, &str)> = NARROWS.iter().map(|name| (*name, "")).collect();
    let page = SearchPage {
        page: frame.page(&title, "search"),
        groups: shown.as_ref().map(|shown| groups(&said, shown)).unwrap_or_default(),
        newer: (question.page > 1).then(|| to_page(question.page - 1)),
        older: has_more.then(|| to_page(question.page + 1)),
        query: with(&said, "", &[]).trim_start_matches('?').to_owned(),
        bare: with(&said, "/search", &nothing),
        is_narrowed,
        shown,
        said,
    };
    shell::page(&page)
}

async fn csv(
    Given(app): Given<App>,
    viewer: Viewer,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let question = Question::read(&said)?;
    let shown = answer(&app, &viewer, &question, (0, ROWS)).await?;
    let mut out = String::from(
        "key,title,kind,severity,status,services,began,open_actions,found_in,passage,url\r\n",
    );
    for one in &shown.results {
        let place = one.found_in.first();
        let passage: String = place
            .map(|place| place.passage.iter().map(|part| part.text.as_str()).collect())
            .unwrap_or_default();
        let cells = [
            one.key.clone(),
            words::csv_cell(&one.title_text()),
            one.kind.name().to_owned(),
            one.severity.map(|level| level.to_string()).unwrap_or_default(),
            one.state.name().to_owned(),
            words::csv_cell(&one.services.join("; ")),
            one.began.to_string(),
            one.open_actions.to_string(),
            words::csv_cell(&place.map(Place::says).unwrap_or_default()),
            words::csv_cell(&passage),
            format!("{}{}", app.config.base_url, one.url),
        ];
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    let name = "attachment; filename=\"search.csv\"";
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, out).into_response())
}
