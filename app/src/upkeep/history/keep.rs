//! Keeping: looks twice a second at what was committed and copies it; folds the log when it is long.

use super::super::backup::DATABASE;
use super::{BASE, TIMES, generations, log_of, set_fault};
use crate::app::App;
use anyhow::{Context, Result};
use kit::db::Time;
use kit::db::log::{self, Place};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};

/// How often it is looked.
const OFTEN: Duration = Duration::from_millis(500);
/// A log of so many bytes is folded.
const LONG: u64 = 4 << 20;
/// A new generation is begun after so long.
const A_DAY: i64 = 86_400_000_000;

/// Looks until it is told to stop; then once more, so that nothing is left out.
pub struct Watch {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Looks once more and ends.
    pub async fn stop(self) {
        self.stop.send(true).ok();
        self.task.await.ok();
    }
}

/// Begins to keep, where a folder is configured for it.
#[must_use]
pub fn start(app: &App) -> Option<Watch> {
    let folder = app.config.history.clone()?;
    let (stop, mut stopped) = watch::channel(false);
    let app = app.clone();
    let task = tokio::spawn(async move {
        let mut keeping: Option<Keeping> = None;
        loop {
            let is_last = *stopped.borrow();
            let done = match keeping.take().filter(|going| is_last || !going.is_old(app.now())) {
                Some(going) => going.next(is_last).await,
                None => Keeping::begin(&app, &folder).await,
            };
            match done {
                Ok(going) => {
                    set_fault(None);
                    keeping = Some(going);
                }
                // Something is missing now, so that it begins anew.
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "the last second is not kept");
                    set_fault(Some(format!("{error:#}")));
                    // Nobody else does, and it must not grow without a bound.
                    if let Ok(Some(mut held)) = log::hold(&app.db).await {
                        held.fold().await.ok();
                    }
                }
            }
            if is_last {
                return;
            }
            let wait = if keeping.is_some() { OFTEN } else { 10 * OFTEN };
            tokio::select! { () = tokio::time::sleep(wait) => {}, _ = stopped.changed() => {} }
        }
    });
    Some(Watch { stop, task })
}

/// A generation that is being kept.
pub struct Keeping {
    app: App,
    folder: PathBuf,
    generation: PathBuf,
    began: Time,
    /// How far the log is copied.
    place: Option<Place>,
    /// The number of the copy, and it itself.
    number: u32,
    copy: Option<File>,
    times: File,
    /// The file itself, on its way.
    base: Option<JoinHandle<io::Result<()>>>,
    /// When the folder of files was last looked through.
    files_at: SystemTime,
}

