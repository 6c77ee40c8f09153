//! Insights for programs.

use super::process::{self, Days, Process};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::json::CannotRead;
use crate::shell::routes;
use axum::Json;
use axum::extract::State;
use kit::web::{Asked, Problem};
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Shows how the process of reviewing goes.
///
/// Kinds and the rules that chose them, waivers and their reasons, how lengths of time spread, late steps; what is
/// open with whom for those who assign. Of what you may see; the last 90 days unless you say otherwise.
#[utoipa::path(
    get, path = "/insights/process", tag = "insights", operation_id = "show_process_insights",
    params(
        ("from" = Option<String>, Query, description = "The first day.", example = "2026-01-01"),
        ("to" = Option<String>, Query, description = "The last day.", example = "2026-03-31"),
    ),
    responses((status = 200, description = "How it went.", body = Process), CannotRead)
)]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Json<Process>, Problem> {
    let text = |name: &str| asked.one(name, |text| Ok::<_, String>(text.to_owned()));
    let (from, to) = (text("from"), text("to"));
    asked.checked()?;
    let days = Days::read(from.as_deref(), to.as_deref(), app.now())?;
    let mut conn = app.db.read().await?;
    process::process(&mut conn, &viewer, days, app.now()).await.map(Json)
}
