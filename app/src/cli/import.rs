//! `afterword import INC-42 FILES…`: sends files as they are, one after the other, and says what came
//! of each.

use super::client::Client;
use super::exit::{Exit, Failure, exit_of};
use super::{Out, incident_key};
use anyhow::{Context, Result, bail};
use clap::Args;
use futures_util::stream;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt;

/// Reasons that are printed for a file; the result page has them all.
const REASONS: usize = 20;
/// Bytes sent at a time.
const PIECE: usize = 256 * 1024;

/// Bring files as evidence: chat exports, alerts, deploys, tables, logs, pictures, notes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword import INC-42 slack-export.zip alertmanager.json deploys/*.json
  afterword import INC-42 pager.log --zone Europe/London --day 2026-11-12
  afterword import INC-42 table.csv --map at=time,text=message,author=who
  afterword import --all ./everything --data ./afterword-new")]
pub(super) struct Import {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key, required_unless_present = "all")]
    incident: Option<String>,
    /// Files; a folder is taken as a Slack export.
    #[arg(required_unless_present = "all")]
    files: Vec<PathBuf>,
    /// Everything that `afterword export --all` wrote, into an empty data folder or database.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["incident", "files"])]
    pub(super) all: Option<PathBuf>,
    #[command(flatten)]
    pub(super) settings: super::Settings,
    /// The zone of times that say none, such as Europe/London.
    #[arg(long)]
    zone: Option<String>,
    /// The day of times that say none, such as 2026-11-12.
    #[arg(long)]
    day: Option<String>,
    /// Which column of a table is what: at=time,text=message,author=who.
    #[arg(long, value_name = "COLUMNS")]
    map: Option<String>,
}

/// What came of an import, where it is not all well. The process's answer says which.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// Everything was read and something was set aside.
    #[error("{0} set aside; the lines above say where and why")]
    SetAside(i64),
    /// A file was not taken at all.
    #[error("{0} not taken; the lines above say why")]
    Failed(usize, Exit),
}

impl Ended {
    /// What the process answers.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Ended::SetAside(_) => Exit::SetAside,
            Ended::Failed(_, exit) => *exit,
        }
    }
}

impl Import {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let incident = self.incident.as_deref().unwrap_or_default();
        let path = format!("/incidents/{incident}/imports");
        for file in &self.files {
            if !file.exists() {
                let what = format!("{} is not there; nothing was sent", file.display());
                return Err(Failure::new(Exit::Usage, what).into());
            }
        }
        let mut answers = Vec::new();
        let mut failed = 0;
        let mut why = Exit::Failed;
        for file in &self.files {
            match self.send(client, &path, file).await {
                Ok(answer) => {
                    if !out.json {
                        out.line(&said(client, file, &answer))?;
                    }
                    answers.push(answer);
                }
                Err(error) => {
                    failed += 1;
                    why = exit_of(&error);
                    if out.json {
                        answers.push(json!({ "file": file, "error": format!("{error:#}") }));
                    } else {
                        out.line(&format!("{}: not taken. {error:#}", file.display()))?;
                    }
                }
            }
        }
        if out.json {
            out.value(&Value::Array(answers.clone()))?;
        }
        let aside: i64 = answers.iter().filter_map(|answer| answer["set_aside"].as_i64()).sum();
        match (failed, aside) {
            (0, 0) => Ok(()),
            (0, aside) => Err(Ended::SetAside(aside).into()),
            (failed, _) => Err(Ended::Failed(failed, why).into()),
        }
    }

    async fn send(&self, client: &Client, path: &str, file: &Path) -> Result<Value> {
        let name = name_of(file);
        // The temporary zip lives until it is sent.
        let zipped = match file.is_dir() {
            true => Some(zip(file.to_owned()).await?),
            false => None,
        };
        let from = zipped.as_ref().map_or(file, |zipped| zipped.path());
        let name = if zipped.is_some() { format!("{name}.zip") } else { name };
        let opened = tokio::fs::File::open(from).await;
        let opened = opened.with_context(|| format!("{} does not open", from.display()))?;
        let length = opened.metadata().await?.len();
        let mut query = vec![("file_name", name.as_str())];
        for (key, value) in [("zone", &self.zone), ("day", &self.day), ("mapping", &self.map)] {
            query.extend(value.as_deref().map(|value| (key, value)));
        }
        let body = reqwest::Body::wrap_stream(pieces(opened, name.clone(), length));
        let answer = client.upload(path, &query, body, length).await;
        if std::io::stderr().is_terminal() {
            eprint!("\r\x1b[K");
        }
        answer
    }
}

