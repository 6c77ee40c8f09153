//! Clock times inside texts ("23:38 UTC"). Only a time whose zone stands beside it, or beside another
//! time of the same text, is an instant; any other is remembered as what it is, in doubt.

use super::words::{Clause, clause_of};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};
use regex::Regex;
use std::sync::LazyLock;

/// A time that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// As it is written.
    pub(super) text: String,
    /// The instant: by its zone, or read as UTC when it has none.
    pub(super) at: Timestamp,
    /// Whether the text gives a zone.
    pub(super) zoned: bool,
    /// Whether seconds are given.
    pub(super) to_the_second: bool,
    /// Which clause it stands in.
    pub(super) clause: usize,
}

static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:(\d{4})-(\d\d)-(\d\d)[t ])?\b([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?:[.,]\d{1,9})?(?:\s?(z|utc|gmt|[+-]\d\d:?\d\d))?",
    )
    .expect("a constant")
});

/// The times that a folded text names, said at `said`. Those without a day are taken nearest to it.
pub(super) fn named(folded: &str, clauses: &[Clause], said: Timestamp) -> Vec<Named> {
    let mut found = Vec::new();
    let mut offsets = Vec::new();
    for c in TIMES.captures_iter(folded) {
        let (Some(all), Some(hour), Some(minute)) = (c.get(0), number(&c, 4), number(&c, 5)) else {
            continue;
        };
        if !is_clock(folded, all.start(), all.end()) {
            continue;
        }
        let day = match (number(&c, 1), number(&c, 2), number(&c, 3)) {
            (Some(year), Some(month), Some(day)) => match Date::new(year, month as i8, day as i8) {
                Ok(day) => Some(day),
                Err(_) => continue,
            },
            _ => None,
        };
        let offset = c.get(7).and_then(|zone| offset(zone.as_str()));
        let second = number(&c, 6);
        offsets.extend(offset);
        found.push((all, day, (hour, minute, second), offset));
    }
    // one zone said in a text holds for all its times; two different ones hold for their own only
    let shared =
        offsets.first().filter(|first| offsets.iter().all(|other| other == *first)).copied();
    let mut named = Vec::new();
    for (all, day, (hour, minute, second), offset) in found {
        let zone = offset.or(shared);
        let time = (hour, minute, second.unwrap_or(0));
        let Some(at) = instant(day, time, zone.unwrap_or(Offset::UTC), said) else { continue };
        let clause = clause_of(clauses, all.start());
        named.push(Named {
            text: all.as_str().trim().to_uppercase(),
            at,
            zoned: zone.is_some(),
            to_the_second: second.is_some(),
            clause,
        });
    }
    named
}

fn number(c: &regex::Captures<'_>, group: usize) -> Option<i16> {
    c.get(group)?.as_str().parse().ok()
}

/// Not part of an address, a ratio or a version.
fn is_clock(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let apart =
        |c: Option<char>| c.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, ':' | '_' | '/')));
    let point = |c: Option<char>| c.is_some_and(|c| matches!(c, '.' | '-'));
    apart(before)
        && !point(before)
        && (apart(after) || after.is_some_and(|c| !c.is_ascii() && c.is_alphabetic()))
}

fn offset(zone: &str) -> Option<Offset> {
    let Some(sign) = zone.chars().next().filter(|c| matches!(c, '+' | '-')) else {
        return Some(Offset::UTC);
    };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes): (i32, i32) =
        (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?);
    if minutes > 59 {
        return None;
    }
    let seconds = hours * 3_600 + minutes * 60;
    Offset::from_seconds(if sign == '-' { -seconds } else { seconds }).ok()
}

fn instant(
    day: Option<Date>,
    (hour, minute, second): (i16, i16, i16),
    offset: Offset,
    said: Timestamp,
) -> Option<Timestamp> {
    let on = |day: Date| {
        let time = day.at(hour as i8, minute as i8, second as i8, 0);
        offset.to_timestamp(time).ok()
    };
    if let Some(day) = day {
        return on(day);
    }
    let today = offset.to_datetime(said).date();
    let days = [today.yesterday().ok(), Some(today), today.tomorrow().ok()];
    let candidates = days.into_iter().flatten().filter_map(on);
    let minute = SignedDuration::from_mins(1);
    // people speak of the past: half a day ahead is as far as half a day and more behind
    candidates.min_by_key(|at| {
        let ahead = at.duration_since(said);
        if ahead > minute { (ahead * 2, 1) } else { (ahead.abs(), 0) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::propose::words::clauses;

    fn read(text: &str, said: &str) -> Vec<(String, bool, String)> {
        let folded = text.to_lowercase();
        let said = said.parse().expect("a time");
        named(&folded, &clauses(&folded), said)
            .into_iter()
            .map(|n| (n.at.to_string(), n.zoned, n.text))
            .collect()
    }

    #[test]
    fn a_zone_beside_a_time_makes_it_an_instant() {
        let found =
            read("Error rate rose at 23:38 UTC, deploy finished 23:37:40", "2026-03-05T23:47:12Z");
        assert_eq!(found[0], ("2026-03-05T23:38:00Z".into(), true, "23:38 UTC".into()));
        assert_eq!(found[1], ("2026-03-05T23:37:40Z".into(), true, "23:37:40".into()));
        assert_eq!(read("at 23:50 utc", "2026-03-06T00:05:00Z")[0].0, "2026-03-05T23:50:00Z");
        assert_eq!(read("um 01:10 +01:00", "2026-03-06T00:15:00Z")[0].0, "2026-03-06T00:10:00Z");
        assert_eq!(read("2026-03-01 10:00Z", "2026-03-06T00:15:00Z")[0].0, "2026-03-01T10:00:00Z");
    }

    #[test]
    fn a_time_without_a_zone_stays_in_doubt() {
        assert!(!read("resolved at 15:40", "2026-03-05T16:02:00Z")[0].1);
    }

    #[test]
    fn addresses_and_ratios_are_no_times() {
        for text in [
            "10.0.3.11:8080 is down",
            "10.0.3.11:20",
            "::1:20",
            "ratio 3:1",
            "a1:20",
            "25:10",
            "2026-13-41t10:00:00z",
            "http://x/12:30",
        ] {
            assert!(read(text, "2026-03-05T16:02:00Z").is_empty(), "{text}");
        }
    }
}
