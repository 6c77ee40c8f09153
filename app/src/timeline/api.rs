//! `/api/v1/incidents/{key}/timeline`: the entries of a timeline, one, writing, changing and taking
//! away. What is done to several at once is in `api_acts.rs`, what is proposed in `api_proposal.rs`.

use super::api_forms::{NewTimelineEntry, TimelineChange, TimelineEntry, TimelineEntryChanges};
use super::change::Changed;
use super::entry::{Entry, EntryId};
use super::fact::{Fact, Phase};
use super::{api_acts, api_proposal, edit, store, write};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::evidence::{self, EvidenceId};
use crate::incidents::{self, Incident};
use crate::shell::json::{CannotChange, CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::db::{Conn, Time};
use kit::web::etag::{changed_meanwhile, etag, versioned};
use kit::web::{Asked, Bounds, IfMatch, Problem, Sent};
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn api_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(one, change, remove))
        .merge(api_acts::routes())
        .merge(api_proposal::routes())
}

pub(super) async fn found(app: &App, viewer: &Viewer, key: &str) -> Result<Incident, Problem> {
    let mut conn = app.db.read().await?;
    incidents::need(&mut conn, viewer, key).await
}

pub(super) fn entry_id(text: &str) -> Result<EntryId, Problem> {
    EntryId::parse(text).ok_or_else(Problem::not_found)
}

/// Which entries a list asks for.
struct Wanted {
    facts: Vec<Fact>,
    phases: Vec<Phase>,
    at: Bounds<Time>,
    unsupported: Option<bool>,
}

fn truth(text: &str) -> Result<bool, &'static str> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("Say true or false."),
    }
}

impl Wanted {
    fn read(asked: &Asked) -> Wanted {
        Wanted {
            facts: asked.any("fact", Fact::parse),
            phases: asked.any("phase", Phase::parse),
            at: asked.bounds("at", |text| crate::shell::moment::parse(text, "UTC")),
            unsupported: asked.one("unsupported", truth),
        }
    }

    fn takes(&self, entry: &Entry) -> bool {
        let Bounds { gte, gt, lte, lt } = self.at;
        (self.facts.is_empty() || self.facts.contains(&entry.fact))
            && (self.phases.is_empty() || entry.phase.is_some_and(|one| self.phases.contains(&one)))
            && gte.is_none_or(|at| entry.at >= at)
            && gt.is_none_or(|at| entry.at > at)
            && lte.is_none_or(|at| entry.at <= at)
            && lt.is_none_or(|at| entry.at < at)
            && self.unsupported.is_none_or(|is| entry.is_unsupported() == is)
    }
}

/// Where an entry stands: its time, its place among those of the same time, its id.
fn place(entry: &TimelineEntry) -> String {
    format!("{} {} {}", entry.at.microseconds(), entry.tie, entry.id)
}

/// The entries after a place. One that was moved or taken away meanwhile is gone past by its time: what
/// stands at the same time is shown again rather than skipped.
fn after(entries: Vec<Entry>, place: Option<&str>) -> Vec<Entry> {
    let Some(place) = place else { return entries };
    let mut parts = place.split(' ');
    let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok()).unwrap_or(i64::MIN);
    let then = (number(), number());
    let id = place.rsplit(' ').next().unwrap_or_default();
    let stands = |entry: &Entry| (entry.at.microseconds(), entry.tie);
    let there = entries.iter().position(|one| one.id.as_str() == id && stands(one) == then);
    let begin = there.map(|at| at + 1);
    let begin = begin.or_else(|| entries.iter().position(|one| stands(one) >= then));
    entries.into_iter().skip(begin.unwrap_or(usize::MAX)).collect()
}

/// Lists an incident's timeline entries.
///
/// Its entries in the order in which they are read, each with the evidence it cites that is there for
/// the reader.
#[utoipa::path(
    get, path = "/incidents/{key}/timeline", tag = "timeline", operation_id = "list_timeline_entries",
    params(
        ListParams,
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("fact" = inline(Option<Fact>), Query, description = "Kind of fact."),
        ("fact[in]" = Option<String>, Query, description = "One of these, with commas between."),
        ("phase" = inline(Option<Phase>), Query, description = "Part of the story."),
        ("phase[in]" = Option<String>, Query, description = "One of these, with commas between."),
        ("at[gte]" = Option<Time>, Query, description = "Then or after."),
        ("at[gt]" = Option<Time>, Query, description = "After then."),
        ("at[lte]" = Option<Time>, Query, description = "Then or before."),
        ("at[lt]" = Option<Time>, Query, description = "Before then."),
        ("unsupported" = Option<bool>, Query, description = "Whether it needs evidence and cites none."),
    ),
    responses((status = 200, description = "A page of entries.", body = Listed<TimelineEntry>), CannotRead)
)]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let wanted = Wanted::read(&asked);
    let list = List::<TimelineEntry>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let entries = super::of_incident(&mut conn, &viewer, &incident).await?;
    drop(conn);
    let entries = after(entries, list.after::<String>().as_deref());
    let wanted = entries.into_iter().filter(|entry| wanted.takes(entry));
    let most = usize::try_from(list.most()).unwrap_or(1);
    let entries = wanted.take(most).map(|entry| TimelineEntry::of(&incident, entry)).collect();
    Ok(list.answer(entries, place))
}

