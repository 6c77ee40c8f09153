//! People for programs: who is here, inviting somebody.

use super::person::Person;
use super::{invite, store};
use crate::access::{PersonId, Seat, Viewer};
use crate::api::{self, List, ListParams, Listed, ShownOnce};
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(invite_one))
}

/// Lists people, those who left too, by name.
#[utoipa::path(get, path = "/people", operation_id = "list_people", tag = "people",
    params(ListParams),
    responses((status = 200, description = "A page of people.", body = Listed<Person>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Person>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let people = store::all(&mut conn).await?;
    Ok(list.whole(people, |person| person.id.to_string()))
}

/// Shows a person.
#[utoipa::path(get, path = "/people/{person}", operation_id = "show_person", tag = "people",
    params(("person" = PersonId, Path, description = "Its id.")),
    responses((status = 200, description = "The person.", body = Person)))]
async fn show(
    State(app): State<App>,
    _viewer: Viewer,
    Path(person): Path<String>,
) -> Result<Json<Person>, Problem> {
    let id = PersonId::parse(&person).ok_or_else(Problem::not_found)?;
    let mut conn = app.db.read().await?;
    Ok(Json(store::find(&mut conn, &id).await?.ok_or_else(Problem::not_found)?))
}

/// For whom a link is made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvitation {
    seat: Seat,
    /// For whom, to remember it by.
    #[serde(default)]
    #[schema(example = "Chie, from search", max_length = 200)]
    note: String,
    /// Somebody of the catalogue who has never signed in; their seat is the one they have.
    person: Option<PersonId>,
}

/// A link by which one person comes in, once.
#[derive(Debug, Serialize, ToSchema)]
struct Invitation {
    seat: Seat,
    /// Told once and never again.
    link: String,
    /// Until when it is good.
    expires_at: Time,
}

/// Invites somebody. The link is in this answer alone.
#[utoipa::path(post, path = "/invitations", operation_id = "invite_person", tag = "people", request_body = NewInvitation,
    responses((status = 201, description = "The link.", body = Invitation)))]
async fn invite_one(
    State(app): State<App>,
    viewer: Viewer,
    Sent(new): Sent<NewInvitation>,
) -> Result<Response, Problem> {
    viewer.must_administer()?;
    if new.note.chars().count() > 200 {
        return Err(Problem::field("note", "At most 200 characters, please."));
    }
    let expires_at = invite::ends(app.now());
    let path = match &new.person {
        None => invite::invite(&app, &viewer, new.seat, &new.note).await?,
        Some(id) => {
            let person = {
                let mut conn = app.db.read().await?;
                store::find(&mut conn, id).await?
            };
            let none = || Problem::field("person", "There is nobody of this id.");
            let person = person.ok_or_else(none)?;
            if person.seat != new.seat {
                let why = format!("{} has the seat `{}`.", person.name, person.seat.name());
                return Err(Problem::field("seat", why));
            }
            invite::invite_known(&app, &viewer, &person).await?
        }
    };
    let link = format!("{}{path}", app.config.base_url);
    let invitation = Invitation { seat: new.seat, link, expires_at };
    let mut response = api::made("/api/v1/people", &invitation);
    response.extensions_mut().insert(ShownOnce);
    Ok(response)
}
