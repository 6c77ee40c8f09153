//! Words and what the rule files say of them: one look-up a token.

use crate::classes::{ClassNames, Classes, Forms, MOST_CLASSES};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A word that a rule file names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Entry {
    /// Its number; words that no file names have none.
    pub word: WordId,
    /// Its classes.
    pub classes: Classes,
    /// Its forms, joined over the classes.
    pub forms: Forms,
}

/// The number of a word of the rule files; 0 is any other.
pub type WordId = u32;

/// All words of the rule files.
#[derive(Debug, Clone)]
pub struct Lexicon {
    by_text: HashMap<Box<[u8]>, u32, BuildHasherDefault<Quick>>,
    entries: Vec<Entry>,
    /// For each class, its words and in which forms they are of it; a word may stand in it twice.
    of_class: Vec<Vec<(WordId, Forms)>>,
    /// The classes' names.
    pub names: ClassNames,
}

impl Default for Lexicon {
    /// One without words but the unknown one.
    fn default() -> Lexicon {
        Lexicon {
            by_text: HashMap::default(),
            entries: vec![Entry::default()],
            of_class: vec![Vec::new(); MOST_CLASSES],
            names: ClassNames::default(),
        }
    }
}

impl Lexicon {
    /// Takes in a word in small letters and returns its number.
    pub fn add(&mut self, word: &str) -> WordId {
        if let Some(known) = self.by_text.get(word.as_bytes()) {
            return *known;
        }
        let id = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push(Entry { word: id, ..Entry::default() });
        self.by_text.insert(word.as_bytes().into(), id);
        id
    }

    /// Says that a word is of a class in these forms.
    pub fn put(&mut self, word: &str, class: usize, forms: Forms) {
        let id = self.add(word);
        let entry = &mut self.entries[id as usize];
        entry.classes = entry.classes.and(Classes::one(class));
        entry.forms |= forms;
        self.of_class[class].push((id, forms));
    }

    /// What is known of a word in small letters.
    #[must_use]
    pub fn find(&self, word: &[u8]) -> Option<&Entry> {
        self.by_text.get(word).map(|id| &self.entries[*id as usize])
    }

    /// Makes a class of the words of another that stand in a form.
    pub fn derive(&mut self, of: usize, wanted: Forms, class: usize) {
        for (word, forms) in self.of_class[of].clone() {
            if forms & wanted != 0 {
                let entry = &mut self.entries[word as usize];
                entry.classes = entry.classes.and(Classes::one(class));
                self.of_class[class].push((word, forms));
            }
        }
    }

    /// The words that are of one of these classes; one may come twice.
    pub fn words_of(&self, classes: Classes) -> impl Iterator<Item = WordId> + '_ {
        let lists = classes.numbers().flat_map(|class| &self.of_class[class]);
        lists.map(|(word, _)| *word)
    }

    /// Gives back the memory that only building needed.
    pub fn finish(&mut self) {
        self.of_class = Vec::new();
    }

    /// How many words there are, the unknown one included.
    #[must_use]
    pub fn size(&self) -> usize {
        self.entries.len()
    }
}

/// A quick hash of short words: the keys are the rule files' own, so nobody can choose them to collide.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quick(u64);

impl Quick {
    fn mix(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut eight = [0; 8];
            eight.copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(eight));
        }
        let mut last = [0; 8];
        let rest = chunks.remainder();
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last));
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}
