//! The clock is an input: `main` hands the system's in, a test hands in one it can set.

use crate::db::Time;
use std::sync::Mutex;
use std::time::Duration;

/// Tells what time it is.
pub trait Clock: Send + Sync {
    /// Now, to the microsecond.
    fn now(&self) -> Time;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everyone else is given")]
    fn now(&self) -> Time {
        Time::new(jiff::Timestamp::now())
    }
}

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct SetClock(Mutex<Time>);

impl SetClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn at(at: Time) -> SetClock {
        SetClock(Mutex::new(at))
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = Time::new(now.timestamp() + by);
    }

    /// Sets it, forwards or back.
    pub fn set(&self, at: Time) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = at;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Time {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
