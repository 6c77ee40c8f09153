//! Tables: each belongs to one slice, which says so in its `mod.rs`; another slice asks it instead of
//! naming them. Only `insights` may join what is not its own, and only to read.

use std::collections::BTreeMap;

use crate::code::{self, Strings};
use crate::slices::{introduction, is_store, slice_of, slices};
use crate::{Exception, Finding, Tree, except};

/// Slices that name tables of another, as `"slice -> table"`, each with its reason.
pub const SHARED: &[Exception] = &[Exception {
    of: "actions -> team_members",
    reason: "`my teams` is a condition of the list, and it has to be in the query",
}];

/// Tables that any slice may join in a `select`.
pub const OPEN: &[Exception] = &[
    Exception { of: "people", reason: NAMES },
    Exception { of: "teams", reason: NAMES },
    Exception { of: "services", reason: NAMES },
];
const NAMES: &str =
    "a name stands beside what it did or has; a second round trip a list helps nobody";

/// What a statement may read that has the condition `visible!()` in it: the gate is made of these.
const GATE: [&str; 2] = ["incidents", "incident_access"];

/// Tables that `kit` keeps for all slices: no noun of ours is in them.
const KITS: [&str; 2] = ["jobs", "schema_migrations"];

/// The slice that joins others' tables for reading.
const READER: &str = "insights";

/// Which slice owns a table, as the slices' introductions say.
fn owners(tree: &Tree) -> BTreeMap<String, Vec<String>> {
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for slice in slices(tree) {
        let said = introduction(tree.text(&format!("app/src/{slice}/mod.rs")).unwrap_or(""));
        for table in tables_line(&said) {
            owners.entry(table).or_default().push(slice.clone());
        }
    }
    owners
}

