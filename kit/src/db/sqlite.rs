//! What only SQLite has: a file to look at, to copy while it is written, and to ask by hand.

use super::{Db, DbError, Result};
use sqlx::{AssertSqlSafe, Column as _, Connection, Row as _, TypeInfo, ValueRef};
use sqlx_sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow};
use std::path::Path;
use std::time::Duration;

/// Opens a file that is there, to read it; nothing is made, brought up to date or written.
///
/// # Errors
/// What the database says.
pub async fn open_to_read(path: &Path) -> Result<Db> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("trusted_schema", "off");
    let pool = || SqlitePoolOptions::new().acquire_timeout(Duration::from_secs(10));
    let readers = pool().max_connections(2).connect_with(options.clone()).await?;
    // The one that would write is never asked for anything.
    let writer = pool().max_connections(1).connect_lazy_with(options);
    Ok(Db::Sqlite { readers, writer })
}

/// Opens (and makes) a file that nobody else looks at and that does not outlive the work: rows may come
/// in any order, and nothing waits for the disk.
///
/// # Errors
/// What the database says.
pub async fn open_to_stage(path: &Path) -> Result<Db> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(sqlx_sqlite::SqliteSynchronous::Off)
        .foreign_keys(false);
    let pool = || SqlitePoolOptions::new().acquire_timeout(Duration::from_secs(10));
    let writer = pool().max_connections(1).connect_with(options.clone()).await?;
    let readers = pool().max_connections(2).connect_lazy_with(options);
    Ok(Db::Sqlite { readers, writer })
}

/// Copies the whole database, as it is at one moment, into a new file, while others read and write.
/// None on PostgreSQL.
///
/// # Errors
/// When the file is there already, or the disk is full.
pub async fn copy_into(db: &Db, file: &Path) -> Result<bool> {
    let Db::Sqlite { readers, .. } = db else { return Ok(false) };
    sqlx::query("vacuum into ?1").bind(file.display().to_string()).execute(readers).await?;
    Ok(true)
}

#[derive(sqlx::FromRow)]
struct Said {
    integrity_check: String,
}

#[derive(sqlx::FromRow)]
struct Root {
    name: String,
    of: String,
    rootpage: i64,
}

/// What SQLite itself finds wrong with the file, each line with the table it is of; none on PostgreSQL.
///
/// # Errors
/// When the file is too broken to be asked.
pub async fn integrity(db: &Db) -> Result<Vec<String>> {
    let Db::Sqlite { readers, .. } = db else { return Ok(Vec::new()) };
    let mut on = readers.acquire().await?;
    let text = "select name, tbl_name as of, rootpage from sqlite_schema where rootpage > 0";
    let roots: Vec<Root> = sqlx::query_as(text).fetch_all(&mut *on).await?;
    let whole = sqlx::query_as("pragma integrity_check(100)").fetch_all(&mut *on).await;
    let said: Vec<Said> = match whole {
        Ok(said) => said,
        // A page may be so broken that the check of the whole ends at it: then each table by itself.
        Err(_) => {
            let mut faults = Vec::new();
            for table in roots.iter().filter(|one| one.name == one.of) {
                faults.extend(fault_of(&mut on, table, &roots).await);
            }
            return Ok(faults);
        }
    };
    Ok(lines_of(&said, &roots))
}

/// What is wrong with one table and its indexes.
async fn fault_of(
    on: &mut sqlx_sqlite::SqliteConnection,
    table: &Root,
    roots: &[Root],
) -> Vec<String> {
    let text = format!("pragma integrity_check(\"{}\")", table.name.replace('"', "\"\""));
    match sqlx::query_as(AssertSqlSafe(text)).fetch_all(on).await {
        Ok(said) => lines_of(&said, roots),
        Err(error) => vec![format!("table {}: it cannot be read to its end: {error}", table.name)],
    }
}

fn lines_of(said: &[Said], roots: &[Root]) -> Vec<String> {
    let lines = said.iter().flat_map(|one| one.integrity_check.lines());
    let lines = lines.filter(|line| *line != "ok" && !line.starts_with("*** in database"));
    lines.map(|line| with_table(line, roots)).collect()
}

/// SQLite says `Tree 7 page 12: …`; people know tables.
fn with_table(line: &str, roots: &[Root]) -> String {
    let number = line.strip_prefix("Tree ").and_then(|rest| rest.split([' ', ':']).next());
    let root = number.and_then(|text| text.parse::<i64>().ok());
    match roots.iter().find(|one| Some(one.rootpage) == root) {
        Some(one) if one.name == one.of => format!("table {}: {line}", one.of),
        Some(one) => format!("table {} (index {}): {line}", one.of, one.name),
        None => line.to_owned(),
    }
}

/// What a statement by hand gave.
#[derive(Debug, Default)]
pub struct Given {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, as JSON values; bytes as hexadecimal digits.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// How many rows were changed.
    pub changed: u64,
}

