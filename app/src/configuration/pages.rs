//! `/settings`: the configuration in force, each file with who saved it; editing one with a look at what
//! would change.

use super::apply::{self, NOTE_MAX, against_current};
use super::file::{Configuration, Current, File, Files};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::kinds::{self, Library};
use crate::people::session;
use crate::settings::place::Fault;
use crate::settings::{self, Kept};
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};
use similar::{ChangeTag, TextDiff};

/// How many versions of a file the page names.
const VERSIONS: i64 = 20;
/// Lines around a change.
const AROUND: usize = 2;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/settings", get(list))
        .route("/settings/{file}", get(show).merge(post(save)))
}

#[derive(askama::Template)]
#[template(path = "configuration/templates/list.html")]
struct ListPage {
    page: Page,
    files: Vec<Current>,
    can_edit: bool,
}

fn shown(at: Option<Time>) -> String {
    at.map(words::minute).unwrap_or_default()
}

impl ListPage {
    fn shown(&self, at: &Option<Time>) -> String {
        shown(*at)
    }
}

async fn list(State(app): State<App>, viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    let now = Configuration::read(&mut app.db.read().await?).await?;
    let page = frame.page("Settings", "settings");
    shell::page(&ListPage { page, files: now.files, can_edit: viewer.can_administer() })
}

/// A line of a comparison.
struct Line {
    /// `ins`, `del`, `gap`, or empty for one that stayed.
    tag: &'static str,
    text: String,
}

