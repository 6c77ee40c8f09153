//! What is left out unless it is asked for: digests of passwords, and rows that are a key to something.

use kit::db::catalogue::Table;
use kit::db::records::{Cell, Record};

/// Whether the rows of a table are keys: what identifies them is a digest of a secret.
#[must_use]
pub fn is_table_of_keys(table: &Table) -> bool {
    table.columns.iter().filter(|one| !one.nullable).any(|one| {
        ["digest", "fingerprint"].contains(&one.name.as_str())
            || one.name.ends_with("_digest")
            || one.name.starts_with("secret")
    })
}

/// Takes out of a row what nobody but the product needs.
pub fn blank(table: &Table, record: &mut Record) {
    for (column, cell) in table.columns.iter().zip(record) {
        let is_secret = column.name.ends_with("_digest") || column.name.starts_with("secret");
        if is_secret && column.nullable {
            *cell = Cell::Null;
        }
    }
}
