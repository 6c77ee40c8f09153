//! What changed when: the saved texts of a section, put together where one person wrote on, and the
//! differences between them, word by word.

use super::store_sections::Version;
use kit::db::Time;
use similar::{ChangeTag, TextDiff};

/// Texts that one person saved within so many microseconds of each other are one sitting.
const ONE_SITTING: i64 = 10 * 60 * 1_000_000;

/// Longer texts are compared line by line, so that no page waits long.
const WORDS_MAX: usize = 20_000;

/// One sitting of one person at a section.
#[derive(Debug, Clone)]
pub struct Sitting {
    /// What stood before.
    pub before: String,
    /// What stood after.
    pub after: Version,
    /// What was saved in between.
    pub between: Vec<Between>,
}

/// A text that was saved while somebody wrote on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// Counts the edits.
    pub version: i64,
    /// When.
    pub at: Time,
    /// How long it was.
    pub characters: usize,
}

/// A part of a text that came, went or stayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `ins`, `del` or empty.
    pub tag: &'static str,
    /// Its text.
    pub text: String,
}

/// Puts saved texts together: the last of each sitting stands for it, and those before it are named,
/// so that none is out of reach. `versions` are of one section, the first one first; the newest sitting comes first.
#[must_use]
pub fn sittings(versions: &[Version]) -> Vec<Sitting> {
    let mut found: Vec<Sitting> = Vec::new();
    for version in versions {
        match found.last_mut() {
            Some(last) if is_same_sitting(&last.after, version) => {
                let over = std::mem::replace(&mut last.after, version.clone());
                let characters = over.text.chars().count();
                last.between.push(Between { version: over.version, at: over.at, characters });
            }
            last => {
                let before = last.map(|last| last.after.text.clone()).unwrap_or_default();
                found.push(Sitting { before, after: version.clone(), between: Vec::new() });
            }
        }
    }
    found.reverse();
    found
}

fn is_same_sitting(one: &Version, next: &Version) -> bool {
    let apart = next.at.microseconds() - one.at.microseconds();
    one.name == next.name && one.section == next.section && (0..ONE_SITTING).contains(&apart)
}

/// What came, what went, what stayed; neighbours of one sort are one part.
#[must_use]
pub fn compare(before: &str, after: &str) -> Vec<Part> {
    let is_long = before.len() + after.len() > WORDS_MAX;
    let mut diff = TextDiff::configure();
    let diff = diff.timeout(std::time::Duration::from_millis(300));
    let diff =
        if is_long { diff.diff_lines(before, after) } else { diff.diff_words(before, after) };
    let mut parts: Vec<Part> = Vec::new();
    for change in diff.iter_all_changes() {
        let tag = match change.tag() {
            ChangeTag::Insert => "ins",
            ChangeTag::Delete => "del",
            ChangeTag::Equal => "",
        };
        match parts.last_mut() {
            Some(last) if last.tag == tag => last.text.push_str(change.value()),
            _ => parts.push(Part { tag, text: change.value().to_owned() }),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{Part, compare, sittings};
    use crate::retrospectives::store_sections::Version;
    use kit::db::Time;

    fn version(n: i64, minute: i64, name: &str, text: &str) -> Version {
        let at = Time::from_microseconds(minute * 60_000_000).unwrap();
        Version { section: "sum".into(), version: n, text: text.into(), name: name.into(), at }
    }

    #[test]
    fn what_one_person_saved_while_writing_on_is_one_sitting() {
        let versions = [
            version(1, 0, "Ada", "a"),
            version(2, 1, "Ada", "a b"),
            version(3, 2, "Bob", "a b c"),
            version(4, 3, "Bob", "a b"),
            version(5, 60, "Bob", "a b d"),
        ];
        let found = sittings(&versions);
        let told: Vec<(&str, &str)> =
            found.iter().map(|one| (one.before.as_str(), one.after.text.as_str())).collect();
        assert_eq!(told, [("a b", "a b d"), ("a b", "a b"), ("", "a b")]);
        let between: Vec<i64> = found[1].between.iter().map(|one| one.version).collect();
        assert_eq!(between, [3], "what was saved in between is named");
    }

    #[test]
    fn differences_are_told_word_by_word() {
        let part = |tag, text: &str| Part { tag, text: text.into() };
        let parts = compare("about 45,000 orders", "about 30,000 orders");
        let expected =
            [part("", "about "), part("del", "45,000"), part("ins", "30,000"), part("", " orders")];
        assert_eq!(parts, expected);
    }

    proptest::proptest! {
        #[test]
        fn what_stayed_and_came_is_the_text_after(before in "[a-c \n]{0,40}", after in "[a-c \n]{0,40}") {
            let text = |not: &str| -> String {
                compare(&before, &after).into_iter().filter(|p| p.tag != not).map(|p| p.text).collect()
            };
            proptest::prop_assert_eq!(text("del"), after.clone());
            proptest::prop_assert_eq!(text("ins"), before.clone());
        }
    }
}
