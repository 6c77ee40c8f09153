//! What is shown of the answers: read from the database as the viewer sees it, with the passages that
//! tell why they were found.

use super::collect::Gate;
use super::counts::{Count, Counts};
use super::doc::{What, evidence_at};
use super::engine::View;
use super::find::{Found, Hit, find};
use super::handle::State;
use super::passage::{Marker, Part};
use super::question::Question;
use super::simple::simple;
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::{Incident, Kind, Label, Status, store_index};
use crate::retrospectives;
use kit::db::Conn;
use kit::web::Problem;
use serde::Serialize;
use std::collections::HashMap;
use std::time::Duration;
use tantivy::schema::Value;
use tantivy::{DocAddress, TantivyDocument, TantivyError};
use utoipa::ToSchema;

/// How many answers a page shows.
pub const PAGE: usize = 20;

/// How many passages are shown of an answer.
const PASSAGES: usize = 2;

/// The most values of a choice.
const CHOICES: usize = 12;

/// How long a search may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where an answer was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SearchPlace)]
pub struct Place {
    /// `timeline`, `evidence`, `action`, …
    pub what: What,
    /// What it is called there, `ACT-7`; may be empty.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// What it says there.
    pub passage: Vec<Part>,
    #[serde(skip)]
    pub(super) nth: i64,
    #[serde(skip)]
    pub(super) has: usize,
}

impl Place {
    /// Where, in words: `the timeline`, `an action, ACT-7`.
    #[must_use]
    pub fn says(&self) -> String {
        match (self.what, self.name.as_str()) {
            (What::Incident, _) | (_, "") => self.what.label().to_owned(),
            (what, name) => format!("{}, {name}", what.label()),
        }
    }
}

/// An answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SearchHit)]
pub struct Answer {
    /// `INC-42`.
    pub key: String,
    /// Its title, marked.
    pub title: Vec<Part>,
    /// Its kind.
    pub kind: Kind,
    /// 1 to 4.
    pub severity: Option<i64>,
    /// Where it is in its life.
    pub state: Status,
    /// The names of the services it hit.
    pub services: Vec<String>,
    /// When it began, as well as one can tell.
    pub began: kit::db::Time,
    /// Actions that are still owed.
    pub open_actions: u32,
    /// Actions that were promised.
    pub actions: u32,
    /// Whether only named people see it.
    pub is_private: bool,
    /// Why it was found.
    pub found_in: Vec<Place>,
    /// Where it is.
    pub url: String,
}

impl Answer {
    /// Its title as plain text.
    #[must_use]
    pub fn title_text(&self) -> String {
        self.title.iter().map(|part| part.text.as_str()).collect()
    }

    /// What is still to be done, in words.
    #[must_use]
    pub fn owed(&self) -> Option<String> {
        match (self.open_actions, self.actions) {
            (0, 0) => None,
            (0, _) => Some("all actions done".to_owned()),
            (1, _) => Some("1 action open".to_owned()),
            (n, _) => Some(format!("{n} actions open")),
        }
    }
}

/// One value that answers can be narrowed to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SearchChoice)]
pub struct Choice {
    /// As it stands in the address.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// How many answers it would give.
    pub count: usize,
}

/// What answers can be narrowed by.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = SearchChoices)]
pub struct Choices {
    /// By service.
    pub service: Vec<Choice>,
    /// By team.
    pub team: Vec<Choice>,
    /// By kind.
    pub kind: Vec<Choice>,
    /// By severity.
    pub severity: Vec<Choice>,
    /// By where it is in its life.
    pub state: Vec<Choice>,
    /// By year.
    pub year: Vec<Choice>,
    /// By whether actions are still owed.
    pub open_actions: Vec<Choice>,
}

/// A word that was taken for another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SearchMended)]
pub struct Mended {
    /// As it was typed.
    pub typed: String,
    /// What was found.
    pub found: String,
}

/// The answers to a question.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SearchShown)]
pub struct Shown {
    /// How many incidents there are.
    pub total: usize,
    /// Those of this page.
    pub results: Vec<Answer>,
    /// What they can be narrowed by.
    pub choices: Choices,
    /// Some have most of what was asked for and not all.
    pub has_partial: bool,
    /// Words that are nowhere.
    pub nowhere: Vec<String>,
    /// Words that were taken for others.
    pub mended: Vec<Mended>,
    /// What the index is doing.
    pub index: State,
    /// Only titles and descriptions were looked through, the newest first.
    pub is_simple: bool,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
}

