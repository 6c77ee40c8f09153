//! Where something stands in a TOML file: line and column of a path such as `rules[2].then.kind`.

use serde::{Deserialize, Serialize};
use std::ops::Range;
use toml::de::{DeTable, DeValue};
use utoipa::ToSchema;

/// A fault of a file, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ConfigurationFault)]
pub struct Fault {
    /// The file.
    #[schema(example = "kinds.toml")]
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl Fault {
    /// As editors understand it: `kinds.toml:12:9: …`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// Line and column of a byte.
#[must_use]
pub fn of_byte(text: &str, byte: usize) -> (usize, usize) {
    let byte = (0..=byte.min(text.len())).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0);
    let before = &text[..byte];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// Reads a file into a type; its fault has its place and the nearest right name.
///
/// # Errors
/// The first fault of form.
pub fn read<'de, T: Deserialize<'de>>(file: &str, text: &'de str) -> Result<T, Fault> {
    toml::from_str(text).map_err(|wrong| {
        let (line, column) = of_byte(text, wrong.span().map_or(0, |span| span.start));
        let message = wrong.message().lines().collect::<Vec<_>>().join(" ");
        Fault { file: file.to_owned(), line, column, message: with_nearest(&message) }
    })
}

/// `unknown field `wen`, expected one of …` with the nearest of them.
#[must_use]
pub fn with_nearest(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let is_field = message.starts_with("unknown field");
    let is_variant = message.starts_with("unknown variant");
    let (Some(said), true) = (quoted.next(), is_field || is_variant) else {
        return message.to_owned();
    };
    let what = if is_field { "field" } else { "word" };
    match nearest(said, quoted) {
        Some(near) => format!("there is no {what} `{said}`; did you mean `{near}`?"),
        None => message.to_owned(),
    }
}

/// The nearest of some names, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(said: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let said = said.to_lowercase();
    let near = |name: &&str| {
        if name.len() > 2 && (said.contains(*name) || (said.len() > 2 && name.contains(&said))) {
            return 0.9;
        }
        strsim::jaro_winkler(&said, name)
    };
    let best = names.map(|name| (near(&name), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(score, _)| *score >= 0.75).map(|(_, name)| name)
}

/// Where each field of a file stands.
pub struct Places<'a>(Option<DeTable<'a>>);

impl std::fmt::Debug for Places<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Places")
    }
}

impl<'a> Places<'a> {
    /// Of a file that was read before.
    #[must_use]
    pub fn of(text: &'a str) -> Places<'a> {
        Places(DeTable::parse(text).ok().map(toml::Spanned::into_inner))
    }

    /// The bytes of the value at a path, or of the nearest above it.
    #[must_use]
    pub fn of_path(&self, path: &str) -> Range<usize> {
        let mut steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']'));
        let first = steps.next().and_then(|step| self.0.as_ref()?.get(step));
        let Some(mut here) = first else { return 0..0 };
        for step in steps {
            let next = match here.get_ref() {
                DeValue::Table(table) => table.get(step),
                DeValue::Array(all) => step.parse::<usize>().ok().and_then(|n| all.get(n)),
                _ => None,
            };
            let Some(next) = next else { break };
            here = next;
        }
        here.span()
    }

    /// A fault at a path.
    #[must_use]
    pub fn fault(&self, file: &str, text: &str, path: &str, message: &str) -> Fault {
        let (line, column) = of_byte(text, self.of_path(path).start);
        Fault { file: file.to_owned(), line, column, message: message.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Places, nearest, of_byte, read};
    use proptest::prelude::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Small {
        #[expect(dead_code, reason = "only its place is looked at")]
        name: String,
    }

    #[test]
    fn a_fault_has_its_line_and_column_and_the_nearest_name() {
        let wrong = read::<Small>("a.toml", "\n  nam = \"x\"\n").unwrap_err();
        assert_eq!(wrong.words(), "a.toml:2:3: there is no field `nam`; did you mean `name`?");
        let text = "[[kinds]]\nid = \"light\"\n[[kinds]]\nsections = [\"sum\", \"imp\"]\n";
        let fault = Places::of(text).fault("k", text, "kinds[1].sections[1]", "no");
        assert_eq!((fault.line, fault.column), (4, 20));
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("nots", ["basic", "notes", "q"].into_iter()), Some("notes"));
        assert_eq!(nearest("zebra", ["vendor", "near"].into_iter()), None);
    }

    proptest! {
        #[test]
        fn no_text_and_no_path_panics(text in "\\PC{0,60}", path in "[a-z\\[\\].0-9]{0,20}", at in 0usize..99) {
            let _ = Places::of(&text).fault("f", &text, &path, "m");
            let _ = of_byte(&text, at);
            let _ = read::<Small>("f", &text);
        }
    }
}
