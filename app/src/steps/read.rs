//! The steps of a retrospective, read from where the facts are.

use super::fact::Facts;
use super::plan::{Anchors, Beside, Doer, Parts, Planned, plan};
use super::store;
use crate::access::Viewer;
use crate::incidents::participants::{Participant, Role};
use crate::incidents::{self, Incident, KeyTimeName, store_parts, store_times};
use crate::kinds::{Library, Step};
use crate::retrospectives::{self as retros, InRole, Move, Retrospective, State};
use crate::{actions, evidence, policy, services, teams, timeline};
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
    let working = incidents::working(conn, &incident).await?;
    let beside = beside(conn, viewer, &incident, retro).await?;
    let owners = service_owners(conn, &incident).await?;
    let people = retros::people(conn, &retro.id).await?;
    let participants = store_parts::participants(conn, &incident).await?;
    let rows = store::rows(conn, &retro.id).await?;
    let who = |role: &str| match doers(role, retro, &people, &participants) {
        none if none.is_empty() && role == "service_owner" => owners.clone(),
        found => found,
    };
    let mut steps = retro.steps();
    steps.extend(said_of(retro.library(), &steps, &rows));
    let parts = Parts {
        steps: &steps,
        beside: &beside,
        rows: &rows,
        facts: &facts,
        anchors,
        working: &working,
    };
    Ok(plan(&parts, who))
}

/// Steps of another kind of which something was said before the kind was changed: no word is lost.
fn said_of(library: &'static Library, steps: &[&Step], rows: &[store::Row]) -> Vec<&'static Step> {
    let all = library.kinds.iter().flat_map(|kind| &kind.steps);
    let all = all.chain(library.overlays.iter().flat_map(|one| &one.steps));
    let find = |row: &store::Row| all.clone().find(|step| step.id == row.step);
    let has_words = |row: &store::Row| {
        row.done_note.is_some() || row.skip_reason.is_some() || row.hold_reason.is_some()
    };
    let said = rows.iter().filter(|row| has_words(row));
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
    let own: Vec<Doer> =
        own.map(|one| Doer { name: one.name.clone(), handle: Some(one.handle.clone()) }).collect();
    if !own.is_empty() {
        return own;
    }
    // Whoever had this part in the response has it here, until somebody else is named.
    let there = participants.iter().filter(|one| one.roles.iter().any(|own| own.name() == role));
    there.map(|one| Doer { name: one.name.clone(), handle: None }).collect()
}

/// Who answers for the teams that own what was hit, the most critical first.
async fn service_owners(conn: &mut Conn, incident: &Incident) -> Result<Vec<Doer>> {
    let hit = store_parts::services(conn, incident).await?;
    let mut own = services::all(conn).await?;
    own.retain(|one| hit.iter().any(|service| service.slug == one.slug));
    own.sort_by_key(|one| one.tier);
    let teams = teams::all(conn).await?;
    let managers = own.iter().filter_map(|one| {
        let team = teams.iter().find(|team| one.team_slug.as_ref() == Some(&team.slug))?;
        team.manager_name.clone()
    });
    let mut doers: Vec<Doer> = Vec::new();
    for name in managers {
        if doers.iter().all(|one| one.name != name) {
            doers.push(Doer { name, handle: None });
        }
    }
    Ok(doers)
}

/// What the policy asked for beside the kind that was taken: what belongs to the rule that chose, when
/// its kind was taken, and what came on top in any case; but what the kind has as a step already. It belongs
/// to the first review of the incident.
async fn beside(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
    retro: &Retrospective,
) -> Result<Vec<Beside>> {
    let decision = policy::of_incident(conn, viewer, incident).await?;
    let opened = |one: &policy::Decision| {
        matches!(one.outcome, policy::Outcome::Accepted | policy::Outcome::Changed)
    };
    let Some(decision) = decision.filter(|one| retro.nth == 1 && opened(one)) else {
        return Ok(Vec::new());
    };
    let (choice, decided) = (decision.choice.0, decision.made_at);
    let is_taken = decision.outcome == policy::Outcome::Accepted;
    let own = choice.why.clone();
    let steps = retro.steps();
    let is_there = |what: &str| steps.iter().any(|step| step.name == what);
    let asked = choice.to_do.into_iter().filter(|one| is_taken || !one.why.is_empty());
    let asked = asked.filter(|one| !is_there(&one.what));
    let beside = asked.filter_map(|one| {
        let offset = one.within.parse().ok()?;
        let why = if one.why.is_empty() { own.clone() } else { one.why };
        Some(Beside { what: one.what, offset, why, decided })
    });
    Ok(beside.collect())
}
