//! A policy as a file: TOML, read with the place of every fault in the file, and written in one form.

use super::document::{Document, Policy, Wrong};
use crate::settings::place::{Places, of_byte, with_nearest};

/// Bytes of a policy at most.
pub const LONGEST: usize = 200_000;

/// Reads and checks a file.
///
/// # Errors
/// Everything that is wrong, with line and column in the file.
pub fn parse(text: &str) -> Result<Policy, Vec<Wrong>> {
    if text.len() > LONGEST {
        let message = format!("It has {} bytes; {LONGEST} are the most.", text.len());
        return Err(vec![at(text, String::new(), 0, message)]);
    }
    let document = document(text).map_err(|wrong| vec![wrong])?;
    Policy::check(document).map_err(|wrong| {
        let places = Places::of(text);
        wrong.into_iter().map(|one| in_file(&places, text, one)).collect()
    })
}

/// Reads a file that was whole when it was kept.
///
/// # Errors
/// What this program does not read any more.
pub(super) fn kept(text: &str) -> Result<Policy, Vec<Wrong>> {
    Policy::of_kept(document(text).map_err(|wrong| vec![wrong])?)
}

/// Reads a file without checking what it says.
///
/// # Errors
/// The first fault of its form.
pub fn document(text: &str) -> Result<Document, Wrong> {
    toml::from_str(text).map_err(|wrong| {
        let start = wrong.span().map_or(0, |span| span.start);
        let message = wrong.message().lines().collect::<Vec<_>>().join(" ");
        at(text, String::new(), start, with_nearest(&message))
    })
}

/// The policy as a file.
///
/// # Errors
/// When it cannot be written, which a test of every sort of field refutes.
pub fn written(document: &Document) -> Result<String, String> {
    toml::to_string_pretty(document).map_err(|wrong| wrong.to_string())
}

fn at(text: &str, path: String, byte: usize, message: String) -> Wrong {
    let (line, column) = of_byte(text, byte);
    Wrong { path, line: Some(line), column: Some(column), message }
}

/// A fault of a field as a fault of the file.
fn in_file(places: &Places, text: &str, wrong: Wrong) -> Wrong {
    let span = places.of_path(&wrong.path);
    let raw = text.get(span.clone()).unwrap_or("");
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|one| raw.starts_with(one));
    let (Some(line), Some(column), Some(quote)) = (wrong.line, wrong.column, quote) else {
        return at(text, wrong.path, span.start, wrong.message);
    };
    let inside = &raw[quote.len()..raw.len().saturating_sub(quote.len()).max(quote.len())];
    // A line break right after three quotes is not part of the text.
    let skipped = usize::from(quote.len() == 3 && inside.starts_with('\n'));
    let inside = &inside[skipped..];
    if inside.contains('\\') && quote.starts_with('"') {
        // With escapes the characters of the file are not those of the expression.
        return at(text, wrong.path, span.start, wrong.message);
    }
    let before: usize = inside.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = inside[before..].chars().take(column - 1).map(char::len_utf8).sum::<usize>();
    let start = span.start + quote.len() + skipped + before + rest;
    at(text, wrong.path, start, wrong.message)
}

#[cfg(test)]
mod tests {
    use super::{parse, written};
    use crate::policy::SHIPPED;
    use proptest::prelude::*;

    fn wrong(text: &str) -> String {
        let wrong = parse(text).map(|_| ()).unwrap_err();
        wrong
            .iter()
            .map(|one| format!("{} {}", one.path, one.words()))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn the_shipped_policy_is_whole_and_comes_back_as_it_was_written() {
        let shipped = parse(SHIPPED).unwrap();
        assert_eq!(shipped.rules.len(), 10);
        let again = parse(&written(&shipped.document).unwrap()).unwrap();
        assert_eq!(again.document, shipped.document);
        for kind in &crate::kinds::shipped().kinds {
            assert!(shipped.effort(&kind.id).is_some(), "{} has no effort", kind.id);
        }
    }

    #[test]
    fn a_fault_of_an_expression_is_placed_in_the_file() {
        let text = SHIPPED.replacen("severity == 1 ||", "severty == 1 ||", 1);
        let line = text.lines().position(|line| line.contains("severty")).unwrap() + 1;
        let told = wrong(&text);
        assert_eq!(
            told,
            format!(
                "rules[2].when line {line}, column 9: There is no fact `severty`; did you mean `severity`?"
            )
        );
        let long = "[[rules]]\nid = \"a\"\nname = \"A\"\nwhy = \"Because.\"\nthen = { kind = \"light\" }\nwhen = \"\"\"\ntrue &&\n  dettection == 'alert'\"\"\"\n";
        assert!(
            wrong(long).contains("line 8, column 3: There is no fact `dettection`"),
            "{}",
            wrong(long)
        );
    }

    #[test]
    fn a_fault_of_the_form_is_placed_too() {
        let text = SHIPPED.replacen("kind = \"vendor\"", "kind = \"vendr\"", 1);
        assert!(wrong(&text).contains("rules[3].then.kind line "), "{}", wrong(&text));
        let text = SHIPPED.replacen("when = ", "wen = ", 1);
        assert!(
            wrong(&text).contains("there is no field `wen`; did you mean `when`?"),
            "{}",
            wrong(&text)
        );
        assert!(wrong("rules = [").starts_with(" line 1, column"));
        assert!(wrong("").contains("line 1, column 1: missing field"));
        let twice = SHIPPED.replacen("id = \"data\"", "id = \"security\"", 1);
        assert!(wrong(&twice).contains("is there twice"));
    }

    proptest! {
        #[test]
        fn a_broken_file_has_faults_and_never_panics(at in 0usize..4000, with in "[\"'\\[{}=a\\\\\n]{0,3}") {
            let at = (0..=at.min(SHIPPED.len())).rev().find(|n| SHIPPED.is_char_boundary(*n)).unwrap();
            let text = format!("{}{with}{}", &SHIPPED[..at], &SHIPPED[at..]);
            let _ = parse(&text);
        }
    }
}
