//! What is done to an action, for programs: its history, and each move its life allows.

use super::api::{Shown, read};
use super::api_say::{day, owner};
use super::go::{Doing, Terms, go};
use super::propose::{must_move, need};
use super::store::{self, Move};
use crate::access::Viewer;
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::factors::FactorId;
use crate::shell::routes;
use crate::shell::sent::renamed;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use kit::web::etag::changed_meanwhile;
use kit::web::{Asked, IfMatch, Problem, Said, Sent};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(moves, make)).routes(routes!(answers))
}

/// Lists the history of an action, the oldest first.
#[utoipa::path(get, path = "/actions/{key}/moves", operation_id = "list_action_moves", tag = "actions",
    params(("key" = String, Path, description = "The action’s key.", example = "ACT-7"),
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
    let action = need(&mut conn, &viewer, &key).await?;
    let all = store::history(&mut conn, &action.id).await?;
    Ok(list.whole(all, |one| one.n.to_string()))
}

/// Lists the factors an action answers, for who may read them.
#[utoipa::path(get, path = "/actions/{key}/factors", operation_id = "list_action_factors", tag = "actions",
    params(("key" = String, Path, description = "The action’s key.", example = "ACT-7"),
           ListParams),
    responses((status = 200, description = "A page of factors.", body = Listed<FactorId>)))]
async fn answers(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<FactorId>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let action = need(&mut conn, &viewer, &key).await?;
    let all = match action.sees_story {
        true => store::factors(&mut conn, &action.id).await?,
        false => Vec::new(),
    };
    Ok(list.whole(all, |id| id.to_string()))
}

kit::words!(
    /// What can be done to an action; its state says which of them now.
    To {
        /// Promise it: who, by when, how we will know.
        Accept = "accept", "accept";
        /// Promise it otherwise: another owner, day or done-when.
        Amend = "amend", "amend";
        /// Do not promise it.
        Decline = "decline", "decline";
        /// Begin, also again.
        Begin = "begin", "begin";
        /// It is done.
        Finish = "finish", "finish";
        /// It holds.
        Verify = "verify", "verify";
        /// It does not hold.
        Reopen = "reopen", "reopen";
        /// It will not happen.
        Drop = "drop", "drop";
    }
);

/// A move, with what it takes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewActionMove)]
struct New {
    to: To,
    /// `accept`, `amend`: who keeps it, `per_…` or, for an investigation, `tea_…`.
    #[schema(pattern = "^(per|tea)_[0-9a-f]{32}$")]
    owner: Option<String>,
    /// `accept`, `amend`: by which day a team names a person.
    #[schema(format = Date)]
    name_person_by: Option<String>,
    /// `accept`, `amend`: by when.
    #[schema(format = Date, example = "2026-11-12")]
    due: Option<String>,
    /// `accept`, `amend`: how we know that it is done.
    #[schema(max_length = 1000)]
    done_when: Option<String>,
    /// `accept`, `amend`: why.
    #[schema(max_length = 1000)]
    why: Option<String>,
    /// `decline`, `reopen`, `drop`: why.
    #[schema(max_length = 1000)]
    reason: Option<String>,
    /// `finish`: what was done, so that somebody else can look.
    #[schema(max_length = 1000)]
    note: Option<String>,
    /// `verify`: what shows that it holds.
    #[schema(max_length = 1000)]
    evidence: Option<String>,
}

/// Says which fields have no place in this move.
fn refuse_others(said: &Said, new: &New) {
    let takes: &[&str] = match new.to {
        To::Accept | To::Amend => &["owner", "name_person_by", "due", "done_when", "why"],
        To::Decline | To::Reopen | To::Drop => &["reason"],
        To::Begin => &[],
        To::Finish => &["note"],
        To::Verify => &["evidence"],
    };
    for (field, is_said) in [
        ("owner", new.owner.is_some()),
        ("name_person_by", new.name_person_by.is_some()),
        ("due", new.due.is_some()),
        ("done_when", new.done_when.is_some()),
        ("why", new.why.is_some()),
        ("reason", new.reason.is_some()),
        ("note", new.note.is_some()),
        ("evidence", new.evidence.is_some()),
    ] {
        if is_said && !takes.contains(&field) {
            said.wrong(field, format!("`{}` does not take `{field}`.", new.to.name()));
        }
    }
}

/// What is too long or missing in what was said with a move, by the field that said it.
fn of_move(problem: Problem, to: To) -> Problem {
    let field = match to {
        To::Accept | To::Amend => "why",
        To::Decline | To::Reopen | To::Drop => "reason",
        To::Verify => "evidence",
        To::Begin | To::Finish => "note",
    };
    renamed(problem, &[("note", field)])
}

fn doing(new: New) -> Result<Doing, Problem> {
    let said = Said::default();
    refuse_others(&said, &new);
    let terms = Terms {
        owner: owner(&said, new.owner.as_deref(), new.name_person_by.as_deref()),
        due: day(&said, "due", new.due.as_deref()),
        done_when: new.done_when.filter(|text| !text.trim().is_empty()),
        why: new.why.unwrap_or_default(),
    };
    if terms.done_when.as_ref().is_some_and(|text| text.chars().count() > super::said::TEXT_MAX) {
        said.wrong("done_when", format!("At most {} characters.", super::said::TEXT_MAX));
    }
    said.checked()?;
    let reason = new.reason.unwrap_or_default();
    Ok(match new.to {
        To::Accept => Doing::Accept(terms),
        To::Amend => Doing::Amend(terms),
        To::Decline => Doing::Decline(reason),
        To::Begin => Doing::Begin,
        To::Finish => Doing::Finish(new.note.unwrap_or_default()),
        To::Verify => Doing::Verify(new.evidence.unwrap_or_default()),
        To::Reopen => Doing::Reopen(reason),
        To::Drop => Doing::Drop(reason),
    })
}

/// Moves an action on.
///
/// With If-Match, only if it is still as it was read.
#[utoipa::path(post, path = "/actions/{key}/moves", operation_id = "move_action", tag = "actions", request_body = New,
    params(("key" = String, Path, description = "The action’s key.", example = "ACT-7"),
           ("If-Match" = Option<String>, Header, description = "The ETag that you read", example = "\"v3\"")),
    responses((status = 201, description = "The action as it is now.", body = Shown),
              ))]
async fn make(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    if_match: Result<IfMatch, Problem>,
    Sent(new): Sent<New>,
) -> Result<Response, Problem> {
    let (number, version) = {
        let mut conn = app.db.read().await?;
        let action = need(&mut conn, &viewer, &key).await?;
        must_move(&action, &viewer)?;
        (action.number, action.version)
    };
    let version = match if_match {
        Ok(if_match) => Some(if_match.check(version, &read(&app, &viewer, number).await?)?),
        Err(problem) if problem.status == StatusCode::PRECONDITION_REQUIRED => None,
        Err(problem) => return Err(problem),
    };
    let has_read = version.is_some();
    let to = new.to;
    match go(&app, &viewer, number, version, doing(new)?).await {
        Err(problem) if has_read && problem.kind == "changed" => {
            let now = read(&app, &viewer, number).await?;
            Err(changed_meanwhile(now.version, &now))
        }
        Err(problem) => Err(of_move(problem, to)),
        Ok(_) => {
            let now = read(&app, &viewer, number).await?;
            let tag = kit::web::etag::etag(now.version);
            let mut made = api::made(&format!("/api/v1/actions/{}/moves", now.key), &now);
            made.headers_mut().insert(header::ETAG, tag);
            Ok(made)
        }
    }
}
