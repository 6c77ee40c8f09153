//! Saying anew what a service is and what it needs.

use super::store::{self, NewService, Service, ServiceId};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use kit::db::DbError;
use kit::web::Problem;
use serde_json::json;

/// Says anew what a service is, who owns it and what it needs.
///
/// # Errors
/// 403 for who does not decide; 409 when the name is taken; 422 when it needs itself.
pub async fn change(
    app: &App,
    viewer: &Viewer,
    service: &Service,
    said: &NewService,
    needs: &[ServiceId],
) -> Result<(), Problem> {
    viewer.must_decide()?;
    if needs.contains(&service.id) {
        return Err(Problem::field("needs", "A service does not depend on itself."));
    }
    let mut tx = app.db.write().await?;
    match store::update(&mut tx, &service.id, said).await {
        Err(DbError::Duplicate { .. }) => {
            return Err(Problem::conflict("duplicate", "There is a service of this name."));
        }
        done => done?,
    }
    store::depend_on_nothing(&mut tx, &service.id).await?;
    for one in needs {
        store::depend(&mut tx, &service.id, one).await?;
    }
    let deed = Deed::new(&viewer.id, "service.changed", service.id.as_str());
    let was = json!({ "name": service.name, "tier": service.tier, "team": service.team_slug });
    let after =
        json!({ "name": said.name.as_str(), "tier": said.tier, "team": said.team, "needs": needs });
    audit::record(&mut tx, app.now(), deed.before(was).after(after)).await?;
    tx.commit().await?;
    Ok(())
}
