//! Prints the findings on files, or scores document cases: `cargo run -p nudge --example read -- RULES FILE…`.

use nudge::{Engine, Facts, as_markdown};
use std::collections::{BTreeMap, BTreeSet};

type Any = Box<dyn std::error::Error>;

fn main() -> Result<(), Any> {
    let mut arguments = std::env::args().skip(1);
    let rules = std::fs::read_to_string(arguments.next().ok_or("a rule file is needed")?)?;
    let engine = Engine::of(&[&rules])?;
    for file in arguments {
        let text = String::from_utf8_lossy(&std::fs::read(&file)?).into_owned();
        if file.ends_with(".jsonl") {
            cases(&engine, &text)?;
            continue;
        }
        let checked = if file.ends_with(".html") { as_markdown(&text) } else { text.clone() };
        let words = text.split_whitespace().count();
        let found = engine.check(&checked, &Facts::default());
        println!("{file}: {} findings in {words} words", found.len());
        for finding in &found {
            let (start, end) = (finding.span.start, finding.span.end);
            let line = text[..start].matches('\n').count() + 1;
            let from = (start.saturating_sub(90)..=start).find(|at| text.is_char_boundary(*at));
            let to = (end..end + 4).find(|at| text.is_char_boundary((at + 90).min(text.len())));
            let (from, to) = (from.unwrap_or(start), (to.unwrap_or(end) + 90).min(text.len()));
            let near = |part: &str| part.replace('\n', " ");
            println!(
                "{line} {}: {}[[{}]]{}",
                engine.rule(finding).id,
                near(&text[from..start]),
                near(&text[start..end.min(start + 120).max(start)]).as_str(),
                near(&text[end..to.max(end)])
            );
        }
    }
    Ok(())
}

fn cases(engine: &Engine, text: &str) -> Result<(), Any> {
    let mut counts: BTreeMap<String, [u32; 3]> = BTreeMap::new();
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line)?;
        let names = |key: &str| -> BTreeSet<String> {
            case[key]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|v| v.as_str())
                .map(str::to_owned)
                .collect()
        };
        let (expected, scored) = (names("expected"), names("scored"));
        let found = engine.check(case["doc"].as_str().unwrap_or(""), &Facts::default());
        let said: BTreeSet<String> = found
            .iter()
            .map(|one| engine.rule(one).id.clone())
            .filter(|id| scored.contains(id))
            .collect();
        for rule in said.union(&expected) {
            let kind = match (said.contains(rule), expected.contains(rule)) {
                (true, true) => 0,
                (true, false) => 1,
                _ => 2,
            };
            counts.entry(rule.clone()).or_default()[kind] += 1;
            if kind > 0 {
                println!("{} {} {rule}", case["id"], if kind == 1 { "FALSE" } else { "MISSED" });
            }
        }
    }
    let sum = counts
        .values()
        .fold([0; 3], |sum, one| [sum[0] + one[0], sum[1] + one[1], sum[2] + one[2]]);
    println!("documents: {} right, {} false, {} missed", sum[0], sum[1], sum[2]);
    Ok(())
}
