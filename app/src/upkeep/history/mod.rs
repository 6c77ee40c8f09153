//! Every second of the last days, in a folder of its own: a copy of the database's file now and then, and of
//! its log all the time, so that any moment between can be brought back.
//!
//! `FOLDER/GENERATION/` holds `base.sqlite`, the file as it was while the generation was begun (its name is
//! when, in microseconds); `log-N`, each log since then, one after the other; `times`, a line for each look,
//! `N END TIME`: at that time, what was committed ended there. `FOLDER/files/` holds the files that rows name.
//!
//! What is kept is on its disk at most a second after it was committed. SQLite folds its log by itself no
//! longer; that is done here, after it was copied.

mod back;
mod keep;
#[cfg(test)]
mod tests;

pub use back::{Back, restore};
pub use keep::{Keeping, start};

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

/// The database's file as a generation begins.
const BASE: &str = "base.sqlite";
/// What was committed when.
const TIMES: &str = "times";

/// Where the log of this number is kept.
fn log_of(generation: &Path, number: u32) -> PathBuf {
    generation.join(format!("log-{number}"))
}

/// The generations of a folder, the oldest first, each with when it was begun.
fn generations(folder: &Path) -> Vec<(i64, PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let began = |path: PathBuf| Some((path.file_name()?.to_str()?.parse().ok()?, path));
    let mut found: Vec<(i64, PathBuf)> = entries.filter_map(|one| began(one.path())).collect();
    found.sort();
    found
}

static FAULT: LazyLock<Mutex<Option<String>>> = LazyLock::new(Mutex::default);

/// Why the last second could not be kept; none when it was.
#[must_use]
pub fn fault() -> Option<String> {
    FAULT.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn set_fault(why: Option<String>) {
    *FAULT.lock().unwrap_or_else(PoisonError::into_inner) = why;
}
