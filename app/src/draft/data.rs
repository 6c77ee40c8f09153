//! What a draft says, as data: plain values in the order in which they are shown.

use super::Found;
use crate::evidence::import::item::{AlertState, Item, SetAside};
use crate::incidents::duration::{self, DurationName, Told};
use crate::incidents::key_time::{KeyTimeName, KeyTimes, Precision};
use crate::timeline::fact::{Fact, Phase};
use crate::timeline::propose::{Participant, Proposal, Question, Reason, propose};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A draft of a retrospective.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Draft {
    /// What it is called.
    pub title: Title,
    /// From the first to the last entry, if there are any.
    pub window: Option<Window>,
    /// Channels, repositories and the like that the evidence comes from, by name.
    pub places: Vec<String>,
    /// How many pieces of evidence each kind of source gave.
    pub evidence: Vec<SourceCount>,
    /// Key times that the evidence supports.
    pub key_times: Vec<KeyTime>,
    /// Key times that it does not support.
    pub missing: Vec<MissingTime>,
    /// All named durations, each told or with the reason why not.
    pub durations: Vec<NamedDuration>,
    /// What offsets are counted from.
    pub offset_from: Option<Named>,
    /// The timeline.
    pub timeline: Vec<Row>,
    /// How many lighter entries were left out of it.
    pub left_out: usize,
    /// Who took part, in the order of the alphabet.
    pub participants: Vec<Participant>,
    /// What only a person can answer.
    pub questions: Vec<Question<String>>,
    /// What people said should be done, as they said it.
    pub to_do: Vec<String>,
    /// What could not be taken in.
    pub set_aside: Vec<Aside>,
}

/// A title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Title {
    /// The words.
    pub text: String,
    /// Whether it is only a guess from the evidence.
    pub guessed: bool,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

/// How much evidence a source gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceCount {
    /// The source, in lower case.
    pub source: String,
    /// How many pieces.
    pub count: usize,
}

/// A key time that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyTime {
    /// Which.
    pub name: KeyTimeName,
    /// When.
    pub at: Timestamp,
    /// How finely that is known.
    pub precision: Precision,
    /// By how many seconds it may be off either way.
    pub uncertainty_s: u32,
    /// What says so.
    pub reason: String,
    /// The evidence, as `source:id`.
    pub cites: Vec<String>,
}

/// A key time that nothing tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingTime {
    /// Which.
    pub name: KeyTimeName,
    /// What it would mean.
    pub meaning: &'static str,
}

/// A named duration with its definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedDuration {
    /// Which.
    pub name: DurationName,
    /// What it is, in words.
    pub definition: &'static str,
    /// How long, or why that cannot be told.
    #[serde(flatten)]
    pub told: Told,
    /// The same for people.
    pub words: String,
}

/// A time with a name for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// A row of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// When.
    pub at: Timestamp,
    /// How finely that is known.
    pub precision: Precision,
    /// Seconds from the zero that `offset_from` names.
    pub offset_s: Option<i64>,
    /// What.
    pub text: String,
    /// What kind of fact.
    pub fact: Fact,
    /// Which part of the story.
    pub phase: Option<Phase>,
    /// Who said or did it.
    pub actor: Option<String>,
    /// Why it is proposed, for people.
    pub why: Vec<String>,
    /// The evidence.
    pub cites: Vec<Cited>,
}

/// A piece of evidence that an entry rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cited {
    /// `source:id`.
    pub id: String,
    /// The source, in lower case.
    pub source: String,
    /// Channel, repository, alert group, file.
    pub place: Option<String>,
    /// Where to find it, if it has an address.
    pub url: Option<String>,
}

/// What could not be taken in, equal reasons together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Aside {
    /// How many times.
    pub count: usize,
    /// The first places, at most five.
    pub places: Vec<String>,
    /// Why, and what to do.
    pub why: String,
}

/// The most places of one reason that are listed.
const MOST_PLACES: usize = 5;

