//! Answers a question: what matches each thing that was asked for is brought together by incident,
//! narrowed, counted and ordered. A word may stand in the title, the next one in the evidence.

use super::clause::Clauses;
use super::collect::{Best, Gate, collect};
use super::counts::{Counts, passes};
use super::engine::View;
use super::passage::Marker;
use super::question::{Ask, Asked, Filter};
use std::cmp::Ordering;
use std::collections::HashSet;
use tantivy::{DocAddress, TantivyError};

/// When fewer incidents have everything that was asked for, the best of those that have much of it are
/// shown too, up to so many.
const FEW: usize = 20;

/// What these have must tell at least this share of what was asked for.
const MUCH: f32 = 0.34;

/// Of a pasted line, this share of what it tells must be there.
const SHARE: f32 = 0.5;

/// An incident that answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its number.
    pub number: u64,
    /// The documents it was found in, the best first.
    pub docs: Vec<DocAddress>,
}

/// What was found.
#[derive(Default)]
pub struct Found {
    /// The answers of the page that was asked for, the best first.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: usize,
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

/// Answers, with those of a page: from one on, so many.
///
/// # Errors
/// What the engine says.
pub fn find(
    view: &View,
    gate: &Gate,
    asked: &Asked,
    filter: &Filter,
    page: (usize, usize),
) -> Result<Found, TantivyError> {
    let mut found = Found { marker: Marker::new(asked), ..Found::default() };
    let mut clauses = Clauses::new(view);
    let mut without = HashSet::new();
    for ask in &asked.unwanted {
        let query = clauses.query(ask)?;
        without.extend(collect(view, gate, &*query)?.into_iter().map(|one| one.number));
    }
    if asked.wanted.is_empty() {
        let all = view.table.iter().filter(|(number, _)| gate.lets_through(*number, 0));
        let all = all.filter_map(|(number, _)| u32::try_from(number).ok());
        let all = all.filter(|number| !without.contains(number));
        // The newest first.
        let sums = all.map(|number| Sum { number, score: number as f32, ..Sum::default() });
        let kept = narrow(view, sums.collect(), filter, &mut found);
        found.hits = best_of(kept, page, &[]);
        return Ok(found);
    }
    let mut matched = Vec::new();
    for ask in &asked.wanted {
        let best = matches(view, gate, &mut clauses, (asked, ask), &mut found)?;
        let tells = (1.0 + view.table.len() as f32 / (1.0 + best.len() as f32)).ln();
        matched.push(Matched { best, tells });
    }
    if let Some(query) = clauses.together(&asked.wanted)
        && matched.iter().all(|one| !one.best.is_empty())
    {
        let best = collect(view, gate, &*query)?;
        let sums = sums(view, &matched, &best, &without);
        matched.push(Matched { best, tells: 0.0 });
        ranked(view, asked, filter, (&matched, page), sums, &mut found);
    } else {
        let sums = sums(view, &matched, &[], &without);
        ranked(view, asked, filter, (&matched, page), sums, &mut found);
    }
    Ok(found)
}

/// What matches one thing; a word that is nowhere is mended.
fn matches(
    view: &View,
    gate: &Gate,
    clauses: &mut Clauses<'_>,
    (asked, ask): (&Asked, &Ask),
    found: &mut Found,
) -> Result<Vec<Best>, TantivyError> {
    let query = clauses.query(ask)?;
    let best = collect(view, gate, &*query)?;
    if !best.is_empty() {
        return Ok(best);
    }
    if let Some(word) = ask.plain().filter(|_| !asked.is_pasted)
        && let Some(query) = clauses.mended(word)
    {
        let best = collect(view, gate, &*query)?;
        if !best.is_empty() {
            found.marker.mend(word);
            return Ok(best);
        }
    }
    let words: Vec<&str> = ask.words().iter().map(|word| word.text.as_str()).collect();
    found.nowhere.extend(match ask {
        Ask::Phrase(_) => Some(words.join(" ")),
        _ => words.last().map(|word| (*word).to_owned()),
    });
    Ok(best)
}

/// What an incident has of what was asked for.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    number: u32,
    has: u16,
    tells: f32,
    score: f32,
}

