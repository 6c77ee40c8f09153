//! First answers in the database.

use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;
use std::collections::BTreeMap;

/// Who asked for what, under which key.
#[derive(Debug, Clone)]
pub(super) struct Which {
    /// A person's or a token's id.
    pub who: String,
    /// The path asked for.
    pub path: String,
    /// The key as sent.
    pub key: String,
}

/// What is known of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Kept {
    pub fingerprint: String,
    pub run: String,
    pub status: Option<i64>,
    pub headers: Option<Json<BTreeMap<String, String>>>,
    pub body: Option<String>,
}

/// Takes the key, unless it is taken; says whether it did. Forgets what was begun before `forget`.
pub(super) async fn reserve(
    tx: &mut Tx,
    which: &Which,
    fingerprint: &str,
    run: &str,
    (now, forget): (Time, Time),
) -> Result<bool> {
    query(sql!("delete from repeats where begun_at < $1")).bind(forget).run(tx).await?;
    let insert = query(sql!(
        "insert into repeats (who, path, key, fingerprint, run, begun_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (who, path, key) do nothing"
    ));
    let insert = insert.bind(which.who.clone()).bind(which.path.clone()).bind(which.key.clone());
    let insert = insert.bind(fingerprint.to_owned()).bind(run.to_owned()).bind(now);
    Ok(insert.run(tx).await? == 1)
}

pub(super) async fn kept(conn: &mut Conn, which: &Which) -> Result<Option<Kept>> {
    let select = query(sql!(
        "select fingerprint, run, status, headers, body from repeats
         where who = $1 and path = $2 and key = $3"
    ));
    let select = select.bind(which.who.clone()).bind(which.path.clone()).bind(which.key.clone());
    select.optional(conn).await
}

pub(super) async fn keep(
    tx: &mut Tx,
    which: &Which,
    status: u16,
    headers: BTreeMap<String, String>,
    body: Option<String>,
) -> Result<()> {
    let update = query(sql!(
        "update repeats set status = $4, headers = $5, body = $6
         where who = $1 and path = $2 and key = $3"
    ));
    let update = update.bind(which.who.clone()).bind(which.path.clone()).bind(which.key.clone());
    update.bind(i64::from(status)).bind(Json(headers)).bind(body).run(tx).await?;
    Ok(())
}

pub(super) async fn release(tx: &mut Tx, which: &Which) -> Result<()> {
    let delete = query(sql!("delete from repeats where who = $1 and path = $2 and key = $3"));
    let delete = delete.bind(which.who.clone()).bind(which.path.clone()).bind(which.key.clone());
    delete.run(tx).await?;
    Ok(())
}
