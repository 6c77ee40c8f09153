//! Search: everything that was written down, found by its words.
//!
//! An index (tantivy) stands beside the database on every node. It follows the record of activity:
//! what a line touched is read again and replaced, and the line's number is committed with it, so that
//! index and place are one. It is a cache: when it is missing, damaged or of another version it is made
//! anew while the server answers, and the database answers meanwhile.
//!
//! Invariants
//! - Every match passes the gate before it is counted: who may see the incident, and the people of a
//!   draft. Nothing else is counted, suggested or told of.
//! - What is shown of a hit is read from the database as the viewer sees it.
//! - The place that is followed is committed with the documents, never apart.
//! - A search that fails says so; it never answers "nothing".
//!
//! Tables: none. It asks the other slices.

mod clause;
mod collect;
mod counts;
mod doc;
mod engine;
mod fill;
mod find;
mod follow;
mod gather;
mod handle;
mod language;
mod pages;
mod api;
mod passage;
mod question;
mod show;
mod simple;
mod suggest;
mod table;
mod tokens;
#[cfg(test)]
mod relevance;
#[cfg(test)]
mod tests;

pub use api::routes as api_routes;
pub use engine::IndexError;
pub use handle::{Search, State, catch_up, rebuild, start};
pub use pages::routes;
