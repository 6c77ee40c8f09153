//! Releases as the search index reads them: whoever asks, since the index asks again who looks.

use crate::incidents::IncidentId;
use kit::db::{Conn, Result, query};
use kit::sql;

/// A release, for the index.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Indexed {
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
        "select number, title, markdown from releases
         where incident_id = $1 and state = 'published' order by number"
    ));
    select.bind(incident.clone()).all(conn).await
}
