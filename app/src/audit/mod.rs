//! Audit: the append-only record of who did what, with what was before and after.
//!
//! A verb calls [`record`] in its own transaction, so that nothing is done without its line and no
//! line tells of what was not done.
//!
//! Invariants
//! - No statement updates or deletes a line.
//! - Lines are numbered without a gap in the order of commits and chained by digests (I19); the search
//!   index follows the numbers.
//! - A line about an incident is read through the incident: who may not see the one does not see the
//!   other.
//! - Bodies of evidence, passwords and secrets are never in `before` or `after`.
//!
//! Tables: `activity`, `activity_head`. No other slice names it.

mod api;
pub mod chain;
mod pages;
mod store;
mod store_bulk;

pub use api::routes as api_routes;
pub use chain::{Anchor, Verdict, verify, verify_end};
pub use pages::routes;
pub use store::{
    Followed, Line, after_for_system, head, is_of_record, links, of_incident, recent, record,
};
pub use store_bulk::record_all;

use crate::access::PersonId;
use serde_json::Value;

kit::id!(
    /// A line's id; sorts by time.
    LineId,
    "act"
);

/// What was done.
#[derive(Debug, Clone)]
pub struct Deed<'a> {
    /// Who did it; nobody when the product did.
    pub by: Option<&'a PersonId>,
    /// A word for it: `incident.declared`.
    pub what: &'a str,
    /// The id or key of what it was done to.
    pub object: &'a str,
    /// The incident through which the line is read.
    pub incident: Option<&'a str>,
    /// What was.
    pub before: Option<Value>,
    /// What is.
    pub after: Option<Value>,
}

impl<'a> Deed<'a> {
    /// A deed with nothing to compare.
    #[must_use]
    pub fn new(by: &'a PersonId, what: &'a str, object: &'a str) -> Deed<'a> {
        Deed { by: Some(by), what, object, incident: None, before: None, after: None }
    }

    /// Of an incident.
    #[must_use]
    pub fn of(mut self, incident: &'a str) -> Deed<'a> {
        self.incident = Some(incident);
        self
    }

    /// What was before.
    #[must_use]
    pub fn before(mut self, value: Value) -> Deed<'a> {
        self.before = Some(value);
        self
    }

    /// What is after.
    #[must_use]
    pub fn after(mut self, value: Value) -> Deed<'a> {
        self.after = Some(value);
        self
    }
}
