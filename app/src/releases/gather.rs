//! Gathering a release: what the slices above hold, put into one [`Document`] in reading order.

use super::document::{
    Chapter, CoveredOne, Decision, Document, Factor, FieldTable, FieldsOf, Figure, Hit, NamedTime,
    Part, Path, Recommendation, Source, Step,
};
use super::measured;
use crate::access::Viewer;
use crate::actions::{self, StateName};
use crate::evidence::{self, Evidence, EvidenceId};
use crate::factors;
use crate::fields::{self, Names};
use crate::incidents::facts::{self, Facts};
use crate::incidents::impact::grouped;
use crate::incidents::{Incident, Window, store_parts};
use crate::retrospectives::{self, LessonSort, Retrospective};
use crate::risks;
use crate::shell::words;
use crate::timeline::{self, Entry};
use kit::db::{Conn, Result, Time};
use std::collections::BTreeMap;

/// The sections that tell the story, in reading order.
const STORY: [&str; 7] = ["lead", "trig", "fault", "det", "resp", "rec", "casc"];
/// The sections that stand elsewhere in a release, or are filled from what is gathered.
const PLACED: [&str; 12] =
    ["sum", "imp", "surp", "well", "less", "q", "fac", "act", "tl", "basic", "risk", "recm"];
/// The longest excerpt of a source, in characters.
const EXCERPT: usize = 200;

/// What numbers the sources in the order they are first cited.
struct Sources {
    order: Vec<EvidenceId>,
}

