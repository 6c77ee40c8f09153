//! `/services/checkout`: one service, who owns it, what it needs and what fails with it.

use super::needs::{Needs, named};
use super::pages::parse_tier;
use super::store::{self, NewService, Service, ServiceId};
use crate::access::Viewer;
use crate::app::App;
use crate::people::Name;
use crate::shell::{self, Frame, Page};
use crate::teams::{self, Team};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Conn;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/services/{service}", get(show).merge(post(change)))
}

#[derive(askama::Template)]
#[template(path = "services/templates/service.html")]
struct ServicePage {
    page: Page,
    service: Service,
    needs: Vec<Service>,
    needing: Vec<Service>,
    /// What fails with it farther away.
    far: Vec<Service>,
    ring: Vec<Service>,
    others: Vec<Service>,
    teams: Vec<Team>,
    can_decide: bool,
}

impl ServicePage {
    fn needs(&self, one: &Service) -> bool {
        self.needs.iter().any(|other| other.id == one.id)
    }

    fn owns(&self, team: &Team) -> bool {
        self.service.team_slug.as_deref() == Some(team.slug.as_str())
    }
}

/// One service of all of them.
pub(super) async fn need(conn: &mut Conn, slug: &str) -> Result<(Service, Vec<Service>), Problem> {
    let all = store::all(conn).await?;
    let found = all.iter().find(|one| one.slug == slug).cloned();
    Ok((found.ok_or_else(Problem::not_found)?, all))
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let (service, all) = need(&mut conn, &slug).await?;
    let needs = Needs::of(&store::dependencies(&mut conn).await?);
    let of = |ids: &dyn Fn(&ServiceId) -> bool| -> Vec<Service> {
        named(&all, ids).into_iter().cloned().collect()
    };
    let id = &service.id;
    let far = needs.fails_with(id);
    let ring = needs.ring(id).unwrap_or_default();
    let in_ring = ring.iter().filter_map(|id| all.iter().find(|one| one.id == *id).cloned());
    let page = ServicePage {
        page: frame.page(&service.name, "people"),
        needs: of(&|one| needs.needed_by(id).contains(one)),
        needing: of(&|one| needs.needing(id).contains(one)),
        far: of(&|one| far.contains(one) && !needs.needing(id).contains(one)),
        ring: in_ring.collect(),
        others: of(&|one| one != id),
        teams: teams::all(&mut conn).await?,
        can_decide: viewer.can_decide(),
        service,
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
    let name = said.need("name", Name::parse);
    let tier = said.need("tier", parse_tier);
    said.checked()?;
    let (service, needs, team) = {
        let mut conn = app.db.read().await?;
        let (service, all) = need(&mut conn, &slug).await?;
        let wanted = said.all("needs");
        let is_wanted = |one: &&Service| wanted.contains(&one.slug.as_str());
        let needs = all.iter().filter(is_wanted).map(|one| one.id.clone());
        let team = teams::find(&mut conn, said.text("team")).await?;
        (service, needs.collect::<Vec<_>>(), team.map(|team| team.id))
    };
    if let (Some(name), Some(tier)) = (name, tier) {
        let description = kit::line::of(said.text("description")).chars().take(400).collect();
        let new = NewService { name, team, tier, description };
        let done = super::change(&app, &viewer, &service, &new, &needs).await;
        done.map_err(|problem| said.give_back(problem))?;
    }
    Ok(see_other(&format!("/services/{slug}")))
}
