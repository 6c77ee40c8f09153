//! The chain: one rule after another looks for somebody, and says why when it finds nobody.

use super::candidates::{Candidate, Field, candidate, noticed};
use super::rules::{Rung, Tried};
use super::store_pool::{self, Knows};
use crate::access::PersonId;
use crate::evidence;
use crate::incidents::participants::Role;
use crate::incidents::store_parts;
use crate::people::{self, Place, store_details};
use crate::services;
use crate::teams::{self, Team};
use kit::db::{Conn, Result};

/// Whom the chain chose.
#[derive(Debug)]
pub(super) struct Chosen {
    pub rule: Rung,
    pub person: PersonId,
    pub because: String,
}

/// What a search came to: somebody, or nobody; and the rules that chose nobody.
#[derive(Debug)]
pub(super) struct Found {
    pub chosen: Option<Chosen>,
    pub tried: Vec<Tried>,
}

/// Somebody and why; or why nobody.
type Look = std::result::Result<(PersonId, String), String>;

/// Lets the rules look, one after the other. Those in `done` have had their turn.
pub(super) async fn look(conn: &mut Conn, field: &Field, done: &[Rung]) -> Result<Found> {
    let mut tried = Vec::new();
    for rule in &field.rules.rungs {
        let looked = match rule {
            rule if done.contains(rule) => Err("it had its turn; it went on from there".to_owned()),
            Rung::Pool => pool(conn, field).await?,
            Rung::Nearest => nearest(conn, field).await?,
            Rung::Teammate => teammate(conn, field).await?,
            Rung::Manager => manager(conn, field).await?,
            Rung::Commander => commander(conn, field).await?,
            Rung::Last => last(conn, field).await?,
            Rung::HandedOver | Rung::ByHand => continue,
        };
        match looked {
            Ok((person, because)) => {
                return Ok(Found { chosen: Some(Chosen { rule: *rule, person, because }), tried });
            }
            Err(because) => tried.push(Tried { rule: *rule, because }),
        }
    }
    Ok(Found { chosen: None, tried })
}

/// The one with the least to carry, of those nothing speaks against; else what does.
fn best(
    field: &Field,
    of: Vec<(Candidate, i64)>,
    none: &str,
) -> std::result::Result<Candidate, String> {
    let mut against = Vec::new();
    let mut free: Vec<(i64, i64, Candidate)> = Vec::new();
    for (one, rank) in of {
        match field.against(&one) {
            Some(why) => against.push(why),
            None => free.push((rank, field.open(&one.person.id), one)),
        }
    }
    free.sort_by(|(rank, open, one), (other_rank, other_open, other)| {
        let key = |candidate: &Candidate| {
            (candidate.person.name.to_lowercase(), candidate.person.id.clone())
        };
        (rank, open).cmp(&(other_rank, other_open)).then_with(|| key(one).cmp(&key(other)))
    });
    match free.into_iter().next() {
        Some((_, _, one)) => Ok(one),
        None if against.is_empty() => Err(none.to_owned()),
        None => Err(against.join("; ")),
    }
}

/// 002-21: a trained investigator who had no part in it.
async fn pool(conn: &mut Conn, field: &Field) -> Result<Look> {
    let hit = store_parts::services(conn, &field.incident).await?;
    let knows = store_pool::knows(conn).await?;
    let known = |one: &Knows, id: &PersonId| {
        one.person_id == *id && hit.iter().any(|service| service.slug == one.slug)
    };
    let (mut of, mut against) = (Vec::new(), Vec::new());
    for one in store_pool::pool(conn).await? {
        let name = &one.name;
        if !one.is_available {
            against.push(format!("{name} cannot be asked now"));
        } else if field.is_involved(&one.person_id) {
            against.push(format!("{name} had a part in it"));
        } else if let Some(candidate) = candidate(conn, &one.person_id).await? {
            let knows_it = knows.iter().any(|row| known(row, &one.person_id));
            of.push((candidate, i64::from(!knows_it)));
        }
    }
    let none = if against.is_empty() {
        "nobody is in the trained pool".to_owned()
    } else {
        against.join("; ")
    };
    let found = best(field, of, &none);
    Ok(found
        .map_err(
            |why| if against.is_empty() || why == none { why } else { format!("{none}; {why}") },
        )
        .map(|one| {
            let id = &one.person.id;
            let own: Vec<&str> =
                knows.iter().filter(|row| known(row, id)).map(|row| row.name.as_str()).collect();
            let because = match own.is_empty() {
                true => "trained, free, and had no part in it".to_owned(),
                false => {
                    format!("trained, free, had no part in it, and knows {}", own.join(" and "))
                }
            };
            (one.person.id, because)
        }))
}

/// Who made the last change before it was noticed, if it is somebody here.
async fn changer(conn: &mut Conn, field: &Field) -> Result<std::result::Result<Candidate, String>> {
    let until = noticed(conn, &field.incident).await?;
    let changes = evidence::changes_for_system(conn, &field.incident.id, until).await?;
    let Some(change) = changes.into_iter().next() else {
        let why = "the evidence holds no deployment, configuration or flag change before it was noticed that says who made it";
        return Ok(Err(why.to_owned()));
    };
    let author = change.author.trim().trim_start_matches('@').to_owned();
    let mut id = store_details::by_handle_at(conn, Place::Code, &author).await?;
    if id.is_none() {
        id = people::by_handle(conn, &author).await?.map(|person| person.id);
    }
    let found = match id {
        Some(id) => candidate(conn, &id).await?,
        None => None,
    };
    let why = || {
        format!(
            "the last change before it was noticed is by `{author}`, whom we do not know; a handle at the code host would tell"
        )
    };
    Ok(found.ok_or_else(why))
}

