//! Services in the database.

use crate::people::Name;
use crate::teams::{self, TeamId};
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

kit::id!(
    /// A service's id.
    ServiceId,
    "svc"
);

/// A service, for choosing from and for lists.
#[derive(Debug, Clone, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// What its address ends in.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// Which team owns it, by name.
    pub team: Option<String>,
    /// 1, the most critical, to 4.
    pub tier: i64,
    /// What it does, in a line.
    pub description: String,
}

/// What is said of a new service.
#[derive(Debug, Clone)]
pub struct NewService {
    /// What it is called.
    pub name: Name,
    /// Who owns it.
    pub team: Option<TeamId>,
    /// 1 to 4.
    pub tier: i64,
    /// What it does.
    pub description: String,
}

/// Every service, by name.
///
/// # Errors
/// What the database says.
pub async fn all(conn: &mut Conn) -> Result<Vec<Service>> {
    let select = query(sql!(
        "select s.id, s.slug, s.name, t.name as team, s.tier, s.description
         from services s left join teams t on t.id = s.team_id order by s.name_key, s.id"
    ));
    select.all(conn).await
}

/// Adds a service.
///
/// # Errors
/// A duplicate when the name is taken.
pub async fn insert(tx: &mut Tx, new: &NewService, now: Time) -> Result<ServiceId> {
    let id = ServiceId::at(now);
    let insert = query(sql!(
        "insert into services (id, slug, name, name_key, team_id, tier, description, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)"
    ));
    let insert = insert.bind(id.clone()).bind(teams::slug(new.name.as_str()));
    let insert = insert.bind(new.name.as_str().to_owned()).bind(new.name.key());
    let insert = insert.bind(new.team.clone()).bind(new.tier).bind(new.description.clone());
    insert.bind(now).run(tx).await?;
    Ok(id)
}
