//! `sql`: SQLite by hand, with the SQLite that is built in; Debian's own may be too old for the live file.

use super::{Settings, serve};
use crate::config::Config;
use crate::upkeep::backup::DATABASE;
use anyhow::{Context, Result, bail};
use clap::Args;
use kit::db::sqlite::{Given, by_hand};
use serde_json::{Map, Value};
use std::io::Read;

/// Ask the SQLite database by hand. It is only read, unless --write says otherwise.
#[derive(Debug, Args)]
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
    pub async fn run(self, config: Config, json: bool) -> Result<()> {
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
        print(&given, json);
        Ok(())
    }
}

/// What SQLite said, without what we say around it.
fn words(error: &kit::db::DbError) -> String {
    match error {
        kit::db::DbError::Other(inner) => inner.to_string(),
        other => other.to_string(),
    }
}

fn print(given: &Given, json: bool) {
    if json {
        let rows = given.rows.iter().map(|row| {
            let pairs = given.columns.iter().cloned().zip(row.iter().cloned());
            Value::Object(pairs.collect::<Map<_, _>>())
        });
        println!("{}", Value::Array(rows.collect()));
        return;
    }
    if given.columns.is_empty() {
        println!("{} rows changed", given.changed);
        return;
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(&given.columns);
    for row in &given.rows {
        table.add_row(row.iter().map(|cell| match cell {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }));
    }
    println!("{table}");
}
