//! What people do to factors: add one, change it, take it away and bring it back, move it up or down.

use super::factor::{Certainty, Factor, FactorId, NewFactor};
use super::store;
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::retrospectives::{Retrospective, need_for_writing};
use crate::{evidence, incidents, timeline};
use kit::db::Tx;
use kit::web::Problem;
use serde_json::{Value, json};

/// What an audit line says of a factor: no word of the draft.
fn told(statement: &str, certainty: Certainty, cites: usize) -> Value {
    json!({ "characters": statement.chars().count(), "certainty": certainty, "cites": cites })
}

/// I3, and that everything cited is of this incident and there for the viewer.
async fn check_cites(
    tx: &mut Tx,
    viewer: &Viewer,
    retro: &Retrospective,
    (new, certainty): (&NewFactor, Certainty),
) -> Result<(), Problem> {
    let mut cites = new.cites.clone();
    cites.sort();
    cites.dedup();
    let there = evidence::find_all(tx, viewer, &retro.incident_id, &cites).await?;
    if there.len() != cites.len() {
        let gone =
            "A piece that you cited is not among this incident’s evidence any more. Choose again.";
        return Err(Problem::field("cites", gone));
    }
    if certainty == Certainty::Confirmed && cites.is_empty() {
        let ask = "A confirmed factor cites at least one piece of evidence. Choose one below, or say “supported” for now.";
        return Err(Problem::field("certainty", ask));
    }
    if new.entries.is_empty() {
        return Ok(());
    }
    let incident = incidents::find_by_id(tx, viewer, &retro.incident_id).await?;
    let incident = incident.ok_or_else(Problem::not_found)?;
    let entries = timeline::of_incident(tx, viewer, &incident).await?;
    if new.entries.iter().all(|id| entries.iter().any(|entry| entry.id == *id)) {
        return Ok(());
    }
    Err(Problem::field("entries", "An entry that you chose is not in this timeline. Choose again."))
}

/// Adds a factor at the end.
///
/// # Errors
/// 404 for who is not one of its people; 422 when it says nothing, or is confirmed and cites nothing
/// (I3).
pub async fn add(
    app: &App,
    viewer: &Viewer,
    key: &str,
    new: &NewFactor,
) -> Result<FactorId, Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let new = new.clone().checked()?;
    let certainty = new.certainty.unwrap_or(Certainty::Proposed);
    check_cites(&mut tx, viewer, &retro, (&new, certainty)).await?;
    if new.direct_cause {
        store::clear_direct_cause(&mut tx, &retro.id).await?;
    }
    let id = store::insert(&mut tx, &retro, (&new, certainty), &viewer.id, now).await?;
    let deed = Deed::new(&viewer.id, "factor.added", id.as_str()).of(retro.incident_id.as_str());
    let deed = deed.after(told(&new.statement, certainty, new.cites.len()));
    audit::record(&mut tx, now, deed).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a factor, if nobody else did since `version`.
///
/// # Errors
/// As [`add`]; 409 with what stands there when somebody was faster, or when its certainty would go
/// back to newly proposed.
pub async fn change(
    app: &App,
    viewer: &Viewer,
    key: &str,
    (factor, version): (&FactorId, i64),
    new: &NewFactor,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let new = new.clone().checked()?;
    let was = store::find(&mut tx, &retro.id, factor).await?.ok_or_else(Problem::not_found)?;
    let certainty = new.certainty.unwrap_or(was.certainty);
    if !was.certainty.may_become(certainty) {
        let detail = format!(
            "It is {}; it does not become newly proposed again. Say hypothesis or unknown.",
            was.certainty
        );
        return Err(Problem::field("certainty", detail));
    }
    check_cites(&mut tx, viewer, &retro, (&new, certainty)).await?;
    if new.direct_cause {
        store::clear_direct_cause(&mut tx, &retro.id).await?;
    }
    if !store::update(&mut tx, &retro, (factor, version), (&new, certainty), now).await? {
        let detail = format!("Somebody changed it meanwhile; it now reads: “{}”.", was.statement);
        return Err(Problem::conflict("changed", detail));
    }
    let deed = Deed::new(&viewer.id, "factor.changed", factor.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let deed = deed.before(told(&was.statement, was.certainty, was.cites.len()));
    let deed = deed.after(told(&new.statement, certainty, new.cites.len()));
    audit::record(&mut tx, now, deed).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a factor away, or brings it back.
///
/// # Errors
/// 404 for who is not one of its people, or when there is nothing to do.
pub async fn set_away(
    app: &App,
    viewer: &Viewer,
    key: &str,
    factor: &FactorId,
    is_away: bool,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let at = is_away.then_some(now);
    if !store::set_deleted(&mut tx, &retro.id, factor, at).await? {
        return Err(Problem::not_found());
    }
    let what = if is_away { "factor.removed" } else { "factor.restored" };
    let deed = Deed::new(&viewer.id, what, factor.as_str()).of(retro.incident_id.as_str());
    audit::record(&mut tx, now, deed.after(json!({ "removed": is_away }))).await?;
    tx.commit().await?;
    Ok(())
}

/// Moves a factor one place up or down within its path.
///
/// # Errors
/// 404 for who is not one of its people, or when it is not there.
pub async fn shift(
    app: &App,
    viewer: &Viewer,
    key: &str,
    factor: &FactorId,
    is_up: bool,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let all = store::of_retrospective(&mut tx, viewer, &retro.incident_id, &retro.id).await?;
    let path =
        all.iter().find(|one| one.id == *factor).ok_or_else(Problem::not_found)?.path.clone();
    let path: Vec<&Factor> = all.iter().filter(|one| one.path == path).collect();
    let at = path.iter().position(|one| one.id == *factor).unwrap_or(0);
    let other = if is_up { at.checked_sub(1) } else { Some(at + 1).filter(|n| *n < path.len()) };
    let Some(other) = other else { return Ok(()) };
    store::set_position(&mut tx, &path[at].id, path[other].position).await?;
    store::set_position(&mut tx, &path[other].id, path[at].position).await?;
    let deed = Deed::new(&viewer.id, "factor.moved", factor.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let deed = deed.before(json!({ "position": path[at].position }));
    audit::record(&mut tx, now, deed.after(json!({ "position": path[other].position }))).await?;
    tx.commit().await?;
    Ok(())
}
