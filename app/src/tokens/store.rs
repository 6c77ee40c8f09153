//! Tokens and service accounts in the database.

use super::account::Account;
use super::token::{Token, TokenId};
use crate::access::{PersonId, Seat, Viewer};
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

/// What is written down of a new token.
#[derive(Debug)]
pub(super) struct Row {
    pub id: TokenId,
    pub digest: String,
    pub hint: String,
    pub person: PersonId,
    pub name: String,
    pub scopes: String,
    pub by: PersonId,
    pub now: Time,
    pub expires_at: Time,
}

pub(super) async fn insert(tx: &mut Tx, row: &Row) -> Result<()> {
    let insert = query(sql!(
        "insert into tokens
             (id, digest, hint, person_id, name, scopes, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    ));
    let insert = insert.bind(row.id.clone()).bind(row.digest.clone()).bind(row.hint.clone());
    let insert = insert.bind(row.person.clone()).bind(row.name.clone()).bind(row.scopes.clone());
    insert.bind(row.by.clone()).bind(row.now).bind(row.expires_at).run(tx).await?;
    Ok(())
}

/// The viewer's own tokens, and with `all` also those of service accounts; the newest first, those
/// before the id `before`.
pub(super) async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    all: bool,
    before: Option<String>,
    most: i64,
) -> Result<Vec<Token>> {
    let select = query(sql!(
        "select t.id, t.hint, t.person_id, p.handle, t.name, t.scopes, b.name as created_by,
                t.created_at, t.expires_at, t.last_used_at, t.revoked_at
         from tokens t join people p on p.id = t.person_id join people b on b.id = t.created_by
         left join service_accounts a on a.person_id = t.person_id
         where (t.person_id = $1 or ($2 and a.person_id is not null))
           and (cast($3 as text) is null or t.id < $3)
         order by t.id desc limit $4"
    ));
    select.bind(viewer.id.clone()).bind(all).bind(before).bind(most).all(conn).await
}

/// A token of the viewer's own, or with `all` one of a service account.
pub(super) async fn find(
    conn: &mut Conn,
    viewer: &Viewer,
    all: bool,
    id: &TokenId,
) -> Result<Option<Token>> {
    let select = query(sql!(
        "select t.id, t.hint, t.person_id, p.handle, t.name, t.scopes, b.name as created_by,
                t.created_at, t.expires_at, t.last_used_at, t.revoked_at
         from tokens t join people p on p.id = t.person_id join people b on b.id = t.created_by
         left join service_accounts a on a.person_id = t.person_id
         where (t.person_id = $1 or ($2 and a.person_id is not null)) and t.id = $3"
    ));
    select.bind(viewer.id.clone()).bind(all).bind(id.clone()).optional(conn).await
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

/// How many tokens of a person are good now.
pub(super) async fn live(conn: &mut Conn, person: &PersonId, now: Time) -> Result<i64> {
    let select = query(sql!(
        "select count(*) as n from tokens
         where person_id = $1 and revoked_at is null and expires_at > $2"
    ));
    let count: Count = select.bind(person.clone()).bind(now).one(conn).await?;
    Ok(count.n)
}

/// Takes a token back. Says whether it was not taken back before.
pub(super) async fn revoke(tx: &mut Tx, id: &TokenId, by: &PersonId, now: Time) -> Result<bool> {
    let update = query(sql!(
        "update tokens set revoked_at = $2, revoked_by = $3 where id = $1 and revoked_at is null"
    ));
    Ok(update.bind(id.clone()).bind(now).bind(by.clone()).run(tx).await? == 1)
}

/// Who shows a token.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Shown {
    pub token_id: TokenId,
    pub scopes: String,
    pub last_used_at: Option<Time>,
    pub id: PersonId,
    pub name: String,
    pub handle: String,
    pub seat: Seat,
    pub zone: String,
}

/// Whose token has this digest and is good now. Nobody is known yet who could be asked for.
pub(super) async fn find_for_system(
    conn: &mut Conn,
    digest: &str,
    now: Time,
) -> Result<Option<Shown>> {
    let select = query(sql!(
        "select t.id as token_id, t.scopes, t.last_used_at, p.id, p.name, p.handle, p.seat, p.zone
         from tokens t join people p on p.id = t.person_id
         where t.digest = $1 and t.revoked_at is null and t.expires_at > $2
           and p.deactivated_at is null"
    ));
    select.bind(digest.to_owned()).bind(now).optional(conn).await
}

pub(super) async fn was_used(tx: &mut Tx, id: &TokenId, at: Time) -> Result<()> {
    let update = query(sql!("update tokens set last_used_at = $2 where id = $1"));
    update.bind(id.clone()).bind(at).run(tx).await?;
    Ok(())
}

pub(super) async fn insert_account(
    tx: &mut Tx,
    person: &PersonId,
    about: &str,
    by: &PersonId,
    now: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into service_accounts (person_id, about, created_by, created_at)
         values ($1, $2, $3, $4)"
    ));
    let insert = insert.bind(person.clone()).bind(about.to_owned());
    insert.bind(by.clone()).bind(now).run(tx).await?;
    Ok(())
}

/// Every service account, by handle, after `after`.
pub(super) async fn accounts(
    conn: &mut Conn,
    after: Option<String>,
    most: i64,
) -> Result<Vec<Account>> {
    let select = query(sql!(
        "select p.id, p.handle, p.name, p.seat, a.about, a.created_at
         from service_accounts a join people p on p.id = a.person_id
         where p.deactivated_at is null and (cast($1 as text) is null or p.handle_key > $1)
         order by p.handle_key limit $2"
    ));
    select.bind(after).bind(most).all(conn).await
}

/// The service account of a handle.
pub(super) async fn account(conn: &mut Conn, handle: &str) -> Result<Option<Account>> {
    let select = query(sql!(
        "select p.id, p.handle, p.name, p.seat, a.about, a.created_at
         from service_accounts a join people p on p.id = a.person_id
         where p.deactivated_at is null and p.handle_key = $1"
    ));
    select.bind(handle.to_lowercase()).optional(conn).await
}
