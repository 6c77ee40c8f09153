//! `/teams`: who is in which team and what it owns.

use super::store::{self, Member, Team};
use crate::access::Viewer;
use crate::app::App;
use crate::people::{self, Name};
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/teams", get(list).merge(post(found)))
        .route("/teams/members", post(join))
        .merge(super::pages_team::routes())
}

#[derive(askama::Template)]
#[template(path = "teams/templates/list.html")]
struct ListPage {
    page: Page,
    teams: Vec<Team>,
    members: Vec<Member>,
    people: Vec<people::Named>,
    can_decide: bool,
}

impl ListPage {
    fn of(&self, team: &Team) -> String {
        let members = self.members.iter().filter(|member| member.team_id == team.id);
        members.map(|member| member.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

async fn list(State(app): State<App>, viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let page = ListPage {
        page: frame.page("Teams", "people"),
        teams: store::all(&mut conn).await?,
        members: store::members(&mut conn).await?,
        people: people::names(&mut conn).await?,
        can_decide: viewer.can_decide(),
    };
    shell::page(&page)
}

async fn found(State(app): State<App>, viewer: Viewer, said: Said) -> Result<Response, Problem> {
    let name = said.need("name", Name::parse);
    said.checked()?;
    if let Some(name) = name {
        super::found(&app, &viewer, &name).await.map_err(|problem| said.give_back(problem))?;
    }
    Ok(see_other("/teams"))
}

async fn join(State(app): State<App>, viewer: Viewer, said: Said) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let found = {
        let mut conn = app.db.read().await?;
        let team = store::all(&mut conn).await?;
        let team = team.into_iter().find(|team| team.slug == said.text("team"));
        team.zip(people::by_handle(&mut conn, said.text("person")).await?)
    };
    let Some((team, person)) = found else {
        return Err(said.give_back(Problem::field("person", "Choose a team and a person.")));
    };
    super::join(&app, &viewer, &team.id, &person.id).await?;
    Ok(see_other("/teams"))
}
