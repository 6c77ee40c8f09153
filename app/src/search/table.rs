//! What is known of each incident beside the index: who may see it and what it is narrowed by. Small,
//! in memory, and changed with the index in one step; so a changed label counts at once, without a
//! document of evidence being written again.

use crate::access::Viewer;
use crate::incidents::{Kind, Status};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kit::db::Time;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

/// Incidents that are copied together when one of them changes.
const CHUNK: usize = 256;

/// A draft and the people it exists for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Which of the incident's.
    pub nth: i64,
    /// Ids of its people.
    pub people: Vec<String>,
}

/// What is known of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Ids of those who may see it, when it is red; none for everybody.
    pub only: Option<Vec<String>>,
    /// Its drafts.
    pub drafts: Vec<Draft>,
    /// Its kind.
    pub kind: Kind,
    /// Where it is in its life.
    pub status: Status,
    /// 1 to 4.
    pub severity: Option<i64>,
    /// When it began, in microseconds since 1970.
    pub began: i64,
    /// The slugs of the services it hit.
    pub services: Vec<String>,
    /// The slugs of its teams.
    pub teams: Vec<String>,
    /// How many promised actions are still owed.
    pub owed: u32,
    /// How many actions were promised.
    pub promised: u32,
}

impl Entry {
    /// Whether the incident exists for this viewer.
    #[must_use]
    pub fn exists_for(&self, viewer: &Viewer) -> bool {
        let listed = |only: &Vec<String>| only.iter().any(|id| id == viewer.id.as_str());
        viewer.reads_everything() || self.only.as_ref().is_none_or(listed)
    }

    /// Whether the draft of this number exists for this viewer, who may see the incident.
    #[must_use]
    pub fn shares_draft(&self, viewer: &Viewer, nth: i64) -> bool {
        let draft = self.drafts.iter().find(|draft| draft.nth == nth);
        draft.is_some_and(|draft| draft.people.iter().any(|id| id == viewer.id.as_str()))
    }
}

/// An entry with what is counted of it, worked out once.
#[derive(Debug, Clone)]
pub struct Known {
    /// What is known.
    pub entry: Entry,
    /// The day on which it began, in UTC.
    pub day: Date,
    /// The numbers of its services' slugs.
    pub services: Vec<usize>,
    /// The numbers of its teams' slugs.
    pub teams: Vec<usize>,
}

impl Deref for Known {
    type Target = Entry;
    fn deref(&self) -> &Entry {
        &self.entry
    }
}

/// Slugs by number and numbers by slug.
#[derive(Debug, Clone, Default)]
pub struct Slugs {
    all: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Slugs {
    fn number(&mut self, slug: &str) -> usize {
        if let Some(number) = self.numbers.get(slug) {
            return *number;
        }
        self.all.push(slug.to_owned());
        self.numbers.insert(slug.to_owned(), self.all.len() - 1);
        self.all.len() - 1
    }

    /// The slug of a number.
    #[must_use]
    pub fn slug(&self, number: usize) -> &str {
        self.all.get(number).map_or("", String::as_str)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }
}

type Chunk = Vec<Option<Arc<Known>>>;

/// All incidents, by number.
#[derive(Debug, Clone, Default)]
pub struct Table {
    chunks: Vec<Arc<Chunk>>,
    /// The slugs of services and teams that incidents have.
    pub slugs: Arc<Slugs>,
    /// Names of services and teams by slug.
    pub names: Arc<Names>,
}

/// What services and teams are called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Services by slug.
    pub services: HashMap<String, String>,
    /// Teams by slug.
    pub teams: HashMap<String, String>,
    /// Slugs by id of a service or team.
    pub slugs: HashMap<String, String>,
}

impl Table {
    /// What is known of an incident.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Arc<Known>> {
        let number = usize::try_from(number).ok()?;
        self.chunks.get(number / CHUNK)?.get(number % CHUNK)?.as_ref()
    }

    /// Sets or forgets what is known of an incident.
    pub fn set(&mut self, number: i64, entry: Option<Entry>) {
        let Ok(number) = usize::try_from(number) else { return };
        while self.chunks.len() <= number / CHUNK {
            self.chunks.push(Arc::new(Chunk::new()));
        }
        let known = entry.map(|entry| Arc::new(self.known(entry)));
        let chunk = Arc::make_mut(&mut self.chunks[number / CHUNK]);
        while chunk.len() <= number % CHUNK {
            chunk.push(None);
        }
        chunk[number % CHUNK] = known;
    }

    fn known(&mut self, entry: Entry) -> Known {
        let slugs = Arc::make_mut(&mut self.slugs);
        let services = entry.services.iter().map(|slug| slugs.number(slug)).collect();
        let teams = entry.teams.iter().map(|slug| slugs.number(slug)).collect();
        let at = Time::from_microseconds(entry.began).map(Time::timestamp).unwrap_or_default();
        Known { day: at.to_zoned(TimeZone::UTC).date(), services, teams, entry }
    }

    /// One more than the highest number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chunks.len() * CHUNK
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// All incidents with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Arc<Known>)> {
        let all = self.chunks.iter().enumerate().flat_map(|(at, chunk)| {
            chunk.iter().enumerate().map(move |(n, entry)| ((at * CHUNK + n) as u64, entry))
        });
        all.filter_map(|(number, entry)| Some((number, entry.as_ref()?)))
    }
}
