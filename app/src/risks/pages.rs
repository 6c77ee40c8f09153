//! `/risks`, `/risks/RISK-3` and `/r/INC-42/risks`: the ledger with what is due for review first, what
//! we do not do and why, one risk with its history, and the form that writes one down.

use super::decide::{self, Decision, need};
use super::risk::{Level, NewRisk, StateName};
use super::store::{self, Move, Risk};
use crate::access::{PersonId, Session, Viewer};
use crate::actions::{self, Action, ActionId};
use crate::app::App;
use crate::factors::{self, Factor, FactorId};
use crate::people::session::tell;
use crate::people::{self, Named};
use crate::retrospectives::{Retrospective, need_for_reading};
use crate::services::{self, Service};
use crate::shell::{self, Frame, Page, Typed, moment, words};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// How many risks a page shows.
const SHOWN: i64 = 100;
/// In how many days one looks again, unless somebody says otherwise.
const REVIEW_DAYS: i64 = 90;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/risks", get(list))
        .route("/risks/{key}", get(show))
        .route("/risks/{key}/edit", get(show_edit).merge(post(do_edit)))
        .route("/risks/{key}/state", post(do_state))
        .route("/r/{key}/risks", get(of_retro).merge(post(do_add)))
        .route("/actions/{key}/risk", post(do_from_action))
}

/// The tag's colour: care for what is to be looked at.
fn tag(risk: &Risk, today: &str) -> &'static str {
    match risk.now(today) {
        StateName::DueForReview => "care",
        StateName::Treated => "key",
        StateName::Closed => "calm",
        StateName::Open | StateName::Accepted => "",
    }
}

/// When it is looked at again, for people.
fn review(risk: &Risk, today: &str) -> Option<String> {
    let day = risk.review_on.as_deref().filter(|_| risk.state != StateName::Closed)?;
    Some(match actions::days_between(today, day) {
        0 => "review today".to_owned(),
        1 => "review tomorrow".to_owned(),
        days @ 2..=30 => format!("review in {days} days"),
        days if days < 0 => format!("review since {}", actions::day(day)),
        _ => format!("review on {}", actions::day(day)),
    })
}

#[derive(askama::Template)]
#[template(path = "risks/templates/list.html")]
struct ListPage {
    page: Page,
    risks: Vec<Risk>,
    carried: Vec<Risk>,
    declined: Vec<Action>,
    is_closed: bool,
    later: Option<String>,
    today: String,
}

impl ListPage {
    fn tag(&self, risk: &Risk) -> &'static str {
        tag(risk, &self.today)
    }

    fn review(&self, risk: &Risk) -> Option<String> {
        review(risk, &self.today)
    }

    fn day(&self, text: &str) -> String {
        actions::day(text)
    }
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let is_closed = said.text("state") == "closed";
    let after = said.some("after").and_then(|text| {
        let (day, number) = text.split_once('.')?;
        Some((day.to_owned(), number.parse().ok()?))
    });
    let mut conn = app.db.read().await?;
    let risks = store::list(&mut conn, &viewer, is_closed, after, SHOWN).await?;
    let is_full = i64::try_from(risks.len()).unwrap_or(0) == SHOWN;
    let state = if is_closed { "closed" } else { "" };
    let place = |last: &Risk| {
        let day = last.review_on.as_deref().unwrap_or("9999-99-99");
        format!("/risks?state={state}&after={day}.{}", last.number)
    };
    let page = ListPage {
        page: frame.page("Risks", "risks"),
        later: risks.last().filter(|_| is_full).map(place),
        carried: store::accepted(&mut conn, &viewer, SHOWN).await?,
        declined: actions::not_doing(&mut conn, &viewer, i64::MAX, SHOWN).await?,
        today: moment::today(app.now()),
        risks,
        is_closed,
    };
    shell::page(&page)
}

#[derive(askama::Template)]
#[template(path = "risks/templates/of_retro.html")]
struct RetroPage {
    page: Page,
    retro: Retrospective,
    risks: Vec<Risk>,
    factors: Vec<Factor>,
    services: Vec<Service>,
    typed: Typed,
    is_new: bool,
    today: String,
    can_write: bool,
}

impl RetroPage {
    fn tag(&self, risk: &Risk) -> &'static str {
        tag(risk, &self.today)
    }

    fn review(&self, risk: &Risk) -> Option<String> {
        review(risk, &self.today)
    }

    fn day(&self, text: &str) -> String {
        actions::day(text)
    }
}

async fn retro_page(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    key: &str,
    typed: Typed,
) -> Result<RetroPage, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, viewer, key).await?;
    let (incident, id) = (&retro.incident_id, &retro.id);
    Ok(RetroPage {
        page: frame.page(&format!("Risks of {}", retro.address()), "retros"),
        risks: store::of_retrospective(&mut conn, viewer, id).await?,
        factors: factors::of_retrospective(&mut conn, viewer, incident, id).await?,
        services: services::all(&mut conn).await?,
        today: moment::today(app.now()),
        can_write: viewer.can_write(),
        is_new: true,
        retro,
        typed,
    })
}

