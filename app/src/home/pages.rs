//! `/`: one thing first, then the others.

use super::steps::{self, Item};
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::{self, Filter};
use crate::releases::{self, Newest};
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use jiff::tz::TimeZone;
use kit::db::Time;
use kit::web::Problem;
use kit::web::road::get;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new().route("/", get(home))
}

#[derive(askama::Template)]
#[template(path = "home/templates/home.html")]
struct HomePage {
    page: Page,
    greeting: String,
    first: Option<Item>,
    then: Vec<Item>,
    fresh: Vec<Newest>,
    is_new: bool,
    can_write: bool,
    now: Time,
}

impl HomePage {
    fn waiting(&self) -> String {
        words::count(self.then.len(), "thing waits for you", "things wait for you")
    }

    fn since(&self, one: &Newest) -> String {
        words::ago(self.now, one.published_at)
    }
}

/// `Good morning, Ada.`, by the clock of the viewer's zone.
fn greeting(viewer: &Viewer, now: Time) -> String {
    let zone = TimeZone::get(&viewer.zone).unwrap_or(TimeZone::UTC);
    let part = match now.timestamp().to_zoned(zone).hour() {
        5..=11 => "Good morning",
        12..=17 => "Good afternoon",
        18..=22 => "Good evening",
        _ => "It is late",
    };
    let first = viewer.name.split(' ').next().unwrap_or(&viewer.name);
    format!("{part}, {first}.")
}

async fn home(State(app): State<App>, viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    let now = app.now();
    let mut conn = app.db.read().await?;
    let items = steps::of(&mut conn, &viewer, now).await?;
    let fresh = releases::newest(&mut conn, &viewer, 5).await?;
    // Where something waits or is to be read, incidents are there.
    let is_bare = items.is_empty() && fresh.is_empty();
    let is_new =
        is_bare && incidents::list(&mut conn, &viewer, &Filter::default(), 1).await?.is_empty();
    drop(conn);
    let mut items = items.into_iter();
    let page = HomePage {
        page: frame.page("Home", "home"),
        greeting: greeting(&viewer, now),
        first: items.next(),
        then: items.collect(),
        fresh,
        is_new,
        can_write: viewer.can_write(),
        now,
    };
    shell::page(&page)
}
