//! Configuration: what an organisation sets for itself, as files. Kinds with their sections, fields,
//! steps and roles; the policy; severities; ground rules; words. Out into a folder, compared with it,
//! applied from it; reviewed like code.
//!
//! Invariants
//! - Files are applied all together in one transaction, or nothing is changed.
//! - Every fault of every file is told, with line, column and the nearest right name.
//! - What was in force stays readable; what was opened with it keeps it.
//!
//! Tables: none; the texts are settings and policies.

mod api;
mod apply;
mod check;
mod file;
mod pages;
#[cfg(test)]
mod tests;

pub use api::routes as api_routes;
pub use apply::{apply, changes};
pub use check::{Checked, check};
pub use file::{Configuration, Current, File, Files};
pub use pages::routes;
