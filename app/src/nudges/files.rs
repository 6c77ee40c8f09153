//! Which files are checked, and how their texts are read.

use super::config::LintConfig;
use std::path::{Path, PathBuf};

/// Endings of files that are checked when their folder is named.
const ENDINGS: [&str; 6] = ["md", "markdown", "mdx", "html", "htm", "txt"];

/// A text and the form that the engine reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name, as it is shown.
    pub name: String,
    /// The text as it is.
    pub text: String,
    /// Whether it is HTML.
    pub is_html: bool,
}

impl Source {
    /// A text of bytes; what is no UTF-8 is shown as the sign for it.
    #[must_use]
    pub fn of(name: &str, bytes: &[u8]) -> Source {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let small = name.to_ascii_lowercase();
        let start = text.trim_start_matches('\u{feff}').trim_start();
        let start = start.get(..15).unwrap_or(start).to_ascii_lowercase();
        let is_html = small.ends_with(".html")
            || small.ends_with(".htm")
            || start.starts_with("<!doctype html")
            || start.starts_with("<html");
        Source { name: name.to_owned(), text, is_html }
    }
}

/// The files that are named, and those of the folders that are named, in the order of their names.
///
/// # Errors
/// When a name is of nothing, or a folder does not read.
pub fn find(named: &[PathBuf], config: &LintConfig) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in named {
        let about = |error: std::io::Error| {
            std::io::Error::new(error.kind(), format!("{} cannot be read: {error}", path.display()))
        };
        if std::fs::metadata(path).map_err(about)?.is_dir() {
            walk(path, config, &mut found).map_err(about)?;
        } else {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn walk(folder: &Path, config: &LintConfig, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link may lead anywhere; it is not followed.
        if name.starts_with('.') || config.ignores(&path) {
            continue;
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        if kind.is_dir() && name != "node_modules" && name != "target" {
            walk(&path, config, found)?;
        } else if kind.is_file() && ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
        {
            found.push(path);
        }
    }
    Ok(())
}
