//! The libraries that are known here, by their version. A library is data that is read often and
//! replaced rarely, so each is read once and stays.

use super::kind::{Kind, Library, Section};
use super::wrong::Wrong;
use crate::settings::place::{self, Fault, Places};
use crate::settings::{self, NewVersion, Part};
use kit::db::{Conn, Result, Time, Tx};
use std::collections::BTreeMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// The file that the kinds are in.
pub const FILE: &str = "kinds.toml";
/// Bytes of it at most.
pub const LONGEST: usize = 1_000_000;

static SHIPPED: LazyLock<&'static Library> = LazyLock::new(|| {
    let library = Library::parse(super::SHIPPED).expect("the shipped kinds.toml; a test reads it");
    Box::leak(Box::new(library))
});

/// Libraries by version, and which was last in force.
#[derive(Default)]
struct Shelf {
    all: BTreeMap<i64, &'static Library>,
    last: Option<&'static Library>,
}

static KNOWN: LazyLock<RwLock<Shelf>> = LazyLock::new(RwLock::default);

/// The library that came with the product.
#[must_use]
pub fn shipped() -> &'static Library {
    &SHIPPED
}

/// The library of a version, where it is known here.
fn known(version: i64) -> Option<&'static Library> {
    if version == SHIPPED.version {
        return Some(&SHIPPED);
    }
    KNOWN.read().unwrap_or_else(PoisonError::into_inner).all.get(&version).copied()
}

/// The library of a version; the shipped one where that is not known.
#[must_use]
pub fn of_version(version: i64) -> &'static Library {
    known(version).unwrap_or(&SHIPPED)
}

/// The kind of an id, as it was last in force here; for naming one.
#[must_use]
pub fn find(id: &str) -> Option<&'static Kind> {
    let shelf = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let own = shelf.last.and_then(|library| library.kind(id));
    let any = || shelf.all.values().rev().find_map(|library| library.kind(id));
    own.or_else(|| SHIPPED.kind(id)).or_else(any)
}

/// The library that was last in force here; for what is offered and asked again when it is taken.
#[must_use]
pub fn last() -> &'static Library {
    KNOWN.read().unwrap_or_else(PoisonError::into_inner).last.unwrap_or(&SHIPPED)
}

/// The kind of an id in a form or file, likewise.
///
/// # Errors
/// A sentence with the ids there are.
pub fn parse(id: &str) -> std::result::Result<&'static Kind, String> {
    find(id).map_or_else(|| last().parse_kind(id), Ok)
}

/// The section of an id, likewise.
#[must_use]
pub fn section(id: &str) -> Option<&'static Section> {
    let shelf = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let any = || shelf.all.values().rev().find_map(|library| library.section(id));
    SHIPPED.section(id).or_else(any)
}

/// Reads and checks a file of kinds.
///
/// # Errors
/// Every fault with its place and the nearest right name.
pub fn read(text: &str) -> std::result::Result<Library, Vec<Fault>> {
    if text.len() > LONGEST {
        let message = format!("It has {} bytes; {LONGEST} are the most.", text.len());
        return Err(vec![Fault { file: FILE.to_owned(), line: 1, column: 1, message }]);
    }
    let mut library: Library = place::read(FILE, text).map_err(|fault| vec![fault])?;
    let wrong = library.check();
    if !wrong.is_empty() {
        let places = Places::of(text);
        let fault = |one: &Wrong| places.fault(FILE, text, &one.path, &one.message);
        return Err(wrong.iter().map(fault).collect());
    }
    library.version =
        if text == super::SHIPPED { SHIPPED.version } else { settings::fingerprint(text) };
    Ok(library)
}

/// Puts a library that was read beside the others.
fn shelve(library: Library) -> &'static Library {
    let mut shelf = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(there) = shelf.all.get(&library.version) {
        return there;
    }
    let library: &'static Library = Box::leak(Box::new(library));
    shelf.all.insert(library.version, library);
    library
}

/// Makes the library of a version known, if it is kept.
///
/// # Errors
/// What the database says.
pub async fn know(conn: &mut Conn, version: i64) -> Result<()> {
    if known(version).is_some() {
        return Ok(());
    }
    if let Some(kept) = settings::of_fingerprint(conn, Part::Kinds, version).await? {
        match read(&kept.text) {
            // What came with an older product keeps the number that it had.
            Ok(library) => drop(shelve(Library { version, ..library })),
            Err(faults) => {
                let first = faults.first().map(Fault::words).unwrap_or_default();
                tracing::warn!(version, fault = first, "kinds that are kept do not read any more");
            }
        }
    }
    Ok(())
}

/// The library in force.
///
/// # Errors
/// What the database says.
pub async fn current(conn: &mut Conn) -> Result<&'static Library> {
    let newest = settings::newest_known(conn, Part::Kinds).await?;
    let library = match newest {
        Some(newest) if !newest.is_shipped => {
            know(conn, newest.fingerprint).await?;
            of_version(newest.fingerprint)
        }
        _ => &SHIPPED,
    };
    let mut shelf = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if library.version == SHIPPED.version {
        shelf.last = None;
    } else {
        shelf.last = Some(library);
    }
    Ok(library)
}

/// The text of the library in force.
///
/// # Errors
/// What the database says.
pub async fn text(conn: &mut Conn) -> Result<String> {
    let kept = settings::newest(conn, Part::Kinds).await?.filter(|kept| !kept.is_shipped);
    Ok(kept.map_or_else(|| super::SHIPPED.to_owned(), |kept| kept.text))
}

/// The library in force, kept under its version, so that something can remember it.
///
/// # Errors
/// What the database says.
pub async fn current_kept(tx: &mut Tx, now: Time) -> Result<&'static Library> {
    let library = current(tx).await?;
    let is_kept = settings::of_fingerprint(tx, Part::Kinds, library.version).await?.is_some();
    if !is_kept {
        let note = "as it came with Afterword";
        let new = NewVersion {
            part: Part::Kinds,
            fingerprint: library.version,
            text: super::SHIPPED,
            note,
            by: None,
        };
        // Somebody who was faster kept the same one.
        settings::keep(tx, &new, now).await?;
    }
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::{of_version, read, shelve, shipped};

    #[test]
    fn a_fault_has_its_place_and_the_nearest_name() {
        let text = crate::kinds::SHIPPED.replacen("\"basic\", \"notes\"", "\"basic\", \"nots\"", 1);
        let wrong = read(&text).unwrap_err();
        let line = text.lines().position(|line| line.contains("\"nots\"")).unwrap() + 1;
        assert_eq!(
            wrong[0].words(),
            format!("kinds.toml:{line}:22: There is no section `nots`. Did you mean `notes`?")
        );
        let text = crate::kinds::SHIPPED.replacen("effort = ", "efort = ", 1);
        assert!(read(&text).unwrap_err()[0].message.contains("did you mean `effort`?"));
        let text = crate::kinds::SHIPPED.replacen("type = \"money\"", "type = \"mony\"", 1);
        assert!(read(&text).unwrap_err()[0].message.contains("did you mean `money`?"));
    }

    #[test]
    fn a_library_keeps_its_version() {
        let text = format!("{}\n# ours\n", crate::kinds::SHIPPED);
        let ours = read(&text).unwrap();
        let version = ours.version;
        assert_ne!(version, shipped().version);
        assert_eq!(of_version(version).version, shipped().version, "unknown: the shipped one");
        shelve(ours);
        assert_eq!(of_version(version).version, version);
        assert_eq!(read(crate::kinds::SHIPPED).unwrap().version, shipped().version);
    }
}
