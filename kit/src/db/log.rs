//! SQLite's write-ahead log as bytes: what was committed since it was last folded into the file. Who keeps a
//! copy of it folds it themselves, so that nothing in it is written over before it was read.

use super::{Db, Result};
use sqlx::Connection;
use sqlx::pool::PoolConnection;
use sqlx_sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Bytes of the log's own head, and of the head of each page in it.
const HEAD: u64 = 32;
const PAGE_HEAD: u64 = 24;

/// Keeps everybody from writing while it lives.
pub struct Held(PoolConnection<Sqlite>);

/// Waits until nobody writes, and lets nobody begin. None on PostgreSQL.
///
/// # Errors
/// When those who write take too long.
pub async fn hold(db: &Db) -> Result<Option<Held>> {
    match db {
        Db::Sqlite { writer, .. } => Ok(Some(Held(writer.acquire().await?))),
        Db::Postgres(_) => Ok(None),
    }
}

impl Held {
    /// Folds the log into the file, as far as nobody still reads what it replaces. The next write after it was
    /// folded whole begins the log anew.
    ///
    /// # Errors
    /// What the database says.
    pub async fn fold(&mut self) -> Result<()> {
        sqlx::query("pragma wal_checkpoint(passive)").execute(&mut *self.0).await?;
        Ok(())
    }
}

/// A place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which log it is: another once it was begun anew.
    pub log: u64,
    /// Where what was committed ends, in bytes.
    pub end: u64,
}

/// Where the log of a database is.
#[must_use]
pub fn path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Where what was committed ends, looked for from a place known before on; none while nothing was written.
/// Only while it is [`Held`] is that all there is.
///
/// # Errors
/// What reading says.
pub fn committed(log: &File, known: Option<Place>) -> io::Result<Option<Place>> {
    let mut head = [0; 32];
    let size = log.metadata()?.len();
    if size < HEAD {
        return Ok(None);
    }
    log.read_exact_at(&mut head, 0)?;
    let number =
        |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let page = u64::from(number(8));
    let which = u64::from(number(16)) << 32 | u64::from(number(20));
    let known = known.filter(|place| place.log == which);
    let mut end = known.map_or(HEAD, |place| place.end);
    let mut at = end;
    while at + PAGE_HEAD + page <= size {
        let mut head = [0; 24];
        log.read_exact_at(&mut head, at)?;
        let [_, _, _, _, c0, c1, c2, c3, salt @ ..] = head;
        let [s0, s1, s2, s3, s4, s5, s6, s7, ..] = salt;
        if u64::from_be_bytes([s0, s1, s2, s3, s4, s5, s6, s7]) != which {
            break;
        }
        at += PAGE_HEAD + page;
        // The last page of what was committed together says how large the file then was.
        if [c0, c1, c2, c3] != [0; 4] {
            end = at;
        }
    }
    Ok(Some(Place { log: which, end }).filter(|place| place.end > HEAD))
}

/// Folds the log that lies beside a file into it; nobody else may have it open.
///
/// # Errors
/// What the database says.
pub async fn fold(database: &Path) -> Result<()> {
    let options =
        SqliteConnectOptions::new().filename(database).journal_mode(SqliteJournalMode::Wal);
    let mut conn = sqlx_sqlite::SqliteConnection::connect_with(&options).await?;
    sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}
