//! An incident's life for programs: its statuses and severities, how far it may be shared and with
//! whom, what it hit, its activity.

use super::change::Change;
use super::incident::{Incident, Label, Status};
use super::need;
use super::store::{self, Listed as OnList};
use super::store_parts::{self, ChangeId, Hit, SeverityChange, StatusChange};
use crate::access::{PersonId, Viewer};
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::audit::{self, Line};
use crate::shell::routes;
use crate::shell::sent::sane;
use crate::{people, services, teams};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, Said, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// The most characters of a reason.
pub(super) const REASON_MAX: usize = 400;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(statuses, set_status))
        .routes(routes!(severities, set_severity))
        .routes(routes!(correct_severity, remove_severity))
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

/// Lists the statuses an incident had, the oldest first.
#[utoipa::path(get, path = "/incidents/{key}/statuses", operation_id = "list_incident_statuses", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ListParams),
    responses((status = 200, description = "A page of statuses.", body = Listed<StatusChange>)))]
async fn statuses(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<StatusChange>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let all = store_parts::statuses(&mut conn, &incident).await?;
    Ok(list.whole(all, |one| format!("{} {}", one.at, one.status.name())))
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

/// Moves an incident on in its life.
///
/// `mitigated` and `resolved` also record the key time of that name, now, unless it is known.
#[utoipa::path(post, path = "/incidents/{key}/statuses", operation_id = "move_incident", tag = "incidents",
    request_body = NewStatus, params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 201, description = "The status.", body = StatusChange)))]
async fn set_status(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<NewStatus>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    short("reason", &new.reason, REASON_MAX)?;
    change.status(new.status, &new.reason).await?;
    let mut conn = app.db.read().await?;
    let all = store_parts::statuses(&mut conn, &incident).await?;
    let made = all.into_iter().rev().find(|one| one.status == new.status);
    let path = format!("/api/v1/incidents/{}/statuses", incident.key());
    Ok(api::made(&path, &made.ok_or_else(Problem::not_found)?))
}

/// Lists the severities an incident had, the oldest first.
#[utoipa::path(get, path = "/incidents/{key}/severities", operation_id = "list_incident_severities", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ListParams),
    responses((status = 200, description = "A page of severities.", body = Listed<SeverityChange>)))]
async fn severities(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<SeverityChange>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let all = store_parts::severities(&mut conn, &incident).await?;
    Ok(list.whole(all, |one| one.id.to_string()))
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

/// Says another severity, from a time on.
#[utoipa::path(post, path = "/incidents/{key}/severities", operation_id = "set_incident_severity", tag = "incidents",
    request_body = NewSeverity, params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 201, description = "The severity.", body = SeverityChange)))]
async fn set_severity(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<NewSeverity>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    let at = new.checked(&app)?;
    change.severity(new.severity, at, &new.reason).await?;
    let mut conn = app.db.read().await?;
    let all = store_parts::severities(&mut conn, &incident).await?;
    let made = all.into_iter().filter(|one| one.at == at && one.severity == new.severity);
    let made = made.max_by(|one, other| one.id.cmp(&other.id)).ok_or_else(Problem::not_found)?;
    let path = format!("/api/v1/incidents/{}/severities", incident.key());
    Ok(api::made(&path, &made))
}

impl NewSeverity {
    /// From when it holds, if all that was said is right.
    fn checked(&self, app: &App) -> Result<Time, Problem> {
        if !(1..=4).contains(&self.severity) {
            let why = "A severity is a number from 1, the worst, to 4.";
            return Err(Problem::field("severity", why));
        }
        short("reason", &self.reason, REASON_MAX)?;
        sane(&[("at", self.at)])?;
        let at = self.at.unwrap_or(app.now());
        if at > app.now() {
            let why = "That is still to come; a severity holds from a time that has been.";
            return Err(Problem::field("at", why));
        }
        Ok(at)
    }
}

/// What a row of the severity history says now, and why it changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CorrectedSeverity {
    /// 1, the worst, to 4.
    #[schema(example = 2, minimum = 1, maximum = 4)]
    severity: i64,
    /// From when.
    at: Time,
    /// Why it was said.
    #[serde(default)]
    #[schema(max_length = 400)]
    reason: String,
    /// Why it changes; the audit log keeps what it said before.
    #[schema(min_length = 1, max_length = 400)]
    because: String,
}

