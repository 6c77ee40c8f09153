//! In which language a text is written, guessed from its script and its small words. A wrong guess
//! costs a stem and nothing else: every word is also found as it is written.

use std::collections::HashMap;
use std::sync::LazyLock;
use tantivy::tokenizer::Language as Snowball;

/// A language whose words are brought to their stems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    /// What stands before its stems in the index, so that they do not meet another language's.
    pub sign: char,
    /// How its words are brought to their stems.
    pub stemmer: Snowball,
    small_words: &'static str,
}

/// Those that are told apart. The first is taken when nothing tells.
pub const ALL: &[Language] = &[
    Language {
        sign: 'e',
        stemmer: Snowball::English,
        small_words: " a the and of to in is was were for that with on not by at from this are be we it as an or had has have which been after no but when all our ",
    },
    Language {
        sign: 'd',
        stemmer: Snowball::German,
        small_words: " der die das und ist war nicht mit von zu den dem ein eine auf für wurde wir im bei nach als auch es durch wird sind werden aus ",
    },
    Language {
        sign: 'f',
        stemmer: Snowball::French,
        small_words: " le la les et des est une un du en pour que qui dans pas sur par avec nous ce été au aux sont était ",
    },
    Language {
        sign: 's',
        stemmer: Snowball::Spanish,
        small_words: " el la los las de y en que un una por con para se del fue no al es lo como más su ",
    },
    Language {
        sign: 'p',
        stemmer: Snowball::Portuguese,
        small_words: " o a os as de e em que um uma por com para não do da foi no na ao se mais dos das ",
    },
    Language {
        sign: 'i',
        stemmer: Snowball::Italian,
        small_words: " il lo la i gli le di e che un una per con non del della è stato nel da sono al ",
    },
    Language {
        sign: 'n',
        stemmer: Snowball::Dutch,
        small_words: " de het een en van is was niet met op voor dat te in zijn werd door aan er ",
    },
    Language {
        sign: 'w',
        stemmer: Snowball::Swedish,
        small_words: " och att det som en på är av för med den till inte har var ett om vi ",
    },
    Language {
        sign: 'r',
        stemmer: Snowball::Russian,
        small_words: " и в не на что с по это как из ",
    },
];

/// Every small word, with a bit for each language that has it.
static SMALL: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut small: HashMap<&'static str, u16> = HashMap::new();
    for (at, language) in ALL.iter().enumerate() {
        for word in language.small_words.split_whitespace() {
            *small.entry(word).or_default() |= 1 << at;
        }
    }
    small
});
/// No small word has more bytes, in either case.
const SMALL_MAX: usize = 12;

/// How much of a text is looked at, in bytes.
const LOOKED_AT: usize = 4_000;

/// The language of a text.
#[must_use]
pub fn guess(text: &str) -> Language {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let cyrillic = text.chars().filter(|c| ('\u{400}'..'\u{530}').contains(c)).count();
    if cyrillic * 3 > text.chars().filter(|c| c.is_alphabetic()).count() {
        return ALL[ALL.len() - 1];
    }
    let mut counts = [0_usize; 16];
    let words = text.split(|c: char| !c.is_alphabetic());
    for word in words.filter(|word| (1..=SMALL_MAX).contains(&word.len())) {
        let Some(of) = SMALL.get(word.to_lowercase().as_str()) else { continue };
        for (at, count) in counts.iter_mut().enumerate() {
            *count += usize::from(of >> at & 1);
        }
    }
    let mut best = 0;
    for at in 1..ALL.len() {
        // One small word may be chance.
        if counts[at] > counts[best] && counts[at] > 1 {
            best = at;
        }
    }
    ALL[best]
}

/// Whether a lower-case word is so small in some language that it tells nothing.
#[must_use]
pub fn is_small(word: &str) -> bool {
    SMALL.get(word).is_some_and(|of| of & 0b1111 != 0)
}

#[cfg(test)]
mod tests {
    use super::{guess, is_small};

    #[test]
    fn a_language_is_told_by_its_small_words() {
        for (text, sign) in [
            ("the pool was exhausted and we restarted it", 'e'),
            ("Die Verbindungen wurden nicht geschlossen und der Dienst war nicht erreichbar", 'd'),
            ("Le service était en panne et les connexions sont perdues dans la base", 'f'),
            ("El servicio no respondía y las conexiones se perdieron por un error", 's'),
            ("Очередь не была прочитана и это привело к ошибке", 'r'),
            ("ECONNREFUSED 10.0.0.1:5432", 'e'),
            ("", 'e'),
        ] {
            assert_eq!(guess(text).sign, sign, "{text}");
        }
        assert!(is_small("the") && is_small("der") && !is_small("pool"));
    }
}
