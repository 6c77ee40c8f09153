//! Service accounts: who a program is. They have a seat and cannot sign in.

use super::store;
use crate::access::{PersonId, Seat, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::people::{self, Handle, Name, NewPerson};
use kit::db::{DbError, Time};
use kit::web::Problem;
use serde::Serialize;
use serde_json::json;

/// A service account.
#[derive(Debug, Clone, Serialize, sqlx::FromRow, utoipa::ToSchema)]
#[schema(as = ServiceAccount)]
pub struct Account {
    /// Its id, as a person's.
    pub id: PersonId,
    /// Unique, without `@`.
    pub handle: String,
    /// What it is called.
    pub name: String,
    /// Its seat.
    pub seat: Seat,
    /// What it is for.
    pub about: String,
    /// When it was made.
    pub created_at: Time,
}

/// What is said of a new one.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its handle.
    pub handle: Handle,
    /// Its name.
    pub name: Name,
    /// Its seat.
    pub seat: Seat,
    /// What it is for.
    pub about: String,
}

/// Adds a service account.
///
/// # Errors
/// 403 for who does not administer; 409 when the handle is taken.
pub async fn add(app: &App, viewer: &Viewer, new: &NewAccount) -> Result<Account, Problem> {
    viewer.must_administer()?;
    let now = app.now();
    let person = NewPerson {
        handle: new.handle.clone(),
        name: new.name.clone(),
        email: None,
        password_digest: None,
        seat: new.seat,
        zone: "UTC".to_owned(),
    };
    let mut tx = app.db.write().await?;
    let id = match people::register(&mut tx, &person, now).await {
        Err(DbError::Duplicate { .. }) => {
            return Err(Problem::conflict("duplicate", "Somebody has this handle already."));
        }
        done => done?,
    };
    store::insert_account(&mut tx, &id, &new.about, &viewer.id, now).await?;
    let deed = Deed::new(&viewer.id, "service_account.added", id.as_str());
    let after = json!({ "handle": new.handle.as_str(), "seat": new.seat, "about": new.about });
    audit::record(&mut tx, now, deed.after(after)).await?;
    tx.commit().await?;
    Ok(Account {
        id,
        handle: new.handle.as_str().to_owned(),
        name: new.name.as_str().to_owned(),
        seat: new.seat,
        about: new.about.clone(),
        created_at: now,
    })
}
