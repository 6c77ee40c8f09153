//! Retrospectives as programs read them.

use super::next::{self, Facts};
use super::retrospective::{Retrospective, RetrospectiveId, State, WaiverCode};
use super::store::{self, Summary};
use crate::access::{PersonId, Viewer};
use crate::incidents::{Incident, Label};
use crate::policy::{self, Choice, Proposal};
use kit::db::{Conn, Time};
use kit::web::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody, by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Somebody {
    /// Who.
    person: PersonId,
    /// Their name.
    #[schema(example = "Ada")]
    name: String,
}

impl Somebody {
    pub(super) fn of(person: Option<&PersonId>, name: Option<&String>) -> Option<Somebody> {
        Some(Somebody { person: person?.clone(), name: name.cloned().unwrap_or_default() })
    }
}

/// What everybody knows of a retrospective who may see its incident: never a word of its content.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RetrospectiveSummary {
    /// Its id.
    pub(super) id: RetrospectiveId,
    /// Where it is found: the incident's key, with a number when it is not the newest.
    #[schema(example = "INC-42")]
    key: String,
    /// The key of its incident.
    #[schema(example = "INC-42")]
    incident: String,
    /// The incident's title.
    incident_title: String,
    /// How far the incident may be shared.
    #[schema(inline)]
    label: Label,
    /// Which of the incident's retrospectives it is, from 1.
    #[schema(example = 1)]
    number: i64,
    /// Its kind's id.
    #[schema(example = "standard")]
    kind: String,
    /// Where it is in its life.
    #[schema(inline)]
    state: State,
    /// The name of who owns it.
    owner: Option<String>,
    /// Why it was waived, as a word.
    #[schema(inline)]
    waived_code: Option<WaiverCode>,
    /// Why it was waived or is on hold, in words.
    reason: Option<String>,
    /// The name of who made the last move.
    moved_by: Option<String>,
    /// When it last moved.
    moved_at: Option<Time>,
    /// Whether its draft is shared with you.
    is_shared_with_you: bool,
    /// Whether you own it.
    is_yours: bool,
}

impl RetrospectiveSummary {
    pub(super) fn of(one: Summary) -> RetrospectiveSummary {
        RetrospectiveSummary {
            key: one.address().to_string(),
            incident: one.key().to_string(),
            id: one.id,
            incident_title: one.incident_title,
            label: one.label,
            number: one.nth,
            kind: one.kind,
            state: one.state,
            owner: one.owner_name,
            waived_code: one.waived_code,
            reason: one.reason,
            moved_by: one.moved_by,
            moved_at: one.moved_at,
            is_shared_with_you: one.is_mine,
            is_yours: one.owns,
        }
    }
}

/// The kind of review that the policy proposes for an incident.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KindProposal {
    /// The kind's id; none when no rule asks for a review.
    #[schema(example = "standard")]
    kind: Option<String>,
    /// Why, as a sentence.
    reason: String,
    /// The version of the policy.
    policy_version: i64,
    /// All of it: the rule that chose, those tried, what is missing, what is to be done beside it.
    choice: Choice,
}

/// Whether and how an incident is reviewed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentReview {
    /// What the policy proposes, as the incident is known now.
    proposal: KindProposal,
    /// Whether you decide: open one or waive it.
    may_decide: bool,
    /// Its retrospectives, the newest first.
    retrospectives: Vec<RetrospectiveSummary>,
}

impl IncidentReview {
    pub(super) async fn of(
        conn: &mut Conn,
        viewer: &Viewer,
        incident: &Incident,
    ) -> Result<IncidentReview, Problem> {
        let Proposal { version, choice } = policy::proposal(conn, incident).await?;
        let retrospectives = store::of_incident(conn, viewer, incident).await?;
        Ok(IncidentReview {
            proposal: KindProposal {
                kind: choice.kind.clone(),
                reason: choice.why.clone(),
                policy_version: version,
                choice,
            },
            may_decide: super::may_decide(conn, viewer, incident).await?,
            retrospectives: retrospectives.into_iter().map(RetrospectiveSummary::of).collect(),
        })
    }
}

