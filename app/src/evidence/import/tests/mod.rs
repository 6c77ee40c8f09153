//! Tests of the importers: a fixture for each quirk, the bad inputs, the corpus where there is one, and
//! arbitrary bytes.

mod bad;
mod corpus;
mod quirks;
mod wild;

use std::{io::Cursor, ops::ControlFlow};

use super::{Item, Options, Refused, SetAside, Sink, Source, read};

/// Keeps everything.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) items: Vec<Item>,
    pub(super) aside: Vec<SetAside>,
    /// Stop after so many items.
    pub(super) most: Option<usize>,
}

impl Sink for Kept {
    fn item(&mut self, item: Item) -> ControlFlow<()> {
        self.items.push(item);
        if self.most.is_some_and(|most| self.items.len() >= most) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
    fn set_aside(&mut self, what: SetAside) -> ControlFlow<()> {
        self.aside.push(what);
        ControlFlow::Continue(())
    }
}

impl Kept {
    fn reasons(&self) -> String {
        self.aside
            .iter()
            .map(|a| format!("{} | {} | {}\n", a.file.as_deref().unwrap_or(""), a.place, a.why))
            .collect()
    }
    fn item(&self, id: &str) -> &Item {
        self.items
            .iter()
            .find(|item| item.external_id == id)
            .unwrap_or_else(|| panic!("no {id} in {:#?}", self.items))
    }
}

/// Reads bytes without anything said beforehand.
pub(super) fn import(source: Source, bytes: &[u8]) -> Result<Kept, Refused> {
    import_with(source, bytes, &Options::default())
}

pub(super) fn import_with(
    source: Source,
    bytes: &[u8],
    options: &Options,
) -> Result<Kept, Refused> {
    let mut kept = Kept::default();
    read(source, Cursor::new(bytes), options, &mut kept)?;
    Ok(kept)
}

/// Options of somebody who says the day and the zone.
pub(super) fn said(zone: &str) -> Options {
    Options {
        zone: Some(jiff::tz::TimeZone::get(zone).unwrap()),
        day: Some(jiff::civil::date(2026, 3, 5)),
        file_name: "notes.txt".into(),
        ..Options::default()
    }
}

/// A zip of the given files.
pub(super) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
