//! The rules about the document as a whole.

use super::Document;
use crate::engine::{Engine, Finding};
use crate::markdown::{Block, Kind};
use crate::section::Section;
use crate::shape::Shape;

impl Engine {
    /// Adds what only the whole can tell; `sentences` are the findings of its sentences.
    pub(super) fn judge_whole(
        &self,
        document: &Document<'_>,
        sentences: &[Finding],
        found: &mut Vec<Finding>,
    ) {
        if !document.is_report() {
            self.interview(document, sentences, found);
            return;
        }
        self.impact(document, found);
        self.judge_timeline(document, found);
        self.judge_actions(document, sentences, found);
        self.causes(document, sentences, found);
        self.learning(document, found);
        self.leftovers(document, found);
        self.people(document, sentences, found);
        self.interview(document, sentences, found);
    }

    fn impact(&self, document: &Document<'_>, found: &mut Vec<Finding>) {
        let blocks: Vec<(&Block, &Shape)> = document.of(Section::Impact).collect();
        let Some((first, shape)) = blocks.first() else { return };
        if shape.says_none || blocks.iter().all(|(_, shape)| shape.words == 0) {
            return;
        }
        let numbers: u32 = blocks.iter().map(|(_, shape)| shape.numbers).sum();
        if numbers == 0 {
            self.push(found, "impact-no-numbers", first);
        }
        let has_span = blocks.iter().any(|(_, shape)| shape.has_duration || shape.clock.len() > 1);
        let goes_on = blocks.iter().any(|(_, shape)| shape.has_impact);
        if !has_span && (goes_on || numbers == 0) {
            self.push(found, "impact-no-duration", first);
        }
    }

    fn causes(&self, document: &Document<'_>, sentences: &[Finding], found: &mut Vec<Finding>) {
        let blocks: Vec<(&Block, &Shape)> = document.of(Section::Factors).collect();
        if blocks.iter().all(|(_, shape)| shape.words == 0) {
            // "What went wrong" tells it under another name.
            if document.of(Section::Lessons).all(|(_, shape)| shape.words == 0) {
                self.push(found, "no-contributing-factors", document.title());
            }
            return;
        }
        let Some(heading) = document.heading(Section::Factors) else { return };
        let title = document.text_of(heading).to_lowercase();
        let count: u32 = blocks.iter().map(|(_, shape)| shape.sentences).sum();
        let is_single = self.has_words("single_cause_heading", &title);
        if is_single && count <= 1 {
            self.push(found, "single-root-cause-section", heading);
        }
        self.five_whys(document, sentences, found);
    }

    /// A chain of whys whose last answer is about a person.
    fn five_whys(&self, document: &Document<'_>, sentences: &[Finding], found: &mut Vec<Finding>) {
        let whys = document.of(Section::Factors).filter(|(_, shape)| shape.asks_why);
        let whys: Vec<&Block> = whys.map(|(block, _)| block).collect();
        let Some(last) = whys.last().filter(|_| whys.len() > 1) else { return };
        let end = document
            .of(Section::Factors)
            .find(|(block, _)| block.range.start > last.range.start)
            .map_or(last.range.end, |(next, _)| next.range.end);
        let on_people = [
            "blame-individual",
            "named-culprit",
            "human-error",
            "omission-as-cause",
            "normative-judgement",
            "mistake-label",
        ];
        let is_there = |finding: &&Finding| {
            (last.range.start..end).contains(&finding.span.start)
                && on_people.contains(&self.rule(finding).id.as_str())
        };
        if sentences.iter().any(|finding| is_there(&finding)) {
            self.push(found, "five-whys-to-person", last);
        }
    }

    fn learning(&self, document: &Document<'_>, found: &mut Vec<Finding>) {
        let is_grave = document.read.iter().any(|read| read.is_grave);
        if is_grave && document.of(Section::Lessons).all(|(_, shape)| shape.words == 0) {
            self.push(found, "no-learning", document.title());
        }
        let says = document.all().any(|(block, shape)| {
            shape.says_detected || (block.section == Section::Detection && shape.words > 0)
        });
        if !says && document.all().any(|(block, _)| block.section == Section::Timeline) {
            self.push(found, "no-detection-info", document.title());
        }
    }

    fn leftovers(&self, document: &Document<'_>, found: &mut Vec<Finding>) {
        let Some(rule) = self.number_of("template-leftover") else { return };
        for (block, read) in document.blocks.iter().zip(&document.read) {
            if let Some((at, len)) = read.leftover {
                let start = block.range.start + at;
                found.push(Finding::of(rule, start, start + len));
            }
        }
    }

