//! Waived reviews in the database, as they are listed month by month.

use super::retrospective::{RetrospectiveId, WaiverCode};
use crate::access::Viewer;
use crate::incidents::{Key, Kind, Label};
use crate::{covered_visible, visible};
use kit::db::{Conn, Result, Time, query};
use kit::sql;

/// A waived review.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Waived {
    /// Its id.
    pub id: RetrospectiveId,
    /// The number in the incident's key.
    pub incident_number: i64,
    /// The incident's title.
    pub incident_title: String,
    /// The incident's kind.
    pub incident_kind: Kind,
    /// Its severity.
    pub severity: Option<i64>,
    /// How far it may be shared.
    pub label: Label,
    /// The kind of review that was proposed.
    pub kind: String,
    /// Why, as a word.
    pub code: Option<WaiverCode>,
    /// Why, in words.
    pub reason: String,
    /// The name of who waived it.
    pub waived_by: String,
    /// When.
    pub waived_at: Time,
}

impl Waived {
    /// The incident's key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.incident_number)
    }

    /// The name of the kind that was proposed.
    #[must_use]
    pub fn kind_name(&self) -> &str {
        crate::kinds::find(&self.kind).map_or(self.kind.as_str(), |kind| kind.name.as_str())
    }
}

/// Reviews that were waived from a time on and before another, of incidents that this viewer may see,
/// the newest first, after the time and id of one.
///
/// # Errors
/// What the database says.
pub async fn waived(
    conn: &mut Conn,
    viewer: &Viewer,
    (from, to): (Time, Time),
    after: Option<(Time, RetrospectiveId)>,
    most: i64,
) -> Result<Vec<Waived>> {
    let select = query(sql!(concat!(
        "select r.id, i.number as incident_number, i.title as incident_title,
                i.kind as incident_kind, i.severity, i.label, r.kind, r.waived_code as code,
                m.reason, p.name as waived_by, m.at as waived_at
         from retrospectives r join incidents i on i.id = r.incident_id
         join retrospective_moves m on m.retrospective_id = r.id and m.state = 'waived'
         join people p on p.id = m.by_person
         where r.state = 'waived' and m.at >= $3 and m.at < $4
           and (cast($5 as timestamptz) is null or m.at < $5 or (m.at = $5 and r.id < $6)) and ",
        covered_visible!("r.id"),
        " and ",
        visible!(),
        " order by m.at desc, r.id desc limit $7"
    )));
    let (at, id) = after.map_or((None, None), |(at, id)| (Some(at), Some(id)));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(from).bind(to).bind(at).bind(id).bind(most).all(conn).await
}
