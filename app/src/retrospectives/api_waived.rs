//! Waived reviews, listed; and accepting a request for a review, which opens one.

use super::api::draft;
use super::open::{self, Opening};
use super::pages_waived::Month;
use super::retrospective::WaiverCode;
use super::store_waived::{Waived, waived};
use crate::access::{PersonId, Viewer};
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::incidents::{self, Kind as IncidentKind, Label};
use crate::kinds;
use crate::policy;
use crate::requests::{self, RequestId};
use crate::shell::json::{CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(accept))
}

/// A review that was waived.
#[derive(Debug, Serialize, ToSchema)]
struct Waiver {
    /// The incident's key.
    #[schema(example = "INC-42")]
    incident: String,
    /// The incident's title.
    incident_title: String,
    /// The incident's kind.
    incident_kind: IncidentKind,
    /// Its severity.
    severity: Option<i64>,
    /// How far it may be shared.
    label: Label,
    /// The kind of review that was proposed.
    kind: String,
    /// Why, as a word.
    #[schema(inline)]
    code: Option<WaiverCode>,
    /// Why, in words.
    reason: String,
    /// Who waived it, by name.
    waived_by: String,
    /// When.
    waived_at: Time,
    /// Its id.
    id: super::RetrospectiveId,
}

impl Waiver {
    fn of(one: Waived) -> Waiver {
        Waiver {
            incident: one.key().to_string(),
            id: one.id,
            incident_title: one.incident_title,
            incident_kind: one.incident_kind,
            severity: one.severity,
            label: one.label,
            kind: one.kind,
            code: one.code,
            reason: one.reason,
            waived_by: one.waived_by,
            waived_at: one.waived_at,
        }
    }
}

/// Lists the reviews that were waived, the newest first; of one month, or of all.
#[utoipa::path(
    get, path = "/waivers", tag = "retrospectives", operation_id = "list_waivers",
    params(ListParams, ("month" = Option<String>, Query, description = "In UTC, 2026-11.",
                        pattern = "^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-(0[1-9]|1[0-2])$")),
    responses((status = 200, description = "A page of waivers.", body = Listed<Waiver>), CannotRead)
)]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let month = asked.one("month", Month::parse);
    let list = List::<Waiver>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let ends = month.map_or_else(ever, Month::ends);
    // A place is a time in microseconds and an id.
    let after = list.after::<String>().and_then(|text| {
        let (at, id) = text.split_once(' ')?;
        let at = Time::from_microseconds(at.parse().ok()?)?;
        Some((at, super::RetrospectiveId::parse(id)?))
    });
    let mut conn = app.db.read().await?;
    let found = waived(&mut conn, &viewer, ends, after, list.most()).await?;
    let found = found.into_iter().map(Waiver::of).collect();
    Ok(list.answer(found, |one| format!("{} {}", one.waived_at.microseconds(), one.id)))
}

/// From the first month there is to the last.
fn ever() -> (Time, Time) {
    let month = |text| Month::parse(text).map(Month::ends);
    let epoch = Time::new(jiff::Timestamp::UNIX_EPOCH);
    (epoch, month("2200-12").map_or(epoch, |(_, to)| to))
}

/// How a request for a review is accepted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "light" }))]
struct Acceptance {
    /// The kind's id; the proposed one when absent, or a standard review when none is proposed.
    #[serde(default)]
    kind: Option<String>,
    /// What who asked is answered; the reason of the kind when absent.
    #[serde(default)]
    answer: Option<String>,
    /// Who writes it.
    #[serde(default)]
    owner: Option<PersonId>,
}

/// Accepts a request for a review: opens a retrospective of its incident.
///
/// By who commanded the incident, an editor or an administrator. Every open request for the incident is
/// accepted with it.
#[utoipa::path(
    post, path = "/review-requests/{id}/accept", tag = "requests", operation_id = "accept_review_request",
    params(("id" = String, Path, description = "The request's id.")),
    request_body = Acceptance,
    responses((status = 201, description = "Opened; Location says where.", body = super::api_forms::Draft), CannotWrite)
)]
async fn accept(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(id): Path<String>,
    Sent(said): Sent<Acceptance>,
) -> Result<Response, Problem> {
    let id = RequestId::parse(&id).ok_or_else(Problem::not_found)?;
    let (incident, choice) = {
        let mut conn = app.db.read().await?;
        let request = requests::find(&mut conn, &viewer, &id).await?;
        let request = request.ok_or_else(Problem::not_found)?;
        if request.state != requests::State::Open {
            let detail = format!("It was {} already.", request.state);
            return Err(Problem::conflict("answered", detail));
        }
        let incident = incidents::find_by_id(&mut conn, &viewer, &request.incident_id).await?;
        let incident = incident.ok_or_else(Problem::not_found)?;
        let proposal = policy::proposal(&mut conn, &incident).await?;
        (incident, proposal.choice)
    };
    let kind = match said.kind.as_deref() {
        Some(kind) => kinds::parse(kind).map_err(|why| Problem::field("kind", why))?,
        None => choice
            .kind()
            .or_else(|| kinds::find("standard"))
            .ok_or_else(|| Problem::internal("there is no standard review"))?,
    };
    let answer = said.answer.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if answer.as_deref().is_some_and(|text| text.chars().count() > open::REASON_MAX) {
        return Err(Problem::field("answer", "Say it in fewer words, please."));
    }
    let is_proposed = choice.kind.as_deref() == Some(kind.id.as_str());
    let reason = answer.unwrap_or_else(|| match is_proposed {
        true => choice.why.clone(),
        false => format!("Somebody asked for a review; {}.", kind.why_words),
    });
    let opening = Opening { kind, reason, owner: said.owner, facilitator: None, is_another: false };
    let address = open::open(&app, &viewer, &incident, &opening).await?;
    let mut response = draft(&app, &viewer, &address.to_string()).await?;
    *response.status_mut() = StatusCode::CREATED;
    let there = format!("/api/v1/retrospectives/{address}").parse().map_err(Problem::internal)?;
    response.headers_mut().insert(header::LOCATION, there);
    Ok(response)
}
