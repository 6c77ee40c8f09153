//! Holidays out of an iCalendar file (RFC 5545): whole days, one name each. Pure; what it does not take
//! it counts and names.

use icalendar::parser::{Component, Property, read_calendar, unfold};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use std::collections::BTreeMap;

/// The largest file, in bytes.
pub const MOST_BYTES: usize = 1 << 20;
/// A holiday that comes again each year is written down for so many years.
const YEARS: i16 = 10;
/// The longest run of days that one event may take: a works holiday.
const MOST_DAYS: usize = 62;
/// How deep components may lie in one another; a calendar needs three.
const MOST_DEEP: usize = 8;

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    /// Each date with what it is called.
    pub days: BTreeMap<Date, String>,
    /// What was set aside, and why.
    pub set_aside: Vec<String>,
}

/// Reads a file. `this_year` is where holidays that come again begin.
///
/// # Errors
/// A sentence that says what is wrong, with the line where that is known.
pub fn read(text: &str, this_year: i16) -> Result<Holidays, String> {
    if text.len() > MOST_BYTES {
        return Err("An iCalendar file has at most 1 MiB.".to_owned());
    }
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with("BEGIN:VCALENDAR") {
        return Err("This is no iCalendar file: its first line is not BEGIN:VCALENDAR.".to_owned());
    }
    too_deep(text)?;
    let unfolded = unfold(text);
    let calendar = read_calendar(&unfolded).map_err(|error| in_words(&unfolded, &error))?;
    let events = calendar.components.iter().filter(|one| one.name == "VEVENT");
    let mut holidays = Holidays::default();
    let mut n = 0;
    for event in events {
        n += 1;
        match one(event, this_year) {
            Ok((name, days)) => {
                for day in days {
                    holidays.days.entry(day).or_insert_with(|| name.clone());
                }
            }
            Err(why) => holidays.set_aside.push(format!("event {n}: {why}")),
        }
    }
    let begun = text.lines().filter(|line| line.trim_end() == "BEGIN:VEVENT").count();
    if begun > n {
        let rest = begun - n;
        holidays.set_aside.push(format!("{rest} after event {n}: the file is damaged there"));
    }
    Ok(holidays)
}

/// The parser goes down a level for each component, so the depth is bounded before it begins.
fn too_deep(text: &str) -> Result<(), String> {
    let mut depth = 0_usize;
    for (n, line) in text.lines().enumerate() {
        if line.starts_with("BEGIN:") {
            depth += 1;
        } else if line.starts_with("END:") {
            depth = depth.saturating_sub(1);
        }
        if depth > MOST_DEEP {
            let line = n + 1;
            return Err(format!("Line {line} is more than {MOST_DEEP} components deep."));
        }
    }
    Ok(())
}

/// The parser's own words are a drawing of the file; of it, the line is what helps.
fn in_words(text: &str, error: &str) -> String {
    let at = error.split("at line ").nth(1).and_then(|rest| rest.split([',', ':']).next());
    match at.and_then(|n| n.trim().parse::<usize>().ok()) {
        Some(n) => {
            let line = text.lines().nth(n.saturating_sub(1)).unwrap_or_default();
            let line: String = line.chars().take(80).collect();
            format!("This iCalendar file cannot be read from line {n} on: `{line}`.")
        }
        None => "This iCalendar file is not whole: a BEGIN without its END.".to_owned(),
    }
}

fn one(event: &Component, this_year: i16) -> Result<(String, Vec<Date>), String> {
    let name = event.find_prop("SUMMARY").map(|one| one.val.clone().unescape_text().to_string());
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let name: String = name.unwrap_or_else(|| "Holiday".to_owned()).chars().take(80).collect();
    let start = event.find_prop("DTSTART").ok_or_else(|| format!("`{name}` has no DTSTART"))?;
    let first = whole_day(start).map_err(|why| format!("`{name}`: {why}"))?;
    let end = event.find_prop("DTEND").map(whole_day).transpose();
    let end = end.map_err(|why| format!("`{name}`: {why}"))?;
    // DTEND is the day after the last.
    let days = match end {
        Some(end) if end > first => first.until(end).map_or(1, |span| span.get_days()),
        _ => 1,
    };
    if usize::try_from(days).map_or(true, |n| n > MOST_DAYS) {
        return Err(format!("`{name}` lasts {days} days, longer than a holiday does"));
    }
    let firsts = match event.find_prop("RRULE") {
        None => vec![first],
        Some(rule) => yearly(first, rule, this_year).map_err(|why| format!("`{name}`: {why}"))?,
    };
    let run = |first: Date| (0..days).filter_map(move |n| first.checked_add(days_on(n)).ok());
    Ok((name, firsts.into_iter().flat_map(run).collect()))
}

fn days_on(n: i32) -> Span {
    i64::from(n).days()
}

