//! Texts as people type them: one line of words, and whether there is anything to read.

/// The words in one line, with single spaces between; white space and control characters are none.
#[must_use]
pub fn of(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether there is nothing to read in it.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::{is_blank, of};

    #[test]
    fn a_line_has_words_and_nothing_else() {
        assert_eq!(of(" two\u{1} \n words\t"), "two words");
        assert!(is_blank(" \n\u{7f}\u{a0}") && is_blank("") && !is_blank(" a"));
    }
}
