//! The sections of a retrospective; their saved texts are in `api_versions.rs`. Who writes says which version they read;
//! when somebody else was faster, the answer has both texts and nothing is overwritten.

use super::retrospective::SectionState;
use super::store_sections::{self, Section};
use super::write::{self, Saved};
use super::{api_versions, need_for_reading, shown};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed, made};
use crate::app::App;
use crate::shell::json::{CannotChange, CannotRead, CannotWrite, Writer};
use crate::shell::routes;
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

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(one, put))
        .routes(routes!(set_state))
        .merge(api_versions::routes())
}

/// A section of a retrospective.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RetrospectiveSection {
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
    /// Why it was taken from the library; null for one that came with the kind.
    added_because: Option<String>,
    /// Counts its edits, 0 when there was none; the ETag is `"v3"` for 3.
    pub(super) version: i64,
}

impl RetrospectiveSection {
    pub(super) fn of(one: Section) -> RetrospectiveSection {
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
            added_because: one.added_because,
            version: one.version,
        }
    }

    pub(super) fn answer(self) -> Response {
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

pub(super) async fn found(
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
pub(super) async fn to_write(
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
#[schema(example = json!({ "section": "casc", "reason": "One fault pulled three others along." }))]
struct NewSection {
    /// Its id in the library of sections.
    section: String,
    /// Why this one needs it.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
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
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<NewSection>,
) -> Result<Response, Problem> {
    write::add_section(&app, &viewer, &key, (&said.section, &said.reason)).await?;
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
    #[schema(max_length = 100_000)]
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
    Writer(viewer): Writer,
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
    Writer(viewer): Writer,
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
