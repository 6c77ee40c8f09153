//! Expressions: read and checked once, when they are saved; then asked of facts as often as one likes.
//!
//! The grammar is CEL's, the facts are those of `fact.rs`. What an expression may cost is bounded by its
//! length, its brackets and its depth, and by lists being short, so that no answer takes long.

use super::check;
use cel::parser::Expression as Tree;
use cel::parser::Parser;
use serde::Serialize;
use utoipa::ToSchema;

/// Characters of an expression at most.
pub const LONGEST: usize = 1000;
/// Opening brackets of an expression at most.
const BRACKETS: usize = 40;
/// `? :` of an expression at most.
const CHOICES: usize = 8;
/// What reading needs of a stack, with room: the parser goes down once for each bracket.
const STACK: usize = 32 << 20;

/// Something wrong in an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExpressionFault)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

/// An expression that is true or false of an incident.
#[derive(Debug, Clone)]
pub struct Expression {
    /// As it was written.
    pub text: String,
    /// As it was read.
    pub(super) tree: Tree,
    /// The facts it asks for, in the order in which they stand.
    pub asks: Vec<&'static str>,
}

/// Reads and checks expressions; each is whole or has every fault it was found to have.
///
/// They are read on a stack of their own, so that what somebody writes cannot exhaust that of a request.
#[must_use]
pub fn read(texts: &[String]) -> Vec<Result<Expression, Vec<Fault>>> {
    let mine = texts.to_vec();
    let work = move || mine.iter().map(|text| read_one(text)).collect::<Vec<_>>();
    let apart = std::thread::Builder::new().name("expressions".to_owned()).stack_size(STACK);
    let read = apart.spawn(work).ok().and_then(|thread| thread.join().ok());
    read.unwrap_or_else(|| {
        let fault = Fault { line: 1, column: 1, message: "It could not be read.".to_owned() };
        texts.iter().map(|_| Err(vec![fault.clone()])).collect()
    })
}

fn read_one(text: &str) -> Result<Expression, Vec<Fault>> {
    bounded(text).map_err(|fault| vec![fault])?;
    let read = Parser::new().parse_with_source_info(text);
    let (tree, source) = read.map_err(|wrong| vec![first_of(text, &wrong.errors)])?;
    let asks = check::check(&tree).map_err(|found| {
        // The parser counts bytes; people count characters.
        let at = |id: u64| {
            let start = source.offset_for(id).map_or(0, |(start, _)| start as usize);
            text.char_indices().take_while(|(byte, _)| *byte < start).count()
        };
        let mut faults: Vec<Fault> =
            found.into_iter().map(|(id, message)| fault_at(text, at(id), message)).collect();
        faults.sort_by_key(|fault| (fault.line, fault.column));
        faults
    })?;
    Ok(Expression { text: text.to_owned(), tree, asks })
}

/// Whether it is short and flat enough to be read at all.
fn bounded(text: &str) -> Result<(), Fault> {
    let too = |at, message: String| Err(fault_at(text, at, message));
    if text.trim().is_empty() {
        return too(
            0,
            "Say when the rule fires, such as `severity == 1`; `true` is always.".into(),
        );
    }
    let length = text.chars().count();
    if length > LONGEST {
        return too(
            LONGEST,
            format!("It has {length} characters; {LONGEST} are the most. Make two rules of it."),
        );
    }
    let (mut brackets, mut choices) = (0, 0);
    for (at, c) in text.chars().enumerate() {
        match c {
            '(' | '[' | '{' => brackets += 1,
            '?' => choices += 1,
            '\n' | '\t' => {}
            c if c.is_control() => return too(at, "There is a control character here.".into()),
            _ => {}
        }
        if brackets > BRACKETS || choices > CHOICES {
            return too(at, "It has too many brackets or choices. Make two rules of it.".into());
        }
    }
    Ok(())
}

/// The place of a character, counted in characters from the beginning.
fn fault_at(text: &str, at: usize, message: String) -> Fault {
    let before: String = text.chars().take(at).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Fault { line, column, message }
}

/// The first of the parser's complaints, in plain words; the others follow from it.
fn first_of(text: &str, errors: &[cel::ParseError]) -> Fault {
    // What is about the whole comes with no place of its own.
    let syntax = |one: &&cel::ParseError| one.msg.starts_with("Syntax error");
    let all = errors.iter().filter(syntax).min_by_key(|one| one.pos);
    let Some(first) = all.or_else(|| errors.first()) else {
        return fault_at(text, 0, "It is not understood.".to_owned());
    };
    let line = usize::try_from(first.pos.0).unwrap_or(1).max(1);
    let column = usize::try_from(first.pos.1).unwrap_or(1).max(1);
    Fault { line, column, message: in_plain_words(&first.msg) }
}

