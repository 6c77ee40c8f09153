//! `/r/INC-42/actions` and `/actions/ACT-7`: what is proposed and promised, and one action with its
//! history and the moves it allows. The lists are in `pages_list.rs`.

use super::action::{Aim, Owner, StateName};
use super::go::{Doing, Terms, go};
use super::help::{self, USUAL, Usual};
use super::pages_list;
use super::propose::{edit, need, propose};
use super::said::{self, Class, NewAction, Priority, Strength};
use super::store::{self, Action, Move};
use crate::access::{PersonId, Session, Viewer};
use crate::app::App;
use crate::factors::{self, Factor, FactorId, Recommendation};
use crate::people::session::tell;
use crate::people::{self, Named};
use crate::retrospectives::{self, Retrospective, need_for_reading};
use crate::shell::{self, Frame, Page, Typed, moment, words};
use crate::teams::{self, Team};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kit::db::{Conn, Time};
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/r/{key}/actions", get(of_retro).merge(post(do_propose)))
        .route("/actions/{key}", get(show))
        .route("/actions/{key}/edit", get(show_edit).merge(post(do_edit)))
        .route("/actions/{key}/state", post(do_state))
        .merge(pages_list::routes())
}

/// What every form about an action offers.
pub(super) struct Choices {
    people: Vec<Named>,
    teams: Vec<Team>,
    factors: Vec<Factor>,
    recommendations: Vec<Recommendation>,
}

impl Choices {
    async fn of_people(conn: &mut Conn) -> Result<Choices, Problem> {
        let (factors, recommendations) = (Vec::new(), Vec::new());
        let (people, teams) = (people::names(conn).await?, teams::all(conn).await?);
        Ok(Choices { people, teams, factors, recommendations })
    }

    async fn of(
        conn: &mut Conn,
        viewer: &Viewer,
        action: Option<&Action>,
        retro: &retrospectives::RetrospectiveId,
        incident: &crate::incidents::IncidentId,
    ) -> Result<Choices, Problem> {
        let mut choices = Choices::of_people(conn).await?;
        if action.is_none_or(|action| action.sees_story) {
            choices.factors = factors::of_retrospective(conn, viewer, incident, retro).await?;
            choices.recommendations = factors::recommendations_of(conn, retro).await?;
        }
        Ok(choices)
    }
}

/// What can be done to an action now, one form each.
pub(super) struct Offer {
    /// The word in the form.
    to: &'static str,
    /// The button.
    button: &'static str,
    /// What is asked for.
    ask: &'static str,
    /// The field, if one is asked for.
    field: Option<&'static str>,
    /// Whether who, when and how we know are asked for.
    has_terms: bool,
}

fn offer(
    to: &'static str,
    button: &'static str,
    ask: &'static str,
    field: Option<&'static str>,
) -> Offer {
    Offer { to, button, ask, field, has_terms: matches!(to, "accept" | "amend") }
}

/// What a state allows, the likeliest first.
fn offers(state: StateName) -> Vec<Offer> {
    let accept = || offer("accept", "Accept", "Who, by when, and how we will know.", None);
    let decline = || {
        offer(
            "decline",
            "Decline",
            "Why not. It stays readable among what we do not do.",
            Some("reason"),
        )
    };
    let begin = || offer("begin", "Begin", "", None);
    let finish =
        || offer("finish", "Done", "What was done, so that somebody else can look.", Some("note"));
    let amend =
        || offer("amend", "Other date or owner", "What is promised now, and why.", Some("why"));
    let risk = || {
        offer(
            "risk",
            "Move to risk",
            "Why it will not happen. What remains is carried openly.",
            Some("reason"),
        )
    };
    let drop = || offer("drop", "Drop", "Why it will not happen.", Some("reason"));
    match state {
        StateName::Proposed => vec![accept(), decline()],
        StateName::Accepted => vec![finish(), begin(), amend(), risk(), drop()],
        StateName::InProgress => vec![finish(), amend(), risk(), drop()],
        StateName::Done => vec![
            offer(
                "verify",
                "It holds",
                "What shows it: a test, a drill, a page that fired.",
                Some("evidence"),
            ),
            offer("reopen", "It does not hold", "What was seen.", Some("reason")),
        ],
        StateName::Reopened => vec![begin()],
        _ => Vec::new(),
    }
}

