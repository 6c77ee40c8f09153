//! What the process answers, and failures that know their answer. One table for help, docs and code.

use super::Ended;
use crate::config::Refused;
use std::fmt::Write;

/// What the process answers when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It is done.
    Done = 0,
    /// It could not be done, for a reason without a number of its own.
    Failed = 1,
    /// What was said is wrong: an argument, a setting, a value that the server refuses.
    Usage = 2,
    /// It is done, and something was set aside.
    SetAside = 3,
    /// It is not there, or not shared with you.
    NotFound = 4,
    /// Nobody is signed in, or you may not.
    NotAllowed = 5,
    /// The server does not answer, or is too busy.
    Away = 6,
    /// It is not in the state for it, or somebody changed it meanwhile.
    Conflict = 7,
    /// A check found that what is kept is not what was written.
    Faulty = 8,
    /// The wording of texts has more warnings than were allowed.
    Nudged = 9,
}

/// Every answer, and what it means and asks for.
pub const EXITS: [(Exit, &str); 10] = [
    (Exit::Done, "done"),
    (Exit::Failed, "it could not be done; the message says why"),
    (Exit::Usage, "an argument, a setting or a value was refused; nothing was changed"),
    (Exit::SetAside, "done, and something was set aside; the lines printed say where and why"),
    (Exit::NotFound, "it is not there, or not shared with you"),
    (Exit::NotAllowed, "nobody is signed in, or your seat or token may not do it"),
    (Exit::Away, "the server does not answer or is too busy; try again later"),
    (Exit::Conflict, "not possible in its state, or changed by somebody else; look, then repeat"),
    (
        Exit::Faulty,
        "a check found that what is kept is not what was written; each fault has its line",
    ),
    (Exit::Nudged, "the wording has more warnings than were allowed; each has its place"),
];

/// The table for people, a line for each answer.
#[must_use]
pub fn table() -> String {
    EXITS.iter().fold(String::new(), |mut text, (exit, meaning)| {
        writeln!(text, "  {}  {meaning}", *exit as u8).ok();
        text
    })
}

/// Why something could not be done, and what the process answers.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The answer.
    pub exit: Exit,
    /// What happened and what to do, for the person.
    pub message: String,
}

impl Failure {
    /// A failure with its answer and its words.
    #[must_use]
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into() }
    }
}

/// What the process answers to an error; the first cause that knows decides.
#[must_use]
pub fn exit_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return failure.exit;
        }
        if let Some(ended) = cause.downcast_ref::<Ended>() {
            return ended.exit();
        }
        if cause.downcast_ref::<Refused>().is_some() {
            return Exit::Usage;
        }
    }
    Exit::Failed
}

/// Whether it failed only because nobody reads any more, as with `afterword … | head -1`.
#[must_use]
pub fn is_unread(error: &anyhow::Error) -> bool {
    let pipe = std::io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == pipe)
    })
}

#[cfg(test)]
mod tests {
    use super::{EXITS, Exit, Failure, exit_of, is_unread, table};
    use anyhow::Context;

    #[test]
    fn numbers_are_the_places_in_the_table_and_the_docs_say_them_all() {
        let docs = include_str!("../../../docs/cli.md");
        for (at, (exit, meaning)) in EXITS.iter().enumerate() {
            assert_eq!(*exit as usize, at);
            assert!(table().contains(meaning));
            let row = format!("| {at} | {meaning} |");
            assert!(docs.contains(&row), "docs/cli.md lacks `{row}`");
        }
    }

    #[test]
    fn the_cause_decides_whatever_was_said_around_it() {
        let failed: anyhow::Result<()> = Err(Failure::new(Exit::Conflict, "changed").into());
        let error = failed.context("section 2").unwrap_err();
        assert_eq!(exit_of(&error), Exit::Conflict);
        assert_eq!(format!("{error:#}"), "section 2: changed");
        assert_eq!(exit_of(&anyhow::anyhow!("something")), Exit::Failed);
    }

    #[test]
    fn a_reader_that_went_away_is_told_from_other_failures() {
        let gone = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert!(is_unread(&anyhow::Error::from(gone).context("the table")));
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert!(!is_unread(&full.into()));
    }
}
