//! Entries: what each group of items says in one sentence, what kind of fact it is, and why.

use super::MOST_ENTRIES;
use super::groups::{self, Group, Of};
use super::proposal::{FoundKeyTime, Participant, ProposedEntry, Reason};
use super::read::{self, Alert, Change, Reading};
use super::series::{self, Left};
use super::text::{LONGEST, calm, cut, quote};
use super::words::List;
use crate::evidence::import::item::{ChangeState, Kind, PageSignal};
use crate::incidents::duration::in_words;
use crate::incidents::key_time::{KeyTimeName, Precision};
use crate::timeline::fact::{Fact, Phase};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Entry = ProposedEntry<usize>;
type Core = Option<(Timestamp, Timestamp)>;

/// What weighs less is evidence, but no entry.
const ENOUGH: u32 = 10;
/// A change this long before the first sign is no entry on its own.
const LONG_BEFORE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most series of one chart that make entries.
const MOST_SERIES: usize = 3;

/// All entries worth proposing, and how many lighter ones were left out.
pub(super) fn all(
    readings: &[Reading<'_>],
    groups: &[Group],
    times: &[FoundKeyTime<usize>],
    core: Core,
) -> (Vec<Entry>, usize) {
    let firsts = Firsts::of(readings);
    let detected = at(times, KeyTimeName::Detected);
    let mut entries: Vec<Entry> = Vec::new();
    for group in groups {
        let made = match group.of {
            Of::Alert { firing } => vec![alert(readings, group, firing)],
            Of::Storm { firing } => vec![storm(readings, group, firing)],
            Of::Change => vec![change(readings, group, detected, &firsts)],
            Of::Page => vec![page(readings, group)],
            Of::Log => vec![log(readings, group)],
            Of::Said if !readings[group.members[0]].item.series.is_empty() => {
                metric(readings, group.members[0])
            }
            Of::Said => said(readings, group, &firsts, core).into_iter().collect(),
        };
        entries.extend(made.into_iter().filter(|entry| entry.weight >= ENOUGH));
    }
    entries.extend(topics(readings, &firsts));
    let asked = questions_about(readings, &entries);
    entries.extend(asked);
    let left_out = lighten(&mut entries);
    let turns = Turns::of(times, &entries);
    for entry in &mut entries {
        entry.phase = turns.phase(entry);
        entry.reasons.sort();
        entry.reasons.dedup();
    }
    (entries, left_out)
}

/// By time; among equal times by what they say.
pub(super) fn keep_order(entries: &mut [Entry]) {
    entries
        .sort_by(|a, b| (a.at, a.fact, &a.text, &a.cites).cmp(&(b.at, b.fact, &b.text, &b.cites)));
}

fn at(times: &[FoundKeyTime<usize>], name: KeyTimeName) -> Option<Timestamp> {
    times.iter().find(|time| time.name == name).map(|time| time.at)
}

/// Keeps the weightiest, earlier ones among equals.
fn lighten(entries: &mut Vec<Entry>) -> usize {
    let left_out = entries.len().saturating_sub(MOST_ENTRIES);
    if left_out > 0 {
        entries.sort_by(|a, b| {
            b.weight.cmp(&a.weight).then_with(|| (a.at, &a.cites).cmp(&(b.at, &b.cites)))
        });
        entries.truncate(MOST_ENTRIES);
    }
    left_out
}

/// What is said for the first time, by place.
struct Firsts {
    severity: BTreeMap<usize, u8>,
    names: BTreeMap<usize, Vec<String>>,
}

impl Firsts {
    fn of(readings: &[Reading<'_>]) -> Firsts {
        let mut firsts = Firsts { severity: BTreeMap::new(), names: BTreeMap::new() };
        let (mut severity, mut seen) = (None, BTreeSet::new());
        for (place, reading) in
            readings.iter().enumerate().filter(|(_, reading)| !reading.item.signals.deleted)
        {
            let spoken = reading.human || reading.item.signals.system_message;
            if let Some(to) =
                reading.severity.filter(|to| spoken && !reading.asks() && severity != Some(*to))
            {
                severity = Some(to);
                firsts.severity.insert(place, to);
            }
            let new: Vec<String> =
                reading.names.iter().filter(|name| seen.insert((*name).clone())).cloned().collect();
            if !new.is_empty() && reading.human {
                firsts.names.insert(place, new);
            }
        }
        firsts
    }
}

fn entry(reading: &Reading<'_>, members: &[usize], fact: Fact, text: String) -> Entry {
    let actor = reading.author().map(|name| cut(&calm(name), 80)).filter(|name| !name.is_empty());
    let text = cut(&text, LONGEST);
    let (at, precision) = (reading.at, reading.precision);
    Entry {
        at,
        precision,
        fact,
        phase: None,
        text,
        actor,
        cites: members.to_vec(),
        reasons: Vec::new(),
        weight: 0,
    }
}

impl Entry {
    fn because(mut self, reason: Reason, weight: u32) -> Entry {
        self.reasons.push(reason);
        self.weight = self.weight.saturating_add(weight);
        self
    }
}

/// The time from the first to the last of the alerts themselves, without a chat's copies of them.
fn spread(readings: &[Reading<'_>], members: &[usize]) -> SignedDuration {
    let times: Vec<Timestamp> = members
        .iter()
        .map(|m| &readings[*m])
        .filter(|r| r.item.kind == Kind::Alert)
        .map(|r| r.at)
        .collect();
    times
        .first()
        .zip(times.last())
        .map_or(SignedDuration::ZERO, |(first, last)| last.duration_since(*first))
}

fn alert(readings: &[Reading<'_>], group: &Group, firing: bool) -> Entry {
    let first = &readings[group.members[0]];
    let of = |member: &usize| readings[*member].alert.as_ref();
    let name = of(&group.members[0])
        .map_or_else(|| "without a name".to_owned(), |alert| cut(&calm(&alert.name), 80));
    let abouts: BTreeSet<&str> = group
        .members
        .iter()
        .filter_map(of)
        .filter_map(|alert: &Alert| alert.about.as_deref())
        .collect();
    let about = match abouts.len() {
        1 => abouts
            .first()
            .map(|about| format!(" for {}", cut(&calm(about), 60)))
            .unwrap_or_default(),
        _ => String::new(),
    };
    let count = groups::alerts(readings, &group.members);
    let span = spread(readings, &group.members);
    let happened = if firing { "fired" } else { "was resolved" };
    let text = match count {
        0 | 1 => format!("Alert {name}{about} {happened}."),
        _ if span >= SignedDuration::from_secs(1) => {
            let happened = if firing { "fired" } else { "were resolved" };
            format!("{count} alerts of {name}{about} {happened} within {}.", in_words(span, 0))
        }
        _ => format!("Alert {name}{about} {happened} ({count} at once)."),
    };
    let entry = entry(first, &group.members, Fact::Indicator, text);
    if firing {
        entry.because(Reason::AlertFired { name }, 40)
    } else {
        entry.because(Reason::AlertResolved { name }, 30)
    }
}

fn storm(readings: &[Reading<'_>], group: &Group, firing: bool) -> Entry {
    let mut names: Vec<String> = Vec::new();
    let mut of_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for member in &group.members {
        let Some(alert) = &readings[*member].alert else { continue };
        let members = of_name.entry(&alert.name).or_insert_with(|| {
            names.push(cut(&calm(&alert.name), 30));
            Vec::new()
        });
        members.push(*member);
    }
    let count: u32 = of_name.values().map(|members| groups::alerts(readings, members)).sum();
    let (first, last) =
        (&readings[group.members[0]], &readings[group.members[group.members.len() - 1]]);
    let happened = if firing { "fired" } else { "were resolved" };
    let kinds = names.len();
    let named = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let span = in_words(last.at.duration_since(first.at), 0);
    let text = format!(
        "{count} alerts of {kinds} kinds {happened} within {span}: {named} and {} more.",
        kinds.saturating_sub(3)
    );
    let entry = entry(first, &group.members, Fact::Indicator, text);
    let name = format!("{kinds} kinds at once");
    if firing {
        entry.because(Reason::AlertFired { name }, 45)
    } else {
        entry.because(Reason::AlertResolved { name }, 30)
    }
}

fn change(
    readings: &[Reading<'_>],
    group: &Group,
    detected: Option<Timestamp>,
    firsts: &Firsts,
) -> Entry {
    // the system that did it tells best, then its bot, then people
    let rank = |place: &&usize| match &readings[**place].item {
        item if item.signals.change.is_some() && item.kind != Kind::Chat => 0,
        item if item.author_is_bot => 1,
        _ => 2,
    };
    let teller = &readings[*group.members.iter().min_by_key(rank).unwrap_or(&group.members[0])];
    let first = &readings[group.members[0]];
    let Some(Change { rollback, noun, state, revision }) = &teller.change else {
        return entry(first, &group.members, Fact::Event, quote(first, ""));
    };
    let environment =
        teller.item.signals.change.as_ref().and_then(|signal| signal.environment.as_deref());
    let text = if teller.item.signals.change.is_some() && teller.item.kind != Kind::Chat {
        let revision = revision.as_deref().map(|r| format!(" of {}", short(r))).unwrap_or_default();
        let to = environment.map(|e| format!(" to {}", cut(&calm(e), 40))).unwrap_or_default();
        let place = teller
            .item
            .place
            .as_deref()
            .map(|p| format!(" ({})", cut(&calm(p), 60)))
            .unwrap_or_default();
        format!("{noun}{revision}{to} {}{place}.", progress(*state))
    } else {
        quote(teller, "")
    };
    let early = detected.is_none_or(|detected| first.at < detected) && !rollback;
    let fact = match state {
        _ if early => Fact::Event,
        ChangeState::Started | ChangeState::Noted => Fact::Action,
        ChangeState::Succeeded | ChangeState::Failed | ChangeState::Cancelled => Fact::Outcome,
    };
    let bad = matches!(state, ChangeState::Failed | ChangeState::Cancelled);
    let trial = environment.is_some_and(|e| {
        ["stag", "test", "dev", "preview", "review"]
            .iter()
            .any(|word| e.to_lowercase().contains(word))
    });
    let long_before =
        detected.is_some_and(|detected| detected.duration_since(first.at) > LONG_BEFORE);
    let weight = match *noun {
        "Rollback" => 35,
        "Deployment" | "Release" if trial || long_before => 6,
        "Deployment" | "Release" => 22,
        _ if bad => 12,
        _ => 6,
    };
    let what = format!("{} {}", noun.to_lowercase(), progress(*state));
    let mut entry =
        entry(teller, &group.members, fact, text).because(Reason::Deploy { what }, weight);
    (entry.at, entry.precision) = (first.at, first.precision);
    for member in &group.members {
        entry = marks(&readings[*member], *member, firsts, entry);
    }
    entry
}

fn progress(state: ChangeState) -> &'static str {
    match state {
        ChangeState::Started => "started",
        ChangeState::Succeeded => "finished",
        ChangeState::Failed => "failed",
        ChangeState::Cancelled => "was cancelled",
        ChangeState::Noted => "was recorded",
    }
}

/// A commit's first twelve figures; anything else in whole.
fn short(revision: &str) -> String {
    let commit = revision.len() >= 20 && revision.bytes().all(|b| b.is_ascii_hexdigit());
    if commit { revision[..12].to_owned() } else { cut(&calm(revision), 40) }
}

fn page(readings: &[Reading<'_>], group: &Group) -> Entry {
    let first = &readings[group.members[0]];
    let members = &group.members;
    match first.page {
        Some(PageSignal::Acknowledged) => {
            let text = "The page was acknowledged.".to_owned();
            entry(first, members, Fact::Action, text).because(Reason::PageAcknowledged, 30)
        }
        Some(PageSignal::Escalated) => {
            let text = "The page was escalated.".to_owned();
            entry(first, members, Fact::Communication, text).because(Reason::Paged, 25)
        }
        Some(PageSignal::Resolved) => {
            let words = vec!["page closed".to_owned()];
            entry(first, members, Fact::Outcome, "The page was closed.".to_owned())
                .because(Reason::State { words }, 20)
        }
        Some(PageSignal::Annotated) => {
            let words = vec!["note at the pager".to_owned()];
            entry(first, members, Fact::Context, quote(first, ""))
                .because(Reason::State { words }, 12)
        }
        _ => entry(first, members, Fact::Communication, quote(first, "A page was sent: "))
            .because(Reason::Paged, 35),
    }
}

fn log(readings: &[Reading<'_>], group: &Group) -> Entry {
    let (first, last) =
        (&readings[group.members[0]], &readings[group.members[group.members.len() - 1]]);
    let text = match group.members.len() {
        1 => quote(first, "Log: "),
        count => {
            let span = in_words(last.at.duration_since(first.at), 0);
            quote(first, &format!("{count} log lines of trouble within {span}, the first: "))
        }
    };
    let words = first.words(&[List::Trouble]);
    entry(first, &group.members, Fact::Indicator, text).because(Reason::State { words }, 14)
}

fn metric(readings: &[Reading<'_>], place: usize) -> Vec<Entry> {
    let reading = &readings[place];
    let mut left: Vec<Left> = reading.item.series.iter().filter_map(series::left_band).collect();
    left.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
    left.truncate(MOST_SERIES);
    if left.is_empty() {
        let text = format!("Chart of {}.", cut(&calm(&reading.text), 180));
        return vec![
            entry(reading, &[place], Fact::Context, text)
                .because(Reason::Shows { what: "a chart".into() }, ENOUGH),
        ];
    }
    left.into_iter().flat_map(|left| of_band(reading, place, &left)).collect()
}

fn of_band(reading: &Reading<'_>, place: usize, left: &Left) -> Vec<Entry> {
    let of =
        reading.item.place.as_deref().filter(|place| !left.name.contains(*place)).unwrap_or("");
    let name = cut(&calm(&format!("{of} {}", left.name)), 90);
    let figure = series::figure;
    let (low, high) = (figure(left.low), figure(left.high));
    let precision = if left.step < SignedDuration::from_mins(1) {
        Precision::Second
    } else {
        Precision::Minute
    };
    let reason = || Reason::LeftBand { series: name.clone() };
    let text = format!(
        "{name} left its usual band ({low} to {high}) and went as far as {}.",
        figure(left.extreme)
    );
    let mut out = entry(reading, &[place], Fact::Indicator, text).because(reason(), 25);
    (out.at, out.precision) = (left.at, precision);
    let back = left.back.map(|at| {
        let text = format!("{name} was back in its usual band ({low} to {high}).");
        let mut back = entry(reading, &[place], Fact::Outcome, text).because(reason(), 20);
        (back.at, back.precision) = (at, precision);
        back
    });
    std::iter::once(out).chain(back).collect()
}

pub(super) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M").to_string()
}

/// Pins, reactions, severity and first mentions.
fn marks(reading: &Reading<'_>, place: usize, firsts: &Firsts, mut entry: Entry) -> Entry {
    if reading.item.signals.pinned {
        entry = entry.because(Reason::Pinned, 40);
    }
    let count = reading.reactions();
    if count > 0 {
        entry = entry.because(Reason::ReactedTo { count }, 2 * count.min(4));
    }
    if let Some(to) = firsts.severity.get(&place) {
        entry = entry.because(Reason::SeverityChange { to: *to }, 15);
    }
    for of in firsts.names.get(&place).into_iter().flatten().take(2) {
        entry = entry.because(Reason::FirstMention { of: cut(of, 40) }, 6);
    }
    entry
}

/// Lists of words that make a message matter, and how much.
const STATES: &[(List, u32)] = &[
    (List::Mitigated, 40),
    (List::Resolved, 40),
    (List::Declared, 30),
    (List::Identified, 25),
    (List::Public, 25),
    (List::TookIt, 20),
    (List::ImpactOver, 20),
    (List::Report, 15),
    (List::Triggered, 15),
    (List::Recovering, 12),
    (List::Working, 8),
    (List::Trouble, 6),
];

fn said(readings: &[Reading<'_>], group: &Group, firsts: &Firsts, core: Core) -> Option<Entry> {
    let place = group.members[0];
    let reading = &readings[place];
    let lead =
        if reading.log_line && reading.item.kind == Kind::Chat { "Excerpt of a log: " } else { "" };
    let mut entry = entry(reading, &group.members, fact(reading), quote(reading, lead));
    if entry.fact == Fact::Context && firsts.severity.contains_key(&place) {
        entry.fact = Fact::Decision;
    }
    for member in &group.members {
        entry = marks(&readings[*member], *member, firsts, entry);
    }
    if reading.human {
        entry = words(reading, entry, is_near(core, reading.at));
    }
    let entry = match reading.item.kind {
        Kind::Manual if by_hand(reading) => {
            entry.because(Reason::Shows { what: "what somebody noted by hand".into() }, 20)
        }
        Kind::StatusPost => {
            entry.because(Reason::Shows { what: "what customers were told".into() }, 25)
        }
        Kind::Config => entry.because(Reason::Deploy { what: "configuration".into() }, 22),
        Kind::Flag => entry.because(Reason::Deploy { what: "feature flag".into() }, 22),
        Kind::File => entry.because(Reason::Shows { what: "a file".into() }, ENOUGH),
        _ => entry,
    };
    (!entry.reasons.is_empty()).then_some(entry)
}

fn words(reading: &Reading<'_>, mut entry: Entry, near: bool) -> Entry {
    if reading.says(List::Decision).is_some() {
        entry = entry.because(
            Reason::Decision { words: reading.words(&[List::Decision, List::Rollback]) },
            30,
        );
    }
    if reading.says(List::Action).is_some() && !reading.asks() {
        entry = entry.because(
            Reason::Action { words: reading.words(&[List::Action]) },
            if near { 12 } else { 2 },
        );
    }
    if reading.says(List::FollowUp).is_some() {
        let words = reading.words(&[List::FollowUp]);
        entry = entry.because(Reason::FollowUp { words }, if near { 12 } else { 6 });
    }
    let found: Vec<&(List, u32)> =
        STATES.iter().filter(|(list, _)| reading.says(*list).is_some()).collect();
    if !found.is_empty() {
        let lists: Vec<List> = found.iter().map(|(list, _)| *list).collect();
        let heaviest = found.iter().map(|(_, weight)| *weight).max().unwrap_or(0);
        // far from any incident these words are part of every day
        let heaviest = if near { heaviest } else { heaviest / 2 };
        let telling = lists.contains(&List::Trouble) && (reading.measures() || reading.log_line);
        entry = entry.because(
            Reason::State { words: reading.words(&lists) },
            heaviest + if telling { 8 } else { 0 },
        );
    }
    entry
}

/// Within six hours of the incident.
fn is_near(core: Core, at: Timestamp) -> bool {
    let hours = SignedDuration::from_hours(6);
    core.is_some_and(|(from, to)| {
        from.duration_since(at) <= hours && at.duration_since(to) <= hours
    })
}

/// Whether somebody wrote it down while it happened, rather than a row of a table.
fn by_hand(reading: &Reading<'_>) -> bool {
    !matches!(reading.item.source.as_str(), "csv" | "jsonl") && !calm(&reading.text).is_empty()
}

/// What kind of fact a message states.
fn fact(reading: &Reading<'_>) -> Fact {
    match reading.item.kind {
        Kind::StatusPost => return Fact::Communication,
        Kind::Config | Kind::Flag => return Fact::Event,
        Kind::File => return Fact::Context,
        _ => {}
    }
    let order = [
        (List::Decision, Fact::Decision),
        (List::Declared, Fact::Decision),
        (List::Mitigated, Fact::Outcome),
        (List::Resolved, Fact::Outcome),
        (List::ImpactOver, Fact::Outcome),
        (List::Public, Fact::Communication),
        (List::FollowUp, Fact::Context),
        (List::Identified, Fact::Outcome),
        (List::Recovering, Fact::Outcome),
        (List::Action, Fact::Action),
        (List::Rollback, Fact::Action),
        (List::TookIt, Fact::Action),
        (List::Report, Fact::Indicator),
        (List::Trouble, Fact::Indicator),
        (List::Working, Fact::Action),
    ];
    let first = order.into_iter().find(|(list, _)| reading.says(*list).is_some());
    first.map_or(
        if reading.item.kind == Kind::Manual { Fact::Event } else { Fact::Context },
        |(_, fact)| fact,
    )
}

/// A topic that sets another severity than was said before.
fn topics(readings: &[Reading<'_>], firsts: &Firsts) -> Vec<Entry> {
    let topics =
        firsts.severity.iter().filter(|(place, _)| readings[**place].item.signals.system_message);
    let made = topics.map(|(place, to)| {
        let reading = &readings[*place];
        entry(reading, &[*place], Fact::Decision, quote(reading, ""))
            .because(Reason::SeverityChange { to: *to }, 20)
    });
    made.collect()
}

/// Questions in the thread of a message that is an entry.
fn questions_about(readings: &[Reading<'_>], entries: &[Entry]) -> Vec<Entry> {
    let cited: BTreeSet<usize> =
        entries.iter().flat_map(|entry| entry.cites.iter().copied()).collect();
    let places: HashMap<(&str, &str), usize> = read::places(readings);
    let mut found = Vec::new();
    for (place, reading) in readings.iter().enumerate() {
        let about = read::root_of(reading, &places).is_some_and(|root| cited.contains(&root));
        if about && !reading.noise && reading.asks() && !cited.contains(&place) {
            found.push(
                entry(reading, &[place], Fact::Context, quote(reading, ""))
                    .because(Reason::Question, ENOUGH),
            );
        }
    }
    found
}

/// The moments at which one part of the story gives way to the next.
struct Turns {
    noticed: Option<Timestamp>,
    at_work: Option<Timestamp>,
    repair: Option<Timestamp>,
    over: Option<Timestamp>,
}

impl Turns {
    fn of(times: &[FoundKeyTime<usize>], entries: &[Entry]) -> Turns {
        let noticed = at(times, KeyTimeName::Detected);
        let at_work =
            at(times, KeyTimeName::Engaged).or_else(|| at(times, KeyTimeName::Acknowledged));
        let over = at(times, KeyTimeName::Mitigated).or_else(|| at(times, KeyTimeName::Resolved));
        let since = at_work.or(noticed);
        // the first thing done or decided to end the harm, not the declaration
        let remedy = |entry: &&Entry| {
            let done = entry.reasons.iter().any(|reason| {
                matches!(
                    reason,
                    Reason::Deploy { .. } | Reason::Action { .. } | Reason::Decision { .. }
                )
            });
            done && matches!(entry.fact, Fact::Action | Fact::Decision)
                && since.is_some_and(|since| since < entry.at)
        };
        let repair = entries.iter().filter(remedy).map(|entry| entry.at).min();
        Turns { noticed, at_work, repair, over }
    }

    fn phase(&self, entry: &Entry) -> Option<Phase> {
        let from = |turn: Option<Timestamp>| turn.is_some_and(|turn| turn <= entry.at);
        let decisive = entry.fact == Fact::Decision && entry.reasons.contains(&Reason::Pinned);
        Some(match () {
            () if decisive => Phase::KeyMoment,
            () if self.over.is_some_and(|over| over < entry.at) => Phase::After,
            () if from(self.repair) => Phase::Repair,
            () if self.at_work.is_some_and(|at_work| at_work < entry.at) => Phase::Diagnosis,
            () if from(self.noticed) => Phase::Detection,
            () if self.noticed.is_some() => Phase::LeadUp,
            () => return None,
        })
    }
}

/// People who wrote or acted about the time of the incident, by name and nothing else.
pub(super) fn participants(readings: &[Reading<'_>], core: Core) -> Vec<Participant> {
    let hour = SignedDuration::from_hours(1);
    let near = |at: Timestamp| {
        core.is_none_or(|(from, to)| {
            from.duration_since(at) <= hour && at.duration_since(to) <= hour
        })
    };
    let people = readings
        .iter()
        .filter(|r| (r.human || r.page.is_some()) && !r.item.author_is_bot && near(r.at));
    let names: BTreeSet<(String, &str)> =
        people.filter_map(|r| r.author()).map(|name| (name.to_lowercase(), name)).collect();
    names.into_iter().map(|(_, name)| Participant { name: cut(&calm(name), 80) }).collect()
}
