//! Who may see the draft: adding somebody and taking somebody away.

use super::open::must_see;
use super::retrospective::Role;
use super::{need_for_writing, store_people};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::incidents;
use kit::web::Problem;
use serde_json::json;

/// Lets somebody see the draft, in a role.
///
/// # Errors
/// 404 for who is not one of its people; 422 when that person cannot see the incident.
pub async fn add_person(
    app: &App,
    viewer: &Viewer,
    key: &str,
    person: &PersonId,
    role: Role,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    if !Role::GIVEN.contains(&role) {
        return Err(Problem::field("role", "This role is not given here; choose one of the list."));
    }
    let incident = incidents::find_by_id(&mut tx, viewer, &retro.incident_id).await?;
    let incident = incident.ok_or_else(Problem::not_found)?;
    must_see(&mut tx, &incident, person).await?;
    store_people::add(&mut tx, &retro.id, person, role, now).await?;
    let deed = Deed::new(&viewer.id, "retrospective.shared", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    audit::record(&mut tx, now, deed.after(json!({ "with": person, "as": role }))).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes somebody away: the draft no longer exists for them.
///
/// # Errors
/// 404 for who is not one of its people; 409 for the owner or the last one.
pub async fn remove_person(
    app: &App,
    viewer: &Viewer,
    key: &str,
    person: &PersonId,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let leads = [retro.owner_id.as_ref(), retro.facilitator_id.as_ref()];
    if leads.contains(&Some(person)) {
        let detail = "They lead it. Name somebody else as owner or facilitator first.";
        return Err(Problem::conflict("leads", detail));
    }
    let people = store_people::people(&mut tx, &retro.id).await?;
    if people.iter().all(|one| one.person_id == *person) {
        let detail = "They are the last one; a draft that nobody sees helps nobody.";
        return Err(Problem::conflict("last", detail));
    }
    if !store_people::remove(&mut tx, &retro.id, person).await? {
        return Err(Problem::not_found());
    }
    let deed = Deed::new(&viewer.id, "retrospective.unshared", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    audit::record(&mut tx, now, deed.before(json!({ "with": person }))).await?;
    tx.commit().await?;
    Ok(())
}
