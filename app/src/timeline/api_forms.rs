//! Timeline entries as programs read and write them.

use super::change::{ChangeId, Changed};
use super::entry::{self, Came, Content, Entry, EntryId};
use super::fact::{Fact, Phase};
use super::write::{self, DOUBT_MAX_S, TIE_MAX};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::evidence::EvidenceId;
use crate::incidents::Incident;
use crate::incidents::key_time::Precision;
use crate::shell::json::{fault, no_faults, not_null};
use crate::shell::moment;
use crate::shell::sent::given;
use kit::db::Time;
use kit::web::{FieldError, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most entries that an answer to a change lists.
const LISTED: usize = 200;

/// A timeline entry: what happened, as people tell it, citing evidence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct TimelineEntry {
    /// Its id.
    pub(super) id: EntryId,
    /// The key of its incident.
    #[schema(example = "INC-42")]
    incident: String,
    /// When.
    pub(super) at: Time,
    /// Until when, for what lasted.
    until: Option<Time>,
    /// How finely that is known.
    #[schema(inline)]
    precision: Precision,
    /// By how many seconds it may be off either way.
    uncertainty_s: i64,
    /// The kind of fact.
    #[schema(inline)]
    fact: Fact,
    /// The part of the story.
    #[schema(inline)]
    phase: Option<Phase>,
    /// What happened, in plain words.
    #[schema(example = "Rolled back to 1.7.3")]
    text: String,
    /// Who or what acted: `person:HANDLE`, `role:WORD`, `system:NAME` or a plain name.
    actor: Option<String>,
    /// Whether it was known at that moment.
    known_then: bool,
    /// Since when it is known, if it was learned later.
    learned_at: Option<Time>,
    /// From someone's memory.
    from_memory: bool,
    /// What an action came to.
    #[schema(inline)]
    result: Option<Came>,
    /// Its place among entries of the same time; the smaller comes first.
    pub(super) tie: i64,
    /// The evidence it cites that is there for you.
    cites: Vec<EvidenceId>,
    /// Whether it needs evidence and cites none.
    unsupported: bool,
    /// Who put it there.
    created_by: PersonId,
    /// When it was put there.
    created_at: Time,
    /// When it was last changed.
    updated_at: Time,
    /// Counts its changes; the ETag is `"v3"` for 3.
    pub(super) version: i64,
    /// Its page.
    #[schema(example = "/i/INC-42/timeline#ent_0123456789abcdef0123456789abcdef")]
    url: String,
}

impl TimelineEntry {
    pub(super) fn of(incident: &Incident, entry: Entry) -> TimelineEntry {
        let key = incident.key().to_string();
        let unsupported = entry.is_unsupported();
        let Entry { id, content, created_by, created_at, updated_at, version, .. } = entry;
        TimelineEntry {
            url: format!("/i/{key}/timeline#{id}"),
            id,
            incident: key,
            at: content.at,
            until: content.until,
            precision: content.precision,
            uncertainty_s: content.uncertainty_s,
            fact: content.fact,
            phase: content.phase,
            text: content.text,
            actor: content.actor,
            known_then: content.known_then,
            learned_at: content.learned_at,
            from_memory: content.from_memory,
            result: content.result,
            tie: content.tie,
            cites: content.cites,
            unsupported,
            created_by,
            created_at,
            updated_at,
            version,
        }
    }
}

/// What a change of a timeline came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct TimelineChange {
    /// By which it is undone, for a day; none when nothing had to be changed, and of an undoing.
    change: Option<ChangeId>,
    /// What was done, in a sentence.
    #[schema(example = "Wrote an entry.")]
    says: String,
    /// The entries it touched as they are now, in their order; at most 200.
    pub(super) entries: Vec<TimelineEntry>,
    /// The entries it took away.
    pub(super) taken_away: Vec<EntryId>,
    /// How many entries it touched.
    #[schema(example = 1)]
    touched: usize,
}

