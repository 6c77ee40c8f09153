//! What a policy chooses for an incident: the first rule that fires, what comes on top, every rule before
//! it with why it did not fire, and what is missing to decide better.

use super::document::{Depth, Due, Policy};
use super::facts::Facts;
use super::verdict::{Verdict, ask};
use crate::calendars::{Offset, Working};
use crate::kinds::{self, Kind};
use kit::db::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A rule that did not fire, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RuleTried)]
pub struct Tried {
    /// The rule's id.
    pub rule: String,
    /// Its name.
    pub name: String,
    /// The facts against it, or what is missing to tell.
    #[schema(example = "severity: 3")]
    pub because: String,
    /// Whether it could not be told, so that it might have fired.
    pub is_unknown: bool,
}

/// A fact that is missing, and what it might have changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FactMissing)]
pub struct Missing {
    /// The fact.
    #[schema(example = "severity")]
    pub fact: String,
    /// What people call it.
    pub label: String,
    /// The name of the rule that it might make fire.
    pub for_rule: String,
}

/// Something that is to be done beside the review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewDue)]
pub struct ToDo {
    /// Its id in the policy; when an overlay of the kinds has it, that is put on.
    #[serde(default)]
    #[schema(example = "regulated")]
    pub id: String,
    /// What is to be done.
    pub what: String,
    /// Within how long, as the policy says.
    #[schema(example = "10bd")]
    pub within: String,
    /// Why, or empty when it belongs to the kind that was chosen.
    pub why: String,
}

impl ToDo {
    fn of(due: &Due, why: &str) -> ToDo {
        ToDo {
            id: due.id.clone(),
            what: due.what.clone(),
            within: due.within.clone(),
            why: why.to_owned(),
        }
    }

    /// When it is due, counted from a time in the calendar of those whom it concerns.
    #[must_use]
    pub fn due(&self, from: Time, working: &Working) -> Option<Time> {
        let offset = self.within.parse::<Offset>().ok()?;
        working.due(from.timestamp(), offset).map(Time::new)
    }

    /// Within how long, in words.
    #[must_use]
    pub fn within_words(&self) -> String {
        let offset = self.within.parse::<Offset>();
        offset.map_or(self.within.clone(), Offset::length_in_words)
    }
}

/// What a policy chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewChoice)]
pub struct Choice {
    /// The kind's id; none when no review is asked for.
    #[schema(example = "standard")]
    pub kind: Option<String>,
    /// How deep it goes.
    #[schema(inline)]
    pub depth: Depth,
    /// The id of the rule that chose; empty when none fired.
    pub rule: String,
    /// Its name.
    pub rule_name: String,
    /// Why, as a sentence.
    pub why: String,
    /// The rules before it, each with why it did not fire.
    pub tried: Vec<Tried>,
    /// What is to be done beside the review.
    pub to_do: Vec<ToDo>,
    /// Roles that are needed beside the kind's.
    pub roles: Vec<String>,
    /// Who should read it, beside the kind's audience.
    pub audiences: Vec<String>,
    /// What is missing to decide better.
    pub missing: Vec<Missing>,
}

impl Choice {
    /// The kind; none when no review is asked for.
    #[must_use]
    pub fn kind(&self) -> Option<&'static Kind> {
        self.kind.as_deref().and_then(kinds::find)
    }
}

/// Asks a policy about an incident's facts. It never fails: what cannot be told is part of the answer.
#[must_use]
pub fn choose(policy: &Policy, facts: &Facts) -> Choice {
    let context = facts.context();
    let mut choice = nothing();
    for (rule, when) in policy.document.rules.iter().zip(&policy.rules) {
        let verdict = ask(when, facts, &context);
        if verdict == Verdict::Yes {
            choice.kind = Some(rule.then.kind.clone()).filter(|kind| kind != "none");
            choice.depth = rule.then.depth;
            choice.rule.clone_from(&rule.id);
            choice.rule_name.clone_from(&rule.name);
            choice.why.clone_from(&rule.why);
            choice.to_do = rule.then.dues.iter().map(|due| ToDo::of(due, "")).collect();
            choice.roles.clone_from(&rule.then.roles);
            choice.audiences.clone_from(&rule.then.audiences);
            break;
        }
        lack(&mut choice.missing, &verdict, &rule.name);
        choice.tried.push(Tried {
            rule: rule.id.clone(),
            name: rule.name.clone(),
            because: verdict.words(facts),
            is_unknown: matches!(verdict, Verdict::Unknown { .. }),
        });
    }
    for (one, when) in policy.document.additions.iter().zip(&policy.additions) {
        let verdict = ask(when, facts, &context);
        if verdict == Verdict::Yes {
            choice.to_do.extend(one.adds.iter().map(|due| ToDo::of(due, &one.why)));
            choice.roles.extend(one.roles.iter().cloned());
            choice.audiences.extend(one.audiences.iter().cloned());
        } else {
            lack(&mut choice.missing, &verdict, &one.name);
        }
    }
    once(&mut choice.roles);
    once(&mut choice.audiences);
    choice
}

