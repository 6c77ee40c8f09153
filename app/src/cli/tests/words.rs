//! What the command line says of itself is true, and what is committed of it is what it says.

use super::{assert_parses, command, words_of};
use clap::Command;
use std::path::{Path, PathBuf};

/// Every command with its full name and what its `--help` prints, the outermost first.
fn helps() -> Vec<(String, String)> {
    let root = command();
    let mut found = vec![("afterword".to_owned(), help_of(""))];
    let mut open: Vec<(String, &Command)> =
        root.get_subcommands().map(|one| (one.get_name().to_owned(), one)).collect();
    while let Some((name, one)) = open.pop() {
        for inner in one.get_subcommands() {
            open.push((format!("{name} {}", inner.get_name()), inner));
        }
        let help = help_of(&name);
        found.push((name, help));
    }
    found.sort();
    found
}

fn help_of(name: &str) -> String {
    let words = ["afterword"].into_iter().chain(name.split_whitespace()).chain(["--help"]);
    let asked = command().try_get_matches_from(words).expect_err("help is no command");
    assert_eq!(asked.exit_code(), 0, "{name}: {asked}");
    asked.to_string()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/help")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "RENEW=1 writes the files anew instead of comparing")]
fn each_help_is_the_committed_one() {
    let is_renewed = std::env::var("RENEW").is_ok();
    let mut names = Vec::new();
    let mut differ = Vec::new();
    for (name, help) in helps() {
        let path = folder().join(name.replace(' ', "-")).with_extension("txt");
        names.push(path.clone());
        let help = help.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
        if is_renewed {
            std::fs::write(&path, &help).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != help {
            differ.push(name);
        }
    }
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if !names.contains(&path) && is_renewed {
            std::fs::remove_file(&path).unwrap();
        } else if !names.contains(&path) {
            differ.push(path.display().to_string());
        }
    }
    assert!(
        differ.is_empty(),
        "the help of {differ:?} is not what app/src/cli/help says; look at it, then renew the files \
         with: RENEW=1 cargo test -p afterword --lib each_help"
    );
}

#[test]
fn each_command_has_examples_and_each_example_is_taken_as_it_stands() {
    for (name, help) in helps().iter().filter(|(name, _)| name != "afterword") {
        let (_, examples) = help.split_once("Examples:").unwrap_or_else(|| {
            panic!("`{name}` shows no example; add one to its after_help:\n{help}")
        });
        let lines = examples.lines().filter_map(|line| Some((line, words_of(line)?)));
        let lines: Vec<_> = lines.collect();
        assert!(!lines.is_empty(), "`{name}` shows no example of itself");
        for (line, words) in lines {
            assert_parses(line, &words);
        }
    }
}

#[test]
fn the_docs_have_each_command_and_only_commands_that_are_taken() {
    let docs = include_str!("../../../../docs/cli.md");
    let readme = include_str!("../../../../README.md");
    let mut in_code = false;
    for line in docs.lines().chain(readme.lines()) {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        if let Some(words) = words_of(line).filter(|_| in_code) {
            assert_parses(line, &words);
        }
    }
    for (name, _) in helps().iter().filter(|(name, _)| name != "afterword") {
        assert!(docs.contains(&format!("afterword {name}")), "docs/cli.md lacks `{name}`");
    }
}

#[test]
fn every_command_has_its_place_among_the_groups() {
    let help = command().render_help().to_string();
    for one in command().get_subcommands().filter(|one| !one.is_hide_set()) {
        let line = help.lines().filter(|line| line.starts_with(&format!("  {} ", one.get_name())));
        assert_eq!(line.count(), 1, "`{}` once:\n{help}", one.get_name());
    }
    assert!(!help.contains("Also:"), "put it into GROUPS of guide.rs:\n{help}");
}

#[test]
fn a_slip_is_answered_with_the_nearest_word() {
    let refused = command().try_get_matches_from(["afterword", "nte", "INC-1", "x"]).unwrap_err();
    assert!(refused.to_string().contains("'note'"), "{refused}");
    assert_eq!(refused.exit_code(), 2);
    let refused = command().try_get_matches_from(["afterword", "note", "INC-x", "x"]).unwrap_err();
    assert!(refused.to_string().contains("not an incident's key such as INC-42"), "{refused}");
}
