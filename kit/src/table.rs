//! Tables as text: what separates their cells.

/// Comma, semicolon or tab: the one that stands most often in the first line; the comma where none does.
#[must_use]
pub fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
    [b'\t', b';', b','].into_iter().max_by_key(|one| count(*one)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::delimiter;

    #[test]
    fn the_first_line_tells() {
        for (text, expected) in [
            ("a;b;c\n1,2,3,4,5,6", b';'),
            ("a\tb\tc", b'\t'),
            ("a,b;c", b','),
            ("a, b; c, d", b','),
            ("alone", b','),
            ("", b','),
        ] {
            assert_eq!(delimiter(text.as_bytes()), expected, "{text}");
        }
    }
}
