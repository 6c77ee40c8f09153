//! Slices: the folders of `app/src` that `lib.rs` lists, in the order in which a newcomer reads them.
//! A slice uses those above it, introduces itself in its `mod.rs`, and keeps its SQL in `store*.rs`.

use crate::code::{self, Strings};
use crate::{Exception, Finding, Tree, except};

const LIB: &str = "app/src/lib.rs";

/// Uses of a slice below, as `"user -> used"`, each with its reason.
pub const UPWARD: &[Exception] = &[];

/// Folders that join the slices and are none: they own no table, and no slice uses them.
const JOINING: [&str; 2] = ["cli", "demo"];

/// The slices in the order of `lib.rs`.
pub fn slices(tree: &Tree) -> Vec<String> {
    let mut folders = folders(tree);
    folders.retain(|folder| !JOINING.contains(&folder.as_str()));
    folders
}

/// The slices and what joins them, in the order of `lib.rs`.
fn folders(tree: &Tree) -> Vec<String> {
    let lib = code::code(tree.text(LIB).unwrap_or(""), Strings::Blanked);
    let names = lib.lines().filter_map(|line| {
        let line = line.trim();
        let line = line.strip_prefix("pub ").or(line.strip_prefix("pub(crate) ")).unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    let is_folder = |name: &&str| tree.text(&format!("app/src/{name}/mod.rs")).is_some();
    names.filter(is_folder).map(str::to_owned).collect()
}

/// The slice that a file belongs to.
pub(crate) fn slice_of<'a>(slices: &'a [String], path: &str) -> Option<(usize, &'a str)> {
    let folder = path.strip_prefix("app/src/")?.split_once('/')?.0;
    let at = slices.iter().position(|slice| slice == folder)?;
    Some((at, &slices[at]))
}

/// A slice uses only the slices above it in `lib.rs`. Tests may use any.
pub fn uses_only_slices_above(tree: &Tree, exceptions: &[Exception]) -> Vec<Finding> {
    let slices = folders(tree);
    let mut found = Vec::new();
    for (path, text) in tree.under("app/src/", ".rs") {
        let Some((at, slice)) = slice_of(&slices, path) else { continue };
        if code::only_tests(path) {
            continue;
        }
        let text = without_tests(&code::code(text, Strings::Blanked));
        for (line, used) in uses(&text, path.ends_with("/mod.rs")) {
            let Some(below) = slices.iter().position(|other| *other == used) else { continue };
            if at < below {
                let what = format!(
                    "`{slice}` uses `{used}`, which lib.rs lists below it; a noun is missing, or an event"
                );
                found.push((format!("{slice} -> {used}"), Finding::new(path, line, what)));
            }
        }
    }
    except(found, exceptions, "tidy/src/slices.rs")
}

/// The text before the tests in the same file; those stand last.
fn without_tests(code: &str) -> String {
    code.split("#[cfg(test)]\nmod ").next().unwrap_or(code).to_owned()
}

/// The top-level modules that code names: `crate::a`, `crate::{a::…, b}`, `super::super::a`.
fn uses(code: &str, is_mod: bool) -> Vec<(usize, String)> {
    let to_the_top = if is_mod { "super::" } else { "super::super::" };
    let mut found = Vec::new();
    for path in ["crate::", to_the_top] {
        for (at, _) in code.match_indices(path) {
            let deeper = code[..at].ends_with("super::") || code[..at].ends_with('_');
            let after = &code[at + path.len()..];
            if deeper || after.starts_with("super::") {
                continue;
            }
            let line = code::line_of(code, at);
            match after.strip_prefix('{') {
                Some(list) => found.extend(first_words(list).into_iter().map(|w| (line, w))),
                None => found.push((line, code::word(after).to_owned())),
            }
        }
    }
    found
}

/// The first word of each item of a `use` list, up to the brace that closes it.
fn first_words(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut begins = true;
    let mut words = Vec::new();
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && (c.is_alphanumeric() || c == '_') => {
                words.push(code::word(&list[at..]).to_owned());
                begins = false;
            }
            _ => {}
        }
    }
    words
}

/// Statements are in files named `store*.rs` (or in a folder `store/`), so that one knows where to look.
pub fn sql_is_in_stores(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let sources = tree.under("app/src/", ".rs").chain(tree.under("connectors/src/", ".rs"));
    for (path, text) in sources.filter(|(path, _)| !code::only_tests(path) && !is_store(path)) {
        let text = without_tests(&code::code(text, Strings::Blanked));
        for (at, _) in text.match_indices("sql!(") {
            let what = "a statement outside `store*.rs`; move it there and name it";
            found.push(Finding::new(path, code::line_of(&text, at), what));
        }
    }
    found
}

pub(crate) fn is_store(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("store") || path.contains("/store/")
}

/// The introduction of a slice: the `//!` lines of its `mod.rs`.
pub(crate) fn introduction(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
}

/// Each slice says what it is, what always holds (`Invariants`) and which tables are its own
/// (`Tables:`, with `none` where it has none).
pub fn slices_introduce_themselves(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for slice in slices(tree) {
        let path = format!("app/src/{slice}/mod.rs");
        let said = introduction(tree.text(&path).unwrap_or(""));
        let has = |heading: &str| {
            said.lines().any(|l| l.trim_start_matches(['#', ' ']).starts_with(heading))
        };
        if said.trim().is_empty() {
            found.push(Finding::new(&path, 1, "does not say what the slice is (`//! …`)"));
            continue;
        }
        if !has("Invariants") {
            found.push(Finding::new(
                &path,
                1,
                "has no heading `//! Invariants`: what always holds?",
            ));
        }
        if !has("Tables:") {
            found.push(Finding::new(
                &path,
                1,
                "has no line `//! Tables: …`: which are its own? (or `none`)",
            ));
        }
    }
    found
}

