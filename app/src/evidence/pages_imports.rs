//! `/i/INC-42/imports`: bringing files, what came of them, taking them back, and saying which column
//! is what.

use super::capture;
use super::files;
use super::import::item::{Mapping, SetAside};
use super::import::{csv, json_lines};
use super::pages::tell;
use super::piece::{Import, ImportId, State as How};
use super::store_imports;
use super::take_in::{self, Asked, To};
use super::upload::{self, Done};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::incidents::{self, Incident};
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};
use serde_json::{Value, json};
use std::io::Read;

/// Lines of what was set aside on the result page; the file has all that are kept.
const ASIDES: i64 = 200;
/// Imports on the list.
const MOST: i64 = 200;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/i/{key}/imports", get(list).merge(post(bring)).layer(DefaultBodyLimit::disable()))
        .route("/i/{key}/imports/{id}", get(show))
        .route("/i/{key}/imports/{id}/undo", post(do_undo))
        .route("/i/{key}/imports/{id}/again", post(do_again))
        .route("/i/{key}/imports/{id}/set-aside.json", get(set_aside))
}

async fn found(app: &App, viewer: &Viewer, key: &str) -> Result<Incident, Problem> {
    let mut conn = app.db.read().await?;
    incidents::need(&mut conn, viewer, key).await
}

fn url(incident: &Incident, import: &Import) -> String {
    format!("/i/{}/imports/{}", incident.key(), import.id)
}

fn reads_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    accept.contains("application/json") && !accept.contains("text/html")
}

/// What the upload zone is answered of one file.
fn answer(incident: &Incident, import: &Import) -> Value {
    json!({
        "ok": true,
        "added": import.added,
        "already": import.already,
        "set_aside": import.set_aside,
        "url": url(incident, import),
        "said": (import.state == How::Waiting).then_some("Say which column is what."),
    })
}

async fn bring(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let wants_json = reads_json(request.headers());
    let to = To { app: &app, viewer: &viewer, incident: &incident, ask_columns: true };
    let mut done = upload::form(&to, request).await?;
    if done.len() == 1 {
        let import = done.remove(0).came_to?;
        if wants_json {
            return Ok(axum::Json(answer(&incident, &import)).into_response());
        }
        return Ok(see_other(&url(&incident, &import)));
    }
    if wants_json {
        return Ok(axum::Json(sum(&incident, &done)).into_response());
    }
    tell(&app, &session, &sentence(&done)).await?;
    Ok(see_other(&format!("/i/{}/imports", incident.key())))
}

fn sum(incident: &Incident, done: &[Done]) -> Value {
    let good = || done.iter().filter_map(|one| one.came_to.as_ref().ok());
    let why = done.iter().filter_map(|one| one.came_to.as_ref().err());
    let why: Vec<&str> = why.map(|problem| problem.detail.as_str()).collect();
    json!({
        "ok": why.is_empty(),
        "added": good().map(|import| import.added).sum::<i64>(),
        "already": good().map(|import| import.already).sum::<i64>(),
        "set_aside": good().map(|import| import.set_aside).sum::<i64>(),
        "url": format!("/i/{}/imports", incident.key()),
        "error": (!why.is_empty()).then(|| why.join(" ")),
    })
}

/// What came of several files, for the next page.
fn sentence(done: &[Done]) -> String {
    let each = done.iter().map(|one| match &one.came_to {
        Ok(import) => format!("{}: {}", import.file_name, import.says()),
        Err(problem) => problem.detail.clone(),
    });
    each.collect::<Vec<_>>().join(" ")
}

#[derive(askama::Template)]
#[template(path = "evidence/templates/imports.html")]
struct ImportsPage {
    page: Page,
    incident: Incident,
    imports: Vec<Import>,
    can_write: bool,
    now: Time,
}

impl ImportsPage {
    fn came(&self, import: &Import) -> String {
        words::ago(self.now, import.imported_at)
    }
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let imports = store_imports::of_incident(&mut conn, &viewer, &incident.id, MOST).await?;
    shell::page(&ImportsPage {
        page: frame.page(&format!("Imports · {}", incident.key()), "incidents"),
        incident,
        imports,
        can_write: viewer.can_write(),
        now: app.now(),
    })
}

#[derive(askama::Template)]
#[template(path = "evidence/templates/import.html")]
struct ImportPage {
    page: Page,
    incident: Incident,
    import: Import,
    asides: Vec<SetAside>,
    columns: Option<Columns>,
    /// What was typed and refused.
    zone: String,
    day: String,
    can_write: bool,
}

