//! What is proposed from the evidence: entries, key times and questions; taking them over, putting
//! them aside and bringing them back.

use super::api::{answer, found};
use super::api_forms::TimelineChange;
use super::fact::{Fact, Phase};
use super::propose::Question;
use super::suggest::{self, Chosen, Suggestions};
use crate::access::Viewer;
use crate::app::App;
use crate::evidence::EvidenceId;
use crate::incidents::key_time::{KeyTimeName, Precision};
use crate::shell::json::{CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use kit::db::Time;
use kit::web::{Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(proposal))
        .routes(routes!(take_over))
        .routes(routes!(record_key_time))
        .routes(routes!(put_aside))
        .routes(routes!(bring_back))
}

/// An entry that the evidence suggests.
#[derive(Debug, Serialize, ToSchema)]
struct ProposedEntry {
    /// What it is called when it is taken over or put aside.
    #[schema(example = "0123456789abcdef01234567")]
    mark: String,
    /// When.
    at: Time,
    /// How finely that is known.
    #[schema(inline)]
    precision: Precision,
    /// The kind of fact.
    #[schema(inline)]
    fact: Fact,
    /// The part of the story.
    #[schema(inline)]
    phase: Option<Phase>,
    /// What it would say.
    text: String,
    /// Who or what acted.
    actor: Option<String>,
    /// The evidence it rests on.
    cites: Vec<EvidenceId>,
    /// Why it is proposed, the weightiest first.
    why: Vec<String>,
}

/// A key time that the evidence supports and nobody recorded yet.
#[derive(Debug, Serialize, ToSchema)]
struct ProposedKeyTime {
    /// What it is called when it is recorded or put aside.
    #[schema(example = "0123456789abcdef01234567")]
    mark: String,
    /// Which.
    #[schema(inline)]
    name: KeyTimeName,
    /// When.
    at: Time,
    /// How finely that is known.
    #[schema(inline)]
    precision: Precision,
    /// By how many seconds it may be off either way.
    uncertainty_s: u32,
    /// What in the evidence says so.
    why: String,
    /// The evidence.
    cites: Vec<EvidenceId>,
}

kit::words!(
    /// What sort of question it is.
    QuestionSort {
        /// Nothing was recorded for much longer than usual.
        Gap = "gap", "gap";
        /// Two things that cannot both be as told.
        Contradiction = "contradiction", "contradiction";
        /// A key time that nothing tells.
        Missing = "missing", "missing key time";
        /// A clock time whose zone is not clear.
        ZoneDoubt = "zone_doubt", "unclear zone";
    }
);

/// Something that the evidence cannot answer and a person may.
#[derive(Debug, Serialize, ToSchema)]
struct TimelineQuestion {
    /// What it is called when it is put aside.
    #[schema(example = "0123456789abcdef01234567")]
    mark: String,
    /// What sort of question it is.
    #[schema(inline)]
    sort: QuestionSort,
    /// The question.
    ask: String,
    /// Of a gap: the last thing before it.
    from: Option<Time>,
    /// Of a gap: the first thing after it.
    to: Option<Time>,
    /// Of a gap: who wrote shortly before or after and may know, by name.
    may_know: Vec<String>,
    /// Of a missing key time: which.
    #[schema(inline)]
    key_time: Option<KeyTimeName>,
    /// The evidence it is about.
    cites: Vec<EvidenceId>,
}

impl TimelineQuestion {
    fn of(asked: suggest::Asked) -> TimelineQuestion {
        let suggest::Asked { mark, question } = asked;
        let ask = question.ask().to_owned();
        let plain = |sort| {
            let (may_know, cites) = (Vec::new(), Vec::new());
            let (mark, ask) = (mark.clone(), ask.clone());
            TimelineQuestion {
                mark,
                sort,
                ask,
                from: None,
                to: None,
                may_know,
                key_time: None,
                cites,
            }
        };
        match question {
            Question::Gap { from, to, people, .. } => TimelineQuestion {
                from: Some(Time::new(from)),
                to: Some(Time::new(to)),
                may_know: people,
                ..plain(QuestionSort::Gap)
            },
            Question::Contradiction { first, second, .. } => TimelineQuestion {
                cites: vec![first.0, second.0],
                ..plain(QuestionSort::Contradiction)
            },
            Question::Missing { key_time, .. } => {
                TimelineQuestion { key_time: Some(key_time), ..plain(QuestionSort::Missing) }
            }
            Question::ZoneDoubt { item, .. } => {
                TimelineQuestion { cites: vec![item.0], ..plain(QuestionSort::ZoneDoubt) }
            }
        }
    }
}

