//! The lessons of a retrospective.

use super::retrospective::LessonSort;
use super::store_lessons::{self, Lesson, LessonId};
use super::{lessons, need_for_reading};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed, made};
use crate::app::App;
use crate::shell::json::{CannotChange, CannotRead, CannotWrite, Writer, not_null};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use kit::web::etag::{self, Versioned};
use kit::web::{Asked, IfMatch, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(one, change, remove))
        .routes(routes!(restore))
}

/// A lesson: what went well, what was hard, where chance was kind, what surprised, what is not known.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RetrospectiveLesson {
    /// Its id.
    id: LessonId,
    /// What sort it is.
    #[schema(inline)]
    sort: LessonSort,
    /// One or two sentences.
    #[schema(example = "The old dashboard still worked.")]
    text: String,
    /// Its place among the others.
    position: i64,
    /// Counts its changes; the ETag is `"v3"` for 3.
    version: i64,
}

impl RetrospectiveLesson {
    fn of(one: Lesson) -> RetrospectiveLesson {
        let Lesson { id, sort, text, position, version } = one;
        RetrospectiveLesson { id, sort, text, position, version }
    }
}

impl Versioned for RetrospectiveLesson {
    fn version(&self) -> i64 {
        self.version
    }
}

async fn found(
    app: &App,
    viewer: &Viewer,
    (key, lesson): (&str, &LessonId),
) -> Result<RetrospectiveLesson, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, viewer, key).await?;
    let found = store_lessons::lesson(&mut conn, &retro.id, lesson).await?;
    Ok(RetrospectiveLesson::of(found.ok_or_else(Problem::not_found)?))
}

/// The lesson of a path for who may write it, if it is of a version they mean.
async fn of_version(
    app: &App,
    viewer: &Viewer,
    which: (&str, &LessonId),
    if_match: &IfMatch,
) -> Result<RetrospectiveLesson, Problem> {
    let lesson = found(app, viewer, which).await?;
    viewer.must_write()?;
    if_match.of(lesson)
}

fn lesson_id(text: &str) -> Result<LessonId, Problem> {
    LessonId::parse(text).ok_or_else(Problem::not_found)
}

/// Lists the lessons of a retrospective.
#[utoipa::path(
    get, path = "/retrospectives/{key}/lessons", tag = "lessons", operation_id = "list_lessons",
    params(
        ListParams,
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("sort" = inline(Option<LessonSort>), Query, description = "What sort."),
        ("sort[in]" = Option<String>, Query, description = "One of these, with commas between."),
    ),
    responses((status = 200, description = "A page of lessons.", body = Listed<RetrospectiveLesson>), CannotRead)
)]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let sorts = asked.any("sort", LessonSort::parse);
    let list = List::<RetrospectiveLesson>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let all = store_lessons::lessons(&mut conn, &retro.id).await?;
    let after = list.after::<String>();
    let after = after.as_deref().and_then(|after| after.split_once(' '));
    let after = after.and_then(|(at, id)| Some((at.parse::<i64>().ok()?, id.to_owned())));
    let is_after = |one: &Lesson| {
        let (position, id) = (one.position, one.id.as_str());
        after.as_ref().is_none_or(|(at, after)| (position, id) > (*at, after.as_str()))
    };
    let is_wanted = |one: &Lesson| sorts.is_empty() || sorts.contains(&one.sort);
    let all = all.into_iter().filter(|one| is_wanted(one) && is_after(one));
    let place = |one: &RetrospectiveLesson| format!("{} {}", one.position, one.id);
    Ok(list.answer(all.map(RetrospectiveLesson::of).collect(), place))
}

/// A new lesson.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "sort": "went_well", "text": "The old dashboard still worked." }))]
struct NewLesson {
    /// What sort it is.
    #[schema(inline)]
    sort: LessonSort,
    /// One or two sentences; at most 1000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    text: String,
}

/// Adds a lesson.
#[utoipa::path(
    post, path = "/retrospectives/{key}/lessons", tag = "lessons", operation_id = "add_lesson",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    request_body = NewLesson,
    responses((status = 201, description = "Added; Location says where.", body = RetrospectiveLesson), CannotWrite)
)]
async fn add(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<NewLesson>,
) -> Result<Response, Problem> {
    let id = lessons::add_lesson(&app, &viewer, &key, (said.sort, &said.text)).await?;
    let lesson = found(&app, &viewer, (&key, &id)).await?;
    Ok(made(&format!("/api/v1/retrospectives/{key}/lessons/{id}"), &lesson))
}

/// Shows a lesson.
#[utoipa::path(
    get, path = "/retrospectives/{key}/lessons/{lesson}", tag = "lessons", operation_id = "show_lesson",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("lesson" = LessonId, Path, description = "Its id."),
    ),
    responses(
        (status = 200, description = "The lesson; its version is the ETag.", body = RetrospectiveLesson),
        (status = 304, description = "You have this version."),
        CannotRead
    )
)]
async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, lesson)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lesson = found(&app, &viewer, (&key, &lesson_id(&lesson)?)).await?;
    Ok(etag::versioned(&headers, lesson.version, Json(lesson)))
}

/// What is changed of a lesson; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "sort": "lucky" }))]
struct LessonChanges {
    /// What sort it is.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    #[schema(inline)]
    sort: Option<LessonSort>,
    /// One or two sentences; at most 1000 characters.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false, min_length = 1, max_length = 1000)]
    text: Option<String>,
}

/// Changes a lesson.
#[utoipa::path(
    patch, path = "/retrospectives/{key}/lessons/{lesson}", tag = "lessons", operation_id = "change_lesson",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("lesson" = LessonId, Path, description = "Its id."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = LessonChanges,
    responses((status = 200, description = "Changed.", body = RetrospectiveLesson), CannotChange)
)]
async fn change(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, lesson)): Path<(String, String)>,
    if_match: IfMatch,
    Sent(said): Sent<LessonChanges>,
) -> Result<Response, Problem> {
    let id = lesson_id(&lesson)?;
    let was = of_version(&app, &viewer, (&key, &id), &if_match).await?;
    let (sort, text) = (said.sort.unwrap_or(was.sort), said.text.unwrap_or(was.text));
    let which = (&id, was.version);
    let done = lessons::change_lesson(&app, &viewer, &key, which, (sort, &text)).await;
    etag::changed(done, found(&app, &viewer, (&key, &id)).await)
}

/// Takes a lesson away.
///
/// It can be brought back.
#[utoipa::path(
    delete, path = "/retrospectives/{key}/lessons/{lesson}", tag = "lessons", operation_id = "remove_lesson",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("lesson" = LessonId, Path, description = "Its id."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    responses((status = 204, description = "Taken away."), CannotChange)
)]
async fn remove(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, lesson)): Path<(String, String)>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let id = lesson_id(&lesson)?;
    of_version(&app, &viewer, (&key, &id), &if_match).await?;
    lessons::remove_lesson(&app, &viewer, &key, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a lesson back.
#[utoipa::path(
    post, path = "/retrospectives/{key}/lessons/{lesson}/restore", tag = "lessons", operation_id = "restore_lesson",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("lesson" = LessonId, Path, description = "Its id."),
    ),
    responses((status = 200, description = "It is back.", body = RetrospectiveLesson), CannotWrite)
)]
async fn restore(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, lesson)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id = lesson_id(&lesson)?;
    lessons::restore_lesson(&app, &viewer, &key, &id).await?;
    Ok(etag::answered(&found(&app, &viewer, (&key, &id)).await?))
}
