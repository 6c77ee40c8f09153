//! Operations on evidence that is there: lists, one piece, what people say of it, its files.
//! Bringing evidence is in `api.rs`.

use super::capture;
use super::import::item::{Kind, Precision, Series, Signals};
use super::pages::send_file;
use super::piece::{Cursor, Evidence, EvidenceId, ImportId};
use super::store::{self, Count, Filter};
use super::store_write::Mark;
use crate::access::Viewer;
use crate::api::{Fields, List, ListParams, Listed};
use crate::app::App;
use crate::incidents::{self, Incident};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(counts))
        .routes(routes!(show))
        .routes(routes!(pin, unpin))
        .routes(routes!(dismiss, restore))
        .routes(routes!(file))
}

async fn found(app: &App, viewer: &Viewer, key: &str) -> Result<Incident, Problem> {
    let mut conn = app.db.read().await?;
    incidents::need(&mut conn, viewer, key).await
}

/// A piece of evidence, as its source or a person said it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
struct Told {
    id: EvidenceId,
    /// The import that brought it; null for a note.
    import: Option<ImportId>,
    kind: Kind,
    /// Name of the system it came from.
    source: String,
    /// Its id there.
    external_id: String,
    /// When it happened.
    occurred_at: Time,
    /// How finely the source told the time.
    precision: Precision,
    /// Where its zone comes from: `instant`, `stated:+02:00`, `said:Europe/London`.
    zone_origin: String,
    /// Who or what said it.
    author: Option<String>,
    /// Whether that was a program.
    author_is_bot: bool,
    /// What it says: plain text with line breaks.
    body: String,
    /// Channel, repository, alert group, file.
    place: Option<String>,
    /// External id of what it answers.
    answers: Option<String>,
    /// Its address in the source.
    source_url: Option<String>,
    /// What hints that it matters.
    signals: Signals,
    /// Pinned where it comes from.
    source_pinned: bool,
    /// Digest of the file it is or shows.
    file_sha256: Option<String>,
    /// That file's name.
    file_name: Option<String>,
    /// Digest of what it says.
    content_hash: String,
    /// When it was taken in here.
    recorded_at: Time,
    /// Pinned here, by somebody.
    pinned: bool,
    /// Said to be of no matter here, by somebody.
    dismissed: bool,
    /// Its page, from this instance's root.
    url: String,
    #[serde(skip)]
    place_in_lists: String,
}

fn told(incident: &Incident, e: Evidence) -> Told {
    Told {
        place_in_lists: e.cursor().to_string(),
        url: format!("/i/{}/evidence/{}", incident.key(), e.id),
        id: e.id,
        import: e.import_id,
        kind: e.kind,
        source: e.source,
        external_id: e.external_id,
        occurred_at: e.occurred_at,
        precision: e.precision,
        zone_origin: e.zone_origin,
        author: e.author,
        author_is_bot: e.author_is_bot,
        body: e.body,
        place: e.place,
        answers: e.answers,
        source_url: e.url,
        signals: e.signals.0,
        source_pinned: e.source_pinned,
        file_sha256: e.file_sha256,
        file_name: e.file_name,
        content_hash: e.content_hash,
        recorded_at: e.recorded_at,
        pinned: e.pinned,
        dismissed: e.dismissed,
    }
}

fn text(text: &str) -> Result<String, &'static str> {
    let says_nothing = |c: char| c.is_whitespace() || c.is_control();
    if text.chars().all(says_nothing) { Err("Say which.") } else { Ok(text.to_owned()) }
}

/// Lists the evidence of an incident, the newest first.
#[utoipa::path(get, path = "/incidents/{key}/evidence", operation_id = "list_evidence", tag = "evidence",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"), ListParams,
           ("source" = Option<String>, Query, description = "From this source.", example = "slack", min_length = 1),
           ("kind" = Option<Kind>, Query, description = "Of this kind."),
           ("author" = Option<String>, Query, description = "Said by this one, in any case.", min_length = 1),
           ("pinned" = Option<bool>, Query, description = "`true`: only what is pinned, here or in its source.")),
    responses((status = 200, description = "A page of evidence.", body = Listed<Told>)))]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<Told>::asked(&app, &viewer, &asked);
    let filter = Filter {
        source: asked.one("source", text),
        kind: asked.one("kind", Kind::parse),
        author: asked.one("author", text),
        pinned: asked
            .one("pinned", |text| text.parse().map_err(|_| "Say true or false."))
            .unwrap_or(false),
    };
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let before = list.after::<String>().and_then(|text| Cursor::parse(&text));
    let (id, most) = (&incident.id, list.most());
    let pieces =
        store::newest_of_incident(&mut conn, &viewer, id, &filter, before.as_ref(), most).await?;
    let pieces = pieces.into_iter().map(|piece| told(&incident, piece)).collect();
    Ok(list.answer(pieces, |piece| piece.place_in_lists.clone()))
}

