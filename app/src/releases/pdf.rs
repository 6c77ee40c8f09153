//! A release as a typeset PDF, from its frozen document.

use super::document::{Chapter, Document};
use super::fonts::Candidates;
use super::measured;
use typeset::{Document as Sheet, Fonts, Part, TimelineRow};

/// Typesets it, with these fonts beside our own for signs that ours lack.
///
/// # Errors
/// When the document is beyond what can be typeset, with words.
pub(super) fn pdf(
    document: &Document,
    sha256: &str,
    fonts: &Candidates,
) -> Result<Vec<u8>, typeset::Error> {
    let sheet = sheet(document, sha256);
    let missing = typeset::unprintable(&sheet, &Fonts::ours());
    typeset::pdf_with(&sheet, &Fonts::with(fonts.bring(missing)))
}

/// Whether it has signs that our own fonts lack.
pub(super) fn needs_fonts(document: &Document) -> bool {
    !typeset::unprintable(&sheet(document, ""), &Fonts::ours()).is_empty()
}

fn sheet(document: &Document, sha256: &str) -> Sheet {
    let mut meta = vec![document.happened_on.clone(), document.kind.clone()];
    meta.extend((!document.services.is_empty()).then(|| document.services.join(", ")));
    meta.push(format!("{} min to read", document.minutes_to_read()));
    let date = document.published_on.parse::<jiff::civil::Date>().ok();
    let day = |date: jiff::civil::Date| {
        let (month, day) = (u8::try_from(date.month()), u8::try_from(date.day()));
        Some((i32::from(date.year()), month.ok()?, day.ok()?))
    };
    Sheet {
        title: document.title.clone(),
        id: format!("{} · release {}", document.key, document.release),
        label: document.label.clone(),
        hash: sha256.to_owned(),
        language: "en".to_owned(),
        meta: meta.into_iter().filter(|one| !one.is_empty()).collect(),
        date: date.and_then(day),
        author: "Afterword".to_owned(),
        parts: parts(document),
        ..Sheet::default()
    }
}

fn heading(parts: &mut Vec<Part>, level: u8, text: &str) {
    parts.push(Part::Heading { level, text: text.to_owned() });
}

fn texts(parts: &mut Vec<Part>, title: &str, texts: &[String]) {
    if !texts.is_empty() {
        heading(parts, 1, title);
        parts.extend(texts.iter().cloned().map(Part::Markdown));
    }
}

fn chapters(parts: &mut Vec<Part>, level: u8, chapters: &[Chapter]) {
    for chapter in chapters {
        heading(parts, level, &chapter.name);
        parts.push(Part::Markdown(chapter.text.clone()));
    }
}

fn parts(document: &Document) -> Vec<Part> {
    let mut parts = Vec::new();
    if !document.what_changed.is_empty() {
        parts.push(Part::Note(format!("Changed in this release: {}", document.what_changed)));
    }
    if !document.summary.is_empty() {
        parts.push(Part::Summary(document.summary.clone()));
    }
    if !document.figures.is_empty() {
        let facts = document.figures.iter().map(|one| (one.term.clone(), one.value.clone()));
        parts.push(Part::Facts(facts.collect()));
    }
    if !document.covers.is_empty() {
        heading(&mut parts, 1, "Covers also");
        let facts = document.covers.iter();
        let facts = facts.map(|one| (one.key.clone(), format!("{}: {}", one.title, one.reason)));
        parts.push(Part::Facts(facts.collect()));
    }
    if !document.story.is_empty() || !document.timeline.is_empty() {
        heading(&mut parts, 1, "What happened");
        chapters(&mut parts, 2, &document.story);
        if !document.timeline.is_empty() {
            parts.push(Part::Timeline(document.timeline.iter().flat_map(rows).collect()));
        }
    }
    if !document.charts.is_empty() {
        heading(&mut parts, 1, "What was measured");
        parts.extend(document.charts.iter().filter_map(measured::printed).map(Part::Chart));
    }
    impact(&mut parts, document);
    texts(&mut parts, "What surprised us", &document.surprises);
    factors(&mut parts, document);
    texts(&mut parts, "What went well", &document.went_well);
    texts(&mut parts, "What we take with us", &document.lessons);
    decisions(&mut parts, document);
    texts(&mut parts, "Questions left", &document.questions);
    chapters(&mut parts, 1, &document.more);
    fields(&mut parts, document);
    tail(&mut parts, document);
    parts
}

fn fields(parts: &mut Vec<Part>, document: &Document) {
    if !document.fields.is_empty() {
        heading(parts, 1, "In figures");
    }
    for one in &document.fields {
        heading(parts, 2, &one.section);
        if !one.figures.is_empty() {
            let facts = one.figures.iter().map(|one| (one.term.clone(), one.value.clone()));
            parts.push(Part::Facts(facts.collect()));
        }
        for table in &one.tables {
            parts.push(Part::Markdown(format!("{}:", table.name)));
            parts.push(Part::Table { header: table.columns.clone(), rows: table.rows.clone() });
        }
    }
}

