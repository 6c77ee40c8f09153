//! What every handler and verb is given: the database, the clock, the configuration, the folder of
//! files. Cheap to clone.

use crate::config::Config;
use crate::search::Search;
use kit::clock::Clock;
use kit::db::{Db, Time};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The running product.
#[derive(Clone)]
pub struct App {
    /// Where everything is kept.
    pub db: Db,
    /// What was configured.
    pub config: Arc<Config>,
    clock: Arc<dyn Clock>,
    /// Password hashing takes 19 MiB and a core each time; so many at once and no more.
    pub hashing: Arc<Semaphore>,
    /// The index that is searched.
    pub search: Search,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(db: Db, config: Config, clock: Arc<dyn Clock>) -> App {
        App {
            db,
            config: Arc::new(config),
            clock,
            hashing: Arc::new(Semaphore::new(2)),
            search: Search::default(),
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// The same product by another clock: what is told of the past is done at its own time.
    #[must_use]
    pub fn by_clock(&self, clock: Arc<dyn Clock>) -> App {
        App { clock, ..self.clone() }
    }

    /// The folder where raw bodies and attachments are kept, by digest.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.config.data.join("files")
    }
}
