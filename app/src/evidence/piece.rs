//! A piece of evidence: as it is written down, and as it is read.

use super::import::RECEIVED;
use super::import::item::{Item, Kind, Precision, Series, Signals};
use super::words;
use crate::access::PersonId;
use crate::incidents::IncidentId;
use kit::db::{Json, Time};
use sha2::{Digest, Sha256};

kit::id!(
    /// A piece's id: made from its incident and what it says, so that the same fact has the same one.
    EvidenceId,
    "evi"
);

kit::id!(
    /// An import's id; sorts by time.
    ImportId,
    "imp"
);

/// A piece as it is read. Its series, if it has some, are asked for apart.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// The import that brought it; none for a note.
    pub import_id: Option<ImportId>,
    /// What kind it is.
    pub kind: Kind,
    /// Name of the system it came from.
    pub source: String,
    /// Its id there.
    pub external_id: String,
    /// When it happened.
    pub occurred_at: Time,
    /// Its place among those of the same instant.
    pub tie: i64,
    /// How finely the source told the time.
    pub precision: Precision,
    /// `instant`, `stated:+02:00`, `said:Europe/London`.
    pub zone_origin: String,
    /// Who or what said it.
    pub author: Option<String>,
    /// Whether that was a program.
    pub author_is_bot: bool,
    /// What it says: plain text with line breaks.
    pub body: String,
    /// Channel, repository, alert group, file.
    pub place: Option<String>,
    /// External id of what it answers.
    pub answers: Option<String>,
    /// Its address in the source.
    pub url: Option<String>,
    /// What hints that it matters.
    pub signals: Json<Signals>,
    /// Pinned where it comes from.
    pub source_pinned: bool,
    /// Digest of the file it is or shows.
    pub file_sha256: Option<String>,
    /// That file's name.
    pub file_name: Option<String>,
    /// Digest of what it says.
    pub content_hash: String,
    /// When it was taken in here.
    pub recorded_at: Time,
    /// Pinned here, by somebody.
    pub pinned: bool,
    /// Said to be of no matter here, by somebody.
    pub dismissed: bool,
}

impl Evidence {
    /// Where the next page begins after this one.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor { at: self.occurred_at, tie: self.tie, id: self.id.clone() }
    }
}

/// A place in the order of an incident's evidence: by time, then as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When.
    pub at: Time,
    /// Among those of the same instant.
    pub tie: i64,
    /// The piece.
    pub id: EvidenceId,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.at.microseconds(), self.tie, self.id)
    }
}

impl Cursor {
    /// Reads what [`Display`](std::fmt::Display) wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Cursor> {
        let mut parts = text.splitn(3, '.');
        let at = Time::from_microseconds(parts.next()?.parse().ok()?)?;
        let tie = parts.next()?.parse().ok()?;
        Some(Cursor { at, tie, id: EvidenceId::parse(parts.next()?)? })
    }
}

/// A piece to be written down: checked, hashed, with its id.
#[derive(Debug, Clone)]
pub struct NewEvidence {
    pub(super) id: EvidenceId,
    pub(super) item: Item,
    pub(super) tie: i64,
    pub(super) content_hash: String,
    pub(super) file: Option<(String, String)>,
}

impl NewEvidence {
    /// Makes one of what an importer found. `file` is the digest and name of the file it is.
    #[must_use]
    pub fn new(
        incident: &IncidentId,
        item: Item,
        tie: i64,
        file: Option<(String, String)>,
    ) -> NewEvidence {
        let digest = file.as_ref().map_or("", |(digest, _)| digest.as_str());
        let content_hash = content_hash(&item, digest);
        let id = digest_of(&[incident.as_str(), &content_hash]);
        let id = format!("evi_{}", &id[..32]);
        let id = EvidenceId::parse(&id).unwrap_or_else(|| unreachable!("32 hexadecimal digits"));
        NewEvidence { id, item, tie, content_hash, file }
    }
}

