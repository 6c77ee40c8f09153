//! The shell: what every page is inside of. Style, islands, the frame with its navigation, words for
//! times, and the pages that say what went wrong.
//!
//! Invariants
//! - No page loads anything from elsewhere, has a script or style of its own inside, or needs
//!   JavaScript to be read.
//! - Every response carries the security headers, errors too.
//!
//! Tables: none.

pub mod assets;
pub mod frame;
pub mod headers;
pub mod json;
pub mod moment;
pub mod trouble;
pub mod words;

pub use frame::{Frame, Page, page};
