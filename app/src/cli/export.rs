//! `export --all` and `import --all`: everything as files, and in again. Both work on the data folder.

use super::{Out, serve};
use crate::config::Config;
use crate::upkeep::all;
use crate::upkeep::backup;
use anyhow::Result;
use kit::clock::Clock;
use std::path::Path;
use std::sync::Arc;

/// Writes everything into a folder that is read without us: empty, or an earlier export, made anew.
///
/// # Errors
/// When the folder holds something else, or the disk is full.
pub async fn export_all(
    to: &Path,
    with_secrets: bool,
    config: Config,
    out: &mut Out,
) -> Result<()> {
    let db = backup::open_to_read(&config.data, config.database_url.as_deref()).await?;
    let done = all::export(&db, &config.data.join("files"), to, with_secrets).await?;
    db.close().await;
    for digest in &done.missing_files {
        eprintln!("afterword: the file {digest} is named by a row and is not there");
    }
    let (incidents, rows, files) = (done.incidents, done.rows, done.files);
    let to = to.display();
    out.line(&format!("{to} holds {incidents} incidents, {rows} rows and {files} files"))
}

/// Takes an export into an empty data folder or database.
///
/// # Errors
/// When something in it does not read or the target holds something; then nothing was taken.
pub async fn import_all(
    from: &Path,
    config: Config,
    clock: Arc<dyn Clock>,
    out: &mut Out,
) -> Result<()> {
    let now = clock.now();
    let opened = serve::open(config, clock).await?;
    let copied = all::import(from, &opened.app.db, &opened.app.files(), now).await?;
    opened.app.db.close().await;
    let rows: u64 = copied.iter().map(|one| one.sum.rows).sum();
    out.line(&format!("{rows} rows were taken in; every one was counted and compared"))
}
