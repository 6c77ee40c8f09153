//! `afterword tokens`: keys for scripts, made, listed, revoked.

use super::Out;
use super::client::Client;
use super::lists::{Much, list, show};
use super::out::{minute, text};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// List your tokens; make one for a script, revoke one.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  afterword tokens
  afterword tokens make \"deploy notes\" --scope read,write --days 90
  afterword tokens revoke tok_01hq2m"
)]
pub(super) struct Tokens {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    much: Much,
}

#[derive(Debug, Subcommand)]
enum Command {
    Make(Make),
    /// End a token at once.
    #[command(after_help = "Examples:\n  afterword tokens revoke tok_01hq2m")]
    Revoke {
        /// Its id, as `afterword tokens` lists it.
        #[arg(value_parser = plain)]
        id: String,
    },
}

/// Make a token; its secret is shown now and never again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword tokens make \"deploy notes\" --scope read,write --days 90
  afterword --json tokens make ci --scope read | jq -r .secret
  afterword tokens make exporter --scope read --for exporter-bot")]
struct Make {
    /// What it is for.
    name: String,
    /// What it may be used for, within your seat.
    #[arg(long, value_delimiter = ',', required = true, value_parser = ["read", "write", "decide", "administer"])]
    scope: Vec<String>,
    /// Days until it ends, 1 to 366.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
    days: i64,
    /// The handle of the service account that it acts for; your own when missing.
    #[arg(long = "for", value_name = "HANDLE")]
    account: Option<String>,
}

/// An id that can stand in an address.
fn plain(said: &str) -> Result<String, String> {
    let is_plain = !said.is_empty() && said.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain { Ok(said.to_owned()) } else { Err(format!("`{said}` is not a token's id.")) }
}

impl Tokens {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        match self.command {
            None => {
                let found = list(client, "/tokens", &[], &self.much).await?;
                let names = ["id", "state", "scopes", "ends", "last used", "name"];
                let empty = "There is no token. Make one: afterword tokens make \"deploy notes\" \
                             --scope read,write";
                show(out, &found, &names, row, empty)
            }
            Some(Command::Make(make)) => make.run(client, out).await,
            Some(Command::Revoke { id }) => {
                client.delete(&format!("/tokens/{id}")).await?;
                out.answer(&json!({ "id": id, "revoked": true }), &format!("{id} has ended."))
            }
        }
    }
}

fn row(one: &Value) -> Vec<String> {
    let scopes = one["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let used = match text(one, "last_used_at") {
        "" => "never".to_owned(),
        at => minute(at),
    };
    vec![
        text(one, "id").to_owned(),
        text(one, "state").to_owned(),
        scopes.collect::<Vec<_>>().join(","),
        minute(text(one, "expires_at")),
        used,
        text(one, "name").to_owned(),
    ]
}

impl Make {
    async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let mut said = json!({
            "name": self.name, "scopes": self.scope, "expires_in_days": self.days,
        });
        if let Some(account) = self.account {
            said["service_account"] = account.into();
        }
        let made = client.post("/tokens", &said).await?;
        let ends = minute(text(&made["token"], "expires_at"));
        out.aside(&format!("It ends {ends} UTC. Keep it now; it is not shown again."));
        out.answer(&made, text(&made, "secret"))
    }
}
