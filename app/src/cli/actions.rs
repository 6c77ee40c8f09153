//! `afterword actions`: promises to keep, and each move of one.

use super::client::Client;
use super::lists::{Much, list, one_of, person, show, spoken};
use super::out::text;
use super::{Out, incident_key, numbered};
use crate::actions::StateName;
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

/// List actions, yours first; accept one, say it is done, verify it.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  afterword actions
  afterword actions --team --due-before 2026-12-01
  afterword actions --everybody --state open --json
  afterword actions of INC-42
  afterword actions accept ACT-7 --owner me --due 2026-12-01
  afterword actions done ACT-7 --note \"merged, on since Tuesday\""
)]
pub(super) struct Actions {
    #[command(subcommand)]
    command: Option<Command>,
    /// Your teams', not only your own.
    #[arg(long, conflicts_with = "everybody")]
    team: bool,
    /// Everybody's.
    #[arg(long)]
    everybody: bool,
    /// In this state; open are all that have not ended.
    #[arg(long, default_value = "open", value_parser = one_of(states()))]
    state: String,
    /// Owed and due before this day, such as 2026-12-01.
    #[arg(long, value_name = "DAY")]
    due_before: Option<String>,
    #[command(flatten)]
    much: Much,
}

fn states() -> impl Iterator<Item = &'static str> {
    ["open", "any"].into_iter().chain(StateName::ALL.iter().map(|one| one.name()))
}

fn action_key(said: &str) -> Result<String, String> {
    numbered("ACT", said)
}

#[derive(Debug, Args)]
struct Which {
    /// The action, such as ACT-7.
    #[arg(value_parser = action_key)]
    action: String,
}

#[derive(Debug, Args)]
struct Why {
    #[command(flatten)]
    which: Which,
    /// Why, in a sentence.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The actions of an incident's retrospective.
    #[command(after_help = "Examples:\n  afterword actions of INC-42")]
    Of {
        /// The incident, such as INC-42.
        #[arg(value_parser = incident_key)]
        incident: String,
        #[command(flatten)]
        much: Much,
    },
    /// Show an action.
    #[command(after_help = "Examples:\n  afterword actions show ACT-7")]
    Show(Which),
    /// Promise it: who, by when, how we will know.
    #[command(after_help = "Examples:
  afterword actions accept ACT-7 --owner me --due 2026-12-01
  afterword actions accept ACT-7 --owner bob --due 2026-12-01 --done-when \"A test shows it\"")]
    Accept(Terms),
    /// Promise it otherwise: another owner, day or done-when.
    #[command(after_help = "Examples:
  afterword actions amend ACT-7 --due 2027-01-15 --why \"the freeze lasts until then\"")]
    Amend(Terms),
    /// Begin, also again.
    #[command(after_help = "Examples:\n  afterword actions begin ACT-7")]
    Begin(Which),
    /// Say that it is done, so that somebody else can look.
    #[command(
        alias = "finish",
        after_help = "Examples:\n  afterword actions done ACT-7 --note \"merged, on since Tuesday\""
    )]
    Done {
        #[command(flatten)]
        which: Which,
        /// What was done, and where one can see it.
        #[arg(long)]
        note: String,
    },
    /// Say that it holds, and what shows it.
    #[command(after_help = "Examples:
  afterword actions verify ACT-7 --evidence \"the drill of 2026-12-03 fell over in 4 s\"")]
    Verify {
        #[command(flatten)]
        which: Which,
        /// What shows that it holds.
        #[arg(long)]
        evidence: String,
    },
    /// Say that it does not hold after all.
    #[command(after_help = "Examples:
  afterword actions reopen ACT-7 --reason \"the retry came back with 1.9\"")]
    Reopen(Why),
    /// Say that it will not happen, and why.
    #[command(after_help = "Examples:
  afterword actions drop ACT-7 --reason \"the service is switched off in May\"")]
    Drop(Why),
    /// Do not promise it, and say why.
    #[command(after_help = "Examples:
  afterword actions decline ACT-7 --reason \"the recommendation is met by ACT-9\"")]
    Decline(Why),
}

