//! `/retros`, and a draft's own page for its people: what is next, who, which sections, how far.

use super::history::{self, Part, Sitting};
use super::next::{self, Facts, NextStep, Step};
use super::retrospective::{Address, Retrospective, RetrospectiveId, State};
use super::store::{self, Move, Summary};
use super::store_covers::{self, Covered};
use super::store_people::{self, InRole};
use super::store_sections::{self, Section, Version};
use super::{move_on, need_for_reading, pages_decide, pages_edit, pages_kind, pages_people};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::incidents;
use crate::kinds::{self, Kind};
use crate::people::session::tell;
use crate::settings::House;
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{Path, RawQuery, State as From};
use axum::response::Response;
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// How many retrospectives a page of the list shows.
const PAGE: i64 = 50;

/// What is served for pages, but for `/r/{key}` itself.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/retros", get(list))
        .route("/r/{key}/draft", get(overview))
        .route("/r/{key}/state", post(do_move))
        .route("/r/{key}/history", get(show_history))
        .merge(pages_decide::routes())
        .merge(pages_edit::routes())
        .merge(pages_people::routes())
        .merge(pages_kind::routes())
        .merge(super::pages_begin::routes())
        .merge(super::pages_covers::routes())
        .merge(super::pages_waived::routes())
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/list.html")]
struct ListPage {
    page: Page,
    mine: Vec<Summary>,
    all: Vec<Summary>,
    state: Option<State>,
    older: Option<String>,
    can_write: bool,
    now: Time,
}

impl ListPage {
    fn since(&self, one: &Summary) -> String {
        one.moved_at.map(|at| words::ago(self.now, at)).unwrap_or_default()
    }

    fn is_chosen(&self, state: &State) -> bool {
        self.state == Some(*state)
    }
}

