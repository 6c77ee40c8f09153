//! Importers: from the files people have after an incident to [`Item`]s of evidence.
//!
//! Each importer is a pure function from bytes to items. It reads one message at a time, so an export of
//! a gigabyte takes the memory of its longest message; it sets aside what it cannot take, with the place
//! and the reason, and goes on; it refuses a whole file only when nothing in it can be told apart.
//!
//! Invariants
//! - No text leaves without having passed [`scrub`]: no token, no e-mail address, no deceiving character.
//! - The same fact read twice has the same `external_id`, also from another file of the same source.
//! - A zone is never guessed, nor a date taken from a file's name.
//! - Nothing is lost silently: it is an item, or it is set aside.
//!
//! Tables: none.

use std::io::{Read, Seek};

pub mod csv;
pub mod image;
pub mod item;
pub mod json_lines;
pub mod scrub;
mod seen;

mod alertmanager;
mod archive;
mod detect;
mod discord;
mod emit;
mod github;
mod gitlab;
mod json;
mod log;
mod markup;
mod mattermost;
mod note;
mod pagerduty;
mod prometheus;
mod slack;
mod table;
mod text;
mod when;

#[cfg(test)]
mod tests;

pub use detect::detect;
pub use emit::Refused;
pub use item::{
    Item, Kind, Mapping, Occurred, Options, Precision, SetAside, Signals, Sink, ZoneOrigin,
};
pub use slack::read_folder as read_slack_folder;
pub use when::RECEIVED;

use emit::{Emit, Stop};

/// What we can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A Slack export.
    Slack,
    /// A Mattermost bulk export.
    Mattermost,
    /// A channel exported with DiscordChatExporter.
    Discord,
    /// Bodies of Alertmanager webhooks, or its list of alerts.
    Alertmanager,
    /// What Prometheus answers to `query_range`.
    Prometheus,
    /// Bodies of GitHub webhooks.
    GitHub,
    /// Bodies of GitLab webhooks.
    GitLab,
    /// PagerDuty log entries or webhooks.
    PagerDuty,
    /// CSV with a line of names.
    Csv,
    /// One JSON object on each line.
    JsonLines,
    /// A text log.
    Log,
    /// A picture.
    Image,
    /// A note.
    Note,
}

impl Source {
    /// Every source, in the order shown to people.
    pub const ALL: [Source; 13] = [
        Source::Slack,
        Source::Mattermost,
        Source::Discord,
        Source::Alertmanager,
        Source::Prometheus,
        Source::GitHub,
        Source::GitLab,
        Source::PagerDuty,
        Source::Csv,
        Source::JsonLines,
        Source::Log,
        Source::Image,
        Source::Note,
    ];

    /// The name in items, addresses and commands.
    pub fn name(self) -> &'static str {
        match self {
            Source::Slack => "slack",
            Source::Mattermost => "mattermost",
            Source::Discord => "discord",
            Source::Alertmanager => "alertmanager",
            Source::Prometheus => "prometheus",
            Source::GitHub => "github",
            Source::GitLab => "gitlab",
            Source::PagerDuty => "pagerduty",
            Source::Csv => "csv",
            Source::JsonLines => "jsonl",
            Source::Log => "log",
            Source::Image => "image",
            Source::Note => "note",
        }
    }

    /// What people are told we read.
    pub fn label(self) -> &'static str {
        match self {
            Source::Slack => "Slack export (zip or folder)",
            Source::Mattermost => "Mattermost bulk export (.jsonl or zip)",
            Source::Discord => "Discord channel (DiscordChatExporter JSON)",
            Source::Alertmanager => "Alertmanager alerts (JSON)",
            Source::Prometheus => "Prometheus range query (JSON)",
            Source::GitHub => "GitHub webhooks (JSON)",
            Source::GitLab => "GitLab webhooks (JSON)",
            Source::PagerDuty => "PagerDuty log entries (JSON)",
            Source::Csv => "Table (.csv, .tsv)",
            Source::JsonLines => "JSON Lines (.jsonl)",
            Source::Log => "Text log (.log, .txt)",
            Source::Image => "Picture (PNG, JPEG, GIF, WebP)",
            Source::Note => "Notes (.md, .txt)",
        }
    }
}

/// Reads one file. The table of a zip is at its end, hence `Seek`.
pub fn read<R: Read + Seek>(
    source: Source,
    input: R,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), Refused> {
    let mut emit = Emit::new(sink);
    finish(match source {
        Source::Slack => slack::read(input, options, &mut emit),
        Source::Mattermost => mattermost::read(input, &mut emit),
        Source::Discord => discord::read(input, &mut emit),
        Source::Alertmanager => alertmanager::read(input, options, &mut emit),
        Source::Prometheus => prometheus::read(input, &mut emit),
        Source::GitHub => github::read(input, options, &mut emit),
        Source::GitLab => gitlab::read(input, options, &mut emit),
        Source::PagerDuty => pagerduty::read(input, options, &mut emit),
        Source::Csv => csv::read(input, options, &mut emit),
        Source::JsonLines => json_lines::read(input, options, &mut emit),
        Source::Log => log::read(input, options, &mut emit),
        Source::Image => image::read(input, options, None, &mut emit),
        Source::Note => note::read(input, options, &mut emit),
    })
}

/// Reads a picture whose time the person knows.
pub fn read_image<R: Read + Seek>(
    input: R,
    options: &Options,
    taken_at: Option<jiff::Timestamp>,
    sink: &mut dyn Sink,
) -> Result<(), Refused> {
    let mut emit = Emit::new(sink);
    finish(image::read(input, options, taken_at, &mut emit))
}

/// Being stopped by the sink is no failure.
fn finish(read: Result<(), Stop>) -> Result<(), Refused> {
    match read {
        Ok(()) | Err(Stop::Cancelled) => Ok(()),
        Err(Stop::Refused(refused)) => Err(refused),
    }
}
