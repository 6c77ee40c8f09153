//! The people of a retrospective: who leads it and who may see its draft.

use super::api_forms::Somebody;
use super::parts;
use super::retrospective::{Address, Retrospective, Role};
use super::store_people::{self, InRole};
use super::{add_person, assign, may_decide, remove_person, store};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::incidents;
use crate::shell::json::{CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kit::db::Conn;
use kit::web::{Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, add))
        .routes(routes!(remove))
        .routes(routes!(set_leads))
}

/// Somebody whom a draft is shared with.
#[derive(Debug, Serialize, ToSchema)]
struct DraftPerson {
    /// Who.
    person: PersonId,
    /// Their name.
    #[schema(example = "Ada")]
    name: String,
    /// Their handle.
    #[schema(example = "ada")]
    handle: String,
    /// As what.
    #[schema(inline)]
    roles: Vec<Role>,
}

/// The people of a retrospective.
#[derive(Debug, Serialize, ToSchema)]
struct DraftPeople {
    /// Who owns it.
    owner: Option<Somebody>,
    /// Who facilitates.
    facilitator: Option<Somebody>,
    /// Whom its draft is shared with, by name; null for who decides about it and is not one of them.
    people: Option<Vec<DraftPerson>>,
    /// Roles that its kind, or the policy, asks for, and that nobody has; null as `people`.
    vacant: Option<Vec<String>>,
    /// What one may want to look at where independence matters, in sentences; null as `people`.
    warnings: Option<Vec<String>>,
}

/// Everybody once; `people` are in the order of their names.
fn once(people: Vec<InRole>) -> Vec<DraftPerson> {
    let mut found: Vec<DraftPerson> = Vec::new();
    for one in people {
        match found.last_mut() {
            Some(last) if last.person == one.person_id => last.roles.push(one.role),
            _ => found.push(DraftPerson {
                person: one.person_id,
                name: one.name,
                handle: one.handle,
                roles: vec![one.role],
            }),
        }
    }
    found
}

/// The retrospective for one of its people, or for who decides about the incident; and whether the
/// viewer is one of its people.
pub(super) async fn seen(
    conn: &mut Conn,
    viewer: &Viewer,
    key: &str,
) -> Result<(Retrospective, bool), Problem> {
    let address = Address::parse(key).map_err(|_| Problem::not_found())?;
    let incident = incidents::find(conn, viewer, address.key).await?;
    let incident = incident.ok_or_else(Problem::not_found)?;
    if let Some(retro) = store::find_draft(conn, viewer, address.key, address.nth).await? {
        return Ok((retro, true));
    }
    if !may_decide(conn, viewer, &incident).await? {
        return Err(Problem::not_found());
    }
    let found = store::find_of(conn, viewer, &incident, address.nth).await?;
    Ok((found.ok_or_else(Problem::not_found)?, false))
}

async fn people(app: &App, viewer: &Viewer, key: &str) -> Result<DraftPeople, Problem> {
    let mut conn = app.db.read().await?;
    let (retro, is_one_of_them) = seen(&mut conn, viewer, key).await?;
    let roles = match is_one_of_them {
        true => Some(parts::read(&mut conn, viewer, &retro).await?),
        false => None,
    };
    let (vacant, warnings) =
        roles.as_ref().map(|parts| (parts.vacant.clone(), parts.warnings.clone())).unzip();
    let people = match is_one_of_them {
        true => Some(once(store_people::people(&mut conn, &retro.id).await?)),
        false => None,
    };
    Ok(DraftPeople {
        vacant,
        warnings,
        owner: Somebody::of(retro.owner_id.as_ref(), retro.owner_name.as_ref()),
        facilitator: Somebody::of(retro.facilitator_id.as_ref(), retro.facilitator_name.as_ref()),
        people,
    })
}

/// Shows the people of a retrospective.
///
/// Who leads it, and whom its draft is shared with.
#[utoipa::path(
    get, path = "/retrospectives/{key}/people", tag = "retrospectives", operation_id = "list_retrospective_people",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    responses((status = 200, description = "Its people.", body = DraftPeople), CannotRead)
)]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<DraftPeople>, Problem> {
    Ok(Json(people(&app, &viewer, &key).await?))
}

/// Somebody whom a draft is to be shared with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "person": "per_0123456789abcdef0123456789abcdef", "role": "reviewer" }))]
struct NewDraftPerson {
    /// Who.
    person: PersonId,
    /// As what. Several people may have a role, and somebody several; `opener`, `owner`, `facilitator` and
    /// `participant` are not given here.
    #[schema(inline)]
    role: Role,
}

/// Shares a draft with somebody.
#[utoipa::path(
    post, path = "/retrospectives/{key}/people", tag = "retrospectives", operation_id = "share_draft",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    request_body = NewDraftPerson,
    responses((status = 201, description = "They can see the draft now.", body = DraftPeople), CannotWrite)
)]
async fn add(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<NewDraftPerson>,
) -> Result<(StatusCode, Json<DraftPeople>), Problem> {
    add_person(&app, &viewer, &key, &said.person, said.role).await?;
    Ok((StatusCode::CREATED, Json(people(&app, &viewer, &key).await?)))
}

/// Shares a draft no longer with somebody.
///
/// For them it no longer exists.
#[utoipa::path(
    delete, path = "/retrospectives/{key}/people/{person}", tag = "retrospectives", operation_id = "unshare_draft",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("person" = PersonId, Path, description = "Who."),
    ),
    responses((status = 204, description = "It is no longer shared with them."), CannotWrite)
)]
async fn remove(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, person)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let person = PersonId::parse(&person).ok_or_else(Problem::not_found)?;
    remove_person(&app, &viewer, &key, &person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who leads a retrospective.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "owner": "per_0123456789abcdef0123456789abcdef", "facilitator": null }))]
struct Leads {
    /// Who owns it.
    owner: Option<PersonId>,
    /// Who facilitates.
    #[serde(default)]
    facilitator: Option<PersonId>,
}

/// Says who leads a retrospective.
///
/// One that was only proposed is assigned by that. Who led it before stays one of its people.
#[utoipa::path(
    put, path = "/retrospectives/{key}/leads", tag = "retrospectives", operation_id = "set_retrospective_leads",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    request_body = Leads,
    responses((status = 200, description = "It is written down who leads it.", body = DraftPeople), CannotWrite)
)]
async fn set_leads(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<Leads>,
) -> Result<Json<DraftPeople>, Problem> {
    assign(&app, &viewer, &key, (said.owner, said.facilitator)).await?;
    Ok(Json(people(&app, &viewer, &key).await?))
}
