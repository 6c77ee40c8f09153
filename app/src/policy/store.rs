//! Versions of the policy in the database.

use crate::access::PersonId;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

/// A version as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    /// Its number.
    pub version: i64,
    /// As it was written.
    pub text: String,
    /// What changed, in words.
    pub note: String,
    /// As it came with the product.
    pub is_shipped: bool,
    /// The name of who saved it; nobody for one that came with the product.
    pub saved_by: Option<String>,
    /// When.
    pub saved_at: Time,
}

/// The newest version.
///
/// # Errors
/// What the database says.
pub(super) async fn newest(conn: &mut Conn) -> Result<Option<Row>> {
    let select = query(sql!(
        "select v.version, v.text, v.note, v.is_shipped, p.name as saved_by, v.saved_at
         from policy_versions v left join people p on p.id = v.saved_by
         order by v.version desc limit 1"
    ));
    select.optional(conn).await
}

/// One version.
///
/// # Errors
/// What the database says.
pub(super) async fn find(conn: &mut Conn, version: i64) -> Result<Option<Row>> {
    let select = query(sql!(
        "select v.version, v.text, v.note, v.is_shipped, p.name as saved_by, v.saved_at
         from policy_versions v left join people p on p.id = v.saved_by where v.version = $1"
    ));
    select.bind(version).optional(conn).await
}

/// The versions before a number, the newest first.
///
/// # Errors
/// What the database says.
pub(super) async fn list(conn: &mut Conn, before: Option<i64>, most: i64) -> Result<Vec<Row>> {
    let select = query(sql!(
        "select v.version, v.text, v.note, v.is_shipped, p.name as saved_by, v.saved_at
         from policy_versions v left join people p on p.id = v.saved_by
         where v.version < $1 order by v.version desc limit $2"
    ));
    select.bind(before.unwrap_or(i64::MAX)).bind(most).all(conn).await
}

/// A version that is to be kept.
#[derive(Debug)]
pub(super) struct NewVersion<'a> {
    pub version: i64,
    pub text: &'a str,
    pub note: &'a str,
    pub by: Option<&'a PersonId>,
}

/// Keeps a version; one that nobody saved came with the product. Says whether nobody was faster.
///
/// # Errors
/// What the database says.
pub(super) async fn insert(tx: &mut Tx, new: &NewVersion<'_>, now: Time) -> Result<bool> {
    let insert = query(sql!(
        "insert into policy_versions (version, text, note, is_shipped, saved_by, saved_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (version) do nothing"
    ));
    let insert = insert.bind(new.version).bind(new.text.to_owned()).bind(new.note.to_owned());
    let insert = insert.bind(new.by.is_none()).bind(new.by.cloned()).bind(now);
    Ok(insert.run(tx).await? == 1)
}
