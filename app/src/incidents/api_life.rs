//! An incident's life for programs: its statuses and severities, how far it may be shared and with
//! whom, what it hit, its activity.

use super::change::Change;
use super::incident::{Incident, Label, Status};
use super::store::{self, Listed};
use super::store_parts::{self, Hit, SeverityChange, StatusChange};
use super::need;
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Line};
use crate::shell::answer::{List, Made, NotDone, NotRead, made, sane, slice};
use crate::{people, services, teams};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kit::db::Time;
use kit::web::{Asked, Problem, Said, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The most characters of a reason.
pub(super) const REASON_MAX: usize = 400;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(statuses, set_status))
        .routes(routes!(severities, set_severity))
        .routes(routes!(set_label))
        .routes(routes!(access))
        .routes(routes!(share, unshare))
        .routes(routes!(hits, set_hits))
        .routes(routes!(activity))
}

/// The incident of a key in a path.
pub(super) async fn found(app: &App, viewer: &Viewer, key: &str) -> Result<Incident, Problem> {
    let mut conn = app.db.read().await?;
    need(&mut conn, viewer, key).await
}

/// A text that is not longer than that.
pub(super) fn short(field: &str, text: &str, most: usize) -> Result<(), Problem> {
    if text.chars().count() > most {
        return Err(Problem::field(field, format!("At most {most} characters, please.")));
    }
    Ok(())
}

/// The statuses an incident had, the oldest first
#[utoipa::path(get, path = "/incidents/{key}/statuses", tag = "incidents",
    params(("key" = String, Path, example = "INC-42"),
           ("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
           ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = List<StatusChange>), NotRead))]
async fn statuses(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Json<List<StatusChange>>, Problem> {
    let slice = slice(&app, &viewer, &asked)?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let all = store_parts::statuses(&mut conn, &incident).await?;
    Ok(Json(List::of_whole(&app, &slice, all, |one| format!("{} {}", one.at, one.status.name()))))
}

/// A status that it takes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewStatus {
    status: Status,
    /// Why; needed when it is cancelled, merged or opened again after it was closed.
    #[serde(default)]
    #[schema(max_length = 400)]
    reason: String,
}

/// Move an incident on in its life
///
/// `mitigated` and `resolved` also record the key time of that name, now, unless it is known.
#[utoipa::path(post, path = "/incidents/{key}/statuses", tag = "incidents",
    request_body = NewStatus, params(("key" = String, Path, example = "INC-42")),
    responses((status = 201, body = StatusChange, headers(("Location" = String))), NotDone))]
async fn set_status(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<NewStatus>,
) -> Result<Made<StatusChange>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    short("reason", &new.reason, REASON_MAX)?;
    change.status(new.status, &new.reason).await?;
    let (at, name, reason) = (app.now(), viewer.name, new.reason);
    let path = format!("/incidents/{}/statuses", incident.key());
    Ok(made(&path, StatusChange { status: new.status, at, name, reason }))
}

/// The severities an incident had, the oldest first
#[utoipa::path(get, path = "/incidents/{key}/severities", tag = "incidents",
    params(("key" = String, Path, example = "INC-42"),
           ("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
           ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = List<SeverityChange>), NotRead))]
async fn severities(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Json<List<SeverityChange>>, Problem> {
    let slice = slice(&app, &viewer, &asked)?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let all = store_parts::severities(&mut conn, &incident).await?;
    Ok(Json(List::of_whole(&app, &slice, all, |one| format!("{} {}", one.at, one.severity))))
}

/// A severity that holds from a time on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSeverity {
    /// 1, the worst, to 4.
    #[schema(example = 2, minimum = 1, maximum = 4)]
    severity: i64,
    /// From when; now, unless it is said.
    at: Option<Time>,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 400)]
    reason: String,
}

/// Say another severity, from a time on
#[utoipa::path(post, path = "/incidents/{key}/severities", tag = "incidents",
    request_body = NewSeverity, params(("key" = String, Path, example = "INC-42")),
    responses((status = 201, body = SeverityChange, headers(("Location" = String))), NotDone))]
async fn set_severity(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<NewSeverity>,
) -> Result<Made<SeverityChange>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    if !(1..=4).contains(&new.severity) {
        let why = "A severity is a number from 1, the worst, to 4.";
        return Err(Problem::field("severity", why));
    }
    short("reason", &new.reason, REASON_MAX)?;
    sane(&[("at", new.at)])?;
    let at = new.at.unwrap_or(app.now());
    change.severity(new.severity, at, &new.reason).await?;
    let (severity, name, reason) = (new.severity, viewer.name, new.reason);
    let path = format!("/incidents/{}/severities", incident.key());
    Ok(made(&path, SeverityChange { severity, at, name, reason }))
}

/// How far it may be shared.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IncidentLabel)]
struct SetLabel {
    label: Label,
}

/// Say how far an incident may be shared
///
/// `red` puts whoever says so and all its participants on its list; nobody else finds it from then on.
#[utoipa::path(put, path = "/incidents/{key}/label", tag = "incidents",
    request_body = SetLabel, params(("key" = String, Path, example = "INC-42")),
    responses((status = 200, body = SetLabel), NotDone))]
