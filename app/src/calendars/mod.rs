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

use crate::access::PersonId;
use crate::people::{self, Person};
use crate::teams::{self, TeamId};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
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

/// When somebody works: by their own hours in their own zone, where they said them, else as their first
/// team does. The days off are the team's.
///
/// # Errors
/// What the database says.
pub async fn of_person(conn: &mut Conn, person: &Person) -> Result<Working> {
    let team = teams::of_person(conn, &person.id).await?.into_iter().next();
    let working = of_team(conn, team.as_ref()).await?;
    let known = people::store_details::details(conn, &person.id).await?;
    let Some(hours) = known.works else { return Ok(working) };
    let days = hours.days.iter().filter_map(|n| Weekday::from_monday_one_offset(*n).ok());
    Ok(Working {
        zone: TimeZone::get(&person.zone).unwrap_or(working.zone),
        opens: people::parse_clock(&hours.from).unwrap_or(working.opens),
        closes: people::parse_clock(&hours.to).unwrap_or(working.closes),
        days: days.collect(),
        holidays: working.holidays,
    })
}

/// When somebody of an id works.
///
/// # Errors
/// What the database says.
pub async fn of_person_id(conn: &mut Conn, id: &PersonId) -> Result<Working> {
    match people::find(conn, id).await? {
        Some(person) => of_person(conn, &person).await,
        None => Ok(Working::default()),
    }
}
