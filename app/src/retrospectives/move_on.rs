//! Moving a retrospective on, by the table of moves and nothing else.

use super::open::REASON_MAX;
use super::retrospective::{Retrospective, State};
use super::{need_for_writing, store};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use kit::db::{Time, Tx};
use kit::web::Problem;
use serde_json::json;

/// Moves it to a state, writes down who, when and why, and the line of the audit.
///
/// # Errors
/// 409 when it cannot go there from where it is, with where it can go; 422 when the move needs words.
pub async fn move_to(
    tx: &mut Tx,
    viewer: &Viewer,
    retro: &Retrospective,
    to: State,
    reason: &str,
    now: Time,
) -> Result<(), Problem> {
    let reason = reason.trim();
    let held = store::before_hold(tx, &retro.id).await?;
    let next = retro.state.next(retro.kind(), held);
    if !next.contains(&to) {
        let words: Vec<&str> = next.iter().map(|state| state.label()).collect();
        let detail = if words.is_empty() {
            format!("It is {}, and goes nowhere from there.", retro.state)
        } else {
            format!("It is {}; from there it can be: {}.", retro.state, words.join(", "))
        };
        return Err(Problem::conflict("state", detail));
    }
    if to.needs_reason() && reason.is_empty() {
        return Err(Problem::field("reason", "Say why; those who wait for it will read it."));
    }
    if reason.chars().count() > REASON_MAX {
        let detail = format!("A reason has at most {REASON_MAX} characters.");
        return Err(Problem::field("reason", detail));
    }
    if retro.state != State::OnHold {
        crate::site::must_be_whole(tx, retro, to).await?;
    }
    if !store::set_state(tx, &retro.id, retro.state, to, now).await? {
        let detail = "Somebody else moved it on just now. Look at it again.";
        return Err(Problem::conflict("state", detail));
    }
    store::insert_move(tx, &retro.id, to, &viewer.id, reason, now).await?;
    let deed = Deed::new(&viewer.id, "retrospective.moved", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str()).before(json!({ "state": retro.state }));
    audit::record(tx, now, deed.after(json!({ "state": to, "because": reason }))).await?;
    Ok(())
}

/// Moves a draft on by hand. Assigning, waiving and publishing have verbs of their own.
///
/// # Errors
/// As [`move_to`]; 404 for who is not one of its people.
pub async fn move_on(
    app: &App,
    viewer: &Viewer,
    key: &str,
    to: State,
    reason: &str,
) -> Result<(), Problem> {
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let goes_back = retro.state == State::OnHold;
    let has_own_verb = matches!(
        to,
        State::Assigned | State::Waived | State::Published | State::Revised | State::Proposed
    );
    if has_own_verb && !goes_back {
        let detail = format!("“{}” has a page of its own; this form does not do it.", to.verb());
        return Err(Problem::field("to", detail));
    }
    move_to(&mut tx, viewer, &retro, to, reason, app.now()).await?;
    tx.commit().await?;
    Ok(())
}
