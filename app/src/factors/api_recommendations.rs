//! What the factors of a retrospective suggest changing.

use super::factor::FactorId;
use super::recommendation::{self, NewRecommendation, Recommendation, RecommendationId, Target};
use super::store_recommendations;
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed, made};
use crate::app::App;
use crate::retrospectives::need_for_reading;
use crate::shell::json::{CannotChange, CannotRead, CannotWrite, Writer, not_null};
use crate::shell::routes;
use crate::shell::sent::renamed;
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

/// A recommendation: what factors suggest changing, before anybody promises to.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RetrospectiveRecommendation {
    /// Its id.
    id: RecommendationId,
    /// What it would change.
    #[schema(inline)]
    target: Target,
    /// What is recommended.
    #[schema(example = "Give each node a limit of its own.")]
    text: String,
    /// Why.
    rationale: String,
    /// Which factors it answers.
    factors: Vec<FactorId>,
    /// Counts its changes; the ETag is `"v3"` for 3.
    version: i64,
}

impl RetrospectiveRecommendation {
    fn of(one: Recommendation) -> RetrospectiveRecommendation {
        let Recommendation { id, target, text, rationale, version, factors } = one;
        RetrospectiveRecommendation { id, target, text, rationale, factors, version }
    }
}

impl Versioned for RetrospectiveRecommendation {
    fn version(&self) -> i64 {
        self.version
    }
}

async fn found(
    app: &App,
    viewer: &Viewer,
    (key, id): (&str, &RecommendationId),
) -> Result<RetrospectiveRecommendation, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, viewer, key).await?;
    let all = store_recommendations::of_retrospective(&mut conn, &retro.id).await?;
    let found = all.into_iter().find(|one| one.id == *id);
    Ok(RetrospectiveRecommendation::of(found.ok_or_else(Problem::not_found)?))
}

/// The recommendation of a path for who may write it, if it is of a version they mean.
async fn of_version(
    app: &App,
    viewer: &Viewer,
    which: (&str, &RecommendationId),
    if_match: &IfMatch,
) -> Result<RetrospectiveRecommendation, Problem> {
    let one = found(app, viewer, which).await?;
    viewer.must_write()?;
    if_match.of(one)
}

fn recommendation_id(text: &str) -> Result<RecommendationId, Problem> {
    RecommendationId::parse(text).ok_or_else(Problem::not_found)
}

/// Lists the recommendations of a retrospective.
///
/// The oldest first.
#[utoipa::path(
    get, path = "/retrospectives/{key}/recommendations", tag = "recommendations", operation_id = "list_recommendations",
    params(
        ListParams,
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("target" = inline(Option<Target>), Query, description = "What it would change."),
        ("target[in]" = Option<String>, Query, description = "One of these, with commas between."),
    ),
    responses((status = 200, description = "A page of recommendations.", body = Listed<RetrospectiveRecommendation>), CannotRead)
)]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let targets = asked.any("target", Target::parse);
    let list = List::<RetrospectiveRecommendation>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let mut all = store_recommendations::of_retrospective(&mut conn, &retro.id).await?;
    // An id begins with the time when it was made.
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let after = list.after::<String>();
    let is_after =
        |one: &Recommendation| after.as_deref().is_none_or(|after| one.id.as_str() > after);
    let is_wanted = |one: &Recommendation| targets.is_empty() || targets.contains(&one.target);
    let all = all.into_iter().filter(|one| is_wanted(one) && is_after(one));
    Ok(list.answer(all.map(RetrospectiveRecommendation::of).collect(), |one| one.id.to_string()))
}

/// A new recommendation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "target": "system", "text": "Give each node a limit of its own." }))]
struct NewRetrospectiveRecommendation {
    /// What it would change.
    #[schema(inline)]
    target: Target,
    /// What is recommended; at most 1000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    text: String,
    /// Why; at most 1000 characters.
    #[serde(default)]
    #[schema(max_length = 1000)]
    rationale: String,
    /// Which factors it answers.
    #[serde(default)]
    factors: Vec<FactorId>,
}

