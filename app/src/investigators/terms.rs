//! For how long nobody owned a review. Pure.

use super::turn::Term;
use jiff::SignedDuration;
use kit::db::Time;

/// How long nobody owned it, from a time until another: what lies before, between and after the terms.
#[must_use]
pub fn unowned(from: Time, terms: &[Term], until: Time) -> SignedDuration {
    let (mut at, end) = (from.timestamp(), until.timestamp());
    let mut gaps = SignedDuration::ZERO;
    for term in terms {
        let since = term.since.timestamp().min(end);
        if since > at {
            gaps += since.duration_since(at);
        }
        at = at.max(term.until.map_or(end, |until| until.timestamp()));
    }
    if end > at { gaps + end.duration_since(at) } else { gaps }
}

/// "3 hours", "2 days": whole units, rounded down, the two largest.
#[must_use]
pub fn in_words(length: SignedDuration) -> String {
    let minutes = length.as_mins().max(0);
    let words = |n: i64, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let parts = match days {
        0 => [words(hours, "hour", "hours"), words(minutes, "minute", "minutes")],
        _ => [words(days, "day", "days"), words(hours, "hour", "hours")],
    };
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "no time".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::{Term, in_words, unowned};
    use crate::investigators::Rung;
    use jiff::SignedDuration;
    use kit::db::Time;
    use proptest::prelude::{prop_assert, proptest};

    fn at(hour: i64) -> Time {
        let start: jiff::Timestamp = "2026-03-05T00:00:00Z".parse().unwrap();
        Time::new(start + SignedDuration::from_hours(hour))
    }

    fn term(since: i64, until: Option<i64>) -> Term {
        Term { name: "Ada".into(), rule: Rung::Pool, since: at(since), until: until.map(at) }
    }

    #[test]
    fn what_nobody_owned_is_what_lies_between() {
        let hours = |terms: &[Term], until| unowned(at(0), terms, at(until)).as_hours();
        assert_eq!(hours(&[], 5), 5);
        assert_eq!(hours(&[term(2, None)], 9), 2);
        assert_eq!(hours(&[term(2, Some(4)), term(7, None)], 9), 5);
        assert_eq!(hours(&[term(2, Some(4))], 9), 7);
        assert_eq!(
            hours(&[term(-3, Some(4)), term(3, Some(5))], 6),
            1,
            "they may lie over each other"
        );
    }

    #[test]
    fn a_length_reads_in_words() {
        let words = |minutes| in_words(SignedDuration::from_mins(minutes));
        assert_eq!(words(0), "no time");
        assert_eq!(words(61), "1 hour 1 minute");
        assert_eq!(words(24 * 60 + 30), "1 day");
        assert_eq!(words(50 * 60), "2 days 2 hours");
    }

    proptest! {
        #[test]
        fn it_is_never_less_than_nothing_or_more_than_all(a in 0i64..50, b in 0i64..50, c in 0i64..50, end in 0i64..60) {
            let terms = [term(a, Some(a + b)), term(a + c, None)];
            let gap = unowned(at(0), &terms, at(end));
            prop_assert!(gap >= SignedDuration::ZERO && gap <= SignedDuration::from_hours(end));
        }
    }
}