fn sums(view: &View, matched: &[Matched], together: &[Best], without: &HashSet<u32>) -> Vec<Sum> {
    let mut at = vec![u32::MAX; view.table.len()];
    let mut sums: Vec<Sum> = Vec::new();
    for clause in matched {
        for best in &clause.best {
            let slot = &mut at[best.number as usize];
            if *slot == u32::MAX {
                if without.contains(&best.number) {
                    continue;
                }
                *slot = u32::try_from(sums.len()).unwrap_or(u32::MAX);
                sums.push(Sum { number: best.number, ..Sum::default() });
            }
            let sum = &mut sums[*slot as usize];
            sum.has += 1;
            sum.tells += clause.tells;
            sum.score += best.score;
        }
    }
    for best in together {
        if let Some(sum) = sums.get_mut(at[best.number as usize] as usize) {
            sum.score += best.score;
        }
    }
    sums
}

/// Decides how much of what was asked for must be there, narrows, and orders.
fn ranked(
    view: &View,
    asked: &Asked,
    filter: &Filter,
    (matched, page): (&[Matched], (usize, usize)),
    mut sums: Vec<Sum>,
    found: &mut Found,
) {
    let wanted = asked.wanted.len();
    let all: f32 = matched.iter().filter(|one| !one.best.is_empty()).map(|one| one.tells).sum();
    for sum in &mut sums {
        sum.score *= (sum.tells / all.max(f32::MIN_POSITIVE)).powi(2);
    }
    let is_whole = |sum: &Sum| usize::from(sum.has) == wanted;
    if asked.is_pasted {
        sums.retain(|sum| sum.tells >= all * SHARE);
    } else {
        let passing = |sum: &&Sum| passes(view, sum.number, filter) == 0;
        let whole = sums.iter().filter(|sum| is_whole(sum)).filter(passing).count();
        let mut much: Vec<Sum> = sums.iter().filter(passing).copied().collect();
        much.retain(|sum| !is_whole(sum) && sum.tells >= all * MUCH);
        much.sort_by(better);
        sums.retain(is_whole);
        sums.extend(much.into_iter().take(FEW.saturating_sub(whole)));
    }
    let kept = narrow(view, sums, filter, found);
    found.is_relaxed = !asked.is_pasted && !kept.iter().all(is_whole);
    found.hits = best_of(kept, page, matched);
}

/// The better one first; of equal ones the newer.
fn better(a: &Sum, b: &Sum) -> Ordering {
    b.score.total_cmp(&a.score).then(b.number.cmp(&a.number))
}

/// Counts them and keeps those that nothing narrows away.
fn narrow(view: &View, mut sums: Vec<Sum>, filter: &Filter, found: &mut Found) -> Vec<Sum> {
    let mut counts = Counts::new(&view.table);
    sums.retain(|sum| {
        let away = passes(view, sum.number, filter);
        if let Some(known) = view.table.get(u64::from(sum.number)) {
            counts.count(known, away);
        }
        away == 0
    });
    found.counts = counts;
    found.total = sums.len();
    sums
}

/// Those of a page, the best first, each with the documents it was found in.
fn best_of(mut sums: Vec<Sum>, (from, most): (usize, usize), matched: &[Matched]) -> Vec<Hit> {
    let end = from.saturating_add(most);
    if end < sums.len() {
        sums.select_nth_unstable_by(end, better);
        sums.truncate(end);
    }
    sums.sort_by(better);
    let page = sums.into_iter().skip(from);
    let mut docs: Vec<(u32, Vec<(f32, DocAddress)>)> =
        page.map(|sum| (sum.number, Vec::new())).collect();
    let wanted: HashSet<u32> = docs.iter().map(|(number, _)| *number).collect();
    let all = matched.iter().flat_map(|clause| &clause.best);
    for best in all.filter(|best| wanted.contains(&best.number)) {
        let Some((_, of)) = docs.iter_mut().find(|(number, _)| *number == best.number) else {
            continue;
        };
        match of.iter_mut().find(|(_, doc)| *doc == best.doc) {
            Some(known) => known.0 += best.score,
            None => of.push((best.score, best.doc)),
        }
    }
    let hit = |(number, mut of): (u32, Vec<(f32, DocAddress)>)| {
        of.sort_by(|a, b| b.0.total_cmp(&a.0));
        Hit { number: u64::from(number), docs: of.into_iter().map(|(_, doc)| doc).collect() }
    };
    docs.into_iter().map(hit).collect()
}
