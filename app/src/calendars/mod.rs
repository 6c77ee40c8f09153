//! Calendars: when people work. A due date in business days, and a working hour to answer in, are
//! counted in the zone, the hours and the days off of the team that it concerns.
//!
//! Invariants
//! - A calendar has at least one working day, and closes after it opens.
//! - At most one calendar holds for all; without any, Monday to Friday, 9 to 17, UTC does.
//! - A file of holidays adds what is new and takes nothing away; what it holds and we do not read is named.
//!
//! Tables: `calendars`, `holidays`, `team_calendars`. No other slice names them.

mod api;
mod calendar;
mod ics;
mod offset;
mod pages;
mod store;
#[cfg(test)]
mod tests;
mod verbs;
mod working;

pub use api::routes as api_routes;
pub use calendar::{Calendar, CalendarId, NewCalendar};
pub use offset::{Offset, Unit};
pub use pages::routes;
pub use store::find;
pub use verbs::{Added, add, add_holidays, change, follow, remove_holiday};
pub use working::Working;

use crate::teams::TeamId;
use kit::db::{Conn, Result};

/// When the people of a team work; without a team, when everybody does.
///
/// # Errors
/// What the database says.
pub async fn of_team(conn: &mut Conn, team: Option<&TeamId>) -> Result<Working> {
    let Some(calendar) = store::of_team(conn, team).await? else { return Ok(Working::default()) };
    let holidays = store::holidays(conn, &calendar.id).await?;
    Ok(calendar.working(&holidays))
}