/// The names in backticks after `Tables:`, up to the end of that sentence.
fn tables_line(said: &str) -> Vec<String> {
    let Some((_, after)) = said.split_once("Tables:") else { return Vec::new() };
    if after.trim_start().starts_with("none") {
        return Vec::new();
    }
    let sentence = after.split("\n\n").next().unwrap_or("");
    let sentence = sentence.split(". ").next().unwrap_or("").split(".\n").next().unwrap_or("");
    sentence.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// No slice names a table that another one owns.
pub fn no_slice_names_anothers_table(tree: &Tree, exceptions: &[Exception]) -> Vec<Finding> {
    let slices = slices(tree);
    let owners = owners(tree);
    let mut found = Vec::new();
    for (path, text) in tree.under("app/src/", ".rs").filter(|(path, _)| is_store(path)) {
        let Some((_, slice)) = slice_of(&slices, path) else { continue };
        for statement in statements(text) {
            let reads = ["select", "with"].contains(&code::word(statement.text.trim_start()));
            for table in tables_in(&statement.text) {
                let Some(owner) = owners.get(&table) else { continue };
                let its_own = owner.iter().any(|o| o == slice);
                let open = OPEN.iter().any(|open| open.of == table);
                let gate = statement.gated && GATE.contains(&table.as_str());
                if its_own || gate || (reads && (slice == READER || open)) {
                    continue;
                }
                let line = statement.line;
                let what =
                    format!("names `{table}`, which is `{}`'s; ask that slice", owner.join("`, `"));
                found.push((format!("{slice} -> {table}"), Finding::new(path, line, what)));
            }
        }
    }
    except(found, exceptions, "tidy/src/tables.rs")
}

/// Every table that a migration makes has exactly one slice that owns it, and the other way round.
pub fn every_table_has_one_owner(tree: &Tree) -> Vec<Finding> {
    let mut owners = owners(tree);
    let mut found = Vec::new();
    for (table, slices) in owners.iter().filter(|(_, slices)| 1 < slices.len()) {
        let what =
            format!("`{table}` is claimed by `{}`; it is one slice's", slices.join("` and `"));
        found.push(Finding::new(&format!("app/src/{}/mod.rs", slices[0]), 1, what));
    }
    let mut made = Vec::new();
    for (path, text) in tree.under("app/migrations/", ".sql") {
        for (line, table) in created(text) {
            if !owners.contains_key(&table) && !KITS.contains(&table.as_str()) {
                let what = format!("makes `{table}`, which no slice's `Tables:` names");
                found.push(Finding::new(path, line, what));
            }
            made.push(table);
        }
    }
    if made.is_empty() {
        return found;
    }
    owners.retain(|table, _| !made.contains(table));
    for (table, slices) in owners {
        let what = format!("claims `{table}`, which no migration makes");
        found.push(Finding::new(&format!("app/src/{}/mod.rs", slices[0]), 1, what));
    }
    found
}

/// The tables that a migration leaves behind.
fn created(text: &str) -> Vec<(usize, String)> {
    let lines = (1..).zip(text.lines());
    let made = lines.filter_map(|(line, text)| {
        let rest = text.trim().strip_prefix("create table ")?;
        let rest = rest.strip_prefix("if not exists ").unwrap_or(rest);
        Some((line, code::word(rest).to_owned()))
    });
    let dropped = |table: &str| text.contains(&format!("drop table {table};"));
    made.filter(|(_, table)| !dropped(table)).collect()
}

struct Said {
    line: usize,
    text: String,
    /// Has the condition that an incident exists for the viewer.
    gated: bool,
}

/// What stands in `sql!(…)`: the strings in it, joined, in lower case.
fn statements(text: &str) -> Vec<Said> {
    // The two differ in their bytes and not in their characters, so places are characters.
    let code: Vec<char> = code::code(text, Strings::Kept).chars().collect();
    let bare = code::code(text, Strings::Blanked);
    let places: Vec<char> = bare.chars().collect();
    let gates = gates(&bare);
    let mut found = Vec::new();
    for (at, _) in bare.match_indices("sql!(") {
        let begin = bare[..at].chars().count() + "sql!(".len();
        let end = begin + closing(&places[begin..]);
        // What is blank in the one and not in the other is a string.
        let strings = (begin..end).filter(|at| places[*at].is_whitespace());
        let text: String = strings.map(|at| if code[at] == '"' { ' ' } else { code[at] }).collect();
        let names: String = places[begin..end].iter().collect();
        found.push(Said {
            line: code::line_of(&bare, at),
            text: text.to_lowercase(),
            gated: gates.iter().any(|gate| names.contains(gate)),
        });
    }
    found
}

/// The calls that bring the condition: `visible!(`, and those of the file's own macros that have it.
fn gates(bare: &str) -> Vec<String> {
    let own = bare.split("macro_rules! ").skip(1).filter_map(|rest| {
        let body = rest.split("\n}").next().unwrap_or(rest);
        body.contains("visible!(").then(|| format!("{}!(", code::word(rest)))
    });
    own.chain(["visible!(".to_owned()]).collect()
}

/// Where the parenthesis closes that was opened before.
fn closing(code: &[char]) -> usize {
    let mut depth = 1;
    for (at, c) in code.iter().enumerate() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    code.len()
}

/// The names that stand where a table stands: after `from`, `join`, `into`, `update`, and after the
/// commas of a `from` list.
fn tables_in(statement: &str) -> Vec<String> {
    let spaced = statement.replace(',', " , ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match *word {
            "from" => found.extend(from_list(&words[at + 1..])),
            "join" | "into" | "update" => found.extend(words.get(at + 1).map(|w| (*w).to_owned())),
            _ => {}
        }
    }
    found
}

