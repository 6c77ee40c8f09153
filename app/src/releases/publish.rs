//! Publishing: gather, render, hash, keep; once, in one transaction with the retrospective's move.

use super::article;
use super::document::Document;
use super::gather;
use super::markdown::markdown;
use super::store::{self, NewRelease};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::fields;
use crate::incidents::Incident;
use crate::kinds::Milestone;
use crate::retrospectives::{self, Retrospective, State};
use crate::shell::words;
use kit::db::{Conn, DbError, Time};
use kit::web::Problem;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// What whoever publishes says.
#[derive(Debug, Clone, Default)]
pub struct Publication {
    /// For whom it was made.
    pub audience: String,
    /// What changed since the last release; needed from the second on.
    pub what_changed: String,
}

/// Whether this viewer may publish: its owner, and those who decide, among its people.
pub(super) fn may_publish(viewer: &Viewer, retro: &Retrospective) -> bool {
    viewer.can_decide() || (viewer.can_write() && retro.is_owned_by(&viewer.id))
}

/// Whether it can be published from where it is.
pub(super) fn is_ready(retro: &Retrospective) -> bool {
    let next = retro.state.next(retro.kind(), None);
    next.contains(&State::Published) || next.contains(&State::Revised)
}

/// The next release as it would be if it were published now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReleasePreview)]
pub struct Preview {
    /// Whether the retrospective is where it can be published.
    pub is_ready: bool,
    /// What one may want to look at first, in sentences.
    pub doubts: Vec<String>,
    /// What it would say, but for audience and what changed, which come with publishing.
    pub document: Document,
}

/// Reads the next release without publishing it.
///
/// # Errors
/// 404 for who is not one of its people; 403 for who may not publish it.
pub(super) async fn next(
    conn: &mut Conn,
    viewer: &Viewer,
    key: &str,
    now: Time,
) -> Result<Preview, Problem> {
    let retro = retrospectives::need_for_writing(conn, viewer, key).await?;
    let incident = super::pages::find(conn, viewer, key).await?;
    must_publish(viewer, &retro)?;
    let previous = store::last_number(conn, &incident).await?;
    let mut document = gather::document(conn, viewer, &incident, &retro, now).await?;
    frame(&mut document, previous + 1, &Publication::default(), &words::date(now));
    let mut doubts = gather::doubts(&document, &retro);
    let missing = fields::missing(conn, &retro).await?;
    let missing = missing.iter().filter(|one| one.milestone <= Milestone::Published);
    doubts.extend(missing.map(|one| {
        format!("“{}” ({}) is empty; it is needed {}.", one.name, one.section, one.milestone)
    }));
    Ok(Preview { is_ready: is_ready(&retro), doubts, document })
}

fn must_publish(viewer: &Viewer, retro: &Retrospective) -> Result<(), Problem> {
    if may_publish(viewer, retro) {
        return Ok(());
    }
    Err(Problem::forbidden("Its owner publishes it, or an editor among its people."))
}

/// Publishes the next release. Gives its number.
///
/// # Errors
/// 403 for who may not; 409 when the retrospective is not there yet; 422 when a second release does
/// not say what changed.
pub async fn publish(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    retro: &Retrospective,
    said: &Publication,
) -> Result<i64, Problem> {
    must_publish(viewer, retro)?;
    if !is_ready(retro) {
        let detail = format!(
            "It is {}; take it to finalising first, on its own page, then publish.",
            retro.state
        );
        return Err(Problem::conflict("not_ready", detail));
    }
    let now = app.now();
    let mut tx = app.db.write().await?;
    let number = store::last_number(&mut tx, incident).await? + 1;
    if number > 1 && said.what_changed.trim().is_empty() {
        let message = "Say in a sentence what changed since the last release.";
        return Err(Problem::field("what_changed", message));
    }
    let mut document = gather::document(&mut tx, viewer, incident, retro, now).await?;
    frame(&mut document, number, said, &kit_day(now));
    let (html, markdown) = rendered(&document)?;
    let new = NewRelease {
        retrospective: &retro.id,
        incident: &incident.id,
        document: &document,
        html: &html,
        markdown: &markdown,
        by: &viewer.id,
    };
    match store::insert(&mut tx, &new, now).await {
        Err(DbError::Duplicate { .. }) => {
            let detail =
                "Somebody published it just now. Open it and look whether yours is still needed.";
            return Err(Problem::conflict("published_meanwhile", detail));
        }
        done => done?,
    }
    let to = if number == 1 { State::Published } else { State::Revised };
    retrospectives::move_to(&mut tx, viewer, retro, to, &said.what_changed, now).await?;
    let key = incident.key().to_string();
    let deed = Deed::new(&viewer.id, "release.published", &key).of(incident.id.as_str());
    let after = json!({ "number": number, "sha256": document.sha256(), "audience": said.audience });
    audit::record(&mut tx, now, deed.after(after)).await?;
    tx.commit().await?;
    Ok(number)
}

/// A document as page and Markdown, as it is kept with its release.
///
/// # Errors
/// When the template does not render.
pub fn rendered(document: &Document) -> Result<(String, String), Problem> {
    Ok((article::article(document)?, markdown(document)))
}

fn kit_day(now: kit::db::Time) -> String {
    crate::shell::words::date(now)
}

/// What the publication adds to what was gathered.
pub(super) fn frame(document: &mut Document, number: i64, said: &Publication, day: &str) {
    document.release = number;
    document.published_on = day.to_owned();
    document.audience.clone_from(&said.audience);
    document.what_changed.clone_from(&said.what_changed);
}
