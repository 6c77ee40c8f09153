//! `/calendars`: when people work, which team follows which calendar; and one calendar with its days off.

use super::calendar::{
    Calendar, DAYS, Holiday, NewCalendar, parse_clock, parse_day, parse_days, parse_zone,
};
use super::store::{self, Follows};
use super::{Working, verbs};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::people::{Name, session};
use crate::shell::{self, Frame, Page, words};
use crate::teams::{self, Team};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Conn;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// How many days off to come are shown.
const SHOWN: usize = 24;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/calendars", get(list).merge(post(add)))
        .route("/calendars/teams", post(follow))
        .route("/calendars/{calendar}", get(show).merge(post(change)))
        .route("/calendars/{calendar}/holidays", post(add_holidays))
        .route("/calendars/{calendar}/holidays/{day}", post(remove_holiday))
}

#[derive(askama::Template)]
#[template(path = "calendars/templates/list.html")]
struct ListPage {
    page: Page,
    calendars: Vec<Calendar>,
    teams: Vec<Team>,
    follows: Vec<Follows>,
    can_decide: bool,
    /// What a new calendar's form begins with.
    hours: (String, String),
}

impl ListPage {
    fn follows(&self, team: &Team, calendar: &Calendar) -> bool {
        self.follows.iter().any(|one| one.team_id == team.id && one.calendar_id == calendar.id)
    }

    fn followers(&self, calendar: &Calendar) -> String {
        let own = self.teams.iter().filter(|team| self.follows(team, calendar));
        let mut names: Vec<&str> = own.map(|team| team.name.as_str()).collect();
        if calendar.for_all {
            names.push("every team without one of its own");
        }
        names.join(", ")
    }
}

async fn list(State(app): State<App>, viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let page = ListPage {
        page: frame.page("Calendars", "people"),
        calendars: store::all(&mut conn).await?,
        teams: teams::all(&mut conn).await?,
        follows: store::follows(&mut conn).await?,
        can_decide: viewer.can_decide(),
        hours: shipped(),
    };
    shell::page(&page)
}

/// A form's calendar, with every wrong field named.
fn read(said: &Said) -> Result<NewCalendar, Problem> {
    let name = said.need("name", Name::parse);
    let zone = said.need("zone", parse_zone);
    let opens = said.need("opens", parse_clock);
    let closes = said.need("closes", parse_clock);
    let days = said.all("day").into_iter().filter_map(|n| n.parse().ok()).collect();
    let days = parse_days(days).map_err(|why| said.wrong("day", why)).ok();
    if opens.zip(closes).is_some_and(|(opens, closes)| closes <= opens) {
        said.wrong("closes", "Work ends later than it begins.");
    }
    said.checked()?;
    let all = (name, zone, opens, closes, days);
    let (Some(name), Some(zone), Some(opens), Some(closes), Some(days)) = all else {
        return Err(Problem::internal("a checked field is missing"));
    };
    Ok(NewCalendar { name, zone, days, opens, closes, for_all: said.is_set("for_all") })
}

async fn add(State(app): State<App>, viewer: Viewer, said: Said) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let new = read(&said)?;
    verbs::add(&app, &viewer, &new).await.map_err(|problem| said.give_back(problem))?;
    Ok(see_other(&format!("/calendars/{}", new.slug())))
}

async fn follow(State(app): State<App>, viewer: Viewer, said: Said) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let (team, calendar) = {
        let mut conn = app.db.read().await?;
        let all = teams::all(&mut conn).await?;
        let team = all.into_iter().find(|team| team.slug == said.text("team"));
        (team, store::find(&mut conn, said.text("calendar")).await?)
    };
    let none = || said.give_back(Problem::field("team", "Choose a team."));
    verbs::follow(&app, &viewer, &team.ok_or_else(none)?.id, calendar.as_ref()).await?;
    Ok(see_other("/calendars"))
}

#[derive(askama::Template)]
#[template(path = "calendars/templates/calendar.html")]
struct CalendarPage {
    page: Page,
    calendar: Calendar,
    coming: Vec<Holiday>,
    later: usize,
    past: usize,
    can_decide: bool,
}

impl CalendarPage {
    fn works_on(&self, n: &i8) -> bool {
        self.calendar.numbers().contains(n)
    }
}

async fn need(conn: &mut Conn, slug: &str) -> Result<Calendar, Problem> {
    store::find(conn, slug).await?.ok_or_else(Problem::not_found)
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let calendar = need(&mut conn, &slug).await?;
    let all = store::holidays(&mut conn, &calendar.id).await?;
    let today = shell::moment::today(app.now());
    let (past, mut coming): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.day < today);
    let later = coming.len().saturating_sub(SHOWN);
    coming.truncate(SHOWN);
    let page = CalendarPage {
        page: frame.page(&calendar.name, "people"),
        calendar,
        coming,
        later,
        past: past.len(),
        can_decide: viewer.can_decide(),
    };
    shell::page(&page)
}

async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Path(slug): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let new = read(&said)?;
    let calendar = {
        let mut conn = app.db.read().await?;
        need(&mut conn, &slug).await?
    };
    let version = said.text("version").parse().unwrap_or(0);
    let done = verbs::change(&app, &viewer, &calendar, &new, version).await;
    if !done.map_err(|problem| said.give_back(problem))? {
        let why = "Somebody changed this calendar while you did. Open it again and compare.";
        return Err(said.give_back(Problem::conflict("changed", why)));
    }
    Ok(see_other(&format!("/calendars/{slug}")))
}

async fn add_holidays(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(slug): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let calendar = {
        let mut conn = app.db.read().await?;
        need(&mut conn, &slug).await?
    };
    let sentence = if said.is_set("file") {
        let came = verbs::add_holidays(&app, &viewer, &calendar, said.raw("file")).await;
        let came = came.map_err(|problem| said.give_back(problem))?;
        let days = words::count(came.added, "day off is new", "days off are new");
        let aside = match came.set_aside.as_slice() {
            [] => String::new(),
            all => format!(" Set aside: {}.", all.join("; ")),
        };
        format!("{days}, {} were there already.{aside}", came.there)
    } else {
        let (day, name) = (said.need("day", parse_day), said.need("name", Name::parse));
        said.checked()?;
        let (Some(day), Some(name)) = (day, name) else { return Err(Problem::not_found()) };
        let is_new = verbs::add_holiday(&app, &viewer, &calendar, day, name.as_str()).await?;
        let what = if is_new { "is a day off now" } else { "was a day off already" };
        format!("{day} {what}.")
    };
    let sentence: String = sentence.chars().take(900).collect();
    session::tell(&app, &session, &sentence).await?;
    Ok(see_other(&format!("/calendars/{slug}#days-off")))
}

async fn remove_holiday(
    State(app): State<App>,
    viewer: Viewer,
    Path((slug, day)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    let calendar = {
        let mut conn = app.db.read().await?;
        need(&mut conn, &slug).await?
    };
    let day = parse_day(&day).map_err(|_| Problem::not_found())?;
    verbs::remove_holiday(&app, &viewer, &calendar, day).await?;
    Ok(see_other(&format!("/calendars/{slug}#days-off")))
}

/// What a new calendar's form begins with.
fn shipped() -> (String, String) {
    let working = Working::default();
    (super::calendar::clock_text(working.opens), super::calendar::clock_text(working.closes))
}
