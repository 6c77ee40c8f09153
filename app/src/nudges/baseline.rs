//! A baseline: what old texts said when the checker came, so that only what is new is shown.

use super::lint::Report;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What is known of old texts: for each, how often each finding stands in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The form of the file.
    version: u32,
    files: BTreeMap<String, BTreeMap<String, u32>>,
}

impl Baseline {
    /// All that these reports say.
    #[must_use]
    pub fn of(reports: &[Report]) -> Baseline {
        let mut baseline = Baseline { version: 1, files: BTreeMap::new() };
        for report in reports.iter().filter(|report| !report.nudges.is_empty()) {
            let known = baseline.files.entry(report.source.name.clone()).or_default();
            for mark in marks(report) {
                *known.entry(mark).or_default() += 1;
            }
        }
        baseline
    }

    /// Reads what [`Baseline::to_text`] wrote.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let baseline: Baseline = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match baseline.version {
            1 => Ok(baseline),
            other => Err(format!("it is of form {other}, and this version reads form 1")),
        }
    }

    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Takes out of the reports what was there before; how many that were.
    pub fn take_out(&self, reports: &mut [Report]) -> usize {
        let mut taken = 0;
        for report in reports {
            let Some(known) = self.files.get(&report.source.name) else { continue };
            let mut left = known.clone();
            let marks = marks(report);
            let mut marks = marks.iter();
            report.nudges.retain(|_| {
                let count = marks.next().and_then(|mark| left.get_mut(mark));
                match count {
                    Some(count) if *count > 0 => {
                        *count -= 1;
                        taken += 1;
                        false
                    }
                    _ => true,
                }
            });
        }
        taken
    }
}

/// What a finding is known by when lines above it change: the rule and the words of its line.
fn marks(report: &Report) -> Vec<String> {
    let lines = super::said::Lines::of(&report.source.text);
    let mark = |nudge: &super::said::Nudge| {
        let line: Vec<&str> = lines.line(nudge.line).split_whitespace().collect();
        let digest = Sha256::digest(format!("{}\n{}", nudge.words, line.join(" ")));
        format!("{} {}", nudge.rule, hex::encode(&digest[..8]))
    };
    report.nudges.iter().map(mark).collect()
}
