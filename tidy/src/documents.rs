//! Documents: ARCHITECTURE.md's code map and the tree answer each other.

use crate::slices::slices;
use crate::{Finding, Tree};

const MAP: &str = "ARCHITECTURE.md";
/// A document that newcomers read in one sitting.
const LONGEST: usize = 250;

/// Every path that ARCHITECTURE.md names exists. A path is what is in backticks and has a `/` in it
/// or ends in one; within the code map `people/` means `app/src/people/` where that is a folder.
pub fn every_path_named_exists(tree: &Tree) -> Vec<Finding> {
    let text = tree.text(MAP).unwrap_or("");
    let mut found = Vec::new();
    for (line, name) in named(text) {
        let in_app = format!("app/src/{name}");
        if !tree.has(name) && !tree.has(&in_app) {
            found.push(Finding::new(MAP, line, format!("names `{name}`, which does not exist")));
        }
    }
    found
}

/// Every slice has its line in the code map.
pub fn every_slice_is_on_the_map(tree: &Tree) -> Vec<Finding> {
    let map = section(tree.text(MAP).unwrap_or(""), "Code map");
    let names: Vec<&str> = named(map).into_iter().map(|(_, name)| name).collect();
    let missing = slices(tree).into_iter().filter(|slice| {
        !names.iter().any(|name| {
            name.strip_prefix("app/src/").unwrap_or(name).trim_end_matches('/') == slice
        })
    });
    missing
        .map(|slice| Finding::new(MAP, 0, format!("has no line for `{slice}/` under \"Code map\"")))
        .collect()
}

/// ARCHITECTURE.md is there and short enough to be read.
pub fn the_map_is_short(tree: &Tree) -> Vec<Finding> {
    match tree.text(MAP).map(|text| text.lines().count()) {
        None => vec![Finding::new(MAP, 0, "is missing")],
        Some(lines) if LONGEST < lines => {
            vec![Finding::new(MAP, 0, format!("has {lines} lines, more than {LONGEST}; say less"))]
        }
        Some(_) => Vec::new(),
    }
}

/// The text under a heading, up to the next of its kind.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let Some(begin) = text.find(&format!("\n## {heading}")) else { return "" };
    let after = &text[begin + 1..];
    after[1..].find("\n## ").map_or(after, |end| &after[..=end])
}

/// Paths in backticks, outside of drawn pictures.
fn named(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut drawn = false;
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim_start().starts_with("```") {
            drawn = !drawn;
        }
        if drawn {
            continue;
        }
        let quoted = text.split('`').skip(1).step_by(2);
        found.extend(quoted.filter(|name| is_path(name)).map(|name| (line, name)));
    }
    found
}

fn is_path(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    name.contains('/')
        && !name.starts_with('/')
        && !name.starts_with("../")
        && name.chars().all(plain)
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(map: &str) -> Tree {
        Tree::made_up(&[
            ("app/src/lib.rs", "pub mod people;\npub mod incidents;\n"),
            ("app/src/people/mod.rs", ""),
            ("app/src/incidents/mod.rs", ""),
            (MAP, map),
        ])
    }

    #[test]
    fn a_path_that_is_not_there_is_found() {
        let map = "# A\n\n## Code map\n\n`app/src/people/` and `people/`, `incidents/mod.rs`\n`risks/`, `kit/src/db.rs`\n";
        let found: Vec<String> =
            every_path_named_exists(&tree(map)).iter().map(Finding::to_string).collect();
        assert_eq!(
            found,
            [
                "ARCHITECTURE.md:6: names `risks/`, which does not exist",
                "ARCHITECTURE.md:6: names `kit/src/db.rs`, which does not exist"
            ]
        );
    }

    #[test]
    fn addresses_words_and_pictures_are_no_paths() {
        let map = "`/incidents`, `INC-42`, `store*.rs`, `../shared/corpus`, `a | b/c`, `GET /x/{id}`\n```\n`no/where`\n```\n";
        assert_eq!(every_path_named_exists(&tree(map)), []);
    }

    #[test]
    fn a_slice_that_the_map_does_not_show_is_found() {
        let map =
            "# A\n`incidents/`\n\n## Code map\n\n- `people/`: who\n\n## Next\n\n- `incidents/`\n";
        let found = every_slice_is_on_the_map(&tree(map));
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("`incidents/`"));
        let whole = "# A\n\n## Code map\n\n- `people/`: who\n- `app/src/incidents/`: what\n";
        assert_eq!(every_slice_is_on_the_map(&tree(whole)), []);
    }

    #[test]
    fn a_map_that_is_missing_or_long_is_found() {
        assert!(the_map_is_short(&Tree::made_up(&[]))[0].what.contains("missing"));
        assert!(the_map_is_short(&tree(&"a\n".repeat(251)))[0].what.contains("251 lines"));
        assert_eq!(the_map_is_short(&tree("a\n")), []);
    }
}
