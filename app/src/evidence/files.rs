//! Files by digest: what was sent is kept as it came, under its SHA-256, before anything is made of
//! it. A file is complete or it is not there.

use crate::app::App;
use axum::http::StatusCode;
use kit::web::Problem;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;

/// As much of the beginning as importers look at to know a file.
const HEAD: usize = 64 * 1024;

/// A file that is arriving; goes away unless it is kept.
pub struct Arriving {
    file: tokio::fs::File,
    path: TempPath,
    hasher: Sha256,
    size: u64,
    most: u64,
    /// Its first bytes.
    pub head: Vec<u8>,
}

/// A file that is on the disk.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its digest.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
}

/// Where the file of a digest is, if the text is a digest.
#[must_use]
pub fn path(app: &App, sha256: &str) -> Option<PathBuf> {
    let is_digest = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
    is_digest.then(|| app.files().join(&sha256[..2]).join(sha256))
}

fn incoming(app: &App) -> PathBuf {
    app.files().join("incoming")
}

impl Arriving {
    /// Makes room for a file.
    ///
    /// # Errors
    /// [`Problem`] when the folder cannot be written.
    pub fn begin(app: &App) -> Result<Arriving, Problem> {
        let folder = incoming(app);
        std::fs::create_dir_all(&folder).map_err(|error| disk(&error))?;
        let (file, path) =
            tempfile::NamedTempFile::new_in(folder).map_err(|error| disk(&error))?.into_parts();
        Ok(Arriving {
            file: tokio::fs::File::from_std(file),
            path,
            hasher: Sha256::new(),
            size: 0,
            most: app.config.upload_max_bytes,
            head: Vec::new(),
        })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// 413 in words as soon as it is too large; 507 when the disk is full.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.size += bytes.len() as u64;
        if self.size > self.most {
            return Err(too_large(self.most));
        }
        let room = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.hasher.update(bytes);
        self.file.write_all(bytes).await.map_err(|error| disk(&error))
    }

    /// Keeps it: synced, then under its digest.
    ///
    /// # Errors
    /// [`Problem`] when the disk says no.
    pub async fn keep(mut self, app: &App) -> Result<Kept, Problem> {
        self.file.flush().await.map_err(|error| disk(&error))?;
        self.file.sync_all().await.map_err(|error| disk(&error))?;
        let sha256 = hex::encode(self.hasher.finalize());
        let path = path(app, &sha256).ok_or_else(|| Problem::internal("a digest has 64 digits"))?;
        let temporary = self.path;
        let moved = tokio::task::spawn_blocking(move || -> std::io::Result<()> {
            let Some(folder) = path.parent() else { return Ok(()) };
            std::fs::create_dir_all(folder)?;
            if !path.exists() {
                temporary.persist(&path).map_err(|error| error.error)?;
            }
            std::fs::File::open(folder)?.sync_all()
        });
        moved.await.map_err(Problem::internal)?.map_err(|error| disk(&error))?;
        Ok(Kept { sha256, size: self.size })
    }
}

/// The refusal of what is too large, before it is read.
#[must_use]
pub fn too_large(most: u64) -> Problem {
    let mib = most >> 20;
    let detail = format!(
        "The file is larger than {mib} MiB, so none of it was taken. Export a shorter span of time, \
         or ask an administrator to raise uploads.max_mib."
    );
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

fn disk(error: &std::io::Error) -> Problem {
    if error.kind() == std::io::ErrorKind::StorageFull {
        let detail = "The server's disk is full, so nothing was taken. Tell an administrator.";
        return Problem::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", detail);
    }
    Problem::internal(format!("a file cannot be written: {error}"))
}

/// Removes what was arriving when the server ended.
pub(super) fn sweep(app: &App) {
    if let Ok(entries) = std::fs::read_dir(incoming(app)) {
        for entry in entries.flatten() {
            std::fs::remove_file(entry.path()).ok();
        }
    }
}
