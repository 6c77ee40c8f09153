//! How large the data folder is. Walking the files takes a while where there are many, so what was
//! found is said again for a minute.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Bytes in a data folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The database's file.
    pub database: u64,
    /// SQLite's log of what is not yet folded into the file.
    pub wal: u64,
    /// Attachments and raw bodies.
    pub files: u64,
}

static LAST: Mutex<Option<(PathBuf, Instant, u64)>> = Mutex::new(None);
const KEPT: Duration = Duration::from_secs(60);

/// Measures a folder.
#[must_use]
pub fn of(data: &Path) -> Sizes {
    let size = |name: &str| std::fs::metadata(data.join(name)).map_or(0, |meta| meta.len());
    Sizes {
        database: size("afterword.sqlite"),
        wal: size("afterword.sqlite-wal"),
        files: files(data),
    }
}

fn files(data: &Path) -> u64 {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, at, bytes)) = &*last
        && of == data
        && at.elapsed() < KEPT
    {
        return *bytes;
    }
    let bytes = walk(&data.join("files"));
    *last = Some((data.to_owned(), Instant::now(), bytes));
    bytes
}

fn walk(folder: &Path) -> u64 {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => bytes += walk(&entry.path()),
            Ok(meta) => bytes += meta.len(),
            Err(_) => {}
        }
    }
    bytes
}
