//! Services of files, and what needs what.

use super::bring::Work;
use super::came::{Did, Line};
use super::wanted::{At, Pointer, WantedService};
use crate::people::Name;
use crate::services::{self, NewService, Service, ServiceId};
use crate::teams::{self, Team};
use kit::web::Problem;

/// The tier of a new service of which a file says none.
const TIER: i64 = 2;

fn pointer(wanted: &WantedService) -> Pointer {
    match &wanted.reference {
        Some(reference) => Pointer::Ref(reference.clone()),
        None => Pointer::Named(wanted.name.clone()),
    }
}

fn find(work: &Work<'_>, wanted: &WantedService) -> Option<Service> {
    let found = work.service(&pointer(wanted));
    found.or_else(|| work.service(&Pointer::Named(wanted.name.clone()))).cloned()
}

fn taken(work: &Work<'_>, name: &Name, but: Option<&ServiceId>) -> bool {
    let slug = teams::slug(name.as_str());
    work.services.iter().any(|one| {
        Some(&one.id) != but
            && (one.name.to_lowercase() == name.key() || (but.is_none() && one.slug == slug))
    })
}

fn tier(wanted: &WantedService, known: Option<&Service>) -> Result<i64, String> {
    let shipped = known.map_or(TIER, |service| service.tier);
    let Some(text) = &wanted.tier else { return Ok(shipped) };
    let tier = text.parse().ok().filter(|tier| (1..=4).contains(tier));
    tier.ok_or_else(|| format!("A tier is a number from 1, the most critical, to 4; not `{text}`."))
}

/// What a file says of a service, each part read.
struct Read {
    name: Name,
    tier: i64,
    team: Option<Team>,
    description: String,
}

/// Reads it, beside what is known. The owner of a file that is no team here is told apart.
fn read(
    work: &mut Work<'_>,
    at: &At,
    wanted: &WantedService,
    known: Option<&Service>,
) -> Result<Read, String> {
    let name = Name::parse(&wanted.name)?;
    let tier = tier(wanted, known)?;
    if taken(work, &name, known.map(|service| &service.id)) {
        return Err("Another service has this name, or one that reads alike.".to_owned());
    }
    let kept = known.and_then(|service| service.team_slug.clone());
    let kept = kept.and_then(|slug| work.teams.iter().find(|team| team.slug == slug).cloned());
    let team = match &wanted.team {
        None => kept,
        Some(pointer) => match work.team(pointer).cloned() {
            Some(team) => Some(team),
            None => {
                let why = format!(
                    "Its owner `{}` is no team here; it stays without that owner.",
                    pointer.text()
                );
                work.aside("owner", name.as_str(), at, why);
                kept
            }
        },
    };
    let known_words = known.map_or("", |service| service.description.as_str());
    let description = match &wanted.description {
        Some(text) => work.description("service", name.as_str(), at, text),
        None => known_words.to_owned(),
    };
    Ok(Read { name, tier, team, description })
}

/// Adds a service, or changes what the file says of it.
pub(super) async fn bring(
    work: &mut Work<'_>,
    at: &At,
    wanted: &WantedService,
) -> Result<(), Problem> {
    if let Some(reference) = &wanted.reference
        && let Some(id) = services::store::by_ref(work.tx, reference).await?
    {
        work.by_ref.insert(reference.clone(), id.to_string());
    }
    let found = find(work, wanted);
    let Read { name, tier, team, description } = match read(work, at, wanted, found.as_ref()) {
        Ok(read) => read,
        Err(why) => {
            work.aside("service", &wanted.name, at, why);
            return Ok(());
        }
    };
    let mut line = Line::of("service", name.as_str(), at);
    let new =
        NewService { name, team: team.as_ref().map(|team| team.id.clone()), tier, description };
    let mut is_other = false;
    if let Some(known) = &found {
        is_other |= line.differs("name", &known.name, new.name.as_str());
        is_other |= line.differs("tier", &known.tier.to_string(), &tier.to_string());
        let slug = team.as_ref().map(|team| &team.slug);
        if known.team_slug.as_ref() != slug {
            let (old, now) = (known.team.as_deref(), team.as_ref().map(|team| team.name.as_str()));
            is_other |= line.differs("team", old.unwrap_or(""), now.unwrap_or("nobody"));
        }
        is_other |= line.differs("description", &known.description, &new.description);
    } else {
        line.did = Did::Added;
    }
    let id = match &found {
        Some(known) => known.id.clone(),
        None => services::store::insert(work.tx, &new, work.now).await?,
    };
    if work.line(id.as_str(), line).is_none() {
        return Ok(());
    }
    if is_other {
        services::store::update(work.tx, &id, &new).await?;
    }
    let slug = found.map_or_else(|| teams::slug(new.name.as_str()), |known| known.slug);
    let (team_name, team_slug) = team.map(|team| (team.name, team.slug)).unzip();
    let name = new.name.as_str().to_owned();
    let here = Service {
        id: id.clone(),
        slug,
        name,
        team: team_name,
        tier,
        description: new.description,
        team_slug,
    };
    work.services.retain(|one| one.id != id);
    work.services.push(here);
    if let Some(reference) = &wanted.reference {
        services::store::set_ref(work.tx, &id, reference).await?;
        work.by_ref.insert(reference.clone(), id.to_string());
    }
    Ok(())
}

/// Writes down what needs what, as the files say it.
pub(super) async fn join(work: &mut Work<'_>, all: &[(At, WantedService)]) -> Result<(), Problem> {
    for (at, wanted) in all {
        let Some(own) = find(work, wanted) else { continue };
        let needs = wanted.needs.iter().map(|pointer| (pointer, true));
        let needed_by = wanted.needed_by.iter().map(|pointer| (pointer, false));
        for (pointer, is_need) in needs.chain(needed_by) {
            let Some(other) = work.service(pointer).cloned() else {
                let how = if is_need { "It needs" } else { "It is needed by" };
                let why = format!("{how} `{}`, which is no service here.", pointer.text());
                work.aside("need", &own.name, at, why);
                continue;
            };
            let (from, to) = if is_need { (&own, &other) } else { (&other, &own) };
            if from.id == to.id {
                work.aside("need", &own.name, at, "A service does not depend on itself.");
            } else if services::store::depend(work.tx, &from.id, &to.id).await? {
                let change = match is_need {
                    true => format!("needs {}", other.name),
                    false => format!("needed by {}", other.name),
                };
                work.note(own.id.as_str(), change);
            }
        }
    }
    Ok(())
}