fn name_of(file: &Path) -> String {
    let whole = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    whole.file_name().map_or("file".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The file piece by piece, with its progress where somebody looks.
fn pieces(
    file: tokio::fs::File,
    name: String,
    length: u64,
) -> impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> + Send + 'static {
    let is_seen = std::io::stderr().is_terminal();
    stream::unfold((file, 0_u64), move |(mut file, sent)| {
        let name = name.clone();
        async move {
            let mut piece = vec![0; PIECE];
            match file.read(&mut piece).await {
                Ok(0) => {
                    if is_seen {
                        eprint!("\r\x1b[K{name}: reading it");
                        std::io::stderr().flush().ok();
                    }
                    None
                }
                Ok(read) => {
                    piece.truncate(read);
                    let sent = sent + read as u64;
                    if is_seen {
                        eprint!("\r\x1b[K{name}: {} %", sent * 100 / length.max(1));
                        std::io::stderr().flush().ok();
                    }
                    Some((Ok(piece), (file, sent)))
                }
                Err(error) => Some((Err(error), (file, sent))),
            }
        }
    })
}

/// What came of a file, for people.
fn said(client: &Client, file: &Path, answer: &Value) -> String {
    let number = |name: &str| answer[name].as_i64().unwrap_or(0);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![format!(
        "{}: {}; {} added, {} already here, {} set aside",
        file.display(),
        text(&answer["source"]),
        number("added"),
        number("already"),
        number("set_aside")
    )];
    let reasons = answer["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
    for reason in reasons.iter().take(REASONS) {
        let inside = reason["file"].as_str().map(|file| format!("{file}, ")).unwrap_or_default();
        lines.push(format!("  {inside}{}: {}", text(&reason["place"]), text(&reason["why"])));
    }
    let more = number("set_aside") - i64::try_from(reasons.len().min(REASONS)).unwrap_or(0);
    if more > 0 {
        lines.push(format!("  and {more} more, on the page"));
    }
    if answer["needs_zone"] == true {
        lines.push("  Some times say no zone or day; run it again with --zone Europe/London or --day 2026-11-12.".into());
    }
    lines.push(format!("  {}{}", client.url, text(&answer["url"])));
    let key = text(&answer["incident"]);
    lines.push(format!("  to take it back: afterword undo {key} {}", text(&answer["id"])));
    lines.join("\n")
}

/// A folder as a zip in a temporary file.
async fn zip(folder: PathBuf) -> Result<tempfile::NamedTempFile> {
    tokio::task::spawn_blocking(move || {
        let temporary = tempfile::NamedTempFile::new().context("no temporary file can be made")?;
        let mut writer = zip::ZipWriter::new(temporary.reopen()?);
        let mut open = vec![folder.clone()];
        let mut files = Vec::new();
        while let Some(at) = open.pop() {
            let entries = std::fs::read_dir(&at)
                .with_context(|| format!("the folder {} does not read", at.display()))?;
            for entry in entries {
                let entry = entry?;
                // A link may lead anywhere; what it leads to is not of this folder.
                match entry.file_type()? {
                    kind if kind.is_dir() => open.push(entry.path()),
                    kind if kind.is_file() => files.push(entry.path()),
                    _ => {}
                }
            }
        }
        files.sort();
        if !files.iter().any(|file| file.extension().is_some_and(|ending| ending == "json")) {
            bail!(
                "{} has no .json file; a folder is taken as a Slack export. Name the files instead",
                folder.display()
            );
        }
        let options = zip::write::SimpleFileOptions::default().large_file(true);
        for file in files {
            let name = file.strip_prefix(&folder).unwrap_or(&file).to_string_lossy().into_owned();
            writer.start_file(name, options)?;
            std::io::copy(&mut std::fs::File::open(&file)?, &mut writer)
                .with_context(|| format!("{} does not read", file.display()))?;
        }
        writer.finish()?;
        Ok(temporary)
    })
    .await?
}
