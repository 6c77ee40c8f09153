//! Factors as programs read and write them.

use super::factor::{
    Certainty, Factor, FactorId, Layer, NewFactor, Recurrence, Response, Role, Trigger,
};
use crate::evidence::EvidenceId;
use crate::shell::json::not_null;
use crate::shell::sent::given;
use crate::timeline::EntryId;
use kit::web::etag::Versioned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A factor: a condition without which it would have gone differently.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RetrospectiveFactor {
    /// Its id.
    pub(super) id: FactorId,
    /// One condition, in a sentence.
    #[schema(example = "Both nodes share one limit of connections")]
    statement: String,
    /// How sure people are.
    #[schema(inline)]
    certainty: Certainty,
    /// The explanatory path it belongs to.
    #[schema(example = "How it came about")]
    path: String,
    /// Looked at through the lens of the direct cause.
    direct_cause: bool,
    /// What set it off.
    #[schema(inline)]
    triggers: Vec<Trigger>,
    /// Where it lies.
    #[schema(inline)]
    layers: Vec<Layer>,
    /// Its part in the course of things.
    #[schema(inline)]
    roles: Vec<Role>,
    /// Which part of the response it concerns.
    #[schema(inline)]
    responses: Vec<Response>,
    /// Whether it was met before.
    #[schema(inline)]
    recurrences: Vec<Recurrence>,
    /// The evidence it cites that is there for you.
    cites: Vec<EvidenceId>,
    /// The timeline entries it is about.
    entries: Vec<EntryId>,
    /// Whether it is confirmed and what confirmed it was taken back since.
    lost_its_evidence: bool,
    /// Its place among the others.
    pub(super) position: i64,
    /// Counts its changes; the ETag is `"v3"` for 3.
    pub(super) version: i64,
}

impl RetrospectiveFactor {
    pub(super) fn of(one: Factor) -> RetrospectiveFactor {
        RetrospectiveFactor {
            lost_its_evidence: one.lost_its_evidence(),
            id: one.id,
            statement: one.statement,
            certainty: one.certainty,
            path: one.path,
            direct_cause: one.direct_cause,
            triggers: one.triggers.0,
            layers: one.layers.0,
            roles: one.roles.0,
            responses: one.responses.0,
            recurrences: one.recurrences.0,
            cites: one.cites,
            entries: one.entries,
            position: one.position,
            version: one.version,
        }
    }
}

impl Versioned for RetrospectiveFactor {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A new factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "statement": "Both nodes share one limit of connections", "certainty": "supported",
    "roles": ["enabled"], "layers": ["design"]
}))]
pub(super) struct NewRetrospectiveFactor {
    /// One condition, in a sentence; at most 600 characters.
    #[schema(min_length = 1, max_length = 600)]
    statement: String,
    /// How sure people are; proposed, unless said. A confirmed factor cites evidence.
    #[serde(default)]
    #[schema(inline)]
    certainty: Option<Certainty>,
    /// The explanatory path it belongs to.
    #[serde(default)]
    #[schema(max_length = 80)]
    path: Option<String>,
    /// Looked at through the lens of the direct cause; at most one is.
    #[serde(default)]
    direct_cause: bool,
    /// What set it off.
    #[serde(default)]
    #[schema(inline)]
    triggers: Vec<Trigger>,
    /// Where it lies.
    #[serde(default)]
    #[schema(inline)]
    layers: Vec<Layer>,
    /// Its part in the course of things.
    #[serde(default)]
    #[schema(inline)]
    roles: Vec<Role>,
    /// Which part of the response it concerns.
    #[serde(default)]
    #[schema(inline)]
    responses: Vec<Response>,
    /// Whether it was met before.
    #[serde(default)]
    #[schema(inline)]
    recurrences: Vec<Recurrence>,
    /// The evidence it cites.
    #[serde(default)]
    cites: Vec<EvidenceId>,
    /// The timeline entries it is about.
    #[serde(default)]
    entries: Vec<EntryId>,
}

impl NewRetrospectiveFactor {
    pub(super) fn read(self) -> NewFactor {
        NewFactor {
            statement: kit::line::of(&self.statement),
            certainty: self.certainty,
            path: kit::line::of(self.path.as_deref().unwrap_or_default()),
            direct_cause: self.direct_cause,
            triggers: self.triggers,
            layers: self.layers,
            roles: self.roles,
            responses: self.responses,
            recurrences: self.recurrences,
            cites: self.cites,
            entries: self.entries,
        }
    }
}

/// What is changed of a factor: what is left out stays, a list replaces the one there is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "certainty": "hypothesis", "layers": ["design", "coordination"] }))]
pub(super) struct FactorChanges {
    /// One condition, in a sentence; at most 600 characters.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false, min_length = 1, max_length = 600)]
    statement: Option<String>,
    /// How sure people are; it does not become newly proposed again.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    #[schema(inline)]
    certainty: Option<Certainty>,
    /// The explanatory path it belongs to; null for the first.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 80)]
    path: Option<Option<String>>,
    /// Looked at through the lens of the direct cause.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    direct_cause: Option<bool>,
    /// What set it off.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    #[schema(inline)]
    triggers: Option<Vec<Trigger>>,
    /// Where it lies.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    #[schema(inline)]
    layers: Option<Vec<Layer>>,
    /// Its part in the course of things.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    #[schema(inline)]
    roles: Option<Vec<Role>>,
    /// Which part of the response it concerns.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    #[schema(inline)]
    responses: Option<Vec<Response>>,
    /// Whether it was met before.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    #[schema(inline)]
    recurrences: Option<Vec<Recurrence>>,
    /// The evidence it cites.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    cites: Option<Vec<EvidenceId>>,
    /// The timeline entries it is about.
    #[serde(deserialize_with = "not_null")]
    #[schema(nullable = false)]
    entries: Option<Vec<EntryId>>,
}

impl FactorChanges {
    /// What the factor says with these changes.
    pub(super) fn on(self, was: RetrospectiveFactor) -> NewFactor {
        let path = self.path.map(Option::unwrap_or_default).unwrap_or(was.path);
        NewFactor {
            statement: kit::line::of(&self.statement.unwrap_or(was.statement)),
            certainty: Some(self.certainty.unwrap_or(was.certainty)),
            path: kit::line::of(&path),
            direct_cause: self.direct_cause.unwrap_or(was.direct_cause),
            triggers: self.triggers.unwrap_or(was.triggers),
            layers: self.layers.unwrap_or(was.layers),
            roles: self.roles.unwrap_or(was.roles),
            responses: self.responses.unwrap_or(was.responses),
            recurrences: self.recurrences.unwrap_or(was.recurrences),
            cites: self.cites.unwrap_or(was.cites),
            entries: self.entries.unwrap_or(was.entries),
        }
    }
}
