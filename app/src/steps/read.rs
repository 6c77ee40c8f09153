//! The steps of a retrospective, read from where the facts are.

use super::fact::Facts;
use super::plan::{Anchors, Doer, Planned, plan};
use super::store;
use crate::access::Viewer;
use crate::incidents::participants::{Participant, Role};
use crate::incidents::{self, Incident, KeyTimeName, store_parts, store_times};
use crate::kinds::{Library, Step};
use crate::retrospectives::{self as retros, InRole, Move, Retrospective, State};
use crate::{actions, calendars, evidence, teams, timeline};
use kit::db::{Conn, Result, Time};
use kit::web::Problem;

/// The steps of a retrospective that this viewer may read.
///
/// # Errors
/// 404 when the incident is hidden; what the database says.
pub async fn of(
    conn: &mut Conn,
    viewer: &Viewer,
    retro: &Retrospective,
) -> std::result::Result<Vec<Planned>, Problem> {
    let incident = incidents::find_by_id(conn, viewer, &retro.incident_id).await?;
    let incident = incident.ok_or_else(Problem::not_found)?;
    let moves = retros::moves(conn, &retro.id).await?;
    let written = retros::Facts::read(conn, retro).await?;
    let actions = actions::of_retrospective(conn, viewer, &retro.id).await?;
    let pieces = evidence::counts(conn, viewer, &incident.id).await?;
    let facts = Facts {
        retro,
        moves: &moves,
        sections: &written.sections,
        to_write: written.to_write(retro).map(|section| section.section.as_str()),
        actions: &actions,
        evidence: pieces.iter().map(|one| one.n).sum(),
        entries: timeline::count(conn, &incident).await?,
    };
    let anchors = anchors(conn, &incident, &moves).await?;
    let working = working(conn, &incident).await?;
    let people = retros::people(conn, &retro.id).await?;
    let participants = store_parts::participants(conn, &incident).await?;
    let rows = store::rows(conn, &retro.id).await?;
    let who = |role: &str| doers(role, retro, &people, &participants);
    let mut steps = retro.steps();
    steps.extend(said_of(retro.library(), &steps, &rows));
    Ok(plan(&steps, &rows, &facts, anchors, &working, who))
}

/// Steps of another kind of which something was said before the kind was changed: no word is lost.
fn said_of(library: &'static Library, steps: &[&Step], rows: &[store::Row]) -> Vec<&'static Step> {
    let all = library.kinds.iter().flat_map(|kind| &kind.steps);
    let all = all.chain(library.overlays.iter().flat_map(|one| &one.steps));
    let find = |row: &store::Row| all.clone().find(|step| step.id == row.step);
    let said = rows.iter().filter(|row| row.done_note.is_some() || row.skip_reason.is_some());
    said.filter(|row| !steps.iter().any(|step| step.id == row.step)).filter_map(find).collect()
}

/// When the incident ended, as it is believed now, and when the meeting was held.
async fn anchors(conn: &mut Conn, incident: &Incident, moves: &[Move]) -> Result<Anchors> {
    let times = store_times::key_times(conn, incident).await?;
    let told = times.iter().find(|time| time.name == KeyTimeName::Resolved);
    let told = told.map(|time| Time::new(time.now_believed().at));
    let resolved = match told {
        Some(at) => Some(at),
        None => {
            let statuses = store_parts::statuses(conn, incident).await?;
            let last = statuses.iter().rev().find(|one| one.status == incidents::Status::Resolved);
            last.map(|one| one.at)
        }
    };
    let met = moves.iter().rev().find(|one| one.state == State::MeetingHeld).map(|one| one.at);
    Ok(Anchors { resolved, met })
}

/// When the people work whom it concerns: the incident's first team, or everybody.
async fn working(conn: &mut Conn, incident: &Incident) -> Result<calendars::Working> {
    let first = store_parts::teams(conn, incident).await?.into_iter().next();
    let team = match first {
        None => None,
        Some(hit) => teams::all(conn).await?.into_iter().find(|team| team.slug == hit.slug),
    };
    calendars::of_team(conn, team.map(|team| team.id).as_ref()).await
}

/// Who has a role in this retrospective.
fn doers(
    role: &str,
    retro: &Retrospective,
    people: &[InRole],
    participants: &[Participant],
) -> Vec<Doer> {
    let named = |name: &Option<String>| {
        let name = name.clone()?;
        let handle = people.iter().find(|one| one.name == name).map(|one| one.handle.clone());
        Some(Doer { name, handle })
    };
    let kind = retro.kind();
    let owns = kind.owner_role.as_deref().or(kind.roles.first().map(String::as_str)) == Some(role);
    if owns || matches!(role, "owner" | "investigator") {
        return named(&retro.owner_name).into_iter().collect();
    }
    if role == "facilitator" {
        return named(&retro.facilitator_name).into_iter().collect();
    }
    if role == "commander" {
        let own = participants.iter().filter(|one| one.is(Role::Commander));
        return own.map(|one| Doer { name: one.name.clone(), handle: None }).collect();
    }
    let own = people.iter().filter(|one| one.role.name() == role);
    own.map(|one| Doer { name: one.name.clone(), handle: Some(one.handle.clone()) }).collect()
}
