//! A draft without a server: files of evidence become a Markdown draft, or the same as data, for a
//! person to correct. Nothing is stored and nothing leaves the machine.
//!
//! A pure function of what was read: the same evidence makes the same draft, byte for byte. It says only
//! what the evidence supports; what is missing is listed as missing.
//!
//! Invariants
//! - The Markdown is well-formed whatever the evidence holds.
//! - Participants stand in the order of the alphabet, and how much they wrote is not told.
//! - What was set aside is listed with its place and reason.
//!
//! Tables: none.

mod data;
mod markdown;

pub use data::{
    Aside, Cited, Draft, KeyTime, MissingTime, Named, NamedDuration, Row, SourceCount, Title,
    Window,
};

use crate::evidence::import::item::{Item, SetAside};

/// What was read from the files.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Everything found, in any order.
    pub items: Vec<Item>,
    /// Everything that could not be taken in.
    pub set_aside: Vec<SetAside>,
    /// What the person calls the incident, if they said.
    pub title: Option<String>,
}

/// Drafts a retrospective from what was read.
#[must_use]
pub fn draft(found: Found) -> Draft {
    data::draft(found)
}

#[cfg(test)]
mod tests;
