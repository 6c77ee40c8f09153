//! Every rule, asked about the real tree.

use std::io::Write;
use std::path::Path;

use tidy::{Finding, Tree, connectors, documents, migrations, sizes, slices, tables, templates};

fn tree() -> Tree {
    Tree::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).expect("the source can be read")
}

fn none(found: &[Finding]) {
    let list: Vec<String> = found.iter().map(Finding::to_string).collect();
    assert!(list.is_empty(), "{} to mend:\n{}\n", list.len(), list.join("\n"));
}

/// Says something even when the test passes.
fn note(said: &str) {
    let _ = writeln!(std::io::stderr(), "tidy: {said}");
}

/// Says so where a rule has nothing to look at yet.
fn looked_at(rule: &str, things: usize) {
    if things == 0 {
        note(&format!("{rule}: nothing of that kind is in the tree yet"));
    }
}

#[test]
fn slices_use_only_slices_above_them() {
    let tree = tree();
    looked_at("order of slices", slices::slices(&tree).len());
    none(&slices::uses_only_slices_above(&tree, slices::UPWARD));
}

#[test]
fn statements_are_in_stores() {
    none(&slices::sql_is_in_stores(&tree()));
}

#[test]
fn slices_introduce_themselves() {
    none(&slices::slices_introduce_themselves(&tree()));
}

#[test]
fn every_folder_of_code_is_listed() {
    none(&slices::every_folder_is_listed(&tree()));
}

#[test]
fn no_slice_names_anothers_table() {
    none(&tables::no_slice_names_anothers_table(&tree(), tables::SHARED));
}

#[test]
fn every_table_has_one_owner() {
    none(&tables::every_table_has_one_owner(&tree()));
}

#[test]
fn every_migration_number_is_used_once() {
    let tree = tree();
    looked_at("migrations", tree.under("app/migrations/", ".sql").count());
    none(&migrations::every_number_once(&tree));
}

#[test]
fn every_path_that_the_map_names_exists() {
    none(&documents::every_path_named_exists(&tree()));
}

#[test]
fn every_slice_is_on_the_map() {
    none(&documents::every_slice_is_on_the_map(&tree()));
}

#[test]
fn the_map_is_short() {
    none(&documents::the_map_is_short(&tree()));
}

#[test]
fn templates_have_nothing_inline() {
    let tree = tree();
    looked_at("templates", tree.under("app/src/", ".html").count());
    none(&templates::nothing_inline(&tree, templates::INLINE_STYLE));
}

#[test]
fn templates_say_no_word_that_looks_for_one_cause() {
    none(&templates::words_not_said(&tree()));
}

#[test]
fn every_connector_is_registered() {
    let tree = tree();
    looked_at("connectors", tree.folders("connectors/src/").len());
    none(&connectors::every_connector_is_registered(&tree));
}

#[test]
fn kit_names_no_noun() {
    none(&connectors::kit_names_no_noun(&tree()));
}

#[test]
fn long_files_are_listed() {
    for long in sizes::long_files(&tree()) {
        note(&format!("long file: {long}"));
    }
}
