//! `afterword retro INC-42`: where the retrospective is and what comes next; opening, waiving, moving
//! it on, its people. Its sections are in `sections.rs`.

use super::client::Client;
use super::exit::{Exit, exit_of};
use super::lists::{one_of, person, spoken};
use super::out::text;
use super::{Out, incident_key, investigator, sections};
use crate::retrospectives::{Role, State, WaiverCode};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Show where a retrospective is and what comes next; open it, write it, move it on.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:
  afterword retro INC-42
  afterword retro open INC-42 --owner me
  afterword retro read INC-42 sum > sum.md
  afterword retro write INC-42 sum sum.md --version 3
  afterword retro waive INC-42 --code known_and_treated"
)]
pub(super) struct Retro {
    #[command(subcommand)]
    command: Option<Command>,
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key, required = true)]
    incident: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Open(Open),
    Waive(Waive),
    Move(Move),
    People(People),
    Investigator(investigator::Investigator),
    Sections(sections::List),
    Read(sections::Read),
    Write(sections::Write),
    Fields(Fields),
    New(New),
}

/// Show what stands in the fields of a retrospective and what is missing; fill one in.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword retro fields INC-42
  afterword retro fields INC-42 --set roll-decided=1160 --set 'data-fate=[\"wrong\"]'
  afterword --json retro fields INC-42 | jq '.missing[]'")]
struct Fields {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// A field's id and what is written in it: JSON as its type has it, or else a line. Empty: it is emptied.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = field_value)]
    set: Vec<(String, Value)>,
}

/// `roll-decided=1160` as the field and its value.
fn field_value(text: &str) -> Result<(String, Value), String> {
    let (field, value) = text.split_once('=').ok_or("Say it such as roll-decided=1160.")?;
    let value = match value {
        "" => Value::Null,
        value => serde_json::from_str(value).unwrap_or_else(|_| json!(value)),
    };
    Ok((field.to_owned(), value))
}

/// Look back at a project or an event that was no incident.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword retro new \"Moving the ledger\" --why \"It went well, and we want to know why\"")]
struct New {
    /// What it was, in plain words.
    title: String,
    /// Why look back at it.
    #[arg(long)]
    why: String,
    /// The kind of review.
    #[arg(long, default_value = "standard")]
    kind: String,
    /// Only people on its list see it, you first.
    #[arg(long)]
    private: bool,
}

impl Fields {
    async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let path = format!("/retrospectives/{}/fields", self.incident);
        let all = if self.set.is_empty() {
            client.get(&path).await?
        } else {
            let fields = self.set.into_iter().map(|(id, value)| (id, json!({ "value": value })));
            let fields: serde_json::Map<String, Value> = fields.collect();
            client.patch(&path, &json!({ "fields": fields })).await?
        };
        let mut lines: Vec<String> = Vec::new();
        for one in all["fields"].as_array().into_iter().flatten() {
            let words = text(one, "words").replace('\n', "; ");
            let words = if words.is_empty() { "–".to_owned() } else { words };
            lines.push(format!("{:<20} {words}", text(&one["field"], "id")));
        }
        for one in all["missing"].as_array().into_iter().flatten() {
            let (field, milestone) = (text(one, "field"), spoken(text(one, "milestone")));
            lines.push(format!("missing for {milestone}: {field}"));
        }
        if lines.is_empty() {
            lines.push("This kind wants no fields.".to_owned());
        }
        out.answer(&all, &lines.join("\n"))
    }
}

impl New {
    async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let said = json!({
            "title": self.title, "why": self.why, "kind": self.kind, "private": self.private,
        });
        let draft = client.post("/retrospectives", &said).await?;
        let url = format!("{}{}", client.url, text(&draft, "url"));
        out.answer(&draft, &format!("{} is yours: {url}", text(&draft, "incident")))
    }
}

/// Open a retrospective.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword retro open INC-42
  afterword retro open INC-42 --kind major --reason \"money was lost\" --owner me --facilitator bob")]
