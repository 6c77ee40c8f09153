//! The catalogue for programs: a look at what files would change, and the change.

use super::bring;
use super::came::Came;
use super::read::{File, read};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::extract::State;
use kit::web::{Problem, Sent};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(preview)).routes(routes!(import))
}

/// A file of a catalogue: a table as CSV, or Backstage's `catalog-info.yaml`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    /// What it is called.
    #[schema(example = "catalog-info.yaml", min_length = 1, max_length = 200)]
    name: String,
    /// What it holds.
    text: String,
}

/// Files of a catalogue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CatalogueFiles {
    #[schema(min_items = 1, max_items = 50)]
    files: Vec<CatalogueFile>,
}

impl CatalogueFiles {
    fn files(self) -> Vec<File> {
        let clean = |text: String| text.replace('\0', "");
        let files = self.files.into_iter();
        files.map(|one| File { name: clean(one.name), text: clean(one.text) }).collect()
    }
}

/// Says what files of people, teams and services would change. Nothing is written.
#[utoipa::path(post, path = "/catalogue/previews", operation_id = "preview_catalogue", tag = "catalogue", request_body = CatalogueFiles,
    responses((status = 200, description = "What it would come to.", body = Came)))]
async fn preview(
    State(app): State<App>,
    viewer: Viewer,
    Sent(sent): Sent<CatalogueFiles>,
) -> Result<Json<Came>, Problem> {
    viewer.must_decide()?;
    Ok(Json(bring::preview(&app, &viewer, read(&sent.files())?).await?))
}

/// Brings people, teams and services in from files: all that can be read, at once.
///
/// What is new is added and what differs is changed; nothing is taken away, and the same files again
/// change nothing. People are brought in by administrators.
#[utoipa::path(post, path = "/catalogue/imports", operation_id = "import_catalogue", tag = "catalogue", request_body = CatalogueFiles,
    responses((status = 200, description = "What it came to.", body = Came)))]
async fn import(
    State(app): State<App>,
    viewer: Viewer,
    Sent(sent): Sent<CatalogueFiles>,
) -> Result<Json<Came>, Problem> {
    viewer.must_decide()?;
    Ok(Json(bring::bring(&app, &viewer, read(&sent.files())?).await?))
}
