//! Checking files together: each by itself, and the policy against the kinds. Pure, so that the command
//! line does it without a server.

use super::file::{File, Files};
use crate::kinds::{self, Library};
use crate::policy::{self, Document, Wrong};
use crate::settings::house;
use crate::settings::place::{Fault, Places, nearest};

/// Files that are whole.
#[derive(Debug)]
pub struct Checked {
    /// Kinds, where there is such a file.
    pub kinds: Option<Library>,
    /// The policy, where there is such a file.
    pub policy: Option<Document>,
    /// Every text, by its file.
    pub texts: Vec<(File, String)>,
}

/// Checks files. What is not among them stays as it is in force: `kinds` and `policy` there.
///
/// # Errors
/// Every fault with its place.
pub fn check(files: &Files, in_force: (&Library, &str)) -> Result<Checked, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut texts = Vec::new();
    for (name, text) in files {
        match File::parse(name) {
            Ok(file) => texts.push((file, text.clone())),
            Err(_) => faults.push(no_such_file(name)),
        }
    }
    texts.sort_by_key(|(file, _)| *file);
    let text_of = |file: File| texts.iter().find(|(one, _)| *one == file).map(|(_, text)| text);
    let mut own = |result: Result<(), Vec<Fault>>| faults.extend(result.err().unwrap_or_default());
    if let Some(text) = text_of(File::Severities) {
        own(house::read_severities(File::Severities.name(), text).map(drop));
    }
    if let Some(text) = text_of(File::GroundRules) {
        own(house::read_rules(File::GroundRules.name(), text).map(drop));
    }
    if let Some(text) = text_of(File::Words) {
        own(house::read_words(File::Words.name(), text).map(drop));
    }
    let library = match text_of(File::Kinds).map(|text| kinds::read(text)) {
        Some(Ok(library)) => Some(library),
        Some(Err(wrong)) => {
            faults.extend(wrong);
            None
        }
        None => None,
    };
    let has_broken_kinds = library.is_none() && text_of(File::Kinds).is_some();
    let against = library.as_ref().unwrap_or(in_force.0);
    let policy = match text_of(File::Policy) {
        Some(text) => match policy_of(text, (!has_broken_kinds).then_some(against)) {
            Ok(document) => Some(document),
            Err(wrong) => {
                faults.extend(wrong);
                None
            }
        },
        None => {
            // The policy that stays must still name kinds that there are.
            if !has_broken_kinds && library.is_some() {
                faults.extend(policy_of(in_force.1, Some(against)).err().unwrap_or_default());
            }
            None
        }
    };
    if faults.is_empty() {
        return Ok(Checked { kinds: library, policy, texts });
    }
    faults.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    faults.dedup();
    Err(faults)
}

fn no_such_file(name: &str) -> Fault {
    let names = File::ALL.iter().map(|file| file.name());
    let message = match nearest(name, names) {
        Some(near) => format!("There is no such file; did you mean `{near}`?"),
        None => {
            let names: Vec<&str> = File::ALL.iter().map(|file| file.name()).collect();
            format!("There is no such file; there are: {}.", names.join(", "))
        }
    };
    Fault { file: name.to_owned(), line: 1, column: 1, message }
}

/// Reads a policy whose kinds are those of a library. A kind that only this library has is none of the
/// ones that were known before, so that kinds are looked at here and not while it is read.
fn policy_of(text: &str, library: Option<&Library>) -> Result<Document, Vec<Fault>> {
    let name = File::Policy.name();
    let fault = |one: Wrong| Fault {
        file: name.to_owned(),
        line: one.line.unwrap_or(1),
        column: one.column.unwrap_or(1),
        message: one.message,
    };
    let document = match policy::file::parse(text) {
        Ok(policy) => policy.document,
        Err(wrong) => {
            let is_of_kind = |one: &Wrong| {
                one.path.ends_with("then.kind") || one.path.starts_with("effort_minutes.")
            };
            let others: Vec<Wrong> = wrong.iter().filter(|one| !is_of_kind(one)).cloned().collect();
            if !others.is_empty() || library.is_none() {
                return Err(others.into_iter().map(fault).collect());
            }
            policy::file::document(text).map_err(|wrong| vec![fault(wrong)])?
        }
    };
    let Some(library) = library else { return Ok(document) };
    let unknown = policy::unknown_kinds(&document, library);
    if unknown.is_empty() {
        return Ok(document);
    }
    let places = Places::of(text);
    Err(unknown.iter().map(|one| places.fault(name, text, &one.path, &one.message)).collect())
}
