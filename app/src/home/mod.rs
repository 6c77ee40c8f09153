//! Home: each person's next step in one sentence, then the others, then what is worth reading. It reads
//! many slices and changes none; a slice that has something for somebody is asked for it here.
//!
//! Invariants
//! - It shows nobody another person's steps, and no draft to anyone but its people.
//! - One thing stands first; nothing is counted per person for anybody else.
//!
//! Tables: none.

mod api;
#[cfg(test)]
mod api_tests;
mod asked;
mod pages;
mod steps;
#[cfg(test)]
mod tests;

pub use api::routes as api_routes;
pub use pages::routes;
