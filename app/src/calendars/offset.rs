//! How long after (or before) something a thing is due: `4h`, `2d`, `2bd`, `4wh`, `-24h`.

use jiff::{SignedDuration, Span};
use std::fmt;
use std::str::FromStr;

/// What an offset counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Hours of the clock: `h`.
    Hours,
    /// Hours in which people work: `wh`.
    WorkingHours,
    /// Days of the calendar: `d`.
    Days,
    /// Days on which people work: `bd`.
    BusinessDays,
}

impl Unit {
    const ALL: [(Unit, &'static str); 4] = [
        // The longer endings first, since `2bd` also ends in `d`.
        (Unit::WorkingHours, "wh"),
        (Unit::BusinessDays, "bd"),
        (Unit::Hours, "h"),
        (Unit::Days, "d"),
    ];

    fn letters(self) -> &'static str {
        Unit::ALL.iter().find(|(unit, _)| *unit == self).map_or("", |(_, letters)| letters)
    }
}

/// A number of hours or days after an anchor; below zero, before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Offset {
    /// How many.
    pub n: i64,
    /// Of what.
    pub unit: Unit,
}

/// The most of anything: two years of hours.
const MOST: i64 = 2 * 366 * 24;

impl Offset {
    /// In clock hours, where it is counted in them.
    pub(super) fn clock(self) -> Option<SignedDuration> {
        (self.unit == Unit::Hours).then(|| SignedDuration::from_hours(self.n))
    }

    /// In calendar days, where it is counted in them.
    pub(super) fn days(self) -> Option<Span> {
        (self.unit == Unit::Days).then(|| Span::new().days(self.n))
    }

    /// As people say it: "2 business days after", "24 hours before".
    #[must_use]
    pub fn in_words(self) -> String {
        let side = if self.n < 0 { "before" } else { "after" };
        format!("{} {side}", self.length_in_words())
    }

    /// How long it is, without the side: "2 business days".
    #[must_use]
    pub fn length_in_words(self) -> String {
        let n = self.n.unsigned_abs();
        let (one, many) = match self.unit {
            Unit::Hours => ("hour", "hours"),
            Unit::WorkingHours => ("working hour", "working hours"),
            Unit::Days => ("day", "days"),
            Unit::BusinessDays => ("business day", "business days"),
        };
        let what = if n == 1 { one } else { many };
        format!("{n} {what}")
    }
}

impl FromStr for Offset {
    type Err = String;

    fn from_str(text: &str) -> Result<Offset, String> {
        let text = text.trim();
        let parsed = Unit::ALL.iter().find_map(|(unit, letters)| {
            let n = text.strip_suffix(letters)?.parse::<i64>().ok()?;
            (n.abs() <= MOST).then_some(Offset { n, unit: *unit })
        });
        parsed.ok_or_else(|| {
            format!(
                "`{text}` is not a time from an anchor; say hours as 4h, working hours as 4wh, days as 2d, \
                 business days as 2bd, and what comes before with a minus sign."
            )
        })
    }
}

impl TryFrom<String> for Offset {
    type Error = String;

    fn try_from(text: String) -> Result<Offset, String> {
        text.parse()
    }
}

impl From<Offset> for String {
    fn from(offset: Offset) -> String {
        offset.to_string()
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.n, self.unit.letters())
    }
}

#[cfg(test)]
mod tests {
    use super::{Offset, Unit};

    #[test]
    fn every_unit_is_read_and_written_back() {
        for (text, n, unit, words) in [
            ("4h", 4, Unit::Hours, "4 hours after"),
            ("-24h", -24, Unit::Hours, "24 hours before"),
            ("4wh", 4, Unit::WorkingHours, "4 working hours after"),
            ("30d", 30, Unit::Days, "30 days after"),
            ("1bd", 1, Unit::BusinessDays, "1 business day after"),
        ] {
            let offset: Offset = text.parse().unwrap();
            assert_eq!((offset, offset.to_string()), (Offset { n, unit }, text.to_owned()));
            assert_eq!(offset.in_words(), words);
        }
        for odd in ["", "bd", "2", "2 weeks", "1.5h", "99999h"] {
            assert!(odd.parse::<Offset>().unwrap_err().contains("4wh"), "{odd}");
        }
    }
}