impl Sources {
    fn numbers(&mut self, ids: &[EvidenceId]) -> Vec<usize> {
        let mut numbers: Vec<usize> = ids.iter().map(|id| self.number(id)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    fn number_of(&self, id: &EvidenceId) -> usize {
        self.order.iter().position(|one| one == id).map_or(0, |at| at + 1)
    }

    fn number(&mut self, id: &EvidenceId) -> usize {
        match self.order.iter().position(|one| one == id) {
            Some(at) => at + 1,
            None => {
                self.order.push(id.clone());
                self.order.len()
            }
        }
    }
}

/// Gathers everything a release of this retrospective says now.
///
/// # Errors
/// What the database says.
pub(super) async fn document(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
    retro: &Retrospective,
    now: Time,
) -> Result<Document> {
    let facts = facts::of(conn, incident, now).await?;
    let mut sources = Sources { order: Vec::new() };
    let entries = timeline::of_incident(conn, viewer, incident).await?;
    let timeline = steps(&entries, &mut sources);
    let found = factors::of_retrospective(conn, viewer, &retro.incident_id, &retro.id).await?;
    let paths = paths(&found, &mut sources);
    let named = |hits: Vec<store_parts::Hit>| hits.into_iter().map(|hit| hit.name).collect();
    let mut document = Document {
        key: incident.key().to_string(),
        title: retro.title.clone(),
        label: incident.label.word().to_owned(),
        happened_on: facts.impact_start().map(words::day).unwrap_or_default(),
        kind: retro.kind().name.clone(),
        severity: incident.severity.filter(|_| incident.kind.is_measured()),
        services: named(store_parts::services(conn, incident).await?),
        teams: named(store_parts::teams(conn, incident).await?),
        people: people(conn, incident).await?,
        figures: figures(&facts),
        impact: facts.windows.iter().map(hit).collect(),
        key_times: key_times(&facts),
        durations: durations(&facts),
        no_action_because: retro.no_action_because.clone(),
        timeline,
        paths,
        ..Document::default()
    };
    texts(conn, retro, &mut document).await?;
    document.fields = fields(conn, retro).await?;
    let covered = retrospectives::covered(conn, viewer, &retro.id).await?;
    document.covers = covered
        .into_iter()
        .map(|one| CoveredOne { key: one.key().to_string(), title: one.title, reason: one.reason })
        .collect();
    document.decisions = decisions(conn, viewer, retro).await?;
    let recommended = factors::recommendations_of(conn, &retro.id).await?;
    document.recommendations = recommended
        .into_iter()
        .map(|one| Recommendation { target: one.target.label().to_owned(), text: one.text })
        .collect();
    let found = evidence::find_all(conn, viewer, &incident.id, &sources.order).await?;
    document.charts = measured::charts(conn, &found, |id| sources.number_of(id)).await?;
    document.sources = cited(&found, &sources);
    Ok(document)
}

async fn people(conn: &mut Conn, incident: &Incident) -> Result<Vec<Part>> {
    let mut by_role: BTreeMap<usize, Part> = BTreeMap::new();
    for one in store_parts::participants(conn, incident).await? {
        for role in one.roles.iter() {
            let part = by_role
                .entry(*role as usize)
                .or_insert_with(|| Part { role: role.label().to_owned(), names: Vec::new() });
            part.names.push(one.name.clone());
        }
    }
    Ok(by_role.into_values().collect())
}

fn figures(facts: &Facts) -> Vec<Figure> {
    use crate::incidents::duration::DurationName as D;
    let leads = [D::Impact, D::Undetected, D::MitigateFromDetect];
    let told = facts.told();
    let mut figures: Vec<Figure> = told
        .iter()
        .filter(|one| leads.contains(&one.name))
        .map(|one| Figure {
            term: one.name.label().to_owned(),
            value: one.told.to_string(),
            note: String::new(),
        })
        .collect();
    // Windows may count the same people twice, so the largest is said and not the sum.
    let most = facts.windows.iter().filter(|window| window.said.users_count.is_some());
    if let Some(window) = most.max_by_key(|window| window.said.users_count) {
        let count = window.said.users_count.and_then(|count| u64::try_from(count).ok());
        figures.push(Figure {
            term: "People affected".to_owned(),
            value: count.map(grouped).unwrap_or_default(),
            note: window.said.users_method.clone(),
        });
    }
    let lost = facts.windows.iter().find_map(|window| {
        let lost = window.said.lost_in_words()?;
        Some(Figure { term: "Cost".to_owned(), value: lost, note: window.said.money_basis.clone() })
    });
    figures.extend(lost);
    figures
}

fn hit(window: &Window) -> Hit {
    let said = &window.said;
    let count = said.users_count.and_then(|count| u64::try_from(count).ok()).map(grouped);
    let percent = said.percent.map(|percent| format!("{percent} %"));
    let people = [count, percent, Some(said.users_method.clone()).filter(|text| !text.is_empty())];
    let cost =
        [said.lost_in_words(), Some(said.money_basis.clone()).filter(|text| !text.is_empty())];
    let joined = |parts: &[Option<String>]| {
        parts.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    Hit {
        surface: said.surface.clone(),
        effect: said.effect.label().to_owned(),
        from: words::minute(said.started_at),
        to: said.ended_at.map(words::minute).unwrap_or_else(|| "still open".to_owned()),
        people: joined(&people),
        cost: if said.money_lost().is_some() { joined(&cost) } else { String::new() },
    }
}

fn key_times(facts: &Facts) -> Vec<NamedTime> {
    let times = facts.times.iter().map(|time| {
        let believed = time.now_believed();
        let doubt = believed.doubt_in_words().map(|doubt| format!(" {doubt}")).unwrap_or_default();
        let corrected = time.corrected.as_ref().map(|corrected| {
            format!("recorded as {}; {}", time.recorded.in_words(), corrected.reason)
        });
        NamedTime {
            name: time.name.label().to_owned(),
            when: format!("{}{doubt}", believed.in_words()),
            corrected: corrected.unwrap_or_default(),
        }
    });
    times.collect()
}

fn durations(facts: &Facts) -> Vec<Figure> {
    let all = facts.durations.iter().map(|one| Figure {
        term: one.name.label().to_owned(),
        value: one.told.to_string(),
        note: one.name.definition().to_owned(),
    });
    all.collect()
}

fn steps(entries: &[Entry], sources: &mut Sources) -> Vec<Step> {
    let mut last_day = String::new();
    let mut steps = Vec::with_capacity(entries.len());
    for entry in entries {
        let day = words::day(entry.at);
        let is_new = day != last_day;
        last_day.clone_from(&day);
        let clock = match entry.precision.name() {
            "second" => words::clock_second(entry.at),
            "day" => String::new(),
            _ => words::clock(entry.at),
        };
        let about = if entry.uncertainty_s > 0 { "≈ " } else { "" };
        let learned = match (entry.known_then, entry.learned_at) {
            (true, _) => String::new(),
            (false, Some(at)) => format!("known since {} UTC", words::minute(at)),
            (false, None) => "known later".to_owned(),
        };
        steps.push(Step {
            at: entry.at.to_string(),
            clock: format!("{about}{clock}"),
            day: if is_new { day } else { String::new() },
            fact: entry.fact.label().to_lowercase(),
            phase: entry.phase.map(|phase| phase.label().to_lowercase()).unwrap_or_default(),
            text: entry.text.clone(),
            actor: entry.actor_name().unwrap_or_default().to_owned(),
            learned,
            result: entry.result.map(|result| result.label().to_owned()).unwrap_or_default(),
            sources: sources.numbers(&entry.cites),
        });
    }
    steps
}

fn paths(found: &[factors::Factor], sources: &mut Sources) -> Vec<Path> {
    let mut paths: Vec<Path> = Vec::new();
    for one in found {
        let mut facets: Vec<String> =
            one.roles.iter().map(|word| word.label().to_owned()).collect();
        facets.extend(one.layers.iter().map(|word| word.label().to_owned()));
        facets.extend(one.responses.iter().map(|word| word.label().to_owned()));
        facets.extend(one.recurrences.iter().map(|word| word.label().to_owned()));
        let factor = Factor {
            statement: one.statement.clone(),
            certainty: one.certainty.name().to_owned(),
            facets,
            is_direct_cause: one.direct_cause,
            sources: sources.numbers(&one.cites),
        };
        match paths.iter_mut().find(|path| path.name == one.path) {
            Some(path) => path.factors.push(factor),
            None => paths.push(Path { name: one.path.clone(), factors: vec![factor] }),
        }
    }
    paths
}

/// Sections and lessons, each to its place; an empty one is not there.
async fn texts(conn: &mut Conn, retro: &Retrospective, document: &mut Document) -> Result<()> {
    let sections = retrospectives::sections(conn, &retro.id).await?;
    let written: Vec<_> = sections.into_iter().filter(|one| !one.text.trim().is_empty()).collect();
    let text_of = |id: &str| {
        let found = written.iter().find(|one| one.section == id);
        found.map(|one| one.text.trim().to_owned())
    };
    let chapter = |one: &retrospectives::Section| Chapter {
        name: one.name().to_owned(),
        text: one.text.trim().to_owned(),
    };
    document.summary = text_of("sum").unwrap_or_default();
    let in_story = |id: &str| written.iter().find(|one| one.section == id).map(chapter);
    document.story = STORY.iter().filter_map(|id| in_story(id)).collect();
    let impact = text_of("imp").map(|text| Chapter { name: "Impact".to_owned(), text });
    document.more.extend(impact);
    let rest = written.iter().filter(|one| {
        !STORY.contains(&one.section.as_str()) && !PLACED.contains(&one.section.as_str())
    });
    document.more.extend(rest.map(chapter));
    for id in ["fac", "act", "risk", "recm", "tl"] {
        document.more.extend(in_story(id));
    }
    document.surprises.extend(text_of("surp"));
    document.went_well.extend(text_of("well"));
    document.lessons.extend(text_of("less"));
    document.questions.extend(text_of("q"));
    for lesson in retrospectives::lessons(conn, &retro.id).await? {
        let place = match lesson.sort {
            LessonSort::WentWell => &mut document.went_well,
            LessonSort::Surprising => &mut document.surprises,
            LessonSort::Question => &mut document.questions,
            LessonSort::Hard => &mut document.lessons,
            LessonSort::Lucky => {
                document.went_well.push(format!("Luck: {}", lesson.text));
                continue;
            }
        };
        place.push(lesson.text);
    }
    Ok(())
}

/// The fields in which something stands, by section.
async fn fields(conn: &mut Conn, retro: &Retrospective) -> Result<Vec<FieldsOf>> {
    let names = Names::read(conn).await?;
    let mut all: Vec<FieldsOf> = Vec::new();
    for one in fields::of_retrospective(conn, retro, &names).await? {
        if one.is_empty() {
            continue;
        }
        if all.last().is_none_or(|last| last.section != one.section) {
            all.push(FieldsOf { section: one.section.to_owned(), ..FieldsOf::default() });
        }
        let Some(last) = all.last_mut() else { continue };
        let name = one.field.name.clone();
        if one.is_group() {
            let columns = one.field.columns.iter().map(|column| column.name.clone()).collect();
            last.tables.push(FieldTable { name, columns, rows: one.rows });
        } else {
            let note = one.field.help.clone();
            last.figures.push(Figure { term: name, value: one.words, note });
        }
    }
    Ok(all)
}

async fn decisions(
    conn: &mut Conn,
    viewer: &Viewer,
    retro: &Retrospective,
) -> Result<Vec<Decision>> {
    let mut decisions = Vec::new();
    for action in actions::of_retrospective(conn, viewer, &retro.id).await? {
        let is_left = matches!(action.state, StateName::Declined | StateName::Dropped);
        let mut note = Vec::new();
        if is_left || action.state == StateName::MovedToRisk {
            let moves = actions::history(conn, &action.id).await?;
            note.extend(moves.last().map(|last| last.note.clone()));
        } else {
            note.push(format!("{} · {}", action.aim.label(), action.strength.label()));
            note.extend(action.owner_name.clone().or(action.team_name.clone()));
            note.extend(action.due.as_ref().map(|due| format!("due {due}")));
            note.push(action.done_when.clone());
        }
        note.retain(|text| !text.is_empty());
        decisions.push(Decision {
            sort: if is_left { "not_doing" } else { "do" }.to_owned(),
            key: format!("ACT-{}", action.number),
            title: action.title,
            state: action.state.label().to_owned(),
            note: note.join(" · "),
        });
    }
    for risk in risks::of_retrospective(conn, viewer, &retro.id).await? {
        let mut note = Vec::new();
        note.extend(risk.accepted_by_name.as_ref().map(|name| format!("accepted by {name}")));
        note.extend(risk.accepted_until.as_ref().map(|day| format!("until {day}")));
        note.extend(risk.review_on.as_ref().map(|day| format!("look again {day}")));
        note.push(risk.softened_by.clone());
        note.retain(|text| !text.is_empty());
        decisions.push(Decision {
            sort: "accept".to_owned(),
            key: format!("RISK-{}", risk.number),
            title: risk.statement,
            state: risk.state.label().to_owned(),
            note: note.join(" · "),
        });
    }
    let order = |one: &Decision| match one.sort.as_str() {
        "do" => 0,
        "not_doing" => 1,
        _ => 2,
    };
    decisions.sort_by_key(order);
    Ok(decisions)
}

fn cited(found: &[Evidence], sources: &Sources) -> Vec<Source> {
    let by_id = |id: &EvidenceId| found.iter().find(|one| one.id == *id);
    let all = sources.order.iter().enumerate().map(|(index, id)| match by_id(id) {
        Some(piece) => source(index + 1, piece),
        None => Source {
            number: index + 1,
            at: String::new(),
            origin: "evidence whose import was undone".to_owned(),
            text: String::new(),
            url: String::new(),
        },
    });
    all.collect()
}

fn source(number: usize, piece: &Evidence) -> Source {
    let mut origin = vec![piece.source.clone()];
    origin.extend(piece.place.clone());
    origin.extend(piece.author.clone());
    let url =
        piece.url.clone().filter(|url| url.starts_with("http://") || url.starts_with("https://"));
    Source {
        number,
        at: words::second(piece.occurred_at),
        origin: origin.join(", "),
        text: kit::markdown::excerpt(&piece.body, EXCERPT),
        url: url.unwrap_or_default(),
    }
}

/// How far the decisions have come, now: `4 of 5 actions done`. Not part of the frozen text.
///
/// # Errors
/// What the database says.
pub(super) async fn progress(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<Option<String>> {
    let actions = actions::of_incident(conn, viewer, &incident.id).await?;
    let left =
        [StateName::Proposed, StateName::Declined, StateName::Dropped, StateName::MovedToRisk];
    let promised: Vec<_> = actions.iter().filter(|one| !left.contains(&one.state)).collect();
    let is_done = |state: StateName| matches!(state, StateName::Done | StateName::Verified);
    let done = promised.iter().filter(|one| is_done(one.state)).count();
    let says = || format!("{done} of {}", words::count(promised.len(), "action", "actions"));
    Ok((!promised.is_empty()).then(|| format!("{} done", says())))
}

/// What whoever publishes may want to look at first. Nothing here stops them.
pub(super) fn doubts(document: &Document, retro: &Retrospective) -> Vec<String> {
    let mut doubts = Vec::new();
    if !super::publish::is_ready(retro) {
        let state = retro.state;
        doubts.push(format!(
            "It is {state}; take it to finalising on its own page before it can be published."
        ));
    }
    if document.summary.is_empty() {
        doubts.push("There is no summary. Many readers stop there.".to_owned());
    }
    if document.timeline.is_empty() {
        doubts.push("The timeline is empty.".to_owned());
    }
    if document.paths.is_empty() && retro.kind != "discussion" {
        doubts.push(
            "No factor is written down: what had to be true for it to go this way?".to_owned(),
        );
    }
    if document.decisions.is_empty() && document.no_action_because.is_empty() {
        doubts.push("Nothing is decided. No action is a valid result; say why.".to_owned());
    }
    let only_direct =
        document.paths.iter().flat_map(|path| &path.factors).all(|one| one.is_direct_cause);
    if only_direct && !document.paths.is_empty() {
        doubts.push("The only factor is the last event. What else had to be true?".to_owned());
    }
    if document.decisions.iter().any(|one| one.state == "proposed") {
        doubts.push("Some actions are only proposed; a promise has an owner and a day.".to_owned());
    }
    doubts
}
