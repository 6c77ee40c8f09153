//! Bringing incidents over from elsewhere, many at once: each with its id there, so that a transfer that
//! broke off is sent again and what is here already is only counted.

use super::incident::{Detection, Kind, Label, Status, Title, parse_severity};
use super::key_time::{KeyTimeName, Moment};
use super::store_migrate::{self, Brought};
use super::store_times::{self, Recording};
use super::{IncidentId, Key, store, store_parts};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use kit::db::{DbError, Time, Tx};
use kit::web::{Problem, Wrong};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// The longest id that another system may have given.
const ID_MAX: usize = 200;

/// An incident as another system tells it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Legacy {
    /// Its id there, 1 to 200 characters: the same id again is the same incident.
    #[schema(min_length = 1, max_length = 200)]
    id: String,
    /// What happened, in plain words: one line of 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// Its kind; `outage` when absent. A security incident is red.
    #[serde(default)]
    kind: Option<Kind>,
    /// 1, the worst, to 4.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 4)]
    severity: Option<i64>,
    /// Where it is in its life; `resolved` when absent.
    #[serde(default)]
    status: Option<Status>,
    /// Markdown, at most 200,000 bytes.
    #[serde(default)]
    #[schema(max_length = 200_000)]
    description: String,
    /// Who noticed first; `unknown` when absent.
    #[serde(default)]
    detection: Option<Detection>,
    /// Where it happened; `production` when absent.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 80)]
    environment: Option<String>,
    /// Red from the start: only for the people on its list, you alone at first.
    #[serde(default)]
    private: bool,
    /// Key times, known to the second: `{"impact_start": "2024-03-05T12:00:00Z"}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    times: BTreeMap<KeyTimeName, Time>,
}

/// One to bring over, checked.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub(super) external_id: String,
    pub(super) title: Title,
    pub(super) kind: Kind,
    pub(super) severity: Option<i64>,
    pub(super) status: Status,
    pub(super) description: String,
    pub(super) detection: Detection,
    pub(super) environment: String,
    pub(super) label: Label,
    pub(super) times: BTreeMap<KeyTimeName, Time>,
}

impl Legacy {
    /// Checks every field.
    ///
    /// # Errors
    /// 422 with a line for each wrong one.
    pub fn checked(self) -> Result<Incoming, Problem> {
        let mut wrong = Wrong::default();
        let title = wrong.keep("title", Title::parse(&self.title));
        let severity = self.severity.map(|level| parse_severity(&level.to_string()));
        let severity = severity.and_then(|severity| wrong.keep("severity", severity));
        let external_id = self.id.trim().to_owned();
        if external_id.is_empty() || external_id.chars().count() > ID_MAX {
            wrong.note("id", format!("Say its id there, in 1 to {ID_MAX} characters."));
        }
        if self.description.len() > 200_000 {
            wrong.note("description", "This is too long: at most 200,000 bytes.");
        }
        let environment = self.environment.as_deref().unwrap_or("production").trim().to_owned();
        if environment.is_empty() || environment.chars().count() > 80 {
            wrong.note("environment", "Say it in 1 to 80 characters, such as production.");
        }
        let years = "1970-01-01T00:00:00Z".parse().map(Time::new);
        for (name, at) in &self.times {
            if years.as_ref().is_ok_and(|first| at < first) {
                wrong.note(&format!("times.{}", name.name()), "This is before 1970.");
            }
        }
        wrong.checked()?;
        let title = title.ok_or_else(|| Problem::internal("a checked line lacks a title"))?;
        let kind = self.kind.unwrap_or(Kind::Outage);
        let is_private = self.private || kind == Kind::Security;
        Ok(Incoming {
            external_id,
            title,
            kind,
            severity: severity.filter(|_| kind.is_measured()),
            status: self.status.unwrap_or(Status::Resolved),
            description: self.description,
            detection: self.detection.unwrap_or(Detection::Unknown),
            environment,
            label: if is_private { Label::Red } else { Label::AmberStrict },
            times: self.times,
        })
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Came {
    /// Added.
    pub added: u64,
    /// Were here already.
    pub already: u64,
}

/// Brings a batch over in one transaction.
///
/// # Errors
/// 403 for who does not decide; what the database says, and then nothing of the batch is here.
pub async fn bring(
    app: &App,
    viewer: &Viewer,
    source: &str,
    batch: &[Incoming],
) -> Result<Came, Problem> {
    viewer.must_decide()?;
    // Somebody may declare at the same moment on PostgreSQL; then the numbers are taken anew.
    for _ in 0..20 {
        match try_bring(app, viewer, source, batch).await {
            Err(DbError::Duplicate { .. }) => {}
            done => return Ok(done?),
        }
    }
    Err(DbError::Away("many incidents are being declared at once".into()).into())
}

async fn try_bring(
    app: &App,
    viewer: &Viewer,
    source: &str,
    batch: &[Incoming],
) -> Result<Came, DbError> {
    let mut tx = app.db.write().await?;
    let mut came = Came::default();
    let mut number = store_migrate::last_number(&mut tx).await?;
    for incoming in batch {
        if store_migrate::is_here(&mut tx, source, &incoming.external_id).await? {
            came.already += 1;
            continue;
        }
        number += 1;
        one(&mut tx, app, viewer, (source, incoming), number).await?;
        came.added += 1;
    }
    tx.commit().await?;
    Ok(came)
}

async fn one(
    tx: &mut Tx,
    app: &App,
    viewer: &Viewer,
    (source, incoming): (&str, &Incoming),
    number: i64,
) -> Result<(), DbError> {
    let now = app.now();
    let id = IncidentId::at(now);
    let by = &viewer.id;
    let why = format!("brought over from {source}");
    store_migrate::insert(tx, &Brought { id: &id, number, source, incoming, by, now }).await?;
    store::share(tx, &id, by, by, now).await?;
    store_parts::add_status(tx, &id, incoming.status, by, &why, now).await?;
    if let Some(severity) = incoming.severity {
        let since = incoming.times.values().min().copied().unwrap_or(now);
        store_migrate::add_severity(tx, &id, severity, since, (by, &why, now)).await?;
    }
    for (name, at) in &incoming.times {
        let moment = Moment::exact(at.timestamp());
        let recording =
            Recording { name: *name, moment, source: source.to_owned(), evidence_id: None };
        store_times::record(tx, &id, &recording, by, now).await?;
    }
    let key = Key(number).to_string();
    let deed = Deed::new(by, "incident.brought_over", &key).of(id.as_str());
    let after = json!({ "title": incoming.title.as_str(), "kind": incoming.kind, "from": source,
        "id": incoming.external_id, "label": incoming.label });
    audit::record(tx, now, deed.after(after)).await
}