#[derive(Debug, Args)]
struct Terms {
    #[command(flatten)]
    which: Which,
    /// Who keeps it: me, a handle, or an id.
    #[arg(long)]
    owner: Option<String>,
    /// By when, such as 2026-12-01.
    #[arg(long, value_name = "DAY")]
    due: Option<String>,
    /// How we know that it is done.
    #[arg(long)]
    done_when: Option<String>,
    /// By which day a team that keeps it names a person.
    #[arg(long, value_name = "DAY")]
    name_person_by: Option<String>,
    /// Why.
    #[arg(long)]
    why: Option<String>,
}

impl Actions {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let Some(command) = self.command else { return self.list(client, out).await };
        let only = |to: &str, name: &str, value: String| json!({ "to": to, name: value });
        let (key, said) = match command {
            Command::Of { incident, much } => {
                let path = format!("/retrospectives/{incident}/actions");
                let found = list(client, &path, &[], &much).await?;
                let empty = format!("The retrospective of {incident} has no action.");
                return show(out, &found, NAMES, row, &empty);
            }
            Command::Show(which) => {
                let one = client.get(&format!("/actions/{}", which.action)).await?;
                return out.answer(&one, &told(client, &one));
            }
            Command::Accept(terms) => terms.said(client, "accept").await?,
            Command::Amend(terms) => terms.said(client, "amend").await?,
            Command::Begin(which) => (which.action, json!({ "to": "begin" })),
            Command::Done { which, note } => (which.action, only("finish", "note", note)),
            Command::Verify { which, evidence } => {
                (which.action, only("verify", "evidence", evidence))
            }
            Command::Reopen(why) => (why.which.action, only("reopen", "reason", why.reason)),
            Command::Drop(why) => (why.which.action, only("drop", "reason", why.reason)),
            Command::Decline(why) => (why.which.action, only("decline", "reason", why.reason)),
        };
        let one = client.post(&format!("/actions/{key}/moves"), &said).await?;
        out.answer(&one, &told(client, &one))
    }

    async fn list(&self, client: &Client, out: &mut Out) -> Result<()> {
        let whose = match (self.team, self.everybody) {
            (true, _) => "teams",
            (_, true) => "all",
            _ => "mine",
        };
        let mut query = vec![("whose", whose.to_owned())];
        if self.state != "any" {
            query.push(("state", self.state.clone()));
        }
        query.extend(self.due_before.clone().map(|day| ("due[lt]", day)));
        let found = list(client, "/actions", &query, &self.much).await?;
        let empty = match whose {
            "mine" => {
                "Nothing is yours to do with these filters; --team and --everybody show others'."
            }
            _ => "No action is to be seen with these filters.",
        };
        show(out, &found, NAMES, row, empty)
    }
}

impl Terms {
    async fn said(self, client: &Client, to: &str) -> Result<(String, Value)> {
        let mut said = Map::new();
        said.insert("to".into(), to.into());
        if let Some(owner) = &self.owner {
            said.insert("owner".into(), person(client, owner).await?.into());
        }
        for (name, value) in [
            ("due", self.due),
            ("done_when", self.done_when),
            ("name_person_by", self.name_person_by),
            ("why", self.why),
        ] {
            said.extend(value.map(|value| (name.to_owned(), value.into())));
        }
        Ok((self.which.action, said.into()))
    }
}

const NAMES: &[&str] = &["key", "state", "due", "owner", "incident", "title"];

fn row(one: &Value) -> Vec<String> {
    let overdue = if one["is_overdue"] == true { " (overdue)" } else { "" };
    let or_dash = |name: &str| match text(one, name) {
        "" => "–".to_owned(),
        text => text.to_owned(),
    };
    vec![
        text(one, "key").to_owned(),
        spoken(text(one, "state")),
        format!("{}{overdue}", or_dash("due")),
        or_dash("owner_name"),
        or_dash("incident"),
        text(one, "title").to_owned(),
    ]
}

/// An action in a few lines.
fn told(client: &Client, one: &Value) -> String {
    let mut lines = vec![format!("{}  {}", text(one, "key"), text(one, "title"))];
    let mut now = spoken(text(one, "state"));
    for (word, name) in [("owner", "owner_name"), ("due", "due")] {
        if !text(one, name).is_empty() {
            now = format!("{now}, {word} {}", text(one, name));
        }
    }
    lines.push(now);
    for (word, name) in [("done when", "done_when"), ("last said", "note")] {
        if !text(one, name).is_empty() {
            lines.push(format!("{word}: {}", text(one, name)));
        }
    }
    lines.push(format!("{}/actions/{}", client.url, text(one, "key")));
    lines.join("\n")
}
