//! Capturing from a terminal while it runs: a note, a pin, a time, and taking an import back.

use super::client::Client;
use super::exit::{Exit, Failure};
use super::out::text;
use super::{Out, incident_key};
use crate::incidents::{KeyTimeName, Precision};
use anyhow::Result;
use clap::Args;
use serde_json::json;

/// Write a note down as evidence.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword note INC-42 \"rollback started\"
  afterword note INC-42 --at 14:02 checkout is back")]
pub(super) struct Note {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// What happened; two words are enough.
    #[arg(required = true)]
    text: Vec<String>,
    /// When, in UTC: 14:02, or 2026-11-12 14:02. Now when missing.
    #[arg(long, default_value = "", hide_default_value = true)]
    at: String,
}

/// Pin a piece of evidence, so that the timeline begins with it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword pin INC-42
  afterword pin INC-42 evd_01hq2m")]
pub(super) struct Pin {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// The piece's id; the last that happened when missing.
    id: Option<String>,
    /// The last that happened.
    #[arg(long, conflicts_with = "id")]
    last: bool,
}

/// Set a key time, such as detected, mitigated or resolved.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword time INC-42 mitigated
  afterword time INC-42 detected 14:02 --precision minute --about 120
  afterword time INC-42 resolved \"2026-11-12 15:30\" --reason \"the pager closed it late\"")]
pub(super) struct Time {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// Which: detected, mitigated, resolved, impact_start, …
    #[arg(value_parser = name)]
    name: KeyTimeName,
    /// When, in UTC: 14:02, or 2026-11-12 14:02. Now when missing.
    #[arg(default_value = "", hide_default_value = true)]
    at: String,
    /// How finely it is known: second, minute, hour or day.
    #[arg(long, value_parser = precision)]
    precision: Option<Precision>,
    /// By how many seconds it may be off.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide_default_value = true)]
    about: u32,
    /// Why it differs from what was recorded.
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

fn name(text: &str) -> Result<KeyTimeName, String> {
    KeyTimeName::parse(&text.replace('-', "_"))
}

fn precision(text: &str) -> Result<Precision, String> {
    Precision::parse(text)
}

/// Take a whole import back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword undo INC-42 imp_01hq2m")]
pub(super) struct Undo {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// The import's id, as `afterword import` said it.
    import: String,
}

impl Note {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let said = json!({ "text": self.text.join(" "), "at": self.at });
        let path = format!("/incidents/{}/notes", self.incident);
        let answer = client.post(&path, &said).await?;
        out.answer(&answer, &format!("Saved, at {}.", text(&answer, "at")))
    }
}

impl Pin {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let path = format!("/incidents/{}/pins", self.incident);
        let answer = client.post(&path, &json!({ "id": self.id })).await?;
        let first = text(&answer, "text").lines().next().unwrap_or_default();
        let was = if answer["was_pinned"] == true { "Was pinned before" } else { "Pinned" };
        out.answer(&answer, &format!("{was}: {} {first}", text(&answer, "at")))
    }
}

impl Time {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let said = json!({
            "name": self.name, "at": self.at, "precision": self.precision,
            "uncertainty_s": self.about, "reason": self.reason,
        });
        let path = format!("/incidents/{}/times", self.incident);
        let answer = client.post(&path, &said).await.map_err(|error| {
            let wants_reason = self.reason.is_empty() && error.to_string().contains("differs");
            if wants_reason { error.context("add --reason \"…\"") } else { error }
        })?;
        out.answer(&answer, text(&answer, "said"))
    }
}

impl Undo {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let plain = self.import.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain {
            let what = format!("`{}` is not an import's id, such as imp_…", self.import);
            return Err(Failure::new(Exit::Usage, what).into());
        }
        let path = format!("/incidents/{}/imports/{}/undo", self.incident, self.import);
        let answer = client.post(&path, &json!({})).await?;
        let name = text(&answer, "file_name");
        let many = answer["added"].as_i64().unwrap_or(0);
        let sentence = format!(
            "{name} is taken back; {many} of its pieces are no longer shown. \
             Import it again to have them back."
        );
        out.answer(&answer, &sentence)
    }
}
