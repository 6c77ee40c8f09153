//! Factors in the database. Recommendations are in `store_recommendations.rs`.

use super::factor::{Certainty, Factor, FactorId, NewFactor};
use crate::access::{PersonId, Viewer};
use crate::evidence::{self, EvidenceId};
use crate::incidents::IncidentId;
use crate::retrospectives::{Retrospective, RetrospectiveId};
use crate::timeline::EntryId;
use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;
use std::collections::{HashMap, HashSet};

macro_rules! whole {
    ($rest:expr) => {
        concat!(
            "select f.id, f.statement, f.certainty, f.path, f.direct_cause, f.triggers, f.layers,
                    f.roles, f.responses, f.recurrences, f.position, f.version
             from factors f where ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct Cited {
    factor_id: FactorId,
    evidence_id: EvidenceId,
}

#[derive(sqlx::FromRow)]
struct About {
    factor_id: FactorId,
    entry_id: EntryId,
}

/// The factors of a retrospective that was found for this viewer, in their order, each with what it
/// cites that is there for them.
///
/// # Errors
/// What the database says.
pub async fn of_retrospective(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &IncidentId,
    id: &RetrospectiveId,
) -> Result<Vec<Factor>> {
    let select = query(sql!(whole!(
        "f.retrospective_id = $1 and f.deleted_at is null order by f.position, f.id"
    )));
    let mut factors: Vec<Factor> = select.bind(id.clone()).all(conn).await?;
    let select = query(sql!(
        "select c.factor_id, c.evidence_id from factor_citations c
         join factors f on f.id = c.factor_id
         where f.retrospective_id = $1 and f.deleted_at is null order by c.factor_id, c.evidence_id"
    ));
    let cited: Vec<Cited> = select.bind(id.clone()).all(conn).await?;
    let select = query(sql!(
        "select e.factor_id, e.entry_id from factor_entries e
         join factors f on f.id = e.factor_id
         where f.retrospective_id = $1 and f.deleted_at is null order by e.factor_id, e.entry_id"
    ));
    let about: Vec<About> = select.bind(id.clone()).all(conn).await?;
    let ids: HashSet<EvidenceId> = cited.iter().map(|one| one.evidence_id.clone()).collect();
    let ids: Vec<EvidenceId> = ids.into_iter().collect();
    let there = evidence::find_all(conn, viewer, incident, &ids).await?;
    let there: HashSet<EvidenceId> = there.into_iter().map(|piece| piece.id).collect();
    let at: HashMap<FactorId, usize> =
        factors.iter().enumerate().map(|(n, factor)| (factor.id.clone(), n)).collect();
    for one in cited.into_iter().filter(|one| there.contains(&one.evidence_id)) {
        if let Some(n) = at.get(&one.factor_id) {
            factors[*n].cites.push(one.evidence_id);
        }
    }
    for one in about {
        if let Some(n) = at.get(&one.factor_id) {
            factors[*n].entries.push(one.entry_id);
        }
    }
    Ok(factors)
}

/// One of a retrospective's factors, without what it cites; also one that was taken away.
///
/// # Errors
/// What the database says.
pub(super) async fn find(
    conn: &mut Conn,
    id: &RetrospectiveId,
    factor: &FactorId,
) -> Result<Option<Factor>> {
    let select = query(sql!(whole!("f.retrospective_id = $1 and f.id = $2")));
    select.bind(id.clone()).bind(factor.clone()).optional(conn).await
}

#[derive(sqlx::FromRow)]
struct Number {
    n: Option<i64>,
}

/// Adds one at the end.
///
/// # Errors
/// What the database says.
pub(super) async fn insert(
    tx: &mut Tx,
    retro: &Retrospective,
    (new, certainty): (&NewFactor, Certainty),
    by: &PersonId,
    now: Time,
) -> Result<FactorId> {
    let last = query(sql!("select max(position) as n from factors where retrospective_id = $1"));
    let last: Number = last.bind(retro.id.clone()).one(tx).await?;
    let id = FactorId::at(now);
    let insert = query(sql!(
        "insert into factors (id, retrospective_id, statement, certainty, path, direct_cause,
             triggers, layers, roles, responses, recurrences, position, created_by, created_at,
             updated_at, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, 1)"
    ));
    let insert = insert.bind(id.clone()).bind(retro.id.clone()).bind(new.statement.clone());
    let insert = insert.bind(certainty).bind(new.path.clone()).bind(new.direct_cause);
    let insert = insert.bind(Json(new.triggers.clone())).bind(Json(new.layers.clone()));
    let insert = insert.bind(Json(new.roles.clone())).bind(Json(new.responses.clone()));
    let insert = insert.bind(Json(new.recurrences.clone())).bind(last.n.unwrap_or(0) + 1);
    insert.bind(by.clone()).bind(now).run(tx).await?;
    set_cites(tx, &id, new).await?;
    Ok(id)
}

/// Changes one, if nobody else did since `version`. Says whether it did.
///
/// # Errors
/// What the database says.
pub(super) async fn update(
    tx: &mut Tx,
    retro: &Retrospective,
    (factor, version): (&FactorId, i64),
    (new, certainty): (&NewFactor, Certainty),
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update factors set statement = $4, certainty = $5, path = $6, direct_cause = $7,
             triggers = $8, layers = $9, roles = $10, responses = $11, recurrences = $12,
             updated_at = $13, version = version + 1
         where retrospective_id = $1 and id = $2 and version = $3 and deleted_at is null"
    ));
    let update = update.bind(retro.id.clone()).bind(factor.clone()).bind(version);
    let update = update.bind(new.statement.clone()).bind(certainty).bind(new.path.clone());
    let update = update.bind(new.direct_cause);
    let update = update.bind(Json(new.triggers.clone())).bind(Json(new.layers.clone()));
    let update = update.bind(Json(new.roles.clone())).bind(Json(new.responses.clone()));
    let update = update.bind(Json(new.recurrences.clone())).bind(now);
    if update.run(tx).await? == 0 {
        return Ok(false);
    }
    set_cites(tx, factor, new).await?;
    Ok(true)
}

