//! Operations on calendars: who works when, days off, which team follows which.

use super::calendar::{
    Calendar, Holiday, NewCalendar, parse_clock, parse_day, parse_days, parse_zone,
};
use super::verbs::{self, Added};
use super::{Working, store};
use crate::access::Viewer;
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::people::{self, Name};
use crate::shell::routes;
use crate::teams::{self, Team};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::civil::Time as Clock;
use kit::db::{Conn, Time};
use kit::web::etag::{changed_meanwhile, versioned};
use kit::web::{Asked, IfMatch, Problem, Said, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, SchemaType, Type};
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, change))
        .routes(routes!(add_holidays))
        .routes(routes!(remove_holiday))
        .routes(routes!(of_team, follow))
}

/// A calendar: when people work.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Calendar)]
struct Shown {
    /// What its address ends in.
    #[schema(example = "berlin")]
    slug: String,
    name: String,
    /// An IANA zone name.
    #[schema(example = "Europe/Berlin")]
    zone: String,
    /// ISO numbers of the working days, 1 for Monday.
    #[schema(example = json!([1, 2, 3, 4, 5]))]
    days: Vec<i8>,
    /// When work begins.
    #[schema(example = "09:00")]
    opens: String,
    /// When it ends.
    #[schema(example = "17:00")]
    closes: String,
    /// Whether it holds for every team without one of its own.
    for_all: bool,
    /// Days off, the earliest first.
    holidays: Vec<Holiday>,
    updated_at: Time,
    /// Counts the changes; the ETag.
    version: i64,
}

async fn shown(conn: &mut Conn, calendar: Calendar) -> Result<Shown, Problem> {
    let holidays = store::holidays(conn, &calendar.id).await?;
    Ok(Shown {
        days: calendar.numbers(),
        slug: calendar.slug,
        name: calendar.name,
        zone: calendar.zone,
        opens: calendar.opens,
        closes: calendar.closes,
        for_all: calendar.for_all,
        holidays,
        updated_at: calendar.updated_at,
        version: calendar.version,
    })
}

async fn need(conn: &mut Conn, slug: &str) -> Result<Calendar, Problem> {
    store::find(conn, slug).await?.ok_or_else(Problem::not_found)
}

async fn read(app: &App, slug: &str) -> Result<Shown, Problem> {
    let mut conn = app.db.read().await?;
    let calendar = need(&mut conn, slug).await?;
    shown(&mut conn, calendar).await
}

/// Lists calendars, by name.
#[utoipa::path(get, path = "/calendars", operation_id = "list_calendars", tag = "calendars",
    params(ListParams),
    responses((status = 200, description = "A page of calendars.", body = Listed<Shown>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Shown>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let mut all = Vec::new();
    for calendar in store::all(&mut conn).await? {
        all.push(shown(&mut conn, calendar).await?);
    }
    Ok(list.whole(all, |one| one.slug.clone()))
}

/// Shows a calendar with its days off.
#[utoipa::path(get, path = "/calendars/{calendar}", operation_id = "show_calendar", tag = "calendars",
    params(("calendar" = String, Path, description = "Its slug", example = "berlin")),
    responses((status = 200, description = "The calendar; its ETag is its version.", body = Shown),
              (status = 304, description = "You have this version already (If-None-Match).")))]
async fn show(
    State(app): State<App>,
    _viewer: Viewer,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let one = read(&app, &slug).await?;
    Ok(versioned(&headers, one.version, Json(one)))
}

/// When people work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCalendar)]
struct New {
    /// Unique, whatever its case.
    #[schema(example = "Berlin", min_length = 1, max_length = 80)]
    name: String,
    /// An IANA zone name.
    #[schema(example = "Europe/Berlin")]
    zone: String,
    /// ISO numbers of the working days, 1 for Monday; Monday to Friday, unless it is said.
    #[schema(schema_with = days)]
    days: Option<Vec<i8>>,
    /// When work begins; 09:00, unless it is said.
    #[schema(example = "09:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    opens: Option<String>,
    /// When it ends, later than it begins; 17:00, unless it is said.
    #[schema(example = "17:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    closes: Option<String>,
    /// Whether it holds for every team without one of its own.
    #[serde(default)]
    for_all: bool,
}

