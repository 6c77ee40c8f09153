//! Which incidents a retrospective covers beside its own, in the database.

use super::retrospective::RetrospectiveId;
use super::store::{Summary, summary, with_kinds};
use crate::access::{PersonId, Viewer};
use crate::incidents::{Incident, IncidentId, Key, Kind, Status};
use crate::{covered_visible, draft_visible, visible};
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

/// An incident that a retrospective covers.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Covered {
    /// The number in its key.
    pub incident_number: i64,
    /// Its title.
    pub title: String,
    /// What kind it was.
    pub kind: Kind,
    /// How bad.
    pub severity: Option<i64>,
    /// Where it is.
    pub status: Status,
    /// When it was written down.
    pub created_at: Time,
    /// Why it belongs here.
    pub reason: String,
    /// Who said so.
    pub name: String,
    /// When.
    pub at: Time,
}

impl Covered {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.incident_number)
    }
}

/// The incidents that a retrospective covers beside its own, those that the viewer sees.
///
/// # Errors
/// What the database says.
pub async fn covered(
    conn: &mut Conn,
    viewer: &Viewer,
    id: &RetrospectiveId,
) -> Result<Vec<Covered>> {
    let select = query(sql!(concat!(
        "select i.number as incident_number, i.title, i.kind, i.severity, i.status, i.created_at,
                c.reason, p.name, c.at
         from retrospective_incidents c join incidents i on i.id = c.covered_id
         join people p on p.id = c.by_person
         where c.retrospective_id = $3 and ",
        visible!(),
        " order by i.number"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(id.clone()).all(conn).await
}

/// What everybody knows of an incident's retrospectives, the newest first; and of those of others that
/// cover it.
///
/// # Errors
/// What the database says.
pub(super) async fn with_covering(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<(Vec<Summary>, Vec<Summary>)> {
    let select = query(sql!(summary!(
        " and (r.incident_id = $3 or r.id in (
              select c.retrospective_id from retrospective_incidents c where c.covered_id = $3))
          order by r.nth desc, r.id desc"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let found = select.bind(incident.id.clone()).all(conn).await?;
    let found = with_kinds(conn, found).await?;
    Ok(found.into_iter().partition(|one| one.incident_number == incident.number))
}

#[derive(sqlx::FromRow)]
struct Lead {
    id: RetrospectiveId,
    incident_id: IncidentId,
}

/// The retrospectives that cover an incident beside their own, with theirs, whoever asks.
///
/// # Errors
/// What the database says.
pub(super) async fn leads_for_system(
    conn: &mut Conn,
    covered: &IncidentId,
) -> Result<Vec<(RetrospectiveId, IncidentId)>> {
    let select = query(sql!(
        "select r.id, r.incident_id from retrospective_incidents c
         join retrospectives r on r.id = c.retrospective_id
         where c.covered_id = $1 order by r.id"
    ));
    let rows: Vec<Lead> = select.bind(covered.clone()).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.incident_id)).collect())
}

/// What the retrospectives of an incident cover beside it, whoever asks.
///
/// # Errors
/// What the database says.
pub(super) async fn covered_for_system(
    conn: &mut Conn,
    incident: &IncidentId,
) -> Result<Vec<(RetrospectiveId, IncidentId)>> {
    let select = query(sql!(
        "select r.id, c.covered_id as incident_id from retrospective_incidents c
         join retrospectives r on r.id = c.retrospective_id
         where r.incident_id = $1 order by r.id, c.covered_id"
    ));
    let rows: Vec<Lead> = select.bind(incident.clone()).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.incident_id)).collect())
}

/// Adds one.
///
/// # Errors
/// What the database says.
pub(super) async fn insert(
    tx: &mut Tx,
    (id, incident): (&RetrospectiveId, &IncidentId),
    (by, reason): (&PersonId, &str),
    now: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into retrospective_incidents (retrospective_id, covered_id, by_person, at, reason)
         values ($1, $2, $3, $4, $5) on conflict (retrospective_id, covered_id) do nothing"
    ));
    let insert = insert.bind(id.clone()).bind(incident.clone()).bind(by.clone());
    insert.bind(now).bind(reason.to_owned()).run(tx).await?;
    Ok(())
}

/// Takes one out. Says whether it was there.
///
/// # Errors
/// What the database says.
pub(super) async fn remove(
    tx: &mut Tx,
    id: &RetrospectiveId,
    incident: &IncidentId,
) -> Result<bool> {
    let delete = query(sql!(
        "delete from retrospective_incidents where retrospective_id = $1 and covered_id = $2"
    ));
    Ok(delete.bind(id.clone()).bind(incident.clone()).run(tx).await? == 1)
}
