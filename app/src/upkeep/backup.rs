//! Backup while people work, and back again: one archive with the database, the files that its rows
//! name, the key and the settings.

use super::archive::{self, FORMAT, Manifest, Writing};
use super::{check, copy, files};
use crate::audit;
use crate::site;
use anyhow::{Context, Result, bail};
use kit::db::{Db, Time, migrate, sqlite};
use std::path::{Path, PathBuf};

/// Lies in a folder while a backup is unpacked into it; a folder with it is not served.
pub const UNFINISHED: &str = "restore-unfinished";
/// The database's file in a data folder.
pub const DATABASE: &str = "afterword.sqlite";

/// What was backed up.
#[derive(Debug, Clone)]
pub struct BackedUp {
    /// The archive's size in bytes.
    pub bytes: u64,
    /// Files in it.
    pub files: usize,
    /// Where the audit record ends in it.
    pub anchor: String,
    /// Files that rows name and that were not whole.
    pub damaged_files: Vec<String>,
}

/// Opens a folder's database, or PostgreSQL, only to read it. Whoever serves it may go on.
///
/// # Errors
/// When there is no database, or it does not open.
pub async fn open_to_read(data: &Path, url: Option<&str>) -> Result<Db> {
    if let Some(url) = url {
        return Db::postgres(url, 2)
            .await
            .context("PostgreSQL does not answer; check database.url and that it runs");
    }
    let file = data.join(DATABASE);
    if !file.exists() {
        bail!("there is no database in {}; name the data folder with --data", data.display());
    }
    sqlite::open_to_read(&file)
        .await
        .with_context(|| format!("the database {} does not open", file.display()))
}

/// Writes a backup of a data folder (and its PostgreSQL, if it has one) to a file.
///
/// # Errors
/// When the file is there already, the disk is full, or the database does not answer.
pub async fn backup(data: &Path, url: Option<&str>, to: &Path, now: Time) -> Result<BackedUp> {
    if to.exists() {
        bail!("{} is there already; name another file", to.display());
    }
    let db = open_to_read(data, url).await?;
    let beside = to.parent().filter(|path| !path.as_os_str().is_empty());
    let staging = tempfile::Builder::new()
        .prefix(".afterword-backup-")
        .tempdir_in(beside.unwrap_or(Path::new(".")))
        .with_context(|| format!("nothing can be written beside {}", to.display()))?;
    let copied = staging.path().join(DATABASE);
    take_database(&db, &copied, now).await?;
    db.close().await;
    let copy = sqlite::open_to_read(&copied).await?;
    let named = files::named_in(&copy).await?;
    let mut conn = copy.read().await?;
    let anchor = audit::head(&mut conn).await?.to_string();
    drop(conn);
    copy.close().await;
    let folder = data.join("files");
    let damaged = files::look(&folder, &named).faults;
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: now,
        database: db.name().to_owned(),
        migrations: site::MIGRATIONS.iter().map(|step| step.name.to_owned()).collect(),
        anchor: anchor.clone(),
        damaged_files: damaged.clone(),
    };
    let mut writing = Writing::begin(to, &manifest)?;
    writing.add(DATABASE, &copied)?;
    for name in ["secret.key", "afterword.toml"] {
        if data.join(name).exists() {
            writing.add(name, &data.join(name))?;
        }
    }
    let mut count = 0;
    for digest in named.iter().filter(|digest| files::is_digest(digest)) {
        let path = files::place(&folder, digest);
        if path.exists() {
            writing.add(&format!("files/{digest}"), &path)?;
            count += 1;
        }
    }
    Ok(BackedUp { bytes: writing.finish()?, files: count, anchor, damaged_files: damaged })
}

/// The database as it is at one moment, as an SQLite file.
async fn take_database(db: &Db, to: &Path, now: Time) -> Result<()> {
    if sqlite::copy_into(db, to).await.context("the database cannot be copied")? {
        return Ok(());
    }
    let staged = sqlite::open_to_stage(to).await?;
    migrate(&staged, site::MIGRATIONS, now).await?;
    copy::copy(db, &staged, &mut |_| {}).await?;
    staged.close().await;
    Ok(())
}

/// Refuses what is damaged, of a newer format, or has steps of a schema that this version lacks.
///
/// # Errors
/// In words, with what to do.
pub fn inspect(archive: &Path) -> Result<Manifest> {
    let manifest = archive::verify(archive)?;
    let known: Vec<&str> = site::MIGRATIONS.iter().map(|step| step.name).collect();
    let unknown = manifest.migrations.iter().find(|name| !known.contains(&name.as_str()));
    if let Some(step) = unknown {
        bail!(
            "{} was written by Afterword {}, whose schema has {step}; this is {}. Restore with that \
             version or a later one",
            archive.display(),
            manifest.version,
            env!("CARGO_PKG_VERSION")
        );
    }
    Ok(manifest)
}

/// Unpacks a backup into an empty folder; until it is whole, the folder says that it is not, and is not
/// served.
///
/// # Errors
/// When the backup is refused, the folder holds something, or the disk is full.
pub async fn restore(archive: &Path, to: &Path, now: Time) -> Result<Manifest> {
    let manifest = inspect(archive)?;
    std::fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    if std::fs::read_dir(to)?.next().is_some() {
        bail!(
            "{} holds something, so it was left alone; name an empty folder with --to",
            to.display()
        );
    }
    let mark = to.join(UNFINISHED);
    std::fs::write(&mark, "A backup is being unpacked here. When this stays, it did not end.\n")?;
    std::fs::File::open(to)?.sync_all()?;
    archive::unpack(archive, to)?;
    std::fs::create_dir_all(to.join("files"))?;
    let db = Db::sqlite(&to.join(DATABASE)).await?;
    migrate(&db, site::MIGRATIONS, now).await.context("the schema cannot be brought up")?;
    db.close().await;
    std::fs::File::open(to)?.sync_all()?;
    std::fs::remove_file(&mark)?;
    std::fs::File::open(to)?.sync_all()?;
    Ok(manifest)
}

/// Checks a backup through and through: unpacked into a folder that goes away again.
///
/// # Errors
/// When the backup is refused, or there is no room to unpack it.
pub async fn try_out(archive: &Path, now: Time) -> Result<check::Report> {
    let beside: PathBuf = archive.parent().map(Path::to_owned).unwrap_or_default();
    let beside = if beside.as_os_str().is_empty() { PathBuf::from(".") } else { beside };
    let folder = tempfile::Builder::new().prefix(".afterword-restore-").tempdir_in(beside)?;
    let to = folder.path().join("data");
    restore(archive, &to, now).await?;
    report(&to).await
}

/// Checks a restored folder.
///
/// # Errors
/// When the database does not open.
pub async fn report(data: &Path) -> Result<check::Report> {
    let db = open_to_read(data, None).await?;
    let report = check::check(&db, &data.join("files"), &[]).await?;
    db.close().await;
    Ok(report)
}
