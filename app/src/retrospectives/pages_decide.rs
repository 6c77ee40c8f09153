//! `/i/INC-42/retro`: whether and how an incident is reviewed, decided on one card; the same card is on
//! the incident's own page.

use super::open::{self, Opening, Waiver};
use super::retrospective::WaiverCode;
use super::store::Summary;
use super::store_covers;
use crate::access::{PersonId, Session, Viewer};
use crate::app::App;
use crate::calendars::Working;
use crate::incidents::{self, Incident, Status};
use crate::kinds::{self, Kind};
use crate::people::Named;
use crate::people::session::tell;
use crate::policy::{self, Choice, Decision, Known, Outcome, Proposal, Proposer, ToDo};
use crate::requests;
use crate::shell::{self, Frame, Page, words};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kit::db::Conn;
use kit::web::road::{get, post};
use kit::web::{FieldError, Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/i/{key}/retro", get(show).merge(post(decide)))
}

#[derive(Template)]
#[template(path = "retrospectives/templates/decide.html")]
struct DecidePage {
    page: Page,
    incident: Incident,
    card: String,
}

async fn render(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    key: &str,
    (said, errors): (Said, Vec<FieldError>),
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let (incident, parts) = incidents::need_whole(&mut conn, viewer, key, true).await?;
    let asked = requests::of_incident(&mut conn, viewer, &incident).await?;
    let form = Form { is_page: true, said, errors };
    let page = DecidePage {
        page: frame.page(&format!("Review of {}", incident.key()), "incidents"),
        card: {
            let requests = requests::standing(&asked);
            let known = Known { incident: &incident, parts: &parts, requests };
            let summaries = store_covers::with_covering(&mut conn, viewer, &incident).await?;
            let policy = Proposer::read_with_decision(&mut conn, &incident).await?;
            draw(&mut conn, viewer, known, (frame, form), (summaries, policy)).await?
        },
        incident,
    };
    shell::page(&page)
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    render(&app, &viewer, &frame, &key, (Said::default(), Vec::new())).await
}

async fn decide(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    match decided(&app, &viewer, &key, &said).await {
        Ok((to, sentence)) => {
            tell(&app, &session, &sentence).await?;
            Ok(see_other(&to))
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let status = problem.status;
            let page = render(&app, &viewer, &frame, &key, (said, problem.errors)).await?;
            Ok((status, page).into_response())
        }
        Err(problem) => Err(said.give_back(problem)),
    }
}

fn parse_person(text: &str) -> Result<PersonId, &'static str> {
    PersonId::parse(text).ok_or("Choose somebody who is here.")
}

/// Does what the form says; gives where to go and what to say there.
async fn decided(
    app: &App,
    viewer: &Viewer,
    key: &str,
    said: &Said,
) -> Result<(String, String), Problem> {
    let (incident, Proposal { choice, .. }) = {
        let mut conn = app.db.read().await?;
        let incident = incidents::need(&mut conn, viewer, key).await?;
        let proposal = policy::proposal(&mut conn, &incident).await?;
        (incident, proposal)
    };
    let (kind, reason) = match said.text("decision") {
        "waive" => {
            let code = said.need("code", |text| {
                WaiverCode::parse(text).map_err(|_| "Choose why; others will read it.")
            });
            said.checked()?;
            let code = code.unwrap_or(WaiverCode::Other);
            let waiver = Waiver { code, text: said.text("text").to_owned() };
            if !said.is_set("talk") {
                open::waive(app, viewer, &incident, &waiver).await?;
                let sentence = "Waived, with your name and the reason. The incident stays in lists and figures.";
                return Ok((format!("/i/{}", incident.key()), sentence.to_owned()));
            }
            let talk = kinds::find("discussion");
            (talk.ok_or_else(|| Problem::internal("there is no conversation"))?, waiver.reason()?)
        }
        "accept" => {
            let detail = "The policy proposes no review now; choose a kind.";
            let kind = choice.kind().ok_or_else(|| Problem::field("kind", detail))?;
            (kind, choice.why.clone())
        }
        _ => chosen(&choice, said)?,
    };
    let owner = said.may("owner", parse_person);
    let facilitator = said.may("facilitator", parse_person);
    said.checked()?;
    let is_another = said.is_set("another");
    let opening = Opening { kind, reason, owner, facilitator, is_another };
    let address = open::open(app, viewer, &incident, &opening).await?;
    Ok((format!("/r/{address}/draft"), format!("Opened: {}.", kind.name)))
}