/// The draft of what was found.
pub(super) fn draft(found: Found) -> Draft {
    let Found { items, set_aside, title } = found;
    let cited = by_id(&items);
    let evidence: Vec<(String, &Item)> =
        cited.iter().map(|(id, item)| (id.clone(), *item)).collect();
    let proposal = propose(&evidence);
    let key_times = key_times(&proposal);
    let offset_from = zero(&proposal);
    let timeline = rows(&proposal, &cited, offset_from.as_ref());
    let title = title
        .filter(|title| !title.trim().is_empty())
        .map(|text| Title { text, guessed: false })
        .unwrap_or_else(|| guess(&items, &proposal));
    let window = timeline.first().zip(timeline.iter().map(|row| row.at).max());
    Draft {
        title,
        window: window.map(|(first, to)| Window { from: first.at, to }),
        places: places(&items),
        evidence: counts(evidence.iter().map(|(_, item)| *item)),
        missing: missing(&proposal),
        durations: durations(&proposal),
        to_do: to_do(&proposal),
        key_times,
        offset_from,
        timeline,
        left_out: proposal.left_out,
        participants: proposal.participants,
        questions: proposal.questions,
        set_aside: asides(&set_aside),
    }
}

/// Each fact once: the same one read from two files has the same id.
fn by_id(items: &[Item]) -> BTreeMap<String, &Item> {
    let mut found: BTreeMap<String, &Item> = BTreeMap::new();
    for item in items {
        let id = format!("{}:{}", item.source, item.external_id);
        let kept = found.entry(id).or_insert(item);
        // of two readings of one fact the later edited counts, whichever came first
        let newer = |item: &Item| (item.signals.edited_at, item.text.clone());
        if newer(kept) < newer(item) {
            *kept = item;
        }
    }
    found
}

fn key_times(proposal: &Proposal<String>) -> Vec<KeyTime> {
    let found = proposal.key_times.iter().map(|time| KeyTime {
        name: time.name,
        at: time.at,
        precision: time.precision,
        uncertainty_s: time.uncertainty_s,
        reason: time.reason.clone(),
        cites: time.cites.clone(),
    });
    found.collect()
}

/// The key times of an incident itself; those of laws and of the learning come later.
const ASKED: &[KeyTimeName] = &[
    KeyTimeName::Introduced,
    KeyTimeName::Triggered,
    KeyTimeName::ImpactStart,
    KeyTimeName::Detected,
    KeyTimeName::Paged,
    KeyTimeName::Acknowledged,
    KeyTimeName::Declared,
    KeyTimeName::Engaged,
    KeyTimeName::Identified,
    KeyTimeName::Mitigated,
    KeyTimeName::ImpactEnd,
    KeyTimeName::Resolved,
    KeyTimeName::FirstPublicNotice,
];

fn missing(proposal: &Proposal<String>) -> Vec<MissingTime> {
    let known = |name: &KeyTimeName| proposal.key_times.iter().any(|time| time.name == *name);
    let missing = ASKED.iter().filter(|name| !known(name));
    missing.map(|name| MissingTime { name: *name, meaning: name.meaning() }).collect()
}

fn durations(proposal: &Proposal<String>) -> Vec<NamedDuration> {
    let times: KeyTimes =
        proposal.key_times.iter().map(|time| (time.name, time.moment())).collect();
    let start = times.get(&KeyTimeName::ImpactStart).copied();
    // both ends make a window; one end alone makes none
    let ends = start.zip(times.get(&KeyTimeName::ImpactEnd).copied());
    let windows: Vec<duration::Window> = ends
        .into_iter()
        .map(|(start, end)| duration::Window { surface: "users".to_owned(), start, end: Some(end) })
        .collect();
    let all = duration::durations(&times, &windows)
        .into_iter()
        .filter(|duration| duration.name != DurationName::Learn);
    let named = all.map(|duration| NamedDuration {
        name: duration.name,
        definition: duration.name.definition(),
        words: duration.told.to_string(),
        told: duration.told,
    });
    named.collect()
}

/// What offsets are counted from: impact start, else the first sign, else the first entry.
fn zero(proposal: &Proposal<String>) -> Option<Named> {
    let known = |name: KeyTimeName| proposal.key_times.iter().find(|time| time.name == name);
    let time = known(KeyTimeName::ImpactStart).map(|time| ("impact start", time.at));
    let time =
        time.or_else(|| known(KeyTimeName::Detected).map(|time| ("the first sign", time.at)));
    let time = time.or_else(|| proposal.entries.first().map(|entry| ("the first entry", entry.at)));
    time.map(|(name, at)| Named { name: name.to_owned(), at })
}

