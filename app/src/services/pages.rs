//! `/services`: what there is, who owns it, how critical it is.

use super::store::{self, NewService, Service};
use crate::access::Viewer;
use crate::app::App;
use crate::people::Name;
use crate::shell::{self, Frame, Page};
use crate::teams::{self, Team};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/services", get(list).merge(post(add)))
        .merge(super::pages_service::routes())
}

#[derive(askama::Template)]
#[template(path = "services/templates/list.html")]
struct ListPage {
    page: Page,
    services: Vec<Service>,
    teams: Vec<Team>,
    can_decide: bool,
}

async fn list(State(app): State<App>, viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let page = ListPage {
        page: frame.page("Services", "people"),
        services: store::all(&mut conn).await?,
        teams: teams::all(&mut conn).await?,
        can_decide: viewer.can_decide(),
    };
    shell::page(&page)
}

pub(super) fn parse_tier(text: &str) -> Result<i64, &'static str> {
    let tier = text.parse().ok().filter(|tier| (1..=4).contains(tier));
    tier.ok_or("A tier is a number from 1, the most critical, to 4.")
}

async fn add(State(app): State<App>, viewer: Viewer, said: Said) -> Result<Response, Problem> {
    let name = said.need("name", Name::parse);
    let tier = said.need("tier", parse_tier);
    said.checked()?;
    let (Some(name), Some(tier)) = (name, tier) else { return Ok(see_other("/services")) };
    let team = {
        let mut conn = app.db.read().await?;
        let teams = teams::all(&mut conn).await?;
        teams.into_iter().find(|team| team.slug == said.text("team")).map(|team| team.id)
    };
    let description = said.text("description").chars().take(400).collect();
    let new = NewService { name, team, tier, description };
    super::add(&app, &viewer, &new).await.map_err(|problem| said.give_back(problem))?;
    Ok(see_other("/services"))
}
