//! Declaring: three inputs, while it runs or after the fact.

use super::incident::{Detection, IncidentId, Key, Kind, Label, Status, Title, parse_severity};
use super::key_time::{KeyTimeName, Moment};
use super::participants::{NewParticipant, Role};
use super::store::{self, NewIncident};
use super::store_parts::{self, NewSeverity};
use super::store_times::{self, Recording};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use kit::db::{DbError, Time, Tx};
use kit::web::{Problem, Said};
use serde_json::json;

/// What somebody said when they declared.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What happened, in plain words.
    pub title: Title,
    /// What kind it was.
    pub kind: Kind,
    /// How bad, if they can tell.
    pub severity: Option<i64>,
    /// Written down after the fact: nobody is on it now.
    pub report_only: bool,
    /// How far it may be shared.
    pub label: Label,
}

impl Declaration {
    /// Reads one from a form.
    ///
    /// # Errors
    /// 422 with every wrong field.
    pub fn read(said: &Said) -> Result<Declaration, Problem> {
        let title = said.need("title", Title::parse);
        let kind = said.may("kind", Kind::parse).unwrap_or(Kind::Outage);
        let severity = said.may("severity", parse_severity);
        said.checked()?;
        let title = title.ok_or_else(|| Problem::internal("a checked form lacks a title"))?;
        let (report_only, private) = (said.is_set("report_only"), said.is_set("private"));
        Ok(Declaration::new(title, kind, severity, report_only, private))
    }

    /// What follows from what was said.
    #[must_use]
    pub fn new(
        title: Title,
        kind: Kind,
        severity: Option<i64>,
        report_only: bool,
        private: bool,
    ) -> Declaration {
        // Security is private from the start; whoever declares is on the list.
        let is_private = private || kind == Kind::Security;
        let label = if is_private { Label::Red } else { Label::AmberStrict };
        // A near miss or a project has neither severity nor duration: they would mean nothing.
        let severity = severity.filter(|_| kind.is_measured());
        let report_only = report_only || !kind.is_measured();
        Declaration { title, kind, severity, report_only, label }
    }
}

/// Writes an incident down, with the viewer as its first participant.
///
/// # Errors
/// 403 for who does not write; 422 for what is no incident: one looks back at it.
pub async fn declare(
    app: &App,
    viewer: &Viewer,
    said: &Declaration,
) -> Result<(IncidentId, Key), Problem> {
    viewer.must_write()?;
    if said.kind == Kind::Project {
        let detail = "A project is not declared; look back at it: open a retrospective of its own.";
        return Err(Problem::field("kind", detail));
    }
    // Two may take the same number at once on PostgreSQL; the second takes the next.
    for _ in 0..20 {
        match try_declare(app, viewer, said).await {
            Err(DbError::Duplicate { .. }) => {}
            done => return Ok(done?),
        }
    }
    Err(DbError::Away("many incidents are being declared at once".into()).into())
}

async fn try_declare(
    app: &App,
    viewer: &Viewer,
    said: &Declaration,
) -> Result<(IncidentId, Key), DbError> {
    let mut tx = app.db.write().await?;
    let declared = within(&mut tx, viewer, said, app.now()).await?;
    tx.commit().await?;
    Ok(declared)
}

/// The same within a larger deed, for who may.
///
/// # Errors
/// What the database says; a duplicate when another took the number, on PostgreSQL.
pub async fn within(
    tx: &mut Tx,
    viewer: &Viewer,
    said: &Declaration,
    now: Time,
) -> Result<(IncidentId, Key), DbError> {
    let status = if said.report_only { Status::Resolved } else { Status::Active };
    let new = NewIncident {
        title: said.title.clone(),
        kind: said.kind,
        severity: said.severity,
        status,
        label: said.label,
        detection: Detection::Unknown,
        report_only: said.report_only,
    };
    let (id, key) = store::insert(tx, &new, &viewer.id, now).await?;
    store::share(tx, &id, &viewer.id, &viewer.id, now).await?;
    let why = if said.report_only { "written down after the fact" } else { "declared" };
    store_parts::add_status(tx, &id, status, &viewer.id, why, now).await?;
    if let Some(severity) = said.severity {
        let new = NewSeverity { severity, at: now, reason: why };
        store_parts::add_severity(tx, &id, &new, &viewer.id, now).await?;
    }
    if !said.report_only {
        // Whoever calls it leads it until somebody else does. A report has no such moment.
        store_parts::insert_participant(tx, &id, &commander(viewer, now), now).await?;
        store_times::record(tx, &id, &declared(now), &viewer.id, now).await?;
    }
    let key_text = key.to_string();
    let deed = Deed::new(&viewer.id, "incident.declared", &key_text).of(id.as_str());
    let after = json!({ "title": said.title.as_str(), "kind": said.kind,
        "severity": said.severity, "label": said.label, "report_only": said.report_only });
    audit::record(tx, now, deed.after(after)).await?;
    if let Some(incident) = store::find_by_id(tx, viewer, &id).await? {
        crate::site::incident_moved(tx, &viewer.id, &incident, now).await?;
    }
    Ok((id, key))
}

fn commander(viewer: &Viewer, now: Time) -> NewParticipant {
    NewParticipant {
        person_id: Some(viewer.id.clone()),
        name: viewer.name.clone(),
        roles: vec![Role::Commander],
        joined_at: Some(now),
        left_at: None,
        on_call: false,
        called_out_of_hours: false,
        zone: viewer.zone.clone(),
    }
}

fn declared(now: Time) -> Recording {
    let moment = Moment::exact(now.timestamp());
    let source = "afterword".to_owned();
    Recording { name: KeyTimeName::Declared, moment, source, evidence_id: None }
}
