//! Reviews that were asked for: for who answers, those that wait; for who asked, the answers of late.

use super::steps::Item;
use crate::access::Viewer;
use crate::incidents;
use crate::investigators;
use crate::requests::{self, State};
use crate::shell::words;
use jiff::SignedDuration;
use kit::db::{Conn, Time};
use kit::web::Problem;

/// How many that wait are looked through.
const LOOKED_AT: i64 = 100;
/// How many are shown.
const MOST: usize = 6;
/// For how many days an answer stays on its asker's page.
const DAYS: i64 = 14;

/// Those that this viewer may answer, those due first first.
pub(super) async fn to_answer(
    conn: &mut Conn,
    viewer: &Viewer,
    now: Time,
) -> Result<Vec<Item>, Problem> {
    let mut items = Vec::new();
    if !viewer.can_write() {
        return Ok(items);
    }
    for one in requests::open_ones(conn, viewer, LOOKED_AT).await? {
        let incident = incidents::find_by_id(conn, viewer, &one.incident_id).await?;
        let Some(incident) = incident else { continue };
        if items.len() == MOST || !incidents::may_decide(conn, viewer, &incident).await? {
            continue;
        }
        let late = if one.is_late(now) { "late" } else { "asked" };
        items.push(Item {
            sentence: format!("{} asks for a review of “{}”", one.asked_name, one.incident_title),
            why: format!("{} · {} · due by {}", one.key(), one.reason, words::date(one.due_at)),
            tag: late.to_owned(),
            url: format!("/i/{}#asked-h", one.key()),
            label: "Answer".to_owned(),
        });
    }
    Ok(items)
}

/// Reviews that this viewer is asked to investigate, and those that nobody is left to be asked for.
pub(super) async fn to_investigate(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Item>, Problem> {
    let mut items = Vec::new();
    if !viewer.can_write() {
        return Ok(items);
    }
    for one in investigators::asked(conn, viewer).await?.into_iter().take(MOST) {
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
    for retro in investigators::unowned(conn, viewer, MOST).await? {
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
pub(super) async fn answered(
    conn: &mut Conn,
    viewer: &Viewer,
    now: Time,
) -> Result<Vec<Item>, Problem> {
    let since = now.timestamp().checked_sub(SignedDuration::from_hours(24 * DAYS));
    let since = Time::new(since.unwrap_or(now.timestamp()));
    let most = i64::try_from(MOST).unwrap_or(1);
    let all = requests::answered_for(conn, viewer, since, most).await?;
    let item = |one: requests::Request| Item {
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
    Ok(all.into_iter().map(item).collect())
}
