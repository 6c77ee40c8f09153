//! The record for programs: all of it for administrators and auditors.

use super::store::{self, Line};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::answer::{List, NotRead, slice};
use axum::Json;
use axum::extract::State;
use kit::web::{Asked, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The audit log, the newest first
///
/// For administrators and auditors. A line about an incident is there for who may see the incident.
#[utoipa::path(get, path = "/audit", tag = "audit",
    params(("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
           ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = List<Line>), NotRead))]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Json<List<Line>>, Problem> {
    if !viewer.can_audit() {
        return Err(Problem::forbidden("The audit log is for administrators and auditors."));
    }
    let slice = slice(&app, &viewer, &asked)?;
    let after = slice.after.as_deref().and_then(|place| place.parse().ok());
    let before = after.unwrap_or(i64::MAX);
    let mut conn = app.db.read().await?;
    let lines = store::recent(&mut conn, &viewer, before, slice.limit + 1).await?;
    Ok(Json(List::of(&app, &slice, lines, |line| line.n.to_string(), |line| line)))
}
