//! What an importer finds: one fact as its source told it, and what had to be set aside.
//!
//! An importer turns bytes into [`Item`]s and gives each to a [`Sink`] as it comes, so that a
//! one-gigabyte export is read in bounded memory. It reads no clock, no database and no network.

use std::ops::ControlFlow;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kind of evidence (domain model 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EvidenceKind)]
pub enum Kind {
    /// A message in a chat.
    Chat,
    /// A monitoring alert that fired or was resolved.
    Alert,
    /// Somebody or something was paged.
    Page,
    /// A deployment, a release, a pipeline: something new went out.
    Deploy,
    /// A change of configuration.
    Config,
    /// A change of a feature flag.
    Flag,
    /// A metric over time.
    Metric,
    /// An entry of a log.
    Log,
    /// A ticket or issue.
    Ticket,
    /// A post on a status page.
    StatusPost,
    /// A call, written down.
    CallTranscript,
    /// A file, such as a picture of a graph.
    File,
    /// A link to something elsewhere.
    Link,
    /// What somebody said when asked.
    InterviewAnswer,
    /// Written down by hand.
    Manual,
}

/// How finely a source tells the time.
pub use crate::incidents::Precision;

/// Where the zone of a time came from; a zone is never guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneOrigin {
    /// An instant (epoch), UTC by definition.
    Instant,
    /// Stated in the text, such as `+02:00`.
    Stated(String),
    /// Said by the person importing (an option), such as `Europe/London`.
    Said(String),
}

/// When something happened, as the source told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurred {
    /// The instant, to microseconds at most.
    pub at: Timestamp,
    /// How finely the source told it.
    pub precision: Precision,
    /// Where the zone came from.
    pub zone: ZoneOrigin,
}

/// One fact as its source told it. Tokens and e-mail addresses are already taken out of every field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// What kind of evidence it is.
    pub kind: Kind,
    /// Lower-case name of the system, as in [`super::Source::name`].
    pub source: String,
    /// Unique within `source`; the same fact read twice has the same id (idempotent import). Where
    /// the source has none, a digest of the content and its place in order among equals.
    pub external_id: String,
    /// When it happened.
    pub occurred: Occurred,
    /// Display name of who or what said it.
    pub author: Option<String>,
    /// Whether the author is a program.
    pub author_is_bot: bool,
    /// Plain text for people, with line breaks; source markup resolved (`<@U1>` is `@Ada`).
    pub text: String,
    /// Channel, repository, alert group, file name.
    pub place: Option<String>,
    /// External id of the message this one answers.
    pub answers: Option<String>,
    /// Address in the source, without tokens; http and https only.
    pub url: Option<String>,
    /// What hints that the fact matters.
    pub signals: Signals,
    /// Metric series (Prometheus), to be drawn as a chart.
    pub series: Vec<Series>,
}

impl Item {
    /// An item with nothing but its identity and time; the importer fills in what it knows.
    pub fn new(kind: Kind, source: &str, external_id: String, occurred: Occurred) -> Item {
        Item {
            kind,
            source: source.to_owned(),
            external_id,
            occurred,
            author: None,
            author_is_bot: false,
            text: String::new(),
            place: None,
            answers: None,
            url: None,
            signals: Signals::default(),
            series: Vec::new(),
        }
    }

    /// Keeps a fact of the source as text, unless it is empty.
    pub fn label(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.signals.labels.push((key.to_owned(), value));
        }
    }
}

/// What in the source hints that the fact matters; the first timeline is proposed from these.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = EvidenceSignals)]
pub struct Signals {
    /// Pinned in its channel.
    pub pinned: bool,
    /// Names and counts of reactions.
    #[schema(value_type = Vec<Vec<Value>>, example = json!([["eyes", 3]]))]
    pub reactions: Vec<(String, u32)>,
    /// When it was last edited in the source.
    #[schema(value_type = Option<kit::db::Time>)]
    pub edited_at: Option<Timestamp>,
    /// Deleted in the source; the text is not kept.
    pub deleted: bool,
    /// A join, a topic change, a channel rename: noise by default.
    pub system_message: bool,
    /// An alert fired or was resolved.
    pub alert: Option<AlertSignal>,
    /// Something was changed.
    pub change: Option<ChangeSignal>,
    /// Acknowledged, escalated and so on, from a pager.
    pub page: Option<PageSignal>,
    /// Facts of the source worth keeping, as text: labels, commit, environment. Sorted by key.
    #[schema(value_type = Vec<Vec<String>>)]
    pub labels: Vec<(String, String)>,
}

