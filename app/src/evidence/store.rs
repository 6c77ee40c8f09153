//! Evidence in the database: what there is, in its order. Writing it is in `store_write.rs`, imports
//! are in `store_imports.rs`.

use super::import::item::{Kind, Series};
use super::piece::{Cursor, Evidence, EvidenceId};
use crate::access::Viewer;
use crate::incidents::IncidentId;
use crate::visible;
use kit::db::{Conn, Json, Result, Time, query};
use kit::sql;

/// A piece is seen when it was written by hand or its import is finished and was not undone.
macro_rules! live {
    () => {
        "(e.import_id is null or exists (select 1 from imports m where m.id = e.import_id \
          and m.state = 'finished' and m.undone_at is null))"
    };
}
pub(super) use live;

/// The condition that what a citation `c` cites is there to be read: written by hand, or of an import
/// that is finished and was not undone. For citations of an incident that was found for the viewer.
#[macro_export]
macro_rules! cited_is_there {
    () => {
        "exists (select 1 from evidence cit left join imports cim on cim.id = cit.import_id \
         where cit.id = c.evidence_id and (cit.import_id is null \
             or (cim.state = 'finished' and cim.undone_at is null)))"
    };
}

macro_rules! columns {
    () => {
        "e.id, e.import_id, e.kind, e.source, e.external_id, e.occurred_at, e.tie, e.precision, \
         e.zone_origin, e.author, e.author_is_bot, e.body, e.place, e.answers, e.url, e.signals, \
         e.source_pinned, e.file_sha256, e.file_name, e.content_hash, e.recorded_at, \
         exists (select 1 from evidence_marks k where k.evidence_id = e.id and k.mark = 'pinned') \
             as pinned, \
         exists (select 1 from evidence_marks k where k.evidence_id = e.id \
             and k.mark = 'dismissed') as dismissed"
    };
}

/// `$1`, `$2` the viewer; `$3` the incident; `$4` to `$7` the filter; `$8` to `$10` the cursor.
macro_rules! matching {
    () => {
        concat!(
            "e.incident_id = $3
             and (cast($4 as text) is null or e.source = $4)
             and (cast($5 as text) is null or e.kind = $5)
             and (cast($6 as text) is null or e.author_key = $6)
             and (not $7 or e.source_pinned or exists (select 1 from evidence_marks k
                  where k.evidence_id = e.id and k.mark = 'pinned'))
             and ",
            live!(),
            " and ",
            visible!()
        )
    };
}

/// What a list may be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only from this source.
    pub source: Option<String>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only what this one said, in any case.
    pub author: Option<String>,
    /// Only what is pinned, here or where it came from.
    pub pinned: bool,
}

/// Where time begins and ends for a list.
fn edge(after: Option<&Cursor>, newest_first: bool) -> (Time, i64, String) {
    // Beyond every year that importers take.
    let us = if newest_first { 7_900_000_000_000_000 } else { -1 };
    let nowhere = || (Time::from_microseconds(us), i64::from(newest_first) - 1, String::new());
    match after {
        Some(at) => (at.at, at.tie, at.id.to_string()),
        None => match nowhere() {
            (Some(time), tie, id) => (time, tie, id),
            (None, _, _) => unreachable!("both are years that jiff knows"),
        },
    }
}

/// An incident's evidence in the order in which it happened, after a place in it.
///
/// # Errors
/// What the database says.
pub async fn of_incident(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &IncidentId,
    filter: &Filter,
    after: Option<&Cursor>,
    most: i64,
) -> Result<Vec<Evidence>> {
    let select = query(sql!(concat!(
        "select ",
        columns!(),
        " from evidence e join incidents i on i.id = e.incident_id where ",
        matching!(),
        " and (e.occurred_at, e.tie, e.id) > ($8, $9, $10)
          order by e.occurred_at, e.tie, e.id limit $11"
    )));
    let select = narrowed(select, viewer, incident, filter, edge(after, false));
    select.bind(most).all(conn).await
}

/// The same, the newest first, before a place in it.
///
/// # Errors
/// What the database says.
pub async fn newest_of_incident(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &IncidentId,
    filter: &Filter,
    before: Option<&Cursor>,
    most: i64,
) -> Result<Vec<Evidence>> {
    let select = query(sql!(concat!(
        "select ",
        columns!(),
        " from evidence e join incidents i on i.id = e.incident_id where ",
        matching!(),
        " and (e.occurred_at, e.tie, e.id) < ($8, $9, $10)
          order by e.occurred_at desc, e.tie desc, e.id desc limit $11"
    )));
    let select = narrowed(select, viewer, incident, filter, edge(before, true));
    select.bind(most).all(conn).await
}

