//! Answers a question: what matches each thing that was asked for is brought together by incident,
//! narrowed, counted and ordered. A word may stand in the title, the next one in the evidence.

use super::clause::Clauses;
use super::collect::{Best, Gate, collect};
use super::engine::View;
use super::passage::Marker;
use super::question::{Ask, Asked, Filter};
use super::table::Entry;
use jiff::tz::TimeZone;
use kit::db::Time;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tantivy::{DocAddress, TantivyError};

/// When fewer incidents have everything that was asked for, those that have most of it are shown too.
const FEW: usize = 3;

/// Of a pasted line, this share of what it tells must be there.
const SHARE: f32 = 0.5;

/// An incident that answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its number.
    pub number: u64,
    /// How well it fits; never shown.
    pub score: f32,
    /// The documents it was found in, the best first.
    pub docs: Vec<DocAddress>,
}

/// How many of the answers have what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// By slug.
    pub services: HashMap<String, usize>,
    /// By slug.
    pub teams: HashMap<String, usize>,
    /// By word.
    pub kinds: HashMap<String, usize>,
    /// By number.
    pub severities: HashMap<String, usize>,
    /// By word.
    pub states: HashMap<String, usize>,
    /// By year.
    pub years: HashMap<String, usize>,
    /// `yes` and `no`.
    pub open: HashMap<String, usize>,
}

/// What was found.
pub struct Found {
    /// The answers, the best first.
    pub hits: Vec<Hit>,
    /// What they are counted by.
    pub counts: Counts,
    /// Not everything that was asked for is in all of them.
    pub is_relaxed: bool,
    /// Words of the question that are nowhere.
    pub nowhere: Vec<String>,
    /// Marks what was found.
    pub marker: Marker,
}

/// What matched one thing that was asked for.
struct Matched {
    best: Vec<Best>,
    tells: f32,
}

/// Bits for what an incident is narrowed away by.
mod narrowed {
    pub const SERVICE: u8 = 1;
    pub const TEAM: u8 = 2;
    pub const KIND: u8 = 4;
    pub const SEVERITY: u8 = 8;
    pub const STATE: u8 = 16;
    pub const DATE: u8 = 32;
    pub const OPEN: u8 = 64;
}

/// Answers.
///
/// # Errors
/// What the engine says.
pub fn find(
    view: &View,
    gate: &Gate,
    asked: &Asked,
    filter: &Filter,
) -> Result<Found, TantivyError> {
    let mut marker = Marker::new(asked);
    let mut nowhere = Vec::new();
    let mut clauses = Clauses::new(view);
    let mut without = HashSet::new();
    for ask in &asked.unwanted {
        let query = clauses.query(ask)?;
        without.extend(collect(view, gate, &*query)?.into_iter().map(|one| one.number));
    }
    if asked.wanted.is_empty() {
        let all = view.table.iter().filter(|(number, _)| gate.lets_through(*number, 0));
        let all = all.filter(|(number, _)| !without.contains(&(*number as u32)));
        let sums = all.map(|(number, _)| Sum { number: number as u32, ..Sum::default() });
        let mut found = narrow(view, sums.collect(), filter, |_| true);
        found.hits.sort_by_key(|hit| std::cmp::Reverse(hit.number));
        return Ok(Found { nowhere, marker, ..found });
    }
    let mut matched = Vec::new();
    for ask in &asked.wanted {
        let query = clauses.query(ask)?;
        let mut best = collect(view, gate, &*query)?;
        if best.is_empty()
            && !asked.is_pasted
            && let Some(word) = ask.plain()
            && let Some(query) = clauses.mended(word)
        {
            best = collect(view, gate, &*query)?;
            if !best.is_empty() {
                marker.mend(word);
            }
        }
        if best.is_empty() {
            nowhere.extend(said(ask));
        }
        let tells = (1.0 + view.table.len() as f32 / (1.0 + best.len() as f32)).ln();
        matched.push(Matched { best, tells });
    }
    let together = match clauses.together(&asked.wanted) {
        Some(query) if matched.iter().all(|one| !one.best.is_empty()) => {
            collect(view, gate, &*query)?
        }
        _ => Vec::new(),
    };
    let sums = sums(view, &matched, &together, &without);
    let mut found = ranked(view, asked, filter, &matched, sums);
    found.nowhere = nowhere;
    found.marker = marker;
    Ok(found)
}

