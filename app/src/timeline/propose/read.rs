//! Reads one evidence item: what it says, whether a person says it, and what hints that it matters.

use super::clock::{self, Named};
use super::text;
use super::words::{self, Clause, Hit, List};
use crate::evidence::import::item::{AlertState, ChangeKind, ChangeState, Item, Kind, PageSignal};
use crate::incidents::key_time::Precision;
use jiff::Timestamp;
use regex::Regex;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

/// How much of a text is read; what matters is said early, and the evidence keeps all.
const MOST_READ: usize = 8_000;

/// An item as read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) item: &'a Item,
    pub(super) at: Timestamp,
    pub(super) precision: Precision,
    /// Without pictures; line breaks stay.
    pub(super) text: String,
    folded: String,
    /// Where each byte of the folded text comes from, when folding moved anything.
    moved: Option<Vec<usize>>,
    pub(super) clauses: Vec<Clause>,
    pub(super) hits: Vec<Hit>,
    pub(super) times: Vec<Named>,
    /// Joins, topics, deleted messages and the like.
    pub(super) noise: bool,
    /// Said by a person, as far as the source tells.
    pub(super) human: bool,
    pub(super) alert: Option<Alert>,
    pub(super) change: Option<Change>,
    pub(super) page: Option<PageSignal>,
    /// 1 to 5.
    pub(super) severity: Option<u8>,
    /// Versions, commits.
    pub(super) names: Vec<String>,
    /// A line of a log, or an excerpt of one.
    pub(super) log_line: bool,
    blames: Vec<usize>,
}

/// An alert that the item tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alert {
    pub(super) name: String,
    pub(super) firing: bool,
    pub(super) count: u32,
    pub(super) about: Option<String>,
}

/// A change that the item tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) rollback: bool,
    pub(super) noun: &'static str,
    pub(super) state: ChangeState,
    pub(super) revision: Option<String>,
}

static ALERT: LazyLock<Regex> = LazyLock::new(|| {
    let states = r"(?:\[(firing|alerting|triggered|problem|resolved|recovered|ok)(?::(\d{1,6}))?\]|^(?:alert )?(firing|triggered|problem|resolved|recovered|recovery):)";
    Regex::new(&format!(
        r"(?im){states}\s{{0,4}}([^\s(|][^\n(|]{{0,200}})(?:\s*\(([^\n)]{{1,80}})\))?"
    ))
    .expect("a constant")
});
static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:v?\d{1,4}\.\d{1,4}\.\d{1,6}(?:-[a-z0-9.]{1,20})?|[0-9a-f]{7,40})\b")
        .expect("a constant")
});
static SEVERITY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:sev(?:erity)?[- ]?|p)([1-5])\b").expect("a constant"));
static LOG_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^\W{0,4}\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*\s+\[?(?:ERROR|WARN|WARNING|FATAL|CRITICAL|INFO|DEBUG)\b").expect("a constant")
});

/// All items, read; with what the whole tells about each.
pub(super) fn all<'a>(items: &[&'a Item]) -> Vec<Reading<'a>> {
    let people = name_words(items);
    items.iter().map(|item| Reading::of(item, &people)).collect()
}

/// Words of people's names, in lower case.
fn name_words(items: &[&Item]) -> BTreeSet<String> {
    let authors =
        items.iter().filter(|item| !item.author_is_bot).filter_map(|item| item.author.as_deref());
    let words = authors
        .flat_map(str::split_whitespace)
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
    words.filter(|word| word.chars().count() > 1).collect()
}

