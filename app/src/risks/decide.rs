//! What people do to risks: write one down, have an action become one, treat, accept, review, close.

use super::risk::{Acceptance, NewRisk, Refused, State, StateName, Step, TEXT_MAX};
use super::store::{self, Risk};
use super::store_write::{self, Place};
use crate::access::{PersonId, Viewer};
use crate::actions::{self, ActionId};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::retrospectives::{RetrospectiveId, need_for_writing};
use crate::{factors, people};
use kit::db::{Conn, DbError, Time, Tx};
use kit::web::Problem;
use serde_json::json;

fn refuse(refused: Refused) -> Problem {
    match refused.field() {
        Some(field) => Problem::field(field, refused),
        None => Problem::conflict("state", refused),
    }
}

async fn check_links(tx: &mut Tx, id: &RetrospectiveId, new: &NewRisk) -> Result<(), Problem> {
    new.checked()?;
    if factors::belonging(tx, id, &new.factors).await?.len() != new.factors.len() {
        return Err(Problem::field("factor", "Choose factors of this retrospective."));
    }
    Ok(())
}

fn one_at_a_time(error: DbError) -> Problem {
    match error {
        DbError::Duplicate { .. } => {
            let again = "Somebody added one in the same moment. Send it again.";
            Problem::conflict("number", again)
        }
        other => other.into(),
    }
}

/// Writes a risk down in a retrospective; gives its number.
///
/// # Errors
/// 404 for who is not one of the draft's people; 422 when it says nothing.
pub async fn add(app: &App, viewer: &Viewer, key: &str, new: &NewRisk) -> Result<i64, Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    check_links(&mut tx, &retro.id, new).await?;
    let number = store_write::next_number(&mut tx).await?;
    let (incident, action) = (&retro.incident_id, None);
    let place = Place { number, retro: &retro.id, incident, action };
    let id = store_write::insert(&mut tx, &place, new, (&viewer.id, ""), now).await;
    let id = id.map_err(one_at_a_time)?;
    let deed = Deed::new(&viewer.id, "risk.added", id.as_str()).of(incident.as_str());
    let after = json!({ "number": number, "likelihood": new.likelihood, "impact": new.impact });
    audit::record(&mut tx, now, deed.after(after)).await?;
    tx.commit().await?;
    Ok(number)
}

/// Has an action become a risk: the action's move, the risk with its day of review and the first line
/// of its history are one transaction (I8). Gives the risk's number.
///
/// # Errors
/// As [`actions::go`]; 422 without a day of review.
pub async fn from_action(
    app: &App,
    viewer: &Viewer,
    action: i64,
    reason: &str,
    new: &NewRisk,
) -> Result<i64, Problem> {
    let now = app.now();
    if new.review_on.is_none() {
        return Err(refuse(Refused::NoReview));
    }
    let mut tx = app.db.write().await?;
    let number = store_write::next_number(&mut tx).await?;
    let moved = actions::move_to_risk(&mut tx, viewer, action, (reason, number), now).await?;
    check_links(&mut tx, &moved.retrospective_id, new).await?;
    let mut new = new.clone();
    if new.factors.is_empty() {
        new.factors = actions::factors(&mut tx, &moved.id).await?;
    }
    let place = Place {
        number,
        retro: &moved.retrospective_id,
        incident: &moved.incident_id,
        action: Some(&moved.id),
    };
    let note = format!("It was {}. {}", moved.key(), reason.trim());
    let id = store_write::insert(&mut tx, &place, &new, (&viewer.id, &note), now).await;
    let id = id.map_err(one_at_a_time)?;
    let deed = Deed::new(&viewer.id, "risk.added", id.as_str()).of(moved.incident_id.as_str());
    let after = json!({ "number": number, "action": moved.number, "review_on": new.review_on });
    audit::record(&mut tx, now, deed.after(after)).await?;
    tx.commit().await?;
    Ok(number)
}

/// The risk of `RISK-3` or `3` in a path.
///
/// # Errors
/// 404, the same for what is hidden and what never was.
pub async fn need(conn: &mut Conn, viewer: &Viewer, key: &str) -> Result<Risk, Problem> {
    let number = match key.get(..5) {
        Some(prefix) if prefix.eq_ignore_ascii_case("risk-") => &key[5..],
        _ => key,
    };
    let is_plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let number = number.parse().ok().filter(|_| is_plain).ok_or_else(Problem::not_found)?;
    store::find(conn, viewer, number).await?.ok_or_else(Problem::not_found)
}

pub(super) fn must_move(risk: &Risk, viewer: &Viewer) -> Result<(), Problem> {
    viewer.must_write()?;
    if risk.may_be_moved_by(viewer) {
        return Ok(());
    }
    let detail =
        "Those who decide, or write the retrospective, decide about its risks. Ask one of them.";
    Err(Problem::forbidden(detail))
}

/// Changes a risk's words, if nobody else changed it since `version`.
///
/// # Errors
/// 404, 403; 409 when somebody was faster; 422 when it says nothing.
pub async fn edit(
    app: &App,
    viewer: &Viewer,
    number: i64,
    version: i64,
    new: &NewRisk,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let risk = store::find(&mut tx, viewer, number).await?.ok_or_else(Problem::not_found)?;
    must_move(&risk, viewer)?;
    check_links(&mut tx, &risk.retrospective_id, new).await?;
    if !store_write::edit(&mut tx, &risk, version, new, now).await? {
        return Err(faster());
    }
    let deed = Deed::new(&viewer.id, "risk.edited", risk.id.as_str());
    let deed = deed.of(risk.incident_id.as_str());
    let before = json!({ "likelihood": risk.likelihood, "impact": risk.impact });
    let after = json!({ "likelihood": new.likelihood, "impact": new.impact });
    audit::record(&mut tx, now, deed.before(before).after(after)).await?;
    tx.commit().await?;
    Ok(())
}

