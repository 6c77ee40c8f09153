//! A step of a kind: what is done, by whom, by when, and which fact shows that it is done.

use crate::calendars::Offset;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, schema::SchemaType};
use utoipa::{PartialSchema, ToSchema};

kit::words!(
    /// What a due date counts from.
    Anchor {
        /// The incident's end.
        Resolved = "resolved", "resolved";
        /// The meeting: when it was held, or is due until then.
        Meeting = "meeting", "meeting";
    }
);

impl Anchor {
    /// After "2 business days after".
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Anchor::Resolved => "the incident was resolved",
            Anchor::Meeting => "the meeting",
        }
    }
}

/// Which fact completes a step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Done {
    /// Somebody owns the retrospective.
    Owner,
    /// Evidence is attached to the incident.
    Evidence,
    /// The timeline has as many entries as the kind asks for.
    Timeline,
    /// What no reader wants to miss has words.
    Draft,
    /// A section is ready.
    Section(String),
    /// The draft was sent to its readers.
    Sent,
    /// It was read.
    Read,
    /// The meeting was held.
    Met,
    /// Every action is promised or decided against, or it is said why there is none.
    Actions,
    /// A release is out.
    Published,
    /// The retrospective is closed.
    Closed,
    /// No fact of ours: somebody says what was done and where that is seen.
    #[default]
    Said,
}

const WORDS: [(&str, Done); 11] = [
    ("owner", Done::Owner),
    ("evidence", Done::Evidence),
    ("timeline", Done::Timeline),
    ("draft", Done::Draft),
    ("sent", Done::Sent),
    ("read", Done::Read),
    ("met", Done::Met),
    ("actions", Done::Actions),
    ("published", Done::Published),
    ("closed", Done::Closed),
    ("said", Done::Said),
];

impl Done {
    /// What has to be true, as people say it.
    #[must_use]
    pub fn in_words(&self) -> String {
        let words = match self {
            Done::Owner => "when somebody owns the retrospective",
            Done::Evidence => "when evidence is attached",
            Done::Timeline => "when the timeline has its entries",
            Done::Draft => "when what no reader wants to miss has words",
            Done::Section(id) => {
                let name = super::section(id).map_or(id.as_str(), |section| section.name.as_str());
                return format!("when “{name}” is ready");
            }
            Done::Sent => "when the draft is sent to its readers",
            Done::Read => "when it was read and taken in",
            Done::Met => "when the meeting was held",
            Done::Actions => "when every action is promised or decided against",
            Done::Published => "when a release is out",
            Done::Closed => "when the retrospective is closed",
            Done::Said => "when somebody says what was done, and where one can see it",
        };
        words.to_owned()
    }
}

impl TryFrom<String> for Done {
    type Error = String;

    fn try_from(text: String) -> Result<Done, String> {
        if let Some(id) = text.strip_prefix("section:") {
            return Ok(Done::Section(id.to_owned()));
        }
        let found = WORDS.iter().find(|(word, _)| *word == text).map(|(_, done)| done.clone());
        found.ok_or_else(|| {
            let words = WORDS.map(|(word, _)| word).join(", ");
            format!("`{text}` is no fact; say one of: {words}, or section:ID.")
        })
    }
}

impl From<Done> for String {
    fn from(done: Done) -> String {
        match &done {
            Done::Section(id) => format!("section:{id}"),
            other => WORDS
                .iter()
                .find(|(_, one)| one == other)
                .map_or("said", |(word, _)| word)
                .to_owned(),
        }
    }
}

impl PartialSchema for Done {
    fn schema() -> RefOr<Schema> {
        let words = WORDS.map(|(word, _)| word).join("|");
        let about = "Which fact completes it; `said`: somebody says what was done.";
        let schema = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
        schema.description(Some(about)).pattern(Some(format!("^({words}|section:[a-z-]+)$"))).into()
    }
}

impl ToSchema for Done {
    fn name() -> Cow<'static, str> {
        "StepDone".into()
    }
}

/// Something to be done by when.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KindStep)]
pub struct Step {
    /// Unique in the kind.
    pub id: String,
    /// What is done.
    pub name: String,
    /// Who does it, as a role.
    pub role: String,
    /// Since when: `resolved` or `meeting`.
    pub anchor: Anchor,
    /// How long after (or before): `4h`, `2d`, `2bd`, `-24h`.
    #[schema(value_type = String, example = "2bd")]
    pub offset: Offset,
    /// Which fact completes it.
    #[serde(default)]
    pub done: Done,
}

impl Step {
    /// Who does it, as people say it.
    #[must_use]
    pub fn role_in_words(&self) -> String {
        self.role.replace('_', " ")
    }
}

#[cfg(test)]
mod tests {
    use super::{Done, WORDS};

    #[test]
    fn every_fact_is_read_and_written_back() {
        for (word, done) in WORDS {
            assert_eq!(Done::try_from(word.to_owned()), Ok(done.clone()));
            assert_eq!(String::from(done), word);
        }
        let section = Done::try_from("section:surp".to_owned()).unwrap();
        assert_eq!(String::from(section.clone()), "section:surp");
        assert!(section.in_words().contains("surprised"), "{}", section.in_words());
        assert!(Done::try_from("ticked".to_owned()).unwrap_err().contains("owner, evidence"));
    }
}
