//! What is known of somebody for working with them, for programs.

use super::details::{self, Described, Details, Place};
use super::hours::{Hours, days_schema, parse_date};
use super::person::{Name, Person, parse_zone};
use super::{store, store_details};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use kit::db::Conn;
use kit::web::{Problem, Said, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Array;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, describe))
}

/// What is known of somebody. What only they and administrators see is null for others.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonDetails)]
struct Shown {
    person: PersonId,
    name: String,
    /// An IANA zone name.
    zone: String,
    /// Their own working hours; null when their team's calendar says them.
    works: Option<Hours>,
    /// The last day on which nobody should ask them.
    #[schema(format = Date)]
    away_until: Option<String>,
    /// Their handle in the chat.
    chat: Option<String>,
    /// At the code host; for themselves and administrators.
    code: Option<String>,
    /// At the pager; for themselves and administrators.
    pager: Option<String>,
    /// Their address; for themselves and administrators.
    email: Option<String>,
    /// When they joined the organisation; for themselves and administrators.
    #[schema(format = Date)]
    joined_on: Option<String>,
}

async fn shown(conn: &mut Conn, viewer: &Viewer, person: &Person) -> Result<Shown, Problem> {
    let sees_all = details::sees_all(viewer, &person.id);
    let mut known = store_details::details(conn, &person.id).await?;
    if !sees_all {
        known = known.for_colleagues();
    }
    let handle = |place| known.handle(place).map(str::to_owned);
    Ok(Shown {
        person: person.id.clone(),
        name: person.name.clone(),
        zone: person.zone.clone(),
        chat: handle(Place::Chat),
        code: handle(Place::Code),
        pager: handle(Place::Pager),
        email: person.email.clone().filter(|_| sees_all),
        works: known.works,
        away_until: known.away_until,
        joined_on: known.joined_on,
    })
}

async fn need(conn: &mut Conn, id: &str) -> Result<Person, Problem> {
    let id = PersonId::parse(id).ok_or_else(Problem::not_found)?;
    store::find(conn, &id).await?.ok_or_else(Problem::not_found)
}

/// Shows how to reach somebody and when they work.
#[utoipa::path(get, path = "/people/{person}/details", operation_id = "show_person_details", tag = "people",
    params(("person" = PersonId, Path, description = "Its id.")),
    responses((status = 200, description = "What is known of them.", body = Shown)))]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(person): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let mut conn = app.db.read().await?;
    let person = need(&mut conn, &person).await?;
    Ok(Json(shown(&mut conn, &viewer, &person).await?))
}

fn days_of_the_week() -> Array {
    let says = "ISO numbers of the working days, 1 for Monday.";
    days_schema().description(Some(says)).build()
}

/// Working hours as they are said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWorkingHours)]
struct NewHours {
    /// ISO numbers of the working days, 1 for Monday.
    #[schema(schema_with = days_of_the_week)]
    days: Vec<i8>,
    /// When work begins.
    #[schema(example = "09:00", pattern = r"^([01]\d|2[0-3]):[0-5]\d$")]
    from: String,
    /// When it ends; later.
    #[schema(example = "17:00", pattern = r"^([01]\d|2[0-3]):[0-5]\d$")]
    to: String,
}

/// What is known of somebody, said anew; what is left out is known no more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PersonDescribed)]
struct New {
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// An IANA zone name.
    #[schema(example = "Europe/Berlin")]
    zone: String,
    works: Option<NewHours>,
    /// The last day on which nobody should ask them.
    #[schema(format = Date)]
    away_until: Option<String>,
    /// Their handle in the chat.
    #[schema(max_length = 80)]
    chat: Option<String>,
    /// At the code host.
    #[schema(max_length = 80)]
    code: Option<String>,
    /// At the pager.
    #[schema(max_length = 80)]
    pager: Option<String>,
    /// When they joined the organisation; only administrators say it, and it stays otherwise.
    #[schema(format = Date)]
    joined_on: Option<String>,
}

fn read(new: &New) -> Result<Described, Problem> {
    let said = Said::default();
    let keep =
        |field: &str, read: Result<String, String>| read.map_err(|why| said.wrong(field, why)).ok();
    let date = |field: &str, text: Option<&str>| {
        text.and_then(|text| keep(field, parse_date(text).map(|day| day.to_string())))
    };
    let name = Name::parse(&new.name).map_err(|why| said.wrong("name", why)).ok();
    let zone = keep("zone", parse_zone(&new.zone));
    let works = new.works.as_ref().and_then(|works| {
        let days = works.days.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let read = Hours::parse(&days, &works.from, &works.to);
        read.map_err(|(field, why)| said.wrong(&format!("works.{field}"), why)).ok()
    });
    let mut handles = Vec::new();
    for (place, text) in
        [(Place::Chat, &new.chat), (Place::Code, &new.code), (Place::Pager, &new.pager)]
    {
        let handle =
            text.as_deref().and_then(|text| keep(place.name(), details::parse_handle(text)));
        handles.extend(handle.map(|handle| (place, handle)));
    }
    let details = Details {
        works,
        joined_on: date("joined_on", new.joined_on.as_deref()),
        away_until: date("away_until", new.away_until.as_deref()),
        handles,
    };
    said.checked()?;
    match (name, zone) {
        (Some(name), Some(zone)) => Ok(Described { name, zone, details }),
        _ => Err(Problem::internal("a checked field is missing")),
    }
}

/// Says anew how to reach somebody and when they work: oneself, or an administrator.
#[utoipa::path(put, path = "/people/{person}/details", operation_id = "describe_person", tag = "people", request_body = New,
    params(("person" = PersonId, Path, description = "Its id.")),
    responses((status = 200, description = "What is known of them now.", body = Shown)))]
async fn describe(
    State(app): State<App>,
    viewer: Viewer,
    Path(person): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Json<Shown>, Problem> {
    let person = {
        let mut conn = app.db.read().await?;
        need(&mut conn, &person).await?
    };
    details::describe(&app, &viewer, &person, &read(&new)?).await?;
    let mut conn = app.db.read().await?;
    let person = need(&mut conn, person.id.as_str()).await?;
    Ok(Json(shown(&mut conn, &viewer, &person).await?))
}
