//! Releases in the database.

use super::document::Document;
use crate::access::{PersonId, Viewer};
use crate::incidents::{Incident, IncidentId};
use crate::retrospectives::RetrospectiveId;
use crate::{covered_visible, visible};
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
pub(super) async fn of_incident(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<Vec<Release>> {
    let select = query(sql!(concat!(
        "select r.number, r.title, r.audience, r.sha256, r.state, r.published_at from releases r
         where r.incident_id = $3 and r.state <> 'withdrawn' and ",
        covered_visible!("r.retrospective_id"),
        " order by r.number desc"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.id.clone()).all(conn).await
}

#[derive(sqlx::FromRow)]
struct Last {
    number: Option<i64>,
}

/// The number of the last release of an incident, whoever asks; 0 while there is none.
///
/// # Errors
/// What the database says.
pub(super) async fn last_number(conn: &mut Conn, incident: &Incident) -> Result<i64> {
    let select = query(sql!("select max(number) as number from releases where incident_id = $1"));
    let last: Last = select.bind(incident.id.clone()).one(conn).await?;
    Ok(last.number.unwrap_or(0))
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
    viewer: &Viewer,
    incident: &Incident,
    number: i64,
) -> Result<Option<Bodies>> {
    let select = query(sql!(concat!(
        "select r.html, r.markdown, r.json from releases r
         where r.incident_id = $3 and r.number = $4 and r.state <> 'withdrawn' and ",
        covered_visible!("r.retrospective_id")
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.id.clone()).bind(number).optional(conn).await
}

/// What a release and the one before it say, with the number of that one.
///
/// # Errors
/// What the database says.
pub(super) async fn pair(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
    after: i64,
) -> Result<Option<(i64, Bodies, Bodies)>> {
    let releases = of_incident(conn, viewer, incident).await?;
    let before = releases.iter().map(|one| one.number).filter(|n| *n < after).max();
    let Some(before) = before else { return Ok(None) };
    let old = bodies(conn, viewer, incident, before).await?;
    let new = bodies(conn, viewer, incident, after).await?;
    Ok(old.zip(new).map(|(old, new)| (before, old, new)))
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

/// A newly published release.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Newest {
    /// Its id.
    pub id: ReleaseId,
    /// The incident's number.
    pub incident_number: i64,
    /// 1, 2, …
    pub number: i64,
    /// The release's title.
    pub title: String,
    /// When it was published.
    pub published_at: Time,
}

impl Newest {
    /// Where it stands in lists.
    #[must_use]
    pub(super) fn place(&self) -> String {
        format!("{}.{}", self.published_at.microseconds(), self.id)
    }
}

/// The newest releases this viewer may read.
///
/// # Errors
/// What the database says.
pub async fn newest(conn: &mut Conn, viewer: &Viewer, most: i64) -> Result<Vec<Newest>> {
    newest_after(conn, viewer, None, most).await
}

/// The same, after a place in their order.
///
/// # Errors
/// What the database says.
pub(super) async fn newest_after(
    conn: &mut Conn,
    viewer: &Viewer,
    after: Option<(Time, String)>,
    most: i64,
) -> Result<Vec<Newest>> {
    let select = query(sql!(concat!(
        "select r.id, i.number as incident_number, r.number, r.title, r.published_at
         from releases r join incidents i on i.id = r.incident_id
         where r.state = 'published'
           and (not $3 or r.published_at < $4
                or (r.published_at = $4 and r.id > cast($5 as text))) and ",
        covered_visible!("r.retrospective_id"),
        " and ",
        visible!(),
        " order by r.published_at desc, r.id limit $6"
    )));
    let is_after = after.is_some();
    let (at, id) = after.unwrap_or((Time::new(jiff::Timestamp::UNIX_EPOCH), String::new()));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(is_after).bind(at).bind(id).bind(most).all(conn).await
}
