//! Made-up data in any amount, the same for the same seed, for trials and measurements: `afterword
//! demo-data`. Rows are written thousands at a time, so it keeps to what the verbs would have written by
//! test, not by going through them.
//!
//! How far it came is kept with the rows, in one transaction: killed at any moment, it goes on there.

mod chance;
mod incident;
mod organisation;
mod release;
mod retrospective;
mod rows;
mod words;

#[cfg(test)]
mod tests;

use super::copy::must_be_empty;
use super::{Mark, mark, set_mark, tables};
use crate::app::App;
use crate::audit;
use crate::people::password;
use anyhow::{Context, Result, bail};
use kit::db::Tx;
use kit::db::records;
use rows::Rows;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// Under which name the mark stands.
pub const MARK: &str = "made-data";
/// Rows that one transaction writes, more or less.
const BATCH: usize = 20_000;

/// Who can sign in to it and administer.
#[must_use]
pub fn administrator() -> String {
    organisation::handle(0)
}

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// How many incidents.
    pub incidents: u32,
    /// How many pieces of evidence, over all of them.
    pub events: u64,
    /// The seed: the same one makes the same data.
    pub seed: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Progress {
    #[serde(flatten)]
    plan: Plan,
    /// The last incident that is written; 0 when only the organisation is.
    done: u32,
    events_done: u64,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Incidents written in this run.
    pub incidents: u32,
    /// Evidence written in this run.
    pub events: u64,
    /// Rows of all tables written in this run.
    pub rows: u64,
}

/// Makes what the plan says, or what is left of it; says from time to time how far it is.
///
/// # Errors
/// When the database holds something else, or does not take the rows.
pub async fn make(app: &App, plan: Plan, say: &mut dyn FnMut(&str)) -> Result<Made> {
    let mut progress = begin(app, plan).await?;
    if 0 < progress.done && progress.done < plan.incidents {
        say(&format!("going on after incident {} of {}", progress.done, plan.incidents));
    }
    let share = incident::Share::of(plan);
    let began = Instant::now();
    let mut made = Made { incidents: 0, events: 0, rows: 0 };
    let mut said = 0;
    while progress.done < plan.incidents {
        let mut rows = Rows::new(tables(&app.db)?);
        let mut deeds = Vec::new();
        let first = progress.done;
        while progress.done < plan.incidents && rows.count() < BATCH {
            let number = progress.done + 1;
            let events = share.events(number);
            deeds.push(incident::write(&mut rows, plan, number, events));
            progress.done = number;
            progress.events_done += events;
            made.events += events;
        }
        made.incidents += progress.done - first;
        made.rows += rows.count() as u64 + deeds.len() as u64;
        write(app, rows, deeds, &progress).await?;
        let seconds = began.elapsed().as_secs();
        if seconds >= said + 5 {
            said = seconds;
            say(&format!(
                "{} of {} incidents, {} of {} pieces of evidence, {} s",
                progress.done, plan.incidents, progress.events_done, plan.events, seconds
            ));
        }
    }
    Ok(made)
}

async fn write(
    app: &App,
    rows: Rows,
    deeds: Vec<incident::Declared>,
    progress: &Progress,
) -> Result<()> {
    let mut tx = app.db.write().await?;
    put(&mut tx, rows).await?;
    let deeds = deeds.iter().map(incident::Declared::deed).collect();
    audit::record_all(&mut tx, deeds).await?;
    set_mark(&mut tx, MARK, serde_json::to_value(progress)?, app.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn put(tx: &mut Tx, rows: Rows) -> Result<()> {
    for (table, records) in rows.into_tables() {
        let name = table.name.clone();
        let written = records::insert(tx, &table, records).await;
        written.with_context(|| format!("made-up rows of {name} are not taken"))?;
    }
    Ok(())
}

/// Reads how far it came; writes the organisation when nothing is there.
async fn begin(app: &App, plan: Plan) -> Result<Progress> {
    let mut conn = app.db.read().await?;
    if let Some(Mark { value, .. }) = mark(&mut conn, MARK).await? {
        let progress: Progress = serde_json::from_value(value.0)?;
        if progress.plan != plan {
            let Plan { incidents, events, seed } = progress.plan;
            bail!(
                "the database holds made-up data of another plan (--incidents {incidents} --events \
                 {events} --seed {seed}); say the same, or name an empty folder with --data"
            );
        }
        return Ok(progress);
    }
    must_be_empty(&mut conn, &tables(&app.db)?)
        .await
        .context("data is made up in an empty database only, never among real data")?;
    drop(conn);
    let digest = password::hash(app, crate::demo::PASSWORD.to_owned()).await;
    let digest = digest.map_err(|problem| anyhow::anyhow!(problem.detail))?;
    keep_raw_body(app)?;
    let mut rows = Rows::new(tables(&app.db)?);
    organisation::write(&mut rows, plan.seed, &digest);
    let progress = Progress { plan, done: 0, events_done: 0 };
    write(app, rows, Vec::new(), &progress).await?;
    Ok(progress)
}

/// The one raw body that every made-up import is said to come from.
fn keep_raw_body(app: &App) -> Result<()> {
    let folder = app.files().join(&incident::raw_digest()[..2]);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(incident::raw_digest());
    std::fs::write(&path, incident::RAW)?;
    std::fs::File::open(&path)?.sync_all()?;
    Ok(())
}
