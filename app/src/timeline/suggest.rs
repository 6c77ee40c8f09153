//! What is proposed to the people who write the timeline: the entries, key times and questions found
//! in the evidence, without what they took up or put aside already.

use super::entry::{Content, Entry, EntryId};
use super::propose::{self, FoundKeyTime, ProposedEntry, Question};
use super::store;
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::evidence::import::item::{Item, Occurred, ZoneOrigin};
use crate::evidence::{self, Evidence, EvidenceId};
use crate::incidents::facts::Facts;
use crate::incidents::times::Telling;
use crate::incidents::{Incident, times};
use kit::db::{Conn, Time};
use kit::web::Problem;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

use super::change::{Changed, Changing};

/// The most pieces of evidence that a timeline is proposed from.
const MOST: i64 = 20_000;

/// A proposed entry.
#[derive(Debug, Clone)]
pub struct Suggested {
    /// What it is called in a form.
    pub mark: String,
    /// What it would say.
    pub content: Content,
    /// Why it is proposed, the weightiest first.
    pub why: Vec<String>,
}

/// A key time that the evidence supports.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is called in a form.
    pub mark: String,
    /// The time, and what in the evidence says so.
    pub time: FoundKeyTime<EvidenceId>,
}

/// Something that a person is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What it is called in a form.
    pub mark: String,
    /// The question.
    pub question: Question<EvidenceId>,
}

/// All that is proposed and open.
#[derive(Debug, Clone, Default)]
pub struct Suggestions {
    /// Entries, in the order of their times.
    pub entries: Vec<Suggested>,
    /// Key times that nobody recorded yet.
    pub times: Vec<Found>,
    /// Questions for people.
    pub questions: Vec<Asked>,
    /// How many lighter entries were left out.
    pub left_out: usize,
    /// How much was put aside by people.
    pub put_aside: usize,
    by_evidence: HashMap<EvidenceId, usize>,
}

impl Suggestions {
    /// The proposed entry that rests on this piece.
    #[must_use]
    pub fn of(&self, piece: &EvidenceId) -> Option<&Suggested> {
        self.by_evidence.get(piece).and_then(|at| self.entries.get(*at))
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.times.is_empty() && self.questions.is_empty()
    }
}

/// An incident's evidence that nobody dismissed, in the order in which it happened.
///
/// # Errors
/// What the database says.
pub async fn evidence_of(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> kit::db::Result<Vec<Evidence>> {
    let filter = evidence::Filter::default();
    evidence::of_incident(conn, viewer, &incident.id, &filter, None, MOST).await
}

/// What is proposed from this evidence and still open.
///
/// # Errors
/// What the database says.
pub async fn suggestions(
    conn: &mut Conn,
    incident: &Incident,
    pieces: &[Evidence],
    entries: &[Entry],
    facts: &Facts,
) -> kit::db::Result<Suggestions> {
    let mut items: Vec<(EvidenceId, Item)> = Vec::with_capacity(pieces.len());
    for piece in pieces.iter().filter(|piece| !piece.dismissed) {
        let mut item = item_of(piece);
        if piece.kind == evidence::Kind::Metric {
            item.series = evidence::series(conn, piece).await?;
        }
        items.push((piece.id.clone(), item));
    }
    let aside: HashSet<String> = store::put_asides(conn, incident).await?.into_iter().collect();
    let proposal = propose::propose(&items);
    let cited: HashSet<&EvidenceId> = entries.iter().flat_map(|entry| &entry.cites).collect();
    let mut open = Suggestions { left_out: proposal.left_out, ..Suggestions::default() };
    for proposed in proposal.entries {
        if proposed.cites.iter().any(|id| cited.contains(id)) {
            continue;
        }
        let mark = mark_of("entry", &proposed.cites);
        if aside.contains(&mark) {
            open.put_aside += 1;
            continue;
        }
        let why = proposed.reasons.iter().map(ToString::to_string).collect();
        for id in &proposed.cites {
            open.by_evidence.entry(id.clone()).or_insert(open.entries.len());
        }
        open.entries.push(Suggested { mark, content: content_of(proposed), why });
    }
    let is_recorded = |time: &FoundKeyTime<EvidenceId>| {
        facts.times.iter().any(|recorded| recorded.name == time.name)
    };
    for time in proposal.key_times.into_iter().filter(|time| !is_recorded(time)) {
        let mark = mark_of("key time", &(&time.name, &time.cites));
        match aside.contains(&mark) {
            true => open.put_aside += 1,
            false => open.times.push(Found { mark, time }),
        }
    }
    for question in proposal.questions {
        if is_answered(&question, entries, facts) {
            continue;
        }
        let mark = mark_of("question", &question);
        match aside.contains(&mark) {
            true => open.put_aside += 1,
            false => open.questions.push(Asked { mark, question }),
        }
    }
    Ok(open)
}

/// A piece as the importer gave it, so far as proposing reads it.
fn item_of(piece: &Evidence) -> Item {
    Item {
        kind: piece.kind,
        source: piece.source.clone(),
        external_id: piece.external_id.clone(),
        occurred: Occurred {
            at: piece.occurred_at.timestamp(),
            precision: piece.precision,
            zone: ZoneOrigin::Instant,
        },
        author: piece.author.clone(),
        author_is_bot: piece.author_is_bot,
        text: piece.body.clone(),
        place: piece.place.clone(),
        answers: piece.answers.clone(),
        url: piece.url.clone(),
        signals: evidence::Signals {
            pinned: piece.signals.pinned || piece.pinned,
            ..piece.signals.0.clone()
        },
        series: Vec::new(),
    }
}

fn content_of(proposed: ProposedEntry<EvidenceId>) -> Content {
    let mut cites = proposed.cites;
    cites.sort();
    Content {
        precision: proposed.precision,
        phase: proposed.phase,
        actor: proposed.actor,
        cites,
        ..Content::plain(Time::new(proposed.at), proposed.fact, &proposed.text)
    }
}

/// A digest by which a proposal is known again.
fn mark_of(sort: &str, of: &impl serde::Serialize) -> String {
    let said = serde_json::to_string(&(sort, of)).unwrap_or_default();
    hex::encode(&Sha256::digest(said.as_bytes())[..12])
}

/// Whether an entry or a key time answers a question.
fn is_answered(question: &Question<EvidenceId>, entries: &[Entry], facts: &Facts) -> bool {
    match question {
        Question::Gap { from, to, .. } => {
            let within = |entry: &Entry| {
                let (from, to) = (Time::new(*from), Time::new(*to));
                from < entry.at && entry.at < to
            };
            entries.iter().any(within)
        }
        Question::Missing { key_time, .. } => {
            facts.times.iter().any(|recorded| recorded.name == *key_time)
        }
        Question::Contradiction { .. } | Question::ZoneDoubt { .. } => false,
    }
}

/// Which proposals somebody takes up.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// One, by its mark.
    One(String),
    /// All that are open.
    All,
}

