//! `/api/v1/retrospectives`: which there are, and one with its state, title and kind. Deciding about an
//! incident is in `api_decide.rs`, people in `api_people.rs`, sections in `api_sections.rs`, lessons in
//! `api_lessons.rs`.

use super::api_forms::{Draft, RetrospectiveSummary};
use super::retrospective::{Retrospective, RetrospectiveId, State};
use super::{
    api_begin, api_decide, api_kind, api_lessons, api_people, api_sections, api_waived,
    change_kind, move_on, need_for_reading, store, write,
};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::incidents::Title;
use crate::kinds;
use crate::shell::json::{CannotChange, CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use crate::shell::sent::renamed;
use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use kit::db::Time;
use kit::web::etag::{changed_meanwhile, etag, versioned};
use kit::web::{Asked, IfMatch, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn api_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one, change))
        .routes(routes!(moves, do_move))
        .routes(routes!(do_kind))
        .routes(routes!(say_no_action, take_no_action_back))
        .merge(api_decide::routes())
        .merge(api_waived::routes())
        .merge(api_begin::routes())
        .merge(api_kind::routes())
        .merge(api_people::routes())
        .merge(api_sections::routes())
        .merge(api_lessons::routes())
}

/// Lists retrospectives, the newest first.
///
/// Those whose incident you may see, the newest first.
#[utoipa::path(
    get, path = "/retrospectives", tag = "retrospectives", operation_id = "list_retrospectives",
    params(
        ListParams,
        ("state" = inline(Option<State>), Query, description = "Where it is in its life."),
    ),
    responses(
        (status = 200, description = "A page of retrospectives.", body = Listed<RetrospectiveSummary>),
        CannotRead
    )
)]
async fn list(From(app): From<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let state = asked.one("state", State::parse);
    let list = List::<RetrospectiveSummary>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let before = list.after::<String>().and_then(|id| RetrospectiveId::parse(&id));
    let mut conn = app.db.read().await?;
    let found = store::list(&mut conn, &viewer, state, before, list.most()).await?;
    let found = found.into_iter().map(RetrospectiveSummary::of).collect();
    Ok(list.answer(found, |one| one.id.to_string()))
}

/// The draft as an answer, with its version.
pub(super) async fn draft(app: &App, viewer: &Viewer, key: &str) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, viewer, key).await?;
    let version = retro.version;
    let mut response = Json(Draft::of(&mut conn, retro).await?).into_response();
    response.headers_mut().insert(header::ETAG, etag(version));
    Ok(response)
}

/// The draft of a path, for who may write it, if it is of a version they mean.
async fn of_version(
    app: &App,
    viewer: &Viewer,
    key: &str,
    if_match: &IfMatch,
) -> Result<Retrospective, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, viewer, key).await?;
    viewer.must_write()?;
    if if_match.check(retro.version, &()).is_ok() {
        return Ok(retro);
    }
    let version = retro.version;
    Err(changed_meanwhile(version, &Draft::of(&mut conn, retro).await?))
}

/// Somebody was faster between the look at the version and the change: the same 412.
async fn or_changed_meanwhile(
    app: &App,
    viewer: &Viewer,
    key: &str,
    done: Result<(), Problem>,
) -> Result<(), Problem> {
    match done {
        Err(problem) if problem.kind == "changed" => {
            let mut conn = app.db.read().await?;
            let retro = need_for_reading(&mut conn, viewer, key).await?;
            let version = retro.version;
            Err(changed_meanwhile(version, &Draft::of(&mut conn, retro).await?))
        }
        done => done,
    }
}

/// Shows a retrospective.
///
/// For the people its draft is shared with; for everybody else it is not found.
#[utoipa::path(
    get, path = "/retrospectives/{key}", tag = "retrospectives", operation_id = "show_retrospective",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    responses(
        (status = 200, description = "The retrospective; its version is the ETag.", body = Draft),
        (status = 304, description = "You have this version."),
        CannotRead
    )
)]
async fn one(
    From(app): From<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let version = retro.version;
    let draft = Draft::of(&mut conn, retro).await?;
    Ok(versioned(&headers, version, Json(draft)))
}

/// What is changed of a retrospective.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "title": "Nobody could pay for 40 minutes" }))]
struct RetrospectiveChanges {
    /// Its title.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
}

/// Changes a retrospective's title.
#[utoipa::path(
    patch, path = "/retrospectives/{key}", tag = "retrospectives", operation_id = "change_retrospective",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = RetrospectiveChanges,
    responses((status = 200, description = "Changed.", body = Draft), CannotChange)
)]
async fn change(
    From(app): From<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    if_match: IfMatch,
    Sent(said): Sent<RetrospectiveChanges>,
) -> Result<Response, Problem> {
    let retro = of_version(&app, &viewer, &key, &if_match).await?;
    let title = Title::parse(&said.title).map_err(|why| Problem::field("title", why))?;
    let done = write::set_title(&app, &viewer, &key, (retro.version, &title)).await;
    or_changed_meanwhile(&app, &viewer, &key, done).await?;
    draft(&app, &viewer, &key).await
}

