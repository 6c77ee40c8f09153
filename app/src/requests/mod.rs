//! Requests: somebody who may read an incident asks that it is reviewed, and is answered.
//!
//! An answer is due in three business days. Opening a retrospective of the incident accepts every open
//! request, waiving it declines them with the waiver's reason; one alone is declined with a reason of
//! its own.
//!
//! Invariants
//! - A request is seen through its incident: who may not see the one does not see the other.
//! - An answer has a name and, when it is no, a reason; the asker reads it.
//! - Each person has at most one open request for an incident.
//!
//! Tables: `review_requests`. No other slice names it.

mod api;
mod ask;
mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use api::routes as api_routes;
pub use ask::{answer_all, ask, decline, may_ask};
pub use pages::{card, routes};
pub use store::{
    ForHome, Request, RequestId, State, Wanted, counts_for_system, find, for_home, of_incident,
};

/// How many of these requests were not declined.
#[must_use]
pub fn standing(all: &[Request]) -> i64 {
    let stands = |one: &&Request| one.state != State::Declined;
    i64::try_from(all.iter().filter(stands).count()).unwrap_or(i64::MAX)
}
