//! `check` and `audit verify`: whether what is kept is what was written.

use super::client::Client;
use super::{Faulty, Settings};
use crate::audit::{self, Anchor};
use crate::config::Config;
use crate::upkeep::backup;
use crate::upkeep::check::{self, Report};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};

/// Check that every row, reference, attachment, release and line of the audit record is as it was
/// written. Reads only; a server may run.
#[derive(Debug, Args)]
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
    /// [`Faulty`] when something is wrong; otherwise when it cannot be looked at.
    pub async fn offline(self, config: Config, json: bool) -> Result<()> {
        let db = backup::open_to_read(&config.data, config.database_url.as_deref()).await?;
        let report = check::check(&db, &config.data.join("files"), &[]).await?;
        db.close().await;
        self.say(&report, json)
    }

    /// Whether a server is asked.
    pub fn is_online(&self) -> bool {
        self.online
    }

    /// Asks a server.
    ///
    /// # Errors
    /// As [`Check::offline`], and when the server does not answer.
    pub async fn ask(self, client: &Client, json: bool) -> Result<()> {
        let answer = client.get("/admin/check").await?;
        let report: Report = serde_json::from_value(answer).context("another version answers")?;
        self.say(&report, json)
    }

    fn say(&self, report: &Report, json: bool) -> Result<()> {
        if json {
            println!("{}", serde_json::to_string_pretty(report)?);
        } else {
            say(report, self.digest);
        }
        if report.holds { Ok(()) } else { Err(Faulty(report.faults.len()).into()) }
    }
}

/// Prints what a check found.
pub fn say(report: &Report, with_digests: bool) {
    if with_digests {
        for one in &report.tables {
            println!("{:<24} {:>10}  {}", one.table, one.rows, one.digest);
        }
        println!("digest {}", report.digest);
    }
    for fault in &report.faults {
        println!("fault  {}: {}", fault.table, fault.what);
    }
    let rows: u64 = report.tables.iter().map(|one| one.rows).sum();
    println!(
        "{rows} rows, {} files, {} files that no row names",
        report.files, report.files_without_a_row
    );
    println!("anchor {}", report.anchor);
    if report.holds {
        println!("everything is as it was written");
    }
}

/// The audit record.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Walk along the audit record's chain of digests; compare it with anchors kept elsewhere.
    Verify(Verify),
}

/// What to compare with.
#[derive(Debug, Args)]
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
    /// [`Faulty`] when the chain does not hold; otherwise when it cannot be read.
    pub async fn run(self, config: Config, json: bool) -> Result<()> {
        let db = backup::open_to_read(&config.data, config.database_url.as_deref()).await?;
        let mut conn = db.read().await?;
        let verdict = audit::verify(&mut conn, &self.anchor).await?;
        drop(conn);
        db.close().await;
        if json {
            let said = serde_json::json!({
                "holds": verdict.holds(), "lines": verdict.lines,
                "anchor": verdict.head.to_string(), "faults": verdict.faults,
            });
            println!("{said:#}");
        } else {
            verdict.faults.iter().for_each(|fault| println!("fault  {fault}"));
            println!("anchor {}", verdict.head);
            if verdict.holds() {
                println!("{} lines, each as it was written", verdict.lines);
            }
        }
        if verdict.holds() { Ok(()) } else { Err(Faulty(verdict.faults.len()).into()) }
    }
}
