//! Everything out, as files that are read without us, and in again without loss: `afterword export --all`
//! and `afterword import --all`.
//!
//! Each incident has a folder with its Markdown, for people, and its rows as JSON, one a line, for
//! programs and for coming back. What belongs to no incident is under `organisation/`, attachments are
//! under `files/`. The same content makes the same bytes, so a folder under git shows what changed.

mod cell;
mod markdown;
mod owned;
mod read;
mod secret;
mod write;

#[cfg(test)]
mod tests;

pub use read::import;
pub use write::{Exported, export};

use serde::{Deserialize, Serialize};

/// The file that says what the folder is.
pub const ABOUT: &str = "afterword-export.json";
/// The format written, and the newest that is read.
pub const FORMAT: u32 = 1;

/// What the folder is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The format of the folder.
    pub format: u32,
    /// Whether digests of passwords and tokens are in it.
    pub with_secrets: bool,
    /// Each table's rows.
    pub rows: std::collections::BTreeMap<String, u64>,
}
