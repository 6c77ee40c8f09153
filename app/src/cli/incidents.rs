//! `afterword incidents`: which there are, one, and declaring one.

use super::client::Client;
use super::lists::{Much, list, one_of, show, since, spoken};
use super::out::{minute, text};
use super::{Out, incident_key};
use crate::incidents::{Kind, Label, Status};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// List incidents, show one, declare one.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  afterword incidents
  afterword incidents --severity 1,2 --since 2026-10-01
  afterword incidents --json --all | jq -r '.items[].key'
  afterword incidents show INC-42
  afterword incidents declare \"Nobody can pay\" --severity 1"
)]
pub(super) struct Incidents {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    wanted: Wanted,
}

#[derive(Debug, Args)]
struct Wanted {
    /// In one of these statuses.
    #[arg(long, value_delimiter = ',', value_parser = one_of(Status::ALL.iter().map(|one| one.name())))]
    status: Vec<String>,
    /// Of one of these severities, 1 the worst to 4.
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u8).range(1..=4))]
    severity: Vec<u8>,
    /// Of one of these kinds.
    #[arg(long, value_delimiter = ',', value_parser = one_of(Kind::ALL.iter().map(|one| one.name())))]
    kind: Vec<String>,
    /// With one of these labels.
    #[arg(long, value_delimiter = ',', value_parser = one_of(Label::ALL.iter().map(|one| one.name())))]
    label: Vec<String>,
    /// That hit this service, by its slug.
    #[arg(long)]
    service: Option<String>,
    /// Written down since this day.
    #[arg(long, value_name = "DAY", value_parser = since)]
    since: Option<String>,
    /// Written down before this day.
    #[arg(long, value_name = "DAY", value_parser = since)]
    before: Option<String>,
    #[command(flatten)]
    much: Much,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show an incident.
    #[command(after_help = "Examples:\n  afterword incidents show INC-42")]
    Show {
        /// The incident, such as INC-42.
        #[arg(value_parser = incident_key)]
        incident: String,
    },
    Declare(Declare),
    Near(Near),
}

/// Report a near miss: what nearly happened, and what stopped it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword incidents near \"The migration would have dropped a day of orders.\" \"Noor counted the rows first.\"")]
struct Near {
    /// What nearly happened; the first sentence becomes its title.
    nearly: String,
    /// What stopped it.
    stopped: String,
}

/// Declare an incident, while it runs or after the fact.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword incidents declare \"Nobody can pay\" --severity 1
  afterword incidents declare \"Backups stopped\" --kind data --report-only
  key=$(afterword --json incidents declare \"Nobody can pay\" | jq -r .key)")]
struct Declare {
    /// What happened, in plain words.
    title: String,
    /// Its kind.
    #[arg(long, value_parser = one_of(Kind::OF_INCIDENTS.iter().map(|one| one.name())))]
    kind: Option<String>,
    /// 1, the worst, to 4.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=4))]
    severity: Option<u8>,
    /// Written down after the fact: nobody is on it now.
    #[arg(long)]
    report_only: bool,
    /// Red from the start: only for the people on its list, you first.
    #[arg(long)]
    private: bool,
}

impl Incidents {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        match self.command {
            None => self.wanted.run(client, out).await,
            Some(Command::Show { incident }) => {
                let one = client.get(&format!("/incidents/{incident}")).await?;
                out.answer(&one, &told(client, &one))
            }
            Some(Command::Declare(declare)) => declare.run(client, out).await,
            Some(Command::Near(near)) => {
                let said = json!({ "nearly": near.nearly, "stopped": near.stopped });
                let draft = client.post("/near-misses", &said).await?;
                let url = format!("{}{}", client.url, text(&draft, "url"));
                let key = text(&draft, "incident");
                out.answer(&draft, &format!("Thank you. It is {key}, and stands here: {url}"))
            }
        }
    }
}

impl Wanted {
    fn query(&self) -> Vec<(&'static str, String)> {
        let severities: Vec<String> = self.severity.iter().map(u8::to_string).collect();
        let mut query = Vec::new();
        for (name, values) in [
            ("status[in]", &self.status),
            ("severity[in]", &severities),
            ("kind[in]", &self.kind),
            ("label[in]", &self.label),
        ] {
            if !values.is_empty() {
                query.push((name, values.join(",")));
            }
        }
        let ones = [
            ("service", &self.service),
            ("created_at[gte]", &self.since),
            ("created_at[lt]", &self.before),
        ];
        query.extend(ones.into_iter().filter_map(|(name, one)| Some((name, one.clone()?))));
        query
    }

    async fn run(&self, client: &Client, out: &mut Out) -> Result<()> {
        let found = list(client, "/incidents", &self.query(), &self.much).await?;
        let names = ["key", "severity", "status", "kind", "written down", "title"];
        let empty = "No incident is to be seen with these filters. Declare one: afterword incidents \
                     declare \"Nobody can pay\"";
        show(out, &found, &names, row, empty)
    }
}

fn row(one: &Value) -> Vec<String> {
    let severity = one["severity"].as_i64().map_or("–".to_owned(), |level| level.to_string());
    let label = if one["label"] == "red" { " (red)" } else { "" };
    vec![
        text(one, "key").to_owned(),
        severity,
        spoken(text(one, "status")),
        spoken(text(one, "kind")),
        minute(text(one, "created_at")),
        format!("{}{label}", text(one, "title")),
    ]
}

/// An incident in a few lines.
fn told(client: &Client, one: &Value) -> String {
    let severity = one["severity"].as_i64().map_or(String::new(), |n| format!(", severity {n}"));
    let mut lines = vec![
        format!("{}  {}", text(one, "key"), text(one, "title")),
        format!(
            "{}{severity}, {}, label {}",
            spoken(text(one, "kind")),
            spoken(text(one, "status")),
            text(one, "label")
        ),
        format!("written down {} UTC", minute(text(one, "created_at"))),
    ];
    let description = text(one, "description").trim();
    if !description.is_empty() {
        lines.push(format!("\n{description}\n"));
    }
    lines.push(format!("{}{}", client.url, text(one, "url")));
    lines.join("\n")
}

impl Declare {
    async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let said = json!({
            "title": self.title, "kind": self.kind, "severity": self.severity,
            "report_only": self.report_only, "private": self.private,
        });
        let one = client.post("/incidents", &said).await?;
        let key = text(&one, "key");
        let url = format!("{}{}", client.url, text(&one, "url"));
        let sentence =
            format!("{key} is declared: {url}\nNext: afterword note {key} \"what you see\"");
        out.answer(&one, &sentence)
    }
}
