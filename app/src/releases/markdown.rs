//! A release as one Markdown file that any tool reads.

use super::document::{Chapter, Document};
use super::measured;
use std::fmt::Write;

/// Text within a table's cell or a line.
fn inline(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn heading(out: &mut String, title: &str) {
    write!(out, "\n## {title}\n\n").ok();
}

fn list(out: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    heading(out, title);
    for item in items {
        writeln!(out, "{}\n", item.trim()).ok();
    }
}

fn chapters(out: &mut String, chapters: &[Chapter]) {
    for chapter in chapters {
        heading(out, &chapter.name);
        writeln!(out, "{}", chapter.text.trim()).ok();
    }
}

/// Renders it.
#[must_use]
pub fn markdown(document: &Document) -> String {
    let mut out = String::new();
    head(&mut out, document);
    chapters(&mut out, &document.story);
    timeline(&mut out, document);
    if !document.charts.is_empty() {
        heading(&mut out, "What was measured");
        measured::tables(&mut out, &document.charts);
    }
    list(&mut out, "What surprised us", &document.surprises);
    factors(&mut out, document);
    list(&mut out, "What went well", &document.went_well);
    list(&mut out, "Lessons", &document.lessons);
    decisions(&mut out, document);
    list(&mut out, "Questions left", &document.questions);
    chapters(&mut out, &document.more);
    fields(&mut out, document);
    tail(&mut out, document);
    out
}

fn fields(out: &mut String, document: &Document) {
    if document.fields.is_empty() {
        return;
    }
    heading(out, "In figures");
    for one in &document.fields {
        writeln!(out, "### {}\n", inline(&one.section)).ok();
        for figure in &one.figures {
            writeln!(out, "- {}: {}", inline(&figure.term), inline(&figure.value)).ok();
        }
        for table in &one.tables {
            let cells = |cells: &[String]| {
                cells.iter().map(|cell| inline(cell)).collect::<Vec<_>>().join(" | ")
            };
            writeln!(out, "\n{}:\n\n| {} |", inline(&table.name), cells(&table.columns)).ok();
            writeln!(out, "|{}", "---|".repeat(table.columns.len())).ok();
            for row in &table.rows {
                writeln!(out, "| {} |", cells(row)).ok();
            }
        }
        out.push('\n');
    }
}

fn head(out: &mut String, document: &Document) {
    let Document { key, release, label, published_on, kind, .. } = document;
    writeln!(out, "# {}\n", inline(&document.title)).ok();
    writeln!(out, "{key} · release {release} · {published_on} · {kind} · {label}\n").ok();
    if !document.services.is_empty() {
        writeln!(out, "Services: {}\n", document.services.join(", ")).ok();
    }
    if !document.covers.is_empty() {
        writeln!(out, "Covers also:\n").ok();
        for one in &document.covers {
            let (title, reason) = (inline(&one.title), inline(&one.reason));
            writeln!(out, "- {} {title}: {reason}", one.key).ok();
        }
        out.push('\n');
    }
    if !document.what_changed.is_empty() {
        writeln!(out, "Changed in this release: {}\n", document.what_changed.trim()).ok();
    }
    for line in document.summary.trim().lines() {
        writeln!(out, "> {line}").ok();
    }
    if !document.figures.is_empty() {
        out.push_str("\n| | |\n|---|---|\n");
        for figure in &document.figures {
            let (term, value, note) =
                (inline(&figure.term), inline(&figure.value), inline(&figure.note));
            let note = if note.is_empty() { String::new() } else { format!(" ({note})") };
            writeln!(out, "| {term} | {value}{note} |").ok();
        }
    }
    if !document.impact.is_empty() {
        heading(out, "Impact");
        out.push_str("| What was hit | How | From (UTC) | To (UTC) | People | Cost |\n|---|---|---|---|---|---|\n");
        for hit in &document.impact {
            let cells = [&hit.surface, &hit.effect, &hit.from, &hit.to, &hit.people, &hit.cost];
            let cells = cells.map(|cell| inline(cell));
            writeln!(out, "| {} |", cells.join(" | ")).ok();
        }
    }
}

fn timeline(out: &mut String, document: &Document) {
    if document.timeline.is_empty() {
        return;
    }
    heading(out, "Timeline");
    out.push_str("| UTC | What | Kind | Sources |\n|---|---|---|---|\n");
    for step in &document.timeline {
        let day = if step.day.is_empty() { String::new() } else { format!("{} ", step.day) };
        let sources: Vec<String> = step.sources.iter().map(|n| format!("[{n}]")).collect();
        let kind =
            [step.fact.as_str(), step.phase.as_str(), step.learned.as_str(), step.result.as_str()];
        let kind: Vec<&str> = kind.into_iter().filter(|word| !word.is_empty()).collect();
        let actor = if step.actor.is_empty() {
            String::new()
        } else {
            format!(" ({})", inline(&step.actor))
        };
        let (clock, text) = (&step.clock, inline(&step.text));
        writeln!(
            out,
            "| {day}{clock} | {text}{actor} | {} | {} |",
            kind.join(", "),
            sources.join(" ")
        )
        .ok();
    }
}

fn factors(out: &mut String, document: &Document) {
    if document.paths.is_empty() {
        return;
    }
    heading(out, "What had to be true");
    for path in &document.paths {
        if !path.name.is_empty() {
            writeln!(out, "### {}\n", inline(&path.name)).ok();
        }
        for factor in &path.factors {
            let mut words = vec![factor.certainty.clone()];
            words.extend(factor.facets.iter().cloned());
            if factor.is_direct_cause {
                words.push("the last event before the harm".to_owned());
            }
            words.extend(factor.sources.iter().map(|n| format!("[{n}]")));
            writeln!(out, "- {} ({})", inline(&factor.statement), words.join(", ")).ok();
        }
        out.push('\n');
    }
}

fn decisions(out: &mut String, document: &Document) {
    let is_empty = document.decisions.is_empty() && document.recommendations.is_empty();
    if is_empty && document.no_action_because.is_empty() {
        return;
    }
    heading(out, "What we decided");
    for one in &document.decisions {
        let not = if one.sort == "not_doing" { "Not doing: " } else { "" };
        let accepted = if one.sort == "accept" { "Accepted: " } else { "" };
        let (title, note) = (inline(&one.title), inline(&one.note));
        writeln!(out, "- **{not}{accepted}{title}** · {} · {} · {note}", one.key, one.state).ok();
    }
    if !document.no_action_because.is_empty() {
        writeln!(out, "\nNo action, because: {}", document.no_action_because.trim()).ok();
    }
    if !document.recommendations.is_empty() {
        out.push_str("\nRecommended:\n\n");
        for one in &document.recommendations {
            writeln!(out, "- {}: {}", one.target, inline(&one.text)).ok();
        }
    }
}

fn tail(out: &mut String, document: &Document) {
    if !document.key_times.is_empty() {
        heading(out, "Key times and durations");
        out.push_str("| | | |\n|---|---|---|\n");
        for time in &document.key_times {
            let (name, when) = (inline(&time.name), inline(&time.when));
            writeln!(out, "| {name} | {when} | {} |", inline(&time.corrected)).ok();
        }
        for one in &document.durations {
            let (term, value) = (inline(&one.term), inline(&one.value));
            writeln!(out, "| {term} | {value} | {} |", inline(&one.note)).ok();
        }
    }
    if !document.sources.is_empty() {
        heading(out, "Sources");
        for source in &document.sources {
            let url =
                if source.url.is_empty() { String::new() } else { format!(" <{}>", source.url) };
            let (n, at, origin) = (source.number, &source.at, inline(&source.origin));
            writeln!(out, "{n}. {at}, {origin}: {}{url}", inline(&source.text)).ok();
        }
    }
}
