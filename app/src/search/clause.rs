//! What is asked for, as a query of the engine.

use super::doc::Fields;
use super::engine::View;
use super::question::Ask;
use super::tokens::{Sort, Stems, Word};
use tantivy::query::{
    BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, FuzzyTermQuery, PhraseQuery,
    Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Result, Term};

/// How much a word of a title counts against one of a text.
const TITLE: f32 = 2.6;
/// And one of a summary.
const SUMMARY: f32 = 1.5;
/// And one of a name that said it.
const AUTHOR: f32 = 0.4;
/// A name with signs in it that is found whole.
const WHOLE: f32 = 2.0;
/// Words that stand in the order in which they were asked for.
const PHRASE: f32 = 1.6;
/// A word as it was asked for, against another form of it.
const EXACT: f32 = 1.1;
/// In more documents than this a word is common.
const COMMON: u64 = 3_000;
/// How much the other fields add to the best one.
const TIE: f32 = 0.25;
/// The most words that a beginning stands for, of each field.
const BEGINNINGS: usize = 24;
/// The most words of the index that are looked at for a beginning.
const LOOKED_AT: usize = 4_000;
/// Shorter words are not mended.
const MENDED: usize = 4;

type Boxed = Box<dyn Query>;

fn boosted(query: impl Query, boost: f32) -> Boxed {
    Box::new(BoostQuery::new(Box::new(query), boost))
}

fn best_of(mut queries: Vec<Boxed>) -> Boxed {
    match queries.len() {
        0 => Box::new(EmptyQuery),
        1 => queries.remove(0),
        _ => Box::new(DisjunctionMaxQuery::with_tie_breaker(queries, TIE)),
    }
}

/// The fields that hold words as they stand, with their weights.
fn placed(fields: Fields) -> [(Field, f32); 3] {
    [(fields.title, TITLE), (fields.body, 1.0), (fields.author, AUTHOR)]
}

/// Makes queries for one view of the index.
pub struct Clauses<'a> {
    view: &'a View,
    stems: Vec<Stems>,
}

