//! `/audit`: the record, for administrators and auditors.

use super::store::{self, Line};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use kit::web::Problem;
use kit::web::road::get;
use serde::Deserialize;

const PAGE: usize = 200;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new().route("/audit", get(list))
}

#[derive(askama::Template)]
#[template(path = "audit/templates/list.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
    older: Option<String>,
}

impl ListPage {
    fn at(&self, line: &Line) -> String {
        words::second(line.at)
    }
}

#[derive(Deserialize)]
struct Before {
    before: Option<i64>,
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Query(query): Query<Before>,
) -> Result<Response, Problem> {
    if !viewer.can_audit() {
        return Err(Problem::forbidden("The audit log is for administrators and auditors."));
    }
    let before = query.before.unwrap_or(i64::MAX);
    let mut conn = app.db.read().await?;
    let lines = store::recent(&mut conn, &viewer, before, PAGE as i64).await?;
    let last = lines.last().filter(|_| lines.len() == PAGE);
    let older = last.map(|line| format!("/audit?before={}", line.n));
    shell::page(&ListPage { page: frame.page("Audit", "audit"), lines, older })
}
