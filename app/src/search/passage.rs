//! Marks what was found: in a title, and in the passage of a text that has most of it.

use super::language;
use super::question::{Ask, Asked};
use super::tokens::{Sort, Stems, Word, words};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

/// How long a passage is, in bytes.
const LONG: usize = 220;

/// How much of it stands before the first mark.
const BEFORE: usize = 60;

/// A part of a passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SearchPart)]
pub struct Part {
    /// Its text.
    pub text: String,
    /// Whether it was asked for.
    pub is_hit: bool,
}

/// A passage and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Where its first mark is in the text, in bytes.
    pub place: usize,
    /// How many things that were asked for it has.
    pub has: usize,
}

/// Knows the words that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Marker {
    /// Words as they are, with the number of what was asked for.
    exact: HashMap<String, usize>,
    /// Stems of all languages.
    stems: HashMap<String, usize>,
    beginnings: Vec<(String, usize)>,
    mended: Vec<(String, usize)>,
}

impl Marker {
    /// For a question.
    #[must_use]
    pub fn new(asked: &Asked) -> Marker {
        let mut marker = Marker::default();
        let mut stems = Stems::all();
        for (n, ask) in asked.wanted.iter().enumerate() {
            match ask {
                Ask::Beginning(word) => marker.beginnings.push((word.text.clone(), n)),
                Ask::Phrase(found) | Ask::Words(found) => {
                    for word in found {
                        marker.exact.insert(word.text.clone(), n);
                    }
                }
            }
            if let Some(word) = ask.plain() {
                for stems in &mut stems {
                    marker.stems.insert(stems.stem(word), n);
                }
            }
        }
        marker
    }

    /// Marks also words that are nearly this one.
    pub fn mend(&mut self, word: &Word) {
        self.mended.push((word.text.clone(), self.exact.get(&word.text).copied().unwrap_or(0)));
    }

    /// The words that were asked for and stand in the text as others: `poool`, `pool`.
    #[must_use]
    pub fn mended_in(&self, text: &str) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let mut seen = HashSet::new();
        if self.mended.is_empty() {
            return out;
        }
        for word in words(text) {
            if let Some((typed, _)) =
                self.mended.iter().find(|(typed, _)| is_near(typed, &word.text))
                && seen.insert(typed.clone())
            {
                out.push((typed.clone(), word.text));
            }
        }
        out
    }

    fn which(&self, word: &Word, stems: &mut Stems) -> Option<usize> {
        if let Some(n) = self.exact.get(&word.text) {
            return Some(*n);
        }
        let begins = self.beginnings.iter().find(|(text, _)| word.text.starts_with(text));
        if let Some((_, n)) = begins {
            return Some(*n);
        }
        if matches!(word.sort, Sort::Plain | Sort::Part)
            && let Some(n) = self.stems.get(&stems.stem(word))
        {
            return Some(*n);
        }
        let near = self.mended.iter().find(|(typed, _)| is_near(typed, &word.text));
        near.map(|(_, n)| *n)
    }

    /// Where the marks are, without overlaps, each with the number of what was asked for.
    fn marks(&self, text: &str) -> Vec<(usize, usize, usize)> {
        let mut stems = Stems::of(language::guess(text));
        let mut marks: Vec<(usize, usize, usize)> = Vec::new();
        let mut found = words(text);
        found.sort_by_key(|word| (word.from, std::cmp::Reverse(word.to)));
        for word in found {
            let Some(n) = self.which(&word, &mut stems) else { continue };
            match marks.last_mut() {
                Some(last) if word.from < last.1 => last.1 = last.1.max(word.to),
                _ => marks.push((word.from, word.to, n)),
            }
        }
        marks
    }

    /// A line, marked whole.
    #[must_use]
    pub fn line(&self, text: &str) -> Vec<Part> {
        parts(text, (0, text.len()), &self.marks(text))
    }

    /// The passage that has most of what was asked for; the beginning when it has nothing.
    #[must_use]
    pub fn passage(&self, text: &str) -> Passage {
        let marks = self.marks(text);
        let has = |from: usize| {
            let inside =
                marks.iter().filter(|mark| mark.0 >= from && mark.1 <= from + LONG - BEFORE);
            let distinct: HashSet<usize> = inside.clone().map(|mark| mark.2).collect();
            (distinct.len(), inside.count())
        };
        let best = marks.iter().map(|mark| mark.0).max_by_key(|from| {
            let (distinct, all) = has(*from);
            (distinct, all.min(4), std::cmp::Reverse(*from))
        });
        let first = best.unwrap_or(0);
        let mut from = text.floor_char_boundary(first.saturating_sub(BEFORE));
        if from > 0 {
            let space = text[from..first].find(char::is_whitespace);
            from = space.map_or(from, |at| from + at);
        }
        let mut to = text.ceil_char_boundary((from + LONG).min(text.len()));
        if to < text.len() {
            let space = text[from..to].rfind(char::is_whitespace).map(|at| from + at);
            let last = marks.iter().filter(|mark| mark.0 < to).map(|mark| mark.1).max();
            to = space.filter(|at| *at > last.unwrap_or(first)).unwrap_or(to);
        }
        let mut cut = parts(text, (from, to), &marks);
        if from > 0 {
            cut.insert(0, Part { text: "…".to_owned(), is_hit: false });
        }
        if to < text.len() {
            cut.push(Part { text: "…".to_owned(), is_hit: false });
        }
        Passage { parts: cut, place: first, has: best.map_or(0, |from| has(from).0) }
    }
}

