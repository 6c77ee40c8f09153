//! Editing an entry: anything it says, at any time, also after publication (I14).

use super::change::{Changed, Changing};
use super::entry::{Content, EntryId};
use super::fact::Phase;
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::evidence::EvidenceId;
use crate::incidents::Incident;
use kit::web::Problem;

/// Gives an entry another content, if nobody changed it since `version`. What it cites is kept.
///
/// # Errors
/// 403 for who does not write; 404; 409 when somebody was faster.
pub async fn edit(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    (id, version): (&EntryId, i64),
    content: Content,
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let entry = changing.need(id, Some(version)).await?;
    let content = Content { cites: entry.cites.clone(), ..content };
    changing.rewrite(&entry, content).await?;
    changing.finish("timeline.edited", "Edited an entry.".to_owned(), session).await
}

/// Marks the part of the story that an entry belongs to.
///
/// # Errors
/// 403 for who does not write; 404; 409 when somebody was faster.
pub async fn set_phase(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    (id, version): (&EntryId, Option<i64>),
    phase: Option<Phase>,
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let entry = changing.need(id, version).await?;
    let content = Content { phase, ..entry.content.clone() };
    changing.rewrite(&entry, content).await?;
    let says = match phase {
        Some(phase) => format!("Phase: {}.", phase.label().to_lowercase()),
        None => "Phase: none.".to_owned(),
    };
    changing.finish("timeline.phase_set", says, session).await
}

/// The phase after this one, and none after the last.
#[must_use]
pub fn next_phase(phase: Option<Phase>) -> Option<Phase> {
    match phase {
        None => Phase::ALL.first().copied(),
        Some(phase) => {
            let at = Phase::ALL.iter().position(|other| *other == phase)?;
            Phase::ALL.get(at + 1).copied()
        }
    }
}

/// Marks an entry as from memory, so that it needs no evidence.
///
/// # Errors
/// 403 for who does not write; 404; 409 when somebody was faster.
pub async fn mark_memory(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    (id, version): (&EntryId, Option<i64>),
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let entry = changing.need(id, version).await?;
    let content = Content { from_memory: true, ..entry.content.clone() };
    changing.rewrite(&entry, content).await?;
    changing.finish("timeline.edited", "Marked as from memory.".to_owned(), session).await
}

/// Makes an entry cite more, and some no longer.
///
/// # Errors
/// 403 for who does not write; 404 when the entry or a piece is not there.
pub async fn cite(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    id: &EntryId,
    (more, no_longer): (&[EvidenceId], &[EvidenceId]),
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let entry = changing.need(id, None).await?;
    changing.evidence(more).await?;
    let mut content = entry.content.clone();
    content.cites.extend(more.iter().cloned());
    content.cites.retain(|cited| !no_longer.contains(cited));
    let before = entry.cites.len();
    let after = changing.rewrite(&entry, content).await?.cites.len();
    let says = match after.cmp(&before) {
        std::cmp::Ordering::Greater => "Cited.",
        std::cmp::Ordering::Less => "No longer cited.",
        std::cmp::Ordering::Equal => "Nothing to change: it cites that already.",
    };
    changing.finish("timeline.cited", says.to_owned(), session).await
}

/// Takes an entry off the timeline.
///
/// # Errors
/// 403 for who does not write; 404; 409 when somebody was faster.
pub async fn delete(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    (id, version): (&EntryId, Option<i64>),
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let entry = changing.need(id, version).await?;
    changing.take_away(&entry).await?;
    let says = "Took an entry off the timeline. Its evidence stays.".to_owned();
    changing.finish("timeline.deleted", says, session).await
}
