//! Configuration for programs: what is in force as files, checking files, applying them.

use super::apply::{self, changes};
use super::file::{Configuration, Current, File, Files};
use crate::access::Viewer;
use crate::app::App;
use crate::settings::place::Fault;
use crate::shell::json::{CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use axum::Json;
use axum::extract::State;
use kit::db::Time;
use kit::web::{Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, put)).routes(routes!(check))
}

/// A file of the configuration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfigurationFileShown)]
struct ConfigurationFile {
    /// Its name.
    #[schema(inline)]
    file: File,
    /// As it is written, TOML.
    text: String,
    /// Counts its versions; 0 for one that came with the product and that nobody needed yet.
    version: i64,
    /// As it came with the product.
    is_shipped: bool,
    /// The name of who saved it.
    saved_by: Option<String>,
    /// When.
    saved_at: Option<Time>,
    /// What changed, in words.
    note: String,
}

impl ConfigurationFile {
    fn of(one: Current) -> ConfigurationFile {
        ConfigurationFile {
            file: one.file,
            text: one.text,
            version: one.version,
            is_shipped: one.is_shipped,
            saved_by: one.saved_by,
            saved_at: one.saved_at,
            note: one.note,
        }
    }
}

/// What an organisation set for itself.
#[derive(Debug, Serialize, ToSchema)]
struct ConfigurationInForce {
    /// A number for all of it; who applies files says which they read.
    #[schema(example = "1a2b3c4d5e6f7")]
    fingerprint: String,
    /// Every file.
    files: Vec<ConfigurationFile>,
}

async fn told(app: &App) -> Result<ConfigurationInForce, Problem> {
    let now = Configuration::read(&mut app.db.read().await?).await?;
    let fingerprint = now.fingerprint();
    let files = now.files.into_iter().map(ConfigurationFile::of).collect();
    Ok(ConfigurationInForce { fingerprint, files })
}

/// Shows the configuration in force, as files.
#[utoipa::path(
    get, path = "/configuration", tag = "configuration", operation_id = "show_configuration",
    responses((status = 200, description = "Every file.", body = ConfigurationInForce), CannotRead)
)]
async fn show(
    State(app): State<App>,
    _viewer: Viewer,
) -> Result<Json<ConfigurationInForce>, Problem> {
    told(&app).await.map(Json)
}

/// Files that are to be checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "files": { "words.toml": "retrospective = \"postmortem\"\nretrospectives = \"postmortems\"\nmenu = \"Postmortems\"\n" } }))]
struct SomeFiles {
    /// Texts by the names of their files; what is not among them stays.
    files: Files,
}

/// What became of checking files.
#[derive(Debug, Serialize, ToSchema)]
struct ConfigurationChecked {
    /// Whether they could be applied.
    is_whole: bool,
    /// Every fault, with its place.
    faults: Vec<Fault>,
    /// The files that differ from what is in force.
    changes: Vec<File>,
    /// What was read to compare with.
    fingerprint: String,
}

/// Checks files of a configuration. Nothing is changed.
#[utoipa::path(
    post, path = "/configuration/check", tag = "configuration", operation_id = "check_configuration",
    request_body = SomeFiles,
    responses((status = 200, description = "What is wrong, and what would change.", body = ConfigurationChecked), CannotRead)
)]
async fn check(
    State(app): State<App>,
    viewer: Viewer,
    Sent(said): Sent<SomeFiles>,
) -> Result<Json<ConfigurationChecked>, Problem> {
    viewer.must_administer()?;
    let mut conn = app.db.read().await?;
    let (now, checked) = apply::against_current(&mut conn, &said.files).await?;
    let faults = checked.err().unwrap_or_default();
    Ok(Json(ConfigurationChecked {
        is_whole: faults.is_empty(),
        faults,
        changes: changes(&now, &said.files),
        fingerprint: now.fingerprint(),
    }))
}

/// Files that are to be applied.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FilesToApply {
    /// Texts by the names of their files; what is not among them stays.
    files: Files,
    /// What was in force when they were written; without it, they are applied over whatever is.
    fingerprint: Option<String>,
    /// What changed, in words.
    #[serde(default)]
    #[schema(max_length = 200)]
    note: String,
}

/// What was applied.
#[derive(Debug, Serialize, ToSchema)]
struct ConfigurationApplied {
    /// The files that changed.
    changed: Vec<File>,
    /// What is in force now.
    fingerprint: String,
}

/// Applies files of a configuration.
///
/// All together, or nothing: every fault is told with its place. For administrators.
#[utoipa::path(
    put, path = "/configuration", tag = "configuration", operation_id = "apply_configuration",
    request_body = FilesToApply,
    responses((status = 200, description = "They are in force.", body = ConfigurationApplied), CannotWrite)
)]
async fn put(
    State(app): State<App>,
    Writer(viewer): Writer,
    Sent(said): Sent<FilesToApply>,
) -> Result<Json<ConfigurationApplied>, Problem> {
    let read = said.fingerprint.as_deref();
    let changed = apply::apply(&app, &viewer, (&said.files, &said.note), read).await?;
    let fingerprint = told(&app).await?.fingerprint;
    Ok(Json(ConfigurationApplied { changed, fingerprint }))
}