impl TimelineChange {
    pub(super) async fn of(
        app: &App,
        viewer: &Viewer,
        incident: &Incident,
        changed: &Changed,
    ) -> Result<TimelineChange, Problem> {
        let (there, gone): (Vec<&Entry>, Vec<&Entry>) =
            changed.entries.iter().partition(|entry| entry.deleted_at.is_none());
        let touched = there.len() + gone.len();
        let mut conn = app.db.read().await?;
        let mut entries = Vec::new();
        for entry in there.into_iter().take(LISTED) {
            entries.push(super::api::need(&mut conn, viewer, incident, &entry.id).await?);
        }
        entry::sort(&mut entries);
        Ok(TimelineChange {
            change: changed.id.clone(),
            says: changed.says.clone(),
            entries: entries.into_iter().map(|one| TimelineEntry::of(incident, one)).collect(),
            taken_away: gone.into_iter().take(LISTED).map(|entry| entry.id.clone()).collect(),
            touched,
        })
    }
}

/// A new timeline entry.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "at": "2026-03-05T10:02:00Z", "precision": "minute", "fact": "decision", "phase": "repair",
    "text": "The team decided to roll back", "actor": "role:commander"
}))]
pub(super) struct NewTimelineEntry {
    /// When.
    at: Time,
    /// Until when, for what lasted.
    #[serde(default)]
    until: Option<Time>,
    /// How finely that is known; to the minute unless said.
    #[serde(default)]
    #[schema(inline)]
    precision: Option<Precision>,
    /// By how many seconds it may be off either way.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 31_622_400)]
    uncertainty_s: i64,
    /// The kind of fact.
    #[schema(inline)]
    fact: Fact,
    /// The part of the story.
    #[serde(default)]
    #[schema(inline)]
    phase: Option<Phase>,
    /// What happened, in plain words; at most 4000 characters.
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
    /// Who or what acted: `person:HANDLE`, `role:WORD`, `system:NAME` or a plain name.
    #[serde(default)]
    #[schema(max_length = 120)]
    actor: Option<String>,
    /// Whether it was known at that moment; it was unless said.
    #[serde(default)]
    known_then: Option<bool>,
    /// Since when it is known, if it was learned later.
    #[serde(default)]
    learned_at: Option<Time>,
    /// From someone's memory.
    #[serde(default)]
    from_memory: bool,
    /// What an action came to.
    #[serde(default)]
    #[schema(inline)]
    result: Option<Came>,
    /// Its place among entries of the same time; the smaller comes first.
    #[serde(default)]
    #[schema(minimum = -1_000_000_000, maximum = 1_000_000_000)]
    tie: i64,
    /// The evidence it cites.
    #[serde(default)]
    cites: Vec<EvidenceId>,
}

impl NewTimelineEntry {
    pub(super) fn content(self) -> Content {
        Content {
            until: self.until,
            precision: self.precision.unwrap_or(Precision::Minute),
            uncertainty_s: self.uncertainty_s,
            phase: self.phase,
            actor: self.actor,
            known_then: self.known_then.unwrap_or(true),
            learned_at: self.learned_at,
            from_memory: self.from_memory,
            result: self.result,
            tie: self.tie,
            cites: self.cites,
            ..Content::plain(self.at, self.fact, &self.text)
        }
    }
}

