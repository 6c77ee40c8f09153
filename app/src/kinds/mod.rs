//! Kinds: the kinds of retrospective there are, and the sections they are made of with the questions
//! that stand beside the text. Which one fits an incident is the policy's to say.
//!
//! They are data, compiled in: `kinds.toml`. A retrospective remembers the version it was opened with.
//!
//! Invariants
//! - Every section that a kind names is in the library; every id is there once.
//!
//! Tables: none.

mod api;
mod kind;
mod markdown;
mod pages;
mod step;

pub use api::routes as api_routes;
pub use kind::{Kind, Library, Section};
pub use markdown::blank;
pub use pages::routes;
pub use step::{Anchor, Done, Step};

use std::sync::LazyLock;

static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    Library::parse(include_str!("kinds.toml")).expect("the shipped kinds.toml; a test reads it")
});

/// The version of the kinds, remembered by each retrospective.
#[must_use]
pub fn version() -> i64 {
    LIBRARY.version
}

/// Every kind, in the order in which people choose.
#[must_use]
pub fn all() -> &'static [Kind] {
    &LIBRARY.kinds
}

/// The kind of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Kind> {
    LIBRARY.kinds.iter().find(|kind| kind.id == id)
}

/// The kind of an id in a form.
///
/// # Errors
/// A sentence with the ids there are.
pub fn parse(id: &str) -> Result<&'static Kind, String> {
    find(id).ok_or_else(|| {
        let ids: Vec<&str> = all().iter().map(|kind| kind.id.as_str()).collect();
        format!("`{id}` is not a kind of review; say one of: {}.", ids.join(", "))
    })
}

/// Every section of the library.
#[must_use]
pub fn sections() -> &'static [Section] {
    &LIBRARY.sections
}

/// The section of an id.
#[must_use]
pub fn section(id: &str) -> Option<&'static Section> {
    LIBRARY.sections.iter().find(|section| section.id == id)
}
