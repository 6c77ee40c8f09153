//! Teams in the database.

use crate::access::PersonId;
use crate::people::Name;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

kit::id!(
    /// A team's id.
    TeamId,
    "tea"
);

/// A team, for choosing from and for lists.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// What its address ends in.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// What it does, in a line.
    pub description: String,
    /// Who answers for it.
    pub manager_id: Option<PersonId>,
    /// Their name.
    pub manager_name: Option<String>,
}

/// A person of a team.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Member {
    /// Of which team.
    pub team_id: TeamId,
    /// Who.
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
    /// Their handle.
    pub handle: String,
}

/// Every team, by name.
///
/// # Errors
/// What the database says.
pub async fn all(conn: &mut Conn) -> Result<Vec<Team>> {
    let select = query(sql!(
        "select t.id, t.slug, t.name, t.description, t.manager_id, p.name as manager_name
         from teams t left join people p on p.id = t.manager_id order by t.name_key, t.id"
    ));
    select.all(conn).await
}

/// The team of a slug.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, slug: &str) -> Result<Option<Team>> {
    let select = query(sql!(
        "select t.id, t.slug, t.name, t.description, t.manager_id, p.name as manager_name
         from teams t left join people p on p.id = t.manager_id where t.slug = $1"
    ));
    select.bind(slug.to_owned()).optional(conn).await
}

/// Every member of every team, by name.
///
/// # Errors
/// What the database says.
pub async fn members(conn: &mut Conn) -> Result<Vec<Member>> {
    let select = query(sql!(
        "select m.team_id, m.person_id, p.name, p.handle from team_members m
         join people p on p.id = m.person_id order by p.name_key, p.id"
    ));
    select.all(conn).await
}

/// Adds a team.
///
/// # Errors
/// A duplicate when the name is taken.
pub async fn insert(tx: &mut Tx, name: &Name, now: Time) -> Result<TeamId> {
    let id = TeamId::at(now);
    let insert = query(sql!(
        "insert into teams (id, slug, name, name_key, created_at) values ($1, $2, $3, $4, $5)"
    ));
    let insert = insert.bind(id.clone()).bind(super::slug(name.as_str()));
    insert.bind(name.as_str().to_owned()).bind(name.key()).bind(now).run(tx).await?;
    Ok(id)
}

/// Adds somebody to a team.
///
/// # Errors
/// What the database says.
pub async fn join(tx: &mut Tx, team: &TeamId, person: &PersonId) -> Result<()> {
    let insert = query(sql!(
        "insert into team_members (team_id, person_id) values ($1, $2)
         on conflict (team_id, person_id) do nothing"
    ));
    insert.bind(team.clone()).bind(person.clone()).run(tx).await?;
    Ok(())
}

/// Takes somebody out of a team. Says whether they were in it.
///
/// # Errors
/// What the database says.
pub(super) async fn leave(tx: &mut Tx, team: &TeamId, person: &PersonId) -> Result<bool> {
    let delete = query(sql!("delete from team_members where team_id = $1 and person_id = $2"));
    Ok(delete.bind(team.clone()).bind(person.clone()).run(tx).await? == 1)
}

/// What is said of a team anew.
#[derive(Debug, Clone)]
pub struct TeamSaid {
    /// Its name; its slug stays.
    pub name: Name,
    /// What it does.
    pub description: String,
    /// Who answers for it.
    pub manager: Option<PersonId>,
}

/// Says anew what a team is.
///
/// # Errors
/// A duplicate when the name is taken.
pub async fn update(tx: &mut Tx, id: &TeamId, said: &TeamSaid) -> Result<()> {
    let update = query(sql!(
        "update teams set name = $2, name_key = $3, description = $4, manager_id = $5 where id = $1"
    ));
    let update = update.bind(id.clone()).bind(said.name.as_str().to_owned()).bind(said.name.key());
    update.bind(said.description.clone()).bind(said.manager.clone()).run(tx).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Id {
    id: TeamId,
}

/// The team that another catalogue has under this reference.
///
/// # Errors
/// What the database says.
pub async fn by_ref(conn: &mut Conn, reference: &str) -> Result<Option<TeamId>> {
    let select = query(sql!("select id from teams where catalogue_ref = $1"));
    let row: Option<Id> = select.bind(reference.to_owned()).optional(conn).await?;
    Ok(row.map(|row| row.id))
}

/// Remembers where another catalogue has it.
///
/// # Errors
/// What the database says.
pub async fn set_ref(tx: &mut Tx, id: &TeamId, reference: &str) -> Result<()> {
    let update = query(sql!("update teams set catalogue_ref = $2 where id = $1"));
    update.bind(id.clone()).bind(reference.to_owned()).run(tx).await?;
    Ok(())
}

/// The teams of somebody, by name.
///
/// # Errors
/// What the database says.
pub async fn of_person(conn: &mut Conn, person: &PersonId) -> Result<Vec<TeamId>> {
    let select = query(sql!(
        "select t.id from team_members m join teams t on t.id = m.team_id
         where m.person_id = $1 order by t.name_key, t.id"
    ));
    let rows: Vec<Id> = select.bind(person.clone()).all(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
