//! `/i/{key}/timeline/table`: the whole timeline as a table to read, with lanes as columns, the band of
//! impact above it, and every state of it in the address.

use super::band::{self, Band};
use super::entry::Entry;
use super::fact::{Fact, Phase};
use super::pages::{ctx, query_of};
use super::shown::{Clock, Shown, Zone};
use super::view::Ctx;
use crate::access::Viewer;
use crate::app::App;
use crate::evidence::{self, EvidenceId};
use crate::incidents::facts::{self, Facts};
use crate::incidents::key_time::Moment;
use crate::incidents::{self, Incident};
use crate::shell::{self, Frame, Page};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::{Problem, Said};
use std::collections::HashMap;

kit::words!(
    /// What the columns are.
    Lanes {
        /// Where the evidence came from.
        Source = "source", "by source";
        /// The part of the story.
        Phase = "phase", "by phase";
        /// The kind of fact.
        Fact = "fact", "by kind of fact";
        /// Who or what acted.
        Actor = "actor", "by actor";
        /// One column.
        None = "none", "one column";
    }
);

/// What the table is narrowed to and shown as.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The columns.
    pub lanes: Lanes,
    /// Only this kind of fact.
    pub fact: Option<Fact>,
    /// Only this part of the story.
    pub phase: Option<Phase>,
    /// Only what was known at that moment.
    pub as_known_then: bool,
}

impl Wanted {
    /// Reads it from an address; what is not understood is as if it were not said.
    #[must_use]
    pub fn read(query: &Said) -> Wanted {
        Wanted {
            lanes: Lanes::parse(query.text("lanes")).unwrap_or(Lanes::Source),
            fact: Fact::parse(query.text("fact")).ok(),
            phase: Phase::parse(query.text("phase")).ok(),
            as_known_then: query.text("known") == "then",
        }
    }

    /// Whether an entry is wanted.
    #[must_use]
    pub fn takes(&self, entry: &Entry) -> bool {
        self.fact.is_none_or(|fact| entry.fact == fact)
            && self.phase.is_none_or(|phase| entry.phase == Some(phase))
            && (entry.known_then || !self.as_known_then)
    }
}

/// What stands in a lane.
pub(super) struct Cell<'a> {
    /// Which column.
    lane: usize,
    entry: Option<&'a Entry>,
    actor: Option<String>,
    until: Option<Shown>,
    sources: Vec<String>,
    key_time: Option<String>,
}

/// A row.
pub(super) struct Row<'a> {
    at: Time,
    day: Option<String>,
    time: Shown,
    harmed: bool,
    cell: Cell<'a>,
}

#[derive(askama::Template)]
#[template(path = "timeline/templates/table.html")]
struct TablePage<'a> {
    page: Page,
    ctx: &'a Ctx,
    incident: &'a Incident,
    start: Option<String>,
    wanted: &'a Wanted,
    band: Option<Band>,
    lanes: Vec<String>,
    rows: Vec<Row<'a>>,
    hidden: usize,
    any: bool,
}

impl TablePage<'_> {
    fn columns(&self) -> usize {
        self.lanes.len() + 1
    }

    fn is_fact(&self, fact: &Fact) -> bool {
        self.wanted.fact == Some(*fact)
    }

    fn is_phase(&self, phase: &Phase) -> bool {
        self.wanted.phase == Some(*phase)
    }
}

/// The lanes' names in their order, and which lane each entry is in.
fn lanes_of(
    lanes: Lanes,
    entries: &[&Entry],
    sources: &HashMap<EvidenceId, String>,
    ctx: &Ctx,
) -> (Vec<String>, Vec<usize>) {
    let name = |entry: &&Entry| match lanes {
        Lanes::None => (0, "What happened".to_owned()),
        Lanes::Phase => match entry.phase {
            Some(phase) => (phase as usize, phase.label().to_owned()),
            None => (usize::MAX, "No phase".to_owned()),
        },
        Lanes::Fact => (entry.fact as usize, entry.fact.label().to_owned()),
        Lanes::Actor => match ctx.actor(entry) {
            Some(actor) => (0, actor),
            None => (usize::MAX, "Nobody named".to_owned()),
        },
        Lanes::Source => match entry.cites.iter().find_map(|id| sources.get(id)) {
            Some(source) => (0, source.clone()),
            None => (usize::MAX, "By hand".to_owned()),
        },
    };
    let named: Vec<(usize, String)> = entries.iter().map(name).collect();
    let mut all = named.clone();
    all.sort();
    all.dedup();
    let at = named.iter().map(|lane| all.iter().position(|other| other == lane).unwrap_or(0));
    let at = at.collect();
    (all.into_iter().map(|(_, name)| name).collect(), at)
}

