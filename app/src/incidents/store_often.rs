//! How often the like of an incident came before: counts that anybody may know, so no red incident is
//! among them.

use super::incident::Incident;
use crate::access::Viewer;
use crate::visible;
use kit::db::{Conn, Result, Time, query};
use kit::sql;

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

#[derive(sqlx::FromRow)]
struct Began {
    at: Option<Time>,
}

/// When it began, as far as its impact says; else when it was written down.
///
/// # Errors
/// What the database says.
pub async fn began(conn: &mut Conn, incident: &Incident) -> Result<Time> {
    let select =
        query(sql!("select min(started_at) as at from impact_windows where incident_id = $1"));
    let began: Began = select.bind(incident.id.clone()).one(conn).await?;
    Ok(began.at.unwrap_or(incident.created_at))
}

/// How many other incidents that are not red hit one of its services between two times.
///
/// # Errors
/// What the database says.
pub async fn on_its_services(
    conn: &mut Conn,
    incident: &Incident,
    (from, to): (Time, Time),
) -> Result<i64> {
    let select = query(sql!(
        "select count(*) as n from incidents i
         where i.id <> $1 and i.label <> 'red' and i.status not in ('cancelled', 'merged')
           and exists (select 1 from incident_services s join incident_services o
                       on o.service_id = s.service_id
                       where s.incident_id = i.id and o.incident_id = $1)
           and coalesce((select min(w.started_at) from impact_windows w
                         where w.incident_id = i.id), i.created_at) >= $2
           and coalesce((select min(w.started_at) from impact_windows w
                         where w.incident_id = i.id), i.created_at) <= $3"
    ));
    let select = select.bind(incident.id.clone()).bind(from).bind(to);
    let count: Count = select.one(conn).await?;
    Ok(count.n)
}

/// How many other incidents that are not red it is written down to repeat.
///
/// # Errors
/// What the database says.
pub async fn repeats(conn: &mut Conn, incident: &Incident) -> Result<i64> {
    let select = query(sql!(
        "select count(*) as n from related_incidents r join incidents i on i.id = r.other_id
         where r.incident_id = $1 and r.relation = 'repeat_of' and i.label <> 'red'"
    ));
    let count: Count = select.bind(incident.id.clone()).one(conn).await?;
    Ok(count.n)
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
           and i.number < $4 and ",
        visible!(),
        " order by i.number desc limit $5"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(since).bind(below.unwrap_or(i64::MAX)).bind(most).all(conn).await
}
