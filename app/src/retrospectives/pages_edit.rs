//! `/r/INC-42/edit`: the sections with their questions beside the text, lessons, and what saves them.
//! The island saves as one types and asks for JSON; without it the same forms are sent as forms.

use super::retrospective::{LessonSort, Retrospective, SectionState};
use super::store_lessons::{self, Lesson, LessonId};
use super::store_sections::{self, Section};
use super::write::{self, Saved};
use super::{lessons, need_for_reading, shown};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::incidents::Title;
use crate::kinds;
use crate::people::session::tell;
use crate::shell::{self, Frame, Page, words};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::{Json, Router};
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};
use serde_json::json;

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/preview", post(preview))
        .route("/r/{key}/edit", get(show))
        .route("/r/{key}/title", post(do_title))
        .route("/r/{key}/sections", post(do_add_section))
        .route("/r/{key}/sections/{section}", post(do_write))
        .route("/r/{key}/sections/{section}/restore", post(do_restore))
        .route("/r/{key}/lessons", post(do_add_lesson))
        .route("/r/{key}/lessons/{lesson}", post(do_change_lesson))
        .route("/r/{key}/lessons/{lesson}/remove", post(do_remove_lesson))
        .route("/r/{key}/lessons/{lesson}/restore", post(do_restore_lesson))
        .route("/r/{key}/no-action", post(do_no_action))
}

/// What somebody wrote, as it will be read.
async fn preview(_viewer: Viewer, said: Said) -> Html<String> {
    Html(words::markdown(said.raw("text")))
}

#[derive(Template)]
#[template(path = "retrospectives/templates/edit.html")]
struct EditPage {
    page: Page,
    retro: Retrospective,
    key: String,
    begun: Vec<Section>,
    /// Those that fill themselves, whether or not somebody said something beside.
    auto: Vec<Section>,
    /// Of those, where nobody did.
    beside: Vec<Section>,
    empty: Vec<Section>,
    /// Sections that the kind names beside its own.
    more: Vec<&'static kinds::Section>,
    /// Every other one of the library.
    library: Vec<&'static kinds::Section>,
    lessons: Vec<Lesson>,
    /// A lesson just taken away, to bring back.
    taken: Option<LessonId>,
    can_write: bool,
    now: kit::db::Time,
}

impl EditPage {
    fn saved(&self, section: &Section) -> String {
        match &section.updated_by {
            Some(name) => format!("Saved {} by {name}", words::ago(self.now, section.updated_at)),
            None => "Nothing saved yet".to_owned(),
        }
    }

    fn rows(&self, section: &Section) -> usize {
        (section.text.len() / 80 + section.text.lines().count()).clamp(3, 24)
    }

    fn sorts(&self) -> &'static [LessonSort] {
        LessonSort::ALL
    }

    fn of_sort(&self, sort: &LessonSort) -> Vec<&Lesson> {
        self.lessons.iter().filter(|one| one.sort == *sort).collect()
    }

    /// Where what fills a section by itself is kept.
    fn place_of(&self, section: &Section) -> Option<(String, &'static str)> {
        let (key, address) = (&self.key, self.retro.address());
        Some(match section.section.as_str() {
            "tl" => (format!("/i/{key}/timeline"), "The timeline"),
            "fac" => (format!("/r/{address}/factors"), "The factors"),
            "recm" => (format!("/r/{address}/factors#recommendations"), "The recommendations"),
            "act" => (format!("/r/{address}/actions"), "The actions"),
            "risk" => (format!("/r/{address}/risks"), "The risks"),
            "less" => ("#lessons".to_owned(), "The lessons below"),
            "basic" => (format!("/i/{key}"), "The incident"),
            _ => return None,
        })
    }

    fn rendered(&self, section: &Section) -> String {
        words::markdown(&section.text)
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let sections = shown(&retro, store_sections::sections(&mut conn, &retro.id).await?);
    let (kind, all) = (retro.kind(), retro.library());
    let is_there = |id: &str| sections.iter().any(|one| one.section == id);
    let not_there = |one: &&kinds::Section| !is_there(&one.id);
    let more: Vec<_> = all.optional_of(kind).into_iter().filter(not_there).collect();
    let others = all.sections.iter().filter(not_there);
    let library = others.filter(|one| !kind.optional.contains(&one.id)).collect();
    let auto = sections.iter().filter(|one| one.is_auto()).cloned().collect();
    let (empty, begun): (Vec<_>, Vec<_>) = sections.into_iter().partition(Section::is_empty);
    let (beside, empty) = empty.into_iter().partition(Section::is_auto);
    let page = EditPage {
        page: frame.page(&format!("{} · {}", retro.title, retro.address()), "retros"),
        key: retro.key().to_string(),
        lessons: store_lessons::lessons(&mut conn, &retro.id).await?,
        begun,
        auto,
        beside,
        empty,
        more,
        library,
        retro,
        taken: query.some("taken").and_then(LessonId::parse),
        can_write: viewer.can_write(),
        now: app.now(),
    };
    shell::page(&page)
}

