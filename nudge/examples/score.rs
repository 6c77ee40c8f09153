//! Scores labelled sentences: `cargo run -p nudge --example score -- FILE.jsonl [RULE] [held]`.

use nudge::{Engine, Kind, Place, Section};
use std::collections::{BTreeMap, BTreeSet};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("a file of labelled sentences is needed")?;
    let shown = arguments.next().unwrap_or_default();
    let rules = arguments.next().map(std::fs::read_to_string).transpose()?;
    let engine = match rules {
        Some(rules) => Engine::of(&[&rules])?,
        None => Engine::shipped("en").ok_or("no English rules")??,
    };
    let mut counts: BTreeMap<String, [u32; 3]> = BTreeMap::new();
    let (mut clean, mut alarms) = (0, 0);
    for line in std::fs::read_to_string(file)?.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let text = row["text"].as_str().unwrap_or("");
        let place = Place {
            section: Section::named(row["section"].as_str().unwrap_or(""))
                .unwrap_or(Section::Other),
            kind: Kind::named(row["kind"].as_str().unwrap_or("")).unwrap_or(Kind::Paragraph),
            heading: row["heading"].as_str().unwrap_or(""),
            is_zone_declared: row["zone_declared"].as_bool().unwrap_or(false),
            people: &[],
        };
        let found = engine.check_passage(text, &place);
        let said: BTreeSet<&str> = found.iter().map(|one| engine.rule(one).id.as_str()).collect();
        let wanted: BTreeSet<&str> =
            row["labels"].as_array().into_iter().flatten().filter_map(|v| v.as_str()).collect();
        clean += u32::from(wanted.is_empty());
        alarms += u32::from(wanted.is_empty() && !said.is_empty());
        for rule in said.union(&wanted) {
            let count = counts.entry((*rule).to_owned()).or_default();
            let kind = match (said.contains(rule), wanted.contains(rule)) {
                (true, true) => 0,
                (true, false) => 1,
                _ => 2,
            };
            count[kind] += 1;
            if kind > 0 && (shown == *rule || shown == "all") {
                let sign = if kind == 1 { "FALSE " } else { "MISSED" };
                let span = found.iter().find(|one| engine.rule(one).id == *rule);
                let part = span.map_or("", |one| &text[one.span.start..one.span.end]);
                let doubt = if row["doubtful"].to_string().contains(rule) { "?" } else { "" };
                let text: String = text.chars().take(260).collect();
                println!(
                    "{sign} {rule}{doubt} [{part}] {} {}: {text}",
                    place.section.name(),
                    place.kind.name()
                );
            }
        }
    }
    let mut sum = [0; 3];
    for (rule, count) in &counts {
        print_row(rule, *count);
        for (all, one) in sum.iter_mut().zip(count) {
            *all += one;
        }
    }
    print_row("in sum", sum);
    println!("false alarms on clean sentences {alarms} of {clean}");
    Ok(())
}

fn print_row(rule: &str, [right, wrong, missed]: [u32; 3]) {
    let share = |part: u32, of: u32| f64::from(part) / f64::from(of.max(1));
    let (precision, recall) = (share(right, right + wrong), share(right, right + missed));
    let f1 = share(2 * right, 2 * right + wrong + missed);
    println!(
        "{rule:26} precision {precision:.2} recall {recall:.2} F1 {f1:.2}  ({right} right, {wrong} false, {missed} missed)"
    );
}
