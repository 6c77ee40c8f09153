//! Timelines: what happened, in order, as people understand it.
//!
//! A timeline is an interpretation: each entry states one fact and cites the evidence for it. The
//! evidence itself belongs to `evidence` and never changes.
//!
//! Invariants
//! - The order of entries never depends on the order in which evidence arrived.
//!
//! Tables: none.

pub mod fact;

pub use fact::{Fact, Phase};
