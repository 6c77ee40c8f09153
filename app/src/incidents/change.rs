//! What people change on an incident: its words, its status and severity, who may see it, what it hit,
//! its impact windows, its participants, its relations. Each is one transaction with its audit row.

use super::impact::{NewWindow, WindowId};
use super::incident::{Incident, Key, Kind, Label, Status};
use super::key_time::{KeyTimeName, Moment};
use super::participants::{NewParticipant, ParticipantId};
use super::store::{self, Edit};
use super::store_parts;
use super::store_parts::{ChangeId, NewSeverity, SeverityChange};
use super::store_times::{self, Recording};
use crate::access::{PersonId, Session, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::people::session;
use crate::services::ServiceId;
use crate::teams::TeamId;
use kit::db::{Time, Tx};
use kit::web::Problem;
use serde_json::{Value, json};

/// A transaction on one incident that ends in an audit row and, for a page, a sentence.
pub struct Change<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    incident: &'a Incident,
    session: Option<&'a Session>,
}

impl<'a> Change<'a> {
    /// A change by somebody who writes.
    ///
    /// # Errors
    /// 403 for who does not.
    pub fn by(
        app: &'a App,
        viewer: &'a Viewer,
        incident: &'a Incident,
        session: Option<&'a Session>,
    ) -> Result<Change<'a>, Problem> {
        viewer.must_write()?;
        Ok(Change { app, viewer, incident, session })
    }

    fn now(&self) -> Time {
        self.app.now()
    }

    async fn done(
        &self,
        mut tx: Tx,
        what: &str,
        before: Value,
        after: Value,
        sentence: &str,
    ) -> Result<(), Problem> {
        let key = self.incident.key().to_string();
        let deed = Deed::new(&self.viewer.id, what, &key).of(self.incident.id.as_str());
        audit::record(&mut tx, self.now(), deed.before(before).after(after)).await?;
        if let Some(session) = self.session {
            session::say(&mut tx, session, sentence).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Changes its words.
    ///
    /// # Errors
    /// 409 when somebody else changed it since `version`; 422 for an incident that is to be none, or the
    /// other way round: it would leave lists and figures without a trace.
    pub async fn edit(&self, version: i64, edit: &Edit) -> Result<(), Problem> {
        if (edit.kind == Kind::Project) != (self.incident.kind == Kind::Project) {
            let detail = "An incident stays one, and a project none. Cancel it if it was none.";
            return Err(Problem::field("kind", detail));
        }
        let mut tx = self.app.db.write().await?;
        if !store::edit(&mut tx, &self.incident.id, version, edit, self.now()).await? {
            let detail = "Somebody changed it while you wrote. Open it again and compare.";
            return Err(Problem::conflict("changed_meanwhile", detail));
        }
        let was = self.incident;
        let before = json!({ "title": was.title, "kind": was.kind, "detection": was.detection,
            "environment": was.environment, "description": was.description });
        let after = json!({ "title": edit.title.as_str(), "kind": edit.kind,
            "detection": edit.detection, "environment": edit.environment,
            "description": edit.description });
        self.done(tx, "incident.edited", before, after, "Saved.").await
    }

    /// Moves it on in its life; mitigated and resolved also record the key time.
    ///
    /// # Errors
    /// 409 when it cannot go there from where it is.
    pub async fn status(&self, to: Status, reason: &str) -> Result<(), Problem> {
        let from = self.incident.status;
        if !from.next().contains(&to) {
            let detail = format!("It is {from}; from there it cannot become {to}.");
            return Err(Problem::conflict("status", detail));
        }
        let needs_reason = matches!(to, Status::Cancelled | Status::Merged)
            || (from == Status::Closed && to == Status::Active);
        if needs_reason && kit::line::is_blank(reason) {
            return Err(Problem::field("reason", format!("Say why it becomes {to}.")));
        }
        let now = self.now();
        let id = &self.incident.id;
        let mut tx = self.app.db.write().await?;
        if !store::set_status(&mut tx, id, from, to, now).await? {
            return Err(Problem::conflict("status", "Somebody moved it just now. Look again."));
        }
        store_parts::add_status(&mut tx, id, to, &self.viewer.id, reason, now).await?;
        let name = match to {
            Status::Mitigated => Some(KeyTimeName::Mitigated),
            Status::Resolved => Some(KeyTimeName::Resolved),
            _ => None,
        };
        if let Some(name) = name.filter(|_| !self.incident.report_only) {
            // Recorded once; what was said before stays.
            let moment = Moment::exact(now.timestamp());
            let source = "afterword".to_owned();
            let recording = Recording { name, moment, source, evidence_id: None };
            store_times::record(&mut tx, id, &recording, &self.viewer.id, now).await?;
        }
        let moved = Incident { status: to, ..self.incident.clone() };
        crate::site::incident_moved(&mut tx, &self.viewer.id, &moved, now).await?;
        let sentence = format!("It is {to} now.");
        let after = json!({ "status": to, "reason": reason });
        self.done(tx, "incident.status", json!({ "status": from }), after, &sentence).await
    }

    /// Says another severity, from a time on.
    ///
    /// # Errors
    /// What the database says.
    pub async fn severity(&self, to: i64, at: Time, reason: &str) -> Result<(), Problem> {
        let mut tx = self.app.db.write().await?;
        let (id, by) = (&self.incident.id, &self.viewer.id);
        let new = NewSeverity { severity: to, at, reason };
        store_parts::add_severity(&mut tx, id, &new, by, self.now()).await?;
        let before = json!({ "severity": self.incident.severity });
        let after = json!({ "severity": to, "at": at, "reason": reason });
        let sentence = format!("Severity {to} is in the history.");
        self.done(tx, "incident.severity", before, after, &sentence).await
    }

    /// Corrects a row of the severity history; what follows from it is said anew.
    ///
    /// # Errors
    /// 404 for a row of another incident; 422 without the reason of the correction.
    pub async fn correct_severity(
        &self,
        row: &SeverityChange,
        because: &str,
    ) -> Result<(), Problem> {
        let mut tx = self.app.db.write().await?;
        let before = self.severity_row(&mut tx, &row.id, because).await?;
        if !store_parts::update_severity(&mut tx, &self.incident.id, row, self.now()).await? {
            return Err(Problem::not_found());
        }
        let mut after = told(row);
        after["because"] = json!(because);
        let sentence = format!("Severity {} is corrected in the history.", row.severity);
        self.done(tx, "incident.severity_corrected", told(&before), after, &sentence).await
    }

    /// Takes a row out of the severity history that should not be there.
    ///
    /// # Errors
    /// 404 for a row of another incident; 422 without a reason.
    pub async fn remove_severity(&self, which: &ChangeId, because: &str) -> Result<(), Problem> {
        let mut tx = self.app.db.write().await?;
        let before = self.severity_row(&mut tx, which, because).await?;
        if !store_parts::delete_severity(&mut tx, &self.incident.id, which, self.now()).await? {
            return Err(Problem::not_found());
        }
        let sentence = "It is out of the history; the audit log keeps what it said.";
        let after = json!({ "because": because });
        self.done(tx, "incident.severity_removed", told(&before), after, sentence).await
    }

    /// The row as it stands, once somebody has said why it changes.
    async fn severity_row(
        &self,
        tx: &mut Tx,
        which: &ChangeId,
        because: &str,
    ) -> Result<SeverityChange, Problem> {
        let rows = store_parts::severities(tx, self.incident).await?;
        let row = rows.into_iter().find(|row| row.id == *which);
        let row = row.ok_or_else(Problem::not_found)?;
        if kit::line::is_blank(because) {
            let why = "Say why the history is corrected; the audit log keeps both.";
            return Err(Problem::field("because", why));
        }
        Ok(row)
    }

    /// Sets how far it may be shared. Turning red puts who turns it and all its participants on the
    /// list, so that nobody who works on it is shut out.
    ///
    /// # Errors
    /// 403 for who does not decide.
    pub async fn label(&self, to: Label) -> Result<(), Problem> {
        self.viewer.must_decide()?;
        let now = self.now();
        let mut tx = self.app.db.write().await?;
        if to == Label::Red {
            let people = store_parts::participants(&mut tx, self.incident).await?;
            let people = people.into_iter().filter_map(|one| one.person_id);
            for person in people.chain([self.viewer.id.clone()]) {
                store::share(&mut tx, &self.incident.id, &person, &self.viewer.id, now).await?;
            }
        }
        store::set_label(&mut tx, &self.incident.id, to, now).await?;
        crate::site::access_moved(&mut tx, &self.viewer.id, &self.incident.id, now).await?;
        let before = json!({ "label": self.incident.label });
        let sentence = format!("Its label is {} now.", to.word());
        self.done(tx, "incident.label", before, json!({ "label": to }), &sentence).await
    }

    /// Puts somebody on the list of who may see it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn share(&self, with: &PersonId, name: &str) -> Result<(), Problem> {
        let mut tx = self.app.db.write().await?;
        let (id, by) = (&self.incident.id, &self.viewer.id);
        store::share(&mut tx, id, with, by, self.now()).await?;
        crate::site::access_moved(&mut tx, by, id, self.now()).await?;
        let sentence = format!("{name} may see it.");
        self.done(tx, "incident.shared", Value::Null, json!({ "with": with }), &sentence).await
    }

    /// Takes somebody off that list.
    ///
    /// # Errors
    /// 409 when nobody would be left.
    pub async fn unshare(&self, with: &PersonId) -> Result<(), Problem> {
        let mut tx = self.app.db.write().await?;
        let listed = store::listed(&mut tx, self.incident).await?;
        if listed.iter().all(|one| one.person_id == *with) {
            let detail = "Somebody must stay on the list, or nobody could open it.";
            return Err(Problem::conflict("last_on_list", detail));
        }
        store::unshare(&mut tx, &self.incident.id, with).await?;
        let (id, by) = (&self.incident.id, &self.viewer.id);
        crate::site::access_moved(&mut tx, by, id, self.now()).await?;
        let before = json!({ "with": with });
        self.done(tx, "incident.unshared", before, Value::Null, "Taken off the list.").await
    }

    /// Says which services and teams it concerned.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hits(&self, services: &[ServiceId], teams: &[TeamId]) -> Result<(), Problem> {
        let mut tx = self.app.db.write().await?;
        store_parts::set_hits(&mut tx, &self.incident.id, services, teams).await?;
        let after = json!({ "services": services, "teams": teams });
        self.done(tx, "incident.hits", Value::Null, after, "Services and teams are saved.").await
    }

    /// Adds an impact window, or changes one, then with the reason; gives its id.
    ///
    /// # Errors
    /// 404 for a window of another incident; 422 for a change without its reason.
    pub async fn window(
        &self,
        which: Option<&WindowId>,
        new: &NewWindow,
        because: &str,
    ) -> Result<WindowId, Problem> {
        let mut tx = self.app.db.write().await?;
        let id = &self.incident.id;
        let windows = store_parts::windows(&mut tx, self.incident).await?;
        let before = windows.into_iter().find(|window| Some(&window.id) == which);
        if before.is_some() && kit::line::is_blank(because) {
            let why = "Say why it changes; the audit log keeps what it said before.";
            return Err(Problem::field("because", why));
        }
        let id = match which {
            None => store_parts::insert_window(&mut tx, id, new, self.now()).await?,
            Some(window) => {
                if !store_parts::update_window(&mut tx, id, window, new).await? {
                    return Err(Problem::not_found());
                }
                window.clone()
            }
        };
        let mut after = json!(new);
        if which.is_some() {
            after["because"] = json!(because);
        }
        self.done(tx, "incident.impact", json!(before), after, "Impact is saved.").await?;
        Ok(id)
    }

    /// Takes an impact window away.
    ///
    /// # Errors
    /// 404 for a window of another incident.
    pub async fn remove_window(&self, which: &WindowId) -> Result<(), Problem> {
        let mut tx = self.app.db.write().await?;
        let windows = store_parts::windows(&mut tx, self.incident).await?;
        let before = windows.into_iter().find(|window| window.id == *which);
        if !store_parts::delete_window(&mut tx, &self.incident.id, which).await? {
            return Err(Problem::not_found());
        }
        let said = "The window is gone; the audit log keeps what it said.";
        self.done(tx, "incident.impact_removed", json!(before), Value::Null, said).await
    }

    /// Adds a participant, whose id it gives; on a red incident they may see it from now on.
    ///
    /// # Errors
    /// What the database says.
    pub async fn participant(&self, new: &NewParticipant) -> Result<ParticipantId, Problem> {
        let mut tx = self.app.db.write().await?;
        let id = &self.incident.id;
        let made = store_parts::insert_participant(&mut tx, id, new, self.now()).await?;
        if let Some(person) = &new.person_id {
            store::share(&mut tx, id, person, &self.viewer.id, self.now()).await?;
        }
        let sentence = format!("{} is written down.", new.name);
        self.done(tx, "incident.participant", Value::Null, json!(new), &sentence).await?;
        Ok(made)
    }

    /// Changes what is said of a participant: roles, times, zone, whether they were called.
    ///
    /// # Errors
    /// 404 for one of another incident.
    pub async fn change_participant(
        &self,
        which: &ParticipantId,
        new: &NewParticipant,
    ) -> Result<(), Problem> {
        let mut tx = self.app.db.write().await?;
        let there = store_parts::participants(&mut tx, self.incident).await?;
        let before = there.into_iter().find(|one| one.id == *which).map(|one| one.said());
        let id = &self.incident.id;
        if !store_parts::update_participant(&mut tx, id, which, new).await? {
            return Err(Problem::not_found());
        }
        let sentence = format!("What is said of {} is saved.", new.name);
        let (before, after) = (json!(before), json!(new));
        self.done(tx, "incident.participant_changed", before, after, &sentence).await
    }

    /// Takes a participant away.
    ///
    /// # Errors
    /// 404 for one of another incident.
    pub async fn remove_participant(&self, which: &ParticipantId) -> Result<(), Problem> {
        let mut tx = self.app.db.write().await?;
        if !store_parts::delete_participant(&mut tx, &self.incident.id, which).await? {
            return Err(Problem::not_found());
        }
        let before = json!({ "participant": which });
        self.done(tx, "incident.participant_removed", before, Value::Null, "Taken off.").await
    }

    /// Relates it to another one that the viewer can see.
    ///
    /// # Errors
    /// 422 when the other is not to be seen, is itself, or the relation is unknown.
    pub async fn relate(&self, other: Key, relation: &str, note: &str) -> Result<(), Problem> {
        let mut tx = self.app.db.write().await?;
        let found = store::find(&mut tx, self.viewer, other).await?;
        let Some(found) = found.filter(|found| found.id != self.incident.id) else {
            let message =
                format!("{other} is not an incident that you can see, or it is this one.");
            return Err(Problem::field("other", message));
        };
        if !["repeat_of", "related", "duplicate_of"].contains(&relation) {
            return Err(Problem::field("relation", "Choose how they are related."));
        }
        store_parts::relate(&mut tx, &self.incident.id, &found.id, relation, note).await?;
        let after = json!({ "other": found.key(), "relation": relation, "note": note });
        let sentence = format!("Linked with {other}.");
        self.done(tx, "incident.related", Value::Null, after, &sentence).await
    }
}

/// A row of the severity history as the audit log keeps it.
fn told(row: &SeverityChange) -> Value {
    json!({ "severity": row.severity, "at": row.at, "reason": row.reason })
}
