//! People, sessions and invitations in the database.

use super::person::{NewPerson, Person};
use crate::access::{PersonId, Seat, Through, Viewer};
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

/// Someone by id.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, id: &PersonId) -> Result<Option<Person>> {
    let select = query(sql!(
        "select id, handle, name, email, seat, zone, created_at, deactivated_at
         from people where id = $1"
    ));
    select.bind(id.clone()).optional(conn).await
}

/// Someone by handle.
///
/// # Errors
/// What the database says.
pub async fn by_handle(conn: &mut Conn, handle: &str) -> Result<Option<Person>> {
    let select = query(sql!(
        "select id, handle, name, email, seat, zone, created_at, deactivated_at
         from people where handle_key = $1"
    ));
    select.bind(handle.to_lowercase()).optional(conn).await
}

/// Everybody, by name.
///
/// # Errors
/// What the database says.
pub async fn all(conn: &mut Conn) -> Result<Vec<Person>> {
    let select = query(sql!(
        "select id, handle, name, email, seat, zone, created_at, deactivated_at
         from people order by name_key, id"
    ));
    select.all(conn).await
}

/// An id and a name, for choosing from.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    /// Whose.
    pub id: PersonId,
    /// What they are called.
    pub name: String,
    /// Their handle.
    pub handle: String,
}

/// Those who are here, by name, for choosing from.
///
/// # Errors
/// What the database says.
pub async fn names(conn: &mut Conn) -> Result<Vec<Named>> {
    let select = query(sql!(
        "select id, name, handle from people where deactivated_at is null order by name_key, id"
    ));
    select.all(conn).await
}

/// Adds someone.
///
/// # Errors
/// A duplicate when the handle or address is taken.
pub async fn register(tx: &mut Tx, person: &NewPerson, now: Time) -> Result<PersonId> {
    let id = PersonId::at(now);
    let insert = query(sql!(
        "insert into people (id, handle, handle_key, name, name_key, email, email_key,
                             password_digest, seat, zone, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    ));
    insert
        .bind(id.clone())
        .bind(person.handle.as_str().to_owned())
        .bind(person.handle.as_str().to_owned())
        .bind(person.name.as_str().to_owned())
        .bind(person.name.key())
        .bind(person.email.as_ref().map(|email| email.as_str().to_owned()))
        .bind(person.email.as_ref().map(super::Email::key))
        .bind(person.password_digest.clone())
        .bind(person.seat)
        .bind(person.zone.clone())
        .bind(now)
        .run(tx)
        .await?;
    Ok(id)
}

#[derive(sqlx::FromRow)]
pub(super) struct Count {
    pub n: i64,
}

pub(super) async fn nobody_is_here(conn: &mut Conn) -> Result<bool> {
    let count: Count = query(sql!("select count(*) as n from people")).one(conn).await?;
    Ok(count.n == 0)
}

#[derive(sqlx::FromRow)]
pub(super) struct Known {
    pub id: PersonId,
    pub password_digest: Option<String>,
}

pub(super) async fn by_email(conn: &mut Conn, email_key: &str) -> Result<Option<Known>> {
    let select = query(sql!(
        "select id, password_digest from people
         where email_key = $1 and deactivated_at is null"
    ));
    select.bind(email_key.to_owned()).optional(conn).await
}

pub(super) async fn insert_session(
    tx: &mut Tx,
    digest: &str,
    person: &PersonId,
    csrf: &str,
    now: Time,
    expires_at: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into sessions (digest, person_id, csrf, created_at, expires_at)
         values ($1, $2, $3, $4, $5)"
    ));
    let insert = insert.bind(digest.to_owned()).bind(person.clone()).bind(csrf.to_owned());
    insert.bind(now).bind(expires_at).run(tx).await?;
    query(sql!("delete from sessions where expires_at < $1")).bind(now).run(tx).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    pub id: PersonId,
    pub name: String,
    pub handle: String,
    pub seat: Seat,
    pub zone: String,
    pub csrf: String,
    pub flash: Option<String>,
}

impl SessionRow {
    pub fn viewer(self) -> Viewer {
        let SessionRow { id, name, handle, seat, zone, .. } = self;
        Viewer { id, name, handle, seat, zone, through: Through::Session }
    }
}

pub(super) async fn session(
    conn: &mut Conn,
    digest: &str,
    now: Time,
) -> Result<Option<SessionRow>> {
    let select = query(sql!(
        "select p.id, p.name, p.handle, p.seat, p.zone, s.csrf, s.flash
         from sessions s join people p on p.id = s.person_id
         where s.digest = $1 and s.expires_at > $2 and p.deactivated_at is null"
    ));
    select.bind(digest.to_owned()).bind(now).optional(conn).await
}

pub(super) async fn end_session(tx: &mut Tx, digest: &str) -> Result<()> {
    query(sql!("delete from sessions where digest = $1")).bind(digest.to_owned()).run(tx).await?;
    Ok(())
}

pub(super) async fn set_flash(tx: &mut Tx, digest: &str, flash: Option<&str>) -> Result<()> {
    let update = query(sql!("update sessions set flash = $2 where digest = $1"));
    update.bind(digest.to_owned()).bind(flash.map(str::to_owned)).run(tx).await?;
    Ok(())
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct InvitationRow {
    pub seat: Seat,
    pub invited_by: Option<PersonId>,
    pub note: String,
    pub person_id: Option<PersonId>,
}

pub(super) async fn insert_invitation(
    tx: &mut Tx,
    digest: &str,
    invitation: &InvitationRow,
    now: Time,
    expires_at: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into invitations (digest, seat, invited_by, note, created_at, expires_at, person_id)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ));
    let insert = insert.bind(digest.to_owned()).bind(invitation.seat);
    let insert = insert.bind(invitation.invited_by.clone()).bind(invitation.note.clone());
    insert.bind(now).bind(expires_at).bind(invitation.person_id.clone()).run(tx).await?;
    Ok(())
}

pub(super) async fn invitation(
    conn: &mut Conn,
    digest: &str,
    now: Time,
) -> Result<Option<InvitationRow>> {
    let select = query(sql!(
        "select seat, invited_by, note, person_id from invitations
         where digest = $1 and expires_at > $2 and used_at is null"
    ));
    select.bind(digest.to_owned()).bind(now).optional(conn).await
}

/// Uses an invitation up. Says whether it was still good.
pub(super) async fn use_invitation(
    tx: &mut Tx,
    digest: &str,
    by: &PersonId,
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update invitations set used_at = $2, used_by = $3
         where digest = $1 and used_at is null and expires_at > $2"
    ));
    Ok(update.bind(digest.to_owned()).bind(now).bind(by.clone()).run(tx).await? == 1)
}

/// Ends every set-up link that was made before.
pub(super) async fn end_setup_links(tx: &mut Tx, now: Time) -> Result<()> {
    let update = query(sql!(
        "update invitations set expires_at = $1 where invited_by is null and used_at is null"
    ));
    update.bind(now).run(tx).await?;
    Ok(())
}
