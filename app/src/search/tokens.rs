//! Words of a text, as the index keeps them and a question asks for them.
//!
//! A word is lower-cased and loses its accents. Words joined by signs, `foo.bar_baz` or a host and
//! port, are kept whole as well as split; so are `camelCase` ones. Scripts without spaces between words
//! are kept as pairs of characters. A stem stands under the sign of its language.

use super::language::{ALL, Language};
use tantivy::tokenizer::{
    AsciiFoldingFilter, RawTokenizer, Stemmer, TextAnalyzer, Token, TokenStream,
};

/// A longer word is cut: no one searches for it, and it may be a whole encoded file.
const LONGEST: usize = 80;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Lower-case, without accents.
    pub text: String,
    /// Lower-case, as written; for stems.
    lower: String,
    /// Where it begins, in bytes.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// Its place among the words.
    pub place: usize,
    /// What sort it is.
    pub sort: Sort,
}

/// What sort of word it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A word between spaces or signs.
    Plain,
    /// Several, with the signs between them: `foo.bar_baz`.
    Whole,
    /// A part of a camelCase one.
    Part,
    /// One or two characters of a script without spaces.
    Pair,
}

/// Whether a script has no spaces between words.
#[must_use]
pub fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// Accents that stand by themselves behind their letter.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{ad}')
}

fn is_of_word(c: char) -> bool {
    (c.is_alphanumeric() && !is_dense(c)) || is_accent(c)
}

/// Signs that join words to one that is also kept whole.
fn joins(c: char) -> bool {
    matches!(c, '.' | '_' | '-' | ':' | '/' | '@' | '#' | '+')
}

/// Lower-case without accents, so that both ways of writing are one.
#[must_use]
pub fn folded(text: &str) -> String {
    let lower: String =
        text.chars().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase).collect();
    if lower.is_ascii() {
        return lower;
    }
    let mut analyzer =
        TextAnalyzer::builder(RawTokenizer::default()).filter(AsciiFoldingFilter).build();
    let mut stream = analyzer.token_stream(&lower);
    let mut out = String::new();
    while stream.advance() {
        out.push_str(&stream.token().text);
    }
    out
}

impl Word {
    /// The same word at another place.
    #[must_use]
    pub fn at(&self, place: usize) -> Word {
        Word { place, ..self.clone() }
    }
}

fn word(text: &str, (from, to): (usize, usize), place: usize, sort: Sort) -> Word {
    let to = from + text[from..to].floor_char_boundary(LONGEST);
    if text[from..to].is_ascii() {
        let lower = text[from..to].to_ascii_lowercase();
        return Word { text: lower.clone(), lower, from, to, place, sort };
    }
    let lower: String =
        text[from..to].chars().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase).collect();
    Word { text: folded(&text[from..to]), lower, from, to, place, sort }
}

/// All words of a text, in the order in which they begin.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::new();
    let mut place = 0;
    let mut rest = text.char_indices().peekable();
    while let Some(&(from, c)) = rest.peek() {
        if is_dense(c) {
            let mut places = vec![from];
            let mut to = from;
            while let Some(&(at, c)) = rest.peek().filter(|(_, c)| is_dense(*c)) {
                places.push(at);
                to = at + c.len_utf8();
                rest.next();
            }
            places.remove(0);
            pairs(text, &places, to, &mut place, &mut out);
        } else if c.is_alphanumeric() {
            let mut to = from;
            let mut end_of_word = from;
            while let Some(&(at, c)) = rest.peek() {
                if is_of_word(c) {
                    to = at + c.len_utf8();
                    end_of_word = to;
                } else if !joins(c) || at != to {
                    break;
                } else {
                    to = at + c.len_utf8();
                }
                rest.next();
            }
            run(text, from, end_of_word, &mut place, &mut out);
        } else {
            rest.next();
        }
    }
    out
}

/// Pairs of neighbours; a single character by itself.
fn pairs(text: &str, places: &[usize], end: usize, place: &mut usize, out: &mut Vec<Word>) {
    let pairs = places.len().saturating_sub(1).max(1);
    for (n, from) in places.iter().take(pairs).enumerate() {
        let to = places.get(n + 2).copied().unwrap_or(end);
        out.push(word(text, (*from, to), *place, Sort::Pair));
        *place += 1;
    }
    *place += 1;
}

/// Words joined by signs: each, then all of them as one.
fn run(text: &str, from: usize, to: usize, place: &mut usize, out: &mut Vec<Word>) {
    let first = *place;
    let mut begin = from;
    let mut parts = 0;
    for (at, c) in text[from..to].char_indices().chain([(to - from, '.')]) {
        if is_of_word(c) {
            continue;
        }
        let end = from + at;
        if begin < end {
            out.push(word(text, (begin, end), *place, Sort::Plain));
            camel(text, (begin, end), *place, out);
            *place += 1;
            parts += 1;
        }
        begin = end + c.len_utf8();
    }
    if parts > 1 {
        out.push(word(text, (from, to), first, Sort::Whole));
    }
}

