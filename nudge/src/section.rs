//! What a part of a report is about, and how headings tell.

use serde::{Deserialize, Serialize};

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
pub struct Headings(Vec<(String, Section)>);

impl Headings {
    pub(crate) fn add(&mut self, words: &str, section: Section) {
        self.0.push((words.to_lowercase(), section));
        self.0.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    }

    /// The kind that a heading names, if it names one.
    #[must_use]
    pub fn section(&self, heading: &str) -> Option<Section> {
        let mut plain = String::with_capacity(heading.len() + 2);
        plain.push(' ');
        for char in heading.chars().take(200) {
            let is_kept = char.is_alphanumeric() || char == '\'' || char == '’';
            let char = if char == '’' { '\'' } else { char };
            match is_kept {
                true => plain.extend(char.to_lowercase()),
                false if !plain.ends_with(' ') => plain.push(' '),
                false => {}
            }
        }
        plain.push(' ');
        let stands = |words: &str| {
            plain.match_indices(words).any(|(at, _)| {
                let after = plain.as_bytes().get(at + words.len());
                plain.as_bytes()[at - usize::from(at > 0)] == b' '
                    && after.is_some_and(|byte| *byte == b' ')
            })
        };
        self.0.iter().find(|(words, _)| stands(words)).map(|(_, section)| *section)
    }
}
