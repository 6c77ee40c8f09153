//! `afterword search` and `afterword reindex`.

use super::client::{Client, Server};
use super::out::text;
use super::{Environment, Out, Settings, serve};
use crate::search;
use anyhow::{Context, Result};
use clap::Args;
use kit::clock::Clock;
use serde_json::{Value, json};
use std::sync::Arc;

/// Find what was written down: words, "phrases", beginnings*, -words.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword search connection pool exhausted
  afterword search '\"pool exhausted\"' --service checkout --open-actions
  afterword search --json 'dial tcp 10.0.0.1:5432: connect: connection refused'")]
pub(super) struct Find {
    /// What to look for; a line of an error, too. Before a `-word` stands `--`.
    #[arg(required = true)]
    words: Vec<String>,
    /// Only incidents that hit this service, by its slug.
    #[arg(long)]
    service: Option<String>,
    /// Only incidents of this team, by its slug.
    #[arg(long)]
    team: Option<String>,
    /// Only of this kind, such as outage.
    #[arg(long)]
    kind: Option<String>,
    /// Only of this severity, 1 to 4.
    #[arg(long)]
    severity: Option<String>,
    /// Only begun on this day or later, 2026-03-05.
    #[arg(long)]
    from: Option<String>,
    /// Only begun on this day or earlier.
    #[arg(long)]
    to: Option<String>,
    /// Only with actions that are still owed.
    #[arg(long)]
    open_actions: bool,
    /// Which page of the answers.
    #[arg(long, default_value_t = 1, hide_default_value = true)]
    page: u32,
}

fn joined(parts: &Value) -> String {
    let parts = parts.as_array().map(Vec::as_slice).unwrap_or_default();
    parts.iter().filter_map(|part| part["text"].as_str()).collect()
}

impl Find {
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.words.join(" "));
        for (name, value) in [
            ("service", &self.service),
            ("team", &self.team),
            ("kind", &self.kind),
            ("severity", &self.severity),
            ("from", &self.from),
            ("to", &self.to),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        if self.open_actions {
            query.append_pair("open_actions", "yes");
        }
        query.append_pair("page", &self.page.to_string());
        query.finish()
    }

    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let answer = client.get(&format!("/search?{}", self.query())).await?;
        if out.json {
            return out.value(&answer);
        }
        if answer["is_simple"] == true {
            out.line("The index is being made; only titles and descriptions were looked through.")?;
        }
        for one in answer["mended"].as_array().into_iter().flatten() {
            let (typed, found) = (text(one, "typed"), text(one, "found"));
            out.line(&format!("Nothing says “{typed}”; shown is what says {found}."))?;
        }
        let results = answer["results"].as_array().map(Vec::as_slice).unwrap_or_default();
        if results.is_empty() {
            return out.line("Nothing was found in what you may see.");
        }
        let row = |one: &Value| {
            let open = one["open_actions"].as_u64().filter(|n| *n > 0);
            vec![
                text(one, "key").to_owned(),
                joined(&one["title"]),
                open.map(|n| n.to_string()).unwrap_or_default(),
                joined(&one["found_in"][0]["passage"]),
            ]
        };
        let rows: Vec<Vec<String>> = results.iter().map(row).collect();
        out.table(&["key", "title", "open", "why"], &rows)?;
        out.line(&format!("{} of {} incidents", results.len(), answer["total"]))
    }
}

/// Make the search index anew: on the running server, or in a folder that none holds.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword reindex
  afterword reindex --data ./afterword")]
pub(super) struct Reindex {
    #[command(flatten)]
    settings: Settings,
}

impl Reindex {
    pub(super) async fn run(
        self,
        server: &Server,
        environment: &Environment,
        clock: Arc<dyn Clock>,
        out: &mut Out,
    ) -> Result<()> {
        let config = self.settings.config(environment)?;
        let is_there = config.data.join("afterword.lock").exists();
        let is_free = is_there && serve::lock(&config).is_ok();
        if is_free {
            let opened = serve::open(config, clock).await?;
            search::rebuild(&opened.app).await.context("the index could not be made")?;
            let documents = opened.app.search.view().map_or(0, |view| view.searcher.num_docs());
            let folder = opened.app.config.data.join("index");
            let answer = json!({ "state": "ready", "documents": documents });
            let sentence =
                format!("The index in {} is made anew: {documents} documents.", folder.display());
            opened.app.db.close().await;
            return out.answer(&answer, &sentence);
        }
        let client = Client::new(server, environment)?;
        let answer = client.post("/search/index", &json!({})).await?;
        let sentence = format!("{} makes its index anew and answers meanwhile.", client.url);
        out.answer(&answer, &sentence)
    }
}
