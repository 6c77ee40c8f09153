//! The parts that people have in a retrospective: which nobody has, and where somebody who had a part in
//! the incident should not have one here. Warnings, never gates.

use super::retrospective::{Retrospective, Role};
use super::store_people::{self, InRole};
use crate::access::Viewer;
use crate::incidents::participants::{Participant, Role as Response};
use crate::incidents::{self, store_parts};
use crate::kinds::Kind;
use crate::policy;
use kit::db::Conn;
use kit::web::Problem;

/// Who has which part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    /// Roles that are asked for and that nobody has, as people say them.
    pub vacant: Vec<String>,
    /// What one may want to look at, in sentences.
    pub warnings: Vec<String>,
}

/// Reads them.
pub(super) async fn read(
    conn: &mut Conn,
    viewer: &Viewer,
    retro: &Retrospective,
) -> Result<Parts, Problem> {
    let people = store_people::people(conn, &retro.id).await?;
    let incident = incidents::find_by_id(conn, viewer, &retro.incident_id).await?;
    let incident = incident.ok_or_else(Problem::not_found)?;
    let there = store_parts::participants(conn, &incident).await?;
    let decision = policy::of_incident(conn, viewer, &incident).await?;
    let opened = decision
        .filter(|one| matches!(one.outcome, policy::Outcome::Accepted | policy::Outcome::Changed));
    let asked = opened.map(|one| one.choice.0.roles).unwrap_or_default();
    Ok(Parts {
        vacant: vacant(retro.kind(), &asked, &people, &there),
        warnings: warnings(retro.kind(), &people, &there),
    })
}

/// Whether somebody worked on the incident: was there, and not only to look on.
fn worked(one: &InRole, there: &[Participant]) -> bool {
    there.iter().any(|own| {
        let looked_on =
            !own.roles.is_empty() && own.roles.iter().all(|role| *role == Response::Observer);
        own.person_id.as_ref() == Some(&one.person_id) && !looked_on
    })
}

fn vacant(kind: &Kind, asked: &[String], people: &[InRole], there: &[Participant]) -> Vec<String> {
    let has = |role: &str| {
        let owns =
            matches!(role, "owner" | "investigator") || kind.owner_role.as_deref() == Some(role);
        people.iter().any(|one| one.role.name() == role || (owns && one.role == Role::Owner))
            || there.iter().any(|one| one.roles.iter().any(|own| own.name() == role))
    };
    let mut vacant: Vec<String> = Vec::new();
    for role in kind.roles.iter().chain(asked) {
        // The policy's words may say more: "independent facilitator".
        let last = role.rsplit(' ').next().unwrap_or(role);
        let name = role.replace('_', " ");
        if !has(role) && !has(&role.replace(' ', "_")) && !has(last) && !vacant.contains(&name) {
            vacant.push(name);
        }
    }
    vacant
}

fn warnings(kind: &Kind, people: &[InRole], there: &[Participant]) -> Vec<String> {
    let mut warnings = Vec::new();
    let in_role = |role: Role| people.iter().filter(move |one| one.role == role);
    if kind.facilitator_independent {
        for one in in_role(Role::Facilitator).filter(|one| worked(one, there)) {
            warnings.push(format!(
                "{} worked on the incident. For a {} somebody who did not should facilitate: it is easier to ask when one was not there.",
                one.name, kind.name.to_lowercase()
            ));
        }
        for one in in_role(Role::Facilitator) {
            if in_role(Role::Owner).any(|owner| owner.person_id == one.person_id) {
                warnings.push(format!(
                    "{} owns and facilitates it. For a {} these are better two people: one writes what was found, the other sees that everybody is heard.",
                    one.name, kind.name.to_lowercase()
                ));
            }
        }
    }
    for one in in_role(Role::Approver) {
        if in_role(Role::Owner).any(|owner| owner.person_id == one.person_id) {
            warnings.push(format!(
                "{} approves what they write. Somebody else would see more.",
                one.name
            ));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::{InRole, Participant, Response, Role, vacant, warnings};
    use crate::access::PersonId;
    use crate::incidents::participants::ParticipantId;
    use crate::kinds;
    use kit::db::Json;

    fn id(n: u8) -> PersonId {
        PersonId::parse(&format!("per_{n:032x}")).unwrap()
    }

    fn has(n: u8, role: Role) -> InRole {
        InRole { person_id: id(n), name: format!("P{n}"), handle: format!("p{n}"), role }
    }

    fn was(n: u8, roles: Vec<Response>) -> Participant {
        Participant {
            id: ParticipantId::parse(&format!("par_{n:032x}")).unwrap(),
            person_id: Some(id(n)),
            name: format!("P{n}"),
            roles: Json(roles),
            joined_at: None,
            left_at: None,
            on_call: false,
            called_out_of_hours: false,
            zone: String::new(),
        }
    }

    #[test]
    fn who_worked_on_a_major_incident_is_warned_of_as_its_facilitator_and_nobody_else() {
        let (major, light) = (kinds::find("major").unwrap(), kinds::find("light").unwrap());
        let there =
            [was(1, vec![Response::Operations]), was(2, vec![Response::Observer]), was(3, vec![])];
        let said = |n| warnings(major, &[has(9, Role::Owner), has(n, Role::Facilitator)], &there);
        assert_eq!(said(1).len(), 1);
        assert!(said(2).is_empty() && said(4).is_empty(), "who looked on, or was not there");
        assert_eq!(said(3).len(), 1, "of whom nobody said what they did");
        assert_eq!(said(9).len(), 1, "who owns it");
        assert!(warnings(light, &[has(1, Role::Facilitator)], &there).is_empty());
        let both = [has(9, Role::Owner), has(9, Role::Approver)];
        assert_eq!(warnings(light, &both, &there).len(), 1);
    }

    #[test]
    fn a_part_is_vacant_until_somebody_has_it_here_or_had_it_there() {
        let major = kinds::find("major").unwrap();
        let asked = ["independent facilitator".to_owned(), "press office".to_owned()];
        let all = vacant(major, &asked, &[], &[]);
        assert!(all.contains(&"note taker".to_owned()) && all.contains(&"press office".to_owned()));
        let people = [has(1, Role::Owner), has(2, Role::Facilitator), has(3, Role::NoteTaker)];
        let there = [was(4, vec![Response::CustomerVoice, Response::Legal])];
        let left = vacant(major, &asked, &people, &there);
        for role in [
            "investigator",
            "facilitator",
            "note taker",
            "customer voice",
            "legal",
            "independent facilitator",
        ] {
            assert!(!left.contains(&role.to_owned()), "{role}");
        }
        assert!(left.contains(&"product lead".to_owned()));
    }
}
