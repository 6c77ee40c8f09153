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
}

/// Every team, by name.
///
/// # Errors
/// What the database says.
pub async fn all(conn: &mut Conn) -> Result<Vec<Team>> {
    query(sql!("select id, slug, name from teams order by name_key, id")).all(conn).await
}

/// Every member of every team, by name.
///
/// # Errors
/// What the database says.
pub async fn members(conn: &mut Conn) -> Result<Vec<Member>> {
    let select = query(sql!(
        "select m.team_id, m.person_id, p.name from team_members m
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
