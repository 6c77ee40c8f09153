//! All that an incident's page shows of it, in one statement: a page asks once, however much there is.
//! A single part is read with the finders of `store_parts.rs`, `store_times.rs` and `store.rs`.

use super::impact::{NewWindow, Window};
use super::incident::Incident;
use super::participants::Participant;
use super::recorded::KeyTime;
use super::store::Listed;
use super::store_parts::{Hit, Related, SeverityChange, StatusChange};
use super::store_times;
use crate::access::Viewer;
use crate::visible;
use kit::db::{Conn, Result, query};
use kit::sql;
use sqlx::{FromRow, Row};
use sqlx_postgres::PgRow;
use sqlx_sqlite::SqliteRow;

/// What belongs to an incident, each part in its order.
#[derive(Debug, Default)]
pub struct Whole {
    /// Its key times, by name.
    pub times: Vec<KeyTime>,
    /// Its impact windows, the earliest first.
    pub windows: Vec<Window>,
    /// Who was there, in the order they joined.
    pub participants: Vec<Participant>,
    /// The severities it had, the oldest first.
    pub severities: Vec<SeverityChange>,
    /// The statuses it had, the oldest first.
    pub statuses: Vec<StatusChange>,
    /// The services it hit.
    pub services: Vec<Hit>,
    /// The teams it concerned.
    pub teams: Vec<Hit>,
    /// Who may see it when it is red.
    pub listed: Vec<Listed>,
    /// The incidents it is related to, as far as the viewer may see those.
    pub related: Vec<Related>,
}

/// A row of one of the parts.
enum Part {
    Time(KeyTime),
    Window(Window),
    Participant(Participant),
    Severity(SeverityChange),
    Status(StatusChange),
    Service(Hit),
    Team(Hit),
    Listed(Listed),
    Related(Related),
}

/// The parts side by side. `part` says which it is; `k` and `s` are there to be sorted by; what the
/// others hold differs from part to part, and is named in [`part_of`].
macro_rules! parts {
    () => {
        concat!(
            "select cast(1 as bigint) as part, k.name as id, cast(null as text) as k,
                    cast(null as bigint) as s, k.recorded_precision as a, k.source as b,
                    r.name as c, k.override_precision as d, o.name as e, k.override_reason as f,
                    k.recorded_at as t, k.override_at as u, k.override_on as v,
                    k.recorded_uncertainty_s as l, k.override_uncertainty_s as m,
                    cast(null as bigint) as n, cast(null as bigint) as o,
                    cast(null as bigint) as p, cast(null as bigint) as q,
                    cast(null as double precision) as x, cast(null as boolean) as y,
                    cast(null as boolean) as z, cast(null as jsonb) as j,
                    cast(null as double precision) as burn
             from key_times k join people r on r.id = k.recorded_by
             left join people o on o.id = k.override_by where k.incident_id = $3
             union all
             select 2, w.id, null, null, w.surface, w.effect, w.users_method, w.users_confidence,
                    w.currency, w.money_basis, w.started_at, w.ended_at, null, w.severity,
                    w.users_count, w.requests_failed, w.support_cases, w.money_expected,
                    w.money_actual, w.percent, null, null, null,
                    w.slo_burn_percent
             from impact_windows w where w.incident_id = $3
             union all
             select 3, a.id, null, null, a.person_id, a.name, a.zone, null, null, null, a.joined_at,
                    a.left_at, null, null, null, null, null, null, null, null, a.on_call,
                    a.called_out_of_hours, a.roles, null
             from participants a where a.incident_id = $3
             union all
             select 4, s.id, null, null, null, p.name, s.reason, null, null, null, s.at, null, null,
                    s.severity, null, null, null, null, null, null, null, null, null, null
             from severities s join people p on p.id = s.by_person where s.incident_id = $3
             union all
             select 5, s.id, null, null, s.status, p.name, s.reason, null, null, null, null, s.at,
                    null, null, null, null, null, null, null, null, null, null, null, null
             from incident_statuses s join people p on p.id = s.by_person where s.incident_id = $3
             union all
             select 6, v.slug, v.name_key, null, null, v.name, null, null, null, null, null, null,
                    null, null, null, null, null, null, null, null, null, null, null, null
             from incident_services h join services v on v.id = h.service_id
             where h.incident_id = $3
             union all
             select 7, t.slug, t.name_key, null, null, t.name, null, null, null, null, null, null,
                    null, null, null, null, null, null, null, null, null, null, null, null
             from incident_teams h join teams t on t.id = h.team_id where h.incident_id = $3
             union all
             select 8, p.id, p.name_key, null, null, p.name, null, null, null, null, null, null,
                    null, null, null, null, null, null, null, null, null, null, null, null
             from incident_access g join people p on p.id = g.person_id where g.incident_id = $3
             union all
             select 9, i.id, null, i.number, i.title, r.relation, r.note, null, null, null, null,
                    null, null, i.number, null, null, null, null, null, null,
                    (r.incident_id = $3), null, null, null
             from (select incident_id, other_id, relation, note from related_incidents
                   where incident_id = $3
                   union select incident_id, other_id, relation, note from related_incidents
                   where other_id = $3) r
             join incidents i on i.id = case when r.incident_id = $3 then r.other_id
                                             else r.incident_id end
             where ",
            visible!(),
            " order by part, t nulls last, k, s, id"
        )
    };
}

