//! Coming in: the set-up link for the first, invitation links for the rest.

use super::person::{Email, Handle, Name, NewPerson, parse_zone};
use super::store::{self, InvitationRow};
use super::{password, session};
use crate::access::{Seat, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use jiff::SignedDuration;
use kit::chance;
use kit::db::{DbError, Time};
use kit::web::{Problem, Said};
use serde_json::json;

/// Days a link is good for.
pub const DAYS: i64 = 7;

pub(super) fn ends(now: Time) -> Time {
    let later = now.timestamp().saturating_add(SignedDuration::from_hours(24 * DAYS));
    Time::new(later.unwrap_or(now.timestamp()))
}

/// The path of a new set-up link, while nobody is here; earlier links end.
///
/// # Errors
/// What the database says.
pub async fn setup_link(app: &App) -> Result<Option<String>, DbError> {
    let mut tx = app.db.write().await?;
    if !store::nobody_is_here(&mut tx).await? {
        return Ok(None);
    }
    let now = app.now();
    store::end_setup_links(&mut tx, now).await?;
    let secret = chance::secret();
    let invitation =
        InvitationRow { seat: Seat::Administrator, invited_by: None, note: String::new() };
    store::insert_invitation(&mut tx, &chance::digest(&secret), &invitation, now, ends(now))
        .await?;
    tx.commit().await?;
    Ok(Some(format!("/setup/{secret}")))
}

/// Makes an invitation link for a seat; gives its path.
///
/// # Errors
/// 403 for who does not administer.
pub async fn invite(app: &App, viewer: &Viewer, seat: Seat, note: &str) -> Result<String, Problem> {
    viewer.must_administer()?;
    let now = app.now();
    let secret = chance::secret();
    let digest = chance::digest(&secret);
    let invitation =
        InvitationRow { seat, invited_by: Some(viewer.id.clone()), note: note.to_owned() };
    let mut tx = app.db.write().await?;
    store::insert_invitation(&mut tx, &digest, &invitation, now, ends(now)).await?;
    let deed = Deed::new(&viewer.id, "person.invited", &digest[..12]);
    audit::record(&mut tx, now, deed.after(json!({ "seat": seat, "note": note }))).await?;
    tx.commit().await?;
    Ok(format!("/invitation/{secret}"))
}

/// An invitation that is still good.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The seat it gives.
    pub seat: Seat,
    /// Whether it is the set-up link.
    pub is_setup: bool,
}

/// The invitation behind a link.
///
/// # Errors
/// 404 when it was used, has ended or never was.
pub async fn look(app: &App, secret: &str) -> Result<Invitation, Problem> {
    let mut conn = app.db.read().await?;
    let found = store::invitation(&mut conn, &chance::digest(secret), app.now()).await?;
    let found = found.ok_or_else(|| {
        let mut problem = Problem::not_found();
        problem.detail = "This link was used, has ended, or never was. Ask for a new one; for the \
                          first sign-in, start the server again and it prints one."
            .to_owned();
        problem
    })?;
    Ok(Invitation { seat: found.seat, is_setup: found.invited_by.is_none() })
}

/// Comes in by a link: makes the person, uses the link up, begins a session. Gives the secret.
///
/// # Errors
/// 422 with every wrong field; 404 for a link that is no longer good.
pub async fn accept(app: &App, secret: &str, said: &Said) -> Result<String, Problem> {
    let invitation = look(app, secret).await?;
    let name = said.need("name", Name::parse);
    let email = said.need("email", Email::parse);
    let handle = match said.some("handle") {
        Some(_) => said.need("handle", Handle::parse),
        None => email.as_ref().and_then(|email| {
            let local = email.as_str().split('@').next().unwrap_or("");
            said.need("handle", |_| Handle::parse(local))
        }),
    };
    let zone = said.need("zone", parse_zone);
    let chosen = said.need("password", |_| password::parse(said.raw("password")));
    said.checked()?;
    let (Some(name), Some(email), Some(handle), Some(zone), Some(chosen)) =
        (name, email, handle, zone, chosen)
    else {
        return Err(Problem::internal("a checked form lacks a field"));
    };
    let person = NewPerson {
        handle,
        name,
        email: Some(email),
        password_digest: Some(password::hash(app, chosen).await?),
        seat: invitation.seat,
        zone,
    };
    let now = app.now();
    let mut tx = app.db.write().await?;
    if invitation.is_setup && !store::nobody_is_here(&mut tx).await? {
        return Err(Problem::not_found());
    }
    let id = match store::register(&mut tx, &person, now).await {
        Err(DbError::Duplicate { index }) if index.contains("handle") => {
            return Err(said.give_back(Problem::field("handle", "This handle is taken.")));
        }
        Err(DbError::Duplicate { .. }) => {
            let message = "Somebody signs in with this address already.";
            return Err(said.give_back(Problem::field("email", message)));
        }
        done => done?,
    };
    if !store::use_invitation(&mut tx, &chance::digest(secret), &id, now).await? {
        return Err(Problem::not_found());
    }
    let deed = Deed::new(&id, "person.came", id.as_str());
    audit::record(&mut tx, now, deed.after(json!({ "seat": person.seat }))).await?;
    let secret = session::begin(&mut tx, app, &id).await?;
    tx.commit().await?;
    Ok(secret)
}
