//! Classes of tokens: what the rules' patterns are made of.
//!
//! A class of words comes from a rule file; a form comes from inflection; a shape comes from the lexer.

use std::collections::HashMap;

/// How many classes of words the rule files together may name.
pub const MOST_CLASSES: usize = 256;

/// A set of word classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Classes([u64; MOST_CLASSES / 64]);

impl Classes {
    /// No class.
    pub const NONE: Classes = Classes([0; MOST_CLASSES / 64]);

    /// The set with the one class of this number.
    #[must_use]
    pub fn one(number: usize) -> Classes {
        let mut set = Classes::NONE;
        set.0[number / 64] |= 1 << (number % 64);
        set
    }

    /// Whether the sets share a class.
    #[must_use]
    pub fn meets(self, other: Classes) -> bool {
        self.0.iter().zip(other.0).any(|(a, b)| a & b != 0)
    }

    /// The numbers of the classes in it.
    pub fn numbers(self) -> impl Iterator<Item = usize> {
        (0..MOST_CLASSES).filter(move |number| self.0[number / 64] & (1 << (number % 64)) != 0)
    }

    /// The classes of both.
    #[must_use]
    pub fn and(self, other: Classes) -> Classes {
        let mut set = self;
        for (mine, others) in set.0.iter_mut().zip(other.0) {
            *mine |= others;
        }
        set
    }
}

/// The classes' names, numbered as they come.
#[derive(Debug, Clone, Default)]
pub struct ClassNames(HashMap<String, usize>);

impl ClassNames {
    /// The class of this name, new or known; none when there are too many.
    pub fn number(&mut self, name: &str) -> Option<usize> {
        let next = self.0.len();
        if let Some(known) = self.0.get(name) {
            return Some(*known);
        }
        if next == MOST_CLASSES {
            return None;
        }
        self.0.insert(name.to_owned(), next);
        Some(next)
    }

    /// The class of this name as a set; empty when no rule file names it.
    #[must_use]
    pub fn set(&self, name: &str) -> Classes {
        self.0.get(name).map_or(Classes::NONE, |number| Classes::one(*number))
    }

    /// Whether a rule file names it.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// The forms of a word, a set of bits.
pub type Forms = u16;

/// Names and bits of the forms that a pattern may ask for, as in `{check.base}`.
pub const FORMS: [(&str, Forms); 7] = [
    ("base", BASE),
    ("s", THIRD),
    ("past", PAST),
    ("part", PARTICIPLE),
    ("ing", GERUND),
    ("one", SINGULAR),
    ("many", PLURAL),
];
/// A verb as in the dictionary.
pub const BASE: Forms = 1;
/// Third person singular.
pub const THIRD: Forms = 2;
/// Past tense.
pub const PAST: Forms = 4;
/// Past participle.
pub const PARTICIPLE: Forms = 8;
/// The form in -ing.
pub const GERUND: Forms = 16;
/// A noun in the singular.
pub const SINGULAR: Forms = 32;
/// A noun in the plural.
pub const PLURAL: Forms = 64;

/// What a token looks like, a set of bits.
pub type Shapes = u32;

/// Names and bits of the shapes that a pattern may ask for, as in `#number`.
pub const SHAPES: [(&str, Shapes); 17] = [
    ("word", WORD),
    ("capital", CAPITAL),
    ("upper", UPPER),
    ("mixed", MIXED),
    ("number", NUMBER),
    ("time", TIME),
    ("zoned", ZONED),
    ("date", DATE),
    ("opaque", OPAQUE),
    ("quote", QUOTE),
    ("handle", HANDLE),
    ("ed", ED),
    ("ing", ING),
    ("ly", LY),
    ("ticket", TICKET),
    ("person", PERSON),
    ("break", BREAK),
];
/// Letters.
pub const WORD: Shapes = 1;
/// A capital first, small letters after.
pub const CAPITAL: Shapes = 1 << 1;
/// Capitals only, two or more.
pub const UPPER: Shapes = 1 << 2;
/// A capital after a small letter, as in `GitHub`, or letters and digits.
pub const MIXED: Shapes = 1 << 3;
/// A number, perhaps with its unit.
pub const NUMBER: Shapes = 1 << 4;
/// A time of the clock.
pub const TIME: Shapes = 1 << 5;
/// A time with its offset.
pub const ZONED: Shapes = 1 << 6;
/// A date.
pub const DATE: Shapes = 1 << 7;
/// Code, an address, a path: not read.
pub const OPAQUE: Shapes = 1 << 8;
/// Text in quotes: not read.
pub const QUOTE: Shapes = 1 << 9;
/// `@someone`.
pub const HANDLE: Shapes = 1 << 10;
/// Ends as a regular participle does.
pub const ED: Shapes = 1 << 11;
/// Ends in -ing.
pub const ING: Shapes = 1 << 12;
/// Ends in -ly.
pub const LY: Shapes = 1 << 13;
/// A ticket, such as `OPS-91` or `#365`.
pub const TICKET: Shapes = 1 << 14;
/// The name of someone the document says took part.
pub const PERSON: Shapes = 1 << 15;
/// Punctuation at which a clause ends.
pub const BREAK: Shapes = 1 << 16;
/// A word that no rule file knows.
pub const UNKNOWN: Shapes = 1 << 17;
/// The first word of its sentence.
pub const FIRST: Shapes = 1 << 18;
