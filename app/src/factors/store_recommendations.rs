//! Recommendations in the database.

use super::factor::FactorId;
use super::recommendation::{NewRecommendation, Recommendation, RecommendationId};
use crate::access::PersonId;
use crate::retrospectives::RetrospectiveId;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

#[derive(sqlx::FromRow)]
struct Answers {
    recommendation_id: RecommendationId,
    factor_id: FactorId,
}

/// The recommendations of a retrospective that was found for the viewer, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_retrospective(
    conn: &mut Conn,
    id: &RetrospectiveId,
) -> Result<Vec<Recommendation>> {
    let select = query(sql!(
        "select m.id, m.target, m.text, m.rationale, m.version from recommendations m
         where m.retrospective_id = $1 and m.deleted_at is null order by m.created_at, m.id"
    ));
    let mut found: Vec<Recommendation> = select.bind(id.clone()).all(conn).await?;
    let select = query(sql!(
        "select a.recommendation_id, a.factor_id from recommendation_factors a
         join recommendations m on m.id = a.recommendation_id
         join factors f on f.id = a.factor_id
         where m.retrospective_id = $1 and f.deleted_at is null
         order by f.position, a.factor_id, a.recommendation_id"
    ));
    let answers: Vec<Answers> = select.bind(id.clone()).all(conn).await?;
    for one in answers {
        if let Some(there) = found.iter_mut().find(|there| there.id == one.recommendation_id) {
            there.factors.push(one.factor_id);
        }
    }
    Ok(found)
}

/// Adds one.
///
/// # Errors
/// What the database says.
pub(super) async fn insert(
    tx: &mut Tx,
    id: &RetrospectiveId,
    new: &NewRecommendation,
    by: &PersonId,
    now: Time,
) -> Result<RecommendationId> {
    let made = RecommendationId::at(now);
    let insert = query(sql!(
        "insert into recommendations (id, retrospective_id, target, text, rationale, created_by,
             created_at, version)
         values ($1, $2, $3, $4, $5, $6, $7, 1)"
    ));
    let insert = insert.bind(made.clone()).bind(id.clone()).bind(new.target);
    let insert = insert.bind(new.text.trim().to_owned()).bind(new.rationale.trim().to_owned());
    insert.bind(by.clone()).bind(now).run(tx).await?;
    set_factors(tx, &made, &new.factors).await?;
    Ok(made)
}

/// Changes one, if nobody else did since `version`. Says whether it did.
///
/// # Errors
/// What the database says.
pub(super) async fn update(
    tx: &mut Tx,
    id: &RetrospectiveId,
    (which, version): (&RecommendationId, i64),
    new: &NewRecommendation,
) -> Result<bool> {
    let update = query(sql!(
        "update recommendations set target = $4, text = $5, rationale = $6, version = version + 1
         where retrospective_id = $1 and id = $2 and version = $3 and deleted_at is null"
    ));
    let update = update.bind(id.clone()).bind(which.clone()).bind(version).bind(new.target);
    let update = update.bind(new.text.trim().to_owned()).bind(new.rationale.trim().to_owned());
    if update.run(tx).await? == 0 {
        return Ok(false);
    }
    set_factors(tx, which, &new.factors).await?;
    Ok(true)
}

async fn set_factors(tx: &mut Tx, id: &RecommendationId, factors: &[FactorId]) -> Result<()> {
    let delete = query(sql!("delete from recommendation_factors where recommendation_id = $1"));
    delete.bind(id.clone()).run(tx).await?;
    for factor in factors {
        let insert = query(sql!(
            "insert into recommendation_factors (recommendation_id, factor_id) values ($1, $2)
             on conflict (recommendation_id, factor_id) do nothing"
        ));
        insert.bind(id.clone()).bind(factor.clone()).run(tx).await?;
    }
    Ok(())
}

/// Takes one away, or brings it back. Says whether that changed anything.
///
/// # Errors
/// What the database says.
pub(super) async fn set_deleted(
    tx: &mut Tx,
    id: &RetrospectiveId,
    which: &RecommendationId,
    at: Option<Time>,
) -> Result<bool> {
    let update = query(sql!(
        "update recommendations set deleted_at = $3
         where retrospective_id = $1 and id = $2
           and ((cast($4 as bigint) = 1 and deleted_at is not null)
                or (cast($4 as bigint) = 0 and deleted_at is null))"
    ));
    let update = update.bind(id.clone()).bind(which.clone()).bind(at);
    Ok(update.bind(i64::from(at.is_none())).run(tx).await? == 1)
}