async fn set_cites(tx: &mut Tx, factor: &FactorId, new: &NewFactor) -> Result<()> {
    let delete = query(sql!("delete from factor_citations where factor_id = $1"));
    delete.bind(factor.clone()).run(tx).await?;
    let delete = query(sql!("delete from factor_entries where factor_id = $1"));
    delete.bind(factor.clone()).run(tx).await?;
    for cited in &new.cites {
        let insert = query(sql!(
            "insert into factor_citations (factor_id, evidence_id) values ($1, $2)
             on conflict (factor_id, evidence_id) do nothing"
        ));
        insert.bind(factor.clone()).bind(cited.clone()).run(tx).await?;
    }
    for entry in &new.entries {
        let insert = query(sql!(
            "insert into factor_entries (factor_id, entry_id) values ($1, $2)
             on conflict (factor_id, entry_id) do nothing"
        ));
        insert.bind(factor.clone()).bind(entry.clone()).run(tx).await?;
    }
    Ok(())
}

/// Takes the lens of the direct cause off every factor of a retrospective.
///
/// # Errors
/// What the database says.
pub(super) async fn clear_direct_cause(tx: &mut Tx, id: &RetrospectiveId) -> Result<()> {
    let update = query(sql!(
        "update factors set direct_cause = $2 where retrospective_id = $1 and direct_cause"
    ));
    update.bind(id.clone()).bind(false).run(tx).await?;
    Ok(())
}

/// Takes one away, or brings it back without the lens. Says whether that changed anything.
///
/// # Errors
/// What the database says.
pub(super) async fn set_deleted(
    tx: &mut Tx,
    id: &RetrospectiveId,
    factor: &FactorId,
    at: Option<Time>,
) -> Result<bool> {
    let update = query(sql!(
        "update factors set deleted_at = $3, direct_cause = $5, version = version + 1
         where retrospective_id = $1 and id = $2
           and ((cast($4 as bigint) = 1 and deleted_at is not null)
                or (cast($4 as bigint) = 0 and deleted_at is null))"
    ));
    let update = update.bind(id.clone()).bind(factor.clone()).bind(at);
    Ok(update.bind(i64::from(at.is_none())).bind(false).run(tx).await? == 1)
}

/// Sets one's place.
///
/// # Errors
/// What the database says.
pub(super) async fn set_position(tx: &mut Tx, factor: &FactorId, position: i64) -> Result<()> {
    let update = query(sql!("update factors set position = $2 where id = $1"));
    update.bind(factor.clone()).bind(position).run(tx).await?;
    Ok(())
}

/// Which of these factors belong to the retrospective and are there.
///
/// # Errors
/// What the database says.
pub async fn belonging(
    conn: &mut Conn,
    id: &RetrospectiveId,
    ids: &[FactorId],
) -> Result<Vec<FactorId>> {
    let mut found = Vec::with_capacity(ids.len());
    for factor in ids {
        let select =
            query(sql!(whole!("f.retrospective_id = $1 and f.id = $2 and f.deleted_at is null")));
        let one: Option<Factor> =
            select.bind(id.clone()).bind(factor.clone()).optional(conn).await?;
        found.extend(one.map(|one| one.id));
    }
    Ok(found)
}
