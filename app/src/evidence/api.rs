//! What the command line needs of evidence: notes, pins, imports and taking them back.

use super::capture;
use super::pages_capture::telling;
use super::piece::{Import, ImportId};
use super::store_imports;
use super::store_write::Mark;
use super::take_in::{self, To};
use super::upload;
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::{self, Incident, KeyTimeName, Precision, times};
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use kit::web::{Csrf, Problem, Said};
use serde::Deserialize;
use serde_json::{Value, json};

/// Reasons an answer carries; `from` asks for those after.
const ASIDES: i64 = 1000;

/// What is served under `/api/v1`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/incidents/{key}/notes", post(note))
        .route("/incidents/{key}/pins", post(pin))
        .route("/incidents/{key}/times", post(time))
        .route("/incidents/{key}/imports", post(bring).layer(DefaultBodyLimit::disable()))
        .route("/incidents/{key}/imports/{id}", get(show))
        .route("/incidents/{key}/imports/{id}/undo", post(undo))
}

async fn found(app: &App, viewer: &Viewer, key: &str) -> Result<Incident, Problem> {
    let mut conn = app.db.read().await?;
    incidents::need(&mut conn, viewer, key).await
}

/// A JSON body, or what is wrong with it.
pub(super) fn body<T>(said: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    match said {
        Ok(Json(said)) => Ok(said),
        Err(rejection) => {
            Err(Problem::new(rejection.status(), "not_understood", rejection.body_text()))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewNote {
    text: String,
    #[serde(default)]
    at: String,
}

async fn note(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    said: Result<Json<NewNote>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let said = body(said)?;
    let when = capture::when(&said.at, app.now()).map_err(|why| Problem::field("at", why))?;
    let id = capture::note(&app, &viewer, &incident, &said.text, when).await?;
    let url = format!("/i/{}/evidence/{id}", incident.key());
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "at": when.at, "url": url }))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPin {
    #[serde(default)]
    id: Option<String>,
}

async fn pin(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    said: Result<Json<NewPin>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let said = body(said)?;
    let piece = capture::which(&app, &viewer, &incident, said.id.as_deref()).await?;
    let changed = capture::mark(&app, &viewer, &incident, &piece, Mark::Pinned, true).await?;
    let text: String = piece.body.chars().take(200).collect();
    let answer =
        json!({ "id": piece.id, "at": piece.occurred_at, "text": text, "was_pinned": !changed });
    Ok((StatusCode::CREATED, Json(answer)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTime {
    name: KeyTimeName,
    #[serde(default)]
    at: String,
    #[serde(default)]
    precision: Option<Precision>,
    #[serde(default)]
    uncertainty_s: u32,
    #[serde(default)]
    reason: String,
}

async fn time(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    said: Result<Json<NewTime>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let said = body(said)?;
    let (doubt, reason) = (said.uncertainty_s, said.reason.as_str());
    let telling = telling(said.name, &said.at, said.precision, doubt, reason, app.now())
        .map_err(|why| Problem::field("at", why))?;
    let moment = telling.moment;
    let sentence = times::tell(&app, &viewer, &incident, telling, None).await?;
    let answer = json!({ "name": said.name, "moment": moment, "said": sentence });
    Ok((StatusCode::CREATED, Json(answer)))
}

/// An import as JSON.
fn shown(incident: &Incident, import: &Import, asides: &[super::import::SetAside]) -> Value {
    json!({
        "id": import.id,
        "incident": incident.key(),
        "file_name": import.file_name,
        "source": import.source,
        "state": import.state,
        "failure": import.failure,
        "sha256": import.sha256,
        "size_bytes": import.size_bytes,
        "zone": import.zone,
        "day": import.day,
        "added": import.added,
        "already": import.already,
        "set_aside": import.set_aside,
        "needs_zone": import.needs_zone,
        "reasons": asides,
        "imported_at": import.imported_at,
        "undone_at": import.undone_at,
        "url": format!("/i/{}/imports/{}", incident.key(), import.id),
    })
}

async fn answer(
    app: &App,
    incident: &Incident,
    import: &Import,
    from: i64,
) -> Result<Json<Value>, Problem> {
    let mut conn = app.db.read().await?;
    let asides = store_imports::set_asides(&mut conn, import, from, ASIDES).await?;
    Ok(Json(shown(incident, import, &asides)))
}

/// Takes a raw body (`?file_name=…&zone=…&day=…&mapping=at=…,text=…`) or a form with one file.
async fn bring(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
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
        let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
        let asked = upload::asked(&|name| said.text(name))?;
        upload::raw(&to, request.into_body(), said.text("file_name"), asked).await?
    };
    Ok((StatusCode::CREATED, answer(&app, &incident, &import, 0).await?))
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

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, id)): Path<(String, String)>,
    axum::extract::Query(from): axum::extract::Query<From>,
) -> Result<Json<Value>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let id = ImportId::parse(&id).ok_or_else(Problem::not_found)?;
    let import = take_in::show(&app, &viewer, &incident, &id).await?;
    answer(&app, &incident, &import, from.from).await
}

async fn undo(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, id)): Path<(String, String)>,
    headers: HeaderMap,
    csrf: Option<axum::Extension<Csrf>>,
) -> Result<Json<Value>, Problem> {
    upload::check_csrf(csrf.as_deref(), &headers, "")?;
    let incident = found(&app, &viewer, &key).await?;
    let id = ImportId::parse(&id).ok_or_else(Problem::not_found)?;
    let import = capture::undo(&app, &viewer, &incident, &id).await?;
    answer(&app, &incident, &import, 0).await
}
