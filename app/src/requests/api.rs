//! Operations on requests for a review. Accepting is opening a retrospective, in that slice.

use super::ask;
use super::store::{self, Request, RequestId, State as RequestState};
use crate::access::Viewer;
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::incidents;
use crate::shell::json::{CannotRead, CannotWrite};
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
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(add)).routes(routes!(decline))
}

/// Somebody asked that an incident is reviewed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewRequest)]
struct Told {
    /// Its id.
    id: RequestId,
    /// The incident's key.
    #[schema(example = "INC-42")]
    incident: String,
    /// The incident's title.
    incident_title: String,
    /// Who asked, by name.
    asked_by: String,
    /// Why.
    reason: String,
    /// When.
    asked_at: Time,
    /// When an answer is due.
    due_at: Time,
    /// Whether it was answered.
    #[schema(inline)]
    state: RequestState,
    /// Who answered, by name.
    answered_by: Option<String>,
    /// When.
    answered_at: Option<Time>,
    /// What they said; empty before.
    answer: String,
}

impl Told {
    fn of(one: Request) -> Told {
        Told {
            incident: one.key().to_string(),
            id: one.id,
            incident_title: one.incident_title,
            asked_by: one.asked_name,
            reason: one.reason,
            asked_at: one.asked_at,
            due_at: one.due_at,
            state: one.state,
            answered_by: one.answered_name,
            answered_at: one.answered_at,
            answer: one.answer,
        }
    }
}

/// Lists the reviews asked for, the newest first.
#[utoipa::path(
    get, path = "/review-requests", tag = "requests", operation_id = "list_review_requests",
    params(ListParams, ("state" = inline(Option<RequestState>), Query, description = "Whether it was answered.")),
    responses((status = 200, description = "A page of requests.", body = Listed<Told>), CannotRead)
)]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let state = asked.one("state", RequestState::parse);
    let list = List::<Told>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let before = list.after::<String>().and_then(|id| RequestId::parse(&id));
    let mut conn = app.db.read().await?;
    let found = store::list(&mut conn, &viewer, state, before, list.most()).await?;
    Ok(list.answer(found.into_iter().map(Told::of).collect(), |one| one.id.to_string()))
}

/// Why an incident should be reviewed, or why not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReasonInALine, example = json!({ "reason": "The same queue filled up twice this month." }))]
struct Reason {
    /// In a line of 1 to 400 characters.
    #[schema(min_length = 1, max_length = 400)]
    reason: String,
}

/// Asks that an incident is reviewed. An answer is due in three business days.
#[utoipa::path(
    post, path = "/incidents/{key}/review-requests", tag = "requests", operation_id = "ask_for_review",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = Reason,
    responses((status = 201, description = "Asked.", body = Told), CannotWrite)
)]
async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(said): Sent<Reason>,
) -> Result<Response, Problem> {
    let incident = {
        let mut conn = app.db.read().await?;
        incidents::need(&mut conn, &viewer, &key).await?
    };
    let id = ask::ask(&app, &viewer, &incident, &said.reason).await?;
    Ok(api::made("/api/v1/review-requests", &told(&app, &viewer, &id).await?))
}

async fn told(app: &App, viewer: &Viewer, id: &RequestId) -> Result<Told, Problem> {
    let mut conn = app.db.read().await?;
    let found = store::find(&mut conn, viewer, id).await?;
    found.map(Told::of).ok_or_else(Problem::not_found)
}

/// Declines a request, with a reason that its asker reads.
///
/// By who commanded the incident, an editor or an administrator.
#[utoipa::path(
    post, path = "/review-requests/{id}/decline", tag = "requests", operation_id = "decline_review_request",
    params(("id" = String, Path, description = "The request's id.")),
    request_body = Reason,
    responses((status = 200, description = "Declined.", body = Told), CannotWrite)
)]
async fn decline(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    Sent(said): Sent<Reason>,
) -> Result<Json<Told>, Problem> {
    viewer.must_write()?;
    let id = RequestId::parse(&id).ok_or_else(Problem::not_found)?;
    let request = {
        let mut conn = app.db.read().await?;
        store::find(&mut conn, &viewer, &id).await?.ok_or_else(Problem::not_found)?
    };
    ask::decline(&app, &viewer, &request, &said.reason).await?;
    Ok(Json(told(&app, &viewer, &id).await?))
}
