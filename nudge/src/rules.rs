//! Rule files: what a rule says of itself, and how files of an organisation change the shipped ones.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How loudly a finding speaks. None is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Never shown.
    Off,
    /// Shown folded; never fails a check.
    Hint,
    /// Shown.
    Warn,
}

impl Severity {
    /// Its name in rule files and output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Off => "off",
            Severity::Hint => "hint",
            Severity::Warn => "warn",
        }
    }
}

/// A rule as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name, such as `counterfactual`.
    pub id: String,
    /// Its group, such as `hindsight`.
    pub category: String,
    /// How loudly it speaks.
    pub severity: Severity,
    /// Why it speaks, in one line.
    pub why: String,
    /// What one may ask or write instead.
    pub question: String,
    /// Whose advice it is.
    pub reference: String,
    /// Whether it judges the whole document and not a sentence.
    pub is_of_document: bool,
    /// Sentences in which it speaks, as `section: sentence`.
    pub speaks: Vec<String>,
    /// Sentences in which it is silent, as `section: sentence`.
    pub silent: Vec<String>,
}

/// A rule file as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RuleFile {
    pub(crate) language: Option<String>,
    pub(crate) words: BTreeMap<String, String>,
    pub(crate) nouns: BTreeMap<String, String>,
    pub(crate) verbs: BTreeMap<String, String>,
    pub(crate) irregular: String,
    pub(crate) parts: BTreeMap<String, String>,
    pub(crate) sections: BTreeMap<String, Vec<String>>,
    /// Phrases in small letters that the document rules ask for.
    pub(crate) phrases: BTreeMap<String, Vec<String>>,
    /// Rules that are switched off.
    pub(crate) silence: Vec<String>,
    pub(crate) rule: Vec<RuleText>,
    /// Rules about the whole document.
    pub(crate) document: Vec<RuleText>,
}

/// A rule as it is written; what a later file leaves out stays as it was.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RuleText {
    pub(crate) id: String,
    pub(crate) category: Option<String>,
    pub(crate) severity: Option<Severity>,
    pub(crate) why: Option<String>,
    pub(crate) question: Option<String>,
    pub(crate) reference: Option<String>,
    /// The sections of the patterns of the rule itself.
    pub(crate) sections: Option<String>,
    #[serde(rename = "match")]
    pub(crate) matches: Vec<String>,
    /// Patterns that take a match back where they touch it.
    pub(crate) except: Vec<String>,
    /// Patterns that take a match back wherever they stand in the sentence.
    pub(crate) unless: Vec<String>,
    /// Patterns that take a match back when the headings above have them.
    pub(crate) unless_heading: Vec<String>,
    /// More patterns, with sections and exceptions of their own.
    pub(crate) when: Vec<Group>,
    pub(crate) speaks: Vec<String>,
    pub(crate) silent: Vec<String>,
}

/// Patterns with their own conditions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Group {
    pub(crate) sections: Option<String>,
    /// Only in blocks of these kinds, `li`, `p`, `row`.
    pub(crate) kinds: Option<String>,
    #[serde(rename = "match")]
    pub(crate) matches: Vec<String>,
    pub(crate) except: Vec<String>,
    pub(crate) unless: Vec<String>,
    /// One of these must stand in the sentence too.
    pub(crate) with: Vec<String>,
    /// Only where no time zone is declared.
    pub(crate) without_zone: bool,
    /// One finding a document is enough.
    pub(crate) once: bool,
    /// Sentences of at most so many words.
    pub(crate) shorter_than: Option<usize>,
}

/// What in a rule file is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The file's number in the order given, from 0.
    pub file: usize,
    /// What is wrong, with the rule or the line.
    pub what: String,
}

impl std::fmt::Display for RuleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for RuleError {}