async fn list(
    From(app): From<App>,
    viewer: Viewer,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let state = said.some("state").and_then(|text| State::parse(text).ok());
    let before = said.some("before").and_then(RetrospectiveId::parse);
    let is_first = before.is_none() && state.is_none();
    let mut conn = app.db.read().await?;
    let mine = if is_first { store::mine(&mut conn, &viewer, PAGE).await? } else { Vec::new() };
    let all = store::list(&mut conn, &viewer, state, before, PAGE).await?;
    let is_full = i64::try_from(all.len()).unwrap_or(0) == PAGE;
    let query = state.map(|state| format!("state={}&", state.name())).unwrap_or_default();
    let last = all.last().filter(|_| is_full);
    let page = ListPage {
        page: frame.page("Retrospectives", "retros"),
        older: last.map(|last| format!("/retros?{query}before={}", last.id)),
        mine,
        all,
        state,
        can_write: viewer.can_write(),
        now: app.now(),
    };
    shell::page(&page)
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/draft.html")]
struct DraftPage {
    page: Page,
    retro: Retrospective,
    kind: &'static Kind,
    steps: Vec<Step>,
    next: Option<NextStep>,
    moves: Vec<State>,
    done: Vec<Move>,
    facts: Facts,
    people: Vec<InRole>,
    others: Vec<Summary>,
    covered: Vec<Covered>,
    /// What is said before the meeting, while it is to come.
    ground_rules: Vec<String>,
    /// What the slices below say, as HTML of theirs.
    cards: Vec<String>,
    can_write: bool,
    now: Time,
}

impl DraftPage {
    fn people_once(&self) -> Vec<(String, String)> {
        pages_people::once(&self.people).into_iter().map(|one| (one.name, one.roles)).collect()
    }

    fn since(&self, section: &Section) -> String {
        words::ago(self.now, section.updated_at)
    }

    fn shown(&self, time: &Time) -> String {
        words::minute(*time)
    }

    fn begun(&self) -> Vec<&Section> {
        self.facts.sections.iter().filter(|one| !one.is_empty()).collect()
    }

    fn rest(&self) -> Vec<&Section> {
        self.facts.sections.iter().filter(|one| one.is_empty() && !one.is_auto()).collect()
    }

    fn written(&self) -> String {
        let (written, all) = self.facts.written();
        format!("{written} of {all} written")
    }

    fn hold_reason(&self) -> Option<&Move> {
        self.done.last().filter(|last| last.state == State::OnHold)
    }
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/closed_door.html")]
struct ClosedDoorPage {
    page: Page,
    key: String,
    title: String,
    summaries: Vec<Summary>,
    may_decide: bool,
}

/// A draft's own page, for its people; for everybody else who may see the incident the plain word
/// that it is written, how far it is and who owns it.
///
/// # Errors
/// 404 for who may not see the incident.
pub async fn overview(
    From(app): From<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let address = Address::parse(&key).map_err(|_| Problem::not_found())?;
    let mut conn = app.db.read().await?;
    let incident = incidents::find(&mut conn, &viewer, address.key).await?;
    let incident = incident.ok_or_else(Problem::not_found)?;
    let others = store::of_incident(&mut conn, &viewer, &incident).await?;
    let draft = store::find_draft(&mut conn, &viewer, address.key, address.nth).await?;
    let Some(retro) = draft else {
        if address.nth.is_some_and(|nth| others.iter().all(|one| one.nth != nth)) {
            return Err(Problem::not_found());
        }
        let page = ClosedDoorPage {
            page: frame.page(&format!("Retrospective · {}", incident.key()), "retros"),
            key: incident.key().to_string(),
            title: incident.title.clone(),
            summaries: others,
            may_decide: super::may_decide(&mut conn, &viewer, &incident).await?,
        };
        return shell::page(&page);
    };
    let facts = Facts::read(&mut conn, &retro).await?;
    let can_write = viewer.can_write();
    let by_hand = |to: &State| {
        !matches!(to, State::Assigned | State::Waived | State::Published | State::Revised)
            || retro.state == State::OnHold
    };
    let moves = retro.state.next(retro.kind(), facts.held);
    let page = DraftPage {
        page: frame.page(&format!("{} · {}", retro.title, retro.address()), "retros"),
        kind: retro.kind(),
        steps: next::rail(&retro, &facts),
        next: next::next_step(&retro, &facts).filter(|_| can_write),
        moves: moves.into_iter().filter(by_hand).collect(),
        done: store::moves(&mut conn, &retro.id).await?,
        people: store_people::people(&mut conn, &retro.id).await?,
        covered: store_covers::covered(&mut conn, &viewer, &retro.id).await?,
        ground_rules: match retro.state {
            State::InReview => House::current(&mut conn).await?.rules,
            _ => Vec::new(),
        },
        others: others.into_iter().filter(|one| one.id != retro.id).collect(),
        cards: crate::site::draft_cards(&mut conn, &viewer, &retro, app.now()).await?,
        facts,
        retro,
        can_write,
        now: app.now(),
    };
    shell::page(&page)
}

async fn do_move(
    From(app): From<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let to = said.need("to", State::parse);
    said.checked()?;
    if let Some(to) = to {
        let moved = move_on(&app, &viewer, &key, to, said.text("reason")).await;
        moved.map_err(|problem| said.give_back(problem))?;
        tell(&app, &session, &format!("It is now {to}.")).await?;
    }
    Ok(see_other(&format!("/r/{key}/draft")))
}

/// A section with what was written in it.
struct Written {
    name: String,
    section: String,
    version: i64,
    sittings: Vec<Sitting>,
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/history.html")]
struct HistoryPage {
    page: Page,
    retro: Retrospective,
    written: Vec<Written>,
    moves: Vec<Move>,
    only: String,
    /// One saved text, to look at and to make stand again.
    old: Option<Old>,
    can_write: bool,
}

/// One saved text against what stands now.
struct Old {
    version: Version,
    name: String,
    /// The version that stands.
    standing: i64,
    parts: Vec<Part>,
}

impl HistoryPage {
    fn second(&self, time: &Time) -> String {
        words::clock_second(*time)
    }

    fn parts(&self, sitting: &Sitting) -> Vec<Part> {
        history::compare(&sitting.before, &sitting.after.text)
    }

    fn shown(&self, time: &Time) -> String {
        words::minute(*time)
    }
}

async fn show_history(
    From(app): From<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let sections = store_sections::sections(&mut conn, &retro.id).await?;
    let only = kinds::section(said.text("section")).map(|one| one.id.clone()).unwrap_or_default();
    let versions = store_sections::versions(&mut conn, &retro.id).await?;
    let mut written = Vec::new();
    for section in sections.iter().filter(|one| only.is_empty() || one.section == only) {
        let own: Vec<_> =
            versions.iter().filter(|one| one.section == section.section).cloned().collect();
        let sittings = history::sittings(&own);
        if !sittings.is_empty() {
            written.push(Written {
                name: section.name().to_owned(),
                section: section.section.clone(),
                version: section.version,
                sittings,
            });
        }
    }
    let number = said.some("version").and_then(|text| text.parse::<i64>().ok());
    let old = match (number, sections.iter().find(|one| one.section == only)) {
        (Some(number), Some(section)) => {
            let found = versions.iter().find(|one| one.section == only && one.version == number);
            let version = found.ok_or_else(Problem::not_found)?.clone();
            let parts = history::compare(&section.text, &version.text);
            let name = section.name().to_owned();
            Some(Old { version, name, standing: section.version, parts })
        }
        _ => None,
    };
    let page = HistoryPage {
        page: frame.page(&format!("History · {}", retro.address()), "retros"),
        old,
        moves: store::moves(&mut conn, &retro.id).await?,
        can_write: viewer.can_write(),
        written,
        only,
        retro,
    };
    shell::page(&page)
}