/// An entry with what it cites that is there for the viewer.
pub(super) async fn need(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
    id: &EntryId,
) -> Result<Entry, Problem> {
    let found = store::find(conn, &incident.id, id).await?;
    let mut entry = found.ok_or_else(Problem::not_found)?;
    let there = evidence::find_all(conn, viewer, &incident.id, &entry.cites).await?;
    let there: Vec<EvidenceId> = there.into_iter().map(|piece| piece.id).collect();
    entry.cites.retain(|id| there.contains(id));
    Ok(entry)
}

/// Shows a timeline entry.
#[utoipa::path(
    get, path = "/incidents/{key}/timeline/{entry}", tag = "timeline", operation_id = "show_timeline_entry",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("entry" = EntryId, Path, description = "The entry's id."),
    ),
    responses(
        (status = 200, description = "The entry; its version is the ETag.", body = TimelineEntry),
        (status = 304, description = "You have this version."),
        CannotRead
    )
)]
async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, entry)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let id = entry_id(&entry)?;
    let mut conn = app.db.read().await?;
    let entry = need(&mut conn, &viewer, &incident, &id).await?;
    let version = entry.version;
    Ok(versioned(&headers, version, Json(TimelineEntry::of(&incident, entry))))
}

/// Writes a timeline entry by hand.
///
/// By hand; what evidence tells is promoted instead.
#[utoipa::path(
    post, path = "/incidents/{key}/timeline", tag = "timeline", operation_id = "write_timeline_entry",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = NewTimelineEntry,
    responses(
        (status = 201, description = "Written; Location says where.", body = TimelineChange),
        CannotWrite
    )
)]
async fn add(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<NewTimelineEntry>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let content = said.content().checked()?;
    let changed = write::write(&app, &viewer, &incident, content, None).await?;
    made(&app, &viewer, &incident, &changed).await
}

/// Changes a timeline entry.
///
/// Gives the fields that are said another value; null clears one, what is left out stays.
#[utoipa::path(
    patch, path = "/incidents/{key}/timeline/{entry}", tag = "timeline", operation_id = "change_timeline_entry",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("entry" = EntryId, Path, description = "The entry's id."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = TimelineEntryChanges,
    responses((status = 200, description = "Changed.", body = TimelineChange), CannotChange)
)]
async fn change(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, entry)): Path<(String, String)>,
    if_match: IfMatch,
    Sent(said): Sent<TimelineEntryChanges>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let was = of_version(&app, &viewer, &incident, &entry, &if_match).await?;
    let content = said.on(was.content.clone()).checked()?;
    let which = (&was.id, was.version);
    let done = edit::edit(&app, &viewer, &incident, which, content, None).await;
    let changed = or_changed_meanwhile(&app, &viewer, &incident, &was.id, done).await?;
    answer(&app, &viewer, &incident, &changed).await
}

/// Takes an entry off the timeline.
///
/// Its evidence stays; the change that is answered can be undone for a day.
#[utoipa::path(
    delete, path = "/incidents/{key}/timeline/{entry}", tag = "timeline", operation_id = "delete_timeline_entry",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("entry" = EntryId, Path, description = "The entry's id."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    responses((status = 200, description = "Taken away.", body = TimelineChange), CannotChange)
)]
async fn remove(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, entry)): Path<(String, String)>,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let was = of_version(&app, &viewer, &incident, &entry, &if_match).await?;
    let which = (&was.id, Some(was.version));
    let done = edit::delete(&app, &viewer, &incident, which, None).await;
    let changed = or_changed_meanwhile(&app, &viewer, &incident, &was.id, done).await?;
    answer(&app, &viewer, &incident, &changed).await
}

/// The entry of a path, for who may write, if it is of a version they mean.
pub(super) async fn of_version(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    entry: &str,
    if_match: &IfMatch,
) -> Result<Entry, Problem> {
    let id = entry_id(entry)?;
    let mut conn = app.db.read().await?;
    let entry = need(&mut conn, viewer, incident, &id).await?;
    viewer.must_write()?;
    if_match.check(entry.version, &TimelineEntry::of(incident, entry.clone()))?;
    Ok(entry)
}

/// Somebody was faster between the look at the version and the change: the same 412.
pub(super) async fn or_changed_meanwhile(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    id: &EntryId,
    done: Result<Changed, Problem>,
) -> Result<Changed, Problem> {
    match done {
        Err(problem) if problem.kind == "changed_since" => {
            let mut conn = app.db.read().await?;
            let entry = need(&mut conn, viewer, incident, id).await?;
            Err(changed_meanwhile(entry.version, &TimelineEntry::of(incident, entry)))
        }
        done => done,
    }
}

/// What a change came to; the ETag is of the entry, where it is one.
pub(super) async fn answer(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    changed: &Changed,
) -> Result<Response, Problem> {
    let told = TimelineChange::of(app, viewer, incident, changed).await?;
    let version = match &told.entries[..] {
        [one] if told.taken_away.is_empty() => Some(one.version),
        _ => None,
    };
    let mut response = Json(told).into_response();
    if let Some(version) = version {
        response.headers_mut().insert(header::ETAG, etag(version));
    }
    Ok(response)
}

/// The same, of an entry that was made.
pub(super) async fn made(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    changed: &Changed,
) -> Result<Response, Problem> {
    let mut response = answer(app, viewer, incident, changed).await?;
    let new = changed.entries.iter().find(|entry| entry.version == 1);
    if let Some(new) = new {
        *response.status_mut() = StatusCode::CREATED;
        let there = format!("/api/v1/incidents/{}/timeline/{}", incident.key(), new.id);
        let there = there.parse().map_err(Problem::internal)?;
        response.headers_mut().insert(header::LOCATION, there);
    }
    Ok(response)
}
