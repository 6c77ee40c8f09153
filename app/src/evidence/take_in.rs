//! Taking a file in: keep its body, read it, write down what was found, show it when all is there.
//!
//! Reading runs on a thread of its own and hands batches over a short channel, so that a large
//! export takes the memory of a few batches. An import that ends early leaves nothing to be seen and
//! is cleaned away at the next start or before the next import of its incident.

use super::files::{self, Arriving};
use super::import::item::{Item, Mapping, Options, SetAside, Sink};
use super::import::{self, Refused, Source, scrub};
use super::piece::{ENDED, Import, ImportId, NewEvidence, STOPPED, State};
use super::store_imports::{self, NewImport, Tally};
use super::store_write::{self, By};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::incidents::{Incident, IncidentId};
use crate::shell::moment;
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kit::web::Problem;
use serde_json::json;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Pieces in a batch, which is a transaction.
const BATCH: usize = 2000;
/// Bytes of text in a batch.
const BATCH_BYTES: usize = 2 << 20;
/// Batches between the reader and the writer.
const AHEAD: usize = 2;

/// What the person says beforehand.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// For times without a zone: an IANA name.
    pub zone: Option<String>,
    /// For times without a date.
    pub day: Option<String>,
    /// Which column is what.
    pub mapping: Option<Mapping>,
}

impl Asked {
    /// Checks the zone and the day.
    ///
    /// # Errors
    /// [`Problem`] 422 that names the field.
    pub fn check(zone: &str, day: &str, mapping: Option<Mapping>) -> Result<Asked, Problem> {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (zone, day) = (some(zone), some(day));
        if let Some(zone) = &zone
            && TimeZone::get(zone).is_err()
        {
            let detail = format!("`{zone}` is not a time zone such as Europe/London or UTC.");
            return Err(Problem::field("zone", detail));
        }
        let day = match day {
            Some(day) => Some(moment::parse_day(&day).map_err(|why| Problem::field("day", why))?),
            None => None,
        };
        Ok(Asked { zone, day, mapping })
    }
}

/// Who sends, and to where.
pub struct To<'a> {
    /// The product.
    pub app: &'a App,
    /// Who.
    pub viewer: &'a Viewer,
    /// To which incident.
    pub incident: &'a Incident,
    /// Whether a table waits until somebody says which column is what.
    pub ask_columns: bool,
}

/// Takes a file in that has arrived; gives the finished import, or one that waits for its columns.
///
/// # Errors
/// 422 when we cannot read such a file, with the list of what we read; 403 for a seat that writes
/// nothing.
pub async fn take_in(
    to: &To<'_>,
    file: Arriving,
    file_name: &str,
    asked: Asked,
) -> Result<Import, Problem> {
    to.viewer.must_write()?;
    let file_name = clean_name(file_name);
    let source = import::detect(&file_name, &file.head).map_err(|why| refused(&file_name, &why))?;
    let kept = file.keep(to.app).await?;
    let table = matches!(source, Source::Csv | Source::JsonLines);
    let waits = to.ask_columns && table && asked.mapping.is_none();
    let new = NewImport {
        file_name,
        source: source.name().to_owned(),
        sha256: kept.sha256,
        size: i64::try_from(kept.size).unwrap_or(i64::MAX),
        state: if waits { State::Waiting } else { State::Reading },
        zone: asked.zone,
        day: asked.day,
        mapping: asked.mapping,
    };
    begin(to.app, to.viewer, to.incident, new).await
}

/// Reads a file again that was brought before, with something else said beforehand.
///
/// # Errors
/// As [`take_in`].
pub async fn again(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    earlier: &Import,
    asked: Asked,
) -> Result<Import, Problem> {
    viewer.must_write()?;
    if earlier.state == State::Waiting {
        let turn = turn(&incident.id);
        let held = turn.lock_owned().await;
        sweep_one(app, &incident.id).await?;
        let mut tx = app.db.write().await?;
        if store_imports::read_now(&mut tx, &earlier.id, &asked).await? {
            tx.commit().await?;
            return read_apart(app, viewer, incident, &earlier.id, held).await;
        }
        return Err(Problem::conflict("is_read", "Somebody else has begun to read this file."));
    }
    let new = NewImport {
        file_name: earlier.file_name.clone(),
        source: earlier.source.clone(),
        sha256: earlier.sha256.clone(),
        size: earlier.size_bytes,
        state: State::Reading,
        zone: asked.zone,
        day: asked.day,
        mapping: asked.mapping.or_else(|| earlier.mapping.clone().map(|mapping| mapping.0)),
    };
    begin(app, viewer, incident, new).await
}

