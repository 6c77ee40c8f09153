//! Releases: what was published, frozen.
//!
//! A release is gathered once into a [`Document`], rendered, hashed and kept; it is served as it was,
//! whatever changes after. A later edit makes another release, with what changed; both stay.
//!
//! Invariants
//! - A published release is never changed (I9); only its state goes from published to superseded.
//! - The digest is of the JSON, which holds everything that page, Markdown and PDF show.
//! - A release is read by whoever may see its incident; a draft is never rendered for anybody else.
//!
//! Tables: `releases`. No other slice names it.

mod api;
#[cfg(test)]
mod api_tests;
mod article;
mod changes;
pub mod document;
mod fonts;
mod gather;
mod markdown;
mod measured;
mod pages;
mod pdf;
pub mod publish;
mod store;
pub mod store_index;
#[cfg(test)]
mod tests;

pub use api::routes as api_routes;
pub use document::Document;
pub use pages::routes;
pub use publish::{publish, rendered};
pub use store::{Newest, Release, newest};