fn in_plain_words(said: &str) -> String {
    let said = said.strip_prefix("Syntax error: ").unwrap_or(said);
    let quoted = said.split_once('\'').and_then(|(_, rest)| {
        let end = rest.find("' expecting").or_else(|| rest.rfind('\''))?;
        Some(rest[..end].trim())
    });
    let Some(what) = quoted else {
        let said = said.split("OtherError").next().unwrap_or(said).trim();
        return if said.is_empty() {
            "It is nested too deeply.".into()
        } else {
            format!("{said}.")
        };
    };
    match what {
        "<EOF>" => "It ends too early; something is missing here.".to_owned(),
        "and" => "`and` is written `&&`.".to_owned(),
        "or" => "`or` is written `||`.".to_owned(),
        "not" => "`not` is written `!`.".to_owned(),
        one if one.starts_with('=') => "To compare, write `==`.".to_owned(),
        one if one.starts_with(['\'', '"']) => "The text that begins here does not end.".to_owned(),
        one if one.starts_with('&') => "`and` is written `&&`.".to_owned(),
        one if one.starts_with('|') => "`or` is written `||`.".to_owned(),
        one => format!("`{one}` does not belong here."),
    }
}

#[cfg(test)]
mod tests {
    use super::{Expression, Fault, read};
    use proptest::prelude::*;

    fn one(text: &str) -> Result<Expression, Vec<Fault>> {
        read(&[text.to_owned()]).remove(0)
    }

    fn faults(text: &str) -> String {
        let faults = one(text).map(|_| ()).unwrap_err();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_right_is_read_with_the_facts_it_asks_for() {
        for (text, asks) in [
            ("severity == 1", vec!["severity"]),
            ("kind in ['security', 'data'] || data_exposed", vec!["kind", "data_exposed"]),
            ("services.exists(s, s.tier == 1 && s.slug.startsWith('pay'))", vec!["services"]),
            ("services.all(s, s.team != '')", vec!["services"]),
            ("size(effects) > 1 && !('slow' in effects)", vec!["effects"]),
            ("percent > 10 && users >= 2 * 50", vec!["percent", "users"]),
            ("near_miss ? severity == 4 : severity < 3", vec!["near_miss", "severity"]),
            ("severity <= 2 // really\n && recurrence > 2", vec!["severity", "recurrence"]),
            ("true", vec![]),
        ] {
            assert_eq!(one(text).unwrap().asks, asks, "{text}");
        }
    }

    #[test]
    fn a_fault_says_where_and_what_instead() {
        for (text, says) in [
            (
                "severty == 1",
                "line 1, column 1: There is no fact `severty`; did you mean `severity`?",
            ),
            (
                "kind == 'securty'",
                "line 1, column 9: `securty` is not a kind of incident; did you mean `security`?",
            ),
            (
                "kind == 'é' &&\n  dettection == 'alert'",
                "line 2, column 3: There is no fact `dettection`",
            ),
            ("kind in ['data', 'securty']", "line 1, column 18: `securty` is not"),
            ("severity = 1", "line 1, column 10: To compare, write `==`."),
            ("severity ==", "line 1, column 12: It ends too early"),
            ("severity == 1 and near_miss", "line 1, column 15: `and` is written `&&`."),
            ("severity", "line 1, column 1: A rule is true or false; this is a whole number."),
            ("severity == 'one'", "a whole number cannot be compared with a text"),
            (
                "severity && near_miss",
                "line 1, column 1: `&&` joins what is true or false; this is a whole number.",
            ),
            (
                "services.exists(s, s.teir == 1)",
                "line 1, column 21: A service has no `teir`; did you mean `tier`?",
            ),
            ("'pay' in services", "services.exists(s, s.slug == 'pay')"),
            ("effects.map(e, e) == effects", "`exists`, `all` or `exists_one`"),
            ("severity / 2 == 1", "does not divide"),
            ("frobnicate(severity)", "There is no function `frobnicate`"),
            ("severity == null", "is told by itself"),
            ("kind == 'open", "The text that begins here does not end."),
            ("", "Say when the rule fires"),
            ("severity == 99999999999999999999", "invalid int literal"),
            ("\u{7}", "control character"),
        ] {
            let told = faults(text);
            assert!(told.contains(says), "{text}: {told}");
        }
    }

    #[test]
    fn every_fault_of_an_expression_is_told_at_once() {
        let told = faults("severty == 1 || kind == 'dta'");
        assert_eq!(told.lines().count(), 2, "{told}");
    }

    #[test]
    fn what_would_cost_too_much_is_refused() {
        assert!(faults(&"(".repeat(5000)).contains("are the most"));
        assert!(
            faults(&format!("{}true{}", "(".repeat(300), ")".repeat(300))).contains("too many")
        );
        assert!(faults(&format!("r'\\'{}", "(".repeat(300))).contains("too many"));
        assert!(faults(&format!("{}1 > 0", "1+".repeat(300))).contains("nested too deeply"));
        assert!(one(&format!("{}near_miss", "near_miss || ".repeat(60))).is_ok());
        let twice = "services.exists(s, services.exists(t, services.exists(u, u.tier == s.tier)))";
        assert!(faults(twice).contains("within another"));
    }

    proptest! {
        #[test]
        fn nothing_that_is_written_panics(text in r#"[a-z0-9 '"().,&|!<>=?:+*\[\]{}\\\n-]{0,60}"#) {
            let _ = one(&text);
        }

        #[test]
        fn no_mixture_of_what_is_known_panics(parts in proptest::collection::vec(
            prop::sample::select(vec!["severity", "kind", "==", "&&", "||", "!", "(", ")", "1", "2.5", "'data'",
                "services", ".exists(s,", "s.tier", "in", "[", "]", ",", "effects", "near_miss", "?", ":", "-", "+"]), 0..24)) {
            let _ = one(&parts.join(" "));
        }
    }
}
