//! `/i/INC-42/capture`: a note, a pin, a time, with one hand on a phone while it runs.

use super::capture;
use super::pages::Shown;
use super::store::{self, Filter};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::incidents::times::{self, Telling};
use crate::incidents::{self, Incident, KeyTime, KeyTimeName, Moment, Precision, store_times};
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// The times that a thumb can set.
const BUTTONS: [KeyTimeName; 3] =
    [KeyTimeName::Detected, KeyTimeName::Mitigated, KeyTimeName::Resolved];

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new().route("/i/{key}/capture", get(show).merge(post(do_time)))
}

#[derive(askama::Template)]
#[template(path = "evidence/templates/capture.html")]
struct CapturePage {
    page: Page,
    incident: Incident,
    times: Vec<(KeyTimeName, Option<KeyTime>)>,
    last: Vec<Shown>,
    can_write: bool,
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let all = Filter::default();
    let last = store::newest_of_incident(&mut conn, &viewer, &incident.id, &all, None, 5).await?;
    let known = store_times::key_times(&mut conn, &incident).await?;
    let mut page = frame.page(&format!("Note · {}", incident.key()), "incidents");
    // Without the frame: nothing between the thumb and the note.
    page.viewer = None;
    shell::page(&CapturePage {
        page,
        incident,
        times: BUTTONS
            .map(|name| (name, known.iter().find(|time| time.name == name).cloned()))
            .to_vec(),
        last: last.into_iter().map(|piece| Shown::of(piece, 160)).collect(),
        can_write: viewer.can_write(),
    })
}

/// A key time as somebody says it while it runs: nothing is now.
///
/// # Errors
/// A sentence with the forms.
pub(super) fn telling(
    name: KeyTimeName,
    at: &str,
    precision: Option<Precision>,
    doubt_s: u32,
    reason: &str,
    now: Time,
) -> Result<Telling, String> {
    let when = capture::when(at, now)?;
    let moment = Moment {
        at: when.at.timestamp(),
        precision: precision.unwrap_or(when.precision),
        uncertainty_s: doubt_s,
    };
    let reason = reason.chars().take(400).collect();
    Ok(Telling { name, moment, source: "person".to_owned(), evidence_id: None, reason })
}

async fn do_time(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = {
        let mut conn = app.db.read().await?;
        incidents::need(&mut conn, &viewer, &key).await?
    };
    let name = said.need("name", KeyTimeName::parse);
    let when = said.need("at", |text| capture::when(text, app.now()));
    let precision = said.may("precision", Precision::parse);
    let doubt = said.may("uncertainty_min", times::parse_doubt).unwrap_or(0);
    said.checked()?;
    let (Some(name), Some(_)) = (name, when) else {
        return Err(Problem::internal("a checked form lacks a field"));
    };
    let at = said.text("at");
    let telling = telling(name, at, precision, doubt, said.text("reason"), app.now())
        .map_err(|why| Problem::field("at", why))?;
    times::tell(&app, &viewer, &incident, telling, Some(&session))
        .await
        .map_err(|problem| said.give_back(problem))?;
    Ok(see_other(&format!("/i/{}/capture", incident.key())))
}
