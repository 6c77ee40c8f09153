//! Lines in the database.

use super::{Deed, LineId};
use crate::access::Viewer;
use crate::visible;
use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;
use serde_json::Value;

/// A line as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Line {
    /// When.
    pub at: Time,
    /// Who, by name; none when the product did it.
    pub name: Option<String>,
    /// The word for it.
    pub what: String,
    /// To what.
    pub object: String,
    /// What was.
    pub before: Option<Json<Value>>,
    /// What is.
    pub after: Option<Json<Value>>,
}

/// Writes a line in the verb's transaction.
///
/// # Errors
/// What the database says.
pub async fn record(tx: &mut Tx, at: Time, deed: Deed<'_>) -> Result<()> {
    let insert = query(sql!(
        "insert into activity (id, at, person_id, what, object, incident_id, before, after)
         values ($1, $2, $3, $4, $5, $6, $7, $8)"
    ));
    insert
        .bind(LineId::at(at))
        .bind(at)
        .bind(deed.by.cloned())
        .bind(deed.what.to_owned())
        .bind(deed.object.to_owned())
        .bind(deed.incident.map(str::to_owned))
        .bind(deed.before.map(Json))
        .bind(deed.after.map(Json))
        .run(tx)
        .await?;
    Ok(())
}

/// An incident's lines, the newest first.
///
/// # Errors
/// What the database says.
pub async fn of_incident(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &str,
    most: i64,
) -> Result<Vec<Line>> {
    let select = query(sql!(concat!(
        "select a.at, p.name, a.what, a.object, a.before, a.after
         from activity a join incidents i on i.id = a.incident_id
         left join people p on p.id = a.person_id
         where a.incident_id = $3 and ",
        visible!(),
        " order by a.id desc limit $4"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.to_owned()).bind(most).all(conn).await
}

/// The newest lines this viewer may read, older than `before`.
///
/// # Errors
/// What the database says.
pub async fn recent(
    conn: &mut Conn,
    viewer: &Viewer,
    before: Time,
    most: i64,
) -> Result<Vec<Line>> {
    let select = query(sql!(concat!(
        "select a.at, p.name, a.what, a.object, a.before, a.after
         from activity a left join incidents i on i.id = a.incident_id
         left join people p on p.id = a.person_id
         where a.at < $3 and (a.incident_id is null or ",
        visible!(),
        ") order by a.id desc limit $4"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(before).bind(most).all(conn).await
}
