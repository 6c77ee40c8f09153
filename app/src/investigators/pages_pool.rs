//! `/investigators`: the rules by which somebody is found, which everybody may read, and the trained pool.

use super::pool;
use super::rules::{Method, Rules, Rung, Saved, parse_rungs};
use super::store_pool::{self, Investigator, Knows, Trained};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::people::{self, Named};
use crate::services::{self, Service};
use crate::shell::{self, Frame, Page, words};
use crate::teams::{self, Team};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/investigators", get(show).merge(post(save)))
        .route("/investigators/pool", post(put))
        .route("/investigators/pool/availability", post(set_available))
        .route("/investigators/pool/removal", post(remove))
}

#[derive(askama::Template)]
#[template(path = "investigators/templates/investigators.html")]
struct PoolPage {
    page: Page,
    saved: Saved,
    /// All of it for who decides; of the others only oneself.
    pool: Vec<Investigator>,
    knows: Vec<Knows>,
    people: Vec<Named>,
    services: Vec<Service>,
    teams: Vec<Team>,
    viewer: PersonId,
    can_decide: bool,
}

impl PoolPage {
    fn knows(&self, one: &Investigator) -> String {
        let own = self.knows.iter().filter(|row| row.person_id == one.person_id);
        own.map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn at(&self, time: &Time) -> String {
        words::minute(*time)
    }

    fn is_used(&self, rung: &Rung) -> bool {
        self.saved.rules.rungs.contains(rung)
    }

    /// Those that are used in their order, then the rest.
    fn rungs(&self) -> Vec<Rung> {
        let used = self.saved.rules.rungs.clone();
        let rest = Rung::CHAIN.iter().filter(|rung| !used.contains(rung)).copied();
        used.iter().copied().chain(rest).collect()
    }

    fn place(&self, rung: &Rung) -> String {
        let at = self.saved.rules.rungs.iter().position(|one| one == rung);
        at.map(|at| (at + 1).to_string()).unwrap_or_default()
    }

    fn is_last(&self, team: &Team) -> bool {
        self.saved.rules.last_team.as_ref() == Some(&team.id)
    }

    fn may_change(&self, one: &Investigator) -> bool {
        self.can_decide || one.person_id == self.viewer
    }

    fn is_by_chain(&self) -> bool {
        self.saved.rules.method == Method::Chain
    }
}

async fn show(State(app): State<App>, viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let can_decide = viewer.can_decide();
    let mut pool = store_pool::pool(&mut conn).await?;
    pool.retain(|one| can_decide || one.person_id == viewer.id);
    let page = PoolPage {
        page: frame.page("Who investigates", "retros"),
        saved: store_pool::rules(&mut conn).await?,
        pool,
        knows: store_pool::knows(&mut conn).await?,
        people: people::names(&mut conn).await?,
        services: services::all(&mut conn).await?,
        teams: teams::all(&mut conn).await?,
        viewer: viewer.id,
        can_decide,
    };
    shell::page(&page)
}

fn number(from: i64, to: i64) -> impl Fn(&str) -> Result<i64, String> {
    move |text: &str| {
        let n = text.parse().ok().filter(|n| (from..=to).contains(n));
        n.ok_or_else(|| format!("Say a whole number from {from} to {to}."))
    }
}

/// The rules of the chain by the places that a form gives them; those without one are not used.
fn rungs(said: &Said) -> Result<Vec<Rung>, String> {
    let mut placed: Vec<(i64, Rung)> = Vec::new();
    for rung in Rung::CHAIN {
        let text = said.text(&format!("place_{}", rung.name())).to_owned();
        if !text.is_empty() {
            placed.push((number(1, 99)(&text)?, *rung));
        }
    }
    placed.sort_by_key(|(place, _)| *place);
    let words: Vec<&str> = placed.iter().map(|(_, rung)| rung.name()).collect();
    parse_rungs(&words)
}

async fn save(State(app): State<App>, viewer: Viewer, said: Said) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let method = said.need("method", Method::parse);
    let answer_hours = said.need("answer_hours", number(1, 80));
    let tenure_months = said.need("tenure_months", number(0, 120));
    let most_open = said.need("most_open", number(1, 50));
    let version = said.need("version", number(0, i64::MAX));
    let rungs = rungs(&said).map_err(|why| said.wrong("rungs", why)).ok();
    let last_team = {
        let mut conn = app.db.read().await?;
        teams::find(&mut conn, said.text("last_team")).await?.map(|team| team.id)
    };
    said.checked()?;
    let all = (method, answer_hours, tenure_months, most_open, version, rungs);
    let (
        Some(method),
        Some(answer_hours),
        Some(tenure_months),
        Some(most_open),
        Some(version),
        Some(rungs),
    ) = all
    else {
        return Err(Problem::internal("a checked field is missing"));
    };
    let rules = Rules { version, method, rungs, answer_hours, tenure_months, most_open, last_team };
    pool::save(&app, &viewer, &rules).await.map_err(|problem| said.give_back(problem))?;
    Ok(see_other("/investigators"))
}

fn parse_person(text: &str) -> Result<PersonId, &'static str> {
    PersonId::parse(text).ok_or("Choose somebody who is here.")
}

async fn put(State(app): State<App>, viewer: Viewer, said: Said) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let person = said.need("person", parse_person);
    said.checked()?;
    let services = {
        let mut conn = app.db.read().await?;
        let wanted = said.all("service");
        let all = services::all(&mut conn).await?.into_iter();
        all.filter(|one| wanted.contains(&one.slug.as_str())).map(|one| one.id).collect()
    };
    let line = |field: &str| {
        kit::line::of(said.text(field)).chars().take(pool::WORDS_MAX).collect::<String>()
    };
    let (training, skills) = (line("training"), line("skills"));
    let trained = Trained { training, skills, is_available: true, services };
    if let Some(person) = person {
        let done = pool::put(&app, &viewer, &person, &trained).await;
        done.map_err(|problem| said.give_back(problem))?;
    }
    Ok(see_other("/investigators#pool"))
}

async fn set_available(
    State(app): State<App>,
    viewer: Viewer,
    said: Said,
) -> Result<Response, Problem> {
    let person = said.need("person", parse_person);
    said.checked()?;
    if let Some(person) = person {
        pool::set_available(&app, &viewer, &person, said.text("is_available") == "yes").await?;
    }
    Ok(see_other("/investigators#pool"))
}

async fn remove(State(app): State<App>, viewer: Viewer, said: Said) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let person = said.need("person", parse_person);
    said.checked()?;
    if let Some(person) = person {
        pool::remove(&app, &viewer, &person).await?;
    }
    Ok(see_other("/investigators#pool"))
}