impl<'a> Reading<'a> {
    fn of(item: &'a Item, people: &BTreeSet<String>) -> Reading<'a> {
        let cut: &str = item
            .text
            .char_indices()
            .nth(MOST_READ)
            .map_or(&item.text, |(end, _)| &item.text[..end]);
        let text = text::without_pictures(cut);
        let (folded, moved) = fold(&text);
        let clauses = words::clauses(&folded);
        let hits = words::find(&folded, &clauses);
        let at = item.occurred.at;
        let times = clock::named(&folded, &clauses, at);
        let spoken = matches!(
            item.kind,
            Kind::Chat
                | Kind::Manual
                | Kind::CallTranscript
                | Kind::InterviewAnswer
                | Kind::Ticket
                | Kind::StatusPost
                | Kind::Log
        );
        let log_line = LOG_LINE.is_match(&text);
        let mut reading = Reading {
            item,
            at,
            precision: item.occurred.precision,
            noise: item.signals.system_message || item.signals.deleted,
            human: spoken
                && !item.author_is_bot
                && item.signals.alert.is_none()
                && item.signals.page.is_none(),
            alert: None,
            change: None,
            page: item.signals.page,
            severity: severity(&folded),
            names: names(&folded),
            log_line,
            blames: Vec::new(),
            text,
            folded,
            moved,
            clauses,
            hits,
            times,
        };
        reading.alert = reading.read_alert();
        reading.change = reading.read_change();
        reading.blames = reading.read_blames(people);
        reading
    }

    /// Whether it has a word of the list that is meant so.
    pub(super) fn says(&self, list: List) -> Option<&Hit> {
        self.hits.iter().find(|hit| hit.list == list && hit.meant)
    }

    /// The words of the lists that are meant, each once.
    pub(super) fn words(&self, lists: &[List]) -> Vec<String> {
        let mut found: Vec<&Hit> =
            self.hits.iter().filter(|hit| hit.meant && lists.contains(&hit.list)).collect();
        // of words one within the other the longer says it
        let all = found.clone();
        found.retain(|hit| {
            let longer = |other: &&Hit| {
                other.start <= hit.start
                    && hit.end <= other.end
                    && other.end - other.start > hit.end - hit.start
            };
            !all.iter().take(64).any(longer)
        });
        let mut words: Vec<String> = Vec::new();
        for hit in found {
            let word = hit.word.trim_end_matches(':').to_owned();
            if !words.contains(&word) && words.len() < 4 {
                words.push(word);
            }
        }
        words
    }

    /// Who or what said it.
    pub(super) fn author(&self) -> Option<&str> {
        self.item.author.as_deref().filter(|name| !name.trim().is_empty())
    }

    /// Whether its last word is a question.
    pub(super) fn asks(&self) -> bool {
        self.human
            && self
                .clauses
                .iter()
                .rev()
                .find(|c| !self.folded[c.start..c.end].trim().is_empty())
                .is_some_and(|c| c.asked)
    }

    /// The number of reactions.
    pub(super) fn reactions(&self) -> u32 {
        self.item.signals.reactions.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// A number with a percent sign, or "from … to …": something measured.
    pub(super) fn measures(&self) -> bool {
        let bytes = self.folded.as_bytes();
        bytes.windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1] == b'%')
            || self.says(List::Onset).is_some()
    }

    /// Sentences, as ranges of the folded text.
    pub(super) fn sentences(&self) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut last = None;
        for clause in &self.clauses {
            match found.last_mut() {
                Some(range) if last == Some(clause.sentence) => range.end = clause.end,
                _ => found.push(clause.start..clause.end),
            }
            last = Some(clause.sentence);
        }
        found
    }

    /// The text as written, of a range of the folded text.
    pub(super) fn folded_range(&self, range: Range<usize>) -> &str {
        let place = |at: usize| self.moved.as_ref().map_or(at, |moved| moved[at]);
        self.text.get(place(range.start)..place(range.end)).unwrap_or("")
    }

    /// Numbers of the sentences that are not quoted.
    pub(super) fn sentences_that_blame(&self) -> Vec<usize> {
        self.blames.clone()
    }

    fn read_blames(&self, people: &BTreeSet<String>) -> Vec<usize> {
        let blaming = |hit: &&Hit| match hit.list {
            List::Blame => true,
            List::FaultOf => {
                let before = self.folded[..hit.start].split_whitespace().next_back().unwrap_or("");
                let bare = before.trim_matches(|c: char| !c.is_alphanumeric());
                before.starts_with('@')
                    || people.contains(bare)
                    || matches!(bare, "he" | "she" | "you")
            }
            _ => false,
        };
        let sentences =
            self.hits.iter().filter(blaming).map(|hit| self.clauses[hit.clause].sentence);
        let found: BTreeSet<usize> = sentences.collect();
        // numbers count sentences that are there; clauses count every end of one
        let numbers: Vec<usize> =
            self.clauses.iter().map(|c| c.sentence).collect::<BTreeSet<_>>().into_iter().collect();
        numbers
            .iter()
            .enumerate()
            .filter(|(_, sentence)| found.contains(sentence))
            .map(|(at, _)| at)
            .collect()
    }

    fn read_alert(&self) -> Option<Alert> {
        let about = |item: &Item| {
            let label = |key: &str| {
                item.signals.labels.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone())
            };
            label("service").or_else(|| label("job")).or_else(|| label("instance"))
        };
        if let Some(signal) = &self.item.signals.alert {
            let firing = signal.state == AlertState::Firing;
            // a chat's importer may have read the heading already; the count stands in the text
            let count = if self.item.kind == Kind::Alert {
                1
            } else {
                self.heading().map_or(1, |(_, count, _, _)| count)
            };
            let about = about(self.item).or_else(|| self.heading().and_then(|h| h.3));
            return Some(Alert { name: signal.name.clone(), firing, count, about });
        }
        if self.noise || !self.item.author_is_bot {
            return None;
        }
        let (firing, count, name, about) = self.heading()?;
        Some(Alert { name, firing, count, about })
    }

    /// `[FIRING:2] TargetDown (checkout)`, as alerting systems head their messages.
    fn heading(&self) -> Option<(bool, u32, String, Option<String>)> {
        let c = ALERT.captures(&self.text)?;
        let state = c.get(1).or(c.get(3))?.as_str().to_lowercase();
        let firing = !matches!(state.as_str(), "resolved" | "recovered" | "recovery" | "ok");
        let count = c.get(2).and_then(|n| n.as_str().parse().ok()).unwrap_or(1);
        let name = text::calm(c.get(4)?.as_str());
        let name = text::cut(name.trim_matches(['*', '_', ' ', ':', '-']), 80);
        let about = c.get(5).map(|m| text::cut(&text::calm(m.as_str()), 60));
        (!name.is_empty()).then_some((firing, count.max(1), name, about))
    }

    fn read_change(&self) -> Option<Change> {
        if let Some(signal) = &self.item.signals.change {
            let noun = match signal.what {
                ChangeKind::Deployment => "Deployment",
                ChangeKind::Workflow => "Workflow",
                ChangeKind::Pipeline => "Pipeline",
                ChangeKind::Push => "Push",
                ChangeKind::Release => "Release",
                ChangeKind::Rollback => "Rollback",
            };
            let rollback = signal.what == ChangeKind::Rollback;
            return Some(Change {
                rollback,
                noun,
                state: signal.state,
                revision: signal.revision.clone(),
            });
        }
        if self.noise || self.alert.is_some() || self.asks() {
            return None;
        }
        let rollback = self.says(List::Rollback);
        let subject = match self.item.author_is_bot {
            true => rollback.or_else(|| self.says(List::Deploy)),
            // people talk about deploys in passing; of a rollback they tell when they do it
            false => rollback.filter(|_| {
                [List::Decision, List::Mitigated, List::Resolved]
                    .iter()
                    .all(|list| self.says(*list).is_none())
            }),
        }?;
        let progress = self.progress(subject.clause)?;
        // a clock time makes it a report of something earlier
        if self.human && self.times.iter().any(|time| time.clause == subject.clause) {
            return None;
        }
        let noun = if rollback.is_some() { "Rollback" } else { "Deployment" };
        Some(Change {
            rollback: rollback.is_some(),
            noun,
            state: progress,
            revision: self.names.first().cloned(),
        })
    }

    /// What a clause says about how far something got.
    pub(super) fn progress(&self, clause: usize) -> Option<ChangeState> {
        let hit = |list| {
            self.hits.iter().any(|hit| hit.clause == clause && hit.list == list && hit.meant)
        };
        if hit(List::Failed) {
            Some(ChangeState::Failed)
        } else if hit(List::Finished) {
            Some(ChangeState::Succeeded)
        } else {
            hit(List::Started).then_some(ChangeState::Started)
        }
    }
}

