//! A calendar as it is kept and as it is said.

use super::working::Working;
use crate::people::Name;
pub(super) use crate::people::{
    clock_text, parse_clock, parse_date as parse_day, parse_days, parse_zone,
};
use crate::teams::slug;
use jiff::civil::{Time as Clock, Weekday};
use jiff::tz::TimeZone;
use kit::db::Time;

kit::id!(
    /// A calendar's id.
    CalendarId,
    "cal"
);

/// A calendar.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Calendar {
    /// Its id.
    pub id: CalendarId,
    /// What its address ends in.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// An IANA zone name.
    pub zone: String,
    /// ISO numbers of the working days: "1,2,3,4,5".
    pub days: String,
    /// When work begins: "09:00".
    pub opens: String,
    /// When it ends: "17:00".
    pub closes: String,
    /// Whether it holds for every team without one.
    pub for_all: bool,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts the changes.
    pub version: i64,
}

/// A day off.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    sqlx::FromRow,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The date.
    #[schema(format = Date, example = "2026-12-25")]
    pub day: String,
    /// What it is called.
    #[schema(example = "Christmas Day", min_length = 1, max_length = 80)]
    pub name: String,
}

impl Calendar {
    /// With its days off, as what due dates are counted in.
    #[must_use]
    pub fn working(&self, holidays: &[Holiday]) -> Working {
        let shipped = Working::default();
        let dates =
            holidays.iter().filter_map(|one| Some((one.day.parse().ok()?, one.name.clone())));
        Working {
            zone: TimeZone::get(&self.zone).unwrap_or(shipped.zone),
            opens: parse_clock(&self.opens).unwrap_or(shipped.opens),
            closes: parse_clock(&self.closes).unwrap_or(shipped.closes),
            days: self.weekdays(),
            holidays: dates.collect(),
        }
    }

    /// The numbers of its working days, 1 for Monday.
    pub(super) fn numbers(&self) -> Vec<i8> {
        self.days.split(',').filter_map(|n| n.parse().ok()).collect()
    }

    fn weekdays(&self) -> Vec<Weekday> {
        let days = self.numbers().into_iter();
        days.filter_map(|n| Weekday::from_monday_one_offset(n).ok()).collect()
    }

    /// "Monday to Friday, 09:00 to 17:00, Europe/Berlin".
    #[must_use]
    pub fn in_words(&self) -> String {
        let numbers = self.numbers();
        let days = match (numbers.as_slice(), run(&numbers)) {
            ([1, 2, 3, 4, 5, 6, 7], _) => "every day".to_owned(),
            (_, Some((first, last))) if last - first > 1 => {
                format!("{} to {}", day_name(first), day_name(last))
            }
            _ => numbers.iter().map(|n| day_name(*n)).collect::<Vec<_>>().join(", "),
        };
        let Calendar { opens, closes, zone, .. } = self;
        format!("{days}, {opens} to {closes}, {zone}")
    }
}

/// First and last, when no day between is left out.
fn run(numbers: &[i8]) -> Option<(i8, i8)> {
    let (first, last) = (*numbers.first()?, *numbers.last()?);
    let whole = numbers.windows(2).all(|pair| matches!(pair, [a, b] if b - a == 1));
    whole.then_some((first, last))
}

/// The names of the days of the week, with their ISO numbers.
pub(super) const DAYS: [(i8, &str); 7] = [
    (1, "Monday"),
    (2, "Tuesday"),
    (3, "Wednesday"),
    (4, "Thursday"),
    (5, "Friday"),
    (6, "Saturday"),
    (7, "Sunday"),
];

fn day_name(n: i8) -> &'static str {
    DAYS.iter().find(|(number, _)| *number == n).map_or("", |(_, name)| name)
}

/// What is said of a calendar.
#[derive(Debug, Clone)]
pub struct NewCalendar {
    /// What it is called.
    pub name: Name,
    /// An IANA zone name.
    pub zone: String,
    /// ISO numbers of the working days, in order, at least one.
    pub days: Vec<i8>,
    /// When work begins.
    pub opens: Clock,
    /// When it ends; later.
    pub closes: Clock,
    /// Whether it holds for every team without one.
    pub for_all: bool,
}

impl NewCalendar {
    /// Of a name, as the shipped hours are.
    #[must_use]
    pub fn shipped(name: Name) -> NewCalendar {
        let shipped = Working::default();
        NewCalendar {
            name,
            zone: "UTC".to_owned(),
            days: vec![1, 2, 3, 4, 5],
            opens: shipped.opens,
            closes: shipped.closes,
            for_all: false,
        }
    }

    /// What its address ends in.
    pub(super) fn slug(&self) -> String {
        slug(self.name.as_str())
    }

    /// The working days as they are kept.
    pub(super) fn days_text(&self) -> String {
        self.days.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    /// For the audit log.
    pub(super) fn told(&self) -> serde_json::Value {
        serde_json::json!({
            "name": self.name.as_str(), "zone": self.zone, "days": self.days, "for_all": self.for_all,
            "opens": clock_text(self.opens), "closes": clock_text(self.closes),
        })
    }
}
