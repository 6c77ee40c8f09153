//! What `kinds.toml` holds. An unknown field, a section that is not there or an id given twice is an
//! error that names it.

use super::field::{Field, Wanted};
use super::step::Step;
use crate::incidents::Label;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The section library, the fields, the overlays and the kinds.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// What remembers it keeps this number: the product's own counts its changes, another's follows from
    /// its text.
    #[serde(default)]
    pub version: i64,
    /// Every section there is.
    pub sections: Vec<Section>,
    /// Every field there is.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// What can be put on top of any kind.
    #[serde(default)]
    pub overlays: Vec<Overlay>,
    /// Every kind there is.
    pub kinds: Vec<Kind>,
}

/// A part of a retrospective, with what to ask oneself while writing it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
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
    #[serde(default)]
    pub optional: Vec<String>,
    /// Fields that it wants.
    #[serde(default)]
    pub fields: Vec<Wanted>,
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

/// What is put on top of any kind, where something beside the incident asks for it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KindOverlay)]
pub struct Overlay {
    /// `regulated`.
    pub id: String,
    /// What people read.
    pub name: String,
    /// When it is put on.
    pub when: String,
    /// Sections that it adds.
    #[serde(default)]
    pub sections: Vec<String>,
    /// Fields that it wants.
    #[serde(default)]
    pub fields: Vec<Wanted>,
    /// Roles that it needs.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Roles whose yes is needed before a release.
    #[serde(default)]
    pub approvals: Vec<String>,
    /// For how long what belongs to it is kept: `1y`, `3y`, `6y`, `7y` or `keep`.
    pub retention: String,
    /// What is done by when, beside the kind's steps.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// The classes of retention.
pub(super) const RETENTION: [&str; 5] = ["1y", "3y", "6y", "7y", "keep"];

impl Overlay {
    /// For how long it is kept, in words.
    #[must_use]
    pub fn retention_in_words(&self) -> String {
        match self.retention.strip_suffix('y') {
            Some("1") => "a year".to_owned(),
            Some(years) => format!("{years} years"),
            None => "for good".to_owned(),
        }
    }
}

impl Kind {
    /// Whether it may be finished without a meeting.
    #[must_use]
    pub fn may_skip_meeting(&self) -> bool {
        self.meeting.is_none() || self.meeting_optional
    }

    /// The role that owns it.
    #[must_use]
    pub fn owner_role(&self) -> &str {
        let first = self.roles.first().map_or("owner", String::as_str);
        self.owner_role.as_deref().unwrap_or(first)
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
        let wrong = library.check();
        match wrong.first() {
            None => Ok(library),
            Some(one) => Err(format!("{}: {}", one.path, one.message)),
        }
    }

    /// The kind of an id.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.kinds.iter().find(|one| one.id == id)
    }

    /// The section of an id.
    #[must_use]
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|one| one.id == id)
    }

    /// The field of an id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|one| one.id == id)
    }

    /// The overlay of an id.
    #[must_use]
    pub fn overlay(&self, id: &str) -> Option<&Overlay> {
        self.overlays.iter().find(|one| one.id == id)
    }

    /// A kind's sections, in order.
    #[must_use]
    pub fn sections_of(&self, kind: &Kind) -> Vec<&Section> {
        kind.sections.iter().filter_map(|id| self.section(id)).collect()
    }

    /// Sections that may be added to a kind, as far as it names them.
    #[must_use]
    pub fn optional_of(&self, kind: &Kind) -> Vec<&Section> {
        kind.optional.iter().filter_map(|id| self.section(id)).collect()
    }

    /// The fields that are wanted, with until when.
    #[must_use]
    pub fn wanted<'a>(&'a self, wanted: &'a [Wanted]) -> Vec<(&'a Field, &'a Wanted)> {
        wanted.iter().filter_map(|one| Some((self.field(&one.field)?, one))).collect()
    }

    /// The kind of an id in a form.
    ///
    /// # Errors
    /// A sentence with the ids there are.
    pub fn parse_kind(&self, id: &str) -> Result<&Kind, String> {
        self.kind(id).ok_or_else(|| {
            let ids: Vec<&str> = self.kinds.iter().map(|kind| kind.id.as_str()).collect();
            format!("`{id}` is not a kind of review; say one of: {}.", ids.join(", "))
        })
    }
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
            assert!(named.all(|id| library.section(id).is_some()), "{}", kind.id);
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
        assert_eq!(said, "kinds[0].sections[1]: There is no section `nots`. Did you mean `notes`?");
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
