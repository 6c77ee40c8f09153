//! What was changed before an incident, and who made the change, as far as evidence says so.

use super::store::live;
use crate::incidents::IncidentId;
use kit::db::{Conn, Result, Time, query};
use kit::sql;

/// A deployment, a change of configuration or of a flag.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Change {
    /// Who made it, as its source calls them.
    pub author: String,
    /// When.
    pub occurred_at: Time,
}

/// The changes among an incident's evidence that people made, up to a time, the last one first; whoever
/// asks. For knowing whom to ask about it.
///
/// # Errors
/// What the database says.
pub async fn changes_for_system(
    conn: &mut Conn,
    incident: &IncidentId,
    until: Time,
) -> Result<Vec<Change>> {
    let select = query(sql!(concat!(
        "select e.author, e.occurred_at from evidence e
         where e.incident_id = $1 and e.kind in ('deploy', 'config', 'flag') and e.occurred_at <= $2
           and e.author is not null and e.author <> '' and not e.author_is_bot and ",
        live!(),
        " order by e.occurred_at desc, e.tie desc, e.id desc limit 20"
    )));
    select.bind(incident.clone()).bind(until).all(conn).await
}