async fn of_retro(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    shell::page(&retro_page(&app, &viewer, &frame, &key, Typed::default()).await?)
}

async fn read(app: &App, said: &Said) -> Result<NewRisk, Problem> {
    let services = {
        let mut conn = app.db.read().await?;
        services::all(&mut conn).await?
    };
    NewRisk::read(said, &services)
}

async fn do_add(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let done = match read(&app, &said).await {
        Ok(new) => decide::add(&app, &viewer, &key, &new).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(number) => {
            tell(&app, &session, &format!("RISK-{number} is written down.")).await?;
            Ok(see_other(&format!("/r/{key}/risks#RISK-{number}")))
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let typed = Typed { said, errors: problem.errors };
            let page = retro_page(&app, &viewer, &frame, &key, typed).await?;
            Ok((problem.status, shell::page(&page)?).into_response())
        }
        Err(problem) => Err(said.give_back(problem)),
    }
}

async fn do_from_action(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let action = actions::parse_key(&key).ok_or_else(Problem::not_found)?;
    let done = match read(&app, &said).await {
        Ok(new) => decide::from_action(&app, &viewer, action, said.text("reason"), &new).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(number) => {
            let sentence = format!("ACT-{action} is RISK-{number} now; its history is kept.");
            tell(&app, &session, &sentence).await?;
            Ok(see_other(&format!("/risks/RISK-{number}")))
        }
        Err(problem) => actions::again(&app, &viewer, &frame, &key, said, problem).await,
    }
}

/// One of the ways on, as a form.
struct Offer {
    to: &'static str,
    button: &'static str,
    ask: &'static str,
}

const TREAT: Offer = Offer {
    to: "treat",
    button: "Treat it",
    ask: "Which actions make it smaller, and when we look again.",
};
const ACCEPT: Offer = Offer {
    to: "accept",
    button: "Accept it for a while",
    ask: "Who carries it, until when, and when we look again.",
};
const REOPEN: Offer =
    Offer { to: "reopen", button: "Leave it open", ask: "Nobody decides yet; when we look again." };
const CLOSE: Offer = Offer { to: "close", button: "Close it", ask: "Why it is no risk any more." };

fn offers(state: StateName) -> Vec<&'static Offer> {
    match state {
        StateName::Open => vec![&TREAT, &ACCEPT, &CLOSE],
        StateName::Treated | StateName::Accepted | StateName::DueForReview => {
            vec![&ACCEPT, &TREAT, &REOPEN, &CLOSE]
        }
        StateName::Closed => Vec::new(),
    }
}

#[derive(askama::Template)]
#[template(path = "risks/templates/show.html")]
struct ShowPage {
    page: Page,
    risk: Risk,
    factors: Vec<Factor>,
    services: Vec<String>,
    treated_by: Vec<ActionId>,
    actions: Vec<Action>,
    was: Option<Action>,
    history: Vec<Move>,
    offers: Vec<&'static Offer>,
    people: Vec<Named>,
    typed: Typed,
    viewer: Viewer,
    today: String,
    may_move: bool,
}

impl ShowPage {
    fn tag(&self) -> &'static str {
        tag(&self.risk, &self.today)
    }

    fn review(&self) -> Option<String> {
        review(&self.risk, &self.today)
    }

    fn day(&self, text: &str) -> String {
        actions::day(text)
    }

    fn at(&self, time: &Time) -> String {
        words::minute(*time)
    }

    fn treats(&self, action: &Action) -> bool {
        self.treated_by.contains(&action.id)
    }

    fn is_due(&self) -> bool {
        self.risk.now(&self.today) == StateName::DueForReview
    }

    fn is_me(&self, person: &PersonId) -> bool {
        *person == self.viewer.id
    }

    fn in_days(&self, days: i64) -> String {
        actions::days_after(&self.today, days)
    }

    fn tried(&self, offer: &Offer) -> bool {
        self.typed.is("to", offer.to)
    }
}

async fn show_page(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    key: &str,
    typed: Typed,
) -> Result<ShowPage, Problem> {
    let mut conn = app.db.read().await?;
    let risk = need(&mut conn, viewer, key).await?;
    let from = store::factors(&mut conn, &risk.id).await?;
    let factors = match risk.sees_story {
        true => {
            let (incident, retro) = (&risk.incident_id, &risk.retrospective_id);
            let all = factors::of_retrospective(&mut conn, viewer, incident, retro).await?;
            all.into_iter().filter(|one| from.contains(&one.id)).collect()
        }
        false => Vec::new(),
    };
    let all = actions::of_retrospective(&mut conn, viewer, &risk.retrospective_id).await?;
    let was = all.iter().find(|one| Some(&one.id) == risk.action_id.as_ref()).cloned();
    let treats = |one: &Action| !one.state.has_ended() || one.state == actions::StateName::Verified;
    Ok(ShowPage {
        page: frame.page(&format!("{} {}", risk.key(), risk.statement), "risks"),
        services: store::services(&mut conn, &risk.id).await?,
        treated_by: store::actions(&mut conn, &risk.id).await?,
        actions: all.into_iter().filter(treats).collect(),
        history: store::history(&mut conn, &risk.id).await?,
        people: people::names(&mut conn).await?,
        offers: offers(risk.state),
        today: moment::today(app.now()),
        may_move: risk.may_be_moved_by(viewer),
        viewer: viewer.clone(),
        factors,
        was,
        risk,
        typed,
    })
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    shell::page(&show_page(&app, &viewer, &frame, &key, Typed::default()).await?)
}

