//! `check` and `audit verify`: whether what is kept is what was written.

use super::client::Client;
use super::exit::Failure;
use super::{Exit, Out, Settings};
use crate::audit::{self, Anchor};
use crate::config::Config;
use crate::upkeep::backup;
use crate::upkeep::check::{self, Report};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};

/// Check that every row, reference, attachment, release and line of the audit record is as it was
/// written. Reads only; a server may run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword check --data /srv/afterword
  afterword check --digest --json --data /srv/afterword
  afterword check --online")]
pub struct Check {
    /// Print the digest of every table and of the whole; the same on SQLite and PostgreSQL.
    #[arg(long)]
    digest: bool,
    /// Ask a running server (--url, --token) instead of looking into the data folder.
    #[arg(long)]
    online: bool,
    #[command(flatten)]
    pub(super) settings: Settings,
}

impl Check {
    /// Checks a data folder.
    ///
    /// # Errors
    /// [`Exit::Faulty`] when something is wrong; otherwise when it cannot be looked at.
    pub async fn offline(self, config: Config, out: &mut Out) -> Result<()> {
        let db = backup::open_to_read(&config.data, config.database_url.as_deref()).await?;
        let report = check::check(&db, &config.data.join("files"), &[]).await?;
        db.close().await;
        self.say(&report, out)
    }

    /// Whether a server is asked.
    pub fn is_online(&self) -> bool {
        self.online
    }

    /// Asks a server.
    ///
    /// # Errors
    /// As [`Check::offline`], and when the server does not answer.
    pub async fn ask(self, client: &Client, out: &mut Out) -> Result<()> {
        let answer = client.get("/admin/check").await?;
        let report: Report = serde_json::from_value(answer).context("another version answers")?;
        self.say(&report, out)
    }

    fn say(&self, report: &Report, out: &mut Out) -> Result<()> {
        if out.json {
            out.value(&serde_json::to_value(report)?)?;
        } else {
            say(report, self.digest, out)?;
        }
        holds(report.faults.len())
    }
}

/// Done when there is no fault.
pub fn holds(faults: usize) -> Result<()> {
    match faults {
        0 => Ok(()),
        n => {
            Err(Failure::new(Exit::Faulty, format!("{n} faults; the lines above name them")).into())
        }
    }
}

/// Prints what a check found.
pub fn say(report: &Report, with_digests: bool, out: &mut Out) -> Result<()> {
    if with_digests {
        for one in &report.tables {
            out.line(&format!("{:<24} {:>10}  {}", one.table, one.rows, one.digest))?;
        }
        out.line(&format!("digest {}", report.digest))?;
    }
    for fault in &report.faults {
        out.line(&format!("fault  {}: {}", fault.table, fault.what))?;
    }
    let rows: u64 = report.tables.iter().map(|one| one.rows).sum();
    let (files, left) = (report.files, report.files_without_a_row);
    out.line(&format!("{rows} rows, {files} files, {left} files that no row names"))?;
    out.line(&format!("anchor {}", report.anchor))?;
    if report.holds {
        out.line("everything is as it was written")?;
    }
    Ok(())
}

/// The audit record.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Walk along the audit record's chain of digests; compare it with anchors kept elsewhere.
    Verify(Verify),
}

/// What to compare with.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  afterword audit verify --data /srv/afterword")]
pub struct Verify {
    /// A place in the record that was kept elsewhere, as the log has it each day: N:DIGEST.
    #[arg(long, value_name = "N:DIGEST")]
    anchor: Vec<Anchor>,
    #[command(flatten)]
    pub(super) settings: Settings,
}

impl Verify {
    /// Walks.
    ///
    /// # Errors
    /// [`Exit::Faulty`] when the chain does not hold; otherwise when it cannot be read.
    pub async fn run(self, config: Config, out: &mut Out) -> Result<()> {
        let db = backup::open_to_read(&config.data, config.database_url.as_deref()).await?;
        let mut conn = db.read().await?;
        let verdict = audit::verify(&mut conn, &self.anchor).await?;
        drop(conn);
        db.close().await;
        if out.json {
            out.value(&serde_json::json!({
                "holds": verdict.holds(), "lines": verdict.lines,
                "anchor": verdict.head.to_string(), "faults": verdict.faults,
            }))?;
            return holds(verdict.faults.len());
        }
        for fault in &verdict.faults {
            out.line(&format!("fault  {fault}"))?;
        }
        out.line(&format!("anchor {}", verdict.head))?;
        if verdict.holds() {
            out.line(&format!("{} lines, each as it was written", verdict.lines))?;
        }
        holds(verdict.faults.len())
    }
}
