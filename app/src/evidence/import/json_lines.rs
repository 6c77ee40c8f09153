//! JSON Lines of any source: one object on each line (or in a list), fields chosen by [`Mapping`].
//!
//! A field inside a field is named with dots: `event.created`.

use std::io::{BufRead, Read, Seek};

use serde_json::Value;

use super::{
    emit::{Emit, Refused, Stop},
    item::{Kind, Mapping, Options},
    json::{self, Pieces},
    table::{self, Row},
    text::{self, Lines},
};

/// Guesses which field is what, and gives the names and the first rows to show it.
pub fn guess(head: &[u8]) -> (Mapping, Vec<Vec<String>>) {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut first: Vec<Value> = Vec::new();
    if head.trim_ascii_start().starts_with(b"[") {
        let mut pieces = Pieces::new(head);
        let _ = pieces.next_byte();
        pieces.pass();
        while first.len() < 10 && matches!(pieces.next_byte(), Ok(Some(byte)) if byte != b']') {
            match pieces.cut(json::LONGEST_ELEMENT) {
                Ok(json::Cut::Value) => {
                    first.extend(json::value(&pieces.bytes).ok().map(|p| p.value))
                }
                Ok(json::Cut::Stray(_)) => {}
                _ => break,
            }
        }
    } else {
        let lines = head.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
        first.extend(lines.take(10).filter_map(|line| json::value(line).ok()).map(|p| p.value));
    }
    let mut names: Vec<String> = Vec::new();
    for value in &first {
        fields(value, "", 0, &mut names);
    }
    let mut mapping = table::guess(&names);
    // a name inside another counts as well as its last part
    let last: Vec<String> =
        names.iter().map(|name| name.rsplit('.').next().unwrap_or(name).to_owned()).collect();
    let inner = table::guess(&last);
    let whole = |name: &str| last.iter().position(|l| l == name).map(|at| names[at].clone());
    if mapping.at.is_empty() {
        mapping.at = whole(&inner.at).unwrap_or_default();
    }
    if mapping.text.is_empty() {
        mapping.text = whole(&inner.text).unwrap_or_default();
    }
    let rows: Vec<Vec<String>> = first
        .iter()
        .map(|value| names.iter().map(|name| field(value, name).unwrap_or_default()).collect())
        .collect();
    table::guess_from_rows(&mut mapping, &names, &rows);
    let mut shown = vec![names];
    shown.extend(rows);
    (mapping, table::preview(shown))
}

/// Reads lines, or the elements of a list.
pub(super) fn read<R: Read + Seek>(
    input: R,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let mut reader = text::open(input, &emit.meter.clone())?;
    let head = reader.fill_buf()?;
    if head.is_empty() {
        return Err(json::empty().into());
    }
    let is_list = head.trim_ascii_start().starts_with(b"[");
    let mapping = options.mapping.clone().unwrap_or_else(|| guess(head).0);
    if mapping.at.is_empty() || mapping.text.is_empty() {
        let why = "No field looks like the time, or none like the text.";
        return Err(Refused::new(why, "Say which field is the time and which the text.").into());
    }
    let one = |emit: &mut Emit<'_>, value: &Value, place: &str| {
        if !value.is_object() {
            return emit.aside(place, "It is not an object but another kind of JSON value.");
        }
        Row::pick(&mapping, |name| field(value, name)).give(
            "jsonl",
            Kind::Log,
            place,
            options,
            emit,
        )
    };
    if is_list {
        let mut pieces = Pieces::new(reader);
        pieces.next_byte()?;
        pieces.pass();
        let whole =
            pieces.elements(emit, "element", |emit, value, place| one(emit, &value, place))?;
        return if whole { json::after_the_end(&mut pieces, emit) } else { Ok(()) };
    }
    let mut lines = Lines::new(reader);
    while let Some(line) = lines.next()? {
        let place = format!("line {}", line.number);
        if line.text.trim().is_empty() {
            continue;
        }
        if line.left_out > 0 {
            emit.aside(place, "The line is longer than 4 MiB; it was left out.")?;
            continue;
        }
        if line.repaired {
            emit.aside(&*place, "Some bytes were not UTF-8 and were replaced by �.")?;
        }
        match json::value(line.text.as_bytes()) {
            Ok(parsed) => {
                parsed.report(emit, &place)?;
                one(emit, &parsed.value, &place)?;
            }
            Err(why) => emit.aside(place, why)?,
        }
    }
    Ok(())
}

/// Names of the fields that hold no further ones, two levels deep.
fn fields(value: &Value, before: &str, depth: u8, names: &mut Vec<String>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let name = format!("{before}{key}");
        if value.is_object() && depth < 2 {
            fields(value, &format!("{name}."), depth + 1, names);
        } else if names.len() < 100 && !names.contains(&name) {
            names.push(name);
        }
    }
}

/// A field by its name; a name with dots that is there as it stands comes first.
fn field(value: &Value, name: &str) -> Option<String> {
    let found =
        value.get(name).or_else(|| name.split('.').try_fold(value, |value, part| value.get(part)));
    match found? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
