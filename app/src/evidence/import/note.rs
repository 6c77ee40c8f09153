//! Plain notes, text or Markdown. Lines that begin with a time (`14:02 rollback started`) become items
//! when the day and the zone are said; otherwise the whole note is one item.
//!
//! A clock that jumps back by more than half a day has passed midnight, and the item says so.

use std::io::{BufRead, Read, Seek};

use jiff::civil;

use super::{
    emit::{Emit, Refused, Stop, digest},
    item::{Item, Kind, Occurred, Options},
    markup, scrub,
    text::{self, Lines},
    when::{self, NotATime, Stamp, When},
};

/// The longest note held as one text.
const LONGEST_NOTE: usize = 1024 * 1024;

/// Lines gathered until the next time.
struct Part {
    line: u64,
    when: Option<When>,
    text: String,
}

/// Reads a note.
pub(super) fn read<R: Read + Seek>(
    input: R,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let mut reader = text::open(input, &emit.meter.clone())?;
    if reader.fill_buf()?.is_empty() {
        return Err(Refused::new("The note is empty.", "Write something in it.").into());
    }
    let mut lines = Lines::new(reader);
    let mut day = options.day;
    let mut before: Option<civil::Time> = None;
    let mut part = Part { line: 1, when: None, text: String::new() };
    let (mut left_out, mut repaired) = (0_u64, false);
    while let Some(line) = lines.next()? {
        left_out += line.left_out;
        repaired |= line.repaired;
        match time_of(&line.text, &mut day, &mut before, options) {
            Some(Ok((when, rest))) => {
                let next = Part { line: line.number, when: Some(when), text: rest.to_owned() };
                give(std::mem::replace(&mut part, next), options, emit)?;
            }
            Some(Err(why)) => {
                emit.aside(
                    format!("line {}", line.number),
                    format!("{} The line stays part of the note.", why.0),
                )?;
                left_out += part.join(&line.text);
            }
            None => left_out += part.join(&line.text),
        }
    }
    give(part, options, emit)?;
    if repaired {
        emit.aside("the whole note", "Some bytes were not UTF-8 and were replaced by �.")?;
    }
    if left_out > 0 {
        emit.aside(
            "the whole note",
            format!("The note is very long; {left_out} bytes of it were left out."),
        )?;
    }
    Ok(())
}

impl Part {
    /// Adds a line; how many bytes had no room.
    fn join(&mut self, line: &str) -> u64 {
        if self.text.len() + line.len() > LONGEST_NOTE {
            let room = scrub::floor(line, LONGEST_NOTE.saturating_sub(self.text.len()));
            self.text.push_str(room);
            return (line.len() - room.len()) as u64;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
        0
    }
}

/// The time a line begins with, after a bullet: a full one, or one of the day when that is said.
fn time_of<'a>(
    line: &'a str,
    day: &mut Option<civil::Date>,
    before: &mut Option<civil::Time>,
    options: &Options,
) -> Option<Result<(When, &'a str), NotATime>> {
    let bare = line.trim_start();
    let bare = bare
        .strip_prefix(['-', '*', '+', '>', '|', '#'])
        .unwrap_or(bare)
        .trim_start_matches(['#', ' ', '[', '*', '`', '_']);
    let after = |rest: &'a str| {
        rest.trim_start_matches([']', '*', '`', '_', ':', '|', ' ', '\t', '-', '–', '—'])
    };
    if let Some(stamp) =
        Stamp::parse(bare).filter(|stamp| stamp.precision != super::item::Precision::Day)
    {
        // a full time without zone is only an item when the zone is said; else it is text
        options.zone.as_ref()?;
        return Some(
            stamp.place(bare, options.zone.as_ref()).map(|when| (when, after(stamp.rest))),
        );
    }
    let (date, zone) = (day.as_mut()?, options.zone.as_ref()?);
    let stamp = Stamp::on(*date, bare)?;
    if !stamp.rest.is_empty()
        && !stamp.rest.starts_with([' ', '\t', ':', ']', '*', '`', '_', '-', '–', '—', '|', ','])
    {
        return None;
    }
    let half_a_day_back = before.is_some_and(|before| (stamp.time.hour() + 12) < before.hour());
    *before = Some(stamp.time);
    let mut stamp = stamp;
    if half_a_day_back {
        *date = date.tomorrow().unwrap_or(*date);
        stamp.date = *date;
    }
    let placed = stamp.place(bare, Some(zone)).map(|mut when| {
        if *date != options.day.unwrap_or(*date) {
            when.note = when.note.or(Some("after midnight in the note: taken as the day after"));
        }
        (when, after(stamp.rest))
    });
    Some(placed)
}

fn give(part: Part, options: &Options, emit: &mut Emit<'_>) -> Result<(), Stop> {
    let text = markup::markdown(part.text.trim());
    if text.trim().is_empty() {
        return Ok(());
    }
    let place = format!("line {}", part.line);
    let (occurred, note): (Occurred, Option<&str>) = match part.when {
        Some(when) => (when.occurred, when.note),
        None => match when::undated(options) {
            Some((occurred, note)) => (occurred, Some(note)),
            None => {
                return emit
                    .aside(place, "The text has no time. Import again and say the day and zone.");
            }
        },
    };
    let id = format!("{}-{}", scrub::line(&options.file_name, 200), digest(&[&text]));
    let id = if part.line == 1 { id } else { format!("{id}-{}", occurred.at) };
    let mut item = Item::new(Kind::Manual, "note", id, occurred);
    item.place = Some(options.file_name.clone());
    item.label("time_note", note.unwrap_or_default());
    item.text = text;
    emit.item_without_id(item, &place).map(|_| ())
}
