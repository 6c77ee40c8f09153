//! A draft as Markdown. Every text from the evidence is escaped to one line, so that it can neither
//! break a table nor begin a block, nor bring HTML along.

use super::data::{Aside, Cited, Draft, KeyTime, NamedDuration, Row};
use crate::incidents::duration::Told;
use crate::incidents::key_time::Precision;
use jiff::Timestamp;
use std::fmt::Write as _;

/// The most sources named in one row.
const MOST_SOURCES: usize = 3;

impl Draft {
    /// The draft as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        line(&mut out, &format!("# {}", inline(&self.title.text)));
        if self.title.guessed {
            line(&mut out, "*The title is a guess from the evidence. All times are in UTC.*");
        } else {
            line(&mut out, "*All times are in UTC.*");
        }
        self.facts(&mut out);
        self.key_times(&mut out);
        self.durations(&mut out);
        self.timeline(&mut out);
        list(&mut out, "Participants", self.participants.iter().map(|person| inline(&person.name)));
        list(
            &mut out,
            "Open questions",
            self.questions.iter().map(|question| inline(question.ask())),
        );
        list(&mut out, "Named as to do", self.to_do.iter().map(|text| inline(text)));
        list(&mut out, "Set aside", self.set_aside.iter().map(aside));
        line(&mut out, "---");
        line(
            &mut out,
            "To go on: `afterword import INC-42 FILES…` takes the same files in as evidence, where entries can be corrected, factors and actions added, and the whole published.",
        );
        out.truncate(out.trim_end().len());
        out.push('\n');
        out
    }

    fn facts(&self, out: &mut String) {
        let mut facts = Vec::new();
        if let Some(window) = self.window {
            facts.push(format!(
                "Window of the timeline: {} to {}",
                stamp(window.from),
                stamp(window.to)
            ));
        }
        let evidence: Vec<String> = self
            .evidence
            .iter()
            .map(|source| format!("{} from {}", source.count, inline(&source.source)))
            .collect();
        facts.push(match evidence.is_empty() {
            true => "Evidence: none".to_owned(),
            false => format!("Evidence: {}", evidence.join(", ")),
        });
        if !self.places.is_empty() {
            let named: Vec<String> =
                self.places.iter().take(12).map(|place| inline(place)).collect();
            let more = self.places.len().saturating_sub(named.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            facts.push(format!("Channels and places: {}{more}", named.join(", ")));
        }
        list(out, "Facts", facts.into_iter());
    }

    fn key_times(&self, out: &mut String) {
        line(out, "## Key times");
        if !self.key_times.is_empty() {
            table(
                out,
                &["Key time", "UTC", "What says so"],
                self.key_times.iter().map(|time| {
                    vec![time.name.label().to_owned(), told(time), inline(&time.reason)]
                }),
            );
        }
        if !self.missing.is_empty() {
            let names: Vec<String> = self
                .missing
                .iter()
                .map(|time| format!("{} ({})", time.name.label().to_lowercase(), time.meaning))
                .collect();
            line(out, &format!("Missing, since nothing here supports them: {}.", names.join("; ")));
        }
    }

    fn durations(&self, out: &mut String) {
        line(out, "## Durations");
        let row = |duration: &NamedDuration| {
            let words = match &duration.told {
                Told::Span { .. } => duration.words.clone(),
                Told::CannotTell { why, .. } => {
                    format!("cannot tell, because {}", why.trim_end_matches('.'))
                }
            };
            vec![duration.name.label().to_owned(), inline(&words), duration.definition.to_owned()]
        };
        table(out, &["Duration", "Length", "What it is"], self.durations.iter().map(row));
    }

    fn timeline(&self, out: &mut String) {
        line(out, "## Timeline");
        if self.timeline.is_empty() {
            line(out, "Nothing in the evidence calls for an entry. Write the first one by hand.");
            return;
        }
        if let Some(zero) = &self.offset_from {
            line(
                out,
                &format!(
                    "Offsets are counted from {} at {}. Each entry is a proposal from the evidence.",
                    zero.name,
                    stamp(zero.at)
                ),
            );
        }
        let days = self.timeline.first().map(|row| day(row.at))
            != self.timeline.last().map(|row| day(row.at));
        let row = |row: &Row| {
            let kind = match row.phase {
                Some(phase) => format!("{}, {}", row.fact.label(), phase.label().to_lowercase()),
                None => row.fact.label().to_owned(),
            };
            let what = match &row.actor {
                Some(actor) => format!("{} ({})", inline(&row.text), inline(actor)),
                None => inline(&row.text),
            };
            vec![
                clock(row, days),
                row.offset_s.map(offset).unwrap_or_default(),
                what,
                kind,
                sources(&row.cites),
            ]
        };
        table(out, &["UTC", "Offset", "What", "Kind", "Source"], self.timeline.iter().map(row));
        if self.left_out > 0 {
            line(
                out,
                &format!(
                    "{} lighter entries were left out; the evidence keeps them.",
                    self.left_out
                ),
            );
        }
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\n\n");
}

/// A heading and a list, or nothing.
fn list(out: &mut String, heading: &str, items: impl Iterator<Item = String>) {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return;
    }
    line(out, &format!("## {heading}"));
    for item in items {
        out.push_str("- ");
        out.push_str(&item);
        out.push('\n');
    }
    out.push('\n');
}

