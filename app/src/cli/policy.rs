//! `afterword policy`: the right-sizing policy shown, checked as a file, and tried over past incidents.

use super::Out;
use super::client::Client;
use super::exit::{Exit, Failure};
use super::out::text;
use crate::policy::{Policy, Wrong, effort_in_words, file};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Show the right-sizing policy; check one that is written as a file, or try it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword policy show > policy.toml
  afterword policy check policy.toml
  afterword policy simulate policy.toml --days 180")]
pub(super) struct PolicyCommand {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the policy in force, as a file.
    #[command(after_help = "Examples:\n  afterword policy show > policy.toml")]
    Show,
    Check(Check),
    Simulate(Simulate),
}

/// Check a policy that is written as a file, without a server; every fault has its line and column.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword policy check policy.toml
  afterword --json policy check policy.toml | jq '.faults[]'")]
pub(super) struct Check {
    /// TOML, as `afterword policy show` prints it.
    file: PathBuf,
}

/// See what a policy would have asked for over past incidents, beside the one in force. Nothing is saved.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword policy simulate policy.toml
  afterword policy simulate policy.toml --days 90 --most 1000")]
pub(super) struct Simulate {
    /// TOML, as `afterword policy show` prints it.
    file: PathBuf,
    /// Over incidents written down in the last days.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: i64,
    /// As many at most.
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(i64).range(1..=20_000))]
    most: i64,
}

/// Reads a file; its faults as lines that editors understand, `policy.toml:12:9: …`.
fn read(path: &Path) -> Result<std::result::Result<Policy, Vec<Wrong>>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(file::parse(&text))
}

fn lines(path: &Path, faults: &[Wrong]) -> String {
    let path = path.display();
    faults.iter().fold(String::new(), |mut all, one| {
        let (line, column) = (one.line.unwrap_or(1), one.column.unwrap_or(1));
        writeln!(all, "{path}:{line}:{column}: {}", one.message).ok();
        all
    })
}

fn refused(path: &Path, faults: &[Wrong]) -> Failure {
    let said = lines(path, faults);
    Failure::new(Exit::Usage, format!("it is not a policy:\n{}", said.trim_end()))
}

impl Check {
    /// Checks the file.
    pub(super) fn run(self, out: &mut Out) -> Result<()> {
        match read(&self.file)? {
            Ok(policy) => {
                let (rules, additions) = (policy.rules.len(), policy.additions.len());
                let said = format!(
                    "{} is whole: {rules} rules, {additions} additions.",
                    self.file.display()
                );
                out.answer(&json!({ "is_whole": true, "faults": [] }), &said)
            }
            Err(faults) => {
                if out.json {
                    out.value(&json!({ "is_whole": false, "faults": faults }))?;
                }
                Err(refused(&self.file, &faults).into())
            }
        }
    }
}

impl Simulate {
    /// Asks a server what it would have asked for.
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let policy = read(&self.file)?.map_err(|faults| refused(&self.file, &faults))?;
        let said = json!({ "document": policy.document, "days": self.days, "most": self.most });
        let trial = client.post("/policy/trials", &said).await?;
        out.answer(&trial, shown(&trial).trim_end())
    }
}

fn shown(trial: &Value) -> String {
    let n = |value: &Value| value.as_i64().unwrap_or(0);
    let mut text = String::new();
    let more = if trial["is_all"] == true { "" } else { "; there are more" };
    let (looked, changed) = (n(&trial["looked_at"]), n(&trial["changed"]));
    writeln!(
        text,
        "{looked} incidents looked at{more}; for {changed} of them something else is chosen.\n"
    )
    .ok();
    let heads = ["kind", "now", "then", "time now", "time then"];
    writeln!(
        text,
        "{:<24} {:>6} {:>6} {:>12} {:>12}",
        heads[0], heads[1], heads[2], heads[3], heads[4]
    )
    .ok();
    for one in trial["kinds"].as_array().into_iter().flatten() {
        let (now, then) = (n(&one["now"]), n(&one["then"]));
        let time = |field: &str| effort_in_words(n(&one[field]));
        let name = one["name"].as_str().unwrap_or_default();
        let (a, b) = (time("minutes_now"), time("minutes_then"));
        writeln!(text, "{name:<24} {now:>6} {then:>6} {a:>12} {b:>12}").ok();
    }
    let time = |field: &str| effort_in_words(n(&trial[field]));
    let (a, b) = (time("minutes_now"), time("minutes_then"));
    writeln!(text, "{:<24} {:>6} {:>6} {a:>12} {b:>12}", "all", "", "").ok();
    let changes = trial["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (at, one) in changes.iter().enumerate() {
        if at == 0 {
            writeln!(text).ok();
        }
        let kind = |field: &str| one[field].as_str().unwrap_or("none").to_owned();
        let (incident, title) = (
            one["incident"].as_str().unwrap_or_default(),
            one["title"].as_str().unwrap_or_default(),
        );
        writeln!(text, "{incident}: {} → {}  {title}", kind("kind_now"), kind("kind_then")).ok();
    }
    text
}

impl PolicyCommand {
    /// Does what needs a server.
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        match self.command {
            Command::Show => {
                let policy = client.get("/policy").await?;
                if out.json {
                    return out.value(&policy);
                }
                out.document(text(&policy, "text").as_bytes())
            }
            Command::Check(check) => check.run(out),
            Command::Simulate(simulate) => simulate.run(client, out).await,
        }
    }
}
