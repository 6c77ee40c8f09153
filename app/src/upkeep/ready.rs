//! Whether the product can answer, and what is not as it should be: `/readyz`.

use crate::app::App;
use crate::site;
use kit::db::records;
use kit::db::{Db, Result as DbResult};
use rustix::fs::statvfs;
use serde::Serialize;
use std::path::Path;
use std::time::{Duration, Instant};

/// Below so many bytes of room it says so.
const LITTLE_ROOM: u64 = 1 << 30;
/// A write to the disk that takes longer is said.
const SLOW: Duration = Duration::from_millis(400);
/// A database that does not answer within this does not answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// How it is.
#[derive(Debug, Clone, Serialize)]
pub struct Readiness {
    /// `ready`, `degraded` or `not ready`.
    pub state: &'static str,
    /// What is not as it should be, in words; nothing when it is ready.
    pub why: Vec<String>,
    /// Which database.
    pub database: &'static str,
    /// Room on the disk of the data folder, in bytes.
    pub free_bytes: u64,
    /// Whether the data is made up.
    pub made_up: bool,
}

/// Room left on the disk of a folder, in bytes; none when the disk does not say.
#[must_use]
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let stat = statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Looks at the database, its schema, the disk and whether it can be written.
pub async fn look(app: &App) -> Readiness {
    let mut why = Vec::new();
    let mut is_ready = true;
    let mut made_up = false;
    match tokio::time::timeout(PATIENCE, ask(app)).await {
        Ok(Ok(answer)) => {
            made_up = answer.made_up;
            if answer.steps < answer.wanted {
                is_ready = false;
                why.push(format!(
                    "schema: {} of {} steps ran; start this version once",
                    answer.steps, answer.wanted
                ));
            }
            if answer.loses_commits {
                why.push(
                    "database: synchronous_commit is off, so a power cut loses what was said \
                          to be saved; turn it on"
                        .to_owned(),
                );
            }
        }
        Ok(Err(error)) => {
            is_ready = false;
            why.push(format!("database: {error}"));
        }
        Err(_) => {
            is_ready = false;
            why.push("database: no answer in 3 s".to_owned());
        }
    }
    if let Some(fault) = super::history::fault() {
        why.push(format!("history: the last second is not kept: {fault}"));
    }
    let data = app.config.data.clone();
    let free = free_bytes(&data).unwrap_or(0);
    if free < LITTLE_ROOM {
        let mib = free >> 20;
        why.push(format!("disk: {mib} MiB left for {}; make room", data.display()));
    }
    let probe = tokio::task::spawn_blocking(move || probe(&data)).await;
    match probe {
        Ok(Ok(took)) if took > SLOW => {
            why.push(format!("disk: a write took {} ms", took.as_millis()));
        }
        Ok(Ok(_)) => {}
        Ok(Err(error)) => why.push(format!("disk: the data folder cannot be written: {error}")),
        Err(_) => why.push("disk: the trial of a write did not end".to_owned()),
    }
    let state = match (is_ready, why.is_empty()) {
        (false, _) => "not ready",
        (true, false) => "degraded",
        (true, true) => "ready",
    };
    Readiness { state, why, database: app.db.name(), free_bytes: free, made_up }
}

struct Answer {
    steps: i64,
    wanted: i64,
    loses_commits: bool,
    made_up: bool,
}

async fn ask(app: &App) -> DbResult<Answer> {
    let mut conn = app.db.read().await?;
    let steps = records::number(&mut conn, "select count(*) from migrations".to_owned()).await?;
    let is_sqlite = matches!(app.db, Db::Sqlite { .. });
    let other = if is_sqlite { ".postgres" } else { ".sqlite" };
    let wanted = site::MIGRATIONS.iter().filter(|step| !step.name.ends_with(other)).count();
    let off =
        "select case when current_setting('synchronous_commit') = 'off' then 1 else 0 end::bigint";
    let loses_commits = !is_sqlite && records::number(&mut conn, off.to_owned()).await? == 1;
    let made_up = super::mark(&mut conn, super::made::MARK).await?.is_some();
    Ok(Answer { steps, wanted: i64::try_from(wanted).unwrap_or(0), loses_commits, made_up })
}

/// Writes and syncs a small file; how long it took.
fn probe(data: &Path) -> std::io::Result<Duration> {
    use std::io::Write;
    let began = Instant::now();
    let mut file = tempfile::Builder::new().prefix(".ready-").tempfile_in(data)?;
    file.write_all(b"ready?\n")?;
    file.as_file().sync_all()?;
    Ok(began.elapsed())
}
