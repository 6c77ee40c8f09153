//! The right-sizing policy: which incident deserves how much review, as rules in an expression language.
//!
//! The first rule that fires chooses the kind; additions come on top. What was chosen, by which rule and
//! which version, which rules were tried and what is missing is kept as one decision for each incident,
//! with what people made of it.
//!
//! Invariants
//! - A policy that is saved is whole: every expression was read and checked, or nothing was saved.
//! - A saved version is never changed; every decision and retrospective remembers its own (I23).
//! - No expression costs more than its bounds, and none fails: what cannot be told is an answer.
//! - No fact counts a red incident, and a trial counts only incidents that its viewer may see.
//!
//! Tables: `policy_versions`, `policy_decisions`. No other slice names them.

mod api;
mod check;
mod decide;
mod decision;
mod document;
mod edit;
mod expression;
mod fact;
mod facts;
pub mod file;
mod gather;
mod pages;
mod pages_trial;
mod save;
mod simulate;
mod store;
mod store_decisions;
#[cfg(test)]
mod tests;
mod verdict;
mod version;

pub use api::routes as api_routes;
pub use decide::{Choice, Missing, ToDo, Tried, choose};
pub use decision::{
    Known, Outcome, Proposal, Proposer, answered, incident_moved, is_due, proposal,
};
pub use document::{Anchor, Depth, Document, Policy, Wrong};
pub use pages::routes;
pub use save::{restore, save, save_within, unknown_kinds};
pub use simulate::{Span, Trial, effort_in_words, simulate};
pub use store_decisions::{Decision, DecisionId, of_incident};
pub use version::{Current, current};

/// The policy that Afterword begins with.
pub const SHIPPED: &str = include_str!("default.toml");
