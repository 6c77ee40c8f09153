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
    Request, RequestId, State, answered_for, count_for_system, find, of_incident, open_ones,
};
