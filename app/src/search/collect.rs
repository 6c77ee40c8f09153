//! Gathers what matches, through the gate: a document that the viewer may not read is not counted.

use super::doc::What;
use super::engine::View;
use super::table::Table;
use crate::access::Viewer;
use std::sync::Arc;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::Query;
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

/// The best document of an incident for one thing that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Best {
    /// The incident's number.
    pub number: u32,
    /// How well it fits.
    pub score: f32,
    /// Which document.
    pub doc: DocAddress,
}

/// Who asks, of which table.
#[derive(Clone)]
pub struct Gate {
    table: Arc<Table>,
    viewer: Arc<Viewer>,
}

impl Gate {
    /// For a viewer and what is known at this moment.
    #[must_use]
    pub fn new(view: &View, viewer: &Viewer) -> Gate {
        Gate { table: view.table.clone(), viewer: Arc::new(viewer.clone()) }
    }

    /// Whether the incident, and of it the draft of this number, exists for the viewer.
    #[must_use]
    pub fn lets_through(&self, number: u64, nth: u64) -> bool {
        self.table.get(number).is_some_and(|entry| {
            let nth = i64::try_from(nth).unwrap_or(-1);
            entry.exists_for(&self.viewer) && (nth == 0 || entry.shares_draft(&self.viewer, nth))
        })
    }
}

struct Gather(Gate);

struct InSegment {
    gate: Gate,
    ord: SegmentOrdinal,
    number: Column<u64>,
    what: Column<u64>,
    nth: Column<u64>,
    weights: Vec<f32>,
    found: Vec<Best>,
    /// The last incident and draft that were looked up, and what came of it.
    last: (u64, u64, bool),
}

impl Collector for Gather {
    type Fruit = Vec<Best>;
    type Child = InSegment;

    fn for_segment(
        &self,
        ord: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<InSegment> {
        let fast = segment.fast_fields();
        Ok(InSegment {
            gate: self.0.clone(),
            ord,
            number: fast.u64("number")?,
            what: fast.u64("what")?,
            nth: fast.u64("nth")?,
            weights: What::ALL.iter().map(|what| what.weight()).collect(),
            found: Vec::new(),
            last: (u64::MAX, 0, false),
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<Vec<Best>>) -> tantivy::Result<Vec<Best>> {
        let mut at = vec![u32::MAX; self.0.table.len()];
        let mut all: Vec<Best> = Vec::new();
        for one in fruits.into_iter().flatten() {
            let slot = &mut at[one.number as usize];
            match all.get_mut(*slot as usize) {
                Some(kept) if kept.score < one.score => *kept = one,
                Some(_) => {}
                None => {
                    *slot = u32::try_from(all.len()).unwrap_or(u32::MAX);
                    all.push(one);
                }
            }
        }
        Ok(all)
    }
}

impl SegmentCollector for InSegment {
    type Fruit = Vec<Best>;

    fn collect(&mut self, doc: DocId, score: Score) {
        let number = self.number.first(doc).unwrap_or(0);
        let nth = self.nth.first(doc).unwrap_or(0);
        if (self.last.0, self.last.1) != (number, nth) {
            self.last = (number, nth, self.gate.lets_through(number, nth));
        }
        if !self.last.2 {
            return;
        }
        let what = usize::try_from(self.what.first(doc).unwrap_or(0)).unwrap_or(0);
        let score = score * self.weights.get(what).copied().unwrap_or(1.0);
        let Ok(number) = u32::try_from(number) else { return };
        let best = Best { number, score, doc: DocAddress::new(self.ord, doc) };
        match self.found.last_mut() {
            Some(last) if last.number == number => {
                if last.score < score {
                    *last = best;
                }
            }
            _ => self.found.push(best),
        }
    }

    fn harvest(self) -> Vec<Best> {
        self.found
    }
}

/// The best document of each incident that matches and that the viewer may read.
///
/// # Errors
/// What the engine says.
pub fn collect(view: &View, gate: &Gate, query: &dyn Query) -> Result<Vec<Best>, TantivyError> {
    view.searcher.search(query, &Gather(gate.clone()))
}
