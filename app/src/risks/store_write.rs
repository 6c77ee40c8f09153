//! Risks in the database: how they are written.

use super::risk::{NewRisk, State, StateName};
use super::store::{Risk, RiskId};
use crate::access::PersonId;
use crate::actions::ActionId;
use crate::incidents::IncidentId;
use crate::retrospectives::RetrospectiveId;
use kit::db::{Result, Time, Tx, query};
use kit::sql;

kit::id!(
    /// The id of a line of history.
    MoveId,
    "rmv"
);

#[derive(sqlx::FromRow)]
struct Last {
    n: Option<i64>,
}

/// The next number.
///
/// # Errors
/// What the database says.
pub(super) async fn next_number(tx: &mut Tx) -> Result<i64> {
    let last: Last = query(sql!("select max(number) as n from risks")).one(tx).await?;
    Ok(last.n.unwrap_or(0) + 1)
}

/// Where a risk belongs.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub number: i64,
    pub retro: &'a RetrospectiveId,
    pub incident: &'a IncidentId,
    pub action: Option<&'a ActionId>,
}

/// Writes one down as open.
///
/// # Errors
/// What the database says; a duplicate when another writer took the number, on PostgreSQL.
pub(super) async fn insert(
    tx: &mut Tx,
    place: &Place<'_>,
    new: &NewRisk,
    (by, note): (&PersonId, &str),
    now: Time,
) -> Result<RiskId> {
    let id = RiskId::at(now);
    let insert = query(sql!(
        "insert into risks (id, number, retrospective_id, incident_id, action_id, statement,
             likelihood, impact, softened_by, state, review_on, created_by, created_at,
             updated_at, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, $12, $12, 1)"
    ));
    let insert = insert.bind(id.clone()).bind(place.number).bind(place.retro.clone());
    let insert = insert.bind(place.incident.clone()).bind(place.action.cloned());
    let insert = insert.bind(new.statement.clone()).bind(new.likelihood).bind(new.impact);
    let insert = insert.bind(new.softened_by.trim().to_owned()).bind(new.review_on.clone());
    insert.bind(by.clone()).bind(now).run(tx).await?;
    set_links(tx, &id, new).await?;
    add_move(tx, &id, StateName::Open, (by, note), now).await?;
    Ok(id)
}

/// Changes its words, if nobody else changed it since `version`. Says whether it did.
///
/// # Errors
/// What the database says.
pub(super) async fn edit(
    tx: &mut Tx,
    risk: &Risk,
    version: i64,
    new: &NewRisk,
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update risks set statement = $3, likelihood = $4, impact = $5, softened_by = $6,
             updated_at = $7, version = version + 1
         where id = $1 and version = $2"
    ));
    let update = update.bind(risk.id.clone()).bind(version).bind(new.statement.clone());
    let update = update.bind(new.likelihood).bind(new.impact);
    let update = update.bind(new.softened_by.trim().to_owned());
    if update.bind(now).run(tx).await? == 0 {
        return Ok(false);
    }
    set_links(tx, &risk.id, new).await?;
    Ok(true)
}

async fn set_links(tx: &mut Tx, id: &RiskId, new: &NewRisk) -> Result<()> {
    let delete = query(sql!("delete from risk_factors where risk_id = $1"));
    delete.bind(id.clone()).run(tx).await?;
    for factor in &new.factors {
        let insert = query(sql!(
            "insert into risk_factors (risk_id, factor_id) values ($1, $2)
             on conflict (risk_id, factor_id) do nothing"
        ));
        insert.bind(id.clone()).bind(factor.clone()).run(tx).await?;
    }
    let delete = query(sql!("delete from risk_services where risk_id = $1"));
    delete.bind(id.clone()).run(tx).await?;
    for service in &new.services {
        let insert = query(sql!(
            "insert into risk_services (risk_id, service_id) values ($1, $2)
             on conflict (risk_id, service_id) do nothing"
        ));
        insert.bind(id.clone()).bind(service.clone()).run(tx).await?;
    }
    Ok(())
}

/// Puts it into a state, if nobody else changed it since it was read. Says whether it did.
///
/// # Errors
/// What the database says.
pub(super) async fn set_state(
    tx: &mut Tx,
    risk: &Risk,
    state: &State,
    review_on: Option<String>,
    now: Time,
) -> Result<bool> {
    let (by, at, until) = match state {
        State::Accepted(acceptance) => {
            let until = acceptance.until().to_owned();
            (Some(acceptance.by().clone()), Some(now), Some(until))
        }
        State::DueForReview => {
            (risk.accepted_by.clone(), risk.accepted_at, risk.accepted_until.clone())
        }
        _ => (None, None, None),
    };
    let update = query(sql!(
        "update risks set state = $3, accepted_by = $4, accepted_at = $5, accepted_until = $6,
             review_on = $7, updated_at = $8, version = version + 1
         where id = $1 and version = $2"
    ));
    let update = update.bind(risk.id.clone()).bind(risk.version).bind(state.name());
    let update = update.bind(by).bind(at).bind(until).bind(review_on).bind(now);
    if update.run(tx).await? == 0 {
        return Ok(false);
    }
    if let State::Treated { actions } = state {
        let delete = query(sql!("delete from risk_actions where risk_id = $1"));
        delete.bind(risk.id.clone()).run(tx).await?;
        for action in actions {
            let insert = query(sql!(
                "insert into risk_actions (risk_id, action_id) values ($1, $2)
                 on conflict (risk_id, action_id) do nothing"
            ));
            insert.bind(risk.id.clone()).bind(action.clone()).run(tx).await?;
        }
    }
    Ok(true)
}

/// Writes a line into its history.
///
/// # Errors
/// What the database says.
pub(super) async fn add_move(
    tx: &mut Tx,
    id: &RiskId,
    state: StateName,
    (by, note): (&PersonId, &str),
    now: Time,
) -> Result<()> {
    let last = query(sql!("select max(n) as n from risk_moves where risk_id = $1"));
    let last: Last = last.bind(id.clone()).one(tx).await?;
    let insert = query(sql!(
        "insert into risk_moves (id, risk_id, n, state, at, by_person, note)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ));
    let insert = insert.bind(MoveId::at(now)).bind(id.clone()).bind(last.n.unwrap_or(0) + 1);
    insert.bind(state).bind(now).bind(by.clone()).bind(note.trim().to_owned()).run(tx).await?;
    Ok(())
}
