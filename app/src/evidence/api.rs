//! What the command line needs of evidence: notes, pins, imports and taking them back.

use super::api_imports::{ImportTold, import_told};
use super::capture;
use super::import::item::SetAside;
use super::pages_capture::telling;
use super::piece::{EvidenceId, Import, ImportId};
use super::store_imports;
use super::store_write::Mark;
use super::take_in::{self, To};
use super::upload;
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::{self, Incident, Key, KeyTimeName, Moment, Precision, times};
use crate::shell::routes;
use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use kit::db::Time;
use kit::web::{Asked, Csrf, Problem, Said, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};

/// Reasons an answer carries; `from` asks for those after.
const ASIDES: i64 = 1000;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(note))
        .routes(routes!(pin))
        .routes(routes!(time))
        .routes(routes!(bring).layer(DefaultBodyLimit::disable()))
        .routes(routes!(show))
        .routes(routes!(undo))
}

async fn found(app: &App, viewer: &Viewer, key: &str) -> Result<Incident, Problem> {
    let mut conn = app.db.read().await?;
    incidents::need(&mut conn, viewer, key).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewNote {
    /// What is noted.
    #[schema(min_length = 1, max_length = 20_000)]
    text: String,
    /// When it was: a time, `14:02`, `5m ago`; now when absent.
    #[serde(default)]
    at: String,
}

/// A note that was written down.
#[derive(Serialize, ToSchema)]
struct NoteWritten {
    id: EvidenceId,
    /// When it was.
    at: Time,
    /// Its page, from this instance's root.
    url: String,
}

/// Writes a note down, which is evidence.
#[utoipa::path(
    post, path = "/incidents/{key}/notes", tag = "evidence", operation_id = "add_note",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
    ),
    request_body = NewNote,
    responses((status = 201, description = "The note's id, time and page.", body = NoteWritten)),
)]
async fn note(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(said): Sent<NewNote>,
) -> Result<(StatusCode, Json<NoteWritten>), Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let when = capture::when(&said.at, app.now()).map_err(|why| Problem::field("at", why))?;
    let id = capture::note(&app, &viewer, &incident, &said.text, when).await?;
    let url = format!("/i/{}/evidence/{id}", incident.key());
    Ok((StatusCode::CREATED, Json(NoteWritten { id, at: when.at, url })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPin {
    /// The id of the piece of evidence.
    #[serde(default)]
    id: Option<EvidenceId>,
}

/// A piece of evidence that is pinned.
#[derive(Serialize, ToSchema)]
struct PinSet {
    id: EvidenceId,
    /// When it happened.
    at: Time,
    /// The first 200 characters of what it says.
    text: String,
    /// Whether it was pinned before.
    was_pinned: bool,
}

/// Pins a piece of evidence; the newest when no id is said.
#[utoipa::path(
    post, path = "/incidents/{key}/pins", tag = "evidence", operation_id = "pin_evidence",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
    ),
    request_body = NewPin,
    responses((status = 201, description = "What is pinned.", body = PinSet)),
)]
async fn pin(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(said): Sent<NewPin>,
) -> Result<(StatusCode, Json<PinSet>), Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let piece =
        capture::which(&app, &viewer, &incident, said.id.as_ref().map(EvidenceId::as_str)).await?;
    let changed = capture::mark(&app, &viewer, &incident, &piece, Mark::Pinned, true).await?;
    let text: String = piece.body.chars().take(200).collect();
    let pin = PinSet { id: piece.id, at: piece.occurred_at, text, was_pinned: !changed };
    Ok((StatusCode::CREATED, Json(pin)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTime {
    /// Which key time.
    name: KeyTimeName,
    /// When it was: a time, `14:02`, `5m ago`; now when absent.
    #[serde(default)]
    at: String,
    /// How exactly it is known; as written when absent.
    #[serde(default)]
    precision: Option<Precision>,
    /// Seconds it may be off, before or after.
    #[serde(default)]
    uncertainty_s: u32,
    /// Why another time is overridden.
    #[serde(default)]
    reason: String,
}

/// A key time that was told.
#[derive(Serialize, ToSchema)]
struct TimeTold {
    name: KeyTimeName,
    /// When it was, as it is believed now.
    moment: Moment,
    /// What became of it, in a sentence.
    said: String,
}

/// Tells a key time, or corrects one; what was recorded is kept.
#[utoipa::path(
    post, path = "/incidents/{key}/times", tag = "evidence", operation_id = "tell_time",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
    ),
    request_body = NewTime,
    responses((status = 201, description = "The key time.", body = TimeTold)),
)]
async fn time(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(said): Sent<NewTime>,
) -> Result<(StatusCode, Json<TimeTold>), Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let (doubt, reason) = (said.uncertainty_s, said.reason.as_str());
    let telling = telling(said.name, &said.at, said.precision, doubt, reason, app.now())
        .map_err(|why| Problem::field("at", why))?;
    let moment = telling.moment;
    let sentence = times::tell(&app, &viewer, &incident, telling, None).await?;
    Ok((StatusCode::CREATED, Json(TimeTold { name: said.name, moment, said: sentence })))
}

