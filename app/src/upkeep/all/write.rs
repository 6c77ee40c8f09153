//! Everything out.

use super::cell::{line, quoted};
use super::{ABOUT, About, FORMAT, markdown, owned, secret};
use crate::upkeep::copy::key_of;
use crate::upkeep::{files, tables};
use anyhow::{Context, Result, bail};
use kit::db::Db;
use kit::db::Tx;
use kit::db::catalogue::Table;
use kit::db::records::{self, Cell, Record, Which};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const SLICE: i64 = 1_000;

const README: &str = "# Everything that Afterword held

Made by `afterword export --all`; `afterword import --all` takes it into an empty database again.

- `incidents/INC-…/incident.md`: an incident for people, with its timeline; beside it a file for each
  of its retrospectives and releases.
- `incidents/INC-…/records.json`: all of its rows, one a line.
- `organisation/`: what belongs to no incident: people, teams, services, the rest of the audit record.
- `files/`: pictures and other attachments, each under its SHA-256. Files as they were imported (chat exports
  hold tokens and addresses) are there only with `--with-secrets`.

The same content makes the same bytes: keep this folder under git and see what changed.
";

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Incidents.
    pub incidents: u64,
    /// Rows.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Files that rows name and that are not there.
    pub missing_files: Vec<String>,
}

/// Rows of some tables, by table.
pub type Rows = Vec<(Table, Vec<Record>)>;

struct Writing<'a> {
    to: &'a Path,
    tables: Vec<Table>,
    owned: BTreeMap<String, owned::Owned>,
    with_secrets: bool,
    rows: BTreeMap<String, u64>,
    named: BTreeSet<String>,
}

/// Writes everything into an empty folder. All of it is of one moment.
///
/// # Errors
/// When the folder holds something, or the disk is full.
pub async fn export(db: &Db, folder: &Path, to: &Path, with_secrets: bool) -> Result<Exported> {
    prepare(to)?;
    let tables = tables(db)?;
    let owned = owned::conditions(&tables);
    let (rows, named) = (BTreeMap::new(), BTreeSet::new());
    let mut writing = Writing { to, tables, owned, with_secrets, rows, named };
    let mut tx = db.snapshot().await?;
    let incidents = writing.incidents(&mut tx).await?;
    writing.organisation(&mut tx).await?;
    let missing_files = writing.files(folder)?;
    let about = About { format: FORMAT, with_secrets, rows: writing.rows.clone() };
    put(&to.join("README.md"), README)?;
    // The last: a folder without it is no export.
    put(&to.join(ABOUT), &format!("{}\n", serde_json::to_string_pretty(&about)?))?;
    Ok(Exported {
        incidents,
        rows: writing.rows.values().sum(),
        files: writing.named.len() as u64,
        missing_files,
    })
}

/// An empty folder is taken, and one that an export made, which is made anew; `.git` stays.
fn prepare(to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    let is_ours = to.join(ABOUT).exists();
    let mut entries = Vec::new();
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if entry.file_name() != ".git" {
            entries.push(entry);
        }
    }
    if !entries.is_empty() && !is_ours {
        bail!("{} holds something else, so it was left alone; name an empty folder", to.display());
    }
    let ours = [ABOUT, "README.md", "incidents", "organisation", "files"];
    for entry in entries {
        if !ours.contains(&&*entry.file_name().to_string_lossy()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn put(path: &Path, text: &str) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// `{"table": [` and a line for each row.
fn json(rows: &Rows) -> String {
    let mut text = String::from("{");
    for (at, (table, records)) in rows.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&format!("{}: [\n", quoted(&table.name)));
        let lines: Vec<String> = records.iter().map(|record| line(table, record)).collect();
        text.push_str(&lines.join(",\n"));
        text.push_str("\n]");
    }
    text.push_str("\n}\n");
    text
}