    /// A place-holder in a block, or a prompt of the template copied as text: it asks the writer for
    /// something.
    pub(super) fn leftover(&self, text: &str, block: &Block) -> Option<(usize, usize)> {
        let place_holder = place_holder(text);
        if place_holder.is_some()
            || block.section == Section::Actions
            || block.kind == Kind::Heading
        {
            return place_holder;
        }
        let start: String = text.chars().take(40).flat_map(char::to_lowercase).collect();
        let asks = self.phrases("prompt").any(|phrase| start.starts_with(phrase.as_str()));
        asks.then_some((0, text.len()))
    }

    fn people(&self, document: &Document<'_>, sentences: &[Finding], found: &mut Vec<Finding>) {
        let names_someone = |at: usize| {
            document.all().any(|(block, shape)| block.range.contains(&at) && shape.has_person)
        };
        let is_name = |finding: &&Finding| {
            self.rule(finding).id == "named-culprit" && names_someone(finding.span.start)
        };
        if let Some(first) = sentences.iter().find(|finding| is_name(finding))
            && let Some(rule) = self.number_of("named-culprit-doc")
        {
            found.push(Finding::of(rule, first.span.start, first.span.end));
        }
        let loud = sentences
            .iter()
            .filter(|finding| {
                let category = self.rule(finding).category.as_str();
                category == "blame" || category == "hindsight"
            })
            .count();
        let count: u32 = document.all().map(|(_, shape)| shape.sentences).sum();
        if loud >= 4 && loud * 100 > 12 * count as usize {
            self.push(found, "blame-density", document.title());
        }
    }

    fn interview(&self, document: &Document<'_>, sentences: &[Finding], found: &mut Vec<Finding>) {
        let first = sentences.iter().find(|finding| self.rule(finding).id == "why-question");
        if let (Some(first), Some(rule)) = (first, self.number_of("interview-why"))
            && document.heading(Section::Interview).is_some()
        {
            found.push(Finding::of(rule, first.span.start, first.span.end));
        }
    }

    /// Whether one of a rule file's phrases stands in a text of small letters.
    pub(super) fn has_words(&self, class: &str, small: &str) -> bool {
        self.phrases(class).any(|phrase| {
            small.match_indices(phrase.as_str()).any(|(at, _)| {
                let before = small[..at].chars().next_back();
                let after = small[at + phrase.len()..].chars().next();
                !before.is_some_and(char::is_alphanumeric)
                    && !after.is_some_and(char::is_alphanumeric)
            })
        })
    }
}

impl Document<'_> {
    /// Two sections that a report has make a report; anything else is not judged as a whole.
    fn is_report(&self) -> bool {
        let of_reports = [
            Section::Summary,
            Section::Impact,
            Section::Timeline,
            Section::Factors,
            Section::Lessons,
            Section::Actions,
            Section::Detection,
            Section::Resolution,
        ];
        of_reports.iter().filter(|section| self.heading(**section).is_some()).count() > 1
    }

    /// The first heading, or whatever stands first.
    pub(super) fn title(&self) -> &Block {
        let heading = self.blocks.iter().find(|block| block.kind == Kind::Heading);
        heading.unwrap_or(&self.blocks[0])
    }
}

/// A place-holder: `TBD`, `HH:mm`, `<your name>`, `[insert …]`.
fn place_holder(text: &str) -> Option<(usize, usize)> {
    const MARKS: [&str; 16] = [
        "TBD",
        "TBC",
        "HH:mm",
        "HH:MM",
        "hh:mm",
        "XX:XX",
        "xx:xx",
        "YYYY-MM-DD",
        "yyyy-mm-dd",
        "Lorem ipsum",
        "FIXME",
        "[insert",
        "[Insert",
        "[your",
        "[Your",
        "???",
    ];
    let is_edge = |char: Option<char>| !char.is_some_and(char::is_alphanumeric);
    for mark in MARKS {
        for (at, _) in text.match_indices(mark) {
            let before = text[..at].chars().next_back();
            let after = text[at + mark.len()..].chars().next();
            if is_edge(before) && (is_edge(after) || mark.starts_with('[')) {
                return Some((at, mark.len()));
            }
        }
    }
    in_angles(text)
}

/// `<your name here>`: words in angles that are no tag.
fn in_angles(text: &str) -> Option<(usize, usize)> {
    for (at, _) in text.match_indices('<').take(20) {
        let inner: &str = text[at + 1..].split('>').next().unwrap_or("");
        let is_words = inner.contains(' ')
            && inner.chars().count() < 80
            && inner.starts_with(char::is_alphabetic)
            && !inner.contains(['=', '/', '<', '"', '\n']);
        if is_words && text[at + 1 + inner.len()..].starts_with('>') {
            return Some((at, inner.len() + 2));
        }
    }
    None
}
