//! The index of the running product: which one is searched, whether one is being made, and the task
//! that follows the record.

use super::engine::{Engine, IndexError, View};
use super::{fill, follow};
use crate::app::App;
use crate::audit;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How often the record is looked at when nothing happens.
const LOOK: Duration = Duration::from_millis(200);

/// How long is waited after a failure.
const AGAIN: Duration = Duration::from_secs(2);

/// Failures after which the index is made anew.
const PATIENCE: u32 = 3;

/// What the index is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = SearchIndexState)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There is none; the database answers.
    Missing,
    /// One is being made; the one before it answers, or the database.
    Building,
    /// It answers and follows.
    Ready,
    /// It could not be made or followed; what there is answers.
    Failed,
}

struct Now {
    engine: Option<Arc<Engine>>,
    state: State,
}

struct Inner {
    now: Mutex<Now>,
    wanted: Notify,
}

/// The index of a running product. Cheap to clone.
#[derive(Clone)]
pub struct Search(Arc<Inner>);

impl Default for Search {
    fn default() -> Search {
        let now = Mutex::new(Now { engine: None, state: State::Missing });
        Search(Arc::new(Inner { now, wanted: Notify::new() }))
    }
}

impl Search {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn engine(&self) -> Option<Arc<Engine>> {
        self.now().engine.clone()
    }

    fn is(&self, state: State) {
        self.now().state = state;
    }

    /// What is searched now; none while the database answers.
    #[must_use]
    pub fn view(&self) -> Option<Arc<View>> {
        self.engine().map(|engine| engine.view())
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> State {
        self.now().state
    }

    /// Asks for the index to be made anew by the task that follows.
    pub fn want_rebuild(&self) {
        self.is(State::Building);
        self.0.wanted.notify_one();
    }

    /// From now on this one answers.
    fn take(&self, engine: Arc<Engine>) -> Option<Arc<Engine>> {
        let mut now = self.now();
        now.state = State::Ready;
        now.engine.replace(engine)
    }
}

fn home(app: &App) -> PathBuf {
    app.config.data.join("index")
}

/// The name of the index that is in use, in the file beside it.
fn current(home: &Path) -> Option<PathBuf> {
    let name = std::fs::read_to_string(home.join("current")).ok()?;
    let name = name.trim();
    let is_plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    is_plain.then(|| home.join(name))
}

/// Removes what no index in use needs.
fn sweep(home: &Path, keep: Option<&Path>) {
    let Ok(entries) = std::fs::read_dir(home) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && keep != Some(path.as_path()) {
            std::fs::remove_dir_all(path).ok();
        }
    }
}

/// Opens the index that is there, if it can be used and tells of this database.
async fn open(app: &App) -> Result<Option<Arc<Engine>>, IndexError> {
    let home = home(app);
    let Some(folder) = current(&home).filter(|folder| folder.exists()) else { return Ok(None) };
    sweep(&home, Some(&folder));
    let opened = tokio::task::spawn_blocking(move || Engine::open(&folder));
    let opened = opened.await.map_err(|error| IndexError::Interrupted(error.to_string()))?;
    let engine = match opened {
        Ok(engine) => Arc::new(engine),
        Err(error) => {
            tracing::warn!(%error, "the search index is made anew");
            return Ok(None);
        }
    };
    let position = engine.view().position.clone();
    let mut conn = app.db.read().await?;
    if !audit::is_of_record(&mut conn, &position).await? {
        tracing::warn!("the search index is of another record and is made anew");
        return Ok(None);
    }
    let mut writing = engine.write().await;
    writing.name(super::gather::names(&mut conn).await?);
    drop(conn);
    writing.commit(position).await?;
    while follow::step(app, &engine).await? {}
    Ok(Some(engine))
}

/// Makes an index of everything in a folder of its own, and puts it in the place of the one before.
///
/// # Errors
/// What the database, the disk or the engine says; the one before stays.
pub async fn rebuild(app: &App) -> Result<(), IndexError> {
    let home = home(app);
    let name = kit::id::after_prefix(app.now());
    let folder = home.join(&name);
    let engine = Arc::new(Engine::create(&folder)?);
    let filled = fill::fill(app, &engine).await;
    if let Err(error) = filled {
        std::fs::remove_dir_all(&folder).ok();
        return Err(error);
    }
    while follow::step(app, &engine).await? {}
    std::fs::write(home.join("current.new"), &name)?;
    std::fs::rename(home.join("current.new"), home.join("current"))?;
    let before = app.search.take(engine);
    if let Some(before) = before {
        std::fs::remove_dir_all(before.folder()).ok();
    }
    sweep(&home, Some(&folder));
    Ok(())
}

/// Brings the index up to the last line of the record; makes it when there is none. What the task does
/// by itself, for tests and for the command line.
///
/// # Errors
/// What the database, the disk or the engine says.
pub async fn catch_up(app: &App) -> Result<(), IndexError> {
    let Some(engine) = app.search.engine() else {
        return match open(app).await? {
            Some(engine) => {
                app.search.take(engine);
                Ok(())
            }
            None => rebuild(app).await,
        };
    };
    while follow::step(app, &engine).await? {}
    Ok(())
}

/// Follows the record until it is aborted.
#[must_use]
pub fn start(app: &App) -> JoinHandle<()> {
    app.search.is(State::Building);
    tokio::spawn(follow(app.clone()))
}

async fn follow(app: App) {
    match open(&app).await {
        Ok(Some(engine)) => drop(app.search.take(engine)),
        Ok(None) => app.search.want_rebuild(),
        Err(error) => {
            tracing::warn!(%error, "the search index does not open and is made anew");
            app.search.want_rebuild();
        }
    }
    let mut building: Option<JoinHandle<()>> = None;
    let mut failures = 0;
    loop {
        let wait = match app.search.engine() {
            None => LOOK,
            Some(engine) => match follow::step(&app, &engine).await {
                Ok(more) => {
                    failures = 0;
                    let is_building = building.as_ref().is_some_and(|task| !task.is_finished());
                    if app.search.state() == State::Failed && !is_building {
                        app.search.is(State::Ready);
                    }
                    if more { Duration::ZERO } else { LOOK }
                }
                Err(error) => {
                    failures += 1;
                    app.search.is(State::Failed);
                    tracing::warn!(%error, failures, "the search index does not follow");
                    // A database that is away comes back; the index is not to blame.
                    let is_its_own = !matches!(error, IndexError::Database(_));
                    if failures == PATIENCE && is_its_own {
                        app.search.want_rebuild();
                    }
                    AGAIN
                }
            },
        };
        let is_wanted = tokio::time::timeout(wait, app.search.0.wanted.notified()).await.is_ok();
        if is_wanted && building.as_ref().is_none_or(JoinHandle::is_finished) {
            building = Some(tokio::spawn(build(app.clone())));
        }
    }
}

/// Makes the index anew; tries again when it fails.
async fn build(app: App) {
    loop {
        app.search.is(State::Building);
        match rebuild(&app).await {
            Ok(()) => return,
            Err(error) => {
                app.search.is(State::Failed);
                tracing::error!(%error, "the search index could not be made; tried again soon");
                tokio::time::sleep(AGAIN * 5).await;
            }
        }
    }
}