/// The parts of a camelCase word.
fn camel(text: &str, (from, to): (usize, usize), place: usize, out: &mut Vec<Word>) {
    let chars: Vec<(usize, char)> = text[from..to].char_indices().collect();
    let turns = |n: usize| chars[n - 1].1.is_lowercase() && chars[n].1.is_uppercase();
    let cuts: Vec<usize> = (1..chars.len()).filter(|n| turns(*n)).map(|n| chars[n].0).collect();
    if cuts.is_empty() || cuts.len() > 8 {
        return;
    }
    let mut begin = 0;
    for cut in cuts.into_iter().chain([to - from]) {
        if cut - begin > 2 {
            out.push(word(text, (from + begin, from + cut), place, Sort::Part));
        }
        begin = cut;
    }
}

/// Brings words of one language to their stems.
pub struct Stems {
    language: Language,
    analyzer: TextAnalyzer,
}

impl Stems {
    /// For a language.
    #[must_use]
    pub fn of(language: Language) -> Stems {
        let analyzer = TextAnalyzer::builder(RawTokenizer::default())
            .filter(Stemmer::new(language.stemmer))
            .filter(AsciiFoldingFilter)
            .build();
        Stems { language, analyzer }
    }

    /// For each language that is told apart.
    #[must_use]
    pub fn all() -> Vec<Stems> {
        ALL.iter().map(|language| Stems::of(*language)).collect()
    }

    /// A word's stem under the language's sign; pairs stay as they are.
    pub fn stem(&mut self, word: &Word) -> String {
        if word.sort == Sort::Pair {
            return word.text.clone();
        }
        let mut stem = String::with_capacity(word.lower.len() + 2);
        stem.push(self.language.sign);
        stem.push(':');
        let mut stream = self.analyzer.token_stream(&word.lower);
        while stream.advance() {
            stem.push_str(&stream.token().text);
        }
        stem
    }
}

/// Words as the index takes them, each at its place after `first`.
#[must_use]
pub fn exact(words: &[Word], first: usize) -> Vec<Token> {
    words.iter().map(|word| token(&word.text, word, first)).collect()
}

/// Their stems as the index takes them.
#[must_use]
pub fn stemmed(words: &[Word], stems: &mut Stems, first: usize) -> Vec<Token> {
    let kept = words.iter().filter(|word| word.sort != Sort::Whole);
    kept.map(|word| token(&stems.stem(word), word, first)).collect()
}

fn token(text: &str, word: &Word, first: usize) -> Token {
    Token {
        offset_from: word.from,
        offset_to: word.to,
        position: first + word.place,
        text: text.to_owned(),
        position_length: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Sort, Stems, words};
    use crate::search::language;
    use proptest::prelude::{ProptestConfig, any, proptest};

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn code_is_kept_whole_and_split() {
        assert_eq!(texts("ECONNREFUSED!"), ["econnrefused"]);
        assert_eq!(texts("foo.bar_baz,"), ["foo", "bar", "baz", "foo.bar_baz"]);
        assert_eq!(texts("10.0.0.1:5432."), ["10", "0", "0", "1", "5432", "10.0.0.1:5432"]);
        assert_eq!(texts("a-b -c"), ["a", "b", "a-b", "c"]);
        assert_eq!(texts("NullPointer"), ["nullpointer", "null", "pointer"]);
        assert_eq!(texts("end. Then"), ["end", "then"]);
    }

    #[test]
    fn accents_and_case_are_folded_both_ways_of_writing() {
        assert_eq!(texts("Störung"), ["storung"]);
        assert_eq!(texts("Sto\u{308}rung"), ["storung"]);
        assert_eq!(texts("Éléphant"), ["elephant"]);
    }

    #[test]
    fn scripts_without_spaces_are_pairs() {
        assert_eq!(texts("接続が"), ["接続", "続が"]);
        assert_eq!(texts("接"), ["接"]);
        assert_eq!(texts("DB接続"), ["db", "接続"]);
        assert_eq!(words("接続")[0].sort, Sort::Pair);
    }

    #[test]
    fn a_stem_stands_under_its_language() {
        let mut stems = Stems::of(language::ALL[0]);
        let found: Vec<String> =
            words("connections exhausted").iter().map(|word| stems.stem(word)).collect();
        assert_eq!(found, ["e:connect", "e:exhaust"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_text_is_split_without_a_panic_and_in_order(text in any::<String>()) {
            let found = words(&text);
            for word in &found {
                assert!(text.get(word.from..word.to).is_some(), "{word:?}");
            }
            assert!(found.windows(2).all(|two| two[0].place <= two[1].place || two[1].sort == Sort::Whole));
        }
    }
}
