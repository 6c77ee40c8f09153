//! Labelled sentences and documents: how often the rules are right.

use nudge::{Engine, Facts, Kind, Place, Section};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A labelled sentence.
#[derive(Debug, Clone, Deserialize)]
struct Sentence {
    id: String,
    text: String,
    #[serde(default)]
    section: String,
    #[serde(default)]
    heading: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    zone_declared: bool,
    #[serde(default)]
    labels: BTreeSet<String>,
}

/// A labelled document.
#[derive(Debug, Clone, Deserialize)]
struct Case {
    id: String,
    doc: String,
    #[serde(default)]
    expected: BTreeSet<String>,
    /// The rules that are scored; all that are not in `either` when absent.
    scored: Option<BTreeSet<String>>,
    #[serde(default)]
    either: BTreeSet<String>,
}

/// What a row's text was found to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Predicted {
    /// The row.
    pub id: String,
    /// The rules that speak, in the order of the alphabet.
    pub labels: BTreeSet<String>,
}

/// Counts of a rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// It spoke and should.
    pub right: u32,
    /// It spoke and should not.
    pub wrong: u32,
    /// It should have spoken.
    pub missed: u32,
}

impl Counts {
    /// How often it was right when it spoke.
    #[must_use]
    pub fn precision(self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// How often it spoke when it should.
    #[must_use]
    pub fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// Their harmonic mean.
    #[must_use]
    pub fn f1(self) -> f64 {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    fn add(&mut self, other: Counts) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

fn share(part: u32, of: u32) -> f64 {
    if of == 0 { 1.0 } else { f64::from(part) / f64::from(of) }
}

/// How the rules did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Score {
    /// Each rule's counts.
    pub rules: BTreeMap<String, Counts>,
    /// Rows without a label.
    pub clean: u32,
    /// Rows without a label on which a rule spoke.
    pub alarms: u32,
}

impl Score {
    /// The counts of all rules together.
    #[must_use]
    pub fn sum(&self) -> Counts {
        let mut sum = Counts::default();
        for counts in self.rules.values() {
            sum.add(*counts);
        }
        sum
    }

    fn take(&mut self, said: &BTreeSet<String>, wanted: &BTreeSet<String>) {
        for rule in said.union(wanted) {
            let counts = self.rules.entry(rule.clone()).or_default();
            match (said.contains(rule), wanted.contains(rule)) {
                (true, true) => counts.right += 1,
                (true, false) => counts.wrong += 1,
                _ => counts.missed += 1,
            }
        }
        self.clean += u32::from(wanted.is_empty());
        self.alarms += u32::from(wanted.is_empty() && !said.is_empty());
    }

    /// The score as data.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let row = |rule: &str, counts: Counts| {
            serde_json::json!({
                "rule": rule, "right": counts.right, "wrong": counts.wrong, "missed": counts.missed,
                "precision": counts.precision(), "recall": counts.recall(), "f1": counts.f1(),
            })
        };
        let rules: Vec<_> = self.rules.iter().map(|(rule, counts)| row(rule, *counts)).collect();
        serde_json::json!({
            "rules": rules, "sum": row("in sum", self.sum()),
            "clean": { "rows": self.clean, "false_alarms": self.alarms },
        })
    }
}

/// A line that is no row, with its number.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct NoRow {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

fn rows<'t, Row: Deserialize<'t>>(text: &'t str) -> impl Iterator<Item = Result<Row, NoRow>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| {
        serde_json::from_str(line).map_err(|error| NoRow { line: at + 1, what: error.to_string() })
    })
}

/// Checks labelled sentences, in the section and block that each row names.
///
/// # Errors
/// The first line that is no row.
pub fn sentences(engine: &Engine, text: &str) -> Result<(Vec<Predicted>, Score), NoRow> {
    let (mut all, mut score) = (Vec::new(), Score::default());
    for row in rows::<Sentence>(text) {
        let row = row?;
        let place = Place {
            section: Section::named(&row.section).unwrap_or(Section::Other),
            kind: Kind::named(&row.kind).unwrap_or(Kind::Paragraph),
            heading: &row.heading,
            is_zone_declared: row.zone_declared,
            people: &[],
        };
        let found = engine.check_passage(&row.text, &place);
        let labels: BTreeSet<String> =
            found.iter().map(|finding| engine.rule(finding).id.clone()).collect();
        score.take(&labels, &row.labels);
        all.push(Predicted { id: row.id, labels });
    }
    Ok((all, score))
}

/// Checks labelled documents for the rules about the whole.
///
/// # Errors
/// The first line that is no row.
pub fn documents(engine: &Engine, text: &str) -> Result<(Vec<Predicted>, Score), NoRow> {
    let (mut all, mut score) = (Vec::new(), Score::default());
    for row in rows::<Case>(text) {
        let row = row?;
        let found = engine.check(&row.doc, &Facts::default());
        let labels: BTreeSet<String> = found
            .iter()
            .map(|finding| engine.rule(finding))
            .filter(|rule| rule.is_of_document)
            .map(|rule| rule.id.clone())
            .collect();
        let counts = |rule: &String| match &row.scored {
            Some(scored) => scored.contains(rule),
            None => !row.either.contains(rule),
        };
        let said = labels.iter().filter(|rule| counts(rule)).cloned().collect();
        score.take(&said, &row.expected);
        all.push(Predicted { id: row.id, labels });
    }
    Ok((all, score))
}