fn from_list(words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = words;
    while let Some(name) = rest.first().filter(|name| **name != "(") {
        found.push((*name).to_owned());
        let aliased = rest.iter().take(4).position(|word| *word == ",");
        match aliased {
            Some(comma) => rest = &rest[comma + 1..],
            None => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(path: &str, text: &str) -> Tree {
        Tree::made_up(&[
            (
                "app/src/lib.rs",
                "pub mod access;\npub mod people;\npub mod incidents;\npub mod insights;\n",
            ),
            (
                "app/src/people/mod.rs",
                "//! P.\n//! Invariants\n//!\n//! Tables: `people`, `seats`. Nobody names\n//! `others`.\n",
            ),
            ("app/src/access/mod.rs", "//! A.\n//! Tables: none of its own; reads `incidents`.\n"),
            (
                "app/src/incidents/mod.rs",
                "//! I.\n//! Tables: `incidents`,\n//! `impacts`. No other slice names them.\n",
            ),
            ("app/src/insights/mod.rs", "//! I.\n//! Tables: none.\n"),
            (path, text),
        ])
    }

    #[test]
    fn a_slice_that_names_anothers_table_is_found_wherever_it_stands() {
        for statement in [
            "select id from seats where id = $1",
            "select i.id\n from incidents i join seats p on p.id = i.by",
            "select 1 from incidents i, seats p",
            "insert into seats (id) values ($1)",
            "update seats set name = $1",
            "select 1 from incidents where exists (select 1 from seats)",
            "delete from seats",
        ] {
            let text = format!("\nquery(sql!(\"{statement}\"))");
            let found =
                no_slice_names_anothers_table(&tree("app/src/incidents/store.rs", &text), &[]);
            assert_eq!(found.len(), 1, "{statement}: {found:?}");
            assert_eq!(
                found[0].to_string(),
                "app/src/incidents/store.rs:2: names `seats`, which is `people`'s; ask that slice"
            );
        }
    }

    #[test]
    fn its_own_tables_and_columns_of_the_same_name_are_fine() {
        for statement in [
            "select people from incidents",
            "select count(*) from incidents left join impacts on true",
            "insert into incidents (people) values ($1) on conflict do update set people = $1",
        ] {
            let text = format!("query(sql!(\"{statement}\"))");
            let tree = tree("app/src/incidents/store.rs", &text);
            assert_eq!(no_slice_names_anothers_table(&tree, &[]), [], "{statement}");
        }
    }

    #[test]
    fn names_of_people_may_be_read_and_not_written() {
        let of = |text: &str| {
            no_slice_names_anothers_table(&tree("app/src/incidents/store.rs", text), &[]).len()
        };
        assert_eq!(of("sql!(\"select p.name from incidents i join people p on true\")"), 0);
        assert_eq!(of("sql!(\"update people set name = $1\")"), 1);
    }

    #[test]
    fn the_gate_lets_a_statement_read_incidents_and_nothing_else() {
        let of = |text: &str| {
            no_slice_names_anothers_table(&tree("app/src/people/store.rs", text), &[]).len()
        };
        let gated = "sql!(concat!(\n\"select 1 from seats s join incidents i on true where ('é' = \",\nvisible!(), \")\"))";
        assert_eq!(of(gated), 0);
        assert_eq!(of(&gated.replace("visible!()", "other!()")), 1);
        assert_eq!(of(&gated.replace("join incidents", "join impacts")), 1);
        let by_macro = format!(
            "macro_rules! matching {{\n    () => {{ visible!() }};\n}}\nmacro_rules! other {{\n    () => {{ 1 }};\n}}\n{}",
            gated.replace("visible!()", "matching!()")
        );
        assert_eq!(of(&by_macro), 0);
        assert_eq!(of(&by_macro.replace("matching!()", "other!()")), 1);
        let second = "sql!(concat!(\"select 1 \", \"from impacts\"))";
        assert_eq!(of(second), 1, "every string counts");
    }

    #[test]
    fn insights_reads_all_and_writes_none() {
        let read = tree("app/src/insights/store.rs", "sql!(\"select 1 from seats\")");
        assert_eq!(no_slice_names_anothers_table(&read, &[]), []);
        let write = tree("app/src/insights/store.rs", "sql!(\"delete from seats\")");
        assert_eq!(no_slice_names_anothers_table(&write, &[]).len(), 1);
    }

    #[test]
    fn tables_and_owners_answer_each_other() {
        let all = "create table people (\ncreate table seats (\ncreate table incidents (\ncreate table impacts (\ncreate table jobs (\n";
        assert_eq!(every_table_has_one_owner(&tree("app/migrations/0001_a.sql", all)), []);
        let more = format!("{all}create table risks (\n");
        let found = every_table_has_one_owner(&tree("app/migrations/0001_a.sql", &more));
        assert_eq!(
            found[0].to_string(),
            "app/migrations/0001_a.sql:6: makes `risks`, which no slice's `Tables:` names"
        );
        let fewer = "create table people (\ncreate table seats (\ncreate table incidents (\n";
        let found = every_table_has_one_owner(&tree("app/migrations/0001_a.sql", fewer));
        assert!(found[0].what.contains("claims `impacts`"));
    }

    #[test]
    fn a_table_that_two_claim_is_found() {
        let twice = Tree::made_up(&[
            ("app/src/lib.rs", "mod a;\nmod b;\n"),
            ("app/src/a/mod.rs", "//! Tables: `x`.\n"),
            ("app/src/b/mod.rs", "//! Tables: `x`, `y`.\n"),
        ]);
        let found = every_table_has_one_owner(&twice);
        assert!(found[0].what.contains("`x` is claimed by `a` and `b`"));
    }
}
