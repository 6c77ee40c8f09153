//! Sections of a retrospective from a terminal: which there are, reading one, and writing one from a
//! file without overwriting what somebody else wrote meanwhile.

use super::client::Client;
use super::exit::{Exit, Failure};
use super::lists::{Much, list, show, spoken};
use super::out::{minute, text};
use super::{Out, incident_key};
use anyhow::{Context, Result};
use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::PathBuf;

/// The longest text that is read, in bytes; the server takes less.
const MOST: u64 = 1 << 20;

/// List the sections of a retrospective, and how far each is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  afterword retro sections INC-42")]
pub(super) struct List {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    #[command(flatten)]
    much: Much,
}

/// Print the Markdown of a section; its version goes to standard error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword retro read INC-42 sum > sum.md
  afterword --json retro read INC-42 sum | jq .version")]
pub(super) struct Read {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// The section's id, as `afterword retro sections` lists it.
    #[arg(value_parser = plain)]
    section: String,
}

/// Write a section from a file or standard input, if nobody else did since you read it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword retro write INC-42 sum sum.md
  afterword retro write INC-42 sum sum.md --version 3
  echo \"For 40 minutes nobody could pay.\" | afterword retro write INC-42 sum -")]
pub(super) struct Write {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// The section's id, as `afterword retro sections` lists it.
    #[arg(value_parser = plain)]
    section: String,
    /// A Markdown file; - for standard input.
    file: PathBuf,
    /// The version that you read; not needed while the section has no words.
    #[arg(long, value_name = "N")]
    version: Option<i64>,
}

/// A word that can stand in an address.
fn plain(said: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !said.is_empty() && said.chars().all(fits) {
        true => Ok(said.to_owned()),
        false => Err(format!("`{said}` is not a section's id such as sum.")),
    }
}

impl List {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let path = format!("/retrospectives/{}/sections", self.incident);
        let found = list(client, &path, &[], &self.much).await?;
        let row = |one: &Value| {
            let words = text(one, "text").split_whitespace().count();
            vec![
                text(one, "id").to_owned(),
                spoken(text(one, "state")),
                words.to_string(),
                one["version"].to_string(),
                minute(text(one, "updated_at")),
                text(one, "name").to_owned(),
            ]
        };
        let names = ["id", "state", "words", "version", "last written", "section"];
        show(out, &found, &names, row, "The retrospective has no section.")
    }
}

impl Read {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let path = format!("/retrospectives/{}/sections/{}", self.incident, self.section);
        let one = client.get(&path).await?;
        if out.json {
            return out.value(&one);
        }
        out.aside(&format!("version {}", one["version"]));
        let mut words = text(&one, "text").to_owned();
        if !words.is_empty() && !words.ends_with('\n') {
            words.push('\n');
        }
        out.document(words.as_bytes())
    }
}

impl Write {
    fn text(&self) -> Result<String> {
        let mut words = String::new();
        let read = if self.file.as_os_str() == "-" {
            std::io::stdin().lock().take(MOST).read_to_string(&mut words)
        } else {
            let file = std::fs::File::open(&self.file);
            file.and_then(|file| file.take(MOST).read_to_string(&mut words))
        };
        let name = self.file.display();
        read.with_context(|| format!("{name} does not read as UTF-8 text; nothing was written"))
            .map_err(|error| error.context(Failure::new(Exit::Usage, format!("reading {name}"))))?;
        Ok(words)
    }

    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let words = self.text()?;
        let path = format!("/retrospectives/{}/sections/{}", self.incident, self.section);
        let version = match self.version {
            Some(version) => version,
            None => {
                let now = client.get(&path).await?;
                let version = now["version"].as_i64().unwrap_or(0);
                if !text(&now, "text").trim().is_empty() {
                    let (key, section) = (&self.incident, &self.section);
                    let what = format!(
                        "the section has words already, in version {version}. Read it (afterword retro \
                         read {key} {section}), then say which version yours replaces: --version \
                         {version}"
                    );
                    return Err(Failure::new(Exit::Conflict, what).into());
                }
                version
            }
        };
        let etag = format!("\"v{version}\"");
        let said = json!({ "text": words });
        let answer = client.change(Method::PUT, &path, &said, &etag).await?;
        let sentence = format!("Saved as version {}.", answer["version"]);
        out.answer(&answer, &sentence)
    }
}
