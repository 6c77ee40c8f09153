//! Rows on their way into their tables, written by column name and checked against the catalogue.

use kit::db::catalogue::{Column, Kind, Table};
use kit::db::records::{Cell, Record};
use std::collections::HashMap;

/// Rows of many tables.
pub struct Rows {
    tables: Vec<Table>,
    places: HashMap<String, usize>,
    records: Vec<Vec<Record>>,
    count: usize,
}

impl Rows {
    /// None yet.
    pub fn new(tables: Vec<Table>) -> Rows {
        let places = tables.iter().enumerate().map(|(at, table)| (table.name.clone(), at));
        let places = places.collect();
        let records = vec![Vec::new(); tables.len()];
        Rows { tables, places, records, count: 0 }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds a row; a column that is not named stays empty, or has the least it can have.
    ///
    /// # Panics
    /// When there is no such table or column: a mistake in this folder, which its test shows.
    pub fn add(&mut self, table: &str, cells: Vec<(&str, Cell)>) {
        let at = *self.places.get(table).unwrap_or_else(|| unreachable!("no table {table}"));
        let columns = &self.tables[at].columns;
        let mut record: Record = columns.iter().map(left_open).collect();
        let mut next = 0;
        for (name, cell) in cells {
            // Mostly they come in the table's order.
            let is_next = columns.get(next).is_some_and(|one| one.name == name);
            let column = if is_next {
                next
            } else {
                let column = columns.iter().position(|one| one.name == name);
                column.unwrap_or_else(|| unreachable!("no column {table}.{name}"))
            };
            record[column] = cell;
            next = column + 1;
        }
        self.records[at].push(record);
        self.count += 1;
    }

    /// The tables with their rows, each after those it names rows of.
    pub fn into_tables(self) -> impl Iterator<Item = (Table, Vec<Record>)> {
        self.tables.into_iter().zip(self.records).filter(|(_, records)| !records.is_empty())
    }
}

/// What stands in a column that nothing is said of: nothing, or where there must be something, the least.
fn left_open(column: &Column) -> Cell {
    match column.kind {
        _ if column.nullable => Cell::Null,
        Kind::Text => Cell::Text(String::new()),
        Kind::Int => Cell::Int(0),
        Kind::Real => Cell::Real(0.0),
        Kind::Bool => Cell::Bool(false),
        Kind::Json => Cell::Json("[]".to_owned()),
        Kind::Bytes => Cell::Bytes(Vec::new()),
        Kind::Time => Cell::Time(super::organisation::origin()),
    }
}

/// `cells!{ "id" => id, "n" => 1 }`
macro_rules! cells {
    ($($name:literal => $value:expr),* $(,)?) => {
        vec![$(($name, kit::db::records::Cell::from($value))),*]
    };
}
pub(super) use cells;
