//! The facts that an expression may ask for: their names, types and words. One list, for the check of
//! expressions, for the page and for what is missing.

use crate::incidents::impact::Effect;
use crate::incidents::{Detection, Kind, Label};
use serde::Serialize;
use utoipa::ToSchema;

/// A vocabulary whose words an expression may compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Kinds of incident.
    Kind,
    /// Who noticed first.
    Detection,
    /// What people experienced.
    Effect,
    /// How far it may be shared.
    Label,
}

impl Words {
    /// The words there are.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        match self {
            Words::Kind => Kind::ALL.iter().map(|one| one.name()).collect(),
            Words::Detection => Detection::ALL.iter().map(|one| one.name()).collect(),
            Words::Effect => Effect::ALL.iter().map(|one| one.name()).collect(),
            Words::Label => Label::ALL.iter().map(|one| one.name()).collect(),
        }
    }

    /// What one of them is called in a sentence.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Words::Kind => "kind of incident",
            Words::Detection => "way of being noticed",
            Words::Effect => "effect",
            Words::Label => "label",
        }
    }
}

/// What a fact or a part of an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Number,
    /// A text.
    Text,
    /// One word of a vocabulary.
    Word(Words),
    /// Several of one type.
    List(Box<Type>),
    /// A service: `slug`, `name`, `tier`, `team`.
    Service,
    /// Not told, because something in it is wrong already.
    Wrong,
}

/// The parts of a service, and what they are.
pub const SERVICE: [(&str, Type); 4] =
    [("slug", Type::Text), ("name", Type::Text), ("tier", Type::Int), ("team", Type::Text)];

impl Type {
    /// What it is called in a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Type::Bool => "true or false".to_owned(),
            Type::Int => "a whole number".to_owned(),
            Type::Number => "a number".to_owned(),
            Type::Text => "a text".to_owned(),
            Type::Word(words) => format!("a {}", words.noun()),
            Type::List(of) => format!("a list of {}", of.several()),
            Type::Service => "a service".to_owned(),
            Type::Wrong => "something unknown".to_owned(),
        }
    }

    fn several(&self) -> String {
        match self {
            Type::Service => "services".to_owned(),
            Type::Text => "texts".to_owned(),
            Type::Int | Type::Number => "numbers".to_owned(),
            Type::Word(words) => format!("{}s", words.noun()),
            other => other.words(),
        }
    }

    /// Whether it is a number of either sort.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Type::Int | Type::Number)
    }
}

/// A fact of an incident.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PolicyFact)]
pub struct Fact {
    /// As it is written in an expression.
    #[schema(example = "severity")]
    pub name: &'static str,
    /// What it is.
    #[serde(skip)]
    pub is: Type,
    /// What it is, in words.
    #[serde(rename = "type")]
    pub kind: String,
    /// What people call it.
    pub label: &'static str,
    /// Where it comes from.
    pub says: &'static str,
}

fn list(of: Type) -> Type {
    Type::List(Box::new(of))
}

fn of_impact() -> Vec<(&'static str, Type, &'static str, &'static str)> {
    vec![
        (
            "effects",
            list(Type::Word(Words::Effect)),
            "effects",
            "What people experienced, from the impact windows. A near miss has none.",
        ),
        (
            "unavailable",
            Type::Bool,
            "unavailable",
            "Whether an impact window says that it could not be used.",
        ),
        ("data_lost", Type::Bool, "data lost", "Whether an impact window says so."),
        ("data_wrong", Type::Bool, "data wrong", "Whether an impact window says so."),
        ("data_exposed", Type::Bool, "data exposed", "Whether an impact window says so."),
        ("users", Type::Int, "people hit", "The largest count of people of an impact window."),
        (
            "users_confirmed",
            Type::Int,
            "people known to be hit",
            "The same, of windows whose count is more than a guess.",
        ),
        ("percent", Type::Number, "share of people hit", "The largest share of an impact window."),
        ("requests_failed", Type::Int, "requests failed", "All windows together."),
        ("support_cases", Type::Int, "support cases", "All windows together."),
        (
            "slo_budget_burned",
            Type::Number,
            "share of the error budget burned",
            "Of the surface that burned most, in percent of its window.",
        ),
        (
            "cost_lost",
            Type::Number,
            "money lost",
            "Expected minus actual, all windows together, in major units; missing when they are in several currencies.",
        ),
        ("currency", Type::Text, "currency", "Of the money lost, such as EUR."),
        (
            "longest_window_min",
            Type::Int,
            "minutes of the longest impact",
            "Of the longest impact window; missing while one is open.",
        ),
    ]
}

fn of_incident() -> Vec<(&'static str, Type, &'static str, &'static str)> {
    vec![
        ("kind", Type::Word(Words::Kind), "kind", "The kind of incident."),
        ("severity", Type::Int, "severity", "From 1, the worst, to 4."),
        ("near_miss", Type::Bool, "near miss", "Whether the kind is a near miss."),
        ("environment", Type::Text, "environment", "Where it happened, usually production."),
        ("label", Type::Word(Words::Label), "label", "How far it may be shared."),
        (
            "detection",
            Type::Word(Words::Detection),
            "noticed first by",
            "Who or what noticed first.",
        ),
        (
            "services",
            list(Type::Service),
            "services",
            "The services it hit, each with slug, name, tier and team.",
        ),
        (
            "tier",
            Type::Int,
            "best tier hit",
            "The smallest tier of the services it hit: 1 is the most critical.",
        ),
        ("teams", list(Type::Text), "teams", "The slugs of the teams it concerns."),
    ]
}

fn of_others() -> Vec<(&'static str, Type, &'static str, &'static str)> {
    vec![
        (
            "recurrence",
            Type::Int,
            "others on these services in 90 days",
            "How many other incidents hit one of its services in the 90 days before. Red ones are not counted.",
        ),
        (
            "repeats",
            Type::Int,
            "incidents it repeats",
            "How many incidents it is written down to repeat. Red ones are not counted.",
        ),
        ("out_of_hours", Type::Int, "people called out of hours", "Among its participants."),
        (
            "requests",
            Type::Int,
            "reviews asked for",
            "How many people asked for a review and were not declined.",
        ),
    ]
}

static FACTS: std::sync::LazyLock<Vec<Fact>> = std::sync::LazyLock::new(|| {
    let all = of_incident().into_iter().chain(of_impact()).chain(of_others());
    all.map(|(name, is, label, says)| Fact { name, kind: is.words(), is, label, says }).collect()
});

/// Every fact, in the order in which people read them.
#[must_use]
pub fn all() -> &'static [Fact] {
    &FACTS
}

/// The fact of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Fact> {
    all().iter().find(|fact| fact.name == name)
}

#[cfg(test)]
mod tests {
    use super::all;
    use crate::settings::place::nearest;

    #[test]
    fn every_fact_is_in_the_documentation() {
        let docs = include_str!("../../../docs/policy.md");
        for fact in all() {
            assert!(
                docs.contains(&format!("`{}`", fact.name)),
                "docs/policy.md lacks {}",
                fact.name
            );
        }
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let names = || all().iter().map(|fact| fact.name);
        assert_eq!(nearest("severty", names()), Some("severity"));
        assert_eq!(nearest("detected", names()), Some("detection"));
        assert_eq!(nearest("frobnicate", names()), None);
    }
}