/// The version that a form read, from the header of a program or the field of a page.
fn version_of(headers: &HeaderMap, said: &Said) -> Option<i64> {
    let header = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let text = header.map_or(said.text("version"), |text| text.trim().trim_matches('"'));
    match text.parse::<i64>() {
        Ok(version) if version >= 0 => Some(version),
        _ => {
            said.wrong(
                "version",
                "The form does not say which version it read. Open the page again.",
            );
            None
        }
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

#[derive(Template)]
#[template(path = "retrospectives/templates/conflict.html")]
struct ConflictPage {
    page: Page,
    address: String,
    theirs: Section,
    mine: String,
}

/// Two wrote at once: both texts, and a person chooses. Nothing was overwritten.
fn overtaken(
    frame: &Frame,
    headers: &HeaderMap,
    (key, theirs, mine): (&str, Section, &str),
) -> Result<Response, Problem> {
    let who = theirs.updated_by.clone().unwrap_or_else(|| "Somebody".to_owned());
    if wants_json(headers) {
        let error = format!(
            "{who} saved this section while you were writing. Nothing is lost; choose what stands."
        );
        let answer = json!({ "error": error, "theirs": theirs.text, "version": theirs.version });
        return Ok((StatusCode::CONFLICT, Json(answer)).into_response());
    }
    let page = ConflictPage {
        page: frame.page("Two wrote at once", "retros"),
        address: key.to_owned(),
        theirs,
        mine: mine.to_owned(),
    };
    Ok((StatusCode::CONFLICT, shell::page(&page)?).into_response())
}

async fn do_write(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path((key, section)): Path<(String, String)>,
    headers: HeaderMap,
    said: Said,
) -> Result<Response, Problem> {
    let version = version_of(&headers, &said);
    said.checked()?;
    let version = version.unwrap_or(0);
    let text = said.raw("text");
    let saved = write::write(&app, &viewer, &key, &section, (version, text)).await;
    let (version, state) = match saved.map_err(|problem| said.give_back(problem))? {
        Saved::Overtaken { theirs } => {
            return overtaken(&frame, &headers, (&key, *theirs, text));
        }
        Saved::Yes { version, state } => (version, state),
    };
    if let Some(to) = said.may("state", SectionState::parse) {
        write::set_section_state(&app, &viewer, &key, &section, (version, to)).await?;
    }
    said.checked()?;
    if wants_json(&headers) {
        let sentence = format!("Saved {} UTC", words::clock(app.now()));
        return Ok(
            Json(json!({ "version": version, "state": state, "said": sentence })).into_response()
        );
    }
    Ok(see_other(&format!("/r/{key}/edit#{section}")))
}

async fn do_restore(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path((key, section)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let number = |text: &str| text.parse::<i64>().map_err(|_| "Choose a version of the list.");
    let old = said.need("old", number);
    let version = said.need("version", number);
    said.checked()?;
    let (old, version) = (old.unwrap_or(0), version.unwrap_or(0));
    match write::restore(&app, &viewer, &key, &section, (old, version)).await? {
        Saved::Yes { .. } => {
            tell(&app, &session, "The older text stands again; the newer one is in the history.")
                .await?;
            Ok(see_other(&format!("/r/{key}/edit#{section}")))
        }
        Saved::Overtaken { theirs } => {
            let mine = {
                let mut conn = app.db.read().await?;
                let retro = need_for_reading(&mut conn, &viewer, &key).await?;
                store_sections::version(&mut conn, &retro.id, &section, old).await?
            };
            let mine = mine.map(|one| one.text).unwrap_or_default();
            overtaken(&frame, &HeaderMap::new(), (&key, *theirs, &mine))
        }
    }
}

async fn do_add_section(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let section = said.text("section");
    let new = (section, said.text("reason"));
    write::add_section(&app, &viewer, &key, new).await.map_err(|wrong| said.give_back(wrong))?;
    Ok(see_other(&format!("/r/{key}/edit#{section}")))
}

fn parse_version(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| "Open the page again; this form is too old.")
}

async fn do_title(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let title = said.need("title", Title::parse);
    let version = said.need("version", parse_version);
    said.checked()?;
    if let (Some(title), Some(version)) = (title, version) {
        let done = write::set_title(&app, &viewer, &key, (version, &title)).await;
        done.map_err(|problem| said.give_back(problem))?;
        tell(&app, &session, "It has its new title.").await?;
    }
    Ok(see_other(&format!("/r/{key}/edit")))
}

async fn do_add_lesson(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let sort = said.need("sort", LessonSort::parse);
    said.checked()?;
    if let Some(sort) = sort {
        let done = lessons::add_lesson(&app, &viewer, &key, (sort, said.text("text"))).await;
        done.map_err(|problem| said.give_back(problem))?;
    }
    Ok(see_other(&format!("/r/{key}/edit#lessons")))
}

fn need_lesson(text: &str) -> Result<LessonId, Problem> {
    LessonId::parse(text).ok_or_else(Problem::not_found)
}

async fn do_change_lesson(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, lesson)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let lesson = need_lesson(&lesson)?;
    let sort = said.need("sort", LessonSort::parse);
    let version = said.need("version", parse_version);
    said.checked()?;
    if let (Some(sort), Some(version)) = (sort, version) {
        let text = said.text("text");
        let done =
            lessons::change_lesson(&app, &viewer, &key, (&lesson, version), (sort, text)).await;
        done.map_err(|problem| said.give_back(problem))?;
    }
    Ok(see_other(&format!("/r/{key}/edit#lessons")))
}

async fn do_remove_lesson(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, lesson)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    lessons::remove_lesson(&app, &viewer, &key, &need_lesson(&lesson)?).await?;
    tell(&app, &session, "The lesson is taken away.").await?;
    Ok(see_other(&format!("/r/{key}/edit?taken={lesson}#lessons")))
}

async fn do_restore_lesson(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, lesson)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    lessons::restore_lesson(&app, &viewer, &key, &need_lesson(&lesson)?).await?;
    tell(&app, &session, "The lesson is back.").await?;
    Ok(see_other(&format!("/r/{key}/edit#lessons")))
}

async fn do_no_action(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (before, because) = (said.raw("before"), said.text("because"));
    let done = write::say_no_action(&app, &viewer, &key, (before, because)).await;
    done.map_err(|problem| said.give_back(problem))?;
    let sentence = if because.is_empty() {
        "The reason for no action is taken back."
    } else {
        "Written down: no action, and why. That is a valid result."
    };
    tell(&app, &session, sentence).await?;
    let back = match said.text("back") {
        "actions" => format!("/r/{key}/actions"),
        _ => format!("/r/{key}/edit#no-action"),
    };
    Ok(see_other(&back))
}