/// The tag's colour: care for what needs care, calm for what is well.
pub(super) fn tag(action: &Action, today: &str) -> &'static str {
    match action.state {
        _ if action.is_overdue(today) => "care",
        StateName::Verified => "calm",
        StateName::InProgress | StateName::Accepted => "key",
        _ => "",
    }
}

/// `due 12 December`, `was due 18 November`, `done`.
#[must_use]
pub fn due(action: &Action, today: &str) -> Option<String> {
    let due = action.due.as_deref()?;
    let day = day(due);
    Some(match help::days_between(today, due) {
        _ if !action.state.is_owed() => format!("due {day}"),
        0 => "due today".to_owned(),
        1 => "due tomorrow".to_owned(),
        -1 => "was due yesterday".to_owned(),
        past @ ..=-2 => format!("was due {day}, {} days ago", -past),
        _ => format!("due {day}"),
    })
}

/// `12 December 2026` of `2026-12-12`.
#[must_use]
pub fn day(text: &str) -> String {
    let date: Option<jiff::civil::Date> = text.parse().ok();
    date.map_or_else(|| text.to_owned(), |date| date.strftime("%-d %B %Y").to_string())
}

#[derive(askama::Template)]
#[template(path = "actions/templates/of_retro.html")]
struct RetroPage {
    page: Page,
    retro: Retrospective,
    doing: Vec<Action>,
    not_doing: Vec<Action>,
    all_weak: Option<&'static str>,
    choices: Choices,
    typed: Typed,
    today: String,
    can_write: bool,
}

impl RetroPage {
    fn questions(&self, action: &Action) -> Vec<&'static str> {
        if action.state != StateName::Proposed {
            return Vec::new();
        }
        help::questions(&action.title, &action.done_when)
    }

    fn due(&self, action: &Action) -> Option<String> {
        due(action, &self.today)
    }

    fn tag(&self, action: &Action) -> &'static str {
        tag(action, &self.today)
    }

    fn proposed_due(&self, action: &Action) -> String {
        let due = action.due.clone();
        due.unwrap_or_else(|| help::proposed_due(&self.today, action.aim, action.priority))
    }

    fn owns(&self, action: &Action, person: &PersonId) -> bool {
        action.owner_id.as_ref() == Some(person)
    }

    fn usual(&self) -> &'static [Usual] {
        USUAL
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
    let all = store::of_retrospective(&mut conn, viewer, &retro.id).await?;
    let is_not = |one: &Action| {
        matches!(one.state, StateName::Declined | StateName::Dropped | StateName::MovedToRisk)
    };
    let (not_doing, doing): (Vec<_>, Vec<_>) = all.into_iter().partition(is_not);
    let strengths: Vec<Strength> = doing.iter().map(|one| one.strength).collect();
    let choices = Choices::of(&mut conn, viewer, None, &retro.id, &retro.incident_id).await?;
    Ok(RetroPage {
        page: frame.page(&format!("Actions of {}", retro.address()), "retros"),
        all_weak: help::all_weak(&strengths),
        today: moment::today(app.now()),
        can_write: viewer.can_write(),
        retro,
        doing,
        not_doing,
        choices,
        typed,
    })
}

