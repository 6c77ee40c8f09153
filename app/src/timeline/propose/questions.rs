//! Questions for people: where the evidence is silent, contradicts itself, or leaves a key time open.

use super::entries::clock;
use super::groups::{Group, SAME};
use super::key_times::NOW;
use super::proposal::{FoundKeyTime, ProposedEntry, Question, Reason};
use super::read::Reading;
use super::text::{calm, cut};
use super::words::List;
use crate::evidence::import::item::{ChangeState, Kind, ZoneOrigin};
use crate::incidents::duration::{Grade, faults, in_words};
use crate::incidents::key_time::{KeyTimeName, KeyTimes};
use crate::timeline::fact::Fact;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

type Ask = Question<usize>;
type Time = FoundKeyTime<usize>;

/// A silence is a gap when it is longer than this many times the median spacing …
pub(super) const TIMES_MEDIAN: i32 = 8;
/// … and than this.
const SHORTEST_GAP: SignedDuration = SignedDuration::from_mins(10);
/// The fewest spacings of which a median says anything.
const FEWEST_SPACINGS: usize = 4;
/// The most gaps that are asked about: the longest.
const MOST_GAPS: usize = 10;
/// Statements of a state this far apart are two.
const TWICE: SignedDuration = SignedDuration::from_mins(30);
/// Times of one change this far apart are two changes.
const ANOTHER: SignedDuration = SignedDuration::from_hours(2);

