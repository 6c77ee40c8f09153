//! A policy as it is written, edited and sent: rules in order, additions, effort. Reading it checks all of
//! it, and tells every fault with its place.

use super::expression::{Expression, Fault, read};
use crate::kinds;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Rules, or additions, at most.
pub const RULES_MAX: usize = 60;
/// Minutes that one review may be said to take.
const EFFORT_MAX: i64 = 100_000;

kit::words!(
    /// When the card is put before the commander.
    Anchor {
        /// When the severe harm has ended.
        Mitigated = "mitigated", "when it is mitigated";
        /// When normal operation is confirmed.
        Resolved = "resolved", "when it is resolved";
    }
);

kit::words!(
    /// How deep a review goes.
    Depth {
        /// Written in an hour.
        Short = "short", "short";
        /// As its kind says.
        Usual = "usual", "usual";
        /// Nothing is left out.
        Deep = "deep", "deep";
    }
);

/// Something that is to be done beside the review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyDue)]
pub struct Due {
    /// A word for it.
    #[schema(example = "alert-audit", pattern = "^[a-z0-9_-]{1,40}$")]
    pub id: String,
    /// What is to be done.
    #[schema(min_length = 1, max_length = 200)]
    pub what: String,
    /// Within how long: hours `4h`, working hours `4wh`, days `2d`, business days `2bd`.
    #[schema(example = "10bd", pattern = "^[0-9]{1,5}(h|wh|d|bd)$")]
    pub within: String,
}

/// What a rule chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyThen)]
pub struct Then {
    /// The id of a kind of review; `none` asks for none.
    #[schema(example = "standard")]
    pub kind: String,
    /// How deep it goes.
    #[serde(default = "usual")]
    #[schema(inline, default = "usual")]
    pub depth: Depth,
    /// What is to be done beside what the kind asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub dues: Vec<Due>,
    /// Roles that are needed beside the kind's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub roles: Vec<String>,
    /// Who should read it, beside the kind's audience.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub audiences: Vec<String>,
}

fn usual() -> Depth {
    Depth::Usual
}

/// A rule: when it fires, what it chooses, and why, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyRule)]
pub struct Rule {
    /// A word for it, unique among rules and additions.
    #[schema(example = "major", pattern = "^[a-z0-9_-]{1,40}$")]
    pub id: String,
    /// What people read.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// The expression.
    #[schema(example = "severity == 1", min_length = 1)]
    pub when: String,
    /// Why it chooses this, as a sentence.
    #[schema(min_length = 1, max_length = 400)]
    pub why: String,
    /// What it chooses.
    pub then: Then,
}

/// Something that comes on top of what a rule chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyAddition)]
pub struct Addition {
    /// A word for it, unique among rules and additions.
    #[schema(pattern = "^[a-z0-9_-]{1,40}$")]
    pub id: String,
    /// What people read.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// The expression.
    #[schema(min_length = 1)]
    pub when: String,
    /// Why, as a sentence.
    #[schema(min_length = 1, max_length = 400)]
    pub why: String,
    /// What is to be done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub adds: Vec<Due>,
    /// Roles that are needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub roles: Vec<String>,
    /// Who should read it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub audiences: Vec<String>,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyDocument)]
pub struct Document {
    /// When the card is put before the commander.
    #[serde(default = "resolved")]
    #[schema(inline, default = "resolved")]
    pub decides: Anchor,
    /// In order: the first that fires chooses.
    #[schema(min_items = 1, max_items = 60)]
    pub rules: Vec<Rule>,
    /// Each that fires comes on top.
    #[serde(default)]
    #[schema(max_items = 60)]
    pub additions: Vec<Addition>,
    /// Minutes that a review of a kind takes of everybody together.
    #[serde(default)]
    pub effort_minutes: BTreeMap<String, i64>,
}

fn resolved() -> Anchor {
    Anchor::Resolved
}

/// What is wrong with a policy: the path of the field, and the place within it where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PolicyFault)]
pub struct Wrong {
    /// Which field: `rules[2].when`.
    pub path: String,
    /// The line: in the file for one that was read from a file, else in the expression.
    pub line: Option<usize>,
    /// The character in the line.
    pub column: Option<usize>,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl Wrong {
    fn of(path: impl Into<String>, message: impl Into<String>) -> Wrong {
        Wrong { path: path.into(), line: None, column: None, message: message.into() }
    }

    /// The message with its place.
    #[must_use]
    pub fn words(&self) -> String {
        match (self.line, self.column) {
            (Some(line), Some(column)) => {
                format!("line {line}, column {column}: {}", self.message)
            }
            _ => self.message.clone(),
        }
    }
}

/// A policy that was checked: its document and its expressions, read.
#[derive(Debug, Clone)]
pub struct Policy {
    /// As it is written.
    pub document: Document,
    /// Of its rules, in order.
    pub rules: Vec<Expression>,
    /// Of its additions, in order.
    pub additions: Vec<Expression>,
}

impl Policy {
    /// Checks a document.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(document: Document) -> Result<Policy, Vec<Wrong>> {
        let wrong = of_form(&document, true);
        Policy::read(document, wrong)
    }

    /// Reads a document that was whole when it was kept; the kinds that it names were there then.
    ///
    /// # Errors
    /// Everything that this program does not read any more.
    pub(super) fn of_kept(document: Document) -> Result<Policy, Vec<Wrong>> {
        let wrong = of_form(&document, false);
        Policy::read(document, wrong)
    }

