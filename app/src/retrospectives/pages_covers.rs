//! `/r/INC-42/incidents`: what it covers beside its own incident.

use super::covers::{cover, leave_out};
use super::need_for_reading;
use super::retrospective::Retrospective;
use super::store_covers::{self, Covered};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::people::session::tell;
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/r/{key}/incidents", get(show).merge(post(do_cover)))
        .route("/r/{key}/incidents/{incident}/remove", post(do_leave_out))
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/covers.html")]
struct CoversPage {
    page: Page,
    retro: Retrospective,
    covered: Vec<Covered>,
    can_write: bool,
}

impl CoversPage {
    fn day(&self, one: &Covered) -> String {
        words::date(one.created_at)
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let page = CoversPage {
        page: frame.page(&format!("Incidents · {}", retro.address()), "retros"),
        covered: store_covers::covered(&mut conn, &viewer, &retro.id).await?,
        can_write: viewer.can_write(),
        retro,
    };
    shell::page(&page)
}

async fn do_cover(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let new = (said.text("incident"), said.text("reason"));
    cover(&app, &viewer, &key, new).await.map_err(|problem| said.give_back(problem))?;
    let sentence = format!("It covers {} too.", said.text("incident").to_uppercase());
    tell(&app, &session, &sentence).await?;
    Ok(see_other(&format!("/r/{key}/incidents")))
}

async fn do_leave_out(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, incident)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    leave_out(&app, &viewer, &key, &incident).await?;
    tell(&app, &session, &format!("It no longer covers {incident}.")).await?;
    Ok(see_other(&format!("/r/{key}/incidents")))
}
