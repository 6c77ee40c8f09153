//! The forms of what an incident consists of: its severities, its impact windows, its participants.

use super::change::Change;
use super::impact::{NewWindow, WindowId};
use super::incident::parse_severity;
use super::pages::found;
use super::participants::{NewParticipant, ParticipantId};
use super::store_parts::{self, ChangeId, SeverityChange};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::people;
use crate::shell::moment;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::road::post;
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/i/{key}/severity", post(do_severity))
        .route("/i/{key}/severity/{change}", post(do_correct_severity))
        .route("/i/{key}/severity/{change}/remove", post(do_remove_severity))
        .route("/i/{key}/impact", post(do_window))
        .route("/i/{key}/impact/{window}/remove", post(do_remove_window))
        .route("/i/{key}/participants", post(do_participant))
        .route("/i/{key}/participants/{participant}", post(do_change_participant))
        .route("/i/{key}/participants/{participant}/remove", post(do_remove_participant))
}

/// A few words of why.
fn reason_of(said: &Said, field: &str) -> String {
    said.text(field).trim().chars().take(400).collect()
}

/// A time that has been.
fn parse_past(text: &str, zone: &str, now: Time) -> Result<Time, String> {
    let at = moment::parse(text, zone)?;
    if at > now {
        return Err("That is still to come; a severity holds from a time that has been.".to_owned());
    }
    Ok(at)
}

async fn do_severity(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let to = said.need("severity", parse_severity);
    let at = said.may("at", |text| parse_past(text, said.text("zone"), app.now()));
    said.checked()?;
    let reason = reason_of(&said, "reason");
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change.severity(to.unwrap_or(4), at.unwrap_or(app.now()), &reason).await?;
    Ok(back)
}

async fn do_correct_severity(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, change)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let id = ChangeId::parse(&change).ok_or_else(Problem::not_found)?;
    let severity = said.need("severity", parse_severity);
    let at = said.need("at", |text| parse_past(text, said.text("zone"), app.now()));
    said.checked()?;
    let (Some(severity), Some(at)) = (severity, at) else {
        return Err(Problem::internal("a checked form lacks a field"));
    };
    let (name, reason) = (String::new(), reason_of(&said, "reason"));
    let row = SeverityChange { id, severity, at, name, reason };
    Change::by(&app, &viewer, &incident, Some(&session))?
        .correct_severity(&row, &reason_of(&said, "because"))
        .await
        .map_err(|problem| said.give_back(problem))?;
    Ok(back)
}

async fn do_remove_severity(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, change)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let id = ChangeId::parse(&change).ok_or_else(Problem::not_found)?;
    Change::by(&app, &viewer, &incident, Some(&session))?
        .remove_severity(&id, &reason_of(&said, "because"))
        .await
        .map_err(|problem| said.give_back(problem))?;
    Ok(back)
}

async fn do_window(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, _) = found(&app, &viewer, &key).await?;
    let new = NewWindow::read(&said);
    said.checked()?;
    let Some(new) = new else { return Err(Problem::internal("a checked form lacks a field")) };
    let which = match said.some("window") {
        Some(text) => Some(WindowId::parse(text).ok_or_else(Problem::not_found)?),
        None => None,
    };
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change
        .window(which.as_ref(), &new, &reason_of(&said, "because"))
        .await
        .map_err(|problem| said.give_back(problem))?;
    Ok(see_other(&format!("/i/{}#impact", incident.key())))
}

async fn do_remove_window(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, window)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let window = WindowId::parse(&window).ok_or_else(Problem::not_found)?;
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change.remove_window(&window).await?;
    Ok(back)
}

async fn do_participant(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let person = match said.some("person") {
        Some(handle) => {
            let mut conn = app.db.read().await?;
            people::by_handle(&mut conn, handle).await?
        }
        None => None,
    };
    let name = person.as_ref().map_or(said.text("name"), |person| &person.name).to_owned();
    let mut new = NewParticipant::read(&said, None, &name);
    if let (Some(person), true) = (&person, new.zone.is_empty()) {
        new.zone.clone_from(&person.zone);
    }
    new.person_id = person.map(|person| person.id);
    said.checked()?;
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change.participant(&new).await?;
    Ok(back)
}

async fn do_change_participant(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, participant)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, _) = found(&app, &viewer, &key).await?;
    let id = ParticipantId::parse(&participant).ok_or_else(Problem::not_found)?;
    let there = {
        let mut conn = app.db.read().await?;
        store_parts::participants(&mut conn, &incident).await?
    };
    let one = there.into_iter().find(|one| one.id == id).ok_or_else(Problem::not_found)?;
    // Who has an account keeps their name; who has none is called as the form says.
    let name = if one.person_id.is_some() { one.name.as_str() } else { said.text("name") };
    let new = NewParticipant::read(&said, one.person_id.clone(), name);
    said.checked()?;
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change.change_participant(&id, &new).await?;
    Ok(see_other(&format!("/i/{}#people", incident.key())))
}

async fn do_remove_participant(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, participant)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let participant = ParticipantId::parse(&participant).ok_or_else(Problem::not_found)?;
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change.remove_participant(&participant).await?;
    Ok(back)
}
