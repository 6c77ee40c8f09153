//! What is put on top of kinds, in the database.

use super::retrospective::RetrospectiveId;
use crate::access::PersonId;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

/// That something is put on top of a kind.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PutOn {
    /// The overlay's id.
    pub overlay: String,
    /// Who put it on.
    pub name: String,
    /// When.
    pub at: Time,
    /// Why.
    pub reason: String,
}

/// What is put on top of a retrospective's kind.
///
/// # Errors
/// What the database says.
pub async fn put_on(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<PutOn>> {
    let select = query(sql!(
        "select o.overlay, p.name, o.at, o.reason
         from retrospective_overlays o join people p on p.id = o.by_person
         where o.retrospective_id = $1 order by o.overlay"
    ));
    select.bind(id.clone()).all(conn).await
}

/// Puts something on. Says whether it was not there before.
///
/// # Errors
/// What the database says.
pub(super) async fn insert(
    tx: &mut Tx,
    id: &RetrospectiveId,
    overlay: &str,
    (by, reason): (&PersonId, &str),
    now: Time,
) -> Result<bool> {
    let insert = query(sql!(
        "insert into retrospective_overlays (retrospective_id, overlay, by_person, at, reason)
         values ($1, $2, $3, $4, $5) on conflict (retrospective_id, overlay) do nothing"
    ));
    let insert = insert.bind(id.clone()).bind(overlay.to_owned()).bind(by.clone()).bind(now);
    Ok(insert.bind(reason.to_owned()).run(tx).await? == 1)
}

/// Takes it off. Says whether it was there.
///
/// # Errors
/// What the database says.
pub(super) async fn remove(tx: &mut Tx, id: &RetrospectiveId, overlay: &str) -> Result<bool> {
    let delete = query(sql!(
        "delete from retrospective_overlays where retrospective_id = $1 and overlay = $2"
    ));
    Ok(delete.bind(id.clone()).bind(overlay.to_owned()).run(tx).await? == 1)
}
