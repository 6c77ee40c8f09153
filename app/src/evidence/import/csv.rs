//! CSV with a line of names at the top; comma, semicolon or tab between.
//!
//! One record in memory. Which column is what is said in [`Mapping`] or guessed from the names.

use kit::table::delimiter;
use std::io::{BufRead, Read, Seek};

use super::{
    emit::{Emit, Refused, Stop},
    item::{Kind, Mapping, Options},
    table::{self, Row},
    text,
};

/// A record longer than this is an unclosed quote.
const LONGEST_RECORD: u64 = 4 * 1024 * 1024;

/// Guesses which column is what, and gives the names and the first rows to show it.
pub fn guess(head: &[u8]) -> (Mapping, Vec<Vec<String>>) {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut reader = reader(head, delimiter(head));
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut record = ::csv::ByteRecord::new();
    while rows.len() < 11 && reader.read_byte_record(&mut record).unwrap_or(false) {
        rows.push(cells(&record).0);
    }
    if rows.is_empty() {
        return (Mapping::default(), rows);
    }
    let names = rows[0].clone();
    let mut mapping = table::guess(&names);
    table::guess_from_rows(&mut mapping, &names, &rows[1..]);
    (mapping, table::preview(rows))
}

/// Reads records.
pub(super) fn read<R: Read + Seek>(
    input: R,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let meter = emit.meter.clone();
    let mut buffered = text::open(input, &meter)?;
    let head = buffered.fill_buf()?;
    if head.is_empty() {
        return Err(Refused::new("The file is empty.", "Export it again.").into());
    }
    let (guessed, _) = guess(head);
    let delimiter = delimiter(head);
    let mapping = options.mapping.clone().unwrap_or(guessed);
    let mut reader = reader(Bounded { inner: buffered, since: std::rc::Rc::default() }, delimiter);
    let since = std::rc::Rc::clone(&reader.get_ref().since);
    let mut record = ::csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(|error| unreadable(&error))? {
        return Err(Refused::new("The file is empty.", "Export it again.").into());
    }
    let names = cells(&record).0;
    has_columns(&mapping, &names)?;
    let mut number = 1_u64;
    loop {
        since.set(0);
        number += 1;
        let line = reader.position().line();
        let place = format!("row {number}, line {line}");
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return emit.aside(place, unreadable(&error).to_string()),
        }
        let (cells, repaired) = cells(&record);
        if repaired {
            emit.aside(&*place, "Some bytes were not UTF-8 and were replaced by �.")?;
        }
        if cells.len() != names.len() {
            emit.aside(
                &*place,
                format!(
                    "The row has {} cells, the names are {}; it was read as far as it goes.",
                    cells.len(),
                    names.len()
                ),
            )?;
        }
        let row = Row::pick(&mapping, |name| {
            names.iter().position(|n| n == name).and_then(|i| cells.get(i)).cloned()
        });
        row.give("csv", Kind::Manual, &place, options, emit)?;
    }
}

/// Refuses a mapping that names a column the table does not have.
fn has_columns(mapping: &Mapping, names: &[String]) -> Result<(), Refused> {
    let others = [&mapping.author, &mapping.kind, &mapping.url, &mapping.id];
    let wanted = [&mapping.at, &mapping.text].into_iter().chain(others.into_iter().flatten());
    wanted.into_iter().try_for_each(|wanted| {
        if names.contains(wanted) { Ok(()) } else { Err(no_column(wanted, names)) }
    })
}

fn reader<R: Read>(input: R, delimiter: u8) -> ::csv::Reader<R> {
    ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(input)
}

fn cells(record: &::csv::ByteRecord) -> (Vec<String>, bool) {
    let repaired = record.iter().any(|cell| std::str::from_utf8(cell).is_err());
    (record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect(), repaired)
}

fn no_column(wanted: &str, names: &[String]) -> Refused {
    let shown = super::scrub::line(&names.join(", "), 300);
    let why = if wanted.is_empty() {
        "No column looks like the time, or none like the text.".to_owned()
    } else {
        format!("There is no column “{}”.", super::scrub::line(wanted, 60))
    };
    Refused::new(
        why,
        format!("Say which column is the time and which the text. The columns are: {shown}."),
    )
}

fn unreadable(error: &::csv::Error) -> Refused {
    let why = format!(
        "The rest of the file cannot be read as CSV: {}.",
        super::scrub::line(&error.to_string(), 200)
    );
    Refused::new(why, "Look for a quotation mark that is never closed.")
}

/// Fails when one record takes too much.
struct Bounded<R> {
    inner: R,
    since: std::rc::Rc<std::cell::Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.since.get() > LONGEST_RECORD {
            return Err(std::io::Error::other("a row is longer than 4 MiB"));
        }
        let read = self.inner.read(buffer)?;
        self.since.set(self.since.get() + read as u64);
        Ok(read)
    }
}
