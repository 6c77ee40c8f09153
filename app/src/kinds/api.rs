//! Kinds for programs: what each is for, its sections with their questions, and the template as a file.

use super::{Field, Kind, Library, Overlay, Section, blank, blank_overlay, current};
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
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(template))
        .routes(routes!(overlays))
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
    /// The fields it wants, whole.
    fields: Vec<&'static Field>,
}

fn shown(library: &'static Library, kind: &'static Kind) -> Shown {
    let mut sections = library.sections_of(kind);
    sections.extend(library.optional_of(kind));
    let fields = library.wanted(&kind.fields).into_iter().map(|(field, _)| field).collect();
    Shown { version: library.version, kind, sections, fields }
}

/// Lists the kinds of retrospective, in the order in which people choose.
#[utoipa::path(get, path = "/kinds", operation_id = "list_kinds", tag = "kinds",
    params(ListParams),
    responses((status = 200, description = "A page of kinds.", body = Listed<Shown>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Shown>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let library = current(&mut app.db.read().await?).await?;
    let kinds = library.kinds.iter().map(|kind| shown(library, kind)).collect();
    Ok(list.whole(kinds, |one| one.kind.id.clone()))
}

/// Shows a kind of retrospective.
#[utoipa::path(get, path = "/kinds/{kind}", operation_id = "show_kind", tag = "kinds",
    params(("kind" = String, Path, example = "standard")),
    responses((status = 200, description = "The kind.", body = Shown)))]
async fn show(
    State(app): State<App>,
    _viewer: Viewer,
    Path(kind): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let library = current(&mut app.db.read().await?).await?;
    let kind = library.kind(&kind).ok_or_else(Problem::not_found)?;
    Ok(Json(shown(library, kind)))
}

/// Gives a kind’s empty template as Markdown.
#[utoipa::path(get, path = "/kinds/{kind}/template", operation_id = "show_kind_template", tag = "kinds",
    params(("kind" = String, Path, example = "standard")),
    responses((status = 200, description = "The template.", body = String, content_type = "text/markdown")))]
async fn template(
    State(app): State<App>,
    _viewer: Viewer,
    Path(kind): Path<String>,
) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let library = current(&mut app.db.read().await?).await?;
    let text = match (library.kind(&kind), library.overlay(&kind)) {
        (Some(kind), _) => blank(library, kind),
        (None, Some(overlay)) => blank_overlay(library, overlay),
        (None, None) => return Err(Problem::not_found()),
    };
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text))
}

/// What is put on top of any kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetrospectiveKindOverlay)]
struct ShownOverlay {
    overlay: &'static Overlay,
    /// Its sections, whole.
    sections: Vec<&'static Section>,
    /// Its fields, whole.
    fields: Vec<&'static Field>,
}

/// Lists what can be put on top of any kind.
#[utoipa::path(get, path = "/overlays", operation_id = "list_kind_overlays", tag = "kinds",
    params(ListParams),
    responses((status = 200, description = "A page of overlays.", body = Listed<ShownOverlay>)))]
async fn overlays(
    State(app): State<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<ShownOverlay>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let library = current(&mut app.db.read().await?).await?;
    let shown = |overlay: &'static Overlay| ShownOverlay {
        overlay,
        sections: overlay.sections.iter().filter_map(|id| library.section(id)).collect(),
        fields: library.wanted(&overlay.fields).into_iter().map(|(field, _)| field).collect(),
    };
    let all = library.overlays.iter().map(shown).collect();
    Ok(list.whole(all, |one| one.overlay.id.clone()))
}
