//! What is done with steps: skip, take up again, say what was done elsewhere, add, reorder. Each by one of
//! the draft's people, with words that are kept.

use super::plan::{Planned, StepState, place_before};
use super::read;
use super::store::{self, Own, Saying, Word};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::calendars::Offset;
use crate::kinds::Anchor;
use crate::retrospectives::{self as retros, Retrospective};
use kit::db::Tx;
use kit::web::Problem;
use serde_json::{Value, json};

/// The longest reason or note.
pub const WORDS_MAX: usize = 600;
/// The most steps that a run may add.
const MOST_OWN: usize = 40;

/// A step to be added.
#[derive(Debug, Clone)]
pub struct NewStep {
    /// What is done: one line.
    pub name: String,
    /// By whom, as a role: `investigator`, `legal`.
    pub role: String,
    /// What its due date counts from.
    pub anchor: Anchor,
    /// How long after.
    pub offset: Offset,
    /// Why it is added.
    pub reason: String,
}

fn words<'a>(field: &str, text: &'a str, ask: &str) -> Result<&'a str, Problem> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Problem::field(field, ask)),
        n if n > WORDS_MAX => {
            Err(Problem::field(field, format!("At most {WORDS_MAX} characters; this has {n}.")))
        }
        _ => Ok(text),
    }
}

/// The retrospective and the step of it, for one of its people who may write.
async fn need(
    tx: &mut Tx,
    viewer: &Viewer,
    key: &str,
    step: &str,
) -> Result<(Retrospective, Planned), Problem> {
    let retro = retros::need_for_writing(tx, viewer, key).await?;
    let all = read::of(tx, viewer, &retro).await?;
    let found = all.into_iter().find(|one| one.id == step);
    Ok((retro, found.ok_or_else(Problem::not_found)?))
}

async fn record(
    tx: &mut Tx,
    app: &App,
    viewer: &Viewer,
    retro: &Retrospective,
    what: &str,
    after: Value,
) -> Result<(), Problem> {
    let deed = Deed::new(&viewer.id, what, retro.id.as_str()).of(retro.incident_id.as_str());
    audit::record(tx, app.now(), deed.after(after)).await?;
    Ok(())
}

