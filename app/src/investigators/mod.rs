//! Investigators: who looks into an incident, found by a chain of rules, asked, and free to say no.
//!
//! When a review is opened and nobody is named, the chain asks one person after another: a trained one,
//! the one nearest the change, a teammate; then the team's manager has it until they hand it over; then
//! the commander; then the team it comes to in the end. Whoever is asked has some of their own working
//! hours to take it; then it goes on by itself.
//!
//! Invariants
//! - The rule that chose, and why those before it did not, are kept with each turn.
//! - Nobody has to say why not. That somebody said no, and that nobody answered, is written down alike,
//!   and is counted nowhere.
//! - Nobody owns a review by silence: but for the team's manager, it is theirs when they take it.
//! - At most one person is asked at a time; nobody is asked who may not see the incident.
//! - Whom a review came to is seen by its people, by who decides about the incident, and, while they are
//!   asked, by those who are asked.
//!
//! Tables: `investigator_rules`, `investigators`, `investigator_services`, `investigator_turns`,
//! `investigator_terms`. No other slice names them.

mod answer;
mod api;
mod api_pool;
mod candidates;
mod chain;
mod hand_over;
mod pages;
mod pages_pool;
mod pool;
mod rules;
mod search;
mod seen;
mod store;
mod store_pool;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_pool;
mod terms;
mod turn;

pub use answer::{pass_on, take};
pub use hand_over::hand_over;
pub use pages::{card, routes};
pub use pool::put;
pub use rules::{Rules, Rung};
pub use search::{go_on, keep_going, led, opened, search_again};
pub use seen::{Asked, asked, unowned};
pub use store_pool::Trained;
pub use turn::{Turn, TurnState};

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn api_routes() -> OpenApiRouter<App> {
    api::routes().merge(api_pool::routes())
}
