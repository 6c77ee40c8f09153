//! Reads Rust just well enough to tell code from comments and strings. Line breaks stay where they
//! are, so that a place in the result is a place in the file.

/// What to blank out besides comments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strings {
    Kept,
    Blanked,
}

/// The code with comments (and strings, if asked) replaced by spaces.
pub(crate) fn code(text: &str, strings: Strings) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let (length, kept) = piece(rest, next, out.chars().next_back());
        let (piece, after) = rest.split_at(length);
        let keep = match kept {
            Kind::Code => true,
            Kind::Comment => false,
            Kind::Text => strings == Strings::Kept,
        };
        if keep {
            out.push_str(piece);
        } else {
            out.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = after;
    }
    out
}

enum Kind {
    Code,
    Comment,
    Text,
}

/// How long the piece at the beginning of `rest` is, and what it is.
fn piece(rest: &str, next: char, before: Option<char>) -> (usize, Kind) {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Kind::Comment);
    }
    if rest.starts_with("/*") {
        return (rest.find("*/").map_or(rest.len(), |end| end + 2), Kind::Comment);
    }
    if next == '"' {
        return (string(rest), Kind::Text);
    }
    if next == 'r'
        && !in_word
        && let Some(length) = raw_string(rest)
    {
        return (length, Kind::Text);
    }
    // A quote as a char would open a string; a lifetime would not close.
    if rest.starts_with("'\"'") {
        return (3, Kind::Text);
    }
    if rest.starts_with("'\\\"'") {
        return (4, Kind::Text);
    }
    (next.len_utf8(), Kind::Code)
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
    rest[1 + hashes..].starts_with('"').then(|| {
        let close = format!("\"{}", "#".repeat(hashes));
        let begin = 2 + hashes;
        rest[begin..].find(&close).map_or(rest.len(), |end| begin + end + close.len())
    })
}

/// The line of a place in the text, counted from 1.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// The word that begins the text, if one does.
pub(crate) fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// Is this file, by its name, only there for tests?
pub(crate) fn only_tests(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.contains("/tests/")
        || path.ends_with("/testing.rs")
        || path.ends_with("_tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_blanked_and_places_stay() {
        let text = "a // b\n/* c\n */ d \"e\\\" // f\" r#\"g\"h\"# '\"' i 'x' &'life k";
        let bare = code(text, Strings::Blanked);
        let words: Vec<&str> = bare.split_whitespace().collect();
        assert_eq!(words, ["a", "d", "i", "'x'", "&'life", "k"]);
        assert_eq!(bare.matches('\n').count(), 2);
        let kept = code(text, Strings::Kept);
        assert!(kept.contains("// f") && kept.contains("g\"h") && !kept.contains('b'));
    }

    #[test]
    fn a_word_ends_where_it_ends() {
        assert_eq!(word("incidents::find"), "incidents");
        assert_eq!(word("::x"), "");
        assert_eq!(line_of("a\nb\nc", 4), 3);
    }
}
