//! What does not fit together in a library of kinds, each fault with its place.

use super::field::Wanted;
use super::kind::{Library, RETENTION};
use super::step::{Done, Step};
use super::wrong::{Wrong, did_you_mean};

/// The longest id.
const ID_MAX: usize = 40;

impl Library {
    /// Everything that is wrong, in the order of the file.
    #[must_use]
    pub fn check(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let ids = |ids: Vec<&str>, of: &str, wrong: &mut Vec<Wrong>| check_ids(&ids, of, wrong);
        ids(self.sections.iter().map(|one| one.id.as_str()).collect(), "sections", &mut wrong);
        ids(self.fields.iter().map(|one| one.id.as_str()).collect(), "fields", &mut wrong);
        ids(self.overlays.iter().map(|one| one.id.as_str()).collect(), "overlays", &mut wrong);
        ids(self.kinds.iter().map(|one| one.id.as_str()).collect(), "kinds", &mut wrong);
        for (n, section) in self.sections.iter().enumerate() {
            if section.name.trim().is_empty() {
                wrong.push(Wrong::new(format!("sections[{n}].name"), "It has no name."));
            }
        }
        for (n, field) in self.fields.iter().enumerate() {
            let path = format!("fields[{n}]");
            if self.section(&field.section).is_none() {
                wrong.push(self.no_section(format!("{path}.section"), &field.section));
            }
            field.check(&path, false, &mut wrong);
        }
        for (n, overlay) in self.overlays.iter().enumerate() {
            let path = format!("overlays[{n}]");
            self.check_sections(&format!("{path}.sections"), &overlay.sections, &[], &mut wrong);
            self.check_wanted(&path, &overlay.fields, &mut wrong);
            self.check_steps(&path, &overlay.steps, &mut wrong);
            if !RETENTION.contains(&overlay.retention.as_str()) {
                let known = RETENTION.join(", ");
                let message = format!("`{}` is not one of: {known}.", overlay.retention);
                wrong.push(Wrong::new(format!("{path}.retention"), message));
            }
        }
        if self.kinds.is_empty() {
            wrong.push(Wrong::new("kinds", "There is no kind; one at least is needed."));
        }
        self.check_kinds(&mut wrong);
        wrong
    }

    fn check_kinds(&self, wrong: &mut Vec<Wrong>) {
        for (n, kind) in self.kinds.iter().enumerate() {
            let path = format!("kinds[{n}]");
            if kind.name.trim().is_empty() {
                wrong.push(Wrong::new(format!("{path}.name"), "It has no name."));
            }
            if kind.roles.is_empty() {
                let message = "It has no role; somebody has to own it.";
                wrong.push(Wrong::new(format!("{path}.roles"), message));
            }
            self.check_sections(&format!("{path}.sections"), &kind.sections, &[], wrong);
            let optional = format!("{path}.optional");
            self.check_sections(&optional, &kind.optional, &kind.sections, wrong);
            self.check_wanted(&path, &kind.fields, wrong);
            self.check_steps(&path, &kind.steps, wrong);
            if kind.meeting.is_some_and(|minutes| !(5..=480).contains(&minutes)) {
                let message = "A meeting has 5 to 480 minutes; leave it out where there is none.";
                wrong.push(Wrong::new(format!("{path}.meeting"), message));
            }
            if let Some(other) = &kind.grows_into
                && self.kind(other).is_none()
            {
                let known = self.kinds.iter().map(|one| one.id.as_str());
                let near = did_you_mean(other, known);
                let message = format!("There is no kind `{other}`.{near}");
                wrong.push(Wrong::new(format!("{path}.grows_into"), message));
            }
        }
    }

    fn no_section(&self, path: String, id: &str) -> Wrong {
        let near = did_you_mean(id, self.sections.iter().map(|one| one.id.as_str()));
        Wrong::new(path, format!("There is no section `{id}`.{near}"))
    }

    fn check_sections(
        &self,
        path: &str,
        named: &[String],
        before: &[String],
        wrong: &mut Vec<Wrong>,
    ) {
        for (n, id) in named.iter().enumerate() {
            let place = format!("{path}[{n}]");
            if self.section(id).is_none() {
                wrong.push(self.no_section(place, id));
            } else if named[..n].contains(id) || before.contains(id) {
                wrong.push(Wrong::new(place, format!("The section `{id}` is there twice.")));
            }
        }
    }

    fn check_wanted(&self, path: &str, wanted: &[Wanted], wrong: &mut Vec<Wrong>) {
        for (n, one) in wanted.iter().enumerate() {
            let place = format!("{path}.fields[{n}].field");
            let id = one.field.as_str();
            if self.field(id).is_none() {
                let near = did_you_mean(id, self.fields.iter().map(|one| one.id.as_str()));
                wrong.push(Wrong::new(place, format!("There is no field `{id}`.{near}")));
            } else if wanted[..n].iter().any(|other| other.field == id) {
                wrong.push(Wrong::new(place, format!("The field `{id}` is there twice.")));
            }
        }
    }

    fn check_steps(&self, path: &str, steps: &[Step], wrong: &mut Vec<Wrong>) {
        let ids: Vec<&str> = steps.iter().map(|one| one.id.as_str()).collect();
        check_ids(&ids, &format!("{path}.steps"), wrong);
        for (n, step) in steps.iter().enumerate() {
            if let Done::Section(id) = &step.done
                && self.section(id).is_none()
            {
                wrong.push(self.no_section(format!("{path}.steps[{n}].done"), id));
            }
            if step.id.starts_with("own-") {
                let message = "Ids that begin with `own-` are for steps that people add.";
                wrong.push(Wrong::new(format!("{path}.steps[{n}].id"), message));
            }
        }
    }
}

/// Ids are there once, and are words.
fn check_ids(ids: &[&str], of: &str, wrong: &mut Vec<Wrong>) {
    for (n, id) in ids.iter().enumerate() {
        let path = format!("{of}[{n}].id");
        let is_word = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && id.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && id.len() <= ID_MAX;
        if !is_word {
            let message = format!(
                "`{id}` is not an id: up to {ID_MAX} small letters, digits and hyphens, a letter first."
            );
            wrong.push(Wrong::new(path, message));
        } else if ids[..n].contains(id) {
            wrong.push(Wrong::new(path, format!("`{id}` is there twice.")));
        }
    }
}
