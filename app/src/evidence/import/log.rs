//! Text logs with a time at the start of each entry: RFC 3339, `2026-03-05 23:41:07,123`, syslog
//! `Mar  5 23:41:07`, `[05/Mar/2026:23:41:07 +0000]`, epoch seconds or milliseconds.
//!
//! A line without a time continues the entry before it (a stack trace). Syslog has no year: it is taken
//! from the day said at import. A time without a zone needs the zone said at import.

use std::{
    io::{Read, Seek},
    sync::LazyLock,
};

use jiff::civil;
use regex::Regex;

use super::{
    emit::{Emit, Stop, digest},
    item::{Item, Kind, Options},
    scrub,
    text::{self, Lines},
    when::{self, NotATime, Stamp, When},
};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// An entry grows no longer than this by continuation lines.
const LONGEST_ENTRY: usize = scrub::LONGEST_TEXT * 2;

/// An entry that is still growing.
struct Entry {
    line: u64,
    when: When,
    text: String,
    left_out: u64,
}

/// Lines that could not be placed, told as one.
#[derive(Default)]
struct Lost {
    first: u64,
    last: u64,
    why: String,
}

/// Reads entries.
pub(super) fn read<R: Read + Seek>(
    input: R,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let mut lines = Lines::new(text::open(input, &emit.meter.clone())?);
    let mut entry: Option<Entry> = None;
    let mut lost = Lost::default();
    let mut last_at = None;
    let mut repaired = 0_u64;
    while let Some(line) = lines.next()? {
        repaired += u64::from(line.repaired);
        match stamp(&line.text, options) {
            Some(Ok((when, rest))) => {
                lost.report(emit)?;
                give(entry.take(), &mut last_at, options, emit)?;
                entry = Some(Entry {
                    line: line.number,
                    when,
                    text: rest.trim().to_owned(),
                    left_out: line.left_out,
                });
            }
            Some(Err(why)) => {
                give(entry.take(), &mut last_at, options, emit)?;
                lost.add(line.number, why.0, emit)?;
            }
            None if line.text.trim().is_empty() => {}
            None => match &mut entry {
                Some(entry) => entry.join(&line.text, line.left_out),
                None if lost.first > 0 => lost.last = line.number,
                None => lost.add(
                    line.number,
                    "There is no time at the start of the line and no entry before it.".into(),
                    emit,
                )?,
            },
        }
    }
    lost.report(emit)?;
    give(entry.take(), &mut last_at, options, emit)?;
    if repaired > 0 {
        emit.aside(
            "the whole file",
            format!("In {repaired} lines some bytes were not UTF-8 and were replaced by �."),
        )?;
    }
    Ok(())
}

impl Entry {
    fn join(&mut self, line: &str, left_out: u64) {
        self.left_out += left_out;
        let line = line.trim_end();
        if self.text.len() + line.len() > LONGEST_ENTRY {
            self.left_out += line.len() as u64;
        } else {
            self.text.push('\n');
            self.text.push_str(line);
        }
    }
}

impl Lost {
    fn add(&mut self, line: u64, why: String, emit: &mut Emit<'_>) -> Result<(), Stop> {
        // the words differ in the time they quote; a run of the same trouble is told once
        let same = self.first > 0 && (self.why == why || self.why.ends_with(ending(&why)));
        if !same {
            self.report(emit)?;
            *self = Lost { first: line, last: line, why };
        }
        self.last = line;
        Ok(())
    }

    fn report(&mut self, emit: &mut Emit<'_>) -> Result<(), Stop> {
        let lost = std::mem::take(self);
        match lost.first {
            0 => Ok(()),
            first if first == lost.last => emit.aside(format!("line {first}"), lost.why),
            first => emit.aside(
                format!("lines {first} to {}", lost.last),
                format!("{} lines. {}", lost.last - first + 1, lost.why),
            ),
        }
    }
}

fn ending(why: &str) -> &str {
    why.rsplit('”').next().unwrap_or(why)
}

fn give(
    entry: Option<Entry>,
    last_at: &mut Option<jiff::Timestamp>,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    static LEVEL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(FATAL|PANIC|CRITICAL|ERROR|WARN(?:ING)?|INFO|DEBUG|TRACE)\b")
            .expect("constant")
    });
    let Some(entry) = entry else { return Ok(()) };
    let at = entry.when.occurred.at;
    // ids hold the time, so equal ones can only come at the same time
    if *last_at != Some(at) {
        emit.forget();
        *last_at = Some(at);
    }
    let place = format!("line {}", entry.line);
    let id = format!("{}-{at}-{}", scrub::line(&options.file_name, 200), digest(&[&entry.text]));
    let mut item = Item::new(Kind::Log, "log", id, entry.when.occurred);
    item.place = Some(options.file_name.clone());
    let head = scrub::floor(&entry.text, 200);
    item.label(
        "level",
        LEVEL.find(head).map(|level| level.as_str().to_lowercase()).unwrap_or_default(),
    );
    item.label("line", entry.line.to_string());
    item.label("time_note", entry.when.note.unwrap_or_default());
    item.text = entry.text;
    if entry.left_out > 0 {
        emit.aside(
            &*place,
            format!("The entry is very long; {} bytes of it were left out.", entry.left_out),
        )?;
    }
    if item.text.is_empty() {
        return emit.aside(place, "There is a time but no text after it.");
    }
    emit.item_without_id(item, &place).map(|_| ())
}

