//! Kinds for programs: what each is for, its sections with their questions, and the template as a file.

use super::{Kind, Section, all, blank, find};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::Response;
use kit::web::{Asked, Problem};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

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

/// Lists the kinds of retrospective, in the order in which people choose.
#[utoipa::path(get, path = "/kinds", operation_id = "list_kinds", tag = "kinds",
    params(ListParams),
    responses((status = 200, description = "A page of kinds.", body = Listed<Shown>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Shown>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let kinds = all().iter().map(shown).collect();
    Ok(list.whole(kinds, |one| one.kind.id.clone()))
}

/// Shows a kind of retrospective.
#[utoipa::path(get, path = "/kinds/{kind}", operation_id = "show_kind", tag = "kinds",
    params(("kind" = String, Path, example = "standard")),
    responses((status = 200, description = "The kind.", body = Shown)))]
async fn show(_viewer: Viewer, Path(kind): Path<String>) -> Result<Json<Shown>, Problem> {
    find(&kind).map(|kind| Json(shown(kind))).ok_or_else(Problem::not_found)
}

/// Gives a kind’s empty template as Markdown.
#[utoipa::path(get, path = "/kinds/{kind}/template", operation_id = "show_kind_template", tag = "kinds",
    params(("kind" = String, Path, example = "standard")),
    responses((status = 200, description = "The template.", body = String, content_type = "text/markdown")))]
async fn template(
    _viewer: Viewer,
    Path(kind): Path<String>,
) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let kind = find(&kind).ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], blank(kind)))
}