/// The kind that somebody chose, and why, which they say when it is not the proposed one.
fn chosen(choice: &Choice, said: &Said) -> Result<(&'static Kind, String), Problem> {
    let kind = said.need("kind", kinds::parse);
    let why = said.text("why");
    let is_proposed = kind.is_some_and(|kind| choice.kind.as_deref() == Some(kind.id.as_str()));
    if why.chars().count() > open::REASON_MAX {
        said.wrong("why", "Say it in fewer words, please.");
    } else if why.is_empty() && kind.is_some() && !is_proposed {
        said.wrong("why", "Say in a line why this kind and not the proposed one.");
    }
    said.checked()?;
    let kind = kind.unwrap_or(&kinds::shipped().kinds[0]);
    let reason = if why.is_empty() { choice.why.clone() } else { why.to_owned() };
    Ok((kind, reason))
}

/// What the card was sent and what was wrong with it.
#[derive(Default)]
struct Form {
    is_page: bool,
    said: Said,
    errors: Vec<FieldError>,
}

#[derive(Template)]
#[template(path = "retrospectives/templates/card.html")]
struct Card {
    page: Page,
    key: String,
    /// What is chosen as it is known now; none where that is not shown.
    proposal: Option<Proposal>,
    decision: Option<Decision>,
    proposed: Option<&'static Kind>,
    working: Working,
    summaries: Vec<Summary>,
    /// Those of other incidents that cover this one too.
    covering: Vec<Summary>,
    may_decide: bool,
    kinds: &'static [Kind],
    codes: &'static [WaiverCode],
    people: Vec<Named>,
    is_page: bool,
    said: Said,
    errors: Vec<FieldError>,
}

impl Card {
    fn was(&self, field: &str, value: &str) -> bool {
        self.said.text(field) == value
    }

    /// What is to be done beside the review that was opened, with the day it is due.
    fn beside(&self) -> Vec<(&ToDo, String)> {
        let opened = |one: &&Decision| matches!(one.outcome, Outcome::Accepted | Outcome::Changed);
        let Some(decision) = self.decision.as_ref().filter(opened) else { return Vec::new() };
        let due = |one: &ToDo| {
            one.due(decision.made_at, &self.working).map(words::minute).unwrap_or_default()
        };
        decision.choice.to_do.iter().map(|one| (one, due(one))).collect()
    }

    fn is_under_way(&self) -> bool {
        self.summaries.iter().any(|one| one.state.is_running())
    }
}

/// The retrospectives of an incident, and those of others that cover it.
type Found = (Vec<Summary>, Vec<Summary>);

async fn draw(
    conn: &mut Conn,
    viewer: &Viewer,
    known: Known<'_>,
    (frame, form): (&Frame, Form),
    ((summaries, covering), (proposer, decision)): (Found, (Proposer, Option<Decision>)),
) -> Result<String, Problem> {
    let is_due = summaries.is_empty() && proposer.is_due(known.incident);
    let proposal = match is_due || form.is_page {
        true => proposer.proposals(conn, &[known]).await?.pop(),
        false => None,
    };
    let has_days = decision.as_ref().is_some_and(|one| !one.choice.to_do.is_empty());
    let working = match has_days {
        true => incidents::working(conn, known.incident).await?,
        false => Working::default(),
    };
    let card = Card {
        page: frame.page("", ""),
        key: known.incident.key().to_string(),
        proposed: proposal.as_ref().and_then(|one| one.choice.kind()),
        proposal,
        working,
        decision,
        summaries,
        covering,
        may_decide: incidents::decides(viewer, &known.parts.participants),
        people: known.parts.people.clone(),
        kinds: &kinds::last().kinds,
        codes: WaiverCode::ALL,
        is_page: form.is_page,
        said: form.said,
        errors: form.errors,
    };
    card.render().map_err(Problem::internal)
}

/// What an incident's own page says of its retrospectives: the state of those there are, and once it
/// has come where the policy decides the proposed kind with its reason and the form that decides. With
/// whether the incident has any of its own.
///
/// # Errors
/// What the database says.
pub async fn card(
    conn: &mut Conn,
    viewer: &Viewer,
    known: Known<'_>,
    frame: &Frame,
) -> Result<(Option<String>, bool), Problem> {
    let incident = known.incident;
    let has_ended =
        matches!(incident.status, Status::Mitigated | Status::Resolved | Status::Closed);
    let (summaries, covering) = store_covers::with_covering(conn, viewer, incident).await?;
    let has_own = !summaries.is_empty();
    if !has_own && covering.is_empty() && !has_ended {
        return Ok((None, false));
    }
    let policy = Proposer::read_with_decision(conn, incident).await?;
    if !has_own && covering.is_empty() && !policy.0.is_due(incident) {
        return Ok((None, false));
    }
    let form = (frame, Form::default());
    let card = draw(conn, viewer, known, form, ((summaries, covering), policy)).await?;
    Ok((Some(card), has_own))
}
