//! An incident and its retrospectives as Markdown with front matter, for people; made of the same rows
//! that stand beside it as JSON.

use super::cell::quoted;
use super::write::Rows;
use kit::db::catalogue::Table;
use kit::db::records::{Cell, Record};
use std::fmt::Write;

/// One row with the names of its columns.
struct Row<'a>(&'a Table, &'a Record);

impl Row<'_> {
    fn cell(&self, column: &str) -> &Cell {
        self.0.position(column).map_or(&Cell::Null, |at| &self.1[at])
    }

    /// What stands there, as text; nothing for nothing.
    fn text(&self, column: &str) -> String {
        match self.cell(column) {
            Cell::Text(text) | Cell::Json(text) => text.clone(),
            Cell::Int(number) => number.to_string(),
            Cell::Real(number) => number.to_string(),
            Cell::Bool(yes) => yes.to_string(),
            Cell::Time(at) => at.to_string(),
            Cell::Null | Cell::Bytes(_) => String::new(),
        }
    }

    fn is(&self, column: &str, value: &str) -> bool {
        self.text(column) == value
    }

    fn is_there(&self) -> bool {
        *self.cell("deleted_at") == Cell::Null
    }
}

fn all<'a>(rows: &'a Rows, table: &str) -> Vec<Row<'a>> {
    let found = rows.iter().find(|(one, _)| one.name == table);
    found.map_or(Vec::new(), |(table, records)| {
        records.iter().map(|record| Row(table, record)).collect()
    })
}

fn sorted<'a>(mut rows: Vec<Row<'a>>, by: &[&str]) -> Vec<Row<'a>> {
    let key = |row: &Row<'_>| -> Vec<String> {
        by.iter()
            .map(|column| match row.cell(column) {
                Cell::Int(number) => format!("{number:020}"),
                _ => row.text(column),
            })
            .collect()
    };
    rows.sort_by_key(key);
    rows
}

/// The files of an incident, each with its name.
#[must_use]
pub fn pages(rows: &Rows) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    for incident in all(rows, "incidents") {
        pages.push(("incident.md".to_owned(), incident_page(rows, &incident)));
    }
    for retrospective in all(rows, "retrospectives") {
        let nth = retrospective.text("nth");
        let text = retrospective_page(rows, &retrospective);
        pages.push((format!("retrospective-{nth}.md"), text));
        for release in all(rows, "releases") {
            if release.is("retrospective_id", &retrospective.text("id")) {
                let name = format!("retrospective-{nth}-release-{}.md", release.text("number"));
                pages.push((name, release.text("markdown")));
            }
        }
    }
    pages
}

fn front(out: &mut String, row: &Row<'_>, columns: &[&str]) {
    out.push_str("---\n");
    for column in columns {
        match row.cell(column) {
            Cell::Null => {}
            Cell::Text(text) => {
                let _ = writeln!(out, "{column}: {}", quoted(text));
            }
            _ => {
                let _ = writeln!(out, "{column}: {}", row.text(column));
            }
        }
    }
}

fn incident_page(rows: &Rows, incident: &Row<'_>) -> String {
    let mut out = String::new();
    let columns = [
        "number",
        "title",
        "kind",
        "severity",
        "status",
        "label",
        "detection",
        "environment",
        "created_at",
        "updated_at",
    ];
    front(&mut out, incident, &columns);
    let times = sorted(all(rows, "key_times"), &["name"]);
    if !times.is_empty() {
        out.push_str("key_times:\n");
        for time in times {
            let corrected = time.text("override_at");
            let at = if corrected.is_empty() { time.text("recorded_at") } else { corrected };
            let _ = writeln!(out, "  {}: {at}", time.text("name"));
        }
    }
    let _ = write!(
        out,
        "---\n\n# INC-{}: {}\n\n{}\n",
        incident.text("number"),
        incident.text("title"),
        incident.text("description").trim()
    );
    let windows = sorted(all(rows, "impact_windows"), &["started_at", "id"]);
    if !windows.is_empty() {
        out.push_str("\n## Impact\n\n");
        for window in windows {
            let (from, to) = (window.text("started_at"), window.text("ended_at"));
            let (surface, effect) = (window.text("surface"), window.text("effect"));
            let _ = writeln!(out, "- {from} to {to}: {surface}, {effect}");
        }
    }
    let entries = sorted(all(rows, "timeline_entries"), &["at", "tie", "id"]);
    let entries: Vec<_> = entries.iter().filter(|entry| entry.is_there()).collect();
    if !entries.is_empty() {
        out.push_str("\n## Timeline\n\n");
        for entry in entries {
            let text = entry.text("text").replace('\n', "\n  ");
            let _ = writeln!(out, "- {} ({}) {text}", entry.text("at"), entry.text("fact"));
        }
    }
    out
}

fn retrospective_page(rows: &Rows, retrospective: &Row<'_>) -> String {
    let mut out = String::new();
    front(&mut out, retrospective, &["title", "kind", "state", "nth", "created_at", "updated_at"]);
    let _ = write!(out, "---\n\n# {}\n", retrospective.text("title"));
    let id = retrospective.text("id");
    for section in sorted(all(rows, "sections"), &["position", "id"]) {
        let text = section.text("text");
        if section.is("retrospective_id", &id) && !text.trim().is_empty() {
            let name = crate::kinds::section(&section.text("section"));
            let name = name.map_or_else(|| section.text("section"), |one| one.name.clone());
            let _ = write!(out, "\n## {name}\n\n{}\n", text.trim());
        }
    }
    let mut list = |heading: &str, table: &str, by: &[&str], say: &dyn Fn(&Row<'_>) -> String| {
        let found = sorted(all(rows, table), by);
        let found = found.iter().filter(|row| row.is("retrospective_id", &id) && row.is_there());
        let lines: Vec<String> = found.map(|row| format!("- {}\n", say(row))).collect();
        if !lines.is_empty() {
            let _ = write!(out, "\n## {heading}\n\n{}", lines.concat());
        }
    };
    list("Factors", "factors", &["position", "id"], &|row| {
        format!("{} ({})", row.text("statement"), row.text("certainty"))
    });
    list("Lessons", "lessons", &["position", "id"], &|row| row.text("text"));
    list("Actions", "actions", &["number"], &|row| {
        let due = row.text("due");
        let due = if due.is_empty() { due } else { format!(", due {due}") };
        format!("ACT-{} {} ({}{due})", row.text("number"), row.text("title"), row.text("state"))
    });
    list("Risks", "risks", &["number"], &|row| {
        format!("RISK-{} {} ({})", row.text("number"), row.text("statement"), row.text("state"))
    });
    out
}
