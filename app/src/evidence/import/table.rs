//! What CSV and JSON Lines share: which column is what, guessed from names, and a row as an item.

use super::{
    emit::{Emit, Stop, digest},
    item::{Item, Kind, Mapping, Options},
    scrub, when,
};

/// Names that people give to columns, by what they hold; the first that is there is taken.
const AT: &[&str] = &[
    "at",
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "datetime",
    "date_time",
    "date time",
    "date",
    "when",
    "occurred_at",
    "occurred",
    "created_at",
    "created",
    "start",
    "started_at",
    "_time",
];
const TEXT: &[&str] = &[
    "text",
    "message",
    "msg",
    "event",
    "description",
    "summary",
    "note",
    "notes",
    "what",
    "title",
    "details",
    "body",
    "log",
    "comment",
];
const AUTHOR: &[&str] =
    &["author", "user", "who", "name", "from", "actor", "username", "by", "sender", "reporter"];
const KIND: &[&str] = &["kind", "type", "category"];
const URL: &[&str] = &["url", "link", "href", "permalink"];
const ID: &[&str] = &["id", "event_id", "external_id", "uuid", "key"];

/// Guesses from names; the time and the text stay empty when no name fits.
pub(super) fn guess(names: &[String]) -> Mapping {
    let find = |wanted: &[&str]| {
        wanted.iter().find_map(|wanted| {
            names.iter().find(|name| name.trim().eq_ignore_ascii_case(wanted)).cloned()
        })
    };
    Mapping {
        at: find(AT).unwrap_or_default(),
        text: find(TEXT).unwrap_or_default(),
        author: find(AUTHOR),
        kind: find(KIND),
        url: find(URL),
        id: find(ID),
    }
}

/// Fills what names did not tell from what the first rows hold: the column that reads as times, then
/// the one with the longest texts.
pub(super) fn guess_from_rows(mapping: &mut Mapping, names: &[String], rows: &[Vec<String>]) {
    let share = |column: usize| {
        rows.iter().filter(|row| row.get(column).is_some_and(|cell| is_time(cell))).count() * 2
            > rows.len()
    };
    if mapping.at.is_empty() && !rows.is_empty() {
        mapping.at = (0..names.len())
            .find(|column| share(*column))
            .map(|column| names[column].clone())
            .unwrap_or_default();
    }
    if mapping.text.is_empty() {
        let length = |column: &usize| {
            rows.iter().filter_map(|row| row.get(*column)).map(String::len).sum::<usize>()
        };
        let free = (0..names.len()).filter(|column| names[*column] != mapping.at);
        mapping.text =
            free.max_by_key(length).map(|column| names[column].clone()).unwrap_or_default();
    }
}

fn is_time(cell: &str) -> bool {
    when::written(cell, Some(&jiff::tz::TimeZone::UTC)).is_ok()
}

/// A row, its cells by what they are.
pub(super) struct Row {
    pub(super) at: String,
    pub(super) text: String,
    pub(super) author: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) url: Option<String>,
    pub(super) id: Option<String>,
}

impl Row {
    /// Reads the cells by the names in the mapping.
    pub(super) fn pick(mapping: &Mapping, cell: impl Fn(&str) -> Option<String>) -> Row {
        let some = |name: &Option<String>| {
            name.as_deref()
                .and_then(&cell)
                .map(|cell| cell.trim().to_owned())
                .filter(|cell| !cell.is_empty())
        };
        Row {
            at: cell(&mapping.at).unwrap_or_default().trim().to_owned(),
            text: cell(&mapping.text).unwrap_or_default(),
            author: some(&mapping.author),
            kind: some(&mapping.kind),
            url: some(&mapping.url),
            id: some(&mapping.id),
        }
    }

    /// Gives the row on as an item, or sets it aside.
    pub(super) fn give(
        self,
        source: &str,
        usual: Kind,
        place: &str,
        options: &Options,
        emit: &mut Emit<'_>,
    ) -> Result<(), Stop> {
        if self.at.is_empty() {
            return emit.aside(
                place,
                "The time is empty; fill it in, or choose another column for the time.",
            );
        }
        if self.text.trim().is_empty() {
            return emit.aside(place, "The text is empty; there is nothing to show.");
        }
        let when = match when::written(&self.at, options.zone.as_ref()) {
            Ok(when) => when,
            Err(why) => return emit.aside(place, why.0),
        };
        let kind = self.kind.as_deref().and_then(kind);
        let digested = format!(
            "{}-{}",
            when.occurred.at,
            digest(&[&self.text, self.author.as_deref().unwrap_or("")])
        );
        let mut item = Item::new(kind.unwrap_or(usual), source, String::new(), when.occurred);
        if kind.is_none() {
            item.label("kind", self.kind.unwrap_or_default());
        }
        item.label("time_note", when.note.unwrap_or_default());
        item.text = self.text;
        item.author = self.author;
        item.url = self.url;
        item.place = Some(options.file_name.clone());
        match self.id {
            Some(id) => {
                item.external_id = id;
                emit.item(item, place)
            }
            None => {
                item.external_id = digested;
                emit.item_without_id(item, place).map(|_| ())
            }
        }
    }
}

/// A kind as people write it.
fn kind(text: &str) -> Option<Kind> {
    let text = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    serde_json::from_value(serde_json::Value::String(text)).ok()
}

/// Rows for a preview: scrubbed, short.
pub(super) fn preview(rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.into_iter()
        .map(|row| row.iter().take(30).map(|cell| scrub::line(cell, 200)).collect())
        .collect()
}