/// What an item says, as one digest: kind, source, external id, time, precision, author, text and
/// series. Reactions and pins are left out: they change and the fact does not. So is a time that is
/// only when it came: what is brought again comes later and is the same.
#[must_use]
pub fn content_hash(item: &Item, file: &str) -> String {
    let labels = &item.signals.labels;
    let is_dated = !labels.iter().any(|(key, note)| key == "time_note" && note == RECEIVED);
    let at = if is_dated { item.occurred.at.as_microsecond().to_string() } else { String::new() };
    let bot = if item.author_is_bot { "bot" } else { "" };
    let series = series_text(&item.series);
    digest_of(&[
        "1",
        item.kind.name(),
        &item.source,
        &item.external_id,
        &at,
        item.occurred.precision.name(),
        item.author.as_deref().unwrap_or(""),
        bot,
        &item.text,
        item.place.as_deref().unwrap_or(""),
        &series,
        file,
    ])
}

fn series_text(series: &[Series]) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for one in series {
        let _ = writeln!(text, "{}", one.name);
        for (at, value) in &one.points {
            let _ = writeln!(text, "{} {:016x}", at.as_microsecond(), value.to_bits());
        }
    }
    text
}

/// SHA-256 over parts, each with its length, so that `ab, c` is not `a, bc`.
fn digest_of(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize())
}

/// What an import says that somebody stopped.
pub(super) const STOPPED: &str = "Somebody stopped it before all of it was read, so nothing of it is \
    shown. Import it again to go on; nothing doubles.";
/// What an import says during which the server ended.
pub(super) const ENDED: &str = "The server ended while this file was read, so nothing of it is shown. \
    Import it again; nothing doubles.";

kit::words!(
    /// How far an import is.
    State {
        /// Somebody has yet to say which column is what.
        Waiting = "waiting", "waiting for its columns";
        /// It is being read.
        Reading = "reading", "being read";
        /// All of it is here.
        Finished = "finished", "taken in";
        /// None of it is here.
        Failed = "failed", "not taken in";
    }
);

/// An import as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Of which incident.
    pub incident_id: IncidentId,
    /// What the file was called.
    pub file_name: String,
    /// The importer that read it.
    pub source: String,
    /// The raw body's digest.
    pub sha256: String,
    /// Its size.
    pub size_bytes: i64,
    /// How far it is.
    pub state: State,
    /// Why it failed.
    pub failure: Option<String>,
    /// The zone that was said.
    pub zone: Option<String>,
    /// The day that was said.
    pub day: Option<String>,
    /// Which column was said to be what.
    pub mapping: Option<Json<super::import::item::Mapping>>,
    /// New pieces.
    pub added: i64,
    /// Pieces that were here.
    pub already: i64,
    /// What could not be taken in.
    pub set_aside: i64,
    /// Whether a zone would help.
    pub needs_zone: bool,
    /// Who brought it.
    pub imported_by: PersonId,
    /// Their name.
    pub imported_by_name: String,
    /// When.
    pub imported_at: Time,
    /// When it was all here.
    pub finished_at: Option<Time>,
    /// When it was taken back.
    pub undone_at: Option<Time>,
}

impl Import {
    /// Whether its pieces are seen.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state == State::Finished && self.undone_at.is_none()
    }

    /// Whether it only broke off, so that reading the same file again makes sense.
    #[must_use]
    pub fn can_go_on(&self) -> bool {
        let broke_off = [STOPPED, ENDED].map(Some).contains(&self.failure.as_deref());
        self.state == State::Failed && broke_off
    }

    /// What came of it, in a sentence.
    #[must_use]
    pub fn says(&self) -> String {
        match self.state {
            State::Waiting => "It waits until somebody says which column is what.".to_owned(),
            State::Reading => format!("It is being read; {} so far.", self.added + self.already),
            State::Failed => self.failure.clone().unwrap_or_else(|| "It failed.".to_owned()),
            State::Finished => {
                let mut said = match (self.added, self.already) {
                    (0, 0) => "Nothing was found in it".to_owned(),
                    (0, here) => format!("Nothing new: all {here} were already here"),
                    (new, 0) => format!("Added {new}"),
                    (new, here) => format!("Added {new}; {here} were already here"),
                };
                if self.set_aside > 0 {
                    said.push_str(&format!("; {} set aside", self.set_aside));
                }
                said + "."
            }
        }
    }

    /// The name of its source for people.
    #[must_use]
    pub fn source_label(&self) -> &str {
        words::source(&self.source)
    }
}
