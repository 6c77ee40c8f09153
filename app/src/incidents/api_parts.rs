//! Operations on an incident's key times, what follows from them, and impact windows.

use super::api_life::{REASON_MAX, found, short};
use super::change::Change;
use super::duration::{Duration, Fault};
use super::facts;
use super::impact::{Confidence, Effect, NewWindow, Window, WindowId};
use super::need;
use super::recorded::KeyTime;
use super::store_parts;
use crate::access::Viewer;
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(times))
        .routes(routes!(durations))
        .routes(routes!(windows, add_window))
        .routes(routes!(change_window, remove_window))
}

/// Lists an incident’s key times: what was recorded, and what is believed now.
#[utoipa::path(get, path = "/incidents/{key}/times", operation_id = "list_key_times", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ListParams),
    responses((status = 200, description = "A page of key times.", body = Listed<KeyTime>)))]
async fn times(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<KeyTime>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let facts = facts::of(&mut conn, &incident, app.now()).await?;
    Ok(list.whole(facts.times, |one| one.name.name().to_owned()))
}

/// What follows from key times and impact windows.
#[derive(Debug, Serialize, ToSchema)]
struct Durations {
    /// Every named duration, or why it cannot be told; none for a near miss.
    durations: Vec<Duration>,
    /// What a person should look at.
    faults: Vec<Fault>,
}

/// Shows every named duration of an incident, or why it cannot be told, and what looks wrong.
#[utoipa::path(get, path = "/incidents/{key}/durations", operation_id = "show_durations", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 200, description = "The durations.", body = Durations)))]
async fn durations(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<Durations>, Problem> {
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let facts = facts::of(&mut conn, &incident, app.now()).await?;
    Ok(Json(Durations { durations: facts.durations, faults: facts.faults }))
}

/// An impact window: who was harmed, where, how, from when to when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImpactWindow)]
struct ShownWindow {
    id: WindowId,
    started_at: Time,
    /// Null while it lasts.
    ended_at: Option<Time>,
    /// 1 to 4, while it lasted.
    severity: Option<i64>,
    /// Feature, region or segment.
    surface: String,
    effect: Effect,
    users_count: Option<i64>,
    /// How they were counted.
    users_method: String,
    users_confidence: Option<Confidence>,
    /// Of the users of that surface, 0 to 100.
    percent: Option<f64>,
    requests_failed: Option<i64>,
    support_cases: Option<i64>,
    /// Of the error budget of its window, in percent.
    slo_burn_percent: Option<f64>,
    /// What that weekday and window brings, in minor units.
    money_expected: Option<i64>,
    /// What it brought, in minor units.
    money_actual: Option<i64>,
    /// ISO 4217.
    currency: Option<String>,
    /// Which baseline.
    money_basis: String,
    /// Expected minus actual, in minor units.
    money_lost: Option<i64>,
}

fn shown(window: Window) -> ShownWindow {
    let Window { id, said } = window;
    ShownWindow {
        id,
        money_lost: said.money_lost(),
        started_at: said.started_at,
        ended_at: said.ended_at,
        severity: said.severity,
        surface: said.surface,
        effect: said.effect,
        users_count: said.users_count,
        users_method: said.users_method,
        users_confidence: said.users_confidence,
        percent: said.percent,
        requests_failed: said.requests_failed,
        support_cases: said.support_cases,
        slo_burn_percent: said.slo_burn_percent,
        money_expected: said.money_expected,
        money_actual: said.money_actual,
        currency: said.currency,
        money_basis: said.money_basis,
    }
}

/// Lists the impact windows of an incident.
#[utoipa::path(get, path = "/incidents/{key}/impact", operation_id = "list_impact_windows", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ListParams),
    responses((status = 200, description = "A page of windows.", body = Listed<ShownWindow>)))]
async fn windows(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<ShownWindow>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let all = store_parts::windows(&mut conn, &incident).await?;
    let all = all.into_iter().map(shown).collect();
    Ok(list.whole(all, |one| one.id.to_string()))
}

/// Adds an impact window.
#[utoipa::path(post, path = "/incidents/{key}/impact", operation_id = "add_impact_window", tag = "incidents",
    request_body = NewWindow, params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 201, description = "The window.", body = ShownWindow)))]
async fn add_window(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<NewWindow>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    new.checked()?;
    let id = change.window(None, &new, "").await?;
    let path = format!("/api/v1/incidents/{}/impact/{id}", incident.key());
    Ok(api::made(&path, &shown(Window { id, said: new })))
}

/// What a window says now, all of it, and why it changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangedImpactWindow)]
struct ChangedWindow {
    window: NewWindow,
    /// Why it changes; the audit log keeps what it said before.
    #[schema(min_length = 1, max_length = 400)]
    because: String,
}

/// The wrong fields are those of `window`.
fn inside(mut problem: Problem) -> Problem {
    for error in &mut problem.errors {
        error.path = format!("window.{}", error.path);
    }
    problem
}

/// Changes an impact window, all of it.
#[utoipa::path(put, path = "/incidents/{key}/impact/{window}", operation_id = "change_impact_window", tag = "incidents",
    request_body = ChangedWindow,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"), ("window" = WindowId, Path, description = "Its id.")),
    responses((status = 200, description = "The window.", body = ShownWindow)))]
async fn change_window(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, window)): Path<(String, String)>,
    Sent(said): Sent<ChangedWindow>,
) -> Result<Json<ShownWindow>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    let window = WindowId::parse(&window).ok_or_else(Problem::not_found)?;
    let new = said.window;
    new.checked().map_err(inside)?;
    short("because", &said.because, REASON_MAX)?;
    let id = change.window(Some(&window), &new, &said.because).await?;
    Ok(Json(shown(Window { id, said: new })))
}

/// Takes an impact window away.
#[utoipa::path(delete, path = "/incidents/{key}/impact/{window}", operation_id = "remove_impact_window", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"), ("window" = WindowId, Path, description = "Its id.")),
    responses((status = 204, description = "It is gone; the audit log keeps what it said")))]
async fn remove_window(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, window)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    let window = WindowId::parse(&window).ok_or_else(Problem::not_found)?;
    change.remove_window(&window).await?;
    Ok(StatusCode::NO_CONTENT)
}
