//! Actions in the database: how they are written.

use super::action::{Owner, State, StateName};
use super::said::NewAction;
use super::store::{Action, ActionId};
use crate::access::PersonId;
use crate::incidents::IncidentId;
use crate::retrospectives::RetrospectiveId;
use kit::db::{Result, Time, Tx, query};
use kit::sql;

#[derive(sqlx::FromRow)]
struct Last {
    n: Option<i64>,
}

/// Writes one down as proposed, with the next number; gives both.
///
/// # Errors
/// What the database says; a duplicate when another writer took the number, on PostgreSQL.
pub(super) async fn insert(
    tx: &mut Tx,
    (retro, incident): (&RetrospectiveId, &IncidentId),
    new: &NewAction,
    by: &PersonId,
    now: Time,
) -> Result<(ActionId, i64)> {
    let last: Last = query(sql!("select max(number) as n from actions")).one(tx).await?;
    let number = last.n.unwrap_or(0) + 1;
    let id = ActionId::at(now);
    let insert = query(sql!(
        "insert into actions (id, number, retrospective_id, incident_id, title, done_when, state,
             owner_id, team_id, name_person_by, due, class, aim, strength, priority, effort,
             effect, recommendation_id, created_by, created_at, updated_at, version)
         values ($1, $2, $3, $4, $5, $6, 'proposed', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
             $17, $18, $19, $19, 1)"
    ));
    let (person, team, name_by) = columns(new.owner.as_ref());
    let insert = insert.bind(id.clone()).bind(number).bind(retro.clone()).bind(incident.clone());
    let insert = insert.bind(new.title.clone()).bind(new.done_when.trim().to_owned());
    let insert = insert.bind(person).bind(team).bind(name_by).bind(new.due.clone());
    let insert = insert.bind(new.class).bind(new.aim).bind(new.strength).bind(new.priority);
    let insert = insert.bind(new.effort.clone()).bind(new.effect.clone());
    let insert = insert.bind(new.recommendation.clone()).bind(by.clone()).bind(now);
    insert.run(tx).await?;
    set_factors(tx, &id, new).await?;
    add_move(tx, &id, StateName::Proposed, by, "", now).await?;
    Ok((id, number))
}

type Columns = (Option<PersonId>, Option<crate::teams::TeamId>, Option<String>);

fn columns(owner: Option<&Owner>) -> Columns {
    match owner {
        None => (None, None, None),
        Some(Owner::Person(person)) => (Some(person.clone()), None, None),
        Some(Owner::Team { team, name_person_by }) => {
            (None, Some(team.clone()), Some(name_person_by.clone()))
        }
    }
}

/// Changes its words, if nobody else did since `version`. Says whether it did. Who, when and how we
/// know change only while it is proposed; after that by a step.
///
/// # Errors
/// What the database says.
pub(super) async fn edit(
    tx: &mut Tx,
    action: &Action,
    version: i64,
    new: &NewAction,
    now: Time,
) -> Result<bool> {
    let is_free = action.state == StateName::Proposed;
    let owner = if is_free { new.owner.clone() } else { action.owner() };
    let due = if is_free { new.due.clone() } else { action.due.clone() };
    let done_when = if is_free { new.done_when.trim() } else { &action.done_when };
    let (person, team, name_by) = columns(owner.as_ref());
    let update = query(sql!(
        "update actions set title = $3, done_when = $4, owner_id = $5, team_id = $6,
             name_person_by = $7, due = $8, class = $9, aim = $10, strength = $11, priority = $12,
             effort = $13, effect = $14, recommendation_id = $15, updated_at = $16,
             version = version + 1
         where id = $1 and version = $2"
    ));
    let update = update.bind(action.id.clone()).bind(version).bind(new.title.clone());
    let update = update.bind(done_when.to_owned()).bind(person).bind(team).bind(name_by).bind(due);
    let update = update.bind(new.class).bind(new.aim).bind(new.strength).bind(new.priority);
    let update = update.bind(new.effort.clone()).bind(new.effect.clone());
    if update.bind(new.recommendation.clone()).bind(now).run(tx).await? == 0 {
        return Ok(false);
    }
    set_factors(tx, &action.id, new).await?;
    Ok(true)
}

async fn set_factors(tx: &mut Tx, id: &ActionId, new: &NewAction) -> Result<()> {
    let delete = query(sql!("delete from action_factors where action_id = $1"));
    delete.bind(id.clone()).run(tx).await?;
    for factor in &new.factors {
        let insert = query(sql!(
            "insert into action_factors (action_id, factor_id) values ($1, $2)
             on conflict (action_id, factor_id) do nothing"
        ));
        insert.bind(id.clone()).bind(factor.clone()).run(tx).await?;
    }
    Ok(())
}

/// Puts it into a state, if nobody else changed it since it was read. Says whether it did.
///
/// # Errors
/// What the database says.
pub(super) async fn set_state(
    tx: &mut Tx,
    action: &Action,
    version: i64,
    state: &State,
    now: Time,
) -> Result<bool> {
    let promise = state.promise();
    let owner = promise.map_or_else(|| action.owner(), |promise| Some(promise.owner().clone()));
    let due = promise.map_or_else(|| action.due.clone(), |promise| Some(promise.due().to_owned()));
    let done_when = promise.map_or(action.done_when.as_str(), |promise| promise.done_when());
    let risk = match state {
        State::MovedToRisk { risk, .. } => Some(*risk),
        _ => None,
    };
    let (person, team, name_by) = columns(owner.as_ref());
    let update = query(sql!(
        "update actions set state = $3, owner_id = $4, team_id = $5, name_person_by = $6,
             due = $7, done_when = $8, risk_number = $9, updated_at = $10, version = version + 1
         where id = $1 and version = $2"
    ));
    let update = update.bind(action.id.clone()).bind(version).bind(state.name());
    let update = update.bind(person).bind(team).bind(name_by).bind(due);
    let update = update.bind(done_when.to_owned()).bind(risk).bind(now);
    Ok(update.run(tx).await? == 1)
}

/// Writes a line into its history.
///
/// # Errors
/// What the database says.
pub(super) async fn add_move(
    tx: &mut Tx,
    id: &ActionId,
    state: StateName,
    by: &PersonId,
    note: &str,
    now: Time,
) -> Result<()> {
    let last = query(sql!("select max(n) as n from action_moves where action_id = $1"));
    let last: Last = last.bind(id.clone()).one(tx).await?;
    let insert = query(sql!(
        "insert into action_moves (id, action_id, n, state, at, by_person, note)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ));
    let insert = insert.bind(MoveId::at(now)).bind(id.clone()).bind(last.n.unwrap_or(0) + 1);
    insert.bind(state).bind(now).bind(by.clone()).bind(note.to_owned()).run(tx).await?;
    Ok(())
}

kit::id!(
    /// The id of a line of history.
    MoveId,
    "amv"
);
