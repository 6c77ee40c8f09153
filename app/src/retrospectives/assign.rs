//! Saying who owns a retrospective and who facilitates it.

use super::move_on::move_to;
use super::open::must_see;
use super::retrospective::{Address, Retrospective, Role, State};
use super::{need_for_writing, store, store_people};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::incidents;
use crate::incidents::may_decide;
use kit::db::{Time, Tx};
use kit::web::Problem;
use serde_json::json;

/// Who owns and who facilitates.
pub(super) type Leads<'a> = (Option<&'a PersonId>, Option<&'a PersonId>);

/// Says who owns it and who facilitates it; one that was only proposed is assigned by that. Its people
/// may; and whoever decides about the incident may name somebody other than themselves, so that one
/// whose owner has left goes on, and nobody gives themselves a draft to read.
///
/// # Errors
/// 404 for who may not; 422 when the owner cannot write it or see the incident.
pub async fn assign(
    app: &App,
    viewer: &Viewer,
    key: &str,
    leads: (Option<PersonId>, Option<PersonId>),
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = match need_for_writing(&mut tx, viewer, key).await {
        Ok(retro) => retro,
        Err(problem) if problem.status == axum::http::StatusCode::NOT_FOUND => {
            let retro = need_to_decide(&mut tx, viewer, key).await?;
            let names = |lead: &Option<PersonId>| lead.as_ref() == Some(&viewer.id);
            if retro.state != State::Proposed && (names(&leads.0) || names(&leads.1)) {
                return Err(Problem::forbidden(
                    "You are not one of its people, so you can name somebody else, not yourself.",
                ));
            }
            retro
        }
        Err(problem) => return Err(problem),
    };
    let incident = incidents::find_by_id(&mut tx, viewer, &retro.incident_id).await?;
    let incident = incident.ok_or_else(Problem::not_found)?;
    for person in [&leads.0, &leads.1].into_iter().flatten() {
        must_see(&mut tx, &incident, person).await?;
    }
    set_leads(&mut tx, viewer, &retro, (leads.0.as_ref(), leads.1.as_ref()), now).await?;
    tx.commit().await?;
    Ok(())
}

async fn need_to_decide(tx: &mut Tx, viewer: &Viewer, key: &str) -> Result<Retrospective, Problem> {
    let address = Address::parse(key).map_err(|_| Problem::not_found())?;
    let incident = incidents::find(tx, viewer, address.key).await?;
    let incident = incident.ok_or_else(Problem::not_found)?;
    if !may_decide(tx, viewer, &incident).await? {
        return Err(Problem::not_found());
    }
    let found = store::find_of(tx, viewer, &incident, address.nth).await?;
    found.ok_or_else(Problem::not_found)
}

/// Writes down who leads it. Who led it before stays one of its people.
pub(super) async fn set_leads(
    tx: &mut Tx,
    viewer: &Viewer,
    retro: &Retrospective,
    (owner, facilitator): Leads<'_>,
    now: Time,
) -> Result<(), Problem> {
    if let Some(owner) = owner {
        must_write_drafts(tx, owner).await?;
    } else if retro.owner_id.is_some() {
        let detail = "One that is under way has an owner. Choose who takes it over.";
        return Err(Problem::field("owner", detail));
    }
    let before = [
        (retro.owner_id.as_ref(), owner, Role::Owner),
        (retro.facilitator_id.as_ref(), facilitator, Role::Facilitator),
    ];
    for (old, new, role) in before {
        if old == new {
            continue;
        }
        store_people::vacate(tx, &retro.id, role).await?;
        if let Some(old) = old {
            store_people::add(tx, &retro.id, old, Role::Reviewer, now).await?;
        }
        if let Some(new) = new {
            store_people::add(tx, &retro.id, new, role, now).await?;
        }
    }
    store::set_leads(tx, &retro.id, owner, facilitator, now).await?;
    if let Some(owner) = owner.filter(|owner| retro.owner_id.as_ref() != Some(*owner)) {
        crate::site::retrospective_led(tx, &retro.id, owner, now).await?;
    }
    let deed = Deed::new(&viewer.id, "retrospective.assigned", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let deed = deed.before(json!({ "owner": retro.owner_id, "facilitator": retro.facilitator_id }));
    let after = json!({ "owner": owner, "facilitator": facilitator });
    audit::record(tx, now, deed.after(after)).await?;
    if retro.state == State::Proposed && owner.is_some() {
        move_to(tx, viewer, retro, State::Assigned, "", now).await?;
    }
    Ok(())
}

/// Gives it to somebody, with who facilitates it left as it is.
///
/// # Errors
/// As [`assign`].
pub async fn set_owner(
    tx: &mut Tx,
    viewer: &Viewer,
    retro: &Retrospective,
    owner: &PersonId,
    now: Time,
) -> Result<(), Problem> {
    set_leads(tx, viewer, retro, (Some(owner), retro.facilitator_id.as_ref()), now).await
}

/// Whether somebody can own a review of an incident: is here, writes, and may see it.
///
/// # Errors
/// 422 with the reason.
pub async fn may_own(
    tx: &mut Tx,
    incident: &incidents::Incident,
    person: &PersonId,
) -> Result<(), Problem> {
    must_see(tx, incident, person).await?;
    must_write_drafts(tx, person).await
}

async fn must_write_drafts(tx: &mut Tx, person: &PersonId) -> Result<(), Problem> {
    use crate::access::Seat;
    let found = crate::people::find(tx, person).await?;
    match found {
        Some(person) if matches!(person.seat, Seat::Reader | Seat::Auditor) => {
            let (name, seat) = (person.name, person.seat);
            let detail = format!(
                "{name} sits in the seat of {seat} and writes nothing. Choose somebody who writes."
            );
            Err(Problem::field("owner", detail))
        }
        Some(_) => Ok(()),
        None => Err(Problem::field("owner", "Choose somebody who is here.")),
    }
}