/// The one thing to do next.
#[derive(Debug, Serialize, ToSchema)]
struct RetrospectiveStep {
    /// What to do, in one sentence.
    #[schema(example = "Write what surprised you")]
    sentence: String,
    /// Why, or what helps.
    why: String,
    /// The page where.
    url: String,
    /// The state it goes to by that, where the step is a move.
    #[schema(inline)]
    moves_to: Option<State>,
}

/// A retrospective, for the people its draft is shared with. Its content is in its sections, lessons,
/// factors, recommendations, actions and risks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Draft {
    /// Its id.
    id: RetrospectiveId,
    /// Where it is found: the incident's key, with a number when it is not the newest.
    #[schema(example = "INC-42")]
    key: String,
    /// The key of its incident.
    #[schema(example = "INC-42")]
    incident: String,
    /// How far the incident may be shared.
    #[schema(inline)]
    label: Label,
    /// Which of the incident's retrospectives it is, from 1.
    #[schema(example = 1)]
    number: i64,
    /// Its kind's id.
    #[schema(example = "standard")]
    kind: String,
    /// The version of the kinds that it has.
    kind_version: i64,
    /// What is put on top of the kind, as ids.
    overlays: Vec<String>,
    /// Why this kind.
    kind_reason: String,
    /// The version of the policy by which it was decided; null for one from before there were any.
    policy_version: Option<i64>,
    /// Its title.
    title: String,
    /// Where it is in its life.
    #[schema(inline)]
    state: State,
    /// Where it can go from there.
    #[schema(inline)]
    can_become: Vec<State>,
    /// Who owns it.
    owner: Option<Somebody>,
    /// Who facilitates.
    facilitator: Option<Somebody>,
    /// Why no action follows, where somebody said so.
    no_action_because: Option<String>,
    /// Sections that people write and that have words.
    #[schema(example = 3)]
    sections_written: usize,
    /// Sections that people write.
    #[schema(example = 9)]
    sections: usize,
    /// What to do next; none when nothing is.
    next_step: Option<RetrospectiveStep>,
    /// Who opened it.
    created_by: PersonId,
    /// When.
    created_at: Time,
    /// When something of it was last changed here.
    updated_at: Time,
    /// Counts its changes; the ETag is `"v3"` for 3.
    pub(super) version: i64,
    /// Its page.
    #[schema(example = "/r/INC-42/draft")]
    url: String,
}

impl Draft {
    pub(super) async fn of(conn: &mut Conn, retro: Retrospective) -> Result<Draft, Problem> {
        let facts = Facts::read(conn, &retro).await?;
        let (sections_written, sections) = facts.written();
        let next = next::next_step(&retro, &facts).map(|step| RetrospectiveStep {
            sentence: step.sentence,
            why: step.why,
            url: step.url,
            moves_to: step.moves_to,
        });
        let because = Some(retro.no_action_because.clone()).filter(|because| !because.is_empty());
        Ok(Draft {
            key: retro.address().to_string(),
            incident: retro.key().to_string(),
            url: format!("/r/{}/draft", retro.address()),
            can_become: retro.state.next(retro.kind(), facts.held),
            owner: Somebody::of(retro.owner_id.as_ref(), retro.owner_name.as_ref()),
            facilitator: Somebody::of(
                retro.facilitator_id.as_ref(),
                retro.facilitator_name.as_ref(),
            ),
            no_action_because: because,
            sections_written,
            sections,
            next_step: next,
            id: retro.id,
            label: retro.label,
            number: retro.nth,
            kind: retro.kind,
            kind_version: retro.kind_version,
            overlays: retro.overlays.split_whitespace().map(str::to_owned).collect(),
            kind_reason: retro.kind_reason,
            policy_version: retro.policy_version,
            title: retro.title,
            state: retro.state,
            created_by: retro.created_by,
            created_at: retro.created_at,
            updated_at: retro.updated_at,
            version: retro.version,
        })
    }
}
