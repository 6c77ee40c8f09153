//! `/r/INC-42`: the reading view, its frozen releases and their other dresses, publishing, changes.

use super::article::{preview, single};
use super::changes::{self, Section};
use super::document::Document;
use super::fonts::Candidates;
use super::publish::{self, Publication};
use super::store::{self, Bodies, Release};
use super::{gather, pdf};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::incidents::{self, Incident};
use crate::people;
use crate::retrospectives;
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/r/{key}", get(read))
        .route("/r/{key}/publish", get(show_publish).merge(post(do_publish)))
        .route("/r/{key}/releases/{release}", get(read_release))
        .route("/r/{key}/releases/{release}/changes", get(show_changes))
}

#[derive(askama::Template)]
#[template(path = "releases/templates/read.html")]
struct ReadPage {
    page: Page,
    key: String,
    path: String,
    release: Release,
    others: Vec<Release>,
    is_newest: bool,
    article: String,
    edit: Option<String>,
    progress: Option<String>,
}

impl ReadPage {
    fn day(&self) -> String {
        words::day(self.release.published_at)
    }
}

/// The newest release; while there is none, what the draft has to say to this viewer.
async fn read(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let newest = {
        let mut conn = app.db.read().await?;
        let incident = find(&mut conn, &viewer, &key).await?;
        let releases = store::of_incident(&mut conn, &viewer, &incident).await?;
        releases.first().map(|release| (incident, release.number))
    };
    match newest {
        Some((incident, number)) => render(&app, &viewer, &frame, &incident, number).await,
        None => retrospectives::overview(State(app), viewer, frame, Path(key)).await,
    }
}

/// The incident of an address such as `INC-42` or, for a second retrospective, `INC-42.2`.
pub(super) async fn find(
    conn: &mut kit::db::Conn,
    viewer: &Viewer,
    key: &str,
) -> Result<Incident, Problem> {
    let first = key.split('.').next().unwrap_or(key);
    incidents::need(conn, viewer, first).await
}

async fn render(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    incident: &Incident,
    number: i64,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let releases = store::of_incident(&mut conn, viewer, incident).await?;
    let newest = releases.first().map_or(0, |release| release.number);
    let bodies = store::bodies(&mut conn, viewer, incident, number).await?;
    let (mut these, others): (Vec<_>, Vec<_>) =
        releases.into_iter().partition(|release| release.number == number);
    let (Some(bodies), Some(release)) = (bodies, these.pop()) else {
        return Err(Problem::not_found());
    };
    let key = incident.key().to_string();
    let draft = retrospectives::need_for_reading(&mut conn, viewer, &key).await.is_ok();
    let progress = gather::progress(&mut conn, viewer, incident).await?;
    let page = ReadPage {
        page: frame.page(&release.title, "retros"),
        path: format!("/r/{key}/releases/{number}"),
        edit: (draft && viewer.can_write()).then(|| format!("/r/{key}/draft")),
        article: bodies.html,
        is_newest: number == newest,
        others,
        release,
        progress,
        key,
    };
    shell::page(&page)
}

/// `3`, `3.md`, `3.html`, `3.pdf`, `3.json`.
fn parse_release(text: &str) -> Option<(i64, &str)> {
    let (number, dress) = text.split_once('.').unwrap_or((text, ""));
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| number.parse().ok().map(|number| (number, dress)))?
}

