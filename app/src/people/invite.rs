//! Coming in: the set-up link for the first, invitation links for the rest.

use super::person::{Email, Handle, Name, NewPerson, Person, parse_zone};
use super::store::{self, InvitationRow};
use super::{password, session, store_details};
use crate::access::{PersonId, Seat, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use jiff::SignedDuration;
use kit::chance;
use kit::db::{DbError, Time, Tx};
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
    let invitation = InvitationRow {
        seat: Seat::Administrator,
        invited_by: None,
        note: String::new(),
        person_id: None,
    };
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
    let (invited_by, note) = (Some(viewer.id.clone()), note.to_owned());
    give_out(app, viewer, InvitationRow { seat, invited_by, note, person_id: None }).await
}

/// Makes an invitation link for somebody whom the catalogue knows and who has never signed in.
///
/// # Errors
/// 403 for who does not administer; 409 when they sign in already.
pub async fn invite_known(app: &App, viewer: &Viewer, person: &Person) -> Result<String, Problem> {
    viewer.must_administer()?;
    let signs_in = {
        let mut conn = app.db.read().await?;
        store_details::signs_in(&mut conn, &person.id).await?
    };
    if signs_in || person.deactivated_at.is_some() {
        let detail =
            format!("{} came in already; they sign in with their own password.", person.name);
        return Err(Problem::conflict("came_already", detail));
    }
    let invitation = InvitationRow {
        seat: person.seat,
        invited_by: Some(viewer.id.clone()),
        note: person.name.clone(),
        person_id: Some(person.id.clone()),
    };
    give_out(app, viewer, invitation).await
}

async fn give_out(
    app: &App,
    viewer: &Viewer,
    invitation: InvitationRow,
) -> Result<String, Problem> {
    viewer.must_administer()?;
    let now = app.now();
    let secret = chance::secret();
    let digest = chance::digest(&secret);
    let mut tx = app.db.write().await?;
    store::insert_invitation(&mut tx, &digest, &invitation, now, ends(now)).await?;
    let deed = Deed::new(&viewer.id, "person.invited", &digest[..12]);
    let after =
        json!({ "seat": invitation.seat, "note": invitation.note, "person": invitation.person_id });
    audit::record(&mut tx, now, deed.after(after)).await?;
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
    /// For whom, when it is somebody of the catalogue.
    pub person: Option<Person>,
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
    let person = match &found.person_id {
        Some(id) => store::find(&mut conn, id).await?,
        None => None,
    };
    Ok(Invitation { seat: found.seat, is_setup: found.invited_by.is_none(), person })
}

/// What somebody says who comes in.
struct Coming {
    name: Name,
    email: Email,
    handle: Option<Handle>,
    zone: String,
    password: String,
}

/// Reads it; `has_handle` when the catalogue gave them one.
fn coming(said: &Said, has_handle: bool) -> Result<Coming, Problem> {
    let name = said.need("name", Name::parse);
    let email = said.need("email", Email::parse);
    let handle = match said.some("handle") {
        _ if has_handle => None,
        Some(_) => said.need("handle", Handle::parse),
        None => email.as_ref().and_then(|email| {
            let local = email.as_str().split('@').next().unwrap_or("");
            said.need("handle", |_| Handle::parse(local))
        }),
    };
    let zone = said.need("zone", parse_zone);
    let chosen = said.need("password", |_| password::parse(said.raw("password")));
    said.checked()?;
    match (name, email, zone, chosen) {
        (Some(name), Some(email), Some(zone), Some(password)) if has_handle || handle.is_some() => {
            Ok(Coming { name, email, handle, zone, password })
        }
        _ => Err(Problem::internal("a checked form lacks a field")),
    }
}

/// Comes in by a link: makes the person, or gives somebody of the catalogue their password; uses the link
/// up, begins a session. Gives the secret.
///
/// # Errors
/// 422 with every wrong field; 404 for a link that is no longer good.
pub async fn accept(app: &App, secret: &str, said: &Said) -> Result<String, Problem> {
    let invitation = look(app, secret).await?;
    let coming = coming(said, invitation.person.is_some())?;
    let digest = password::hash(app, coming.password.clone()).await?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    if invitation.is_setup && !store::nobody_is_here(&mut tx).await? {
        return Err(Problem::not_found());
    }
    let id = match come(&mut tx, &invitation, coming, digest, now).await {
        Err(DbError::Duplicate { index }) if index.contains("handle") => {
            return Err(said.give_back(Problem::field("handle", "This handle is taken.")));
        }
        Err(DbError::Duplicate { .. }) => {
            let message = "Somebody signs in with this address already.";
            return Err(said.give_back(Problem::field("email", message)));
        }
        done => done?.ok_or_else(Problem::not_found)?,
    };
    if !store::use_invitation(&mut tx, &chance::digest(secret), &id, now).await? {
        return Err(Problem::not_found());
    }
    let deed = Deed::new(&id, "person.came", id.as_str());
    audit::record(&mut tx, now, deed.after(json!({ "seat": invitation.seat }))).await?;
    let secret = session::begin(&mut tx, app, &id).await?;
    tx.commit().await?;
    Ok(secret)
}

/// The person who comes; none when somebody of the catalogue has come already.
async fn come(
    tx: &mut Tx,
    invitation: &Invitation,
    coming: Coming,
    digest: String,
    now: Time,
) -> Result<Option<PersonId>, DbError> {
    let Coming { name, email, handle, zone, .. } = coming;
    if let Some(person) = &invitation.person {
        let (id, said) = (&person.id, (&name, zone.as_str()));
        let is_first = store_details::come_in(tx, id, said, &email, &digest).await?;
        return Ok(is_first.then(|| id.clone()));
    }
    let Some(handle) = handle else { return Ok(None) };
    let person = NewPerson {
        handle,
        name,
        email: Some(email),
        password_digest: Some(digest),
        seat: invitation.seat,
        zone,
    };
    store::register(tx, &person, now).await.map(Some)
}
