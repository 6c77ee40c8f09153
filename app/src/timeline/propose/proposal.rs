//! What is proposed: entries, key times, questions and participants, each with its reasons in words.

use crate::incidents::key_time::{KeyTimeName, Precision};
use crate::timeline::fact::{Fact, Phase};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// A first timeline for people to correct. `Id` is what evidence is cited by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal<Id> {
    /// Entries in the order of their times.
    pub entries: Vec<ProposedEntry<Id>>,
    /// Key times that the evidence supports; the others are missing.
    pub key_times: Vec<FoundKeyTime<Id>>,
    /// What only a person can answer.
    pub questions: Vec<Question<Id>>,
    /// Who took part, by name.
    pub participants: Vec<Participant>,
    /// How many lighter entries were left out so that the timeline can be read.
    pub left_out: usize,
}

/// An entry and why it is proposed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProposedEntry<Id> {
    /// When.
    pub at: Timestamp,
    /// How finely that is known.
    pub precision: Precision,
    /// What kind of fact.
    pub fact: Fact,
    /// Which part of the story.
    pub phase: Option<Phase>,
    /// One calm sentence of at most 200 characters.
    pub text: String,
    /// Who said or did it, by name; apart from the text.
    pub actor: Option<String>,
    /// The evidence it rests on, at least one.
    pub cites: Vec<Id>,
    /// Why it is proposed, weightiest first.
    pub reasons: Vec<Reason>,
    /// How much speaks for it.
    pub weight: u32,
}

/// Why an entry is proposed. Its words for people come from `Display`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Reason {
    /// Pinned in its channel.
    Pinned,
    /// It has words of a decision.
    Decision {
        /// The words.
        words: Vec<String>,
    },
    /// It has words of a state: taken, broken, recovering, mitigated, resolved, told.
    State {
        /// The words.
        words: Vec<String>,
    },
    /// It has words of something done to a system.
    Action {
        /// The words.
        words: Vec<String>,
    },
    /// It names something to do afterwards.
    FollowUp {
        /// The words.
        words: Vec<String>,
    },
    /// An alert fired.
    AlertFired {
        /// Its name.
        name: String,
    },
    /// An alert was resolved.
    AlertResolved {
        /// Its name.
        name: String,
    },
    /// Somebody was paged.
    Paged,
    /// Somebody answered a page.
    PageAcknowledged,
    /// Something was deployed, rolled back or changed.
    Deploy {
        /// What.
        what: String,
    },
    /// The severity was set or changed.
    SeverityChange {
        /// To which.
        to: u8,
    },
    /// A metric left its usual band or came back.
    LeftBand {
        /// Which series.
        series: String,
    },
    /// It names something for the first time.
    FirstMention {
        /// What.
        of: String,
    },
    /// People reacted to it.
    ReactedTo {
        /// How many reactions.
        count: u32,
    },
    /// It asks something about another entry.
    Question,
    /// It shows something: a picture, a chart.
    Shows {
        /// What.
        what: String,
    },
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quoted = |words: &[String]| {
            words.iter().map(|w| format!("“{w}”")).collect::<Vec<_>>().join(", ")
        };
        match self {
            Reason::Pinned => f.write_str("pinned"),
            Reason::Decision { words } => write!(f, "words of a decision: {}", quoted(words)),
            Reason::State { words } => write!(f, "words of a state: {}", quoted(words)),
            Reason::Action { words } => write!(f, "words of an action: {}", quoted(words)),
            Reason::FollowUp { words } => write!(f, "names something to do: {}", quoted(words)),
            Reason::AlertFired { name } => write!(f, "alert fired: {name}"),
            Reason::AlertResolved { name } => write!(f, "alert resolved: {name}"),
            Reason::Paged => f.write_str("somebody was paged"),
            Reason::PageAcknowledged => f.write_str("page acknowledged"),
            Reason::Deploy { what } => write!(f, "change: {what}"),
            Reason::SeverityChange { to } => write!(f, "severity set to {to}"),
            Reason::LeftBand { series } => write!(f, "outside or back in its usual band: {series}"),
            Reason::FirstMention { of } => write!(f, "first mention of {of}"),
            Reason::ReactedTo { count: 1 } => f.write_str("1 reaction"),
            Reason::ReactedTo { count } => write!(f, "{count} reactions"),
            Reason::Question => f.write_str("a question about an entry"),
            Reason::Shows { what } => write!(f, "shows {what}"),
        }
    }
}