/// Puts proposed entries on the timeline.
///
/// # Errors
/// 403 for who does not write; 404 when the proposal is no longer open.
pub async fn accept(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    chosen: &Chosen,
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let open = open(app, viewer, incident).await?;
    let mut changing = Changing::begin(app, viewer, incident).await?;
    let wanted = open.entries.into_iter().filter(|suggested| match chosen {
        Chosen::One(mark) => suggested.mark == *mark,
        Chosen::All => true,
    });
    let mut n = 0;
    for suggested in wanted {
        changing.add(suggested.content).await?;
        n += 1;
    }
    if n == 0 {
        let detail = "This is no longer proposed: it is on the timeline, or was put aside.";
        return Err(Problem::conflict("not_proposed", detail));
    }
    let entries = crate::shell::words::count(n, "proposed entry", "proposed entries");
    changing.finish("timeline.accepted", format!("Took over {entries}."), session).await
}

/// All that is proposed and open, read anew.
///
/// # Errors
/// What the database says, as a problem.
pub async fn open(app: &App, viewer: &Viewer, incident: &Incident) -> Result<Suggestions, Problem> {
    let mut conn = app.db.read().await?;
    let pieces = evidence_of(&mut conn, viewer, incident).await?;
    let entries = super::of_incident(&mut conn, viewer, incident).await?;
    let facts = crate::incidents::facts::of(&mut conn, incident, app.now()).await?;
    Ok(suggestions(&mut conn, incident, &pieces, &entries, &facts).await?)
}

/// Puts a proposal, found time or question aside for everybody; nothing, to bring all of them back.
///
/// # Errors
/// 403 for who does not write; 422 when it is no mark.
pub async fn put_aside(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    mark: Option<&str>,
    session: Option<&Session>,
) -> Result<(), Problem> {
    viewer.must_write()?;
    let is_mark = |text: &str| text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if mark.is_some_and(|mark| !is_mark(mark)) {
        return Err(Problem::field("mark", "Open the page again and choose what to put aside."));
    }
    let mut tx = app.db.write().await?;
    let (what, says) = match mark {
        Some(mark) => {
            store::put_aside(&mut tx, &incident.id, mark, &viewer.id, app.now()).await?;
            ("timeline.put_aside", "Put aside. It can be brought back below.")
        }
        None => {
            store::bring_back(&mut tx, &incident.id).await?;
            ("timeline.brought_back", "What was put aside is proposed again.")
        }
    };
    let key = incident.key().to_string();
    let deed = crate::audit::Deed::new(&viewer.id, what, &key).of(incident.id.as_str());
    let deed = deed.after(serde_json::json!({ "mark": mark }));
    crate::audit::record(&mut tx, app.now(), deed).await?;
    if let Some(session) = session {
        crate::people::session::say(&mut tx, session, says).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Records a key time that was found in the evidence. Gives the sentence that says so.
///
/// # Errors
/// 403 for who does not write; 409 when it is no longer proposed.
pub async fn record_time(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    mark: &str,
    session: Option<&Session>,
) -> Result<String, Problem> {
    let open = open(app, viewer, incident).await?;
    let Some(found) = open.times.into_iter().find(|found| found.mark == mark) else {
        let detail = "This time is no longer proposed: it is recorded, or was put aside.";
        return Err(Problem::conflict("not_proposed", detail));
    };
    let mut conn = app.db.read().await?;
    let shows = found.time.cites.first();
    let piece = match shows {
        Some(id) => evidence::find(&mut conn, viewer, &incident.id, id).await?,
        None => None,
    };
    drop(conn);
    let telling = Telling {
        name: found.time.name,
        moment: found.time.moment(),
        source: piece.map_or("evidence", |piece| piece.kind.name()).to_owned(),
        evidence_id: shows.map(ToString::to_string),
        reason: String::new(),
    };
    times::tell(app, viewer, incident, telling, session).await
}

/// The entries that rest on each piece.
#[must_use]
pub fn by_evidence(entries: &[Entry]) -> HashMap<&EvidenceId, Vec<&EntryId>> {
    let mut by: HashMap<&EvidenceId, Vec<&EntryId>> = HashMap::new();
    for entry in entries {
        for id in &entry.cites {
            by.entry(id).or_default().push(&entry.id);
        }
    }
    by
}