/// `20261225`, or that with a time behind it when the day begins then.
fn whole_day(property: &Property) -> Result<Date, String> {
    let text = property.val.as_str().trim();
    let (day, time) = text.split_at_checked(8).unwrap_or((text, ""));
    let parsed = Date::strptime("%Y%m%d", day);
    let date = parsed.map_err(|_| format!("`{text}` is not a date such as 20261225"))?;
    match time {
        "" | "T000000" | "T000000Z" => Ok(date),
        _ => Err(format!("`{text}` is a moment, not a whole day")),
    }
}

/// The same day each year, from this year on.
fn yearly(first: Date, rule: &Property, this_year: i16) -> Result<Vec<Date>, String> {
    let text = rule.val.as_str();
    let mut until = None;
    let mut count = None;
    for part in text.split(';') {
        match part.split_once('=') {
            Some(("FREQ", "YEARLY") | ("INTERVAL", "1") | ("WKST", _)) => {}
            Some(("UNTIL", day)) => {
                let day = day.get(..8).unwrap_or(day);
                let parsed = Date::strptime("%Y%m%d", day);
                until = Some(parsed.map_err(|_| format!("`{text}` ends on no date"))?);
            }
            Some(("COUNT", n)) => {
                count = Some(n.parse::<i16>().map_err(|_| format!("`{text}` counts no number"))?);
            }
            Some(("BYMONTH", n)) if n == first.month().to_string() => {}
            Some(("BYMONTHDAY", n)) if n == first.day().to_string() => {}
            _ => return Err(format!("the rule `{text}` is not read; write the dates themselves")),
        }
    }
    let from = first.year().max(this_year - 1);
    let dates = (from..from.saturating_add(YEARS))
        .filter(|year| count.is_none_or(|count| year - first.year() < count));
    // The 29th of February is there once in four years.
    let dates = dates.filter_map(|year| Date::new(year, first.month(), first.day()).ok());
    Ok(dates.filter(|date| until.is_none_or(|until| *date <= until)).collect())
}

#[cfg(test)]
mod tests {
    use super::{Holidays, read};
    use jiff::civil::date;
    use proptest::prelude::{any, proptest};

    fn file(events: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{events}END:VCALENDAR\r\n")
    }

    fn event(lines: &str) -> String {
        format!("BEGIN:VEVENT\r\nUID:1\r\n{lines}END:VEVENT\r\n")
    }

    #[test]
    fn whole_days_are_read_with_their_names() {
        let text = file(
            &(event(
                "DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:Christmas\\, both\r\n  days\r\n",
            ) + &event("DTSTART:20270101T000000Z\r\nSUMMARY:New Year\r\n")),
        );
        let said = read(&text, 2026).unwrap();
        assert_eq!(said.set_aside, Vec::<String>::new());
        let days: Vec<_> = said.days.into_iter().collect();
        assert_eq!(
            days,
            [
                (date(2026, 12, 25), "Christmas, both days".to_owned()),
                (date(2026, 12, 26), "Christmas, both days".to_owned()),
                (date(2027, 1, 1), "New Year".to_owned()),
            ]
        );
    }

    #[test]
    fn what_comes_again_each_year_is_written_down_for_ten_years() {
        let text =
            file(&event("DTSTART;VALUE=DATE:19901003\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Unity\r\n"));
        let said = read(&text, 2026).unwrap();
        assert_eq!(said.days.len(), 10);
        assert!(said.days.contains_key(&date(2026, 10, 3)));
        let text = file(&event("DTSTART;VALUE=DATE:20241003\r\nRRULE:FREQ=YEARLY;COUNT=3\r\n"));
        let said = read(&text, 2026).unwrap();
        assert_eq!(
            said.days.into_keys().collect::<Vec<_>>(),
            [date(2025, 10, 3), date(2026, 10, 3)]
        );
    }

    #[test]
    fn what_is_not_taken_is_named() {
        let odd = event("DTSTART:20260305T140000Z\r\nSUMMARY:Stand-up\r\n")
            + &event("SUMMARY:No date\r\n")
            + &event(
                "DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY;BYDAY=1MO\r\nSUMMARY:First Monday\r\n",
            )
            + &event(
                "DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20270101\r\nSUMMARY:All year\r\n",
            );
        let said = read(&file(&odd), 2026).unwrap();
        assert!(said.days.is_empty());
        let why = said.set_aside.join("\n");
        for words in ["event 1", "a moment", "no DTSTART", "BYDAY=1MO", "365 days"] {
            assert!(why.contains(words), "{words}: {why}");
        }
    }

    #[test]
    fn what_is_no_calendar_is_refused_in_words() {
        assert!(read("hello", 2026).unwrap_err().contains("BEGIN:VCALENDAR"));
        assert!(read("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART", 2026).is_err());
        let deep = "BEGIN:VCALENDAR\n".to_owned() + &"BEGIN:X\n".repeat(40_000);
        assert!(read(&deep, 2026).unwrap_err().contains("components deep"));
        assert!(read(&"x".repeat(2 << 20), 2026).unwrap_err().contains("1 MiB"));
        assert_eq!(read(&file(""), 2026), Ok(Holidays::default()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let _ = read(&file(&text), 2026);
            let _ = read(&file(&event(&text)), 2026);
        }
    }
}
