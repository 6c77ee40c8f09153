//! The fields of a retrospective with what stands in them.

use super::store;
use super::value::{in_words, table};
use crate::kinds::{Field, FieldSort, Milestone};
use crate::retrospectives::Retrospective;
use crate::{people, services};
use kit::db::{Conn, Result, Time};
use serde_json::Value;
use std::collections::BTreeMap;

/// What people and services are called.
#[derive(Debug, Default, Clone)]
pub struct Names {
    /// People who are here or were, by id.
    people: BTreeMap<String, String>,
    /// Services, by id.
    services: BTreeMap<String, String>,
}

impl Names {
    /// Reads them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(conn: &mut Conn) -> Result<Names> {
        let people = people::all(conn).await?;
        let services = services::all(conn).await?;
        Ok(Names {
            people: people.into_iter().map(|one| (one.id.to_string(), one.name)).collect(),
            services: services.into_iter().map(|one| (one.id.to_string(), one.name)).collect(),
        })
    }

    /// The name of somebody.
    #[must_use]
    pub fn person(&self, id: &str) -> String {
        self.people.get(id).cloned().unwrap_or_else(|| "somebody who left".to_owned())
    }

    /// The name of a service.
    #[must_use]
    pub fn service(&self, id: &str) -> String {
        self.services.get(id).cloned().unwrap_or_else(|| "a service that is gone".to_owned())
    }

    /// Whether there is such a person or service.
    pub(super) fn knows(&self, sort: FieldSort, id: &str) -> bool {
        match sort {
            FieldSort::People => self.people.contains_key(id),
            _ => self.services.contains_key(id),
        }
    }

    /// The services, by name.
    pub(super) fn services(&self) -> Vec<(&str, &str)> {
        sorted(&self.services)
    }

    /// The people, by name.
    pub(super) fn people(&self) -> Vec<(&str, &str)> {
        sorted(&self.people)
    }
}

fn sorted(map: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    let mut all: Vec<_> = map.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    all.sort_by_key(|(id, name)| (name.to_lowercase(), *id));
    all
}

/// A field with what stands in it.
#[derive(Debug, Clone)]
pub struct Filled {
    /// The field.
    pub field: &'static Field,
    /// The name of its section.
    pub section: &'static str,
    /// Until when it is needed, if at all.
    pub needed_for: Option<Milestone>,
    /// Whether the kind asks for it now; one that another kind asked for stays while something is in it.
    pub is_wanted: bool,
    /// Counts its values; 0 when there was none.
    pub version: i64,
    /// What stands in it; null when nothing does.
    pub value: Value,
    /// The same in words.
    pub words: String,
    /// A table's cells in words.
    pub rows: Vec<Vec<String>>,
    /// Who wrote it.
    pub by: Option<String>,
    /// When.
    pub at: Option<Time>,
}

impl Filled {
    /// Whether nothing stands in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.value.is_null()
    }

    /// Whether it is a table.
    #[must_use]
    pub fn is_group(&self) -> bool {
        self.field.sort == FieldSort::Group
    }
}

/// The fields of a retrospective: those it wants, then those of another kind in which something stands.
///
/// # Errors
/// What the database says.
pub async fn of_retrospective(
    conn: &mut Conn,
    retro: &Retrospective,
    names: &Names,
) -> Result<Vec<Filled>> {
    let standing = store::standing(conn, &retro.id).await?;
    let wanted = retro.fields();
    let library = retro.library();
    let left = standing.iter().filter(|row| row.value.is_some());
    let left = left.filter_map(|row| library.field(&row.field));
    let left: Vec<_> =
        left.filter(|field| wanted.iter().all(|(one, _)| one.id != field.id)).collect();
    let all = wanted.into_iter().map(|(field, needed)| (field, needed, true));
    let all = all.chain(left.into_iter().map(|field| (field, None, false)));
    let mut filled: Vec<Filled> = all
        .map(|(field, needed_for, is_wanted)| {
            let row = standing.iter().find(|row| row.field == field.id);
            let value = row.and_then(|row| row.value.clone()).map_or(Value::Null, |json| json.0);
            Filled {
                words: in_words(field, &value, names),
                rows: table(field, &value, names),
                section: library.section(&field.section).map_or("", |one| one.name.as_str()),
                version: row.map_or(0, |row| row.version),
                by: row.map(|row| row.name.clone()),
                at: row.map(|row| row.at),
                field,
                needed_for,
                is_wanted,
                value,
            }
        })
        .collect();
    let order = retro.own_sections();
    let place = |one: &Filled| order.iter().position(|id| *id == one.field.section);
    filled.sort_by_key(|one| (!one.is_wanted, place(one).unwrap_or(usize::MAX)));
    Ok(filled)
}