/// An alert, and whether it fired or was resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertSignal {
    /// Name of the alert.
    pub name: String,
    /// Fired or resolved.
    pub state: AlertState,
    /// Severity in the words of the source.
    pub severity: Option<String>,
}

/// Whether an alert fired or was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// It fired.
    Firing,
    /// It was resolved.
    Resolved,
}

/// A change to a system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChangeSignal {
    /// What kind of change.
    pub what: ChangeKind,
    /// How far it got.
    pub state: ChangeState,
    /// Where it went, such as `production`.
    pub environment: Option<String>,
    /// Commit, tag or version.
    pub revision: Option<String>,
}

/// Kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A deployment.
    Deployment,
    /// A run of a workflow.
    Workflow,
    /// A run of a pipeline or one of its jobs.
    Pipeline,
    /// Commits pushed.
    Push,
    /// A release published.
    Release,
    /// A deployment of what ran before.
    Rollback,
}

/// How far a change got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// It was asked for or began.
    Started,
    /// It finished well.
    Succeeded,
    /// It did not.
    Failed,
    /// It was stopped.
    Cancelled,
    /// The source tells that it is, not how far it got.
    Noted,
}

/// What happened at a pager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageSignal {
    /// Somebody was paged.
    Triggered,
    /// Somebody answered.
    Acknowledged,
    /// It went to the next level.
    Escalated,
    /// It was closed.
    Resolved,
    /// A note was added.
    Annotated,
}

/// One line of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = EvidenceSeries)]
pub struct Series {
    /// The labels that tell it from its neighbours.
    pub name: String,
    /// Instant and value; a gap is a missing point, NaN and infinities are set aside.
    #[schema(value_type = Vec<Vec<Value>>, example = json!([["2026-03-05T12:00:00Z", 0.5]]))]
    pub points: Vec<(Timestamp, f64)>,
}

/// Something that could not be taken in, with where it is and why; never silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetAside {
    /// File inside the archive or folder, if there is one.
    pub file: Option<String>,
    /// `line 12`, `message 7`, `byte 1034`, `$.alerts[3].startsAt`.
    pub place: String,
    /// What was wrong and what to do, in a sentence for people; never a secret or a whole body.
    pub why: String,
}

/// Receives what is found, in the order it is found. `Break` stops the reading (cancelled).
pub trait Sink {
    /// One fact.
    fn item(&mut self, item: Item) -> ControlFlow<()>;
    /// One thing that could not be taken in.
    fn set_aside(&mut self, what: SetAside) -> ControlFlow<()>;
    /// Bytes read so far (unpacked), for progress.
    fn read(&mut self, _bytes: u64) {}
}

/// What the person importing says beforehand.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// For times without a zone; without it they are set aside.
    pub zone: Option<TimeZone>,
    /// For dates missing in logs and notes (`14:02 rollback`): the day.
    pub day: Option<Date>,
    /// CSV and JSON Lines: which column is what. Without it, it is guessed from the names.
    pub mapping: Option<Mapping>,
    /// Name of the file, for places and for what has no name of its own.
    pub file_name: String,
    /// For what carries no time at all (a picture, a note, a webhook without one): when it came.
    pub now_for_undated: Option<Timestamp>,
}

/// Which column or field is what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportMapping)]
pub struct Mapping {
    /// The time.
    pub at: String,
    /// The text.
    pub text: String,
    /// Who said it.
    pub author: Option<String>,
    /// The kind of evidence, as [`Kind`] is written in JSON.
    pub kind: Option<String>,
    /// An address.
    pub url: Option<String>,
    /// An id that stays the same between exports.
    pub id: Option<String>,
}
