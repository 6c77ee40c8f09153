//! Changing the kind, up when it is bigger than it looked or down when it is smaller. No word is lost:
//! sections that the new kind does not have stay, if something is written in them.

use super::open::REASON_MAX;
use super::retrospective::RetrospectiveId;
use super::{need_for_writing, store, store_sections};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::kinds::Kind;
use kit::db::{Result as DbResult, Time, Tx};
use kit::web::Problem;
use serde_json::json;

/// Sections of another kind stand after those of the own one.
const AFTER_THE_KINDS_OWN: i64 = 1000;

/// Gives it another kind.
///
/// # Errors
/// 404 for who is not one of its people; 409 when somebody changed it since `version`; 422 without a
/// reason.
pub async fn change_kind(
    app: &App,
    viewer: &Viewer,
    key: &str,
    version: i64,
    (kind, reason): (&'static Kind, &str),
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let reason = reason.trim();
    if kit::line::is_blank(reason) || reason.chars().count() > REASON_MAX {
        let detail = format!("Say in a sentence why, of at most {REASON_MAX} characters.");
        return Err(Problem::field("reason", detail));
    }
    if !store::set_kind(&mut tx, &retro.id, version, (kind, reason), now).await? {
        let detail =
            "Somebody changed this retrospective while you looked. Nothing was overwritten.";
        return Err(Problem::conflict("changed", detail));
    }
    lay_out(&mut tx, &retro.id, kind, now).await?;
    let deed = Deed::new(&viewer.id, "retrospective.kind_changed", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let deed = deed.before(json!({ "kind": retro.kind, "because": retro.kind_reason }));
    let deed = deed.after(json!({ "kind": kind.id, "because": reason }));
    audit::record(&mut tx, now, deed).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts the kind's sections in their order, empty where they are new, and the others after them.
pub(super) async fn lay_out(
    tx: &mut Tx,
    id: &RetrospectiveId,
    kind: &Kind,
    now: Time,
) -> DbResult<()> {
    let there = store_sections::sections(tx, id).await?;
    for (position, section) in (1..).zip(&kind.sections) {
        store_sections::place(tx, id, section, position, now).await?;
    }
    let left = there.iter().filter(|one| !kind.sections.contains(&one.section));
    for (position, section) in (AFTER_THE_KINDS_OWN..).zip(left) {
        store_sections::place(tx, id, &section.section, position, now).await?;
    }
    Ok(())
}
