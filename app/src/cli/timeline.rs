//! `afterword timeline INC-42`: what happened, as a table or CSV; and writing an entry by hand.

use super::client::Client;
use super::exit::{Exit, Failure};
use super::lists::{Much, list, one_of, show, spoken};
use super::out::{minute, text};
use super::{Out, incident_key};
use crate::evidence::capture;
use crate::incidents::Precision;
use crate::timeline::{Fact, Phase};
use anyhow::Result;
use clap::{Args, Subcommand};
use kit::db::Time;
use serde_json::{Value, json};

/// Show an incident's timeline, or write an entry.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:
  afterword timeline INC-42
  afterword timeline INC-42 --csv > timeline.csv
  afterword timeline add INC-42 \"Rolled back to 1.7.3\" --at 14:10 --fact action --phase repair"
)]
pub(super) struct Timeline {
    #[command(subcommand)]
    command: Option<Command>,
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key, required = true)]
    incident: Option<String>,
    /// As CSV, the same that the page gives.
    #[arg(long)]
    csv: bool,
    /// Only entries that need evidence and cite none.
    #[arg(long, conflicts_with = "csv")]
    unsupported: bool,
    #[command(flatten)]
    much: Much,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Add),
}

/// Write an entry by hand; what evidence tells is better promoted on the page.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword timeline add INC-42 \"Rolled back to 1.7.3\" --at 14:10 --fact action --phase repair
  afterword timeline add INC-42 \"We chose to wait\" --at \"2026-11-12 14:30\" --fact decision")]
struct Add {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// What happened, in plain words.
    text: String,
    /// When, in UTC: 14:02, or 2026-11-12 14:02.
    #[arg(long)]
    at: String,
    /// The kind of fact.
    #[arg(long, value_parser = one_of(Fact::ALL.iter().map(|one| one.name())))]
    fact: String,
    /// The part of the story.
    #[arg(long, value_parser = one_of(Phase::ALL.iter().map(|one| one.name())))]
    phase: Option<String>,
    /// How finely the time is known.
    #[arg(long, value_parser = one_of(Precision::ALL.iter().map(|one| one.name())))]
    precision: Option<String>,
    /// Who or what acted: person:HANDLE, role:WORD, system:NAME or a plain name.
    #[arg(long)]
    actor: Option<String>,
    /// From someone's memory.
    #[arg(long)]
    from_memory: bool,
    /// Ids of the evidence it cites.
    #[arg(long, value_name = "EVIDENCE", value_delimiter = ',')]
    cites: Vec<String>,
}

impl Timeline {
    pub(super) async fn run(self, client: &Client, now: Time, out: &mut Out) -> Result<()> {
        if let Some(Command::Add(add)) = self.command {
            return add.run(client, now, out).await;
        }
        let key = self.incident.unwrap_or_default();
        if self.csv && out.json {
            return Err(Failure::new(Exit::Usage, "name one form: --csv or --json").into());
        }
        if self.csv {
            let csv = client.page(&format!("/i/{key}/timeline.csv")).await?;
            return out.document(&csv);
        }
        let wanted = self.unsupported.then(|| ("unsupported", "true".to_owned()));
        let query: Vec<(&str, String)> = wanted.into_iter().collect();
        let found = list(client, &format!("/incidents/{key}/timeline"), &query, &self.much).await?;
        let empty = format!(
            "The timeline of {key} has no entry. What is known so far proposes one: afterword open {key} \
             timeline"
        );
        show(out, &found, &["at (UTC)", "phase", "fact", "what happened"], row, &empty)
    }
}

fn row(one: &Value) -> Vec<String> {
    let memory = if one["from_memory"] == true { " (from memory)" } else { "" };
    let unsupported = if one["unsupported"] == true { " (no evidence yet)" } else { "" };
    vec![
        minute(text(one, "at")),
        spoken(text(one, "phase")),
        spoken(text(one, "fact")),
        format!("{}{memory}{unsupported}", text(one, "text")),
    ]
}

impl Add {
    async fn run(self, client: &Client, now: Time, out: &mut Out) -> Result<()> {
        let at = capture::when(&self.at, now).map_err(|why| Failure::new(Exit::Usage, why))?;
        let precision = self.precision.as_deref().unwrap_or(at.precision.name());
        let said = json!({
            "at": at.at, "text": self.text, "fact": self.fact, "phase": self.phase,
            "precision": precision, "actor": self.actor, "from_memory": self.from_memory,
            "cites": self.cites,
        });
        let path = format!("/incidents/{}/timeline", self.incident);
        let answer = client.post(&path, &said).await?;
        out.answer(&answer, text(&answer, "says"))
    }
}
