//! An incident and all that its page shows of it, in one statement: a page asks once, however much there is.
//! A single part is read with the finders of `store_parts.rs`, `store_times.rs` and `store.rs`.

use super::impact::{NewWindow, Window};
use super::incident::{Incident, IncidentId, Key};
use super::participants::Participant;
use super::recorded::KeyTime;
use super::store::Listed;
use super::store_parts::{Hit, Related, SeverityChange, StatusChange};
use super::store_times;
use crate::access::Viewer;
use crate::people::Named;
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
    pub services: Vec<HitService>,
    /// The teams it concerned.
    pub teams: Vec<Hit>,
    /// Who may see it when it is red.
    pub listed: Vec<Listed>,
    /// The incidents it is related to, as far as the viewer may see those.
    pub related: Vec<Related>,
    /// The people who are here, by name, where they were asked for.
    pub people: Vec<Named>,
}

/// A service that it hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HitService {
    /// Its slug.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// 1, the most critical, to 4.
    pub tier: i64,
    /// The name of who owns it.
    pub team: Option<String>,
}

/// A row of one of the parts.
enum Part {
    Incident(Box<Incident>),
    Person(Named),
    Time(KeyTime),
    Window(Window),
    Participant(Participant),
    Severity(SeverityChange),
    Status(StatusChange),
    Service(HitService),
    Team(Hit),
    Listed(Listed),
    Related(Related),
}

/// The columns of the parts, without a row. `part` says which a row is of and `of` whose; `k` and `s` are
/// there to be sorted by; what the others hold differs from part to part, and is named in [`part_of`].
macro_rules! head {
    () => {
        "select cast(null as bigint) as part, cast(null as text) as of, cast(null as text) as id,
                cast(null as text) as k, cast(null as bigint) as s, cast(null as text) as a,
                cast(null as text) as b, cast(null as text) as c, cast(null as text) as d,
                cast(null as text) as e, cast(null as text) as f, cast(null as timestamptz) as t,
                cast(null as timestamptz) as u, cast(null as timestamptz) as v,
                cast(null as bigint) as l, cast(null as bigint) as m, cast(null as bigint) as n,
                cast(null as bigint) as o, cast(null as bigint) as p, cast(null as bigint) as q,
                cast(null as double precision) as x, cast(null as boolean) as y,
                cast(null as boolean) as z, cast(null as jsonb) as j,
                cast(null as double precision) as burn, cast(null as text) as g
         where 1 = 0"
    };
}

/// Those parts that how it is reviewed goes by, of the incidents `$of`.
macro_rules! of_review {
    ($of:expr) => {
        concat!(
            " union all
             select 2, w.incident_id, w.id, null, null, w.surface, w.effect, w.users_method,
                    w.users_confidence, w.currency, w.money_basis, w.started_at, w.ended_at, null,
                    w.severity, w.users_count, w.requests_failed, w.support_cases, w.money_expected,
                    w.money_actual, w.percent, null, null, null, w.slo_burn_percent, null
             from impact_windows w where w.incident_id ",
            $of,
            " union all
             select 3, a.incident_id, a.id, null, null, a.person_id, a.name, a.zone, null, null, null,
                    a.joined_at, a.left_at, null, null, null, null, null, null, null, null, a.on_call,
                    a.called_out_of_hours, a.roles, null, null
             from participants a where a.incident_id ",
            $of,
            " union all
             select 6, h.incident_id, v.slug, v.name_key, null, o.name, v.name, null, null, null, null,
                    null, null, null, v.tier, null, null, null, null, null, null, null, null, null,
                    null, null
             from incident_services h join services v on v.id = h.service_id
             left join teams o on o.id = v.team_id where h.incident_id ",
            $of,
            " union all
             select 7, h.incident_id, t.slug, t.name_key, null, null, t.name, null, null, null, null,
                    null, null, null, null, null, null, null, null, null, null, null, null, null,
                    null, null
             from incident_teams h join teams t on t.id = h.team_id where h.incident_id ",
            $of
        )
    };
}
pub(super) use {head, of_review};

