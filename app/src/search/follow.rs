//! Follows the record of activity: what a line touched is read again and replaced in the index, and
//! the line's number is committed with it.

use super::doc::{import_group, loose_group, story_group};
use super::engine::{Engine, IndexError, Writing};
use super::gather;
use crate::app::App;
use crate::audit::{self, Anchor, Followed};
use crate::evidence::ImportId;
use crate::incidents::{Incident, IncidentId, store_index};
use kit::db::{Conn, Time};
use std::collections::BTreeSet;

/// Lines that are followed in one step.
const LINES: i64 = 400;

/// Incidents that are read in one go while the index is made.
const INCIDENTS: i64 = 50;

/// Documents between two commits while the index is made.
const COMMIT: usize = 20_000;

/// Evidence to be read again.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Pieces {
    Import(ImportId),
    Loose(Time),
}

/// What some lines touched.
#[derive(Default)]
struct Touched {
    stories: BTreeSet<IncidentId>,
    evidence: BTreeSet<(IncidentId, Pieces)>,
    /// Ids of services and teams.
    named: BTreeSet<String>,
    names: bool,
}

impl Touched {
    fn by(&mut self, line: &Followed) {
        let incident = line.incident_id.as_deref().and_then(IncidentId::parse);
        let Some(incident) = incident else {
            if line.what.starts_with("team.") || line.what.starts_with("service.") {
                self.names = true;
                self.named.insert(line.object.clone());
            }
            return;
        };
        match line.what.as_str() {
            // Marks beside a piece; what it says stays.
            "evidence.pinned"
            | "evidence.unpinned"
            | "evidence.dismissed"
            | "evidence.undismissed" => {}
            what if what.starts_with("evidence.") => {
                let pieces = match ImportId::parse(&line.object) {
                    Some(import) => Pieces::Import(import),
                    None => Pieces::Loose(line.at),
                };
                self.evidence.insert((incident, pieces));
            }
            _ => {
                self.stories.insert(incident);
            }
        }
    }
}

/// Follows the next lines of the record. Says whether there were some.
///
/// # Errors
/// What the database or the index says; then it is where it was.
pub async fn step(app: &App, engine: &Engine) -> Result<bool, IndexError> {
    let position = engine.view().position.clone();
    let mut conn = app.db.read().await?;
    let lines = audit::after_for_system(&mut conn, position.n, LINES).await?;
    let Some(last) = lines.last() else { return Ok(false) };
    let to = Anchor { n: last.n, hash: last.hash.clone() };
    let mut touched = Touched::default();
    for line in &lines {
        touched.by(line);
    }
    let mut writing = engine.write().await;
    if touched.names {
        writing.name(gather::names(&mut conn).await?);
        let slugs: Vec<&String> =
            touched.named.iter().filter_map(|id| writing.table.names.slugs.get(id)).collect();
        let hit = writing.table.iter().filter(|(_, entry)| {
            let entry = &entry.entry;
            slugs.iter().any(|slug| entry.services.contains(slug) || entry.teams.contains(slug))
        });
        touched.stories.extend(hit.filter_map(|(_, entry)| IncidentId::parse(&entry.id)));
    }
    for id in &touched.stories {
        story(&mut conn, &mut writing, id).await?;
    }
    for (id, pieces) in &touched.evidence {
        let found = store_index::find_for_system(&mut conn, id).await?;
        if let Some(incident) = found {
            evidence(&mut conn, &mut writing, &incident, pieces).await?;
        }
    }
    drop(conn);
    writing.commit(to).await?;
    Ok(true)
}

async fn story(
    conn: &mut Conn,
    writing: &mut Writing<'_>,
    id: &IncidentId,
) -> Result<usize, IndexError> {
    let Some((entry, docs)) = gather::story(conn, id).await? else { return Ok(0) };
    let number = docs[0].number;
    let count = docs.len();
    writing.forget(&story_group(number));
    writing.add(docs).await?;
    writing.table.set(number, Some(entry));
    Ok(count)
}

async fn evidence(
    conn: &mut Conn,
    writing: &mut Writing<'_>,
    incident: &Incident,
    pieces: &Pieces,
) -> Result<usize, IndexError> {
    let about = (&incident.id, incident.number);
    let mut count = 0;
    match pieces {
        Pieces::Import(import) => {
            writing.forget(&import_group(import.as_str()));
            let mut after = None;
            loop {
                let (docs, next) = gather::import_page(conn, about, import, after.as_ref()).await?;
                count += docs.len();
                writing.add(docs).await?;
                let Some(next) = next else { break };
                after = Some(next);
            }
        }
        Pieces::Loose(at) => {
            writing.forget(&loose_group(incident.number, at.microseconds()));
            count += loose(conn, writing, about, (*at, String::new()), *at).await?;
        }
    }
    Ok(count)
}

async fn loose(
    conn: &mut Conn,
    writing: &mut Writing<'_>,
    about: (&IncidentId, i64),
    from: gather::Loose,
    until: Time,
) -> Result<usize, IndexError> {
    let mut after = from;
    let mut count = 0;
    loop {
        let (docs, next) = gather::loose_page(conn, about, &after, until).await?;
        count += docs.len();
        writing.add(docs).await?;
        match next {
            Some(next) => after = next,
            None => return Ok(count),
        }
    }
}

/// Puts everything there is into an empty index; others read and write meanwhile. The record is
/// followed from where it stood when this began.
///
/// # Errors
/// What the database or the index says.
pub async fn fill(app: &App, engine: &Engine) -> Result<(), IndexError> {
    let mut conn = app.db.read().await?;
    let head = audit::head(&mut conn).await?;
    let mut writing = engine.write().await;
    writing.name(gather::names(&mut conn).await?);
    drop(conn);
    let mut after = 0;
    let mut since = 0;
    loop {
        let mut conn = app.db.read().await?;
        let incidents = store_index::list_for_system(&mut conn, after, INCIDENTS).await?;
        let Some(last) = incidents.last() else { break };
        after = last.number;
        for incident in &incidents {
            since += whole(&mut conn, &mut writing, incident).await?;
        }
        drop(conn);
        if since > COMMIT {
            since = 0;
            // Not usable until the last commit: the place says that nothing is followed yet.
            let table = writing.table.clone();
            let nowhere = Anchor { n: -1, hash: head.hash.clone() };
            writing.commit(nowhere).await?;
            writing = engine.write().await;
            writing.table = table;
        }
    }
    writing.commit(head).await
}

async fn whole(
    conn: &mut Conn,
    writing: &mut Writing<'_>,
    incident: &Incident,
) -> Result<usize, IndexError> {
    let mut count = story(conn, writing, &incident.id).await?;
    for import in crate::evidence::store_index::imports_for_system(conn, &incident.id).await? {
        count += evidence(conn, writing, incident, &Pieces::Import(import)).await?;
    }
    let always = (far(false), String::new());
    let about = (&incident.id, incident.number);
    count += loose(conn, writing, about, always, far(true)).await?;
    Ok(count)
}

/// Before and after every time that is written down.
fn far(after: bool) -> Time {
    let us = if after { 7_900_000_000_000_000 } else { 0 };
    Time::from_microseconds(us).unwrap_or_else(|| unreachable!("both are years that jiff knows"))
}
