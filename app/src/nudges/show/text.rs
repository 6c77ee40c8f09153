//! Findings as a good compiler tells them: the place, the words underlined, why, and a question.

use crate::nudges::lint::Report;
use crate::nudges::said::{Lines, Nudge};
use nudge::Rule;
use std::fmt::Write;

/// How it looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// Whether colours are shown.
    pub has_colour: bool,
    /// Whether hints are unfolded.
    pub shows_hints: bool,
}

/// How much of a long line is shown, in characters.
const WIDEST: usize = 110;

/// All findings; warnings with their line, hints folded to one line each.
#[must_use]
pub fn text(reports: &[Report], look: Look) -> String {
    let mut out = String::new();
    for report in reports {
        let lines = Lines::of(&report.source.text);
        for nudge in &report.nudges {
            if nudge.is_warning() || look.shows_hints {
                whole(&mut out, &report.source.name, nudge, &lines, look);
            } else {
                folded(&mut out, &report.source.name, nudge, look);
            }
        }
    }
    out
}

fn paint(text: &str, code: &str, look: Look) -> String {
    if look.has_colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

fn folded(out: &mut String, name: &str, nudge: &Nudge, look: Look) {
    let head = paint(&format!("hint[{}]", nudge.rule), "36", look);
    let words: String = one_line(&nudge.words).chars().take(40).collect();
    let name = plain(name);
    let (line, column) = (nudge.line, nudge.column);
    writeln!(out, "{head} {name}:{line}:{column}: \"{words}\" {}", nudge.question).ok();
}

fn whole(out: &mut String, name: &str, nudge: &Nudge, lines: &Lines<'_>, look: Look) {
    let colour = if nudge.is_warning() { "33" } else { "36" };
    let head = paint(&format!("{}[{}]", nudge.severity, nudge.rule), colour, look);
    writeln!(out, "{head}: {}", nudge.why).ok();
    let name = plain(name);
    let margin = nudge.line.to_string().len();
    let gap = " ".repeat(margin);
    writeln!(out, "{gap}--> {name}:{}:{}", nudge.line, nudge.column).ok();
    let line = lines.line(nudge.line);
    let ends_here = nudge.end_line == nudge.line;
    let end = if ends_here { nudge.end_column } else { line.chars().count() + 1 };
    let (shown, from) = window(line, nudge.column, end);
    let under = (end.saturating_sub(nudge.column)).clamp(1, WIDEST);
    let space = " ".repeat((nudge.column - 1).saturating_sub(from));
    let mark = paint(&"^".repeat(under), colour, look);
    writeln!(out, "{gap} |\n{} | {shown}\n{gap} | {space}{mark}", nudge.line).ok();
    writeln!(out, "{gap} = ask: {}\n", nudge.question).ok();
}

/// The part of a line around the words, and how many characters were left out before it.
fn window(line: &str, column: usize, end: usize) -> (String, usize) {
    let chars: Vec<char> = plain(line).chars().collect();
    if chars.len() <= WIDEST {
        return (chars.into_iter().collect(), 0);
    }
    let room = WIDEST.saturating_sub(end.saturating_sub(column)) / 2;
    let from = (column - 1).saturating_sub(room).min(chars.len());
    let to = (from + WIDEST).min(chars.len());
    (chars[from..to].iter().collect(), from)
}

/// The text without what would steer a terminal, as many characters long.
fn plain(text: &str) -> String {
    let steers =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

fn one_line(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A rule with its reasons and examples.
#[must_use]
pub fn explain(rule: &Rule) -> String {
    let mut out = String::new();
    let about = if rule.is_of_document { "the whole document" } else { "sentences" };
    writeln!(out, "{} ({}, {})", rule.id, rule.category, rule.severity.name()).ok();
    writeln!(out, "\n{}\n\nAsk: {}", rule.why, rule.question).ok();
    if !rule.reference.is_empty() {
        writeln!(out, "\nAfter: {}", rule.reference).ok();
    }
    writeln!(out, "\nIt is about {about}.").ok();
    for (title, examples) in [("It speaks in", &rule.speaks), ("It is silent in", &rule.silent)] {
        if !examples.is_empty() {
            writeln!(out, "\n{title}").ok();
        }
        for example in examples {
            writeln!(out, "  {example}").ok();
        }
    }
    let (id, on) = (&rule.id, "nudges.toml");
    writeln!(
        out,
        "\nTo silence it: `<!-- nudge ignore {id}: your reason -->` before a block, or\n\
         `silence = [\"{id}\"]` in {on}."
    )
    .ok();
    out
}
