//! What bodies sent to the API have in common: fields that a change may leave out or clear, and times
//! that people mean.

use kit::db::Time;
use kit::web::{Problem, Wrong};
use serde::{Deserialize, Deserializer};

/// Reads a field that may be left out (stays) or null (cleared).
///
/// # Errors
/// As the field's own type says.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Refuses years that nobody means.
///
/// # Errors
/// 422 with a line for each field outside 1970 to 2200.
pub fn sane(times: &[(&str, Option<Time>)]) -> Result<(), Problem> {
    let mut said = Wrong::default();
    for (path, time) in times {
        if let Some(time) = time
            && let Err(why) = crate::shell::moment::parse(&time.to_string(), "UTC")
        {
            said.note(path, why);
        }
    }
    said.checked()
}

/// A problem of a verb, whose forms call some fields otherwise, with the names of the body.
#[must_use]
pub fn renamed(mut problem: Problem, names: &[(&str, &str)]) -> Problem {
    for error in &mut problem.errors {
        if let Some((_, name)) = names.iter().find(|(form, _)| *form == error.path) {
            error.path = (*name).to_owned();
        }
    }
    problem
}
