//! Suggesting an action in a retrospective, and changing its words.

use super::action::{Owner, Refused, StateName};
use super::said::NewAction;
use super::store::{self, Action};
use super::{find, store_write};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::factors;
use crate::retrospectives::{RetrospectiveId, need_for_writing};
use crate::{people, teams};
use kit::db::{Conn, DbError, Tx};
use kit::web::Problem;
use serde_json::json;

/// That what it answers belongs to the retrospective, and its owner is here.
async fn check_links(tx: &mut Tx, id: &RetrospectiveId, new: &NewAction) -> Result<(), Problem> {
    if factors::belonging(tx, id, &new.factors).await?.len() != new.factors.len() {
        return Err(Problem::field("factor", "Choose factors of this retrospective."));
    }
    if let Some(wanted) = &new.recommendation {
        let there = factors::recommendations_of(tx, id).await?;
        if !there.iter().any(|one| one.id == *wanted) {
            let other = "Choose a recommendation of this retrospective.";
            return Err(Problem::field("recommendation", other));
        }
    }
    match &new.owner {
        Some(owner) => check_owner(tx, owner).await,
        None => Ok(()),
    }
}

/// That an owner is here and can keep what they promise.
pub(super) async fn check_owner(conn: &mut Conn, owner: &Owner) -> Result<(), Problem> {
    let is_here = match owner {
        Owner::Person(person) => {
            people::find(conn, person).await?.is_some_and(|person| person.deactivated_at.is_none())
        }
        Owner::Team { team, .. } => teams::all(conn).await?.iter().any(|one| one.id == *team),
    };
    if is_here {
        return Ok(());
    }
    Err(Problem::field("owner", "Choose somebody who is here."))
}

/// Suggests an action; gives its number.
///
/// # Errors
/// 404 for who is not one of the draft's people; 422 when it says nothing, or its links are of
/// another retrospective.
pub async fn propose(
    app: &App,
    viewer: &Viewer,
    key: &str,
    new: &NewAction,
) -> Result<i64, Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    new.checked()?;
    check_links(&mut tx, &retro.id, new).await?;
    let of = (&retro.id, &retro.incident_id);
    let (id, number) = match store_write::insert(&mut tx, of, new, &viewer.id, now).await {
        Err(DbError::Duplicate { .. }) => {
            let again = "Somebody added one in the same moment. Send it again.";
            return Err(Problem::conflict("number", again));
        }
        done => done?,
    };
    let deed = Deed::new(&viewer.id, "action.proposed", id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let after = json!({ "number": number, "class": new.class, "aim": new.aim });
    audit::record(&mut tx, now, deed.after(after)).await?;
    tx.commit().await?;
    Ok(number)
}

/// Changes an action's words, if nobody else changed it since `version`. Who, when and how we know
/// are changed here only while it is proposed; what was promised is promised otherwise by a step.
///
/// # Errors
/// 404 when it does not exist for the viewer; 403 for who may not; 409 when somebody was faster or it
/// has ended; 422 as [`propose`].
pub async fn edit(
    app: &App,
    viewer: &Viewer,
    number: i64,
    version: i64,
    new: &NewAction,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let action = store::find(&mut tx, viewer, number).await?.ok_or_else(Problem::not_found)?;
    must_move(&action, viewer)?;
    if action.state.has_ended() {
        let detail = format!("It is {}; its words stay as they are.", action.state);
        return Err(Problem::conflict("ended", detail));
    }
    new.checked()?;
    check_links(&mut tx, &action.retrospective_id, new).await?;
    let is_teams = action.team_id.is_some() && action.state != StateName::Proposed;
    if is_teams && new.aim != super::Aim::Investigation {
        return Err(Problem::field("aim", Refused::TeamOwns));
    }
    if !store_write::edit(&mut tx, &action, version, new, now).await? {
        let detail = "Somebody changed it meanwhile. Open it again and compare.";
        return Err(Problem::conflict("changed", detail));
    }
    let deed = Deed::new(&viewer.id, "action.edited", action.id.as_str());
    let deed = deed.of(action.incident_id.as_str());
    let before = json!({ "class": action.class, "aim": action.aim, "strength": action.strength });
    let after = json!({ "class": new.class, "aim": new.aim, "strength": new.strength });
    audit::record(&mut tx, now, deed.before(before).after(after)).await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses who may see an action and may not move it.
pub(super) fn must_move(action: &Action, viewer: &Viewer) -> Result<(), Problem> {
    viewer.must_write()?;
    if action.may_be_moved_by(viewer) {
        return Ok(());
    }
    let detail = "Its owner moves it on, and so do those who decide or write the retrospective. Ask one of them.";
    Err(Problem::forbidden(detail))
}

/// The action of `ACT-7` or `7` in a path.
///
/// # Errors
/// 404, the same for what is hidden and what never was.
pub async fn need(conn: &mut Conn, viewer: &Viewer, key: &str) -> Result<Action, Problem> {
    let number = parse_key(key).ok_or_else(Problem::not_found)?;
    find(conn, viewer, number).await?.ok_or_else(Problem::not_found)
}

/// Reads `ACT-7`, in any case, or `7`.
#[must_use]
pub fn parse_key(text: &str) -> Option<i64> {
    let number = match text.get(..4) {
        Some(prefix) if prefix.eq_ignore_ascii_case("act-") => &text[4..],
        _ => text,
    };
    let is_plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number.parse().ok().filter(|number| is_plain && *number > 0)
}
