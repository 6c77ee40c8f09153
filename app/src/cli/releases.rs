//! `afterword publish` and `afterword export`: freezing a release, and taking one away in any form.

use super::client::Client;
use super::exit::{Exit, Failure};
use super::lists::{Much, items, list};
use super::out::text;
use super::{Out, incident_key};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Publish the next release of a retrospective: frozen, hashed, readable by all who may see the incident.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword publish INC-42
  afterword publish INC-42 --audience \"Everybody here\"
  afterword publish INC-42 --what-changed \"the time of detection was corrected\"")]
pub(super) struct Publish {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// For whom it is made.
    #[arg(long, default_value = "", hide_default_value = true)]
    audience: String,
    /// What changed since the last release; needed from the second on.
    #[arg(long, default_value = "", hide_default_value = true)]
    what_changed: String,
}

impl Publish {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let said = json!({ "audience": self.audience, "what_changed": self.what_changed });
        let path = format!("/retrospectives/{}/releases", self.incident);
        let release = client.post(&path, &said).await?;
        let key = &self.incident;
        let sentence = format!(
            "Release {} of {key} is published: {}{}\nsha256 {}\nNext: afterword export {key} --pdf",
            release["number"],
            client.url,
            text(&release, "url"),
            text(&release, "sha256")
        );
        out.answer(&release, &sentence)
    }
}

/// Take a published release away as Markdown, HTML, PDF or JSON.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword export INC-42 > inc-42.md
  afterword export INC-42 --pdf -o inc-42.pdf
  afterword export INC-42 --json -o inc-42.json --release 1
  afterword export INC-42 --html -o reports/
  afterword export --all ./everything --data /srv/afterword")]
pub(super) struct Export {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key, required_unless_present = "all")]
    incident: Option<String>,
    /// Everything there is, from the data folder into this one: Markdown, JSON, attachments.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["incident", "md", "html", "pdf", "release"])]
    pub(super) all: Option<PathBuf>,
    /// With imported files as they were sent, tokens in them too, and the digests of passwords and tokens, so that
    /// people can sign in after it is taken in again.
    #[arg(long, requires = "all")]
    pub(super) with_secrets: bool,
    #[command(flatten)]
    pub(super) settings: super::Settings,
    /// As Markdown; also when no form is named.
    #[arg(long, conflicts_with_all = ["html", "pdf"])]
    md: bool,
    /// As one page of HTML that needs nothing else.
    #[arg(long, conflicts_with = "pdf")]
    html: bool,
    /// As PDF.
    #[arg(long)]
    pdf: bool,
    /// Which release; the newest when missing.
    #[arg(long, value_name = "NUMBER")]
    release: Option<u32>,
    /// Where to write: a file, or a folder that is there; standard output when missing.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    force: bool,
}

impl Export {
    /// The form's place in the API and the ending of its file.
    fn form(&self, out: &Out) -> Result<(&'static str, &'static str)> {
        match (out.json, self.md || self.html || self.pdf) {
            (true, true) => {
                let what = "name one form: --md, --html, --pdf or --json";
                Err(Failure::new(Exit::Usage, what).into())
            }
            (true, false) => Ok(("document", "json")),
            _ if self.html => Ok(("html", "html")),
            _ if self.pdf => Ok(("pdf", "pdf")),
            _ => Ok(("markdown", "md")),
        }
    }

    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let (form, ending) = self.form(out)?;
        let key = &self.incident.as_deref().unwrap_or_default();
        let number = match self.release {
            Some(number) => number.to_string(),
            None => newest(client, key).await?,
        };
        let to =
            self.output.as_deref().map(|to| file(to, &format!("{key}-release-{number}.{ending}")));
        if let Some(to) = to.as_deref().filter(|to| to.exists() && !self.force) {
            let what = format!("{} is there already; --force writes over it", to.display());
            return Err(Failure::new(Exit::Conflict, what).into());
        }
        if to.is_none() && form == "pdf" && out.is_seen() {
            let what = format!("a PDF is not for a terminal; say where: -o {key}.pdf");
            return Err(Failure::new(Exit::Usage, what).into());
        }
        let path = format!("/retrospectives/{key}/releases/{number}/{form}");
        let bytes = client.document(&path).await?;
        let Some(to) = to else { return out.document(&bytes) };
        write(&to, &bytes).with_context(|| format!("{} cannot be written", to.display()))?;
        out.aside(&format!("{} bytes are in {}", bytes.len(), to.display()));
        Ok(())
    }
}

/// The number of the newest release.
async fn newest(client: &Client, key: &str) -> Result<String> {
    let path = format!("/retrospectives/{key}/releases");
    let found = list(client, &path, &[], &Much::first()).await?;
    match items(&found).first().map(|one| &one["number"]) {
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => {
            let what = format!(
                "nothing of {key} is published yet; afterword retro {key} says what is next"
            );
            Err(Failure::new(Exit::NotFound, what).into())
        }
    }
}

/// The file to write: with the release's own name where a folder was named.
fn file(to: &Path, name: &str) -> PathBuf {
    if to.is_dir() { to.join(name) } else { to.to_owned() }
}

/// Written beside and moved, so that a file is whole or not there.
fn write(to: &Path, bytes: &[u8]) -> Result<()> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let usual = std::fs::Permissions::from_mode(0o666);
    let mut beside = tempfile::Builder::new()
        .permissions(usual)
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(to)?;
    Ok(())
}