impl Keeping {
    /// Begins a generation with a copy of the file; forgets what is older than it has to be.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub async fn begin(app: &App, folder: &Path) -> Result<Keeping> {
        let began = app.now();
        forget(folder, began, app.config.history_days)?;
        let generation = folder.join(began.microseconds().to_string());
        fs::create_dir_all(&generation)
            .with_context(|| format!("{} cannot be made", generation.display()))?;
        let times = File::create(generation.join(TIMES))?;
        let data = &app.config.data;
        for name in ["secret.key", "afterword.toml"] {
            if data.join(name).exists() {
                fs::copy(data.join(name), generation.join(name))?;
            }
        }
        let (place, copy, base, files_at) = (None, None, None, SystemTime::UNIX_EPOCH);
        let (app, folder) = (app.clone(), folder.to_owned());
        let mut keeping = Keeping {
            app,
            folder,
            generation,
            began,
            place,
            number: 0,
            copy,
            times,
            base,
            files_at,
        };
        keeping.look().await?;
        // Until it is copied the log is not folded, so the file stays as it is.
        let (from, to) = (keeping.app.config.data.join(DATABASE), keeping.generation.join(BASE));
        keeping.base = Some(spawn_blocking(move || copy_whole(&from, &to)));
        Ok(keeping)
    }

    async fn next(mut self, is_last: bool) -> Result<Keeping> {
        let mut done = self.look().await;
        if is_last && done.is_ok() {
            done = self.base().await;
        }
        if done.is_err() {
            self.give_up().await;
        }
        done.map(|()| self)
    }

    /// From now on the file may be changed, so a copy that is on its way is none.
    async fn give_up(&mut self) {
        if let Some(copying) = self.base.take() {
            copying.await.ok();
            fs::remove_file(self.generation.join(BASE)).ok();
        }
    }

    fn is_old(&self, now: Time) -> bool {
        now.microseconds() - self.began.microseconds() > A_DAY
    }

    /// Waits until the file itself is copied.
    ///
    /// # Errors
    /// When it could not be.
    pub async fn base(&mut self) -> Result<()> {
        match self.base.take() {
            Some(copying) => Ok(copying.await??),
            None => Ok(()),
        }
    }

    /// Copies what was committed since the last look, and folds a log that is long.
    ///
    /// # Errors
    /// When the folder cannot be written or the database does not answer.
    pub async fn look(&mut self) -> Result<()> {
        if self.base.as_ref().is_some_and(JoinHandle::is_finished) {
            self.base().await?;
        }
        let Some(mut held) = log::hold(&self.app.db).await? else { return Ok(()) };
        let now = self.app.now();
        let path = log::path(&self.app.config.data.join(DATABASE));
        let is_new = self.copy_log(&path)?;
        let is_long = self.place.is_some_and(|place| place.end > LONG);
        if is_long && self.base.is_none() {
            held.fold().await?;
        }
        drop(held);
        if is_new || self.number == 0 {
            self.take_files()?;
            if let Some(copy) = &self.copy {
                copy.sync_data()?;
            }
            let end = self.place.map_or(0, |place| place.end);
            writeln!(self.times, "{} {end} {}", self.number, now.microseconds())?;
            self.times.sync_data()?;
        }
        Ok(())
    }

    /// Says whether there was something to copy.
    fn copy_log(&mut self, path: &Path) -> Result<bool> {
        let mut from = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let place = log::committed(&from, self.place)?;
        let Some(place) = place.filter(|place| Some(*place) != self.place) else {
            return Ok(false);
        };
        let is_same = self.place.is_some_and(|before| before.log == place.log);
        let begin = self.place.filter(|_| is_same).map_or(0, |before| before.end);
        if !is_same {
            self.number += 1;
            self.copy = Some(File::create(log_of(&self.generation, self.number))?);
        }
        let copy = self.copy.as_mut().context("no log is open")?;
        from.seek(SeekFrom::Start(begin))?;
        copy.seek(SeekFrom::Start(begin))?;
        let copied = io::copy(&mut from.take(place.end - begin), copy)?;
        anyhow::ensure!(copied == place.end - begin, "the log ended while it was copied");
        self.place = Some(place);
        Ok(true)
    }

    /// Takes the files that came since they were last looked at. Each is named after its digest and never
    /// changed.
    fn take_files(&mut self) -> Result<()> {
        let from = self.app.files();
        let mut newest = self.files_at;
        for folder in fs::read_dir(&from).into_iter().flatten().flatten() {
            let Ok(changed) = folder.metadata().and_then(|about| about.modified()) else {
                continue;
            };
            if !folder.path().is_dir()
                || folder.file_name() == "incoming"
                || changed < self.files_at
            {
                continue;
            }
            newest = newest.max(changed);
            let into = self.folder.join("files").join(folder.file_name());
            fs::create_dir_all(&into)?;
            for file in fs::read_dir(folder.path())?.flatten() {
                let to = into.join(file.file_name());
                if !to.exists() && file.path().is_file() {
                    copy_whole(&file.path(), &to)?;
                }
            }
        }
        self.files_at = newest;
        Ok(())
    }
}

/// Copies a file under another name first, so that it is there whole or not at all.
fn copy_whole(from: &Path, to: &Path) -> io::Result<()> {
    let part = to.with_extension("part");
    fs::copy(from, &part)?;
    File::open(&part)?.sync_all()?;
    fs::rename(&part, to)
}

/// Removes the generations whose every moment is older than so many days.
fn forget(folder: &Path, now: Time, days: i64) -> Result<()> {
    let oldest = now.microseconds() - days.saturating_mul(A_DAY);
    let all = generations(folder);
    for ((_, path), (next, _)) in all.iter().zip(all.iter().skip(1)) {
        if *next < oldest {
            fs::remove_dir_all(path)
                .with_context(|| format!("{} is old and cannot be removed", path.display()))?;
        }
    }
    Ok(())
}
