//! Retrospectives as the search index reads them: whoever asks, since the index asks again who looks.

use super::retrospective::{RetrospectiveId, State};
use super::store_covers;
use crate::access::PersonId;
use crate::incidents::{IncidentId, Label, store_index};
use kit::db::{Conn, Result, query};
use kit::sql;

/// A retrospective, for the index.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Indexed {
    /// Its id.
    pub id: RetrospectiveId,
    /// Which of its incident's.
    pub nth: i64,
    /// What it is called.
    pub title: String,
    /// Where it is in its life.
    pub state: State,
    /// Why there is no action.
    pub no_action_because: String,
    /// How many releases are out.
    pub published: i64,
}

/// The retrospectives of an incident, also those that were waived, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn list_for_system(conn: &mut Conn, incident: &IncidentId) -> Result<Vec<Indexed>> {
    let select = query(sql!(
        "select r.id, r.nth, r.title, r.state, r.no_action_because,
                (select count(*) from retrospective_moves m where m.retrospective_id = r.id
                    and m.state in ('published', 'revised')) as published
         from retrospectives r
         where r.incident_id = $1 order by r.nth"
    ));
    let mut all: Vec<Indexed> = select.bind(incident.clone()).all(conn).await?;
    let closed = closed_for_system(conn, incident).await?;
    all.retain(|one| !closed.contains(&one.id));
    Ok(all)
}

/// The retrospectives of an incident that cover a private one: who may see them follows from both, so
/// they are read on their pages only and are in no index.
///
/// # Errors
/// What the database says.
pub async fn closed_for_system(
    conn: &mut Conn,
    incident: &IncidentId,
) -> Result<Vec<RetrospectiveId>> {
    let mut closed = Vec::new();
    for (id, covered) in store_covers::covered_for_system(conn, incident).await? {
        let covered = store_index::find_for_system(conn, &covered).await?;
        if covered.is_none_or(|one| one.label == Label::Red) && !closed.contains(&id) {
            closed.push(id);
        }
    }
    Ok(closed)
}

#[derive(sqlx::FromRow)]
struct Somebody {
    person_id: PersonId,
}

/// The people who may read a draft, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn people_for_system(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<PersonId>> {
    let select = query(sql!(
        "select distinct person_id from retrospective_people where retrospective_id = $1
         order by person_id"
    ));
    let rows: Vec<Somebody> = select.bind(id.clone()).all(conn).await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}
