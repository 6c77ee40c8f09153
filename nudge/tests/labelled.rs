//! Sentences and documents of our own, labelled before the rules were tried on them: how often the rules are
//! right may not fall.

use nudge::{Engine, Facts, Kind, Place, Section};
use std::collections::BTreeSet;

fn english() -> Engine {
    Engine::shipped("en").expect("English is shipped").expect("its rules are understood")
}

fn names(value: &serde_json::Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(|v| v.as_str()).map(str::to_owned).collect()
}

#[test]
fn sentences_are_told_apart_as_often_as_before() {
    let engine = english();
    let (mut right, mut wrong, mut missed) = (0.0, 0.0, 0.0);
    for line in include_str!("sentences.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row is JSON");
        let text = |name: &str| row[name].as_str().unwrap_or("");
        let place = Place {
            section: Section::named(text("section")).unwrap_or(Section::Other),
            kind: Kind::named(text("kind")).unwrap_or(Kind::Paragraph),
            heading: text("heading"),
            is_zone_declared: row["zone_declared"].as_bool().unwrap_or(false),
            people: &[],
        };
        let found = engine.check_passage(text("text"), &place);
        let said: BTreeSet<String> =
            found.iter().map(|finding| engine.rule(finding).id.clone()).collect();
        let labels = names(&row["labels"]);
        right += said.intersection(&labels).count() as f64;
        wrong += said.difference(&labels).count() as f64;
        missed += labels.difference(&said).count() as f64;
    }
    let (precision, recall) = (right / (right + wrong), right / (right + missed));
    assert!(precision > 0.88, "precision {precision:.3}");
    assert!(recall > 0.92, "recall {recall:.3}");
}

#[test]
fn documents_are_judged_as_they_deserve() {
    let engine = english();
    let mut differ = Vec::new();
    for line in include_str!("documents.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row is JSON");
        let scored = names(&row["scored"]);
        let found = engine.check(row["doc"].as_str().unwrap_or(""), &Facts::default());
        let ids = found.iter().map(|finding| engine.rule(finding).id.clone());
        let said: BTreeSet<String> = ids.filter(|id| scored.contains(id)).collect();
        if said != names(&row["expected"]) {
            differ.push(format!("{}: {said:?}", row["id"]));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
fn a_german_report_is_judged_in_german() {
    let engine =
        Engine::shipped("de").expect("German is shipped").expect("its rules are understood");
    let ids = |text: &str| -> BTreeSet<String> {
        let found = engine.check(text, &Facts::default());
        found.iter().map(|finding| engine.rule(finding).id.clone()).collect()
    };
    let poor = "# Ausfall\n## Auswirkungen\nEinige Kunden waren betroffen.\n## Zeitverlauf\n- 10:00 Alarm\n\
                - 10:20 Behoben\n## Ursache\nMenschliches Versagen.\n## Maßnahmen\n- Überwachung verbessern\n";
    let said = ids(poor);
    for rule in [
        "vague-quantity",
        "impact-no-numbers",
        "timeline-no-zone",
        "human-error",
        "single-root-cause-section",
        "vague-action",
        "action-no-owner",
        "action-no-due",
    ] {
        assert!(said.contains(rule), "{rule}: {said:?}");
    }
    let good = "# Ausfall\n## Auswirkungen\n4.100 Aufträge warteten bis zu 52 Minuten.\n## Zeitverlauf (MEZ)\n\
                - 10:00 Alarm\n- 10:52 Behoben\n## Beitragende Faktoren\n- Die Platte trägt Daten und Protokoll.\n\
                - Der Alarm hat ein Fenster von einer Stunde.\n## Maßnahmen\n\
                - Zweite Platte für das Protokoll (Ben, MSG-4, 3. Mai, Übung mit gezogener Platte)\n";
    assert_eq!(ids(good), BTreeSet::new());
}
