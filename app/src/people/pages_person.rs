//! `/people/ada`: one person, how to reach them and when; and saying it anew.

use super::details::{self, Described, Details, Place};
use super::hours::{Hours, parse_date};
use super::person::{Name, Person, parse_zone};
use super::{invite, session, store_details};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::shell::{self, Frame, Page, Typed, words};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/people/{handle}", get(show).merge(post(change)))
        .route("/people/{handle}/invitation", post(invite_known))
}

#[derive(askama::Template)]
#[template(path = "people/templates/person.html")]
struct PersonPage {
    page: Page,
    person: Person,
    details: Details,
    /// Whether all of it is shown, and can be changed.
    sees_all: bool,
    can_administer: bool,
    signs_in: bool,
    link: Option<String>,
    typed: Typed,
    now: Time,
}

impl PersonPage {
    fn came(&self) -> String {
        words::ago(self.now, self.person.created_at)
    }

    fn is_away(&self) -> bool {
        self.details.is_away(&shell::moment::today(self.now))
    }

    fn handles(&self) -> Vec<(Place, &str)> {
        let all = Place::ALL.iter();
        all.filter_map(|place| Some((*place, self.details.handle(*place)?))).collect()
    }

    /// What a field holds: what was typed and refused, else what is known.
    fn value(&self, field: &str) -> String {
        if !self.typed.errors.is_empty() {
            return self.typed.said.text(field).to_owned();
        }
        let works = self.details.works.as_ref();
        let known = match field {
            "name" => Some(self.person.name.clone()),
            "zone" => Some(self.person.zone.clone()),
            "works_days" => works.map(Hours::days_text),
            "works_from" => works.map(|hours| hours.from.clone()),
            "works_to" => works.map(|hours| hours.to.clone()),
            "away_until" => self.details.away_until.clone(),
            "joined_on" => self.details.joined_on.clone(),
            place => Place::parse(place)
                .ok()
                .and_then(|place| self.details.handle(place).map(str::to_owned)),
        };
        known.unwrap_or_default()
    }
}

/// What the page answers beside the person.
struct Beside {
    link: Option<String>,
    typed: Typed,
}

async fn render(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    handle: &str,
    beside: Beside,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let (person, details) = details::seen(&mut conn, viewer, handle).await?;
    let signs_in = store_details::signs_in(&mut conn, &person.id).await?;
    let page = PersonPage {
        page: frame.page(&person.name, "people"),
        details,
        sees_all: details::sees_all(viewer, &person.id),
        can_administer: viewer.can_administer(),
        signs_in,
        link: beside.link,
        typed: beside.typed,
        now: app.now(),
        person,
    };
    shell::page(&page)
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(handle): Path<String>,
) -> Result<Response, Problem> {
    let beside = Beside { link: None, typed: Typed::default() };
    render(&app, &viewer, &frame, &handle, beside).await
}

fn hours(said: &Said) -> Option<Hours> {
    let (days, from, to) =
        (said.text("works_days"), said.text("works_from"), said.text("works_to"));
    if days.is_empty() && from.is_empty() && to.is_empty() {
        return None;
    }
    let read = Hours::parse(days, from, to);
    read.map_err(|(field, why)| said.wrong(&format!("works_{field}"), why)).ok()
}

fn read(said: &Said) -> Result<Described, Problem> {
    let name = said.need("name", Name::parse);
    let zone = said.need("zone", parse_zone);
    let date = |text: &str| parse_date(text).map(|day| day.to_string());
    let mut handles = Vec::new();
    for place in Place::ALL {
        let handle = said.may(place.name(), details::parse_handle);
        handles.extend(handle.map(|handle| (*place, handle)));
    }
    let details = Details {
        works: hours(said),
        joined_on: said.may("joined_on", date),
        away_until: said.may("away_until", date),
        handles,
    };
    said.checked()?;
    match (name, zone) {
        (Some(name), Some(zone)) => Ok(Described { name, zone, details }),
        _ => Err(Problem::internal("a checked field is missing")),
    }
}

async fn change(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(handle): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let person = {
        let mut conn = app.db.read().await?;
        details::seen(&mut conn, &viewer, &handle).await?.0
    };
    if !details::sees_all(&viewer, &person.id) {
        viewer.must_administer()?;
    }
    let done = match read(&said) {
        Ok(described) => details::describe(&app, &viewer, &person, &described).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => {
            let mut tx = app.db.write().await?;
            session::say(&mut tx, &session, "It is written down.").await?;
            tx.commit().await?;
            Ok(see_other(&format!("/people/{handle}")))
        }
        Err(problem) if !problem.errors.is_empty() => {
            let (status, errors) = (problem.status, problem.errors);
            let beside = Beside { link: None, typed: Typed { said, errors } };
            Ok((status, render(&app, &viewer, &frame, &handle, beside).await?).into_response())
        }
        Err(problem) => Err(problem),
    }
}

/// Shows the link once, on the page that answers.
async fn invite_known(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(handle): Path<String>,
    _said: Said,
) -> Result<Response, Problem> {
    viewer.must_administer()?;
    let person = {
        let mut conn = app.db.read().await?;
        details::seen(&mut conn, &viewer, &handle).await?.0
    };
    let path = invite::invite_known(&app, &viewer, &person).await?;
    let link = Some(format!("{}{path}", app.config.base_url));
    render(&app, &viewer, &frame, &handle, Beside { link, typed: Typed::default() }).await
}
