//! Teams of files.

use super::bring::Work;
use super::came::{Did, Line};
use super::wanted::{At, Pointer, WantedTeam};
use crate::access::PersonId;
use crate::people::Name;
use crate::teams::{self, Team, TeamId, TeamSaid};
use kit::web::Problem;

fn pointer(wanted: &WantedTeam) -> Pointer {
    match &wanted.reference {
        Some(reference) => Pointer::Ref(reference.clone()),
        None => Pointer::Named(wanted.name.clone()),
    }
}

/// The team that is meant: by its reference, its slug or its name.
fn find(work: &Work<'_>, wanted: &WantedTeam) -> Option<Team> {
    let found = work.team(&pointer(wanted));
    found.or_else(|| work.team(&Pointer::Named(wanted.name.clone()))).cloned()
}

/// Whether another team has a name or the slug that it would get.
fn taken(work: &Work<'_>, name: &Name, but: Option<&TeamId>) -> bool {
    let slug = teams::slug(name.as_str());
    work.teams.iter().any(|one| {
        Some(&one.id) != but
            && (one.name.to_lowercase() == name.key() || (but.is_none() && one.slug == slug))
    })
}

/// Adds a team, or changes what the file says of it.
pub(super) async fn bring(
    work: &mut Work<'_>,
    at: &At,
    wanted: &WantedTeam,
) -> Result<(), Problem> {
    if let Some(reference) = &wanted.reference
        && let Some(id) = teams::store::by_ref(work.tx, reference).await?
    {
        work.by_ref.insert(reference.clone(), id.to_string());
    }
    let name = match Name::parse(&wanted.name) {
        Ok(name) => name,
        Err(why) => {
            work.aside("team", &wanted.name, at, why);
            return Ok(());
        }
    };
    let found = find(work, wanted);
    if taken(work, &name, found.as_ref().map(|team| &team.id)) {
        work.aside(
            "team",
            name.as_str(),
            at,
            "Another team has this name, or one that reads alike.",
        );
        return Ok(());
    }
    let mut line = Line::of("team", name.as_str(), at);
    let description = wanted.description.as_deref();
    let description = description.map(|text| work.description("team", name.as_str(), at, text));
    let team = match found {
        Some(team) => team,
        None => {
            line.did = Did::Added;
            found_team(work, &name).await?
        }
    };
    let mut is_other = line.differs("name", &team.name, name.as_str());
    let description = description.unwrap_or_else(|| team.description.clone());
    is_other |= line.differs("description", &team.description, &description);
    let Some(_) = work.line(team.id.as_str(), line) else { return Ok(()) };
    if is_other {
        let said = TeamSaid { name: name.clone(), description, manager: team.manager_id.clone() };
        teams::store::update(work.tx, &team.id, &said).await?;
        let anew = Team {
            name: said.name.as_str().to_owned(),
            description: said.description,
            ..team.clone()
        };
        work.teams.retain(|one| one.id != team.id);
        work.teams.push(anew);
    }
    if let Some(reference) = &wanted.reference {
        teams::store::set_ref(work.tx, &team.id, reference).await?;
        work.by_ref.insert(reference.clone(), team.id.to_string());
    }
    Ok(())
}

async fn found_team(work: &mut Work<'_>, name: &Name) -> Result<Team, Problem> {
    let id = teams::store::insert(work.tx, name, work.now).await?;
    let team = Team {
        id,
        slug: teams::slug(name.as_str()),
        name: name.as_str().to_owned(),
        description: String::new(),
        manager_id: None,
        manager_name: None,
    };
    work.teams.push(team.clone());
    Ok(team)
}

/// Puts a team's people into it, and says who answers for it.
pub(super) async fn join(
    work: &mut Work<'_>,
    members: &mut Vec<(TeamId, PersonId)>,
    at: &At,
    wanted: &WantedTeam,
) -> Result<(), Problem> {
    let Some(team) = find(work, wanted) else { return Ok(()) };
    for pointer in &wanted.members {
        match work.person(pointer).cloned() {
            Some(person) => work.join(members, &team, &person, team.id.as_str()).await?,
            None => {
                let why = format!("`{}` is to be in it, and nobody here is that.", pointer.text());
                work.aside("team", &team.name, at, why);
            }
        }
    }
    let Some(pointer) = &wanted.manager else { return Ok(()) };
    let Some(person) = work.person(pointer).cloned() else {
        let why = format!("`{}` is to answer for it, and nobody here is that.", pointer.text());
        work.aside("team", &team.name, at, why);
        return Ok(());
    };
    if team.manager_id.as_ref() == Some(&person.id) {
        return Ok(());
    }
    let Ok(name) = Name::parse(&team.name) else { return Ok(()) };
    let description = team.description.clone();
    let said = TeamSaid { name, description, manager: Some(person.id.clone()) };
    teams::store::update(work.tx, &team.id, &said).await?;
    work.note(team.id.as_str(), format!("{} answers for it", person.name));
    Ok(())
}
