//! Deciding whether and how an incident is reviewed.

use super::api::draft;
use super::api_forms::{Draft, IncidentReview};
use super::open::{self, Opening, Waiver};
use super::retrospective::WaiverCode;
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::incidents;
use crate::kinds;
use crate::policy;
use crate::shell::json::{CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use crate::shell::sent::renamed;
use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::{StatusCode, header};
use axum::response::Response;
use kit::web::{Problem, Sent};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(review, do_open)).routes(routes!(do_waive))
}

/// Shows how an incident is reviewed.
///
/// What the rules propose, and the retrospectives there are, waived ones too.
#[utoipa::path(
    get, path = "/incidents/{key}/retrospectives", tag = "retrospectives", operation_id = "show_incident_review",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    responses((status = 200, description = "How it is reviewed.", body = IncidentReview), CannotRead)
)]
async fn review(
    From(app): From<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<IncidentReview>, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    Ok(Json(IncidentReview::of(&mut conn, &viewer, &incident).await?))
}

/// A retrospective that is opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "standard" }))]
struct NewRetrospective {
    /// The kind's id.
    kind: String,
    /// Why this kind; the reason of the proposal, unless said.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: Option<String>,
    /// Who writes it, or sees that it is written.
    #[serde(default)]
    owner: Option<PersonId>,
    /// Who leads the conversation.
    #[serde(default)]
    facilitator: Option<PersonId>,
    /// One more beside one that is under way.
    #[serde(default)]
    another: bool,
}

/// Opens a retrospective.
///
/// By an editor, an administrator, or who commanded the incident.
#[utoipa::path(
    post, path = "/incidents/{key}/retrospectives", tag = "retrospectives", operation_id = "open_retrospective",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = NewRetrospective,
    responses((status = 201, description = "Opened; Location says where.", body = Draft), CannotWrite)
)]
async fn do_open(
    From(app): From<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<NewRetrospective>,
) -> Result<Response, Problem> {
    let (incident, proposal) = {
        let mut conn = app.db.read().await?;
        let incident = incidents::need(&mut conn, &viewer, &key).await?;
        let proposal = policy::proposal(&mut conn, &incident).await?;
        (incident, proposal)
    };
    let kind = kinds::parse(&said.kind).map_err(|why| Problem::field("kind", why))?;
    let why = said.reason.as_deref().map(str::trim).filter(|why| !why.is_empty());
    let reason = open::why(&viewer, &proposal, kind, why);
    let reason = reason.map_err(|problem| renamed(problem, &[("why", "reason")]))?;
    let NewRetrospective { owner, facilitator, another: is_another, .. } = said;
    let opening = Opening { kind, reason, owner, facilitator, is_another };
    let address = open::open(&app, &viewer, &incident, &opening).await?;
    let mut response = draft(&app, &viewer, &address.to_string()).await?;
    *response.status_mut() = StatusCode::CREATED;
    let there = format!("/api/v1/retrospectives/{address}").parse().map_err(Problem::internal)?;
    response.headers_mut().insert(header::LOCATION, there);
    Ok(response)
}

/// Why no retrospective is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "known_and_treated" }))]
struct Waiving {
    /// Why, as a word.
    #[schema(inline)]
    code: WaiverCode,
    /// Why, in words; needed where the word alone says nothing.
    #[serde(default)]
    #[schema(max_length = 2000)]
    text: String,
}

/// Waives the retrospective of an incident.
///
/// The incident stays in lists and figures, with who waived it and why.
#[utoipa::path(
    post, path = "/incidents/{key}/retrospectives/waive", tag = "retrospectives", operation_id = "waive_retrospective",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    request_body = Waiving,
    responses((status = 200, description = "Waived.", body = IncidentReview), CannotWrite)
)]
async fn do_waive(
    From(app): From<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<Waiving>,
) -> Result<Json<IncidentReview>, Problem> {
    let incident = {
        let mut conn = app.db.read().await?;
        incidents::need(&mut conn, &viewer, &key).await?
    };
    let waiver = Waiver { code: said.code, text: said.text };
    open::waive(&app, &viewer, &incident, &waiver).await?;
    let mut conn = app.db.read().await?;
    Ok(Json(IncidentReview::of(&mut conn, &viewer, &incident).await?))
}