/// What a text changes in another, line by line, with a little around.
fn compared(before: &str, after: &str) -> Vec<Line> {
    let mut diff = TextDiff::configure();
    let diff = diff.timeout(std::time::Duration::from_millis(500)).diff_lines(before, after);
    let mut lines = Vec::new();
    for (n, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if n > 0 {
            lines.push(Line { tag: "gap", text: String::new() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let tag = match change.tag() {
                ChangeTag::Insert => "ins",
                ChangeTag::Delete => "del",
                ChangeTag::Equal => "",
            };
            lines.push(Line { tag, text: change.value().trim_end().to_owned() });
        }
    }
    lines
}

/// What changes among the kinds, in words.
fn in_words(before: &Library, after: &Library) -> Vec<String> {
    let mut said = Vec::new();
    let mut tell = |what: &str, old: Vec<(&str, bool)>, new: Vec<&str>| {
        let gone: Vec<&str> =
            old.iter().map(|(id, _)| *id).filter(|id| !new.contains(id)).collect();
        let come: Vec<&str> =
            new.iter().filter(|id| old.iter().all(|(one, _)| one != *id)).copied().collect();
        let moved: Vec<&str> = old.iter().filter(|(_, same)| !same).map(|(id, _)| *id).collect();
        let moved: Vec<&str> = moved.into_iter().filter(|id| new.contains(id)).collect();
        for (verb, ids) in [("come", come), ("go", gone), ("change", moved)] {
            if !ids.is_empty() {
                said.push(format!("{what} that {verb}: {}", ids.join(", ")));
            }
        }
    };
    let kinds = before.kinds.iter();
    let old = kinds.map(|one| (one.id.as_str(), after.kind(&one.id) == Some(one))).collect();
    tell("Kinds", old, after.kinds.iter().map(|one| one.id.as_str()).collect());
    let sections = before.sections.iter();
    let old = sections.map(|one| (one.id.as_str(), after.section(&one.id) == Some(one))).collect();
    tell("Sections", old, after.sections.iter().map(|one| one.id.as_str()).collect());
    let fields = before.fields.iter();
    let old = fields.map(|one| (one.id.as_str(), after.field(&one.id) == Some(one))).collect();
    tell("Fields", old, after.fields.iter().map(|one| one.id.as_str()).collect());
    let overlays = before.overlays.iter();
    let old = overlays.map(|one| (one.id.as_str(), after.overlay(&one.id) == Some(one))).collect();
    tell("Overlays", old, after.overlays.iter().map(|one| one.id.as_str()).collect());
    said
}

#[derive(askama::Template)]
#[template(path = "configuration/templates/file.html")]
struct FilePage {
    page: Page,
    current: Current,
    fingerprint: String,
    text: String,
    note: String,
    note_max: usize,
    faults: Vec<Fault>,
    /// What would change, once somebody looked.
    lines: Option<Vec<Line>>,
    /// The same in words.
    told: Vec<String>,
    versions: Vec<Kept>,
    can_edit: bool,
}

impl FilePage {
    fn shown(&self, at: &Option<Time>) -> String {
        shown(*at)
    }

    fn when(&self, one: &Kept) -> String {
        words::minute(one.saved_at)
    }
}

/// The file of an address; none for one that there is not.
fn parse(name: &str) -> Result<File, Problem> {
    File::parse(name).map_err(|_| Problem::not_found())
}

async fn page(
    app: &App,
    (viewer, frame): (&Viewer, &Frame),
    file: File,
    said: Option<&Said>,
) -> Result<(bool, FilePage), Problem> {
    let mut conn = app.db.read().await?;
    let now = Configuration::read(&mut conn).await?;
    let current = now.files.iter().find(|one| one.file == file).cloned();
    let current = current.ok_or_else(Problem::not_found)?;
    let text = said.map_or_else(|| current.text.clone(), typed);
    let (mut faults, mut lines, mut told) = (Vec::new(), None, Vec::new());
    if said.is_some() {
        let files: Files = [(file.name().to_owned(), text.clone())].into();
        let (_, checked) = against_current(&mut conn, &files).await?;
        match checked {
            Ok(checked) => {
                lines = Some(compared(&current.text, &text));
                if let Some(library) = &checked.kinds {
                    told = in_words(kinds::current(&mut conn).await?, library);
                }
            }
            Err(wrong) => faults = wrong,
        }
    }
    let versions = match file.part() {
        Some(part) => settings::list(&mut conn, part, VERSIONS).await?,
        None => Vec::new(),
    };
    let page = FilePage {
        page: frame.page(&format!("{file} · Settings"), "settings"),
        fingerprint: said.map_or_else(|| now.fingerprint(), |said| said.text("read").to_owned()),
        note: said.map(|said| said.text("note").to_owned()).unwrap_or_default(),
        note_max: NOTE_MAX,
        can_edit: viewer.can_administer(),
        current,
        text,
        faults,
        lines,
        told,
        versions,
    };
    Ok((page.faults.is_empty(), page))
}

/// The text as it was typed; a file ends with a line's end.
fn typed(said: &Said) -> String {
    format!("{}\n", said.raw("text").trim_end())
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    if let Some(name) = name.strip_suffix(".txt") {
        let now = Configuration::read(&mut app.db.read().await?).await?;
        let text = now.text(parse(name)?).to_owned();
        let disposition = format!("attachment; filename=\"{name}\"");
        let kind = "application/toml; charset=utf-8".to_owned();
        let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)];
        return Ok((headers, text).into_response());
    }
    let (_, page) = page(&app, (&viewer, &frame), parse(&name)?, None).await?;
    shell::page(&page)
}

async fn save(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(name): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    viewer.must_administer()?;
    let file = parse(&name)?;
    if said.text("do") == "save" {
        let files: Files = [(name.clone(), typed(&said))].into();
        let new = (&files, said.text("note"));
        match apply::apply(&app, &viewer, new, said.some("read")).await {
            Ok(_) => {
                let sentence =
                    "It is in force from now on. What was opened before keeps what it had.";
                let mut tx = app.db.write().await?;
                session::say(&mut tx, &session, sentence).await?;
                tx.commit().await?;
                return Ok(see_other(&format!("/settings/{name}")));
            }
            Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {}
            Err(problem) => return Err(said.give_back(problem)),
        }
    }
    let (is_whole, page) = page(&app, (&viewer, &frame), file, Some(&said)).await?;
    let status = if is_whole { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, shell::page(&page)?).into_response())
}
