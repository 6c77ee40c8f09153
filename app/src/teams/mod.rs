//! Teams: who owns services, and to whom a question goes when a person is away.
//!
//! Invariants
//! - A team's name is unique, whatever its case; its slug never changes.
//!
//! Tables: `teams`, `team_members`. No other slice writes them.

mod api;
mod pages;
pub mod store;

pub use api::routes as api_routes;
pub use pages::routes;
pub use store::{Team, TeamId, all};

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

#[cfg(test)]
mod tests {
    #[test]
    fn a_slug_reads_like_its_name() {
        assert_eq!(super::slug("Search & Discovery  2"), "search-discovery-2");
        assert_eq!(super::slug("千恵"), "千恵");
    }
}
