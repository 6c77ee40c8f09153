//! What waits for somebody, each in one sentence: what to decide, to write, to keep.

use super::asked;
use crate::access::Viewer;
use crate::actions::{self, StateName};
use crate::incidents::{self, Incident};
use crate::policy::Proposer;
use crate::retrospectives::{self, NextStep, Retrospective};
use crate::risks;
use crate::shell::moment;
use kit::db::{Conn, Time};
use kit::web::Problem;
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;

/// How many steps are shown.
const MOST: usize = 12;

/// How many incidents without a decision are looked through.
const UNDECIDED: i64 = 40;

/// Something to do, in one sentence.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = NextStep)]
pub struct Item {
    /// What to do.
    pub sentence: String,
    /// Why, or what helps.
    pub why: String,
    /// Of what, or how long it takes.
    pub tag: String,
    /// Where.
    pub url: String,
    /// The button.
    pub label: String,
}

/// This viewer's next steps, what stands first first.
///
/// # Errors
/// What the database says.
pub async fn of(conn: &mut Conn, viewer: &Viewer, now: Time) -> Result<Vec<Item>, Problem> {
    let mut items = to_decide(conn, viewer).await?;
    items.extend(asked::to_investigate(conn, viewer).await?);
    items.extend(asked::to_answer(conn, viewer, now).await?);
    items.extend(asked::answered(conn, viewer, now).await?);
    items.extend(to_write(conn, viewer).await?);
    items.extend(to_keep(conn, viewer, &moment::today(now)).await?);
    items.truncate(MOST);
    Ok(items)
}

/// Incidents that have ended and wait for this viewer's decision: all for who decides, else those
/// that they wrote down or commanded.
async fn to_decide(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Item>, Problem> {
    let mut items = Vec::new();
    if !viewer.can_write() {
        return Ok(items);
    }
    let mut numbers = retrospectives::undecided(conn, viewer, UNDECIDED).await?;
    if viewer.can_decide() {
        numbers.truncate(MOST);
    }
    if numbers.is_empty() {
        return Ok(items);
    }
    let mut found = incidents::store_index::find_many(conn, viewer, &numbers).await?;
    found.sort_by_key(|incident| Reverse(incident.number));
    let proposer = Proposer::read(conn).await?;
    for incident in &found {
        if items.len() == MOST {
            break;
        }
        items.extend(decision(conn, viewer, &proposer, incident).await?);
    }
    Ok(items)
}

async fn decision(
    conn: &mut Conn,
    viewer: &Viewer,
    proposer: &Proposer,
    incident: &Incident,
) -> Result<Option<Item>, Problem> {
    let parts = incidents::whole(conn, viewer, incident).await?;
    if !incidents::decides(viewer, &parts.participants) {
        return Ok(None);
    }
    let choice = proposer.proposal(conn, incident, &parts).await?.choice;
    let why = match choice.kind() {
        Some(kind) => format!("Proposed: {}. {}", kind.name, choice.why),
        None => choice.why,
    };
    let key = incident.key();
    Ok(Some(Item {
        sentence: format!("Decide how “{}” is reviewed", incident.title),
        why: format!("{key} · {why}"),
        tag: "30 seconds".to_owned(),
        url: format!("/i/{key}/retro"),
        label: "Decide".to_owned(),
    }))
}

/// The next step of each draft that this viewer owns, and of those that nobody owns yet.
async fn to_write(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Item>, Problem> {
    if !viewer.can_write() {
        return Ok(Vec::new());
    }
    let steps = retrospectives::next_steps(conn, viewer).await?.into_iter();
    let item = |(retro, next): (Retrospective, NextStep)| Item {
        sentence: next.sentence,
        why: format!("{} · {} · {}", retro.address(), retro.title, next.why),
        tag: retro.state.label().to_owned(),
        url: next.url,
        label: if next.moves_to.is_some() { "Open".to_owned() } else { next.label },
    };
    Ok(steps.map(item).collect())
}

/// What this viewer promised and is due, what of their retrospectives is to be verified, and the risks
/// they carry whose day has come.
async fn to_keep(conn: &mut Conn, viewer: &Viewer, today: &str) -> Result<Vec<Item>, Problem> {
    let mut items = Vec::new();
    if !viewer.can_write() {
        return Ok(items);
    }
    for one in actions::mine(conn, viewer, today).await? {
        let is_done = one.state == StateName::Done;
        let due = actions::due_in_words(&one, today).unwrap_or_default();
        items.push(Item {
            sentence: match is_done {
                true => format!("See whether “{}” holds", one.title),
                false => one.title.clone(),
            },
            why: match is_done {
                true => format!("{} · its owner says: {}", one.key(), one.note),
                false => format!("{} · done when: {}", one.key(), one.done_when),
            },
            tag: if is_done { "to verify".to_owned() } else { due },
            url: format!("/actions/{}", one.key()),
            label: if is_done { "Look".to_owned() } else { "Open".to_owned() },
        });
    }
    for one in risks::mine_to_review(conn, viewer, today).await? {
        items.push(Item {
            sentence: format!("Look again at the risk “{}”", one.statement),
            why: format!("{} · you carry it; its day has come", one.key()),
            tag: "review".to_owned(),
            url: format!("/risks/{}", one.key()),
            label: "Look".to_owned(),
        });
    }
    Ok(items)
}
