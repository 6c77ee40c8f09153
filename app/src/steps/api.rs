//! Operations on the steps of a retrospective: what there is to do, and adding one.

use super::plan::{Doer, Planned, StepState};
use super::read;
use super::verbs::{self, NewStep};
use crate::access::Viewer;
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::calendars::Offset;
use crate::kinds::Anchor;
use crate::retrospectives::need_for_reading;
use crate::shell::routes;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).merge(super::api_change::routes())
}

/// A step of a retrospective.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Step)]
pub(super) struct Shown {
    /// Its id in the kind, or `own-1`.
    #[schema(example = "gather")]
    step: String,
    /// What is done.
    name: String,
    /// By whom, as a role.
    role: String,
    /// Who that is now.
    who: Vec<Doer>,
    state: StepState,
    /// When it is due; null while what it counts from is not known.
    due: Option<Time>,
    /// Whether its day has passed and it is still to be done.
    is_overdue: bool,
    /// What completes it.
    completes: String,
    /// Whether somebody’s words complete it, since no fact does.
    by_words: bool,
    /// Since when it is done, skipped or on hold, where that is known.
    since: Option<Time>,
    /// Why it is done or skipped, or what it waits for.
    because: String,
    /// Who skipped it, put it on hold, or said that it is done.
    by: Option<String>,
    /// Why it was added, for one that the kind has not.
    added_because: Option<String>,
    /// Why it stands elsewhere than the kind has it.
    moved_because: Option<String>,
}

fn shown(planned: Planned, now: Time) -> Shown {
    Shown {
        is_overdue: planned.is_overdue(now),
        step: planned.id,
        name: planned.name,
        role: planned.role,
        who: planned.who,
        state: planned.state,
        due: planned.due,
        completes: planned.completes,
        by_words: planned.by_words,
        since: planned.since,
        because: planned.because,
        by: planned.by,
        added_because: planned.added_because,
        moved_because: planned.moved_because,
    }
}

/// A step of a retrospective, as it is now.
pub(super) async fn one(
    app: &App,
    viewer: &Viewer,
    key: &str,
    step: &str,
) -> Result<Shown, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, viewer, key).await?;
    let all = read::of(&mut conn, viewer, &retro).await?;
    let found = all.into_iter().find(|one| one.id == step).ok_or_else(Problem::not_found)?;
    Ok(shown(found, app.now()))
}

/// Lists the steps of a retrospective, in their order.
#[utoipa::path(get, path = "/retrospectives/{key}/steps", operation_id = "list_steps", tag = "retrospectives",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"), ListParams),
    responses((status = 200, description = "A page of steps.", body = Listed<Shown>)))]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<Shown>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let all = read::of(&mut conn, &viewer, &retro).await?;
    let all = all.into_iter().map(|planned| shown(planned, app.now())).collect();
    Ok(list.whole(all, |one| one.step.clone()))
}

/// A step that the kind has not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewStep)]
struct New {
    /// What is done.
    #[schema(example = "Ask legal", min_length = 1, max_length = 600)]
    name: String,
    /// By whom, as a role.
    #[schema(example = "legal", min_length = 1, max_length = 600)]
    role: String,
    /// What its due date counts from.
    anchor: Anchor,
    /// How long after: hours `4h`, working hours `4wh`, days `2d`, business days `2bd`.
    #[schema(value_type = String, example = "2bd", pattern = "^-?([0-9]{1,3}|[1-7][0-9]{3}|8[0-6][0-9]{2}|87[0-7][0-9]|878[0-4])(h|wh|d|bd)$")]
    due_after: Offset,
    /// Why this run needs it.
    #[schema(min_length = 1, max_length = 600)]
    reason: String,
}

/// Adds a step to this run.
#[utoipa::path(post, path = "/retrospectives/{key}/steps", operation_id = "add_step", tag = "retrospectives", request_body = New,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 201, description = "The step.", body = Shown)))]
async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Response, Problem> {
    let New { name, role, anchor, due_after: offset, reason } = new;
    let new = NewStep { name, role, anchor, offset, reason };
    let step = verbs::add(&app, &viewer, &key, &new).await?;
    let one = one(&app, &viewer, &key, &step).await?;
    Ok(api::made(&format!("/api/v1/retrospectives/{key}/steps"), &one))
}
