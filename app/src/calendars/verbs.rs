//! What is done with calendars. Only who decides does it.

use super::calendar::{Calendar, CalendarId, NewCalendar};
use super::{ics, store};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::teams::TeamId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kit::db::{DbError, Result as DbResult};
use kit::web::Problem;
use serde_json::json;

fn taken<T>(done: DbResult<T>) -> Result<T, Problem> {
    match done {
        Err(DbError::Duplicate { .. }) => {
            Err(Problem::conflict("duplicate", "There is a calendar of this name."))
        }
        done => Ok(done?),
    }
}

/// Adds a calendar.
///
/// # Errors
/// 403 for who does not decide; 409 when the name is taken.
pub async fn add(app: &App, viewer: &Viewer, new: &NewCalendar) -> Result<CalendarId, Problem> {
    viewer.must_decide()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    let id = taken(store::insert(&mut tx, new, now).await)?;
    let deed = Deed::new(&viewer.id, "calendar.added", id.as_str());
    audit::record(&mut tx, now, deed.after(new.told())).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a calendar that is still at a version. Says whether it was.
///
/// # Errors
/// 403 for who does not decide; 409 when the name is taken.
pub async fn change(
    app: &App,
    viewer: &Viewer,
    calendar: &Calendar,
    new: &NewCalendar,
    version: i64,
) -> Result<bool, Problem> {
    viewer.must_decide()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    let was = json!({ "name": calendar.name, "zone": calendar.zone, "days": calendar.numbers(),
        "opens": calendar.opens, "closes": calendar.closes, "for_all": calendar.for_all });
    if !taken(store::update(&mut tx, &calendar.id, new, version, now).await)? {
        return Ok(false);
    }
    let deed = Deed::new(&viewer.id, "calendar.changed", calendar.id.as_str());
    audit::record(&mut tx, now, deed.before(was).after(new.told())).await?;
    tx.commit().await?;
    Ok(true)
}

/// What a file of holidays came to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HolidaysAdded)]
pub struct Added {
    /// Days off that are new.
    pub added: usize,
    /// Days off that were there already.
    pub there: usize,
    /// What was set aside, and why.
    pub set_aside: Vec<String>,
}

/// Adds the holidays of an iCalendar text.
///
/// # Errors
/// 403 for who does not decide; 422 when it cannot be read.
pub async fn add_holidays(
    app: &App,
    viewer: &Viewer,
    calendar: &Calendar,
    text: &str,
) -> Result<Added, Problem> {
    viewer.must_decide()?;
    let now = app.now();
    let year = now.timestamp().to_zoned(TimeZone::UTC).year();
    let said = ics::read(text, year).map_err(|why| Problem::field("file", why))?;
    let mut tx = app.db.write().await?;
    let mut added = 0;
    for (day, name) in &said.days {
        added += usize::from(store::insert_holiday(&mut tx, &calendar.id, *day, name).await?);
    }
    let there = said.days.len() - added;
    if added > 0 {
        store::touch(&mut tx, &calendar.id, now).await?;
        let deed = Deed::new(&viewer.id, "calendar.holidays_added", calendar.id.as_str());
        audit::record(&mut tx, now, deed.after(json!({ "added": added, "there": there }))).await?;
    }
    tx.commit().await?;
    Ok(Added { added, there, set_aside: said.set_aside })
}

/// Adds one day off by hand. Says whether it is new.
///
/// # Errors
/// 403 for who does not decide.
pub async fn add_holiday(
    app: &App,
    viewer: &Viewer,
    calendar: &Calendar,
    day: Date,
    name: &str,
) -> Result<bool, Problem> {
    viewer.must_decide()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    let is_new = store::insert_holiday(&mut tx, &calendar.id, day, name).await?;
    if is_new {
        store::touch(&mut tx, &calendar.id, now).await?;
        let deed = Deed::new(&viewer.id, "calendar.holidays_added", calendar.id.as_str());
        audit::record(&mut tx, now, deed.after(json!({ "day": day, "name": name }))).await?;
    }
    tx.commit().await?;
    Ok(is_new)
}

/// Takes a day off away.
///
/// # Errors
/// 403 for who does not decide; 404 when it is no day off.
pub async fn remove_holiday(
    app: &App,
    viewer: &Viewer,
    calendar: &Calendar,
    day: Date,
) -> Result<(), Problem> {
    viewer.must_decide()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    if !store::delete_holiday(&mut tx, &calendar.id, day).await? {
        return Err(Problem::not_found());
    }
    store::touch(&mut tx, &calendar.id, now).await?;
    let deed = Deed::new(&viewer.id, "calendar.holiday_removed", calendar.id.as_str());
    audit::record(&mut tx, now, deed.before(json!({ "day": day }))).await?;
    tx.commit().await?;
    Ok(())
}

/// Has a team follow a calendar; none is the one for all.
///
/// # Errors
/// 403 for who does not decide.
pub async fn follow(
    app: &App,
    viewer: &Viewer,
    team: &TeamId,
    calendar: Option<&Calendar>,
) -> Result<(), Problem> {
    viewer.must_decide()?;
    let mut tx = app.db.write().await?;
    store::follow(&mut tx, team, calendar.map(|one| &one.id)).await?;
    let deed = Deed::new(&viewer.id, "team.calendar_chosen", team.as_str());
    let after = json!({ "calendar": calendar.map(|one| &one.slug) });
    audit::record(&mut tx, app.now(), deed.after(after)).await?;
    tx.commit().await?;
    Ok(())
}
