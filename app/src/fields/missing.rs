//! What a milestone still needs.

use super::read::{Filled, Names, of_retrospective};
use crate::kinds::Milestone;
use crate::retrospectives::{Retrospective, State};
use kit::db::{Conn, Result};
use kit::web::{FieldError, Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// A field that is empty and needed for a milestone that is still to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MissingField)]
pub struct Missing {
    /// The milestone.
    #[schema(inline)]
    pub milestone: Milestone,
    /// The field’s id.
    #[schema(example = "data-fate")]
    pub field: String,
    /// Its name.
    pub name: String,
    /// The name of its section.
    pub section: String,
}

/// What of the fields is missing, the next milestone first.
pub(super) fn of(all: &[Filled]) -> Vec<Missing> {
    let empty = all.iter().filter(|one| one.is_empty());
    let mut missing: Vec<Missing> = empty
        .filter_map(|one| {
            Some(Missing {
                milestone: one.needed_for?,
                field: one.field.id.clone(),
                name: one.field.name.clone(),
                section: one.section.to_owned(),
            })
        })
        .collect();
    missing.sort_by_key(|one| one.milestone);
    missing
}

/// Every field that a milestone still needs, the next milestone first.
///
/// # Errors
/// What the database says.
pub async fn missing(conn: &mut Conn, retro: &Retrospective) -> Result<Vec<Missing>> {
    if retro.fields().iter().all(|(_, needed)| needed.is_none()) {
        return Ok(Vec::new());
    }
    let all = of_retrospective(conn, retro, &Names::default()).await?;
    Ok(of(&all))
}

/// The last milestone that is behind a retrospective in a state.
fn last_passed(to: State) -> Option<Milestone> {
    match to {
        State::InReview => Some(Milestone::InReview),
        State::MeetingHeld | State::Finalising => Some(Milestone::MeetingHeld),
        State::Published | State::Revised => Some(Milestone::Published),
        State::Closed => Some(Milestone::Closed),
        State::Proposed
        | State::Waived
        | State::Assigned
        | State::Gathering
        | State::Drafting
        | State::OnHold => None,
    }
}

/// Whether nothing is missing that has to be there in a state.
///
/// # Errors
/// 422 with a line for each field that is empty.
pub async fn must_be_whole(
    conn: &mut Conn,
    retro: &Retrospective,
    to: State,
) -> std::result::Result<(), Problem> {
    let Some(last) = last_passed(to) else { return Ok(()) };
    let all = missing(conn, retro).await?;
    let needed: Vec<&Missing> = all.iter().filter(|one| one.milestone <= last).collect();
    if needed.is_empty() {
        return Ok(());
    }
    let error = |one: &&Missing| FieldError {
        path: format!("fields.{}", one.field),
        message: format!("“{}” ({}) is needed {}.", one.name, one.section, one.milestone),
    };
    Err(Problem::invalid(needed.iter().map(error).collect()))
}
