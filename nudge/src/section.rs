//! What a part of a report is about, and how headings tell.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The kind of a section: rules speak in some and are silent in others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// What happened, in short.
    Summary,
    /// Who was hurt, how much, how long.
    Impact,
    /// What happened when.
    Timeline,
    /// What made it possible.
    Factors,
    /// What was learned; what went well and what did not.
    Lessons,
    /// What will be done.
    Actions,
    /// How it was found.
    Detection,
    /// How it was mended.
    Resolution,
    /// Questions and answers of a conversation.
    Interview,
    /// Anything else.
    Other,
}

impl Section {
    /// All kinds.
    pub const ALL: [Section; 10] = [
        Section::Summary,
        Section::Impact,
        Section::Timeline,
        Section::Factors,
        Section::Lessons,
        Section::Actions,
        Section::Detection,
        Section::Resolution,
        Section::Interview,
        Section::Other,
    ];

    /// The kind by its name in rule files.
    #[must_use]
    pub fn named(name: &str) -> Option<Section> {
        Section::ALL.into_iter().find(|section| section.name() == name)
    }

    /// Its name in rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Section::Summary => "summary",
            Section::Impact => "impact",
            Section::Timeline => "timeline",
            Section::Factors => "factors",
            Section::Lessons => "lessons",
            Section::Actions => "actions",
            Section::Detection => "detection",
            Section::Resolution => "resolution",
            Section::Interview => "interview",
            Section::Other => "other",
        }
    }
}

/// A set of section kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sections(u16);

impl Sections {
    pub(crate) const ALL: Sections = Sections(u16::MAX);

    /// Reads `factors lessons`, or `!timeline !actions` for all but these.
    ///
    /// # Errors
    /// The name that is no section.
    pub(crate) fn parse(text: &str) -> Result<Sections, String> {
        let mut set = if text.trim_start().starts_with('!') { Sections::ALL.0 } else { 0 };
        for name in text.split_whitespace() {
            let (name, is_out) = match name.strip_prefix('!') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let section = Section::named(name);
            let bit = 1 << section.ok_or_else(|| format!("no section is named `{name}`"))? as u16;
            set = if is_out { set & !bit } else { set | bit };
        }
        Ok(Sections(set))
    }

    pub(crate) fn has(self, section: Section) -> bool {
        self.0 & (1 << section as u16) != 0
    }
}

/// The words of headings by which a section's kind is known; the longest that stands in it decides.
#[derive(Debug, Clone, Default)]
pub struct Headings {
    /// Phrases by their first word: the words after it, the phrase's length, the kind.
    by_first: HashMap<String, Vec<(Vec<String>, usize, Section)>>,
}

impl Headings {
    pub(crate) fn add(&mut self, phrase: &str, section: Section) {
        let phrase = phrase.to_lowercase();
        let mut words = phrase.split_whitespace().map(str::to_owned);
        if let Some(first) = words.next() {
            let known = self.by_first.entry(first).or_default();
            known.push((words.collect(), phrase.len(), section));
        }
    }

    /// The kind that a heading names, if it names one.
    #[must_use]
    pub fn section(&self, heading: &str) -> Option<Section> {
        let small: String = heading.chars().take(200).flat_map(char::to_lowercase).collect();
        let small = small.replace('’', "'");
        let is_part = |char: char| !(char.is_alphanumeric() || char == '\'');
        let words: Vec<&str> = small.split(is_part).filter(|word| !word.is_empty()).collect();
        let mut best: Option<(usize, Section)> = None;
        for (at, word) in words.iter().enumerate() {
            for (rest, len, section) in self.by_first.get(*word).into_iter().flatten() {
                let stands = words[at + 1..].len() >= rest.len()
                    && rest.iter().zip(&words[at + 1..]).all(|(a, b)| a == b);
                if stands && best.is_none_or(|(longest, _)| longest < *len) {
                    best = Some((*len, *section));
                }
            }
        }
        best.map(|(_, section)| section)
    }
}
