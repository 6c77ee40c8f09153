//! A finding as it is told: the same to the command line, the API and the editor.

use nudge::{Engine, Severity};
use serde::{Deserialize, Serialize};

/// What a rule says of a place in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Nudge {
    /// The rule's name, such as `counterfactual`.
    pub rule: String,
    /// The rule's group, such as `hindsight`.
    pub category: String,
    /// `warn` or `hint`.
    pub severity: String,
    /// The first line, from 1.
    pub line: usize,
    /// The first character in its line, from 1.
    pub column: usize,
    /// The last line.
    pub end_line: usize,
    /// The character after the last, in its line.
    pub end_column: usize,
    /// The first byte of the text.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// The words it is about.
    pub words: String,
    /// Why, in one line.
    pub why: String,
    /// What one may ask or write instead.
    pub question: String,
}

impl Nudge {
    /// Whether it is shown unfolded, and counts against a limit.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.severity == Severity::Warn.name()
    }
}

/// The lines of a text, to find places in.
#[derive(Debug)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// The lines of a text.
    #[must_use]
    pub fn of(text: &'a str) -> Lines<'a> {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Lines { text, starts }
    }

    /// The line and the character in it, both from 1, of a byte.
    #[must_use]
    pub fn place(&self, byte: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= byte).max(1);
        let from = self.starts[line - 1];
        let before = self.text.get(from..byte).unwrap_or("");
        (line, before.chars().count() + 1)
    }

    /// A line's text, from 1, without its end.
    #[must_use]
    pub fn line(&self, number: usize) -> &'a str {
        let from = self.starts.get(number - 1).copied().unwrap_or(self.text.len());
        let to = self.starts.get(number).copied().unwrap_or(self.text.len());
        self.text[from..to].trim_end_matches(['\n', '\r'])
    }
}

/// The engine's findings on a text, as they are told.
#[must_use]
pub fn tell(engine: &Engine, text: &str, found: &[nudge::Finding]) -> Vec<Nudge> {
    let lines = Lines::of(text);
    let told = found.iter().map(|finding| {
        let rule = engine.rule(finding);
        let (start, end) = (finding.span.start, finding.span.end);
        let (line, column) = lines.place(start);
        let (end_line, end_column) = lines.place(end);
        let words: String = text.get(start..end).unwrap_or("").chars().take(200).collect();
        Nudge {
            rule: rule.id.clone(),
            category: rule.category.clone(),
            severity: rule.severity.name().to_owned(),
            line,
            column,
            end_line,
            end_column,
            start,
            end,
            words,
            why: rule.why.clone(),
            question: rule.question.clone(),
        }
    });
    told.collect()
}
