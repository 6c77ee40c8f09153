//! Words with their looks, as the template reads them: flat, so that no depth can break it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use typst::foundations::{Array, Dict, IntoValue, Value, dict};

/// A longer word gets places where a line may end, since nothing else would end it.
const LONG_WORD: usize = 64;

/// A piece of a paragraph.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Run {
    Words(Words),
    /// Words that lead to an address.
    Link {
        address: String,
        words: Vec<Words>,
    },
    /// The mark of the text's note of this number, and what the note says.
    Note {
        n: usize,
        text: Rc<str>,
    },
    Break,
}

/// Words of one look.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Words {
    pub(crate) text: String,
    pub(crate) look: Look,
}

impl Words {
    pub(crate) fn plain(text: String) -> Self {
        Words { text, look: Look::default() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Look {
    pub(crate) emphasis: bool,
    pub(crate) strong: bool,
    pub(crate) struck: bool,
    pub(crate) code: bool,
}

/// A table with many footnotes is laid out again for each, so only so many of a document's tables'
/// stand at the foot; the others follow their words in brackets.
const FOOTNOTES_IN_TABLES: usize = 24;

/// Where what a link or a note says may stand.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Foot {
    /// At the foot of the page.
    Page,
    /// There too, unless it is one of very many.
    Table,
    /// In the text itself: heads are repeated, and notes have no notes.
    Here,
}

/// Numbers the addresses and notes of a document, so that each is printed once.
#[derive(Default)]
pub(crate) struct Footnotes {
    addresses: HashMap<String, usize>,
    notes: HashSet<(usize, usize)>,
    /// Notes that stand in brackets within the text.
    within: HashSet<(usize, usize)>,
    text: usize,
    in_tables: usize,
    site: String,
}

impl Footnotes {
    pub(crate) fn on(site: &str) -> Self {
        Footnotes { site: site.trim_end_matches('/').to_owned(), ..Footnotes::default() }
    }

    /// Another text begins, whose notes are its own.
    pub(crate) fn next_text(&mut self) {
        self.text += 1;
    }

    /// Whether one more footnote may stand at the foot of the page.
    fn has_room(&mut self, foot: Foot) -> bool {
        if foot == Foot::Table {
            self.in_tables += 1;
        }
        foot == Foot::Page || (foot == Foot::Table && self.in_tables <= FOOTNOTES_IN_TABLES)
    }

    /// The address's number, and whether this is the first time.
    fn address(&mut self, whole: &str) -> (usize, bool) {
        let next = self.addresses.len() + 1;
        let n = *self.addresses.entry(whole.to_owned()).or_insert(next);
        (n, n == next)
    }

    fn absolute(&self, address: &str) -> String {
        if address.starts_with('/') {
            format!("{}{address}", self.site)
        } else {
            address.to_owned()
        }
    }
}

/// Runs as the template reads them. Where no footnote may stand, a note's words follow in brackets.
pub(crate) fn values(runs: &[Run], footnotes: &mut Footnotes, foot: Foot) -> Array {
    runs.iter().map(|run| Value::Dict(value(run, footnotes, foot))).collect()
}

fn value(run: &Run, footnotes: &mut Footnotes, foot: Foot) -> Dict {
    match run {
        Run::Words(words) => words_value(words),
        Run::Break => dict! { "k" => "break" },
        Run::Note { n, text } => {
            let name = (footnotes.text, *n);
            if !footnotes.has_room(foot) {
                let said = !footnotes.within.insert(name);
                let words = if said { String::new() } else { format!(" ({text})") };
                return words_value(&Words::plain(words));
            }
            let first = footnotes.notes.insert(name);
            let text: &str = if first { text } else { "" };
            dict! {
                "k" => "note", "t" => breakable(text), "first" => first,
                "id" => format!("note-{}-{n}", footnotes.text),
            }
        }
        Run::Link { address, words } => link_value(address, words, footnotes, foot),
    }
}

fn link_value(address: &str, words: &[Words], footnotes: &mut Footnotes, foot: Foot) -> Dict {
    let text: Array = words.iter().map(|words| words_value(words).into_value()).collect();
    let shown: String = words.iter().map(|words| words.text.as_str()).collect();
    let whole = footnotes.absolute(address);
    let says_it =
        shown == address || shown == whole || address.strip_prefix("mailto:") == Some(&shown);
    let at_foot = !says_it && footnotes.has_room(foot);
    let (n, first) = if at_foot { footnotes.address(&whole) } else { (0, false) };
    let here = !says_it && !at_foot;
    dict! {
        "k" => "link", "c" => text, "leads" => !whole.starts_with('/'), "address" => breakable(&whole),
        "to" => whole, "noted" => n > 0, "here" => here, "first" => first, "id" => format!("link-{n}"),
    }
}

fn words_value(words: &Words) -> Dict {
    let Look { emphasis, strong, struck, code } = words.look;
    dict! {
        "k" => "words", "t" => breakable(&words.text),
        "e" => emphasis, "s" => strong, "d" => struck, "m" => code,
    }
}

/// The text with control signs made visible and with places to end a line in very long words.
pub(crate) fn breakable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut length = 0;
    for (n, word) in text.split_inclusive(char::is_whitespace).enumerate() {
        if n > 0 {
            length = 0;
        }
        let long = word.chars().count() > LONG_WORD;
        for c in word.chars() {
            out.push(if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c });
            length += 1;
            let seam = length > 4
                && matches!(c, '/' | '.' | '_' | '-' | '=' | '&' | '?' | ',' | ':' | ';');
            if long && (seam || length >= LONG_WORD / 8) {
                out.push('\u{200b}');
                length = 0;
            }
        }
    }
    out
}
