//! The catalogue: people, teams and services brought from files, of tables and of Backstage, with a look
//! before anything is written.
//!
//! Invariants
//! - All of a set of files is written in one transaction, or nothing is; a preview is the same work, not
//!   committed, so that it says what will happen.
//! - An import adds and changes; it takes nothing away. The same files again change nothing.
//! - What is not taken in is named with its file, its line and the reason.
//! - Only administrators bring people in; whoever decides brings teams and services.
//!
//! Tables: none of its own; it writes through the slices of people, teams and services.

mod api;
mod backstage;
mod bring;
mod bring_people;
mod bring_services;
mod bring_teams;
mod came;
mod pages;
mod read;
mod table;
#[cfg(test)]
mod tests;
mod wanted;

pub use api::routes as api_routes;
pub use bring::{bring, preview};
pub use came::{Came, Did, Line};
pub use pages::routes;
pub use read::{File, read};
