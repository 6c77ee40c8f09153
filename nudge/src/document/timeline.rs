//! Rules about the order and the zones of a timeline.

use super::Document;
use crate::engine::{Engine, Finding};
use crate::markdown::{Block, Kind};
use crate::section::Section;
use crate::shape::Shape;

/// A later time this many minutes before the one above it is of the next day.
const MIDNIGHT: u32 = 12 * 60;

impl Engine {
    pub(super) fn judge_timeline(&self, document: &Document<'_>, found: &mut Vec<Finding>) {
        let in_section = document.of(Section::Timeline).filter(|(_, shape)| shape.words > 0);
        let mut entries: Vec<(&Block, &Shape)> = in_section.collect();
        if entries.is_empty() {
            // Entries that stand elsewhere are a timeline too.
            let is_entry = |(block, shape): &(&Block, &Shape)| {
                matches!(block.kind, Kind::Item | Kind::Row) && !shape.clock.is_empty()
            };
            entries = document.all().filter(is_entry).collect();
            if entries.len() < 3 {
                self.push(found, "missing-timeline", document.title());
                entries.clear();
            }
        }
        let timed: Vec<(&Block, &Shape)> = entries
            .iter()
            .filter(|(_, shape)| shape.begins_with_time && !shape.clock.is_empty())
            .copied()
            .collect();
        let is_mixed = self.zones(document, &timed, found);
        if !is_mixed {
            self.order(&timed, found);
        }
        self.spans(document, &timed, is_mixed, found);
    }

    /// Whether zones are missing or mixed.
    fn zones(
        &self,
        document: &Document<'_>,
        timed: &[(&Block, &Shape)],
        found: &mut Vec<Finding>,
    ) -> bool {
        let Some((first, _)) = timed.first() else { return false };
        if !document.declares_a_zone() {
            self.push(found, "timeline-no-zone", first);
        }
        let mut seen: Option<u32> = None;
        for (block, shape) in timed {
            for zone in &shape.zones {
                if seen.is_some_and(|seen| seen != *zone) {
                    self.push(found, "timeline-mixed-zones", block);
                    return true;
                }
                seen = Some(*zone);
            }
        }
        false
    }

    fn order(&self, timed: &[(&Block, &Shape)], found: &mut Vec<Finding>) {
        let mut day = None;
        let mut last: Option<(Option<u32>, u32)> = None;
        for (block, shape) in timed {
            let minute = shape.clock[0];
            day = shape.day.or(day);
            let is_back = match last {
                Some((Some(before), _))
                    if day.is_some_and(|day| day < before && before - day < 200) =>
                {
                    true
                }
                Some((before, earlier)) if before == day => {
                    minute < earlier && earlier - minute < MIDNIGHT
                }
                _ => false,
            };
            if is_back {
                self.push(found, "timeline-out-of-order", block);
                return;
            }
            last = Some((day, minute));
        }
    }

    /// A span that ends before it begins, or is longer than the timeline.
    fn spans(
        &self,
        document: &Document<'_>,
        timed: &[(&Block, &Shape)],
        is_mixed: bool,
        found: &mut Vec<Finding>,
    ) {
        for section in [Section::Impact, Section::Summary] {
            for (block, shape) in document.of(section) {
                if self.runs_backwards(document.text_of(block), shape) {
                    self.push(found, "duration-mismatch", block);
                    return;
                }
            }
        }
        let span = match (timed.first(), timed.last()) {
            (Some((_, first)), Some(_)) if timed.len() > 1 && !is_mixed => {
                let has_dates = timed.iter().any(|(_, shape)| shape.day.is_some());
                let latest = timed.iter().map(|(_, shape)| shape.clock[0]).max().unwrap_or(0);
                (!has_dates && first.clock[0] < latest).then(|| latest - first.clock[0])
            }
            _ => None,
        };
        let Some(span) = span else { return };
        for (block, shape) in document.of(Section::Impact) {
            let Some(stated) = shape.stated_minutes else { continue };
            let text = document.text_of(block).to_lowercase();
            if stated > span + 10 + span / 5 && self.has_words("span_word", &text) {
                self.push(found, "duration-mismatch", block);
                return;
            }
        }
    }

    fn runs_backwards(&self, text: &str, shape: &Shape) -> bool {
        let [from, to, ..] = shape.clock.as_slice() else { return false };
        let is_span = self.has_words("from_word", &text.to_lowercase());
        is_span && shape.day.is_none() && to < from && from - to < MIDNIGHT
    }
}
