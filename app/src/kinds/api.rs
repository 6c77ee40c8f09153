//! Kinds for programs: what each is for, its sections with their questions, and the template as a file.

use super::{Kind, Section, all, blank, find};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::answer::{List, NotRead, slice};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use kit::web::{Asked, Problem};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(template))
}

/// A kind of retrospective.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetrospectiveKind)]
struct Shown {
    /// The version of the kinds.
    version: i64,
    kind: &'static Kind,
    /// The sections it begins with and those that may be added, whole.
    sections: Vec<&'static Section>,
}

fn shown(kind: &'static Kind) -> Shown {
    let sections = kind.own_sections().chain(kind.optional_sections()).collect();
    Shown { version: super::version(), kind, sections }
}

/// Every kind of retrospective, in the order in which people choose
#[utoipa::path(get, path = "/kinds", tag = "kinds",
    params(("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
           ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = List<Shown>), NotRead))]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Json<List<Shown>>, Problem> {
    let slice = slice(&app, &viewer, &asked)?;
    let kinds = all().iter().map(shown).collect();
    Ok(Json(List::of_whole(&app, &slice, kinds, |one| one.kind.id.clone())))
}

/// A kind of retrospective
#[utoipa::path(get, path = "/kinds/{kind}", tag = "kinds",
    params(("kind" = String, Path, example = "standard")),
    responses((status = 200, body = Shown), NotRead))]
async fn show(_viewer: Viewer, Path(kind): Path<String>) -> Result<Json<Shown>, Problem> {
    find(&kind).map(|kind| Json(shown(kind))).ok_or_else(Problem::not_found)
}

/// A kind's template, empty, as Markdown
#[utoipa::path(get, path = "/kinds/{kind}/template", tag = "kinds",
    params(("kind" = String, Path, example = "standard")),
    responses((status = 200, body = String, content_type = "text/markdown"), NotRead))]
async fn template(
    _viewer: Viewer,
    Path(kind): Path<String>,
) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let kind = find(&kind).ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], blank(kind)))
}
