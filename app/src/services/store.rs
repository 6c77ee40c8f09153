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
    /// The slug of the team that owns it.
    pub team_slug: Option<String>,
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
        "select s.id, s.slug, s.name, t.name as team, s.tier, s.description, t.slug as team_slug
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

/// Says anew what a service is; its slug stays.
///
/// # Errors
/// A duplicate when the name is taken.
pub async fn update(tx: &mut Tx, id: &ServiceId, said: &NewService) -> Result<()> {
    let update = query(sql!(
        "update services set name = $2, name_key = $3, team_id = $4, tier = $5, description = $6
         where id = $1"
    ));
    let update = update.bind(id.clone()).bind(said.name.as_str().to_owned()).bind(said.name.key());
    let update = update.bind(said.team.clone()).bind(said.tier).bind(said.description.clone());
    update.run(tx).await?;
    Ok(())
}

/// One needs the other to work.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Dependency {
    /// Which one needs.
    pub service_id: ServiceId,
    /// What it needs.
    pub depends_on: ServiceId,
}

/// What needs what, of all services.
///
/// # Errors
/// What the database says.
pub async fn dependencies(conn: &mut Conn) -> Result<Vec<Dependency>> {
    let select = query(sql!(
        "select service_id, depends_on from service_dependencies order by service_id, depends_on"
    ));
    select.all(conn).await
}

/// Writes down that one needs the other. Says whether that is new.
///
/// # Errors
/// What the database says.
pub async fn depend(tx: &mut Tx, service: &ServiceId, on: &ServiceId) -> Result<bool> {
    let insert = query(sql!(
        "insert into service_dependencies (service_id, depends_on) values ($1, $2)
         on conflict (service_id, depends_on) do nothing"
    ));
    Ok(insert.bind(service.clone()).bind(on.clone()).run(tx).await? == 1)
}

/// Takes away all that a service needs.
///
/// # Errors
/// What the database says.
pub(super) async fn depend_on_nothing(tx: &mut Tx, service: &ServiceId) -> Result<()> {
    let delete = query(sql!("delete from service_dependencies where service_id = $1"));
    delete.bind(service.clone()).run(tx).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Id {
    id: ServiceId,
}

/// The service that another catalogue has under this reference.
///
/// # Errors
/// What the database says.
pub async fn by_ref(conn: &mut Conn, reference: &str) -> Result<Option<ServiceId>> {
    let select = query(sql!("select id from services where catalogue_ref = $1"));
    let row: Option<Id> = select.bind(reference.to_owned()).optional(conn).await?;
    Ok(row.map(|row| row.id))
}

/// Remembers where another catalogue has it.
///
/// # Errors
/// What the database says.
pub async fn set_ref(tx: &mut Tx, id: &ServiceId, reference: &str) -> Result<()> {
    let update = query(sql!("update services set catalogue_ref = $2 where id = $1"));
    update.bind(id.clone()).bind(reference.to_owned()).run(tx).await?;
    Ok(())
}
