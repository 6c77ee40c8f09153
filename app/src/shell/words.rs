//! Words for times and lengths, the same on every page.

use jiff::tz::TimeZone;
use kit::db::Time;

/// `2026-03-05 23:41:07`; the zone is printed beside it.
#[must_use]
pub fn second(time: Time) -> String {
    in_utc(time, "%Y-%m-%d %H:%M:%S")
}

/// `2026-03-05 23:41`.
#[must_use]
pub fn minute(time: Time) -> String {
    in_utc(time, "%Y-%m-%d %H:%M")
}

/// `23:41`.
#[must_use]
pub fn clock(time: Time) -> String {
    in_utc(time, "%H:%M")
}

/// `23:41:07`.
#[must_use]
pub fn clock_second(time: Time) -> String {
    in_utc(time, "%H:%M:%S")
}

/// `5 March 2026`.
#[must_use]
pub fn day(time: Time) -> String {
    in_utc(time, "%-d %B %Y")
}

/// `2026-03-05`.
#[must_use]
pub fn date(time: Time) -> String {
    in_utc(time, "%Y-%m-%d")
}

/// What people wrote as Markdown, as HTML that is safe in a page; keys such as INC-42 become links.
#[must_use]
pub fn markdown(text: &str) -> String {
    let options = kit::markdown::Options { references: Some(&reference), ..Default::default() };
    kit::markdown::to_html(text, &options)
}

/// Where a key leads; whoever may not see what is there is told that nothing is.
fn reference(key: &str) -> Option<String> {
    let (prefix, number) = key.split_once('-')?;
    number.parse::<u32>().ok()?;
    match prefix {
        "INC" => Some(format!("/i/{key}")),
        "ACT" => Some(format!("/actions/{key}")),
        "RISK" => Some(format!("/risks/{key}")),
        _ => None,
    }
}

fn in_utc(time: Time, form: &str) -> String {
    time.timestamp().to_zoned(TimeZone::UTC).strftime(form).to_string()
}

/// One thing or many: `count(1, "entry", "entries")` is `1 entry`.
#[must_use]
pub fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// How long ago, roughly, for lists: `3 days ago`.
#[must_use]
pub fn ago(now: Time, then: Time) -> String {
    let minutes = (now.microseconds() - then.microseconds()) / 60_000_000;
    match minutes {
        i64::MIN..=-1 => format!("on {}", day(then)),
        0 => "just now".to_owned(),
        1..=59 => count(usize::try_from(minutes).unwrap_or(0), "minute ago", "minutes ago"),
        60..=1439 => count(usize::try_from(minutes / 60).unwrap_or(0), "hour ago", "hours ago"),
        1440..=43199 => count(usize::try_from(minutes / 1440).unwrap_or(0), "day ago", "days ago"),
        _ => day(then),
    }
}

/// A text that no spreadsheet takes for a formula: those that would begin one, also in full-width
/// letters, get an apostrophe first.
#[must_use]
pub fn guarded(text: &str) -> String {
    let begins = |c: char| {
        matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠' | '−')
    };
    // A spreadsheet may trim what looks empty, and some take quotes away, before they look.
    let looks_empty =
        |c: char| matches!(c, '"' | '\u{feff}' | '\u{200b}') || (c.is_whitespace() && !begins(c));
    let first = text.chars().find(|c| !looks_empty(*c));
    if first.is_some_and(begins) { format!("'{text}") } else { text.to_owned() }
}

/// A cell of a table to download that no spreadsheet takes for a formula.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    format!("\"{}\"", guarded(text).replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::{ago, day};
    use kit::db::Time;

    fn at(text: &str) -> Time {
        Time::new(text.parse().unwrap())
    }

    #[test]
    fn times_read_as_people_say_them() {
        let now = at("2026-03-05T23:41:07Z");
        assert_eq!(day(now), "5 March 2026");
        assert_eq!(ago(now, at("2026-03-05T23:40:07Z")), "1 minute ago");
        assert_eq!(ago(now, at("2026-03-01T23:40:07Z")), "4 days ago");
        assert_eq!(ago(now, at("2025-03-01T23:40:07Z")), "1 March 2025");
    }
}
