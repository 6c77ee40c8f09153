//! The key times that the evidence supports, each with what says so. What it does not support is not
//! taken from something near it.

use super::proposal::FoundKeyTime;
use super::read::Reading;
use super::text;
use super::words::{Hit, List};
use crate::evidence::import::item::{Kind, PageSignal};
use crate::incidents::key_time::{KeyTimeName, Precision};
use jiff::{SignedDuration, Timestamp};

/// A time named in a statement may differ from the message by this much and still mean now.
pub(super) const NOW: SignedDuration = SignedDuration::from_mins(10);

type Found = FoundKeyTime<usize>;

/// All that can be found within the time of the incident, in the order of their names.
pub(super) fn find(readings: &[Reading<'_>], core: Option<(Timestamp, Timestamp)>) -> Vec<Found> {
    let Some((from, to)) = core else { return Vec::new() };
    let inside = |reading: &&(usize, &Reading<'_>)| {
        !reading.1.noise && from <= reading.1.at && reading.1.at <= to
    };
    let all: Vec<(usize, &Reading<'_>)> = readings.iter().enumerate().collect();
    let within: Vec<(usize, &Reading<'_>)> = all.iter().filter(inside).copied().collect();
    let mut found = Vec::new();
    let detected = detected(&within);
    let since = detected.as_ref().map(|time| time.at);
    found.extend(by_a_stated_time(&within, KeyTimeName::Triggered, &[List::Triggered]));
    found.extend(impact_start(&within));
    found.extend(paged(&within));
    found.extend(acknowledged(&within, since));
    found.extend(declared(&within));
    found.extend(said(&within, KeyTimeName::Engaged, List::Working, since));
    found.extend(said(&within, KeyTimeName::Identified, List::Identified, since));
    found.extend(said(&within, KeyTimeName::Mitigated, List::Mitigated, since));
    found.extend(said(&within, KeyTimeName::ImpactEnd, List::ImpactOver, since));
    found.extend(resolved(&within, since));
    found.extend(public(&within));
    found.extend(detected);
    found.sort_by_key(|time| time.name);
    found
}

fn new(name: KeyTimeName, place: usize, reading: &Reading<'_>, reason: String) -> Found {
    FoundKeyTime {
        name,
        at: reading.at,
        precision: reading.precision,
        uncertainty_s: 0,
        reason,
        cites: vec![place],
    }
}

/// The first of ours to notice: an alert, a page, or a person who reports it.
fn detected(within: &[(usize, &Reading<'_>)]) -> Option<Found> {
    within.iter().find_map(|(place, reading)| {
        let reason = if let Some(alert) = reading.alert.as_ref().filter(|alert| alert.firing) {
            format!("The first sign is the alert {}, which fired.", alert.name)
        } else if reading.page == Some(PageSignal::Triggered) {
            "The first sign is a page.".to_owned()
        } else if reading.human && reading.item.kind != Kind::StatusPost && !reading.asks() {
            let hit = reading.says(List::Report)?;
            format!("The first sign is a message with “{}”{}", hit.word, said_in(reading))
        } else {
            return None;
        };
        Some(new(KeyTimeName::Detected, *place, reading, reason))
    })
}

/// Where it was said, as the end of a sentence.
fn said_in(reading: &Reading<'_>) -> String {
    match reading.item.place.as_deref() {
        Some(place) if reading.item.kind == Kind::Chat => {
            format!(", said in {}.", text::cut(&text::calm(place), 60))
        }
        Some(place) => format!(", in {}.", text::cut(&text::calm(place), 60)),
        None => format!(", from {}.", reading.item.source),
    }
}

fn paged(within: &[(usize, &Reading<'_>)]) -> Option<Found> {
    let (place, reading) =
        within.iter().find(|(_, reading)| reading.page == Some(PageSignal::Triggered))?;
    Some(new(KeyTimeName::Paged, *place, reading, "The first page was sent.".to_owned()))
}

fn acknowledged(within: &[(usize, &Reading<'_>)], since: Option<Timestamp>) -> Option<Found> {
    let page = within.iter().find(|(_, reading)| reading.page == Some(PageSignal::Acknowledged));
    match page {
        Some((place, reading)) => Some(new(
            KeyTimeName::Acknowledged,
            *place,
            reading,
            "The page was acknowledged.".to_owned(),
        )),
        None => said(within, KeyTimeName::Acknowledged, List::TookIt, since),
    }
}

/// Called an incident in words, or given a severity.
fn declared(within: &[(usize, &Reading<'_>)]) -> Option<Found> {
    said(within, KeyTimeName::Declared, List::Declared, None).or_else(|| {
        let mut rated = within.iter().filter(|(_, reading)| reading.human && !reading.asks());
        let (place, reading, severity) = rated.find_map(|(at, r)| Some((at, r, r.severity?)))?;
        let reason = format!("A message gives it severity {severity}{}", said_in(reading));
        Some(new(KeyTimeName::Declared, *place, reading, reason))
    })
}

/// The first statement with a word of the list, preferably since a time.
fn said(
    within: &[(usize, &Reading<'_>)],
    name: KeyTimeName,
    list: List,
    since: Option<Timestamp>,
) -> Option<Found> {
    let states: Vec<(usize, &Reading<'_>, &Hit)> = statements(within, list).collect();
    let after = states.iter().find(|(_, reading, _)| since.is_none_or(|since| since <= reading.at));
    let (place, reading, hit) = after.or(states.first())?;
    Some(stated(name, *place, reading, hit))
}

/// Messages of people with a word of the list that is meant so.
pub(super) fn statements<'r, 'i>(
    within: &'r [(usize, &'r Reading<'i>)],
    list: List,
) -> impl Iterator<Item = (usize, &'r Reading<'i>, &'r Hit)> {
    let spoken = within.iter().filter(|(_, reading)| reading.human);
    spoken.filter_map(move |(place, reading)| Some((*place, *reading, reading.says(list)?)))
}

/// The time of a statement: the one it names with a zone, else that of the message.
fn stated(name: KeyTimeName, place: usize, reading: &Reading<'_>, hit: &Hit) -> Found {
    let mut found =
        new(name, place, reading, format!("A message has “{}”{}", hit.word, said_in(reading)));
    let Some(named) = reading.times.iter().find(|time| time.clause == hit.clause && time.zoned)
    else {
        return found;
    };
    let off = reading.at.duration_since(named.at).abs();
    found.reason = format!(
        "A message has “{}” and names the time {}{}",
        hit.word,
        named.text,
        said_in(reading)
    );
    // a minute that agrees with the message is no reason to know it less finely
    if off >= SignedDuration::from_mins(1) {
        found.at = named.at;
        found.precision = if named.to_the_second { Precision::Second } else { Precision::Minute };
        if off > NOW {
            found.uncertainty_s = u32::try_from(off.as_secs()).unwrap_or(u32::MAX);
        }
    }
    found
}

/// "Error rate went up at 23:38 UTC": trouble, a beginning and a time in one clause.
fn impact_start(within: &[(usize, &Reading<'_>)]) -> Option<Found> {
    by_a_stated_time(within, KeyTimeName::ImpactStart, &[List::Onset, List::Trouble]).or_else(
        || by_a_stated_time(within, KeyTimeName::ImpactStart, &[List::Onset, List::Report]),
    )
}

/// The earliest time that a clause with words of every list names with its zone.
fn by_a_stated_time(
    within: &[(usize, &Reading<'_>)],
    name: KeyTimeName,
    lists: &[List],
) -> Option<Found> {
    let mut best: Option<Found> = None;
    for (place, reading) in within.iter().filter(|(_, reading)| reading.human) {
        for time in reading.times.iter().filter(|time| time.zoned && time.at <= reading.at) {
            let word = |list: &List| {
                reading
                    .hits
                    .iter()
                    .find(|hit| hit.clause == time.clause && hit.list == *list && hit.meant)
            };
            let words: Vec<&str> = lists.iter().filter_map(word).map(|hit| hit.word).collect();
            if words.len() < lists.len() || best.as_ref().is_some_and(|best| best.at <= time.at) {
                continue;
            }
            let reason = format!(
                "A message has “{}” and names the time {}{}",
                words.join("” and “"),
                time.text,
                said_in(reading)
            );
            let precision = if time.to_the_second { Precision::Second } else { Precision::Minute };
            best =
                Some(FoundKeyTime { at: time.at, precision, ..new(name, *place, reading, reason) });
        }
    }
    best
}

/// Said by people; else the pager's word, with that reason.
fn resolved(within: &[(usize, &Reading<'_>)], since: Option<Timestamp>) -> Option<Found> {
    let people = said(within, KeyTimeName::Resolved, List::Resolved, since);
    people.or_else(|| {
        let (place, reading) =
            within.iter().rfind(|(_, reading)| reading.page == Some(PageSignal::Resolved))?;
        let reason = "Nobody says so in words; the last page was closed then.".to_owned();
        Some(new(KeyTimeName::Resolved, *place, reading, reason))
    })
}

fn public(within: &[(usize, &Reading<'_>)]) -> Option<Found> {
    let post = within.iter().find(|(_, reading)| reading.item.kind == Kind::StatusPost);
    let post = post.map(|(place, reading)| {
        new(
            KeyTimeName::FirstPublicNotice,
            *place,
            reading,
            "The first post on the status page.".to_owned(),
        )
    });
    let words = said(within, KeyTimeName::FirstPublicNotice, List::Public, None);
    match (post, words) {
        (Some(post), Some(words)) => Some(if words.at < post.at { words } else { post }),
        (post, words) => post.or(words),
    }
}
