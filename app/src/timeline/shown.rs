//! How times stand on the pages: in a zone that is always printed, as finely as they are known, with
//! the doubt beside them.

use super::entry::Content;
use crate::incidents::key_time::Precision;
use jiff::tz::TimeZone;
use kit::db::Time;

kit::words!(
    /// Which zone a page shows times in.
    Zone {
        /// Universal time.
        Utc = "utc", "UTC";
        /// The viewer's own.
        Mine = "mine", "Yours";
        /// Counted from the start of impact.
        Offset = "offset", "From impact start";
    }
);

/// How a page shows times.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Which zone.
    pub zone: Zone,
    tz: TimeZone,
    start: Option<Time>,
}

/// A time as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// For programs.
    pub iso: String,
    /// What the browser may rewrite it as: `second`, `minute`; none for what it must leave alone.
    pub finely: Option<&'static str>,
    /// Whether it is not sure.
    pub about: bool,
    /// The clock time, or the day.
    pub text: String,
    /// The zone's short name.
    pub zone: String,
    /// `± 1 min`.
    pub doubt: Option<String>,
}

impl Clock {
    /// Universal time.
    #[must_use]
    pub fn utc() -> Clock {
        Clock { zone: Zone::Utc, tz: TimeZone::UTC, start: None }
    }

    /// The clock of a page: `zone` is the viewer's, `start` the start of impact. Without a start there
    /// is nothing to count from, so it is universal time.
    #[must_use]
    pub fn of(wanted: &str, zone: &str, start: Option<Time>) -> Clock {
        let wanted = Zone::parse(wanted).unwrap_or(Zone::Utc);
        match (wanted, TimeZone::get(zone)) {
            (Zone::Mine, Ok(tz)) => Clock { zone: Zone::Mine, tz, start },
            (Zone::Offset, _) if start.is_some() => {
                Clock { zone: Zone::Offset, tz: TimeZone::UTC, start }
            }
            _ => Clock { start, ..Clock::utc() },
        }
    }

    /// The day it is then, to part a long span by; none when counting from the start.
    #[must_use]
    pub fn day(&self, at: Time) -> Option<String> {
        let zoned = at.timestamp().to_zoned(self.tz.clone());
        (self.zone != Zone::Offset).then(|| zoned.strftime("%A, %-d %B %Y").to_string())
    }

    /// Where its axis is counted from, in microseconds: midnight somewhere, or the start.
    #[must_use]
    pub fn origin(&self) -> i64 {
        match (self.zone, self.start) {
            (Zone::Offset, Some(start)) => start.microseconds(),
            _ => 0,
        }
    }

    /// The short name of the zone then.
    #[must_use]
    pub fn zone_name(&self, at: Time) -> String {
        match self.zone {
            Zone::Utc => "UTC".to_owned(),
            Zone::Mine => at.timestamp().to_zoned(self.tz.clone()).strftime("%Z").to_string(),
            Zone::Offset => "from start".to_owned(),
        }
    }

    /// A time as it is shown.
    #[must_use]
    pub fn show(&self, at: Time, precision: Precision, uncertainty_s: i64) -> Shown {
        let about = uncertainty_s > 0 || precision == Precision::Hour;
        let finely = match precision {
            Precision::Second => Some("second"),
            Precision::Minute | Precision::Hour => Some("minute"),
            // A day is that day everywhere; it is not moved.
            Precision::Day => None,
        };
        let sign = if about { "≈ " } else { "" };
        Shown {
            iso: at.to_string(),
            finely: finely.filter(|_| self.zone == Zone::Utc),
            about,
            text: format!("{sign}{}", self.text(at, precision)),
            zone: if precision == Precision::Day { "UTC".to_owned() } else { self.zone_name(at) },
            doubt: doubt(uncertainty_s),
        }
    }

    /// When an entry was.
    #[must_use]
    pub fn at(&self, content: &Content) -> Shown {
        self.show(content.at, content.precision, content.uncertainty_s)
    }

    /// Until when it lasted.
    #[must_use]
    pub fn until(&self, content: &Content) -> Option<Shown> {
        content.until.map(|until| self.show(until, content.precision, 0))
    }

    fn text(&self, at: Time, precision: Precision) -> String {
        if precision == Precision::Day {
            return at.timestamp().to_zoned(TimeZone::UTC).strftime("%-d %b").to_string();
        }
        if let (Zone::Offset, Some(start)) = (self.zone, self.start) {
            return offset(at, start, precision);
        }
        let form = match precision {
            Precision::Second => "%H:%M:%S",
            Precision::Minute | Precision::Hour | Precision::Day => "%H:%M",
        };
        at.timestamp().to_zoned(self.tz.clone()).strftime(form).to_string()
    }
}

