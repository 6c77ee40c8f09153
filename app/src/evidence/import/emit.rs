//! The way out of every importer: scrubs each item, tells duplicates, counts, and stops when told.
//!
//! Importers never talk to the [`Sink`] themselves, so that no text leaves without [`scrub`].

use std::{
    cell::Cell,
    fmt,
    io::{self, Read},
    ops::ControlFlow,
    rc::Rc,
};

use super::item::{Item, SetAside, Sink};
use super::scrub;
use super::seen::Seen;

/// The most labels kept for one item.
const MOST_LABELS: usize = 64;

/// A whole input that cannot be read: why, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refused {
    /// What is wrong.
    pub why: String,
    /// What the person can do.
    pub remedy: String,
}

impl Refused {
    pub(super) fn new(why: impl Into<String>, remedy: impl Into<String>) -> Refused {
        Refused { why: why.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.why, self.remedy)
    }
}

/// Why reading ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The sink said so.
    Cancelled,
    /// The input cannot be read.
    Refused(Refused),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Stop {
        Stop::Refused(refused)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        let why = format!("The file could not be read to its end: {error}.");
        Stop::Refused(Refused::new(why, "Send it again; what was read so far is kept."))
    }
}

/// Counts what is read, for progress.
#[derive(Debug, Clone, Default)]
pub(super) struct Meter(Rc<Cell<u64>>);

impl Meter {
    pub(super) fn over<R: Read>(&self, inner: R) -> Metered<R> {
        Metered { inner, meter: self.clone() }
    }
    pub(super) fn bytes(&self) -> u64 {
        self.0.get()
    }
}

/// A reader that tells its [`Meter`].
pub(super) struct Metered<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.meter.0.set(self.meter.0.get() + read as u64);
        Ok(read)
    }
}

/// Where items and losses go.
pub(super) struct Emit<'a> {
    sink: &'a mut dyn Sink,
    /// The file inside an archive that is being read.
    pub(super) file: Option<String>,
    seen: Seen,
    pub(super) meter: Meter,
    told: u64,
    /// What was set aside last, as a sentence.
    last_aside: Option<String>,
}

impl<'a> Emit<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink) -> Emit<'a> {
        Emit {
            sink,
            file: None,
            seen: Seen::default(),
            meter: Meter::default(),
            told: 0,
            last_aside: None,
        }
    }

    /// Gives an item on, scrubbed. The same id a second time is set aside as a duplicate.
    pub(super) fn item(&mut self, mut item: Item, place: &str) -> Result<(), Stop> {
        self.progress();
        if !self.seen.insert(&item.external_id) {
            return self.aside(place, "The same as an earlier one in this input; taken once.");
        }
        self.few_labels(&mut item, place)?;
        let marks = scrub::item(&mut item);
        if marks.cut {
            self.aside(place, "The text is longer than 64 KiB and was cut for show.")?;
        }
        self.give(|sink| sink.item(item))
    }

    /// Gives an item on whose source has no id: `base` and then, for another content under the same
    /// base, a number. The same base with the same content is a duplicate. Returns the id given.
    pub(super) fn item_without_id(&mut self, mut item: Item, place: &str) -> Result<String, Stop> {
        let base = item.external_id.clone();
        if !self.seen.insert(&(&base, &item.text)) {
            self.aside(place, "The same as an earlier one in this input; taken once.")?;
            return Ok(base);
        }
        let mut number = 1;
        while self.seen.contains(&item.external_id) {
            number += 1;
            item.external_id = format!("{base}-{number}");
        }
        let id = item.external_id.clone();
        self.item(item, place)?;
        Ok(id)
    }

    /// Reports something that could not be taken in.
    pub(super) fn aside(
        &mut self,
        place: impl Into<String>,
        why: impl AsRef<str>,
    ) -> Result<(), Stop> {
        self.progress();
        let what = SetAside {
            file: self.file.as_deref().map(|name| scrub::line(name, 300)),
            place: scrub::line(&place.into(), 300),
            why: scrub::line(why.as_ref(), 500),
        };
        self.last_aside = Some(format!("{}: {}", what.place, what.why));
        self.give(|sink| sink.set_aside(what))
    }

    /// A refusal that also names what was set aside last, since a refused file keeps no report.
    pub(super) fn with_last_aside(&self, refused: Refused) -> Refused {
        match &self.last_aside {
            Some(last) => Refused { why: format!("{} {last}", refused.why), ..refused },
            None => refused,
        }
    }

    /// Whether an id was given on before.
    pub(super) fn has(&self, external_id: &str) -> bool {
        self.seen.contains(external_id)
    }

    /// Forgets which ids were given on; for inputs whose ids cannot repeat from here on.
    pub(super) fn forget(&mut self) {
        self.seen.clear();
    }

    fn few_labels(&mut self, item: &mut Item, place: &str) -> Result<(), Stop> {
        item.signals.labels.sort();
        item.signals.labels.dedup_by(|a, b| a.0 == b.0);
        let many = item.signals.labels.len();
        if many > MOST_LABELS {
            item.signals.labels.truncate(MOST_LABELS);
            self.aside(place, format!("It has {many} labels; the first {MOST_LABELS} are kept."))?;
        }
        Ok(())
    }

    fn progress(&mut self) {
        let bytes = self.meter.bytes();
        if bytes != self.told {
            self.told = bytes;
            self.sink.read(bytes);
        }
    }

    fn give(&mut self, what: impl FnOnce(&mut dyn Sink) -> ControlFlow<()>) -> Result<(), Stop> {
        match what(self.sink) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Cancelled),
        }
    }
}

/// The first 32 hex digits of the SHA-256 of the parts, each ended, so that `ab, c` is not `a, bc`.
pub(super) fn digest(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(&hasher.finalize()[..16])
}
