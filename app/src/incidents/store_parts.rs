//! What belongs to an incident, in the database: windows, people, services, severities, statuses,
//! relations. Each read takes the [`Incident`], which was found for the viewer.

use super::impact::{Effect, NewWindow, Window, WindowId};
use super::incident::{Incident, IncidentId, Key, Status};
use super::participants::{NewParticipant, Participant, ParticipantId};
use super::store_often;
use crate::access::{PersonId, Viewer};
use crate::services::ServiceId;
use crate::teams::TeamId;
use crate::visible;
use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;

kit::id!(
    /// A line of a history.
    ChangeId,
    "chg", "SeverityChangeId"
);

/// A severity that held from a time on.
#[derive(Debug, Clone, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
pub struct SeverityChange {
    /// The row's id.
    pub id: ChangeId,
    /// 1 to 4.
    pub severity: i64,
    /// From when.
    pub at: Time,
    /// Who said so.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// The severities an incident had, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn severities(conn: &mut Conn, incident: &Incident) -> Result<Vec<SeverityChange>> {
    let select = query(sql!(
        "select s.id, s.severity, s.at, p.name, s.reason from severities s
         join people p on p.id = s.by_person where s.incident_id = $1 order by s.at, s.id"
    ));
    select.bind(incident.id.clone()).all(conn).await
}

/// A severity that somebody says.
#[derive(Debug, Clone, Copy)]
pub struct NewSeverity<'a> {
    /// 1 to 4.
    pub severity: i64,
    /// From when.
    pub at: Time,
    /// Why.
    pub reason: &'a str,
}

/// Adds a severity to the history and makes the latest the incident's.
///
/// # Errors
/// What the database says.
pub async fn add_severity(
    tx: &mut Tx,
    id: &IncidentId,
    new: &NewSeverity<'_>,
    by: &PersonId,
    now: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into severities (id, incident_id, severity, at, by_person, reason)
         values ($1, $2, $3, $4, $5, $6)"
    ));
    let insert = insert.bind(ChangeId::at(now)).bind(id.clone()).bind(new.severity).bind(new.at);
    insert.bind(by.clone()).bind(new.reason.to_owned()).run(tx).await?;
    follow_severities(tx, id, now).await
}

/// Corrects a row of the severity history. Says whether it was one of this incident's.
///
/// # Errors
/// What the database says.
pub async fn update_severity(
    tx: &mut Tx,
    id: &IncidentId,
    change: &SeverityChange,
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update severities set severity = $3, at = $4, reason = $5
         where id = $1 and incident_id = $2"
    ));
    let update = update.bind(change.id.clone()).bind(id.clone()).bind(change.severity);
    let found = update.bind(change.at).bind(change.reason.clone()).run(tx).await? == 1;
    follow_severities(tx, id, now).await?;
    Ok(found)
}

/// Takes a row out of the severity history. Says whether it was one of this incident's.
///
/// # Errors
/// What the database says.
pub async fn delete_severity(
    tx: &mut Tx,
    id: &IncidentId,
    change: &ChangeId,
    now: Time,
) -> Result<bool> {
    let delete = query(sql!("delete from severities where id = $1 and incident_id = $2"));
    let found = delete.bind(change.clone()).bind(id.clone()).run(tx).await? == 1;
    follow_severities(tx, id, now).await?;
    Ok(found)
}

/// Makes the latest of the history the incident's severity; none when there is none.
async fn follow_severities(tx: &mut Tx, id: &IncidentId, now: Time) -> Result<()> {
    let update = query(sql!(
        "update incidents set severity = (select s.severity from severities s
             where s.incident_id = $1 order by s.at desc, s.id desc limit 1),
             updated_at = $2, version = version + 1 where id = $1"
    ));
    update.bind(id.clone()).bind(now).run(tx).await?;
    Ok(())
}

