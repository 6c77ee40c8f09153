//! What changed from one release to the next, by heading and word.

use super::document::Document;
use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use utoipa::ToSchema;

/// A heading and what became of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChangedSection)]
pub(super) struct Section {
    pub name: String,
    pub is_same: bool,
    pub pieces: Vec<Piece>,
}

/// Some words that stayed, came or went: `same`, `ins`, `del`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChangedPiece)]
pub(super) struct Piece {
    pub sort: &'static str,
    pub text: String,
}

/// Compares two releases in reading order. A heading that neither has anything under is left out.
pub(super) fn between(before: &Document, after: &Document) -> Vec<Section> {
    let (old, new) = (before.by_heading(), after.by_heading());
    let mut names: Vec<&String> = new.iter().map(|(name, _)| name).collect();
    names.extend(
        old.iter().map(|(name, _)| name).filter(|name| !new.iter().any(|(n, _)| n == *name)),
    );
    let text_of = |all: &[(String, String)], name: &str| {
        let found = all.iter().find(|(one, _)| one == name);
        found.map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let mut sections = Vec::new();
    for name in names {
        let (was, is) = (text_of(&old, name), text_of(&new, name));
        if was.is_empty() && is.is_empty() {
            continue;
        }
        let pieces = if was == is { Vec::new() } else { pieces(&was, &is) };
        sections.push(Section { name: name.clone(), is_same: was == is, pieces });
    }
    sections
}

fn pieces(was: &str, is: &str) -> Vec<Piece> {
    let diff = TextDiff::from_words(was, is);
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let sort = match change.tag() {
            ChangeTag::Equal => "same",
            ChangeTag::Insert => "ins",
            ChangeTag::Delete => "del",
        };
        match pieces.last_mut().filter(|last| last.sort == sort) {
            Some(last) => last.text.push_str(change.value()),
            None => pieces.push(Piece { sort, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::between;
    use crate::releases::Document;

    #[test]
    fn a_corrected_figure_shows_as_the_words_that_changed() {
        let before = Document { summary: "We lost 45,000 dollars.".into(), ..Document::default() };
        let after = Document { summary: "We lost 30,000 dollars.".into(), ..before.clone() };
        let sections = between(&before, &after);
        assert_eq!(sections.len(), 1, "what neither says is left out");
        let words: Vec<_> = sections[0].pieces.iter().map(|p| (p.sort, p.text.as_str())).collect();
        assert!(
            words.contains(&("del", "45,000")) && words.contains(&("ins", "30,000")),
            "{words:?}"
        );
        assert!(between(&before, &before).iter().all(|section| section.is_same));
    }
}
