//! Several incidents in one retrospective: it hangs on one of them and covers the others. Whoever may not
//! see one of them does not see it.

use super::change_kind::must_say_why;
use super::{need_for_writing, store, store_covers};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::incidents::{self, IncidentId, Key, Label};
use kit::db::{Result as DbResult, Time, Tx};
use kit::web::Problem;
use serde_json::json;

/// The most incidents beside its own.
pub const COVERS_MAX: usize = 100;

/// Lets it cover another incident, with the reason. One that it covers already stays.
///
/// # Errors
/// 404 for who is not one of its people; 422 for an incident that they do not see, a private one that not
/// all of its people see, one too many, or without a reason.
pub async fn cover(
    app: &App,
    viewer: &Viewer,
    key: &str,
    (incident, reason): (&str, &str),
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let reason = must_say_why(reason)?;
    let number = Key::parse(incident).map_err(|why| Problem::field("incident", why))?;
    let found = incidents::find(&mut tx, viewer, number).await?;
    let Some(found) = found else {
        return Err(Problem::field("incident", format!("There is no {number}.")));
    };
    if found.id == retro.incident_id {
        return Err(Problem::field("incident", format!("It is about {number} already.")));
    }
    if found.label == Label::Red && retro.label != Label::Red {
        let detail = format!(
            "{number} is private and {} is not: what is written here would be read by people who may \
             not know of {number}. Make {} private first, or leave {number} out.",
            retro.key(),
            retro.key()
        );
        return Err(Problem::field("incident", detail));
    }
    let all = store_covers::covered(&mut tx, viewer, &retro.id).await?;
    if all.iter().any(|one| one.incident_number == number.0) {
        return Ok(());
    }
    if all.len() >= COVERS_MAX {
        return Err(Problem::field("incident", format!("At most {COVERS_MAX}, please.")));
    }
    store_covers::insert(&mut tx, (&retro.id, &found.id), (&viewer.id, reason), now).await?;
    store::touch(&mut tx, &retro.id, now).await?;
    let deed = Deed::new(&viewer.id, "retrospective.covers", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let after = json!({ "incident": number.to_string(), "because": reason });
    audit::record(&mut tx, now, deed.after(after)).await?;
    tx.commit().await?;
    Ok(())
}

/// Leaves an incident out again.
///
/// # Errors
/// 404 for who is not one of its people, or when it does not cover that one.
pub async fn leave_out(
    app: &App,
    viewer: &Viewer,
    key: &str,
    incident: &str,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let number = Key::parse(incident).map_err(|_| Problem::not_found())?;
    let found = incidents::find(&mut tx, viewer, number).await?.ok_or_else(Problem::not_found)?;
    if !store_covers::remove(&mut tx, &retro.id, &found.id).await? {
        return Err(Problem::not_found());
    }
    store::touch(&mut tx, &retro.id, now).await?;
    let deed = Deed::new(&viewer.id, "retrospective.covers_no_longer", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    audit::record(&mut tx, now, deed.before(json!({ "incident": number.to_string() }))).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes that others see an incident from now on, in the record of what covers it, so that all that
/// follows the record asks again who sees it.
///
/// # Errors
/// What the database says.
pub async fn access_moved(
    tx: &mut Tx,
    by: &PersonId,
    incident: &IncidentId,
    now: Time,
) -> DbResult<()> {
    for (retro, lead) in store_covers::leads_for_system(tx, incident).await? {
        let deed = Deed::new(by, "retrospective.access_moved", retro.as_str());
        audit::record(tx, now, deed.of(lead.as_str())).await?;
    }
    Ok(())
}
