//! What `kinds.toml` holds. An unknown field, a section that is not there or an id given twice is an
//! error that names it.

use super::step::{Done, Step};
use crate::incidents::Label;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The section library and the kinds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// Counts the changes to this file.
    pub version: i64,
    /// Every section there is.
    pub sections: Vec<Section>,
    /// Every kind there is.
    pub kinds: Vec<Kind>,
}

/// A part of a retrospective, with what to ask oneself while writing it.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LibrarySection)]
pub struct Section {
    /// `sum`, `imp`, `sec-scope`.
    pub id: String,
    /// What people read.
    pub name: String,
    /// Filled from structured data; its text only adds to it.
    #[serde(default)]
    pub auto: bool,
    /// Questions that stand beside the text.
    pub prompts: Vec<String>,
    /// One sentence on what goes here.
    pub help: String,
}

/// A kind of retrospective.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KindOfRetrospective)]
pub struct Kind {
    /// `light`, `standard`, `major`.
    pub id: String,
    /// What people read.
    pub name: String,
    /// For which incidents.
    pub when: String,
    /// Why this kind, in half a sentence: "because …".
    pub why_words: String,
    /// What it costs.
    pub effort: String,
    /// Its sections, in order.
    pub sections: Vec<String>,
    /// Sections that may be added.
    pub optional: Vec<String>,
    /// How long the meeting is, in minutes; none when there is none.
    pub meeting: Option<i64>,
    /// Whether the meeting may be left out.
    #[serde(default)]
    pub meeting_optional: bool,
    /// Roles in it.
    pub roles: Vec<String>,
    /// The role that owns it, where that is not the first.
    pub owner_role: Option<String>,
    /// Who reads the draft.
    #[serde(default)]
    pub reviewers: Vec<String>,
    /// Who reads what is published.
    pub audience: String,
    /// How far it may be shared, as a first proposal.
    pub confidentiality: Label,
    /// Severity and duration say nothing here.
    pub hides_severity: bool,
    /// Whether a report is published at the end.
    pub report: bool,
    /// Whether it must end in actions.
    pub demands_actions: bool,
    /// Actions are verified by somebody other than their owner.
    #[serde(default)]
    pub verify_by_other: bool,
    /// Evidence is held for the law.
    #[serde(default)]
    pub legal_hold: bool,
    /// So many timeline entries at least.
    pub timeline_minimum: Option<i64>,
    /// So many first-hand accounts at least.
    pub accounts_minimum: Option<i64>,
    /// The facilitator had no part in the incident.
    #[serde(default)]
    pub facilitator_independent: bool,
    /// Every confirmed factor gets a decision.
    #[serde(default)]
    pub decision_per_factor: bool,
    /// What it becomes when it is bigger than it looked.
    pub grows_into: Option<String>,
    /// Whoever reported it is thanked.
    #[serde(default)]
    pub thanks_reporter: bool,
    /// Whether figures count it as an incident.
    #[serde(default = "yes")]
    pub counts_as_incident: bool,
    /// It is about many incidents.
    #[serde(default)]
    pub covers_many: bool,
    /// What is done by when.
    pub steps: Vec<Step>,
}

fn yes() -> bool {
    true
}

impl Kind {
    /// Whether it may be finished without a meeting.
    #[must_use]
    pub fn may_skip_meeting(&self) -> bool {
        self.meeting.is_none() || self.meeting_optional
    }

    /// Its sections, in order.
    pub fn own_sections(&self) -> impl Iterator<Item = &'static Section> + '_ {
        self.sections.iter().filter_map(|id| super::section(id))
    }

    /// Sections that may be added.
    pub fn optional_sections(&self) -> impl Iterator<Item = &'static Section> + '_ {
        self.optional.iter().filter_map(|id| super::section(id))
    }

