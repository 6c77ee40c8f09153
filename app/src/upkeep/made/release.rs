//! The release of one made-up retrospective that is published.

use super::incident::{Making, Piece};
use super::organisation;
use super::rows::cells;
use super::words;
use crate::kinds;
use crate::releases::document::{Chapter, Document, Factor, Path, Source, Step};
use crate::releases::rendered;
use crate::shell::words::{date, day};
use kit::db::Time;

/// Writes it.
pub fn write(making: &mut Making<'_>, (retro, kind, title): (&str, &str, &str), cited: &[Piece]) {
    let at = making.after(400_000);
    let document = document(making, (kind, title), cited, at);
    let Ok((html, markdown)) = rendered(&document) else {
        unreachable!("a made-up release does not render");
    };
    let id = making.id("rel");
    making.rows.add(
        "releases",
        cells! {
            "id" => id, "retrospective_id" => retro, "incident_id" => making.id.clone(),
            "number" => 1_i64, "title" => title, "label" => document.label.clone(),
            "audience" => document.audience.clone(), "what_changed" => "", "html" => html,
            "markdown" => markdown, "json" => document.json(), "sha256" => document.sha256(),
            "state" => "published", "published_by" => making.lead.clone(), "published_at" => at,
        },
    );
}

fn document(
    making: &mut Making<'_>,
    (kind, title): (&str, &str),
    cited: &[Piece],
    at: Time,
) -> Document {
    let chance = &mut making.chance;
    let factor = Factor {
        statement: words::sentence(chance, 14),
        certainty: "supported".to_owned(),
        facets: Vec::new(),
        is_direct_cause: false,
        sources: (1..=cited.len().min(1)).collect(),
    };
    let story = ["Lead-up", "Detection", "Recovery"];
    let story = story.map(|name| Chapter { name: name.to_owned(), text: words::text(chance, 60) });
    let step = |(n, piece): (usize, &Piece)| Step {
        at: piece.at.to_string(),
        clock: piece.at.to_string()[11..16].to_owned(),
        day: String::new(),
        fact: "observation".to_owned(),
        phase: "respond".to_owned(),
        text: piece.text.clone(),
        actor: String::new(),
        learned: String::new(),
        result: String::new(),
        sources: vec![n + 1],
    };
    let source = |(n, piece): (usize, &Piece)| Source {
        number: n + 1,
        at: piece.at.to_string(),
        origin: "made up".to_owned(),
        text: piece.text.clone(),
        url: String::new(),
    };
    Document {
        key: format!("INC-{}", making.number),
        release: 1,
        title: title.to_owned(),
        label: making.label.replace('_', " "),
        audience: "Everyone".to_owned(),
        published_on: date(at),
        happened_on: day(making.at),
        kind: kinds::find(kind).map(|one| one.name.clone()).unwrap_or_default(),
        severity: Some(making.severity),
        services: vec![organisation::service(making.service)],
        summary: words::text(chance, 40),
        story: story.into(),
        timeline: cited.iter().enumerate().map(step).collect(),
        surprises: vec![words::sentence(chance, 16)],
        paths: vec![Path { name: "How it came about".to_owned(), factors: vec![factor] }],
        went_well: vec![words::sentence(chance, 12)],
        sources: cited.iter().enumerate().map(source).collect(),
        ..Document::default()
    }
}
