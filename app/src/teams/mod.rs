//! Teams: who owns services, and to whom a question goes when a person is away.
//!
//! Invariants
//! - A team's name is unique, whatever its case; its slug never changes.
//!
//! Tables: `teams`, `team_members`. No other slice writes them.

mod api;
mod pages;
mod pages_team;
pub mod store;
#[cfg(test)]
mod tests;

pub use api::routes as api_routes;
pub use pages::routes;
pub use store::{Team, TeamId, TeamSaid, all, find, members, of_person};

use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::people::Name;
use kit::db::DbError;
use kit::web::Problem;
use serde_json::json;

/// A slug: lower-case letters and digits of a name, the rest as single hyphens.
#[must_use]
pub fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// Adds a team.
///
/// # Errors
/// 403 for who does not decide; 409 when the name is taken.
pub async fn found(app: &App, viewer: &Viewer, name: &Name) -> Result<TeamId, Problem> {
    viewer.must_decide()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    let id = match store::insert(&mut tx, name, now).await {
        Err(DbError::Duplicate { .. }) => {
            return Err(Problem::conflict("duplicate", "There is a team of this name."));
        }
        done => done?,
    };
    let deed = Deed::new(&viewer.id, "team.founded", id.as_str());
    audit::record(&mut tx, now, deed.after(json!({ "name": name.as_str() }))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Puts somebody into a team; who is in it already stays.
///
/// # Errors
/// 403 for who does not decide.
pub async fn join(
    app: &App,
    viewer: &Viewer,
    team: &TeamId,
    person: &PersonId,
) -> Result<(), Problem> {
    viewer.must_decide()?;
    let mut tx = app.db.write().await?;
    store::join(&mut tx, team, person).await?;
    let deed = Deed::new(&viewer.id, "team.joined", team.as_str());
    audit::record(&mut tx, app.now(), deed.after(json!({ "person": person }))).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes somebody out of a team. Who answers for it, still does.
///
/// # Errors
/// 403 for who does not decide; 404 when they are not in it.
pub async fn leave(
    app: &App,
    viewer: &Viewer,
    team: &TeamId,
    person: &PersonId,
) -> Result<(), Problem> {
    viewer.must_decide()?;
    let mut tx = app.db.write().await?;
    if !store::leave(&mut tx, team, person).await? {
        return Err(Problem::not_found());
    }
    let deed = Deed::new(&viewer.id, "team.left", team.as_str());
    audit::record(&mut tx, app.now(), deed.before(json!({ "person": person }))).await?;
    tx.commit().await?;
    Ok(())
}

/// The longest description.
pub const DESCRIPTION_MAX: usize = 400;

/// Says anew what a team is and who answers for it.
///
/// # Errors
/// 403 for who does not decide; 409 when the name is taken.
pub async fn change(
    app: &App,
    viewer: &Viewer,
    team: &Team,
    said: &TeamSaid,
) -> Result<(), Problem> {
    viewer.must_decide()?;
    let mut tx = app.db.write().await?;
    match store::update(&mut tx, &team.id, said).await {
        Err(DbError::Duplicate { .. }) => {
            return Err(Problem::conflict("duplicate", "There is a team of this name."));
        }
        done => done?,
    }
    let deed = Deed::new(&viewer.id, "team.changed", team.id.as_str());
    let deed = deed.before(json!({ "name": team.name, "manager": team.manager_id }));
    let after = json!({ "name": said.name.as_str(), "manager": said.manager });
    audit::record(&mut tx, app.now(), deed.after(after)).await?;
    tx.commit().await?;
    Ok(())
}
