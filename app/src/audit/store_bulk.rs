//! Many lines at once, for what writes thousands of rows in a transaction.

use super::chain::{self, Link};
use super::{Deed, LineId};
use kit::db::{Json, Result, Time, Tx, query};
use kit::sql;

#[derive(sqlx::FromRow)]
struct Head {
    n: i64,
    hash: String,
}

/// Writes these lines in their order; the head's row is taken once for all of them.
///
/// # Errors
/// What the database says.
pub async fn record_all(tx: &mut Tx, deeds: Vec<(LineId, Time, Deed<'_>)>) -> Result<()> {
    let count = i64::try_from(deeds.len()).unwrap_or(i64::MAX);
    let take = query(sql!("update activity_head set n = n + $1 where one = 1 returning n, hash"));
    let head: Head = take.bind(count).one(tx).await?;
    let (mut n, mut hash) = (head.n - count, head.hash);
    for (id, at, deed) in deeds {
        n += 1;
        let mut link = Link {
            id,
            n,
            at,
            person_id: deed.by.map(|person| person.as_str().to_owned()),
            what: deed.what.to_owned(),
            object: deed.object.to_owned(),
            incident_id: deed.incident.map(str::to_owned),
            before: deed.before.map(Json),
            after: deed.after.map(Json),
            hash: String::new(),
        };
        link.hash = chain::digest(&hash, &link);
        hash.clone_from(&link.hash);
        let insert = query(sql!(
            "insert into activity
                 (id, n, at, person_id, what, object, incident_id, before, after, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ));
        let insert = insert.bind(link.id).bind(link.n).bind(link.at).bind(link.person_id);
        let insert = insert.bind(link.what).bind(link.object).bind(link.incident_id);
        insert.bind(link.before).bind(link.after).bind(link.hash).run(tx).await?;
    }
    let keep = query(sql!("update activity_head set hash = $1 where one = 1"));
    keep.bind(hash).run(tx).await?;
    Ok(())
}
