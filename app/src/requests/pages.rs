//! What pages show of requests: the card on an incident's page with the form that asks, the list of
//! those that wait for an answer, and the form that declines one.

use super::ask::{self, may_ask};
use super::store::{self, Request, RequestId, State as RequestState};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::incidents::{self, Incident, Status, Whole};
use crate::people::session::tell;
use crate::shell::{self, Frame, Page, words};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// How many requests a page shows.
const SHOWN: i64 = 100;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/requests", get(list))
        .route("/requests/{id}/decline", post(do_decline))
        .route("/i/{key}/requests", post(do_ask))
}

#[derive(Template)]
#[template(path = "requests/templates/list.html")]
struct ListPage {
    page: Page,
    open: Vec<Request>,
    answered: Vec<Request>,
    now: Time,
}

impl ListPage {
    fn day(&self, at: &Time) -> String {
        words::date(*at)
    }
}

async fn list(State(app): State<App>, viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let all = store::list(&mut conn, &viewer, None, None, SHOWN).await?;
    let open = store::open_ones(&mut conn, &viewer, SHOWN).await?;
    let page = ListPage {
        page: frame.page("Reviews asked for", "retros"),
        open,
        answered: all.into_iter().filter(|one| one.state != RequestState::Open).collect(),
        now: app.now(),
    };
    shell::page(&page)
}

#[derive(Template)]
#[template(path = "requests/templates/card.html")]
struct Card<'a> {
    page: Page,
    key: String,
    requests: &'a [Request],
    may_ask: bool,
    may_decide: bool,
    now: Time,
}

impl Card<'_> {
    fn day(&self, at: &Time) -> String {
        words::date(*at)
    }
}

/// What an incident's own page says of the reviews of it that were asked for, with the form that asks.
///
/// # Errors
/// When the template fails.
pub fn card(
    viewer: &Viewer,
    (incident, parts): (&Incident, &Whole),
    requests: &[Request],
    (frame, now): (&Frame, Time),
) -> Result<Option<String>, Problem> {
    let mine = |one: &Request| one.asked_by == viewer.id && one.state == RequestState::Open;
    let is_over = matches!(incident.status, Status::Cancelled | Status::Merged);
    let may_ask = may_ask(viewer) && !is_over && !requests.iter().any(mine);
    if requests.is_empty() && !may_ask {
        return Ok(None);
    }
    let card = Card {
        page: frame.page("", ""),
        key: incident.key().to_string(),
        may_decide: incidents::decides(viewer, &parts.participants),
        requests,
        may_ask,
        now,
    };
    Ok(Some(card.render().map_err(Problem::internal)?))
}

async fn do_ask(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = {
        let mut conn = app.db.read().await?;
        incidents::need(&mut conn, &viewer, &key).await?
    };
    let asked = ask::ask(&app, &viewer, &incident, said.text("reason")).await;
    asked.map_err(|problem| said.give_back(problem))?;
    tell(&app, &session, "Asked. You are answered within three business days.").await?;
    Ok(see_other(&format!("/i/{}", incident.key())))
}

async fn do_decline(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(id): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let id = RequestId::parse(&id).ok_or_else(Problem::not_found)?;
    let request = {
        let mut conn = app.db.read().await?;
        store::find(&mut conn, &viewer, &id).await?.ok_or_else(Problem::not_found)?
    };
    let declined = ask::decline(&app, &viewer, &request, said.text("reason")).await;
    declined.map_err(|problem| said.give_back(problem))?;
    tell(&app, &session, "Declined; who asked reads why.").await?;
    Ok(see_other(&format!("/i/{}", request.key())))
}
