//! When people work, and what follows from it: the instant at which something is due. Pure: zone, hours
//! and holidays in, instants out.

use super::offset::{Offset, Unit};
use jiff::civil::{Date, Time as Clock, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeMap;

/// How far ahead a working day is looked for before the calendar is taken to have none.
const HORIZON: usize = 800;

/// When a team works.
#[derive(Debug, Clone)]
pub struct Working {
    /// Where its clock stands.
    pub zone: TimeZone,
    /// From when on.
    pub opens: Clock,
    /// Until when; later than `opens`.
    pub closes: Clock,
    /// On which days of the week.
    pub days: Vec<Weekday>,
    /// On which dates it does not, with what they are called.
    pub holidays: BTreeMap<Date, String>,
}

impl Default for Working {
    /// Monday to Friday, 9 to 17, in UTC, without a holiday: what holds until somebody says otherwise.
    fn default() -> Working {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        Working {
            zone: TimeZone::UTC,
            opens: Clock::constant(9, 0, 0, 0),
            closes: Clock::constant(17, 0, 0, 0),
            days: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
            holidays: BTreeMap::new(),
        }
    }
}

impl Working {
    /// Whether people work on this date.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        self.days.contains(&date.weekday()) && !self.holidays.contains_key(&date)
    }

    /// Whether people work at this moment.
    #[must_use]
    pub fn is_working(&self, at: Timestamp) -> bool {
        let local = at.to_zoned(self.zone.clone());
        self.is_working_day(local.date()) && (self.opens..self.closes).contains(&local.time())
    }

    /// When something is due that counts from `anchor`.
    ///
    /// A number of business days ends when work ends on the last of them; the anchor's own day is not
    /// counted. Days of the calendar keep the time of day, across changes of the clock too. None when no
    /// such day is found within about two years: a calendar without working days.
    #[must_use]
    pub fn due(&self, anchor: Timestamp, offset: Offset) -> Option<Timestamp> {
        let local = anchor.to_zoned(self.zone.clone());
        match offset.unit {
            Unit::Hours => anchor.checked_add(offset.clock()?).ok(),
            Unit::Days => Some(local.checked_add(offset.days()?).ok()?.timestamp()),
            Unit::BusinessDays => {
                let day = self.business_day(local.date(), offset.n)?;
                self.instant(day, self.closes)
            }
            Unit::WorkingHours => self.after_work(anchor, offset.n),
        }
    }

    /// How many working minutes lie between two moments; none below zero.
    #[must_use]
    pub fn minutes_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        if to <= from {
            return 0;
        }
        let last = to.to_zoned(self.zone.clone()).date();
        let first = from.to_zoned(self.zone.clone()).date();
        let days = first.series(1.day()).take(HORIZON).take_while(|day| *day <= last);
        let spans = days.filter_map(|day| self.hours_of(day));
        spans
            .map(|(opens, closes)| {
                let (begins, ends) = (opens.max(from), closes.min(to));
                if ends > begins { ends.duration_since(begins).as_mins() } else { 0 }
            })
            .sum()
    }

    fn instant(&self, day: Date, clock: Clock) -> Option<Timestamp> {
        Some(day.to_datetime(clock).to_zoned(self.zone.clone()).ok()?.timestamp())
    }

    fn hours_of(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let works = self.is_working_day(day);
        works.then(|| Some((self.instant(day, self.opens)?, self.instant(day, self.closes)?)))?
    }

    /// The n-th working day after a date, or before it.
    fn business_day(&self, date: Date, n: i64) -> Option<Date> {
        if n == 0 {
            // "By the end of the day": the same, or the next one on which somebody is there.
            let mut days = date.series(1.day()).take(HORIZON);
            return days.find(|day| self.is_working_day(*day));
        }
        let step = if n > 0 { 1.day() } else { -1.day() };
        let nth = usize::try_from(n.unsigned_abs()).ok()? - 1;
        let days = date.series(step).skip(1).take(HORIZON + nth * 7);
        days.filter(|day| self.is_working_day(*day)).nth(nth)
    }

    /// So many working hours on; the clock stands still while nobody works.
    fn after_work(&self, anchor: Timestamp, hours: i64) -> Option<Timestamp> {
        let mut left = SignedDuration::from_hours(hours.abs());
        let step = if hours < 0 { -1.day() } else { 1.day() };
        let first = anchor.to_zoned(self.zone.clone()).date();
        let most = HORIZON + usize::try_from(hours.unsigned_abs()).ok()? * 7;
        for day in first.series(step).take(most) {
            let Some((opens, closes)) = self.hours_of(day) else { continue };
            let (from, to) =
                if hours < 0 { (opens, closes.min(anchor)) } else { (opens.max(anchor), closes) };
            if to <= from {
                continue;
            }
            let here = to.duration_since(from);
            if here >= left {
                return if hours < 0 { to.checked_sub(left) } else { from.checked_add(left) }.ok();
            }
            left -= here;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Working;
    use jiff::tz::TimeZone;
    use jiff::{Timestamp, civil::date};
    use proptest::prelude::{any, prop_assert, proptest};
    use rstest::rstest;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn berlin() -> Working {
        let mut working =
            Working { zone: TimeZone::get("Europe/Berlin").unwrap(), ..Working::default() };
        working.holidays.insert(date(2026, 12, 25), "Christmas Day".to_owned());
        working
    }

    // 2026-03-05 is a Thursday; Berlin's clocks go forward on 2026-03-29, a Sunday.
    #[rstest]
    #[case::hours_run_through_the_night("2026-03-05T22:00:00Z", "4h", "2026-03-06T02:00:00Z")]
    #[case::before("2026-03-05T22:00:00Z", "-24h", "2026-03-04T22:00:00Z")]
    #[case::two_days_on_a_thursday_are_monday(
        "2026-03-05T10:00:00Z",
        "2bd",
        "2026-03-09T16:00:00Z"
    )]
    #[case::from_a_saturday("2026-03-07T10:00:00Z", "1bd", "2026-03-09T16:00:00Z")]
    #[case::late_in_utc_is_friday_there("2026-03-05T23:30:00Z", "1bd", "2026-03-09T16:00:00Z")]
    #[case::a_holiday_is_no_business_day("2026-12-24T10:00:00Z", "1bd", "2026-12-28T16:00:00Z")]
    #[case::before_in_business_days("2026-03-09T10:00:00Z", "-2bd", "2026-03-05T16:00:00Z")]
    #[case::no_day_at_all_is_the_end_of_this_one(
        "2026-03-05T10:00:00Z",
        "0bd",
        "2026-03-05T16:00:00Z"
    )]
    #[case::a_day_keeps_the_time_of_day("2026-03-28T10:00:00Z", "1d", "2026-03-29T09:00:00Z")]
    #[case::an_hour_does_not("2026-03-28T10:00:00Z", "24h", "2026-03-29T10:00:00Z")]
    #[case::working_hours("2026-03-05T10:00:00Z", "4wh", "2026-03-05T14:00:00Z")]
    #[case::working_hours_over_the_weekend("2026-03-06T15:00:00Z", "4wh", "2026-03-09T11:00:00Z")]
    #[case::working_hours_from_the_night("2026-03-05T01:00:00Z", "4wh", "2026-03-05T12:00:00Z")]
    #[case::working_hours_before("2026-03-09T09:00:00Z", "-4wh", "2026-03-06T13:00:00Z")]
    fn things_are_due_when_people_expect(
        #[case] from: &str,
        #[case] offset: &str,
        #[case] due: &str,
    ) {
        assert_eq!(berlin().due(at(from), offset.parse().unwrap()), Some(at(due)));
    }

    #[test]
    fn a_calendar_without_a_working_day_says_so_by_none() {
        let nobody = Working { days: Vec::new(), ..Working::default() };
        for offset in ["1bd", "0bd", "-3bd", "4wh"] {
            assert_eq!(nobody.due(at("2026-03-05T10:00:00Z"), offset.parse().unwrap()), None);
        }
        assert_eq!(
            nobody.minutes_between(at("2026-03-05T10:00:00Z"), at("2026-03-09T10:00:00Z")),
            0
        );
    }

    #[test]
    fn minutes_are_counted_while_people_work() {
        let (from, to) = (at("2026-03-06T15:30:00Z"), at("2026-03-09T09:00:00Z"));
        assert_eq!(berlin().minutes_between(from, to), 30 + 60);
        assert_eq!(berlin().minutes_between(to, from), 0);
    }

    proptest! {
        #[test]
        fn a_later_anchor_is_never_due_earlier(hours in 0i64..5000, more in 0i64..500, n in -20i64..20, unit in any::<u8>()) {
            let unit = ["h", "wh", "d", "bd"][usize::from(unit % 4)];
            let offset = format!("{n}{unit}").parse().unwrap();
            let start = at("2026-01-01T00:00:00Z");
            let (one, two) = (start + jiff::SignedDuration::from_hours(hours), start + jiff::SignedDuration::from_hours(hours + more));
            let (first, second) = (berlin().due(one, offset).unwrap(), berlin().due(two, offset).unwrap());
            // Days of the calendar may lose an hour where the clock jumps.
            prop_assert!(second + jiff::SignedDuration::from_hours(1) >= first);
        }
    }
}
