//! Changes of timelines in the database: what was before and after each.

use super::change::ChangeId;
use super::entry::{Entry, EntryId};
use crate::access::PersonId;
use crate::incidents::{Incident, IncidentId};
use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;

#[derive(sqlx::FromRow)]
struct Counted {
    changes: i64,
}

/// Counts the timeline's changes up; whoever else changes it waits until this transaction ends.
///
/// # Errors
/// What the database says.
pub async fn next_number(tx: &mut Tx, incident: &IncidentId) -> Result<i64> {
    let upsert = query(sql!(
        "insert into timelines (incident_id, changes) values ($1, 1)
         on conflict (incident_id) do update set changes = timelines.changes + 1
         returning changes"
    ));
    let counted: Counted = upsert.bind(incident.clone()).one(tx).await?;
    Ok(counted.changes)
}

/// A change to be kept.
#[derive(Debug)]
pub struct NewChange<'a> {
    /// Its id.
    pub id: ChangeId,
    /// Its number among the timeline's changes.
    pub n: i64,
    /// The word for it.
    pub what: &'a str,
    /// What was done, for people.
    pub says: &'a str,
    /// The entries before, whole.
    pub before: Vec<Entry>,
    /// The entries after, whole.
    pub after: Vec<Entry>,
}

/// Keeps a change.
///
/// # Errors
/// What the database says.
pub async fn insert(
    tx: &mut Tx,
    incident: &IncidentId,
    new: NewChange<'_>,
    by: &PersonId,
    now: Time,
) -> Result<()> {
    let mut touched: Vec<EntryId> =
        new.before.iter().chain(&new.after).map(|entry| entry.id.clone()).collect();
    touched.sort();
    touched.dedup();
    let insert = query(sql!(
        "insert into timeline_changes (id, incident_id, n, what, says, by_person, at, entries,
            before, after)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    ));
    let insert = insert.bind(new.id).bind(incident.clone()).bind(new.n).bind(new.what.to_owned());
    let insert = insert.bind(new.says.to_owned()).bind(by.clone()).bind(now).bind(Json(touched));
    insert.bind(Json(new.before)).bind(Json(new.after)).run(tx).await?;
    Ok(())
}

/// A change as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Change {
    /// Its id.
    pub id: ChangeId,
    /// Its number among the timeline's changes.
    pub n: i64,
    /// What was done, for people.
    pub says: String,
    /// Who did it.
    pub by_person: PersonId,
    /// When.
    pub at: Time,
    /// The entries it touched.
    pub entries: Json<Vec<EntryId>>,
    /// When it was undone.
    pub undone_at: Option<Time>,
}

/// A change of this incident's timeline.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, incident: &IncidentId, id: &ChangeId) -> Result<Option<Change>> {
    let select = query(sql!(
        "select id, n, says, by_person, at, entries, undone_at from timeline_changes
         where id = $1 and incident_id = $2"
    ));
    select.bind(id.clone()).bind(incident.clone()).optional(conn).await
}

/// This person's last change of the timeline that is not undone.
///
/// # Errors
/// What the database says.
pub async fn last_by(
    conn: &mut Conn,
    incident: &IncidentId,
    by: &PersonId,
) -> Result<Option<Change>> {
    let select = query(sql!(
        "select id, n, says, by_person, at, entries, undone_at from timeline_changes
         where incident_id = $1 and by_person = $2 and undone_at is null order by n desc limit 1"
    ));
    select.bind(incident.clone()).bind(by.clone()).optional(conn).await
}

/// The changes after a number that are not undone, oldest first.
///
/// # Errors
/// What the database says.
pub async fn after(conn: &mut Conn, incident: &IncidentId, n: i64) -> Result<Vec<Change>> {
    let select = query(sql!(
        "select id, n, says, by_person, at, entries, undone_at from timeline_changes
         where incident_id = $1 and n > $2 and undone_at is null order by n"
    ));
    select.bind(incident.clone()).bind(n).all(conn).await
}

/// The last changes, or those before a number; the newest first.
///
/// # Errors
/// What the database says.
pub async fn recent(
    conn: &mut Conn,
    incident: &Incident,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<Change>> {
    let select = query(sql!(
        "select id, n, says, by_person, at, entries, undone_at from timeline_changes
         where incident_id = $1 and (cast($2 as bigint) is null or n < $2)
         order by n desc limit $3"
    ));
    select.bind(incident.id.clone()).bind(before).bind(most).all(conn).await
}

#[derive(sqlx::FromRow)]
struct Before {
    before: Json<Vec<Entry>>,
}

/// The entries as they were before a change.
///
/// # Errors
/// What the database says.
pub async fn before(conn: &mut Conn, change: &Change) -> Result<Vec<Entry>> {
    let select = query(sql!("select before from timeline_changes where id = $1"));
    let row: Option<Before> = select.bind(change.id.clone()).optional(conn).await?;
    Ok(row.map(|row| row.before.0).unwrap_or_default())
}

/// Marks a change undone, if it was not. Says whether it did.
///
/// # Errors
/// What the database says.
pub async fn mark_undone(tx: &mut Tx, change: &Change, now: Time) -> Result<bool> {
    let update = query(sql!(
        "update timeline_changes set undone_at = $2 where id = $1 and undone_at is null"
    ));
    Ok(update.bind(change.id.clone()).bind(now).run(tx).await? == 1)
}
