//! Teams for programs: who there is, founding one, who is in it.

use super::store::{self, Team, TeamId, TeamSaid};
use crate::access::{PersonId, Viewer};
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::people::{self, Name};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use kit::db::Conn;
use kit::web::{Asked, Problem, Said, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, found))
        .routes(routes!(show, change))
        .routes(routes!(join, leave))
}

/// A team and who is in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Team)]
struct Shown {
    id: TeamId,
    /// What its address ends in; never changes.
    #[schema(example = "payments")]
    slug: String,
    #[schema(example = "Payments")]
    name: String,
    /// What it does, in a line.
    description: String,
    /// Who answers for it.
    manager: Option<Member>,
    members: Vec<Member>,
}

/// Somebody of a team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamMember)]
struct Member {
    person: PersonId,
    name: String,
}

async fn shown(conn: &mut Conn, teams: Vec<Team>) -> Result<Vec<Shown>, Problem> {
    let members = store::members(conn).await?;
    let of = |team: &Team| {
        let own = members.iter().filter(|one| one.team_id == team.id);
        own.map(|one| Member { person: one.person_id.clone(), name: one.name.clone() }).collect()
    };
    let all = teams.into_iter().map(|team| {
        let members = of(&team);
        let manager = team.manager_id.clone().zip(team.manager_name.clone());
        let manager = manager.map(|(person, name)| Member { person, name });
        let Team { id, slug, name, description, .. } = team;
        Shown { id, slug, name, description, manager, members }
    });
    Ok(all.collect())
}

async fn one(conn: &mut Conn, is_it: impl Fn(&Team) -> bool) -> Result<Shown, Problem> {
    let team = store::all(conn).await?.into_iter().find(is_it).ok_or_else(Problem::not_found)?;
    shown(conn, vec![team]).await?.pop().ok_or_else(Problem::not_found)
}

/// Lists teams, by name.
#[utoipa::path(get, path = "/teams", operation_id = "list_teams", tag = "teams",
    params(ListParams),
    responses((status = 200, description = "A page of teams.", body = Listed<Shown>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Shown>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let teams = store::all(&mut conn).await?;
    let teams = shown(&mut conn, teams).await?;
    Ok(list.whole(teams, |team| team.slug.clone()))
}

/// Shows a team and who is in it.
#[utoipa::path(get, path = "/teams/{team}", operation_id = "show_team", tag = "teams",
    params(("team" = String, Path, description = "Its slug", example = "payments")),
    responses((status = 200, description = "The team.", body = Shown)))]
async fn show(
    State(app): State<App>,
    _viewer: Viewer,
    Path(team): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let mut conn = app.db.read().await?;
    Ok(Json(one(&mut conn, |one| one.slug == team).await?))
}

/// A team to be founded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTeam {
    /// Unique, whatever its case.
    #[schema(example = "Payments", min_length = 1, max_length = 80)]
    name: String,
}

/// Founds a team.
#[utoipa::path(post, path = "/teams", operation_id = "found_team", tag = "teams", request_body = NewTeam,
    responses((status = 201, description = "The team.", body = Shown)))]
async fn found(
    State(app): State<App>,
    viewer: Viewer,
    Sent(new): Sent<NewTeam>,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let name = Name::parse(&new.name).map_err(|why| Problem::field("name", why))?;
    let id = super::found(&app, &viewer, &name).await?;
    let mut conn = app.db.read().await?;
    let team = one(&mut conn, |one| one.id == id).await?;
    Ok(api::made(&format!("/api/v1/teams/{}", team.slug), &team))
}

/// Puts somebody into a team.
#[utoipa::path(put, path = "/teams/{team}/members/{person}", operation_id = "join_team", tag = "teams",
    params(("team" = String, Path, description = "Its slug", example = "payments"),
           ("person" = PersonId, Path, description = "Its id.")),
    responses((status = 204, description = "They are in it")))]
async fn join(
    State(app): State<App>,
    viewer: Viewer,
    Path((team, person)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    viewer.must_decide()?;
    let (team, person) = {
        let mut conn = app.db.read().await?;
        let team = one(&mut conn, |one| one.slug == team).await?;
        let person = PersonId::parse(&person).ok_or_else(Problem::not_found)?;
        let person = people::find(&mut conn, &person).await?.ok_or_else(Problem::not_found)?;
        (team.id, person.id)
    };
    super::join(&app, &viewer, &team, &person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody out of a team.
#[utoipa::path(delete, path = "/teams/{team}/members/{person}", operation_id = "leave_team", tag = "teams",
    params(("team" = String, Path, description = "Its slug", example = "payments"),
           ("person" = PersonId, Path, description = "Its id.")),
    responses((status = 204, description = "They are in it no more")))]
async fn leave(
    State(app): State<App>,
    viewer: Viewer,
    Path((team, person)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    viewer.must_decide()?;
    let team = need(&app, &team).await?;
    let person = PersonId::parse(&person).ok_or_else(Problem::not_found)?;
    super::leave(&app, &viewer, &team.id, &person).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn need(app: &App, slug: &str) -> Result<Team, Problem> {
    let mut conn = app.db.read().await?;
    store::find(&mut conn, slug).await?.ok_or_else(Problem::not_found)
}

/// What a team is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TeamSaid)]
struct Anew {
    /// Unique, whatever its case. The slug stays.
    #[schema(example = "Payments", min_length = 1, max_length = 80)]
    name: String,
    /// What it does, in a line.
    #[serde(default)]
    #[schema(max_length = 400)]
    description: String,
    /// Who answers for it; null for nobody.
    manager: Option<PersonId>,
}

/// Says anew what a team is and who answers for it.
#[utoipa::path(put, path = "/teams/{team}", operation_id = "edit_team", tag = "teams", request_body = Anew,
    params(("team" = String, Path, description = "Its slug", example = "payments")),
    responses((status = 200, description = "The team as it is now.", body = Shown)))]
async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Path(slug): Path<String>,
    Sent(new): Sent<Anew>,
) -> Result<Json<Shown>, Problem> {
    viewer.must_decide()?;
    let team = need(&app, &slug).await?;
    let said = Said::default();
    let name = Name::parse(&new.name).map_err(|why| said.wrong("name", why)).ok();
    if new.description.chars().count() > super::DESCRIPTION_MAX {
        said.wrong("description", "At most 400 characters, please.");
    }
    if let Some(id) = &new.manager {
        let mut conn = app.db.read().await?;
        if people::find(&mut conn, id).await?.is_none() {
            said.wrong("manager", "There is nobody of this id.");
        }
    }
    said.checked()?;
    let name = name.ok_or_else(|| Problem::internal("a checked field is missing"))?;
    let anew = TeamSaid { name, description: new.description, manager: new.manager };
    super::change(&app, &viewer, &team, &anew).await?;
    let mut conn = app.db.read().await?;
    Ok(Json(one(&mut conn, |one| one.id == team.id).await?))
}
