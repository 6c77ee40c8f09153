//! Which policy is in force: the newest that was saved, or the one that came with the product.

use super::document::{Policy, Wrong};
use super::store::{self, NewVersion, Row};
use super::{SHIPPED, file};
use crate::kinds;
use kit::db::{Conn, DbError, Result, Time, Tx};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The policy in force.
#[derive(Debug, Clone)]
pub struct Current {
    /// Its version. A shipped one that nobody asked yet has the number that it will be kept under.
    pub version: i64,
    /// As it is written.
    pub text: String,
    /// As it came with the product.
    pub is_shipped: bool,
    /// The name of who saved it.
    pub saved_by: Option<String>,
    /// When; none for one that is not kept yet.
    pub saved_at: Option<Time>,
    /// What changed, in words.
    pub note: String,
    /// Read and checked.
    pub policy: Arc<Policy>,
}

/// The last few policies that were read, by their text: reading takes longer than asking.
type Read = Vec<(String, Arc<Policy>)>;
static READ: LazyLock<Mutex<Read>> = LazyLock::new(Mutex::default);
const KEPT: usize = 8;

/// Reads a policy that was checked before it was kept.
pub(super) fn of_text(text: &str) -> std::result::Result<Arc<Policy>, Vec<Wrong>> {
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, policy)) = read.iter().find(|(known, _)| known == text) {
        return Ok(policy.clone());
    }
    let policy = Arc::new(file::kept(text)?);
    if read.len() == KEPT {
        read.remove(0);
    }
    read.push((text.to_owned(), policy.clone()));
    Ok(policy)
}

/// The policy in force.
///
/// # Errors
/// What the database says.
pub async fn current(conn: &mut Conn) -> Result<Current> {
    let current = of_row(store::newest(conn).await?)?;
    // Another process may have put kinds in force that are not known here yet.
    let mut named = current.policy.document.rules.iter().map(|rule| rule.then.kind.as_str());
    if named.any(|kind| kind != "none" && kinds::find(kind).is_none()) {
        kinds::current(conn).await?;
    }
    Ok(current)
}

/// The policy in force, of the newest version that is kept.
///
/// # Errors
/// When what is kept does not read.
pub(super) fn of_row(newest: Option<Row>) -> Result<Current> {
    let next = newest.as_ref().map_or(1, |row| row.version + 1);
    match newest {
        Some(row) if !row.is_shipped || row.text == SHIPPED => Ok(Current {
            version: row.version,
            is_shipped: row.is_shipped,
            saved_by: row.saved_by,
            saved_at: Some(row.saved_at),
            note: row.note,
            policy: kept(&row.text)?,
            text: row.text,
        }),
        _ => Ok(Current {
            version: next,
            text: SHIPPED.to_owned(),
            is_shipped: true,
            saved_by: None,
            saved_at: None,
            note: NOTE.to_owned(),
            policy: kept(SHIPPED)?,
        }),
    }
}

const NOTE: &str = "as it came with Afterword";

/// A kept text that this program does not read any more is a fault of ours: it was whole when it was saved.
fn kept(text: &str) -> Result<Arc<Policy>> {
    of_text(text).map_err(|wrong| {
        let words: Vec<String> = wrong.iter().map(Wrong::words).collect();
        let said = format!("the policy that is kept does not read: {}", words.join("; "));
        DbError::Other(sqlx::Error::Decode(said.into()))
    })
}

/// The policy in force, kept under its version, so that something can remember it.
///
/// # Errors
/// What the database says.
pub(super) async fn current_kept(tx: &mut Tx, now: Time) -> Result<Current> {
    let mut current = current(tx).await?;
    if current.saved_at.is_none() {
        let new = NewVersion {
            version: current.version,
            text: &current.text,
            note: &current.note,
            by: None,
        };
        // Somebody who was faster kept the same one.
        store::insert(tx, &new, now).await?;
        current.saved_at = Some(now);
    }
    Ok(current)
}
