//! What is done to entries beside writing one: promoting evidence, merging, splitting, moving, citing,
//! undoing; and the list of changes.

use super::api::{answer, found, made, of_version, or_changed_meanwhile};
use super::api_forms::TimelineChange;
use super::change::ChangeId;
use super::entry::{EntryId, parse_text};
use super::fact::{Fact, Phase};
use super::merge::{self, Halves};
use super::{edit, promote, shift, store_changes, undo};
use crate::access::{PersonId, Viewer};
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::evidence::EvidenceId;
use crate::incidents;
use crate::shell::json::{CannotChange, CannotRead, CannotWrite, Writer, fault, no_faults};
use crate::shell::moment;
use crate::shell::routes;
use crate::shell::sent::renamed;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, IfMatch, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(do_promote))
        .routes(routes!(do_merge))
        .routes(routes!(do_split))
        .routes(routes!(do_shift))
        .routes(routes!(do_cite))
        .routes(routes!(do_undo))
        .routes(routes!(changes))
}

/// Evidence that becomes one entry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "evidence": ["evi_0123456789abcdef0123456789abcdef"], "phase": "repair" }))]
struct Promotion {
    /// One piece or several, which become one entry that cites them.
    #[schema(min_items = 1)]
    evidence: Vec<EvidenceId>,
    /// The kind of fact; what such evidence usually tells of, unless said.
    #[serde(default)]
    #[schema(inline)]
    fact: Option<Fact>,
    /// The part of the story.
    #[serde(default)]
    #[schema(inline)]
    phase: Option<Phase>,
}

/// Promotes evidence to a timeline entry.
///
/// The entry cites it and says its text and time.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline/promote", tag = "timeline", operation_id = "promote_evidence",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = Promotion,
    responses((status = 201, description = "It is on the timeline.", body = TimelineChange), CannotWrite)
)]
async fn do_promote(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<Promotion>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let as_what = (said.fact, said.phase);
    let done = promote::promote(&app, &viewer, &incident, &said.evidence, as_what, None).await?;
    made(&app, &viewer, &incident, &done).await
}

/// What is merged into one entry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
#[schema(example = json!({ "entries": ["ent_0123456789abcdef0123456789abcdef", "ent_0123456789abcdef0123456789abcdee"] }))]
struct Merging {
    /// Entries; the earliest stays.
    entries: Vec<EntryId>,
    /// Evidence; a piece that is on an entry stands for that entry.
    evidence: Vec<EvidenceId>,
}

/// Merges entries and evidence into one entry.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline/merge", tag = "timeline", operation_id = "merge_timeline_entries",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = Merging,
    responses(
        (status = 200, description = "They are one entry.", body = TimelineChange),
        (status = 201, description = "They are one new entry.", body = TimelineChange),
        CannotWrite
    )
)]
async fn do_merge(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<Merging>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let Merging { entries, evidence } = said;
    let done = merge::merge(&app, &viewer, &incident, &entries, &evidence, None).await;
    let done = done.map_err(|problem| renamed(problem, &[("merge", "entries")]))?;
    made(&app, &viewer, &incident, &done).await
}

/// The two halves of an entry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "first_text": "Alert fired", "second_text": "Ada took it", "second_at": "2026-03-05T10:05:00Z"
}))]
struct Split {
    /// What the first says from now on.
    first_text: String,
    /// What the second says.
    second_text: String,
    /// When the second happened.
    second_at: Time,
    /// What the second cites; the first keeps what is left.
    #[serde(default)]
    second_cites: Vec<EvidenceId>,
}

impl Split {
    fn halves(self) -> Result<Halves, Problem> {
        let first = parse_text(&self.first_text).map_err(|why| fault("first_text", why));
        let second = parse_text(&self.second_text).map_err(|why| fault("second_text", why));
        let at = moment::parse(&self.second_at.to_string(), "UTC");
        let at = at.map_err(|why| fault("second_at", why));
        match (first, second, at) {
            (Ok(first_text), Ok(second_text), Ok(second_at)) => {
                Ok(Halves { first_text, second_text, second_at, second_cites: self.second_cites })
            }
            (first, second, at) => {
                let faults = [first.err(), second.err(), at.err()].into_iter().flatten().collect();
                no_faults(faults)?;
                Err(Problem::internal("a checked body lacks a field"))
            }
        }
    }
}

