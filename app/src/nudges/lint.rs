//! Checks texts, many at a time, and says what was found in the order in which they were given.

use super::config::{ConfigError, LintConfig};
use super::files::Source;
use super::said::{Nudge, tell};
use super::{EngineError, engine};
use nudge::{Engine, Facts};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What was found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The text.
    pub source: Source,
    /// What was found, in the order of the places.
    pub nudges: Vec<Nudge>,
}

/// Why nothing can be checked.
#[derive(Debug, thiserror::Error)]
pub enum LintError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The rules are wrong.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The configuration names a rule that there is not.
    #[error("no rule is named `{0}`; `afterword lint --rules` lists them")]
    UnknownRule(String),
    /// A file does not read.
    #[error("{0} cannot be read: {1}")]
    Unread(String, std::io::Error),
}

/// The settings made ready: engines by language.
#[derive(Debug)]
pub struct Linter {
    /// What the settings say.
    pub config: LintConfig,
    own: Vec<String>,
}

impl Linter {
    /// Makes the engines of the settings ready.
    ///
    /// # Errors
    /// A fault in the settings or in a rule file.
    pub fn new(config: LintConfig) -> Result<Linter, LintError> {
        let own = config.own_rules()?;
        let linter = Linter { config, own };
        let language = linter.config.language.clone().unwrap_or_else(|| "en".to_owned());
        let engine = linter.engine(&language)?;
        let known: Vec<&str> = engine.rules().iter().map(|rule| rule.id.as_str()).collect();
        match linter.config.unknown_rule(&known) {
            Some(rule) => Err(LintError::UnknownRule(rule)),
            None => Ok(linter),
        }
    }

    /// The engine for a language.
    ///
    /// # Errors
    /// As [`engine`].
    pub fn engine(&self, language: &str) -> Result<Arc<Engine>, EngineError> {
        engine(language, &self.own)
    }

    /// Checks one text.
    ///
    /// # Errors
    /// A language without rules.
    pub fn check(&self, source: Source) -> Result<Report, LintError> {
        let path = Path::new(&source.name);
        let engine = self.engine(&self.config.language_of(path))?;
        let facts = Facts {
            participants: self.config.participants.clone(),
            things: self.config.things.clone(),
            is_zone_declared: self.config.zone_of(path).map(|_| true),
        };
        let mut found = if source.is_html {
            engine.check(&nudge::as_markdown(&source.text), &facts)
        } else {
            engine.check(&source.text, &facts)
        };
        found.retain(|finding| !self.config.silences(&engine.rule(finding).id, path));
        let nudges = tell(&engine, &source.text, &found);
        Ok(Report { source, nudges })
    }

    /// Checks files on as many threads as there are cores; the order is that of the names.
    ///
    /// # Errors
    /// The first file, in order, that does not read.
    pub fn check_files(&self, paths: &[impl AsRef<Path> + Sync]) -> Result<Vec<Report>, LintError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(path) = paths.get(at) else { return done };
                done.push((at, self.check_file(path.as_ref())));
            }
        };
        let mut all = std::thread::scope(|scope| {
            let others: Vec<_> = (1..cores.min(paths.len())).map(|_| scope.spawn(work)).collect();
            let mut all = work();
            for other in others {
                all.extend(other.join().unwrap_or_default());
            }
            all
        });
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, report)| report).collect()
    }

    fn check_file(&self, path: &Path) -> Result<Report, LintError> {
        let name = path.to_string_lossy().into_owned();
        let bytes = std::fs::read(path).map_err(|error| LintError::Unread(name.clone(), error))?;
        self.check(Source::of(&name, &bytes))
    }
}

/// How many warnings and hints there are.
#[must_use]
pub fn count(reports: &[Report]) -> (usize, usize) {
    let all: usize = reports.iter().map(|report| report.nudges.len()).sum();
    let nudges = reports.iter().flat_map(|report| &report.nudges);
    let warnings = nudges.filter(|nudge| nudge.is_warning()).count();
    (warnings, all - warnings)
}