/// All that is proposed and open.
#[derive(Debug, Serialize, ToSchema)]
struct TimelineProposal {
    /// Entries, in the order of their times; at most 120.
    entries: Vec<ProposedEntry>,
    /// Key times that nobody recorded yet.
    key_times: Vec<ProposedKeyTime>,
    /// Questions for people.
    questions: Vec<TimelineQuestion>,
    /// How many lighter entries were left out.
    left_out: usize,
    /// How much was put aside by people.
    put_aside: usize,
}

impl TimelineProposal {
    fn of(open: Suggestions) -> TimelineProposal {
        let entry = |one: suggest::Suggested| ProposedEntry {
            mark: one.mark,
            at: one.content.at,
            precision: one.content.precision,
            fact: one.content.fact,
            phase: one.content.phase,
            text: one.content.text,
            actor: one.content.actor,
            cites: one.content.cites,
            why: one.why,
        };
        let key_time = |found: suggest::Found| ProposedKeyTime {
            mark: found.mark,
            name: found.time.name,
            at: Time::new(found.time.at),
            precision: found.time.precision,
            uncertainty_s: found.time.uncertainty_s,
            why: found.time.reason,
            cites: found.time.cites,
        };
        TimelineProposal {
            left_out: open.left_out,
            put_aside: open.put_aside,
            entries: open.entries.into_iter().map(entry).collect(),
            key_times: open.times.into_iter().map(key_time).collect(),
            questions: open.questions.into_iter().map(TimelineQuestion::of).collect(),
        }
    }
}

/// Shows what is proposed for a timeline.
///
/// Read anew from the evidence, without what people took over or put aside.
#[utoipa::path(
    get, path = "/incidents/{key}/timeline/proposal", tag = "timeline", operation_id = "show_timeline_proposal",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    responses((status = 200, description = "All that is proposed.", body = TimelineProposal), CannotRead)
)]
async fn proposal(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<TimelineProposal>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let open = suggest::open(&app, &viewer, &incident).await?;
    Ok(Json(TimelineProposal::of(open)))
}

/// Which proposed entries are taken over.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "all": true }))]
struct TakingOver {
    /// The mark of one.
    #[schema(pattern = "^[0-9a-f]{24}$")]
    mark: Option<String>,
    /// All that are open, instead of one.
    all: bool,
}

/// Takes over proposed entries.
///
/// They become entries of the timeline; the change that is answered can be undone for a day.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline/proposal/take-over", tag = "timeline", operation_id = "take_over_proposed_entries",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = TakingOver,
    responses((status = 200, description = "They are on the timeline.", body = TimelineChange), CannotWrite)
)]
async fn take_over(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<TakingOver>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let chosen = match (said.mark, said.all) {
        (None, true) => Chosen::All,
        (Some(mark), false) => Chosen::One(mark),
        _ => return Err(Problem::field("mark", "Say either the mark of one, or all.")),
    };
    let done = suggest::accept(&app, &viewer, &incident, &chosen, None).await?;
    answer(&app, &viewer, &incident, &done).await
}

/// One thing that is proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "mark": "0123456789abcdef01234567" }))]
struct Marked {
    /// Its mark.
    #[schema(pattern = "^[0-9a-f]{24}$")]
    mark: String,
}

/// What was done, in a sentence.
#[derive(Debug, Serialize, ToSchema)]
struct RecordedKeyTime {
    /// The sentence.
    says: String,
}

/// Records a key time that was found.
///
/// With what in the evidence says so as its source.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline/proposal/key-time", tag = "timeline", operation_id = "record_proposed_key_time",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = Marked,
    responses((status = 200, description = "It is recorded.", body = RecordedKeyTime), CannotWrite)
)]
async fn record_key_time(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<Marked>,
) -> Result<Json<RecordedKeyTime>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let says = suggest::record_time(&app, &viewer, &incident, &said.mark, None).await?;
    Ok(Json(RecordedKeyTime { says }))
}

/// Puts something proposed aside.
///
/// An entry, a key time or a question, for everybody.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline/proposal/put-aside", tag = "timeline", operation_id = "put_proposal_aside",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = Marked,
    responses((status = 204, description = "It is put aside."), CannotWrite)
)]
async fn put_aside(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<Marked>,
) -> Result<StatusCode, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    suggest::put_aside(&app, &viewer, &incident, Some(&said.mark), None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings back all that was put aside.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline/proposal/bring-back", tag = "timeline", operation_id = "bring_proposals_back",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    responses((status = 204, description = "It is proposed again."), CannotWrite)
)]
async fn bring_back(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
) -> Result<StatusCode, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    suggest::put_aside(&app, &viewer, &incident, None, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