/// In lower case; and where each byte comes from when lengths changed.
fn fold(text: &str) -> (String, Option<Vec<usize>>) {
    let simple = text.to_lowercase();
    let same = text.chars().all(|c| {
        c.is_ascii() || {
            let mut lower = c.to_lowercase();
            lower.next().is_some_and(|l| l.len_utf8() == c.len_utf8()) && lower.next().is_none()
        }
    });
    if same && simple.len() == text.len() {
        return (simple, None);
    }
    let (mut folded, mut places) =
        (String::with_capacity(text.len()), Vec::with_capacity(text.len() + 1));
    for (at, c) in text.char_indices() {
        for lower in c.to_lowercase() {
            folded.push(lower);
            places.extend(std::iter::repeat_n(at, lower.len_utf8()));
        }
    }
    places.push(text.len());
    (folded, Some(places))
}

fn severity(folded: &str) -> Option<u8> {
    SEVERITY.captures(folded)?.get(1)?.as_str().parse().ok()
}

/// Versions and commits.
fn names(folded: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in NAMES.find_iter(folded) {
        // an address has one number more
        let mut after = folded[name.end()..].chars();
        if after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit())
            || folded[..name.start()].ends_with('.')
        {
            continue;
        }
        let name = name.as_str();
        let commit = !name.contains('.');
        let mixed = name.bytes().any(|b| b.is_ascii_digit())
            && name.bytes().any(|b| b.is_ascii_alphabetic());
        if (!commit || mixed) && !found.iter().any(|other| other == name) && found.len() < 8 {
            found.push(name.to_owned());
        }
    }
    found
}

/// The places of items by source and external id, to follow a thread.
pub(super) fn places<'a>(readings: &[Reading<'a>]) -> HashMap<(&'a str, &'a str), usize> {
    let ids = readings.iter().enumerate();
    ids.map(|(at, r)| ((r.item.source.as_str(), r.item.external_id.as_str()), at)).collect()
}

/// The message that a reading answers.
pub(super) fn root_of(
    reading: &Reading<'_>,
    places: &HashMap<(&str, &str), usize>,
) -> Option<usize> {
    let answers = reading.item.answers.as_deref()?;
    places.get(&(reading.item.source.as_str(), answers)).copied()
}
