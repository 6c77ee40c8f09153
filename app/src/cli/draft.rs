//! `afterword draft`: files in, a Markdown draft out; no server, no account, no network.

use super::Out;
use super::exit::{Exit, Failure};
use crate::draft::{Found, draft};
use crate::evidence::import::{self, Item, Options, SetAside, Sink, Source};
use crate::shell::moment;
use anyhow::{Context, Result, anyhow};
use clap::Args;
use jiff::tz::TimeZone;
use kit::clock::Clock;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Items a draft is made of at most; beyond it, a server's import is the right tool.
const MOST: usize = 500_000;

/// Turn files into a Markdown draft of a retrospective, without a server.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword draft slack-export.zip alertmanager.json -o retro.md
  afterword draft --slack export.zip --alerts am.json --deploys d.json --title \"Checkout down\"
  afterword draft pager.log --zone Europe/London --day 2026-11-12 --json")]
pub struct Draft {
    /// Files of any kind that Afterword reads; the kind is seen from the file.
    files: Vec<PathBuf>,
    /// A Slack export, as a zip or a folder.
    #[arg(long, value_name = "FILE")]
    slack: Vec<PathBuf>,
    /// Chat exports of other kinds (Mattermost, Discord).
    #[arg(long, value_name = "FILE")]
    chat: Vec<PathBuf>,
    /// Alerts: Alertmanager or pager JSON.
    #[arg(long, value_name = "FILE")]
    alerts: Vec<PathBuf>,
    /// Deploys: GitHub or GitLab JSON.
    #[arg(long, value_name = "FILE")]
    deploys: Vec<PathBuf>,
    /// Text logs, notes, CSV, JSON Lines.
    #[arg(long, value_name = "FILE")]
    logs: Vec<PathBuf>,
    /// What you call the incident.
    #[arg(long)]
    title: Option<String>,
    /// The zone of times that have none, such as Europe/London; never guessed.
    #[arg(long)]
    zone: Option<String>,
    /// The day of times that have none, such as 2026-11-12.
    #[arg(long)]
    day: Option<String>,
    /// Where to write; standard output when absent.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Default)]
struct Collect {
    items: Vec<Item>,
    set_aside: Vec<SetAside>,
    file: String,
}

impl Sink for Collect {
    fn item(&mut self, item: Item) -> ControlFlow<()> {
        if self.items.len() >= MOST {
            return ControlFlow::Break(());
        }
        self.items.push(item);
        ControlFlow::Continue(())
    }

    fn set_aside(&mut self, mut what: SetAside) -> ControlFlow<()> {
        what.file = Some(match what.file {
            Some(inner) => format!("{}: {inner}", self.file),
            None => self.file.clone(),
        });
        self.set_aside.push(what);
        ControlFlow::Continue(())
    }
}

impl Draft {
    /// Reads, drafts, writes; what was set aside is counted on standard error.
    ///
    /// # Errors
    /// When nothing was named, a file does not read, or the output cannot be written.
    pub fn run(self, clock: &dyn Clock, out: &mut Out) -> Result<()> {
        let mut collect = Collect::default();
        let named = [&self.files, &self.slack, &self.chat, &self.alerts, &self.deploys, &self.logs];
        let paths: Vec<&PathBuf> = named.into_iter().flatten().collect();
        if paths.is_empty() {
            let what = "name at least one file, such as: afterword draft --slack export.zip";
            return Err(Failure::new(Exit::Usage, what).into());
        }
        for path in paths {
            self.read(path, &mut collect, clock)?;
        }
        if collect.items.len() >= MOST {
            eprintln!("Only the first {MOST} items were read; import the rest into a server.");
        }
        let (found, aside) = (collect.items.len(), collect.set_aside.len());
        let draft = draft(Found {
            items: collect.items,
            set_aside: collect.set_aside,
            title: self.title.clone(),
        });
        let text = if out.json {
            serde_json::to_string_pretty(&draft)? + "\n"
        } else {
            draft.to_markdown()
        };
        match &self.output {
            Some(path) => std::fs::write(path, text)
                .with_context(|| format!("{} cannot be written", path.display()))?,
            None => out.document(text.as_bytes())?,
        }
        eprintln!("{found} items read, {aside} set aside.");
        Ok(())
    }

    fn options(&self, name: &str, clock: &dyn Clock) -> Result<Options> {
        let zone = self.zone.as_deref().map(TimeZone::get).transpose().with_context(|| {
            format!("`{}` is not a time zone", self.zone.as_deref().unwrap_or_default())
        })?;
        let day = self.day.as_deref().map(moment::parse_day).transpose();
        let day = day.map_err(|error| anyhow!(error))?;
        Ok(Options {
            zone,
            day: day.and_then(|day| day.parse().ok()),
            mapping: None,
            file_name: name.to_owned(),
            now_for_undated: Some(clock.now().timestamp()),
        })
    }

    fn read(&self, path: &Path, collect: &mut Collect, clock: &dyn Clock) -> Result<()> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        collect.file.clone_from(&name);
        let place = || path.display().to_string();
        if path.is_dir() {
            return read_folder(path, collect).with_context(place);
        }
        let mut file = File::open(path).with_context(|| format!("{} cannot be read", place()))?;
        let mut head = vec![0; 64 << 10];
        let mut filled = 0;
        loop {
            let read = file.read(&mut head[filled..]).with_context(place)?;
            filled += read;
            if read == 0 || filled == head.len() {
                break;
            }
        }
        head.truncate(filled);
        file.rewind().with_context(place)?;
        let source: Source =
            import::detect(&name, &head).map_err(|why| anyhow!("{why}")).with_context(place)?;
        let options = self.options(&name, clock)?;
        import::read(source, BufReader::new(file), &options, collect)
            .map_err(|why| anyhow!("{why}"))
            .with_context(place)
    }
}

/// A Slack export that was unpacked.
fn read_folder(folder: &Path, collect: &mut Collect) -> Result<()> {
    let mut paths = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(here) = open.pop() {
        for entry in std::fs::read_dir(&here)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            // A link may lead anywhere; it is not followed.
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                let path = entry.path();
                let inner = path.strip_prefix(folder).unwrap_or(&path);
                paths.push(inner.to_string_lossy().into_owned());
            }
        }
    }
    paths.sort();
    let mut open = |path: &str| -> std::io::Result<Box<dyn Read>> {
        Ok(Box::new(BufReader::new(File::open(folder.join(path))?)))
    };
    import::read_slack_folder(&paths, &mut open, collect).map_err(|why| anyhow!("{why}"))
}
