//! `backup`, `restore` and `move`.

use super::look_after::{holds, say};
use super::{Out, Settings};
use crate::config::Config;
use crate::site;
use crate::upkeep::{backup, copy, history};
use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Timestamp;
use kit::clock::Clock;
use kit::db::{Db, Time, migrate};
use std::path::{Path, PathBuf};

/// Write everything (database, files, key, settings) into one file, while the server runs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  afterword backup /backups/monday.tar --data /srv/afterword")]
pub struct Backup {
    /// The file to write; it must not be there yet.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    pub(super) settings: Settings,
}

impl Backup {
    /// Writes it.
    ///
    /// # Errors
    /// When the database does not answer or the disk is full.
    pub async fn run(self, config: Config, clock: &dyn Clock, out: &mut Out) -> Result<()> {
        let url = config.database_url.as_deref();
        let done = backup::backup(&config.data, url, &self.file, clock.now()).await?;
        for damaged in &done.damaged_files {
            eprintln!("afterword: in the data folder, {damaged}");
        }
        let mib = done.bytes.div_ceil(1 << 20);
        out.line(&format!("{} holds {mib} MiB with {} files", self.file.display(), done.files))?;
        out.line(&format!("anchor {}", done.anchor))?;
        Ok(())
    }
}

/// Unpack a backup into an empty folder, or look whether one could; or bring back a moment of a kept history.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword restore /backups/monday.tar --check
  afterword restore /backups/monday.tar --to /srv/restored --check
  afterword restore /backups/monday.tar --to /srv/restored --into postgres://afterword@localhost/new
  afterword restore /mnt/history --at 2026-11-24T10:15:30Z --to /srv/restored --check")]
pub struct Restore {
    /// The backup; with --at, the folder of history.folder.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The moment to bring back, to the second.
    #[arg(long, value_name = "TIME", requires = "to")]
    at: Option<Timestamp>,
    /// The folder to make; without it, --check looks at the backup and leaves nothing behind.
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    to: Option<PathBuf>,
    /// Check everything that was restored, as `afterword check` does.
    #[arg(long)]
    check: bool,
    /// Put the rows into this empty PostgreSQL database; files and key still go to --to.
    #[arg(long, value_name = "URL", requires = "to")]
    into: Option<String>,
}

impl Restore {
    /// Restores, or looks.
    ///
    /// # Errors
    /// When the backup is refused, or the target is not empty; `Exit::Faulty` when the check finds faults.
    pub async fn run(self, clock: &dyn Clock, out: &mut Out) -> Result<()> {
        let Some(to) = &self.to else {
            let report = backup::try_out(&self.file, clock.now()).await?;
            say(&report, true, out)?;
            return holds(report.faults.len());
        };
        let made_at = match self.at {
            Some(at) => {
                let back = history::restore(&self.file, Time::new(at), to, clock.now()).await?;
                if back.files_missing > 0 {
                    eprintln!("afterword: {} files were not kept", back.files_missing);
                }
                back.at
            }
            None => backup::restore(&self.file, to, clock.now()).await?.made_at,
        };
        out.line(&format!("restored what {} held at {made_at}", self.file.display()))?;
        if let Some(url) = &self.into {
            into_postgres(to, url, clock, out).await?;
        }
        if self.check {
            let report = backup::report(to).await?;
            say(&report, true, out)?;
            holds(report.faults.len())?;
        }
        out.line(&format!("serve it with: afterword serve --data {}", to.display()))?;
        Ok(())
    }
}

async fn into_postgres(folder: &Path, url: &str, clock: &dyn Clock, out: &mut Out) -> Result<()> {
    let from = backup::open_to_read(folder, None).await?;
    let to = target(url, clock).await?;
    copy::copy(&from, &to, &mut |line| drop(out.line(line))).await?;
    from.close().await;
    to.close().await;
    out.line("the rows are in PostgreSQL; name it with --database-url")?;
    Ok(())
}

/// Move every row between SQLite and PostgreSQL; counts and digests are compared before it is done.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword move --from sqlite:/srv/afterword --to postgres://afterword@localhost/afterword")]
pub struct Move {
    /// Where the rows are: sqlite:DATA-FOLDER or postgres://…; nothing is changed there.
    #[arg(long, value_name = "PLACE")]
    from: String,
    /// Where they go: the same, and empty.
    #[arg(long, value_name = "PLACE")]
    to: String,
}

impl Move {
    /// Moves.
    ///
    /// # Errors
    /// When a place is not understood, the target holds something, or a row is not taken.
    pub async fn run(self, clock: &dyn Clock, out: &mut Out) -> Result<()> {
        let from = match self.from.strip_prefix("sqlite:") {
            Some(folder) => backup::open_to_read(&folder_of(folder), None).await?,
            None => backup::open_to_read(Path::new(""), Some(postgres(&self.from)?)).await?,
        };
        let to = target(&self.to, clock).await?;
        let copied = copy::copy(&from, &to, &mut |line| drop(out.line(line))).await?;
        from.close().await;
        to.close().await;
        let rows: u64 = copied.iter().map(|one| one.sum.rows).sum();
        out.line(&format!(
            "moved {rows} rows of {} tables; every count and digest is the same",
            copied.len()
        ))?;
        out.line(
            "The folder `files` and secret.key stay where they are: copy them beside the new database, \
             or keep --data.",
        )?;
        Ok(())
    }
}

/// A data folder, also when its database was named.
fn folder_of(text: &str) -> PathBuf {
    let path = Path::new(text.trim_start_matches("//"));
    match path.file_name() {
        Some(name) if name == backup::DATABASE => {
            path.parent().map(Path::to_owned).unwrap_or_default()
        }
        _ => path.to_owned(),
    }
}

fn postgres(text: &str) -> Result<&str> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(text);
    }
    bail!("`{text}` is no place for rows; say sqlite:DATA-FOLDER or postgres://user@host/database")
}

/// Opens a target and gives it the schema.
async fn target(place: &str, clock: &dyn Clock) -> Result<Db> {
    let db = match place.strip_prefix("sqlite:") {
        Some(folder) => {
            let folder = folder_of(folder);
            std::fs::create_dir_all(&folder)
                .with_context(|| format!("{} cannot be made", folder.display()))?;
            Db::sqlite(&folder.join(backup::DATABASE)).await?
        }
        None => Db::postgres(postgres(place)?, 2)
            .await
            .context("PostgreSQL does not answer; check the address and that it runs")?,
    };
    migrate(&db, site::MIGRATIONS, clock.now()).await.context("the schema cannot be brought up")?;
    Ok(db)
}
