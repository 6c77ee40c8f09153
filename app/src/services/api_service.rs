//! One service for programs: what it needs, what needs it, and saying it anew.

use super::needs::{Needs, named};
use super::pages_service::need;
use super::store::{self, NewService, Service, ServiceId};
use crate::access::Viewer;
use crate::app::App;
use crate::people::Name;
use crate::shell::routes;
use crate::teams;
use axum::Json;
use axum::extract::{Path, State};
use kit::db::Conn;
use kit::web::{Problem, Said, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(edit)).routes(routes!(around))
}

/// The services around one, by their slugs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceNeeds)]
struct Around {
    /// What it needs.
    needs: Vec<String>,
    /// What needs it.
    needed_by: Vec<String>,
    /// All that fails with it, near or far.
    fails_with_it: Vec<String>,
    /// The shortest ring that it is in; empty when it is in none.
    ring: Vec<String>,
}

async fn read(conn: &mut Conn, slug: &str) -> Result<Around, Problem> {
    let (service, all) = need(conn, slug).await?;
    let needs = Needs::of(&store::dependencies(conn).await?);
    let slugs = |ids: &dyn Fn(&ServiceId) -> bool| -> Vec<String> {
        named(&all, ids).into_iter().map(|one| one.slug.clone()).collect()
    };
    let far = needs.fails_with(&service.id);
    let ring = needs.ring(&service.id).unwrap_or_default();
    let slug_of = |id: &ServiceId| all.iter().find(|one| one.id == *id).map(|one| one.slug.clone());
    Ok(Around {
        needs: slugs(&|one| needs.needed_by(&service.id).contains(one)),
        needed_by: slugs(&|one| needs.needing(&service.id).contains(one)),
        fails_with_it: slugs(&|one| far.contains(one)),
        ring: ring.iter().filter_map(slug_of).collect(),
    })
}

/// Shows what a service needs and what fails with it.
#[utoipa::path(get, path = "/services/{service}/needs", operation_id = "show_service_needs", tag = "services",
    params(("service" = String, Path, description = "Its slug", example = "checkout")),
    responses((status = 200, description = "The services around it.", body = Around)))]
async fn around(
    State(app): State<App>,
    _viewer: Viewer,
    Path(slug): Path<String>,
) -> Result<Json<Around>, Problem> {
    let mut conn = app.db.read().await?;
    Ok(Json(read(&mut conn, &slug).await?))
}

/// What a service is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceSaid)]
struct Anew {
    /// Unique, whatever its case. The slug stays.
    #[schema(example = "Checkout", min_length = 1, max_length = 80)]
    name: String,
    /// 1, the most critical, to 4.
    #[schema(example = 1, minimum = 1, maximum = 4)]
    tier: i64,
    /// The team that owns it, by its slug; null for none.
    #[schema(example = "payments")]
    team: Option<String>,
    /// What it does, in a line.
    #[serde(default)]
    #[schema(max_length = 400)]
    description: String,
    /// What it needs, by their slugs.
    #[serde(default)]
    #[schema(example = json!(["ledger"]), max_items = 200)]
    needs: Vec<String>,
}

/// Says anew what a service is, who owns it and what it needs.
#[utoipa::path(put, path = "/services/{service}", operation_id = "edit_service", tag = "services", request_body = Anew,
    params(("service" = String, Path, description = "Its slug", example = "checkout")),
    responses((status = 200, description = "The service as it is now.", body = Service)))]
async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Path(slug): Path<String>,
    Sent(new): Sent<Anew>,
) -> Result<Json<Service>, Problem> {
    viewer.must_decide()?;
    let said = Said::default();
    let name = Name::parse(&new.name).map_err(|why| said.wrong("name", why)).ok();
    if !(1..=4).contains(&new.tier) {
        said.wrong("tier", "A tier is a number from 1, the most critical, to 4.");
    }
    if new.description.chars().count() > 400 {
        said.wrong("description", "At most 400 characters, please.");
    }
    let (service, needs, team) = {
        let mut conn = app.db.read().await?;
        let (service, all) = need(&mut conn, &slug).await?;
        let mut needs = Vec::new();
        for (n, slug) in new.needs.iter().enumerate() {
            match all.iter().find(|one| one.slug == *slug) {
                Some(one) => needs.push(one.id.clone()),
                None => said.wrong(&format!("needs[{n}]"), "There is no service of this slug."),
            }
        }
        let team = match &new.team {
            None => None,
            Some(slug) => teams::find(&mut conn, slug).await?,
        };
        (service, needs, team.map(|team| team.id))
    };
    if new.team.is_some() && team.is_none() {
        said.wrong("team", "There is no team of this slug.");
    }
    said.checked()?;
    let name = name.ok_or_else(|| Problem::internal("a checked field is missing"))?;
    let anew = NewService { name, team, tier: new.tier, description: new.description };
    super::change(&app, &viewer, &service, &anew, &needs).await?;
    let mut conn = app.db.read().await?;
    Ok(Json(need(&mut conn, &slug).await?.0))
}
