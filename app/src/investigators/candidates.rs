//! Whom a review could come to, and what speaks against it: read once for each search.

use super::rules::Rules;
use super::store;
use crate::access::PersonId;
use crate::incidents::participants::{Participant, Role};
use crate::incidents::{self, Incident, Label, store_index, store_parts};
use crate::people::{self, Details, Person, store_details};
use crate::retrospectives;
use crate::shell::{moment, words};
use kit::db::{Conn, Result, Time};
use std::collections::BTreeMap;

/// Somebody, with what is known of them.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub person: Person,
    pub details: Details,
    has_come: bool,
}

/// What a search knows before it asks anybody.
pub(super) struct Field {
    pub incident: Incident,
    pub rules: Rules,
    pub now: Time,
    /// Who was asked in this search already.
    pub asked: Vec<PersonId>,
    /// Who had a part in the incident.
    pub involved: Vec<Participant>,
    load: BTreeMap<PersonId, i64>,
    /// Who may see it, when not everybody may.
    listed: Option<Vec<PersonId>>,
}

impl Field {
    /// Reads it.
    pub async fn read(
        conn: &mut Conn,
        incident: Incident,
        rules: Rules,
        asked: Vec<PersonId>,
        now: Time,
    ) -> Result<Field> {
        let owned = retrospectives::load_for_system(conn).await?;
        let mut load: BTreeMap<PersonId, i64> =
            owned.into_iter().map(|one| (one.owner_id, one.n)).collect();
        for (person, n) in store::asked_of_each(conn).await? {
            *load.entry(person).or_default() += n;
        }
        let listed = match incident.label {
            Label::Red => Some(store_index::listed_for_system(conn, &incident.id).await?),
            _ => None,
        };
        let involved = store_parts::participants(conn, &incident).await?;
        Ok(Field { incident, rules, now, asked, involved, load, listed })
    }

    /// How many reviews somebody has, those that they are asked for among them.
    pub fn open(&self, id: &PersonId) -> i64 {
        self.load.get(id).copied().unwrap_or(0)
    }

    /// Whether somebody had a part in the response.
    pub fn is_involved(&self, id: &PersonId) -> bool {
        let looked_on = |one: &Participant| {
            !one.roles.is_empty() && one.roles.iter().all(|role| *role == Role::Observer)
        };
        self.involved.iter().any(|one| one.person_id.as_ref() == Some(id) && !looked_on(one))
    }

    /// Whether somebody is new here.
    pub fn is_new(&self, one: &Candidate) -> bool {
        people::months_here(&one.person, &one.details, self.now) < self.rules.tenure_months
    }

    /// What speaks against asking somebody, whichever rule looks; none when nothing does.
    pub fn against(&self, one: &Candidate) -> Option<String> {
        let (person, name) = (&one.person, &one.person.name);
        if person.deactivated_at.is_some() || !one.has_come {
            return Some(format!("{name} does not sign in here"));
        }
        if !person.seat.writes() {
            return Some(format!("{name} has the seat of {}, which writes nothing", person.seat));
        }
        if self.listed.as_ref().is_some_and(|list| !list.contains(&person.id)) {
            return Some(format!("{name} is not on the list of this incident"));
        }
        if self.asked.contains(&person.id) {
            return Some(format!("it was with {name} already"));
        }
        if one.details.is_away(&moment::today(self.now)) {
            return Some(format!("{name} is away"));
        }
        let open = self.open(&person.id);
        if open >= self.rules.most_open {
            let open = usize::try_from(open).unwrap_or(0);
            let reviews = words::count(open, "open review", "open reviews");
            return Some(format!("{name} has {reviews} already"));
        }
        None
    }
}

/// Somebody with what is known of them; nobody, when there is none of this id.
pub(super) async fn candidate(conn: &mut Conn, id: &PersonId) -> Result<Option<Candidate>> {
    let Some(person) = people::find(conn, id).await? else { return Ok(None) };
    let details = store_details::details(conn, id).await?;
    let has_come = store_details::has_come(conn, id).await?;
    Ok(Some(Candidate { person, details, has_come }))
}

/// When it was noticed: detected, else declared, else written down.
pub(super) async fn noticed(conn: &mut Conn, incident: &Incident) -> Result<Time> {
    use incidents::KeyTimeName::{Declared, Detected};
    let times = incidents::store_times::key_times(conn, incident).await?;
    let told = [Detected, Declared].into_iter();
    let mut told = told.filter_map(|name| times.iter().find(|time| time.name == name));
    Ok(told.next().map_or(incident.created_at, |time| Time::new(time.now_believed().at)))
}