    fn read(document: Document, mut wrong: Vec<Wrong>) -> Result<Policy, Vec<Wrong>> {
        let texts: Vec<String> = document
            .rules
            .iter()
            .map(|rule| rule.when.clone())
            .chain(document.additions.iter().map(|one| one.when.clone()))
            .collect();
        let mut expressions = Vec::new();
        for (n, result) in read(&texts).into_iter().enumerate() {
            match result {
                Ok(expression) => expressions.push(expression),
                Err(faults) => {
                    let path = path_of(n, document.rules.len());
                    wrong.extend(faults.into_iter().map(|fault| placed(&path, fault)));
                }
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let additions = expressions.split_off(document.rules.len());
        Ok(Policy { document, rules: expressions, additions })
    }

    /// Minutes that a review of this kind is said to take; none when nobody said.
    #[must_use]
    pub fn effort(&self, kind: &str) -> Option<i64> {
        self.document.effort_minutes.get(kind).copied()
    }
}

/// The path of the n-th expression.
pub(super) fn path_of(n: usize, rules: usize) -> String {
    if n < rules { format!("rules[{n}].when") } else { format!("additions[{}].when", n - rules) }
}

fn placed(path: &str, fault: Fault) -> Wrong {
    let Fault { line, column, message } = fault;
    Wrong { path: path.to_owned(), line: Some(line), column: Some(column), message }
}

/// What is wrong with it, but for the expressions.
fn of_form(document: &Document, asks_for_kinds: bool) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if document.rules.is_empty() {
        wrong.push(Wrong::of("rules", "A policy has at least one rule."));
    }
    for (list, count) in [("rules", document.rules.len()), ("additions", document.additions.len())]
    {
        if count > RULES_MAX {
            wrong.push(Wrong::of(list, format!("There are {count}; {RULES_MAX} are the most.")));
        }
    }
    let mut ids = BTreeSet::new();
    for (n, rule) in document.rules.iter().enumerate() {
        let at = |field: &str| format!("rules[{n}].{field}");
        words(&mut wrong, &at, (&rule.id, &rule.name, &rule.why), &mut ids);
        if asks_for_kinds
            && rule.then.kind != "none"
            && let Err(why) = kinds::parse(&rule.then.kind)
        {
            wrong.push(Wrong::of(at("then.kind"), why));
        }
        dues(&mut wrong, &at("then.dues"), &rule.then.dues);
        lines(&mut wrong, &at("then.roles"), &rule.then.roles);
        lines(&mut wrong, &at("then.audiences"), &rule.then.audiences);
    }
    for (n, one) in document.additions.iter().enumerate() {
        let at = |field: &str| format!("additions[{n}].{field}");
        words(&mut wrong, &at, (&one.id, &one.name, &one.why), &mut ids);
        dues(&mut wrong, &at("adds"), &one.adds);
        lines(&mut wrong, &at("roles"), &one.roles);
        lines(&mut wrong, &at("audiences"), &one.audiences);
    }
    effort(&mut wrong, &document.effort_minutes, asks_for_kinds);
    wrong
}

fn words<'a>(
    wrong: &mut Vec<Wrong>,
    at: &dyn Fn(&str) -> String,
    (id, name, why): (&'a str, &str, &str),
    ids: &mut BTreeSet<&'a str>,
) {
    if !is_word(id) {
        let said = format!("`{id}` is not a word of 1 to 40 letters a-z, digits and hyphens.");
        wrong.push(Wrong::of(at("id"), said));
    } else if !ids.insert(id) {
        wrong.push(Wrong::of(at("id"), format!("`{id}` is there twice.")));
    }
    for (field, text, most) in [("name", name, 120), ("why", why, 400)] {
        match text.trim().chars().count() {
            0 => wrong.push(Wrong::of(at(field), "Say it in words; people read it.")),
            n if n > most => {
                wrong.push(Wrong::of(at(field), format!("At most {most} characters, please.")));
            }
            _ => {}
        }
    }
}

fn is_word(id: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=40).contains(&id.len()) && id.bytes().all(fits)
}

fn dues(wrong: &mut Vec<Wrong>, path: &str, all: &[Due]) {
    if all.len() > 20 {
        wrong.push(Wrong::of(path, "At most 20, please."));
    }
    for (n, due) in all.iter().enumerate() {
        if !is_word(&due.id) {
            wrong.push(Wrong::of(format!("{path}[{n}].id"), "A word of letters a-z and hyphens."));
        }
        if due.what.trim().is_empty() || due.what.chars().count() > 200 {
            wrong.push(Wrong::of(format!("{path}[{n}].what"), "Say it in 1 to 200 characters."));
        }
        let offset = due.within.parse::<crate::calendars::Offset>();
        if !offset.is_ok_and(|offset| offset.n >= 0) {
            let said = format!("`{}` is not such as 4h, 4wh, 2d or 10bd.", due.within);
            wrong.push(Wrong::of(format!("{path}[{n}].within"), said));
        }
    }
}

fn lines(wrong: &mut Vec<Wrong>, path: &str, all: &[String]) {
    let bad = |one: &String| one.trim().is_empty() || one.chars().count() > 80;
    if all.len() > 20 || all.iter().any(bad) {
        wrong.push(Wrong::of(path, "At most 20, each of 1 to 80 characters."));
    }
}

fn effort(wrong: &mut Vec<Wrong>, minutes: &BTreeMap<String, i64>, asks_for_kinds: bool) {
    for (kind, minutes) in minutes {
        if asks_for_kinds && let Err(why) = kinds::parse(kind) {
            wrong.push(Wrong::of(format!("effort_minutes.{kind}"), why));
        } else if !(0..=EFFORT_MAX).contains(minutes) {
            let said = format!("Say minutes from 0 to {EFFORT_MAX}.");
            wrong.push(Wrong::of(format!("effort_minutes.{kind}"), said));
        }
    }
}
