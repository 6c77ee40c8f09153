//! `afterword serve`: open the folder, bring the schema up to date, answer.

use crate::app::App;
use crate::config::Config;
use crate::settings::House;
use crate::{audit, evidence, kinds, people, search, site, upkeep};
use anyhow::{Context, Result, bail};
use kit::clock::Clock;
use kit::db::{Db, Log, migrate};
use kit::web::Signer;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// An opened folder: the product, and the lock that keeps others out while it lives.
pub struct Opened {
    /// The product.
    pub app: App,
    _lock: File,
}

/// Opens the folder and its database; makes both when they are not there.
///
/// # Errors
/// When another process holds the folder (and says which), or the database does not open.
pub async fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Opened> {
    let data = config.data.clone();
    std::fs::create_dir_all(data.join("files"))
        .with_context(|| format!("the data folder {} cannot be made", data.display()))?;
    let lock = lock(&config)?;
    if data.join(upkeep::backup::UNFINISHED).exists() {
        bail!(
            "a backup was being restored into {} and that did not end; remove the folder and restore \
             anew",
            data.display()
        );
    }
    let db = match &config.database_url {
        Some(url) => Db::postgres(url, config.database_connections)
            .await
            .context("PostgreSQL does not answer; check database.url and that it runs")?,
        None => Db::sqlite_whose_log(&data.join("afterword.sqlite"), log_of(&config))
            .await
            .with_context(|| format!("the database in {} does not open", data.display()))?,
    };
    migrate(&db, site::MIGRATIONS, clock.now()).await.context("the schema cannot be brought up")?;
    let path = data.join("secret.key");
    let key = kit::secret_file::open(&path).with_context(|| format!("{}", path.display()))?;
    let app = App::new(db, config, clock).with_signer(Signer::new(key));
    // What the organisation set for itself is known from the first page on.
    let mut conn = app.db.read().await?;
    kinds::current(&mut conn).await?;
    House::current(&mut conn).await?;
    drop(conn);
    let swept = evidence::sweep(&app).await.map_err(|problem| anyhow::anyhow!(problem.detail))?;
    if swept > 0 {
        tracing::warn!(
            swept,
            "imports were being read when the server ended; they can be sent again"
        );
    }
    Ok(Opened { app, _lock: lock })
}

/// Who keeps every second folds the log after it was copied.
fn log_of(config: &Config) -> Log {
    if config.history.is_some() { Log::IsKept } else { Log::IsFolded }
}

/// Takes the folder for this process.
///
/// # Errors
/// When another process holds it; the message says which.
pub fn lock(config: &Config) -> Result<File> {
    std::fs::create_dir_all(&config.data)
        .with_context(|| format!("the data folder {} cannot be made", config.data.display()))?;
    let path = config.data.join("afterword.lock");
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    if file.try_lock().is_err() {
        let mut holder = String::new();
        file.read_to_string(&mut holder).ok();
        bail!(
            "the folder {} is in use by {}; stop that process or choose another folder with --data",
            config.data.display(),
            if holder.trim().is_empty() { "another process" } else { holder.trim() }
        );
    }
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {} listening at {}", std::process::id(), config.listen)?;
    file.flush()?;
    Ok(file)
}

/// Serves until the process is told to end.
///
/// # Errors
/// When the folder or the port cannot be had.
pub async fn serve(config: Config, clock: Arc<dyn Clock>) -> Result<()> {
    log_to_stderr(&config);
    let opened = open(config, clock).await?;
    let listener = listen(&opened.app).await?;
    let url = opened.app.config.base_url.clone();
    if let Some(path) = people::invite::setup_link(&opened.app).await? {
        say("Nobody is here yet. Make the administrator with this one-time link:");
        say(&format!("set-up {url}{path}"));
    }
    say(&format!("ready  {url}"));
    tokio::spawn(log_anchors(opened.app.clone()));
    answer(opened, listener).await
}

/// How often the place where the audit record ends goes to the log, from where it can be kept.
const A_DAY: Duration = Duration::from_secs(86_400);

async fn log_anchors(app: App) {
    loop {
        match audit_head(&app).await {
            Ok((anchor, None)) => tracing::info!(%anchor, "the audit record ends here"),
            Ok((anchor, Some(fault))) => {
                tracing::error!(%anchor, fault, "the audit record was changed; run afterword check");
            }
            Err(error) => tracing::error!(%error, "the audit record does not read"),
        }
        tokio::time::sleep(A_DAY).await;
    }
}

async fn audit_head(app: &App) -> kit::db::Result<(audit::Anchor, Option<String>)> {
    let mut conn = app.db.read().await?;
    audit::verify_end(&mut conn).await
}

/// Says a line to whoever still listens; a server goes on when nobody does.
pub(super) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
}

/// Takes the port.
///
/// # Errors
/// When it is taken, with the remedy.
pub async fn listen(app: &App) -> Result<TcpListener> {
    let address = app.config.listen;
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen at {address}; choose another with --listen 127.0.0.1:8081")
    })
}

/// Answers until TERM or INT; what is in flight is finished.
///
/// # Errors
/// When the listener fails.
pub async fn answer(opened: Opened, listener: TcpListener) -> Result<()> {
    let router = site::router(opened.app.clone());
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let following = search::start(&opened.app);
    let asking = tokio::spawn(crate::investigators::keep_going(opened.app.clone()));
    let history = upkeep::history::start(&opened.app);
    tokio::spawn(look_ahead());
    axum::serve(listener, router).with_graceful_shutdown(told_to_end()).await?;
    following.abort();
    asking.abort();
    if let Some(history) = history {
        history.stop().await;
    }
    opened.app.db.close().await;
    Ok(())
}

/// Finds out what can be exported before somebody asks, since that takes as long as many pages.
async fn look_ahead() {
    tokio::time::sleep(Duration::from_secs(1)).await;
    tokio::task::spawn_blocking(site::nouns).await.ok();
}

async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
        }
        Err(_) => {
            interrupt.await.ok();
        }
    }
}

/// Sends the log to standard error, so that standard output says only what was asked for.
pub fn log_to_stderr(config: &Config) {
    use tracing_subscriber::EnvFilter;
    let quiet = format!("{},sqlx=warn,hyper=warn", config.log_level);
    let filter = EnvFilter::try_new(quiet).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let set = if config.log_json { builder.json().try_init() } else { builder.try_init() };
    set.ok();
}