/// Says how many pieces of evidence there are, by source and kind.
#[utoipa::path(get, path = "/incidents/{key}/evidence-counts", operation_id = "count_evidence", tag = "evidence",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"), ListParams),
    responses((status = 200, description = "A page of counts.", body = Listed<Count>)))]
async fn counts(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<Count>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let counts = store::counts(&mut conn, &viewer, &incident.id).await?;
    Ok(list.whole(counts, |one| format!("{} {}", one.kind.name(), one.source)))
}

/// A piece of evidence and the lines of its chart.
#[derive(Debug, Serialize, ToSchema)]
struct EvidenceWithSeries {
    evidence: Told,
    /// Values over time, for a metric.
    series: Vec<Series>,
}

/// Shows a piece of evidence.
#[utoipa::path(get, path = "/incidents/{key}/evidence/{id}", operation_id = "show_evidence", tag = "evidence",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("id" = EvidenceId, Path, description = "Its id."),
           ("fields" = Option<String>, Query, description = "Only these fields, with commas between.")),
    responses((status = 200, description = "The piece.", body = EvidenceWithSeries)))]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, id)): Path<(String, String)>,
    asked: Asked,
) -> Result<Json<serde_json::Value>, Problem> {
    let fields = Fields::of::<EvidenceWithSeries>(&asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let id = EvidenceId::parse(&id).ok_or_else(Problem::not_found)?;
    let piece = store::find(&mut conn, &viewer, &incident.id, &id).await?;
    let piece = piece.ok_or_else(Problem::not_found)?;
    let series = store::series(&mut conn, &piece).await?;
    let whole = EvidenceWithSeries { evidence: told(&incident, piece), series };
    Ok(Json(fields.choose(&whole)))
}

async fn mark(
    app: &App,
    viewer: &Viewer,
    (key, id): (String, String),
    mark: Mark,
    on: bool,
) -> Result<StatusCode, Problem> {
    let incident = found(app, viewer, &key).await?;
    let piece = capture::which(app, viewer, &incident, Some(&id)).await?;
    capture::mark(app, viewer, &incident, &piece, mark, on).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pins a piece of evidence.
#[utoipa::path(put, path = "/incidents/{key}/evidence/{id}/pin", operation_id = "pin_piece", tag = "evidence",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("id" = EvidenceId, Path, description = "Its id.")),
    responses((status = 204, description = "It is pinned.")))]
async fn pin(
    State(app): State<App>,
    viewer: Viewer,
    Path(path): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    mark(&app, &viewer, path, Mark::Pinned, true).await
}

/// Takes the pin off a piece of evidence.
#[utoipa::path(delete, path = "/incidents/{key}/evidence/{id}/pin", operation_id = "unpin_piece", tag = "evidence",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("id" = EvidenceId, Path, description = "Its id.")),
    responses((status = 204, description = "It is not pinned.")))]
async fn unpin(
    State(app): State<App>,
    viewer: Viewer,
    Path(path): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    mark(&app, &viewer, path, Mark::Pinned, false).await
}

/// Dismisses a piece of evidence: it stays and is proposed no more.
#[utoipa::path(put, path = "/incidents/{key}/evidence/{id}/dismissal", operation_id = "dismiss_evidence", tag = "evidence",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("id" = EvidenceId, Path, description = "Its id.")),
    responses((status = 204, description = "It is dismissed.")))]
async fn dismiss(
    State(app): State<App>,
    viewer: Viewer,
    Path(path): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    mark(&app, &viewer, path, Mark::Dismissed, true).await
}

/// Brings a dismissed piece of evidence back.
#[utoipa::path(delete, path = "/incidents/{key}/evidence/{id}/dismissal", operation_id = "restore_evidence", tag = "evidence",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("id" = EvidenceId, Path, description = "Its id.")),
    responses((status = 204, description = "It is not dismissed.")))]
async fn restore(
    State(app): State<App>,
    viewer: Viewer,
    Path(path): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    mark(&app, &viewer, path, Mark::Dismissed, false).await
}

/// Gives a file that a piece of evidence is or shows, as it was brought.
#[utoipa::path(get, path = "/incidents/{key}/files/{sha256}", operation_id = "download_evidence_file", tag = "evidence",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("sha256" = String, Path, description = "`file_sha256` of the piece.", pattern = "^[0-9a-f]{64}$")),
    responses((status = 200, description = "The file.",
        content((String = "application/octet-stream"), (String = "image/png"), (String = "image/jpeg"),
                (String = "image/gif"), (String = "image/webp")))))]
async fn file(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, sha256)): Path<(String, String)>,
) -> Result<Response, Problem> {
    send_file(&app, &viewer, &key, &sha256).await
}
