//! Handing a review over to somebody, with what they need to know.

use super::rules::Rung;
use super::search::{due, record};
use super::store::{self, NewTurn};
use super::store_pool;
use super::turn::TurnState;
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::incidents::{self, Incident};
use crate::retrospectives::{self as retros, Retrospective};
use kit::db::{Time, Tx};
use kit::web::Problem;

/// The most characters of what is said.
pub const CONTEXT_MAX: usize = 2000;

/// Asks somebody to take it over: by who owns it, by who is asked, or by who decides about the incident.
/// Until they take it, it stays with whoever owns it.
///
/// # Errors
/// 404 for who may not; 409 when it is over; 422 when that person cannot own it, or for too many words.
pub async fn hand_over(
    app: &App,
    viewer: &Viewer,
    key: &str,
    to: &PersonId,
    context: &str,
) -> Result<(), Problem> {
    viewer.must_write()?;
    let context = context.trim();
    if context.chars().count() > CONTEXT_MAX {
        let why = format!("At most {CONTEXT_MAX} characters, please.");
        return Err(Problem::field("context", why));
    }
    let now = app.now();
    let mut tx = app.db.write().await?;
    let (retro, incident) = retros::need_known(&mut tx, viewer, key).await?;
    may(&mut tx, viewer, &retro, &incident).await?;
    if !retro.state.is_running() {
        let detail = format!("It is {}; there is nothing to hand over.", retro.state);
        return Err(Problem::conflict("state", detail));
    }
    retros::may_own(&mut tx, &incident, to).await.map_err(at_to)?;
    if retro.owner_id.as_ref() == Some(to) {
        return Err(Problem::field("to", "It is theirs already."));
    }
    ask(&mut tx, viewer, &retro, (to, context), now).await?;
    tx.commit().await?;
    Ok(())
}

/// What is wrong with whom it is handed to, at the field of the form.
fn at_to(mut problem: Problem) -> Problem {
    for error in &mut problem.errors {
        "to".clone_into(&mut error.path);
    }
    problem
}

async fn may(
    tx: &mut Tx,
    viewer: &Viewer,
    retro: &Retrospective,
    incident: &Incident,
) -> Result<(), Problem> {
    let turns = store::turns(tx, &retro.id).await?;
    let is_asked = turns
        .iter()
        .any(|turn| turn.state == TurnState::Open && turn.person_id.as_ref() == Some(&viewer.id));
    let owns = retro.owner_id.as_ref() == Some(&viewer.id);
    if owns || is_asked || incidents::may_decide(tx, viewer, incident).await? {
        return Ok(());
    }
    Err(Problem::not_found())
}

async fn ask(
    tx: &mut Tx,
    viewer: &Viewer,
    retro: &Retrospective,
    (to, context): (&PersonId, &str),
    now: Time,
) -> Result<(), Problem> {
    for turn in store::turns(tx, &retro.id).await? {
        if turn.state == TurnState::Open {
            let by_them = turn.person_id.as_ref() == Some(&viewer.id);
            let state = if by_them { TurnState::HandedOver } else { TurnState::Withdrawn };
            store::end(tx, &turn.id, state, now).await?;
        }
    }
    let hours = store_pool::rules(tx).await?.rules.answer_hours;
    let due_at = Some(due(tx, to, hours, now).await?);
    let new = NewTurn {
        retro,
        person: Some(to),
        rule: Rung::HandedOver,
        because: "It was handed over to them.",
        tried: Vec::new(),
        context,
        asked_by: Some(&viewer.id),
        due_at,
        state: TurnState::Open,
    };
    store::insert(tx, new, now).await?;
    record(tx, retro, Some(&viewer.id), "investigator.handed_over", Rung::HandedOver, now).await
}
