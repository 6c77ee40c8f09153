//! `afterword demo-data`: made-up incidents in any amount, for trials and measurements.

use super::{Out, serve};
use crate::config::Config;
use crate::upkeep::made::{self, Plan};
use anyhow::Result;
use clap::Args;
use kit::clock::Clock;
use std::sync::Arc;
use std::time::Instant;

/// Fill an empty folder or database with made-up incidents, the same for the same seed; goes on where
/// it was ended.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword demo-data --incidents 1000 --events 30000 --seed 1 --data /tmp/made-up")]
pub struct DemoData {
    /// How many incidents.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    incidents: u32,
    /// How many pieces of evidence, over all of them.
    #[arg(long, value_name = "M", default_value_t = 30_000)]
    events: u64,
    /// The same seed makes the same data.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    pub(super) settings: super::Settings,
}

impl DemoData {
    /// Makes it.
    ///
    /// # Errors
    /// When the folder or database holds something else.
    pub async fn run(self, config: Config, clock: Arc<dyn Clock>, out: &mut Out) -> Result<()> {
        serve::log_to_stderr(&config);
        let opened = serve::open(config, clock).await?;
        let plan = Plan { incidents: self.incidents, events: self.events, seed: self.seed };
        let began = Instant::now();
        let mut say = |line: &str| eprintln!("  {line}");
        let made = made::make(&opened.app, plan, &mut say).await?;
        opened.app.db.close().await;
        let seconds = began.elapsed().as_secs_f64();
        out.line(&format!(
            "made up {} incidents with {} pieces of evidence: {} rows in {seconds:.1} s",
            made.incidents, made.events, made.rows
        ))?;
        out.line(&format!(
            "sign in as {}@example.org with the password {}",
            made::administrator(),
            crate::demo::PASSWORD
        ))?;
        Ok(())
    }
}
