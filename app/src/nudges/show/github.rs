//! Findings as GitHub's workflow commands, which show them beside the changed lines.

use crate::nudges::lint::Report;
use std::fmt::Write;

/// One line a finding.
#[must_use]
pub fn github(reports: &[Report]) -> String {
    let mut out = String::new();
    for report in reports {
        let file = property(&report.source.name);
        for nudge in &report.nudges {
            let command = if nudge.is_warning() { "warning" } else { "notice" };
            let (line, column) = (nudge.line, nudge.column);
            let message = data(&format!("{} {}", nudge.why, nudge.question));
            let columns = if nudge.end_line == line {
                format!(",col={column},endColumn={}", nudge.end_column)
            } else {
                String::new()
            };
            writeln!(
                out,
                "::{command} file={file},line={line},endLine={}{columns},title={}::{message}",
                nudge.end_line,
                property(&nudge.rule)
            )
            .ok();
        }
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
