//! Factors: the conditions without which it would have gone differently, and what they suggest
//! changing.
//!
//! Several explanatory paths stand side by side and none is the first; no factor is asked for as the
//! one beneath all others. The direct cause is a lens on one factor, never an end of the analysis.
//!
//! Invariants
//! - A confirmed factor cites at least one piece of evidence (I3).
//! - A factor is a condition: no column, field or query of this slice names a person (I4), except who
//!   wrote the row.
//! - At most one factor of a retrospective is looked at as the direct cause.
//! - What was taken away keeps its row and can be brought back.
//! - A factor belongs to a draft and is read through it; releases hold their own copy.
//!
//! Tables: `factors`, `factor_citations`, `factor_entries`, `recommendations`,
//! `recommendation_factors`. No other slice names them.

mod api;
mod api_forms;
mod api_recommendations;
mod factor;
mod pages;
mod recommendation;
mod store;
pub mod store_index;
mod store_recommendations;
#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod tests_api;
mod write;

pub use api::api_routes;
pub use factor::{
    Certainty, Factor, FactorId, Layer, NewFactor, Recurrence, Response, Role, Trigger, questions,
};
pub use pages::routes;
pub use recommendation::{
    NewRecommendation, Recommendation, RecommendationId, Target, change_recommendation, recommend,
    set_recommendation_away,
};
pub use store::{belonging, of_retrospective};
pub use store_recommendations::of_retrospective as recommendations_of;
pub use write::{add, change, set_away, shift};
