//! Whom a review came to, as somebody may see it; and what waits for somebody because of that.

use super::rules::Rung;
use super::store;
use super::terms;
use super::turn::{Term, Turn, TurnState};
use crate::access::Viewer;
use crate::incidents::{self, Incident, KeyTimeName, store_times};
use crate::retrospectives::{self as retros, Retrospective};
use jiff::SignedDuration;
use kit::db::{Conn, Time};
use kit::web::Problem;

/// Whom a review came to.
#[derive(Debug)]
pub(super) struct Seen {
    pub retro: Retrospective,
    pub incident: Incident,
    pub turns: Vec<Turn>,
    pub terms: Vec<Term>,
    /// Since when somebody should have owned it.
    pub from: Time,
    /// For how long nobody did.
    pub unowned: SignedDuration,
    pub may_decide: bool,
    /// Whether this viewer is asked now.
    pub is_asked: bool,
}

impl Seen {
    /// The turn in which somebody is asked now.
    pub fn open(&self) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.state == TurnState::Open)
    }

    /// The rule by which its owner has it.
    pub fn owned_by_rule(&self) -> Option<Rung> {
        self.terms.last().filter(|term| term.until.is_none()).map(|term| term.rule)
    }
}

/// Reads it for one of its people, for who decides about the incident, or for who is asked.
pub(super) async fn seen(
    conn: &mut Conn,
    viewer: &Viewer,
    key: &str,
    now: Time,
) -> Result<Seen, Problem> {
    let (retro, incident) = retros::need_known(conn, viewer, key).await?;
    let turns = store::turns(conn, &retro.id).await?;
    let is_asked = turns
        .iter()
        .any(|turn| turn.state == TurnState::Open && turn.person_id.as_ref() == Some(&viewer.id));
    let may_decide = incidents::may_decide(conn, viewer, &incident).await?;
    let people = retros::people(conn, &retro.id).await?;
    let is_one_of_them = people.iter().any(|one| one.person_id == viewer.id);
    if !is_asked && !may_decide && !is_one_of_them {
        return Err(Problem::not_found());
    }
    let terms = store::terms(conn, &retro.id).await?;
    let from = ended(conn, &incident).await?.unwrap_or(retro.created_at);
    let until = if retro.state.is_running() { now } else { retro.updated_at };
    Ok(Seen {
        unowned: terms::unowned(from, &terms, until),
        retro,
        incident,
        turns,
        terms,
        from,
        may_decide,
        is_asked,
    })
}

/// When the incident was resolved, as it is believed now.
async fn ended(conn: &mut Conn, incident: &Incident) -> Result<Option<Time>, Problem> {
    let times = store_times::key_times(conn, incident).await?;
    let told = times.iter().find(|time| time.name == KeyTimeName::Resolved);
    Ok(told.map(|time| Time::new(time.now_believed().at)))
}

/// Somebody is asked to investigate.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Of which review.
    pub retro: Retrospective,
    /// Why them.
    pub because: String,
    /// What whoever handed it over says.
    pub context: String,
    /// Until when they answer.
    pub due_at: Option<Time>,
}

/// What this viewer is asked to investigate.
///
/// # Errors
/// What the database says.
pub async fn asked(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Asked>, Problem> {
    let mut all = Vec::new();
    for turn in store::open_of(conn, &viewer.id).await? {
        let retro = retros::find(conn, viewer, &turn.retrospective_id).await?;
        if let Some(retro) = retro.filter(|retro| retro.state.is_running()) {
            let Turn { because, context, due_at, .. } = turn;
            all.push(Asked { retro, because, context, due_at });
        }
    }
    Ok(all)
}

/// The reviews whose chain came to its end and that nobody owns, for who decides about them.
///
/// # Errors
/// What the database says.
pub async fn unowned(
    conn: &mut Conn,
    viewer: &Viewer,
    most: usize,
) -> Result<Vec<Retrospective>, Problem> {
    let mut all = Vec::new();
    let looked_at = i64::try_from(store::MANY).unwrap_or(i64::MAX);
    let unowned = retros::unowned(conn, viewer, looked_at).await?;
    if unowned.is_empty() {
        return Ok(all);
    }
    let ids: Vec<_> = unowned.iter().map(|retro| retro.id.clone()).collect();
    let ended = store::ended_of(conn, &ids).await?;
    for retro in unowned.into_iter().filter(|retro| ended.contains(&retro.id)) {
        if all.len() == most {
            break;
        }
        if viewer.can_decide() || commands(conn, viewer, &retro).await? {
            all.push(retro);
        }
    }
    Ok(all)
}

/// Whether somebody who does not decide everywhere decides about this one.
async fn commands(
    conn: &mut Conn,
    viewer: &Viewer,
    retro: &Retrospective,
) -> Result<bool, Problem> {
    match incidents::find_by_id(conn, viewer, &retro.incident_id).await? {
        Some(incident) => Ok(incidents::may_decide(conn, viewer, &incident).await?),
        None => Ok(false),
    }
}
