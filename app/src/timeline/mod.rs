//! Timelines: what happened, in order, as people understand it.
//!
//! A timeline is an interpretation: each entry states one fact and cites the evidence for it. The
//! evidence itself belongs to `evidence` and never changes.
//!
//! Invariants
//! - The order of entries never depends on the order in which evidence arrived.
//! - A proposed entry cites evidence and says why; what the evidence does not support stays missing.
//!
//! Tables: none.

pub mod fact;
pub mod propose;

pub use fact::{Fact, Phase};
