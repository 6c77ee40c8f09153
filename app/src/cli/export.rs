//! `export --all` and `import --all`: everything as files, and in again. Both work on the data folder.

use super::{Out, Settings, serve};
use crate::config::Config;
use crate::upkeep::all;
use crate::upkeep::backup;
use anyhow::Result;
use clap::Args;
use kit::clock::Clock;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Write everything as Markdown, JSON and attachments into a folder that is read without us, and that
/// `afterword import --all` takes in again. A server may run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword export --all ./everything --data /srv/afterword
  afterword export --all ./everything --with-secrets --data /srv/afterword")]
pub struct Export {
    /// The folder: empty, or an earlier export, which is made anew. The same content makes the same bytes.
    #[arg(long, value_name = "DIR")]
    all: PathBuf,
    /// With the digests of passwords and tokens, so that people can sign in after it is taken in again.
    #[arg(long)]
    with_secrets: bool,
    #[command(flatten)]
    pub(super) settings: Settings,
}

impl Export {
    /// Writes it.
    ///
    /// # Errors
    /// When the folder holds something else, or the disk is full.
    pub async fn run(self, config: Config, out: &mut Out) -> Result<()> {
        let db = backup::open_to_read(&config.data, config.database_url.as_deref()).await?;
        let files = config.data.join("files");
        let done = all::export(&db, &files, &self.all, self.with_secrets).await?;
        db.close().await;
        for digest in &done.missing_files {
            eprintln!("afterword: the file {digest} is named by a row and is not there");
        }
        out.line(&format!(
            "{} holds {} incidents, {} rows and {} files",
            self.all.display(),
            done.incidents,
            done.rows,
            done.files
        ))
    }
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
