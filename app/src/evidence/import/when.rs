//! Times as sources write them. A time without a zone needs the person's word for it; a number is
//! never taken through floating point; a year outside 1970 to 2200 is a mistake of the source.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::item::{Occurred, Options, Precision, ZoneOrigin};

const FIRST: i64 = 0;
/// The start of the year 2200.
const LAST: i64 = 7_258_118_400;

/// A time that was understood, with what a reader should know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct When {
    pub(super) occurred: Occurred,
    /// Such as "this time came twice that night".
    pub(super) note: Option<&'static str>,
}

/// Why a time was not understood, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotATime(pub(super) String);

impl NotATime {
    fn no_zone(text: &str) -> NotATime {
        let text = super::scrub::line(text, 60);
        NotATime(format!(
            "The time “{text}” has no zone. Import again and say which zone the times are in."
        ))
    }
    fn unknown(text: &str) -> NotATime {
        let text = super::scrub::line(text, 60);
        NotATime(format!(
            "“{text}” is not a time we can read. Use RFC 3339, such as 2026-03-05T23:41:07Z."
        ))
    }
    fn outside(text: &str) -> NotATime {
        let text = super::scrub::line(text, 60);
        NotATime(format!("The time “{text}” is outside the years 1970 to 2200."))
    }
}

/// Seconds since 1970 with up to any number of decimals, as text. Exact; nothing else is a number.
pub(super) fn epoch(text: &str) -> Result<Occurred, NotATime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let sign = whole.strip_prefix('-').unwrap_or(whole);
    if sign.is_empty() || !digits(sign) || !digits(fraction) {
        return Err(NotATime::unknown(text));
    }
    let seconds: i64 = whole.parse().map_err(|_| NotATime::outside(text))?;
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let micros: i64 = micros.parse().map_err(|_| NotATime::unknown(text))?;
    instant(seconds, micros).ok_or_else(|| NotATime::outside(text))
}

/// A whole number of seconds, milliseconds, microseconds or nanoseconds, told by its size.
pub(super) fn epoch_any(text: &str) -> Result<Occurred, NotATime> {
    if text.contains('.') {
        return epoch(text);
    }
    let number: i128 = text.parse().map_err(|_| NotATime::unknown(text))?;
    let micros = match number {
        n if n < 0 => return Err(NotATime::outside(text)),
        n if n < 100_000_000_000 => n * 1_000_000,
        n if n < 100_000_000_000_000 => n * 1_000,
        n if n < 100_000_000_000_000_000 => n,
        n if n < 100_000_000_000_000_000_000 => n / 1_000,
        _ => return Err(NotATime::outside(text)),
    };
    let micros = i64::try_from(micros).map_err(|_| NotATime::outside(text))?;
    instant(micros / 1_000_000, micros % 1_000_000).ok_or_else(|| NotATime::outside(text))
}

/// Milliseconds since 1970.
pub(super) fn epoch_ms(ms: i64) -> Result<Occurred, NotATime> {
    let found = if ms < 0 { None } else { instant(ms / 1000, ms % 1000 * 1000) };
    found.ok_or_else(|| NotATime::outside(&ms.to_string()))
}

fn instant(seconds: i64, micros: i64) -> Option<Occurred> {
    // zero is what programs write when they know no time
    if seconds <= FIRST || LAST <= seconds {
        return None;
    }
    let at = Timestamp::from_microsecond(seconds.checked_mul(1_000_000)? + micros).ok()?;
    Some(Occurred { at, precision: Precision::Second, zone: ZoneOrigin::Instant })
}

/// An instant somebody else vouches for, such as the time of arrival.
pub(super) fn given(at: Timestamp) -> Occurred {
    let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
    Occurred { at, precision: Precision::Second, zone: ZoneOrigin::Instant }
}

