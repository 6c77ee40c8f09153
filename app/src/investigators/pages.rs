//! `/r/INC-42/investigator`: whom a review came to and why, and the answer of who is asked; and what an
//! incident's page says of it.

use super::seen::{Seen, seen};
use super::turn::{Turn, TurnState};
use super::{answer, hand_over, search, store, terms};
use crate::access::{PersonId, Session, Viewer};
use crate::app::App;
use crate::incidents::{self, Incident, Whole};
use crate::people::session::tell;
use crate::people::{self, Named};
use crate::retrospectives::{self, Address, Load, Retrospective};
use crate::shell::{self, Frame, Page, words};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::{Conn, Time};
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/r/{key}/investigator", get(show).merge(post(do_answer)))
        .route("/r/{key}/investigator/hand-over", post(do_hand_over))
        .merge(super::pages_pool::routes())
}

#[derive(Template)]
#[template(path = "investigators/templates/turns.html")]
struct TurnsPage {
    page: Page,
    seen: Seen,
    choices: Vec<Named>,
    /// Who has how many open reviews; only for who decides.
    load: Vec<Load>,
    viewer: PersonId,
    can_write: bool,
}

impl TurnsPage {
    fn at(&self, time: &Time) -> String {
        words::minute(*time)
    }

    fn unowned(&self) -> String {
        terms::in_words(self.seen.unowned)
    }

    fn owns(&self) -> bool {
        self.seen.retro.owner_id.as_ref() == Some(&self.viewer)
    }

    fn may_hand_over(&self) -> bool {
        let someone = self.seen.is_asked || self.owns() || self.seen.may_decide;
        self.can_write && self.seen.retro.state.is_running() && someone
    }

    fn may_search(&self) -> bool {
        let retro = &self.seen.retro;
        let waits = retro.owner_id.is_none() && retro.state == retrospectives::State::Proposed;
        self.seen.may_decide && self.can_write && waits && self.seen.open().is_none()
    }

    /// The newest first.
    fn turns(&self) -> Vec<&Turn> {
        self.seen.turns.iter().rev().collect()
    }

    fn tag(&self, turn: &Turn) -> &'static str {
        match turn.state {
            TurnState::Open => "key",
            TurnState::Taken => "calm",
            TurnState::Nobody => "care",
            _ => "",
        }
    }

    /// What somebody has to carry already, as far as this viewer may know of it; for who decides.
    fn carries(&self, one: &Named) -> String {
        let open = self.load.iter().find(|load| load.owner_id == one.id).map_or(0, |load| load.n);
        let reviews =
            words::count(usize::try_from(open).unwrap_or(0), "open review", "open reviews");
        if open > 0 { format!(", {reviews}") } else { String::new() }
    }

    /// Whom it may be handed to: everybody but who has it.
    fn others(&self) -> Vec<&Named> {
        let owner = self.seen.retro.owner_id.as_ref();
        self.choices.iter().filter(|one| Some(&one.id) != owner).collect()
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let seen = seen(&mut conn, &viewer, &key, app.now()).await?;
    let page = TurnsPage {
        page: frame.page(&format!("Who investigates · {}", seen.retro.address()), "retros"),
        choices: people::names(&mut conn).await?,
        load: match seen.may_decide {
            true => retrospectives::load(&mut conn, &viewer).await?,
            false => Vec::new(),
        },
        can_write: viewer.can_write(),
        viewer: viewer.id,
        seen,
    };
    shell::page(&page)
}

async fn do_answer(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let to = match said.text("do") {
        "take" => {
            answer::take(&app, &viewer, &key).await?;
            tell(&app, &session, "It is yours. Its next step stands below.").await?;
            format!("/r/{key}/draft")
        }
        "pass-on" => {
            answer::pass_on(&app, &viewer, &key).await?;
            tell(&app, &session, "It goes on to the next. Nothing more is asked of you.").await?;
            "/".to_owned()
        }
        "search" => {
            search::search_again(&app, &viewer, &key).await?;
            tell(&app, &session, "The chain looks again, from its first rule on.").await?;
            format!("/r/{key}/investigator")
        }
        _ => return Err(Problem::field("do", "Say take, pass-on or search.")),
    };
    Ok(see_other(&to))
}

async fn do_hand_over(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let parse = |text: &str| PersonId::parse(text).ok_or("Choose somebody who is here.");
    let to = said.need("to", parse);
    said.checked()?;
    if let Some(to) = to {
        let context = said.raw("context").replace('\0', "");
        let done = hand_over(&app, &viewer, &key, &to, &context).await;
        done.map_err(|problem| said.give_back(problem))?;
        let sentence = "They are asked. Until they take it, it stays where it is.";
        tell(&app, &session, sentence).await?;
    }
    let is_theirs_still = {
        let mut conn = app.db.read().await?;
        seen(&mut conn, &viewer, &key, app.now()).await.is_ok()
    };
    Ok(see_other(&if is_theirs_still { format!("/r/{key}/investigator") } else { "/".to_owned() }))
}

#[derive(Template)]
#[template(path = "investigators/templates/card.html")]
struct Card {
    address: Address,
    turn: Turn,
    is_asked: bool,
}

impl Card {
    fn at(&self, time: &Time) -> String {
        words::minute(*time)
    }

    fn is_open(&self) -> bool {
        self.turn.state == TurnState::Open
    }
}

/// What an incident's own page says of who is asked to investigate it: to who is asked and to who decides.
///
/// # Errors
/// What the database says.
pub async fn card(
    conn: &mut Conn,
    viewer: &Viewer,
    (incident, parts): (&Incident, &Whole),
) -> Result<Option<String>, Problem> {
    let Some(turn) = store::waiting_of(conn, &incident.id).await? else { return Ok(None) };
    let is_asked = turn.state == TurnState::Open && turn.person_id.as_ref() == Some(&viewer.id);
    if !is_asked && !incidents::decides(viewer, &parts.participants) {
        return Ok(None);
    }
    let retro = retrospectives::find(conn, viewer, &turn.retrospective_id).await?;
    let waits =
        |one: &Retrospective| one.state.is_running() && (is_asked || one.owner_id.is_none());
    let Some(retro) = retro.filter(waits) else { return Ok(None) };
    let card = Card { address: retro.address(), turn, is_asked };
    Ok(Some(card.render().map_err(Problem::internal)?))
}
