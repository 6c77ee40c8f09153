//! Two databases under one text of portable SQL.
//!
//! A statement is written once, `query(sql!("…")).bind(x).optional(conn)`, and runs on whichever
//! driver the address named. A read takes [`&mut Conn`](Conn), a write [`&mut Tx`](Tx), which is also
//! a `Conn`; so no write is outside a transaction, and the type says so. `sql!` registers its text,
//! so that one test can prepare every statement of the program on both databases.

pub mod catalogue;
mod fault;
pub mod json;
pub mod log;
mod migrate;
mod places;
pub mod records;
pub mod sqlite;
mod time;

pub use migrate::{Migration, migrate};
pub use time::Time;

use sqlx::{Arguments, ConnectOptions, Connection, Encode, FromRow, Transaction, Type};
use sqlx_postgres::{PgArguments, PgPool, PgPoolOptions, PgRow, Postgres};
use sqlx_sqlite::{
    Sqlite, SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

pub use sqlx::types::Json;

/// Why the database could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique index said no. `index` is its name, or the columns, as the database gives it.
    #[error("there is already one ({index})")]
    Duplicate {
        /// What the database calls the index or columns.
        index: String,
    },
    /// The database refused a write because it is full, away, or too busy for too long.
    #[error("the database cannot answer now: {0}")]
    Away(String),
    /// The disk that the database is on is full.
    #[error("the disk of the database is full: {0}")]
    Full(String),
    /// Anything else; a mistake of ours.
    #[error("database: {0}")]
    Other(#[source] sqlx::Error),
}

/// What a database function gives back.
pub type Result<T, E = DbError> = std::result::Result<T, E>;

/// A statement's text and where it stands in the source.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// The portable SQL.
    pub text: &'static str,
    /// The file that holds it.
    pub file: &'static str,
    /// Its line.
    pub line: u32,
}
inventory::collect!(Statement);

/// Every statement of the program.
pub fn statements() -> impl Iterator<Item = &'static Statement> {
    inventory::iter::<Statement>()
}

/// A portable statement; registered, so that a test prepares it on both databases.
#[macro_export]
macro_rules! sql {
    ($text:expr) => {{
        const STATEMENT: $crate::db::Statement =
            $crate::db::Statement { text: $text, file: file!(), line: line!() };
        $crate::inventory::submit! { STATEMENT }
        STATEMENT
    }};
}

/// The database: SQLite in a file, or PostgreSQL at an address.
#[derive(Debug, Clone)]
pub enum Db {
    /// Many readers, one writer in order.
    Sqlite {
        /// Read-only connections.
        readers: SqlitePool,
        /// The one connection that writes.
        writer: SqlitePool,
    },
    /// One pool for both.
    Postgres(PgPool),
}

impl Db {
    /// Opens (and makes, if missing) a SQLite file. WAL, `synchronous=FULL`: acknowledged means on
    /// disk.
    pub async fn sqlite(path: &Path) -> Result<Db> {
        Db::sqlite_whose_log(path, Log::IsFolded).await
    }

    /// The same, and says who folds its log.
    pub async fn sqlite_whose_log(path: &Path, log: Log) -> Result<Db> {
        // After so many pages SQLite itself does it, or never.
        let pages = match log {
            Log::IsFolded => "1000",
            Log::IsKept => "0",
        };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("journal_size_limit", "67108864")
            .pragma("wal_autocheckpoint", pages)
            .pragma("cache_size", "-8000")
            .pragma("trusted_schema", "off");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            .idle_timeout(None)
            .max_lifetime(None)
            // A full disk ends a transaction behind the driver's back; such a connection is made anew.
            .before_acquire(|conn, _| {
                Box::pin(async move { Ok(!sqlx::Connection::is_in_transaction(conn)) })
            })
            .connect_with(options.clone())
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(8)
            .min_connections(0)
            .acquire_timeout(Duration::from_secs(10))
            // A file does not hang up; asking it first whether it is there costs as much as a small read.
            .test_before_acquire(false)
            .connect_lazy_with(options.read_only(true));
        Ok(Db::Sqlite { readers, writer })
    }

