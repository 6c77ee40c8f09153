//! `afterword catalogue import`: people, teams and services from tables and Backstage's files.

use super::Out;
use super::client::Client;
use super::exit::{Exit, Failure};
use super::import::Ended;
use super::out::text;
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

/// Bring people, teams and services in from files.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword catalogue import people.csv teams.csv services.csv --preview
  afterword catalogue import catalog-info.yaml")]
pub(super) struct Catalogue {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Import(Import),
}

/// Bring in tables (CSV) and Backstage's catalog-info.yaml; the same files again change nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword catalogue import people.csv teams.csv services.csv --preview
  afterword catalogue import catalog-info.yaml
  afterword --json catalogue import services.csv | jq '.set_aside'")]
struct Import {
    /// Tables and YAML files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Only say what would change; write nothing.
    #[arg(long)]
    preview: bool,
}

fn shown(came: &Value, is_preview: bool) -> String {
    let mut all = String::new();
    for line in came["lines"].as_array().into_iter().flatten() {
        let (did, what, name) = (text(line, "did"), text(line, "what"), text(line, "name"));
        let at = format!("{}:{}", text(line, "file"), line["line"]);
        let changes = line["changes"].as_array().into_iter().flatten();
        let changes: Vec<&str> = changes.filter_map(Value::as_str).collect();
        match did {
            "set_aside" => writeln!(all, "{at}: {what} {name}: set aside. {}", text(line, "why")),
            "left_alone" => Ok(()),
            did if changes.is_empty() => writeln!(all, "{at}: {what} {name}: {did}"),
            did => writeln!(all, "{at}: {what} {name}: {did}; {}", changes.join("; ")),
        }
        .ok();
    }
    let n = |field: &str| came[field].as_i64().unwrap_or(0);
    let (added, changed) = (n("added"), n("changed"));
    let (alone, aside) = (n("left_alone"), n("set_aside"));
    let head = if is_preview { "Nothing is written. It would be: " } else { "" };
    write!(all, "{head}{added} added, {changed} changed, {alone} left alone, {aside} set aside.")
        .ok();
    all
}

impl Catalogue {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let Command::Import(import) = self.command;
        let mut files = Vec::new();
        for path in &import.files {
            let read = std::fs::read_to_string(path);
            let text = read.map_err(|error| {
                let what = format!("{} cannot be read: {error}; nothing was sent", path.display());
                Failure::new(Exit::Usage, what)
            })?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            files.push(json!({ "name": name.unwrap_or_default(), "text": text }));
        }
        let path = if import.preview { "/catalogue/previews" } else { "/catalogue/imports" };
        let came = client.post(path, &json!({ "files": files })).await?;
        out.answer(&came, &shown(&came, import.preview))?;
        match came["set_aside"].as_i64().unwrap_or(0) {
            0 => Ok(()),
            aside => Err(Ended::SetAside(aside).into()),
        }
    }
}
