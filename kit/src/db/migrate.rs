//! Migrations: one file for both databases, written in PostgreSQL's words.
//!
//! For SQLite five type names are replaced and every table is made `strict`. What cannot be shared
//! is two files, `NNNN_x.sqlite.sql` and `NNNN_x.postgres.sql`. What has landed is never changed:
//! its digest is kept, and a changed text is refused.

use super::{Db, DbError, Result, Time, Tx, query};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its file name without `.sql`: `0001_people`, `0009_search.sqlite`.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

impl Migration {
    fn is_for(&self, db: &Db) -> bool {
        match db {
            Db::Sqlite { .. } => !self.name.ends_with(".postgres"),
            Db::Postgres(_) => !self.name.ends_with(".sqlite"),
        }
    }

    fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.sql.as_bytes()))
    }
}

#[derive(sqlx::FromRow)]
struct Done {
    digest: String,
}

/// Brings the schema up to date; each step in a transaction of its own. Says how many steps ran.
pub async fn migrate(db: &Db, steps: &[Migration], now: Time) -> Result<usize> {
    let mut tx = db.write().await?;
    execute(&mut tx, db, MIGRATIONS).await?;
    tx.commit().await?;
    let mut ran = 0;
    for step in steps.iter().filter(|step| step.is_for(db)) {
        let mut tx = db.write().await?;
        let done = query(crate::sql!("select digest from migrations where name = $1"))
            .bind(step.name.to_owned())
            .optional::<Done>(&mut tx)
            .await?;
        match done {
            Some(done) if done.digest == step.digest() => continue,
            Some(_) => return Err(changed(step)),
            None => {}
        }
        execute(&mut tx, db, step.sql).await?;
        query(crate::sql!("insert into migrations (name, digest, done_at) values ($1, $2, $3)"))
            .bind(step.name.to_owned())
            .bind(step.digest())
            .bind(now)
            .run(&mut tx)
            .await?;
        tx.commit().await?;
        ran += 1;
    }
    Ok(ran)
}

const MIGRATIONS: &str = "create table if not exists migrations (
    name text primary key, digest text not null, done_at timestamptz not null
);";

fn changed(step: &Migration) -> DbError {
    let why = format!("migration {} ran here with another text; it must not be edited", step.name);
    DbError::Other(sqlx::Error::Protocol(why))
}

async fn execute(tx: &mut Tx, db: &Db, sql: &str) -> Result<()> {
    let text = match db {
        Db::Sqlite { .. } => for_sqlite(sql),
        Db::Postgres(_) => sql.to_owned(),
    };
    match &mut tx.0.0 {
        super::Inner::SqliteTx(on) => {
            sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **on).await?;
        }
        super::Inner::PostgresTx(on) => {
            sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **on).await?;
        }
        _ => return Err(DbError::Away("a migration needs a transaction".into())),
    }
    Ok(())
}

/// PostgreSQL's words in SQLite's: whole words only, outside comments and quotes.
fn for_sqlite(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    for statement in split(sql) {
        let mut text = words(&statement);
        let lower = text.trim_start().to_ascii_lowercase();
        if lower.starts_with("create table") {
            text.push_str(" strict");
        }
        out.push_str(&text);
        out.push_str(";\n");
    }
    out
}

/// Statements without their comments and semicolons.
pub(super) fn split(sql: &str) -> Vec<String> {
    let mut statements = vec![String::new()];
    let mut quoted = false;
    for line in sql.lines() {
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            let last = statements.len() - 1;
            match c {
                '\'' => {
                    quoted = !quoted;
                    statements[last].push(c);
                }
                '-' if !quoted && chars.peek() == Some(&'-') => break,
                ';' if !quoted => statements.push(String::new()),
                _ => statements[last].push(c),
            }
        }
        if let Some(text) = statements.last_mut() {
            text.push('\n');
        }
    }
    statements.into_iter().map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

fn words(statement: &str) -> String {
    let mut out = String::with_capacity(statement.len());
    for (index, part) in statement.split('\'').enumerate() {
        if index > 0 {
            out.push('\'');
        }
        if index % 2 == 1 {
            out.push_str(part);
            continue;
        }
        let mut word = String::new();
        for c in part.chars().chain(std::iter::once('\0')) {
            if c.is_ascii_alphanumeric() || c == '_' {
                word.push(c);
                continue;
            }
            out.push_str(match word.as_str() {
                "timestamptz" | "bigint" | "boolean" => "integer",
                "jsonb" => "text",
                "bytea" => "blob",
                "double" => "real",
                "precision" if out.trim_end().ends_with("real") => "",
                other => other,
            });
            word.clear();
            if c != '\0' {
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::for_sqlite;

    #[test]
    fn types_are_replaced_outside_comments_and_quotes() {
        let sql = "create table a (at timestamptz not null, -- a boolean; really\n k text check (k in ('bigint;', 'jsonb')), w double precision);\ncreate index i on a (at);";
        assert_eq!(
            for_sqlite(sql),
            "create table a (at integer not null, \n k text check (k in ('bigint;', 'jsonb')), w real ) strict;\ncreate index i on a (at);\n"
        );
    }
}
