//! Narrows answers and counts what they could be narrowed to: each choice says what it would give.

use super::engine::View;
use super::question::Filter;
use super::table::{Known, Table};
use crate::incidents::{Kind, Status};

/// Bits for what an incident is narrowed away by.
const SERVICE: u8 = 1;
const TEAM: u8 = 2;
const KIND: u8 = 4;
const SEVERITY: u8 = 8;
const STATE: u8 = 16;
const DATE: u8 = 32;
const OPEN: u8 = 64;

/// How many of the answers have what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// By the number of a slug.
    services: Vec<usize>,
    /// By the number of a slug.
    teams: Vec<usize>,
    /// In the order of kinds.
    kinds: Vec<usize>,
    /// 1 to 4.
    severities: [usize; 5],
    /// In the order of statuses.
    states: Vec<usize>,
    /// With their years.
    years: Vec<(i16, usize)>,
    /// None open, some open.
    open: [usize; 2],
}

/// A value and how many have it.
pub type Count = (String, usize);

fn named<'a>(counts: &'a [usize], name: impl Fn(usize) -> String + 'a) -> Vec<Count> {
    let some = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    some.map(|(n, count)| (name(n), *count)).collect()
}

impl Counts {
    /// None yet.
    #[must_use]
    pub fn new(table: &Table) -> Counts {
        let slugs = table.slugs.count();
        Counts {
            services: vec![0; slugs],
            teams: vec![0; slugs],
            kinds: vec![0; Kind::ALL.len()],
            states: vec![0; Status::ALL.len()],
            ..Counts::default()
        }
    }

    /// Counts an incident where nothing else narrows it away.
    pub fn count(&mut self, known: &Known, away: u8) {
        if away.count_ones() > 1 {
            return;
        }
        let is_here = |bit: u8| away & !bit == 0;
        if is_here(SERVICE) {
            known.services.iter().for_each(|n| self.services[*n] += 1);
        }
        if is_here(TEAM) {
            known.teams.iter().for_each(|n| self.teams[*n] += 1);
        }
        if is_here(KIND) {
            self.kinds[known.kind as usize] += 1;
        }
        if is_here(SEVERITY) {
            let severity = usize::try_from(known.severity.unwrap_or(0)).unwrap_or(0);
            self.severities[severity.min(4)] += 1;
        }
        if is_here(STATE) {
            self.states[known.status as usize] += 1;
        }
        if is_here(DATE) {
            let year = known.day.year();
            match self.years.iter_mut().find(|(known, _)| *known == year) {
                Some((_, count)) => *count += 1,
                None => self.years.push((year, 1)),
            }
        }
        if is_here(OPEN) {
            self.open[usize::from(known.owed > 0)] += 1;
        }
    }

    /// By slug.
    #[must_use]
    pub fn services(&self, table: &Table) -> Vec<Count> {
        named(&self.services, |n| table.slugs.slug(n).to_owned())
    }

    /// By slug.
    #[must_use]
    pub fn teams(&self, table: &Table) -> Vec<Count> {
        named(&self.teams, |n| table.slugs.slug(n).to_owned())
    }

    /// By word.
    #[must_use]
    pub fn kinds(&self) -> Vec<Count> {
        named(&self.kinds, |n| Kind::ALL[n].name().to_owned())
    }

    /// By number.
    #[must_use]
    pub fn severities(&self) -> Vec<Count> {
        let mut all = named(&self.severities, |n| n.to_string());
        all.retain(|(severity, _)| severity != "0");
        all
    }

    /// By word.
    #[must_use]
    pub fn states(&self) -> Vec<Count> {
        named(&self.states, |n| Status::ALL[n].name().to_owned())
    }

    /// By year.
    #[must_use]
    pub fn years(&self) -> Vec<Count> {
        self.years.iter().map(|(year, count)| (year.to_string(), *count)).collect()
    }

    /// `yes` and `no`.
    #[must_use]
    pub fn open(&self) -> Vec<Count> {
        named(&self.open, |n| if n == 1 { "yes".to_owned() } else { "no".to_owned() })
    }
}

/// What narrows an incident away, as bits; 0 when nothing does.
#[must_use]
pub fn passes(view: &View, number: u32, filter: &Filter) -> u8 {
    let Some(known) = view.table.get(u64::from(number)) else { return u8::MAX };
    let mut away = 0;
    let mut unless = |bit: u8, is: bool| away |= if is { 0 } else { bit };
    unless(SERVICE, filter.service.as_ref().is_none_or(|s| known.entry.services.contains(s)));
    unless(TEAM, filter.team.as_ref().is_none_or(|s| known.entry.teams.contains(s)));
    unless(KIND, filter.kind.is_none_or(|kind| kind == known.kind));
    unless(SEVERITY, filter.severity.is_none_or(|s| Some(s) == known.severity));
    unless(STATE, filter.state.is_none_or(|state| state == known.status));
    let is_after = filter.from.is_none_or(|from| known.day >= from);
    unless(DATE, is_after && filter.to.is_none_or(|to| known.day <= to));
    unless(OPEN, filter.open_actions.is_none_or(|open| open == (known.owed > 0)));
    away
}
