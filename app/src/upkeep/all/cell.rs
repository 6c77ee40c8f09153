//! A row as one line of JSON, and back, without loss.

use anyhow::{Context, Result, bail};
use kit::db::Time;
use kit::db::catalogue::{Kind, Table};
use kit::db::json::canonical;
use kit::db::records::{Cell, Record};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt::Write;

/// A row as an object: columns in the table's order, nothing for null.
pub fn line(table: &Table, record: &Record) -> String {
    let mut text = String::from("{");
    for (column, cell) in table.columns.iter().zip(record) {
        let value = match cell {
            Cell::Null => continue,
            Cell::Text(text) => quoted(text),
            Cell::Int(number) => number.to_string(),
            Cell::Real(number) => format!("{number:?}"),
            Cell::Bool(yes) => yes.to_string(),
            Cell::Time(at) => quoted(&at.to_string()),
            Cell::Json(raw) => canonical(raw).unwrap_or_else(|| raw.clone()),
            Cell::Bytes(bytes) => quoted(&hex::encode(bytes)),
        };
        let comma = if text.len() > 1 { ", " } else { "" };
        let _ = write!(text, "{comma}{}: {value}", quoted(&column.name));
    }
    text.push('}');
    text
}

pub fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

/// The row of an object.
///
/// # Errors
/// Names the column that is not understood.
pub fn record(table: &Table, raw: &RawValue) -> Result<Record> {
    let mut fields: HashMap<String, Box<RawValue>> = serde_json::from_str(raw.get())?;
    let mut record = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let cell = match fields.remove(&column.name) {
            None => Cell::Null,
            Some(value) => cell(column.kind, value.get())
                .with_context(|| format!("{} is not understood", column.name))?,
        };
        if cell == Cell::Null && !column.nullable {
            bail!("{} is missing", column.name);
        }
        record.push(cell);
    }
    if let Some(name) = fields.keys().next() {
        bail!("{name} is no column of {}", table.name);
    }
    Ok(record)
}

fn cell(kind: Kind, text: &str) -> Result<Cell> {
    if text == "null" && kind != Kind::Json {
        return Ok(Cell::Null);
    }
    let string = || serde_json::from_str::<String>(text);
    Ok(match kind {
        Kind::Text => Cell::Text(string()?),
        Kind::Int => Cell::Int(text.parse()?),
        Kind::Real => Cell::Real(text.parse()?),
        Kind::Bool => Cell::Bool(text.parse()?),
        Kind::Time => Cell::Time(Time::new(string()?.parse()?)),
        Kind::Json => Cell::Json(text.to_owned()),
        Kind::Bytes => Cell::Bytes(hex::decode(string()?)?),
    })
}
