//! What an import comes to: what was added, changed, left alone and set aside.

use super::wanted::At;
use serde::Serialize;
use utoipa::ToSchema;

kit::words!(
    /// What was done with something of a file.
    Did {
        /// It is new here.
        Added = "added", "added";
        /// It was here, and something of it is another now.
        Changed = "changed", "changed";
        /// It is here just so.
        LeftAlone = "left_alone", "left alone";
        /// It was not taken in.
        SetAside = "set_aside", "set aside";
    }
);

/// Something of a file, and what was done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CatalogueLine)]
pub struct Line {
    /// What was done.
    #[schema(inline)]
    pub did: Did,
    /// What it is: `person`, `team`, `service`, or the kind that the file says.
    #[schema(example = "service")]
    pub what: String,
    /// What it is called.
    #[schema(example = "Checkout")]
    pub name: String,
    /// What is another now, in words.
    #[schema(example = json!(["tier: 1 instead of 2"]))]
    pub changes: Vec<String>,
    /// Why it was set aside; empty otherwise.
    pub why: String,
    /// In which file it stands.
    #[schema(example = "catalog-info.yaml")]
    pub file: String,
    /// On which line, from 1.
    #[schema(example = 12)]
    pub line: u64,
}

impl Line {
    /// Something that is here, of which nothing is changed so far.
    pub(super) fn of(what: &str, name: &str, at: &At) -> Line {
        Line {
            did: Did::LeftAlone,
            what: what.to_owned(),
            name: name.to_owned(),
            changes: Vec::new(),
            why: String::new(),
            file: at.file.clone(),
            line: at.line,
        }
    }

    /// Something that is not taken in.
    pub(super) fn aside(what: &str, name: &str, at: &At, why: impl std::fmt::Display) -> Line {
        let why = why.to_string();
        Line { did: Did::SetAside, why, ..Line::of(what, name, at) }
    }

    /// Notes a change.
    pub(super) fn note(&mut self, change: String) {
        if self.did == Did::LeftAlone {
            self.did = Did::Changed;
        }
        self.changes.push(change);
    }

    /// Notes that a text is another now, if it is. Says whether it is.
    pub(super) fn differs(&mut self, field: &str, old: &str, new: &str) -> bool {
        if old == new {
            return false;
        }
        let change = match old {
            "" => format!("{field}: {new}"),
            old => format!("{field}: {new} instead of {old}"),
        };
        self.note(change);
        true
    }
}

/// What an import comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CatalogueCame)]
pub struct Came {
    /// How many are new.
    pub added: usize,
    /// How many were changed.
    pub changed: usize,
    /// How many were here just so.
    pub left_alone: usize,
    /// How many were not taken in.
    pub set_aside: usize,
    /// Each of them; those that were set aside first.
    pub lines: Vec<Line>,
}

impl Came {
    /// Counts the lines.
    pub(super) fn of(mut lines: Vec<Line>) -> Came {
        let n = |did| lines.iter().filter(|line| line.did == did).count();
        let (added, changed) = (n(Did::Added), n(Did::Changed));
        let (left_alone, set_aside) = (n(Did::LeftAlone), n(Did::SetAside));
        let order = |line: &Line| match line.did {
            Did::SetAside => 0,
            Did::Changed => 1,
            Did::Added => 2,
            Did::LeftAlone => 3,
        };
        lines.sort_by_key(order);
        Came { added, changed, left_alone, set_aside, lines }
    }

    /// In a sentence.
    #[must_use]
    pub fn says(&self) -> String {
        let Came { added, changed, left_alone, set_aside, .. } = self;
        format!("{added} added, {changed} changed, {left_alone} left alone, {set_aside} set aside.")
    }
}
