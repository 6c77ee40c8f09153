//! What is decided about a risk, for programs: its history, decisions, and an action that becomes one.

use super::api::{New, Shown, checked, day, in_body, read};
use super::decide::{self, Decision, need};
use super::store::{self, Move};
use crate::access::{PersonId, Viewer};
use crate::actions;
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::shell::routes;
use crate::shell::sent::renamed;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::web::{Asked, Problem, Said, Sent};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(moves, make)).routes(routes!(from_action))
}

/// Lists the history of a risk, the oldest first.
#[utoipa::path(get, path = "/risks/{key}/moves", operation_id = "list_risk_moves", tag = "risks",
    params(("key" = String, Path, description = "The risk’s key.", example = "RISK-3"),
           ListParams),
    responses((status = 200, description = "A page of moves.", body = Listed<Move>)))]
async fn moves(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<Move>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let risk = need(&mut conn, &viewer, &key).await?;
    let all = store::history(&mut conn, &risk.id).await?;
    Ok(list.whole(all, |one| one.n.to_string()))
}

kit::words!(
    /// What can be decided about a risk; its state says which of them now.
    To {
        /// Have actions treat it.
        Treat = "treat", "treat";
        /// Somebody carries it, until a day.
        Accept = "accept", "accept";
        /// Leave it undecided.
        Reopen = "reopen", "reopen";
        /// It is none any more.
        Close = "close", "close";
    }
);

/// A decision, with what it takes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDecision {
    to: To,
    /// `treat`: the keys of actions of its retrospective.
    #[serde(default)]
    #[schema(example = json!(["ACT-7"]), pattern = "^ACT-[1-9][0-9]{0,17}$")]
    actions: Vec<String>,
    /// `accept`: who carries it; you, unless it is said.
    accepted_by: Option<PersonId>,
    /// `accept`: until which day.
    #[schema(format = Date)]
    until: Option<String>,
    /// `treat`, `accept`, `reopen`: when it is looked at again.
    #[schema(format = Date)]
    review_on: Option<String>,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 1000)]
    note: String,
}

fn refuse_others(said: &Said, new: &NewDecision) {
    let takes: &[&str] = match new.to {
        To::Treat => &["actions", "review_on"],
        To::Accept => &["accepted_by", "until", "review_on"],
        To::Reopen => &["review_on"],
        To::Close => &[],
    };
    for (field, is_said) in [
        ("actions", !new.actions.is_empty()),
        ("accepted_by", new.accepted_by.is_some()),
        ("until", new.until.is_some()),
        ("review_on", new.review_on.is_some()),
    ] {
        if is_said && !takes.contains(&field) {
            said.wrong(field, format!("`{}` does not take `{field}`.", new.to.name()));
        }
    }
}

fn decision(viewer: &Viewer, new: &NewDecision) -> Result<Decision, Problem> {
    let said = Said::default();
    refuse_others(&said, new);
    let review_on = day(&said, "review_on", new.review_on.as_deref());
    let until = day(&said, "until", new.until.as_deref());
    let mut numbers = Vec::new();
    for (n, key) in new.actions.iter().enumerate() {
        match actions::parse_key(key) {
            Some(number) => numbers.push(number),
            None => said.wrong(&format!("actions[{n}]"), "Say an action's key such as ACT-7."),
        }
    }
    said.checked()?;
    Ok(match new.to {
        To::Treat => Decision::Treat { actions: numbers, review_on },
        To::Accept => Decision::Accept {
            by: new.accepted_by.clone().unwrap_or_else(|| viewer.id.clone()),
            until: until.unwrap_or_default(),
            review_on: review_on.unwrap_or_default(),
        },
        To::Reopen => Decision::Reopen { review_on },
        To::Close => Decision::Close,
    })
}

/// Decides about a risk.
///
/// Where its life asks for a review first, the review is a line of its own.
#[utoipa::path(post, path = "/risks/{key}/moves", operation_id = "decide_risk", tag = "risks", request_body = NewDecision,
    params(("key" = String, Path, description = "The risk’s key.", example = "RISK-3")),
    responses((status = 201, description = "The risk as it is now.", body = Shown)))]
async fn make(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<NewDecision>,
) -> Result<Response, Problem> {
    let number = {
        let mut conn = app.db.read().await?;
        let risk = need(&mut conn, &viewer, &key).await?;
        decide::must_move(&risk, &viewer)?;
        risk.number
    };
    let decision = decision(&viewer, &new)?;
    decide::decide(&app, &viewer, number, &decision, &new.note).await.map_err(in_body)?;
    let now = read(&app, &viewer, number).await?;
    Ok(api::made(&format!("/api/v1/risks/{}/moves", now.key), &now))
}

/// Why an action will not happen, and the risk that remains.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewFromAction {
    /// Why the action will not happen.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
    /// What remains; it needs a day on which it is looked at again.
    risk: New,
}

/// Has an action become a risk.
///
/// The action's move, the risk and the first line of its history are one change (I8).
#[utoipa::path(post, path = "/actions/{key}/risk", operation_id = "move_action_to_risk", tag = "risks", request_body = NewFromAction,
    params(("key" = String, Path, description = "The action’s key.", example = "ACT-7")),
    responses((status = 201, description = "The risk.", body = Shown)))]
async fn from_action(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<NewFromAction>,
) -> Result<Response, Problem> {
    let (action, risk) = {
        let mut conn = app.db.read().await?;
        let action = actions::need(&mut conn, &viewer, &key).await?;
        viewer.must_write()?;
        (action.number, checked(&mut conn, new.risk).await.map_err(inside)?)
    };
    let number = decide::from_action(&app, &viewer, action, &new.reason, &risk).await;
    let number = number.map_err(of_both)?;
    let now = read(&app, &viewer, number).await?;
    Ok(api::made(&format!("/api/v1/risks/{}", now.key), &now))
}

/// What is wrong with the reason, or with what remains.
fn of_both(problem: Problem) -> Problem {
    let problem = renamed(problem, &[("note", "reason")]);
    if problem.errors.iter().any(|error| error.path == "reason") {
        return problem;
    }
    inside(problem)
}

/// The wrong fields are those of `risk`.
fn inside(problem: Problem) -> Problem {
    let mut problem = in_body(problem);
    for error in &mut problem.errors {
        error.path = format!("risk.{}", error.path);
    }
    problem
}