/// Days of the week, as they are sent.
fn days() -> Array {
    let says =
        "ISO numbers of the working days, 1 for Monday; Monday to Friday, unless it is said.";
    let may_be_null = SchemaType::from_iter([Type::Array, Type::Null]);
    people::days_schema().schema_type(may_be_null).description(Some(says)).build()
}

fn clock(said: &Said, field: &str, text: Option<&str>, shipped: Clock) -> Clock {
    let parsed = text.map(parse_clock).transpose();
    parsed.map_err(|why| said.wrong(field, why)).ok().flatten().unwrap_or(shipped)
}

/// What was said, with every wrong field named.
fn checked(new: &New) -> Result<NewCalendar, Problem> {
    let (said, shipped) = (Said::default(), Working::default());
    let name = Name::parse(&new.name).map_err(|why| said.wrong("name", why)).ok();
    let zone = parse_zone(&new.zone).map_err(|why| said.wrong("zone", why)).ok();
    let days = parse_days(new.days.clone().unwrap_or_else(|| vec![1, 2, 3, 4, 5]));
    let days = days.map_err(|why| said.wrong("days", why)).ok();
    let opens = clock(&said, "opens", new.opens.as_deref(), shipped.opens);
    let closes = clock(&said, "closes", new.closes.as_deref(), shipped.closes);
    if closes <= opens {
        said.wrong("closes", "Work ends later than it begins.");
    }
    said.checked()?;
    let (Some(name), Some(zone), Some(days)) = (name, zone, days) else {
        return Err(Problem::internal("a checked field is missing"));
    };
    Ok(NewCalendar { name, zone, days, opens, closes, for_all: new.for_all })
}

/// Adds a calendar.
#[utoipa::path(post, path = "/calendars", operation_id = "add_calendar", tag = "calendars", request_body = New,
    responses((status = 201, description = "The calendar.", body = Shown)))]
async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Sent(new): Sent<New>,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let new = checked(&new)?;
    verbs::add(&app, &viewer, &new).await?;
    let one = read(&app, &new.slug()).await?;
    Ok(api::made(&format!("/api/v1/calendars/{}", one.slug), &one))
}

/// Says anew when people work, if nobody else did since you read it.
#[utoipa::path(put, path = "/calendars/{calendar}", operation_id = "edit_calendar", tag = "calendars", request_body = New,
    params(("calendar" = String, Path, description = "Its slug", example = "berlin"),
           ("If-Match" = String, Header, description = "The ETag that you read", example = "\"v3\"")),
    responses((status = 200, description = "The calendar as it is now.", body = Shown)))]
async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Path(slug): Path<String>,
    if_match: IfMatch,
    Sent(new): Sent<New>,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let new = checked(&new)?;
    let (calendar, version) = {
        let mut conn = app.db.read().await?;
        let calendar = need(&mut conn, &slug).await?;
        let version = calendar.version;
        let current = shown(&mut conn, calendar.clone()).await?;
        (calendar, if_match.check(version, &current)?)
    };
    let is_done = verbs::change(&app, &viewer, &calendar, &new, version).await?;
    let one = read(&app, &slug).await?;
    if !is_done {
        return Err(changed_meanwhile(one.version, &one));
    }
    Ok(versioned(&HeaderMap::new(), one.version, Json(one)))
}

/// Days off: an iCalendar file's text, or days one by one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewHolidays)]
struct NewHolidays {
    /// The text of an iCalendar file with whole days.
    #[schema(min_length = 1, max_length = 1_048_576)]
    file: Option<String>,
    /// Days by hand.
    #[serde(default)]
    #[schema(max_items = 366)]
    days: Vec<Holiday>,
}

/// Adds days off. What is there already stays; what the file holds and is not read is named.
#[utoipa::path(post, path = "/calendars/{calendar}/holidays", operation_id = "add_holidays", tag = "calendars",
    request_body = NewHolidays,
    params(("calendar" = String, Path, description = "Its slug", example = "berlin")),
    responses((status = 200, description = "What it came to.", body = Added)))]