impl Writing<'_> {
    /// The rows of a table under a condition, in an order that does not depend on the database.
    async fn rows_of(
        &mut self,
        tx: &mut Tx,
        table: &Table,
        condition: &str,
        value: &str,
    ) -> Result<Vec<Record>> {
        if !self.with_secrets && secret::is_table_of_keys(table) {
            return Ok(Vec::new());
        }
        let mut found: Vec<(String, Record)> = Vec::new();
        let mut after: Option<Record> = None;
        loop {
            let which = if condition.contains("$1") {
                Which::Where(condition, value)
            } else {
                Which::Plain(condition)
            };
            let some = records::slice(tx, table, which, after.as_ref(), SLICE).await;
            let some = some.with_context(|| format!("a row of {} does not read", table.name))?;
            let Some(last) = some.last() else { break };
            after = Some(key_of(table, last));
            for mut record in some {
                if !self.with_secrets {
                    files::leave_behind(table, &mut record);
                    secret::blank(table, &mut record);
                }
                files::named_by(table, &record, &mut self.named);
                found.push((sort_key(table, &record), record));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        *self.rows.entry(table.name.clone()).or_default() += found.len() as u64;
        Ok(found.into_iter().map(|(_, record)| record).collect())
    }

    async fn incidents(&mut self, tx: &mut Tx) -> Result<u64> {
        let of_incidents: Vec<(Table, String)> = self
            .tables
            .iter()
            .filter_map(|table| {
                let condition = self.owned.get(&table.name)?.of_incident.clone()?;
                Some((table.clone(), condition))
            })
            .collect();
        let Some((root, _)) = of_incidents.iter().find(|(table, _)| table.name == "incidents")
        else {
            bail!("there is no table of incidents");
        };
        let root = root.clone();
        let (id, number) = (root.position("id"), root.position("number"));
        let (Some(id), Some(number)) = (id, number) else { bail!("incidents have no number") };
        let mut count = 0;
        let mut after: Option<Record> = None;
        loop {
            let some = records::slice(tx, &root, Which::All, after.as_ref(), SLICE).await?;
            let Some(last) = some.last() else { return Ok(count) };
            after = Some(key_of(&root, last));
            for incident in &some {
                let (Cell::Text(id), Cell::Int(number)) = (&incident[id], &incident[number]) else {
                    bail!("an incident without a number");
                };
                self.incident(tx, &of_incidents, id, *number).await?;
                count += 1;
            }
        }
    }

    async fn incident(
        &mut self,
        tx: &mut Tx,
        of_incidents: &[(Table, String)],
        id: &str,
        number: i64,
    ) -> Result<()> {
        let mut rows = Rows::new();
        for (table, condition) in of_incidents {
            let records = self.rows_of(tx, table, condition, id).await?;
            if !records.is_empty() {
                rows.push((table.clone(), records));
            }
        }
        let folder = self.to.join("incidents").join(format!("INC-{number}"));
        put(&folder.join("records.json"), &json(&rows))?;
        for (name, text) in markdown::pages(&rows) {
            put(&folder.join(name), &text)?;
        }
        Ok(())
    }

    async fn organisation(&mut self, tx: &mut Tx) -> Result<()> {
        for table in self.tables.clone() {
            let Some(owned::Owned { of_none: Some(condition), .. }) = self.owned.get(&table.name)
            else {
                continue;
            };
            let condition = condition.clone();
            let records = self.rows_of(tx, &table, &condition, "").await?;
            if !records.is_empty() {
                let path = self.to.join("organisation").join(format!("{}.json", table.name));
                put(&path, &json(&vec![(table, records)]))?;
            }
        }
        Ok(())
    }

    fn files(&self, folder: &Path) -> Result<Vec<String>> {
        let mut missing = Vec::new();
        for digest in self.named.iter().filter(|digest| files::is_digest(digest)) {
            let (from, to) =
                (files::place(folder, digest), files::place(&self.to.join("files"), digest));
            if !from.exists() {
                missing.push(digest.clone());
                continue;
            }
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::copy(&from, &to).with_context(|| format!("{} cannot be written", to.display()))?;
        }
        Ok(missing)
    }
}

/// A text by which rows are in the order of their key, the same on both databases.
fn sort_key(table: &Table, record: &Record) -> String {
    let parts = table.key.iter().map(|at| match &record[*at] {
        Cell::Text(text) => text.clone(),
        Cell::Int(number) => format!("{:020}", i128::from(*number) + (1 << 63)),
        Cell::Time(at) => format!("{:020}", i128::from(at.microseconds()) + (1 << 63)),
        other => format!("{other:?}"),
    });
    parts.collect::<Vec<_>>().join("\u{1}")
}
