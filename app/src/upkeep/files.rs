//! The folder of files against the rows that name them, by digest.
//!
//! A column `file_sha256`, or a `sha256` beside `size_bytes`, names a file: that is the convention, and
//! [`named_by`] the one place that knows it. A row whose `body_left_behind` is true names none.

use super::copy::key_of;
use super::tables;
use kit::db::Db;
use kit::db::catalogue::Table;
use kit::db::records::{self, Cell, Record, Which};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The column that says that a row's file is not here.
const LEFT_BEHIND: &str = "body_left_behind";

/// Leaves the file behind that a row names as it was sent: it may hold what was taken out of everything
/// that was read from it.
pub fn leave_behind(table: &Table, record: &mut Record) {
    if let Some(at) = table.position(LEFT_BEHIND) {
        record[at] = Cell::Bool(true);
    }
}

/// Adds the digests of the files that a row names.
pub fn named_by(table: &Table, record: &Record, named: &mut BTreeSet<String>) {
    let behind = table.position(LEFT_BEHIND);
    if behind.is_some_and(|at| matches!(record[at], Cell::Bool(true))) {
        return;
    }
    let has_size = table.position("size_bytes").is_some();
    for (column, cell) in table.columns.iter().zip(record) {
        let names_a_file = column.name == "file_sha256" || (column.name == "sha256" && has_size);
        if let (true, Cell::Text(digest)) = (names_a_file, cell)
            && !named.contains(digest)
        {
            named.insert(digest.clone());
        }
    }
}

/// The digests of all files that rows of a database name.
///
/// # Errors
/// What the database says.
pub async fn named_in(db: &Db) -> anyhow::Result<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    let mut conn = db.read().await?;
    for table in tables(db)? {
        let names = |column: &str| table.position(column).is_some();
        if !(names("file_sha256") || names("sha256") && names("size_bytes")) {
            continue;
        }
        let mut after = None;
        loop {
            let some = records::slice(&mut conn, &table, Which::All, after.as_ref(), 2_000).await?;
            let Some(last) = some.last() else { break };
            after = Some(key_of(&table, last));
            some.iter().for_each(|record| named_by(&table, record, &mut named));
        }
    }
    Ok(named)
}

/// Whether a text is a digest, so that it may be part of a path.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Where the file of a digest is.
#[must_use]
pub fn place(folder: &Path, digest: &str) -> PathBuf {
    folder.join(&digest[..2.min(digest.len())]).join(digest)
}

/// What the folder of files is like.
#[derive(Debug, Default)]
pub struct Looked {
    /// What is wrong, in words.
    pub faults: Vec<String>,
    /// Files that no row names.
    pub without_a_row: u64,
}

/// The digest of what can be read.
///
/// # Errors
/// What reading says.
pub fn digest_of(mut from: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
}

/// Reads every file that is named and compares its digest.
#[must_use]
pub fn look(folder: &Path, named: &BTreeSet<String>) -> Looked {
    let mut looked = Looked::default();
    for digest in named {
        if !is_digest(digest) {
            looked.faults.push(format!("`{digest}` is no digest of a file"));
            continue;
        }
        match File::open(place(folder, digest)).and_then(digest_of) {
            Ok(found) if found == *digest => {}
            Ok(_) => looked.faults.push(format!("{digest} has another content than its digest")),
            Err(error) => looked.faults.push(format!("{digest} does not read: {error}")),
        }
    }
    for entry in folders(folder) {
        for file in std::fs::read_dir(entry).into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            looked.without_a_row += u64::from(is_digest(&name) && !named.contains(&name));
        }
    }
    looked
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|one| one.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.map(|one| one.path()).filter(|path| !path.ends_with("incoming")).collect()
}
