//! What stands in the fields of a retrospective of the demo.

use super::load::{Loader, because};
use super::load_incident::Going;
use crate::access::Viewer;
use crate::fields::{self, Change};
use crate::kinds::{self, Field, FieldSort};
use anyhow::{Context, Result};
use serde_json::Value;

impl Loader {
    /// Fills in what the content says.
    pub(super) async fn fill(&self, going: &Going<'_>, by: &Viewer) -> Result<()> {
        let mut changes = std::collections::BTreeMap::new();
        for (id, value) in &going.told.fields {
            let field = kinds::shipped().field(id).with_context(|| format!("a field `{id}`"))?;
            let value = self.with_ids(field, value)?;
            changes.insert(id.clone(), Change { version: None, value });
        }
        if changes.is_empty() {
            return Ok(());
        }
        let done = fields::fill(&self.app, by, &going.key.to_string(), changes).await;
        done.map_err(|problem| because("fields", &problem))
    }

    /// The value with ids where the content has handles.
    fn with_ids(&self, field: &Field, value: &Value) -> Result<Value> {
        Ok(match (field.sort, value) {
            (FieldSort::People, Value::String(handle)) => {
                Value::String(self.who(handle)?.id.to_string())
            }
            (FieldSort::Service, Value::String(name)) => {
                let id = self.services.get(name).with_context(|| format!("a service {name}"))?;
                Value::String(id.to_string())
            }
            (FieldSort::People | FieldSort::Service, Value::Array(all)) => {
                let all: Result<Vec<Value>> =
                    all.iter().map(|one| self.with_ids(field, one)).collect();
                Value::Array(all?)
            }
            (FieldSort::Group, Value::Array(rows)) => {
                let row = |row: &Value| -> Result<Value> {
                    let mut row = row.clone();
                    for column in &field.columns {
                        if let Some(cell) = row.get_mut(&column.id) {
                            *cell = self.with_ids(column, cell)?;
                        }
                    }
                    Ok(row)
                };
                Value::Array(rows.iter().map(row).collect::<Result<_>>()?)
            }
            _ => value.clone(),
        })
    }
}
