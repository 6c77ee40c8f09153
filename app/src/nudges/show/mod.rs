//! Findings in the forms that people and tools read.

mod github;
mod sarif;
mod text;

pub use github::github;
pub use sarif::sarif;
pub use text::{Look, explain, text};

use super::lint::{Report, count};

/// The findings as data.
#[must_use]
pub fn json(reports: &[Report]) -> serde_json::Value {
    let (warnings, hints) = count(reports);
    let files: Vec<_> = reports
        .iter()
        .map(|report| serde_json::json!({ "path": report.source.name, "nudges": report.nudges }))
        .collect();
    serde_json::json!({ "version": 1, "files": files, "warnings": warnings, "hints": hints })
}
