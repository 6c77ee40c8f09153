//! A token: a word, a number, a mark, or something that is not read.

use crate::classes::{self, Classes, Forms, Shapes};
use crate::lexicon::WordId;

/// One token of a sentence, with its place in the block.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
    /// Its number in the lexicon, 0 when no rule file names it.
    pub word: WordId,
    /// What it looks like.
    pub shapes: Shapes,
    /// The forms of a word.
    pub forms: Forms,
    /// The classes of a word.
    pub classes: Classes,
}

impl Token {
    /// A token of a shape alone.
    #[must_use]
    pub fn shaped(start: usize, end: usize, shapes: Shapes) -> Token {
        Token {
            start: place(start),
            end: place(end),
            word: 0,
            shapes,
            forms: 0,
            classes: Classes::NONE,
        }
    }

    /// Whether it has one of these shapes.
    #[must_use]
    pub fn is(&self, shapes: Shapes) -> bool {
        self.shapes & shapes != 0
    }

    /// Whether it is of one of these classes.
    #[must_use]
    pub fn in_class(&self, classes: Classes) -> bool {
        self.classes.meets(classes)
    }

    /// Whether a clause ends here.
    #[must_use]
    pub fn is_break(&self) -> bool {
        self.is(classes::BREAK)
    }

    /// Its text within its block.
    #[must_use]
    pub fn text<'a>(&self, block: &'a str) -> &'a str {
        block.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// A place in a text; texts beyond 4 GB are cut there.
#[must_use]
pub fn place(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}
