//! Steps: what is done in a retrospective by when, and by whom; one rail with the one thing to do next.
//!
//! They come with the kind. A run of one may skip, add and reorder them, with the reason kept. A step
//! completes itself from facts, never from a tick alone: what the facts are is in `fact.rs`, and one that
//! no fact of ours shows (a survey held elsewhere) is done by words that say what was done and where.
//!
//! Invariants
//! - Whether a step is done is worked out from the facts each time; reopening a fact reopens the step.
//! - Due dates are counted in the calendar of the incident's first team.
//! - A step is skipped, put on hold, added or moved by somebody, with a reason.
//! - What the policy asked for beside the kind is a step like the others.
//! - Only the people of a draft see its steps.
//!
//! Tables: `steps`. No other slice names it.

mod api;
mod api_change;
mod fact;
mod pages;
mod plan;
mod read;
mod store;
#[cfg(test)]
mod tests;
mod verbs;

pub use api::routes as api_routes;
pub use pages::{card, routes};
pub use plan::{Planned, StepState};
pub use read::of;
pub use verbs::{NewStep, add, go_on, hold, move_before, say_done, skip, take_back, take_up};
