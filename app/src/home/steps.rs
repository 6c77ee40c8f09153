//! What waits for somebody, each in one sentence: what to decide, to write, to keep.

use super::asked;
use crate::access::Viewer;
use crate::actions::{self, StateName};
use crate::incidents::store_many;
use crate::incidents::{self, Incident, IncidentId, Whole};
use crate::policy::{Known, Proposal, Proposer};
use crate::requests::ForHome;
use crate::retrospectives::{self, NextStep, Retrospective};
use crate::risks;
use crate::shell::moment;
use kit::db::{Conn, Time};
use kit::web::Problem;
use serde::Serialize;
use std::collections::HashMap;
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
    let mut undecided = match viewer.can_write() {
        true => retrospectives::undecided(conn, viewer, UNDECIDED).await?,
        false => Vec::new(),
    };
    if viewer.can_decide() {
        undecided.truncate(MOST);
    }
    let ids: Vec<IncidentId> = undecided.iter().map(|one| one.id.clone()).collect();
    let asked = asked::read(conn, viewer, &ids, now).await?;
    let parts = store_many::parts_of(conn, &asked::looked_at(viewer, ids, &asked)).await?;
    let mut items = to_decide(conn, viewer, &undecided, (&parts, &asked)).await?;
    items.extend(asked::to_investigate(conn, viewer).await?);
    items.extend(asked::to_answer(viewer, &asked, &parts, now));
    items.extend(asked::answered(asked));
    items.extend(to_write(conn, viewer).await?);
    items.extend(to_keep(conn, viewer, &moment::today(now)).await?);
    items.truncate(MOST);
    Ok(items)
}

/// Incidents that have ended and wait for this viewer's decision: all for who decides, else those
/// that they commanded.
async fn to_decide(
    conn: &mut Conn,
    viewer: &Viewer,
    undecided: &[Incident],
    (parts, asked): (&HashMap<IncidentId, Whole>, &ForHome),
) -> Result<Vec<Item>, Problem> {
    let nothing = Whole::default();
    let known = undecided.iter().map(|incident| Known {
        incident,
        parts: parts.get(&incident.id).unwrap_or(&nothing),
        requests: asked.counts.get(&incident.id).copied().unwrap_or(0),
    });
    let theirs = known.filter(|one| incidents::decides(viewer, &one.parts.participants));
    let theirs: Vec<Known<'_>> = theirs.take(MOST).collect();
    if theirs.is_empty() {
        return Ok(Vec::new());
    }
    let proposals = Proposer::read(conn).await?.proposals(conn, &theirs).await?;
    Ok(theirs.iter().zip(proposals).map(|(one, proposal)| decision(one, proposal)).collect())
}

fn decision(known: &Known<'_>, Proposal { choice, .. }: Proposal) -> Item {
    let why = match choice.kind() {
        Some(kind) => format!("Proposed: {}. {}", kind.name, choice.why),
        None => choice.why,
    };
    let key = known.incident.key();
    Item {
        sentence: format!("Decide how “{}” is reviewed", known.incident.title),
        why: format!("{key} · {why}"),
        tag: "30 seconds".to_owned(),
        url: format!("/i/{key}/retro"),
        label: "Decide".to_owned(),
    }
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
