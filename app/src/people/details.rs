//! What is known of somebody for working with them: hours, handles elsewhere, since when they are here,
//! until when they are away. They say it themselves, or an administrator does.

use super::hours::Hours;
use super::person::{Name, Person};
use super::{store, store_details};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use kit::db::{DbError, Time, Tx};
use kit::web::Problem;
use serde_json::json;

kit::words!(
    /// Where somebody has another handle.
    Place {
        /// In the chat.
        Chat = "chat", "chat";
        /// Where code is kept.
        Code = "code", "code host";
        /// Where they are paged.
        Pager = "pager", "pager";
    }
);

/// What is known of somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Their own working hours; none when their team's calendar says them.
    pub works: Option<Hours>,
    /// The day on which they joined the organisation: `2026-03-01`.
    pub joined_on: Option<String>,
    /// The last day on which nobody should ask them.
    pub away_until: Option<String>,
    /// Handles elsewhere, at most one for each place.
    pub handles: Vec<(Place, String)>,
}

impl Details {
    /// Their handle at a place.
    #[must_use]
    pub fn handle(&self, place: Place) -> Option<&str> {
        self.handles.iter().find(|(at, _)| *at == place).map(|(_, handle)| handle.as_str())
    }

    /// Whether they are away on a day: `2026-03-05`.
    #[must_use]
    pub fn is_away(&self, day: &str) -> bool {
        self.away_until.as_deref().is_some_and(|until| day <= until)
    }

    /// What colleagues see: how to reach them and when. E-mail, the code host and the pager, and since
    /// when they are here, are for themselves and administrators.
    #[must_use]
    pub fn for_colleagues(mut self) -> Details {
        self.joined_on = None;
        self.handles.retain(|(place, _)| *place == Place::Chat);
        self
    }
}

/// Whether a viewer sees all that is known of somebody, and may change it.
#[must_use]
pub fn sees_all(viewer: &Viewer, person: &PersonId) -> bool {
    viewer.id == *person || viewer.can_administer()
}

/// A handle elsewhere: one line of 1 to 80 characters.
///
/// # Errors
/// A sentence when it is too long.
pub fn parse_handle(text: &str) -> Result<String, String> {
    let line = kit::line::of(text);
    let line = line.trim_start_matches('@');
    match line.chars().count() {
        0 => Err("Say a handle.".to_owned()),
        1..=80 => Ok(line.to_owned()),
        n => Err(format!("A handle has at most 80 characters; this has {n}.")),
    }
}

/// What is said of somebody anew.
#[derive(Debug, Clone)]
pub struct Described {
    /// Their name.
    pub name: Name,
    /// Their zone.
    pub zone: String,
    /// The rest. Since when they are here is taken only from administrators.
    pub details: Details,
}

/// Says anew what is known of somebody.
///
/// # Errors
/// 403 for who is neither they nor an administrator; 422 when a handle is somebody else's.
pub async fn describe(
    app: &App,
    viewer: &Viewer,
    person: &Person,
    said: &Described,
) -> Result<(), Problem> {
    if viewer.id == person.id {
        viewer.must_have(crate::access::Scope::Write)?;
    } else {
        viewer.must_administer()?;
    }
    let mut tx = app.db.write().await?;
    let mut details = said.details.clone();
    if !viewer.can_administer() {
        details.joined_on = store_details::details(&mut tx, &person.id).await?.joined_on;
    }
    store_details::rename(&mut tx, &person.id, &said.name, &said.zone).await?;
    write(&mut tx, &person.id, &details).await?;
    let deed = Deed::new(&viewer.id, "person.described", person.id.as_str());
    let deed = deed.before(json!({ "name": person.name, "zone": person.zone }));
    let after =
        json!({ "name": said.name.as_str(), "zone": said.zone, "away_until": details.away_until });
    audit::record(&mut tx, app.now(), deed.after(after)).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes details down.
///
/// # Errors
/// 422 when a handle is somebody else's.
pub async fn write(tx: &mut Tx, person: &PersonId, details: &Details) -> Result<(), Problem> {
    store_details::set(tx, person, details).await?;
    for place in Place::ALL {
        match store_details::set_handle(tx, person, *place, details.handle(*place)).await {
            Err(DbError::Duplicate { .. }) => {
                let why = "Somebody else has this handle there.";
                return Err(Problem::field(place.name(), why));
            }
            done => done?,
        }
    }
    Ok(())
}

/// How long somebody has been here, in whole months: since they joined, else since they have an account.
#[must_use]
pub fn months_here(person: &Person, details: &Details, now: Time) -> i64 {
    let today = now.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let came = person.created_at.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let since = details.joined_on.as_deref().and_then(|day| day.parse().ok()).unwrap_or(came);
    let span = since.until((jiff::Unit::Month, today));
    span.map_or(0, |span| i64::from(span.get_months()))
}

/// Somebody by handle, for a viewer; with what this viewer may see.
///
/// # Errors
/// 404 for nobody.
pub async fn seen(
    conn: &mut kit::db::Conn,
    viewer: &Viewer,
    handle: &str,
) -> Result<(Person, Details), Problem> {
    let person = store::by_handle(conn, handle).await?.ok_or_else(Problem::not_found)?;
    let details = store_details::details(conn, &person.id).await?;
    if sees_all(viewer, &person.id) {
        return Ok((person, details));
    }
    let person = Person { email: None, ..person };
    Ok((person, details.for_colleagues()))
}