fn said(ask: &Ask) -> Option<String> {
    let words: Vec<&str> = ask.words().iter().map(|word| word.text.as_str()).collect();
    match ask {
        Ask::Phrase(_) => Some(words.join(" ")),
        _ => words.last().map(|word| (*word).to_owned()),
    }
}

/// What an incident has of what was asked for.
#[derive(Debug, Clone, Default)]
struct Sum {
    number: u32,
    has: usize,
    tells: f32,
    score: f32,
    docs: Vec<(f32, DocAddress)>,
}

fn sums(view: &View, matched: &[Matched], together: &[Best], without: &HashSet<u32>) -> Vec<Sum> {
    let mut at = vec![u32::MAX; view.table.len()];
    let mut sums: Vec<Sum> = Vec::new();
    for clause in matched {
        for best in clause.best.iter().filter(|best| !without.contains(&best.number)) {
            let slot = &mut at[best.number as usize];
            if *slot == u32::MAX {
                *slot = u32::try_from(sums.len()).unwrap_or(u32::MAX);
                sums.push(Sum { number: best.number, ..Sum::default() });
            }
            let sum = &mut sums[*slot as usize];
            sum.has += 1;
            sum.tells += clause.tells;
            sum.score += best.score;
            match sum.docs.iter_mut().find(|(_, doc)| *doc == best.doc) {
                Some(known) => known.0 += best.score,
                None => sum.docs.push((best.score, best.doc)),
            }
        }
    }
    for best in together {
        let slot = at[best.number as usize];
        if let Some(sum) = sums.get_mut(slot as usize) {
            sum.score += best.score;
            match sum.docs.iter_mut().find(|(_, doc)| *doc == best.doc) {
                Some(known) => known.0 += best.score,
                None => sum.docs.push((best.score, best.doc)),
            }
        }
    }
    sums
}

/// Decides how much of what was asked for must be there, narrows, and orders.
fn ranked(
    view: &View,
    asked: &Asked,
    filter: &Filter,
    matched: &[Matched],
    sums: Vec<Sum>,
) -> Found {
    let wanted = matched.len();
    let mut needed = wanted;
    let mut told = 0.0;
    if asked.is_pasted {
        let all: f32 = matched.iter().filter(|one| !one.best.is_empty()).map(|m| m.tells).sum();
        (needed, told) = (2, all * SHARE);
    } else {
        let enough = |needed: usize| {
            let passing = sums.iter().filter(|sum| sum.has >= needed);
            let passing = passing.filter(|sum| passes(view, sum.number, filter) == 0);
            passing.take(FEW).count() == FEW
        };
        while needed > wanted.div_ceil(2).max(1) && !enough(needed) {
            needed -= 1;
        }
    }
    let is_there = move |sum: &Sum| sum.has >= needed && sum.tells >= told;
    let share = |sum: &Sum| (sum.has as f32 / wanted as f32).powi(2);
    let mut sums = sums;
    for sum in &mut sums {
        sum.score *= share(sum);
    }
    let mut found = narrow(view, sums, filter, is_there);
    let all_of_it = |hit: &Hit| hit.docs.is_empty();
    found.is_relaxed = !asked.is_pasted && needed < wanted && !found.hits.iter().all(all_of_it);
    found.hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.number.cmp(&a.number)));
    found
}