/// A date and time as text: RFC 3339 and its looser neighbours (`2016-08-12 15:25:26 UTC`,
/// `2021-04-28 21:50:00 +0200`, `2026-03-05 23:41:07,123`, without seconds, a date alone), and whole
/// numbers as [`epoch_any`].
pub(super) fn written(text: &str, zone: Option<&TimeZone>) -> Result<When, NotATime> {
    let text = text.trim();
    if !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && text.matches('.').count() <= 1
        && text.len() >= 9
    {
        return epoch_any(text).map(|occurred| When { occurred, note: None });
    }
    let stamp = Stamp::parse(text).ok_or_else(|| NotATime::unknown(text))?;
    if stamp.rest.trim().is_empty() {
        stamp.place(text, zone)
    } else {
        Err(NotATime::unknown(text))
    }
}

/// What the text began with, read piece by piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp<'a> {
    pub(super) date: civil::Date,
    pub(super) time: civil::Time,
    pub(super) precision: Precision,
    /// `Z`, `+02:00`, `UTC`.
    offset: Option<(i32, String)>,
    pub(super) rest: &'a str,
}

impl<'a> Stamp<'a> {
    /// Reads a date, and a time if one follows, from the start of the text.
    pub(super) fn parse(text: &'a str) -> Option<Stamp<'a>> {
        let (year, rest) = digits(text, 4, 4)?;
        let separator = rest.chars().next().filter(|c| *c == '-' || *c == '/')?;
        let (month, rest) = digits(&rest[1..], 2, 2)?;
        let (day, rest) = digits(rest.strip_prefix(separator)?, 2, 2)?;
        let date = civil::Date::new(year, month, day).ok()?;
        let clock = rest.strip_prefix(['T', 't', ' ', '_']).and_then(clock);
        let Some((time, precision, rest)) = clock else {
            let whole = Stamp {
                date,
                time: civil::Time::midnight(),
                precision: Precision::Day,
                offset: None,
                rest,
            };
            // `2026-03-05x` is no date
            return rest.chars().next().is_none_or(|c| !c.is_alphanumeric()).then_some(whole);
        };
        let (offset, rest) = offset(rest);
        Some(Stamp { date, time, precision, offset, rest })
    }

    /// The same for a day known from elsewhere.
    pub(super) fn on(date: civil::Date, text: &'a str) -> Option<Stamp<'a>> {
        let (time, precision, rest) = clock(text)?;
        let (offset, rest) = offset(rest);
        Some(Stamp { date, time, precision, offset, rest })
    }

    /// Puts date, time and zone together. `text` is what the person wrote, for the message.
    pub(super) fn place(&self, text: &str, zone: Option<&TimeZone>) -> Result<When, NotATime> {
        let local = self.date.to_datetime(self.time);
        let (at, origin, note) = if let Some((seconds, stated)) = &self.offset {
            let offset =
                jiff::tz::Offset::from_seconds(*seconds).map_err(|_| NotATime::unknown(text))?;
            let at = offset.to_timestamp(local).map_err(|_| NotATime::outside(text))?;
            (at, ZoneOrigin::Stated(stated.clone()), None)
        } else {
            let zone = zone.ok_or_else(|| NotATime::no_zone(text))?;
            let ambiguous = zone.to_ambiguous_timestamp(local);
            let note = match ambiguous.offset() {
                jiff::tz::AmbiguousOffset::Unambiguous { .. } => None,
                jiff::tz::AmbiguousOffset::Fold { .. } => {
                    Some("this time came twice when the clocks went back; the earlier is taken")
                }
                jiff::tz::AmbiguousOffset::Gap { .. } => {
                    Some("this time did not exist when the clocks went forward; the later is taken")
                }
            };
            let at = ambiguous.compatible().map_err(|_| NotATime::outside(text))?;
            (at, ZoneOrigin::Said(zone_name(zone)), note)
        };
        if at.as_second() <= FIRST || LAST <= at.as_second() {
            return Err(NotATime::outside(text));
        }
        let at = Timestamp::from_microsecond(at.as_microsecond())
            .map_err(|_| NotATime::outside(text))?;
        Ok(When { occurred: Occurred { at, precision: self.precision, zone: origin }, note })
    }
}

/// The name of a zone as people say it.
pub(super) fn zone_name(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => zone
            .to_fixed_offset()
            .map(|offset| offset.to_string())
            .unwrap_or_else(|_| "a zone of its own".to_owned()),
    }
}

/// What an item says that is dated by its arrival alone.
pub const RECEIVED: &str = "no time in the source: this is when it was received";

/// For what carries no time: the person's day, or else the time it came.
pub(super) fn undated(options: &Options) -> Option<(Occurred, &'static str)> {
    if let (Some(day), Some(zone)) = (options.day, &options.zone) {
        let at = zone.to_zoned(day.to_datetime(civil::Time::midnight())).ok()?.timestamp();
        let occurred =
            Occurred { at, precision: Precision::Day, zone: ZoneOrigin::Said(zone_name(zone)) };
        return Some((occurred, "no time in the source: the day is the one said at import"));
    }
    options.now_for_undated.map(|at| (given(at), RECEIVED))
}

/// `23:41`, `23:41:07`, `23:41:07.123456789`, `23:41:07,123`, `2:05 pm`.
fn clock(text: &str) -> Option<(civil::Time, Precision, &str)> {
    let (hour, rest) = digits(text, 1, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let mut precision = Precision::Minute;
    let (mut second, mut nanos, mut rest) = (0, 0, rest);
    if let Some((found, after)) = rest.strip_prefix(':').and_then(|rest| digits(rest, 2, 2)) {
        (second, rest, precision) = (found, after, Precision::Second);
        if let Some(after) = rest.strip_prefix(['.', ',']) {
            let count = after.bytes().take_while(u8::is_ascii_digit).count();
            if count > 0 {
                let nine: String =
                    after[..count].chars().chain("000000000".chars()).take(9).collect();
                (nanos, rest) = (nine.parse().ok()?, &after[count..]);
            }
        }
    }
    let lower = scrub_start(rest);
    let hour = match (lower.as_str(), hour) {
        ("am", 12) => 0,
        ("am", 1..=11) => hour,
        ("pm", 12) => 12,
        ("pm", 1..=11) => hour + 12,
        ("am" | "pm", _) => return None,
        _ => hour,
    };
    if lower == "am" || lower == "pm" {
        rest = &rest.trim_start()[2..];
    }
    if rest.starts_with(|c: char| c.is_ascii_digit() || c == ':') {
        return None;
    }
    // a leap second is the second before it
    let second = if second == 60 { 59 } else { second };
    let hour = i8::try_from(hour).ok()?;
    let time = civil::Time::new(hour, minute, second, nanos).ok()?;
    Some((time, precision, rest))
}

/// `am` or `pm` if the text begins so, as a word of its own.
fn scrub_start(text: &str) -> String {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let word: String = text.chars().take_while(char::is_ascii_alphabetic).take(3).collect();
    word.to_ascii_lowercase()
}

/// `Z`, `+02:00`, `+0200`, `+02`, ` UTC`, ` +0200`: seconds east of UTC and how it was written.
fn offset(text: &str) -> (Option<(i32, String)>, &str) {
    let trimmed = text.strip_prefix(' ').unwrap_or(text);
    for word in ["UTC", "GMT", "Z", "z"] {
        if let Some(rest) = trimmed.strip_prefix(word)
            && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '+' || c == '-')
        {
            return (Some((0, word.to_owned())), rest);
        }
    }
    let sign = match trimmed.chars().next() {
        Some('+') => 1,
        Some('-') => -1,
        _ => return (None, text),
    };
    let Some((hours, rest)) = digits::<i32>(&trimmed[1..], 2, 2) else { return (None, text) };
    let colon = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = match digits::<i32>(colon, 2, 2) {
        Some(found) => found,
        // `14:02 -15 connections` tells no zone
        None if trimmed.len() < text.len() => return (None, text),
        None => (0, rest),
    };
    if hours > 15 || minutes > 59 || rest.starts_with(|c: char| c.is_ascii_digit()) {
        return (None, text);
    }
    let stated = &trimmed[..trimmed.len() - rest.len()];
    (Some((sign * (hours * 3600 + minutes * 60), stated.to_owned())), rest)
}

/// A run of at least `least` and at most `most` digits.
pub(super) fn digits<N: std::str::FromStr>(
    text: &str,
    least: usize,
    most: usize,
) -> Option<(N, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    Some((text[..count].parse().ok()?, &text[count..]))
}
