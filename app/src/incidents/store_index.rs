//! Incidents as the search index reads them: whoever asks, since the index asks again who looks.

use super::incident::{Incident, IncidentId, Kind, Status};
use super::key_time::KeyTimeName;
use super::{store_parts, store_times};
use crate::access::{PersonId, Viewer};
use crate::visible;
use kit::db::{Conn, Result, Time, query};
use kit::sql;

macro_rules! columns {
    () => {
        "i.id, i.number, i.title, i.kind, i.severity, i.status, i.description, i.detection, \
         i.environment, i.label, i.report_only, i.declared_by, i.created_at, i.updated_at, i.version"
    };
}

/// The incident of an id, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn find_for_system(conn: &mut Conn, id: &IncidentId) -> Result<Option<Incident>> {
    let select = query(sql!(concat!("select ", columns!(), " from incidents i where i.id = $1")));
    select.bind(id.clone()).optional(conn).await
}

/// Incidents after a number, in the order of numbers, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn list_for_system(conn: &mut Conn, after: i64, most: i64) -> Result<Vec<Incident>> {
    let select = query(sql!(concat!(
        "select ",
        columns!(),
        " from incidents i where i.number > $1 order by i.number limit $2"
    )));
    select.bind(after).bind(most).all(conn).await
}

#[derive(sqlx::FromRow)]
struct OnList {
    person_id: PersonId,
}

/// Who is on an incident's list, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn listed_for_system(conn: &mut Conn, id: &IncidentId) -> Result<Vec<PersonId>> {
    let select = query(sql!(
        "select person_id from incident_access where incident_id = $1 order by person_id"
    ));
    let rows: Vec<OnList> = select.bind(id.clone()).all(conn).await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}

/// When it began, as well as one can tell: impact, trigger or detection, the first window; else when
/// it was written down.
///
/// # Errors
/// What the database says.
pub async fn began_for_system(conn: &mut Conn, incident: &Incident) -> Result<Time> {
    let times = store_times::key_times(conn, incident).await?;
    let order = [KeyTimeName::ImpactStart, KeyTimeName::Triggered, KeyTimeName::Detected];
    let told = order.iter().find_map(|name| times.iter().find(|time| time.name == *name));
    if let Some(told) = told {
        return Ok(Time::new(told.now_believed().at));
    }
    let windows = store_parts::windows(conn, incident).await?;
    Ok(windows.first().map_or(incident.created_at, |window| window.said.started_at))
}

/// How many numbers [`find_many`] asks for at a time.
pub const MANY: usize = 20;

/// Those of these numbers that exist for this viewer, in no order.
///
/// # Errors
/// What the database says.
pub async fn find_many(conn: &mut Conn, viewer: &Viewer, numbers: &[i64]) -> Result<Vec<Incident>> {
    let mut found = Vec::with_capacity(numbers.len());
    for some in numbers.chunks(MANY) {
        let mut select = query(sql!(concat!(
            "select ",
            columns!(),
            " from incidents i
             where i.number in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                                $18, $19, $20, $21, $22)
               and ",
            visible!()
        )));
        select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
        for n in 0..MANY {
            select = select.bind(some.get(n).copied().unwrap_or(0));
        }
        found.extend(select.all::<Incident>(conn).await?);
    }
    Ok(found)
}

/// What the newest incidents are narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    /// Its kind.
    pub kind: Option<Kind>,
    /// 1 to 4.
    pub severity: Option<i64>,
    /// Where it is in its life.
    pub status: Option<Status>,
    /// The slug of a service it hit.
    pub service: Option<String>,
    /// The slug of a team it concerns.
    pub team: Option<String>,
}

/// The newest incidents of this viewer that have all of up to four words in title or description:
/// what answers while there is no index.
///
/// # Errors
/// What the database says.
pub async fn newest_with(
    conn: &mut Conn,
    viewer: &Viewer,
    (words, narrowed): (&[String], &Narrowed),
    below: i64,
    most: i64,
) -> Result<Vec<Incident>> {
    let mut select = query(sql!(concat!(
        "select ",
        columns!(),
        " from incidents i
         where i.number < $3
           and (i.title_key like $4 escape '~' or lower(i.description) like $4 escape '~')
           and (i.title_key like $5 escape '~' or lower(i.description) like $5 escape '~')
           and (i.title_key like $6 escape '~' or lower(i.description) like $6 escape '~')
           and (i.title_key like $7 escape '~' or lower(i.description) like $7 escape '~')
           and (cast($9 as text) is null or i.kind = $9)
           and (cast($10 as bigint) is null or i.severity = $10)
           and (cast($11 as text) is null or i.status = $11)
           and (cast($12 as text) is null or exists (
                select 1 from incident_services s join services v on v.id = s.service_id
                where s.incident_id = i.id and v.slug = $12))
           and (cast($13 as text) is null or exists (
                select 1 from incident_teams s join teams t on t.id = s.team_id
                where s.incident_id = i.id and t.slug = $13))
           and ",
        visible!(),
        " order by i.number desc limit $8"
    )));
    select = select.bind(viewer.id.clone()).bind(viewer.reads_everything()).bind(below);
    for n in 0..4 {
        let word = words.get(n).map_or("", String::as_str).to_lowercase();
        let plain = word.replace('~', "~~").replace('%', "~%").replace('_', "~_");
        select = select.bind(format!("%{plain}%"));
    }
    let narrowed = narrowed.clone();
    let select = select.bind(most).bind(narrowed.kind).bind(narrowed.severity);
    let select = select.bind(narrowed.status).bind(narrowed.service).bind(narrowed.team);
    select.all(conn).await
}