fn rows(
    proposal: &Proposal<String>,
    cited: &BTreeMap<String, &Item>,
    zero: Option<&Named>,
) -> Vec<Row> {
    let cite = |id: &String| {
        let item = cited.get(id);
        Cited {
            id: id.clone(),
            source: item.map(|item| item.source.clone()).unwrap_or_default(),
            place: item.and_then(|item| item.place.clone()),
            url: item.and_then(|item| item.url.clone()),
        }
    };
    let row = |entry: &crate::timeline::propose::ProposedEntry<String>| Row {
        at: entry.at,
        precision: entry.precision,
        offset_s: zero.map(|zero| entry.at.duration_since(zero.at).as_secs()),
        text: entry.text.clone(),
        fact: entry.fact,
        phase: entry.phase,
        actor: entry.actor.clone(),
        why: entry.reasons.iter().map(ToString::to_string).collect(),
        cites: entry.cites.iter().map(cite).collect(),
    };
    proposal.entries.iter().map(row).collect()
}

fn places(items: &[Item]) -> Vec<String> {
    let names: BTreeSet<&str> = items
        .iter()
        .filter_map(|item| item.place.as_deref())
        .filter(|place| !place.trim().is_empty())
        .collect();
    names.into_iter().map(str::to_owned).collect()
}

fn counts<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<SourceCount> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for item in items {
        *counts.entry(&item.source).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(source, count)| SourceCount { source: source.to_owned(), count })
        .collect()
}

fn to_do(proposal: &Proposal<String>) -> Vec<String> {
    let named = proposal.entries.iter().filter(|entry| {
        entry.reasons.iter().any(|reason| matches!(reason, Reason::FollowUp { .. }))
    });
    named.map(|entry| entry.text.clone()).collect()
}

/// A channel's topic without severity and roles, else the first alert, else the first entry.
fn guess(items: &[Item], proposal: &Proposal<String>) -> Title {
    let guessed = |text: String| Title { text, guessed: true };
    let core = proposal.key_times.iter().map(|time| time.at);
    let span = core.clone().min().zip(core.max());
    let inside = |item: &&Item| {
        span.is_none_or(|(from, to)| from <= item.occurred.at && item.occurred.at <= to)
    };
    let topics = items
        .iter()
        .filter(inside)
        .filter(|item| item.signals.system_message && !item.signals.deleted);
    if let Some((_, topic)) =
        topics.filter_map(|item| Some((item.occurred.at, topic(&item.text)?))).min()
    {
        return guessed(topic);
    }
    let alerts = items.iter().filter(inside).filter_map(|item| {
        let alert =
            item.signals.alert.as_ref().filter(|alert| alert.state == AlertState::Firing)?;
        let service = item
            .signals
            .labels
            .iter()
            .find(|(key, _)| key == "service")
            .map(|(_, service)| service);
        Some((
            item.occurred.at,
            match service {
                Some(service) => format!("{} on {service}", alert.name),
                None => alert.name.clone(),
            },
        ))
    });
    if let Some((_, alert)) = alerts.min() {
        return guessed(alert);
    }
    let first =
        proposal.entries.iter().max_by_key(|entry| (entry.weight, std::cmp::Reverse(entry.at)));
    guessed(first.map_or_else(
        || "An incident".to_owned(),
        |entry| entry.text.trim_matches(['“', '”']).to_owned(),
    ))
}

/// "set the channel topic: SEV-1 checkout 5xx | IC: Ada" is about "checkout 5xx".
fn topic(text: &str) -> Option<String> {
    let (before, topic) = text.split_once(": ")?;
    if !before.to_lowercase().contains("topic") && !before.to_lowercase().contains("header") {
        return None;
    }
    let first = topic.split(['|', '\n', '·']).next()?;
    let severity = |word: &str| {
        let word = word.to_lowercase();
        word.strip_prefix("sev").is_some_and(|rest| rest.trim_start_matches('-').len() <= 1)
    };
    let words: Vec<&str> = first.split_whitespace().filter(|word| !severity(word)).collect();
    let title: String = words.join(" ").chars().take(120).collect();
    (title.chars().count() > 3).then_some(title)
}

fn asides(set_aside: &[SetAside]) -> Vec<Aside> {
    let mut grouped: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for aside in set_aside {
        let place = match &aside.file {
            Some(file) => format!("{file}, {}", aside.place),
            None => aside.place.clone(),
        };
        grouped.entry(&aside.why).or_default().push(place);
    }
    let aside = |(why, mut places): (&str, Vec<String>)| {
        let count = places.len();
        places.sort();
        places.truncate(MOST_PLACES);
        Aside { count, places, why: why.to_owned() }
    };
    grouped.into_iter().map(aside).collect()
}
