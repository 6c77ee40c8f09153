//! Evidence: what sources and people said, as they said it.
//!
//! A file is taken in whole by an importer, or a person writes a note while the incident runs. A
//! piece never changes; what it means is the timeline's to say. Taking an import back hides its
//! pieces, and bringing the file again shows them again.
//!
//! Invariants
//! - A piece's text, time and digest never change (I1); what people say of it are marks beside it.
//! - The same fact is one piece, whatever is imported again and in whatever order.
//! - An import is seen whole or not at all.
//! - The raw body is on the disk before the first row; it is never served.
//! - Tokens and e-mail addresses are in no piece, name or reason; only in the raw body.
//!
//! Tables: `imports`, `set_asides`, `evidence`, `evidence_marks`. No other slice names them.

mod api;
mod api_imports;
mod api_read;
#[cfg(test)]
mod api_tests;
pub mod bring;
pub mod capture;
pub mod chart;
pub mod files;
pub mod import;
mod pages;
mod pages_capture;
mod pages_imports;
mod piece;
mod store;
mod store_changes;
mod store_imports;
pub mod store_index;
mod store_write;
pub mod take_in;
mod upload;
pub mod words;

#[cfg(test)]
mod tests;

pub use bring::bring;
pub use import::item::{Item, Kind, Occurred, Precision, Series, Signals, ZoneOrigin};
pub use pages::{card, routes};
pub use piece::{Cursor, Evidence, EvidenceId, Import, ImportId, State, content_hash};
pub use store::{Count, Filter, counts, find, find_all, newest_of_incident, of_incident, series};
pub use store_changes::{Change, changes_for_system};
pub use store_imports::{in_state as imports_in, of_incident as imports};
pub use store_write::Mark;
pub use take_in::{Asked, To, sweep, take_in};
pub use upload::check_csrf;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn api_routes() -> OpenApiRouter<App> {
    api::routes().merge(api_read::routes()).merge(api_imports::routes())
}