/// A status that held from a time on.
#[derive(Debug, Clone, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
pub struct StatusChange {
    /// The status.
    pub status: Status,
    /// From when.
    pub at: Time,
    /// Who said so.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// The statuses an incident had, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn statuses(conn: &mut Conn, incident: &Incident) -> Result<Vec<StatusChange>> {
    let select = query(sql!(
        "select s.status, s.at, p.name, s.reason from incident_statuses s
         join people p on p.id = s.by_person where s.incident_id = $1 order by s.id"
    ));
    select.bind(incident.id.clone()).all(conn).await
}

/// Adds a status to the history.
///
/// # Errors
/// What the database says.
pub async fn add_status(
    tx: &mut Tx,
    id: &IncidentId,
    status: Status,
    by: &PersonId,
    reason: &str,
    now: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into incident_statuses (id, incident_id, status, at, by_person, reason)
         values ($1, $2, $3, $4, $5, $6)"
    ));
    let insert = insert.bind(ChangeId::at(now)).bind(id.clone()).bind(status).bind(now);
    insert.bind(by.clone()).bind(reason.to_owned()).run(tx).await?;
    Ok(())
}

/// A name and slug of a service or team it hit.
#[derive(Debug, Clone, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
pub struct Hit {
    /// Its slug.
    pub slug: String,
    /// What it is called.
    pub name: String,
}

/// The services it hit.
///
/// # Errors
/// What the database says.
pub async fn services(conn: &mut Conn, incident: &Incident) -> Result<Vec<Hit>> {
    let select = query(sql!(
        "select v.slug, v.name from incident_services s join services v on v.id = s.service_id
         where s.incident_id = $1 order by v.name_key, v.id"
    ));
    select.bind(incident.id.clone()).all(conn).await
}

/// The teams it concerned.
///
/// # Errors
/// What the database says.
pub async fn teams(conn: &mut Conn, incident: &Incident) -> Result<Vec<Hit>> {
    let select = query(sql!(
        "select t.slug, t.name from incident_teams s join teams t on t.id = s.team_id
         where s.incident_id = $1 order by t.name_key, t.id"
    ));
    select.bind(incident.id.clone()).all(conn).await
}

