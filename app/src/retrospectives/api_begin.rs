//! Beginning without an incident, and several incidents in one retrospective, for programs.

use super::covers::{cover, leave_out};
use super::look_back::{self, LookBack};
use super::near::{NearMiss, report_near_miss};
use super::store_covers::{self, Covered};
use super::{api, api_forms, need_for_reading};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed, made};
use crate::app::App;
use crate::incidents::{Kind, Status, Title};
use crate::kinds;
use crate::shell::json::{CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kit::db::Time;
use kit::web::{Asked, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(near))
        .routes(routes!(new))
        .routes(routes!(list, add))
        .routes(routes!(remove))
}

async fn begun(app: &App, viewer: &Viewer, key: &str) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, viewer, key).await?;
    let draft = api_forms::Draft::of(&mut conn, retro).await?;
    Ok(made(&format!("/api/v1/retrospectives/{key}"), &draft))
}

/// A near miss.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "nearly": "The ledger migration would have dropped a day of orders.", "stopped": "Noor counted the rows before she went on." }))]
struct NewNearMiss {
    /// What nearly happened; the first sentence becomes its title.
    #[schema(min_length = 1, max_length = 4000)]
    nearly: String,
    /// What stopped it.
    #[schema(min_length = 1, max_length = 4000)]
    stopped: String,
}

/// Reports a near miss.
///
/// It is written down with its retrospective, in which both texts stand already.
#[utoipa::path(
    post, path = "/near-misses", tag = "retrospectives", operation_id = "report_near_miss",
    request_body = NewNearMiss,
    responses((status = 201, description = "Thank you; Location says where it is.", body = api_forms::Draft), CannotWrite)
)]
async fn near(
    State(app): State<App>,
    Writer(viewer): Writer,
    Sent(said): Sent<NewNearMiss>,
) -> Result<Response, Problem> {
    let NewNearMiss { nearly, stopped } = said;
    let address = report_near_miss(&app, &viewer, &NearMiss { nearly, stopped }).await?;
    begun(&app, &viewer, &address.to_string()).await
}

/// What one looks back at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "title": "Moving the ledger", "why": "It went well, and we want to know why.", "kind": "standard" }))]
struct NewLookBack {
    /// What it was, in plain words.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// Why one looks back at it.
    #[schema(min_length = 1, max_length = 2000)]
    why: String,
    /// The kind’s id.
    kind: String,
    /// Whether only people on its list see it.
    #[serde(default)]
    private: bool,
}

/// Opens a retrospective of a project or event that was no incident.
///
/// It is yours. What it is about is in no list and no figure of incidents.
#[utoipa::path(
    post, path = "/retrospectives", tag = "retrospectives", operation_id = "look_back",
    request_body = NewLookBack,
    responses((status = 201, description = "It is open; Location says where.", body = api_forms::Draft), CannotWrite)
)]
async fn new(
    State(app): State<App>,
    Writer(viewer): Writer,
    Sent(said): Sent<NewLookBack>,
) -> Result<Response, Problem> {
    let title = Title::parse(&said.title).map_err(|why| Problem::field("title", why))?;
    let kind = kinds::parse(&said.kind).map_err(|why| Problem::field("kind", why))?;
    let new = LookBack { title, why: said.why, kind, private: said.private };
    let address = look_back::look_back(&app, &viewer, &new).await?;
    begun(&app, &viewer, &address.to_string()).await
}

/// An incident that a retrospective covers beside its own.
#[derive(Debug, Serialize, ToSchema)]
struct CoveredIncident {
    /// Its key.
    #[schema(example = "INC-7")]
    incident: String,
    /// Its title.
    title: String,
    /// What kind it was.
    #[schema(inline)]
    kind: Kind,
    /// How bad, from 1, the worst, to 4.
    severity: Option<i64>,
    /// Where it is.
    #[schema(inline)]
    status: Status,
    /// Why it belongs there.
    reason: String,
    /// The name of who said so.
    by: String,
    /// When.
    at: Time,
}

impl CoveredIncident {
    fn of(one: Covered) -> CoveredIncident {
        CoveredIncident {
            incident: one.key().to_string(),
            title: one.title,
            kind: one.kind,
            severity: one.severity,
            status: one.status,
            reason: one.reason,
            by: one.name,
            at: one.at,
        }
    }
}

/// Lists the incidents that a retrospective covers beside its own.
#[utoipa::path(
    get, path = "/retrospectives/{key}/incidents", tag = "retrospectives", operation_id = "list_covered_incidents",
    params(
        ListParams,
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
    ),
    responses((status = 200, description = "A page of incidents.", body = Listed<CoveredIncident>), CannotRead)
)]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<CoveredIncident>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let all = store_covers::covered(&mut conn, &viewer, &retro.id).await?;
    let all = all.into_iter().map(CoveredIncident::of).collect();
    Ok(list.whole(all, |one| one.incident.clone()))
}

/// An incident that is to be covered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "incident": "INC-7", "reason": "The same pool ran dry." }))]
struct NewCovered {
    /// Its key.
    incident: String,
    /// Why it belongs there.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Lets a retrospective cover another incident.
///
/// Whoever may not see one of its incidents does not see the retrospective either.
#[utoipa::path(
    post, path = "/retrospectives/{key}/incidents", tag = "retrospectives", operation_id = "cover_incident",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    request_body = NewCovered,
    responses((status = 200, description = "It is covered.", body = api_forms::Draft), CannotWrite)
)]
async fn add(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<NewCovered>,
) -> Result<Response, Problem> {
    cover(&app, &viewer, &key, (&said.incident, &said.reason)).await?;
    api::draft(&app, &viewer, &key).await
}

/// Leaves an incident out of a retrospective again.
#[utoipa::path(
    delete, path = "/retrospectives/{key}/incidents/{incident}", tag = "retrospectives", operation_id = "leave_incident_out",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("incident" = String, Path, description = "The key of the one that is left out.", example = "INC-7"),
    ),
    responses((status = 204, description = "It is left out."), CannotWrite)
)]
async fn remove(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, incident)): Path<(String, String)>,
) -> Result<Response, Problem> {
    leave_out(&app, &viewer, &key, &incident).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