async fn read_release(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path((key, release)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (number, dress) = parse_release(&release).ok_or_else(Problem::not_found)?;
    let mut conn = app.db.read().await?;
    let incident = find(&mut conn, &viewer, &key).await?;
    if dress.is_empty() {
        drop(conn);
        return render(&app, &viewer, &frame, &incident, number).await;
    }
    let bodies = store::bodies(&mut conn, &viewer, &incident, number).await?;
    let bodies = bodies.ok_or_else(Problem::not_found)?;
    drop(conn);
    let name = format!("{}-release-{number}.{dress}", incident.key());
    download(&app, &name, dress, bodies).await
}

/// A release in one of its dresses.
pub(super) async fn download(
    app: &App,
    name: &str,
    dress: &str,
    bodies: Bodies,
) -> Result<Response, Problem> {
    let disposition = format!("attachment; filename=\"{name}\"");
    let answer = |kind: &'static str, body: Vec<u8>| {
        let headers =
            [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
        (headers, body).into_response()
    };
    match dress {
        "md" => Ok(answer("text/markdown; charset=utf-8", bodies.markdown.into_bytes())),
        "json" => Ok(answer("application/json", bodies.json.into_bytes())),
        "html" => {
            let document: Document = read_json(&bodies.json)?;
            let whole = single(&document.title, &bodies.html, &document.sha256())?;
            Ok(answer("text/html; charset=utf-8", whole.into_bytes()))
        }
        "pdf" => Ok(answer("application/pdf", kept_pdf(app, &bodies.json).await?)),
        _ => Err(Problem::not_found()),
    }
}

pub(super) fn read_json(json: &str) -> Result<Document, Problem> {
    serde_json::from_str(json).map_err(Problem::internal)
}

/// The PDF of a frozen document: typeset the first time somebody asks, then kept by its digest.
async fn kept_pdf(app: &App, json: &str) -> Result<Vec<u8>, Problem> {
    let document = read_json(json)?;
    let sha256 = document.sha256();
    let folder = app.config.pdf_fonts.clone();
    let looked = tokio::task::spawn_blocking(move || {
        let needed = pdf::needs_fonts(&document);
        let fonts = if needed { Candidates::of(&folder) } else { Candidates::default() };
        (document, needed, fonts)
    });
    let (document, needed, fonts) = looked.await.map_err(Problem::internal)?;
    // One that needs more fonts is kept under theirs too: with others it is set anew.
    let name = if needed { format!("{sha256}-{}", fonts.fingerprint()) } else { sha256.clone() };
    let path = app.files().join(format!("{name}.pdf"));
    if let Ok(bytes) = tokio::fs::read(&path).await {
        return Ok(bytes);
    }
    // Typesetting takes a core; one at a time and no more.
    let _turn = app.typesetting.acquire().await.map_err(Problem::internal)?;
    let typeset = tokio::task::spawn_blocking(move || pdf::pdf(&document, &sha256, &fonts));
    let bytes = typeset.await.map_err(Problem::internal)?.map_err(|error| {
        Problem::conflict("pdf", format!("This release cannot be typeset: {error}"))
    })?;
    let beside = path.with_extension(format!("{}.part", hex::encode(kit::chance::bytes::<4>())));
    let kept = async {
        tokio::fs::write(&beside, &bytes).await?;
        tokio::fs::rename(&beside, &path).await
    };
    if let Err(error) = kept.await {
        tracing::warn!(%error, "a PDF was not kept and will be typeset again");
    }
    Ok(bytes)
}

#[derive(askama::Template)]
#[template(path = "releases/templates/changes.html")]
struct ChangesPage {
    page: Page,
    key: String,
    before: i64,
    after: i64,
    what_changed: String,
    sections: Vec<Section>,
}

async fn show_changes(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path((key, release)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let after: i64 = release.parse().map_err(|_| Problem::not_found())?;
    let mut conn = app.db.read().await?;
    let incident = find(&mut conn, &viewer, &key).await?;
    let pair = store::pair(&mut conn, &viewer, &incident, after).await?;
    let (before, old, new) = pair.ok_or_else(Problem::not_found)?;
    let (old, new) = (read_json(&old.json)?, read_json(&new.json)?);
    let page = ChangesPage {
        page: frame.page(&format!("What changed in {}", incident.key()), "retros"),
        key: incident.key().to_string(),
        before,
        after,
        what_changed: new.what_changed.clone(),
        sections: changes::between(&old, &new),
    };
    shell::page(&page)
}

#[derive(askama::Template)]
#[template(path = "releases/templates/publish.html")]
struct PublishPage {
    page: Page,
    key: String,
    label: &'static str,
    next: i64,
    previous: i64,
    doubts: Vec<String>,
    is_ready: bool,
    article: String,
}

async fn show_publish(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = find(&mut conn, &viewer, &key).await?;
    let next = publish::next(&mut conn, &viewer, &key, app.now()).await?;
    let page = PublishPage {
        page: frame.page(&format!("Publish {}", incident.key()), "retros"),
        key: incident.key().to_string(),
        label: incident.label.word(),
        next: next.document.release,
        previous: next.document.release - 1,
        doubts: next.doubts,
        is_ready: next.is_ready,
        article: preview(&next.document)?,
    };
    shell::page(&page)
}

async fn do_publish(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, retro) = {
        let mut conn = app.db.read().await?;
        let retro = retrospectives::need_for_writing(&mut conn, &viewer, &key).await?;
        (find(&mut conn, &viewer, &key).await?, retro)
    };
    let publication = Publication {
        audience: said.text("audience").chars().take(120).collect(),
        what_changed: said.text("what_changed").chars().take(400).collect(),
    };
    let number = publish::publish(&app, &viewer, &incident, &retro, &publication)
        .await
        .map_err(|problem| said.give_back(problem))?;
    let mut tx = app.db.write().await?;
    people::session::say(&mut tx, &session, &format!("Release {number} is published.")).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/r/{}", incident.key())))
}