struct Open {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// Its kind; the proposed one when missing.
    #[arg(long)]
    kind: Option<String>,
    /// Why this kind, when it is not the proposed one.
    #[arg(long)]
    reason: Option<String>,
    /// Who writes it, or sees that it is written: me, a handle, or an id.
    #[arg(long)]
    owner: Option<String>,
    /// Who leads the conversation.
    #[arg(long)]
    facilitator: Option<String>,
    /// One more beside one that is under way.
    #[arg(long)]
    another: bool,
}

/// Say that no retrospective is written, and why.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword retro waive INC-42 --code known_and_treated
  afterword retro waive INC-42 --code other --text \"the supplier reviews it; we take part\"")]
struct Waive {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// Why, as a word.
    #[arg(long, value_parser = one_of(WaiverCode::ALL.iter().map(|one| one.name())))]
    code: String,
    /// Why, in words; needed where the word alone says nothing.
    #[arg(long, default_value = "", hide_default_value = true)]
    text: String,
}

/// Move a retrospective on; `afterword retro INC-42` says to where.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword retro move INC-42 in_review
  afterword retro move INC-42 on_hold --reason \"the supplier answers next week\"")]
struct Move {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// To where.
    #[arg(value_parser = one_of(State::ALL.iter().map(|one| one.name())))]
    state: String,
    /// Why; needed to put it on hold.
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

/// Show whom a draft is shared with; share it with one more, or no longer.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword retro people INC-42
  afterword retro people INC-42 --add bob --role reviewer
  afterword retro people INC-42 --remove bob")]
struct People {
    /// The incident, such as INC-42.
    #[arg(value_parser = incident_key)]
    incident: String,
    /// Share it with them: a handle or an id.
    #[arg(long, value_name = "PERSON", conflicts_with = "remove")]
    add: Option<String>,
    /// As what they are added.
    #[arg(long, default_value = "reviewer", value_parser = one_of(Role::ALL.iter().map(|one| one.name())))]
    role: String,
    /// No longer share it with them.
    #[arg(long, value_name = "PERSON")]
    remove: Option<String>,
}

impl Retro {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        match self.command {
            None => show(client, &self.incident.unwrap_or_default(), out).await,
            Some(Command::Open(open)) => open.run(client, out).await,
            Some(Command::Fields(fields)) => fields.run(client, out).await,
            Some(Command::New(new)) => new.run(client, out).await,
            Some(Command::Waive(waive)) => {
                let said = json!({ "code": waive.code, "text": waive.text });
                let path = format!("/incidents/{}/retrospectives/waive", waive.incident);
                let review = client.post(&path, &said).await?;
                let sentence = format!("The retrospective of {} is waived.", waive.incident);
                out.answer(&review, &sentence)
            }
            Some(Command::Move(to)) => {
                let said = json!({ "state": to.state, "reason": to.reason });
                let path = format!("/retrospectives/{}/moves", to.incident);
                let draft = client.post(&path, &said).await?;
                out.answer(&draft, &told(client, &draft))
            }
            Some(Command::People(people)) => people.run(client, out).await,
            Some(Command::Investigator(one)) => one.run(client, out).await,
            Some(Command::Sections(list)) => list.run(client, out).await,
            Some(Command::Read(read)) => read.run(client, out).await,
            Some(Command::Write(write)) => write.run(client, out).await,
        }
    }
}

