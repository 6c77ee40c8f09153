//! `/teams/payments`: one team, who is in it and who answers for it.

use super::store::{self, Member, Team, TeamSaid};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::people::{self, Name};
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/teams/{team}", get(show).merge(post(change)))
        .route("/teams/{team}/leave", post(leave))
}

#[derive(askama::Template)]
#[template(path = "teams/templates/team.html")]
struct TeamPage {
    page: Page,
    team: Team,
    members: Vec<Member>,
    people: Vec<people::Named>,
    can_decide: bool,
}

impl TeamPage {
    fn manages(&self, one: &people::Named) -> bool {
        self.team.manager_id.as_ref() == Some(&one.id)
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let team = store::find(&mut conn, &slug).await?.ok_or_else(Problem::not_found)?;
    let mut members = store::members(&mut conn).await?;
    members.retain(|one| one.team_id == team.id);
    let page = TeamPage {
        page: frame.page(&team.name, "people"),
        members,
        people: people::names(&mut conn).await?,
        can_decide: viewer.can_decide(),
        team,
    };
    shell::page(&page)
}

async fn need(app: &App, slug: &str) -> Result<Team, Problem> {
    let mut conn = app.db.read().await?;
    store::find(&mut conn, slug).await?.ok_or_else(Problem::not_found)
}

async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Path(slug): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let team = need(&app, &slug).await?;
    let name = said.need("name", Name::parse);
    let manager = match said.some("manager") {
        None => None,
        Some(handle) => {
            let mut conn = app.db.read().await?;
            let found = people::by_handle(&mut conn, handle).await?;
            if found.is_none() {
                said.wrong("manager", "Choose somebody who is here.");
            }
            found.map(|person| person.id)
        }
    };
    said.checked()?;
    let description = kit::line::of(said.text("description"));
    let description = description.chars().take(super::DESCRIPTION_MAX).collect();
    if let Some(name) = name {
        let anew = TeamSaid { name, description, manager };
        let done = super::change(&app, &viewer, &team, &anew).await;
        done.map_err(|problem| said.give_back(problem))?;
    }
    Ok(see_other(&format!("/teams/{slug}")))
}

async fn leave(
    State(app): State<App>,
    viewer: Viewer,
    Path(slug): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let team = need(&app, &slug).await?;
    let person = PersonId::parse(said.text("person"));
    let none = || said.give_back(Problem::field("person", "Choose a person."));
    super::leave(&app, &viewer, &team.id, &person.ok_or_else(none)?).await?;
    Ok(see_other(&format!("/teams/{slug}")))
}
