//! The forms of a word, by the language's regular rules and a table of the irregular ones.

use crate::classes::{self, Forms};
use std::collections::HashMap;

/// Which language's regular endings hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endings {
    /// -s, -ed, -ing.
    English,
    /// Words are listed in all their forms.
    Listed,
}

impl Endings {
    /// The endings of a language by its code.
    #[must_use]
    pub fn of(language: &str) -> Endings {
        if language == "en" { Endings::English } else { Endings::Listed }
    }
}

/// Past and participle of the irregular verbs.
pub type Irregular = HashMap<String, (String, String)>;

/// The forms of a verb: `go`, `goes`, `went`, `gone`, `going`.
#[must_use]
pub fn verb(lemma: &str, endings: Endings, irregular: &Irregular) -> Vec<(String, Forms)> {
    if endings == Endings::Listed {
        let all = classes::BASE | classes::PAST | classes::PARTICIPLE | classes::GERUND;
        return vec![(lemma.to_owned(), all)];
    }
    // `roll-back` and `set-up` bend in front.
    let (past, participle) = match irregular.get(lemma) {
        Some((past, participle)) => (past.clone(), participle.clone()),
        None => (past(lemma), past(lemma)),
    };
    let mut forms = vec![
        (lemma.to_owned(), classes::BASE),
        (third(lemma), classes::THIRD),
        (past, classes::PAST),
        (participle, classes::PARTICIPLE),
        (gerund(lemma), classes::GERUND),
    ];
    if lemma.ends_with("ise") || lemma.ends_with("yse") {
        let other = format!("{}ze", &lemma[..lemma.len() - 2]);
        forms.extend(verb(&other, endings, irregular));
    }
    forms
}

/// A noun's singular and plural.
#[must_use]
pub fn noun(lemma: &str, endings: Endings) -> Vec<(String, Forms)> {
    if endings == Endings::Listed {
        return vec![(lemma.to_owned(), classes::SINGULAR | classes::PLURAL)];
    }
    vec![(lemma.to_owned(), classes::SINGULAR), (third(lemma), classes::PLURAL)]
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// `carry` is a consonant and y.
fn ends_in_consonant_y(word: &[u8]) -> bool {
    matches!(word, [.., before, b'y'] if !is_vowel(*before))
}

fn third(word: &str) -> String {
    let bytes = word.as_bytes();
    if ends_in_consonant_y(bytes) {
        return format!("{}ies", &word[..word.len() - 1]);
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end));
    if hisses || word == "go" || word == "do" { format!("{word}es") } else { format!("{word}s") }
}

/// Whether the last consonant is doubled: `stop`, `commit`, but not `visit` or `happen`.
fn doubles(word: &str) -> bool {
    const STRESSED_LATE: [&str; 28] = [
        "admit", "commit", "permit", "omit", "submit", "refer", "prefer", "occur", "defer",
        "transfer", "concur", "regret", "unplug", "debug", "program", "equip", "control", "compel",
        "cancel", "label", "mislabel", "signal", "travel", "model", "handicap", "rebut", "patrol",
        "expel",
    ];
    let bytes = word.as_bytes();
    let [.., before, vowel, last] = bytes else { return false };
    let closed = is_vowel(*vowel)
        && !is_vowel(*before)
        && !is_vowel(*last)
        && !matches!(last, b'w' | b'x' | b'y');
    let syllables = bytes.iter().filter(|letter| is_vowel(**letter)).count();
    closed && (syllables == 1 || STRESSED_LATE.contains(&word))
}

fn past(word: &str) -> String {
    let bytes = word.as_bytes();
    match bytes {
        [.., b'e'] => format!("{word}d"),
        _ if ends_in_consonant_y(bytes) => format!("{}ied", &word[..word.len() - 1]),
        [.., last] if doubles(word) => format!("{word}{}ed", char::from(*last)),
        _ => format!("{word}ed"),
    }
}

fn gerund(word: &str) -> String {
    let bytes = word.as_bytes();
    match bytes {
        [.., b'i', b'e'] => format!("{}ying", &word[..word.len() - 2]),
        [.., b'e', b'e'] | [.., b'o', b'e'] | [.., b'y', b'e'] => format!("{word}ing"),
        [.., b'e'] if word.len() > 2 => format!("{}ing", &word[..word.len() - 1]),
        [.., last] if doubles(word) => format!("{word}{}ing", char::from(*last)),
        _ => format!("{word}ing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(lemma: &str) -> String {
        let forms = verb(lemma, Endings::English, &Irregular::new());
        forms.into_iter().map(|(form, _)| form).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn regular_verbs_bend_as_people_write_them() {
        assert_eq!(forms("check"), "check checks checked checked checking");
        assert_eq!(forms("stop"), "stop stops stopped stopped stopping");
        assert_eq!(forms("commit"), "commit commits committed committed committing");
        assert_eq!(forms("notify"), "notify notifies notified notified notifying");
        assert_eq!(forms("delete"), "delete deletes deleted deleted deleting");
        assert_eq!(forms("push"), "push pushes pushed pushed pushing");
        assert_eq!(forms("visit"), "visit visits visited visited visiting");
    }

    #[test]
    fn both_spellings_of_ise_are_known() {
        assert!(forms("realise").contains("realized"));
        assert!(forms("analyse").contains("analyzed"));
    }

    #[test]
    fn irregular_verbs_come_from_the_table() {
        let table = Irregular::from([("go".to_owned(), ("went".to_owned(), "gone".to_owned()))]);
        let forms: Vec<String> =
            verb("go", Endings::English, &table).into_iter().map(|(form, _)| form).collect();
        assert_eq!(forms, ["go", "goes", "went", "gone", "going"]);
    }
}
