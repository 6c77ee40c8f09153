//! The timeline: what happened, as people tell it, citing evidence.
//!
//! Evidence is fact; an entry is an interpretation of it that can be edited, merged, split, moved and
//! undone at any time, also after publication. The first timeline is proposed from the evidence with
//! the reason for each entry; where the evidence is silent or contradicts itself, a person is asked.
//!
//! Invariants
//! - The order of entries never depends on the order in which they or their evidence arrived.
//! - An indicator or outcome without evidence is shown as unsupported until it cites some or is marked
//!   as from memory (I2).
//! - Every change is kept with what was before, and is undone whole for a day; never in parts, and
//!   never over somebody's later change.
//! - An entry that was taken away keeps its row, so that what cites it can tell.
//!
//! Tables: `timelines`, `timeline_entries`, `entry_citations`, `timeline_changes`,
//! `timeline_put_aside`. No other slice names them.

mod acts;
mod api;
mod api_acts;
mod api_forms;
mod api_proposal;
mod band;
mod change;
pub mod edit;
mod entry;
mod export;
pub mod fact;
pub mod merge;
mod pages;
pub mod promote;
pub mod propose;
pub mod shift;
mod shown;
mod store;
mod store_changes;
pub mod suggest;
mod table;
pub mod undo;
mod view;
pub mod write;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_api;

pub use acts::routes;
pub use api::api_routes;
pub use change::{ChangeId, Changed};
pub use entry::{Came, Content, Entry, EntryId};
pub use fact::{Fact, Phase};
pub use pages::card;
pub use store::count;

use crate::access::Viewer;
use crate::incidents::Incident;
use kit::db::{Conn, Result};

/// An incident's entries in the order in which they are read, each with the evidence it cites that is
/// there for this viewer. What an import brought that was taken back is not cited.
///
/// # Errors
/// What the database says.
pub async fn of_incident(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<Vec<Entry>> {
    store::supported(conn, viewer, incident).await
}

/// An incident's entries in the order in which they are read, whoever asks: for the search index.
///
/// # Errors
/// What the database says.
pub async fn find_for_system(conn: &mut Conn, incident: &Incident) -> Result<Vec<Entry>> {
    store::entries(conn, incident).await
}