/// An import, with the reasons for what it set aside.
#[derive(Serialize, ToSchema)]
struct ImportWithReasons {
    /// The key of its incident.
    incident: Key,
    #[serde(flatten)]
    import: ImportTold,
    /// Why things were set aside, a thousand at a time.
    reasons: Vec<SetAside>,
}

async fn answer(
    app: &App,
    incident: &Incident,
    import: Import,
    from: i64,
) -> Result<Json<ImportWithReasons>, Problem> {
    let mut conn = app.db.read().await?;
    let reasons = store_imports::set_asides(&mut conn, &import, from, ASIDES).await?;
    let import = import_told(incident, import);
    Ok(Json(ImportWithReasons { incident: incident.key(), import, reasons }))
}

/// A form with one file. Its other fields come before it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as it comes")]
struct UploadedFile {
    /// The file.
    #[schema(format = Binary)]
    file: String,
}

/// Imports a file: a raw body, or a form with one file. The same file again adds nothing.
#[utoipa::path(
    post, path = "/incidents/{key}/imports", tag = "evidence", operation_id = "import_evidence",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("file_name" = Option<String>, Query, description = "What the file is called."),
        ("zone" = Option<String>, Query, description = "The time zone of times that say none."),
        ("day" = Option<String>, Query, description = "The day of times that say none, 2026-03-05.", format = Date),
        ("mapping" = Option<String>, Query, description = "Which column is what: at=…,text=…."),
    ),
    request_body(content(
        (Vec<u8> = "application/octet-stream"), (UploadedFile = "multipart/form-data"),
    ), description = "The file."),
    responses((status = 201, description = "What came of it.", body = ImportWithReasons)),
)]
async fn bring(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<(StatusCode, Json<ImportWithReasons>), Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let to = To { app: &app, viewer: &viewer, incident: &incident, ask_columns: false };
    let import = if is_form(request.headers()) {
        let mut done = upload::form(&to, request).await?;
        if done.len() > 1 {
            let detail = "Send one file in a request; each has its own answer.";
            return Err(Problem::field("files", detail));
        }
        done.remove(0).came_to?
    } else {
        upload::fits(&app, request.headers())?;
        upload::check_csrf(request.extensions().get::<Csrf>(), request.headers(), "")?;
        let said = asked(&request, query.as_deref().unwrap_or(""))?;
        let how = upload::asked(&|name| said.text(name))?;
        upload::raw(&to, request.into_body(), said.text("file_name"), how).await?
    };
    Ok((StatusCode::CREATED, answer(&app, &incident, import, 0).await?))
}

/// What is said of a raw body, in the query.
fn asked(request: &Request, query: &str) -> Result<Said, Problem> {
    let asked = Asked::new(request.uri().path(), query);
    let said = ["file_name", "zone", "day", "mapping"].into_iter().filter_map(|name| {
        let value = asked.one(name, |text| Ok::<_, String>(text.to_owned()));
        value.map(|value| (name.to_owned(), value))
    });
    let said = Said::new(said.collect());
    asked.checked()?;
    Ok(said)
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("multipart/"))
}

#[derive(Deserialize)]
struct From {
    #[serde(default)]
    from: i64,
}

/// Shows an import, and what it set aside with the reasons.
#[utoipa::path(
    get, path = "/incidents/{key}/imports/{id}", tag = "evidence", operation_id = "show_import",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("id" = String, Path, description = "The import's id."),
        ("from" = Option<i64>, Query, description = "Reasons from this one on."),
    ),
    responses((status = 200, description = "The import.", body = ImportWithReasons)),
)]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, id)): Path<(String, String)>,
    axum::extract::Query(from): axum::extract::Query<From>,
) -> Result<Json<ImportWithReasons>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let id = ImportId::parse(&id).ok_or_else(Problem::not_found)?;
    let import = take_in::show(&app, &viewer, &incident, &id).await?;
    answer(&app, &incident, import, from.from).await
}

/// Takes an import back: what it added goes, what was made of it stays.
#[utoipa::path(
    post, path = "/incidents/{key}/imports/{id}/undo", tag = "evidence", operation_id = "undo_import",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("id" = String, Path, description = "The import's id."),
    ),
    responses((status = 200, description = "The import as it is now.", body = ImportWithReasons)),
)]
async fn undo(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, id)): Path<(String, String)>,
    headers: HeaderMap,
    csrf: Option<axum::Extension<Csrf>>,
) -> Result<Json<ImportWithReasons>, Problem> {
    upload::check_csrf(csrf.as_deref(), &headers, "")?;
    let incident = found(&app, &viewer, &key).await?;
    let id = ImportId::parse(&id).ok_or_else(Problem::not_found)?;
    let import = capture::undo(&app, &viewer, &incident, &id).await?;
    answer(&app, &incident, import, 0).await
}
