//! `/r/{key}/steps`: what is done by when and by whom; and the card on a draft's page.

use super::plan::{Planned, StepState};
use super::read;
use super::verbs::{self, NewStep};
use crate::access::Viewer;
use crate::app::App;
use crate::calendars::Offset;
use crate::kinds::Anchor;
use crate::retrospectives::{self, Move, Retrospective, State as Life, need_for_reading};
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::{Conn, Time};
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/r/{key}/steps", get(show).merge(post(add)))
        .route("/r/{key}/steps/{step}", post(change))
}

#[derive(askama::Template)]
#[template(path = "steps/templates/card.html")]
struct Card<'a> {
    retro: &'a Retrospective,
    next: Option<&'a Planned>,
    done: usize,
    all: usize,
    overdue: usize,
    now: Time,
}

impl Card<'_> {
    fn due(&self, planned: &Planned) -> String {
        due(planned, self.now)
    }

    fn doers(&self, planned: &Planned) -> String {
        doers(planned)
    }
}

/// How far a draft's steps are and which comes next, for its own page.
///
/// # Errors
/// What the reads say.
pub async fn card(
    conn: &mut Conn,
    viewer: &Viewer,
    retro: &Retrospective,
    now: Time,
) -> Result<String, Problem> {
    let all = read::of(conn, viewer, retro).await?;
    let card = Card {
        retro,
        next: next(&all),
        done: all.iter().filter(|one| one.state == StepState::Done).count(),
        overdue: all.iter().filter(|one| one.is_overdue(now)).count(),
        all: all.iter().filter(|one| one.state != StepState::Skipped).count(),
        now,
    };
    askama::Template::render(&card).map_err(Problem::internal)
}

/// The one thing to do next: the first that is still to be done.
fn next(all: &[Planned]) -> Option<&Planned> {
    all.iter().find(|one| one.state == StepState::Open)
}

/// "due 2026-03-09 17:00 UTC", with how late it is.
fn due(planned: &Planned, now: Time) -> String {
    match planned.due {
        None => "no day yet".to_owned(),
        Some(due) if planned.is_overdue(now) => {
            format!("was due {} UTC, {}", words::minute(due), words::ago(now, due))
        }
        Some(due) => format!("due {} UTC", words::minute(due)),
    }
}

fn doers(planned: &Planned) -> String {
    let role = planned.role_in_words();
    if planned.who.is_empty() {
        return format!("{role}, nobody yet");
    }
    let names: Vec<&str> = planned.who.iter().map(|one| one.name.as_str()).collect();
    format!("{} ({role})", names.join(", "))
}

#[derive(askama::Template)]
#[template(path = "steps/templates/steps.html")]
struct StepsPage {
    page: Page,
    retro: Retrospective,
    steps: Vec<Planned>,
    moves: Vec<Move>,
    next: String,
    can_write: bool,
    now: Time,
}

impl StepsPage {
    fn due(&self, planned: &Planned) -> String {
        due(planned, self.now)
    }

    fn doers(&self, planned: &Planned) -> String {
        doers(planned)
    }

    fn since(&self, planned: &Planned) -> String {
        planned.since.map(|at| words::ago(self.now, at)).unwrap_or_default()
    }

    fn is_next(&self, planned: &Planned) -> bool {
        self.next == planned.id
    }

    fn is_open(&self, planned: &Planned) -> bool {
        planned.state == StepState::Open
    }

    /// Why the whole review is on hold, when it is.
    fn held(&self) -> Option<&Move> {
        self.moves.last().filter(|one| one.state == Life::OnHold)
    }

    fn tag(&self, planned: &Planned) -> &'static str {
        match planned.state {
            StepState::Done => "calm",
            StepState::Skipped => "",
            StepState::Open if planned.is_overdue(self.now) => "care",
            StepState::Open => "key",
            StepState::OnHold => "",
        }
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let steps = read::of(&mut conn, &viewer, &retro).await?;
    let page = StepsPage {
        page: frame.page(&format!("Steps · {}", retro.address()), "retros"),
        next: next(&steps).map(|one| one.id.clone()).unwrap_or_default(),
        moves: retrospectives::moves(&mut conn, &retro.id).await?,
        retro,
        steps,
        can_write: viewer.can_write(),
        now: app.now(),
    };
    shell::page(&page)
}

fn back(key: &str) -> Response {
    see_other(&format!("/r/{key}/steps"))
}

async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let anchor = said.need("anchor", Anchor::parse);
    let offset = said.need("due_after", str::parse::<Offset>);
    said.checked()?;
    if let (Some(anchor), Some(offset)) = (anchor, offset) {
        let text = |field| said.text(field).to_owned();
        let (name, role, reason) = (text("name"), text("role"), text("reason"));
        let new = NewStep { name, role, anchor, offset, reason };
        verbs::add(&app, &viewer, &key, &new).await.map_err(|problem| said.give_back(problem))?;
    }
    Ok(back(&key))
}

async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, step)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let reason = said.text("reason");
    let done = match said.text("do") {
        "skip" => verbs::skip(&app, &viewer, &key, &step, reason).await,
        "hold" => verbs::hold(&app, &viewer, &key, &step, reason).await,
        "go-on" => verbs::go_on(&app, &viewer, &key, &step).await,
        "take-up" => verbs::take_up(&app, &viewer, &key, &step).await,
        "done" => verbs::say_done(&app, &viewer, &key, &step, said.text("note")).await,
        "take-back" => verbs::take_back(&app, &viewer, &key, &step).await,
        "move" => {
            let before = said.some("before");
            verbs::move_before(&app, &viewer, &key, &step, before, reason).await
        }
        _ => Err(Problem::field("do", "Say what to do with it.")),
    };
    done.map_err(|problem| said.give_back(problem))?;
    Ok(back(&key))
}
