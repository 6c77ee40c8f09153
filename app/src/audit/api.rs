//! The record for programs: all of it for administrators and auditors.

use super::store::{self, Line};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::shell::routes;
use axum::extract::State;
use axum::response::Response;
use kit::web::{Asked, Problem};
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Lists the audit log, the newest first; for administrators and auditors.
///
/// For administrators and auditors. A line about an incident is there for who may see the incident.
#[utoipa::path(get, path = "/audit", operation_id = "list_audit_lines", tag = "audit",
    params(ListParams),
    responses((status = 200, description = "A page of lines.", body = Listed<Line>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    if !viewer.can_audit() {
        return Err(Problem::forbidden("The audit log is for administrators and auditors."));
    }
    let list = List::<Line>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let before = list.after().unwrap_or(i64::MAX);
    let mut conn = app.db.read().await?;
    let lines = store::recent(&mut conn, &viewer, before, list.most()).await?;
    Ok(list.answer(lines, |line| line.n.to_string()))
}
