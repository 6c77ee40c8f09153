//! One made-up retrospective with sections, factors, an action, sometimes a risk and sometimes a release.

use super::incident::{Making, Piece};
use super::rows::cells;
use super::{organisation, release, words};
use crate::kinds;
use kit::db::Time;
use kit::db::records::Cell;
use serde_json::json;

/// How far they came.
const DRAFTED: [&str; 4] = ["proposed", "assigned", "gathering", "drafting"];
const REVIEWED: [&str; 5] = ["proposed", "assigned", "gathering", "drafting", "in_review"];
const PUBLISHED: [&str; 7] =
    ["proposed", "assigned", "gathering", "drafting", "in_review", "finalising", "published"];

/// Writes it.
pub fn write(making: &mut Making<'_>, evidence: &[Piece], entries: &[String]) {
    let id = making.id("ret");
    let kind = match making.severity {
        1 => "major",
        2 => "standard",
        _ => "light",
    };
    let opened = making.after(100_000);
    let states: &[&str] = match making.number % 10 {
        0 => &DRAFTED,
        3 | 6 | 9 => &PUBLISHED,
        _ => &REVIEWED,
    };
    let state = states.last().copied().unwrap_or("drafting");
    let title = format!("What {} taught us", organisation::service(making.service));
    making.rows.add(
        "retrospectives",
        cells! {
            "id" => id.clone(), "incident_id" => making.id.clone(), "nth" => 1_i64, "kind" => kind,
            "kind_version" => kinds::shipped().version, "kind_reason" => "Made up.", "title" => title.clone(),
            "state" => state, "owner_id" => making.lead.clone(), "no_action_because" => "",
            "created_by" => making.lead.clone(), "created_at" => opened, "updated_at" => opened,
            "version" => 1_i64,
        },
    );
    for (n, state) in states.iter().enumerate() {
        let n = i64::try_from(n).unwrap_or(0);
        let (move_id, at) = (making.id("rmv"), making.after(100_000 + n * 3_600));
        making.rows.add(
            "retrospective_moves",
            cells! {
                "id" => move_id, "retrospective_id" => id.clone(), "n" => n + 1, "state" => *state,
                "at" => at, "by_person" => making.lead.clone(), "reason" => "",
            },
        );
    }
    making.rows.add(
        "retrospective_people",
        cells! {
            "retrospective_id" => id.clone(), "person_id" => making.lead.clone(), "role" => "owner",
            "added_at" => opened,
        },
    );
    sections(making, &id, kind, opened);
    let factor = factor(making, &id, evidence, entries);
    let action = action(making, &id, &factor);
    if state == "published" {
        release::write(making, (&id, kind, &title), evidence);
    }
    if making.chance.percent(20) {
        risk(making, &id, &factor, &action);
    }
}

fn sections(making: &mut Making<'_>, retro: &str, kind: &str, at: Time) {
    let names = kinds::find(kind).map(|one| one.sections.clone()).unwrap_or_default();
    for (position, name) in names.iter().enumerate() {
        // Half of the sections hold text, about 220 words over all.
        let written = ["sum", "imp", "fac", "well", "less"].contains(&name.as_str());
        let text = if written { words::text(&mut making.chance, 45) } else { String::new() };
        let section = making.id("sec");
        let state = if written { "draft" } else { "empty" };
        making.rows.add(
            "sections",
            cells! {
                "id" => section.clone(), "retrospective_id" => retro, "section" => name.as_str(),
                "position" => i64::try_from(position).unwrap_or(0), "state" => state,
                "text" => text.clone(), "version" => i64::from(written),
                "updated_by" => written.then(|| making.lead.clone()), "updated_at" => at,
            },
        );
        if written {
            making.rows.add(
                "section_versions",
                cells! {
                    "section_id" => section, "version" => 1_i64, "text" => text,
                    "by_person" => making.lead.clone(), "at" => at,
                },
            );
        }
    }
    let (id, text) = (making.id("les"), words::sentence(&mut making.chance, 12));
    making.rows.add(
        "lessons",
        cells! {
            "id" => id, "retrospective_id" => retro, "sort" => "went_well", "text" => text,
            "position" => 0_i64, "created_by" => making.lead.clone(), "created_at" => at,
            "version" => 1_i64,
        },
    );
}

