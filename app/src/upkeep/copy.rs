//! Every row from one database into another, of either kind, in one transaction: it is there whole or
//! not at all, and counts and digests of each table are compared before it is.

use super::tables;
use anyhow::{Context, Result, bail};
use kit::db::catalogue::Table;
use kit::db::records::{self, Sum, Which};
use kit::db::{Conn, Db, Tx};

/// Rows read and written at a time.
const SLICE: i64 = 2_000;

/// What was copied of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The table.
    pub table: String,
    /// Its rows and their digest.
    pub sum: Sum,
}

/// Refuses a database that holds anything but what a migration puts there.
///
/// # Errors
/// Names the table that holds something.
pub async fn must_be_empty(conn: &mut Conn, tables: &[Table]) -> Result<()> {
    for table in tables.iter().filter(|one| !one.seeded) {
        let text = format!("select count(*) from (select 1 as n from {} limit 1) x", table.name);
        if records::number(conn, text).await? > 0 {
            bail!(
                "the target holds rows in {}, so nothing was written to it; name an empty database",
                table.name
            );
        }
    }
    Ok(())
}

/// Copies every table; both databases have the schema of this program. Says the tables as they are done.
///
/// # Errors
/// When the target holds something, a row is not taken, or the copy differs; then nothing was written.
pub async fn copy(from: &Db, to: &Db, say: &mut (dyn FnMut(&str) + Send)) -> Result<Vec<Copied>> {
    let (sources, targets) = (tables(from)?, tables(to)?);
    must_have_schema(from, &sources).await?;
    let mut snapshot = from.snapshot().await?;
    let mut tx = to.write().await?;
    must_be_empty(&mut tx, &targets).await?;
    for table in targets.iter().rev().filter(|one| one.seeded) {
        records::clear(&mut tx, table).await?;
    }
    let mut copied = Vec::new();
    for source in &sources {
        let target = targets.iter().find(|one| one.name == source.name);
        let target = target.filter(|one| one.columns == source.columns);
        let target = target.with_context(|| format!("the target has no table {}", source.name))?;
        let sum = copy_table(&mut snapshot, &mut tx, source).await?;
        let arrived = sum_of(&mut tx, target).await?;
        if arrived != sum {
            bail!(
                "{} has {} rows there and {} here, or they differ; nothing was kept",
                source.name,
                arrived.rows,
                sum.rows
            );
        }
        if sum.rows > 0 {
            say(&format!("{:<24} {:>10} rows  {}", source.name, sum.rows, &sum.digest()[..16]));
        }
        copied.push(Copied { table: source.name.clone(), sum });
    }
    tx.commit().await?;
    Ok(copied)
}

/// Refuses a database whose schema is not this program's.
async fn must_have_schema(db: &Db, tables: &[Table]) -> Result<()> {
    let mut conn = db.read().await?;
    let live = records::live_columns(&mut conn).await?;
    for table in tables {
        for column in &table.columns {
            if !live.iter().any(|(t, c)| *t == table.name && *c == column.name) {
                bail!(
                    "the source has no {}.{}: it is of another version; start this version on it once",
                    table.name,
                    column.name
                );
            }
        }
    }
    Ok(())
}

async fn copy_table(from: &mut Tx, to: &mut Tx, table: &Table) -> Result<Sum> {
    let mut sum = Sum::default();
    let mut after = None;
    loop {
        let some = records::slice(from, table, Which::All, after.as_ref(), SLICE).await;
        let some = some.with_context(|| format!("a row of {} does not read", table.name))?;
        let Some(last) = some.last() else { return Ok(sum) };
        after = Some(key_of(table, last));
        some.iter().for_each(|record| sum.add(record));
        let written = records::insert(to, table, some).await;
        written.with_context(|| format!("a row of {} is not taken", table.name))?;
    }
}

/// The cells of a row that are its key.
#[must_use]
pub fn key_of(table: &Table, record: &records::Record) -> records::Record {
    table.key.iter().map(|at| record[*at].clone()).collect()
}

/// Counts and digests a table in slices.
///
/// # Errors
/// What the database says.
pub async fn sum_of(conn: &mut Conn, table: &Table) -> Result<Sum> {
    let mut sum = Sum::default();
    let mut after = None;
    loop {
        let some = records::slice(conn, table, Which::All, after.as_ref(), SLICE).await?;
        let Some(last) = some.last() else { return Ok(sum) };
        after = Some(key_of(table, last));
        some.iter().for_each(|record| sum.add(record));
    }
}