/// Asks a file by hand. Unless `write`, the file is opened so that nothing can change it.
///
/// # Errors
/// What SQLite says of the statement.
pub async fn by_hand(path: &Path, text: &str, write: bool) -> Result<Given> {
    use futures_util::TryStreamExt;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(!write)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("trusted_schema", "off");
    let mut on = sqlx_sqlite::SqliteConnection::connect_with(&options).await?;
    let mut given = Given::default();
    {
        let sql = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        let mut rows = sql.fetch_many(&mut on);
        while let Some(one) = rows.try_next().await? {
            match one {
                sqlx::Either::Left(done) => given.changed += done.rows_affected(),
                sqlx::Either::Right(row) => {
                    given.columns = row.columns().iter().map(|one| one.name().to_owned()).collect();
                    given.rows.push(values(&row)?);
                }
            }
        }
    }
    on.close().await?;
    Ok(given)
}

fn values(row: &SqliteRow) -> Result<Vec<serde_json::Value>> {
    use serde_json::Value;
    let each = (0..row.columns().len()).map(|at| {
        let raw = row.try_get_raw(at)?;
        if raw.is_null() {
            return Ok(Value::Null);
        }
        let kind = raw.type_info().name().to_owned();
        Ok(match kind.as_str() {
            "INTEGER" => row.try_get_unchecked::<i64, _>(at)?.into(),
            "REAL" => row.try_get_unchecked::<f64, _>(at)?.into(),
            "BLOB" => hex::encode(row.try_get_unchecked::<Vec<u8>, _>(at)?).into(),
            _ => row.try_get_unchecked::<String, _>(at)?.into(),
        })
    });
    each.collect::<Result<Vec<_>, sqlx::Error>>().map_err(DbError::from)
}

#[cfg(test)]
mod tests {
    use super::{by_hand, copy_into, integrity, open_to_read};
    use crate::db::{Db, Migration, migrate};
    use std::io::{Seek, SeekFrom, Write};

    const STEPS: &[Migration] =
        &[Migration { name: "1", sql: "create table heron (id text primary key, n bigint);" }];

    async fn filled(folder: &std::path::Path) -> Db {
        let db = Db::sqlite(&folder.join("a.sqlite")).await.unwrap();
        migrate(&db, STEPS, "2026-01-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap().into())
            .await
            .unwrap();
        let Db::Sqlite { writer, .. } = &db else { unreachable!() };
        let many = "with recursive c(n) as (select 1 union all select n + 1 from c where n < 3000)
                    insert into heron select 'heron number ' || n, n from c";
        sqlx::query(many).execute(writer).await.unwrap();
        db
    }

    #[tokio::test]
    async fn a_disk_that_was_full_takes_writes_again() {
        let folder = tempfile::tempdir().unwrap();
        let db = filled(folder.path()).await;
        let Db::Sqlite { writer, .. } = &db else { unreachable!() };
        // A disk without room, and then one with room, for the same connection.
        sqlx::query("pragma max_page_count = 1").execute(writer).await.unwrap();
        let fill = crate::sql!("insert into heron select 'again ' || id, n from heron");
        let mut tx = db.write().await.unwrap();
        let full = crate::db::query(fill).run(&mut tx).await.unwrap_err();
        assert!(matches!(full, crate::db::DbError::Full(_)), "{full}");
        drop(tx);
        sqlx::query("pragma max_page_count = 1000000").execute(writer).await.unwrap();
        let mut tx = db.write().await.unwrap();
        assert_eq!(crate::db::query(fill).run(&mut tx).await.unwrap(), 3000);
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_copy_is_whole_and_a_broken_page_is_named_by_its_table() {
        let folder = tempfile::tempdir().unwrap();
        let db = filled(folder.path()).await;
        let copy = folder.path().join("copy.sqlite");
        assert!(copy_into(&db, &copy).await.unwrap());
        db.close().await;
        let given = by_hand(&copy, "select count(*) as n, 'x' as t, null as z from heron", false);
        let given = given.await.unwrap();
        assert_eq!(given.columns, ["n", "t", "z"]);
        assert_eq!(serde_json::to_string(&given.rows).unwrap(), r#"[[3000,"x",null]]"#);
        let refused = by_hand(&copy, "delete from heron", false).await.unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
        let done = by_hand(&copy, "delete from heron where n > 2990", true).await.unwrap();
        assert_eq!(done.changed, 10);

        assert_eq!(integrity(&open_to_read(&copy).await.unwrap()).await.unwrap(), [""; 0]);
        let mut file = std::fs::File::options().write(true).open(&copy).unwrap();
        let pages = file.metadata().unwrap().len() / 4096;
        file.seek(SeekFrom::Start((pages - 2) * 4096)).unwrap();
        file.write_all(&[0xA7; 4096]).unwrap();
        drop(file);
        let faults = integrity(&open_to_read(&copy).await.unwrap()).await.unwrap();
        assert!(faults.iter().any(|line| line.contains("table heron")), "{faults:?}");
    }
}
