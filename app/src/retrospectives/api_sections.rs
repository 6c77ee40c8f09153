//! The sections of a retrospective, their texts and versions. Who writes says which version they read;
//! when somebody else was faster, the answer has both texts and nothing is overwritten.

use super::history::compare;
use super::retrospective::SectionState;
use super::store_sections::{self, Section};
use super::write::{self, Saved};
use super::{need_for_reading, shown};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed, made};
use crate::app::App;
use crate::shell::json::{CannotChange, CannotRead, CannotWrite};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use kit::db::Time;
use kit::web::etag::{changed_meanwhile, etag, versioned};
use kit::web::{Asked, IfMatch, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(one, put))
        .routes(routes!(set_state))
        .routes(routes!(versions))
        .routes(routes!(version))
        .routes(routes!(restore))
}

/// A section of a retrospective.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RetrospectiveSection {
    /// Its id in the library of sections.
    #[schema(example = "sum")]
    id: String,
    /// Its name.
    #[schema(example = "Summary")]
    name: String,
    /// Where it stands.
    position: i64,
    /// How far it is.
    #[schema(inline)]
    state: SectionState,
    /// Markdown.
    text: String,
    /// Whether it fills itself from structured data; its text only adds to it.
    auto: bool,
    /// The name of who edited it last.
    updated_by: Option<String>,
    /// When.
    updated_at: Time,
    /// The name of who stands by it.
    confirmed_by: Option<String>,
    /// Counts its edits, 0 when there was none; the ETag is `"v3"` for 3.
    version: i64,
}

impl RetrospectiveSection {
    fn of(one: Section) -> RetrospectiveSection {
        RetrospectiveSection {
            name: one.name().to_owned(),
            auto: one.is_auto(),
            id: one.section,
            position: one.position,
            state: one.state,
            text: one.text,
            updated_by: one.updated_by,
            updated_at: one.updated_at,
            confirmed_by: one.confirmed_by,
            version: one.version,
        }
    }

    fn answer(self) -> Response {
        let tag = etag(self.version);
        let mut response = Json(self).into_response();
        response.headers_mut().insert(header::ETAG, tag);
        response
    }
}

/// Two wrote at once: what stands, and beside it what was not saved.
#[derive(Debug, Serialize)]
struct TwoTexts {
    #[serde(flatten)]
    section: RetrospectiveSection,
    yours: String,
}

fn overtaken(section: RetrospectiveSection, yours: &str) -> Problem {
    let version = section.version;
    changed_meanwhile(version, &TwoTexts { section, yours: yours.to_owned() })
}

async fn found(
    app: &App,
    viewer: &Viewer,
    (key, section): (&str, &str),
) -> Result<RetrospectiveSection, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, viewer, key).await?;
    let found = store_sections::section(&mut conn, &retro.id, section).await?;
    Ok(RetrospectiveSection::of(found.ok_or_else(Problem::not_found)?))
}

/// The section of a path for who may write it, with the version they mean: one that cannot be, when
/// what they read no longer stands.
async fn to_write(
    app: &App,
    viewer: &Viewer,
    which: (&str, &str),
    if_match: &IfMatch,
) -> Result<(RetrospectiveSection, i64), Problem> {
    let section = found(app, viewer, which).await?;
    viewer.must_write()?;
    let version = if_match.check(section.version, &()).unwrap_or(-1);
    Ok((section, version))
}

/// Lists the sections of a retrospective.
///
/// Those of its kind first, then what else has words.
#[utoipa::path(
    get, path = "/retrospectives/{key}/sections", tag = "sections", operation_id = "list_sections",
    params(
        ListParams,
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
    ),
    responses((status = 200, description = "A page of sections.", body = Listed<RetrospectiveSection>), CannotRead)
)]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<RetrospectiveSection>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let all = shown(&retro, store_sections::sections(&mut conn, &retro.id).await?);
    let after = list.after::<String>();
    let begin = after.and_then(|after| all.iter().position(|one| one.section == after));
    let all = all.into_iter().skip(begin.map_or(0, |at| at + 1));
    Ok(list.answer(all.map(RetrospectiveSection::of).collect(), |one| one.id.clone()))
}

