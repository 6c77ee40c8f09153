//! `/i/INC-42/retro`: whether and how an incident is reviewed, decided in one form; and the card that
//! says so on the incident's own page.

use super::may_decide;
use super::open::{self, Opening, Waiver};
use super::pages::say;
use super::retrospective::WaiverCode;
use super::store::{self, Summary};
use crate::access::{PersonId, Session, Viewer};
use crate::app::App;
use crate::incidents::{self, Incident, Looked};
use crate::kinds::{self, Kind, Proposal};
use crate::people::{self, Named};
use crate::shell::{self, Frame, Page};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kit::db::Conn;
use kit::web::{FieldError, Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/i/{key}/retro", get(show).post(decide))
}

#[derive(Template)]
#[template(path = "retrospectives/templates/decide.html")]
struct DecidePage {
    page: Page,
    incident: Incident,
    proposal: Proposal,
    kinds: &'static [Kind],
    codes: &'static [WaiverCode],
    people: Vec<Named>,
    others: Vec<Summary>,
    may_decide: bool,
    said: Said,
    errors: Vec<FieldError>,
}

impl DecidePage {
    fn wrong(&self, field: &str) -> Option<&str> {
        let found = self.errors.iter().find(|error| error.path == field);
        found.map(|error| error.message.as_str())
    }

    fn is_proposed(&self, kind: &Kind) -> bool {
        self.proposal.kind.is_some_and(|proposed| proposed.id == kind.id)
    }

    fn is_chosen(&self, kind: &Kind) -> bool {
        match self.said.some("kind") {
            Some(said) => said == kind.id,
            None => self.is_proposed(kind),
        }
    }

    fn was_said(&self, field: &str, value: &str) -> bool {
        self.said.text(field) == value
    }

    fn is_under_way(&self) -> bool {
        self.others.iter().any(|one| one.state.is_running())
    }
}

async fn render(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    key: &str,
    (said, errors): (Said, Vec<FieldError>),
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, viewer, key).await?;
    let page = DecidePage {
        page: frame.page(&format!("Review of {}", incident.key()), "incidents"),
        proposal: open::proposal(&mut conn, &incident).await?,
        kinds: kinds::all(),
        codes: WaiverCode::ALL,
        people: people::names(&mut conn).await?,
        others: store::of_incident(&mut conn, viewer, &incident).await?,
        may_decide: may_decide(&mut conn, viewer, &incident).await?,
        incident,
        said,
        errors,
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
            say(&app, &session, &sentence).await?;
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
    let (incident, proposal) = {
        let mut conn = app.db.read().await?;
        let incident = incidents::need(&mut conn, viewer, key).await?;
        let proposal = open::proposal(&mut conn, &incident).await?;
        (incident, proposal)
    };
    if said.text("decision") == "waive" {
        let code = said.need("code", |text| {
            WaiverCode::parse(text).map_err(|_| "Choose why; others will read it.")
        });
        said.checked()?;
        let code = code.unwrap_or(WaiverCode::Other);
        open::waive(app, viewer, &incident, &Waiver { code, text: said.text("text").to_owned() })
            .await?;
        let sentence =
            "Waived, with your name and the reason. The incident stays in lists and figures.";
        return Ok((format!("/i/{}", incident.key()), sentence.to_owned()));
    }
    let kind = said.need("kind", kinds::parse);
    let owner = said.may("owner", parse_person);
    let facilitator = said.may("facilitator", parse_person);
    said.checked()?;
    let kind = kind.unwrap_or(&kinds::all()[0]);
    let reason = open::why(viewer, &proposal, kind, said.some("why"))?;
    let is_another = said.is_set("another");
    let opening = Opening { kind, reason, owner, facilitator, is_another };
    let address = open::open(app, viewer, &incident, &opening).await?;
    Ok((format!("/r/{address}/draft"), format!("Opened: {}.", kind.name)))
}

#[derive(Template)]
#[template(path = "retrospectives/templates/card.html")]
struct Card<'a> {
    page: Page,
    key: String,
    proposal: &'a Proposal,
    summaries: &'a [Summary],
    may_decide: bool,
    kinds: &'static [Kind],
    codes: &'static [WaiverCode],
    people: &'a [Named],
}

impl Card<'_> {
    fn is_proposed(&self, kind: &Kind) -> bool {
        self.proposal.kind.is_some_and(|proposed| proposed.id == kind.id)
    }
}

/// What an incident's own page says of its retrospectives: the state of those there are, and once it
/// has ended without a decision the proposed kind with its reason and the form that decides.
///
/// # Errors
/// What the database says.
pub async fn card(
    conn: &mut Conn,
    viewer: &Viewer,
    looked: &Looked<'_>,
    frame: &Frame,
) -> Result<Option<String>, Problem> {
    use crate::incidents::Status;
    let incident = looked.incident;
    let summaries = store::of_incident(conn, viewer, incident).await?;
    let has_ended = matches!(incident.status, Status::Resolved | Status::Closed);
    if summaries.is_empty() && !has_ended {
        return Ok(None);
    }
    let proposal = open::proposal_from(incident, looked.windows);
    let is_commander = viewer.can_write() && open::commands(viewer, looked.participants);
    let card = Card {
        page: frame.page("", ""),
        key: incident.key().to_string(),
        may_decide: viewer.can_decide() || is_commander,
        people: looked.people,
        summaries: &summaries,
        proposal: &proposal,
        kinds: kinds::all(),
        codes: WaiverCode::ALL,
    };
    Ok(Some(card.render().map_err(Problem::internal)?))
}