/// `+00:17:30`, `−1 d 02:00`.
fn offset(at: Time, start: Time, precision: Precision) -> String {
    let micros = at.microseconds() - start.microseconds();
    // As the browser does it, so that both print the same.
    let seconds = (micros + 500_000).div_euclid(1_000_000);
    let sign = if seconds < 0 { "−" } else { "+" };
    let size = seconds.unsigned_abs();
    let days = size / 86_400;
    let days = if days > 0 { format!("{days} d ") } else { String::new() };
    let (hours, minutes) = (size % 86_400 / 3600, size % 3600 / 60);
    let second = match precision {
        Precision::Second => format!(":{:02}", size % 60),
        _ => String::new(),
    };
    format!("{sign}{days}{hours:02}:{minutes:02}{second}")
}

/// `± 10 min`, when there is doubt.
pub(super) fn doubt(seconds: i64) -> Option<String> {
    match seconds {
        i64::MIN..=0 => None,
        seconds if seconds % 86_400 == 0 => Some(format!("± {} d", seconds / 86_400)),
        seconds if seconds % 3600 == 0 => Some(format!("± {} h", seconds / 3600)),
        seconds if seconds % 60 == 0 => Some(format!("± {} min", seconds / 60)),
        seconds @ 1..=599 => Some(format!("± {seconds} s")),
        seconds => Some(format!("± {} min", seconds / 60)),
    }
}

/// A time as a form's field has it, in UTC, with all that is known of it.
#[must_use]
pub fn as_typed(at: Time, precision: Precision) -> String {
    let form = match precision {
        Precision::Day => "%Y-%m-%d",
        Precision::Minute | Precision::Hour if at.microseconds() % 60_000_000 == 0 => {
            "%Y-%m-%d %H:%M"
        }
        _ => "%Y-%m-%d %H:%M:%S%.f",
    };
    at.timestamp().to_zoned(TimeZone::UTC).strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Clock, Zone, as_typed};
    use crate::incidents::key_time::Precision;
    use crate::shell::moment;
    use kit::db::Time;
    use proptest::prelude::{prop_assert_eq, proptest};

    fn time(text: &str) -> Time {
        Time::new(text.parse().unwrap())
    }

    #[test]
    fn a_time_is_shown_as_finely_as_it_is_known_with_its_zone_and_doubt() {
        let at = time("2026-11-12T14:02:07Z");
        let clock = Clock::utc();
        let said = |precision, doubt| {
            let shown = clock.show(at, precision, doubt);
            (shown.text, shown.zone, shown.doubt)
        };
        let utc = || "UTC".to_owned();
        assert_eq!(said(Precision::Second, 0), ("14:02:07".into(), utc(), None));
        assert_eq!(said(Precision::Minute, 60), ("≈ 14:02".into(), utc(), Some("± 1 min".into())));
        assert_eq!(said(Precision::Day, 0), ("12 Nov".into(), utc(), None));
        assert_eq!(said(Precision::Second, 90).2, Some("± 90 s".into()));
    }

    #[test]
    fn the_zone_is_printed_whatever_it_is() {
        let (at, start) = (time("2026-11-12T23:30:00Z"), time("2026-11-12T23:12:30Z"));
        let mine = Clock::of("mine", "Europe/Berlin", None);
        let shown = mine.show(at, Precision::Second, 0);
        assert_eq!((shown.text.as_str(), shown.zone.as_str()), ("00:30:00", "CET"));
        assert_eq!(mine.day(at).unwrap(), "Friday, 13 November 2026");
        let offset = Clock::of("offset", "Europe/Berlin", Some(start));
        let shown = offset.show(at, Precision::Second, 0);
        assert_eq!((shown.text.as_str(), shown.zone.as_str()), ("+00:17:30", "from start"));
        assert_eq!(offset.show(start, Precision::Minute, 0).text, "+00:00");
        let before = time("2026-11-11T21:12:30Z");
        assert_eq!(offset.show(before, Precision::Second, 0).text, "−1 d 02:00:00");
    }

    #[test]
    fn without_a_start_nothing_is_counted_from_it() {
        assert_eq!(Clock::of("offset", "UTC", None).zone, Zone::Utc);
        assert_eq!(Clock::of("mine", "Not/AZone", None).zone, Zone::Utc);
        assert_eq!(Clock::of("nonsense", "UTC", None).zone, Zone::Utc);
    }

    proptest! {
        #[test]
        fn what_a_form_shows_reads_as_the_same_time(us in 0_i64..4_000_000_000_000_000) {
            let at = Time::from_microseconds(us).unwrap();
            prop_assert_eq!(moment::parse(&as_typed(at, Precision::Second), "UTC"), Ok(at));
            prop_assert_eq!(moment::parse(&as_typed(at, Precision::Minute), "UTC"), Ok(at));
        }
    }
}