async fn set_label(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<SetLabel>,
) -> Result<Json<SetLabel>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    Change::by(&app, &viewer, &incident, None)?.label(new.label).await?;
    Ok(Json(new))
}

/// Who may see an incident when it is red
#[utoipa::path(get, path = "/incidents/{key}/access", tag = "incidents",
    params(("key" = String, Path, example = "INC-42"),
           ("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
           ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = List<Listed>), NotRead))]
async fn access(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Json<List<Listed>>, Problem> {
    let slice = slice(&app, &viewer, &asked)?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let all = store::listed(&mut conn, &incident).await?;
    Ok(Json(List::of_whole(&app, &slice, all, |one| one.person_id.to_string())))
}

/// Put somebody on the list of who may see an incident
#[utoipa::path(put, path = "/incidents/{key}/access/{person}", tag = "incidents",
    params(("key" = String, Path, example = "INC-42"), ("person" = PersonId, Path)),
    responses((status = 204, description = "They may see it"), NotDone))]
async fn share(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, person)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    let person = PersonId::parse(&person).ok_or_else(Problem::not_found)?;
    let person = {
        let mut conn = app.db.read().await?;
        people::find(&mut conn, &person).await?.ok_or_else(Problem::not_found)?
    };
    change.share(&person.id, &person.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take somebody off the list of who may see an incident
#[utoipa::path(delete, path = "/incidents/{key}/access/{person}", tag = "incidents",
    params(("key" = String, Path, example = "INC-42"), ("person" = PersonId, Path)),
    responses((status = 204, description = "They are not on it"), NotDone))]
async fn unshare(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, person)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    let person = PersonId::parse(&person).ok_or_else(Problem::not_found)?;
    change.unshare(&person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an incident hit and whom it concerns.
#[derive(Debug, Serialize, ToSchema)]
struct Hits {
    services: Vec<Hit>,
    teams: Vec<Hit>,
}

async fn read_hits(app: &App, incident: &Incident) -> Result<Json<Hits>, Problem> {
    let mut conn = app.db.read().await?;
    let services = store_parts::services(&mut conn, incident).await?;
    let teams = store_parts::teams(&mut conn, incident).await?;
    Ok(Json(Hits { services, teams }))
}

/// Which services an incident hit and which teams it concerns
#[utoipa::path(get, path = "/incidents/{key}/hits", tag = "incidents",
    params(("key" = String, Path, example = "INC-42")),
    responses((status = 200, body = Hits), NotRead))]
async fn hits(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<Hits>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    read_hits(&app, &incident).await
}

/// All the services it hit and all the teams it concerns, by their slugs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetHits {
    #[schema(example = json!(["checkout"]), max_items = 500)]
    services: Vec<String>,
    #[schema(example = json!(["payments"]), max_items = 500)]
    teams: Vec<String>,
}

/// Each slug's id, or what is wrong with it.
fn chosen<T: Clone>(said: &Said, field: &str, slugs: &[String], all: &[(String, T)]) -> Vec<T> {
    let mut found = Vec::new();
    for (n, slug) in slugs.iter().enumerate() {
        match all.iter().find(|(known, _)| known == slug) {
            Some((_, id)) => found.push(id.clone()),
            None => said.wrong(&format!("{field}[{n}]"), format!("`{slug}` is not known here.")),
        }
    }
    found
}

/// Say which services an incident hit and which teams it concerns, all of them
#[utoipa::path(put, path = "/incidents/{key}/hits", tag = "incidents",
    request_body = SetHits, params(("key" = String, Path, example = "INC-42")),
    responses((status = 200, body = Hits), NotDone))]
async fn set_hits(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<SetHits>,
) -> Result<Json<Hits>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    let (services, teams) = {
        let mut conn = app.db.read().await?;
        let services = services::all(&mut conn).await?.into_iter().map(|one| (one.slug, one.id));
        let teams = teams::all(&mut conn).await?.into_iter().map(|one| (one.slug, one.id));
        (services.collect::<Vec<_>>(), teams.collect::<Vec<_>>())
    };
    let said = Said::default();
    let services = chosen(&said, "services", &new.services, &services);
    let teams = chosen(&said, "teams", &new.teams, &teams);
    said.checked()?;
    change.hits(&services, &teams).await?;
    read_hits(&app, &incident).await
}

/// What was done to an incident, the newest first
#[utoipa::path(get, path = "/incidents/{key}/activity", tag = "incidents",
    params(("key" = String, Path, example = "INC-42"),
           ("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
           ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = List<Line>), NotRead))]
async fn activity(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Json<List<Line>>, Problem> {
    let slice = slice(&app, &viewer, &asked)?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let before = slice.after.as_deref().and_then(|n| n.parse().ok()).unwrap_or(i64::MAX);
    let (id, most) = (incident.id.as_str(), slice.limit + 1);
    let lines = audit::of_incident(&mut conn, &viewer, id, before, most).await?;
    Ok(Json(List::of(&app, &slice, lines, |line| line.n.to_string(), |line| line)))
}
