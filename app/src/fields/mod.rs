//! Fields: the figures, sums, choices, names and tables that a retrospective's kind wants beside the text.
//!
//! Which there are is the kinds' to say, and by when one is needed, if at all; here is what was written in
//! them. They are on a page of their own, on the draft's card, in the API, and in every form of a release.
//!
//! Invariants
//! - A value has the form that its field says, whoever wrote it; people and services in it are here.
//! - No value is overwritten: each says which version it read, and every one is kept.
//! - A milestone that a field is needed for is not passed while it is empty; nothing else is required.
//! - Only the people of a draft see its values, until a release shows them.
//! - No value is in an audit line: only its digest is.
//!
//! Tables: `field_values`. No other slice names it.

mod api;
mod fill;
mod form;
mod missing;
mod pages;
mod read;
mod store;
#[cfg(test)]
mod tests;
mod value;

pub use api::routes as api_routes;
pub use fill::{Change, fill};
pub use missing::{Missing, missing, must_be_whole};
pub use pages::{card, routes};
pub use read::{Filled, Names, of_retrospective};
