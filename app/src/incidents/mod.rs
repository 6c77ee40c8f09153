//! Incidents: something is broken for someone, or nearly was, and people are on it.
//!
//! An incident is *declared* once, also after the fact; its key times, impact and people are written
//! down while it runs and corrected at any time after. What happened in between belongs to
//! `timeline`; what is learned from it to `retrospectives`.
//!
//! Invariants
//! - A red incident exists only for the people on its list: to anyone else it is not found.
//! - The recorded key time is kept when it is overridden (I10).
//! - Durations are never stored: they follow from times and windows, so a correction is seen at once.
//! - A red incident keeps at least one person on its list.
//!
//! Tables: `incidents`, `incident_access`, `incident_statuses`, `severities`, `incident_services`,
//! `incident_teams`, `participants`, `impact_windows`, `key_times`, `related_incidents`,
//! `brought_incidents`. No other
//! slice writes them.

mod api;
mod api_life;
mod api_parts;
mod api_people;
#[cfg(test)]
mod api_tests;
mod api_migrate;
pub mod change;
pub mod declare;
pub mod duration;
pub mod facts;
pub mod impact;
mod incident;
pub mod key_time;
pub mod migrate;
mod pages;
mod pages_parts;
pub mod participants;
pub mod recorded;
pub mod store;
mod store_list;
pub mod store_often;
mod store_migrate;
pub mod store_index;
pub mod store_many;
pub mod store_parts;
pub mod store_times;
mod store_whole;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_whole;
pub mod times;

pub use api::Told;
pub use impact::{Window, WindowId};
pub use incident::{
    Detection, Incident, IncidentId, Key, Kind, Label, Status, Title, parse_severity,
};
pub use key_time::{KeyTimeName, Moment, Precision};
pub use pages::routes;
pub use recorded::KeyTime;
pub use store::{Filter, find, find_by_id, list};
pub use store_whole::{HitService, Whole, find_whole};

use crate::access::Viewer;
use crate::app::App;
use crate::{calendars, services, teams};
use kit::db::{Conn, Result as DbResult};
use kit::web::Problem;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn api_routes() -> OpenApiRouter<App> {
    api::routes().merge(api_life::routes()).merge(api_parts::routes()).merge(api_people::routes())
}

/// Whether this person decides about the review of this incident: administrators, editors, and
/// whoever commanded it.
///
/// # Errors
/// What the database says.
pub async fn may_decide(conn: &mut Conn, viewer: &Viewer, incident: &Incident) -> DbResult<bool> {
    if viewer.can_decide() || !viewer.can_write() {
        return Ok(viewer.can_decide());
    }
    Ok(decides(viewer, &store_parts::participants(conn, incident).await?))
}

/// The same, of an incident whose participants were read.
#[must_use]
pub fn decides(viewer: &Viewer, participants: &[participants::Participant]) -> bool {
    if viewer.can_decide() || !viewer.can_write() {
        return viewer.can_decide();
    }
    let commands = |one: &participants::Participant| {
        one.person_id.as_ref() == Some(&viewer.id) && one.is(participants::Role::Commander)
    };
    participants.iter().any(commands)
}

/// Refuses who does not decide about the review of this incident.
///
/// # Errors
/// 403 in words.
pub async fn must_decide(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<(), Problem> {
    if may_decide(conn, viewer, incident).await? {
        return Ok(());
    }
    Err(Problem::forbidden(
        "The commander of the incident decides this, or an editor. Ask one of them.",
    ))
}

/// The incident of a key in a path with all that belongs to it, or the problem that it does not exist for
/// this viewer; `with_people`, also the people one may choose from.
///
/// # Errors
/// 404, the same for what is hidden and what never was.
pub async fn need_whole(
    conn: &mut Conn,
    viewer: &Viewer,
    key: &str,
    with_people: bool,
) -> Result<(Incident, Whole), Problem> {
    let key = Key::parse(key).map_err(|_| Problem::not_found())?;
    find_whole(conn, viewer, key, with_people).await?.ok_or_else(Problem::not_found)
}

/// The incident of a key in a path, or the problem that it does not exist for this viewer.
///
/// # Errors
/// 404, the same for what is hidden and what never was.
pub async fn need(conn: &mut Conn, viewer: &Viewer, key: &str) -> Result<Incident, Problem> {
    let key = Key::parse(key).map_err(|_| Problem::not_found())?;
    find(conn, viewer, key).await?.ok_or_else(Problem::not_found)
}

/// When the people work whom an incident concerns: the team that it names first, else the one that owns
/// the most critical service it hit, else everybody.
///
/// # Errors
/// What the database says.
pub async fn working(conn: &mut Conn, incident: &Incident) -> DbResult<calendars::Working> {
    let named = store_parts::teams(conn, incident).await?.into_iter().next().map(|hit| hit.slug);
    let slug = match named {
        Some(slug) => Some(slug),
        None => {
            let hit = store_parts::services(conn, incident).await?;
            let mut own = services::all(conn).await?;
            own.retain(|one| hit.iter().any(|service| service.slug == one.slug));
            own.sort_by_key(|one| one.tier);
            own.into_iter().find_map(|one| one.team_slug)
        }
    };
    let team = match slug {
        Some(slug) => teams::find(conn, &slug).await?,
        None => None,
    };
    calendars::of_team(conn, team.map(|team| team.id).as_ref()).await
}
