//! The check, asked for while the product runs.

use super::check::{self, Report};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::Anchor;
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use kit::web::Problem;
use serde::Deserialize;

/// What is served under `/api/v1`.
pub fn routes() -> Router<App> {
    Router::new().route("/admin/check", get(checked))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    anchor: Option<String>,
}

/// Checks everything in slices, for administrators.
async fn checked(
    State(app): State<App>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Json<Report>, Problem> {
    if !viewer.can_administer() {
        return Err(Problem::forbidden("Checking the store is for administrators."));
    }
    let anchor = asked.anchor.as_deref().map(str::parse::<Anchor>).transpose();
    let anchor = anchor.map_err(|why| Problem::field("anchor", why))?;
    let anchors: Vec<Anchor> = anchor.into_iter().collect();
    let report = check::check(&app.db, &app.files(), &anchors).await;
    Ok(Json(report.map_err(Problem::internal)?))
}