    /// Connects to PostgreSQL at a `postgres://` address.
    pub async fn postgres(address: &str, connections: u32) -> Result<Db> {
        let options = sqlx_postgres::PgConnectOptions::from_str(address)?
            .application_name("afterword")
            .options([("timezone", "UTC"), ("statement_timeout", "60s")]);
        // The pool would try for ten seconds and then not say what was wrong.
        options.connect().await?.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await?;
        Ok(Db::Postgres(pool))
    }

    /// What people call it.
    pub fn name(&self) -> &'static str {
        match self {
            Db::Sqlite { .. } => "SQLite",
            Db::Postgres(_) => "PostgreSQL",
        }
    }

    /// A connection to read with.
    pub async fn read(&self) -> Result<Conn> {
        Ok(match self {
            Db::Sqlite { readers, .. } => Conn(Inner::Sqlite(readers.acquire().await?)),
            Db::Postgres(pool) => Conn(Inner::Postgres(pool.acquire().await?)),
        })
    }

    /// A transaction to write in. One at a time on SQLite: a verb opens one and calls no verb.
    pub async fn write(&self) -> Result<Tx> {
        Ok(Tx(Conn(match self {
            Db::Sqlite { writer, .. } => {
                Inner::SqliteTx(writer.begin_with("begin immediate").await?)
            }
            Db::Postgres(pool) => Inner::PostgresTx(pool.begin().await?),
        })))
    }

    /// Waits for connections to end. On SQLite the log is folded into the file.
    pub async fn close(&self) {
        match self {
            Db::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

/// Who folds SQLite's log into its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// SQLite, now and then.
    IsFolded,
    /// Who keeps a copy of it, see [`log`].
    IsKept,
}

enum Inner {
    Sqlite(sqlx::pool::PoolConnection<Sqlite>),
    SqliteTx(Transaction<'static, Sqlite>),
    Postgres(sqlx::pool::PoolConnection<Postgres>),
    PostgresTx(Transaction<'static, Postgres>),
}

/// A connection to read with.
pub struct Conn(Inner);

/// A transaction to write in; rolls back unless committed. Also a [`Conn`].
pub struct Tx(Conn);

impl Tx {
    /// Ends the transaction; returns when it is on the disk.
    pub async fn commit(self) -> Result<()> {
        match self.0.0 {
            Inner::SqliteTx(tx) => tx.commit().await?,
            Inner::PostgresTx(tx) => tx.commit().await?,
            Inner::Sqlite(_) | Inner::Postgres(_) => {}
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// A row that both drivers can read: `#[derive(sqlx::FromRow)]`.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// A value that both drivers can bind.
pub trait Value: Send {
    /// Adds it to SQLite's arguments.
    fn to_sqlite(self: Box<Self>, arguments: &mut SqliteArguments) -> Result<()>;
    /// Adds it to PostgreSQL's arguments.
    fn to_postgres(self: Box<Self>, arguments: &mut PgArguments) -> Result<()>;
}

impl<T> Value for T
where
    T: Send
        + Type<Sqlite>
        + Type<Postgres>
        + for<'q> Encode<'q, Sqlite>
        + for<'q> Encode<'q, Postgres>,
{
    fn to_sqlite(self: Box<Self>, arguments: &mut SqliteArguments) -> Result<()> {
        arguments.add(*self).map_err(|error| DbError::Other(sqlx::Error::Encode(error)))
    }
    fn to_postgres(self: Box<Self>, arguments: &mut PgArguments) -> Result<()> {
        arguments.add(*self).map_err(|error| DbError::Other(sqlx::Error::Encode(error)))
    }
}

/// A statement with its values.
pub struct Query {
    text: &'static str,
    values: Vec<Box<dyn Value>>,
}

/// Begins a query: `query(sql!("…"))`.
pub fn query(statement: Statement) -> Query {
    Query { text: statement.text, values: Vec::new() }
}

/// Runs the same expression on whichever driver it is: written once, compiled twice.
macro_rules! on_either {
    ($query:expr, $conn:expr, |$sql:ident, $arguments:ident, $on:ident| $body:expr) => {
        match &mut $conn.0 {
            Inner::Sqlite(_) | Inner::SqliteTx(_) => {
                let $arguments = $query.sqlite()?;
                let $on: &mut sqlx_sqlite::SqliteConnection = match &mut $conn.0 {
                    Inner::Sqlite(conn) => conn,
                    Inner::SqliteTx(tx) => tx,
                    _ => unreachable!("matched above"),
                };
                let $sql = $query.text;
                $body
            }
            Inner::Postgres(_) | Inner::PostgresTx(_) => {
                let $arguments = $query.postgres()?;
                let $on: &mut sqlx_postgres::PgConnection = match &mut $conn.0 {
                    Inner::Postgres(conn) => conn,
                    Inner::PostgresTx(tx) => tx,
                    _ => unreachable!("matched above"),
                };
                let $sql = $query.text;
                $body
            }
        }
    };
}

impl Query {
    /// The next `$n`.
    pub fn bind<T: Value + 'static>(mut self, value: T) -> Query {
        self.values.push(Box::new(value));
        self
    }

    fn sqlite(&mut self) -> Result<SqliteArguments> {
        if self.values.len() >= places::MANY {
            self.text = places::bare(self.text);
        }
        let mut arguments = SqliteArguments::default();
        for value in self.values.drain(..) {
            value.to_sqlite(&mut arguments)?;
        }
        Ok(arguments)
    }

    fn postgres(&mut self) -> Result<PgArguments> {
        let mut arguments = PgArguments::default();
        for value in self.values.drain(..) {
            value.to_postgres(&mut arguments)?;
        }
        Ok(arguments)
    }

    /// All rows.
    pub async fn all<T: Row>(mut self, conn: &mut Conn) -> Result<Vec<T>> {
        on_either!(self, conn, |sql, arguments, on| {
            Ok(sqlx::query_as_with(sql, arguments).fetch_all(on).await?)
        })
    }

    /// The row, if there is one.
    pub async fn optional<T: Row>(mut self, conn: &mut Conn) -> Result<Option<T>> {
        on_either!(self, conn, |sql, arguments, on| {
            Ok(sqlx::query_as_with(sql, arguments).fetch_optional(on).await?)
        })
    }

    /// The one row there must be.
    pub async fn one<T: Row>(mut self, conn: &mut Conn) -> Result<T> {
        on_either!(self, conn, |sql, arguments, on| {
            Ok(sqlx::query_as_with(sql, arguments).fetch_one(on).await?)
        })
    }

    /// Runs a write; says how many rows it touched.
    pub async fn run(mut self, tx: &mut Tx) -> Result<u64> {
        let conn: &mut Conn = tx;
        on_either!(self, conn, |sql, arguments, on| {
            Ok(sqlx::query_with(sql, arguments).execute(on).await?.rows_affected())
        })
    }
}

/// Asks the database whether it understands a statement, without running it.
pub async fn prepare(conn: &mut Conn, statement: &Statement) -> Result<()> {
    use sqlx::{Executor, SqlSafeStr};
    let text = statement.text.into_sql_str();
    match &mut conn.0 {
        Inner::Sqlite(on) => drop((&mut **on).prepare(text).await?),
        Inner::SqliteTx(on) => drop((&mut **on).prepare(text).await?),
        Inner::Postgres(on) => drop((&mut **on).prepare(text).await?),
        Inner::PostgresTx(on) => drop((&mut **on).prepare(text).await?),
    }
    Ok(())
}
