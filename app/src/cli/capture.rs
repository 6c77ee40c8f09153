//! Capturing from a terminal while it runs: a note, a pin, a time, and taking an import back.

use super::client::Client;
use crate::incidents::{KeyTimeName, Precision};
use anyhow::{Result, anyhow};
use clap::Args;
use serde_json::{Value, json};

/// Write a note down as evidence.
#[derive(Debug, Args)]
pub(super) struct Note {
    /// The incident, such as INC-42.
    incident: String,
    /// What happened; two words are enough.
    #[arg(required = true)]
    text: Vec<String>,
    /// When, in UTC: 14:02, or 2026-11-12 14:02. Now when missing.
    #[arg(long, default_value = "")]
    at: String,
}

/// Pin a piece of evidence, so that the timeline begins with it.
#[derive(Debug, Args)]
pub(super) struct Pin {
    /// The incident, such as INC-42.
    incident: String,
    /// The piece's id; the last that happened when missing.
    id: Option<String>,
    /// The last that happened.
    #[arg(long, conflicts_with = "id")]
    last: bool,
}

/// Set a key time, such as detected, mitigated or resolved.
#[derive(Debug, Args)]
pub(super) struct Time {
    /// The incident, such as INC-42.
    incident: String,
    /// Which: detected, mitigated, resolved, impact_start, …
    #[arg(value_parser = name)]
    name: KeyTimeName,
    /// When, in UTC: 14:02, or 2026-11-12 14:02. Now when missing.
    #[arg(default_value = "")]
    at: String,
    /// How finely it is known: second, minute, hour or day.
    #[arg(long, value_parser = precision)]
    precision: Option<Precision>,
    /// By how many seconds it may be off.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    about: u32,
    /// Why it differs from what was recorded.
    #[arg(long, default_value = "")]
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
pub(super) struct Undo {
    /// The incident, such as INC-42.
    incident: String,
    /// The import's id, as `afterword import` said it.
    import: String,
}

/// A key that can stand in an address.
pub(super) fn key(text: &str) -> Result<String> {
    let key = crate::incidents::Key::parse(text).map_err(|why| anyhow!(why))?;
    Ok(key.to_string())
}

fn print(json: bool, answer: &Value, sentence: &str) {
    if json {
        println!("{answer}");
    } else {
        println!("{sentence}");
    }
}

impl Note {
    pub(super) async fn run(self, client: &Client, json: bool) -> Result<()> {
        let said = json!({ "text": self.text.join(" "), "at": self.at });
        let path = format!("/incidents/{}/notes", key(&self.incident)?);
        let answer = client.post(&path, &said).await?;
        let at = answer["at"].as_str().unwrap_or_default();
        print(json, &answer, &format!("Saved, at {at}."));
        Ok(())
    }
}

impl Pin {
    pub(super) async fn run(self, client: &Client, json: bool) -> Result<()> {
        let path = format!("/incidents/{}/pins", key(&self.incident)?);
        let answer = client.post(&path, &json!({ "id": self.id })).await?;
        let at = answer["at"].as_str().unwrap_or_default();
        let text = answer["text"].as_str().unwrap_or_default();
        let text = text.lines().next().unwrap_or_default();
        let was = if answer["was_pinned"] == true { "Was pinned before" } else { "Pinned" };
        print(json, &answer, &format!("{was}: {at} {text}"));
        Ok(())
    }
}

impl Time {
    pub(super) async fn run(self, client: &Client, json: bool) -> Result<()> {
        let said = json!({
            "name": self.name, "at": self.at, "precision": self.precision,
            "uncertainty_s": self.about, "reason": self.reason,
        });
        let path = format!("/incidents/{}/times", key(&self.incident)?);
        let answer = client.post(&path, &said).await.map_err(|error| {
            let wants_reason = self.reason.is_empty() && error.to_string().contains("differs");
            if wants_reason { anyhow!("{error} Add --reason \"…\".") } else { error }
        })?;
        print(json, &answer, answer["said"].as_str().unwrap_or_default());
        Ok(())
    }
}

impl Undo {
    pub(super) async fn run(self, client: &Client, json: bool) -> Result<()> {
        let plain = self.import.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain {
            return Err(anyhow!("`{}` is not an import's id, such as imp_…", self.import));
        }
        let path = format!("/incidents/{}/imports/{}/undo", key(&self.incident)?, self.import);
        let answer = client.post(&path, &json!({})).await?;
        let name = answer["file_name"].as_str().unwrap_or_default();
        let many = answer["added"].as_i64().unwrap_or(0);
        let sentence = format!(
            "{name} is taken back; {many} of its pieces are no longer shown. \
             Import it again to have them back."
        );
        print(json, &answer, &sentence);
        Ok(())
    }
}
