//! `afterword demo`: an invented company's year of incidents, made anew each time, and served.

use super::serve::{self, Opened};
use crate::config::Config;
use crate::demo;
use anyhow::{Context, Result, bail};
use kit::clock::Clock;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Marks a folder as the demo's own; only such a folder is ever emptied.
const MARK: &str = "demo-organisation";

/// Makes the demo anew in its folder and serves it.
///
/// # Errors
/// When the folder holds something else, or the port cannot be had.
pub async fn demo(config: Config, clock: Arc<dyn Clock>) -> Result<()> {
    if config.database_url.is_some() {
        bail!("the demo keeps to its own folder; leave database.url empty for it");
    }
    serve::log_to_stderr(&config);
    let data = config.data.clone();
    // The lock first: a demo that runs is not emptied under its own feet.
    drop(serve::lock(&config)?);
    empty(&data)?;
    let opened = serve::open(config, clock).await?;
    let listener = serve::listen(&opened.app).await?;
    let started = Instant::now();
    let sign_ins = make(&opened).await?;
    let took = started.elapsed().as_secs_f64();
    serve::say(&format!("The demo organisation is made anew in {} ({took:.1} s).", data.display()));
    serve::say(&format!("Sign in with the password {} as:", demo::PASSWORD));
    for one in &sign_ins {
        serve::say(&format!("  {:<26} {}, {}", one.email, one.name, one.seat));
    }
    serve::say(&format!("ready  {}", opened.app.config.base_url));
    serve::answer(opened, listener).await
}

async fn make(opened: &Opened) -> Result<Vec<demo::SignIn>> {
    let mut say = |line: &str| serve::say(&format!("  {line}"));
    let loaded = demo::load(&opened.app, &mut say).await;
    loaded.context("the demo's content and this program disagree")
}

/// Empties a folder that the demo made; refuses any other that holds something.
fn empty(data: &Path) -> Result<()> {
    std::fs::create_dir_all(data)
        .with_context(|| format!("the folder {} cannot be made", data.display()))?;
    let ours = |name: &str| name == MARK || name == "afterword.lock";
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(data)? {
        entries.push(entry?);
    }
    let is_marked = data.join(MARK).exists();
    let holds_other = entries.iter().any(|entry| !ours(&entry.file_name().to_string_lossy()));
    if holds_other && !is_marked {
        bail!(
            "the folder {} holds something that is not the demo, so it was left alone; name an empty \
             one with --data",
            data.display()
        );
    }
    for entry in entries {
        if ours(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(&path)?;
        } else {
            std::fs::remove_file(&path)?;
        }
    }
    std::fs::write(data.join(MARK), "Made by `afterword demo`, which empties this folder.\n")?;
    Ok(())
}
