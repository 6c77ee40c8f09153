//! Putting something on top of a kind, and taking it off: that a regulator asks for something, say.

use super::change_kind::{lay_out, must_say_why};
use super::retrospective::{Retrospective, sections_of};
use super::{need_for_writing, store, store_overlays};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::kinds::Overlay;
use kit::db::{Result as DbResult, Time, Tx};
use kit::web::Problem;
use serde_json::json;

/// Puts an overlay on, with the reason; its sections come, empty. Once it is on, that stands.
///
/// # Errors
/// 404 for who is not one of its people, or when there is no such overlay; 422 without a reason.
pub async fn put_on(
    app: &App,
    viewer: &Viewer,
    key: &str,
    (overlay, reason): (&str, &str),
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let overlay = retro.library().overlay(overlay).ok_or_else(Problem::not_found)?;
    let reason = must_say_why(reason)?;
    put(&mut tx, &retro, overlay, (&viewer.id, reason), now).await?;
    tx.commit().await?;
    Ok(())
}

/// The same within a deed.
pub(super) async fn put(
    tx: &mut Tx,
    retro: &Retrospective,
    overlay: &'static Overlay,
    (by, reason): (&PersonId, &str),
    now: Time,
) -> DbResult<()> {
    if !store_overlays::insert(tx, &retro.id, &overlay.id, (by, reason), now).await? {
        return Ok(());
    }
    let on = store_overlays::put_on(tx, &retro.id).await?;
    let on_top: Vec<_> =
        on.iter().filter_map(|one| retro.library().overlay(&one.overlay)).collect();
    lay_out(tx, &retro.id, &sections_of(retro.kind(), &on_top), now).await?;
    store::touch(tx, &retro.id, now).await?;
    let deed = Deed::new(by, "retrospective.overlay_put_on", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let deed = deed.after(json!({ "overlay": overlay.id, "because": reason }));
    audit::record(tx, now, deed).await
}

/// Takes an overlay off. What was written in its sections and fields stays.
///
/// # Errors
/// 404 for who is not one of its people, or when it is not on; 422 without a reason.
pub async fn take_off(
    app: &App,
    viewer: &Viewer,
    key: &str,
    (overlay, reason): (&str, &str),
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let reason = must_say_why(reason)?;
    let was = store_overlays::put_on(&mut tx, &retro.id).await?;
    let was = was.into_iter().find(|one| one.overlay == overlay).ok_or_else(Problem::not_found)?;
    store_overlays::remove(&mut tx, &retro.id, overlay).await?;
    let mut on_top = retro.overlays();
    on_top.retain(|one| one.id != overlay);
    lay_out(&mut tx, &retro.id, &sections_of(retro.kind(), &on_top), now).await?;
    store::touch(&mut tx, &retro.id, now).await?;
    let deed = Deed::new(&viewer.id, "retrospective.overlay_taken_off", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let deed = deed.before(json!({ "overlay": overlay, "because": was.reason }));
    audit::record(&mut tx, now, deed.after(json!({ "because": reason }))).await?;
    tx.commit().await?;
    Ok(())
}
