//! Proposes a first timeline from evidence: entries with the reasons for each, the key times that the
//! evidence supports, and questions for people where it is silent or contradicts itself.
//!
//! A pure function of the evidence: the order in which it arrived changes nothing, and what the
//! evidence does not support stays missing. Entries quote what was said or name the system; nobody is
//! the subject of a fault.

mod clock;
mod entries;
mod groups;
mod key_times;
mod proposal;
mod questions;
mod read;
mod series;
mod text;
mod words;

pub use proposal::{FoundKeyTime, Participant, Proposal, ProposedEntry, Question, Reason};

use crate::evidence::import::item::Item;
use std::borrow::Borrow;

/// The most entries of a first timeline; the weightiest are kept and the rest counted.
pub const MOST_ENTRIES: usize = 120;

/// Proposes a first timeline from evidence items and the ids to cite them by.
#[must_use]
pub fn propose<Id: Clone + Ord, B: Borrow<Item>>(items: &[(Id, B)]) -> Proposal<Id> {
    let mut sorted: Vec<(&Id, &Item)> =
        items.iter().map(|(id, item)| (id, item.borrow())).collect();
    sorted.sort_by(|(a, x), (b, y)| {
        let key =
            |item: &'_ Item| (item.occurred.at, item.source.clone(), item.external_id.clone());
        x.occurred.at.cmp(&y.occurred.at).then_with(|| key(x).cmp(&key(y))).then_with(|| a.cmp(b))
    });
    let items: Vec<&Item> = sorted.iter().map(|(_, item)| *item).collect();
    found(&items).cite(|place| sorted[place].0.clone())
}

/// The proposal for items in the order of their times, citing them by their place.
fn found(items: &[&Item]) -> Proposal<usize> {
    let readings = read::all(items);
    let groups = groups::all(&readings);
    let core = groups::core(&readings);
    let key_times = key_times::find(&readings, core);
    let (mut entries, left_out) = entries::all(&readings, &groups, &key_times, core);
    entries::keep_order(&mut entries);
    let questions = questions::all(&readings, &groups, &entries, &key_times, core);
    let participants = entries::participants(&readings, core);
    Proposal { entries, key_times, questions, participants, left_out }
}

#[cfg(test)]
mod tests;
