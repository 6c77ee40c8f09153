//! Kinds: the kinds of retrospective there are, and the sections and fields they are made of with the
//! questions that stand beside the text. Which one fits an incident is the policy's to say.
//!
//! They are data: `kinds.toml` came with the product. A retrospective remembers the version it was
//! opened with.
//!
//! Invariants
//! - Every section, field and kind that is named is in the library; every id is there once.
//! - A library that is known under a version is never another.
//!
//! Tables: none.

mod api;
mod check;
mod field;
mod kind;
mod markdown;
mod pages;
mod step;
mod version;
mod wrong;

pub use api::routes as api_routes;
pub use field::{Field, FieldChoice, FieldSort, Milestone, Wanted};
pub use kind::{Kind, Library, Overlay, Section};
pub use markdown::{blank, blank_overlay};
pub use pages::routes;
pub use step::{Anchor, Done, Step};
pub use version::{of_version, shipped};
pub use wrong::{Wrong, did_you_mean, nearest};

/// The library that Afterword begins with.
pub const SHIPPED: &str = include_str!("kinds.toml");

/// The version of the kinds, remembered by each retrospective.
#[must_use]
pub fn version() -> i64 {
    shipped().version
}

/// Every kind, in the order in which people choose.
#[must_use]
pub fn all() -> &'static [Kind] {
    &shipped().kinds
}

/// The kind of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Kind> {
    shipped().kind(id)
}

/// The kind of an id in a form.
///
/// # Errors
/// A sentence with the ids there are.
pub fn parse(id: &str) -> Result<&'static Kind, String> {
    shipped().parse_kind(id)
}

/// The section of an id.
#[must_use]
pub fn section(id: &str) -> Option<&'static Section> {
    shipped().section(id)
}
