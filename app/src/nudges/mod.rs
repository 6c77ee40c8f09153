//! Nudges: what the language engine of `nudge/` says of texts that people write here or keep in files.
//!
//! A finding is a question about the wording, never about its writer: nothing is stored, counted per person or
//! sent anywhere. The command line, the API and the editor show the same findings in the same form.
//!
//! Invariants
//! - The same text, settings and rules give the same findings, in the same order, byte for byte.
//! - Nothing here fails a check by itself: only a limit on warnings that somebody set does.
//! - No finding names who wrote the text.
//!
//! Tables: none.

pub mod baseline;
pub mod config;
pub mod files;
pub mod labelled;
pub mod lint;
pub mod said;
pub mod show;
#[cfg(test)]
mod tests;

use nudge::{Engine, RuleError};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Engines that were made, by their rule files' texts; the first is the language's own.
static MADE: LazyLock<Mutex<HashMap<Vec<String>, Arc<Engine>>>> = LazyLock::new(Mutex::default);

/// The engine for a language with rule files of one's own on top, made once.
///
/// # Errors
/// A language that is not shipped, or the first fault in a rule file.
pub fn engine(language: &str, own: &[String]) -> Result<Arc<Engine>, EngineError> {
    let shipped = nudge::SHIPPED.iter().find(|(known, _)| *known == language);
    let Some((_, shipped)) = shipped else {
        return Err(EngineError::Language(language.to_owned()));
    };
    let mut key = vec![language.to_owned()];
    key.extend(own.iter().cloned());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = made.get(&key) {
        return Ok(Arc::clone(engine));
    }
    let mut texts = vec![*shipped];
    texts.extend(own.iter().map(String::as_str));
    let engine = Arc::new(Engine::of(&texts).map_err(|error| EngineError::Rules { error })?);
    made.insert(key, Arc::clone(&engine));
    Ok(engine)
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No rules are shipped for it.
    #[error("no rules are shipped for the language `{0}`; there are: en, de")]
    Language(String),
    /// A rule file is not understood; file 0 is the shipped one.
    #[error("rule file {file}: {error}", file = .error.file)]
    Rules {
        /// What is wrong, and in which file.
        error: RuleError,
    },
}
