//! People of files. A new one has no password; an administrator gives them an invitation.

use super::bring::Work;
use super::came::{Did, Line};
use super::wanted::{At, Pointer, WantedPerson};
use crate::access::{PersonId, Seat};
use crate::people::{
    self, Details, Email, Handle, Hours, Name, NewPerson, Person, Place, parse_date, parse_zone,
    store_details,
};
use crate::teams::TeamId;
use kit::web::Problem;

/// What a file says of somebody, each part read.
struct Said {
    handle: Handle,
    name: Option<Name>,
    email: Option<Email>,
    zone: Option<String>,
    seat: Option<Seat>,
    works: Option<Hours>,
    joined_on: Option<String>,
    away_until: Option<String>,
    handles: Vec<(Place, String)>,
}

fn may<T, E: std::fmt::Display>(
    text: Option<&String>,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, String> {
    text.map(|text| read(text).map_err(|why| why.to_string())).transpose()
}

fn read(wanted: &WantedPerson) -> Result<Said, String> {
    let date = |text: &str| parse_date(text).map(|day| day.to_string());
    let works = match (&wanted.works_days, &wanted.works_from, &wanted.works_to) {
        (None, None, None) => None,
        (days, from, to) => {
            let text =
                |part: &Option<String>, shipped: &str| part.clone().unwrap_or(shipped.into());
            let days = text(days, "1-5");
            let hours = Hours::parse(&days, &text(from, "09:00"), &text(to, "17:00"));
            Some(hours.map_err(|(field, why)| format!("works_{field}: {why}"))?)
        }
    };
    let mut handles = Vec::new();
    for (place, text) in
        [(Place::Chat, &wanted.chat), (Place::Code, &wanted.code), (Place::Pager, &wanted.pager)]
    {
        let handle = may(text.as_ref(), people::parse_handle)?;
        handles.extend(handle.map(|handle| (place, handle)));
    }
    Ok(Said {
        handle: Handle::parse(&wanted.handle)?,
        name: may(wanted.name.as_ref(), Name::parse)?,
        email: may(wanted.email.as_ref(), Email::parse)?,
        zone: may(wanted.zone.as_ref(), parse_zone)?,
        seat: may(wanted.seat.as_ref().map(|seat| seat.to_lowercase()).as_ref(), Seat::parse)?,
        works,
        joined_on: may(wanted.joined_on.as_ref(), date)?,
        away_until: may(wanted.away_until.as_ref(), date)?,
        handles,
    })
}

/// Who is meant: by reference, handle or address.
async fn find(
    work: &mut Work<'_>,
    wanted: &WantedPerson,
    said: &Said,
) -> Result<Option<Person>, Problem> {
    if let Some(reference) = &wanted.reference
        && let Some(id) = store_details::by_ref(work.tx, reference).await?
    {
        work.by_ref.insert(reference.clone(), id.to_string());
        return Ok(work.people.iter().find(|one| one.id == id).cloned());
    }
    let by_handle = work.people.iter().find(|one| one.handle == said.handle.as_str());
    let by_address = |one: &&Person| {
        let known = one.email.as_ref().map(|email| email.to_lowercase());
        known.is_some() && known == said.email.as_ref().map(Email::key)
    };
    Ok(by_handle.or_else(|| work.people.iter().find(by_address)).cloned())
}

/// Why what a file says of somebody cannot be: something of it is somebody else's.
async fn in_the_way(
    work: &mut Work<'_>,
    said: &Said,
    found: Option<&Person>,
) -> Result<Option<String>, Problem> {
    let own = found.map(|person| person.id.clone());
    let others = work.people.iter().filter(|one| Some(&one.id) != own.as_ref());
    let key = said.email.as_ref().map(Email::key);
    let address = |one: &Person| one.email.as_ref().map(|email| email.to_lowercase());
    if key.is_some() && others.into_iter().any(|one| address(one) == key) {
        return Ok(Some("Somebody else has this address.".to_owned()));
    }
    for (place, handle) in &said.handles {
        let owner = store_details::by_handle_at(work.tx, *place, handle).await?;
        if owner.is_some() && owner != own {
            return Ok(Some(format!("Somebody else has the handle `{handle}` ({place}).")));
        }
    }
    Ok(None)
}

async fn register(work: &mut Work<'_>, said: &Said) -> Result<Person, Problem> {
    let handle = said.handle.as_str().to_owned();
    let name = match &said.name {
        Some(name) => name.clone(),
        None => Name::parse(&handle).map_err(|why| Problem::internal(&why))?,
    };
    let new = NewPerson {
        handle: said.handle.clone(),
        name,
        email: said.email.clone(),
        password_digest: None,
        seat: said.seat.unwrap_or(Seat::Reader),
        zone: said.zone.clone().unwrap_or_else(|| "UTC".to_owned()),
    };
    let id = people::register(work.tx, &new, work.now).await?;
    let person = people::find(work.tx, &id).await?;
    let person = person.ok_or_else(|| Problem::internal("who was added is gone"))?;
    work.people.push(person.clone());
    Ok(person)
}

/// Notes and gives what is another now; none when nothing is.
fn anew(line: &mut Line, known: &Details, said: &Said) -> Option<Details> {
    let mut details = known.clone();
    let words = |hours: &Option<Hours>| hours.as_ref().map(Hours::in_words).unwrap_or_default();
    let mut is_other = false;
    if said.works.is_some() {
        is_other |= line.differs("works", &words(&known.works), &words(&said.works));
        details.works.clone_from(&said.works);
    }
    let mut date = |field: &str, old: &mut Option<String>, new: &Option<String>| {
        if let Some(day) = new {
            is_other |= line.differs(field, old.as_deref().unwrap_or(""), day);
            *old = Some(day.clone());
        }
    };
    date("joined", &mut details.joined_on, &said.joined_on);
    date("away until", &mut details.away_until, &said.away_until);
    for (place, handle) in &said.handles {
        if known.handle(*place) != Some(handle.as_str()) {
            line.note(format!("a handle ({place})"));
            is_other = true;
            details.handles.retain(|(at, _)| at != place);
            details.handles.push((*place, handle.clone()));
        }
    }
    is_other.then_some(details)
}

/// Adds somebody, or changes what the file says of them.
pub(super) async fn bring(
    work: &mut Work<'_>,
    at: &At,
    wanted: &WantedPerson,
) -> Result<(), Problem> {
    let called = wanted.name.clone().unwrap_or_else(|| wanted.handle.clone());
    let said = match read(wanted) {
        Ok(said) => said,
        Err(why) => {
            work.aside("person", &called, at, why);
            return Ok(());
        }
    };
    let found = find(work, wanted, &said).await?;
    if let Some(why) = in_the_way(work, &said, found.as_ref()).await? {
        work.aside("person", &called, at, why);
        return Ok(());
    }
    let mut line = Line::of("person", &called, at);
    let person = match found {
        Some(person) => person,
        None => {
            line.did = Did::Added;
            register(work, &said).await?
        }
    };
    let name = said.name.as_ref().map_or(person.name.as_str(), Name::as_str).to_owned();
    let zone = said.zone.clone().unwrap_or_else(|| person.zone.clone());
    let renamed =
        line.differs("name", &person.name, &name) | line.differs("zone", &person.zone, &zone);
    let known = store_details::details(work.tx, &person.id).await?;
    let details = anew(&mut line, &known, &said);
    let gets_address = person.email.is_none() && said.email.is_some();
    if gets_address {
        line.note("an address".to_owned());
    }
    if work.line(person.id.as_str(), line).is_none() {
        return Ok(());
    }
    if renamed && let Ok(name) = Name::parse(&name) {
        store_details::rename(work.tx, &person.id, &name, &zone).await?;
    }
    if let Some(details) = details {
        people::write(work.tx, &person.id, &details).await?;
    }
    if let Some(email) = said.email.as_ref().filter(|_| gets_address) {
        store_details::set_email(work.tx, &person.id, email).await?;
    }
    if let Some(reference) = &wanted.reference {
        store_details::set_ref(work.tx, &person.id, reference).await?;
        work.by_ref.insert(reference.clone(), person.id.to_string());
    }
    Ok(())
}

/// Puts somebody into the teams that the file says.
pub(super) async fn join(
    work: &mut Work<'_>,
    members: &mut Vec<(TeamId, PersonId)>,
    at: &At,
    wanted: &WantedPerson,
) -> Result<(), Problem> {
    let pointer = match &wanted.reference {
        Some(reference) => Pointer::Ref(reference.clone()),
        None => Pointer::Named(wanted.handle.clone()),
    };
    let Some(person) = work.person(&pointer).cloned() else { return Ok(()) };
    for pointer in &wanted.teams {
        match work.team(pointer).cloned() {
            Some(team) => work.join(members, &team, &person, person.id.as_str()).await?,
            None => {
                let why = format!("The team `{}` of theirs is not here.", pointer.text());
                work.aside("person", &person.name, at, why);
            }
        }
    }
    Ok(())
}