/// A table's columns, to choose from.
struct Columns {
    guess: Mapping,
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl ImportPage {
    fn size(&self) -> String {
        match self.import.size_bytes {
            size if size < 10_000 => format!("{size} bytes"),
            size if size < 10_000_000 => format!("{} kB", size / 1000),
            size => format!("{} MB", size / 1_000_000),
        }
    }

    fn is_reading(&self) -> bool {
        self.import.state == How::Reading
    }

    fn more_asides(&self) -> i64 {
        let shown = i64::try_from(self.asides.len()).unwrap_or(0);
        self.import.set_aside - shown
    }

    fn when(&self) -> String {
        words::second(self.import.imported_at)
    }

    /// The fields of a mapping, each with what it is for and what is guessed.
    fn choices(&self, columns: &Columns) -> Vec<(&'static str, &'static str, bool, String)> {
        let guess = &columns.guess;
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            ("map_at", "Time", true, guess.at.clone()),
            ("map_text", "Text", true, guess.text.clone()),
            ("map_author", "Who", false, some(&guess.author)),
            ("map_kind", "Kind", false, some(&guess.kind)),
            ("map_url", "Address", false, some(&guess.url)),
            ("map_id", "Id that stays the same", false, some(&guess.id)),
        ]
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path((key, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let id = ImportId::parse(&id).ok_or_else(Problem::not_found)?;
    let import = store_imports::find(&mut conn, &viewer, &incident.id, &id).await?;
    let import = import.ok_or_else(Problem::not_found)?;
    let asides = store_imports::set_asides(&mut conn, &import, 0, ASIDES).await?;
    drop(conn);
    let columns = match import.state {
        How::Waiting => Some(columns(&app, &import).await?),
        _ => None,
    };
    let is_read = import.state != How::Reading;
    let page = ImportPage {
        page: frame.page(&format!("{} · {}", import.file_name, incident.key()), "incidents"),
        zone: import.zone.clone().unwrap_or_default(),
        day: import.day.clone().unwrap_or_default(),
        incident,
        import,
        asides,
        columns,
        can_write: viewer.can_write(),
    };
    let mut response = shell::page(&page)?;
    if !is_read {
        // Without a script too: the page shows how far it is.
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("4"));
    }
    Ok(response)
}

/// The first rows of a table, and which column looks like what.
async fn columns(app: &App, import: &Import) -> Result<Columns, Problem> {
    let path = files::path(app, &import.sha256).ok_or_else(Problem::not_found)?;
    let is_csv = import.source == "csv";
    let read = tokio::task::spawn_blocking(move || -> std::io::Result<_> {
        let mut head = Vec::new();
        std::fs::File::open(path)?.take(64 * 1024).read_to_end(&mut head)?;
        Ok(if is_csv { csv::guess(&head) } else { json_lines::guess(&head) })
    });
    let (guess, mut rows) = read.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    let names = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
    Ok(Columns { guess, names, rows })
}

async fn do_undo(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, id)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let id = ImportId::parse(&id).ok_or_else(Problem::not_found)?;
    let import = capture::undo(&app, &viewer, &incident, &id).await?;
    if import.state == How::Failed {
        return Ok(see_other(&url(&incident, &import)));
    }
    let sentence = format!(
        "{} is taken back: {} no longer shown. Bring the file again to have them back.",
        import.file_name,
        words::count(usize::try_from(import.added).unwrap_or(0), "piece is", "pieces are")
    );
    tell(&app, &session, &sentence).await?;
    Ok(see_other(&url(&incident, &import)))
}

async fn do_again(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, id)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let id = ImportId::parse(&id).ok_or_else(Problem::not_found)?;
    let import = take_in::show(&app, &viewer, &incident, &id).await?;
    let asked = asked(&said)?;
    let import = take_in::again(&app, &viewer, &incident, &import, asked)
        .await
        .map_err(|problem| said.give_back(problem))?;
    Ok(see_other(&url(&incident, &import)))
}

fn asked(said: &Said) -> Result<Asked, Problem> {
    upload::asked(&|name| said.text(name)).map_err(|problem| said.give_back(problem))
}

async fn set_aside(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let id = ImportId::parse(&id).ok_or_else(Problem::not_found)?;
    let import = store_imports::find(&mut conn, &viewer, &incident.id, &id).await?;
    let import = import.ok_or_else(Problem::not_found)?;
    let kept = store_imports::set_asides(&mut conn, &import, 0, store_imports::KEPT).await?;
    let body = json!({ "file": import.file_name, "count": import.set_aside, "set_aside": kept });
    let disposition = format!("attachment; filename=\"set-aside-{}.json\"", import.id);
    Ok(([(header::CONTENT_DISPOSITION, disposition)], axum::Json(body)).into_response())
}
