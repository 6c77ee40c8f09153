//! Makes an index anew: what there is is read on one side and added on the other, and neither waits for each
//! piece of the other's.

use super::doc::Doc;
use super::engine::{Engine, IndexError};
use super::gather;
use super::table::Entry;
use crate::app::App;
use crate::audit::{self, Anchor};
use crate::evidence::store_index::imports_for_system;
use crate::incidents::{Incident, store_index};
use kit::db::{Conn, Time};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Incidents that are read on one connection.
const INCIDENTS: i64 = 50;
/// Documents that are handed over together, more or less.
const HANDED_OVER: usize = 200;
/// Documents between two commits.
const COMMIT: usize = 20_000;

/// What was read: documents, and what the table keeps of incidents by their numbers.
#[derive(Default)]
struct Found {
    entries: Vec<(i64, Entry)>,
    docs: Vec<Doc>,
}

/// Puts everything there is into an empty index; others read and write meanwhile. The record is
/// followed from where it stood when this began.
///
/// # Errors
/// What the database or the index says.
pub async fn fill(app: &App, engine: &Engine) -> Result<(), IndexError> {
    let mut conn = app.db.read().await?;
    let head = audit::head(&mut conn).await?;
    let names = gather::names(&mut conn).await?;
    drop(conn);
    let (sender, receiver) = channel(4);
    let app = app.clone();
    let reading = tokio::spawn(async move { read(&app, sender).await });
    let mut writing = engine.write().await;
    writing.name(names);
    let mut found: Receiver<Found> = receiver;
    let mut since = 0;
    while let Some(Found { entries, docs }) = found.recv().await {
        since += docs.len();
        for (number, entry) in entries {
            writing.table.set(number, Some(entry));
        }
        writing.add(docs).await?;
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
    reading.await.map_err(|error| IndexError::Interrupted(error.to_string()))??;
    writing.commit(head).await
}

/// Reads everything, incident by incident, until nobody takes it any more.
async fn read(app: &App, into: Sender<Found>) -> Result<(), IndexError> {
    let mut after = 0;
    let mut found = Found::default();
    loop {
        let mut conn = app.db.read().await?;
        let incidents = store_index::list_for_system(&mut conn, after, INCIDENTS).await?;
        let Some(last) = incidents.last() else { break };
        after = last.number;
        for incident in &incidents {
            if let Some((entry, docs)) = gather::story(&mut conn, &incident.id).await? {
                found.entries.push((incident.number, entry));
                found.docs.extend(docs);
            }
            evidence(&mut conn, incident, (&mut found, &into)).await?;
        }
        drop(conn);
        if into.is_closed() {
            return Ok(());
        }
    }
    into.send(found).await.ok();
    Ok(())
}

async fn evidence(
    conn: &mut Conn,
    incident: &Incident,
    (found, into): (&mut Found, &Sender<Found>),
) -> Result<(), IndexError> {
    let about = (&incident.id, incident.number);
    for import in imports_for_system(conn, &incident.id).await? {
        let mut after = None;
        loop {
            let (docs, next) = gather::import_page(conn, about, &import, after.as_ref()).await?;
            hand_over(docs, found, into).await;
            let Some(next) = next else { break };
            after = Some(next);
        }
    }
    let mut after = (far(false), String::new());
    loop {
        let (docs, next) = gather::loose_page(conn, about, &after, far(true)).await?;
        hand_over(docs, found, into).await;
        let Some(next) = next else { return Ok(()) };
        after = next;
    }
}

async fn hand_over(docs: Vec<Doc>, found: &mut Found, into: &Sender<Found>) {
    found.docs.extend(docs);
    if found.docs.len() >= HANDED_OVER {
        // When nobody takes it, reading ends soon.
        into.send(std::mem::take(found)).await.ok();
    }
}

/// Before and after every time that is written down.
fn far(after: bool) -> Time {
    let us = if after { 7_900_000_000_000_000 } else { 0 };
    Time::from_microseconds(us).unwrap_or_else(|| unreachable!("both are years that jiff knows"))
}