fn is_harmed(facts: &Facts, at: Time) -> bool {
    facts.windows.iter().any(|window| {
        let until = window.said.ended_at;
        window.said.started_at <= at && until.is_none_or(|until| at < until)
    })
}

pub(super) async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = query_of(raw.as_deref());
    let wanted = Wanted::read(&query);
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let entries = super::of_incident(&mut conn, &viewer, &incident).await?;
    let facts = facts::of(&mut conn, &incident, app.now()).await?;
    let cited: Vec<EvidenceId> = entries.iter().flat_map(|entry| entry.cites.clone()).collect();
    let pieces = evidence::find_all(&mut conn, &viewer, &incident.id, &cited).await?;
    let clock = Clock::of(query.text("tz"), &viewer.zone, facts.impact_start());
    let ctx = ctx(&mut conn, &frame, &viewer, &incident, (String::new(), clock)).await?;
    drop(conn);
    let sources: HashMap<EvidenceId, String> = pieces
        .iter()
        .map(|piece| (piece.id.clone(), evidence::words::source(&piece.source).to_owned()))
        .collect();
    let shown: Vec<&Entry> = entries.iter().filter(|entry| wanted.takes(entry)).collect();
    let (mut lanes, at) = lanes_of(wanted.lanes, &shown, &sources, &ctx);
    let rows = rows(&ctx, &facts, &shown, (&at, &mut lanes), &sources);
    let page = TablePage {
        page: frame.page(&format!("Timeline as a table · {}", ctx.key), "incidents"),
        start: facts.impact_start().map(|at| at.to_string()),
        band: band::of(&facts, &entries, &ctx.clock),
        hidden: entries.len() - shown.len(),
        any: !entries.is_empty() || !rows.is_empty(),
        ctx: &ctx,
        incident: &incident,
        wanted: &wanted,
        lanes,
        rows,
    };
    shell::page(&page)
}

/// Entries and key times in one order, parted by day.
fn rows<'a>(
    ctx: &Ctx,
    facts: &Facts,
    shown: &[&'a Entry],
    (at, lanes): (&[usize], &mut Vec<String>),
    sources: &HashMap<EvidenceId, String>,
) -> Vec<Row<'a>> {
    let of_entry = |(entry, lane): (&&'a Entry, &usize)| {
        let mut named: Vec<String> =
            entry.cites.iter().filter_map(|id| sources.get(id).cloned()).collect();
        named.sort();
        named.dedup();
        Row {
            at: entry.at,
            day: None,
            time: ctx.clock.at(entry),
            harmed: is_harmed(facts, entry.at),
            cell: Cell {
                lane: *lane,
                entry: Some(entry),
                actor: ctx.actor(entry),
                until: ctx.clock.until(entry),
                sources: named,
                key_time: None,
            },
        }
    };
    let mut rows: Vec<Row<'a>> = shown.iter().zip(at).map(of_entry).collect();
    if !facts.times.is_empty() {
        let lane = lanes.len();
        lanes.push("Key times".to_owned());
        let of_time = |(name, moment): (&'static str, Moment)| {
            let at = Time::new(moment.at);
            let time = ctx.clock.show(at, moment.precision, i64::from(moment.uncertainty_s));
            let key_time = Some(name.to_owned());
            let cell =
                Cell { lane, entry: None, actor: None, until: None, sources: Vec::new(), key_time };
            Row { at, day: None, time, harmed: is_harmed(facts, at), cell }
        };
        let times = facts.times.iter().map(|time| (time.name.label(), time.now_believed()));
        rows.extend(times.map(of_time));
    }
    // Entries are in their order already; at the same time the key time comes first.
    rows.sort_by_key(|row| (row.at, row.cell.entry.is_some()));
    let days = super::view::days(&ctx.clock, rows.iter().map(|row| row.at));
    for (row, day) in rows.iter_mut().zip(days) {
        row.day = day;
    }
    rows
}