/// A section that is added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "section": "costs" }))]
struct NewSection {
    /// Its id in the library of sections.
    section: String,
}

/// Adds a section.
///
/// One that the kind does not begin with; one that is there already stays as it is.
#[utoipa::path(
    post, path = "/retrospectives/{key}/sections", tag = "sections", operation_id = "add_section",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    request_body = NewSection,
    responses((status = 201, description = "It is there; Location says where.", body = RetrospectiveSection), CannotWrite)
)]
async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(said): Sent<NewSection>,
) -> Result<Response, Problem> {
    write::add_section(&app, &viewer, &key, &said.section).await?;
    let section = found(&app, &viewer, (&key, &said.section)).await?;
    let there = format!("/api/v1/retrospectives/{key}/sections/{}", section.id);
    Ok(made(&there, &section))
}

/// Shows a section.
#[utoipa::path(
    get, path = "/retrospectives/{key}/sections/{section}", tag = "sections", operation_id = "show_section",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("section" = String, Path, description = "Its id in the library.", example = "sum"),
    ),
    responses(
        (status = 200, description = "The section; its version is the ETag.", body = RetrospectiveSection),
        (status = 304, description = "You have this version."),
        CannotRead
    )
)]
async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, section)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let section = found(&app, &viewer, (&key, &section)).await?;
    Ok(versioned(&headers, section.version, Json(section)))
}

/// What is written in a section.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "For 40 minutes nobody could pay." }))]
struct SectionText {
    /// Markdown; at most 100000 characters, nothing empties it.
    text: String,
}

/// Writes a section.
///
/// Every saved text is kept. When somebody else wrote since, nothing is overwritten: `current` of the
/// refusal is what stands, and its `yours` what was sent.
#[utoipa::path(
    put, path = "/retrospectives/{key}/sections/{section}", tag = "sections", operation_id = "write_section",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("section" = String, Path, description = "Its id in the library.", example = "sum"),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = SectionText,
    responses((status = 200, description = "Saved.", body = RetrospectiveSection), CannotChange)
)]
async fn put(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, section)): Path<(String, String)>,
    if_match: IfMatch,
    Sent(said): Sent<SectionText>,
) -> Result<Response, Problem> {
    let (_, version) = to_write(&app, &viewer, (&key, &section), &if_match).await?;
    let saved = write::write(&app, &viewer, &key, &section, (version, &said.text)).await?;
    match saved {
        Saved::Yes { .. } => Ok(found(&app, &viewer, (&key, &section)).await?.answer()),
        Saved::Overtaken { theirs } => {
            Err(overtaken(RetrospectiveSection::of(*theirs), &said.text))
        }
    }
}

/// How far a section is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "state": "ready" }))]
struct SectionStateChange {
    /// `ready` when others can read it, `confirmed` when somebody stands by it, `draft` to go back.
    #[schema(inline)]
    state: SectionState,
}

/// Says how far a section is.
#[utoipa::path(
    put, path = "/retrospectives/{key}/sections/{section}/state", tag = "sections", operation_id = "set_section_state",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("section" = String, Path, description = "Its id in the library.", example = "sum"),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = SectionStateChange,
    responses((status = 200, description = "It is that far.", body = RetrospectiveSection), CannotChange)
)]
async fn set_state(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, section)): Path<(String, String)>,
    if_match: IfMatch,
    Sent(said): Sent<SectionStateChange>,
) -> Result<Response, Problem> {
    let which = (key.as_str(), section.as_str());
    let (was, _) = to_write(&app, &viewer, which, &if_match).await?;
    let version = if_match.check(was.version, &was)?;
    let to = (version, said.state);
    match write::set_section_state(&app, &viewer, &key, &section, to).await {
        Err(problem) if problem.kind == "changed" => {
            let now = found(&app, &viewer, which).await?;
            Err(changed_meanwhile(now.version, &now))
        }
        done => {
            done?;
            Ok(found(&app, &viewer, which).await?.answer())
        }
    }
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
    viewer: Viewer,
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