/// A form filled with one of the usual follow-ups, or with what the address says.
fn begun(said: Said) -> Said {
    let Some(usual) = USUAL.iter().find(|one| said.text("usual") == one.id) else { return said };
    let mut fields = said.fields().to_vec();
    for (name, value) in [
        ("title", usual.title),
        ("done_when", usual.done_when),
        ("class", usual.class.name()),
        ("aim", usual.aim.name()),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    Said::new(fields)
}

async fn of_retro(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = begun(Said::parse_urlencoded(query.unwrap_or_default().as_bytes()));
    let typed = Typed { said, errors: Vec::new() };
    shell::page(&retro_page(&app, &viewer, &frame, &key, typed).await?)
}

async fn do_propose(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let done = match NewAction::read(&said) {
        Ok(new) => propose(&app, &viewer, &key, &new).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(number) => {
            let sentence =
                format!("ACT-{number} is proposed. Nobody owes it until somebody accepts.");
            tell(&app, &session, &sentence).await?;
            Ok(see_other(&format!("/r/{key}/actions#ACT-{number}")))
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let typed = Typed { said, errors: problem.errors };
            let page = retro_page(&app, &viewer, &frame, &key, typed).await?;
            Ok((problem.status, shell::page(&page)?).into_response())
        }
        Err(problem) => Err(said.give_back(problem)),
    }
}

#[derive(askama::Template)]
#[template(path = "actions/templates/show.html")]
struct ShowPage {
    page: Page,
    action: Action,
    answers: Vec<Factor>,
    recommendation: Option<Recommendation>,
    history: Vec<Move>,
    offers: Vec<Offer>,
    questions: Vec<&'static str>,
    choices: Choices,
    typed: Typed,
    /// The form that is open, because it was sent and something is missing.
    tried: String,
    today: String,
    due_proposed: String,
    may_move: bool,
}

impl ShowPage {
    fn due(&self) -> Option<String> {
        due(&self.action, &self.today)
    }

    fn tag(&self) -> &'static str {
        tag(&self.action, &self.today)
    }

    fn at(&self, time: &Time) -> String {
        words::minute(*time)
    }

    fn day(&self, text: &str) -> String {
        day(text)
    }

    fn owns(&self, person: &PersonId) -> bool {
        let chosen = self.typed.said.some("owner");
        match chosen {
            Some(chosen) => chosen == person.as_str(),
            None => self.action.owner_id.as_ref() == Some(person),
        }
    }

    fn is_of_team(&self, team: &Team) -> bool {
        self.action.team_id.as_ref() == Some(&team.id)
    }

    fn takes_teams(&self) -> bool {
        self.action.aim == Aim::Investigation
    }

    fn value(&self, field: &str, or: &str) -> String {
        self.typed.said.some(field).unwrap_or(or).to_owned()
    }

    /// What the form asks that only an owner who verifies alone must answer.
    fn is_needed(&self, offer: &Offer) -> bool {
        !matches!(offer.to, "amend" | "accept" | "verify")
    }
}

async fn show_page(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    key: &str,
    (typed, tried): (Typed, String),
) -> Result<ShowPage, Problem> {
    let mut conn = app.db.read().await?;
    let action = need(&mut conn, viewer, key).await?;
    let (retro, incident) = (&action.retrospective_id, &action.incident_id);
    let choices = Choices::of(&mut conn, viewer, Some(&action), retro, incident).await?;
    let answers = store::factors(&mut conn, &action.id).await?;
    let of = |factor: &&Factor| answers.contains(&factor.id);
    let today = moment::today(app.now());
    let recommendation = choices
        .recommendations
        .iter()
        .find(|one| Some(&one.id) == action.recommendation_id.as_ref())
        .cloned();
    let proposed = help::proposed_due(&today, action.aim, action.priority);
    Ok(ShowPage {
        page: frame.page(&format!("{} {}", action.key(), action.title), "actions"),
        answers: choices.factors.iter().filter(of).cloned().collect(),
        recommendation,
        history: store::history(&mut conn, &action.id).await?,
        offers: offers(action.state),
        questions: match action.state {
            StateName::Proposed => help::questions(&action.title, &action.done_when),
            _ => Vec::new(),
        },
        due_proposed: action.due.clone().unwrap_or(proposed),
        may_move: action.may_be_moved_by(viewer),
        choices,
        action,
        typed,
        tried,
        today,
    })
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let nothing = (Typed::default(), String::new());
    shell::page(&show_page(&app, &viewer, &frame, &key, nothing).await?)
}

/// Who, by when and how we know, as a form says them.
fn terms(said: &Said) -> Terms {
    Terms {
        owner: said::owner(said),
        due: said.may("due", moment::parse_day),
        done_when: said.some("done_when").map(str::to_owned),
        why: said.text("why").to_owned(),
    }
}

fn doing(said: &Said) -> Result<Doing, Problem> {
    let text = |field: &str| said.text(field).to_owned();
    let doing = match said.text("to") {
        "accept" => Doing::Accept(terms(said)),
        "amend" => Doing::Amend(terms(said)),
        "decline" => Doing::Decline(text("reason")),
        "begin" => Doing::Begin,
        "finish" => Doing::Finish(text("note")),
        "verify" => Doing::Verify(text("evidence")),
        "reopen" => Doing::Reopen(text("reason")),
        "drop" => Doing::Drop(text("reason")),
        other => return Err(Problem::field("to", format!("`{other}` is nothing to do here."))),
    };
    said.checked()?;
    Ok(doing)
}