fn table(out: &mut String, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut row = |cells: &mut dyn Iterator<Item = &str>| {
        out.push('|');
        for cell in cells {
            let _ = write!(out, " {} |", if cell.is_empty() { "–" } else { cell });
        }
        out.push('\n');
    };
    row(&mut heads.iter().copied());
    row(&mut heads.iter().map(|_| "---"));
    for cells in rows {
        row(&mut cells.iter().map(String::as_str));
    }
    out.push('\n');
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn at_precision(at: Timestamp, precision: Precision) -> String {
    let form = match precision {
        Precision::Second => "%Y-%m-%d %H:%M:%S",
        Precision::Minute => "%Y-%m-%d %H:%M",
        Precision::Hour => "%Y-%m-%d about %H h",
        Precision::Day => "%Y-%m-%d",
    };
    at.strftime(form).to_string()
}

fn told(time: &KeyTime) -> String {
    let at = at_precision(time.at, time.precision);
    if time.uncertainty_s == 0 {
        return at;
    }
    let off = crate::incidents::duration::in_words(
        jiff::SignedDuration::from_secs(i64::from(time.uncertainty_s)),
        0,
    );
    format!("{at} ± {off}")
}

/// The time of a row, with its day when the timeline spans several.
fn clock(row: &Row, days: bool) -> String {
    let told = at_precision(row.at, row.precision);
    match (days, row.precision, told.split_once(' ')) {
        (false, Precision::Second | Precision::Minute | Precision::Hour, Some((_, time))) => {
            time.to_owned()
        }
        _ => told,
    }
}

/// `+00:17`, `-1 d 02:03`: hours and minutes.
fn offset(seconds: i64) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    match days {
        0 => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{days} d {hours:02}:{minutes:02}"),
    }
}

fn sources(cites: &[Cited]) -> String {
    let mut named: Vec<String> = Vec::new();
    for cite in cites {
        let name = match cite.place.as_deref().filter(|place| !place.trim().is_empty()) {
            Some(place) => format!("{}, {}", inline(&cite.source), inline(place)),
            None => inline(&cite.source),
        };
        let name = match cite.url.as_deref().and_then(address) {
            Some(url) => format!("[{name}](<{url}>)"),
            None => name,
        };
        if !named.contains(&name) {
            named.push(name);
        }
    }
    let more = named.len().saturating_sub(MOST_SOURCES);
    named.truncate(MOST_SOURCES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join("; "))
}

/// An address that can stand between `<` and `>` in a cell of a table.
fn address(url: &str) -> Option<String> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    if !web || url.len() > 2_000 {
        return None;
    }
    let mut safe = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '<' | '>' | '|' | '\\' | '`' | '"' | '[' | ']' | '(' | ')' | '*' | '_' | '{' | '}' => {
                let _ = write!(safe, "%{:02X}", u32::from(c));
            }
            c if c.is_whitespace() || c.is_control() || is_deceiving(c) => return None,
            c => safe.push(c),
        }
    }
    Some(safe)
}

fn is_deceiving(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn aside(aside: &Aside) -> String {
    let places = aside.places.iter().map(|place| inline(place)).collect::<Vec<_>>().join("; ");
    let more = if aside.count > aside.places.len() { " and more" } else { "" };
    let times =
        if aside.count == 1 { "1 time".to_owned() } else { format!("{} times", aside.count) };
    format!("{times} ({places}{more}): {}", inline(&aside.why))
}

/// One line of plain text: every character that could mean something in Markdown is escaped.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        // what begins a block at the start of an item
        let begins = out.is_empty();
        for (at, c) in word.char_indices().filter(|(_, c)| !is_deceiving(*c)) {
            let first = begins && (at == 0 || word[..at].bytes().all(|b| b.is_ascii_digit()));
            let marks = matches!(
                c,
                '\\' | '`'
                    | '*'
                    | '_'
                    | '['
                    | ']'
                    | '<'
                    | '>'
                    | '|'
                    | '~'
                    | '#'
                    | '&'
                    | '$'
                    | '!'
                    | '{'
                    | '}'
            );
            if marks || first && matches!(c, '-' | '+' | '=' | '.' | ')' | ':') {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_evidence_stays_text() {
        assert_eq!(
            inline("a|b `c`\n<b>&amp;</b> *d*"),
            "a\\|b \\`c\\` \\<b\\>\\&amp;\\</b\\> \\*d\\*"
        );
        assert_eq!(inline("1. not a list"), "1\\. not a list");
        assert_eq!(inline("- nor this, but v1.2 - yes"), "\\- nor this, but v1.2 - yes");
        assert_eq!(inline("\u{202e}# x"), "\\# x");
    }

    #[test]
    fn addresses_cannot_leave_their_brackets() {
        assert_eq!(
            address("https://a.example/x|y>z").as_deref(),
            Some("https://a.example/x%7Cy%3Ez")
        );
        assert_eq!(address("javascript:alert(1)"), None);
        assert_eq!(address("https://a.example/ b"), None);
    }

    #[test]
    fn offsets_have_a_sign() {
        assert_eq!(
            [offset(0), offset(1_030), offset(-3_720), offset(90_000)],
            ["+00:00", "+00:17", "-01:02", "+1 d 01:00"]
        );
    }
}