/// Corrects a row of the severity history.
#[utoipa::path(put, path = "/incidents/{key}/severities/{change}", operation_id = "correct_incident_severity", tag = "incidents",
    request_body = CorrectedSeverity,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("change" = ChangeId, Path, description = "The row’s id.")),
    responses((status = 204, description = "It is corrected.")))]
async fn correct_severity(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, change)): Path<(String, String)>,
    Sent(said): Sent<CorrectedSeverity>,
) -> Result<StatusCode, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let by = Change::by(&app, &viewer, &incident, None)?;
    let id = ChangeId::parse(&change).ok_or_else(Problem::not_found)?;
    let CorrectedSeverity { severity, at, reason, because } = said;
    short("because", &because, REASON_MAX)?;
    let new = NewSeverity { severity, at: Some(at), reason };
    let at = new.checked(&app)?;
    let (name, reason) = (String::new(), new.reason);
    by.correct_severity(&SeverityChange { id, severity, at, name, reason }, &because).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a row out of the severity history.
#[utoipa::path(delete, path = "/incidents/{key}/severities/{change}", operation_id = "remove_incident_severity", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("change" = ChangeId, Path, description = "The row’s id."),
           ("because" = String, Query, description = "Why; the audit log keeps what it said.", min_length = 1, max_length = 400)),
    responses((status = 204, description = "It is gone.")))]
async fn remove_severity(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, change)): Path<(String, String)>,
    asked: Asked,
) -> Result<StatusCode, Problem> {
    let because = asked.one("because", |text| Ok::<_, String>(text.to_owned()));
    let incident = found(&app, &viewer, &key).await?;
    let by = Change::by(&app, &viewer, &incident, None)?;
    let id = ChangeId::parse(&change).ok_or_else(Problem::not_found)?;
    asked.checked()?;
    let because = because.unwrap_or_default();
    short("because", &because, REASON_MAX)?;
    by.remove_severity(&id, &because).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How far it may be shared.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LabelOfIncident)]
struct SetLabel {
    label: Label,
}

/// Says how far an incident may be shared.
///
/// `red` puts whoever says so and all its participants on its list; nobody else finds it from then on.
#[utoipa::path(put, path = "/incidents/{key}/label", operation_id = "set_incident_label", tag = "incidents",
    request_body = SetLabel, params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 200, description = "The label.", body = SetLabel)))]
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

/// Lists who may see an incident when it is red.
#[utoipa::path(get, path = "/incidents/{key}/access", operation_id = "list_incident_access", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ListParams),
    responses((status = 200, description = "A page of people.", body = Listed<OnList>)))]
async fn access(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<OnList>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let all = store::listed(&mut conn, &incident).await?;
    Ok(list.whole(all, |one| one.person_id.to_string()))
}

/// Puts somebody on the list of who may see an incident.
#[utoipa::path(put, path = "/incidents/{key}/access/{person}", operation_id = "share_incident", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"), ("person" = PersonId, Path, description = "Its id.")),
    responses((status = 204, description = "They may see it")))]
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

/// Takes somebody off the list of who may see an incident.
#[utoipa::path(delete, path = "/incidents/{key}/access/{person}", operation_id = "unshare_incident", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"), ("person" = PersonId, Path, description = "Its id.")),
    responses((status = 204, description = "They are not on it")))]
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

/// Shows which services an incident hit and which teams it concerns.
#[utoipa::path(get, path = "/incidents/{key}/hits", operation_id = "show_incident_hits", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 200, description = "What it hit.", body = Hits)))]
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
    #[schema(example = json!(["checkout"]))]
    services: Vec<String>,
    #[schema(example = json!(["payments"]))]
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

/// Says which services an incident hit and which teams it concerns, all of them.
#[utoipa::path(put, path = "/incidents/{key}/hits", operation_id = "set_incident_hits", tag = "incidents",
    request_body = SetHits, params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 200, description = "What it hit.", body = Hits)))]
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

/// Lists what was done to an incident, the newest first.
#[utoipa::path(get, path = "/incidents/{key}/activity", operation_id = "list_incident_activity", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ListParams),
    responses((status = 200, description = "A page of lines.", body = Listed<Line>)))]
async fn activity(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<Line>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let before = list.after().unwrap_or(i64::MAX);
    let (id, most) = (incident.id.as_str(), list.most());
    let lines = audit::of_incident(&mut conn, &viewer, id, before, most).await?;
    Ok(list.answer(lines, |line| line.n.to_string()))
}
