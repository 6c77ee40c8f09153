//! Undo: for a day after it was made, a change is taken back whole, by anybody who may write.

use super::change::{ChangeId, Changed, Changing};
use super::entry::Entry;
use super::{store, store_changes};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::incidents::Incident;
use kit::db::Time;
use kit::web::Problem;

/// How long a change can be undone, in hours.
pub const UNDO_HOURS: i64 = 24;

/// Whether a change of then can still be undone.
#[must_use]
pub fn is_in_time(then: Time, now: Time) -> bool {
    now.microseconds() - then.microseconds() <= UNDO_HOURS * 3_600_000_000
}

/// Undoes a change, or this person's last one.
///
/// # Errors
/// 403 for who does not write; 404; 409 with words when there is nothing to undo, it was undone, is
/// too long ago, or somebody changed the same entries since.
pub async fn undo(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    change: Option<&ChangeId>,
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let tx = &mut changing.tx;
    let change = match change {
        Some(id) => {
            store_changes::find(tx, &incident.id, id).await?.ok_or_else(Problem::not_found)?
        }
        None => store_changes::last_by(tx, &incident.id, &viewer.id)
            .await?
            .ok_or_else(|| Problem::conflict("nothing", "There is nothing of yours to undo."))?,
    };
    let said = change.says.trim_end_matches('.').to_owned();
    if change.undone_at.is_some() {
        let detail = format!("“{said}” is undone already.");
        return Err(Problem::conflict("undone", detail));
    }
    if !is_in_time(change.at, changing.now) {
        let detail = format!(
            "“{said}” was done more than {UNDO_HOURS} hours ago. Edit the entries instead."
        );
        return Err(Problem::conflict("too_late", detail));
    }
    let tx = &mut changing.tx;
    let later = store_changes::after(tx, &incident.id, change.n).await?;
    let touches = |id| change.entries.contains(id);
    if let Some(other) = later.iter().find(|later| later.entries.iter().any(touches)) {
        let other = other.says.trim_end_matches('.');
        let detail = format!(
            "“{said}” cannot be undone: “{other}” changed the same entry later. Undo that first."
        );
        return Err(Problem::conflict("changed_since", detail));
    }
    let before = store_changes::before(tx, &change).await?;
    for id in change.entries.iter() {
        let now = store::find_even_deleted(&mut changing.tx, &incident.id, id).await?;
        let Some(now) = now else { continue };
        match before.iter().find(|entry| entry.id == *id) {
            Some(past) => changing.restore(&now, past).await?,
            // It was added by the change.
            None => changing.take_away(&now).await?,
        }
    }
    let now = changing.now;
    store_changes::mark_undone(&mut changing.tx, &change, now).await?;
    let says = format!("Undone: {}", lower_first(&change.says));
    changing.end("timeline.undone", None, says, session).await
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_lowercase().collect::<String>()).unwrap_or_default();
    first + letters.as_str()
}

/// The entries that are on the timeline, of those a change touched.
#[must_use]
pub fn still_there(changed: &Changed) -> Vec<&Entry> {
    changed.entries.iter().filter(|entry| entry.deleted_at.is_none()).collect()
}