macro_rules! read_on {
    ($row:ty) => {
        impl FromRow<'_, $row> for Part {
            fn from_row(row: &$row) -> sqlx::Result<Part> {
                part_of!(row)
            }
        }
    };
}

macro_rules! part_of {
    ($row:ident) => {
        Ok(match $row.try_get::<i64, _>("part")? {
            1 => Part::Time(
                store_times::Row {
                    name: $row.try_get("id")?,
                    recorded_at: $row.try_get("t")?,
                    recorded_precision: $row.try_get("a")?,
                    recorded_uncertainty_s: $row.try_get("l")?,
                    source: $row.try_get("b")?,
                    recorder: $row.try_get("c")?,
                    override_at: $row.try_get("u")?,
                    override_precision: $row.try_get("d")?,
                    override_uncertainty_s: $row.try_get("m")?,
                    corrector: $row.try_get("e")?,
                    override_on: $row.try_get("v")?,
                    override_reason: $row.try_get("f")?,
                }
                .key_time(),
            ),
            2 => Part::Window(Window {
                id: $row.try_get("id")?,
                said: NewWindow {
                    started_at: $row.try_get("t")?,
                    ended_at: $row.try_get("u")?,
                    severity: $row.try_get("l")?,
                    surface: $row.try_get("a")?,
                    effect: $row.try_get("b")?,
                    users_count: $row.try_get("m")?,
                    users_method: $row.try_get("c")?,
                    users_confidence: $row.try_get("d")?,
                    percent: $row.try_get("x")?,
                    slo_burn_percent: $row.try_get("burn")?,
                    requests_failed: $row.try_get("n")?,
                    support_cases: $row.try_get("o")?,
                    money_expected: $row.try_get("p")?,
                    money_actual: $row.try_get("q")?,
                    currency: $row.try_get("e")?,
                    money_basis: $row.try_get("f")?,
                },
            }),
            3 => Part::Participant(Participant {
                id: $row.try_get("id")?,
                person_id: $row.try_get("a")?,
                name: $row.try_get("b")?,
                roles: $row.try_get("j")?,
                joined_at: $row.try_get("t")?,
                left_at: $row.try_get("u")?,
                on_call: $row.try_get("y")?,
                called_out_of_hours: $row.try_get("z")?,
                zone: $row.try_get("c")?,
            }),
            4 => Part::Severity(SeverityChange {
                id: $row.try_get("id")?,
                severity: $row.try_get("l")?,
                at: $row.try_get("t")?,
                name: $row.try_get("b")?,
                reason: $row.try_get("c")?,
            }),
            5 => Part::Status(StatusChange {
                status: $row.try_get("a")?,
                at: $row.try_get("u")?,
                name: $row.try_get("b")?,
                reason: $row.try_get("c")?,
            }),
            6 => Part::Service(Hit { slug: $row.try_get("id")?, name: $row.try_get("b")? }),
            7 => Part::Team(Hit { slug: $row.try_get("id")?, name: $row.try_get("b")? }),
            8 => Part::Listed(Listed { person_id: $row.try_get("id")?, name: $row.try_get("b")? }),
            _ => Part::Related(Related {
                number: $row.try_get("l")?,
                title: $row.try_get("a")?,
                relation: $row.try_get("b")?,
                note: $row.try_get("c")?,
                from_here: $row.try_get("y")?,
            }),
        })
    };
}

read_on!(SqliteRow);
read_on!(PgRow);

/// All that belongs to an incident that was found for the viewer.
///
/// # Errors
/// What the database says.
pub async fn whole(conn: &mut Conn, viewer: &Viewer, incident: &Incident) -> Result<Whole> {
    let select = query(sql!(parts!())).bind(viewer.id.clone()).bind(viewer.reads_everything());
    let parts: Vec<Part> = select.bind(incident.id.clone()).all(conn).await?;
    let mut whole = Whole::default();
    for part in parts {
        match part {
            Part::Time(one) => whole.times.push(one),
            Part::Window(one) => whole.windows.push(one),
            Part::Participant(one) => whole.participants.push(one),
            Part::Severity(one) => whole.severities.push(one),
            Part::Status(one) => whole.statuses.push(one),
            Part::Service(one) => whole.services.push(one),
            Part::Team(one) => whole.teams.push(one),
            Part::Listed(one) => whole.listed.push(one),
            Part::Related(one) => whole.related.push(one),
        }
    }
    whole.times.sort_by_key(|time| time.name);
    Ok(whole)
}
