//! Operations on imports that are there: the list, and reading one again. Bringing one is in `api.rs`.

use super::import::item::Mapping;
use super::piece::{Import, ImportId, State as ImportState};
use super::{store_imports, take_in};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::incidents::{self, Incident};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(imports)).routes(routes!(again))
}

/// An import: a file that was brought, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(super) struct ImportTold {
    id: ImportId,
    /// What the file was called.
    file_name: String,
    /// The importer that read it.
    source: String,
    state: ImportState,
    /// Why it failed.
    failure: Option<String>,
    /// The raw body's digest.
    sha256: String,
    size_bytes: i64,
    /// The zone that was said.
    zone: Option<String>,
    /// The day that was said.
    #[schema(format = Date)]
    day: Option<String>,
    /// New pieces.
    added: i64,
    /// Pieces that were here.
    already: i64,
    /// What could not be taken in.
    set_aside: i64,
    /// Whether a zone would help.
    needs_zone: bool,
    /// Who brought it, by name.
    imported_by: String,
    imported_at: Time,
    undone_at: Option<Time>,
    /// Its page, from this instance's root.
    url: String,
}

pub(super) fn import_told(incident: &Incident, import: Import) -> ImportTold {
    ImportTold {
        url: format!("/i/{}/imports/{}", incident.key(), import.id),
        id: import.id,
        file_name: import.file_name,
        source: import.source,
        state: import.state,
        failure: import.failure,
        sha256: import.sha256,
        size_bytes: import.size_bytes,
        zone: import.zone,
        day: import.day,
        added: import.added,
        already: import.already,
        set_aside: import.set_aside,
        needs_zone: import.needs_zone,
        imported_by: import.imported_by_name,
        imported_at: import.imported_at,
        undone_at: import.undone_at,
    }
}

/// Lists the imports of an incident, the newest first.
#[utoipa::path(get, path = "/incidents/{key}/imports", operation_id = "list_imports", tag = "evidence",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"), ListParams),
    responses((status = 200, description = "A page of imports.", body = Listed<ImportTold>)))]
async fn imports(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<ImportTold>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let before = list.after::<String>().and_then(|id| ImportId::parse(&id));
    let (id, most) = (&incident.id, list.most());
    let all = store_imports::before(&mut conn, &viewer, id, before.as_ref(), most).await?;
    let all = all.into_iter().map(|one| import_told(&incident, one)).collect();
    Ok(list.answer(all, |one| one.id.to_string()))
}

/// What was missing to read a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReadAgain {
    /// For times without one.
    #[serde(default)]
    #[schema(example = "Europe/Berlin")]
    zone: String,
    /// For clock times without a day.
    #[serde(default)]
    #[schema(example = "2026-11-12", format = Date)]
    day: String,
    /// Which column or field is what, of a table or JSON Lines.
    mapping: Option<Mapping>,
}

/// Reads a file again, with what was missing the first time.
#[utoipa::path(post, path = "/incidents/{key}/imports/{id}/again", operation_id = "read_import_again", tag = "evidence",
    request_body = ReadAgain,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("id" = ImportId, Path, description = "The import’s id.")),
    responses((status = 200, description = "The import that came of it.", body = ImportTold)))]
async fn again(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, id)): Path<(String, String)>,
    Sent(said): Sent<ReadAgain>,
) -> Result<Json<ImportTold>, Problem> {
    let incident = {
        let mut conn = app.db.read().await?;
        incidents::need(&mut conn, &viewer, &key).await?
    };
    let id = ImportId::parse(&id).ok_or_else(Problem::not_found)?;
    let import = take_in::show(&app, &viewer, &incident, &id).await?;
    let asked = take_in::Asked::check(&said.zone, &said.day, said.mapping)?;
    let import = take_in::again(&app, &viewer, &incident, &import, asked).await?;
    Ok(Json(import_told(&incident, import)))
}
