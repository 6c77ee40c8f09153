//! The libraries that are known here, by their version. A library is data that is read often and
//! replaced rarely, so each is read once and stays.

use super::kind::Library;
use std::collections::BTreeMap;
use std::sync::{LazyLock, PoisonError, RwLock};

static SHIPPED: LazyLock<&'static Library> = LazyLock::new(|| {
    let library = Library::parse(super::SHIPPED).expect("the shipped kinds.toml; a test reads it");
    Box::leak(Box::new(library))
});

static KNOWN: LazyLock<RwLock<BTreeMap<i64, &'static Library>>> = LazyLock::new(RwLock::default);

/// The library that came with the product.
#[must_use]
pub fn shipped() -> &'static Library {
    &SHIPPED
}

/// The library of a version, where it is known here.
#[must_use]
pub(super) fn known(version: i64) -> Option<&'static Library> {
    if version == SHIPPED.version {
        return Some(&SHIPPED);
    }
    KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&version).copied()
}

/// The library of a version; the shipped one where that is not known.
#[must_use]
pub fn of_version(version: i64) -> &'static Library {
    known(version).unwrap_or(&SHIPPED)
}
