//! Writing: sections with their versions, the title, and "no action, because".

use super::retrospective::{Retrospective, SectionState};
use super::store_sections::{self, Section, Written};
use super::{need_for_writing, store};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::incidents::Title;
use kit::db::{Result as DbResult, Time, Tx};
use kit::web::Problem;
use serde_json::{Value, json};

/// The most characters of a section.
pub const SECTION_MAX: usize = 100_000;

/// Edits of one person within so many microseconds are one line of the audit; every text is kept
/// among the versions all the same.
const ONE_SITTING: i64 = 10 * 60 * 1_000_000;

/// What became of an edit.
#[derive(Debug, Clone)]
pub enum Saved {
    /// It stands; the section is now of this version.
    Yes {
        /// Counts the edits.
        version: i64,
        /// How far the section is.
        state: SectionState,
    },
    /// Somebody else wrote since; nothing was overwritten.
    Overtaken {
        /// What stands.
        theirs: Box<Section>,
    },
}

/// How long a text is and its digest: what the audit may know of a draft.
pub(super) fn told(text: &str) -> Value {
    json!({ "characters": text.chars().count(), "sha256": kit::chance::digest(text) })
}

async fn need_section(
    tx: &mut Tx,
    retro: &Retrospective,
    section: &str,
) -> Result<Section, Problem> {
    let found = store_sections::section(tx, &retro.id, section).await?;
    found.ok_or_else(Problem::not_found)
}

/// Writes a section's text, if nobody else did since `version`.
///
/// # Errors
/// 404 for who is not one of its people; 422 when it is too long.
pub async fn write(
    app: &App,
    viewer: &Viewer,
    key: &str,
    section: &str,
    (version, text): (i64, &str),
) -> Result<Saved, Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let count = text.chars().count();
    if count > SECTION_MAX {
        let detail = format!("A section has at most {SECTION_MAX} characters; this has {count}.");
        return Err(Problem::field("text", detail));
    }
    let section = need_section(&mut tx, &retro, section).await?;
    if section.text == text {
        return Ok(Saved::Yes { version: section.version, state: section.state });
    }
    let state = section.state.after_edit(text);
    let written = Written { text, state, by: &viewer.id, at: now };
    if !store_sections::write(&mut tx, &section.id, version, &written).await? {
        return Ok(Saved::Overtaken { theirs: Box::new(section) });
    }
    if !is_same_sitting(&section, viewer, now) {
        let what = if text.trim().is_empty() { "section.emptied" } else { "section.written" };
        record(&mut tx, viewer, (&retro, what, &section), Some(text), now).await?;
    }
    tx.commit().await?;
    Ok(Saved::Yes { version: version + 1, state })
}

fn is_same_sitting(section: &Section, viewer: &Viewer, now: Time) -> bool {
    let since = now.microseconds() - section.updated_at.microseconds();
    section.version > 0
        && section.updated_by.as_deref() == Some(viewer.name.as_str())
        && (0..ONE_SITTING).contains(&since)
}

async fn record(
    tx: &mut Tx,
    viewer: &Viewer,
    (retro, what, section): (&Retrospective, &str, &Section),
    text: Option<&str>,
    now: Time,
) -> DbResult<()> {
    let object = format!("{} {}", retro.id, section.section);
    let deed = Deed::new(&viewer.id, what, &object).of(retro.incident_id.as_str());
    let deed = match text {
        Some(text) => deed.before(told(&section.text)).after(told(text)),
        None => deed.before(json!({ "state": section.state })),
    };
    audit::record(tx, now, deed).await
}