/// Every folder of code in `app/src` is in `lib.rs`; one that is not is neither compiled nor judged.
pub fn every_folder_is_listed(tree: &Tree) -> Vec<Finding> {
    let slices = self::folders(tree);
    let folders = tree.folders("app/src/");
    let unlisted = folders.into_iter().filter(|folder| {
        tree.text(&format!("app/src/{folder}/mod.rs")).is_some()
            && !slices.iter().any(|s| s == folder)
    });
    unlisted
        .map(|f| Finding::new(LIB, 0, format!("does not list `app/src/{f}/` (`pub mod {f};`)")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: (&str, &str) =
        (LIB, "//! Slices.\n\npub mod config;\npub mod people;\npub mod incidents;\n");
    const PEOPLE: (&str, &str) =
        ("app/src/people/mod.rs", "//! P.\n//!\n//! Invariants\n//!\n//! Tables: `people`.\n");
    const INCIDENTS: (&str, &str) =
        ("app/src/incidents/mod.rs", "//! I.\n//!\n//! Invariants\n//! Tables: none.\n");

    fn tree(path: &str, text: &str) -> Tree {
        Tree::made_up(&[TWO, PEOPLE, INCIDENTS, (path, text)])
    }

    #[test]
    fn slices_are_the_folders_of_lib_in_its_order() {
        assert_eq!(slices(&tree("app/src/config.rs", "")), ["people", "incidents"]);
    }

    #[test]
    fn what_joins_slices_is_none_and_no_slice_uses_it() {
        let lib = (LIB, "pub mod people;\npub mod cli;\n");
        let cli = ("app/src/cli/mod.rs", "//! Words on a line.\nuse crate::people;");
        let tree =
            Tree::made_up(&[lib, cli, PEOPLE, ("app/src/people/x.rs", "use crate::cli::A;")]);
        assert_eq!(slices(&tree), ["people"]);
        assert_eq!(slices_introduce_themselves(&tree), []);
        let found = uses_only_slices_above(&tree, &[]);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("`people` uses `cli`"));
    }

    #[test]
    fn a_use_of_a_slice_below_is_found_in_every_form() {
        for text in [
            "use crate::incidents::Incident;",
            "fn f() { crate::incidents::find() }",
            "use crate::{config::{self, A}, incidents::Incident};",
            "\nuse super::super::incidents;",
        ] {
            let found = uses_only_slices_above(&tree("app/src/people/join.rs", text), &[]);
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].what.contains("`people` uses `incidents`"), "{}", found[0]);
        }
        let by_super =
            Tree::made_up(&[TWO, INCIDENTS, ("app/src/people/mod.rs", "use super::incidents;")]);
        assert_eq!(uses_only_slices_above(&by_super, &[]).len(), 1);
    }

    #[test]
    fn a_use_of_a_slice_above_or_in_a_test_or_comment_is_fine() {
        for (path, text) in [
            ("app/src/incidents/declare.rs", "use crate::people::Person; use crate::config;"),
            ("app/src/people/join.rs", "// crate::incidents::find\nlet x = \"crate::incidents\";"),
            ("app/src/people/tests.rs", "use crate::incidents::Incident;"),
            ("app/src/people/join.rs", "#[cfg(test)]\nmod tests { use crate::incidents::X; }"),
            ("app/src/people/pages.rs", "use super::incidents;"),
            ("app/src/site.rs", "use crate::incidents;"),
        ] {
            assert_eq!(uses_only_slices_above(&tree(path, text), &[]), [], "{path} {text}");
        }
    }

    #[test]
    fn an_exception_allows_one_use() {
        let upward = [Exception { of: "people -> incidents", reason: "made up" }];
        let tree = tree("app/src/people/join.rs", "use crate::incidents::Incident;");
        assert_eq!(uses_only_slices_above(&tree, &upward), []);
    }

    #[test]
    fn a_statement_outside_a_store_is_found() {
        let found =
            sql_is_in_stores(&tree("app/src/people/join.rs", "\nquery(sql!(\"select 1\"))"));
        assert_eq!((found.len(), found[0].line), (1, 2));
        for path in [
            "app/src/people/store.rs",
            "app/src/people/store_lists.rs",
            "app/src/people/store/a.rs",
            "app/src/people/tests.rs",
        ] {
            assert_eq!(sql_is_in_stores(&tree(path, "sql!(\"select 1\")")), [], "{path}");
        }
    }

    #[test]
    fn a_slice_without_an_introduction_is_found() {
        let of = |text: &str| {
            slices_introduce_themselves(&Tree::made_up(&[
                TWO,
                PEOPLE,
                ("app/src/incidents/mod.rs", text),
            ]))
        };
        assert_eq!(of("pub mod store;").len(), 1);
        assert_eq!(of("//! Incidents.").len(), 2);
        assert!(
            of("//! I.\n//! Invariants\n//! - none").iter().all(|f| f.what.contains("Tables:"))
        );
        assert_eq!(of("//! I.\n//!\n//! # Invariants\n//!\n//! Tables: none."), []);
    }

    #[test]
    fn a_folder_that_lib_does_not_list_is_found() {
        let found = every_folder_is_listed(&tree("app/src/risks/mod.rs", ""));
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("app/src/risks/"));
        assert_eq!(every_folder_is_listed(&tree("app/src/shell/base.html", "")), []);
    }
}
