//! The tables there are, read from the migrations themselves, so that what walks every table (a check, a
//! copy, an export) can forget none. The migrations are in PostgreSQL's words; seven kinds of column are
//! all there is.

use super::{Migration, migrate::split};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `text`
    Text,
    /// `bigint`
    Int,
    /// `double precision`
    Real,
    /// `boolean`
    Bool,
    /// `timestamptz`
    Time,
    /// `jsonb`
    Json,
    /// `bytea`
    Bytes,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// The table and column that it names a row of.
    pub references: Option<(String, String)>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in the order of the schema.
    pub columns: Vec<Column>,
    /// Which of them are the primary key.
    pub key: Vec<usize>,
    /// Whether a migration puts rows into it.
    pub seeded: bool,
}

impl Table {
    /// Where a column is.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|one| one.name == column)
    }
}

/// Every table that these steps make, each after those it names rows of.
///
/// # Errors
/// With the statement that is not understood; a test reads the shipped ones.
pub fn catalogue(steps: &[Migration], on_sqlite: bool) -> Result<Vec<Table>, String> {
    let other = if on_sqlite { ".postgres" } else { ".sqlite" };
    let mut tables: Vec<Table> = Vec::new();
    for step in steps.iter().filter(|step| !step.name.ends_with(other)) {
        for statement in split(step.sql) {
            take(&mut tables, &statement).map_err(|why| format!("{}: {why}", step.name))?;
        }
    }
    Ok(tables)
}

fn take(tables: &mut Vec<Table>, statement: &str) -> Result<(), String> {
    let lower = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    let words: Vec<&str> = lower.split(' ').collect();
    let named = |name: &str| name.trim_matches(|c: char| "(\";".contains(c)).to_ascii_lowercase();
    match words.as_slice() {
        ["create", "table", "if", "not", "exists", name, ..] | ["create", "table", name, ..] => {
            let name = named(name.split('(').next().unwrap_or(name));
            tables.push(made(name, statement)?);
        }
        ["insert", "into", name, ..] => {
            let name = named(name.split('(').next().unwrap_or(name));
            if let Some(table) = tables.iter_mut().find(|one| one.name == name) {
                table.seeded = true;
            }
        }
        ["drop", "table", rest @ ..] => {
            let name = named(rest.last().copied().unwrap_or_default());
            tables.retain(|one| one.name != name);
        }
        ["alter", "table", name, change @ ..] => {
            let name = named(name);
            let table = tables.iter_mut().find(|one| one.name == name);
            alter(table.ok_or(format!("no table {name}"))?, change, &lower)?;
        }
        _ => {}
    }
    Ok(())
}

fn alter(table: &mut Table, change: &[&str], whole: &str) -> Result<(), String> {
    match change {
        ["add", "column", rest @ ..] => {
            let (column, _) = column(&rest.join(" "))?;
            table.columns.push(column);
        }
        ["drop", "column", name] => {
            let at = table.position(name).ok_or(format!("no column {name}"))?;
            table.columns.remove(at);
            table.key = table.key.iter().map(|k| if *k > at { k - 1 } else { *k }).collect();
        }
        ["rename", "column", from, "to", to] => {
            let at = table.position(from).ok_or(format!("no column {from}"))?;
            (*to).clone_into(&mut table.columns[at].name);
        }
        ["rename", "to", to] => (*to).clone_into(&mut table.name),
        _ => return Err(format!("`{whole}` is not understood")),
    }
    Ok(())
}

/// The parts of a parenthesis, split at its own commas.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut begin) = (0, false, 0);
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                found.push(text[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.push(text[begin..].trim());
    found
}

fn made(name: String, statement: &str) -> Result<Table, String> {
    let inside = statement.find('(').zip(statement.rfind(')'));
    let (open, close) = inside.ok_or(format!("{name} has no columns"))?;
    let mut table = Table { name, columns: Vec::new(), key: Vec::new(), seeded: false };
    for part in parts(&statement[open + 1..close]) {
        let first = part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
        match first {
            "primary" => {
                let names = part.split(['(', ')']).nth(1).unwrap_or("").split(',');
                for name in names {
                    let at = table.position(name.trim());
                    table.key.push(at.ok_or(format!("no column {name}"))?);
                }
            }
            "unique" | "check" | "foreign" | "constraint" => {}
            _ => {
                let (column, is_key) = column(part)?;
                if is_key {
                    table.key.push(table.columns.len());
                }
                table.columns.push(column);
            }
        }
    }
    for key in &table.key {
        table.columns[*key].nullable = false;
    }
    if table.key.is_empty() { Err(format!("{} has no primary key", table.name)) } else { Ok(table) }
}

fn column(text: &str) -> Result<(Column, bool), String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (name, rest) = text.split_once(' ').ok_or(format!("`{text}` is no column"))?;
    let kind = match rest.split([' ', ',']).next().unwrap_or("") {
        "text" => Kind::Text,
        "bigint" => Kind::Int,
        "double" => Kind::Real,
        "boolean" => Kind::Bool,
        "timestamptz" => Kind::Time,
        "jsonb" => Kind::Json,
        "bytea" => Kind::Bytes,
        other => return Err(format!("{name}: no kind of column is called {other}")),
    };
    let references = rest.split_once("references ").map(|(_, to)| {
        let mut names = to.split(['(', ')', ' ', ',']).filter(|word| !word.is_empty());
        let table = names.next().unwrap_or("").to_owned();
        (table, names.next().unwrap_or("id").to_owned())
    });
    let nullable = !rest.contains("not null");
    let is_key = rest.contains("primary key");
    Ok((Column { name: name.to_owned(), kind, nullable, references }, is_key))
}

#[cfg(test)]
mod tests {
    use super::{Kind, catalogue};
    use crate::db::Migration;

    #[test]
    fn tables_columns_keys_and_references_are_read() {
        let steps = [
            Migration {
                name: "1",
                sql: "create table a (id text primary key, n bigint not null check (n in (1, 2)));
                      insert into a (id, n) values ('x;', 1);",
            },
            Migration {
                name: "2",
                sql: "create table b (
                        a_id text not null references a (id), -- whose, of a
                        at timestamptz, w double precision, unique (at, w),
                        primary key (a_id, at));
                      create index i on b (at);
                      alter table b add column j jsonb not null default '{}';",
            },
            Migration { name: "3.sqlite", sql: "create table c (id text primary key)" },
        ];
        let tables = catalogue(&steps, false).unwrap();
        let names: Vec<_> = tables.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(tables[0].seeded && !tables[1].seeded);
        assert_eq!(tables[1].key, [0, 1]);
        let kinds: Vec<_> = tables[1].columns.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [Kind::Text, Kind::Time, Kind::Real, Kind::Json]);
        assert_eq!(tables[1].columns[0].references, Some(("a".to_owned(), "id".to_owned())));
        assert!(!tables[1].columns[1].nullable && tables[1].columns[2].nullable);
        assert_eq!(catalogue(&steps, true).unwrap().len(), 3);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        let one = |sql| catalogue(&[Migration { name: "x", sql }], false);
        assert!(one("create table a (id serial primary key)").is_err());
        assert!(one("create table a (id text)").is_err());
        assert!(one("create table a (id text primary key); alter table a frob").is_err());
    }
}
