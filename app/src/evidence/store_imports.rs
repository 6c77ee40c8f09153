//! Imports in the database: what was brought, how far it came, what was set aside.

use super::import::item::{Mapping, SetAside};
use super::piece::{Import, ImportId, State};
use crate::access::{PersonId, Viewer};
use crate::incidents::IncidentId;
use crate::visible;
use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;

/// Things set aside that are kept with their place and reason; all are counted.
pub const KEPT: i64 = 10_000;

macro_rules! columns {
    () => {
        "m.id, m.incident_id, m.file_name, m.source, m.sha256, m.size_bytes, m.state, m.failure, \
         m.zone, m.day, m.mapping, m.added, m.already, m.set_aside, m.needs_zone, m.imported_by, \
         p.name as imported_by_name, m.imported_at, m.finished_at, m.undone_at"
    };
}

/// What is known of an import when it begins.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// What the file was called.
    pub file_name: String,
    /// The importer.
    pub source: String,
    /// The raw body's digest.
    pub sha256: String,
    /// Its size.
    pub size: i64,
    /// Whether somebody has to say first which column is what.
    pub state: State,
    /// The zone that was said.
    pub zone: Option<String>,
    /// The day that was said.
    pub day: Option<String>,
    /// Which column was said to be what.
    pub mapping: Option<Mapping>,
}

/// Begins an import.
///
/// # Errors
/// What the database says.
pub async fn begin(
    tx: &mut Tx,
    incident: &IncidentId,
    new: &NewImport,
    by: &PersonId,
    now: Time,
) -> Result<ImportId> {
    let id = ImportId::at(now);
    let insert = query(sql!(
        "insert into imports (id, incident_id, file_name, source, sha256, size_bytes, state, zone,
                              day, mapping, added, already, set_aside, needs_zone, imported_by,
                              imported_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, $11, $12, $13)"
    ));
    insert
        .bind(id.clone())
        .bind(incident.clone())
        .bind(new.file_name.clone())
        .bind(new.source.clone())
        .bind(new.sha256.clone())
        .bind(new.size)
        .bind(new.state)
        .bind(new.zone.clone())
        .bind(new.day.clone())
        .bind(new.mapping.clone().map(Json))
        .bind(false)
        .bind(by.clone())
        .bind(now)
        .run(tx)
        .await?;
    Ok(id)
}

/// What an import came to so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// New pieces.
    pub added: i64,
    /// Pieces that were here.
    pub already: i64,
    /// What could not be taken in.
    pub set_aside: i64,
    /// Whether a zone would help.
    pub needs_zone: bool,
}

/// Says how far an import came. Says whether it is still being read: somebody may have stopped it.
///
/// # Errors
/// What the database says.
pub async fn progress(tx: &mut Tx, id: &ImportId, tally: &Tally) -> Result<bool> {
    let update = query(sql!(
        "update imports set added = $2, already = $3, set_aside = $4, needs_zone = $5
         where id = $1 and state = 'reading'"
    ));
    let update = update.bind(id.clone()).bind(tally.added).bind(tally.already);
    Ok(update.bind(tally.set_aside).bind(tally.needs_zone).run(tx).await? == 1)
}

/// Stops an import that waits or is being read; its reader finds out at its next batch. Says whether
/// there was one to stop.
///
/// # Errors
/// What the database says.
pub async fn stop(tx: &mut Tx, id: &ImportId, why: &str) -> Result<bool> {
    let update = query(sql!(
        "update imports set state = 'failed', failure = $2
         where id = $1 and state in ('reading', 'waiting')"
    ));
    Ok(update.bind(id.clone()).bind(why.to_owned()).run(tx).await? == 1)
}

/// All of it is here; from now on it is seen. Says whether it was still being read.
///
/// # Errors
/// What the database says.
pub async fn finish(tx: &mut Tx, id: &ImportId, now: Time) -> Result<bool> {
    let update = query(sql!(
        "update imports set state = 'finished', finished_at = $2
         where id = $1 and state = 'reading'"
    ));
    Ok(update.bind(id.clone()).bind(now).run(tx).await? == 1)
}

/// Nothing of it stays: what it brought first is removed, what it took over stays hidden.
///
/// # Errors
/// What the database says.
pub async fn fail(tx: &mut Tx, incident: &IncidentId, id: &ImportId, why: &str) -> Result<()> {
    let evidence = query(sql!(
        "delete from evidence where incident_id = $2 and import_id = $1 and first_import = $1"
    ));
    evidence.bind(id.clone()).bind(incident.clone()).run(tx).await?;
    let aside = query(sql!("delete from set_asides where import_id = $1"));
    aside.bind(id.clone()).run(tx).await?;
    let update = query(sql!(
        "update imports set state = 'failed', failure = $2, added = 0, already = 0, set_aside = 0
         where id = $1"
    ));
    update.bind(id.clone()).bind(why.to_owned()).run(tx).await?;
    Ok(())
}

