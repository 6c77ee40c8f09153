//! What people do to an action: accept, decline, begin, promise otherwise, finish, verify, reopen,
//! drop. Each is the pure step of `action.rs`, a row, a line of history and an audit line, in one
//! transaction.

use super::action::{Owner, Promise, Refused, State, StateName, Step};
use super::propose::{check_owner, must_move};
use super::store::{self, Action};
use super::store_write;
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use kit::db::{Time, Tx};
use kit::web::Problem;
use serde_json::{Value, json};

/// Who, by when, and how we know; what is not said stays as it stands.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Who keeps it.
    pub owner: Option<Owner>,
    /// By when.
    pub due: Option<String>,
    /// How we know.
    pub done_when: Option<String>,
    /// Why it is promised otherwise.
    pub why: String,
}

/// What somebody does to an action.
#[derive(Debug, Clone)]
pub enum Doing {
    /// Promises it.
    Accept(Terms),
    /// Does not promise it, and says why.
    Decline(String),
    /// Begins, also again.
    Begin,
    /// Promises it otherwise.
    Amend(Terms),
    /// Says what was done.
    Finish(String),
    /// Says that it holds and, perhaps, what shows it.
    Verify(String),
    /// Says why it does not hold.
    Reopen(String),
    /// Says why it will not happen.
    Drop(String),
}

fn refuse(refused: Refused) -> Problem {
    match refused.field() {
        Some(field) => Problem::field(field, refused),
        None => Problem::conflict("state", refused),
    }
}

fn promise(action: &Action, terms: &Terms) -> Result<Promise, Problem> {
    let owner = terms.owner.clone().or_else(|| action.owner());
    let Some(owner) = owner else {
        return Err(Problem::field("owner", "Choose the one person who will see to it."));
    };
    let due = terms.due.as_deref().or(action.due.as_deref()).unwrap_or_default();
    let done_when = terms.done_when.as_deref().unwrap_or(&action.done_when);
    Promise::of(owner, due, done_when, action.aim).map_err(refuse)
}

/// What the history says of a promise that was made otherwise.
fn changed(action: &Action, new: &Promise, why: &str) -> String {
    let mut said = Vec::new();
    if action.due.as_deref() != Some(new.due()) {
        said.push(format!("Due {}, was {}.", new.due(), action.due.as_deref().unwrap_or("open")));
    }
    if action.owner().as_ref() != Some(new.owner()) {
        said.push(format!("Handed over by {}.", action.owner_in_words().unwrap_or("nobody")));
    }
    if action.done_when != new.done_when() {
        said.push(format!("Done when was: {}", action.done_when));
    }
    said.push(why.trim().to_owned());
    said.retain(|one| !one.is_empty());
    said.join(" ")
}

/// Does it. `version` is the one that the person looked at, if they looked at one.
///
/// # Errors
/// 404 when it does not exist for the viewer; 403 for who may not; 409 when it cannot go there from
/// where it is or somebody was faster; 422 when something needed is missing (I6, I7).
pub async fn go(
    app: &App,
    viewer: &Viewer,
    number: i64,
    version: Option<i64>,
    doing: Doing,
) -> Result<StateName, Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let action = store::find(&mut tx, viewer, number).await?.ok_or_else(Problem::not_found)?;
    must_move(&action, viewer)?;
    if version.is_some_and(|version| version != action.version) {
        return Err(faster());
    }
    let (steps, note) = steps(&action, viewer, doing)?;
    if let Some(Step::Accept(promise) | Step::Amend(promise)) = steps.first() {
        check_owner(&mut tx, promise.owner()).await?;
    }
    let state = take(&mut tx, &action, &viewer.id, steps, &note, now).await?;
    tx.commit().await?;
    Ok(state)
}

fn faster() -> Problem {
    Problem::conflict("changed", "Somebody changed it meanwhile. Open it again and look.")
}

/// The steps that a deed takes, and what the history says of it. What is finished without having been
/// begun is begun in the same moment.
fn steps(action: &Action, viewer: &Viewer, doing: Doing) -> Result<(Vec<Step>, String), Problem> {
    Ok(match doing {
        Doing::Accept(terms) => {
            let why = terms.why.trim().to_owned();
            (vec![Step::Accept(promise(action, &terms)?)], why)
        }
        Doing::Amend(terms) => {
            let promise = promise(action, &terms)?;
            let note = changed(action, &promise, &terms.why);
            (vec![Step::Amend(promise)], note)
        }
        Doing::Decline(reason) => (vec![Step::Decline { reason: reason.clone() }], reason),
        Doing::Begin => (vec![Step::Begin], String::new()),
        Doing::Finish(note) => {
            let finish = Step::Finish { note: note.clone() };
            let is_begun = action.state != StateName::Accepted;
            (if is_begun { vec![finish] } else { vec![Step::Begin, finish] }, note)
        }
        Doing::Verify(evidence) => {
            let needs_another = action.needs_another();
            let by = viewer.id.clone();
            (vec![Step::Verify { by, evidence: evidence.clone(), needs_another }], evidence)
        }
        Doing::Reopen(reason) => (vec![Step::Reopen { reason: reason.clone() }], reason),
        Doing::Drop(reason) => (vec![Step::Drop { reason: reason.clone() }], reason),
    })
}

/// Takes the steps, writes the last state, and a line of history for each.
async fn take(
    tx: &mut Tx,
    action: &Action,
    by: &PersonId,
    steps: Vec<Step>,
    note: &str,
    now: Time,
) -> Result<StateName, Problem> {
    if note.chars().count() > super::said::TEXT_MAX {
        let long = format!("At most {} characters, please.", super::said::TEXT_MAX);
        return Err(Problem::field("note", long));
    }
    let mut state: State = action.life()?;
    let mut gone = Vec::new();
    for step in steps {
        state = state.after(step).map_err(refuse)?;
        gone.push(state.name());
    }
    if !store_write::set_state(tx, action, action.version, &state, now).await? {
        return Err(faster());
    }
    for (n, name) in gone.iter().enumerate() {
        let note = if n + 1 == gone.len() { note.trim() } else { "" };
        store_write::add_move(tx, &action.id, *name, by, note, now).await?;
    }
    let name = state.name();
    let what = format!("action.{}", name.name());
    let deed = Deed::new(by, &what, action.id.as_str()).of(action.incident_id.as_str());
    let before = json!({ "state": action.state, "owner": action.owner_id, "due": action.due });
    let deed = deed.before(before).after(told(action, &state));
    audit::record(tx, now, deed).await?;
    Ok(name)
}

fn told(action: &Action, state: &State) -> Value {
    let owner = state.promise().map(|promise| match promise.owner() {
        Owner::Person(person) => person.as_str().to_owned(),
        Owner::Team { team, .. } => team.as_str().to_owned(),
    });
    let due = state.promise().map(|promise| promise.due().to_owned());
    json!({ "number": action.number, "state": state.name(), "owner": owner, "due": due })
}

/// Moves an action to the risk of a number, in the transaction that makes that risk (I8).
///
/// # Errors
/// As [`go`].
pub async fn move_to_risk(
    tx: &mut Tx,
    viewer: &Viewer,
    number: i64,
    (reason, risk): (&str, i64),
    now: Time,
) -> Result<Action, Problem> {
    let action = store::find(tx, viewer, number).await?.ok_or_else(Problem::not_found)?;
    must_move(&action, viewer)?;
    let step = Step::MoveToRisk { reason: reason.to_owned(), risk };
    take(tx, &action, &viewer.id, vec![step], reason, now).await?;
    Ok(action)
}
