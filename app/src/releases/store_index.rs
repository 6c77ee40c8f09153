//! Releases as the search index reads them: whoever asks, since the index asks again who looks.

use crate::incidents::IncidentId;
use crate::retrospectives::{RetrospectiveId, store_index};
use kit::db::{Conn, Result, query};
use kit::sql;

/// A release, for the index.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Indexed {
    /// Of which retrospective.
    pub retrospective_id: RetrospectiveId,
    /// 1, 2, … in its retrospective.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// What it says, as Markdown.
    pub markdown: String,
}

/// The releases of an incident that are out and not superseded, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn list_for_system(conn: &mut Conn, incident: &IncidentId) -> Result<Vec<Indexed>> {
    let select = query(sql!(
        "select retrospective_id, number, title, markdown from releases
         where incident_id = $1 and state = 'published' order by number"
    ));
    let mut all: Vec<Indexed> = select.bind(incident.clone()).all(conn).await?;
    let closed = store_index::closed_for_system(conn, incident).await?;
    all.retain(|one| !closed.contains(&one.retrospective_id));
    Ok(all)
}
