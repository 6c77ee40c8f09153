//! The check, asked for while the product runs.

use super::check::{self, Report};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::extract::State;
use kit::web::{Asked, Problem};
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(checked))
}

/// Checks everything that is kept, in slices; for administrators.
///
/// Every row, reference, attachment, release and line of the audit log. It takes as long as reading all
/// of it does; what is written meanwhile may be in it or not.
#[utoipa::path(get, path = "/admin/check", operation_id = "check_store", tag = "audit",
    responses((status = 200, description = "What was found.", body = Report)))]
async fn checked(
    State(app): State<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Json<Report>, Problem> {
    asked.checked()?;
    if !viewer.can_administer() {
        return Err(Problem::forbidden("Checking the store is for administrators."));
    }
    let report = check::check(&app.db, &app.files(), &[]).await;
    Ok(Json(report.map_err(Problem::internal)?))
}
