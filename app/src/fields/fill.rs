//! Filling fields in: all of a form or none, and nobody's value is overwritten.

use super::read::{Names, of_retrospective};
use super::store::{self, New};
use super::value::{checked, in_words, named};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::kinds::{Field, did_you_mean};
use crate::retrospectives::{Retrospective, need_for_writing};
use kit::db::DbError;
use kit::web::{FieldError, Problem};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What somebody writes in a field.
#[derive(Debug, Clone)]
pub struct Change {
    /// The version that they read; none where they want to write whatever stands.
    pub version: Option<i64>,
    /// What they write; null empties it.
    pub value: Value,
}

/// Writes fields, by their ids: all of them or none.
///
/// # Errors
/// 404 for who is not one of its people; 409 when somebody else wrote one of them meanwhile, with what
/// stands; 422 with every fault.
pub async fn fill(
    app: &App,
    viewer: &Viewer,
    key: &str,
    changes: BTreeMap<String, Change>,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let names = Names::read(&mut tx).await?;
    let changes = fitting(&retro, &names, changes)?;
    let all = of_retrospective(&mut tx, &retro, &names).await?;
    let (mut before, mut after) = (Map::new(), Map::new());
    for (field, change) in changes {
        let stands = all.iter().find(|one| one.field.id == field.id);
        let (version, was) = stands.map_or((0, &Value::Null), |one| (one.version, &one.value));
        if *was == change.value {
            continue;
        }
        if change.version.is_some_and(|read| read != version) {
            return Err(meanwhile(field, was, &names));
        }
        before.insert(field.id.clone(), digest(was));
        after.insert(field.id.clone(), digest(&change.value));
        let value = Some(change.value).filter(|value| !value.is_null());
        let new = New { field: &field.id, version: version + 1, value, by: &viewer.id };
        match store::insert(&mut tx, &retro.id, new, now).await {
            Err(DbError::Duplicate { .. }) => return Err(meanwhile(field, was, &names)),
            done => done?,
        }
    }
    if after.is_empty() {
        return Ok(());
    }
    let deed = Deed::new(&viewer.id, "fields.filled", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str()).before(Value::Object(before));
    audit::record(&mut tx, now, deed.after(Value::Object(after))).await?;
    tx.commit().await?;
    Ok(())
}

/// What the audit may know of a value.
fn digest(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        value => json!(kit::chance::digest(&value.to_string())),
    }
}

fn meanwhile(field: &Field, stands: &Value, names: &Names) -> Problem {
    let words = match in_words(field, stands, names) {
        words if words.is_empty() => "it is empty now".to_owned(),
        words => format!("it says now: {words}"),
    };
    let detail = format!(
        "Somebody wrote “{}” meanwhile; {words}. Nothing of yours was saved over it.",
        field.name
    );
    Problem::conflict("changed", detail)
}

/// The changes in their one form, each with its field.
fn fitting(
    retro: &Retrospective,
    names: &Names,
    changes: BTreeMap<String, Change>,
) -> Result<Vec<(&'static Field, Change)>, Problem> {
    let (mut fitting, mut faults) = (Vec::new(), Vec::new());
    for (id, change) in changes {
        let path = format!("fields.{id}");
        let Some(field) = retro.library().field(&id) else {
            let ids = retro.fields().into_iter().map(|(one, _)| one.id.as_str());
            let message = format!("There is no field `{id}`.{}", did_you_mean(&id, ids));
            faults.push(FieldError { path, message });
            continue;
        };
        match checked(field, &change.value) {
            Ok(value) => {
                let gone =
                    named(field, &value).into_iter().find(|(sort, id)| !names.knows(*sort, id));
                if let Some((sort, id)) = gone {
                    let message = format!("There is no {} `{id}`.", sort.label());
                    faults.push(FieldError { path: path.clone(), message });
                }
                fitting.push((field, Change { value, ..change }));
            }
            Err(wrong) => faults.extend(wrong.into_iter().map(|(at, what)| FieldError {
                path: format!("{path}{at}"),
                message: format!("{}: {what}", field.name),
            })),
        }
    }
    if faults.is_empty() { Ok(fitting) } else { Err(Problem::invalid(faults)) }
}
