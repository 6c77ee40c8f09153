//! Findings as SARIF 2.1.0.

use crate::nudges::lint::Report;
use crate::nudges::said::Nudge;
use nudge::{Rule, Severity};
use serde_json::{Value, json};

/// One run with all rules and all findings.
#[must_use]
pub fn sarif(reports: &[Report], rules: &[Rule]) -> Value {
    let described: Vec<Value> = rules.iter().map(descriptor).collect();
    let mut results = Vec::new();
    for report in reports {
        for nudge in &report.nudges {
            let at = rules.iter().position(|rule| rule.id == nudge.rule);
            results.push(result(&report.source.name, nudge, at));
        }
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "afterword lint",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": described,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn level(is_warning: bool) -> &'static str {
    if is_warning { "warning" } else { "note" }
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.why },
        "help": { "text": rule.question },
        "defaultConfiguration": {
            "level": level(rule.severity == Severity::Warn),
            "enabled": rule.severity != Severity::Off,
        },
        "properties": { "category": rule.category, "reference": rule.reference },
    })
}

fn result(name: &str, nudge: &Nudge, rule: Option<usize>) -> Value {
    let uri = name.replace('\\', "/").replace('%', "%25").replace(' ', "%20");
    let mut result = json!({
        "ruleId": nudge.rule,
        "level": level(nudge.is_warning()),
        "message": { "text": format!("{} {}", nudge.why, nudge.question) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri },
            "region": {
                "startLine": nudge.line, "startColumn": nudge.column,
                "endLine": nudge.end_line, "endColumn": nudge.end_column,
            },
        }}],
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = json!(rule);
    }
    result
}
