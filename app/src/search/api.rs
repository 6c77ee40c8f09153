//! Search for programs, for the palette and for the command line.

use super::question::Question;
use super::show::{PAGE, Shown, answer};
use super::suggest::{Offer, suggest};
use crate::access::Viewer;
use crate::app::App;
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use kit::web::{Csrf, Problem, Said};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(search))
        .routes(routes!(offers))
        .routes(routes!(index, rebuild))
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

/// Searches everything that you may see.
#[utoipa::path(
    get, path = "/search", tag = "search", operation_id = "search",
    params(
        ("q" = Option<String>, Query, description = "What is looked for: words, \"phrases\", beginnings*."),
        ("service" = Option<String>, Query, description = "Of this service, by its slug."),
        ("team" = Option<String>, Query, description = "Of this team, by its slug."),
        ("kind" = Option<String>, Query, description = "Of this kind."),
        ("severity" = Option<String>, Query, description = "Of this severity."),
        ("state" = Option<String>, Query, description = "In this state."),
        ("from" = Option<String>, Query, description = "On this day or after, 2026-03-05."),
        ("to" = Option<String>, Query, description = "On this day or before."),
        ("open_actions" = Option<String>, Query, description = "With actions that are open."),
        ("page" = Option<String>, Query, description = "Which page, from 1."),
    ),
    responses((status = 200, description = "What was found, and counts for each filter.", body = Value)),
)]
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

/// Offers where to go for what is typed.
#[utoipa::path(
    get, path = "/search/suggest", tag = "search", operation_id = "suggest",
    params(("q" = Option<String>, Query, description = "What is typed.")),
    responses((status = 200, description = "Offers, the best first.", body = Value)),
)]
async fn offers(
    State(app): State<App>,
    viewer: Viewer,
    RawQuery(query): RawQuery,
) -> Result<Json<Offered>, Problem> {
    let question = read(query)?;
    Ok(Json(Offered { offers: suggest(&app, &viewer, &question).await? }))
}

/// Says what the index is doing.
#[utoipa::path(
    get, path = "/search/index", tag = "search", operation_id = "show_index",
    responses((status = 200, description = "Its state.", body = Value)),
)]
async fn index(State(app): State<App>, viewer: Viewer) -> Json<Value> {
    let view = app.search.view();
    // How much there is tells of what one may not see.
    let view = view.filter(|_| viewer.can_audit());
    let position = view.as_ref().map(|view| view.position.n);
    let documents = view.map(|view| view.searcher.num_docs());
    Json(json!({ "state": app.search.state(), "position": position, "documents": documents }))
}

/// Makes the index anew while the server answers. For administrators.
#[utoipa::path(
    post, path = "/search/index", tag = "search", operation_id = "rebuild_index",
    responses((status = 202, description = "It has begun.", body = Value)),
)]
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
