//! Back to a moment: the file of its generation, and every log since, up to then.

use super::super::backup::{DATABASE, UNFINISHED};
use super::super::files;
use super::{BASE, TIMES, generations, log_of};
use crate::site;
use anyhow::{Context, Result, bail};
use kit::db::{Db, Time, log, migrate};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What was brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Back {
    /// What was committed at this time is there, and nothing later.
    pub at: Time,
    /// Files that rows name and that were not kept.
    pub files_missing: usize,
}

/// A look: up to where which log was committed, when.
struct Look {
    number: u32,
    end: u64,
    at: i64,
}

fn looks(generation: &Path) -> Result<Vec<Look>> {
    let text = fs::read_to_string(generation.join(TIMES))
        .with_context(|| format!("{} does not read", generation.join(TIMES).display()))?;
    // The last line may be cut, by the same fault that made one look for it.
    let look = |line: &str| {
        let mut parts = line.split(' ');
        let (number, end, at) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Look { number: number.parse().ok()?, end: end.parse().ok()?, at: at.parse().ok()? })
    };
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    Ok(whole.lines().filter_map(look).collect())
}

/// Brings the state of a moment back into an empty folder; until it is whole, the folder says that it is not,
/// and is not served.
///
/// # Errors
/// When nothing is kept of that time, the folder holds something, or the disk is full.
pub async fn restore(history: &Path, at: Time, to: &Path, now: Time) -> Result<Back> {
    let all = generations(history);
    let whole = all.iter().filter(|(_, path)| path.join(BASE).exists());
    let mut found = None;
    for (_, generation) in whole.filter(|(began, _)| *began <= at.microseconds()) {
        let looks = looks(generation)?;
        let upto = looks.into_iter().take_while(|look| look.at <= at.microseconds()).last();
        found = upto.map(|look| (generation, look)).or(found);
    }
    let Some((generation, look)) = found else {
        let first = all.first().and_then(|(began, _)| Time::from_microseconds(*began));
        match first {
            Some(first) => bail!("{} keeps nothing before {first}", history.display()),
            None => bail!("{} is no folder that keeps a history", history.display()),
        }
    };
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    if fs::read_dir(to)?.next().is_some() {
        bail!(
            "{} holds something, so it was left alone; name an empty folder with --to",
            to.display()
        );
    }
    let mark = to.join(UNFINISHED);
    fs::write(&mark, "A moment is being brought back here. When this stays, it did not end.\n")?;
    File::open(to)?.sync_all()?;
    let database = to.join(DATABASE);
    fs::copy(generation.join(BASE), &database)?;
    for number in 1..=look.number {
        let end = if number == look.number { look.end } else { u64::MAX };
        lay_beside(&log_of(generation, number), &database, end)?;
        log::fold(&database).await.context("a log cannot be folded into the file")?;
    }
    for name in ["secret.key", "afterword.toml"] {
        if generation.join(name).exists() {
            fs::copy(generation.join(name), to.join(name))?;
        }
    }
    fs::create_dir_all(to.join("files"))?;
    let db = Db::sqlite(&database).await?;
    let files_missing = take_files(&history.join("files"), &to.join("files"), &db).await?;
    migrate(&db, site::MIGRATIONS, now).await.context("the schema cannot be brought up")?;
    db.close().await;
    File::open(to)?.sync_all()?;
    fs::remove_file(&mark)?;
    File::open(to)?.sync_all()?;
    let at = Time::from_microseconds(look.at).context("a time that is none")?;
    Ok(Back { at, files_missing })
}

fn lay_beside(kept: &Path, database: &Path, end: u64) -> Result<()> {
    let from = File::open(kept).with_context(|| format!("{} does not open", kept.display()))?;
    let has = from.metadata()?.len();
    if end != u64::MAX && has < end {
        bail!("{} was cut: it has {has} bytes and {end} were written", kept.display());
    }
    let mut to = File::create(log::path(database))?;
    io::copy(&mut from.take(end), &mut to)?;
    to.sync_all()?;
    Ok(())
}

/// Takes the files that rows name; gives how many are not there.
async fn take_files(from: &Path, to: &Path, db: &Db) -> Result<usize> {
    let mut missing = 0;
    for digest in files::named_in(db).await?.iter().filter(|one| files::is_digest(one)) {
        let (from, to): (PathBuf, PathBuf) = (files::place(from, digest), files::place(to, digest));
        if !from.exists() {
            missing += 1;
            continue;
        }
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&from, &to)?;
        File::open(&to)?.sync_all()?;
    }
    Ok(missing)
}