fn factor(making: &mut Making<'_>, retro: &str, evidence: &[Piece], entries: &[String]) -> String {
    let (id, at) = (making.id("fac"), making.after(110_000));
    let statement = words::sentence(&mut making.chance, 14);
    let trigger =
        *making.chance.one(&["code_change", "configuration_change", "load", "dependency"]);
    let layer = *making.chance.one(&["design", "implementation", "coordination", "external"]);
    making.rows.add(
        "factors",
        cells! {
            "id" => id.clone(), "retrospective_id" => retro, "statement" => statement,
            "certainty" => "supported", "path" => "How it came about", "direct_cause" => false,
            "triggers" => Cell::from(json!([trigger])), "layers" => Cell::from(json!([layer])),
            "roles" => Cell::from(json!(["enabled"])), "responses" => Cell::from(json!([])),
            "recurrences" => Cell::from(json!([])), "position" => 0_i64,
            "created_by" => making.lead.clone(), "created_at" => at, "updated_at" => at,
            "version" => 1_i64,
        },
    );
    if let Some(piece) = evidence.first() {
        making.rows.add(
            "factor_citations",
            cells! { "factor_id" => id.clone(), "evidence_id" => piece.id.clone() },
        );
    }
    if let Some(entry) = entries.first() {
        making.rows.add(
            "factor_entries",
            cells! { "factor_id" => id.clone(), "entry_id" => entry.as_str() },
        );
    }
    id
}

fn action(making: &mut Making<'_>, retro: &str, factor: &str) -> String {
    let (id, at) = (making.id("atn"), making.after(120_000));
    let title = words::sentence(&mut making.chance, 7);
    let state = *making.chance.one(&["accepted", "in_progress", "done", "verified", "verified"]);
    let due = making.after(86_400 * making.chance.clone().between(10, 60));
    let (aim, owner) = (
        *making.chance.one(&["prevention", "detection", "mitigation", "recovery"]),
        making.somebody(),
    );
    making.rows.add(
        "actions",
        cells! {
            "id" => id.clone(), "number" => i64::from(making.number), "retrospective_id" => retro,
            "incident_id" => making.id.clone(), "title" => title, "done_when" => "It is seen to hold.",
            "state" => state, "owner_id" => owner, "due" => due.to_string()[..10].to_owned(),
            "class" => "technical", "aim" => aim, "strength" => "medium", "priority" => "P2",
            "effort" => "", "effect" => "", "created_by" => making.lead.clone(),
            "created_at" => at, "updated_at" => at, "version" => 1_i64,
        },
    );
    making.rows.add("action_factors", cells! { "action_id" => id.clone(), "factor_id" => factor });
    let way: &[&str] = match state {
        "accepted" => &["proposed", "accepted"],
        "in_progress" => &["proposed", "accepted", "in_progress"],
        "done" => &["proposed", "accepted", "in_progress", "done"],
        _ => &["proposed", "accepted", "in_progress", "done", "verified"],
    };
    for (n, state) in way.iter().enumerate() {
        let n = i64::try_from(n).unwrap_or(0);
        let (move_id, at) = (making.id("amv"), making.after(120_000 + 86_400 * n));
        making.rows.add(
            "action_moves",
            cells! {
                "id" => move_id, "action_id" => id.clone(), "n" => n + 1, "state" => *state,
                "at" => at, "by_person" => making.lead.clone(), "note" => "Made up.",
            },
        );
    }
    id
}

fn risk(making: &mut Making<'_>, retro: &str, factor: &str, action: &str) {
    let (id, at) = (making.id("rsk"), making.after(130_000));
    let statement = words::sentence(&mut making.chance, 12);
    making.rows.add(
        "risks",
        cells! {
            "id" => id.clone(), "number" => i64::from(making.number), "retrospective_id" => retro,
            "incident_id" => making.id.clone(), "statement" => statement,
            "likelihood" => *making.chance.one(&["low", "medium", "high"]),
            "impact" => *making.chance.one(&["low", "medium", "high"]), "softened_by" => "",
            "state" => "treated", "created_by" => making.lead.clone(), "created_at" => at,
            "updated_at" => at, "version" => 1_i64,
        },
    );
    let move_id = making.id("rmv");
    making.rows.add(
        "risk_moves",
        cells! {
            "id" => move_id, "risk_id" => id.clone(), "n" => 1_i64, "state" => "treated", "at" => at,
            "by_person" => making.lead.clone(), "note" => "Made up.",
        },
    );
    let to = |column: &'static str, other: kit::db::records::Cell| {
        vec![("risk_id", Cell::from(id.clone())), (column, other)]
    };
    let service = organisation::id("svc", making.seed, making.service);
    making.rows.add("risk_factors", to("factor_id", factor.into()));
    making.rows.add("risk_actions", to("action_id", action.into()));
    making.rows.add("risk_services", to("service_id", service.into()));
}
