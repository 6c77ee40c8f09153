//! Entries in the database. Each read takes the [`Incident`], which was found for the viewer, and an
//! entry is looked up together with it. Changes are in `store_changes.rs`.

use super::entry::{Entry, EntryId, sort};
use super::fact::Fact;
use crate::access::Viewer;
use crate::evidence::EvidenceId;
use crate::incidents::{Incident, IncidentId};
use crate::{cited_is_there, visible};
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;
use std::collections::HashMap;

macro_rules! columns {
    () => {
        "e.id, e.incident_id, e.at, e.until, e.precision, e.uncertainty_s, e.fact, e.phase, e.text, \
         e.actor, e.known_then, e.learned_at, e.from_memory, e.result, e.tie, e.created_by, \
         e.created_at, e.updated_at, e.version, e.deleted_at"
    };
}

#[derive(sqlx::FromRow)]
struct Citation {
    entry_id: EntryId,
    evidence_id: EvidenceId,
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

/// How many entries an incident has.
///
/// # Errors
/// What the database says.
pub async fn count(conn: &mut Conn, incident: &Incident) -> Result<i64> {
    let select = query(sql!(
        "select count(*) as n from timeline_entries where incident_id = $1 and deleted_at is null"
    ));
    let count: Count = select.bind(incident.id.clone()).one(conn).await?;
    Ok(count.n)
}

/// An incident's entries in the order in which they are read, each with all that it cites.
///
/// # Errors
/// What the database says.
pub async fn entries(conn: &mut Conn, incident: &Incident) -> Result<Vec<Entry>> {
    let select = query(sql!(
        "select c.entry_id, c.evidence_id from entry_citations c
         join timeline_entries e on e.id = c.entry_id
         where e.incident_id = $1 and e.deleted_at is null order by c.entry_id, c.evidence_id"
    ));
    let citations = select.bind(incident.id.clone()).all(conn).await?;
    with(conn, incident, citations).await
}

/// An incident's entries in the order in which they are read, each with what it cites that is there
/// for this viewer.
///
/// # Errors
/// What the database says.
pub async fn supported(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<Vec<Entry>> {
    let select = query(sql!(concat!(
        "select c.entry_id, c.evidence_id from entry_citations c
         join timeline_entries e on e.id = c.entry_id
         join incidents i on i.id = e.incident_id
         where e.incident_id = $3 and e.deleted_at is null and ",
        cited_is_there!(),
        " and ",
        visible!(),
        " order by c.entry_id, c.evidence_id"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let citations = select.bind(incident.id.clone()).all(conn).await?;
    with(conn, incident, citations).await
}

async fn with(
    conn: &mut Conn,
    incident: &Incident,
    citations: Vec<Citation>,
) -> Result<Vec<Entry>> {
    let select = query(sql!(concat!(
        "select ",
        columns!(),
        " from timeline_entries e where e.incident_id = $1 and e.deleted_at is null
          order by e.at, e.tie, e.id"
    )));
    let mut entries: Vec<Entry> = select.bind(incident.id.clone()).all(conn).await?;
    let mut by_entry: HashMap<EntryId, Vec<EvidenceId>> = HashMap::new();
    for citation in citations {
        by_entry.entry(citation.entry_id).or_default().push(citation.evidence_id);
    }
    for entry in &mut entries {
        entry.cites = by_entry.remove(&entry.id).unwrap_or_default();
    }
    sort(&mut entries);
    Ok(entries)
}

/// How many entries an incident has, and how many of them say what evidence should show and cite none
/// that is there.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Tally {
    /// All.
    pub entries: i64,
    /// Those without support.
    pub unsupported: i64,
}

/// Counts an incident's entries.
///
/// # Errors
/// What the database says.
pub async fn tally(conn: &mut Conn, viewer: &Viewer, incident: &Incident) -> Result<Tally> {
    let select = query(sql!(concat!(
        "select count(*) as entries,
                count(case when e.fact in ($4, $5) and not e.from_memory and not exists (
                    select 1 from entry_citations c where c.entry_id = e.id and ",
        cited_is_there!(),
        ") then 1 end) as unsupported
         from timeline_entries e join incidents i on i.id = e.incident_id
         where e.incident_id = $3 and e.deleted_at is null and ",
        visible!()
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let select = select.bind(incident.id.clone()).bind(Fact::Indicator).bind(Fact::Outcome);
    select.one(conn).await
}

/// An entry of this incident, also one that was taken away.
///
/// # Errors
/// What the database says.
pub async fn find_even_deleted(
    conn: &mut Conn,
    incident: &IncidentId,
    id: &EntryId,
) -> Result<Option<Entry>> {
    let select = query(sql!(concat!(
        "select ",
        columns!(),
        " from timeline_entries e where e.id = $1 and e.incident_id = $2"
    )));
    let found: Option<Entry> =
        select.bind(id.clone()).bind(incident.clone()).optional(conn).await?;
    let Some(mut entry) = found else { return Ok(None) };
    let select = query(sql!(
        "select c.entry_id, c.evidence_id from entry_citations c where c.entry_id = $1
         order by c.evidence_id"
    ));
    let citations: Vec<Citation> = select.bind(id.clone()).all(conn).await?;
    entry.cites = citations.into_iter().map(|citation| citation.evidence_id).collect();
    Ok(Some(entry))
}

/// An entry of this incident.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, incident: &IncidentId, id: &EntryId) -> Result<Option<Entry>> {
    let found = find_even_deleted(conn, incident, id).await?;
    Ok(found.filter(|entry| entry.deleted_at.is_none()))
}

/// Adds an entry with what it cites.
///
/// # Errors
/// What the database says.
pub async fn insert(tx: &mut Tx, entry: &Entry) -> Result<()> {
    let insert = query(sql!(
        "insert into timeline_entries (id, incident_id, at, until, precision, uncertainty_s, fact,
            phase, text, actor, known_then, learned_at, from_memory, result, tie, created_by,
            created_at, updated_at, version, deleted_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20)"
    ));
    let insert = bind_content(insert.bind(entry.id.clone()).bind(entry.incident_id.clone()), entry);
    let insert = insert.bind(entry.created_by.clone()).bind(entry.created_at);
    let insert = insert.bind(entry.updated_at).bind(entry.version).bind(entry.deleted_at);
    insert.run(tx).await?;
    for evidence in &entry.cites {
        cite(tx, &entry.id, evidence).await?;
    }
    Ok(())
}

fn bind_content(query: kit::db::Query, entry: &Entry) -> kit::db::Query {
    let query = query.bind(entry.at).bind(entry.until).bind(entry.precision);
    let query = query.bind(entry.uncertainty_s).bind(entry.fact).bind(entry.phase);
    let query = query.bind(entry.text.clone()).bind(entry.actor.clone()).bind(entry.known_then);
    let query = query.bind(entry.learned_at).bind(entry.from_memory).bind(entry.result);
    query.bind(entry.tie)
}

/// Writes an entry as it is now, if nobody else did since the version before it. Says whether it did.
///
/// # Errors
/// What the database says.
pub async fn update(tx: &mut Tx, entry: &Entry) -> Result<bool> {
    let update = query(sql!(
        "update timeline_entries set at = $3, until = $4, precision = $5, uncertainty_s = $6,
            fact = $7, phase = $8, text = $9, actor = $10, known_then = $11, learned_at = $12,
            from_memory = $13, result = $14, tie = $15, updated_at = $16, version = $17,
            deleted_at = $18
         where id = $1 and incident_id = $2 and version = $17 - 1"
    ));
    let update = bind_content(update.bind(entry.id.clone()).bind(entry.incident_id.clone()), entry);
    let update = update.bind(entry.updated_at).bind(entry.version).bind(entry.deleted_at);
    Ok(update.run(tx).await? == 1)
}

/// Makes an entry cite these and no others.
///
/// # Errors
/// What the database says.
pub async fn set_citations(tx: &mut Tx, id: &EntryId, cites: &[EvidenceId]) -> Result<()> {
    let delete = query(sql!("delete from entry_citations where entry_id = $1"));
    delete.bind(id.clone()).run(tx).await?;
    for evidence in cites {
        cite(tx, id, evidence).await?;
    }
    Ok(())
}

async fn cite(tx: &mut Tx, id: &EntryId, evidence: &EvidenceId) -> Result<()> {
    let insert = query(sql!(
        "insert into entry_citations (entry_id, evidence_id) values ($1, $2)
         on conflict (entry_id, evidence_id) do nothing"
    ));
    insert.bind(id.clone()).bind(evidence.clone()).run(tx).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Mark {
    mark: String,
}

/// The digests of what somebody put aside.
///
/// # Errors
/// What the database says.
pub async fn put_asides(conn: &mut Conn, incident: &Incident) -> Result<Vec<String>> {
    let select =
        query(sql!("select mark from timeline_put_aside where incident_id = $1 order by mark"));
    let marks: Vec<Mark> = select.bind(incident.id.clone()).all(conn).await?;
    Ok(marks.into_iter().map(|mark| mark.mark).collect())
}

/// Puts a proposal or question aside. Says whether it was not yet.
///
/// # Errors
/// What the database says.
pub async fn put_aside(
    tx: &mut Tx,
    incident: &IncidentId,
    mark: &str,
    by: &crate::access::PersonId,
    now: Time,
) -> Result<bool> {
    let insert = query(sql!(
        "insert into timeline_put_aside (incident_id, mark, by_person, at)
         values ($1, $2, $3, $4) on conflict (incident_id, mark) do nothing"
    ));
    let insert = insert.bind(incident.clone()).bind(mark.to_owned()).bind(by.clone()).bind(now);
    Ok(insert.run(tx).await? == 1)
}

/// Takes everything back that was put aside.
///
/// # Errors
/// What the database says.
pub async fn bring_back(tx: &mut Tx, incident: &IncidentId) -> Result<u64> {
    let delete = query(sql!("delete from timeline_put_aside where incident_id = $1"));
    delete.bind(incident.clone()).run(tx).await
}
