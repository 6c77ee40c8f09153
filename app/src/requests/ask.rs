//! Asking for a review, and answering.

use super::store::{self, Answer, Request, RequestId, State};
use crate::access::{Scope, Seat, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::calendars::{Offset, Unit};
use crate::incidents::{self, Incident, Status};
use kit::db::{DbError, Time, Tx};
use kit::web::Problem;
use serde_json::json;

/// Within how long an answer is due: business days of the team that it concerns.
const ANSWER: Offset = Offset { n: 3, unit: Unit::BusinessDays };
/// The most characters of a reason.
const REASON_MAX: usize = 400;

/// Whether this person may ask: everybody who reads it, but the seat that writes nothing at all.
#[must_use]
pub fn may_ask(viewer: &Viewer) -> bool {
    viewer.seat != Seat::Auditor
}

/// A reason in a line.
///
/// # Errors
/// 422 for none, and for too many characters.
fn line(text: &str, ask: &str) -> Result<String, Problem> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().count() {
        0 => Err(Problem::field("reason", ask)),
        n if n > REASON_MAX => {
            Err(Problem::field("reason", format!("At most {REASON_MAX} characters, please.")))
        }
        _ => Ok(text),
    }
}

/// Asks that an incident is reviewed.
///
/// # Errors
/// 403 for the auditor's seat; 409 when this person asked already or the incident was none; 422
/// without a reason.
pub async fn ask(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    reason: &str,
) -> Result<RequestId, Problem> {
    if !may_ask(viewer) {
        return Err(Problem::forbidden("Your seat, auditor, changes nothing."));
    }
    viewer.must_have(Scope::Write)?;
    let reason = line(reason, "Say in a line why it should be reviewed.")?;
    if matches!(incident.status, Status::Cancelled | Status::Merged) {
        let detail =
            format!("{} is {}; there is nothing to review.", incident.key(), incident.status);
        return Err(Problem::conflict("no_incident", detail));
    }
    let now = app.now();
    let mut tx = app.db.write().await?;
    let working = incidents::working(&mut tx, incident).await?;
    let due = working.due(now.timestamp(), ANSWER).unwrap_or(now.timestamp());
    let due = Time::new(due);
    let made = store::insert(&mut tx, &incident.id, &viewer.id, &reason, (now, due)).await;
    let id = match made {
        Err(DbError::Duplicate { .. }) => {
            let detail = "You asked for a review of this one already; it waits for an answer.";
            return Err(Problem::conflict("asked_already", detail));
        }
        made => made?,
    };
    let deed = Deed::new(&viewer.id, "review.asked", id.as_str()).of(incident.id.as_str());
    audit::record(&mut tx, now, deed.after(json!({ "reason": reason, "due": due }))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Declines one request, with a reason that its asker reads.
///
/// # Errors
/// 403 for who does not decide about the incident; 409 when it was answered; 422 without a reason.
pub async fn decline(
    app: &App,
    viewer: &Viewer,
    request: &Request,
    reason: &str,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let incident = incidents::find_by_id(&mut tx, viewer, &request.incident_id).await?;
    let incident = incident.ok_or_else(Problem::not_found)?;
    incidents::must_decide(&mut tx, viewer, &incident).await?;
    let reason = line(reason, "Say why not; who asked reads it.")?;
    if !answer_one(&mut tx, viewer, &incident, &request.id, (State::Declined, &reason), now).await?
    {
        let detail = "Somebody answered this request meanwhile. Look at it again.";
        return Err(Problem::conflict("answered", detail));
    }
    tx.commit().await?;
    Ok(())
}

/// Answers every open request for an incident, within the deed that settles it.
///
/// # Errors
/// What the database says.
pub async fn answer_all(
    tx: &mut Tx,
    viewer: &Viewer,
    incident: &Incident,
    answer: (State, &str),
    now: Time,
) -> Result<(), Problem> {
    for id in store::open_of(tx, &incident.id).await? {
        answer_one(tx, viewer, incident, &id, answer, now).await?;
    }
    Ok(())
}

async fn answer_one(
    tx: &mut Tx,
    viewer: &Viewer,
    incident: &Incident,
    id: &RequestId,
    (state, text): (State, &str),
    now: Time,
) -> Result<bool, Problem> {
    let answer = Answer { state, text, by: &viewer.id };
    if !store::answer(tx, id, answer, now).await? {
        return Ok(false);
    }
    let what = if state == State::Accepted {
        "review.request_accepted"
    } else {
        "review.request_declined"
    };
    let deed = Deed::new(&viewer.id, what, id.as_str()).of(incident.id.as_str());
    audit::record(tx, now, deed.after(json!({ "answer": text }))).await?;
    Ok(true)
}
