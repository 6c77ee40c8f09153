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
) -> Result<(), IndexError> {
    let Some((entry, docs)) = gather::story(conn, id).await? else { return Ok(()) };
    let number = docs[0].number;
    writing.forget(&story_group(number));
    writing.add(docs).await?;
    writing.table.set(number, Some(entry));
    Ok(())
}

async fn evidence(
    conn: &mut Conn,
    writing: &mut Writing<'_>,
    incident: &Incident,
    pieces: &Pieces,
) -> Result<(), IndexError> {
    let about = (&incident.id, incident.number);
    match pieces {
        Pieces::Import(import) => {
            writing.forget(&import_group(import.as_str()));
            let mut after = None;
            loop {
                let (docs, next) = gather::import_page(conn, about, import, after.as_ref()).await?;
                writing.add(docs).await?;
                let Some(next) = next else { break };
                after = Some(next);
            }
        }
        Pieces::Loose(at) => {
            writing.forget(&loose_group(incident.number, at.microseconds()));
            let mut after = (*at, String::new());
            loop {
                let (docs, next) = gather::loose_page(conn, about, &after, *at).await?;
                writing.add(docs).await?;
                let Some(next) = next else { break };
                after = next;
            }
        }
    }
    Ok(())
}
