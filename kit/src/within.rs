//! Within how long something is due: hours, days, business days. Saturdays and Sundays are no business
//! days; holidays come with the calendars of teams.

use crate::db::Time;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

/// A length of time as policies write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// `4h`
    Hours(i64),
    /// `2d`
    Days(i64),
    /// `2bd`
    BusinessDays(i64),
}

impl Within {
    /// Reads `4h`, `2d`, `2bd`; at most two years.
    ///
    /// # Errors
    /// A sentence with the form.
    pub fn parse(text: &str) -> Result<Within, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let wrong = || format!("`{text}` is not such as 4h, 2d or 2bd.");
        let n: i64 = text[..digits].parse().map_err(|_| wrong())?;
        match &text[digits..] {
            "h" if n <= 17_520 => Ok(Within::Hours(n)),
            "d" if n <= 730 => Ok(Within::Days(n)),
            "bd" if n <= 520 => Ok(Within::BusinessDays(n)),
            _ => Err(wrong()),
        }
    }

    /// When it is due, counted from a time. Business days are those of UTC, and keep the time of day.
    #[must_use]
    pub fn after(self, from: Time) -> Time {
        let later = match self {
            Within::Hours(n) => from.timestamp().checked_add(SignedDuration::from_hours(n)).ok(),
            Within::Days(n) => {
                from.timestamp().checked_add(SignedDuration::from_hours(24 * n)).ok()
            }
            Within::BusinessDays(n) => business_days(from, n),
        };
        Time::new(later.unwrap_or(from.timestamp()))
    }

    /// In words: `4 hours`, `3 business days`.
    #[must_use]
    pub fn words(self) -> String {
        let several =
            |n: i64, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
        match self {
            Within::Hours(n) => several(n, "hour"),
            Within::Days(n) => several(n, "day"),
            Within::BusinessDays(n) => several(n, "business day"),
        }
    }
}

fn business_days(from: Time, n: i64) -> Option<jiff::Timestamp> {
    let mut at = from.timestamp().to_zoned(TimeZone::UTC);
    let mut left = n;
    while left > 0 {
        at = at.checked_add(1.day()).ok()?;
        if !matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    Some(at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::Within;
    use crate::db::Time;

    fn after(text: &str, from: &str) -> String {
        let from = Time::new(from.parse().unwrap());
        Within::parse(text).unwrap().after(from).to_string()
    }

    #[test]
    fn business_days_leave_saturday_and_sunday_out() {
        // 5 March 2026 is a Thursday.
        assert_eq!(after("3bd", "2026-03-05T12:00:00Z"), "2026-03-10T12:00:00Z");
        assert_eq!(after("1bd", "2026-03-07T12:00:00Z"), "2026-03-09T12:00:00Z");
        assert_eq!(after("4h", "2026-03-05T12:00:00Z"), "2026-03-05T16:00:00Z");
        assert_eq!(after("2d", "2026-03-06T12:00:00Z"), "2026-03-08T12:00:00Z");
        assert_eq!(Within::parse("3bd").unwrap().words(), "3 business days");
        for bad in ["", "3", "h", "3w", "-3d", "9999bd", "99999999999999999999h", "3 d"] {
            assert!(Within::parse(bad).is_err(), "{bad}");
        }
    }
}
