//! How often the like of an incident came before: counts that anybody may know, so no red incident is
//! among them.

use super::incident::{Incident, IncidentId};
use super::store_many::MANY;
use crate::access::Viewer;
use crate::visible;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;
use std::collections::HashMap;

/// How often the like of an incident came before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Often {
    /// Other incidents that hit one of its services, from a time on until it began itself.
    pub on_its_services: i64,
    /// Other incidents that it is written down to repeat.
    pub repeats: i64,
}

#[derive(sqlx::FromRow)]
struct Count {
    id: IncidentId,
    is_repeat: bool,
    n: i64,
}

/// The ids that are asked for.
macro_rules! asked {
    () => {
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
             $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37,
             $38, $39, $40) "
    };
}

/// From when on the like of `$n` is counted, as the branches of a `case`.
macro_rules! since {
    ($($id:literal $since:literal),*) => {
        concat!("case o.incident_id ", $("when $", $id, " then cast($", $since, " as timestamptz) "),*, "end")
    };
}

/// How often the like of each of up to [`MANY`] incidents came before, each from a time on; none of one that
/// had no like. Red incidents are not counted.
///
/// # Errors
/// What the database says.
pub async fn often(
    conn: &mut Conn,
    asked: &[(IncidentId, Time)],
) -> Result<HashMap<IncidentId, Often>> {
    let mut select = query(sql!(concat!(
        "select o.incident_id as id, 1 = 0 as is_repeat, count(distinct s.incident_id) as n
         from incident_services o
         join incident_services s on s.service_id = o.service_id and s.began_at <= o.began_at
              and s.began_at >= ",
        since!(
            1 41, 2 42, 3 43, 4 44, 5 45, 6 46, 7 47, 8 48, 9 49, 10 50, 11 51, 12 52, 13 53, 14
            54, 15 55, 16 56, 17 57, 18 58, 19 59, 20 60, 21 61, 22 62, 23 63, 24 64, 25 65, 26
            66, 27 67, 28 68, 29 69, 30 70, 31 71, 32 72, 33 73, 34 74, 35 75, 36 76, 37 77, 38
            78, 39 79, 40 80
        ),
        " join incidents i on i.id = s.incident_id
         where o.incident_id in ",
        asked!(),
        "  and s.incident_id <> o.incident_id and i.label <> 'red' and i.kind <> 'project'
           and i.status not in ('cancelled', 'merged')
         group by o.incident_id
         union all
         select r.incident_id, 1 = 1, count(*)
         from related_incidents r join incidents i on i.id = r.other_id
         where r.incident_id in ",
        asked!(),
        "  and r.relation = 'repeat_of' and i.label <> 'red'
         group by r.incident_id"
    )));
    for n in 0..MANY {
        select = select.bind(asked.get(n).map_or("", |(id, _)| id.as_str()).to_owned());
    }
    for n in 0..MANY {
        select = select.bind(asked.get(n).map(|(_, since)| *since));
    }
    let mut found: HashMap<IncidentId, Often> = HashMap::new();
    for Count { id, is_repeat, n } in select.all(conn).await? {
        let often = found.entry(id).or_default();
        *if is_repeat { &mut often.repeats } else { &mut often.on_its_services } = n;
    }
    Ok(found)
}

/// Notes beside the services of an incident when it began: within every deed that changes its services or
/// its impact windows.
///
/// # Errors
/// What the database says.
pub(super) async fn note_began(tx: &mut Tx, id: &IncidentId) -> Result<()> {
    let update = query(sql!(
        "update incident_services set began_at = coalesce(
             (select min(w.started_at) from impact_windows w where w.incident_id = $1),
             (select i.created_at from incidents i where i.id = $1))
         where incident_id = $1"
    ));
    update.bind(id.clone()).run(tx).await?;
    Ok(())
}

/// Incidents that have ended, written down at or after a time, with numbers below one, the newest
/// first: what a trial of the policy walks, as far as this viewer may see.
///
/// # Errors
/// What the database says.
pub async fn ended_since(
    conn: &mut Conn,
    viewer: &Viewer,
    (since, below): (Time, Option<i64>),
    most: i64,
) -> Result<Vec<Incident>> {
    let select = query(sql!(concat!(
        "select i.id, i.number, i.title, i.kind, i.severity, i.status, i.description, i.detection,
                i.environment, i.label, i.report_only, i.declared_by, i.created_at, i.updated_at,
                i.version
         from incidents i
         where i.status in ('mitigated', 'resolved', 'closed') and i.created_at >= $3
           and i.kind <> 'project'
           and i.number < $4 and ",
        visible!(),
        " order by i.number desc limit $5"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(since).bind(below.unwrap_or(i64::MAX)).bind(most).all(conn).await
}
