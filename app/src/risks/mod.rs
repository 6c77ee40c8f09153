//! Risks: what we now know could hurt us, who carries it until when, and when we look again.
//!
//! A risk is written down in a retrospective or is what remains of an action that will not happen.
//! Nothing is accepted for ever: each acceptance has a name, an end and a day of review.
//!
//! Invariants
//! - An action that becomes a risk keeps one history, and the risk has a day of review (I8).
//! - An accepted risk says by whom, until when and when it is looked at again.
//! - What is due for review follows from the clock when it is read; a decision about it is a row.
//! - A risk is read through its incident; while nobody decided about it in an unpublished draft, only
//!   the draft's people know of it.
//!
//! Tables: `risks`, `risk_factors`, `risk_actions`, `risk_services`, `risk_moves`. No other slice
//! names them.

mod api;
mod api_decide;
#[cfg(test)]
mod api_tests;
mod decide;
mod pages;
mod risk;
mod store;
pub mod store_index;
mod store_write;
#[cfg(test)]
mod tests;

pub use api::routes as api_routes;
pub use decide::{Decision, add, decide, edit, from_action, need};
pub use pages::routes;
pub use risk::{Acceptance, Level, NewRisk, Refused, State, StateName, Step};
pub use store::{
    Move, Risk, RiskId, accepted, find, history, list, mine_to_review, of_retrospective,
};