/// The draft when it is shared, and how the incident is reviewed in any case.
async fn show(client: &Client, key: &str, out: &mut Out) -> Result<()> {
    let review = client.get(&format!("/incidents/{key}/retrospectives")).await?;
    let draft = match client.get(&format!("/retrospectives/{key}")).await {
        Ok(draft) => draft,
        Err(error) if exit_of(&error) == Exit::NotFound => Value::Null,
        Err(error) => return Err(error),
    };
    if out.json {
        return out.value(&json!({ "review": review, "retrospective": draft }));
    }
    if !draft.is_null() {
        return out.line(&told(client, &draft));
    }
    let all = review["retrospectives"].as_array().map(Vec::as_slice).unwrap_or_default();
    for one in all {
        let reason = match text(one, "reason") {
            "" => String::new(),
            reason => format!(": {reason}"),
        };
        let state = spoken(text(one, "state"));
        out.line(&format!(
            "{}  {} retrospective, {state}{reason}",
            text(one, "key"),
            text(one, "kind")
        ))?;
    }
    if !all.is_empty() {
        return out.line("Its draft is not shared with you.");
    }
    let proposal = &review["proposal"];
    let kind = match text(proposal, "kind") {
        "" => "No review is proposed".to_owned(),
        kind => format!("No retrospective yet; `{kind}` is proposed"),
    };
    out.line(&format!("{kind}: {}", text(proposal, "reason")))?;
    if review["may_decide"] == true {
        out.line(&format!(
            "Next: afterword retro open {key}, or afterword retro waive {key} --code …"
        ))?;
    }
    Ok(())
}

/// A draft in a few lines, its next step last.
fn told(client: &Client, draft: &Value) -> String {
    let key = text(draft, "key");
    let owner = match text(&draft["owner"], "name") {
        "" => "nobody owns it yet".to_owned(),
        name => format!("owner {name}"),
    };
    let mut lines = vec![
        format!("{key}  {}", text(draft, "title")),
        format!("{} retrospective, {}, {owner}", text(draft, "kind"), spoken(text(draft, "state"))),
        format!("{} of {} sections have words", draft["sections_written"], draft["sections"]),
    ];
    let becomes = draft["can_become"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let becomes: Vec<&str> = becomes.collect();
    if !becomes.is_empty() {
        lines.push(format!("can become: {}", becomes.join(", ")));
    }
    let next = &draft["next_step"];
    if next.is_object() {
        lines.push(format!(
            "Next: {}. {}",
            text(next, "sentence").trim_end_matches('.'),
            text(next, "why")
        ));
        lines.push(format!("{}{}", client.url, text(next, "url")));
    } else {
        lines.push(format!("{}{}", client.url, text(draft, "url")));
    }
    lines.join("\n")
}

impl Open {
    async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let path = format!("/incidents/{}/retrospectives", self.incident);
        let kind = match self.kind {
            Some(kind) => kind,
            None => {
                let review = client.get(&path).await?;
                let proposed = text(&review["proposal"], "kind").to_owned();
                if proposed.is_empty() { "standard".to_owned() } else { proposed }
            }
        };
        let mut said = json!({ "kind": kind, "another": self.another });
        if let Some(reason) = self.reason {
            said["reason"] = reason.into();
        }
        for (name, who) in [("owner", self.owner), ("facilitator", self.facilitator)] {
            if let Some(who) = who {
                said[name] = person(client, &who).await?.into();
            }
        }
        let draft = client.post(&path, &said).await?;
        out.answer(&draft, &told(client, &draft))
    }
}

impl People {
    async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let path = format!("/retrospectives/{}/people", self.incident);
        if let Some(who) = &self.add {
            let who = person(client, who).await?;
            client.post(&path, &json!({ "person": who, "role": self.role })).await?;
        }
        if let Some(who) = &self.remove {
            let who = person(client, who).await?;
            client.delete(&format!("{path}/{who}")).await?;
        }
        let people = client.get(&path).await?;
        if out.json {
            return out.value(&people);
        }
        let row = |one: &Value| {
            let roles = one["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let roles = roles.map(spoken).collect::<Vec<_>>().join(", ");
            vec![text(one, "handle").to_owned(), text(one, "name").to_owned(), roles]
        };
        let rows: Vec<_> = people["people"].as_array().into_iter().flatten().map(row).collect();
        out.table(&["handle", "name", "as"], &rows)
    }
}
