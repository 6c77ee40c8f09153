//! Reviews that were asked for: for who answers, those that wait; for who asked, the answers of late.

use super::steps::Item;
use crate::access::Viewer;
use crate::incidents::{self, IncidentId, Whole};
use crate::investigators;
use crate::requests::{self, ForHome, Request, State, Wanted};
use crate::shell::words;
use jiff::SignedDuration;
use kit::db::{Conn, Time};
use kit::web::Problem;
use std::collections::HashMap;

/// How many that wait are looked through for those who do not decide about all.
const LOOKED_AT: i64 = 40;
/// How many are shown.
const MOST: i64 = 6;
/// For how many days an answer stays on its asker's page.
const DAYS: i64 = 14;

/// What is told of requests to this viewer, and how many there are for incidents that were found for them.
pub(super) async fn read(
    conn: &mut Conn,
    viewer: &Viewer,
    counted: &[IncidentId],
    now: Time,
) -> Result<ForHome, Problem> {
    let since = now.timestamp().checked_sub(SignedDuration::from_hours(24 * DAYS));
    let since = Time::new(since.unwrap_or(now.timestamp()));
    let open = match (viewer.can_write(), viewer.can_decide()) {
        (_, true) => MOST,
        (true, _) => LOOKED_AT,
        _ => 0,
    };
    let wanted = Wanted { open, since, answered: MOST, counted };
    Ok(requests::for_home(conn, viewer, wanted).await?)
}

/// The incidents whose people tell who decides: these, and for who does not decide about all those that a
/// review was asked of.
pub(super) fn looked_at(
    viewer: &Viewer,
    mut ids: Vec<IncidentId>,
    asked: &ForHome,
) -> Vec<IncidentId> {
    if !viewer.can_decide() {
        ids.extend(asked.open.iter().map(|one| one.incident_id.clone()));
        ids.sort();
        ids.dedup();
    }
    ids
}

/// Those that this viewer may answer, those due first first.
pub(super) fn to_answer(
    viewer: &Viewer,
    asked: &ForHome,
    parts: &HashMap<IncidentId, Whole>,
    now: Time,
) -> Vec<Item> {
    let nothing = Whole::default();
    let is_theirs = |one: &&Request| {
        let parts = parts.get(&one.incident_id).unwrap_or(&nothing);
        incidents::decides(viewer, &parts.participants)
    };
    let most = usize::try_from(MOST).unwrap_or(1);
    let theirs = asked.open.iter().filter(is_theirs).take(most);
    let item = |one: &Request| Item {
        sentence: format!("{} asks for a review of “{}”", one.asked_name, one.incident_title),
        why: format!("{} · {} · due by {}", one.key(), one.reason, words::date(one.due_at)),
        tag: if one.is_late(now) { "late" } else { "asked" }.to_owned(),
        url: format!("/i/{}#asked-h", one.key()),
        label: "Answer".to_owned(),
    };
    theirs.map(item).collect()
}

/// Reviews that this viewer is asked to investigate, and those that nobody is left to be asked for.
pub(super) async fn to_investigate(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Item>, Problem> {
    let mut items = Vec::new();
    if !viewer.can_write() {
        return Ok(items);
    }
    let most = usize::try_from(MOST).unwrap_or(1);
    for one in investigators::asked(conn, viewer).await?.into_iter().take(most) {
        let by = one.due_at.map(|due| format!("by {} UTC", words::minute(due)));
        items.push(Item {
            sentence: format!("Would you investigate “{}”?", one.retro.title),
            why: format!(
                "{} · {}; letting it go on needs no reason",
                one.retro.address(),
                one.because
            ),
            tag: by.unwrap_or_else(|| "asked".to_owned()),
            url: format!("/r/{}/investigator", one.retro.address()),
            label: "Answer".to_owned(),
        });
    }
    for retro in investigators::unowned(conn, viewer, most).await? {
        items.push(Item {
            sentence: format!("Find somebody who investigates “{}”", retro.title),
            why: format!("{} · everybody whom the rules found was asked", retro.address()),
            tag: "nobody owns it".to_owned(),
            url: format!("/r/{}/investigator", retro.address()),
            label: "Look".to_owned(),
        });
    }
    Ok(items)
}

/// What this viewer was answered of late.
pub(super) fn answered(asked: ForHome) -> Vec<Item> {
    let item = |one: Request| Item {
        sentence: match one.state {
            State::Accepted => {
                format!("Your wish for a review of “{}” was accepted", one.incident_title)
            }
            _ => format!("Your wish for a review of “{}” was declined", one.incident_title),
        },
        why: format!(
            "{} · {}: {}",
            one.key(),
            one.answered_name.as_deref().unwrap_or("somebody"),
            one.answer
        ),
        tag: one.state.label().to_owned(),
        url: format!("/i/{}#asked-h", one.key()),
        label: "Look".to_owned(),
    };
    asked.answered.into_iter().map(item).collect()
}
