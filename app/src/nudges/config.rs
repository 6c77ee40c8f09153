//! `nudges.toml`: what a folder of texts asks of the checker, found in the folder or any above it.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The file's name.
pub const NAME: &str = "nudges.toml";

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LintConfig {
    /// The language of the texts, `en` when absent.
    pub language: Option<String>,
    /// Rule files of one's own, from the folder of this file.
    pub rules: Vec<PathBuf>,
    /// Rules that are silent.
    pub silence: Vec<String>,
    /// Names of people who took part.
    pub participants: Vec<String>,
    /// Names of services and the like, which are never people.
    pub things: Vec<String>,
    /// The zone that all times are in, when the texts do not say it.
    pub zone: Option<String>,
    /// Files that are not checked, as patterns.
    pub ignore: Vec<String>,
    /// How many warnings are borne.
    pub max_warnings: Option<usize>,
    /// What holds for some files only; a later one wins.
    pub path: Vec<PathConfig>,
    /// The folder of the file.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// What holds for some files only.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PathConfig {
    /// The files, as a pattern from the folder of the file.
    pub files: String,
    /// Their language.
    pub language: Option<String>,
    /// Rules that are silent there, besides.
    pub silence: Vec<String>,
    /// Rules that speak there although they are silent elsewhere.
    pub speak: Vec<String>,
    /// Their times' zone.
    pub zone: Option<String>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It does not read.
    #[error("{0} does not read: {1}")]
    Unread(PathBuf, std::io::Error),
    /// It says something that is not understood.
    #[error("{0}: {1}")]
    Wrong(PathBuf, String),
}

impl LintConfig {
    /// Reads a file.
    ///
    /// # Errors
    /// When it does not read, or says something unknown.
    pub fn read(path: &Path) -> Result<LintConfig, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Unread(path.to_owned(), error))?;
        let mut config: LintConfig = toml::from_str(&text)
            .map_err(|error| ConfigError::Wrong(path.to_owned(), error.to_string()))?;
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        config.folder = whole.parent().unwrap_or(Path::new("")).to_owned();
        Ok(config)
    }

    /// The nearest file in a folder or above it.
    ///
    /// # Errors
    /// When there is one and it does not read.
    pub fn above(folder: &Path) -> Result<LintConfig, ConfigError> {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        match folder.ancestors().map(|above| above.join(NAME)).find(|path| path.is_file()) {
            Some(path) => LintConfig::read(&path),
            None => Ok(LintConfig::default()),
        }
    }

    /// The texts of the rule files that it names.
    ///
    /// # Errors
    /// When one does not read.
    pub fn own_rules(&self) -> Result<Vec<String>, ConfigError> {
        let read = |path: &PathBuf| {
            let path = self.folder.join(path);
            std::fs::read_to_string(&path).map_err(|error| ConfigError::Unread(path, error))
        };
        self.rules.iter().map(read).collect()
    }

    /// The path as patterns see it: from the folder of the file, with `/`.
    fn seen(&self, path: &Path) -> String {
        if self.folder.as_os_str().is_empty() {
            return path.to_string_lossy().replace('\\', "/");
        }
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let inner = whole.strip_prefix(&self.folder).unwrap_or(&whole);
        inner.to_string_lossy().replace('\\', "/")
    }

    /// Whether a file is not checked.
    #[must_use]
    pub fn ignores(&self, path: &Path) -> bool {
        let seen = self.seen(path);
        self.ignore.iter().any(|pattern| matches(pattern, &seen))
    }

    fn parts<'a>(&'a self, seen: &'a str) -> impl DoubleEndedIterator<Item = &'a PathConfig> {
        self.path.iter().filter(move |part| matches(&part.files, seen))
    }

    /// The language of a file.
    #[must_use]
    pub fn language_of(&self, path: &Path) -> String {
        let seen = self.seen(path);
        let part = self.parts(&seen).rev().find_map(|part| part.language.clone());
        part.or_else(|| self.language.clone()).unwrap_or_else(|| "en".to_owned())
    }

    /// The zone that a file's times are in, when it is said here.
    #[must_use]
    pub fn zone_of(&self, path: &Path) -> Option<String> {
        let seen = self.seen(path);
        let part = self.parts(&seen).rev().find_map(|part| part.zone.clone());
        part.or_else(|| self.zone.clone())
    }

    /// Whether a rule is silent in a file.
    #[must_use]
    pub fn silences(&self, rule: &str, path: &Path) -> bool {
        let seen = self.seen(path);
        let names = |list: &[String]| list.iter().any(|name| name == rule || name == "all");
        let mut is_silent = names(&self.silence);
        for part in self.parts(&seen) {
            is_silent = (is_silent || names(&part.silence)) && !names(&part.speak);
        }
        is_silent
    }

    /// The first rule that it names and no rule file has.
    #[must_use]
    pub fn unknown_rule(&self, known: &[&str]) -> Option<String> {
        let parts = self.path.iter().flat_map(|part| part.silence.iter().chain(&part.speak));
        let mut all = self.silence.iter().chain(parts);
        all.find(|name| *name != "all" && !known.contains(&name.as_str())).cloned()
    }
}

/// Whether a path is of a pattern: `*` within a folder, `**` over folders, `?` one character. A pattern
/// without `/` is of a name in any folder.
#[must_use]
pub fn matches(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim_start_matches("./");
    if !pattern.contains('/') {
        let name = path.rsplit('/').next().unwrap_or(path);
        return wild(pattern.as_bytes(), name.as_bytes());
    }
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    reaches(
        &pattern,
        &path,
        |part| *part == "**",
        |part, folder| wild(part.as_bytes(), folder.as_bytes()),
    )
}

fn wild(pattern: &[u8], name: &[u8]) -> bool {
    reaches(pattern, name, |byte| *byte == b'*', |byte, letter| *byte == b'?' || byte == letter)
}

/// Whether the whole of a pattern fits the whole of what is given; a star fits any number of it. Linear in
/// both, whatever the stars: all places in the pattern that can be reached are followed at once.
fn reaches<P, G>(
    pattern: &[P],
    given: &[G],
    is_star: impl Fn(&P) -> bool,
    fits: impl Fn(&P, &G) -> bool,
) -> bool {
    let pass_stars = |mut reached: Vec<bool>| {
        for (at, part) in pattern.iter().enumerate() {
            if reached[at] && is_star(part) {
                reached[at + 1] = true;
            }
        }
        reached
    };
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    reached = pass_stars(reached);
    for one in given {
        let mut next = vec![false; pattern.len() + 1];
        for (at, part) in pattern.iter().enumerate().filter(|(at, _)| reached[*at]) {
            if is_star(part) {
                next[at] = true;
            } else if fits(part, one) {
                next[at + 1] = true;
            }
        }
        reached = pass_stars(next);
    }
    reached[pattern.len()]
}