/// All questions: contradictions, doubts about zones, gaps, what is missing.
pub(super) fn all(
    readings: &[Reading<'_>],
    groups: &[Group],
    entries: &[ProposedEntry<usize>],
    times: &[Time],
    core: Option<(Timestamp, Timestamp)>,
) -> Vec<Ask> {
    let mut asks = Vec::new();
    wrong_orders(times, &mut asks);
    said_twice(readings, times, core, &mut asks);
    other_than_stated(readings, times, &mut asks);
    resolved_unseen(readings, &mut asks);
    fired_again(readings, times, core, &mut asks);
    changes_that_differ(readings, groups, &mut asks);
    whole_hours_apart(readings, &mut asks);
    gaps(readings, groups, times, core, &mut asks);
    missing(entries, times, core, &mut asks);
    asks
}

/// Day and time when the other one is on another day, else the time.
fn moment(at: Timestamp) -> String {
    at.strftime("%H:%M:%S UTC on %Y-%m-%d").to_string()
}

fn contradiction(
    about: String,
    first: (usize, Timestamp),
    second: (usize, Timestamp),
    ask: String,
) -> Ask {
    Question::Contradiction { about, first, second, ask }
}

/// Key times that cannot all be right.
fn wrong_orders(times: &[Time], asks: &mut Vec<Ask>) {
    let moments: KeyTimes = times.iter().map(|time| (time.name, time.moment())).collect();
    for fault in faults(&moments, &[], Timestamp::MAX) {
        let ends: Vec<&Time> =
            times.iter().filter(|time| fault.mend.contains(&time.name)).collect();
        if let ([first, second], true) = (ends.as_slice(), fault.grade != Grade::Missing) {
            let about = format!(
                "{} and {}",
                first.name.label().to_lowercase(),
                second.name.label().to_lowercase()
            );
            let ask = format!("{} Which of the two is right?", fault.what);
            asks.push(contradiction(
                about,
                (first.cites[0], first.at),
                (second.cites[0], second.at),
                ask,
            ));
        }
    }
}

/// The time a reading's statement gives: the one it names, else its own.
fn stated_at(reading: &Reading<'_>, list: List) -> Option<Timestamp> {
    let hit = reading.says(list).filter(|_| reading.human)?;
    let named = reading.times.iter().find(|time| time.clause == hit.clause && time.zoned);
    Some(named.map_or(reading.at, |named| named.at))
}

fn said_twice(
    readings: &[Reading<'_>],
    times: &[Time],
    core: Option<(Timestamp, Timestamp)>,
    asks: &mut Vec<Ask>,
) {
    let Some((from, to)) = core else { return };
    for (name, list) in
        [(KeyTimeName::Mitigated, List::Mitigated), (KeyTimeName::Resolved, List::Resolved)]
    {
        let Some(first) = times.iter().find(|time| time.name == name) else { continue };
        let inside = readings.iter().enumerate().filter(|(place, r)| {
            !r.noise && from <= r.at && r.at <= to && *place != first.cites[0]
        });
        let stated = inside.filter_map(|(place, reading)| Some((place, stated_at(reading, list)?)));
        let other = stated
            .filter(|(_, at)| at.duration_since(first.at).abs() >= TWICE)
            .max_by_key(|(_, at)| *at);
        if let Some((place, at)) = other {
            let word = name.label().to_lowercase();
            let ask = format!(
                "“{word}” is said of {} and of {}. Which is meant, or did it come back in between?",
                moment(first.at),
                moment(at)
            );
            asks.push(contradiction(word, (first.cites[0], first.at), (place, at), ask));
        }
    }
}

/// A message says another time than its own.
fn other_than_stated(readings: &[Reading<'_>], times: &[Time], asks: &mut Vec<Ask>) {
    let states = [
        (KeyTimeName::Declared, List::Declared),
        (KeyTimeName::Identified, List::Identified),
        (KeyTimeName::Mitigated, List::Mitigated),
        (KeyTimeName::ImpactEnd, List::ImpactOver),
        (KeyTimeName::Resolved, List::Resolved),
    ];
    for (name, list) in states {
        let Some(place) = times.iter().find(|time| time.name == name).map(|time| time.cites[0])
        else {
            continue;
        };
        let reading = &readings[place];
        let Some(hit) = reading.says(list) else { continue };
        let Some(named) = reading.times.iter().find(|time| time.clause == hit.clause) else {
            continue;
        };
        if named.at.duration_since(reading.at).abs() <= NOW {
            continue;
        }
        let word = name.label().to_lowercase();
        let (said, sent) = (&named.text, moment(reading.at));
        if named.zoned {
            let ask = format!(
                "The text says {word} at {said}, the message was sent at {sent}. Which time holds?"
            );
            asks.push(contradiction(word, (place, named.at), (place, reading.at), ask));
        } else {
            let ask = format!(
                "The text says {word} at {said} without a zone, the message was sent at {sent}. In which zone is {said}?"
            );
            asks.push(Question::ZoneDoubt {
                about: word,
                item: (place, reading.at),
                said: said.clone(),
                ask,
            });
        }
    }
}

/// An alert was resolved that nothing says had fired.
fn resolved_unseen(readings: &[Reading<'_>], asks: &mut Vec<Ask>) {
    let mut fired: BTreeSet<String> = BTreeSet::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    for (place, reading) in readings.iter().enumerate().filter(|(_, reading)| !reading.noise) {
        let Some(alert) = &reading.alert else { continue };
        let key = alert.name.to_lowercase();
        if alert.firing {
            fired.insert(key);
        } else if !fired.contains(&key) && told.insert(key) {
            let name = cut(&calm(&alert.name), 80);
            let ask = format!(
                "The alert {name} was resolved at {}, but nothing here says when it fired. When did it?",
                moment(reading.at)
            );
            asks.push(contradiction(
                format!("alert {name}"),
                (place, reading.at),
                (place, reading.at),
                ask,
            ));
        }
    }
}

/// An alert fired after it was said to be over.
fn fired_again(
    readings: &[Reading<'_>],
    times: &[Time],
    core: Option<(Timestamp, Timestamp)>,
    asks: &mut Vec<Ask>,
) {
    let Some((_, to)) = core else { return };
    let over = [KeyTimeName::Resolved, KeyTimeName::Mitigated];
    let Some(over) = over.into_iter().find_map(|name| times.iter().find(|time| time.name == name))
    else {
        return;
    };
    let late = readings.iter().enumerate().find(|(_, r)| {
        !r.noise && over.at < r.at && r.at <= to && r.alert.as_ref().is_some_and(|a| a.firing)
    });
    if let Some((place, reading)) = late {
        let name =
            reading.alert.as_ref().map_or_else(String::new, |alert| cut(&calm(&alert.name), 80));
        let word = over.name.label().to_lowercase();
        let ask = format!(
            "It was called {word} at {}, but the alert {name} fired at {}. Had it come back, or is it something else?",
            moment(over.at),
            moment(reading.at)
        );
        asks.push(contradiction(
            format!("{word} and alert {name}"),
            (over.cites[0], over.at),
            (place, reading.at),
            ask,
        ));
    }
}

/// What somebody or something tells of a step of a change.
struct Step<'a> {
    rollback: bool,
    state: ChangeState,
    names: Vec<&'a str>,
    at: Timestamp,
    place: usize,
    teller: (&'a str, &'a str),
}

/// Two tellers give different times for one step of a rollback or a deployment.
fn changes_that_differ(readings: &[Reading<'_>], groups: &[Group], asks: &mut Vec<Ask>) {
    let mut told: Vec<Step<'_>> = Vec::new();
    for group in groups {
        told.extend(step(readings, group.members[0]));
    }
    for (place, reading) in
        readings.iter().enumerate().filter(|(_, reading)| reading.human && !reading.noise)
    {
        told.extend(reported(reading, place));
    }
    told.sort_by_key(|step| (step.at, step.place));
    let mut asked: BTreeSet<(bool, &'static str)> = BTreeSet::new();
    for (number, first) in told.iter().enumerate() {
        let same = |other: &&Step<'_>| {
            let apart = other.at.duration_since(first.at);
            let one = if first.rollback {
                true
            } else {
                first.names.iter().any(|name| other.names.contains(name))
            };
            first.rollback == other.rollback
                && first.state == other.state
                && one
                && first.teller != other.teller
                && SAME < apart
                && apart <= ANOTHER
        };
        let later = told[number + 1..]
            .iter()
            .take_while(|step| step.at.duration_since(first.at) <= ANOTHER);
        let Some(second) = later.take(50).find(same) else { continue };
        let noun = if first.rollback { "rollback" } else { "deployment" };
        let done = match first.state {
            ChangeState::Started => "start",
            ChangeState::Succeeded => "end",
            _ => "failure",
        };
        if asked.insert((first.rollback, done)) {
            let ask = format!(
                "Two times are told for the {done} of the {noun}: {} and {}. Which is right, or were there two?",
                moment(first.at),
                moment(second.at)
            );
            asks.push(contradiction(
                format!("{done} of the {noun}"),
                (first.place, first.at),
                (second.place, second.at),
                ask,
            ));
        }
    }
}

fn step<'a>(readings: &'a [Reading<'_>], place: usize) -> Option<Step<'a>> {
    let reading = &readings[place];
    let change = reading.change.as_ref()?;
    let state =
        matches!(change.state, ChangeState::Started | ChangeState::Succeeded | ChangeState::Failed);
    let known = change.rollback || change.noun == "Deployment";
    let names = change
        .revision
        .as_deref()
        .map(|revision| revision.get(..7).unwrap_or(revision))
        .into_iter()
        .collect();
    let teller = (reading.item.source.as_str(), reading.author().unwrap_or(""));
    (state && known).then_some(Step {
        rollback: change.rollback,
        state: change.state,
        names,
        at: reading.at,
        place,
        teller,
    })
}

/// "the rollback started at 23:50 UTC", said afterwards.
fn reported<'a>(reading: &'a Reading<'_>, place: usize) -> Option<Step<'a>> {
    let time =
        reading.times.iter().find(|time| time.zoned && subject(reading, time.clause).is_some())?;
    let rollback = subject(reading, time.clause)?;
    let state = reading.progress(time.clause)?;
    let names = reading.names.iter().map(|name| name.get(..7).unwrap_or(name)).collect();
    let teller = (reading.item.source.as_str(), reading.author().unwrap_or(""));
    Some(Step { rollback, state, names, at: time.at, place, teller })
}

/// Whether a clause is about a rollback (`true`) or a deployment (`false`).
fn subject(reading: &Reading<'_>, clause: usize) -> Option<bool> {
    let has =
        |list| reading.hits.iter().any(|hit| hit.clause == clause && hit.list == list && hit.meant);
    if has(List::Rollback) { Some(true) } else { has(List::Deploy).then_some(false) }
}

/// One alert in two sources, whole hours apart, where one zone was only said by whoever imported.
fn whole_hours_apart(readings: &[Reading<'_>], asks: &mut Vec<Ask>) {
    let mut firsts: BTreeMap<(String, bool), Vec<usize>> = BTreeMap::new();
    for (place, reading) in readings.iter().enumerate() {
        let Some(alert) = reading.alert.as_ref().filter(|_| !reading.noise) else { continue };
        let sources = firsts.entry((alert.name.to_lowercase(), alert.firing)).or_default();
        if sources.iter().all(|other| readings[*other].item.source != reading.item.source) {
            sources.push(place);
        }
    }
    let mut asked: BTreeSet<&str> = BTreeSet::new();
    for ((_, _), places) in firsts {
        let said =
            |place: &&usize| matches!(readings[**place].item.occurred.zone, ZoneOrigin::Said(_));
        let Some(doubtful) = places.iter().find(said) else { continue };
        let reading = &readings[*doubtful];
        let off = |other: &&usize| {
            let apart = readings[**other].at.duration_since(reading.at).abs().as_secs();
            let (halves, rest) = ((apart + 900) / 1_800, (apart + 900) % 1_800);
            other != &doubtful && (1..=28).contains(&halves) && (600..=1_200).contains(&rest)
        };
        let Some(other) = places.iter().find(off) else { continue };
        let ZoneOrigin::Said(zone) = &reading.item.occurred.zone else { continue };
        if asked.insert(&reading.item.source) {
            let name = reading
                .alert
                .as_ref()
                .map_or_else(String::new, |alert| cut(&calm(&alert.name), 80));
            let apart = in_words(readings[*other].at.duration_since(reading.at).abs(), 0);
            let (source, sure) = (&reading.item.source, &readings[*other].item.source);
            let ask = format!(
                "The alert {name} is told by {source} and by {sure}, {apart} apart. Are the times of {source} really in {zone}?"
            );
            asks.push(Question::ZoneDoubt {
                about: format!("alert {name}"),
                item: (*doubtful, reading.at),
                said: zone.clone(),
                ask,
            });
        }
    }
}

/// Silences much longer than usual, from the first sign to the end.
fn gaps(
    readings: &[Reading<'_>],
    groups: &[Group],
    times: &[Time],
    core: Option<(Timestamp, Timestamp)>,
    asks: &mut Vec<Ask>,
) {
    let Some((from, to)) = core else { return };
    let resolved = times
        .iter()
        .find(|time| time.name == KeyTimeName::Resolved)
        .map_or(to, |time| readings[time.cites[0]].at);
    let to = to.min(resolved);
    let counts = |reading: &Reading<'_>| {
        !reading.noise
            && !matches!(reading.item.kind, Kind::Metric | Kind::Log | Kind::File)
            && from <= reading.at
            && reading.at <= to
    };
    let told: BTreeMap<Timestamp, usize> = groups
        .iter()
        .rev()
        .map(|g| g.members[0])
        .filter(|m| counts(&readings[*m]))
        .map(|m| (readings[m].at, m))
        .collect();
    let told: Vec<(Timestamp, usize)> = told.into_iter().collect();
    let mut spacings: Vec<SignedDuration> =
        told.windows(2).map(|pair| pair[1].0.duration_since(pair[0].0)).collect();
    if spacings.len() < FEWEST_SPACINGS {
        return;
    }
    spacings.sort_unstable();
    let typical = spacings[spacings.len() / 2];
    let limit = (typical * TIMES_MEDIAN).max(SHORTEST_GAP);
    let mut found: Vec<(SignedDuration, usize)> = Vec::new();
    for (at, pair) in told.windows(2).enumerate() {
        let length = pair[1].0.duration_since(pair[0].0);
        if length > limit {
            found.push((length, at));
        }
    }
    found.sort_by_key(|(length, at)| (std::cmp::Reverse(*length), *at));
    found.truncate(MOST_GAPS);
    found.sort_by_key(|(_, at)| *at);
    for (length, at) in found {
        let ((from, before), (to, after)) = (told[at], told[at + 1]);
        let people = around(readings, before, after);
        let ask = ask_about(from, to, length, typical, &people);
        asks.push(Question::Gap { from, to, length, typical, people, ask });
    }
}

fn ask_about(
    from: Timestamp,
    to: Timestamp,
    length: SignedDuration,
    typical: SignedDuration,
    people: &[String],
) -> String {
    let whom = match people {
        [] => String::new(),
        [one] => format!(" {one} wrote shortly before or after and may know."),
        [most @ .., last] => {
            format!(" {} and {last} wrote shortly before or after and may know.", most.join(", "))
        }
    };
    let (from, to) = (clock(from), clock(to));
    format!(
        "Nothing is recorded from {from} to {to} UTC ({}; usually something every {}). Who was here then, and what happened?{whom}",
        in_words(length, 0),
        in_words(typical, 0)
    )
}

/// The people of the last three messages before and the first three after, by name.
fn around(readings: &[Reading<'_>], before: usize, after: usize) -> Vec<String> {
    let person =
        |reading: &&Reading<'_>| reading.human && !reading.noise && reading.author().is_some();
    let earlier = readings[..=before].iter().rev().take(50).filter(person).take(3);
    let later = readings[after..].iter().take(50).filter(person).take(3);
    let names: BTreeSet<(String, String)> = earlier
        .chain(later)
        .filter_map(|r| r.author())
        .map(|name| (name.to_lowercase(), cut(&calm(name), 80)))
        .collect();
    names.into_iter().map(|(_, name)| name).collect()
}

/// Key times without which the durations cannot be told.
fn missing(
    entries: &[ProposedEntry<usize>],
    times: &[Time],
    core: Option<(Timestamp, Timestamp)>,
    asks: &mut Vec<Ask>,
) {
    if core.is_none() && entries.is_empty() {
        return;
    }
    let known = |name: KeyTimeName| times.iter().find(|time| time.name == name);
    let before = known(KeyTimeName::Detected).map(|time| time.at);
    let change = entries.iter().rev().find(|entry| {
        let changed = entry.reasons.iter().any(|reason| matches!(reason, Reason::Deploy { .. }));
        changed && before.is_some_and(|before| entry.at < before)
    });
    let decision = entries.iter().find(|entry| {
        entry.fact == Fact::Decision
            && entry.reasons.iter().any(|r| matches!(r, Reason::Decision { .. }))
    });
    let resolved_alert = entries.iter().rev().find(|entry| {
        entry.reasons.iter().any(|reason| matches!(reason, Reason::AlertResolved { .. }))
    });
    let band = |fact: Fact| {
        let moved = move |entry: &&ProposedEntry<usize>| {
            entry.fact == fact && entry.reasons.iter().any(|r| matches!(r, Reason::LeftBand { .. }))
        };
        entries.iter().filter(moved)
    };
    let (left, back) = (band(Fact::Indicator).next(), band(Fact::Outcome).next_back());
    let hint = |what: &str, entry: Option<&ProposedEntry<usize>>| {
        entry.map(|entry| format!(" {what} at {}.", moment(entry.at))).unwrap_or_default()
    };
    let asked = [
        (
            KeyTimeName::Triggered,
            "Which event set it off?",
            hint("The last change before it was noticed is told", change),
            change.is_some(),
        ),
        (
            KeyTimeName::ImpactStart,
            "When was the first harm that users could see?",
            hint("A metric left its usual band", left),
            true,
        ),
        (
            KeyTimeName::Detected,
            "Who or what of ours noticed first, and when?",
            String::new(),
            true,
        ),
        (KeyTimeName::Engaged, "When did the first person able to act begin?", String::new(), true),
        (
            KeyTimeName::Identified,
            "When was there an explanation good enough to act on?",
            hint("A decision is told", decision),
            true,
        ),
        (
            KeyTimeName::Mitigated,
            "When did the severe harm end?",
            hint("An alert was last resolved", resolved_alert),
            true,
        ),
        (
            KeyTimeName::ImpactEnd,
            "When did the last harm end, also the small one?",
            hint("A metric was back in its usual band", back),
            true,
        ),
        (KeyTimeName::Resolved, "When was normal operation confirmed?", String::new(), true),
    ];
    for (key_time, question, hint, worth_asking) in asked {
        if worth_asking && known(key_time).is_none() {
            let ask = format!("{question} Nothing here says so.{hint}");
            asks.push(Question::Missing { key_time, ask });
        }
    }
}