/// Goes without a step.
///
/// # Errors
/// 404 for who is not one of the draft's people, or when there is no such step; 409 when it is done; 422
/// without a reason.
pub async fn skip(
    app: &App,
    viewer: &Viewer,
    key: &str,
    step: &str,
    reason: &str,
) -> Result<(), Problem> {
    let mut tx = app.db.write().await?;
    let (retro, planned) = need(&mut tx, viewer, key, step).await?;
    let text = words("reason", reason, "Say why this run goes without it.")?;
    if planned.state == StepState::Done {
        let detail = format!("It is done: {}.", planned.because);
        return Err(Problem::conflict("done", detail));
    }
    let word = Word { text, by: &viewer.id, at: app.now() };
    store::say(&mut tx, &retro.id, step, Saying::Skipped, Some(word)).await?;
    let after = json!({ "step": step, "because": text });
    record(&mut tx, app, viewer, &retro, "step.skipped", after).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a step up again that was skipped.
///
/// # Errors
/// As [`skip`].
pub async fn take_up(app: &App, viewer: &Viewer, key: &str, step: &str) -> Result<(), Problem> {
    let is_skipped = |planned: &Planned| planned.state == StepState::Skipped;
    unsay(app, viewer, (key, step), (Saying::Skipped, "step.taken_up"), is_skipped).await
}

/// Says what was done, and where that is seen, for a step that no fact of ours completes.
///
/// # Errors
/// As [`skip`]; 409 when a fact completes it, with which.
pub async fn say_done(
    app: &App,
    viewer: &Viewer,
    key: &str,
    step: &str,
    note: &str,
) -> Result<(), Problem> {
    let mut tx = app.db.write().await?;
    let (retro, planned) = need(&mut tx, viewer, key, step).await?;
    if !planned.by_words {
        let detail = format!("It completes itself: {}.", planned.completes);
        return Err(Problem::conflict("by_fact", detail));
    }
    let text = words("note", note, "Say what was done, and where one can see it.")?;
    let word = Word { text, by: &viewer.id, at: app.now() };
    store::say(&mut tx, &retro.id, step, Saying::Done, Some(word)).await?;
    record(&mut tx, app, viewer, &retro, "step.done", json!({ "step": step, "note": text }))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes back what was said of a step: it is open again.
///
/// # Errors
/// As [`skip`].
pub async fn take_back(app: &App, viewer: &Viewer, key: &str, step: &str) -> Result<(), Problem> {
    let is_said = |planned: &Planned| planned.by_words && planned.state == StepState::Done;
    unsay(app, viewer, (key, step), (Saying::Done, "step.reopened"), is_said).await
}

/// Puts a step on hold: it waits for something outside.
///
/// # Errors
/// As [`skip`]; 409 when it is done or skipped.
pub async fn hold(
    app: &App,
    viewer: &Viewer,
    key: &str,
    step: &str,
    reason: &str,
) -> Result<(), Problem> {
    let mut tx = app.db.write().await?;
    let (retro, planned) = need(&mut tx, viewer, key, step).await?;
    let text = words("reason", reason, "Say what it waits for.")?;
    if matches!(planned.state, StepState::Done | StepState::Skipped) {
        let detail = format!("It is {}: {}.", planned.state, planned.because);
        return Err(Problem::conflict("not_open", detail));
    }
    let word = Word { text, by: &viewer.id, at: app.now() };
    store::say(&mut tx, &retro.id, step, Saying::Held, Some(word)).await?;
    let after = json!({ "step": step, "because": text });
    record(&mut tx, app, viewer, &retro, "step.held", after).await?;
    tx.commit().await?;
    Ok(())
}

/// Goes on with a step that was on hold.
///
/// # Errors
/// As [`skip`].
pub async fn go_on(app: &App, viewer: &Viewer, key: &str, step: &str) -> Result<(), Problem> {
    let is_held = |planned: &Planned| planned.state == StepState::OnHold;
    unsay(app, viewer, (key, step), (Saying::Held, "step.went_on"), is_held).await
}

/// Takes back what was said of a step, where it still holds; the deed is named for the record.
async fn unsay(
    app: &App,
    viewer: &Viewer,
    (key, step): (&str, &str),
    (saying, deed): (Saying, &'static str),
    holds: impl Fn(&Planned) -> bool,
) -> Result<(), Problem> {
    let mut tx = app.db.write().await?;
    let (retro, planned) = need(&mut tx, viewer, key, step).await?;
    if holds(&planned) {
        store::say(&mut tx, &retro.id, step, saying, None).await?;
        record(&mut tx, app, viewer, &retro, deed, json!({ "step": step })).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Adds a step that the kind has not. Says its id.
///
/// # Errors
/// 404 for who is not one of the draft's people; 422 without a name, a role or a reason.
pub async fn add(app: &App, viewer: &Viewer, key: &str, new: &NewStep) -> Result<String, Problem> {
    let mut tx = app.db.write().await?;
    let retro = retros::need_for_writing(&mut tx, viewer, key).await?;
    let name = words("name", &new.name, "Say what is done.")?;
    let role = words("role", &new.role, "Say who does it, as a role.")?;
    let role = role.to_lowercase().replace(char::is_whitespace, "_");
    let reason = words("reason", &new.reason, "Say why this run needs it.")?;
    let rows = store::rows(&mut tx, &retro.id).await?;
    let own = rows.iter().filter_map(|row| row.step.strip_prefix("own-")?.parse::<usize>().ok());
    let last = own.max().unwrap_or(0);
    if last >= MOST_OWN {
        let detail = format!("A run has at most {MOST_OWN} steps of its own.");
        return Err(Problem::conflict("too_many", detail));
    }
    let step = format!("own-{}", last + 1);
    let (anchor, offset) = (new.anchor, new.offset);
    let own = Own { step: &step, name, role: &role, anchor, offset, reason };
    store::insert(&mut tx, &retro.id, &own).await?;
    let after = json!({ "step": step, "name": name, "role": role, "because": reason });
    record(&mut tx, app, viewer, &retro, "step.added", after).await?;
    tx.commit().await?;
    Ok(step)
}

/// Puts a step before another, or last.
///
/// # Errors
/// As [`skip`]; 422 when there is no such other step.
pub async fn move_before(
    app: &App,
    viewer: &Viewer,
    key: &str,
    step: &str,
    before: Option<&str>,
    reason: &str,
) -> Result<(), Problem> {
    let mut tx = app.db.write().await?;
    let retro = retros::need_for_writing(&mut tx, viewer, key).await?;
    let all = read::of(&mut tx, viewer, &retro).await?;
    if all.iter().all(|one| one.id != step) {
        return Err(Problem::not_found());
    }
    let reason = words("reason", reason, "Say why the order is another one here.")?;
    let place = place_before(&all, step, before)
        .ok_or_else(|| Problem::field("before", "There is no such step in this run."))?;
    store::set_place(&mut tx, &retro.id, step, place, reason).await?;
    let after = json!({ "step": step, "before": before, "because": reason });
    record(&mut tx, app, viewer, &retro, "step.moved", after).await?;
    tx.commit().await?;
    Ok(())
}
