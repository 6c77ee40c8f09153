//! Items that tell of one thing: the same alert from the alerting system and from the chat, a storm of
//! alerts, a rollback that a bot and a person report, a post copied to two channels.

use super::read::Reading;
use super::words::List;
use crate::evidence::import::item::{ChangeState, Kind, PageSignal};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Within this time after one another, equal things are one.
pub(super) const SAME: SignedDuration = SignedDuration::from_mins(5);
/// Different alerts that follow each other this closely are a storm.
const STORM_STEP: SignedDuration = SignedDuration::from_secs(60);
/// That many kinds of alerts make one entry.
const STORM_KINDS: usize = 6;
/// A silence that parts one incident's signs from another's.
const APART: SignedDuration = SignedDuration::from_hours(24);

/// Items that make one entry, by their places in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) members: Vec<usize>,
    pub(super) of: Of,
}

/// What a group is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Of {
    /// One alert, fired or resolved, perhaps many times.
    Alert { firing: bool },
    /// Many different alerts at once.
    Storm { firing: bool },
    /// One step of one change.
    Change,
    /// Steps at the pager.
    Page,
    /// Lines of one log.
    Log,
    /// One item, or equal texts.
    Said,
}

/// All items that are not noise, grouped. Each item is in exactly one group.
pub(super) fn all(readings: &[Reading<'_>]) -> Vec<Group> {
    let mut open: HashMap<Key, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (place, reading) in readings.iter().enumerate().filter(|(_, reading)| !reading.noise) {
        let (key, of) = key(reading);
        let joined = key.as_ref().and_then(|key| open.get(key)).copied();
        let near = joined.filter(|group| {
            let last = groups[*group].members.last().map_or(reading.at, |last| readings[*last].at);
            reading.at.duration_since(last) <= SAME
        });
        match near {
            Some(group) => groups[group].members.push(place),
            None => {
                if let Some(key) = key {
                    open.insert(key, groups.len());
                }
                groups.push(Group { members: vec![place], of });
            }
        }
    }
    storms(readings, groups)
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Alert(String, bool),
    Change(bool, &'static str, ChangeKey, Option<String>),
    Page(PageKey, String),
    Log(String, String),
    Text(String),
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum ChangeKey {
    Started,
    Succeeded,
    Failed,
    Noted,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum PageKey {
    Triggered,
    Acknowledged,
    Escalated,
    Resolved,
}

/// What makes items one thing, if anything does.
fn key(reading: &Reading<'_>) -> (Option<Key>, Of) {
    if let Some(alert) = &reading.alert {
        return (
            Some(Key::Alert(alert.name.to_lowercase(), alert.firing)),
            Of::Alert { firing: alert.firing },
        );
    }
    if let Some(page) = reading.page {
        let step = match page {
            PageSignal::Triggered => PageKey::Triggered,
            PageSignal::Acknowledged => PageKey::Acknowledged,
            PageSignal::Escalated => PageKey::Escalated,
            PageSignal::Resolved => PageKey::Resolved,
            PageSignal::Annotated => return (None, Of::Page),
        };
        return (Some(Key::Page(step, reading.item.place.clone().unwrap_or_default())), Of::Page);
    }
    if let Some(change) = &reading.change {
        let state = match change.state {
            ChangeState::Started => ChangeKey::Started,
            ChangeState::Succeeded => ChangeKey::Succeeded,
            ChangeState::Failed | ChangeState::Cancelled => ChangeKey::Failed,
            ChangeState::Noted => ChangeKey::Noted,
        };
        // of a rollback there is one at a time, so a version that one source leaves out parts nothing
        let revision = change.revision.clone().filter(|_| !change.rollback);
        let noun = if change.rollback { "Rollback" } else { change.noun };
        return (Some(Key::Change(change.rollback, noun, state, revision)), Of::Change);
    }
    if reading.item.kind == Kind::Log
        && reading.says(List::Trouble).is_some()
        && reading.item.source != "note"
    {
        let place = reading.item.place.clone().unwrap_or_default();
        return (Some(Key::Log(reading.item.source.clone(), place)), Of::Log);
    }
    let text: String = reading.text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    // short answers ("ok", "done") are equal without being the same
    let long = text.chars().count() >= 12 && reading.item.series.is_empty();
    (long.then_some(Key::Text(text)), Of::Said)
}

/// Joins many different alerts that fire at once.
fn storms(readings: &[Reading<'_>], groups: Vec<Group>) -> Vec<Group> {
    let first = |group: &Group| readings[group.members[0]].at;
    let mut rest = Vec::new();
    let mut kept = Vec::new();
    for firing in [true, false] {
        let mut burst: Vec<Group> = Vec::new();
        for group in groups.iter().filter(|group| group.of == Of::Alert { firing }) {
            let near = burst
                .last()
                .is_none_or(|last| first(group).duration_since(first(last)) <= STORM_STEP);
            if !near {
                kept.extend(burst_as_groups(std::mem::take(&mut burst), firing));
            }
            burst.push(group.clone());
        }
        kept.extend(burst_as_groups(burst, firing));
    }
    rest.extend(groups.into_iter().filter(|group| !matches!(group.of, Of::Alert { .. })));
    rest.extend(kept);
    rest.sort_by_key(|group| group.members[0]);
    rest
}

fn burst_as_groups(burst: Vec<Group>, firing: bool) -> Vec<Group> {
    if burst.len() < STORM_KINDS {
        return burst;
    }
    let mut members: Vec<usize> = burst.into_iter().flat_map(|group| group.members).collect();
    members.sort_unstable();
    vec![Group { members, of: Of::Storm { firing } }]
}

/// How many alerts a group stands for: what the source that tells of most says.
pub(super) fn alerts(readings: &[Reading<'_>], members: &[usize]) -> u32 {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut told: HashSet<(&str, &str, i64)> = HashSet::new();
    for reading in members.iter().map(|member| &readings[*member]) {
        let count = reading.alert.as_ref().map_or(0, |alert| alert.count);
        let sum = counts.entry(&reading.item.source).or_default();
        if reading.item.kind == Kind::Alert {
            // a delivery and a list may both tell of one alert
            if told.insert((&reading.item.source, &reading.item.text, reading.at.as_second())) {
                *sum = sum.saturating_add(count);
            }
        } else {
            // a chat bot repeats the whole
            *sum = (*sum).max(count);
        }
    }
    counts.into_values().max().unwrap_or(0)
}

/// The time from the first to the last sign of the incident: the heaviest stretch without a day's silence.
pub(super) fn core(readings: &[Reading<'_>]) -> Option<(Timestamp, Timestamp)> {
    let mut best: Option<(u32, (Timestamp, Timestamp))> = None;
    let mut current: Option<(u32, (Timestamp, Timestamp))> = None;
    for (at, weight) in readings.iter().filter_map(|reading| Some((reading.at, sign(reading)?))) {
        current = match current {
            Some((sum, (from, to))) if at.duration_since(to) <= APART => {
                Some((sum + weight, (from, at)))
            }
            ended => {
                best = heavier(best, ended);
                Some((weight, (at, at)))
            }
        };
    }
    heavier(best, current).map(|(_, span)| span)
}

type Stretch = Option<(u32, (Timestamp, Timestamp))>;

fn heavier(a: Stretch, b: Stretch) -> Stretch {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.0 > a.0 { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// How strongly an item is a sign that an incident is on.
fn sign(reading: &Reading<'_>) -> Option<u32> {
    if reading.noise {
        return None;
    }
    let said = |list| reading.human && reading.says(list).is_some();
    let weight = if said(List::Declared) || said(List::Mitigated) || said(List::Resolved) {
        6
    } else if reading.alert.is_some()
        || reading.page.is_some()
        || said(List::Decision)
        || said(List::Identified)
    {
        3
    } else if said(List::Report) || said(List::ImpactOver) || said(List::Public) {
        2
    } else if said(List::FollowUp)
        || said(List::TookIt)
        || (reading.human && reading.item.signals.pinned)
    {
        1
    } else {
        return None;
    };
    Some(weight)
}
