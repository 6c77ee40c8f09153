//! `afterword retro investigator INC-42`: whom a review came to, and the answer of who is asked.

use super::client::Client;
use super::lists::{person, spoken};
use super::out::{minute, text};
use super::{Out, incident_key};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

/// Show whom a review came to and by which rule; take it, let it go on, or hand it over.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword retro investigator INC-42
  afterword retro investigator INC-42 --take
  afterword retro investigator INC-42 --pass-on
  afterword retro investigator INC-42 --hand-over bob --context \"ask legal first\"")]
pub(super) struct Investigator {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// It is yours.
    #[arg(long, conflicts_with_all = ["pass_on", "hand_over"])]
    take: bool,
    /// Let it go on to the next; nobody asks why.
    #[arg(long, conflicts_with = "hand_over")]
    pass_on: bool,
    /// Ask somebody to take it over: a handle or an id.
    #[arg(long, value_name = "PERSON")]
    hand_over: Option<String>,
    /// What they need to know.
    #[arg(long, default_value = "", hide_default_value = true, requires = "hand_over")]
    context: String,
}

impl Investigator {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let key = &self.incident;
        let path = format!("/retrospectives/{key}/investigator");
        if self.pass_on {
            client.post(&format!("{path}/passing"), &json!({})).await?;
            return out.answer(&json!({ "passed_on": true }), "It goes on to the next.");
        }
        if let Some(who) = &self.hand_over {
            let said = json!({ "to": person(client, who).await?, "context": self.context });
            client.post(&format!("{path}/handovers"), &said).await?;
            let sentence = "They are asked. Until they take it, it stays where it is.";
            return out.answer(&json!({ "asked": true }), sentence);
        }
        if self.take {
            let search = client.post(&format!("{path}/acceptance"), &json!({})).await?;
            return out.answer(&search, "It is yours.");
        }
        let search = client.get(&path).await?;
        out.answer(&search, &told(&search))
    }
}

fn told(search: &Value) -> String {
    let owner = match text(search, "owner") {
        "" => "Nobody owns it yet".to_owned(),
        name => format!("{name} owns it"),
    };
    let minutes = &search["unowned_minutes"];
    let mut lines = vec![format!("{owner}; {minutes} minutes without an owner so far")];
    for turn in search["turns"].as_array().into_iter().flatten() {
        let name = match text(turn, "name") {
            "" => "nobody",
            name => name,
        };
        let due = match text(turn, "due_at") {
            "" => String::new(),
            due => format!(", to answer by {}", minute(due)),
        };
        let (rule, state) = (spoken(text(turn, "rule")), spoken(text(turn, "state")));
        lines.push(format!("{name} ({rule}): {state}{due}. {}", text(turn, "because")));
        for one in turn["tried"].as_array().into_iter().flatten() {
            lines.push(format!("  not {}: {}", spoken(text(one, "rule")), text(one, "because")));
        }
    }
    lines.join("\n")
}
