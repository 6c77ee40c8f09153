//! Kinds: the kinds of retrospective there are, and the sections and fields they are made of with the
//! questions that stand beside the text. Which one fits an incident is the policy's to say.
//!
//! They are data: `kinds.toml` came with the product, and an organisation may put its own in force as a
//! setting. A retrospective remembers the version it was opened with.
//!
//! Invariants
//! - Every section, field and kind that is named is in the library; every id is there once.
//! - A library that is known under a version is never another.
//!
//! Tables: none; versions are kept with the other settings.

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
pub use version::{
    FILE, current, current_kept, find, know, last, of_version, parse, read, section, shipped, text,
};
pub use wrong::{Wrong, did_you_mean};

/// The library that Afterword begins with.
pub const SHIPPED: &str = include_str!("kinds.toml");
