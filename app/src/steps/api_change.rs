//! What is decided about a step: skipping, words that it is done, another order.

use super::api::{Shown, one};
use super::verbs;
use crate::access::Viewer;
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use kit::web::{Problem, Sent};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(skip, take_up))
        .routes(routes!(hold, go_on))
        .routes(routes!(say_done, take_back))
        .routes(routes!(move_before))
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StepReason)]
struct Reason {
    /// In words that are kept.
    #[schema(min_length = 1, max_length = 600)]
    reason: String,
}

/// Goes without a step in this run.
#[utoipa::path(put, path = "/retrospectives/{key}/steps/{step}/skip", operation_id = "skip_step", tag = "retrospectives", request_body = Reason,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("step" = String, Path, description = "The step’s id.", example = "survey")),
    responses((status = 200, description = "The step as it is now.", body = Shown)))]
async fn skip(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, step)): Path<(String, String)>,
    Sent(said): Sent<Reason>,
) -> Result<Json<Shown>, Problem> {
    verbs::skip(&app, &viewer, &key, &step, &said.reason).await?;
    Ok(Json(one(&app, &viewer, &key, &step).await?))
}

/// Takes a skipped step up again.
#[utoipa::path(delete, path = "/retrospectives/{key}/steps/{step}/skip", operation_id = "take_up_step", tag = "retrospectives",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("step" = String, Path, description = "The step’s id.", example = "survey")),
    responses((status = 200, description = "The step as it is now.", body = Shown)))]
async fn take_up(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, step)): Path<(String, String)>,
) -> Result<Json<Shown>, Problem> {
    verbs::take_up(&app, &viewer, &key, &step).await?;
    Ok(Json(one(&app, &viewer, &key, &step).await?))
}

/// Puts a step on hold: it waits for something outside.
#[utoipa::path(put, path = "/retrospectives/{key}/steps/{step}/hold", operation_id = "hold_step", tag = "retrospectives", request_body = Reason,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("step" = String, Path, description = "The step’s id.", example = "survey")),
    responses((status = 200, description = "The step as it is now.", body = Shown)))]
async fn hold(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, step)): Path<(String, String)>,
    Sent(said): Sent<Reason>,
) -> Result<Json<Shown>, Problem> {
    verbs::hold(&app, &viewer, &key, &step, &said.reason).await?;
    Ok(Json(one(&app, &viewer, &key, &step).await?))
}

/// Goes on with a step that was on hold.
#[utoipa::path(delete, path = "/retrospectives/{key}/steps/{step}/hold", operation_id = "go_on_with_step", tag = "retrospectives",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("step" = String, Path, description = "The step’s id.", example = "survey")),
    responses((status = 200, description = "The step as it is now.", body = Shown)))]
async fn go_on(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, step)): Path<(String, String)>,
) -> Result<Json<Shown>, Problem> {
    verbs::go_on(&app, &viewer, &key, &step).await?;
    Ok(Json(one(&app, &viewer, &key, &step).await?))
}

/// What was done, and where one can see it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StepNote)]
struct Note {
    #[schema(
        example = "Survey closed; results in the team’s folder",
        min_length = 1,
        max_length = 600
    )]
    note: String,
}

/// Says that a step is done which no fact completes.
#[utoipa::path(put, path = "/retrospectives/{key}/steps/{step}/done", operation_id = "say_step_done", tag = "retrospectives", request_body = Note,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("step" = String, Path, description = "The step’s id.", example = "survey")),
    responses((status = 200, description = "The step as it is now.", body = Shown)))]
async fn say_done(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, step)): Path<(String, String)>,
    Sent(said): Sent<Note>,
) -> Result<Json<Shown>, Problem> {
    verbs::say_done(&app, &viewer, &key, &step, &said.note).await?;
    Ok(Json(one(&app, &viewer, &key, &step).await?))
}

/// Takes back that a step is done: it is open again.
#[utoipa::path(delete, path = "/retrospectives/{key}/steps/{step}/done", operation_id = "reopen_step", tag = "retrospectives",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("step" = String, Path, description = "The step’s id.", example = "survey")),
    responses((status = 200, description = "The step as it is now.", body = Shown)))]
async fn take_back(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, step)): Path<(String, String)>,
) -> Result<Json<Shown>, Problem> {
    verbs::take_back(&app, &viewer, &key, &step).await?;
    Ok(Json(one(&app, &viewer, &key, &step).await?))
}

/// Where a step is put.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StepPlace)]
struct Place {
    /// Before which step; null for the end.
    #[schema(example = "draft")]
    before: Option<String>,
    /// Why the order is another one in this run.
    #[schema(min_length = 1, max_length = 600)]
    reason: String,
}

/// Puts a step before another, or last.
#[utoipa::path(put, path = "/retrospectives/{key}/steps/{step}/place", operation_id = "move_step", tag = "retrospectives", request_body = Place,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("step" = String, Path, description = "The step’s id.", example = "survey")),
    responses((status = 200, description = "The step as it is now.", body = Shown)))]
async fn move_before(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, step)): Path<(String, String)>,
    Sent(place): Sent<Place>,
) -> Result<Json<Shown>, Problem> {
    let before = place.before.as_deref();
    verbs::move_before(&app, &viewer, &key, &step, before, &place.reason).await?;
    Ok(Json(one(&app, &viewer, &key, &step).await?))
}