/// The incident itself and every part of it; and, where it is asked for, the people one may choose from.
macro_rules! parts {
    () => {
        concat!(
            "with it as (select i.id, i.number, i.title, i.kind, i.severity, i.status, i.description,
                    i.detection, i.environment, i.label, i.report_only, i.declared_by, i.created_at,
                    i.updated_at, i.version from incidents i where i.number = $3 and ",
            visible!(),
            ") ",
            head!(),
            " union all
             select 0, i.id, i.id, i.title, null, i.kind, i.status, i.description, i.detection,
                    i.environment, i.label, i.created_at, i.updated_at, null, i.number, i.severity,
                    i.version, null, null, null, null, i.report_only, null, null, null, i.declared_by
             from it i
             union all
             select 1, k.incident_id, k.name, null, null, k.recorded_precision, k.source, r.name,
                    k.override_precision, o.name, k.override_reason, k.recorded_at, k.override_at,
                    k.override_on, k.recorded_uncertainty_s, k.override_uncertainty_s, null, null,
                    null, null, null, null, null, null, null, null
             from key_times k join people r on r.id = k.recorded_by
             left join people o on o.id = k.override_by where k.incident_id ",
            it!(),
            of_review!(it!()),
            " union all
             select 4, s.incident_id, s.id, null, null, null, p.name, s.reason, null, null, null, s.at,
                    null, null, s.severity, null, null, null, null, null, null, null, null, null, null,
                    null
             from severities s join people p on p.id = s.by_person where s.incident_id ",
            it!(),
            " union all
             select 5, s.incident_id, s.id, null, null, s.status, p.name, s.reason, null, null, null,
                    null, s.at, null, null, null, null, null, null, null, null, null, null, null, null,
                    null
             from incident_statuses s join people p on p.id = s.by_person where s.incident_id ",
            it!(),
            " union all
             select 8, g.incident_id, p.id, p.name_key, null, null, p.name, null, null, null, null,
                    null, null, null, null, null, null, null, null, null, null, null, null, null,
                    null, null
             from incident_access g join people p on p.id = g.person_id where g.incident_id ",
            it!(),
            " union all
             select 9, i.id, i.id, null, i.number, i.title, r.relation, r.note, null, null, null, null,
                    null, null, i.number, null, null, null, null, null, null, r.from_here, null, null,
                    null, null
             from (select incident_id, other_id, relation, note, 1 = 1 as from_here
                   from related_incidents where incident_id ",
            it!(),
            "      union all select incident_id, other_id, relation, note, 1 = 0
                   from related_incidents where other_id ",
            it!(),
            "     ) r
             join incidents i on i.id = case when r.from_here then r.other_id else r.incident_id end
             where ",
            visible!(),
            " union all
             select 10, null, p.id, p.name_key, null, p.handle, p.name, null, null, null, null, null,
                    null, null, null, null, null, null, null, null, null, null, null, null, null, null
             from people p where $4 and p.deactivated_at is null
             order by part, t nulls last, k, s, id"
        )
    };
}

/// The incident that the statement is about.
macro_rules! it {
    () => {
        "= (select it.id from it)"
    };
}

/// A row, with the incident that it is of; none for what is of all.
pub(super) struct PartRow {
    pub(super) of: Option<IncidentId>,
    part: Part,
}

macro_rules! read_on {
    ($row:ty) => {
        impl FromRow<'_, $row> for PartRow {
            fn from_row(row: &$row) -> sqlx::Result<PartRow> {
                let part: sqlx::Result<Part> = part_of!(row);
                Ok(PartRow { of: row.try_get("of")?, part: part? })
            }
        }
    };
}

macro_rules! part_of {
    ($row:ident) => {
        Ok(match $row.try_get::<i64, _>("part")? {
            0 => Part::Incident(Box::new(Incident {
                id: $row.try_get("id")?,
                number: $row.try_get("l")?,
                title: $row.try_get("k")?,
                kind: $row.try_get("a")?,
                severity: $row.try_get("m")?,
                status: $row.try_get("b")?,
                description: $row.try_get("c")?,
                detection: $row.try_get("d")?,
                environment: $row.try_get("e")?,
                label: $row.try_get("f")?,
                report_only: $row.try_get("y")?,
                declared_by: $row.try_get("g")?,
                created_at: $row.try_get("t")?,
                updated_at: $row.try_get("u")?,
                version: $row.try_get("n")?,
            })),
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
            6 => Part::Service(HitService {
                slug: $row.try_get("id")?,
                name: $row.try_get("b")?,
                tier: $row.try_get("l")?,
                team: $row.try_get("a")?,
            }),
            7 => Part::Team(Hit { slug: $row.try_get("id")?, name: $row.try_get("b")? }),
            8 => Part::Listed(Listed { person_id: $row.try_get("id")?, name: $row.try_get("b")? }),
            10 => Part::Person(Named {
                id: $row.try_get("id")?,
                name: $row.try_get("b")?,
                handle: $row.try_get("a")?,
            }),
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

impl Whole {
    fn take(&mut self, part: Part) -> Option<Incident> {
        match part {
            Part::Incident(incident) => return Some(*incident),
            Part::Time(one) => self.times.push(one),
            Part::Window(one) => self.windows.push(one),
            Part::Participant(one) => self.participants.push(one),
            Part::Severity(one) => self.severities.push(one),
            Part::Status(one) => self.statuses.push(one),
            Part::Service(one) => self.services.push(one),
            Part::Team(one) => self.teams.push(one),
            Part::Listed(one) => self.listed.push(one),
            Part::Related(one) => self.related.push(one),
            Part::Person(one) => self.people.push(one),
        }
        None
    }

    /// Takes what [`of_review`] read.
    pub(super) fn take_row(&mut self, row: PartRow) {
        self.take(row.part);
    }
}

/// The incident of a key, if it exists for this viewer, with all that belongs to it; and the people one may
/// choose from, `with_people`.
///
/// # Errors
/// What the database says.
pub async fn find_whole(
    conn: &mut Conn,
    viewer: &Viewer,
    key: Key,
    with_people: bool,
) -> Result<Option<(Incident, Whole)>> {
    let select = query(sql!(parts!())).bind(viewer.id.clone()).bind(viewer.reads_everything());
    let rows: Vec<PartRow> = select.bind(key.0).bind(with_people).all(conn).await?;
    let (mut whole, mut incident) = (Whole::default(), None);
    for row in rows {
        incident = whole.take(row.part).or(incident);
    }
    whole.times.sort_by_key(|time| time.name);
    Ok(incident.map(|incident| (incident, whole)))
}
