//! `--at`, in builds with the feature `set-clock` alone: a clock for trials of what a wrong or jumping
//! clock does. Such a build is never released.

use jiff::Timestamp;
use kit::clock::Clock;
use kit::db::Time;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What `--at` says: an instant from which the clock runs on, or `@FILE`, whose instant it shows.
#[derive(Debug, Clone)]
pub enum At {
    /// Runs on from here.
    From(Timestamp),
    /// Stands at what the file says, read at each look, so that it can jump.
    File(PathBuf),
}

impl std::str::FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<At, String> {
        match text.strip_prefix('@') {
            Some(path) => Ok(At::File(PathBuf::from(path))),
            None => text.parse().map(At::From).map_err(|error: jiff::Error| error.to_string()),
        }
    }
}

/// The clock that `--at` makes.
pub struct AtClock {
    at: At,
    began: Instant,
}

impl AtClock {
    /// Begins now.
    #[must_use]
    pub fn new(at: At) -> AtClock {
        AtClock { at, began: Instant::now() }
    }
}

impl Clock for AtClock {
    fn now(&self) -> Time {
        let passed = self.began.elapsed();
        match &self.at {
            At::From(from) => Time::new(*from + passed.min(Duration::from_secs(1 << 32))),
            At::File(path) => {
                let text = std::fs::read_to_string(path).unwrap_or_default();
                Time::new(text.trim().parse().unwrap_or(Timestamp::UNIX_EPOCH))
            }
        }
    }
}
