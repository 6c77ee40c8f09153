//! Actions: what somebody promises to do after an incident, and what came of it.
//!
//! An action is proposed in a retrospective, then promised by one person with a day and a done-when,
//! or declined with a reason that stays readable. It ends verified, dropped, or as a risk that is
//! carried openly. No action is a valid result.
//!
//! Invariants
//! - An accepted action has one owning person (a team for an investigation, with a day to name one), a
//!   day and a done-when (I6); done has a note, and verified has evidence or another person's eyes (I7).
//! - States change by the one function of `action.rs`; each move is a row with who, when and why.
//! - What is only proposed or declined in an unpublished draft exists for the draft's people; the rest
//!   for who may see the incident, and always for who keeps it.
//! - No list counts, ranks or compares people (I5).
//!
//! Tables: `actions`, `action_factors`, `action_moves`. No other slice names them.

mod action;
mod api;
mod api_moves;
mod api_say;
#[cfg(test)]
mod api_tests;
mod go;
mod help;
mod pages;
mod pages_list;
mod propose;
mod said;
mod store;
pub mod store_index;
mod store_write;
#[cfg(test)]
pub(crate) mod tests;

pub use action::{Aim, Owner, Promise, Refused, State, StateName, Step};
pub use api::routes as api_routes;
pub use go::{Doing, Terms, go, move_to_risk};
pub use help::{USUAL, Usual, all_weak, days_after, days_between, proposed_due, questions};
pub use pages::{again, day, due as due_in_words, routes};
pub use propose::{edit, need, parse_key, propose};
pub use said::{Class, NewAction, Priority, Strength};
pub use store::{
    Action, ActionId, Filter, Move, Whose, factors, find, history, list, not_doing, of_incident,
    of_retrospective,
};

use crate::access::Viewer;
use kit::db::{Conn, Result};

/// How many days ahead the home page looks.
const SOON_DAYS: i64 = 14;

/// What waits for this viewer: their own due within a fortnight or past, and what is to be verified
/// in retrospectives they own. The oldest day first.
///
/// # Errors
/// What the database says.
pub async fn mine(conn: &mut Conn, viewer: &Viewer, today: &str) -> Result<Vec<Action>> {
    store::waiting(conn, viewer, &days_after(today, SOON_DAYS), 50).await
}
