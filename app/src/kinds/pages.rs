//! `/kinds`: what each kind is for, what it asks, and the template as a file.

use super::{Kind, all, blank, find};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::Path;
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
    kinds: &'static [Kind],
}

impl ListPage {
    fn roles(&self, kind: &Kind) -> String {
        kind.roles.join(", ").replace('_', " ")
    }
}

async fn list(_viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    shell::page(&ListPage { page: frame.page("Kinds of review", "retros"), kinds: all() })
}

async fn download(_viewer: Viewer, Path(file): Path<String>) -> Result<Response, Problem> {
    let kind = file.strip_suffix(".md").and_then(find).ok_or_else(Problem::not_found)?;
    let name = format!("attachment; filename=\"{}-retrospective.md\"", kind.id);
    let headers = [
        (header::CONTENT_TYPE, "text/markdown; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, blank(kind)).into_response())
}
