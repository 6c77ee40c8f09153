//! One index in a folder of its own: opened, written and committed together with how far it follows.

use super::doc::{Doc, Fields, VERSION, What, schema};
use super::table::{Entry, Names, Table};
use crate::audit::Anchor;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, TantivyError, Term,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Memory of the one thread that writes, in bytes.
const MEMORY: usize = 20_000_000;

/// Why the index could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// It is not there, damaged, or of another version of the program.
    #[error("the index in {0} cannot be used: {1}")]
    Unusable(PathBuf, String),
    /// The engine said no.
    #[error("the index: {0}")]
    Engine(#[from] TantivyError),
    /// The disk said no.
    #[error("the index's folder: {0}")]
    Disk(#[from] std::io::Error),
    /// The database said no.
    #[error(transparent)]
    Database(#[from] kit::db::DbError),
    /// A task ended early.
    #[error("the index was interrupted: {0}")]
    Interrupted(String),
}

/// What a search looks at: the index and the table of one moment.
pub struct View {
    /// The documents.
    pub searcher: Searcher,
    /// Who may see what.
    pub table: Arc<Table>,
    /// How far the record of activity is followed.
    pub position: Anchor,
    /// The fields.
    pub fields: Fields,
}

/// What is written with each commit.
#[derive(Serialize, Deserialize)]
struct Payload {
    version: u32,
    position: String,
}

/// An index.
pub struct Engine {
    reader: IndexReader,
    writer: Arc<Mutex<IndexWriter>>,
    view: RwLock<Arc<View>>,
    fields: Fields,
    folder: PathBuf,
}

fn start() -> Anchor {
    Anchor { n: 0, hash: crate::audit::chain::START.to_owned() }
}

impl Engine {
    /// Makes an empty one in a folder.
    ///
    /// # Errors
    /// What the disk or the engine says.
    pub fn create(folder: &Path) -> Result<Engine, IndexError> {
        std::fs::create_dir_all(folder)?;
        let (schema, fields) = schema();
        let index = Index::create_in_dir(folder, schema)?;
        Engine::of(&index, fields, folder, start(), Table::default())
    }

    /// Opens the one in a folder, with all that is known of its incidents.
    ///
    /// # Errors
    /// [`IndexError::Unusable`] when it has to be made anew.
    pub fn open(folder: &Path) -> Result<Engine, IndexError> {
        let unusable = |why: String| IndexError::Unusable(folder.to_owned(), why);
        let index = Index::open_in_dir(folder).map_err(|error| unusable(error.to_string()))?;
        let (schema, fields) = schema();
        if index.schema() != schema {
            return Err(unusable("it has another form".to_owned()));
        }
        let payload = index.load_metas()?.payload.unwrap_or_default();
        let payload: Payload =
            serde_json::from_str(&payload).map_err(|error| unusable(error.to_string()))?;
        if payload.version != VERSION {
            return Err(unusable(format!("it is of version {}", payload.version)));
        }
        let position: Anchor = payload.position.parse().map_err(unusable)?;
        let engine = Engine::of(&index, fields, folder, position.clone(), Table::default())?;
        let table = known(&engine.reader.searcher(), &fields)?;
        engine.show(Arc::new(table), position);
        Ok(engine)
    }

    fn of(
        index: &Index,
        fields: Fields,
        folder: &Path,
        position: Anchor,
        table: Table,
    ) -> Result<Engine, IndexError> {
        let writer = index.writer_with_num_threads(1, MEMORY)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let view = View { searcher: reader.searcher(), table: Arc::new(table), position, fields };
        Ok(Engine {
            reader,
            writer: Arc::new(Mutex::new(writer)),
            view: RwLock::new(Arc::new(view)),
            fields,
            folder: folder.to_owned(),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is searched now.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn show(&self, table: Arc<Table>, position: Anchor) {
        let view = View { searcher: self.reader.searcher(), table, position, fields: self.fields };
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
    }

    /// Begins to write; one at a time.
    pub async fn write(&self) -> Writing<'_> {
        let writer = self.writer.clone().lock_owned().await;
        let table = self.view().table.as_ref().clone();
        Writing { engine: self, writer, table }
    }
}

/// What is known of the incidents, as their documents keep it.
fn known(searcher: &Searcher, fields: &Fields) -> Result<Table, IndexError> {
    use tantivy::collector::DocSetCollector;
    use tantivy::query::TermQuery;
    let term = Term::from_field_u64(fields.what, What::Incident.code());
    let query = TermQuery::new(term, IndexRecordOption::Basic);
    let mut table = Table::default();
    for address in searcher.search(&query, &DocSetCollector)? {
        let doc: TantivyDocument = searcher.doc(address)?;
        let json = doc.get_first(fields.entry).and_then(|value| value.as_str().map(str::to_owned));
        let entry: Option<Entry> = json.and_then(|json| serde_json::from_str(&json).ok());
        let name = doc.get_first(fields.name).and_then(|value| value.as_str().map(str::to_owned));
        let key = name.and_then(|name| crate::incidents::Key::parse(&name).ok());
        match (key, entry) {
            (Some(key), Some(entry)) => table.set(key.0, Some(entry)),
            _ => {
                let why = "an incident in it does not read".to_owned();
                return Err(IndexError::Unusable(PathBuf::new(), why));
            }
        }
    }
    Ok(table)
}

/// Changes to an index that become visible together.
pub struct Writing<'a> {
    engine: &'a Engine,
    writer: OwnedMutexGuard<IndexWriter>,
    /// What is known of the incidents after it.
    pub table: Table,
}

impl Writing<'_> {
    /// Forgets the documents of a group.
    pub fn forget(&mut self, group: &str) {
        self.writer.delete_term(Term::from_field_text(self.engine.fields.group, group));
    }

    /// Adds documents.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn add(&mut self, docs: Vec<Doc>) -> Result<(), IndexError> {
        let fields = self.engine.fields;
        // Words are cut on a thread of their own, so that nobody's page waits.
        let made = tokio::task::spawn_blocking(move || {
            docs.iter().map(|doc| doc.indexed(&fields)).collect::<Vec<_>>()
        });
        let made = made.await.map_err(|error| IndexError::Interrupted(error.to_string()))?;
        for doc in made {
            self.writer.add_document(doc)?;
        }
        Ok(())
    }

    /// Sets what things are called.
    pub fn name(&mut self, names: Names) {
        self.table.names = Arc::new(names);
    }

    /// Makes it durable and visible, with the place up to which the record is followed.
    ///
    /// # Errors
    /// What the engine says; then nothing of it is visible.
    pub async fn commit(self, position: Anchor) -> Result<(), IndexError> {
        let Writing { engine, mut writer, table } = self;
        let payload = Payload { version: VERSION, position: position.to_string() };
        let payload = serde_json::to_string(&payload).unwrap_or_default();
        let done = tokio::task::spawn_blocking(move || -> Result<(), TantivyError> {
            let mut prepared = writer.prepare_commit()?;
            prepared.set_payload(&payload);
            prepared.commit()?;
            Ok(())
        });
        done.await.map_err(|error| IndexError::Interrupted(error.to_string()))??;
        engine.reader.reload()?;
        engine.show(Arc::new(table), position);
        Ok(())
    }
}