/// Says how far a section is: that others can read it, that somebody stands by it.
///
/// # Errors
/// 404 for who is not one of its people; 409 when it is not of that version, or cannot go there.
pub async fn set_section_state(
    app: &App,
    viewer: &Viewer,
    key: &str,
    section: &str,
    (version, to): (i64, SectionState),
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let section = need_section(&mut tx, &retro, section).await?;
    if section.state == to {
        return Ok(());
    }
    if !section.state.next().contains(&to) {
        let detail = match section.state {
            SectionState::Empty => "Nothing is written in it yet.".to_owned(),
            state => format!("It is {state}; it cannot become {to} in one step."),
        };
        return Err(Problem::conflict("section_state", detail));
    }
    let confirmed_by = (to == SectionState::Confirmed).then_some(&viewer.id);
    if !store_sections::set_state(&mut tx, &section.id, version, to, confirmed_by).await? {
        let detail = "Somebody edited it since you read it. Read it again before you stand by it.";
        return Err(Problem::conflict("changed", detail));
    }
    let object = format!("{} {}", retro.id, section.section);
    let deed = Deed::new(&viewer.id, "section.state", &object).of(retro.incident_id.as_str());
    let deed = deed.before(json!({ "state": section.state })).after(json!({ "state": to }));
    audit::record(&mut tx, now, deed).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes an older text of a section again, as a new version.
///
/// # Errors
/// 404 for who is not one of its people, or when there is no such version.
pub async fn restore(
    app: &App,
    viewer: &Viewer,
    key: &str,
    section: &str,
    (old, version): (i64, i64),
) -> Result<Saved, Problem> {
    let text = {
        let mut conn = app.db.read().await?;
        let retro = need_for_writing(&mut conn, viewer, key).await?;
        let found = store_sections::version(&mut conn, &retro.id, section, old).await?;
        found.ok_or_else(Problem::not_found)?.text
    };
    write(app, viewer, key, section, (version, &text)).await
}

/// Adds a section of the library that the kind does not begin with, with why, if somebody says.
///
/// # Errors
/// 404 for who is not one of its people; 422 when the library has no such section, or the reason is too
/// long.
pub async fn add_section(
    app: &App,
    viewer: &Viewer,
    key: &str,
    (section, because): (&str, &str),
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let Some(section) = retro.library().section(section) else {
        return Err(Problem::field("section", "Choose one of the sections in the list."));
    };
    let because = because.trim();
    if because.chars().count() > super::open::REASON_MAX {
        return Err(Problem::field("reason", "Say it in fewer words, please."));
    }
    let there = store_sections::sections(&mut tx, &retro.id).await?;
    let found = there.iter().find(|one| one.section == section.id);
    if found.is_some_and(|one| one.added_because.is_some())
        || retro.own_sections().contains(&section.id.as_str())
    {
        return Ok(());
    }
    if found.is_none() {
        let last = there.iter().map(|one| one.position).max().unwrap_or(0);
        store_sections::place(&mut tx, &retro.id, &section.id, last + 1, now).await?;
    }
    store_sections::set_added(&mut tx, &retro.id, &section.id, because).await?;
    let deed = Deed::new(&viewer.id, "section.added", retro.id.as_str());
    let deed = deed
        .of(retro.incident_id.as_str())
        .after(json!({ "section": section.id, "because": because }));
    audit::record(&mut tx, now, deed).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives the draft a title of its own.
///
/// # Errors
/// 404 for who is not one of its people; 409 when somebody changed it since `version`.
pub async fn set_title(
    app: &App,
    viewer: &Viewer,
    key: &str,
    (version, title): (i64, &Title),
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    if !store::set_title(&mut tx, &retro.id, version, title.as_str(), now).await? {
        let detail = format!("Somebody changed it meanwhile; the title is now “{}”.", retro.title);
        return Err(Problem::conflict("changed", detail));
    }
    let deed = Deed::new(&viewer.id, "retrospective.titled", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let deed = deed.before(told(&retro.title)).after(told(title.as_str()));
    audit::record(&mut tx, now, deed).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes down why no action follows, or takes that back with an empty text.
///
/// # Errors
/// 404 for who is not one of its people; 409 when `before` is not what stands there.
pub async fn say_no_action(
    app: &App,
    viewer: &Viewer,
    key: &str,
    (before, because): (&str, &str),
) -> Result<(), Problem> {
    let now = app.now();
    let because = because.trim();
    if because.chars().count() > super::open::REASON_MAX {
        let max = super::open::REASON_MAX;
        return Err(Problem::field("because", format!("At most {max} characters, please.")));
    }
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    if !store::set_no_action(&mut tx, &retro.id, before, because, now).await? {
        let stands = &retro.no_action_because;
        let detail =
            format!("Somebody wrote a reason meanwhile: “{stands}”. Yours was not saved over it.");
        return Err(Problem::conflict("changed", detail));
    }
    let deed = Deed::new(&viewer.id, "retrospective.no_action", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let deed = deed.before(told(&retro.no_action_because)).after(told(because));
    audit::record(&mut tx, now, deed).await?;
    tx.commit().await?;
    Ok(())
}
