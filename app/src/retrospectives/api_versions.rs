//! The saved texts of a section: which there are, one beside what stands now, and making it stand again.

use super::api_sections::{RetrospectiveSection, found, to_write};
use super::history::compare;
use super::need_for_reading;
use super::store_sections;
use super::write::{self, Saved};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::shell::json::{CannotChange, CannotRead, Writer};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::etag::changed_meanwhile;
use kit::web::{Asked, IfMatch, Problem};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(versions)).routes(routes!(version)).routes(routes!(restore))
}

/// That a text of a section was saved.
#[derive(Debug, Serialize, ToSchema)]
struct SectionVersion {
    /// Which it is, from 1.
    #[schema(example = 3)]
    version: i64,
    /// How many characters it has.
    characters: i64,
    /// The name of who saved it.
    by: String,
    /// When.
    at: Time,
}

/// Lists the saved texts of a section, the newest first.
///
/// The newest first, without the texts.
#[utoipa::path(
    get, path = "/retrospectives/{key}/sections/{section}/versions", tag = "sections", operation_id = "list_section_versions",
    params(
        ListParams,
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("section" = String, Path, description = "Its id in the library.", example = "sum"),
    ),
    responses((status = 200, description = "A page of versions.", body = Listed<SectionVersion>), CannotRead)
)]
async fn versions(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, section)): Path<(String, String)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<SectionVersion>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let found = store_sections::section(&mut conn, &retro.id, &section).await?;
    let section = found.ok_or_else(Problem::not_found)?;
    let kept = store_sections::kept(&mut conn, &section.id, list.after(), list.most()).await?;
    let kept = kept.into_iter().map(|one| SectionVersion {
        version: one.version,
        characters: one.characters,
        by: one.name,
        at: one.at,
    });
    Ok(list.answer(kept.collect(), |one| one.version.to_string()))
}

kit::words!(
    /// What became of a part of a text.
    PartFate {
        /// It is in both.
        Same = "same", "in both";
        /// Only the older text has it.
        Older = "older", "only in the older text";
        /// Only what stands now has it.
        Now = "now", "only in what stands now";
    }
);

/// A part of two texts that are compared.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedPart {
    /// Which of the two has it.
    #[schema(inline)]
    of: PartFate,
    /// Its text.
    text: String,
}

/// A saved text of a section, beside what stands now.
#[derive(Debug, Serialize, ToSchema)]
struct SavedText {
    /// Which it is, from 1.
    #[schema(example = 3)]
    version: i64,
    /// Markdown.
    text: String,
    /// The name of who saved it.
    by: String,
    /// When.
    at: Time,
    /// The version that stands now.
    #[schema(example = 5)]
    standing: i64,
    /// The two word by word.
    compared: Vec<ComparedPart>,
}

/// Shows a saved text of a section.
///
/// Compared with what stands now.
#[utoipa::path(
    get, path = "/retrospectives/{key}/sections/{section}/versions/{version}", tag = "sections", operation_id = "show_section_version",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("section" = String, Path, description = "Its id in the library.", example = "sum"),
        ("version" = i64, Path, description = "Which, from 1.", example = 3),
    ),
    responses((status = 200, description = "The text.", body = SavedText), CannotRead)
)]
async fn version(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, section, version)): Path<(String, String, String)>,
) -> Result<Json<SavedText>, Problem> {
    let version = version.parse().map_err(|_| Problem::not_found())?;
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let now = store_sections::section(&mut conn, &retro.id, &section).await?;
    let now = now.ok_or_else(Problem::not_found)?;
    let old = store_sections::version(&mut conn, &retro.id, &section, version).await?;
    let old = old.ok_or_else(Problem::not_found)?;
    drop(conn);
    let compared = compare(&old.text, &now.text).into_iter().map(|part| ComparedPart {
        of: match part.tag {
            "del" => PartFate::Older,
            "ins" => PartFate::Now,
            _ => PartFate::Same,
        },
        text: part.text,
    });
    Ok(Json(SavedText {
        version: old.version,
        compared: compared.collect(),
        standing: now.version,
        text: old.text,
        by: old.name,
        at: old.at,
    }))
}

/// Makes an older text of a section stand again.
///
/// As a new version; what stands now stays in the history.
#[utoipa::path(
    post, path = "/retrospectives/{key}/sections/{section}/versions/{version}/restore", tag = "sections", operation_id = "restore_section_version",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("section" = String, Path, description = "Its id in the library.", example = "sum"),
        ("version" = i64, Path, description = "Which, from 1.", example = 3),
        ("If-Match" = String, Header, description = "The ETag of the section that was read.", example = "\"v5\""),
    ),
    responses((status = 200, description = "It stands again.", body = RetrospectiveSection), CannotChange)
)]
async fn restore(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, section, old)): Path<(String, String, String)>,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let which = (key.as_str(), section.as_str());
    let old = old.parse().map_err(|_| Problem::not_found())?;
    let (was, _) = to_write(&app, &viewer, which, &if_match).await?;
    let version = if_match.check(was.version, &was)?;
    match write::restore(&app, &viewer, &key, &section, (old, version)).await? {
        Saved::Yes { .. } => Ok(found(&app, &viewer, which).await?.answer()),
        Saved::Overtaken { theirs } => {
            let theirs = RetrospectiveSection::of(*theirs);
            Err(changed_meanwhile(theirs.version, &theirs))
        }
    }
}