    /// The meeting, in words.
    #[must_use]
    pub fn meeting_in_words(&self) -> String {
        match (self.meeting, self.meeting_optional) {
            (None, _) => "no meeting".to_owned(),
            (Some(minutes), true) => format!("{minutes} minutes together, if you like"),
            (Some(minutes), false) => format!("{minutes} minutes together"),
        }
    }
}

impl Library {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse(text: &str) -> Result<Library, String> {
        let library: Library = toml::from_str(text).map_err(|error| error.to_string())?;
        library.check()?;
        Ok(library)
    }

    fn check(&self) -> Result<(), String> {
        let sections = once("section", self.sections.iter().map(|section| section.id.as_str()))?;
        let kinds = once("kind", self.kinds.iter().map(|kind| kind.id.as_str()))?;
        for kind in &self.kinds {
            let named = kind.sections.iter().chain(&kind.optional).map(String::as_str);
            for id in once(&format!("section of `{}`", kind.id), named)? {
                if !sections.contains(id) {
                    return Err(format!(
                        "`{}` names the section `{id}`, which is not there",
                        kind.id
                    ));
                }
            }
            once(
                &format!("step of `{}`", kind.id),
                kind.steps.iter().map(|step| step.id.as_str()),
            )?;
            if let Some(other) = kind.grows_into.as_deref().filter(|other| !kinds.contains(other)) {
                return Err(format!("`{}` grows into `{other}`, which is not there", kind.id));
            }
            for step in &kind.steps {
                if let Done::Section(id) = &step.done
                    && !sections.contains(id.as_str())
                {
                    let (step, kind) = (&step.id, &kind.id);
                    return Err(format!(
                        "step `{step}` of `{kind}` waits for the section `{id}`, which is not there"
                    ));
                }
            }
        }
        Ok(())
    }
}

fn once<'a>(what: &str, ids: impl Iterator<Item = &'a str>) -> Result<BTreeSet<&'a str>, String> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(format!("the {what} `{id}` is there twice"));
        }
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::Library;

    const SHIPPED: &str = include_str!("kinds.toml");

    #[test]
    fn the_shipped_kinds_are_whole() {
        let library = Library::parse(SHIPPED).unwrap();
        assert_eq!(library.kinds.len(), 10);
        for kind in &library.kinds {
            assert!(!kind.steps.is_empty() && !kind.roles.is_empty(), "{}", kind.id);
            let mut named = kind.sections.iter().chain(&kind.optional);
            assert!(named.all(|id| crate::kinds::section(id).is_some()), "{}", kind.id);
        }
        for section in &library.sections {
            assert!(!section.prompts.is_empty() && !section.help.is_empty(), "{}", section.id);
            assert!(!section.name.to_lowercase().contains("root cause"));
        }
    }

    #[test]
    fn a_section_that_is_not_there_is_named() {
        let broken = SHIPPED.replacen(
            "sections = [\"basic\", \"notes\"",
            "sections = [\"basic\", \"nots\"",
            1,
        );
        let said = Library::parse(&broken).unwrap_err();
        assert!(said.contains("`discussion`") && said.contains("`nots`"), "{said}");
    }

    #[test]
    fn an_unknown_field_is_named() {
        let broken = SHIPPED.replacen("effort = ", "efort = ", 1);
        assert!(Library::parse(&broken).unwrap_err().contains("efort"));
    }

    #[test]
    fn a_step_has_a_time_and_a_fact_that_there_is() {
        for (good, bad, named) in [
            ("offset = \"5bd\"", "offset = \"5 weeks\"", "5 weeks"),
            ("done = \"met\"", "done = \"ticked\"", "ticked"),
            ("done = \"section:acc\"", "done = \"section:ac\"", "`ac`"),
            ("anchor = \"meeting\"", "anchor = \"lunch\"", "lunch"),
        ] {
            let said = Library::parse(&SHIPPED.replacen(good, bad, 1)).unwrap_err();
            assert!(said.contains(named), "{said}");
        }
    }
}
