//! Lessons: what went well, what was hard, where chance was kind, what surprised, what is not known.

use super::need_for_writing;
use super::retrospective::LessonSort;
use super::store_lessons::{self, LessonId};
use super::write::told;
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use kit::web::Problem;
use serde_json::json;

/// The most characters of a lesson.
const LESSON_MAX: usize = 1000;

/// A lesson's text, if it says something in not too many words.
fn checked(text: &str) -> Result<&str, Problem> {
    let text = text.trim();
    match text.chars().count() {
        _ if kit::line::is_blank(text) => {
            Err(Problem::field("text", "Say the lesson in a sentence or two."))
        }
        n if n > LESSON_MAX => Err(Problem::field(
            "text",
            format!("A lesson has at most {LESSON_MAX} characters; this has {n}."),
        )),
        _ => Ok(text),
    }
}

/// Adds a lesson at the end.
///
/// # Errors
/// 404 for who is not one of its people; 422 when it says nothing or too much.
pub async fn add_lesson(
    app: &App,
    viewer: &Viewer,
    key: &str,
    (sort, text): (LessonSort, &str),
) -> Result<LessonId, Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let text = checked(text)?;
    let id = store_lessons::insert(&mut tx, &retro.id, (sort, text), &viewer.id, now).await?;
    let deed = Deed::new(&viewer.id, "lesson.added", id.as_str()).of(retro.incident_id.as_str());
    audit::record(&mut tx, now, deed.after(told(text))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a lesson, if nobody else did since `version`.
///
/// # Errors
/// 404 for who is not one of its people; 409 with what stands there; 422 as above.
pub async fn change_lesson(
    app: &App,
    viewer: &Viewer,
    key: &str,
    (lesson, version): (&LessonId, i64),
    (sort, text): (LessonSort, &str),
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let text = checked(text)?;
    let before = store_lessons::lesson(&mut tx, &retro.id, lesson).await?;
    let before = before.ok_or_else(Problem::not_found)?;
    if !store_lessons::update(&mut tx, &retro.id, lesson, version, (sort, text)).await? {
        let detail = format!("Somebody changed it meanwhile; it now reads: “{}”.", before.text);
        return Err(Problem::conflict("changed", detail));
    }
    let deed = Deed::new(&viewer.id, "lesson.changed", lesson.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    audit::record(&mut tx, now, deed.before(told(&before.text)).after(told(text))).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a lesson away; it can be brought back.
///
/// # Errors
/// 404 for who is not one of its people, or when it is not there.
pub async fn remove_lesson(
    app: &App,
    viewer: &Viewer,
    key: &str,
    lesson: &LessonId,
) -> Result<(), Problem> {
    set_deleted(app, viewer, key, lesson, true).await
}

/// Brings a lesson back.
///
/// # Errors
/// 404 for who is not one of its people, or when it was not taken away.
pub async fn restore_lesson(
    app: &App,
    viewer: &Viewer,
    key: &str,
    lesson: &LessonId,
) -> Result<(), Problem> {
    set_deleted(app, viewer, key, lesson, false).await
}

async fn set_deleted(
    app: &App,
    viewer: &Viewer,
    key: &str,
    lesson: &LessonId,
    is_deleted: bool,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let at = is_deleted.then_some(now);
    if !store_lessons::set_deleted(&mut tx, &retro.id, lesson, at).await? {
        return Err(Problem::not_found());
    }
    let what = if is_deleted { "lesson.removed" } else { "lesson.restored" };
    let deed = Deed::new(&viewer.id, what, lesson.as_str()).of(retro.incident_id.as_str());
    audit::record(&mut tx, now, deed.after(json!({ "removed": is_deleted }))).await?;
    tx.commit().await?;
    Ok(())
}
