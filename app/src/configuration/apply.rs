//! Applying files: in one transaction, audited, or nothing.

use super::check::check;
use super::file::{Configuration, File, Files};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::settings::place::Fault;
use crate::settings::{self, House, NewVersion};
use crate::{kinds, policy};
use kit::db::{Conn, Result as DbResult};
use kit::web::{FieldError, Problem};
use serde_json::{Map, Value, json};

/// The most characters of a note.
pub const NOTE_MAX: usize = 200;

/// What is wrong with files, as the fields of a body or form.
pub(super) fn refused(faults: Vec<Fault>) -> Problem {
    let error = |one: Fault| FieldError {
        path: format!("files.{}", one.file),
        message: format!("line {}, column {}: {}", one.line, one.column, one.message),
    };
    Problem::invalid(faults.into_iter().map(error).collect())
}

/// Which of some files differ from what is in force. Of the policy, the rules are compared: it is kept
/// without its comments.
#[must_use]
pub fn changes(now: &Configuration, files: &Files) -> Vec<File> {
    let differs = |file: &&File| {
        let Some(text) = files.get(file.name()) else { return false };
        let before = now.text(**file);
        match file {
            File::Policy => {
                let read = |text: &str| policy::file::document(text).ok();
                text != before && read(text) != read(before)
            }
            _ => text != before,
        }
    };
    File::ALL.iter().filter(differs).copied().collect()
}

/// Checks files against what is in force.
///
/// # Errors
/// What the database says; inside, every fault.
pub(super) async fn against_current(
    conn: &mut Conn,
    files: &Files,
) -> DbResult<(Configuration, Result<super::Checked, Vec<Fault>>)> {
    let now = Configuration::read(conn).await?;
    let library = kinds::current(conn).await?;
    let checked = check(files, (library, now.text(File::Policy)));
    Ok((now, checked))
}

/// Applies files over what was in force when somebody read it; gives what changed.
///
/// # Errors
/// 403 for who does not administer; 409 when something else is in force by now; 422 with every fault.
pub async fn apply(
    app: &App,
    viewer: &Viewer,
    (files, note): (&Files, &str),
    read: Option<&str>,
) -> Result<Vec<File>, Problem> {
    viewer.must_administer()?;
    let note = note.trim();
    if note.chars().count() > NOTE_MAX {
        return Err(Problem::field("note", format!("At most {NOTE_MAX} characters, please.")));
    }
    let now = app.now();
    let mut tx = app.db.write().await?;
    let (current, checked) = against_current(&mut tx, files).await?;
    if read.is_some_and(|read| read != current.fingerprint()) {
        let detail = "Something else was put in force since you read it. Nothing of yours was applied: \
                      compare again, and apply then.";
        return Err(Problem::conflict("changed_meanwhile", detail));
    }
    let checked = checked.map_err(refused)?;
    let changed = changes(&current, files);
    let (mut before, mut after) = (Map::new(), Map::new());
    for (file, text) in checked.texts.iter().filter(|(file, _)| changed.contains(file)) {
        before.insert(file.name().to_owned(), digest(current.text(*file)));
        after.insert(file.name().to_owned(), digest(text));
        let Some(part) = file.part() else { continue };
        // What ran with the kinds that were in force keeps them.
        if *file == File::Kinds {
            kinds::current_kept(&mut tx, now).await?;
        }
        let fingerprint = match (&checked.kinds, file) {
            (Some(library), File::Kinds) => library.version,
            _ => settings::fingerprint(text),
        };
        let new = NewVersion { part, fingerprint, text, note, by: Some(&viewer.id) };
        if settings::keep(&mut tx, &new, now).await?.is_none() {
            let detail = "Somebody else applies files just now. Nothing of yours was applied.";
            return Err(Problem::conflict("changed_meanwhile", detail));
        }
    }
    if changed.contains(&File::Policy)
        && let Some(document) = checked.policy
    {
        let library = kinds::current(&mut tx).await?;
        let version = policy::current(&mut tx).await?.version;
        let over = (version, library);
        policy::save_within(&mut tx, viewer, over, (document, note), now).await?;
    }
    if changed.is_empty() {
        return Ok(changed);
    }
    after.insert("note".to_owned(), json!(note));
    let deed = Deed::new(&viewer.id, "configuration.applied", "configuration");
    let deed = deed.before(Value::Object(before)).after(Value::Object(after));
    audit::record(&mut tx, now, deed).await?;
    tx.commit().await?;
    House::current(&mut app.db.read().await?).await?;
    Ok(changed)
}

fn digest(text: &str) -> Value {
    json!(kit::chance::digest(text))
}
