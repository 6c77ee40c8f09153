//! `/i/INC-42/capture`: a note, a pin, a time, with one hand on a phone while it runs.

use super::store::{self, Filter};
use super::pages::Shown;
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::{self, Incident};
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use kit::web::Problem;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new().route("/i/{key}/capture", get(show))
}

#[derive(askama::Template)]
#[template(path = "evidence/templates/capture.html")]
struct CapturePage {
    page: Page,
    incident: Incident,
    last: Vec<Shown>,
    can_write: bool,
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let all = Filter::default();
    let last = store::newest_of_incident(&mut conn, &viewer, &incident.id, &all, None, 5).await?;
    let mut page = frame.page(&format!("Note · {}", incident.key()), "incidents");
    // Without the frame: nothing between the thumb and the note.
    page.viewer = None;
    shell::page(&CapturePage {
        page,
        incident,
        last: last.into_iter().map(|piece| Shown::of(piece, 160)).collect(),
        can_write: viewer.can_write(),
    })
}
