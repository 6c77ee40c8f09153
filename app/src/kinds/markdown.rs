//! A kind as an empty Markdown file, for use without software: its sections with their questions as
//! comments that no reader of the result sees.

use super::Kind;
use std::fmt::Write;

/// The empty template.
#[must_use]
pub fn blank(kind: &Kind) -> String {
    let mut out = format!("# {}: what happened, in plain words\n\n", kind.name);
    let mut comment = |lines: &[String]| {
        let _ = writeln!(out, "<!--");
        for line in lines {
            let _ = writeln!(out, "{line}");
        }
        let _ = writeln!(out, "-->\n");
    };
    comment(&[
        format!("When: {}", kind.when),
        format!("Effort: {}; {}.", kind.effort, kind.meeting_in_words()),
        format!("For: {}.", kind.audience),
        "Leave out what has nothing to say. Names say whom to ask, never whose fault it was."
            .into(),
    ]);
    for section in kind.own_sections() {
        let _ = writeln!(out, "## {}\n", section.name);
        write_questions(&mut out, &section.help, &section.prompts);
        if let Some(table) = table_of(&section.id) {
            let _ = writeln!(out, "{table}\n");
        }
    }
    let optional: Vec<&str> =
        kind.optional_sections().map(|section| section.name.as_str()).collect();
    if !optional.is_empty() {
        let _ = writeln!(out, "<!-- Also possible: {}. -->\n", optional.join(", "));
    }
    let _ = writeln!(out, "<!-- Steps, counted from the end of the incident or from the meeting:");
    for step in &kind.steps {
        let role = step.role_in_words();
        let _ = writeln!(out, "- {} ({role}, {} {})", step.name, step.anchor, step.offset);
    }
    let _ = writeln!(out, "-->");
    out
}

fn write_questions(out: &mut String, help: &str, prompts: &[String]) {
    let _ = writeln!(out, "<!-- {help}");
    for prompt in prompts {
        let _ = writeln!(out, "- {prompt}");
    }
    let _ = writeln!(out, "-->\n");
}

/// What is a table on paper.
fn table_of(section: &str) -> Option<&'static str> {
    match section {
        "tl" => Some("| Time (UTC) | What | Source |\n|---|---|---|\n|  |  |  |"),
        "act" => Some(
            "| Action (a verb first) | Done when | Owner | Due |\n|---|---|---|---|\n|  |  |  |  |",
        ),
        "risk" => {
            Some("| Risk | What softens it | Accepted by, until |\n|---|---|---|\n|  |  |  |")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_blank_template_has_every_section_with_its_questions() {
        for kind in crate::kinds::all() {
            let text = super::blank(kind);
            for section in kind.own_sections() {
                assert!(text.contains(&format!("\n## {}\n", section.name)), "{}", kind.id);
                assert!(section.prompts.iter().all(|prompt| text.contains(prompt.as_str())));
            }
            assert!(!text.contains("-->\n-->"), "comments are closed once");
        }
    }
}
