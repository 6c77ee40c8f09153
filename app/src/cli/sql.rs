//! `sql`: SQLite by hand, with the SQLite that is built in; Debian's own may be too old for the live file.

use super::{Out, Settings, serve};
use crate::config::Config;
use crate::upkeep::backup::DATABASE;
use anyhow::{Context, Result, bail};
use clap::Args;
use kit::db::sqlite::{Given, by_hand};
use serde_json::{Map, Value};
use std::io::Read;

/// Ask the SQLite database by hand. It is only read, unless --write says otherwise.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword sql 'select number, title from incidents order by number' --data /srv/afterword
  afterword sql --json 'select count(*) as n from evidence' --data /srv/afterword")]
pub struct Sql {
    /// The statement; read from standard input when it is not given.
    #[arg(value_name = "STATEMENT")]
    statement: Option<String>,
    /// May change the database; no server may run on the folder meanwhile.
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    pub(super) settings: Settings,
}

impl Sql {
    /// Asks.
    ///
    /// # Errors
    /// What SQLite says; that it is PostgreSQL.
    pub async fn run(self, config: Config, out: &mut Out) -> Result<()> {
        if config.database_url.is_some() {
            bail!("the database is PostgreSQL; ask it with psql and the address in database.url");
        }
        let file = config.data.join(DATABASE);
        if !file.exists() {
            bail!("there is no database in {}; name the folder with --data", config.data.display());
        }
        let _lock = if self.write { Some(serve::lock(&config)?) } else { None };
        let text = match self.statement {
            Some(text) => text,
            None => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).context("nothing to ask")?;
                text
            }
        };
        let given = by_hand(&file, &text, self.write).await.map_err(|error| {
            let said = error.to_string();
            let hint = if said.contains("readonly") { "; --write lets it change rows" } else { "" };
            anyhow::anyhow!("SQLite says: {}{hint}", words(&error))
        })?;
        print(&given, out)
    }
}

/// What SQLite said, without what we say around it.
fn words(error: &kit::db::DbError) -> String {
    match error {
        kit::db::DbError::Other(inner) => inner.to_string(),
        other => other.to_string(),
    }
}

fn print(given: &Given, out: &mut Out) -> Result<()> {
    if out.json {
        let rows = given.rows.iter().map(|row| {
            let pairs = given.columns.iter().cloned().zip(row.iter().cloned());
            Value::Object(pairs.collect::<Map<_, _>>())
        });
        return out.value(&Value::Array(rows.collect()));
    }
    if given.columns.is_empty() {
        return out.line(&format!("{} rows changed", given.changed));
    }
    let names: Vec<&str> = given.columns.iter().map(String::as_str).collect();
    let rows = given.rows.iter().map(|row| {
        let cells = row.iter().map(|cell| match cell {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        cells.collect()
    });
    out.table(&names, &rows.collect::<Vec<Vec<String>>>())
}
