//! The demo organisation: an invented company with a year of incidents, so that a visitor sees the whole
//! road before walking it. It is loaded through the product's own verbs, each at its own time, so it can
//! hold no state that people could not have made.
//!
//! Invariants
//! - Nothing in it is a real company, person or address.
//! - It never ages: every time is told from the day it is loaded, but for the fresh incident's raw files.
//!
//! Tables: none.

#[expect(
    dead_code,
    reason = "the files say more than this issue's product can keep; a field unknown here would be refused"
)]
mod content;
mod fresh;
mod load;
mod load_fields;
mod load_incident;
mod load_retrospective;

pub use load::{PASSWORD, SignIn, load};

/// The company, its teams, services and people.
pub const ORGANISATION: &str = include_str!("organisation.toml");

macro_rules! incidents {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("incidents/", $name, ".toml")))),+]
    };
}

/// The incidents, in the order they are loaded.
pub const INCIDENTS: &[(&str, &str)] = incidents![
    "01-mail-not-sent",
    "02-scanners-at-midnight",
    "03-search-suggestions",
    "04-ledger-dry-run",
    "05-supplier-portal",
    "06-big-sale",
    "07-half-a-cent",
    "08-sign-in",
    "09-add-to-cart",
    "10-scanners-again",
    "11-stock-counts",
    "12-checkout-slow",
    "13-search-slow",
    "14-delivery-days",
];
