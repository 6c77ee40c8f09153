//! Services for programs: what there is, adding one.

use super::store::{self, NewService, Service};
use crate::access::Viewer;
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::people::Name;
use crate::shell::routes;
use crate::teams;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::web::{Asked, Problem, Said, Sent};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show))
        .merge(super::api_service::routes())
}

/// Lists services, by name.
#[utoipa::path(get, path = "/services", operation_id = "list_services", tag = "services",
    params(ListParams),
    responses((status = 200, description = "A page of services.", body = Listed<Service>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Service>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let services = store::all(&mut conn).await?;
    Ok(list.whole(services, |service| service.slug.clone()))
}

/// Shows a service.
#[utoipa::path(get, path = "/services/{service}", operation_id = "show_service", tag = "services",
    params(("service" = String, Path, description = "Its slug", example = "checkout")),
    responses((status = 200, description = "The service.", body = Service)))]
async fn show(
    State(app): State<App>,
    _viewer: Viewer,
    Path(slug): Path<String>,
) -> Result<Json<Service>, Problem> {
    let mut conn = app.db.read().await?;
    let found = store::all(&mut conn).await?.into_iter().find(|one| one.slug == slug);
    Ok(Json(found.ok_or_else(Problem::not_found)?))
}

/// A service to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewService)]
struct New {
    /// Unique, whatever its case.
    #[schema(example = "Checkout", min_length = 1, max_length = 80)]
    name: String,
    /// 1, the most critical, to 4.
    #[schema(example = 1, minimum = 1, maximum = 4)]
    tier: i64,
    /// The team that owns it, by its slug.
    #[schema(example = "payments")]
    team: Option<String>,
    /// What it does, in a line.
    #[serde(default)]
    #[schema(max_length = 400)]
    description: String,
}

/// Adds a service.
#[utoipa::path(post, path = "/services", operation_id = "add_service", tag = "services", request_body = New,
    responses((status = 201, description = "The service.", body = Service)))]
async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Sent(new): Sent<New>,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let said = Said::default();
    let name = Name::parse(&new.name).map_err(|why| said.wrong("name", why)).ok();
    if !(1..=4).contains(&new.tier) {
        said.wrong("tier", "A tier is a number from 1, the most critical, to 4.");
    }
    if new.description.chars().count() > 400 {
        said.wrong("description", "At most 400 characters, please.");
    }
    let mut conn = app.db.read().await?;
    let all = teams::all(&mut conn).await?;
    drop(conn);
    let team = new.team.as_ref().and_then(|slug| all.into_iter().find(|one| one.slug == *slug));
    if new.team.is_some() && team.is_none() {
        said.wrong("team", "There is no team of this slug.");
    }
    said.checked()?;
    let name = name.ok_or_else(|| Problem::internal("a checked field is missing"))?;
    let (team, description) = (team.map(|team| team.id), new.description);
    let new = NewService { name, team, tier: new.tier, description };
    let id = super::add(&app, &viewer, &new).await?;
    let mut conn = app.db.read().await?;
    let found = store::all(&mut conn).await?.into_iter().find(|one| one.id == id);
    let service = found.ok_or_else(Problem::not_found)?;
    Ok(api::made(&format!("/api/v1/services/{}", service.slug), &service))
}
