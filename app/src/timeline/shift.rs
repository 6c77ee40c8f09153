//! Bulk shift: a source's clock was wrong, so its entries move together.

use super::change::{Changed, Changing};
use super::entry::{Content, EntryId};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::incidents::Incident;
use crate::shell::words;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kit::db::Time;
use kit::web::Problem;

/// The most that entries are moved at once, in seconds: a year.
const MOST_S: i64 = 366 * 86_400;

/// Reads `+5 min`, `-00:00:30`, `1h 30m`, `90` (seconds), `-1d`.
///
/// # Errors
/// A sentence with the forms.
pub fn parse(text: &str) -> Result<SignedDuration, String> {
    let form = || format!("`{text}` is no length of time; say +5 min, -30 s, 1h 30m or -01:00:00.");
    let text_trimmed = text.trim().replace('−', "-");
    let (sign, rest) = match text_trimmed.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text_trimmed.strip_prefix('+').unwrap_or(&text_trimmed)),
    };
    let seconds = if rest.contains(':') { clock(rest) } else { units(rest) };
    match seconds {
        Some(0) => Err("A shift by nothing moves nothing.".to_owned()),
        Some(seconds) if seconds <= MOST_S => Ok(SignedDuration::from_secs(sign * seconds)),
        Some(_) => Err("That is more than a year; say a shorter time.".to_owned()),
        None => Err(form()),
    }
}

fn number(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn clock(text: &str) -> Option<i64> {
    let parts: Vec<i64> = text.trim().split(':').map(number).collect::<Option<_>>()?;
    match parts[..] {
        [hours, minutes] if minutes < 60 => Some(hours * 3600 + minutes * 60),
        [hours, minutes, seconds] if minutes < 60 && seconds < 60 => {
            Some(hours * 3600 + minutes * 60 + seconds)
        }
        _ => None,
    }
}

fn units(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut total = 0_i64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let amount = number(&rest[..digits])?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "" | "s" | "sec" | "second" | "seconds" => 1,
            "m" | "min" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3600,
            "d" | "day" | "days" => 86_400,
            _ => return None,
        };
        total = total.checked_add(amount.checked_mul(unit)?)?;
        rest = rest[letters..].trim_start();
    }
    Some(total)
}

/// A length in words: `+5 min`, `−1 h 30 min`.
#[must_use]
pub fn in_words(by: SignedDuration) -> String {
    let sign = if by.is_negative() { "−" } else { "+" };
    let seconds = by.as_secs().unsigned_abs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let said = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}"));
    format!("{sign}{}", said.collect::<Vec<_>>().join(" "))
}

fn moved(at: Time, by: SignedDuration) -> Result<Time, Problem> {
    let out = || Problem::field("by", "This would move an entry out of the years 1970 to 2200.");
    let to: Timestamp = at.timestamp().checked_add(by).map_err(|_| out())?;
    if !(1970..=2200).contains(&to.to_zoned(TimeZone::UTC).year()) {
        return Err(out());
    }
    Ok(Time::new(to))
}

/// Moves these entries, or all of them, by one length of time.
///
/// # Errors
/// 403 for who does not write; 404 when an entry is not there; 422 when there is none, or one would
/// leave the years that are kept.
pub async fn shift(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    entries: Option<&[EntryId]>,
    by: SignedDuration,
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let all = changing.all().await?;
    if let Some(ids) = entries
        && !ids.iter().all(|id| all.iter().any(|entry| entry.id == *id))
    {
        return Err(Problem::not_found());
    }
    let chosen = all.iter().filter(|entry| entries.is_none_or(|ids| ids.contains(&entry.id)));
    let mut n = 0;
    for entry in chosen {
        let content = Content {
            at: moved(entry.at, by)?,
            until: entry.until.map(|until| moved(until, by)).transpose()?,
            ..entry.content.clone()
        };
        changing.rewrite(entry, content).await?;
        n += 1;
    }
    if changing.is_empty() {
        return Err(Problem::field("entry", "Select the entries to move."));
    }
    let says = format!("Moved {} by {}.", words::count(n, "entry", "entries"), in_words(by));
    changing.finish("timeline.shifted", says, session).await
}

#[cfg(test)]
mod tests {
    use super::{in_words, parse};
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn lengths_read_as_people_write_them() {
        let seconds = |text: &str| parse(text).map(|by| by.as_secs());
        assert_eq!(seconds("+5 min"), Ok(300));
        assert_eq!(seconds("−1h 30m"), Ok(-5400));
        assert_eq!(seconds("-00:00:30"), Ok(-30));
        assert_eq!(seconds("90"), Ok(90));
        assert_eq!(seconds("1d"), Ok(86_400));
        for bad in ["", "0", "+", "five", "1x", "1:60", "9999999999", "400 d", "5 min later", "--5"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_said_of_a_length_reads_as_that_length(seconds in 1_i64..1_000_000, back: bool) {
            let by = jiff::SignedDuration::from_secs(if back { -seconds } else { seconds });
            prop_assert_eq!(parse(&in_words(by)), Ok(by));
        }

        #[test]
        fn whatever_is_typed_is_read_or_refused(text in ".{0,20}") {
            let _ = parse(&text);
        }
    }
}
