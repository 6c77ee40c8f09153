//! Releases in the database.

use super::document::Document;
use crate::access::{PersonId, Viewer};
use crate::incidents::{Incident, IncidentId};
use crate::retrospectives::RetrospectiveId;
use crate::visible;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

kit::id!(
    /// A release's id.
    ReleaseId,
    "rel"
);

/// A release as it is read, without its bodies.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Release {
    /// 1, 2, …
    pub number: i64,
    /// Its title when it was published.
    pub title: String,
    /// For whom.
    pub audience: String,
    /// The digest of its JSON.
    pub sha256: String,
    /// `published`, `superseded`, `withdrawn`.
    pub state: String,
    /// When.
    pub published_at: Time,
}

/// The releases of an incident that was found for the viewer, the newest first.
///
/// # Errors
/// What the database says.
pub(super) async fn of_incident(conn: &mut Conn, incident: &Incident) -> Result<Vec<Release>> {
    let select = query(sql!(
        "select number, title, audience, sha256, state, published_at from releases
         where incident_id = $1 and state <> 'withdrawn' order by number desc"
    ));
    select.bind(incident.id.clone()).all(conn).await
}

/// The bodies of a release.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Bodies {
    pub html: String,
    pub markdown: String,
    pub json: String,
}

/// What a release of an incident, found for the viewer, says.
///
/// # Errors
/// What the database says.
pub(super) async fn bodies(
    conn: &mut Conn,
    incident: &Incident,
    number: i64,
) -> Result<Option<Bodies>> {
    let select = query(sql!(
        "select html, markdown, json from releases
         where incident_id = $1 and number = $2 and state <> 'withdrawn'"
    ));
    select.bind(incident.id.clone()).bind(number).optional(conn).await
}

/// What is added.
pub(super) struct NewRelease<'a> {
    pub retrospective: &'a RetrospectiveId,
    pub incident: &'a IncidentId,
    pub document: &'a Document,
    pub html: &'a str,
    pub markdown: &'a str,
    pub by: &'a PersonId,
}

/// Adds a release and supersedes those before it.
///
/// # Errors
/// A duplicate when another was published with this number just now.
pub(super) async fn insert(tx: &mut Tx, new: &NewRelease<'_>, now: Time) -> Result<()> {
    let update = query(sql!(
        "update releases set state = 'superseded' where incident_id = $1 and state = 'published'"
    ));
    update.bind(new.incident.clone()).run(tx).await?;
    let insert = query(sql!(
        "insert into releases (id, retrospective_id, incident_id, number, title, label, audience,
            what_changed, html, markdown, json, sha256, state, published_by, published_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'published', $13, $14)"
    ));
    let document = new.document;
    let insert = insert.bind(ReleaseId::at(now)).bind(new.retrospective.clone());
    let insert = insert.bind(new.incident.clone()).bind(document.release);
    let insert = insert.bind(document.title.clone()).bind(document.label.clone());
    let insert = insert.bind(document.audience.clone()).bind(document.what_changed.clone());
    let insert = insert.bind(new.html.to_owned()).bind(new.markdown.to_owned());
    let insert = insert.bind(document.json()).bind(document.sha256());
    insert.bind(new.by.clone()).bind(now).run(tx).await?;
    Ok(())
}

/// A newly published release, for the home page.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Newest {
    /// The incident's number.
    pub incident_number: i64,
    /// The release's title.
    pub title: String,
    /// When it was published.
    pub published_at: Time,
}

/// The newest releases this viewer may read.
///
/// # Errors
/// What the database says.
pub async fn newest(conn: &mut Conn, viewer: &Viewer, most: i64) -> Result<Vec<Newest>> {
    let select = query(sql!(concat!(
        "select i.number as incident_number, r.title, r.published_at
         from releases r join incidents i on i.id = r.incident_id
         where r.state = 'published' and ",
        visible!(),
        " order by r.published_at desc, r.id limit $3"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(most).all(conn).await
}
