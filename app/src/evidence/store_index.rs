//! Evidence as the search index reads it: what an import brought, and what came without one, whoever
//! asks, since the index asks again who looks.

use super::piece::{EvidenceId, ImportId};
use super::store::live;
use crate::incidents::IncidentId;
use kit::db::{Conn, Result, Time, query};
use kit::sql;

/// What a piece says.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Said {
    /// Its id.
    pub id: EvidenceId,
    /// What it says.
    pub body: String,
    /// Who or what said it; e-mail addresses were taken out when it came.
    pub author: Option<String>,
    /// Channel, repository, alert group, file.
    pub place: Option<String>,
    /// The name of the file it is or shows.
    pub file_name: Option<String>,
    /// When it was taken in here.
    pub recorded_at: Time,
}

/// What a live import brought, after an id, in the order of ids, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn of_import_for_system(
    conn: &mut Conn,
    incident: &IncidentId,
    import: &ImportId,
    after: &str,
    most: i64,
) -> Result<Vec<Said>> {
    let select = query(sql!(concat!(
        "select e.id, e.body, e.author, e.place, e.file_name, e.recorded_at from evidence e
         where e.incident_id = $1 and e.import_id = $2 and e.id > $3 and ",
        live!(),
        " order by e.id limit $4"
    )));
    let select = select.bind(incident.clone()).bind(import.clone()).bind(after.to_owned());
    select.bind(most).all(conn).await
}

/// What came without an import, in the order in which it came, whoever asks: after a time and id,
/// up to a time.
///
/// # Errors
/// What the database says.
pub async fn loose_for_system(
    conn: &mut Conn,
    incident: &IncidentId,
    (after, id): (Time, &str),
    until: Time,
    most: i64,
) -> Result<Vec<Said>> {
    let select = query(sql!(
        "select e.id, e.body, e.author, e.place, e.file_name, e.recorded_at from evidence e
         where e.incident_id = $1 and e.import_id is null
           and (e.recorded_at, e.id) > ($2, $3) and e.recorded_at <= $4
         order by e.recorded_at, e.id limit $5"
    ));
    let select = select.bind(incident.clone()).bind(after).bind(id.to_owned());
    select.bind(until).bind(most).all(conn).await
}

#[derive(sqlx::FromRow)]
struct Live {
    id: ImportId,
}

/// The imports of an incident whose pieces are seen, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn imports_for_system(conn: &mut Conn, incident: &IncidentId) -> Result<Vec<ImportId>> {
    let select = query(sql!(
        "select id from imports where incident_id = $1 and state = 'finished'
         and undone_at is null order by id"
    ));
    let rows: Vec<Live> = select.bind(incident.clone()).all(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
