//! Lines in the database.

use super::chain::{self, Anchor, Link};
use super::{Deed, LineId};
use crate::access::Viewer;
use crate::visible;
use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;
use serde_json::Value;

/// A line as it is read.
#[derive(Debug, Clone, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
#[schema(as = AuditLine)]
pub struct Line {
    /// Its number in the record.
    pub n: i64,
    /// When.
    pub at: Time,
    /// Who, by name; none when the product did it.
    pub name: Option<String>,
    /// The word for it.
    pub what: String,
    /// To what.
    pub object: String,
    /// What was.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Json<Value>>,
    /// What is.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Json<Value>>,
}

#[derive(sqlx::FromRow)]
struct Head {
    n: i64,
    hash: String,
}

/// Where the record ends.
///
/// # Errors
/// What the database says.
pub async fn head(conn: &mut Conn) -> Result<Anchor> {
    let head: Head =
        query(sql!("select n, hash from activity_head where one = 1")).one(conn).await?;
    Ok(Anchor { n: head.n, hash: head.hash })
}

/// The lines after number `after`, in their order; every one, for the chain and those who follow it.
///
/// # Errors
/// What the database says.
pub async fn links(conn: &mut Conn, after: i64, most: i64) -> Result<Vec<Link>> {
    let select = query(sql!(
        "select id, n, at, person_id, what, object, incident_id, before, after, hash
         from activity where n > $1 order by n limit $2"
    ));
    select.bind(after).bind(most).all(conn).await
}

/// A line as those who follow the record read it: what was touched, not what was or is.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Followed {
    /// Its number.
    pub n: i64,
    /// When.
    pub at: Time,
    /// The word for it.
    pub what: String,
    /// To what.
    pub object: String,
    /// Through which incident it is read.
    pub incident_id: Option<String>,
    /// Its digest.
    pub hash: String,
}

/// The lines after number `after`, in their order, whoever asks: for those who follow the record.
///
/// # Errors
/// What the database says.
pub async fn after_for_system(conn: &mut Conn, after: i64, most: i64) -> Result<Vec<Followed>> {
    let select = query(sql!(
        "select n, at, what, object, incident_id, hash from activity where n > $1
         order by n limit $2"
    ));
    select.bind(after).bind(most).all(conn).await
}

/// Whether an anchor is a place in this record, and not of another one or of lines that were lost.
///
/// # Errors
/// What the database says.
pub async fn is_of_record(conn: &mut Conn, anchor: &Anchor) -> Result<bool> {
    if anchor.n == 0 {
        return Ok(true);
    }
    let select = query(sql!("select n, hash from activity where n = $1"));
    let found: Option<Head> = select.bind(anchor.n).optional(conn).await?;
    Ok(found.is_some_and(|line| line.hash == anchor.hash))
}

/// Writes a line in the verb's transaction. The head's row is held from here to the commit, so that
/// numbers follow commits.
///
/// # Errors
/// What the database says.
pub async fn record(tx: &mut Tx, at: Time, deed: Deed<'_>) -> Result<()> {
    let take = query(sql!("update activity_head set n = n + 1 where one = 1 returning n, hash"));
    let before: Head = take.one(tx).await?;
    let mut link = Link {
        id: LineId::at(at),
        n: before.n,
        at,
        person_id: deed.by.map(|person| person.as_str().to_owned()),
        what: deed.what.to_owned(),
        object: deed.object.to_owned(),
        incident_id: deed.incident.map(str::to_owned),
        before: deed.before.map(Json),
        after: deed.after.map(Json),
        hash: String::new(),
    };
    link.hash = chain::digest(&before.hash, &link);
    let keep = query(sql!("update activity_head set hash = $1 where one = 1"));
    keep.bind(link.hash.clone()).run(tx).await?;
    let insert = query(sql!(
        "insert into activity
             (id, n, at, person_id, what, object, incident_id, before, after, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    ));
    let insert = insert.bind(link.id).bind(link.n).bind(link.at).bind(link.person_id);
    let insert = insert.bind(link.what).bind(link.object).bind(link.incident_id);
    insert.bind(link.before).bind(link.after).bind(link.hash).run(tx).await?;
    Ok(())
}

/// An incident's lines, the newest first, before the line numbered `before`.
///
/// # Errors
/// What the database says.
pub async fn of_incident(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &str,
    before: i64,
    most: i64,
) -> Result<Vec<Line>> {
    let select = query(sql!(concat!(
        "select a.n, a.at, p.name, a.what, a.object, a.before, a.after
         from activity a join incidents i on i.id = a.incident_id
         left join people p on p.id = a.person_id
         where a.incident_id = $3 and a.n < $4 and ",
        visible!(),
        " order by a.n desc limit $5"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.to_owned()).bind(before).bind(most).all(conn).await
}

/// The newest lines this viewer may read, before the line numbered `before`.
///
/// # Errors
/// What the database says.
pub async fn recent(conn: &mut Conn, viewer: &Viewer, before: i64, most: i64) -> Result<Vec<Line>> {
    let select = query(sql!(concat!(
        "select a.n, a.at, p.name, a.what, a.object, a.before, a.after
         from activity a left join incidents i on i.id = a.incident_id
         left join people p on p.id = a.person_id
         where a.n < $3 and (a.incident_id is null or ",
        visible!(),
        ") order by a.n desc limit $4"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(before).bind(most).all(conn).await
}
