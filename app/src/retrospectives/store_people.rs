//! The people of a retrospective in the database: who may see its draft.

use super::retrospective::{RetrospectiveId, Role, State};
use crate::access::{PersonId, Viewer};
use crate::{covered_visible, visible};
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

/// In which states a review is something to carry: under way and not on hold.
const CARRIED: [State; 6] = [
    State::Assigned,
    State::Gathering,
    State::Drafting,
    State::InReview,
    State::MeetingHeld,
    State::Finalising,
];

/// Somebody, in one role.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct InRole {
    /// Who.
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
    /// Their handle.
    pub handle: String,
    /// As what.
    pub role: Role,
}

/// Its people, by name.
///
/// # Errors
/// What the database says.
pub async fn people(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<InRole>> {
    let select = query(sql!(
        "select r.person_id, p.name, p.handle, r.role
         from retrospective_people r join people p on p.id = r.person_id
         where r.retrospective_id = $1 order by p.name_key, p.id, r.role"
    ));
    select.bind(id.clone()).all(conn).await
}

/// Adds somebody in a role; once is enough.
///
/// # Errors
/// What the database says.
pub(super) async fn add(
    tx: &mut Tx,
    id: &RetrospectiveId,
    person: &PersonId,
    role: Role,
    now: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into retrospective_people (retrospective_id, person_id, role, added_at)
         values ($1, $2, $3, $4) on conflict (retrospective_id, person_id, role) do nothing"
    ));
    insert.bind(id.clone()).bind(person.clone()).bind(role).bind(now).run(tx).await?;
    Ok(())
}

/// Takes somebody out of all roles. Says whether they were in one.
///
/// # Errors
/// What the database says.
pub(super) async fn remove(tx: &mut Tx, id: &RetrospectiveId, person: &PersonId) -> Result<bool> {
    let delete = query(sql!(
        "delete from retrospective_people where retrospective_id = $1 and person_id = $2"
    ));
    Ok(delete.bind(id.clone()).bind(person.clone()).run(tx).await? > 0)
}

/// Takes a role from whoever has it.
///
/// # Errors
/// What the database says.
pub(super) async fn vacate(tx: &mut Tx, id: &RetrospectiveId, role: Role) -> Result<()> {
    let delete =
        query(sql!("delete from retrospective_people where retrospective_id = $1 and role = $2"));
    delete.bind(id.clone()).bind(role).run(tx).await?;
    Ok(())
}

/// How many reviews that are under way somebody owns.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Load {
    /// Who.
    pub owner_id: PersonId,
    /// How many.
    pub n: i64,
}

/// Who owns how many reviews that are under way and not on hold, whoever asks: so that nobody is asked
/// for one more than they can carry. It is never a figure of its own.
///
/// # Errors
/// What the database says.
pub async fn load_for_system(conn: &mut Conn) -> Result<Vec<Load>> {
    let select = query(sql!(
        "select owner_id, count(*) as n from retrospectives
         where owner_id is not null and state in ($1, $2, $3, $4, $5, $6) group by owner_id"
    ));
    CARRIED.into_iter().fold(select, |select, state| select.bind(state)).all(conn).await
}

/// The same, of the reviews of which this viewer may know: for who hands one over.
///
/// # Errors
/// What the database says.
pub async fn load(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Load>> {
    let select = query(sql!(concat!(
        "select r.owner_id, count(*) as n from retrospectives r join incidents i on i.id = r.incident_id
         where r.owner_id is not null and r.state in ($3, $4, $5, $6, $7, $8) and ",
        covered_visible!("r.id"),
        " and ",
        visible!(),
        " group by r.owner_id"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    CARRIED.into_iter().fold(select, |select, state| select.bind(state)).all(conn).await
}
