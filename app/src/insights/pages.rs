//! `/insights`: how the process itself goes; `/insights/retrospectives`: the list behind a figure.

use super::process::{self, Days, Listed, Narrow, Process};
use super::spread::{Spread, in_words};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use jiff::civil::Date;
use kit::db::Time;
use kit::web::road::get;
use kit::web::{Problem, Said};

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new().route("/insights", get(show)).route("/insights/retrospectives", get(list))
}

#[derive(askama::Template)]
#[template(path = "insights/templates/process.html")]
struct ProcessPage {
    page: Page,
    process: Process,
    /// `from=…&to=…`, for the lists behind the figures.
    query: String,
    can_decide: bool,
}

impl ProcessPage {
    fn length(&self, seconds: &Option<i64>) -> String {
        seconds.map_or_else(|| "too few to tell".to_owned(), in_words)
    }

    fn day(&self, at: &Time) -> String {
        words::date(*at)
    }

    /// How long a bar is, of 100.
    fn bar(&self, count: &usize, spread: &Spread) -> usize {
        (count * 100).checked_div(spread.most()).unwrap_or(0)
    }

    fn spreads(&self) -> [(&'static str, &'static str, &'static str, &Spread); 2] {
        [
            (
                "Until somebody owned it",
                "from the end of the incident to the day its retrospective had an owner",
                "owner_within",
                &self.process.to_owner,
            ),
            (
                "Until it was out",
                "from the end of the incident to the first release",
                "published_within",
                &self.process.to_publish,
            ),
        ]
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let days = Days::read(said.some("from"), said.some("to"), app.now())?;
    let mut conn = app.db.read().await?;
    let process = process::process(&mut conn, &viewer, days, app.now()).await?;
    shell::page(&ProcessPage {
        page: frame.page("How reviews go", "retros"),
        query: format!("from={}&to={}", days.from, days.to),
        can_decide: viewer.can_decide(),
        process,
    })
}

#[derive(askama::Template)]
#[template(path = "insights/templates/list.html")]
struct ListPage {
    page: Page,
    from: Date,
    to: Date,
    found: Vec<Listed>,
}

impl ListPage {
    fn day(&self, at: &Time) -> String {
        words::date(*at)
    }
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let days = Days::read(said.some("from"), said.some("to"), app.now())?;
    let text = |name: &str| said.some(name).map(str::to_owned);
    // An empty rule is one that says something: the policy was not asked.
    let rule = said.is_said("rule").then(|| said.text("rule").to_owned());
    let narrow = Narrow {
        kind: text("kind"),
        rule,
        waived: text("waived"),
        owner_within: text("owner_within"),
        published_within: text("published_within"),
    };
    let mut conn = app.db.read().await?;
    let found = process::list(&mut conn, &viewer, days, &narrow).await?;
    let page = frame.page("Retrospectives behind a figure", "retros");
    shell::page(&ListPage { page, from: days.from, to: days.to, found })
}
