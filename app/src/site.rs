//! The product on one page: every slice's pages and API joined, what wraps them, and the migrations.

use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::incidents::{Incident, IncidentId, Whole};
use crate::retrospectives::{Retrospective, RetrospectiveId};
use crate::shell::Frame;
use crate::{
    actions, api, audit, calendars, catalogue, configuration, evidence, factors, fields, home,
    incidents, insights, investigators, kinds, people, policy, releases, requests, retrospectives,
    risks, search, services, shell, steps, teams, timeline, tokens, upkeep,
};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use kit::db::{Conn, Migration, Time, Tx};
use kit::web::Problem;
use serde_json::Value;
use std::sync::{Arc, LazyLock};
use utoipa_axum::router::OpenApiRouter;

macro_rules! migrations {
    ($($name:literal),+ $(,)?) => {
        &[$(Migration { name: $name, sql: include_str!(concat!("../migrations/", $name, ".sql")) }),+]
    };
}

/// The schema, step by step. What has landed is never edited.
pub const MIGRATIONS: &[Migration] = migrations![
    "0001_people",
    "0002_audit",
    "0003_teams",
    "0004_incidents",
    "0005_evidence",
    "0006_timeline",
    "0007_retrospectives",
    "0008_factors",
    "0009_actions",
    "0010_risks",
    "0011_releases",
    "0012_search",
    "0013_tokens",
    "0014_upkeep",
    "0015_participant_zones",
    "0022_calendars",
    "0023_steps",
    "0016_bodies_left_behind",
    "0017_speed",
    "0019_review_requests",
    "0020_policy",
    "0030_catalogue",
    "0031_investigators",
    "0032_steps_on_hold",
    "0040_kinds",
    "0041_fields",
    "0042_covers",
    "0043_settings",
    "0050_often",
];

/// The largest form, in bytes; uploads have a limit of their own.
const FORM_MAX: usize = 2 << 20;

/// Every page.
fn pages() -> Router<App> {
    Router::new()
        .merge(audit::routes())
        .merge(people::routes())
        .merge(tokens::routes())
        .merge(teams::routes())
        .merge(calendars::routes())
        .merge(services::routes())
        .merge(catalogue::routes())
        .merge(incidents::routes())
        .merge(evidence::routes())
        .merge(timeline::routes())
        .merge(kinds::routes())
        .merge(requests::routes())
        .merge(policy::routes())
        .merge(configuration::routes())
        .merge(retrospectives::routes())
        .merge(investigators::routes())
        .merge(fields::routes())
        .merge(releases::routes())
        .merge(steps::routes())
        .merge(insights::routes())
        .merge(factors::routes())
        .merge(actions::routes())
        .merge(risks::routes())
        .merge(search::routes())
        .merge(home::routes())
}

/// Every API operation, under `/api/v1`, with its description.
fn operations() -> OpenApiRouter<App> {
    let operations = OpenApiRouter::new()
        .merge(people::api_routes())
        .merge(tokens::api_routes())
        .merge(incidents::api_routes())
        .merge(evidence::api_routes())
        .merge(timeline::api_routes())
        .merge(audit::api_routes())
        .merge(teams::api_routes())
        .merge(calendars::api_routes())
        .merge(services::api_routes())
        .merge(catalogue::api_routes())
        .merge(kinds::api_routes())
        .merge(requests::api_routes())
        .merge(policy::api_routes())
        .merge(configuration::api_routes())
        .merge(actions::api_routes())
        .merge(risks::api_routes())
        .merge(releases::api_routes())
        .merge(steps::api_routes())
        .merge(insights::api_routes())
        .merge(home::api_routes())
        .merge(search::api_routes())
        .merge(upkeep::api_routes())
        .merge(retrospectives::api_routes())
        .merge(investigators::api_routes())
        .merge(fields::api_routes())
        .merge(factors::api_routes())
        .merge(api::bulk::routes())
        .merge(api::export::routes());
    OpenApiRouter::new().nest("/api/v1", operations)
}

/// The description of the API, OpenAPI 3.1.
#[must_use]
pub fn openapi() -> Value {
    api::document::finish(&operations().into_openapi())
}

/// The description as it is served. Made when it is first asked for: it is larger than all else that a
/// server at rest keeps in memory, and most never serve it.
fn described() -> &'static api::Description {
    static MADE: LazyLock<api::Description> = LazyLock::new(|| api::Description::of(&openapi()));
    &MADE
}

/// What can be exported: all that a server keeps of the description while nobody asks for that.
pub(crate) fn nouns() -> &'static [api::export::Noun] {
    static NOUNS: LazyLock<Vec<api::export::Noun>> =
        LazyLock::new(|| api::export::nouns(&openapi()));
    &NOUNS
}

/// The operations and what is around each of them; the description and its page.
fn api(app: &App) -> Router<App> {
    let operations = Router::from(operations());
    let alone = operations.clone().layer(middleware::from_fn(api::edge::guard));
    let all = api::bulk::Operations { router: alone.with_state(app.clone()), nouns };
    let repeats = api::repeats::Repeats { app: app.clone(), operations: all.clone() };
    operations
        .layer(Extension(all))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(repeats, api::repeats::layer))
        .layer(middleware::from_fn(api::edge::guard))
        .merge(api::routes(described))
}

