//! Versions of settings in the database.

use super::Part;
use crate::access::PersonId;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;
use sha2::{Digest, Sha256};

/// A version as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Kept {
    /// Counts the versions of the part.
    pub version: i64,
    /// What remembers it keeps this number.
    pub fingerprint: i64,
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

/// Which version is in force, without its text.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Known {
    /// What remembers it keeps this number.
    pub fingerprint: i64,
    /// As it came with the product.
    pub is_shipped: bool,
}

/// The number of a text: above those that the product's own have.
#[must_use]
pub fn fingerprint(text: &str) -> i64 {
    let digest = Sha256::digest(text.as_bytes());
    let number = digest.iter().take(6).fold(0_i64, |all, byte| (all << 8) | i64::from(*byte));
    number | (1 << 48)
}

/// The newest version of a part.
///
/// # Errors
/// What the database says.
pub async fn newest(conn: &mut Conn, part: Part) -> Result<Option<Kept>> {
    let select = query(sql!(
        "select v.version, v.fingerprint, v.text, v.note, v.is_shipped, p.name as saved_by,
                v.saved_at
         from settings_versions v left join people p on p.id = v.saved_by
         where v.part = $1 order by v.version desc limit 1"
    ));
    select.bind(part).optional(conn).await
}

/// Which version of a part is the newest.
///
/// # Errors
/// What the database says.
pub async fn newest_known(conn: &mut Conn, part: Part) -> Result<Option<Known>> {
    let select = query(sql!(
        "select fingerprint, is_shipped from settings_versions
         where part = $1 order by version desc limit 1"
    ));
    select.bind(part).optional(conn).await
}

/// The version that something remembers.
///
/// # Errors
/// What the database says.
pub async fn of_fingerprint(conn: &mut Conn, part: Part, fingerprint: i64) -> Result<Option<Kept>> {
    let select = query(sql!(
        "select v.version, v.fingerprint, v.text, v.note, v.is_shipped, p.name as saved_by,
                v.saved_at
         from settings_versions v left join people p on p.id = v.saved_by
         where v.part = $1 and v.fingerprint = $2 order by v.version desc limit 1"
    ));
    select.bind(part).bind(fingerprint).optional(conn).await
}

/// The versions of a part, the newest first.
///
/// # Errors
/// What the database says.
pub async fn list(conn: &mut Conn, part: Part, most: i64) -> Result<Vec<Kept>> {
    let select = query(sql!(
        "select v.version, v.fingerprint, v.text, v.note, v.is_shipped, p.name as saved_by,
                v.saved_at
         from settings_versions v left join people p on p.id = v.saved_by
         where v.part = $1 order by v.version desc limit $2"
    ));
    select.bind(part).bind(most).all(conn).await
}

/// A version that is to be kept.
#[derive(Debug)]
pub struct NewVersion<'a> {
    /// Of which part.
    pub part: Part,
    /// What remembers it keeps this number.
    pub fingerprint: i64,
    /// As it is written.
    pub text: &'a str,
    /// What changed, in words.
    pub note: &'a str,
    /// Who saves it; nobody for what came with the product.
    pub by: Option<&'a PersonId>,
}

#[derive(sqlx::FromRow)]
struct Last {
    version: Option<i64>,
}

/// Keeps a version after the newest; gives its number, or none when somebody was faster.
///
/// # Errors
/// What the database says.
pub async fn keep(tx: &mut Tx, new: &NewVersion<'_>, now: Time) -> Result<Option<i64>> {
    let last = query(sql!("select max(version) as version from settings_versions where part = $1"));
    let last: Last = last.bind(new.part).one(tx).await?;
    let version = last.version.unwrap_or(0) + 1;
    let insert = query(sql!(
        "insert into settings_versions (part, version, fingerprint, text, note, is_shipped,
             saved_by, saved_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (part, version) do nothing"
    ));
    let insert = insert.bind(new.part).bind(version).bind(new.fingerprint);
    let insert = insert.bind(new.text.to_owned()).bind(new.note.to_owned());
    let insert = insert.bind(new.by.is_none()).bind(new.by.cloned()).bind(now);
    Ok((insert.run(tx).await? == 1).then_some(version))
}
