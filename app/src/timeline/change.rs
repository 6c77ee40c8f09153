//! One change of a timeline: a transaction in which entries are added, rewritten and taken away, kept
//! with what was before, so that it can be undone. Every verb of the slice is one of these.

use super::entry::{Content, Entry, EntryId};
use super::store;
use super::store_changes::{self, NewChange};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::evidence::{self, EvidenceId};
use crate::incidents::Incident;
use kit::db::{Time, Tx};
use kit::web::Problem;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

kit::id!(
    /// A change's id.
    ChangeId,
    "tch", "TimelineChangeId"
);

/// The most entries that a timeline holds.
const MOST: usize = 20_000;

/// A change that is being made.
pub(super) struct Changing<'a> {
    viewer: &'a Viewer,
    incident: &'a Incident,
    pub(super) tx: Tx,
    pub(super) now: Time,
    n: i64,
    before: Vec<Entry>,
    after: Vec<Entry>,
}

/// What a change came to.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Its id, for undoing it; none when nothing had to be changed.
    pub id: Option<ChangeId>,
    /// What was done, for people.
    pub says: String,
    /// The entries as they are after it, those taken away too.
    pub entries: Vec<Entry>,
    /// The evidence that the entries cite or cited.
    pub evidence: Vec<EvidenceId>,
}