/// What the slices below have to say on an incident's page, as HTML of their own templates.
///
/// # Errors
/// What their reads say.
pub async fn cards(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
    parts: &Whole,
    (frame, now): (&Frame, Time),
) -> Result<Vec<String>, Problem> {
    let mut cards = Vec::new();
    let asked = requests::of_incident(conn, viewer, incident).await?;
    let known = policy::Known { incident, parts, requests: requests::standing(&asked) };
    let (reviews, has_reviews) = retrospectives::card(conn, viewer, known, frame).await?;
    cards.extend(reviews);
    if has_reviews {
        cards.extend(investigators::card(conn, viewer, (incident, parts)).await?);
    }
    cards.extend(requests::card(viewer, (incident, parts), &asked, (frame, now))?);
    cards.push(evidence::card(conn, viewer, incident).await?);
    cards.push(timeline::card(conn, viewer, incident).await?);
    Ok(cards)
}

/// What follows from an incident's new status, within the deed that moved it.
///
/// # Errors
/// What the database says.
pub async fn incident_moved(
    tx: &mut Tx,
    by: &PersonId,
    incident: &Incident,
    now: Time,
) -> kit::db::Result<()> {
    policy::incident_moved(tx, by, incident, now).await
}

/// What follows from a review that was opened without an owner, within the deed that opened it.
///
/// # Errors
/// What the slices below say.
pub async fn retrospective_opened(
    tx: &mut Tx,
    viewer: &Viewer,
    retro: &RetrospectiveId,
    now: Time,
) -> Result<(), Problem> {
    investigators::opened(tx, viewer, retro, now).await
}

/// What follows from a review's new owner, within the deed that named them.
///
/// # Errors
/// What the database says.
pub async fn retrospective_led(
    tx: &mut Tx,
    retro: &RetrospectiveId,
    owner: &PersonId,
    now: Time,
) -> kit::db::Result<()> {
    investigators::led(tx, retro, owner, now).await
}

/// Whether the slices below have what a retrospective needs to be in a state.
///
/// # Errors
/// 422 with what is missing.
pub async fn must_be_whole(
    conn: &mut Conn,
    retro: &Retrospective,
    to: retrospectives::State,
) -> Result<(), Problem> {
    fields::must_be_whole(conn, retro, to).await
}

/// What follows from others seeing an incident, within the deed that let them.
///
/// # Errors
/// What the database says.
pub async fn access_moved(
    tx: &mut Tx,
    by: &PersonId,
    incident: &IncidentId,
    now: Time,
) -> kit::db::Result<()> {
    retrospectives::access_moved(tx, by, incident, now).await
}

/// What the slices below have to say on a draft's own page, as HTML of their own templates.
///
/// # Errors
/// What their reads say.
pub async fn draft_cards(
    conn: &mut Conn,
    viewer: &Viewer,
    retro: &Retrospective,
    now: Time,
) -> Result<Vec<String>, Problem> {
    let mut cards = vec![steps::card(conn, viewer, retro, now).await?];
    cards.extend(fields::card(conn, retro).await?);
    Ok(cards)
}

/// The whole site.
pub fn router(app: App) -> Router {
    let metrics = Arc::new(upkeep::metrics::Metrics::default());
    let compression = tower_http::compression::CompressionLayer::new();
    Router::new()
        .merge(pages())
        .merge(api(&app))
        .fallback(nothing_here)
        .layer(middleware::from_fn_with_state(app.clone(), flash_was_shown))
        .layer(middleware::from_fn_with_state(api::limits::Limits::new(&app), api::limits::layer))
        .layer(middleware::from_fn(api::edge::problems))
        .layer(middleware::from_fn_with_state(app.clone(), upkeep::guard::layer))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(shell::trouble::layer))
        .layer(middleware::from_fn_with_state(app.clone(), tokens::layer::layer))
        .layer(middleware::from_fn_with_state(app.clone(), people::session::layer))
        .merge(upkeep::routes(metrics.clone()))
        .merge(shell::assets::routes())
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(metrics, upkeep::metrics::layer))
        .layer(middleware::from_fn(shell::headers::layer))
        .layer(compression)
        .with_state(app)
}

/// The answer when a handler panicked: the same words as for any other fault of ours.
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    Problem::internal(words.unwrap_or_else(|| "a panic without words".to_owned())).into_response()
}

async fn nothing_here() -> Problem {
    Problem::not_found()
}

/// A page that was rendered has said what there was to say.
async fn flash_was_shown(State(app): State<App>, request: Request, next: Next) -> Response {
    let session = request.extensions().get::<crate::access::Session>().cloned();
    let response = next.run(request).await;
    let html = response.headers().get(axum::http::header::CONTENT_TYPE);
    let is_page = html.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if let Some(session) = session.filter(|session| session.flash.is_some())
        && is_page
        && response.status().is_success()
        && let Err(error) = people::session::was_said(&app, &session).await
    {
        tracing::warn!(%error, "a sentence will be shown twice");
    }
    response
}