/// A move of a retrospective.
#[derive(Debug, Serialize, ToSchema)]
struct RetrospectiveMove {
    /// Which it is, from 1.
    #[schema(example = 1)]
    number: i64,
    /// To where.
    #[schema(inline)]
    state: State,
    /// When.
    at: Time,
    /// The name of who moved it.
    by: String,
    /// Why, where somebody said.
    reason: String,
}

/// Lists the moves of a retrospective, the first one first.
///
/// The first one first.
#[utoipa::path(
    get, path = "/retrospectives/{key}/moves", tag = "retrospectives", operation_id = "list_retrospective_moves",
    params(
        ListParams,
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
    ),
    responses((status = 200, description = "A page of moves.", body = Listed<RetrospectiveMove>), CannotRead)
)]
async fn moves(
    From(app): From<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<RetrospectiveMove>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let all = store::moves(&mut conn, &retro.id).await?;
    // None is ever taken away, so each keeps its number.
    let moved = |(number, one): (i64, store::Move)| RetrospectiveMove {
        number,
        state: one.state,
        at: one.at,
        by: one.name,
        reason: one.reason,
    };
    let after = list.after::<i64>().unwrap_or(0);
    let all = (1..).zip(all).map(moved).filter(|one| one.number > after).collect();
    Ok(list.answer(all, |one| one.number.to_string()))
}

/// Where a retrospective goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "state": "drafting" }))]
struct Moving {
    /// The state; assigning, waiving and publishing have operations of their own.
    #[schema(inline)]
    state: State,
    /// Why; needed to put it on hold.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

/// Moves a retrospective on.
///
/// By the table of moves; `can_become` says where it can go.
#[utoipa::path(
    post, path = "/retrospectives/{key}/moves", tag = "retrospectives", operation_id = "move_retrospective",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    request_body = Moving,
    responses((status = 200, description = "It is in that state.", body = Draft), CannotWrite)
)]
async fn do_move(
    From(app): From<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<Moving>,
) -> Result<Response, Problem> {
    let moved = move_on(&app, &viewer, &key, said.state, &said.reason).await;
    moved.map_err(|problem| renamed(problem, &[("to", "state")]))?;
    draft(&app, &viewer, &key).await
}

/// The kind that a retrospective gets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "major", "reason": "It was bigger than it looked." }))]
struct KindChange {
    /// The kind's id.
    kind: String,
    /// Why, in a sentence.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// Of the kinds in force, and not of those that it was opened with.
    #[serde(default)]
    newest: bool,
}

/// Changes a retrospective's kind.
///
/// No word is lost: sections that the new kind does not have stay, if something is written in them.
#[utoipa::path(
    put, path = "/retrospectives/{key}/kind", tag = "retrospectives", operation_id = "change_retrospective_kind",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = KindChange,
    responses((status = 200, description = "It is of that kind.", body = Draft), CannotChange)
)]
async fn do_kind(
    From(app): From<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    if_match: IfMatch,
    Sent(said): Sent<KindChange>,
) -> Result<Response, Problem> {
    let retro = of_version(&app, &viewer, &key, &if_match).await?;
    let library = match said.newest {
        true => kinds::current(&mut app.db.read().await?).await?,
        false => retro.library(),
    };
    let kind = library.parse_kind(&said.kind).map_err(|why| Problem::field("kind", why))?;
    let new = (library, kind, said.reason.as_str());
    let done = change_kind(&app, &viewer, &key, retro.version, new).await;
    or_changed_meanwhile(&app, &viewer, &key, done).await?;
    draft(&app, &viewer, &key).await
}

/// Why no action follows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "because": "The supplier ended the product; nothing of it is left." }))]
struct NoAction {
    /// Why, in words.
    #[schema(min_length = 1, max_length = 2000)]
    because: String,
}

/// Says why no action follows.
#[utoipa::path(
    put, path = "/retrospectives/{key}/no-action", tag = "retrospectives", operation_id = "say_no_action",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = NoAction,
    responses((status = 200, description = "It is written down.", body = Draft), CannotChange)
)]
async fn say_no_action(
    From(app): From<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    if_match: IfMatch,
    Sent(said): Sent<NoAction>,
) -> Result<Response, Problem> {
    let retro = of_version(&app, &viewer, &key, &if_match).await?;
    if kit::line::is_blank(&said.because) {
        return Err(Problem::field("because", "Say why no action follows, in a sentence."));
    }
    let said = (retro.no_action_because.as_str(), said.because.as_str());
    let done = write::say_no_action(&app, &viewer, &key, said).await;
    or_changed_meanwhile(&app, &viewer, &key, done).await?;
    draft(&app, &viewer, &key).await
}

/// Takes the reason for no action back.
#[utoipa::path(
    delete, path = "/retrospectives/{key}/no-action", tag = "retrospectives", operation_id = "take_no_action_back",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    responses((status = 200, description = "It is taken back.", body = Draft), CannotChange)
)]
async fn take_no_action_back(
    From(app): From<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let retro = of_version(&app, &viewer, &key, &if_match).await?;
    let done = write::say_no_action(&app, &viewer, &key, (&retro.no_action_because, "")).await;
    or_changed_meanwhile(&app, &viewer, &key, done).await?;
    draft(&app, &viewer, &key).await
}