async fn do_state(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let number = super::parse_key(&key).ok_or_else(Problem::not_found)?;
    let version = said.some("version").and_then(|text| text.parse().ok());
    let done = match doing(&said) {
        Ok(doing) => go(&app, &viewer, number, version, doing).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(state) => {
            tell(&app, &session, &format!("ACT-{number} is {state} now.")).await?;
            let back = said.text("back");
            let is_ours = back.starts_with("/r/INC-") && shell::is_own_path(back);
            let there = format!("{back}#ACT-{number}");
            let here = format!("/actions/ACT-{number}");
            Ok(see_other(if is_ours { &there } else { &here }))
        }
        Err(problem) => again(&app, &viewer, &frame, &key, said, problem).await,
    }
}

/// The action's page again, with what was typed and what is wrong; any other problem as it is. For the
/// slice that answers one of its forms.
///
/// # Errors
/// The problem itself, unless it is about a field.
pub async fn again(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    key: &str,
    said: Said,
    problem: Problem,
) -> Result<Response, Problem> {
    if problem.status != StatusCode::UNPROCESSABLE_ENTITY {
        return Err(said.give_back(problem));
    }
    let tried = said.text("to").to_owned();
    let typed = Typed { said, errors: problem.errors };
    let page = show_page(app, viewer, frame, key, (typed, tried)).await?;
    Ok((problem.status, shell::page(&page)?).into_response())
}

#[derive(askama::Template)]
#[template(path = "actions/templates/edit.html")]
struct EditPage {
    page: Page,
    action: Action,
    choices: Choices,
    typed: Typed,
    is_proposed: bool,
}

/// What the form is filled with.
fn as_said(action: &Action, answers: &[FactorId]) -> Said {
    let mut fields: Vec<(String, String)> = [
        ("title", action.title.as_str()),
        ("done_when", action.done_when.as_str()),
        ("due", action.due.as_deref().unwrap_or_default()),
        ("class", action.class.name()),
        ("aim", action.aim.name()),
        ("strength", action.strength.name()),
        ("priority", action.priority.map_or("", Priority::name)),
        ("effort", action.effort.as_str()),
        ("effect", action.effect.as_str()),
        ("name_person_by", action.name_person_by.as_deref().unwrap_or_default()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    if let Some(owner) = action.owner() {
        let id = match owner {
            Owner::Person(person) => person.as_str().to_owned(),
            Owner::Team { team, .. } => team.as_str().to_owned(),
        };
        fields.push(("owner".to_owned(), id));
    }
    if let Some(one) = &action.recommendation_id {
        fields.push(("recommendation".to_owned(), one.as_str().to_owned()));
    }
    fields.extend(answers.iter().map(|id| ("factor".to_owned(), id.as_str().to_owned())));
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
    let action = need(&mut conn, viewer, key).await?;
    super::propose::must_move(&action, viewer)?;
    let (retro, incident) = (&action.retrospective_id, &action.incident_id);
    let choices = Choices::of(&mut conn, viewer, Some(&action), retro, incident).await?;
    let answers = store::factors(&mut conn, &action.id).await?;
    let filled = || Typed { said: as_said(&action, &answers), errors: Vec::new() };
    let typed = typed.unwrap_or_else(filled);
    let page = frame.page(&format!("Edit {}", action.key()), "actions");
    let is_proposed = action.state == StateName::Proposed;
    Ok(EditPage { page, action, choices, typed, is_proposed })
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
    let number = super::parse_key(&key).ok_or_else(Problem::not_found)?;
    let version = said.text("version").parse().unwrap_or(0);
    let done = match NewAction::read(&said) {
        Ok(new) => edit(&app, &viewer, number, version, &new).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => {
            tell(&app, &session, "Saved.").await?;
            Ok(see_other(&format!("/actions/ACT-{number}")))
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let typed = Some(Typed { said, errors: problem.errors });
            let page = edit_page(&app, &viewer, &frame, &key, typed).await?;
            Ok((problem.status, shell::page(&page)?).into_response())
        }
        Err(problem) => Err(said.give_back(problem)),
    }
}
