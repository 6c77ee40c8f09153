//! Actions as the search index reads them: whoever asks, since the index asks again who looks.

use super::action::StateName;
use crate::incidents::IncidentId;
use crate::retrospectives::RetrospectiveId;
use kit::db::{Conn, Result, query};
use kit::sql;

/// An action, for the index.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Indexed {
    /// The number in `ACT-7`.
    pub number: i64,
    /// The retrospective it comes from.
    pub retrospective_id: RetrospectiveId,
    /// What is promised.
    pub title: String,
    /// How we know that it is done.
    pub done_when: String,
    /// What it is expected to change.
    pub effect: String,
    /// Where it is in its life.
    pub state: StateName,
    /// What was said with its last move.
    pub note: String,
}

impl Indexed {
    /// Whether only the draft's people see it while nothing is published.
    #[must_use]
    pub fn is_of_draft(&self) -> bool {
        matches!(self.state, StateName::Proposed | StateName::Declined)
    }
}

/// The actions that came of an incident, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn list_for_system(conn: &mut Conn, incident: &IncidentId) -> Result<Vec<Indexed>> {
    let select = query(sql!(
        "select a.number, a.retrospective_id, a.title, a.done_when, a.effect, a.state, m.note
         from actions a join action_moves m on m.action_id = a.id and m.n = (
             select max(l.n) from action_moves l where l.action_id = a.id)
         where a.incident_id = $1 order by a.number"
    ));
    select.bind(incident.clone()).all(conn).await
}
