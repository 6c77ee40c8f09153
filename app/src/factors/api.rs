//! `/api/v1/retrospectives/{key}/factors`: the factors, and what is asked of them. Recommendations are
//! in `api_recommendations.rs`.

use super::api_forms::{FactorChanges, NewRetrospectiveFactor, RetrospectiveFactor};
use super::factor::{
    self, Certainty, Factor, FactorId, Layer, Recurrence, Response as Part, Role, Trigger,
};
use super::{api_recommendations, pages, store, write};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed, made};
use crate::app::App;
use crate::people;
use crate::retrospectives::need_for_reading;
use crate::shell::json::{CannotChange, CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use kit::db::Conn;
use kit::web::{Asked, IfMatch, Problem, Sent, etag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn api_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(questions))
        .routes(routes!(one, change, remove))
        .routes(routes!(restore))
        .routes(routes!(do_move))
        .merge(api_recommendations::routes())
}

async fn all(conn: &mut Conn, viewer: &Viewer, key: &str) -> Result<Vec<Factor>, Problem> {
    let retro = need_for_reading(conn, viewer, key).await?;
    Ok(store::of_retrospective(conn, viewer, &retro.incident_id, &retro.id).await?)
}

async fn found(
    app: &App,
    viewer: &Viewer,
    (key, factor): (&str, &FactorId),
) -> Result<RetrospectiveFactor, Problem> {
    let mut conn = app.db.read().await?;
    let all = all(&mut conn, viewer, key).await?;
    let found = all.into_iter().find(|one| one.id == *factor);
    Ok(RetrospectiveFactor::of(found.ok_or_else(Problem::not_found)?))
}

/// The factor of a path for who may write it, if it is of a version they mean.
async fn of_version(
    app: &App,
    viewer: &Viewer,
    which: (&str, &FactorId),
    if_match: &IfMatch,
) -> Result<RetrospectiveFactor, Problem> {
    let factor = found(app, viewer, which).await?;
    viewer.must_write()?;
    if_match.of(factor)
}

fn factor_id(text: &str) -> Result<FactorId, Problem> {
    FactorId::parse(text).ok_or_else(Problem::not_found)
}

/// Which factors a list asks for.
struct Wanted {
    certainties: Vec<Certainty>,
    triggers: Vec<Trigger>,
    layers: Vec<Layer>,
    roles: Vec<Role>,
    parts: Vec<Part>,
    recurrences: Vec<Recurrence>,
    path: Option<String>,
}

impl Wanted {
    fn read(asked: &Asked) -> Wanted {
        Wanted {
            certainties: asked.any("certainty", Certainty::parse),
            triggers: asked.any("trigger", Trigger::parse),
            layers: asked.any("layer", Layer::parse),
            roles: asked.any("role", Role::parse),
            parts: asked.any("response", Part::parse),
            recurrences: asked.any("recurrence", Recurrence::parse),
            path: asked.one("path", |text| Ok::<_, String>(text.to_owned())),
        }
    }

    fn takes(&self, one: &Factor) -> bool {
        fn any<T: PartialEq>(wanted: &[T], has: &[T]) -> bool {
            wanted.is_empty() || wanted.iter().any(|one| has.contains(one))
        }
        any(&self.certainties, &[one.certainty])
            && any(&self.triggers, &one.triggers.0)
            && any(&self.layers, &one.layers.0)
            && any(&self.roles, &one.roles.0)
            && any(&self.parts, &one.responses.0)
            && any(&self.recurrences, &one.recurrences.0)
            && self.path.as_ref().is_none_or(|path| one.path == *path)
    }
}

/// Lists the factors of a retrospective.
///
/// In their order; those of one `path` explain one way by which it came about.
#[utoipa::path(
    get, path = "/retrospectives/{key}/factors", tag = "factors", operation_id = "list_factors",
    params(
        ListParams,
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("certainty" = inline(Option<Certainty>), Query, description = "How sure people are."),
        ("certainty[in]" = Option<String>, Query, description = "One of these, with commas between."),
        ("trigger" = inline(Option<Trigger>), Query, description = "What set it off."),
        ("trigger[in]" = Option<String>, Query, description = "One of these, with commas between."),
        ("layer" = inline(Option<Layer>), Query, description = "Where it lies."),
        ("layer[in]" = Option<String>, Query, description = "One of these, with commas between."),
        ("role" = inline(Option<Role>), Query, description = "Its part in the course."),
        ("role[in]" = Option<String>, Query, description = "One of these, with commas between."),
        ("response" = inline(Option<Part>), Query, description = "Which part of the response."),
        ("response[in]" = Option<String>, Query, description = "One of these, with commas between."),
        ("recurrence" = inline(Option<Recurrence>), Query, description = "Whether it was met before."),
        ("recurrence[in]" = Option<String>, Query, description = "One of these, with commas between."),
        ("path" = Option<String>, Query, description = "The explanatory path.", example = "How it came about"),
    ),
    responses((status = 200, description = "A page of factors.", body = Listed<RetrospectiveFactor>), CannotRead)
)]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let wanted = Wanted::read(&asked);
    let list = List::<RetrospectiveFactor>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let all = all(&mut conn, &viewer, &key).await?;
    let after = list.after::<String>();
    let after = after.as_deref().and_then(|after| after.split_once(' '));
    let after = after.and_then(|(at, id)| Some((at.parse::<i64>().ok()?, id.to_owned())));
    let is_after = |one: &Factor| {
        let (position, id) = (one.position, one.id.as_str());
        after.as_ref().is_none_or(|(at, after)| (position, id) > (*at, after.as_str()))
    };
    let all = all.into_iter().filter(|one| wanted.takes(one) && is_after(one));
    let place = |one: &RetrospectiveFactor| format!("{} {}", one.position, one.id);
    Ok(list.answer(all.map(RetrospectiveFactor::of).collect(), place))
}

