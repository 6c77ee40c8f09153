//! Fields: what a kind wants to know as a figure, a sum, a choice or a name, beside the text. None is
//! required but at a milestone that the kind names.

use super::wrong::Wrong;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

kit::words!(
    /// What is written in a field.
    FieldSort {
        /// A number, with its unit.
        Number = "number", "number";
        /// A sum with its currency.
        Money = "money", "sum of money";
        /// One of some answers, or several.
        Choice = "choice", "choice";
        /// People who are here.
        People = "people", "people";
        /// A service, or several.
        Service = "service", "service";
        /// How long something took.
        Duration = "duration", "duration";
        /// A day.
        Date = "date", "day";
        /// A line of text.
        Text = "text", "line";
        /// Rows of other fields.
        Group = "group", "table";
    }
);

kit::words!(
    /// Until when something is needed.
    Milestone {
        /// Before its readers get the draft.
        InReview = "in_review", "before its readers get it";
        /// Before the meeting counts as held.
        MeetingHeld = "meeting_held", "before the meeting counts as held";
        /// Before a release is out.
        Published = "published", "before it is published";
        /// Before it is closed.
        Closed = "closed", "before it is closed";
    }
);

/// One of the answers of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FieldChoice)]
pub struct FieldChoice {
    /// What is kept.
    pub id: String,
    /// What people read.
    pub name: String,
}

/// A field of the library, or a column of a table.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LibraryField)]
pub struct Field {
    /// Unique in the library; a column’s in its table.
    pub id: String,
    /// The section that it belongs to; none for a column.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub section: String,
    /// What people read.
    pub name: String,
    /// One sentence on how it is counted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// What is written in it.
    #[serde(rename = "type")]
    #[schema(inline)]
    pub sort: FieldSort,
    /// What a number counts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// The least that a number can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The answers of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<FieldChoice>,
    /// Whether several answers, people or services may be given.
    #[serde(default, skip_serializing_if = "is_no")]
    pub several: bool,
    /// The columns of a table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub columns: Vec<Field>,
}

fn is_no(is: &bool) -> bool {
    !*is
}

/// A field that a kind wants, and by when at the latest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KindField)]
pub struct Wanted {
    /// The field’s id in the library.
    pub field: String,
    /// The milestone that does not pass without it; none when it may stay empty for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub needed_for: Option<Milestone>,
}

impl Field {
    /// What is written in it, in words: `sum of money`, `number, in percent`.
    #[must_use]
    pub fn sort_in_words(&self) -> String {
        match self.sort {
            FieldSort::Number if !self.unit.is_empty() => format!("number, in {}", self.unit),
            FieldSort::Choice => {
                let names: Vec<&str> = self.choices.iter().map(|one| one.name.as_str()).collect();
                let how = if self.several { "any of" } else { "one of" };
                format!("{how}: {}", names.join(", "))
            }
            FieldSort::Group => {
                let names: Vec<&str> = self.columns.iter().map(|one| one.name.as_str()).collect();
                format!("table: {}", names.join(", "))
            }
            FieldSort::Service if self.several => "services".to_owned(),
            sort => sort.label().to_owned(),
        }
    }

    /// The name of an answer.
    #[must_use]
    pub fn choice_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.choices.iter().find(|one| one.id == id).map_or(id, |one| one.name.as_str())
    }

    /// What does not fit together in it.
    pub(super) fn check(&self, path: &str, is_column: bool, wrong: &mut Vec<Wrong>) {
        let mut say = |at: &str, message: String| {
            wrong.push(Wrong::new(format!("{path}.{at}"), message));
        };
        if self.name.trim().is_empty() {
            say("name", "It has no name.".to_owned());
        }
        let is_choice = self.sort == FieldSort::Choice;
        if is_choice && self.choices.len() < 2 {
            say("choices", format!("`{}` is a choice; give it two answers at least.", self.id));
        }
        if !is_choice && !self.choices.is_empty() {
            let sort = self.sort.name();
            say("choices", format!("`{}` is a {sort}; only a choice has answers.", self.id));
        }
        let is_group = self.sort == FieldSort::Group;
        if is_group && (self.columns.is_empty() || is_column) {
            let why = if is_column { "a table in a table" } else { "a table without columns" };
            say("type", format!("`{}` is {why}.", self.id));
        }
        if !is_group && !self.columns.is_empty() {
            say("columns", format!("`{}` has columns, so its type is `group`.", self.id));
        }
        if self.min.zip(self.max).is_some_and(|(min, max)| min > max) {
            say("max", format!("The most of `{}` is less than the least.", self.id));
        }
        for (n, column) in self.columns.iter().enumerate() {
            if self.columns[..n].iter().any(|other| other.id == column.id) {
                say(
                    &format!("columns[{n}].id"),
                    format!("the column `{}` is there twice", column.id),
                );
            }
        }
        for (n, column) in self.columns.iter().enumerate() {
            column.check(&format!("{path}.columns[{n}]"), true, wrong);
        }
    }
}
