//! Merging several entries into one, and splitting one into two.

use super::change::{Changed, Changing};
use super::entry::{Content, Entry, EntryId};
use super::promote::{content_of, joined};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::evidence::EvidenceId;
use crate::incidents::Incident;
use kit::web::Problem;

/// Makes one entry of several entries and of pieces that are on none yet. The earliest entry stays.
/// A piece that is on an entry stands for that entry.
///
/// # Errors
/// 403 for who does not write; 404; 422 when there are not at least two.
pub async fn merge(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    entries: &[EntryId],
    pieces: &[EvidenceId],
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let found = changing.evidence(pieces).await?;
    let all = changing.all().await?;
    let chosen: Vec<Entry> = all
        .iter()
        .filter(|entry| {
            entries.contains(&entry.id) || entry.cites.iter().any(|cited| pieces.contains(cited))
        })
        .cloned()
        .collect();
    if !entries.iter().all(|id| chosen.iter().any(|entry| entry.id == *id)) {
        return Err(Problem::not_found());
    }
    let used = |id: &EvidenceId| chosen.iter().any(|entry| entry.cites.contains(id));
    let loose: Vec<Content> = found
        .iter()
        .filter(|piece| !used(&piece.id))
        .map(|piece| content_of(piece, None, None))
        .collect();
    let how_many = chosen.len() + loose.len();
    if how_many < 2 {
        return Err(Problem::field("merge", "Select two or more to merge."));
    }
    let contents = chosen.iter().map(|entry| entry.content.clone()).chain(loose).collect();
    let Some(whole) = joined(contents) else { return Err(Problem::not_found()) };
    match chosen.split_first() {
        // In their order, so the first is the earliest.
        Some((first, rest)) => {
            for entry in rest {
                changing.take_away(entry).await?;
            }
            changing.rewrite(first, whole).await?;
        }
        None => {
            changing.add(whole).await?;
        }
    }
    changing.finish("timeline.merged", format!("Merged {how_many} into one entry."), session).await
}

/// What the second half of a split says.
#[derive(Debug, Clone)]
pub struct Halves {
    /// What the first says from now on.
    pub first_text: String,
    /// The second: its text and time; the rest is as in the whole.
    pub second_text: String,
    /// When the second happened.
    pub second_at: kit::db::Time,
    /// What the second cites; the first keeps what is left.
    pub second_cites: Vec<EvidenceId>,
}

/// Makes two entries of one.
///
/// # Errors
/// 403 for who does not write; 404; 409 when somebody was faster; 422 when the second is to cite what
/// the whole does not.
pub async fn split(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    (id, version): (&EntryId, i64),
    halves: Halves,
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let entry = changing.need(id, Some(version)).await?;
    if let Some(stranger) = halves.second_cites.iter().find(|cited| !entry.cites.contains(cited)) {
        let detail = format!("The entry does not cite {stranger}; choose among what it cites.");
        return Err(Problem::field("second_cites", detail));
    }
    let mut first = Content { text: halves.first_text, ..entry.content.clone() };
    first.cites.retain(|cited| !halves.second_cites.contains(cited));
    let second = Content {
        text: halves.second_text,
        at: halves.second_at,
        until: entry.until.filter(|until| *until >= halves.second_at),
        cites: halves.second_cites,
        ..entry.content.clone()
    };
    changing.rewrite(&entry, first).await?;
    changing.add(second).await?;
    changing.finish("timeline.split", "Split an entry into two.".to_owned(), session).await
}