/// A step's row; where it begins a day, that day's before it.
fn rows(step: &super::document::Step) -> Vec<TimelineRow> {
    let day = TimelineRow { text: format!("**{}**", step.day), ..TimelineRow::default() };
    let mut rows = if step.day.is_empty() { Vec::new() } else { vec![day] };
    rows.push(row(step));
    rows
}

fn row(step: &super::document::Step) -> TimelineRow {
    let time = step.clock.clone();
    let mark = if step.phase.is_empty() { step.fact.clone() } else { step.phase.clone() };
    TimelineRow { time, mark, text: step.text.clone() }
}

fn impact(parts: &mut Vec<Part>, document: &Document) {
    if document.impact.is_empty() {
        return;
    }
    heading(parts, 1, "Who was hit, and how");
    let header = ["What", "How", "From (UTC)", "To (UTC)", "People", "Cost"];
    let rows = document.impact.iter().map(|hit| {
        let hit = hit.clone();
        vec![hit.surface, hit.effect, hit.from, hit.to, hit.people, hit.cost]
    });
    let header = header.map(str::to_owned).to_vec();
    parts.push(Part::Table { header, rows: rows.collect() });
}

fn factors(parts: &mut Vec<Part>, document: &Document) {
    if document.paths.is_empty() {
        return;
    }
    heading(parts, 1, "What had to be true");
    for path in &document.paths {
        if !path.name.is_empty() {
            heading(parts, 2, &path.name);
        }
        for factor in &path.factors {
            let mut note = factor.facets.clone();
            if factor.is_direct_cause {
                note.insert(0, "the last event before the harm".to_owned());
            }
            parts.push(Part::Decision {
                title: factor.statement.clone(),
                state: factor.certainty.clone(),
                note: note.join(" · "),
            });
        }
    }
}

fn decisions(parts: &mut Vec<Part>, document: &Document) {
    let nothing = document.decisions.is_empty() && document.recommendations.is_empty();
    if nothing && document.no_action_because.is_empty() {
        return;
    }
    heading(parts, 1, "What we decided");
    for one in &document.decisions {
        let before = match one.sort.as_str() {
            "not_doing" => "Not doing: ",
            "accept" => "Accepted: ",
            _ => "",
        };
        let note = [one.key.as_str(), one.note.as_str()];
        let note: Vec<&str> = note.into_iter().filter(|text| !text.is_empty()).collect();
        parts.push(Part::Decision {
            title: format!("{before}{}", one.title),
            state: one.state.clone(),
            note: note.join(" · "),
        });
    }
    if !document.no_action_because.is_empty() {
        parts.push(Part::Note(format!("No action, because: {}", document.no_action_because)));
    }
    if !document.recommendations.is_empty() {
        heading(parts, 2, "Recommended");
        let header = vec!["For".to_owned(), "What".to_owned()];
        let rows =
            document.recommendations.iter().map(|one| vec![one.target.clone(), one.text.clone()]);
        parts.push(Part::Table { header, rows: rows.collect() });
    }
}

fn tail(parts: &mut Vec<Part>, document: &Document) {
    if !document.key_times.is_empty() {
        heading(parts, 1, "Key times and durations");
        let header = vec!["Key time".to_owned(), "UTC".to_owned(), "Corrected".to_owned()];
        let rows = document
            .key_times
            .iter()
            .map(|time| vec![time.name.clone(), time.when.clone(), time.corrected.clone()]);
        parts.push(Part::Table { header, rows: rows.collect() });
        let header = vec!["Duration".to_owned(), "Length".to_owned(), "What it is".to_owned()];
        let rows = document
            .durations
            .iter()
            .map(|one| vec![one.term.clone(), one.value.clone(), one.note.clone()]);
        parts.push(Part::Table { header, rows: rows.collect() });
    }
    if !document.people.is_empty() {
        heading(parts, 1, "Who was there");
        let facts = document.people.iter().map(|part| (part.role.clone(), part.names.join(", ")));
        parts.push(Part::Facts(facts.collect()));
    }
    if !document.sources.is_empty() {
        heading(parts, 1, "Sources");
        let header = ["No.", "UTC", "From", "What"].map(str::to_owned).to_vec();
        let rows = document.sources.iter().map(|source| {
            let number = source.number.to_string();
            vec![number, source.at.clone(), source.origin.clone(), source.text.clone()]
        });
        parts.push(Part::Table { header, rows: rows.collect() });
    }
}
