//! Incidents as programs list them: by many conditions at once, in slices.

use super::incident::{Detection, Incident, Kind, Label, Status};
use crate::access::Viewer;
use crate::visible;
use kit::db::{Conn, Result, Time, query};
use kit::sql;

/// Which incidents. An empty list is no condition.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// In one of these statuses.
    pub statuses: Vec<Status>,
    /// Of one of these severities.
    pub severities: Vec<i64>,
    /// Of one of these kinds.
    pub kinds: Vec<Kind>,
    /// With one of these labels.
    pub labels: Vec<Label>,
    /// Noticed first by one of these.
    pub detections: Vec<Detection>,
    /// Hit this service, by slug.
    pub service: Option<String>,
    /// Written down here between these, both included.
    pub created: (Time, Time),
    /// Last changed between these, both included.
    pub updated: (Time, Time),
    /// Written down after the fact.
    pub report_only: Option<bool>,
    /// Only numbers below; where the next page begins.
    pub below: Option<i64>,
}

/// Words as one text with bars around each, so that a statement can ask whether one is among them.
fn barred<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.fold(String::new(), |all, word| format!("{all}|{word}|"))
}

/// The newest incidents of these this viewer may see.
pub(super) async fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    wanted: &Wanted,
    most: i64,
) -> Result<Vec<Incident>> {
    let select = query(sql!(concat!(
        "select i.id, i.number, i.title, i.kind, i.severity, i.status, i.description, i.detection,
                i.environment, i.label, i.report_only, i.declared_by, i.created_at, i.updated_at,
                i.version
         from incidents i
         where i.number < $3
           and ($4 = '' or replace($4, '|' || i.status || '|', '') <> $4)
           and ($5 = '' or replace($5, '|' || cast(i.severity as text) || '|', '') <> $5)
           and (replace($6, '|' || i.kind || '|', '') <> $6 or ($6 = '' and i.kind <> 'project'))
           and ($7 = '' or replace($7, '|' || i.label || '|', '') <> $7)
           and ($8 = '' or replace($8, '|' || i.detection || '|', '') <> $8)
           and (cast($9 as text) is null or exists (
                select 1 from incident_services s join services v on v.id = s.service_id
                where s.incident_id = i.id and v.slug = $9))
           and i.created_at >= $10 and i.created_at <= $11
           and i.updated_at >= $12 and i.updated_at <= $13
           and (cast($14 as boolean) is null or i.report_only = $14)
           and ",
        visible!(),
        " order by i.number desc limit $15"
    )));
    let severities: Vec<String> = wanted.severities.iter().map(ToString::to_string).collect();
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let select = select.bind(wanted.below.unwrap_or(i64::MAX));
    let select = select.bind(barred(wanted.statuses.iter().map(|one| one.name())));
    let select = select.bind(barred(severities.iter().map(String::as_str)));
    let select = select.bind(barred(wanted.kinds.iter().map(|one| one.name())));
    let select = select.bind(barred(wanted.labels.iter().map(|one| one.name())));
    let select = select.bind(barred(wanted.detections.iter().map(|one| one.name())));
    let select = select.bind(wanted.service.clone()).bind(wanted.created.0).bind(wanted.created.1);
    let select = select.bind(wanted.updated.0).bind(wanted.updated.1).bind(wanted.report_only);
    select.bind(most).all(conn).await
}