impl<'a> Clauses<'a> {
    /// For a view.
    #[must_use]
    pub fn new(view: &'a View) -> Clauses<'a> {
        Clauses { view, stems: Stems::all() }
    }

    fn term(&self, field: Field, text: &str, boost: f32, into: &mut Vec<Boxed>) -> Result<()> {
        let term = Term::from_field_text(field, text);
        // A stem of another language costs nothing when it is nowhere.
        if self.view.searcher.doc_freq(&term)? > 0 {
            into.push(boosted(TermQuery::new(term, IndexRecordOption::WithFreqs), boost));
        }
        Ok(())
    }

    /// The query for one thing.
    ///
    /// # Errors
    /// What the engine says.
    pub fn query(&mut self, ask: &Ask) -> Result<Boxed> {
        match ask {
            Ask::Phrase(words) => Ok(best_of(self.phrase(words, 0))),
            Ask::Beginning(word) => self.beginning(word),
            Ask::Words(words) => self.words(words),
        }
    }

    /// Words that stand side by side, or nearly.
    fn phrase(&self, words: &[Word], slop: u32) -> Vec<Boxed> {
        let fields = self.view.fields;
        let first = words.first().map_or(0, |word| word.place);
        let of = |field: Field| {
            let terms = words
                .iter()
                .map(|word| (word.place - first, Term::from_field_text(field, &word.text)));
            PhraseQuery::new_with_offset_and_slop(terms.collect(), slop)
        };
        match words.len() {
            0 => Vec::new(),
            1 => {
                let mut out = Vec::new();
                for (field, boost) in placed(fields) {
                    self.term(field, &words[0].text, boost, &mut out).ok();
                }
                out
            }
            _ => {
                placed(fields).into_iter().map(|(field, boost)| boosted(of(field), boost)).collect()
            }
        }
    }

    /// The same words near each other: what makes one of two equal answers the better one.
    #[must_use]
    pub fn together(&self, asks: &[Ask]) -> Option<Boxed> {
        let words: Option<Vec<&Word>> = asks.iter().map(Ask::plain).collect();
        let words = words.filter(|words| (2..=5).contains(&words.len()))?;
        let placed: Vec<Word> = (0..).zip(words).map(|(place, word)| word.at(place)).collect();
        let near = DisjunctionMaxQuery::with_tie_breaker(self.phrase(&placed, 2), TIE);
        Some(boosted(near, PHRASE))
    }

    fn words(&mut self, words: &[Word]) -> Result<Boxed> {
        let fields = self.view.fields;
        let own: Vec<Word> =
            words.iter().filter(|w| matches!(w.sort, Sort::Plain | Sort::Pair)).cloned().collect();
        let mut queries = Vec::new();
        if let [word] = own.as_slice() {
            if word.sort == Sort::Pair {
                return if word.text.chars().count() < 2 {
                    self.beginning(word)
                } else {
                    Ok(best_of(self.phrase(&own, 0)))
                };
            }
            // The word as it stands is better than another form of it; a common one is not asked twice.
            for (field, boost) in placed(fields) {
                let term = Term::from_field_text(field, &word.text);
                let freq = self.view.searcher.doc_freq(&term)?;
                if (1..=COMMON).contains(&freq) {
                    let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
                    queries.push(boosted(query, boost * EXACT));
                }
            }
            for stems in &mut self.stems {
                let stem = stems.stem(word);
                for (field, boost) in [
                    (fields.title_stems, TITLE),
                    (fields.summary_stems, SUMMARY),
                    (fields.body_stems, 1.0),
                ] {
                    let term = Term::from_field_text(field, &stem);
                    if self.view.searcher.doc_freq(&term)? > 0 {
                        let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
                        queries.push(boosted(query, boost));
                    }
                }
            }
            return Ok(best_of(queries));
        }
        if let Some(whole) = words.iter().find(|word| word.sort == Sort::Whole) {
            for (field, boost) in placed(fields) {
                self.term(field, &whole.text, boost * WHOLE, &mut queries)?;
            }
        }
        queries.extend(self.phrase(&own, 0));
        Ok(best_of(queries))
    }

    /// All words that begin so, the commonest of them.
    fn beginning(&self, word: &Word) -> Result<Boxed> {
        let fields = self.view.fields;
        let mut queries = Vec::new();
        for (field, boost) in placed(fields) {
            for text in self.begin_with(field, &word.text)? {
                self.term(field, &text, boost, &mut queries)?;
            }
        }
        Ok(best_of(queries))
    }

    fn begin_with(&self, field: Field, text: &str) -> Result<Vec<String>> {
        let mut found: Vec<(u64, String)> = Vec::new();
        for segment in self.view.searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            let mut stream = index.terms().range().ge(text.as_bytes()).into_stream()?;
            let mut looked_at = 0;
            while looked_at < LOOKED_AT && stream.advance() {
                if !stream.key().starts_with(text.as_bytes()) {
                    break;
                }
                looked_at += 1;
                if let Ok(key) = std::str::from_utf8(stream.key()) {
                    found.push((u64::from(stream.value().doc_freq), key.to_owned()));
                }
            }
        }
        found.sort_by(|a, b| a.1.cmp(&b.1));
        let mut summed: Vec<(u64, String)> = Vec::new();
        for (freq, key) in found {
            match summed.last_mut() {
                Some(last) if last.1 == key => last.0 += freq,
                _ => summed.push((freq, key)),
            }
        }
        // The word itself first, then the commonest.
        summed.sort_by_key(|(freq, key)| (key != text, std::cmp::Reverse(*freq)));
        summed.truncate(BEGINNINGS);
        Ok(summed.into_iter().map(|(_, key)| key).collect())
    }

    /// Words that differ from this one by a letter or two.
    #[must_use]
    pub fn mended(&self, word: &Word) -> Option<Boxed> {
        let long = word.text.chars().count();
        let is_word = word.text.chars().all(char::is_alphabetic);
        if long < MENDED || !is_word || long > 40 {
            return None;
        }
        let distance = if long < 7 { 1 } else { 2 };
        let fields = self.view.fields;
        let of = |field: Field, score: f32| -> Boxed {
            let term = Term::from_field_text(field, &word.text);
            let query = FuzzyTermQuery::new(term, distance, true);
            Box::new(ConstScoreQuery::new(Box::new(query), score))
        };
        Some(best_of(placed(fields).into_iter().map(|(field, boost)| of(field, boost)).collect()))
    }
}
