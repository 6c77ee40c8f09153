//! The API's edge: what all operations under `/api/v1` have in common, and their description.
//!
//! A slice's `api.rs` has its operations, each with its `#[utoipa::path]`; the description at
//! `/api/openapi.json` and the page `/api` are made from these and from nothing else.
//!
//! Invariants
//! - Every refusal under `/api` is a problem document (RFC 9457), also what the router refuses.
//! - A POST with an `Idempotency-Key` is done once; its first answer is kept for two days.
//! - A secret that is shown once is in no kept answer.
//! - A cursor is signed, for its list, filters and reader.
//! - Who asks too often is told when to come again; what is remembered of askers is bounded.
//!
//! Tables: `repeats`. No other slice names it.

mod answer;
pub mod breaking;
pub mod bulk;
pub mod document;
pub mod edge;
pub mod export;
pub mod limits;
mod pages;
mod peer;
pub mod repeats;
mod store;
#[cfg(test)]
mod tests;

pub use answer::{Fields, List, ListParams, Listed, made};
pub use pages::{Description, routes};
pub use peer::Peer;
pub use repeats::ShownOnce;