async fn begin(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    new: NewImport,
) -> Result<Import, Problem> {
    let held = turn(&incident.id).lock_owned().await;
    sweep_one(app, &incident.id).await?;
    let mut tx = app.db.write().await?;
    let id = store_imports::begin(&mut tx, &incident.id, &new, &viewer.id, app.now()).await?;
    tx.commit().await?;
    if new.state == State::Waiting {
        return show(app, viewer, incident, &id).await;
    }
    read_apart(app, viewer, incident, &id, held).await
}

/// Reads in a task of its own, so that a browser that goes away stops nothing.
async fn read_apart(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    id: &ImportId,
    held: tokio::sync::OwnedMutexGuard<()>,
) -> Result<Import, Problem> {
    let (app, viewer, incident, id) = (app.clone(), viewer.clone(), incident.clone(), id.clone());
    let task = tokio::spawn(async move {
        let _held = held;
        let import = show(&app, &viewer, &incident, &id).await?;
        match read(&app, &viewer, &incident, &import).await {
            Ok(()) => show(&app, &viewer, &incident, &id).await,
            Err(problem) => {
                let mut tx = app.db.write().await?;
                store_imports::fail(&mut tx, &incident.id, &id, &problem.detail).await?;
                let deed = Deed::new(&viewer.id, "evidence.import_failed", id.as_str());
                audit::record(&mut tx, app.now(), deed.of(incident.id.as_str())).await?;
                tx.commit().await?;
                Err(problem)
            }
        }
    });
    task.await.map_err(Problem::internal)?
}

/// An import as it is now.
///
/// # Errors
/// 404 when it is not there for this viewer.
pub async fn show(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    id: &ImportId,
) -> Result<Import, Problem> {
    let mut conn = app.db.read().await?;
    let found = store_imports::find(&mut conn, viewer, &incident.id, id).await?;
    found.ok_or_else(Problem::not_found)
}

/// What the reader hands to the writer.
#[derive(Default)]
struct Batch {
    pieces: Vec<NewEvidence>,
    set_aside: Vec<SetAside>,
    bytes: usize,
}

/// Reads the file and writes down what is found; shows it when all of it is there. When this is
/// dropped on the way, nothing of it is seen.
///
/// # Errors
/// [`Problem`] 422 when nothing in the file can be told apart.
pub(super) async fn read(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    import: &Import,
) -> Result<(), Problem> {
    let now = app.now();
    let (send, mut batches) = mpsc::channel::<Batch>(AHEAD);
    let reading = start_reading(app, incident, import, send)?;
    let by = By {
        incident: incident.id.clone(),
        import: Some(import.id.clone()),
        person: viewer.id.clone(),
        now,
    };
    let mut tally = Tally::default();
    while let Some(batch) = batches.recv().await {
        write(app, &by, &import.id, batch, &mut tally).await?;
    }
    let read = reading.await.map_err(|_| {
        Problem::internal("an importer panicked; the file is kept and nothing of it is shown")
    })?;
    read.map_err(|why| refused(&import.file_name, &why))?;
    let mut tx = app.db.write().await?;
    if !store_imports::finish(&mut tx, &import.id, app.now()).await? {
        return Err(stopped());
    }
    let deed = Deed::new(&viewer.id, "evidence.imported", import.id.as_str());
    let after = json!({
        "file": import.file_name, "sha256": import.sha256, "added": tally.added,
        "already": tally.already, "set_aside": tally.set_aside,
    });
    audit::record(&mut tx, app.now(), deed.of(incident.id.as_str()).after(after)).await?;
    tx.commit().await?;
    Ok(())
}

async fn write(
    app: &App,
    by: &By,
    id: &ImportId,
    batch: Batch,
    tally: &mut Tally,
) -> Result<(), Problem> {
    let mut tx = app.db.write().await?;
    let taken = store_write::insert(&mut tx, by, batch.pieces).await?;
    tally.added += taken.added;
    tally.already += taken.already;
    for aside in [batch.set_aside, taken.differ] {
        store_imports::set_aside(&mut tx, id, tally.set_aside, &aside).await?;
        tally.set_aside += i64::try_from(aside.len()).unwrap_or(0);
        tally.needs_zone |= aside.iter().any(|one| wants_more(&one.why));
    }
    if !store_imports::progress(&mut tx, id, tally).await? {
        return Err(stopped());
    }
    tx.commit().await?;
    Ok(())
}

fn stopped() -> Problem {
    Problem::conflict("stopped", STOPPED)
}

/// Whether a zone or a day, said beforehand, would have helped. The importers' own words.
fn wants_more(why: &str) -> bool {
    ["has no zone", "say the day", "say which zone"].iter().any(|words| why.contains(words))
}

