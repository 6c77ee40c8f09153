//! Migrations: `NNNN_what.sql` for both databases, or `NNNN_what.sqlite.sql` with
//! `NNNN_what.postgres.sql` where they must differ. Every number is used once.

use std::collections::BTreeMap;

use crate::{Finding, Tree};

const FOLDER: &str = "app/migrations/";

/// Every migration is well named and its number is its own.
pub fn every_number_once(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut numbers: BTreeMap<&str, Vec<(&str, Kind)>> = BTreeMap::new();
    for (path, _) in tree.under(FOLDER, ".sql") {
        match parse(&path[FOLDER.len()..]) {
            Some((number, name, kind)) => numbers.entry(number).or_default().push((name, kind)),
            None => found.push(Finding::new(
                path,
                0,
                "is not named NNNN_what.sql, NNNN_what.sqlite.sql or NNNN_what.postgres.sql",
            )),
        }
    }
    for (number, files) in numbers {
        let what = match files.as_slice() {
            [(_, Kind::Both)] => continue,
            [(one, Kind::Postgres), (other, Kind::Sqlite)] if one == other => continue,
            [(_, Kind::Postgres)] => "has no .sqlite.sql beside its .postgres.sql",
            [(_, Kind::Sqlite)] => "has no .postgres.sql beside its .sqlite.sql",
            _ => "is used more than once; give the newer one the next number",
        };
        found.push(Finding::new(FOLDER, 0, format!("number {number} {what}")));
    }
    found
}

#[derive(PartialEq)]
enum Kind {
    Both,
    Sqlite,
    Postgres,
}

fn parse(file: &str) -> Option<(&str, &str, Kind)> {
    let (number, rest) = file.split_once('_')?;
    let mut parts = rest.strip_suffix(".sql")?.split('.');
    let name = parts.next()?;
    let kind = match (parts.next(), parts.next()) {
        (None, None) => Kind::Both,
        (Some("sqlite"), None) => Kind::Sqlite,
        (Some("postgres"), None) => Kind::Postgres,
        _ => return None,
    };
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let four = number.len() == 4 && number.chars().all(|c| c.is_ascii_digit());
    (four && plain && !name.is_empty()).then_some((number, name, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Vec<String> {
        let paths: Vec<String> = names.iter().map(|name| format!("{FOLDER}{name}")).collect();
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
        every_number_once(&Tree::made_up(&files)).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn one_for_both_or_one_for_each_is_fine() {
        assert!(of(&["0001_people.sql", "0002_x.sqlite.sql", "0002_x.postgres.sql"]).is_empty());
    }

    #[test]
    fn a_number_used_twice_a_lone_half_and_a_strange_name_are_found() {
        assert!(
            of(&["0001_a.sql", "0001_b.sql"])[0].contains("number 0001 is used more than once")
        );
        assert!(of(&["0001_a.sql", "0001_a.sqlite.sql"])[0].contains("more than once"));
        assert!(of(&["0002_x.sqlite.sql"])[0].contains("no .postgres.sql"));
        assert!(of(&["0002_x.postgres.sql"])[0].contains("no .sqlite.sql"));
        assert!(of(&["0002_x.sqlite.sql", "0002_y.postgres.sql"])[0].contains("more than once"));
        for strange in ["2_x.sql", "people.sql", "0001_x.mysql.sql", "0001_X.sql"] {
            assert!(of(&[strange])[0].contains("is not named"), "{strange}");
        }
    }
}
