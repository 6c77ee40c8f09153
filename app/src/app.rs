//! What every handler and verb is given: the database, the clock, the configuration, the folder of
//! files. Cheap to clone.

use crate::config::Config;
use crate::people::{Tries, password};
use crate::search::Search;
use kit::chance;
use kit::clock::Clock;
use kit::db::{Db, Time};
use kit::web::Signer;
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
    /// Wrong tries at signing in.
    pub tries: Arc<Tries>,
    /// Typesetting takes a core and its document's memory; one at a time, and signing in goes on.
    pub typesetting: Arc<Semaphore>,
    /// Signs what is given out and must come back as it was.
    pub signer: Signer,
    /// Which run of the process this is; another one knows nothing of what this one has begun.
    pub run: Arc<str>,
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
            hashing: Arc::new(Semaphore::new(password::AT_ONCE)),
            tries: Arc::default(),
            typesetting: Arc::new(Semaphore::new(1)),
            signer: Signer::new(chance::bytes()),
            run: hex::encode(chance::bytes::<8>()).into(),
            search: Search::default(),
        }
    }

    /// With the instance's own key: what was signed before the process began is still good.
    #[must_use]
    pub fn with_signer(self, signer: Signer) -> App {
        App { signer, ..self }
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
