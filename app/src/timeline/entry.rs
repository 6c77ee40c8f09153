//! A timeline entry: an interpretation that cites evidence, and the order in which entries are read.

use super::fact::{Fact, Phase};
use crate::access::PersonId;
use crate::evidence::EvidenceId;
use crate::incidents::IncidentId;
use crate::incidents::key_time::Precision;
use kit::db::Time;
use serde::{Deserialize, Serialize};
use std::cmp::{Ordering, Reverse};
use std::ops::{Deref, DerefMut};

kit::id!(
    /// An entry's id.
    EntryId,
    "ent"
);

kit::words!(
    /// What an action came to.
    Came {
        /// It did what it was for.
        Worked = "worked", "worked";
        /// It did not.
        DidNot = "did_not", "did not work";
        /// Nobody can tell.
        Unknown = "unknown", "effect unknown";
    }
);

/// The most characters of an entry's text.
pub const TEXT_MAX: usize = 4000;

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Content {
    /// When.
    pub at: Time,
    /// Until when, for what lasted.
    pub until: Option<Time>,
    /// How finely that is known.
    pub precision: Precision,
    /// ± seconds.
    pub uncertainty_s: i64,
    /// The kind of fact.
    pub fact: Fact,
    /// The part of the story.
    pub phase: Option<Phase>,
    /// What happened, in plain words.
    pub text: String,
    /// Who or what acted: `person:HANDLE`, `role:WORD`, `system:NAME` or a plain name.
    pub actor: Option<String>,
    /// Whether it was known at that moment.
    pub known_then: bool,
    /// Since when it is known, if it was learned later.
    pub learned_at: Option<Time>,
    /// From someone's memory.
    pub from_memory: bool,
    /// What an action came to.
    pub result: Option<Came>,
    /// Its place among entries of the same time.
    pub tie: i64,
    /// The evidence it cites, in the order of ids.
    #[sqlx(skip)]
    pub cites: Vec<EvidenceId>,
}

impl Content {
    /// A content with only what every entry has.
    #[must_use]
    pub fn plain(at: Time, fact: Fact, text: &str) -> Content {
        Content {
            at,
            until: None,
            precision: Precision::Second,
            uncertainty_s: 0,
            fact,
            phase: None,
            text: text.to_owned(),
            actor: None,
            known_then: true,
            learned_at: None,
            from_memory: false,
            result: None,
            tie: 0,
            cites: Vec::new(),
        }
    }

    /// Whether it needs evidence and has none (I2).
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        let needs = matches!(self.fact, Fact::Indicator | Fact::Outcome);
        needs && !self.from_memory && self.cites.is_empty()
    }

    /// The actor without the word for what they are.
    #[must_use]
    pub fn actor_name(&self) -> Option<&str> {
        let actor = self.actor.as_deref()?;
        let known = ["person:", "role:", "system:"];
        Some(known.iter().find_map(|prefix| actor.strip_prefix(prefix)).unwrap_or(actor))
    }

    /// The order in which entries are read. Nothing in it depends on who wrote first: at equal times
    /// what is known more coarsely comes first, then by kind of fact, then by text.
    #[must_use]
    pub fn order(&self, other: &Content) -> Ordering {
        let key = |c: &Content| (c.at, c.tie, Reverse(c.precision), c.fact);
        let rest = |c: &Content| (c.phase, c.until, c.uncertainty_s, c.known_then, c.result);
        key(self)
            .cmp(&key(other))
            .then_with(|| self.text.cmp(&other.text))
            .then_with(|| self.actor.cmp(&other.actor))
            .then_with(|| rest(self).cmp(&rest(other)))
            .then_with(|| self.cites.cmp(&other.cites))
    }
}

/// An entry as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// Of which incident.
    pub incident_id: IncidentId,
    /// What it says.
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub content: Content,
    /// Who put it there.
    pub created_by: PersonId,
    /// When it was put there.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts its changes.
    pub version: i64,
    /// When it was taken away, if it was.
    pub deleted_at: Option<Time>,
}

impl Deref for Entry {
    type Target = Content;
    fn deref(&self) -> &Content {
        &self.content
    }
}

impl DerefMut for Entry {
    fn deref_mut(&mut self) -> &mut Content {
        &mut self.content
    }
}

/// Puts entries in the order in which they are read.
pub fn sort(entries: &mut [Entry]) {
    entries.sort_by(|a, b| a.content.order(&b.content).then_with(|| a.id.cmp(&b.id)));
}

/// Reads an entry's text: ends trimmed, something said, not too long.
///
/// # Errors
/// A sentence.
pub fn parse_text(text: &str) -> Result<String, String> {
    let text: String =
        text.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
    let text = text.trim();
    match text.chars().count() {
        0 => Err("Say what happened.".to_owned()),
        len if len > TEXT_MAX => {
            Err(format!("An entry has at most {TEXT_MAX} characters; this has {len}."))
        }
        _ => Ok(text.to_owned()),
    }
}

/// A source's text as an entry's: cut where it is too long, since the whole is cited.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most.saturating_sub(2)).collect();
    format!("{} …", cut.trim_end())
}
