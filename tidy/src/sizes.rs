//! Sizes: a long file is a question to its next editor, not a failure.

use crate::{Finding, Tree};

const LONG: usize = 400;

/// Files of code with more than 400 lines, the longest first.
pub fn long_files(tree: &Tree) -> Vec<Finding> {
    let code = [".rs", ".js", ".mjs", ".ts", ".css", ".html"];
    let mut long: Vec<(usize, &str)> = tree
        .under("", "")
        .filter(|(path, _)| code.iter().any(|end| path.ends_with(end)))
        .map(|(path, text)| (text.lines().count(), path))
        .filter(|(lines, _)| LONG < *lines)
        .collect();
    long.sort_by_key(|(lines, path)| (std::cmp::Reverse(*lines), *path));
    long.into_iter().map(|(lines, path)| Finding::new(path, 0, format!("{lines} lines"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_listed_the_longest_first() {
        let (long, longer) = ("a\n".repeat(401), "a\n".repeat(500));
        let tree =
            Tree::made_up(&[("a.rs", &long), ("b.rs", &longer), ("c.rs", "a"), ("d.md", &longer)]);
        let found: Vec<String> = long_files(&tree).iter().map(Finding::to_string).collect();
        assert_eq!(found, ["b.rs: 500 lines", "a.rs: 401 lines"]);
    }
}
