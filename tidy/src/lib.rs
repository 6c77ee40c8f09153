//! Rules about our own source, as fast tests.
//!
//! Each rule is a function from a [`Tree`] to the [`Finding`]s in it, tried on small made-up sources
//! beside it; `tests/tree.rs` asks every rule about the real tree. A rule about files that are not
//! there yet finds nothing and says so.

mod code;
pub mod connectors;
pub mod documents;
pub mod migrations;
pub mod sizes;
pub mod slices;
pub mod tables;
pub mod templates;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

/// The text files that rules look at, by their path from the root, with `/` between names.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, String>,
    paths: Vec<String>,
}

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 5] = [".git", "target", "node_modules", "shots", "demo-data"];
/// What is read; other files exist for the rules, without their text.
const READ: [&str; 8] = ["rs", "html", "sql", "md", "toml", "js", "typ", "css"];

impl Tree {
    /// Everything of ours under a folder.
    pub fn of(root: &Path) -> io::Result<Tree> {
        let mut tree = Tree::default();
        tree.walk(root, "")?;
        tree.paths.sort();
        Ok(tree)
    }

    /// A tree of these paths and texts, for trying a rule.
    pub fn made_up(files: &[(&str, &str)]) -> Tree {
        let files: BTreeMap<String, String> =
            files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let paths = files.keys().cloned().collect();
        Tree { files, paths }
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            if entry.file_type()?.is_dir() {
                if !SKIPPED.contains(&name.as_str()) && !name.starts_with("target-") {
                    self.walk(&entry.path(), &format!("{path}/"))?;
                }
                continue;
            }
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            if READ.contains(&extension) {
                let bytes = std::fs::read(entry.path())?;
                self.files.insert(path.clone(), String::from_utf8_lossy(&bytes).into_owned());
            }
            self.paths.push(path);
        }
        Ok(())
    }

    /// The text of a file, if it is there.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The files whose path begins and ends so, in order.
    pub fn under<'a>(
        &'a self,
        prefix: &'a str,
        suffix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| path.starts_with(prefix) && path.ends_with(suffix))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Is there a file of this path, or one in this folder?
    pub fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.paths.iter().any(|known| known == path || known.starts_with(&folder))
    }

    /// The names of the folders directly in a folder.
    pub fn folders(&self, within: &str) -> Vec<&str> {
        let inside = self.paths.iter().filter_map(|path| path.strip_prefix(within));
        let mut names: Vec<&str> =
            inside.filter_map(|rest| Some(rest.split_once('/')?.0)).collect();
        names.dedup();
        names
    }
}

/// Something that a rule does not allow: where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, from the root.
    pub path: String,
    /// The line, counted from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// What is wrong and what would be right.
    pub what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// An exception to a rule, with its reason. One that nothing needs any more is a finding itself.
#[derive(Debug, Clone, Copy)]
pub struct Exception {
    /// What is excepted; the rule says in which form.
    pub of: &'static str,
    /// Why, for the reader who would take it out.
    pub reason: &'static str,
}

/// Takes the excepted findings out, and adds one for each exception that nothing needs.
fn except(found: Vec<(String, Finding)>, exceptions: &[Exception], kept_in: &str) -> Vec<Finding> {
    let needless = exceptions.iter().filter(|e| !found.iter().any(|(of, _)| of == e.of));
    let mut left: Vec<Finding> = needless
        .map(|e| Finding::new(kept_in, 0, format!("nothing needs the exception `{}` now", e.of)))
        .collect();
    let excepted = |of: &String| exceptions.iter().any(|e| e.of == of);
    left.extend(found.into_iter().filter(|(of, _)| !excepted(of)).map(|(_, finding)| finding));
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_hides_its_finding_and_no_other_and_ends_with_its_cause() {
        let found = || {
            vec![
                ("a -> b".to_owned(), Finding::new("a.rs", 1, "a uses b")),
                ("a -> c".to_owned(), Finding::new("a.rs", 2, "a uses c")),
            ]
        };
        let one = [Exception { of: "a -> b", reason: "made up" }];
        assert_eq!(except(found(), &one, "x.rs"), [Finding::new("a.rs", 2, "a uses c")]);
        let left = except(Vec::new(), &one, "x.rs");
        assert_eq!(left[0].to_string(), "x.rs: nothing needs the exception `a -> b` now");
    }

    #[test]
    fn a_tree_knows_its_folders() {
        let tree = Tree::made_up(&[("app/src/a/mod.rs", ""), ("app/src/a/b.rs", ""), ("x.md", "")]);
        assert_eq!(tree.folders("app/src/"), ["a"]);
        assert!(tree.has("app/src") && tree.has("app/src/a/") && tree.has("x.md"));
        assert!(!tree.has("app/sr") && !tree.has("y.md"));
    }
}
