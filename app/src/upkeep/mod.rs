//! Upkeep: what an operator needs to look after the whole, whatever tables there are: made-up data for
//! trials, checking, metrics and readiness, backup and restore, everything out and in, moving between
//! databases.
//!
//! It walks rows through the catalogue that is read from the migrations, so no table can be forgotten; a
//! new slice is looked after from the day its migration is written.
//!
//! Invariants
//! - Nothing is copied into a database that holds something.
//! - A copy is compared with its source, table by table, before it is called a copy.
//! - What is made up is marked as made up, and never put among real data.
//!
//! Tables: `upkeep_marks`. No other slice names it.

pub mod all;
mod api;
mod archive;
pub mod backup;
pub mod check;
pub mod copy;
mod files;
pub mod guard;
pub mod history;
pub mod made;
pub mod metrics;
mod pages;
pub mod ready;
mod sizes;
mod store;
#[cfg(test)]
mod tests;

pub use api::routes as api_routes;
pub use pages::routes;
pub use store::{Mark, mark, set_mark};

use crate::site;
use kit::db::Db;
use kit::db::catalogue::{Table, catalogue};

/// Every table of the product, each after those it names rows of.
///
/// # Errors
/// When a migration is not understood; a test reads them all.
pub fn tables(db: &Db) -> anyhow::Result<Vec<Table>> {
    let on_sqlite = matches!(db, Db::Sqlite { .. });
    catalogue(site::MIGRATIONS, on_sqlite).map_err(|why| anyhow::anyhow!("the migrations: {why}"))
}
