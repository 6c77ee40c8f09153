//! `/near`: a near miss in two fields; `/retros/new`: looking back at what was no incident.

use super::look_back::{LookBack, look_back};
use super::near::{FIELD_MAX, NearMiss, report_near_miss};
use super::need_for_reading;
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::incidents::Title;
use crate::kinds::{self, Kind};
use crate::people::session::tell;
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/near", get(show_near).merge(post(do_near)))
        .route("/near/{key}", get(thanks))
        .route("/retros/new", get(show_new).merge(post(do_new)))
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/near.html")]
struct NearPage {
    page: Page,
    most: usize,
}

async fn show_near(viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    viewer.must_write()?;
    shell::page(&NearPage { page: frame.page("A near miss", "incidents"), most: FIELD_MAX })
}

async fn do_near(State(app): State<App>, viewer: Viewer, said: Said) -> Result<Response, Problem> {
    let near =
        NearMiss { nearly: said.text("nearly").into(), stopped: said.text("stopped").into() };
    let address = report_near_miss(&app, &viewer, &near).await;
    let address = address.map_err(|problem| said.give_back(problem))?;
    Ok(see_other(&format!("/near/{address}")))
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/thanks.html")]
struct ThanksPage {
    page: Page,
    name: String,
    key: String,
    title: String,
    audience: &'static str,
}

/// Thanks whoever reported it.
async fn thanks(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    if !retro.kind().thanks_reporter || retro.created_by != viewer.id {
        return Err(Problem::not_found());
    }
    shell::page(&ThanksPage {
        page: frame.page("Thank you", "incidents"),
        name: viewer.name.clone(),
        key: retro.key().to_string(),
        audience: &retro.kind().audience,
        title: retro.title,
    })
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/new.html")]
struct NewPage {
    page: Page,
    kinds: Vec<&'static Kind>,
}

impl NewPage {
    fn is_usual(&self, kind: &Kind) -> bool {
        kind.id == "standard"
    }
}

async fn show_new(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
) -> Result<Response, Problem> {
    viewer.must_write()?;
    let library = kinds::current(&mut app.db.read().await?).await?;
    // What did harm has an incident; these do without one.
    let kinds = library.kinds.iter().filter(|kind| !kind.hides_severity).collect();
    shell::page(&NewPage { page: frame.page("Look back", "retros"), kinds })
}

async fn do_new(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    said: Said,
) -> Result<Response, Problem> {
    let title = said.need("title", Title::parse);
    let kind = said.need("kind", kinds::parse);
    said.checked()?;
    let (Some(title), Some(kind)) = (title, kind) else {
        return Err(Problem::internal("a checked form lacks something"));
    };
    let why = said.text("why").to_owned();
    let new = LookBack { title, why, kind, private: said.is_set("private") };
    let address = look_back(&app, &viewer, &new).await;
    let address = address.map_err(|problem| said.give_back(problem))?;
    tell(&app, &session, "It is yours. Bring in what is left of it, or begin to write.").await?;
    Ok(see_other(&format!("/r/{address}/draft")))
}
