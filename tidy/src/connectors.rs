//! Connectors: each folder of `connectors/src` is a module and in the registry; `kit` knows neither
//! them nor any noun of ours.

use crate::code::{self, Strings};
use crate::{Finding, Tree};

/// Each connector's folder has its `mod` line and its entry in the registry.
pub fn every_connector_is_registered(tree: &Tree) -> Vec<Finding> {
    let lib = code::code(tree.text("connectors/src/lib.rs").unwrap_or(""), Strings::Blanked);
    let mut found = Vec::new();
    for folder in tree.folders("connectors/src/") {
        let path = format!("connectors/src/{folder}/mod.rs");
        let mut miss = |what: String| found.push(Finding::new(&path, 0, what));
        if !lib.contains(&format!("mod {folder};")) {
            miss(format!("is not in connectors/src/lib.rs (`pub mod {folder};`)"));
        }
        if !lib.contains(&format!("{folder}::CONNECTOR")) {
            miss(format!(
                "is not in the registry of connectors/src/lib.rs (`{folder}::CONNECTOR`)"
            ));
        }
    }
    found
}

/// Nouns of ours, as they would stand in a name.
const NOUNS: [&str; 6] =
    ["incident", "retrospective", "evidence", "timeline", "postmortem", "severity"];

/// `kit` names no noun: its code, comments aside, has no word of our domain in a name.
pub fn kit_names_no_noun(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.under("kit/src/", ".rs").filter(|(path, _)| !code::only_tests(path)) {
        let bare = code::code(text, Strings::Blanked).to_lowercase();
        let bare = bare.split("#[cfg(test)]\nmod ").next().unwrap_or("");
        for (line, text) in (1..).zip(bare.lines()) {
            for noun in NOUNS.iter().filter(|noun| text.contains(**noun)) {
                found.push(Finding::new(
                    path,
                    line,
                    format!("names `{noun}`; `kit` knows no noun, a slice does"),
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_that_is_not_registered_is_found() {
        let with = |lib: &str| {
            every_connector_is_registered(&Tree::made_up(&[
                ("connectors/src/lib.rs", lib),
                ("connectors/src/slack/mod.rs", ""),
            ]))
        };
        assert_eq!(with("pub mod slack;\nconst ALL: &[&C] = &[&slack::CONNECTOR];"), []);
        assert_eq!(with("pub mod slack;").len(), 1);
        assert_eq!(with("// pub mod slack; slack::CONNECTOR").len(), 2);
    }

    #[test]
    fn a_noun_in_kit_is_found_in_names_only() {
        let with = |text: &str| kit_names_no_noun(&Tree::made_up(&[("kit/src/id.rs", text)]));
        assert_eq!(with("struct IncidentId;").len(), 1);
        assert_eq!(with("// as for an incident\nlet x = \"incident\";"), []);
        assert_eq!(with("#[cfg(test)]\nmod tests { struct IncidentId; }"), []);
    }
}