fn faster() -> Problem {
    Problem::conflict("changed", "Somebody changed it meanwhile. Open it again and look.")
}

/// What somebody decides.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Actions treat it, by their numbers; looked at again on a day.
    Treat {
        /// Which.
        actions: Vec<i64>,
        /// When.
        review_on: Option<String>,
    },
    /// Somebody carries it until a day, and it is looked at again on a day.
    Accept {
        /// Who.
        by: PersonId,
        /// Until when.
        until: String,
        /// When again.
        review_on: String,
    },
    /// Nobody decided yet; looked at again on a day.
    Reopen {
        /// When again.
        review_on: Option<String>,
    },
    /// It is none any more.
    Close,
}

/// Decides about a risk. Where its life asks for a review first, the review is a line of its own in
/// the same transaction.
///
/// # Errors
/// 404, 403; 409 when it cannot go there or somebody was faster; 422 when something needed is missing.
pub async fn decide(
    app: &App,
    viewer: &Viewer,
    number: i64,
    decision: &Decision,
    note: &str,
) -> Result<StateName, Problem> {
    let now = app.now();
    if note.chars().count() > TEXT_MAX {
        return Err(Problem::field("note", format!("At most {TEXT_MAX} characters, please.")));
    }
    let mut tx = app.db.write().await?;
    let risk = store::find(&mut tx, viewer, number).await?.ok_or_else(Problem::not_found)?;
    must_move(&risk, viewer)?;
    let (step, review_on) = step(&mut tx, viewer, &risk, decision, note).await?;
    let treated_by = store::actions(&mut tx, &risk.id).await?;
    let mut state = risk.life(treated_by)?;
    let mut gone = Vec::new();
    let is_open = state == State::Open;
    let needs_review = match &step {
        Step::Treat { .. } => !is_open,
        Step::Accept(_) => !is_open && state != State::DueForReview,
        _ => state != State::DueForReview,
    };
    if needs_review && state != State::DueForReview {
        state = state.after(Step::Review).map_err(refuse)?;
        gone.push(state.name());
    }
    if matches!(step, Step::Treat { .. }) && !is_open {
        state = state.after(Step::Reopen).map_err(refuse)?;
        gone.push(state.name());
    }
    state = state.after(step).map_err(refuse)?;
    gone.push(state.name());
    if risk.action_id.is_some() && state.name() != StateName::Closed && review_on.is_none() {
        return Err(refuse(Refused::NoReview));
    }
    save(&mut tx, viewer, &risk, (&state, review_on, &gone), note, now).await?;
    tx.commit().await?;
    Ok(state.name())
}

async fn step(
    tx: &mut Tx,
    viewer: &Viewer,
    risk: &Risk,
    decision: &Decision,
    note: &str,
) -> Result<(Step, Option<String>), Problem> {
    Ok(match decision {
        Decision::Treat { actions, review_on } => {
            let actions = chosen(tx, viewer, risk, actions).await?;
            (Step::Treat { actions }, review_on.clone())
        }
        Decision::Accept { by, until, review_on } => {
            let person = people::find(tx, by).await?;
            if person.is_none_or(|person| person.deactivated_at.is_some()) {
                return Err(Problem::field("accepted_by", "Choose somebody who is here."));
            }
            let accepted = Acceptance::of(by.clone(), until, review_on).map_err(refuse)?;
            let review_on = accepted.review_on().to_owned();
            (Step::Accept(accepted), Some(review_on))
        }
        Decision::Reopen { review_on } => (Step::Reopen, review_on.clone()),
        Decision::Close => (Step::Close { reason: note.to_owned() }, None),
    })
}

/// The actions of these numbers, each of the risk's own retrospective.
async fn chosen(
    tx: &mut Tx,
    viewer: &Viewer,
    risk: &Risk,
    numbers: &[i64],
) -> Result<Vec<ActionId>, Problem> {
    let there = actions::of_retrospective(tx, viewer, &risk.retrospective_id).await?;
    let mut found = Vec::new();
    for number in numbers {
        match there.iter().find(|one| one.number == *number) {
            Some(action) => found.push(action.id.clone()),
            None => {
                let other = format!("ACT-{number} is not an action of this retrospective.");
                return Err(Problem::field("action", other));
            }
        }
    }
    Ok(found)
}

async fn save(
    tx: &mut Tx,
    viewer: &Viewer,
    risk: &Risk,
    (state, review_on, gone): (&State, Option<String>, &[StateName]),
    note: &str,
    now: Time,
) -> Result<(), Problem> {
    if !store_write::set_state(tx, risk, state, review_on.clone(), now).await? {
        return Err(faster());
    }
    for (n, name) in gone.iter().enumerate() {
        let note = if n + 1 == gone.len() { note } else { "" };
        store_write::add_move(tx, &risk.id, *name, (&viewer.id, note), now).await?;
    }
    let what = format!("risk.{}", state.name().name());
    let deed = Deed::new(&viewer.id, &what, risk.id.as_str()).of(risk.incident_id.as_str());
    let before = json!({ "state": risk.state, "review_on": risk.review_on });
    let after = json!({ "number": risk.number, "state": state.name(), "review_on": review_on });
    audit::record(tx, now, deed.before(before).after(after)).await?;
    Ok(())
}
