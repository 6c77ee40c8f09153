//! A kind as an empty Markdown file, for use without software: its sections with their questions as
//! comments that no reader of the result sees.

use super::field::{Field, FieldSort, Wanted};
use super::{Kind, Library, Overlay, Section, Step};
use std::fmt::Write;

/// The empty template.
#[must_use]
pub fn blank(library: &Library, kind: &Kind) -> String {
    let mut out = format!("# {}: what happened, in plain words\n\n", kind.name);
    let mut about = vec![
        format!("When: {}", kind.when),
        format!("Effort: {}; {}.", kind.effort, kind.meeting_in_words()),
        format!("People: {}; owner: {}.", words(&kind.roles), spaced(kind.owner_role())),
    ];
    if !kind.reviewers.is_empty() {
        about.push(format!("Read before by: {}.", kind.reviewers.join(", ")));
    }
    about.push(format!("For: {}. Share as: {}.", kind.audience, kind.confidentiality));
    about.push(
        "Leave out what has nothing to say. Names say whom to ask, never whose fault it was."
            .into(),
    );
    comment(&mut out, &about);
    sections(&mut out, library, &library.sections_of(kind), &kind.fields);
    let optional: Vec<&str> =
        library.optional_of(kind).iter().map(|section| section.name.as_str()).collect();
    if !optional.is_empty() {
        let _ = writeln!(out, "<!-- Also possible: {}. -->\n", optional.join(", "));
    }
    steps(&mut out, &kind.steps);
    out
}

/// What an overlay adds, as an empty template.
#[must_use]
pub fn blank_overlay(library: &Library, overlay: &Overlay) -> String {
    let mut out = format!("# {}: on top of any kind\n\n", overlay.name);
    let about = [
        format!("When: {}", overlay.when),
        format!(
            "People: {}. Yes needed from: {}.",
            words(&overlay.roles),
            words(&overlay.approvals)
        ),
        format!("Kept {}.", overlay.retention_in_words()),
    ];
    comment(&mut out, &about);
    let own: Vec<&Section> = overlay.sections.iter().filter_map(|id| library.section(id)).collect();
    sections(&mut out, library, &own, &overlay.fields);
    steps(&mut out, &overlay.steps);
    out
}

fn words(roles: &[String]) -> String {
    let roles: Vec<String> = roles.iter().map(|role| spaced(role)).collect();
    roles.join(", ")
}

fn spaced(role: &str) -> String {
    role.replace('_', " ")
}

fn comment(out: &mut String, lines: &[String]) {
    let _ = writeln!(out, "<!--");
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out, "-->\n");
}

fn sections(out: &mut String, library: &Library, own: &[&Section], wanted: &[Wanted]) {
    for section in own {
        let _ = writeln!(out, "## {}\n", section.name);
        let questions: Vec<String> =
            section.prompts.iter().map(|prompt| format!("- {prompt}")).collect();
        let _ = writeln!(out, "<!-- {}", section.help);
        for question in questions {
            let _ = writeln!(out, "{question}");
        }
        let _ = writeln!(out, "-->\n");
        if let Some(table) = table_of(&section.id) {
            let _ = writeln!(out, "{table}\n");
        }
        for (field, wanted) in library.wanted(wanted) {
            if field.section == section.id {
                write_field(out, field, wanted);
            }
        }
    }
}

fn write_field(out: &mut String, field: &Field, wanted: &Wanted) {
    let needed = wanted.needed_for.map(|by| format!(", needed {by}")).unwrap_or_default();
    if field.sort == FieldSort::Group {
        let names: Vec<&str> = field.columns.iter().map(|one| one.name.as_str()).collect();
        let _ = writeln!(out, "{}{needed}:\n", field.name);
        let _ = writeln!(out, "| {} |", names.join(" | "));
        let _ = writeln!(out, "|{}", "---|".repeat(names.len()));
        let _ = writeln!(out, "|{}\n", "  |".repeat(names.len()));
    } else {
        let _ = writeln!(out, "- {} ({}{needed}):\n", field.name, field.sort_in_words());
    }
}

fn steps(out: &mut String, steps: &[Step]) {
    let _ = writeln!(out, "<!-- Steps, counted from the end of the incident or from the meeting:");
    for step in steps {
        let role = step.role_in_words();
        let _ = writeln!(out, "- {} ({role}, {} {})", step.name, step.anchor, step.offset);
    }
    let _ = writeln!(out, "-->");
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
    use crate::kinds::shipped;

    #[test]
    fn a_blank_template_has_every_section_with_its_questions_and_every_field() {
        let library = shipped();
        for kind in &library.kinds {
            let text = super::blank(library, kind);
            for section in library.sections_of(kind) {
                assert!(text.contains(&format!("\n## {}\n", section.name)), "{}", kind.id);
                assert!(section.prompts.iter().all(|prompt| text.contains(prompt.as_str())));
            }
            for (field, _) in library.wanted(&kind.fields) {
                assert!(text.contains(&field.name), "{} lacks {}", kind.id, field.id);
            }
            assert!(!text.contains("-->\n-->"), "comments are closed once");
        }
    }

    #[test]
    fn the_regulated_overlay_is_a_template_of_its_own() {
        let library = shipped();
        let text = super::blank_overlay(library, library.overlay("regulated").unwrap());
        assert!(text.contains("## Duties and clocks") && text.contains("| To | Stage | Sent on |"));
        assert!(text.contains("Kept 7 years.") && text.contains("needed before it is closed"));
    }
}