/// Whether two words differ by a letter or two.
fn is_near(typed: &str, other: &str) -> bool {
    let long = typed.chars().count();
    let most = if long < 7 { 1 } else { 2 };
    other.chars().count().abs_diff(long) <= most
        && strsim::damerau_levenshtein(typed, other) <= most
}

/// Line breaks as dots in the middle, everything on one line.
fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' if !out.is_empty() => out.push_str(" · "),
            _ if (c.is_whitespace() || c.is_control()) && !out.ends_with(' ') => out.push(' '),
            _ if c.is_whitespace() || c.is_control() => {}
            _ => out.push(c),
        }
    }
    out
}

fn parts(text: &str, (from, to): (usize, usize), marks: &[(usize, usize, usize)]) -> Vec<Part> {
    let mut out = Vec::new();
    let mut at = from;
    let mut push = |text: &str, is_hit: bool| {
        let text = one_line(text);
        if !text.is_empty() {
            out.push(Part { text, is_hit });
        }
    };
    for mark in marks.iter().filter(|mark| mark.0 >= from && mark.1 <= to) {
        push(&text[at..mark.0], false);
        push(&text[mark.0..mark.1], true);
        at = mark.1;
    }
    push(&text[at..to], false);
    out
}

#[cfg(test)]
mod tests {
    use super::{Marker, Part};
    use crate::search::question::Asked;
    use proptest::prelude::{ProptestConfig, any, proptest};

    fn shown(parts: &[Part]) -> String {
        parts
            .iter()
            .map(|part| if part.is_hit { format!("[{}]", part.text) } else { part.text.clone() })
            .collect()
    }

    #[test]
    fn stems_phrases_and_code_are_marked() {
        let mark =
            |question: &str, text: &str| shown(&Marker::new(&Asked::parse(question)).line(text));
        assert_eq!(
            mark("connection pool", "The connections of two pools"),
            "The [connections] of two [pools]"
        );
        assert_eq!(mark("foo.bar", "at foo.bar: no"), "at [foo.bar]: no");
        assert_eq!(
            mark("Verbindung", "Die Verbindungen wurden nicht geschlossen"),
            "Die [Verbindungen] wurden nicht geschlossen"
        );
        assert_eq!(mark("接続", "DBの接続が切れた"), "DBの[接続]が切れた");
        assert_eq!(mark("conn*", "connect Connection"), "[connect] [Connection]");
    }

    #[test]
    fn a_passage_has_most_of_what_was_asked_for() {
        let text = format!("pool {} the pool was exhausted {}", "x ".repeat(400), "y ".repeat(400));
        let passage = Marker::new(&Asked::parse("pool exhausted")).passage(&text);
        assert_eq!(passage.has, 2);
        let said = shown(&passage.parts);
        assert!(said.contains("the [pool] was [exhausted]"), "{said}");
        assert!(said.starts_with('…') && said.ends_with('…') && said.len() < 300, "{said}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_text_has_a_passage(question in any::<String>(), text in any::<String>()) {
            let marker = Marker::new(&Asked::parse(&question));
            let _ = (marker.passage(&text), marker.line(&text));
        }
    }
}