fn start_reading(
    app: &App,
    incident: &Incident,
    import: &Import,
    send: mpsc::Sender<Batch>,
) -> Result<tokio::task::JoinHandle<Result<(), Refused>>, Problem> {
    let known = Source::ALL.into_iter().find(|source| source.name() == import.source);
    let source = known.ok_or_else(|| Problem::internal("an import of no known source"))?;
    let path = files::path(app, &import.sha256).ok_or_else(Problem::not_found)?;
    let file = std::fs::File::open(&path).map_err(|error| not_open(&import.id, &error))?;
    let options = Options {
        zone: import.zone.as_deref().and_then(|zone| TimeZone::get(zone).ok()),
        day: import.day.as_deref().and_then(|day| day.parse().ok()),
        mapping: import.mapping.clone().map(|mapping| mapping.0),
        file_name: import.file_name.clone(),
        now_for_undated: Some(import.imported_at.timestamp()),
    };
    let is_file = source == Source::Image;
    let mut gather = Gather {
        incident: incident.id.clone(),
        file: is_file.then(|| (import.sha256.clone(), import.file_name.clone())),
        batch: Batch::default(),
        before: None,
        send,
    };
    Ok(tokio::task::spawn_blocking(move || {
        import::read(source, file, &options, &mut gather)?;
        let _ = gather.hand_over();
        Ok(())
    }))
}

fn not_open(id: &ImportId, error: &std::io::Error) -> Problem {
    if error.kind() != std::io::ErrorKind::NotFound {
        return Problem::internal(format!("the body of {id} does not open: {error}"));
    }
    let detail = "The file itself is not here: what it said came here by an export that leaves files as \
                  they were sent behind. Import the file anew; nothing doubles.";
    Problem::conflict("no_body", detail)
}

/// Gathers what an importer finds into batches.
struct Gather {
    incident: IncidentId,
    file: Option<(String, String)>,
    batch: Batch,
    /// The last instant, and how many pieces before had it.
    before: Option<(Timestamp, i64)>,
    send: mpsc::Sender<Batch>,
}

impl Gather {
    fn hand_over(&mut self) -> ControlFlow<()> {
        let batch = std::mem::take(&mut self.batch);
        match self.send.blocking_send(batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn hand_over_if_full(&mut self) -> ControlFlow<()> {
        let many = self.batch.pieces.len().max(self.batch.set_aside.len()) >= BATCH;
        if many || self.batch.bytes >= BATCH_BYTES {
            self.hand_over()
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl Sink for Gather {
    fn item(&mut self, item: Item) -> ControlFlow<()> {
        let tie = match self.before {
            Some((at, tie)) if at == item.occurred.at => tie + 1,
            _ => 0,
        };
        self.before = Some((item.occurred.at, tie));
        let points: usize = item.series.iter().map(|series| series.points.len()).sum();
        self.batch.bytes += item.text.len() + 16 * points;
        self.batch.pieces.push(NewEvidence::new(&self.incident, item, tie, self.file.clone()));
        self.hand_over_if_full()
    }

    fn set_aside(&mut self, what: SetAside) -> ControlFlow<()> {
        self.batch.set_aside.push(what);
        self.hand_over_if_full()
    }
}

/// A file's name for people: its last part, one line, no token, no address.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean = scrub::line(last, 200);
    if clean.is_empty() { "a file without a name".to_owned() } else { clean }
}

fn refused(file_name: &str, why: &Refused) -> Problem {
    let detail = format!("{file_name}: {why}");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_read", detail)
}

/// One import of an incident at a time: what one brings the next one finds.
fn turn(incident: &IncidentId) -> Arc<tokio::sync::Mutex<()>> {
    static TURNS: LazyLock<Mutex<HashMap<IncidentId, Arc<tokio::sync::Mutex<()>>>>> =
        LazyLock::new(Mutex::default);
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    turns.retain(|_, turn| Arc::strong_count(turn) > 1);
    turns.entry(incident.clone()).or_default().clone()
}

async fn sweep_one(app: &App, incident: &IncidentId) -> Result<(), Problem> {
    let mut tx = app.db.write().await?;
    sweep_in(&mut tx, Some(incident)).await?;
    tx.commit().await?;
    Ok(())
}

async fn sweep_in(
    tx: &mut kit::db::Tx,
    incident: Option<&IncidentId>,
) -> Result<usize, kit::db::DbError> {
    let ended = store_imports::interrupted_for_system(tx, incident).await?;
    for (incident, id) in &ended {
        store_imports::fail(tx, incident, id, ENDED).await?;
    }
    Ok(ended.len())
}

/// Cleans away what was being read or arriving when the server ended. Called before it answers.
///
/// # Errors
/// What the database says.
pub async fn sweep(app: &App) -> Result<usize, Problem> {
    files::sweep(app);
    let mut tx = app.db.write().await?;
    let swept = sweep_in(&mut tx, None).await?;
    tx.commit().await?;
    Ok(swept)
}
