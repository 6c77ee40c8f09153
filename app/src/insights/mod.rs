//! Insights: how the process itself goes, as lists that can be opened and as distributions.
//!
//! How many incidents got which kind of review and by which rule, how long it took until somebody owned
//! it and until it was out, which steps are late, what was waived and why; for those who assign, what is
//! open with whom.
//!
//! Invariants
//! - No figure names or ranks people; what is open with whom is in the order of names, for those only who
//!   assign.
//! - No mean: quantiles and counts by length, with the number they are made of.
//! - Only what the viewer may see is counted.
//!
//! Tables: none; it reads those of others and changes none.

mod api;
mod pages;
mod process;
mod spread;
mod store;
#[cfg(test)]
mod tests;

pub use api::routes as api_routes;
pub use pages::routes;