/// What one may ask of the factors there are; never a gate.
#[derive(Debug, Serialize, ToSchema)]
struct FactorQuestions {
    /// Questions about them all.
    questions: Vec<String>,
    /// Factors whose sentence names a person where a condition should stand.
    naming_a_person: Vec<FactorId>,
}

/// Shows what to ask of the factors.
///
/// Questions that lead on, never a gate.
#[utoipa::path(
    get, path = "/retrospectives/{key}/factors/questions", tag = "factors", operation_id = "ask_about_factors",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    responses((status = 200, description = "The questions.", body = FactorQuestions), CannotRead)
)]
async fn questions(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<FactorQuestions>, Problem> {
    let mut conn = app.db.read().await?;
    let all = all(&mut conn, &viewer, &key).await?;
    let named = pages::named(&all, &people::names(&mut conn).await?);
    let naming = all.iter().filter(|one| named.contains(&one.statement));
    Ok(Json(FactorQuestions {
        questions: factor::questions(&all).into_iter().map(str::to_owned).collect(),
        naming_a_person: naming.map(|one| one.id.clone()).collect(),
    }))
}

/// Adds a factor.
#[utoipa::path(
    post, path = "/retrospectives/{key}/factors", tag = "factors", operation_id = "add_factor",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    request_body = NewRetrospectiveFactor,
    responses((status = 201, description = "Added; Location says where.", body = RetrospectiveFactor), CannotWrite)
)]
async fn add(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<NewRetrospectiveFactor>,
) -> Result<Response, Problem> {
    let id = write::add(&app, &viewer, &key, &said.read()).await?;
    let factor = found(&app, &viewer, (&key, &id)).await?;
    Ok(made(&format!("/api/v1/retrospectives/{key}/factors/{id}"), &factor))
}

/// Shows a factor.
#[utoipa::path(
    get, path = "/retrospectives/{key}/factors/{factor}", tag = "factors", operation_id = "show_factor",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("factor" = FactorId, Path, description = "Its id."),
    ),
    responses(
        (status = 200, description = "The factor; its version is the ETag.", body = RetrospectiveFactor),
        (status = 304, description = "You have this version."),
        CannotRead
    )
)]
async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, factor)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let factor = found(&app, &viewer, (&key, &factor_id(&factor)?)).await?;
    Ok(etag::versioned(&headers, factor.version, Json(factor)))
}

/// Changes a factor.
#[utoipa::path(
    patch, path = "/retrospectives/{key}/factors/{factor}", tag = "factors", operation_id = "change_factor",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("factor" = FactorId, Path, description = "Its id."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = FactorChanges,
    responses((status = 200, description = "Changed.", body = RetrospectiveFactor), CannotChange)
)]
async fn change(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, factor)): Path<(String, String)>,
    if_match: IfMatch,
    Sent(said): Sent<FactorChanges>,
) -> Result<Response, Problem> {
    let id = factor_id(&factor)?;
    let was = of_version(&app, &viewer, (&key, &id), &if_match).await?;
    let (version, new) = (was.version, said.on(was));
    let done = write::change(&app, &viewer, &key, (&id, version), &new).await;
    etag::changed(done, found(&app, &viewer, (&key, &id)).await)
}

/// Takes a factor away.
///
/// It can be brought back.
#[utoipa::path(
    delete, path = "/retrospectives/{key}/factors/{factor}", tag = "factors", operation_id = "remove_factor",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("factor" = FactorId, Path, description = "Its id."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    responses((status = 204, description = "Taken away."), CannotChange)
)]
async fn remove(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, factor)): Path<(String, String)>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let id = factor_id(&factor)?;
    of_version(&app, &viewer, (&key, &id), &if_match).await?;
    write::set_away(&app, &viewer, &key, &id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a factor back.
#[utoipa::path(
    post, path = "/retrospectives/{key}/factors/{factor}/restore", tag = "factors", operation_id = "restore_factor",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("factor" = FactorId, Path, description = "Its id."),
    ),
    responses((status = 200, description = "It is back.", body = RetrospectiveFactor), CannotWrite)
)]
async fn restore(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, factor)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id = factor_id(&factor)?;
    write::set_away(&app, &viewer, &key, &id, false).await?;
    Ok(etag::answered(&found(&app, &viewer, (&key, &id)).await?))
}

kit::words!(
    /// Which way a factor moves among those of its path.
    Way {
        /// Before the one above it.
        Up = "up", "up";
        /// After the one below it.
        Down = "down", "down";
    }
);

/// Where a factor moves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "way": "up" }))]
struct FactorMove {
    /// One place up or down.
    #[schema(inline)]
    way: Way,
}

/// Moves a factor within its path.
///
/// One place up or down within its path.
#[utoipa::path(
    post, path = "/retrospectives/{key}/factors/{factor}/move", tag = "factors", operation_id = "move_factor",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("factor" = FactorId, Path, description = "Its id."),
    ),
    request_body = FactorMove,
    responses((status = 200, description = "It is there.", body = RetrospectiveFactor), CannotWrite)
)]
async fn do_move(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, factor)): Path<(String, String)>,
    Sent(said): Sent<FactorMove>,
) -> Result<Response, Problem> {
    let id = factor_id(&factor)?;
    write::shift(&app, &viewer, &key, &id, said.way == Way::Up).await?;
    Ok(etag::answered(&found(&app, &viewer, (&key, &id)).await?))
}
