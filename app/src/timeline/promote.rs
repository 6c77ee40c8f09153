//! Promoting: evidence becomes an entry that cites it.

use super::change::{Changed, Changing};
use super::entry::{Content, TEXT_MAX, shortened};
use super::fact::{Fact, Phase};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::evidence::Kind;
use crate::evidence::{Evidence, EvidenceId};
use crate::incidents::Incident;
use crate::incidents::key_time::Precision;
use kit::web::Problem;

/// The most characters taken from a source; the whole of it is cited.
const EXCERPT: usize = 1000;

/// The kind of fact that a kind of evidence usually tells of.
fn usual_fact(kind: Kind) -> Fact {
    match kind {
        Kind::Alert | Kind::Metric | Kind::Log | Kind::Ticket => Fact::Indicator,
        Kind::Deploy | Kind::Config | Kind::Flag => Fact::Action,
        Kind::StatusPost => Fact::Communication,
        Kind::File | Kind::Link => Fact::Context,
        Kind::Chat | Kind::Page | Kind::CallTranscript | Kind::InterviewAnswer | Kind::Manual => {
            Fact::Event
        }
    }
}

/// What an entry says that tells of this piece: its text, time, precision and author.
#[must_use]
pub fn content_of(piece: &Evidence, fact: Option<Fact>, phase: Option<Phase>) -> Content {
    let precision = Precision::parse(piece.precision.name()).unwrap_or(Precision::Second);
    let mut text = shortened(&piece.body, EXCERPT.min(TEXT_MAX));
    if text.is_empty() {
        text = piece.file_name.clone().unwrap_or_else(|| format!("({})", piece.kind.label()));
    }
    let actor = piece.author.as_deref().map(str::trim).filter(|author| !author.is_empty());
    let actor = actor.map(|author| match piece.author_is_bot {
        true => format!("system:{author}"),
        false => author.to_owned(),
    });
    Content {
        precision,
        phase,
        actor,
        tie: piece.tie,
        cites: vec![piece.id.clone()],
        ..Content::plain(piece.occurred_at, fact.unwrap_or_else(|| usual_fact(piece.kind)), &text)
    }
}

/// Several contents as one: citations united, the earliest time, texts joined.
///
/// Known then only if all of it was; from memory only if all of it is.
#[must_use]
pub fn joined(mut contents: Vec<Content>) -> Option<Content> {
    contents.sort_by(Content::order);
    let mut parts = contents.into_iter();
    let mut whole = parts.next()?;
    let mut texts = vec![whole.text.clone()];
    for part in parts {
        if !texts.contains(&part.text) {
            texts.push(part.text);
        }
        whole.until = whole.until.max(part.until);
        whole.phase = whole.phase.or(part.phase);
        whole.actor = whole.actor.or(part.actor);
        whole.result = whole.result.or(part.result);
        whole.known_then &= part.known_then;
        whole.learned_at = whole.learned_at.max(part.learned_at);
        whole.from_memory &= part.from_memory;
        whole.cites.extend(part.cites);
    }
    if whole.fact != Fact::Action {
        whole.result = None;
    }
    whole.text = shortened(&texts.join("\n"), TEXT_MAX);
    whole.cites.sort();
    whole.cites.dedup();
    Some(whole)
}

/// Makes one entry of one or several pieces.
///
/// # Errors
/// 403 for who does not write; 404 when a piece is not there; 409 when a single piece is on the
/// timeline already.
pub async fn promote(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    pieces: &[EvidenceId],
    as_what: (Option<Fact>, Option<Phase>),
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let found = changing.evidence(pieces).await?;
    let contents = found.iter().map(|piece| content_of(piece, as_what.0, as_what.1)).collect();
    let Some(content) = joined(contents) else {
        return Err(Problem::field("evidence", "Select what the entry shall tell of."));
    };
    if let [one] = pieces
        && changing.all().await?.iter().any(|entry| entry.cites == [one.clone()])
    {
        let detail = "This is on the timeline already. Edit its entry, or write another by hand.";
        return Err(Problem::conflict("on_timeline", detail));
    }
    changing.add(content).await?;
    let says = match pieces.len() {
        1 => "Put on the timeline.".to_owned(),
        n => format!("Put {n} sources on the timeline as one entry."),
    };
    changing.finish("timeline.promoted", says, session).await
}