async fn add_holidays(
    State(app): State<App>,
    viewer: Viewer,
    Path(slug): Path<String>,
    Sent(new): Sent<NewHolidays>,
) -> Result<Json<Added>, Problem> {
    viewer.must_decide()?;
    let calendar = {
        let mut conn = app.db.read().await?;
        need(&mut conn, &slug).await?
    };
    let said = Said::default();
    if new.file.is_none() && new.days.is_empty() {
        said.wrong("file", "Send the text of an iCalendar file, or days.");
    }
    let mut days = Vec::new();
    for (n, one) in new.days.iter().enumerate() {
        let day = parse_day(&one.day).map_err(|why| said.wrong(&format!("days[{n}].day"), why));
        let name =
            Name::parse(&one.name).map_err(|why| said.wrong(&format!("days[{n}].name"), why));
        days.extend(day.ok().zip(name.ok()));
    }
    said.checked()?;
    let mut came = Added { added: 0, there: 0, set_aside: Vec::new() };
    if let Some(file) = &new.file {
        came = verbs::add_holidays(&app, &viewer, &calendar, file).await?;
    }
    for (day, name) in days {
        let is_new = verbs::add_holiday(&app, &viewer, &calendar, day, name.as_str()).await?;
        *if is_new { &mut came.added } else { &mut came.there } += 1;
    }
    Ok(Json(came))
}

/// Takes a day off away: people work on it.
#[utoipa::path(delete, path = "/calendars/{calendar}/holidays/{day}", operation_id = "remove_holiday", tag = "calendars",
    params(("calendar" = String, Path, description = "Its slug", example = "berlin"),
           ("day" = String, Path, description = "The date", example = "2026-12-25", format = Date)),
    responses((status = 204, description = "It is none any more")))]
async fn remove_holiday(
    State(app): State<App>,
    viewer: Viewer,
    Path((slug, day)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    viewer.must_decide()?;
    let calendar = {
        let mut conn = app.db.read().await?;
        need(&mut conn, &slug).await?
    };
    let day = parse_day(&day).map_err(|_| Problem::not_found())?;
    verbs::remove_holiday(&app, &viewer, &calendar, day).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn need_team(conn: &mut Conn, slug: &str) -> Result<Team, Problem> {
    let team = teams::all(conn).await?.into_iter().find(|one| one.slug == slug);
    team.ok_or_else(Problem::not_found)
}

/// Shows the calendar that a team follows: its own, or the one for all.
#[utoipa::path(get, path = "/teams/{team}/calendar", operation_id = "show_team_calendar", tag = "calendars",
    params(("team" = String, Path, description = "Its slug", example = "payments")),
    responses((status = 200, description = "The calendar.", body = Shown)))]
async fn of_team(
    State(app): State<App>,
    _viewer: Viewer,
    Path(team): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let mut conn = app.db.read().await?;
    let team = need_team(&mut conn, &team).await?;
    let calendar =
        store::of_team(&mut conn, Some(&team.id)).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(shown(&mut conn, calendar).await?))
}

/// Which calendar a team follows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TeamCalendar)]
struct Follow {
    /// A calendar's slug; null for the one that holds for all.
    #[schema(example = "berlin")]
    calendar: Option<String>,
}

/// Has a team follow a calendar.
#[utoipa::path(put, path = "/teams/{team}/calendar", operation_id = "choose_team_calendar", tag = "calendars", request_body = Follow,
    params(("team" = String, Path, description = "Its slug", example = "payments")),
    responses((status = 204, description = "It does")))]
async fn follow(
    State(app): State<App>,
    viewer: Viewer,
    Path(team): Path<String>,
    Sent(to): Sent<Follow>,
) -> Result<StatusCode, Problem> {
    viewer.must_decide()?;
    let (team, calendar) = {
        let mut conn = app.db.read().await?;
        let team = need_team(&mut conn, &team).await?;
        let calendar = match &to.calendar {
            None => None,
            Some(slug) => {
                let found = store::find(&mut conn, slug).await?;
                let none = || Problem::field("calendar", "There is no calendar of this slug.");
                Some(found.ok_or_else(none)?)
            }
        };
        (team, calendar)
    };
    verbs::follow(&app, &viewer, &team.id, calendar.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