/// Says which services and teams it concerns, all of them.
///
/// # Errors
/// What the database says.
pub async fn set_hits(
    tx: &mut Tx,
    id: &IncidentId,
    services: &[ServiceId],
    teams: &[TeamId],
) -> Result<()> {
    let delete = query(sql!("delete from incident_services where incident_id = $1"));
    delete.bind(id.clone()).run(tx).await?;
    let delete = query(sql!("delete from incident_teams where incident_id = $1"));
    delete.bind(id.clone()).run(tx).await?;
    for service in services {
        let insert = query(sql!(
            "insert into incident_services (incident_id, service_id) values ($1, $2)
             on conflict (incident_id, service_id) do nothing"
        ));
        insert.bind(id.clone()).bind(service.clone()).run(tx).await?;
    }
    store_often::note_began(tx, id).await?;
    for team in teams {
        let insert = query(sql!(
            "insert into incident_teams (incident_id, team_id) values ($1, $2)
             on conflict (incident_id, team_id) do nothing"
        ));
        insert.bind(id.clone()).bind(team.clone()).run(tx).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct WindowRow {
    id: WindowId,
    started_at: Time,
    ended_at: Option<Time>,
    severity: Option<i64>,
    surface: String,
    effect: Effect,
    users_count: Option<i64>,
    users_method: String,
    users_confidence: Option<super::impact::Confidence>,
    percent: Option<f64>,
    requests_failed: Option<i64>,
    support_cases: Option<i64>,
    slo_burn_percent: Option<f64>,
    money_expected: Option<i64>,
    money_actual: Option<i64>,
    currency: Option<String>,
    money_basis: String,
}

/// Its impact windows, the earliest first.
///
/// # Errors
/// What the database says.
pub async fn windows(conn: &mut Conn, incident: &Incident) -> Result<Vec<Window>> {
    let select = query(sql!(
        "select id, started_at, ended_at, severity, surface, effect, users_count, users_method,
                users_confidence, percent, requests_failed, support_cases, slo_burn_percent,
                money_expected, money_actual, currency, money_basis
         from impact_windows where incident_id = $1 order by started_at, id"
    ));
    let rows: Vec<WindowRow> = select.bind(incident.id.clone()).all(conn).await?;
    Ok(rows.into_iter().map(window_of).collect())
}

fn window_of(row: WindowRow) -> Window {
    let said = NewWindow {
        started_at: row.started_at,
        ended_at: row.ended_at,
        severity: row.severity,
        surface: row.surface,
        effect: row.effect,
        users_count: row.users_count,
        users_method: row.users_method,
        users_confidence: row.users_confidence,
        percent: row.percent,
        requests_failed: row.requests_failed,
        support_cases: row.support_cases,
        slo_burn_percent: row.slo_burn_percent,
        money_expected: row.money_expected,
        money_actual: row.money_actual,
        currency: row.currency,
        money_basis: row.money_basis,
    };
    Window { id: row.id, said }
}

/// Adds a window.
///
/// # Errors
/// What the database says.
pub async fn insert_window(
    tx: &mut Tx,
    id: &IncidentId,
    new: &NewWindow,
    now: Time,
) -> Result<WindowId> {
    let window = WindowId::at(now);
    let insert = query(sql!(
        "insert into impact_windows (id, incident_id, started_at, ended_at, severity, surface,
            effect, users_count, users_method, users_confidence, percent, requests_failed,
            support_cases, money_expected, money_actual, currency, money_basis, slo_burn_percent)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
    ));
    let insert = insert.bind(window.clone()).bind(id.clone());
    bind_window(insert, new).run(tx).await?;
    store_often::note_began(tx, id).await?;
    Ok(window)
}

/// Changes a window of this incident. Says whether it was one.
///
/// # Errors
/// What the database says.
pub async fn update_window(
    tx: &mut Tx,
    id: &IncidentId,
    window: &WindowId,
    new: &NewWindow,
) -> Result<bool> {
    let update = query(sql!(
        "update impact_windows set started_at = $3, ended_at = $4, severity = $5, surface = $6,
            effect = $7, users_count = $8, users_method = $9, users_confidence = $10,
            percent = $11, requests_failed = $12, support_cases = $13, money_expected = $14,
            money_actual = $15, currency = $16, money_basis = $17, slo_burn_percent = $18
         where id = $1 and incident_id = $2"
    ));
    let update = update.bind(window.clone()).bind(id.clone());
    let is_done = bind_window(update, new).run(tx).await? == 1;
    store_often::note_began(tx, id).await?;
    Ok(is_done)
}

fn bind_window(query: kit::db::Query, new: &NewWindow) -> kit::db::Query {
    let query = query.bind(new.started_at).bind(new.ended_at).bind(new.severity);
    let query = query.bind(new.surface.clone()).bind(new.effect).bind(new.users_count);
    let query = query.bind(new.users_method.clone()).bind(new.users_confidence).bind(new.percent);
    let query = query.bind(new.requests_failed).bind(new.support_cases).bind(new.money_expected);
    let query = query.bind(new.money_actual).bind(new.currency.clone());
    query.bind(new.money_basis.clone()).bind(new.slo_burn_percent)
}

/// Takes a window away. Says whether it was one of this incident's.
///
/// # Errors
/// What the database says.
pub async fn delete_window(tx: &mut Tx, id: &IncidentId, window: &WindowId) -> Result<bool> {
    let delete = query(sql!("delete from impact_windows where id = $1 and incident_id = $2"));
    let is_done = delete.bind(window.clone()).bind(id.clone()).run(tx).await? == 1;
    store_often::note_began(tx, id).await?;
    Ok(is_done)
}

/// Its participants, in the order they joined.
///
/// # Errors
/// What the database says.
pub async fn participants(conn: &mut Conn, incident: &Incident) -> Result<Vec<Participant>> {
    let select = query(sql!(
        "select a.id, a.person_id, a.name, a.roles, a.joined_at, a.left_at, a.on_call,
                a.called_out_of_hours, a.zone
         from participants a where a.incident_id = $1 order by a.joined_at nulls last, a.id"
    ));
    select.bind(incident.id.clone()).all(conn).await
}

/// Adds a participant.
///
/// # Errors
/// What the database says.
pub async fn insert_participant(
    tx: &mut Tx,
    id: &IncidentId,
    new: &NewParticipant,
    now: Time,
) -> Result<ParticipantId> {
    let participant = ParticipantId::at(now);
    let insert = query(sql!(
        "insert into participants (id, incident_id, person_id, name, roles, joined_at, left_at,
                                   on_call, called_out_of_hours, zone)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    ));
    let insert = insert.bind(participant.clone()).bind(id.clone()).bind(new.person_id.clone());
    bind_participant(insert, new).run(tx).await?;
    Ok(participant)
}

