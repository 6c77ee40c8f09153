//! Search for programs, for the palette and for the command line.

use super::handle::State as IndexState;
use super::question::Question;
use super::show::{PAGE, Shown, answer};
use super::suggest::{Offer, suggest};
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::{Kind, Status};
use crate::shell::routes;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kit::web::{Asked, Csrf, Problem, Said};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What a search takes.
const ASKED: [&str; 10] =
    ["q", "service", "team", "kind", "severity", "state", "from", "to", "open_actions", "page"];

/// Of these, what may be said and be empty.
const MAY_BE_EMPTY: [&str; 3] = ["q", "service", "team"];

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(search))
        .routes(routes!(offers))
        .routes(routes!(index, rebuild))
}

fn read(asked: &Asked, names: &[&str]) -> Result<Question, Problem> {
    let said = |name: &&str| {
        let value = asked.one(name, |text| match text {
            "" if !MAY_BE_EMPTY.contains(name) => Err("Say one, or leave it out."),
            text => Ok(text.to_owned()),
        });
        value.map(|value| ((*name).to_owned(), value))
    };
    let said = Said::new(names.iter().filter_map(said).collect());
    asked.checked()?;
    Question::read(&said)
}

/// What was found.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchAnswer)]
struct Answered {
    /// What was looked for.
    q: String,
    /// Which page this is, from 1.
    page: usize,
    #[serde(flatten)]
    shown: Shown,
}

/// Searches everything that you may see.
#[utoipa::path(
    get, path = "/search", tag = "search", operation_id = "search",
    params(
        ("q" = Option<String>, Query, description = "What is looked for: words, \"phrases\", beginnings*.", max_length = 4000),
        ("service" = Option<String>, Query, description = "Of this service, by its slug."),
        ("team" = Option<String>, Query, description = "Of this team, by its slug."),
        ("kind" = Option<Kind>, Query, description = "Of this kind."),
        ("severity" = Option<i64>, Query, description = "Of this severity.", minimum = 1, maximum = 4),
        ("state" = Option<Status>, Query, description = "In this state."),
        ("from" = Option<String>, Query, description = "On this day or after, 2026-03-05.", format = Date),
        ("to" = Option<String>, Query, description = "On this day or before.", format = Date),
        ("open_actions" = Option<String>, Query, description = "With actions that are open, `yes`, or without any, `no`.", pattern = "^(yes|no)$"),
        ("page" = Option<i64>, Query, description = "Which page, from 1 to 50.", minimum = 1, maximum = 50),
    ),
    responses((status = 200, description = "What was found, and counts for each filter.", body = Answered)),
)]
async fn search(
    State(app): State<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Json<Answered>, Problem> {
    let question = read(&asked, &ASKED)?;
    let from = (question.page - 1) * PAGE;
    let shown = answer(&app, &viewer, &question, (from, PAGE)).await?;
    Ok(Json(Answered { q: question.text, page: question.page, shown }))
}

/// What is offered.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchOffers)]
struct Offered {
    /// The best first.
    offers: Vec<Offer>,
}

/// Offers where to go for what is typed.
#[utoipa::path(
    get, path = "/search/suggest", tag = "search", operation_id = "suggest",
    params(("q" = Option<String>, Query, description = "What is typed.", max_length = 4000)),
    responses((status = 200, description = "Offers, the best first.", body = Offered)),
)]
async fn offers(
    State(app): State<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Json<Offered>, Problem> {
    let question = read(&asked, &["q"])?;
    Ok(Json(Offered { offers: suggest(&app, &viewer, &question).await? }))
}

/// What the index is doing.
#[derive(Serialize, ToSchema)]
struct SearchIndex {
    state: IndexState,
    /// The line of activity up to which it is written; for who may read the audit log.
    position: Option<i64>,
    /// How many texts it holds; for who may read the audit log.
    documents: Option<u64>,
}

/// That the index is being made anew.
#[derive(Serialize, ToSchema)]
struct SearchIndexBegun {
    state: IndexState,
}

/// Says what the index is doing.
#[utoipa::path(
    get, path = "/search/index", tag = "search", operation_id = "show_index",
    responses((status = 200, description = "Its state.", body = SearchIndex)),
)]
async fn index(State(app): State<App>, viewer: Viewer) -> Json<SearchIndex> {
    let view = app.search.view();
    // How much there is tells of what one may not see.
    let view = view.filter(|_| viewer.can_audit());
    let position = view.as_ref().map(|view| view.position.n);
    let documents = view.map(|view| view.searcher.num_docs());
    Json(SearchIndex { state: app.search.state(), position, documents })
}

/// Makes the index anew while the server answers. For administrators.
#[utoipa::path(
    post, path = "/search/index", tag = "search", operation_id = "rebuild_index",
    responses((status = 202, description = "It has begun.", body = SearchIndexBegun)),
)]
async fn rebuild(
    State(app): State<App>,
    viewer: Viewer,
    headers: axum::http::HeaderMap,
    csrf: Option<axum::Extension<Csrf>>,
) -> Result<(StatusCode, Json<SearchIndexBegun>), Problem> {
    viewer.must_administer()?;
    crate::evidence::check_csrf(csrf.as_deref(), &headers, "")?;
    app.search.want_rebuild();
    Ok((StatusCode::ACCEPTED, Json(SearchIndexBegun { state: app.search.state() })))
}