impl<'a> Changing<'a> {
    /// Begins a change: nobody else changes this timeline until it ends.
    pub(super) async fn begin(
        app: &App,
        viewer: &'a Viewer,
        incident: &'a Incident,
    ) -> Result<Changing<'a>, Problem> {
        viewer.must_write()?;
        let mut tx = app.db.write().await?;
        let n = store_changes::next_number(&mut tx, &incident.id).await?;
        let (before, after) = (Vec::new(), Vec::new());
        Ok(Changing { viewer, incident, tx, now: app.now(), n, before, after })
    }

    /// All entries, in their order.
    pub(super) async fn all(&mut self) -> Result<Vec<Entry>, Problem> {
        Ok(store::entries(&mut self.tx, self.incident).await?)
    }

    /// An entry of this timeline, of the version that was looked at where one is given.
    pub(super) async fn need(
        &mut self,
        id: &EntryId,
        version: Option<i64>,
    ) -> Result<Entry, Problem> {
        let found = store::find(&mut self.tx, &self.incident.id, id).await?;
        let entry = found.ok_or_else(Problem::not_found)?;
        match version {
            Some(version) if version != entry.version => Err(changed_since(&entry)),
            _ => Ok(entry),
        }
    }

    /// The evidence of these ids, all of it or 404.
    pub(super) async fn evidence(
        &mut self,
        ids: &[EvidenceId],
    ) -> Result<Vec<evidence::Evidence>, Problem> {
        let id = &self.incident.id;
        let found = evidence::find_all(&mut self.tx, self.viewer, id, ids).await?;
        let is_there = |id: &EvidenceId| found.iter().any(|piece| piece.id == *id);
        if ids.iter().all(is_there) { Ok(found) } else { Err(Problem::not_found()) }
    }

    /// Adds an entry.
    pub(super) async fn add(&mut self, mut content: Content) -> Result<Entry, Problem> {
        content.cites.sort();
        content.cites.dedup();
        let entry = Entry {
            id: EntryId::at(self.now),
            incident_id: self.incident.id.clone(),
            content,
            created_by: self.viewer.id.clone(),
            created_at: self.now,
            updated_at: self.now,
            version: 1,
            deleted_at: None,
        };
        if self.after.len() >= MOST {
            return Err(Problem::field("entries", "A timeline holds at most 20,000 entries."));
        }
        store::insert(&mut self.tx, &entry).await?;
        self.after.push(entry.clone());
        Ok(entry)
    }

    /// Gives an entry another content. What is the same already is left alone.
    pub(super) async fn rewrite(
        &mut self,
        entry: &Entry,
        mut content: Content,
    ) -> Result<Entry, Problem> {
        content.cites.sort();
        content.cites.dedup();
        if content == entry.content {
            return Ok(entry.clone());
        }
        let after = Entry { content, ..entry.clone() };
        self.put(entry, after).await
    }

    /// Takes an entry away.
    pub(super) async fn take_away(&mut self, entry: &Entry) -> Result<(), Problem> {
        let after = Entry { deleted_at: Some(self.now), ..entry.clone() };
        self.put(entry, after).await?;
        Ok(())
    }

    /// Makes an entry what it was in `past`, whatever it is now.
    pub(super) async fn restore(&mut self, entry: &Entry, past: &Entry) -> Result<(), Problem> {
        let after =
            Entry { content: past.content.clone(), deleted_at: past.deleted_at, ..entry.clone() };
        self.put(entry, after).await?;
        Ok(())
    }

    async fn put(&mut self, before: &Entry, mut after: Entry) -> Result<Entry, Problem> {
        after.version = before.version + 1;
        after.updated_at = self.now;
        if !store::update(&mut self.tx, &after).await? {
            return Err(changed_since(before));
        }
        if after.cites != before.cites {
            store::set_citations(&mut self.tx, &after.id, &after.content.cites).await?;
        }
        self.before.push(before.clone());
        self.after.push(after.clone());
        Ok(after)
    }

    /// Whether anything was changed so far.
    pub(super) fn is_empty(&self) -> bool {
        self.after.is_empty()
    }

    /// Keeps the change, its line in the audit log and, where a page comes next, the sentence for it;
    /// then commits.
    pub(super) async fn finish(
        mut self,
        what: &str,
        says: String,
        session: Option<&Session>,
    ) -> Result<Changed, Problem> {
        if self.is_empty() {
            let (says, evidence) = ("Nothing had to be changed.".to_owned(), Vec::new());
            if let Some(session) = session {
                crate::people::session::say(&mut self.tx, session, &says).await?;
            }
            self.tx.commit().await?;
            return Ok(Changed { id: None, says, entries: self.after, evidence });
        }
        let id = ChangeId::at(self.now);
        let (before, after) = (self.before.clone(), self.after.clone());
        let new = NewChange { id: id.clone(), n: self.n, what, says: &says, before, after };
        let by = &self.viewer.id;
        store_changes::insert(&mut self.tx, &self.incident.id, new, by, self.now).await?;
        self.end(what, Some(id), says, session).await
    }

    /// The same for what is itself an undoing and is not undone.
    pub(super) async fn end(
        mut self,
        what: &str,
        id: Option<ChangeId>,
        says: String,
        session: Option<&Session>,
    ) -> Result<Changed, Problem> {
        let key = self.incident.key().to_string();
        let deed = Deed::new(&self.viewer.id, what, &key).of(self.incident.id.as_str());
        let deed = deed.before(audited(&self.before)).after(audited(&self.after));
        audit::record(&mut self.tx, self.now, deed).await?;
        if let Some(session) = session {
            crate::people::session::say(&mut self.tx, session, &says).await?;
        }
        self.tx.commit().await?;
        let mut evidence: Vec<EvidenceId> =
            self.before.iter().chain(&self.after).flat_map(|e| e.cites.iter().cloned()).collect();
        evidence.sort();
        evidence.dedup();
        Ok(Changed { id, says, entries: self.after, evidence })
    }
}

/// What the audit log keeps of entries: all but the words, of which it keeps a digest, since they may
/// be a source's.
fn audited(entries: &[Entry]) -> Value {
    let one = |entry: &Entry| {
        json!({
            "id": entry.id, "version": entry.version, "at": entry.at, "until": entry.until,
            "precision": entry.precision, "uncertainty_s": entry.uncertainty_s,
            "fact": entry.fact, "phase": entry.phase, "known_then": entry.known_then,
            "from_memory": entry.from_memory, "result": entry.result, "cites": entry.cites,
            "deleted_at": entry.deleted_at,
            "text_sha256": hex::encode(Sha256::digest(entry.text.as_bytes())),
        })
    };
    Value::Array(entries.iter().map(one).collect())
}

fn changed_since(entry: &Entry) -> Problem {
    Problem::conflict(
        "changed_since",
        format!(
            "Somebody changed this entry since you looked at it. It now says: {}",
            super::entry::shortened(&entry.text, 200)
        ),
    )
}
