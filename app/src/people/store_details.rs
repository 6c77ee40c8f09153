//! Hours, handles and the rest of what is known of people, in the database.

use super::details::{Details, Place};
use super::hours::Hours;
use super::person::{Email, Name};
use crate::access::PersonId;
use kit::db::{Conn, Result, Tx, query};
use kit::sql;

#[derive(sqlx::FromRow)]
struct Row {
    works_days: Option<String>,
    works_from: Option<String>,
    works_to: Option<String>,
    joined_on: Option<String>,
    away_until: Option<String>,
}

#[derive(sqlx::FromRow)]
struct HandleRow {
    place: Place,
    handle: String,
}

/// All that is known of somebody. What a viewer may see of it is [`super::seen`]'s to say.
///
/// # Errors
/// What the database says.
pub async fn details(conn: &mut Conn, id: &PersonId) -> Result<Details> {
    let select = query(sql!(
        "select works_days, works_from, works_to, joined_on, away_until from people where id = $1"
    ));
    let row: Option<Row> = select.bind(id.clone()).optional(conn).await?;
    let Some(row) = row else { return Ok(Details::default()) };
    let select =
        query(sql!("select place, handle from person_handles where person_id = $1 order by place"));
    let handles: Vec<HandleRow> = select.bind(id.clone()).all(conn).await?;
    let works = match (&row.works_days, &row.works_from, &row.works_to) {
        (Some(days), Some(from), Some(to)) => Hours::parse(days, from, to).ok(),
        _ => None,
    };
    Ok(Details {
        works,
        joined_on: row.joined_on,
        away_until: row.away_until,
        handles: handles.into_iter().map(|one| (one.place, one.handle)).collect(),
    })
}

/// Says anew what somebody is called and where.
///
/// # Errors
/// What the database says.
pub async fn rename(tx: &mut Tx, id: &PersonId, name: &Name, zone: &str) -> Result<()> {
    let update = query(sql!("update people set name = $2, name_key = $3, zone = $4 where id = $1"));
    let update = update.bind(id.clone()).bind(name.as_str().to_owned()).bind(name.key());
    update.bind(zone.to_owned()).run(tx).await?;
    Ok(())
}

pub(super) async fn set(tx: &mut Tx, id: &PersonId, details: &Details) -> Result<()> {
    let update = query(sql!(
        "update people set works_days = $2, works_from = $3, works_to = $4, joined_on = $5,
                away_until = $6 where id = $1"
    ));
    let works = details.works.as_ref();
    let update = update.bind(id.clone()).bind(works.map(Hours::days_text));
    let update = update.bind(works.map(|hours| hours.from.clone()));
    let update = update.bind(works.map(|hours| hours.to.clone()));
    update.bind(details.joined_on.clone()).bind(details.away_until.clone()).run(tx).await?;
    Ok(())
}

pub(super) async fn set_handle(
    tx: &mut Tx,
    id: &PersonId,
    place: Place,
    handle: Option<&str>,
) -> Result<()> {
    let delete = query(sql!("delete from person_handles where person_id = $1 and place = $2"));
    delete.bind(id.clone()).bind(place).run(tx).await?;
    let Some(handle) = handle else { return Ok(()) };
    let insert = query(sql!(
        "insert into person_handles (person_id, place, handle, handle_key) values ($1, $2, $3, $4)"
    ));
    let insert = insert.bind(id.clone()).bind(place).bind(handle.to_owned());
    insert.bind(handle.to_lowercase()).run(tx).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Id {
    id: PersonId,
}

/// Whose handle it is, at a place.
///
/// # Errors
/// What the database says.
pub async fn by_handle_at(conn: &mut Conn, place: Place, handle: &str) -> Result<Option<PersonId>> {
    let select = query(sql!(
        "select person_id as id from person_handles where place = $1 and handle_key = $2"
    ));
    let key = handle.trim().trim_start_matches('@').to_lowercase();
    let row: Option<Id> = select.bind(place).bind(key).optional(conn).await?;
    Ok(row.map(|row| row.id))
}

/// Somebody whom another catalogue has under this reference.
///
/// # Errors
/// What the database says.
pub async fn by_ref(conn: &mut Conn, reference: &str) -> Result<Option<PersonId>> {
    let select = query(sql!("select id from people where catalogue_ref = $1"));
    let row: Option<Id> = select.bind(reference.to_owned()).optional(conn).await?;
    Ok(row.map(|row| row.id))
}

/// Somebody of an address, whether they have signed in or not.
///
/// # Errors
/// What the database says.
pub async fn by_address(conn: &mut Conn, email: &Email) -> Result<Option<PersonId>> {
    let select = query(sql!("select id from people where email_key = $1"));
    let row: Option<Id> = select.bind(email.key()).optional(conn).await?;
    Ok(row.map(|row| row.id))
}

/// Remembers where another catalogue has them.
///
/// # Errors
/// What the database says.
pub async fn set_ref(tx: &mut Tx, id: &PersonId, reference: &str) -> Result<()> {
    let update = query(sql!("update people set catalogue_ref = $2 where id = $1"));
    update.bind(id.clone()).bind(reference.to_owned()).run(tx).await?;
    Ok(())
}

/// Gives somebody an address who has none.
///
/// # Errors
/// A duplicate when it is somebody else's.
pub async fn set_email(tx: &mut Tx, id: &PersonId, email: &Email) -> Result<()> {
    let update = query(sql!(
        "update people set email = $2, email_key = $3 where id = $1 and email_key is null"
    ));
    update.bind(id.clone()).bind(email.as_str().to_owned()).bind(email.key()).run(tx).await?;
    Ok(())
}

/// Somebody of the catalogue comes in: with an address and a password. Says whether they had none yet.
pub(super) async fn come_in(
    tx: &mut Tx,
    id: &PersonId,
    (name, zone): (&Name, &str),
    email: &Email,
    digest: &str,
) -> Result<bool> {
    let update = query(sql!(
        "update people set name = $2, name_key = $3, zone = $4, email = $5, email_key = $6,
                password_digest = $7
         where id = $1 and password_digest is null and deactivated_at is null"
    ));
    let update = update.bind(id.clone()).bind(name.as_str().to_owned()).bind(name.key());
    let update = update.bind(zone.to_owned()).bind(email.as_str().to_owned()).bind(email.key());
    Ok(update.bind(digest.to_owned()).run(tx).await? == 1)
}

#[derive(sqlx::FromRow)]
struct SignsIn {
    signs_in: bool,
}

/// Whether somebody has a password here.
pub(super) async fn signs_in(conn: &mut Conn, id: &PersonId) -> Result<bool> {
    let select =
        query(sql!("select password_digest is not null as signs_in from people where id = $1"));
    let row: Option<SignsIn> = select.bind(id.clone()).optional(conn).await?;
    Ok(row.is_some_and(|row| row.signs_in))
}

/// Whether somebody has ever come in: has a password here, or a session.
///
/// # Errors
/// What the database says.
pub async fn has_come(conn: &mut Conn, id: &PersonId) -> Result<bool> {
    let select = query(sql!(
        "select (password_digest is not null or exists (
                    select 1 from sessions s where s.person_id = people.id)) as signs_in
         from people where id = $1"
    ));
    let row: Option<SignsIn> = select.bind(id.clone()).optional(conn).await?;
    Ok(row.is_some_and(|row| row.signs_in))
}
