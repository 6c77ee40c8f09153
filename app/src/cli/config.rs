//! `afterword config export | diff | apply`: what an organisation sets for itself, as files in a folder.

use super::Out;
use super::client::Client;
use super::exit::{Exit, Failure};
use super::out::text;
use crate::configuration::{File, Files};
use crate::settings::place::Fault;
use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};
use similar::TextDiff;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Write the configuration in force into a folder: kinds, policy, severities, ground rules, words.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword config export ./afterword-config
  git -C ./afterword-config diff")]
pub(super) struct Export {
    /// The folder; made when it is not there. Files of the same names are written over.
    folder: PathBuf,
}

/// Compare a folder's files with the configuration in force. Nothing is changed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword config diff ./afterword-config
  afterword --json config diff ./afterword-config | jq '.changes[]'")]
pub(super) struct Diff {
    /// The folder, as `afterword config export` writes it; files that are not there stay as they are.
    folder: PathBuf,
}

/// Put a folder's files in force: all together, or nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword config apply ./afterword-config --note 'Near misses have a reader'
  afterword config apply ./afterword-config --check")]
pub(super) struct Apply {
    /// The folder, as `afterword config export` writes it; files that are not there stay as they are.
    folder: PathBuf,
    /// What changes, in a few words; others read it.
    #[arg(long, default_value = "", value_name = "TEXT")]
    note: String,
    /// Only say whether it could be applied.
    #[arg(long)]
    check: bool,
}

/// The files of a folder. One that ends in `.toml` and is none of ours is refused by the server by name.
fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let all = std::fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in all {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        files.insert(name.unwrap_or_default(), text);
    }
    if files.is_empty() {
        let names: Vec<&str> = File::ALL.iter().map(|file| file.name()).collect();
        let said = format!("{} has none of: {}.", folder.display(), names.join(", "));
        return Err(Failure::new(Exit::Usage, said).into());
    }
    Ok(files)
}

/// Faults as lines that editors understand.
fn refused(folder: &Path, checked: &Value) -> Result<Failure> {
    let faults: Vec<Fault> = serde_json::from_value(checked["faults"].clone())?;
    let mut said = String::from("nothing was changed:\n");
    for one in &faults {
        writeln!(said, "{}/{}", folder.display(), one.words()).ok();
    }
    Ok(Failure::new(Exit::Usage, said.trim_end().to_owned()))
}

fn words(changes: &Value) -> Vec<&str> {
    changes.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

impl Export {
    /// Writes the files.
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let now = client.get("/configuration").await?;
        std::fs::create_dir_all(&self.folder)
            .with_context(|| format!("{} cannot be made", self.folder.display()))?;
        let mut said = String::new();
        for one in now["files"].as_array().into_iter().flatten() {
            // Only names that we know become paths.
            let Ok(file) = File::parse(text(one, "file")) else { continue };
            let path = self.folder.join(file.name());
            std::fs::write(&path, text(one, "text"))
                .with_context(|| format!("{} cannot be written", path.display()))?;
            writeln!(said, "{}", path.display()).ok();
        }
        out.answer(&now, said.trim_end())
    }
}

impl Diff {
    /// Compares.
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let files = read(&self.folder)?;
        let checked = client.post("/configuration/check", &json!({ "files": files })).await?;
        let now = client.get("/configuration").await?;
        let changes = words(&checked["changes"]);
        let mut said = String::new();
        for one in now["files"].as_array().into_iter().flatten() {
            let name = text(one, "file");
            let (Some(after), true) = (files.get(name), changes.contains(&name)) else { continue };
            let diff = TextDiff::from_lines(text(one, "text"), after);
            let (from, to) = (format!("in force/{name}"), self.folder.join(name));
            write!(said, "{}", diff.unified_diff().header(&from, &to.display().to_string())).ok();
        }
        if said.is_empty() {
            said = "The folder says what is in force.".to_owned();
        }
        if checked["is_whole"] != true {
            if out.json {
                out.value(&checked)?;
            }
            return Err(refused(&self.folder, &checked)?.into());
        }
        out.answer(&checked, said.trim_end())
    }
}

impl Apply {
    /// Applies, or only checks.
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let files = read(&self.folder)?;
        let checked = client.post("/configuration/check", &json!({ "files": files })).await?;
        if checked["is_whole"] != true {
            if out.json {
                out.value(&checked)?;
            }
            return Err(refused(&self.folder, &checked)?.into());
        }
        let changes = words(&checked["changes"]);
        if self.check || changes.is_empty() {
            let said = match changes.as_slice() {
                [] => "The folder says what is in force.".to_owned(),
                changes => format!("It is whole. It would change: {}.", changes.join(", ")),
            };
            return out.answer(&checked, &said);
        }
        let body =
            json!({ "files": files, "note": self.note, "fingerprint": checked["fingerprint"] });
        let applied = client.put("/configuration", &body).await?;
        let said = format!("In force: {}.", words(&applied["changed"]).join(", "));
        out.answer(&applied, &said)
    }
}
