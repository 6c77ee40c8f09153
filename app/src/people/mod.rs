//! People: who is here, how they come in and how they sign in.
//!
//! A person is invited by a link and chooses a password; the first one comes by the set-up link that
//! `serve` prints. A session is a row; the browser holds its secret in a cookie and the database
//! only the secret's digest.
//!
//! Invariants
//! - No secret is stored: passwords as argon2id, cookies and links as digests.
//! - A link works once and ends; a set-up link works only while nobody is here.
//! - A wrong password and an unknown address get the same answer in the same time.
//! - Wrong tries are counted where they come from; nobody locks another one out.
//! - Colleagues see somebody's name, seat, zone, hours and chat handle. Their address, other handles and
//!   since when they are here are for themselves and administrators.
//!
//! Tables: `people`, `person_handles`, `sessions`, `invitations`. No other slice names the last three.

mod api;
mod api_here;
mod api_people;
mod details;
mod hours;
pub mod invite;
mod pages;
mod pages_person;
pub mod password;
mod person;
pub mod session;
pub mod sign_in;
mod store;
pub mod store_details;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_details;
mod tries;

pub use details::{
    Described, Details, Place, describe, months_here, parse_handle, seen, sees_all, write,
};
pub use hours::{Hours, clock_text, days_schema, parse_clock, parse_date, parse_days};
pub use pages::routes;
pub use person::{Email, Handle, Name, NewPerson, Person, parse_zone};
pub use store::{Named, all, by_handle, find, names, register};
pub use tries::Tries;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn api_routes() -> OpenApiRouter<App> {
    api::routes().merge(api_here::routes()).merge(api_people::routes())
}
