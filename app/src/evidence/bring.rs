//! Bringing evidence that is already read: items a program of ours made, not a file somebody sent.

use super::import::item::Item;
use super::piece::{EvidenceId, NewEvidence};
use super::store_write::{self, By};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::incidents::Incident;
use kit::web::Problem;
use serde_json::json;

/// Writes items down as evidence; each fact once. Gives their ids in the items' order.
///
/// # Errors
/// 403 for who does not write.
pub async fn bring(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    items: Vec<Item>,
) -> Result<Vec<EvidenceId>, Problem> {
    viewer.must_write()?;
    let now = app.now();
    let count = items.len();
    let pieces: Vec<NewEvidence> = (0..)
        .zip(items)
        .map(|(tie, item)| NewEvidence::new(&incident.id, item, tie, None))
        .collect();
    let ids = pieces.iter().map(|piece| piece.id.clone()).collect();
    let by = By { incident: incident.id.clone(), import: None, person: viewer.id.clone(), now };
    let mut tx = app.db.write().await?;
    let taken = store_write::insert(&mut tx, &by, pieces).await?;
    let key = incident.key().to_string();
    let deed = Deed::new(&viewer.id, "evidence.brought", &key).of(incident.id.as_str());
    let after = json!({ "count": count, "added": taken.added });
    audit::record(&mut tx, now, deed.after(after)).await?;
    tx.commit().await?;
    Ok(ids)
}
