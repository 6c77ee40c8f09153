//! Settings: what an organisation sets for itself, as versioned texts by part. What a text means is the
//! slice's to say that reads it: the kinds, the severities, the ground rules, the words.
//!
//! Invariants
//! - A version that is kept is never changed; the last one of a part is in force.
//! - A text that came with the product is kept once something remembers it.
//!
//! Tables: `settings_versions`. No other slice names it.

pub mod house;
pub mod place;
mod store;

pub use house::House;
pub use store::{
    Kept, Known, NewVersion, fingerprint, keep, list, newest, newest_known, of_fingerprint,
};

kit::words!(
    /// A part of what an organisation sets for itself.
    Part {
        /// Sections, fields, steps, roles: the kinds of review.
        Kinds = "kinds", "Kinds of review";
        /// What severities are called and mean.
        Severities = "severities", "Severities";
        /// What is said before a meeting.
        GroundRules = "ground-rules", "Ground rules";
        /// What things are called.
        Words = "words", "Words";
    }
);