/// 002-22: whoever's change it was, unless they are new.
async fn nearest(conn: &mut Conn, field: &Field) -> Result<Look> {
    let one = match changer(conn, field).await? {
        Ok(one) => one,
        Err(why) => return Ok(Err(why)),
    };
    if field.is_new(&one) {
        let (name, n) = (&one.person.name, field.rules.tenure_months);
        return Ok(Err(format!(
            "{name} has been here for fewer than {n} months; a teammate comes first"
        )));
    }
    Ok(match field.against(&one) {
        Some(why) => Err(why),
        None => {
            Ok((one.person.id, "their change is the last one before it was noticed".to_owned()))
        }
    })
}

/// The team it concerns: one that the incident names, else the owner of a service it hit, else the first
/// team of whoever made the change.
async fn team(conn: &mut Conn, field: &Field) -> Result<Option<Team>> {
    if let Some(hit) = store_parts::teams(conn, &field.incident).await?.into_iter().next() {
        return teams::find(conn, &hit.slug).await;
    }
    let hit = store_parts::services(conn, &field.incident).await?;
    let all = services::all(conn).await?;
    let mut own: Vec<&services::Service> =
        all.iter().filter(|one| hit.iter().any(|service| service.slug == one.slug)).collect();
    own.sort_by_key(|one| one.tier);
    if let Some(slug) = own.into_iter().find_map(|one| one.team_slug.clone()) {
        return teams::find(conn, &slug).await;
    }
    let Ok(changer) = changer(conn, field).await? else { return Ok(None) };
    let own = teams::of_person(conn, &changer.person.id).await?;
    let Some(first) = own.into_iter().next() else { return Ok(None) };
    Ok(teams::all(conn).await?.into_iter().find(|team| team.id == first))
}

const NO_TEAM: &str = "no team is known: the incident names none, and nobody owns what it hit";

async fn members(conn: &mut Conn, team: &Team) -> Result<Vec<Candidate>> {
    let mut all = Vec::new();
    for one in teams::members(conn).await?.into_iter().filter(|one| one.team_id == team.id) {
        all.extend(candidate(conn, &one.person_id).await?);
    }
    Ok(all)
}

/// 002-22: another one of the team; first those who had no part in it.
async fn teammate(conn: &mut Conn, field: &Field) -> Result<Look> {
    let Some(team) = team(conn, field).await? else { return Ok(Err(NO_TEAM.to_owned())) };
    let changer = changer(conn, field).await?.ok().map(|one| one.person.id);
    let all = members(conn, &team).await?;
    let others = all.into_iter().filter(|one| Some(&one.person.id) != changer.as_ref());
    let (new, known): (Vec<Candidate>, Vec<Candidate>) = others.partition(|one| field.is_new(one));
    let of = known.into_iter().map(|one| {
        let involved = i64::from(field.is_involved(&one.person.id));
        (one, involved)
    });
    let none = match new.is_empty() {
        true => format!("nobody else is in the team {}", team.name),
        false => format!("everybody else in the team {} is new here", team.name),
    };
    let found = best(field, of.collect(), &none);
    Ok(found
        .map(|one| (one.person.id, format!("of the team {}, and here for long enough", team.name))))
}

/// 002-23: the manager of the team, until they hand it over.
async fn manager(conn: &mut Conn, field: &Field) -> Result<Look> {
    let Some(team) = team(conn, field).await? else { return Ok(Err(NO_TEAM.to_owned())) };
    let Some(id) = &team.manager_id else {
        return Ok(Err(format!("nobody answers for the team {}", team.name)));
    };
    let Some(one) = candidate(conn, id).await? else { return Ok(Err(NO_TEAM.to_owned())) };
    Ok(match field.against(&one) {
        Some(why) => Err(why),
        None => Ok((one.person.id, format!("answers for the team {}", team.name))),
    })
}

/// 002-24: whoever commanded it.
async fn commander(conn: &mut Conn, field: &Field) -> Result<Look> {
    let mut of = Vec::new();
    for one in field.involved.iter().filter(|one| one.is(Role::Commander)) {
        if let Some(id) = &one.person_id {
            of.extend(candidate(conn, id).await?.map(|one| (one, 0)));
        }
    }
    let found = best(field, of, "no commander is written down who has an account here");
    Ok(found.map(|one| (one.person.id, "commanded the incident".to_owned())))
}

/// 002-24: somebody of the team it comes to in the end.
async fn last(conn: &mut Conn, field: &Field) -> Result<Look> {
    let all = teams::all(conn).await?;
    let team = field.rules.last_team.as_ref().and_then(|id| all.iter().find(|one| one.id == *id));
    let Some(team) = team else {
        return Ok(Err("no team is named to which it comes in the end".to_owned()));
    };
    let of = members(conn, team).await?.into_iter().map(|one| {
        let involved = i64::from(field.is_involved(&one.person.id));
        (one, involved)
    });
    let found = best(field, of.collect(), &format!("nobody is in the team {}", team.name));
    Ok(found.map(|one| {
        (one.person.id, format!("of the team {}, to which it comes in the end", team.name))
    }))
}
