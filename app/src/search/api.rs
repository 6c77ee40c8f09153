//! Search for programs, for the palette and for the command line.

use super::question::Question;
use super::show::{PAGE, Shown, answer};
use super::suggest::{Offer, suggest};
use crate::access::Viewer;
use crate::app::App;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use kit::web::{Csrf, Problem, Said};
use serde::Serialize;
use serde_json::{Value, json};

/// What is served under `/api/v1`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/search", get(search))
        .route("/search/suggest", get(offers))
        .route("/search/index", get(index).post(rebuild))
}

fn read(query: Option<String>) -> Result<Question, Problem> {
    Question::read(&Said::parse_urlencoded(query.unwrap_or_default().as_bytes()))
}

#[derive(Serialize)]
struct Answered {
    q: String,
    page: usize,
    #[serde(flatten)]
    shown: Shown,
}

/// Searches: `q`, `service`, `team`, `kind`, `severity`, `state`, `from`, `to`, `open_actions`, `page`.
async fn search(
    State(app): State<App>,
    viewer: Viewer,
    RawQuery(query): RawQuery,
) -> Result<Json<Answered>, Problem> {
    let question = read(query)?;
    let from = (question.page - 1) * PAGE;
    let shown = answer(&app, &viewer, &question, (from, PAGE)).await?;
    Ok(Json(Answered { q: question.text, page: question.page, shown }))
}

#[derive(Serialize)]
struct Offered {
    offers: Vec<Offer>,
}

/// What the palette offers for `q`.
async fn offers(
    State(app): State<App>,
    viewer: Viewer,
    RawQuery(query): RawQuery,
) -> Result<Json<Offered>, Problem> {
    let question = read(query)?;
    Ok(Json(Offered { offers: suggest(&app, &viewer, &question).await? }))
}

/// What the index is doing.
async fn index(State(app): State<App>, viewer: Viewer) -> Json<Value> {
    let view = app.search.view();
    // How much there is tells of what one may not see.
    let view = view.filter(|_| viewer.can_audit());
    let position = view.as_ref().map(|view| view.position.n);
    let documents = view.map(|view| view.searcher.num_docs());
    Json(json!({ "state": app.search.state(), "position": position, "documents": documents }))
}

/// Makes the index anew while the server answers.
async fn rebuild(
    State(app): State<App>,
    viewer: Viewer,
    headers: axum::http::HeaderMap,
    csrf: Option<axum::Extension<Csrf>>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    viewer.must_administer()?;
    crate::evidence::check_csrf(csrf.as_deref(), &headers, "")?;
    app.search.want_rebuild();
    Ok((StatusCode::ACCEPTED, Json(json!({ "state": app.search.state() }))))
}
