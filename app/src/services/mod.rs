//! Services: what the organisation runs, and who owns it.
//!
//! Invariants
//! - A service's name is unique, whatever its case; its slug never changes.
//! - A tier is 1, the most critical, to 4.
//! - A service does not depend on itself; a ring of several is shown, not refused.
//!
//! Tables: `services`, `service_dependencies`. No other slice writes them.

mod api;
mod api_service;
#[cfg(test)]
mod api_tests;
mod change;
mod needs;
mod pages;
mod pages_service;
pub mod store;

pub use api::routes as api_routes;
pub use change::change;
pub use needs::{Needs, Ring};
pub use pages::routes;
pub use store::{NewService, Service, ServiceId, all};

use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use kit::db::DbError;
use kit::web::Problem;
use serde_json::json;

/// Adds a service.
///
/// # Errors
/// 403 for who does not decide; 409 when the name is taken.
pub async fn add(app: &App, viewer: &Viewer, new: &NewService) -> Result<ServiceId, Problem> {
    viewer.must_decide()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    let id = match store::insert(&mut tx, new, now).await {
        Err(DbError::Duplicate { .. }) => {
            return Err(Problem::conflict("duplicate", "There is a service of this name."));
        }
        done => done?,
    };
    let deed = Deed::new(&viewer.id, "service.added", id.as_str());
    let after = json!({ "name": new.name.as_str(), "tier": new.tier });
    audit::record(&mut tx, now, deed.after(after)).await?;
    tx.commit().await?;
    Ok(id)
}
