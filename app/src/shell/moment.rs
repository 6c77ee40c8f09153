//! Moments as people type them: a day and a clock time in a zone that is said, never guessed.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use kit::db::Time;

/// Reads `2026-11-12 14:02`, with seconds or not, with `T` or a blank, in `zone`; or with its own
/// `Z` or `+02:00`, which then counts.
///
/// # Errors
/// A sentence with the form, or that the clock skipped or repeated this time there.
pub fn parse(text: &str, zone: &str) -> Result<Time, String> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return sane(at);
    }
    let bare = text.strip_suffix("UTC").map(str::trim_end);
    let (text, zone) = bare.map_or((text, zone), |bare| (bare, "UTC"));
    let form = "Say a day and a time such as 2026-11-12 14:02.";
    let civil: DateTime = text.replacen(' ', "T", 1).parse().map_err(|_| form.to_owned())?;
    if !text.contains(':') {
        return Err(form.to_owned());
    }
    let known = TimeZone::get(if zone.is_empty() { "UTC" } else { zone })
        .map_err(|_| format!("`{zone}` is not a time zone such as Europe/Berlin."))?;
    let ambiguous = known.to_ambiguous_zoned(civil);
    if ambiguous.is_ambiguous() {
        return Err(format!(
            "The clocks changed in {zone} then, so {civil} was skipped or came twice. Say it in UTC."
        ));
    }
    let zoned: Zoned = ambiguous.compatible().map_err(|_| form.to_owned())?;
    sane(zoned.timestamp())
}

fn sane(at: Timestamp) -> Result<Time, String> {
    let year = at.to_zoned(TimeZone::UTC).year();
    if (1970..=2200).contains(&year) {
        return Ok(Time::new(at));
    }
    Err(format!("The year {year} is not between 1970 and 2200."))
}

/// Reads a day, `2026-11-12`.
///
/// # Errors
/// A sentence with the form.
pub fn parse_day(text: &str) -> Result<String, String> {
    let day: jiff::civil::Date =
        text.trim().parse().map_err(|_| "Say a day such as 2026-11-12.".to_owned())?;
    if (1970..=2200).contains(&day.year()) {
        return Ok(day.to_string());
    }
    Err(format!("The year {} is not between 1970 and 2200.", day.year()))
}

/// The day it is in UTC, `2026-11-12`.
#[must_use]
pub fn today(now: Time) -> String {
    now.timestamp().to_zoned(TimeZone::UTC).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::{parse, parse_day};

    #[test]
    fn a_moment_is_read_in_the_zone_that_was_said() {
        let utc = |text, zone| parse(text, zone).map(|time| time.to_string());
        assert_eq!(utc("2026-11-12 14:02", "UTC").unwrap(), "2026-11-12T14:02:00Z");
        assert_eq!(utc("2026-11-12T14:02:05", "Europe/Berlin").unwrap(), "2026-11-12T13:02:05Z");
        assert_eq!(utc("2026-11-12 14:02 UTC", "Europe/Berlin").unwrap(), "2026-11-12T14:02:00Z");
        assert_eq!(utc("2026-11-12T14:02:00+02:00", "UTC").unwrap(), "2026-11-12T12:02:00Z");
        for bad in ["", "14:02", "2026-11-12", "yesterday", "12026-01-01 10:00", "0001-01-01 10:00"]
        {
            assert!(parse(bad, "UTC").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_that_came_twice_or_never_is_asked_about() {
        assert!(parse("2026-10-25 02:30", "Europe/Berlin").unwrap_err().contains("came twice"));
        assert!(parse("2026-03-29 02:30", "Europe/Berlin").is_err());
    }

    #[test]
    fn a_day_is_a_day() {
        assert_eq!(parse_day(" 2026-11-12 ").unwrap(), "2026-11-12");
        assert!(parse_day("2026-02-30").is_err());
    }
}