/// What is changed of a timeline entry: null clears a field, what is left out stays. What it cites is
/// changed by an operation of its own.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "text": "Rolled back to 1.7.3", "phase": "repair", "until": null }))]
pub(super) struct TimelineEntryChanges {
    /// When.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    at: Option<Time>,
    /// Until when, for what lasted.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Time>)]
    until: Option<Option<Time>>,
    /// How finely that is known.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    #[schema(inline)]
    precision: Option<Precision>,
    /// By how many seconds it may be off either way.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false, minimum = 0, maximum = 31_622_400)]
    uncertainty_s: Option<i64>,
    /// The kind of fact.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    #[schema(inline)]
    fact: Option<Fact>,
    /// The part of the story.
    #[serde(deserialize_with = "given")]
    #[schema(inline, value_type = Option<Phase>)]
    phase: Option<Option<Phase>>,
    /// What happened, in plain words; at most 4000 characters.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false, min_length = 1, max_length = 4000)]
    text: Option<String>,
    /// Who or what acted.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 120)]
    actor: Option<Option<String>>,
    /// Whether it was known at that moment.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    known_then: Option<bool>,
    /// Since when it is known, if it was learned later.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Time>)]
    learned_at: Option<Option<Time>>,
    /// From someone's memory.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    from_memory: Option<bool>,
    /// What an action came to.
    #[serde(deserialize_with = "given")]
    #[schema(inline, value_type = Option<Came>)]
    result: Option<Option<Came>>,
    /// Its place among entries of the same time.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false, minimum = -1_000_000_000, maximum = 1_000_000_000)]
    tie: Option<i64>,
}

impl TimelineEntryChanges {
    /// What the entry says with these changes.
    pub(super) fn on(self, was: Content) -> Content {
        Content {
            at: self.at.unwrap_or(was.at),
            until: self.until.unwrap_or(was.until),
            precision: self.precision.unwrap_or(was.precision),
            uncertainty_s: self.uncertainty_s.unwrap_or(was.uncertainty_s),
            fact: self.fact.unwrap_or(was.fact),
            phase: self.phase.unwrap_or(was.phase),
            text: self.text.unwrap_or(was.text),
            actor: self.actor.unwrap_or(was.actor),
            known_then: self.known_then.unwrap_or(was.known_then),
            learned_at: self.learned_at.unwrap_or(was.learned_at),
            from_memory: self.from_memory.unwrap_or(was.from_memory),
            result: self.result.unwrap_or(was.result),
            tie: self.tie.unwrap_or(was.tie),
            cites: was.cites,
        }
    }
}

impl Content {
    /// What an entry needs, wherever it comes from: the same that the form asks for.
    ///
    /// # Errors
    /// 422 with every wrong field.
    pub(super) fn checked(mut self) -> Result<Content, Problem> {
        let mut faults: Vec<FieldError> = Vec::new();
        for (path, at) in
            [("at", Some(self.at)), ("until", self.until), ("learned_at", self.learned_at)]
        {
            let wrong = at.and_then(|at| moment::parse(&at.to_string(), "UTC").err());
            faults.extend(wrong.map(|message| fault(path, message)));
        }
        let until = write::ends_before_it_begins(self.at, self.until);
        faults.extend(until.map(|message| fault("until", message)));
        let effect = write::effect_of_no_action(self.fact, self.result);
        faults.extend(effect.map(|message| fault("result", message)));
        if !(0..=DOUBT_MAX_S).contains(&self.uncertainty_s) {
            let message = format!("Say the doubt in seconds, from 0 to {DOUBT_MAX_S}.");
            faults.push(fault("uncertainty_s", message));
        }
        if !(-TIE_MAX..=TIE_MAX).contains(&self.tie) {
            let message = format!("Say a whole number from -{TIE_MAX} to {TIE_MAX}.");
            faults.push(fault("tie", message));
        }
        if self.known_then && self.learned_at.is_some() {
            let message = "It was known then, so it was not learned later: say known_then false, or no \
                           learned_at.";
            faults.push(fault("learned_at", message));
        }
        match entry::parse_text(&self.text) {
            Ok(text) => self.text = text,
            Err(message) => faults.push(fault("text", message)),
        }
        match self.actor.as_deref().map(write::parse_actor).transpose() {
            Ok(actor) => self.actor = actor.filter(|actor| !actor.is_empty()),
            Err(message) => faults.push(fault("actor", message)),
        }
        no_faults(faults)?;
        Ok(self)
    }
}