fn nothing() -> Choice {
    Choice {
        kind: None,
        depth: Depth::Usual,
        rule: String::new(),
        rule_name: String::new(),
        why: "No rule of the policy fires for this one. If something was learned, a light review \
              keeps it; if not, waive it and say why."
            .to_owned(),
        tried: Vec::new(),
        to_do: Vec::new(),
        roles: Vec::new(),
        audiences: Vec::new(),
        missing: Vec::new(),
    }
}

fn lack(missing: &mut Vec<Missing>, verdict: &Verdict, for_rule: &str) {
    let Verdict::Unknown { missing: names, .. } = verdict else { return };
    for name in names {
        if missing.iter().any(|one| one.fact == *name) {
            continue;
        }
        let label = super::fact::find(name).map_or(*name, |fact| fact.label);
        missing.push(Missing {
            fact: (*name).to_owned(),
            label: label.to_owned(),
            for_rule: for_rule.to_owned(),
        });
    }
}

fn once(all: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    all.retain(|one| seen.insert(one.clone()));
}

#[cfg(test)]
mod tests {
    use super::{Choice, choose};
    use crate::policy::SHIPPED;
    use crate::policy::facts::{Facts, Value};
    use crate::policy::file::parse;

    fn facts(kind: &str, severity: Option<i64>, effects: &[&str]) -> Facts {
        let mut facts = Facts::default();
        facts.say("kind", Value::Text(kind.into()));
        facts.say("near_miss", Value::Bool(kind == "near_miss"));
        facts.say("detection", Value::Text("alert".into()));
        facts.say("requests", Value::Int(0));
        facts.may_say("severity", severity.map(Value::Int));
        if !effects.is_empty() {
            let has = |word: &str| Value::Bool(effects.contains(&word));
            facts.say("unavailable", has("unavailable"));
            facts.say("data_lost", has("lost_data"));
            facts.say("data_wrong", has("wrong_data"));
            facts.say("data_exposed", has("exposed_data"));
            let words = effects.iter().map(|one| (*one).to_owned()).collect();
            facts.say("effects", Value::Texts(words));
            facts.say("users", Value::Int(40));
        }
        facts
    }

    fn chosen(facts: &Facts) -> Choice {
        choose(&parse(SHIPPED).unwrap(), facts)
    }

    #[test]
    fn the_first_rule_that_fires_chooses() {
        for (said, kind) in [
            (facts("security", None, &[]), Some("security")),
            (facts("outage", Some(1), &["exposed_data"]), Some("security")),
            (facts("data", Some(1), &[]), Some("data")),
            (facts("degradation", Some(3), &["lost_data"]), Some("data")),
            (facts("outage", Some(1), &["unavailable"]), Some("major")),
            (facts("vendor", Some(2), &["unavailable"]), Some("vendor")),
            (facts("vendor", Some(3), &["unavailable"]), Some("standard")),
            (facts("vendor", Some(3), &["slow"]), Some("light")),
            (facts("deploy", Some(3), &["unavailable"]), Some("deploy")),
            (facts("degradation", Some(2), &["slow"]), Some("standard")),
            (facts("degradation", Some(4), &["slow"]), Some("light")),
            (facts("near_miss", None, &["none"]), Some("near")),
            (facts("other", None, &[]), None),
        ] {
            assert_eq!(chosen(&said).kind.as_deref(), kind, "{said:?}");
        }
        let mut asked = facts("other", None, &[]);
        asked.say("requests", Value::Int(1));
        assert_eq!(chosen(&asked).rule, "asked");
        let mut burned = facts("degradation", Some(3), &["slow"]);
        burned.say("slo_budget_burned", Value::Number(20.5));
        assert_eq!(chosen(&burned).rule, "major");
    }

    #[test]
    fn each_rule_before_says_why_it_did_not_fire() {
        let choice = chosen(&facts("vendor", Some(3), &["slow"]));
        let vendor = choice.tried.iter().find(|one| one.rule == "vendor").unwrap();
        assert_eq!((vendor.because.as_str(), vendor.is_unknown), ("severity: 3", false));
        let major = choice.tried.iter().find(|one| one.rule == "major").unwrap();
        assert!(
            major.is_unknown
                && major.because.contains("share of the error budget burned is missing")
        );
        assert_eq!(choice.rule, "light");
    }

    #[test]
    fn what_is_missing_is_told_with_the_rule_that_it_might_make_fire() {
        let choice = chosen(&facts("degradation", Some(4), &[]));
        let exposed = choice.missing.iter().find(|one| one.fact == "data_exposed").unwrap();
        assert_eq!(exposed.for_rule, "Security, or data exposed");
    }

    #[test]
    fn later_ones_only_add() {
        let mut said = facts("outage", Some(3), &["unavailable"]);
        said.say("recurrence", Value::Int(2));
        said.say("out_of_hours", Value::Int(3));
        let choice = chosen(&said);
        assert_eq!(choice.kind.as_deref(), Some("standard"), "the base stays");
        let what: Vec<&str> = choice.to_do.iter().map(|one| one.within.as_str()).collect();
        assert_eq!(what, ["10bd", "10bd"]);
        let security = chosen(&facts("security", Some(2), &["exposed_data"]));
        assert_eq!(security.to_do.len(), 2, "{:?}", security.to_do);
        assert_eq!(security.roles, ["security lead", "privacy officer", "legal"]);
    }
}