fn narrow(view: &View, sums: Vec<Sum>, filter: &Filter, is_there: impl Fn(&Sum) -> bool) -> Found {
    let mut counts = Counts::default();
    let mut hits = Vec::new();
    for mut sum in sums.into_iter().filter(|sum| is_there(sum)) {
        let Some(entry) = view.table.get(u64::from(sum.number)) else { continue };
        let away = passes(view, sum.number, filter);
        if away.count_ones() < 2 {
            count(&mut counts, entry, away);
        }
        if away == 0 {
            sum.docs.sort_by(|a, b| b.0.total_cmp(&a.0));
            let docs = sum.docs.into_iter().map(|(_, doc)| doc).collect();
            hits.push(Hit { number: u64::from(sum.number), score: sum.score, docs });
        }
    }
    let marker = Marker::default();
    Found { hits, counts, is_relaxed: false, nowhere: Vec::new(), marker }
}

/// The year and day on which an incident began, in UTC.
fn began(entry: &Entry) -> Option<jiff::civil::Date> {
    let time = Time::from_microseconds(entry.began)?;
    Some(time.timestamp().to_zoned(TimeZone::UTC).date())
}

/// What narrows an incident away; 0 when nothing does.
fn passes(view: &View, number: u32, filter: &Filter) -> u8 {
    let Some(entry) = view.table.get(u64::from(number)) else { return u8::MAX };
    let entry: &Arc<Entry> = entry;
    let mut away = 0;
    let mut unless = |bit: u8, is: bool| away |= if is { 0 } else { bit };
    unless(narrowed::SERVICE, filter.service.as_ref().is_none_or(|s| entry.services.contains(s)));
    unless(narrowed::TEAM, filter.team.as_ref().is_none_or(|s| entry.teams.contains(s)));
    unless(narrowed::KIND, filter.kind.is_none_or(|kind| kind == entry.kind));
    unless(narrowed::SEVERITY, filter.severity.is_none_or(|s| Some(s) == entry.severity));
    unless(narrowed::STATE, filter.state.is_none_or(|state| state == entry.status));
    if filter.from.is_some() || filter.to.is_some() {
        let day = began(entry);
        let is_after = filter.from.is_none_or(|from| day.is_some_and(|day| day >= from));
        let is_before = filter.to.is_none_or(|to| day.is_some_and(|day| day <= to));
        unless(narrowed::DATE, is_after && is_before);
    }
    unless(narrowed::OPEN, filter.open_actions.is_none_or(|open| open == (entry.owed > 0)));
    away
}

fn one_more(counts: &mut HashMap<String, usize>, value: &str) {
    match counts.get_mut(value) {
        Some(count) => *count += 1,
        None => {
            counts.insert(value.to_owned(), 1);
        }
    }
}

/// Counts an incident where nothing else narrows it away: each choice says what it would give.
fn count(counts: &mut Counts, entry: &Entry, away: u8) {
    let counts_here = |bit: u8| away & !bit == 0;
    if counts_here(narrowed::SERVICE) {
        entry.services.iter().for_each(|slug| one_more(&mut counts.services, slug));
    }
    if counts_here(narrowed::TEAM) {
        entry.teams.iter().for_each(|slug| one_more(&mut counts.teams, slug));
    }
    if counts_here(narrowed::KIND) {
        one_more(&mut counts.kinds, entry.kind.name());
    }
    if counts_here(narrowed::SEVERITY)
        && let Some(severity) = entry.severity
    {
        one_more(&mut counts.severities, ["1", "2", "3", "4"][(severity - 1).clamp(0, 3) as usize]);
    }
    if counts_here(narrowed::STATE) {
        one_more(&mut counts.states, entry.status.name());
    }
    if counts_here(narrowed::DATE)
        && let Some(day) = began(entry)
    {
        one_more(&mut counts.years, &day.year().to_string());
    }
    if counts_here(narrowed::OPEN) {
        one_more(&mut counts.open, if entry.owed > 0 { "yes" } else { "no" });
    }
}
