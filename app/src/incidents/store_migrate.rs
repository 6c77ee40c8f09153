//! Incidents from elsewhere in the database.

use super::IncidentId;
use super::migrate::Incoming;
use super::store_parts::ChangeId;
use crate::access::PersonId;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

#[derive(sqlx::FromRow)]
struct Last {
    n: Option<i64>,
}

/// The highest number that an incident has.
pub(super) async fn last_number(conn: &mut Conn) -> Result<i64> {
    let last: Last = query(sql!("select max(number) as n from incidents")).one(conn).await?;
    Ok(last.n.unwrap_or(0))
}

#[derive(sqlx::FromRow)]
struct Here {
    n: i64,
}

/// Whether the incident of an id elsewhere was brought over before.
pub(super) async fn is_here(conn: &mut Conn, source: &str, external_id: &str) -> Result<bool> {
    let select = query(sql!(
        "select count(*) as n from brought_incidents where source = $1 and external_id = $2"
    ));
    let here: Here = select.bind(source.to_owned()).bind(external_id.to_owned()).one(conn).await?;
    Ok(here.n > 0)
}

/// An incident that is brought over.
pub(super) struct Brought<'a> {
    pub id: &'a IncidentId,
    pub number: i64,
    pub source: &'a str,
    pub incoming: &'a Incoming,
    pub by: &'a PersonId,
    pub now: Time,
}

/// Adds it, and where it came from.
pub(super) async fn insert(tx: &mut Tx, one: &Brought<'_>) -> Result<()> {
    let incoming = one.incoming;
    let insert = query(sql!(
        "insert into incidents (id, number, title, title_key, kind, severity, status, description,
            detection, environment, label, report_only, declared_by, created_at, updated_at, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, 1)"
    ));
    let insert = insert.bind(one.id.clone()).bind(one.number);
    let insert = insert.bind(incoming.title.as_str().to_owned()).bind(incoming.title.key());
    let insert = insert.bind(incoming.kind).bind(incoming.severity).bind(incoming.status);
    let insert = insert.bind(incoming.description.clone()).bind(incoming.detection);
    let insert = insert.bind(incoming.environment.clone()).bind(incoming.label).bind(true);
    insert.bind(one.by.clone()).bind(one.now).run(tx).await?;
    let insert = query(sql!(
        "insert into brought_incidents (source, external_id, incident_id) values ($1, $2, $3)"
    ));
    let insert = insert.bind(one.source.to_owned()).bind(incoming.external_id.clone());
    insert.bind(one.id.clone()).run(tx).await?;
    Ok(())
}

/// Its severity, in the history.
pub(super) async fn add_severity(
    tx: &mut Tx,
    id: &IncidentId,
    severity: i64,
    at: Time,
    (by, why, now): (&PersonId, &str, Time),
) -> Result<()> {
    let insert = query(sql!(
        "insert into severities (id, incident_id, severity, at, by_person, reason)
         values ($1, $2, $3, $4, $5, $6)"
    ));
    let insert = insert.bind(ChangeId::at(now)).bind(id.clone()).bind(severity).bind(at);
    insert.bind(by.clone()).bind(why.to_owned()).run(tx).await?;
    Ok(())
}