/// Keeps some of what was set aside, numbered from `from`.
///
/// # Errors
/// What the database says.
pub async fn set_aside(tx: &mut Tx, id: &ImportId, from: i64, what: &[SetAside]) -> Result<()> {
    for (n, one) in (from..KEPT).zip(what) {
        let insert = query(sql!(
            "insert into set_asides (import_id, n, file, place, why) values ($1, $2, $3, $4, $5)"
        ));
        let insert = insert.bind(id.clone()).bind(n).bind(one.file.clone());
        insert.bind(one.place.clone()).bind(one.why.clone()).run(tx).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct SetAsideRow {
    file: Option<String>,
    place: String,
    why: String,
}

/// What was set aside, of an import that was found for the viewer.
///
/// # Errors
/// What the database says.
pub async fn set_asides(
    conn: &mut Conn,
    import: &Import,
    from: i64,
    most: i64,
) -> Result<Vec<SetAside>> {
    let select = query(sql!(
        "select file, place, why from set_asides where import_id = $1 and n >= $2
         order by n limit $3"
    ));
    let select = select.bind(import.id.clone()).bind(from).bind(most);
    let rows: Vec<SetAsideRow> = select.all(conn).await?;
    let whole = |row: SetAsideRow| SetAside { file: row.file, place: row.place, why: row.why };
    Ok(rows.into_iter().map(whole).collect())
}

/// An import of this incident, if it is there for this viewer.
///
/// # Errors
/// What the database says.
pub async fn find(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &IncidentId,
    id: &ImportId,
) -> Result<Option<Import>> {
    let select = query(sql!(concat!(
        "select ",
        columns!(),
        " from imports m join incidents i on i.id = m.incident_id
          join people p on p.id = m.imported_by
          where m.incident_id = $3 and m.id = $4 and ",
        visible!()
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.clone()).bind(id.clone()).optional(conn).await
}

/// The imports of an incident, the newest first.
///
/// # Errors
/// What the database says.
pub async fn of_incident(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &IncidentId,
    most: i64,
) -> Result<Vec<Import>> {
    before(conn, viewer, incident, None, most).await
}

/// The same, before one of them.
///
/// # Errors
/// What the database says.
pub async fn before(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &IncidentId,
    before: Option<&ImportId>,
    most: i64,
) -> Result<Vec<Import>> {
    let select = query(sql!(concat!(
        "select ",
        columns!(),
        " from imports m join incidents i on i.id = m.incident_id
          join people p on p.id = m.imported_by
          where m.incident_id = $3 and (cast($4 as text) is null or m.id < cast($4 as text)) and ",
        visible!(),
        " order by m.id desc limit $5"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.clone()).bind(before.cloned()).bind(most).all(conn).await
}

/// Takes an import back: its pieces are not seen from now on. Says whether they were.
///
/// # Errors
/// What the database says.
pub async fn undo(tx: &mut Tx, id: &ImportId, by: &PersonId, now: Time) -> Result<bool> {
    let update = query(sql!(
        "update imports set undone_by = $2, undone_at = $3
         where id = $1 and undone_at is null and state = 'finished'"
    ));
    Ok(update.bind(id.clone()).bind(by.clone()).bind(now).run(tx).await? == 1)
}

/// What waited is read now, with what was said. Says whether it waited.
///
/// # Errors
/// What the database says.
pub async fn read_now(tx: &mut Tx, id: &ImportId, said: &super::take_in::Asked) -> Result<bool> {
    let update = query(sql!(
        "update imports set state = 'reading', zone = $2, day = $3, mapping = $4
         where id = $1 and state = 'waiting'"
    ));
    let update = update.bind(id.clone()).bind(said.zone.clone()).bind(said.day.clone());
    Ok(update.bind(said.mapping.clone().map(Json)).run(tx).await? == 1)
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: ImportId,
    incident_id: IncidentId,
}

/// Imports that were being read when the server ended: of one incident, or of all.
///
/// # Errors
/// What the database says.
pub async fn interrupted_for_system(
    conn: &mut Conn,
    incident: Option<&IncidentId>,
) -> Result<Vec<(IncidentId, ImportId)>> {
    let select = query(sql!(
        "select id, incident_id from imports where state = 'reading'
         and (cast($1 as text) is null or incident_id = $1) order by id"
    ));
    let rows: Vec<IdRow> = select.bind(incident.cloned()).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.incident_id, row.id)).collect())
}

#[derive(sqlx::FromRow)]
struct InState {
    n: i64,
}

/// How many imports there are in a state, over all incidents; for those who watch the product.
///
/// # Errors
/// What the database says.
pub async fn in_state(conn: &mut Conn, state: &str) -> Result<i64> {
    let select = query(sql!("select count(*) as n from imports where state = $1"));
    let found: InState = select.bind(state.to_owned()).one(conn).await?;
    Ok(found.n)
}