/// Binds `$1` to `$10`.
fn narrowed(
    select: kit::db::Query,
    viewer: &Viewer,
    incident: &IncidentId,
    filter: &Filter,
    edge: (Time, i64, String),
) -> kit::db::Query {
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let select = select.bind(incident.clone()).bind(filter.source.clone()).bind(filter.kind);
    let select = select.bind(filter.author.as_deref().map(author_key)).bind(filter.pinned);
    select.bind(edge.0).bind(edge.1).bind(edge.2)
}

/// A name folded for comparison.
pub(super) fn author_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A piece of this incident, if it is there for this viewer.
///
/// # Errors
/// What the database says.
pub async fn find(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &IncidentId,
    id: &EvidenceId,
) -> Result<Option<Evidence>> {
    let select = query(sql!(concat!(
        "select ",
        columns!(),
        " from evidence e join incidents i on i.id = e.incident_id
          where e.incident_id = $3 and e.id = $4 and ",
        live!(),
        " and ",
        visible!()
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.clone()).bind(id.clone()).optional(conn).await
}

/// Those of these ids that are there for this viewer, in their order. What is missing was undone.
///
/// # Errors
/// What the database says.
pub async fn find_all(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &IncidentId,
    ids: &[EvidenceId],
) -> Result<Vec<Evidence>> {
    let mut found: Vec<Evidence> = Vec::with_capacity(ids.len());
    for some in ids.chunks(20) {
        let mut select = query(sql!(concat!(
            "select ",
            columns!(),
            " from evidence e join incidents i on i.id = e.incident_id
              where e.incident_id = $3
                and e.id in ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                             $19, $20, $21, $22, $23)
                and ",
            live!(),
            " and ",
            visible!()
        )));
        select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
        select = select.bind(incident.clone());
        for n in 0..20 {
            select = select.bind(some.get(n).map(ToString::to_string).unwrap_or_default());
        }
        found.extend(select.all::<Evidence>(conn).await?);
    }
    found.sort_by(|a, b| (a.occurred_at, a.tie, &a.id).cmp(&(b.occurred_at, b.tie, &b.id)));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

#[derive(sqlx::FromRow)]
struct SeriesRow {
    series: Json<Vec<Series>>,
}

/// The series of a piece that was found for the viewer.
///
/// # Errors
/// What the database says.
pub async fn series(conn: &mut Conn, piece: &Evidence) -> Result<Vec<Series>> {
    let select = query(sql!("select series from evidence where id = $1"));
    let row: Option<SeriesRow> = select.bind(piece.id.clone()).optional(conn).await?;
    Ok(row.map(|row| row.series.0).unwrap_or_default())
}

/// How many pieces of a kind came from a source.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
#[schema(as = EvidenceCount)]
pub struct Count {
    /// The source.
    pub source: String,
    /// The kind.
    pub kind: Kind,
    /// How many.
    pub n: i64,
}

/// How many there are, by source and kind.
///
/// # Errors
/// What the database says.
pub async fn counts(conn: &mut Conn, viewer: &Viewer, incident: &IncidentId) -> Result<Vec<Count>> {
    let select = query(sql!(concat!(
        "select e.source, e.kind, cast(sum(e.n) as bigint) as n
         from (select incident_id, import_id, source, kind, count(*) as n from evidence
               where incident_id = $3 group by incident_id, import_id, source, kind) e
         join incidents i on i.id = e.incident_id
         where ",
        live!(),
        " and ",
        visible!(),
        " group by e.source, e.kind order by e.source, e.kind"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.clone()).all(conn).await
}

/// A file that a piece of this incident shows.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Shown {
    /// Which importer took it.
    pub source: String,
    /// What it was called.
    pub file_name: Option<String>,
}

/// The file of this digest, if a piece of this incident shows it to this viewer.
///
/// # Errors
/// What the database says.
pub async fn file(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &IncidentId,
    sha256: &str,
) -> Result<Option<Shown>> {
    let select = query(sql!(concat!(
        "select e.source, e.file_name from evidence e join incidents i on i.id = e.incident_id
         where e.incident_id = $3 and e.file_sha256 = $4 and ",
        live!(),
        " and ",
        visible!(),
        " order by e.id limit 1"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.clone()).bind(sha256.to_owned()).optional(conn).await
}