/// Splits a timeline entry into two.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline/{entry}/split", tag = "timeline", operation_id = "split_timeline_entry",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("entry" = EntryId, Path, description = "The entry's id."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = Split,
    responses((status = 201, description = "There are two.", body = TimelineChange), CannotChange)
)]
async fn do_split(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, entry)): Path<(String, String)>,
    if_match: IfMatch,
    Sent(said): Sent<Split>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let was = of_version(&app, &viewer, &incident, &entry, &if_match).await?;
    let (which, halves) = ((&was.id, was.version), said.halves()?);
    let done = merge::split(&app, &viewer, &incident, which, halves, None).await;
    let changed = or_changed_meanwhile(&app, &viewer, &incident, &was.id, done).await?;
    made(&app, &viewer, &incident, &changed).await
}

/// By how much which entries are moved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "by": "+5 min", "all": true }))]
struct Shift {
    /// A length of time: `+5 min`, `-30 s`, `1h 30m`, `-01:00:00`.
    #[schema(min_length = 1)]
    by: String,
    /// The entries.
    #[serde(default)]
    entries: Vec<EntryId>,
    /// All of them, instead of naming some.
    #[serde(default)]
    all: bool,
}

/// Moves timeline entries in time.
///
/// For when a source's clock was wrong.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline/shift", tag = "timeline", operation_id = "shift_timeline_entries",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = Shift,
    responses((status = 200, description = "They are moved.", body = TimelineChange), CannotWrite)
)]
async fn do_shift(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<Shift>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let by = shift::parse(&said.by).map_err(|why| Problem::field("by", why))?;
    if said.all && !said.entries.is_empty() {
        return Err(Problem::field("all", "Say either all, or which entries."));
    }
    let chosen = (!said.all).then_some(&said.entries[..]);
    let done = shift::shift(&app, &viewer, &incident, chosen, by, None).await;
    let done = done.map_err(|problem| renamed(problem, &[("entry", "entries")]))?;
    answer(&app, &viewer, &incident, &done).await
}

/// What an entry cites from now on and what no longer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "add": ["evi_0123456789abcdef0123456789abcdef"] }))]
struct Citing {
    /// What it cites too.
    add: Vec<EvidenceId>,
    /// What it no longer cites.
    remove: Vec<EvidenceId>,
}

/// Changes what a timeline entry cites.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline/{entry}/cite", tag = "timeline", operation_id = "cite_evidence",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("entry" = EntryId, Path, description = "The entry's id."),
    ),
    request_body = Citing,
    responses((status = 200, description = "It cites what was said.", body = TimelineChange), CannotWrite)
)]
async fn do_cite(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, entry)): Path<(String, String)>,
    Sent(said): Sent<Citing>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let id = super::api::entry_id(&entry)?;
    let which = (&said.add[..], &said.remove[..]);
    let done = edit::cite(&app, &viewer, &incident, &id, which, None).await?;
    answer(&app, &viewer, &incident, &done).await
}

/// Which change is undone.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({}))]
struct Undoing {
    /// The change; your own last one, unless said.
    change: Option<ChangeId>,
}

/// Undoes a change of the timeline.
///
/// Whole, for a day after it was made, and never over somebody's later change.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline/undo", tag = "timeline", operation_id = "undo_timeline_change",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = Undoing,
    responses((status = 200, description = "It is undone.", body = TimelineChange), CannotWrite)
)]
async fn do_undo(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<Undoing>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let done = undo::undo(&app, &viewer, &incident, said.change.as_ref(), None).await?;
    answer(&app, &viewer, &incident, &done).await
}

/// A change of a timeline that was made.
#[derive(Debug, Serialize, ToSchema)]
struct DoneChange {
    /// Its id.
    id: ChangeId,
    /// Its number among the timeline's changes.
    #[schema(example = 7)]
    number: i64,
    /// What was done, in a sentence.
    #[schema(example = "Wrote an entry.")]
    says: String,
    /// Who did it.
    by: PersonId,
    /// When.
    at: Time,
    /// When it was undone.
    undone_at: Option<Time>,
    /// Whether a day has not passed and it is not undone.
    can_be_undone: bool,
}

/// Lists the changes of a timeline, the newest first.
///
/// The newest first.
#[utoipa::path(
    get, path = "/incidents/{key}/timeline/changes", tag = "timeline", operation_id = "list_timeline_changes",
    params(
        ListParams,
        ("key" = String, Path, description = "The incident's key, INC-42."),
    ),
    responses((status = 200, description = "A page of changes.", body = Listed<DoneChange>), CannotRead)
)]
async fn changes(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<DoneChange>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let found = store_changes::recent(&mut conn, &incident, list.after(), list.most()).await?;
    let now = app.now();
    let done = |change: store_changes::Change| DoneChange {
        can_be_undone: change.undone_at.is_none() && undo::is_in_time(change.at, now),
        id: change.id,
        number: change.n,
        says: change.says,
        by: change.by_person,
        at: change.at,
        undone_at: change.undone_at,
    };
    Ok(list.answer(found.into_iter().map(done).collect(), |change| change.number.to_string()))
}
