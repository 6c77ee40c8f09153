//! How often the like of an incident came before: counts that anybody may know, so no red incident is
//! among them.

use super::incident::Incident;
use crate::access::Viewer;
use crate::visible;
use kit::db::{Conn, Result, Time, query};
use kit::sql;

/// How often the like of an incident came before.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Often {
    /// Other incidents that hit one of its services between two times.
    pub on_its_services: i64,
    /// Other incidents that it is written down to repeat.
    pub repeats: i64,
}

/// How often the like of an incident came between two times; red incidents are not counted.
///
/// # Errors
/// What the database says.
pub async fn often(
    conn: &mut Conn,
    incident: &Incident,
    (from, to): (Time, Time),
) -> Result<Often> {
    let select = query(sql!(
        "select
          (select count(*) from incidents i
           where i.id <> $1 and i.label <> 'red' and i.kind <> 'project' and i.status not in ('cancelled', 'merged')
             and exists (select 1 from incident_services s join incident_services o
                         on o.service_id = s.service_id
                         where s.incident_id = i.id and o.incident_id = $1)
             and coalesce((select min(w.started_at) from impact_windows w
                           where w.incident_id = i.id), i.created_at) >= $2
             and coalesce((select min(w.started_at) from impact_windows w
                           where w.incident_id = i.id), i.created_at) <= $3) as on_its_services,
          (select count(*) from related_incidents r join incidents i on i.id = r.other_id
           where r.incident_id = $1 and r.relation = 'repeat_of' and i.label <> 'red') as repeats"
    ));
    select.bind(incident.id.clone()).bind(from).bind(to).one(conn).await
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
