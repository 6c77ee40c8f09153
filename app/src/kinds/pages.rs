//! `/kinds`: what each kind is for, what it asks, and the template as a file.

use super::{Field, Kind, Library, Overlay, Wanted, blank, blank_overlay, current};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kit::web::Problem;
use kit::web::road::get;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new().route("/kinds", get(list)).route("/kinds/{file}", get(download))
}

#[derive(askama::Template)]
#[template(path = "kinds/templates/list.html")]
struct ListPage {
    page: Page,
    library: &'static Library,
}

impl ListPage {
    fn roles(&self, roles: &[String]) -> String {
        roles.join(", ").replace('_', " ")
    }

    fn owner(&self, kind: &Kind) -> String {
        kind.owner_role().replace('_', " ")
    }

    fn fields(&self, wanted: &'static [Wanted]) -> Vec<(&'static Field, &'static Wanted)> {
        self.library.wanted(wanted)
    }

    fn sections(&self, overlay: &Overlay) -> Vec<&'static super::Section> {
        overlay.sections.iter().filter_map(|id| self.library.section(id)).collect()
    }
}

async fn list(State(app): State<App>, _viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    let library = current(&mut app.db.read().await?).await?;
    shell::page(&ListPage { page: frame.page("Kinds of review", "retros"), library })
}

async fn download(
    State(app): State<App>,
    _viewer: Viewer,
    Path(file): Path<String>,
) -> Result<Response, Problem> {
    let id = file.strip_suffix(".md").ok_or_else(Problem::not_found)?;
    let library = current(&mut app.db.read().await?).await?;
    let text = match (library.kind(id), library.overlay(id)) {
        (Some(kind), _) => blank(library, kind),
        (None, Some(overlay)) => blank_overlay(library, overlay),
        (None, None) => return Err(Problem::not_found()),
    };
    let name = format!("attachment; filename=\"{id}-retrospective.md\"");
    let headers = [
        (header::CONTENT_TYPE, "text/markdown; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, text).into_response())
}