/// What was cut from the index for a page of answers.
struct Cut {
    found: Found,
    places: Vec<(Hit, Vec<Place>)>,
}

fn text_of(doc: &TantivyDocument, field: tantivy::schema::Field) -> String {
    doc.get_first(field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn place(view: &View, marker: &Marker, doc: DocAddress) -> Result<Place, TantivyError> {
    let segment = view.searcher.segment_reader(doc.segment_ord);
    let fast = segment.fast_fields();
    let what = What::of_code(fast.u64("what")?.first(doc.doc_id).unwrap_or(0));
    let nth = fast.u64("nth")?.first(doc.doc_id).unwrap_or(0);
    let doc: TantivyDocument = view.searcher.doc(doc)?;
    let fields = view.fields;
    let passage = marker.passage(&text_of(&doc, fields.text));
    let mut url = text_of(&doc, fields.link);
    let marks = doc.get_first(fields.marks).and_then(|value| value.as_bytes().map(<[u8]>::to_vec));
    if let Some(id) = marks.and_then(|marks| evidence_at(&marks, passage.place)) {
        url = format!("{url}/{id}");
    }
    Ok(Place {
        what,
        name: text_of(&doc, fields.name),
        url,
        passage: passage.parts,
        nth: i64::try_from(nth).unwrap_or(0),
        has: passage.has,
    })
}

/// Searches and cuts the passages of a page, on a thread of its own.
fn cut(
    view: &View,
    gate: &Gate,
    question: &Question,
    page: (usize, usize),
) -> Result<Cut, TantivyError> {
    let mut found = find(view, gate, &question.asked, &question.filter, page)?;
    let hits = std::mem::take(&mut found.hits);
    let mut places = Vec::with_capacity(hits.len());
    for hit in hits {
        let mut of_hit = Vec::new();
        for doc in hit.docs.iter().take(PASSAGES + 2) {
            of_hit.push(place(view, &found.marker, *doc)?);
        }
        // What has nothing to show but its own title is not why.
        of_hit.sort_by_key(|place| std::cmp::Reverse(place.has));
        of_hit.truncate(PASSAGES);
        places.push((hit, of_hit));
    }
    Ok(Cut { found, places })
}

fn failed(app: &App, error: &Fault) -> Problem {
    tracing::error!(%error, "a search failed");
    // A damaged file mends itself by being made anew.
    let is_ours = matches!(
        error,
        Fault::Engine(TantivyError::InvalidArgument(_) | TantivyError::SchemaError(_))
    );
    if !is_ours {
        app.search.want_rebuild();
    }
    let detail = "The search failed, so this does not say that nothing was found. It is written in \
                  the server's log, and the index is made anew; try again in a moment.";
    Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, "search_failed", detail)
}

/// Why a search failed.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// What the engine says.
    #[error("{0}")]
    Engine(#[from] TantivyError),
    /// It broke over what it read.
    #[error("it ended early: {0}")]
    Ended(#[from] tokio::task::JoinError),
}

/// Answers a question with so many answers from one on.
///
/// # Errors
/// 503 when the search itself fails; it never says "nothing" instead.
pub async fn answer(
    app: &App,
    viewer: &Viewer,
    question: &Question,
    (from, most): (usize, usize),
) -> Result<Shown, Problem> {
    let began = std::time::Instant::now();
    let Some(view) = app.search.view() else {
        return simple(app, viewer, question, (from, most), began).await;
    };
    let gate = Gate::new(&view, viewer);
    let (searched, asked) = (view.clone(), question.clone());
    let task = tokio::task::spawn_blocking(move || cut(&searched, &gate, &asked, (from, most)));
    let done = tokio::time::timeout(PATIENCE, task).await.map_err(|_| {
        let detail = "The search took too long and was given up. Ask for fewer or rarer words.";
        Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, "search_slow", detail)
    })?;
    let cut = match done {
        Ok(Ok(cut)) => cut,
        Ok(Err(error)) => return Err(failed(app, &error.into())),
        Err(error) => return Err(failed(app, &error.into())),
    };
    let mut conn = app.db.read().await?;
    let (results, hidden) = results(&mut conn, viewer, &view, &cut).await?;
    let mended = mended(&cut.found.marker, &results);
    Ok(Shown {
        total: cut.found.total - hidden,
        results,
        choices: choices(&view, &cut.found.counts),
        has_partial: cut.found.is_relaxed,
        nowhere: cut.found.nowhere.clone(),
        mended,
        index: app.search.state(),
        is_simple: false,
        took_ms: took(began),
    })
}

pub(super) fn took(began: std::time::Instant) -> f64 {
    (began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}

/// The words that were found instead of those typed, as visible answers have them.
fn mended(marker: &Marker, results: &[Answer]) -> Vec<Mended> {
    let mut out: Vec<Mended> = Vec::new();
    for answer in results {
        let passages = answer.found_in.iter().map(|place| &place.passage);
        for parts in std::iter::once(&answer.title).chain(passages) {
            let text: String = parts
                .iter()
                .filter(|part| part.is_hit)
                .map(|part| format!("{} ", part.text))
                .collect();
            for (typed, found) in marker.mended_in(&text) {
                if out.iter().all(|one| one.typed != typed) {
                    out.push(Mended { typed, found });
                }
            }
        }
    }
    out
}

/// The answers as the viewer sees them now; and how many of them no longer exist for the viewer.
async fn results(
    conn: &mut Conn,
    viewer: &Viewer,
    view: &View,
    cut: &Cut,
) -> Result<(Vec<Answer>, usize), Problem> {
    let numbers: Vec<i64> =
        cut.places.iter().map(|(hit, _)| i64::try_from(hit.number).unwrap_or(0)).collect();
    let incidents = store_index::find_many(conn, viewer, &numbers).await?;
    let incidents: HashMap<i64, Incident> =
        incidents.into_iter().map(|incident| (incident.number, incident)).collect();
    let mut answers = Vec::new();
    for ((hit, places), number) in cut.places.iter().zip(&numbers) {
        let Some(incident) = incidents.get(number) else { continue };
        let Some(entry) = view.table.get(hit.number) else { continue };
        let mut found_in = Vec::new();
        for place in places {
            if place.nth == 0 || still_shared(conn, viewer, incident, place.nth).await? {
                found_in.push(place.clone());
            }
        }
        if found_in.is_empty() && !places.is_empty() {
            continue;
        }
        let names = &view.table.names.services;
        let name = |slug: &String| names.get(slug).unwrap_or(slug).clone();
        answers.push(Answer {
            key: incident.key().to_string(),
            title: cut.found.marker.line(&incident.title),
            kind: incident.kind,
            severity: incident.severity,
            state: incident.status,
            services: entry.entry.services.iter().map(name).collect(),
            began: kit::db::Time::from_microseconds(entry.began).unwrap_or(incident.created_at),
            open_actions: entry.owed,
            actions: entry.promised,
            is_private: incident.label == Label::Red,
            found_in,
            url: format!("/i/{}", incident.key()),
        });
    }
    let hidden = cut.places.len() - answers.len();
    Ok((answers, hidden))
}

/// Whether the draft still exists for the viewer.
async fn still_shared(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
    nth: i64,
) -> Result<bool, Problem> {
    let key = format!("{}.{nth}", incident.key());
    match retrospectives::need_for_reading(conn, viewer, &key).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.status == axum::http::StatusCode::NOT_FOUND => Ok(false),
        Err(problem) => Err(problem),
    }
}

fn ordered(counts: Vec<Count>, label: impl Fn(&str) -> String) -> Vec<Choice> {
    let choice = |(value, count): Count| Choice { label: label(&value), value, count };
    let mut all: Vec<Choice> = counts.into_iter().map(choice).collect();
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    all.truncate(CHOICES);
    all
}

fn choices(view: &View, counts: &Counts) -> Choices {
    let names = &view.table.names;
    let named = |names: &HashMap<String, String>, slug: &str| {
        names.get(slug).cloned().unwrap_or_else(|| slug.to_owned())
    };
    let by_value = |mut choices: Vec<Choice>| {
        choices.sort_by(|a, b| a.value.cmp(&b.value));
        choices
    };
    let kind =
        |word: &str| Kind::parse(word).map_or(word.to_owned(), |kind| kind.label().to_owned());
    let open = |word: &str| if word == "yes" { "still open" } else { "none open" }.to_owned();
    Choices {
        service: ordered(counts.services(&view.table), |slug| named(&names.services, slug)),
        team: ordered(counts.teams(&view.table), |slug| named(&names.teams, slug)),
        kind: ordered(counts.kinds(), kind),
        severity: by_value(ordered(counts.severities(), str::to_owned)),
        state: ordered(counts.states(), str::to_owned),
        year: by_value(ordered(counts.years(), str::to_owned)),
        open_actions: ordered(counts.open(), open),
    }
}