/// Writes a recommendation.
#[utoipa::path(
    post, path = "/retrospectives/{key}/recommendations", tag = "recommendations", operation_id = "add_recommendation",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    request_body = NewRetrospectiveRecommendation,
    responses((status = 201, description = "Written; Location says where.", body = RetrospectiveRecommendation), CannotWrite)
)]
async fn add(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<NewRetrospectiveRecommendation>,
) -> Result<Response, Problem> {
    let NewRetrospectiveRecommendation { target, text, rationale, factors } = said;
    let new = NewRecommendation { target, text, rationale, factors };
    let id = recommendation::recommend(&app, &viewer, &key, &new).await;
    let id = id.map_err(|problem| renamed(problem, &[("factor", "factors")]))?;
    let one = found(&app, &viewer, (&key, &id)).await?;
    Ok(made(&format!("/api/v1/retrospectives/{key}/recommendations/{id}"), &one))
}

/// Shows a recommendation.
#[utoipa::path(
    get, path = "/retrospectives/{key}/recommendations/{recommendation}", tag = "recommendations", operation_id = "show_recommendation",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("recommendation" = RecommendationId, Path, description = "Its id."),
    ),
    responses(
        (status = 200, description = "The recommendation; its version is the ETag.", body = RetrospectiveRecommendation),
        (status = 304, description = "You have this version."),
        CannotRead
    )
)]
async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let one = found(&app, &viewer, (&key, &recommendation_id(&id)?)).await?;
    Ok(etag::versioned(&headers, one.version, Json(one)))
}

/// What is changed of a recommendation; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "rationale": "Then one node's load does not take the other with it." }))]
struct RecommendationChanges {
    /// What it would change.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    #[schema(inline)]
    target: Option<Target>,
    /// What is recommended; at most 1000 characters.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false, min_length = 1, max_length = 1000)]
    text: Option<String>,
    /// Why; at most 1000 characters.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false, max_length = 1000)]
    rationale: Option<String>,
    /// Which factors it answers.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    factors: Option<Vec<FactorId>>,
}

/// Changes a recommendation.
#[utoipa::path(
    patch, path = "/retrospectives/{key}/recommendations/{recommendation}", tag = "recommendations", operation_id = "change_recommendation",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("recommendation" = RecommendationId, Path, description = "Its id."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = RecommendationChanges,
    responses((status = 200, description = "Changed.", body = RetrospectiveRecommendation), CannotChange)
)]
async fn change(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, id)): Path<(String, String)>,
    if_match: IfMatch,
    Sent(said): Sent<RecommendationChanges>,
) -> Result<Response, Problem> {
    let id = recommendation_id(&id)?;
    let was = of_version(&app, &viewer, (&key, &id), &if_match).await?;
    let new = NewRecommendation {
        target: said.target.unwrap_or(was.target),
        text: said.text.unwrap_or(was.text),
        rationale: said.rationale.unwrap_or(was.rationale),
        factors: said.factors.unwrap_or(was.factors),
    };
    let which = (&id, was.version);
    let done = recommendation::change_recommendation(&app, &viewer, &key, which, &new).await;
    let done = done.map_err(|problem| renamed(problem, &[("factor", "factors")]));
    etag::changed(done, found(&app, &viewer, (&key, &id)).await)
}

/// Takes a recommendation away.
///
/// It can be brought back.
#[utoipa::path(
    delete, path = "/retrospectives/{key}/recommendations/{recommendation}", tag = "recommendations", operation_id = "remove_recommendation",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("recommendation" = RecommendationId, Path, description = "Its id."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    responses((status = 204, description = "Taken away."), CannotChange)
)]
async fn remove(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, id)): Path<(String, String)>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let id = recommendation_id(&id)?;
    of_version(&app, &viewer, (&key, &id), &if_match).await?;
    recommendation::set_recommendation_away(&app, &viewer, &key, &id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a recommendation back.
#[utoipa::path(
    post, path = "/retrospectives/{key}/recommendations/{recommendation}/restore", tag = "recommendations", operation_id = "restore_recommendation",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("recommendation" = RecommendationId, Path, description = "Its id."),
    ),
    responses((status = 200, description = "It is back.", body = RetrospectiveRecommendation), CannotWrite)
)]
async fn restore(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id = recommendation_id(&id)?;
    recommendation::set_recommendation_away(&app, &viewer, &key, &id, false).await?;
    Ok(etag::answered(&found(&app, &viewer, (&key, &id)).await?))
}
