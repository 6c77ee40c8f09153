//! Risks as the search index reads them: whoever asks, since the index asks again who looks.

use crate::incidents::IncidentId;
use crate::retrospectives::RetrospectiveId;
use kit::db::{Conn, Result, query};
use kit::sql;

/// A risk, for the index.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Indexed {
    /// The number in `RISK-3`.
    pub number: i64,
    /// The retrospective it comes from.
    pub retrospective_id: RetrospectiveId,
    /// What could hurt us.
    pub statement: String,
    /// How its impact is softened.
    pub softened_by: String,
    /// What was said with its last move.
    pub note: String,
    /// How many moves it made.
    pub moves: i64,
    /// Whether an action became it.
    pub was_action: bool,
}

impl Indexed {
    /// Whether only the draft's people see it while nothing is published.
    #[must_use]
    pub fn is_of_draft(&self) -> bool {
        !self.was_action && self.moves < 2
    }
}

/// The risks that came of an incident, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn list_for_system(conn: &mut Conn, incident: &IncidentId) -> Result<Vec<Indexed>> {
    let select = query(sql!(
        "select k.number, k.retrospective_id, k.statement, k.softened_by, m.note, m.n as moves,
                (k.action_id is not null) as was_action
         from risks k join risk_moves m on m.risk_id = k.id and m.n = (
             select max(l.n) from risk_moves l where l.risk_id = k.id)
         where k.incident_id = $1 order by k.number"
    ));
    select.bind(incident.clone()).all(conn).await
}
