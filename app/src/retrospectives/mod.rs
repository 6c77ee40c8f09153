//! Retrospectives: what is learned from an incident, from the decision that one is written to the last
//! word of it.
//!
//! When an incident has ended, a kind is proposed; a person accepts it, takes another, or waives it and
//! says why. The retrospective then has people, a kind, a state, sections, lessons. Factors, actions,
//! risks and releases are slices of their own that hang on it.
//!
//! Invariants
//! - What covers several incidents exists only for who sees all of them (`covered_visible!`).
//! - A draft exists only for its people (`draft_visible!`), whatever their seat; everybody who sees the
//!   incident knows that it is written, in which state it is and who owns it, and no more.
//! - A state changes only by the table of moves, and each move is a row with who, when and why.
//! - A waiver has a reason and a name (I13).
//! - No edit overwrites another's (I22): each says which version it read, and every saved text is kept.
//! - No word of a draft is in an audit line: only lengths and digests are.
//!
//! Tables: `retrospectives`, `retrospective_moves`, `retrospective_people`, `retrospective_overlays`,
//! `retrospective_incidents`, `sections`, `section_versions`, `lessons`. No other slice writes them.

mod api;
mod api_begin;
mod api_decide;
mod api_forms;
mod api_kind;
mod api_lessons;
mod api_people;
mod api_sections;
mod api_versions;
mod api_waived;
mod assign;
mod change_kind;
mod covers;
mod history;
mod lessons;
mod look_back;
mod move_on;
mod near;
mod next;
mod open;
mod overlays;
mod pages;
mod pages_begin;
mod pages_covers;
mod pages_decide;
mod pages_edit;
mod pages_kind;
mod pages_people;
mod pages_waived;
mod parts;
mod retrospective;
mod share;
mod store;
mod store_covers;
pub mod store_index;
mod store_lessons;
mod store_overlays;
mod store_people;
mod store_sections;
mod store_waived;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_api;
#[cfg(test)]
mod tests_begin;
mod write;

pub use crate::incidents::may_decide;
pub use api::api_routes;
pub use assign::{assign, may_own, set_owner};
pub use change_kind::{KindPreview, change_kind, preview};
pub use covers::{access_moved, cover, leave_out};
pub use lessons::{add_lesson, change_lesson, remove_lesson, restore_lesson};
pub use look_back::{LookBack, look_back};
pub use move_on::{move_on, move_to};
pub use near::{NearMiss, report_near_miss};
pub use next::{Facts, NextStep, next_step, next_steps};
pub use open::{Opening, Waiver, open, waive};
pub use overlays::{put_on, take_off};
pub use pages::{overview, routes};
pub use pages_decide::card;
pub use retrospective::{
    Address, LessonSort, Retrospective, RetrospectiveId, Role, SectionState, State, WaiverCode,
};
pub use share::{add_person, remove_person};
pub use store::{
    Move, Summary, find, find_for_system, is_published, list, mine, moves, of_incident, undecided,
    unowned,
};
pub use store_covers::{Covered, covered};
pub use store_lessons::{Lesson, LessonId, lessons};
pub use store_people::{InRole, Load, load, load_for_system, people};
pub use store_sections::{Section, section, sections};
pub use write::{Saved, add_section, restore, say_no_action, set_section_state, set_title, write};

use crate::access::Viewer;
use crate::incidents::{self, Incident};
use kit::db::Conn;
use kit::web::Problem;

/// The draft of a path, `INC-42` or `INC-42.1`, for one of its people; without a number the newest of
/// theirs that was not waived.
///
/// # Errors
/// 404, the same for what is hidden, what is not shared with them and what never was.
pub async fn need_for_reading(
    conn: &mut Conn,
    viewer: &Viewer,
    key: &str,
) -> Result<Retrospective, Problem> {
    let address = Address::parse(key).map_err(|_| Problem::not_found())?;
    let found = store::find_draft(conn, viewer, address.key, address.nth).await?;
    found.ok_or_else(Problem::not_found)
}

/// The same, for one of its people who may write.
///
/// # Errors
/// 404 as above; 403 for a seat that writes nothing.
pub async fn need_for_writing(
    conn: &mut Conn,
    viewer: &Viewer,
    key: &str,
) -> Result<Retrospective, Problem> {
    let retro = need_for_reading(conn, viewer, key).await?;
    viewer.must_write()?;
    Ok(retro)
}

/// The retrospective of a path whose incident this viewer may see: for what everybody may know of it, who
/// owns it and where it is, and for deciding about it. Whose draft it is, is to be asked beside.
///
/// # Errors
/// 404, the same for what is hidden and what never was.
pub async fn need_known(
    conn: &mut Conn,
    viewer: &Viewer,
    key: &str,
) -> Result<(Retrospective, Incident), Problem> {
    let address = Address::parse(key).map_err(|_| Problem::not_found())?;
    let incident = incidents::find(conn, viewer, address.key).await?;
    let incident = incident.ok_or_else(Problem::not_found)?;
    let found = store::find_of(conn, viewer, &incident, address.nth).await?;
    Ok((found.ok_or_else(Problem::not_found)?, incident))
}

/// Sections of a kind first, then what else has words or was taken from the library: what a reader or
/// writer of it sees.
#[must_use]
pub fn shown(retro: &Retrospective, sections: Vec<Section>) -> Vec<Section> {
    let (own, optional) = (retro.own_sections(), &retro.kind().optional);
    let belongs = |one: &Section| {
        own.contains(&one.section.as_str())
            || optional.contains(&one.section)
            || one.added_because.is_some()
    };
    sections.into_iter().filter(|one| belongs(one) || !one.is_empty()).collect()
}