/// Changes what is said of a participant of this incident. Says whether it was one.
///
/// # Errors
/// What the database says.
pub async fn update_participant(
    tx: &mut Tx,
    id: &IncidentId,
    participant: &ParticipantId,
    new: &NewParticipant,
) -> Result<bool> {
    let update = query(sql!(
        "update participants set name = $3, roles = $4, joined_at = $5, left_at = $6, on_call = $7,
            called_out_of_hours = $8, zone = $9
         where id = $1 and incident_id = $2"
    ));
    let update = update.bind(participant.clone()).bind(id.clone());
    Ok(bind_participant(update, new).run(tx).await? == 1)
}

fn bind_participant(query: kit::db::Query, new: &NewParticipant) -> kit::db::Query {
    let query = query.bind(new.name.clone()).bind(Json(new.roles.clone())).bind(new.joined_at);
    let query = query.bind(new.left_at).bind(new.on_call).bind(new.called_out_of_hours);
    query.bind(new.zone.clone())
}

/// Takes a participant away. Says whether it was one of this incident's.
///
/// # Errors
/// What the database says.
pub async fn delete_participant(
    tx: &mut Tx,
    id: &IncidentId,
    participant: &ParticipantId,
) -> Result<bool> {
    let delete = query(sql!("delete from participants where id = $1 and incident_id = $2"));
    Ok(delete.bind(participant.clone()).bind(id.clone()).run(tx).await? == 1)
}

/// Another incident it is related to, as far as the viewer may see that one.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Related {
    /// The other's number.
    pub number: i64,
    /// The other's title.
    pub title: String,
    /// How: `repeat_of`, `related`, `duplicate_of`.
    pub relation: String,
    /// Why it was linked.
    pub note: String,
    /// Whether this one says so; otherwise the other does.
    pub from_here: bool,
}

impl Related {
    /// What people call the other.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.number)
    }

    /// The relation in words, from this side.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match (self.relation.as_str(), self.from_here) {
            ("repeat_of", true) => "a repeat of",
            ("repeat_of", false) => "came again as",
            ("duplicate_of", true) => "the same as",
            ("duplicate_of", false) => "also written down as",
            _ => "related to",
        }
    }
}

/// The incidents it is related to, on either side.
///
/// # Errors
/// What the database says.
pub async fn related(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<Vec<Related>> {
    let select = query(sql!(concat!(
        "select i.number, i.title, r.relation, r.note, (r.incident_id = $3) as from_here
         from related_incidents r
         join incidents i on i.id = case when r.incident_id = $3 then r.other_id
                                         else r.incident_id end
         where (r.incident_id = $3 or r.other_id = $3) and ",
        visible!(),
        " order by i.number"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.id.clone()).all(conn).await
}

/// Relates two incidents.
///
/// # Errors
/// What the database says.
pub async fn relate(
    tx: &mut Tx,
    id: &IncidentId,
    other: &IncidentId,
    relation: &str,
    note: &str,
) -> Result<()> {
    let insert = query(sql!(
        "insert into related_incidents (incident_id, other_id, relation, note)
         values ($1, $2, $3, $4)
         on conflict (incident_id, other_id) do update set relation = excluded.relation,
             note = excluded.note"
    ));
    let insert = insert.bind(id.clone()).bind(other.clone());
    insert.bind(relation.to_owned()).bind(note.to_owned()).run(tx).await?;
    Ok(())
}