/// A key time that the evidence supports.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoundKeyTime<Id> {
    /// Which.
    pub name: KeyTimeName,
    /// When.
    pub at: Timestamp,
    /// How finely that is known.
    pub precision: Precision,
    /// By how many seconds it may be off either way.
    pub uncertainty_s: u32,
    /// What in the evidence says so, as a sentence.
    pub reason: String,
    /// The evidence.
    pub cites: Vec<Id>,
}

impl<Id> FoundKeyTime<Id> {
    /// The time itself.
    #[must_use]
    pub fn moment(&self) -> crate::incidents::key_time::Moment {
        let FoundKeyTime { at, precision, uncertainty_s, .. } = *self;
        crate::incidents::key_time::Moment { at, precision, uncertainty_s }
    }
}

/// Something that the evidence cannot answer and a person may.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Question<Id> {
    /// Nothing was recorded for much longer than usual.
    Gap {
        /// The last thing before.
        from: Timestamp,
        /// The first thing after.
        to: Timestamp,
        /// How long.
        #[serde(serialize_with = "as_seconds", rename = "length_s")]
        length: SignedDuration,
        /// The median time between two things in this incident.
        #[serde(serialize_with = "as_seconds", rename = "typical_s")]
        typical: SignedDuration,
        /// Who wrote shortly before or after and may know, by name.
        people: Vec<String>,
        /// The question.
        ask: String,
    },
    /// Two things that cannot both be as told.
    Contradiction {
        /// What about.
        about: String,
        /// One, and the time it gives.
        first: (Id, Timestamp),
        /// The other, and the time it gives.
        second: (Id, Timestamp),
        /// The question.
        ask: String,
    },
    /// A key time that nothing tells.
    Missing {
        /// Which.
        key_time: KeyTimeName,
        /// The question.
        ask: String,
    },
    /// A clock time whose zone is not clear.
    ZoneDoubt {
        /// What about.
        about: String,
        /// Where it is said, and when.
        item: (Id, Timestamp),
        /// The time as written.
        said: String,
        /// The question.
        ask: String,
    },
}

fn as_seconds<S: serde::Serializer>(length: &SignedDuration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_i64(length.as_secs())
}

impl<Id> Question<Id> {
    /// The question as a person is asked it.
    #[must_use]
    pub fn ask(&self) -> &str {
        match self {
            Question::Gap { ask, .. }
            | Question::Contradiction { ask, .. }
            | Question::Missing { ask, .. }
            | Question::ZoneDoubt { ask, .. } => ask,
        }
    }
}

/// Who took part, by the name the source gives. How much they wrote is nobody's business.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Participant {
    /// The name.
    pub name: String,
}

impl<Id> Proposal<Id> {
    /// The same with other ids.
    pub(super) fn cite<To>(self, mut id: impl FnMut(Id) -> To) -> Proposal<To> {
        let mut entries = Vec::with_capacity(self.entries.len());
        for entry in self.entries {
            let ProposedEntry { at, precision, fact, phase, text, actor, cites, reasons, weight } =
                entry;
            let cites = cites.into_iter().map(&mut id).collect();
            entries.push(ProposedEntry {
                at,
                precision,
                fact,
                phase,
                text,
                actor,
                cites,
                reasons,
                weight,
            });
        }
        let mut key_times = Vec::with_capacity(self.key_times.len());
        for time in self.key_times {
            let FoundKeyTime { name, at, precision, uncertainty_s, reason, cites } = time;
            let cites = cites.into_iter().map(&mut id).collect();
            key_times.push(FoundKeyTime { name, at, precision, uncertainty_s, reason, cites });
        }
        let mut questions = Vec::with_capacity(self.questions.len());
        for question in self.questions {
            questions.push(match question {
                Question::Gap { from, to, length, typical, people, ask } => {
                    Question::Gap { from, to, length, typical, people, ask }
                }
                Question::Contradiction { about, first, second, ask } => Question::Contradiction {
                    about,
                    first: (id(first.0), first.1),
                    second: (id(second.0), second.1),
                    ask,
                },
                Question::Missing { key_time, ask } => Question::Missing { key_time, ask },
                Question::ZoneDoubt { about, item, said, ask } => {
                    Question::ZoneDoubt { about, item: (id(item.0), item.1), said, ask }
                }
            });
        }
        Proposal {
            entries,
            key_times,
            questions,
            participants: self.participants,
            left_out: self.left_out,
        }
    }
}
