//! Saving a policy: whole or not at all, as a new version.

use super::document::{Document, Policy, Wrong};
use super::store::{self, NewVersion};
use super::version::{self, Current};
use super::{SHIPPED, file};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::kinds::{self, Library};
use kit::db::{Time, Tx};
use kit::web::{FieldError, Problem};
use serde_json::json;
use sha2::{Digest, Sha256};

/// The most characters of a note.
const NOTE_MAX: usize = 200;

/// What is wrong with a policy as the fields of a body or form.
#[must_use]
pub fn refused(wrong: Vec<Wrong>) -> Problem {
    let error = |one: Wrong| FieldError { message: one.words(), path: one.path };
    Problem::invalid(wrong.into_iter().map(error).collect())
}

/// Checks a document.
///
/// # Errors
/// 422 with a line for every fault, with its place.
pub fn checked(document: Document) -> Result<Policy, Problem> {
    Policy::check(document).map_err(refused)
}

/// Saves a policy over a version; gives the new one. What says the same as before changes nothing.
///
/// # Errors
/// 403 for who does not administer; 409 when the version is no longer in force; 422 with every fault.
pub async fn save(
    app: &App,
    viewer: &Viewer,
    version: i64,
    document: Document,
    note: &str,
) -> Result<Current, Problem> {
    let mut tx = app.db.write().await?;
    let library = kinds::current(&mut tx).await?;
    let saved =
        save_within(&mut tx, viewer, (version, library), (document, note), app.now()).await?;
    tx.commit().await?;
    Ok(saved)
}

/// The same within a larger deed, against the kinds that are in force after it.
///
/// # Errors
/// As [`save`].
pub async fn save_within(
    tx: &mut Tx,
    viewer: &Viewer,
    (version, library): (i64, &Library),
    (document, note): (Document, &str),
    now: Time,
) -> Result<Current, Problem> {
    viewer.must_administer()?;
    if note.chars().count() > NOTE_MAX {
        return Err(Problem::field("note", format!("At most {NOTE_MAX} characters, please.")));
    }
    let text = file::written(&document).map_err(Problem::internal)?;
    if text.len() > file::LONGEST {
        return Err(Problem::field("rules", "It is too long; leave something out."));
    }
    checked(document.clone())?;
    let unknown = unknown_kinds(&document, library);
    if !unknown.is_empty() {
        return Err(refused(unknown));
    }
    let current = version::current_kept(tx, now).await?;
    if current.version != version {
        return Err(meanwhile(current.version));
    }
    if current.policy.document == document {
        return Ok(current);
    }
    let new =
        NewVersion { version: version + 1, text: &text, note: note.trim(), by: Some(&viewer.id) };
    if !store::insert(tx, &new, now).await? {
        return Err(meanwhile(version + 1));
    }
    let digest = |text: &str| hex::encode(Sha256::digest(text.as_bytes()));
    let deed = Deed::new(&viewer.id, "policy.saved", "policy");
    let before = json!({ "version": version, "sha256": digest(&current.text) });
    let after = json!({ "version": version + 1, "sha256": digest(&text), "note": note.trim() });
    audit::record(tx, now, deed.before(before).after(after)).await?;
    Ok(version::current(tx).await?)
}

/// The kinds that a policy names and a library does not have.
#[must_use]
pub fn unknown_kinds(document: &Document, library: &Library) -> Vec<Wrong> {
    let rules = document.rules.iter().enumerate();
    let named = rules.map(|(n, rule)| (format!("rules[{n}].then.kind"), rule.then.kind.as_str()));
    let efforts = document.effort_minutes.keys();
    let named = named.chain(efforts.map(|kind| (format!("effort_minutes.{kind}"), kind.as_str())));
    let unknown = named.filter(|(_, kind)| *kind != "none");
    let unknown = unknown.filter_map(|(path, kind)| {
        let message = library.parse_kind(kind).err()?;
        Some(Wrong { path, line: None, column: None, message })
    });
    unknown.collect()
}

fn meanwhile(version: i64) -> Problem {
    let detail = format!(
        "Somebody saved the policy meanwhile; version {version} is in force now. Nothing of yours \
         was saved: compare, and save again."
    );
    Problem::conflict("changed_meanwhile", detail)
}

/// Saves the policy that came with the product.
///
/// # Errors
/// As [`save`].
pub async fn restore(app: &App, viewer: &Viewer, version: i64) -> Result<Current, Problem> {
    viewer.must_administer()?;
    let shipped = file::parse(SHIPPED).map_err(refused)?;
    save(app, viewer, version, shipped.document, "the one that came with Afterword").await
}