fn decision(said: &Said) -> Result<Decision, Problem> {
    let review_on = said.may("review_on", moment::parse_day);
    let decision = match said.text("to") {
        "treat" => {
            let numbers = said.all("action").into_iter().filter_map(actions::parse_key);
            Decision::Treat { actions: numbers.collect(), review_on }
        }
        "accept" => {
            let by = PersonId::parse(said.text("accepted_by"));
            let until = said.may("until", moment::parse_day).unwrap_or_default();
            match by {
                Some(by) => {
                    Decision::Accept { by, until, review_on: review_on.unwrap_or_default() }
                }
                None => return Err(Problem::field("accepted_by", "Choose who carries it.")),
            }
        }
        "reopen" => Decision::Reopen { review_on },
        "close" => Decision::Close,
        other => return Err(Problem::field("to", format!("`{other}` is nothing to do here."))),
    };
    said.checked()?;
    Ok(decision)
}

async fn do_state(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let number = {
        let mut conn = app.db.read().await?;
        need(&mut conn, &viewer, &key).await?.number
    };
    let done = match decision(&said) {
        Ok(wanted) => decide::decide(&app, &viewer, number, &wanted, said.text("note")).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(state) => {
            tell(&app, &session, &format!("RISK-{number} is {state} now.")).await?;
            Ok(see_other(&format!("/risks/RISK-{number}")))
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let typed = Typed { said, errors: problem.errors };
            let page = show_page(&app, &viewer, &frame, &key, typed).await?;
            Ok((problem.status, shell::page(&page)?).into_response())
        }
        Err(problem) => Err(said.give_back(problem)),
    }
}

#[derive(askama::Template)]
#[template(path = "risks/templates/edit.html")]
struct EditPage {
    page: Page,
    risk: Risk,
    factors: Vec<Factor>,
    services: Vec<Service>,
    typed: Typed,
    is_new: bool,
}

fn as_said(risk: &Risk, from: &[FactorId], slugs: &[String]) -> Said {
    let mut fields = vec![
        ("statement".to_owned(), risk.statement.clone()),
        ("likelihood".to_owned(), risk.likelihood.name().to_owned()),
        ("impact".to_owned(), risk.impact.name().to_owned()),
        ("softened_by".to_owned(), risk.softened_by.clone()),
    ];
    fields.extend(from.iter().map(|id| ("factor".to_owned(), id.as_str().to_owned())));
    fields.extend(slugs.iter().map(|slug| ("service".to_owned(), slug.clone())));
    Said::new(fields)
}

async fn edit_page(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    key: &str,
    typed: Option<Typed>,
) -> Result<EditPage, Problem> {
    let mut conn = app.db.read().await?;
    let risk = need(&mut conn, viewer, key).await?;
    decide::must_move(&risk, viewer)?;
    let from = store::factors(&mut conn, &risk.id).await?;
    let hit = store::services(&mut conn, &risk.id).await?;
    let services = services::all(&mut conn).await?;
    let slugs = services.iter().filter(|one| hit.contains(&one.name)).map(|one| one.slug.clone());
    let said = as_said(&risk, &from, &slugs.collect::<Vec<_>>());
    let factors = match risk.sees_story {
        true => {
            let (incident, retro) = (&risk.incident_id, &risk.retrospective_id);
            factors::of_retrospective(&mut conn, viewer, incident, retro).await?
        }
        false => Vec::new(),
    };
    Ok(EditPage {
        page: frame.page(&format!("Edit {}", risk.key()), "risks"),
        typed: typed.unwrap_or(Typed { said, errors: Vec::new() }),
        is_new: false,
        risk,
        factors,
        services,
    })
}

async fn show_edit(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    shell::page(&edit_page(&app, &viewer, &frame, &key, None).await?)
}

async fn do_edit(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let number = {
        let mut conn = app.db.read().await?;
        need(&mut conn, &viewer, &key).await?.number
    };
    let version = said.text("version").parse().unwrap_or(0);
    let done = match read(&app, &said).await {
        Ok(new) => decide::edit(&app, &viewer, number, version, &new).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => {
            tell(&app, &session, "Saved.").await?;
            Ok(see_other(&format!("/risks/RISK-{number}")))
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let typed = Some(Typed { said, errors: problem.errors });
            let page = edit_page(&app, &viewer, &frame, &key, typed).await?;
            Ok((problem.status, shell::page(&page)?).into_response())
        }
        Err(problem) => Err(said.give_back(problem)),
    }
}
