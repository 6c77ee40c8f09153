//! Operations on home: what waits for whoever asks.

use super::steps::{self, Item};
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

/// Lists your next steps, each in one sentence; the one that stands first is first.
#[utoipa::path(get, path = "/me/next-steps", operation_id = "list_next_steps", tag = "home",
    params(ListParams),
    responses((status = 200, description = "A page of steps.", body = Listed<Item>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Item>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let steps = steps::of(&mut conn, &viewer, app.now()).await?;
    Ok(list.whole(steps, |step| format!("{} {}", step.url, step.sentence)))
}
