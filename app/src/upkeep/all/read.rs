//! Everything in again: the files go into a database of their own first, in any order; then, whole and
//! looked through, into the empty target in one transaction.

use super::{ABOUT, About, FORMAT, cell};
use crate::site;
use crate::upkeep::copy::{self, Copied};
use crate::upkeep::{files, tables};
use anyhow::{Context, Result, bail};
use kit::db::catalogue::Table;
use kit::db::records;
use kit::db::{Db, Time, migrate, sqlite};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Takes an export into an empty database and its folder of files.
///
/// # Errors
/// When the folder is no export, something in it does not read, a row is missing or of no table, or the
/// target holds something; then nothing was taken.
pub async fn import(from: &Path, to: &Db, folder: &Path, now: Time) -> Result<Vec<Copied>> {
    let about = about(from)?;
    let staging = tempfile::tempdir().context("no room for the rows on their way")?;
    let staged = sqlite::open_to_stage(&staging.path().join("staged.sqlite")).await?;
    migrate(&staged, site::MIGRATIONS, now).await?;
    let rows = stage(from, &staged).await?;
    for (table, expected) in &about.rows {
        let found = rows.get(table).copied().unwrap_or(0);
        if found != *expected {
            bail!(
                "{} has {found} rows of {table} and {ABOUT} says {expected}: a file is missing or was \
                 cut, so nothing was taken",
                from.display()
            );
        }
    }
    take_files(from, folder, &files::named_in(&staged).await?)?;
    let copied = copy::copy(&staged, to, &mut |_| {}).await?;
    staged.close().await;
    Ok(copied)
}

fn about(from: &Path) -> Result<About> {
    let path = from.join(ABOUT);
    let text = fs::read_to_string(&path).with_context(|| {
        format!("{} is no export: {ABOUT} is not there or does not read", from.display())
    })?;
    let about: About = serde_json::from_str(&text)
        .with_context(|| format!("{} is not understood", path.display()))?;
    if about.format > FORMAT {
        bail!(
            "{} is of format {}, and this version reads up to {FORMAT}; use a later version",
            from.display(),
            about.format
        );
    }
    Ok(about)
}

fn record_files(from: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(from.join("organisation")).into_iter().flatten() {
        paths.push(entry?.path());
    }
    for entry in fs::read_dir(from.join("incidents")).into_iter().flatten() {
        paths.push(entry?.path().join("records.json"));
    }
    paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
    paths.sort();
    Ok(paths)
}

async fn stage(from: &Path, staged: &Db) -> Result<BTreeMap<String, u64>> {
    let tables = tables(staged)?;
    let mut tx = staged.write().await?;
    for table in tables.iter().filter(|one| one.seeded) {
        records::clear(&mut tx, table).await?;
    }
    let mut rows = BTreeMap::new();
    for path in record_files(from)? {
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{} does not read", path.display()))?;
        for (table, found) in parsed(&tables, &text).with_context(|| path.display().to_string())? {
            *rows.entry(table.name.clone()).or_default() += found.len() as u64;
            let taken = records::insert(&mut tx, &table, found).await;
            taken.with_context(|| format!("{}: a row of {}", path.display(), table.name))?;
        }
    }
    tx.commit().await?;
    Ok(rows)
}

fn parsed(tables: &[Table], text: &str) -> Result<Vec<(Table, Vec<records::Record>)>> {
    let file: BTreeMap<String, Vec<Box<RawValue>>> = serde_json::from_str(text)?;
    let mut found = Vec::new();
    for (name, rows) in file {
        let table = tables.iter().find(|one| one.name == name);
        let table = table.with_context(|| format!("there is no table {name} in this version"))?;
        let mut records = Vec::with_capacity(rows.len());
        for (n, row) in rows.iter().enumerate() {
            let record = cell::record(table, row);
            records.push(record.with_context(|| format!("row {} of {name}", n + 1))?);
        }
        found.push((table.clone(), records));
    }
    Ok(found)
}

/// Files come by digest, so one that is there already is the same, and one too many does no harm.
fn take_files(from: &Path, folder: &Path, named: &BTreeSet<String>) -> Result<()> {
    for digest in named.iter().filter(|digest| files::is_digest(digest)) {
        let (source, target) =
            (files::place(&from.join("files"), digest), files::place(folder, digest));
        if !source.exists() || target.exists() {
            continue;
        }
        let found = files::digest_of(fs::File::open(&source)?)?;
        if found != *digest {
            bail!("{} has another content than its name says", source.display());
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&source, &target)?;
        fs::File::open(&target)?.sync_all()?;
    }
    Ok(())
}