/// Whether a line begins with a time, for telling logs from notes.
pub(super) fn begins_with_time(line: &str) -> bool {
    let options = Options {
        day: Some(civil::date(2026, 1, 1)),
        zone: Some(jiff::tz::TimeZone::UTC),
        ..Options::default()
    };
    matches!(stamp(line, &options), Some(Ok((when, _))) if when.occurred.precision != super::item::Precision::Day)
}

/// The time at the start of a line and what follows it; `None` if the line continues the one before.
pub(super) fn stamp<'a>(
    line: &'a str,
    options: &Options,
) -> Option<Result<(When, &'a str), NotATime>> {
    let bare = line.trim_start_matches(['[', '(', '"']);
    let bracketed = bare.len() < line.len();
    if line.starts_with([' ', '\t']) || line.len() - bare.len() > 3 {
        return None;
    }
    let zone = options.zone.as_ref();
    let after = |rest: &'a str| {
        if bracketed { rest.trim_start_matches([']', ')', '"']) } else { rest }
            .trim_start_matches([':', ' ', '\t', '-', '|'])
    };
    if let Some(stamp) = Stamp::parse(bare) {
        let text = &bare[..bare.len() - stamp.rest.len()];
        return Some(stamp.place(text, zone).map(|when| (when, after(stamp.rest))));
    }
    syslog(bare, options)
        .map(|found| found.map(|(when, rest)| (when, after(rest))))
        .or_else(|| web_server(line, options))
        .or_else(|| epoch(bare).map(|found| found.map(|(when, rest)| (when, after(rest)))))
}

/// `Mar  5 23:41:07 host program: text`.
fn syslog<'a>(line: &'a str, options: &Options) -> Option<Result<(When, &'a str), NotATime>> {
    let month = month(line.get(..3)?)?;
    let rest = line.get(3..)?.strip_prefix(' ')?.trim_start_matches(' ');
    let (day, rest) = when::digits::<i8>(rest, 1, 2)?;
    let rest = rest.strip_prefix(' ')?;
    let text = scrub::floor(line, 15);
    let Some(near) = options.day else {
        Stamp::on(civil::date(2000, 1, 1), rest)?;
        return Some(Err(NotATime(
            "The times have no year. Import again and say the day of the incident.".into(),
        )));
    };
    // the year that puts it nearest to the day said
    let distance = |year: i16| {
        civil::Date::new(year, month, day).ok().map(|date| ((date - near).get_days().abs(), date))
    };
    let (_, date) =
        [near.year() - 1, near.year(), near.year() + 1].into_iter().filter_map(distance).min()?;
    let stamp = Stamp::on(date, rest)?;
    Some(stamp.place(text, options.zone.as_ref()).map(|when| (when, stamp.rest)))
}

/// `10.0.0.1 - - [05/Mar/2026:23:41:07 +0000] "GET / HTTP/1.1" 500`: all of the line is the text.
fn web_server<'a>(line: &'a str, options: &Options) -> Option<Result<(When, &'a str), NotATime>> {
    let head = scrub::floor(line, 300);
    let (_, after) = head.split_once('[').map_or(("", head), |(before, after)| (before, after));
    let (day, rest) = when::digits::<i8>(after, 1, 2)?;
    let rest = rest.strip_prefix('/')?;
    let month = month(rest.get(..3)?)?;
    let (year, rest) = when::digits::<i16>(rest.get(3..)?.strip_prefix('/')?, 4, 4)?;
    let date = civil::Date::new(year, month, day).ok()?;
    let stamp = Stamp::on(date, rest.strip_prefix([':', ' '])?)?;
    let text = after.split(']').next().unwrap_or(after);
    Some(stamp.place(text, options.zone.as_ref()).map(|when| (when, line)))
}

/// `1772754067 text`, `1772754067.123`, `1772754067123`.
fn epoch(line: &str) -> Option<Result<(When, &str), NotATime>> {
    let end = line.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(line.len());
    let (number, rest) = line.split_at(end);
    let whole = number.split('.').next().unwrap_or("");
    let separate = rest.starts_with([' ', '\t', ']', ':', ',', '|', ')']);
    if !matches!(whole.len(), 10 | 13 | 16 | 19)
        || !separate
        || number.matches('.').count() > 1
        || number.ends_with('.')
    {
        return None;
    }
    Some(when::epoch_any(number).map(|occurred| (When { occurred, note: None }, rest)))
}

fn month(name: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    i8::try_from(at + 1).ok()
}
