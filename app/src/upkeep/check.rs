//! The store checks itself: every row reads, every reference is answered, the audit record's chain
//! holds, every attachment and release has its digest. In slices, each a short read, so that it can be
//! done while people work.

use super::copy::key_of;
use super::{files, tables};
use crate::audit::{self, Anchor};
use anyhow::Result;
use kit::db::catalogue::Table;
use kit::db::records::{self, Cell, Record, Sum, Which};
use kit::db::{Db, sqlite};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

const SLICE: i64 = 1_000;
/// Faults of one table that are listed; the rest are counted.
const LISTED: usize = 20;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fault {
    /// The table, `files`, or `schema`.
    pub table: String,
    /// What is wrong with it.
    pub what: String,
}

/// One table as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TableSum {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// Their digest; the same on both databases, in whatever order they lie.
    pub digest: String,
}

/// What a check found.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Report {
    /// Whether nothing is wrong.
    pub holds: bool,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// Every table.
    pub tables: Vec<TableSum>,
    /// The digest of all tables: the content's.
    pub digest: String,
    /// Where the audit record ends; keep it elsewhere to notice later that lines were cut off.
    pub anchor: String,
    /// Attachments and raw bodies that rows name.
    pub files: u64,
    /// Files that no row names; what an undone or failed import left.
    pub files_without_a_row: u64,
}

#[derive(Default)]
struct Found {
    faults: Vec<Fault>,
}

impl Found {
    fn add(&mut self, table: &str, what: impl Into<String>) {
        let of_table = self.faults.iter().filter(|one| one.table == table).count();
        match of_table.cmp(&LISTED) {
            std::cmp::Ordering::Less => {
                self.faults.push(Fault { table: table.to_owned(), what: what.into() });
            }
            std::cmp::Ordering::Equal => {
                let what = "and more of the kind".to_owned();
                self.faults.push(Fault { table: table.to_owned(), what });
            }
            std::cmp::Ordering::Greater => {}
        }
    }
}

/// Checks a database and its folder of files; compares the audit record with anchors kept elsewhere.
///
/// # Errors
/// When the database cannot be asked at all.
pub async fn check(db: &Db, folder: &Path, anchors: &[Anchor]) -> Result<Report> {
    let tables = tables(db)?;
    let mut found = Found::default();
    match sqlite::integrity(db).await {
        Ok(lines) => lines.iter().for_each(|line| {
            let table = line.strip_prefix("table ").and_then(|rest| rest.split([' ', ':']).next());
            found.add(table.unwrap_or("schema"), line.as_str());
        }),
        Err(error) => found.add("schema", format!("the file cannot be checked: {error}")),
    }
    schema(db, &tables, &mut found).await;
    let mut sums = Vec::new();
    let mut named = BTreeSet::new();
    for table in &tables {
        match walk(db, table, &mut named, &mut found).await {
            Ok(sum) => {
                let (rows, digest) = (sum.rows, sum.digest());
                sums.push(TableSum { table: table.name.clone(), rows, digest });
            }
            Err(error) => found.add(&table.name, format!("does not read: {error}")),
        }
        references(db, table, &mut found).await;
    }
    let mut conn = db.read().await?;
    let verdict = audit::verify(&mut conn, anchors).await;
    drop(conn);
    let anchor = match verdict {
        Ok(verdict) => {
            verdict.faults.iter().for_each(|fault| found.add("activity", fault.as_str()));
            verdict.head.to_string()
        }
        Err(error) => {
            found.add("activity", format!("the chain does not read: {error}"));
            String::new()
        }
    };
    let (folder, wanted) = (folder.to_owned(), named.clone());
    let looked = tokio::task::spawn_blocking(move || files::look(&folder, &wanted)).await?;
    looked.faults.iter().for_each(|fault| found.add("files", fault.as_str()));
    Ok(Report {
        holds: found.faults.is_empty(),
        faults: found.faults,
        digest: whole(&sums),
        tables: sums,
        anchor,
        files: named.len() as u64,
        files_without_a_row: looked.without_a_row,
    })
}

fn whole(sums: &[TableSum]) -> String {
    let mut hash = Sha256::new();
    for one in sums {
        hash.update(format!("{} {} {}\n", one.table, one.rows, one.digest));
    }
    hex::encode(hash.finalize())
}

async fn schema(db: &Db, tables: &[Table], found: &mut Found) {
    let live = async {
        let mut conn = db.read().await?;
        records::live_columns(&mut conn).await
    };
    let live = match live.await {
        Ok(live) => live,
        Err(error) => return found.add("schema", format!("does not read: {error}")),
    };
    for table in tables {
        for column in &table.columns {
            let is_there = live.iter().any(|(t, c)| *t == table.name && *c == column.name);
            if !is_there {
                found.add(&table.name, format!("has no column {}", column.name));
            }
        }
    }
}

/// Reads every row of a table; collects the digests of files that it names.
async fn walk(
    db: &Db,
    table: &Table,
    named: &mut BTreeSet<String>,
    found: &mut Found,
) -> Result<Sum> {
    let mut sum = Sum::default();
    let mut after = None;
    loop {
        let mut conn = db.read().await?;
        let some = records::slice(&mut conn, table, Which::All, after.as_ref(), SLICE).await?;
        drop(conn);
        let Some(last) = some.last() else { return Ok(sum) };
        after = Some(key_of(table, last));
        for record in &some {
            sum.add(record);
            files::named_by(table, record, named);
            if let Some(what) = frozen(table, record) {
                found.add(&table.name, what);
            }
        }
    }
}

/// A row that holds a document and its digest: whether they still belong together.
fn frozen(table: &Table, record: &Record) -> Option<String> {
    let (json, sha) = (table.position("json")?, table.position("sha256")?);
    let (Cell::Text(json), Cell::Text(sha)) = (&record[json], &record[sha]) else { return None };
    let is_same = hex::encode(Sha256::digest(json.as_bytes())) == *sha;
    let id = match &record[0] {
        Cell::Text(id) => id.as_str(),
        _ => "",
    };
    (!is_same).then(|| format!("{id} is not what was published: its digest differs"))
}

async fn references(db: &Db, table: &Table, found: &mut Found) {
    for column in &table.columns {
        let Some((other, key)) = &column.references else { continue };
        let (name, column) = (&table.name, &column.name);
        let text = format!(
            "select count(*) from {name} c where c.{column} is not null
             and not exists (select 1 from {other} p where p.{key} = c.{column})"
        );
        let counted = async {
            let mut conn = db.read().await?;
            records::number(&mut conn, text).await
        };
        match counted.await {
            Ok(0) => {}
            Ok(n) => found.add(name, format!("{n} rows name a row of {other} that is not there")),
            Err(error) => found.add(name, format!("{column} cannot be followed: {error}")),
        }
    }
}
