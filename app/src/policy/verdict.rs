//! What an expression says of some facts: yes, no and because of which, or that it could not be told.

use super::expression::Expression;
use super::fact;
use super::facts::Facts;
use cel::common::ast::{Expr, operators as op};
use cel::parser::Expression as Tree;
use cel::{Context, ExecutionError, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What an expression says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is so.
    Yes,
    /// It is not so, because of these facts.
    No(Vec<&'static str>),
    /// It could not be told.
    Unknown {
        /// The facts that are missing, by name.
        missing: Vec<&'static str>,
        /// Why, where no fact is missing.
        why: String,
    },
}

impl Verdict {
    /// Why it did not fire, as half a sentence; empty when it did.
    #[must_use]
    pub fn words(&self, facts: &Facts) -> String {
        match self {
            Verdict::Yes => String::new(),
            Verdict::No(because) if because.is_empty() => "it never fires".to_owned(),
            Verdict::No(because) => {
                because.iter().map(|name| facts.in_words(name)).collect::<Vec<_>>().join("; ")
            }
            Verdict::Unknown { missing, why } if missing.is_empty() => {
                format!("could not tell: {why}")
            }
            Verdict::Unknown { missing, .. } => format!("could not tell: {}", lacking(missing)),
        }
    }
}

/// `severity is missing`, `severity and people hit are missing`.
#[must_use]
pub fn lacking(missing: &[&str]) -> String {
    let labels: Vec<&str> =
        missing.iter().map(|name| fact::find(name).map_or(*name, |fact| fact.label)).collect();
    match labels.as_slice() {
        [] => "nothing is missing".to_owned(),
        [one] => format!("{one} is missing"),
        [all @ .., last] => format!("{} and {last} are missing", all.join(", ")),
    }
}

/// Asks it of these facts. It never fails: what cannot be told is an answer.
#[must_use]
pub fn ask(expression: &Expression, facts: &Facts, context: &Context<'_, '_>) -> Verdict {
    match told(&expression.tree, context) {
        Ok(true) => Verdict::Yes,
        Ok(false) => {
            let mut because = Vec::new();
            against(&expression.tree, context, &mut because);
            Verdict::No(known(&because))
        }
        Err(why) => {
            let mut open = Vec::new();
            undecided(&expression.tree, context, &mut open);
            let missing = known(&open).into_iter().filter(|name| !facts.knows(name)).collect();
            Verdict::Unknown { missing, why }
        }
    }
}

fn known(names: &[String]) -> Vec<&'static str> {
    let mut found = Vec::new();
    for fact in names.iter().filter_map(|name| fact::find(name)) {
        if !found.contains(&fact.name) {
            found.push(fact.name);
        }
    }
    found
}

/// True, false, or why it cannot be told.
fn told(tree: &Tree, context: &Context<'_, '_>) -> Result<bool, String> {
    // What is checked does not panic; should it, an incident still has its answer.
    match catch_unwind(AssertUnwindSafe(|| context.resolve(tree))) {
        Ok(Ok(Value::Bool(is))) => Ok(is),
        Ok(Ok(_)) => Err("it says neither true nor false".to_owned()),
        Ok(Err(ExecutionError::UndeclaredReference(name))) => Err(format!("`{name}` is missing")),
        Ok(Err(ExecutionError::NoSuchKey(name))) => Err(format!("a service has no `{name}`")),
        Ok(Err(ExecutionError::Overflow(..))) => Err("a number is too large".to_owned()),
        Ok(Err(other)) => Err(other.to_string().chars().take(200).collect()),
        Err(_) => Err("it could not be worked out".to_owned()),
    }
}

/// The facts for which it is false: of `a && b` those of what is false, else all that it asks for.
fn against(tree: &Tree, context: &Context<'_, '_>, names: &mut Vec<String>) {
    match &tree.expr {
        Expr::Call(call) if call.func_name == op::LOGICAL_AND => {
            for part in call.args.iter().filter(|part| told(part, context) == Ok(false)) {
                against(part, context, names);
            }
        }
        Expr::Call(call) if call.func_name == op::LOGICAL_OR => {
            call.args.iter().for_each(|part| against(part, context, names));
        }
        _ => asked(tree, names),
    }
}

/// The facts of the parts that could not be told.
fn undecided(tree: &Tree, context: &Context<'_, '_>, names: &mut Vec<String>) {
    match &tree.expr {
        Expr::Call(call)
            if [op::LOGICAL_AND, op::LOGICAL_OR].contains(&call.func_name.as_str()) =>
        {
            for part in call.args.iter().filter(|part| told(part, context).is_err()) {
                undecided(part, context, names);
            }
        }
        _ => asked(tree, names),
    }
}

/// Every name that stands in it.
fn asked(tree: &Tree, names: &mut Vec<String>) {
    match &tree.expr {
        Expr::Ident(name) => names.push(name.clone()),
        Expr::Select(select) => asked(&select.operand, names),
        Expr::List(list) => list.elements.iter().for_each(|one| asked(one, names)),
        Expr::Call(call) => {
            call.target.iter().for_each(|one| asked(one, names));
            call.args.iter().for_each(|one| asked(one, names));
        }
        Expr::Comprehension(each) => {
            for one in [&each.iter_range, &each.loop_step, &each.result] {
                asked(one, names);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, ask};
    use crate::policy::expression::read;
    use crate::policy::facts::{Facts, Service, Value};
    use proptest::prelude::*;

    fn facts() -> Facts {
        let mut facts = Facts::default();
        facts.say("severity", Value::Int(3));
        facts.say("kind", Value::Text("outage".into()));
        facts.say("percent", Value::Number(12.5));
        facts.say("effects", Value::Texts(vec!["slow".into(), "errors".into()]));
        let pay = Service { slug: "pay".into(), name: "Pay".into(), tier: 1, team: String::new() };
        facts.say("services", Value::Services(vec![pay]));
        facts
    }

    fn verdict(text: &str) -> Verdict {
        let facts = facts();
        let read = read(&[text.to_owned()]).remove(0).unwrap();
        ask(&read, &facts, &facts.context())
    }

    #[test]
    fn what_is_so_fires() {
        for text in [
            "severity == 3",
            "kind in ['outage', 'deploy'] && percent > 10",
            "'slow' in effects",
            "services.exists(s, s.tier <= 2 && s.slug.startsWith('p'))",
            "size(effects) == 2",
            "users > 100 || severity == 3",
            "services.exists_one(s, s.name == 'Pay')",
            "severity + 1 == 4 && percent - 2.5 == 10.0",
        ] {
            assert_eq!(verdict(text), Verdict::Yes, "{text}");
        }
    }

    #[test]
    fn what_is_not_so_says_which_facts_are_against_it() {
        assert_eq!(verdict("severity == 1 && percent > 1"), Verdict::No(vec!["severity"]));
        assert_eq!(
            verdict("severity == 1 || kind == 'data'"),
            Verdict::No(vec!["severity", "kind"])
        );
        assert_eq!(verdict("users > 1 && severity == 1"), Verdict::No(vec!["severity"]));
        assert_eq!(verdict("services.exists(s, s.tier == 3)"), Verdict::No(vec!["services"]));
        let words = verdict("severity == 1 || kind == 'data'").words(&facts());
        assert_eq!(words, "severity: 3; kind: outage");
    }

    #[test]
    fn what_cannot_be_told_says_what_is_missing() {
        let unknown = verdict("severity == 1 || users > 5 || slo_budget_burned > 20");
        assert_eq!(
            unknown.words(&facts()),
            "could not tell: people hit and share of the error budget burned are missing"
        );
        let only = verdict("!(tier == 1)");
        assert_eq!(only.words(&facts()), "could not tell: best tier hit is missing");
        assert!(matches!(
            verdict("severity * 9223372036854775807 > 1"),
            Verdict::Unknown { missing, .. } if missing.is_empty()
        ));
    }

    proptest! {
        #[test]
        fn every_checked_expression_has_an_answer(parts in proptest::collection::vec(
            prop::sample::select(vec!["severity == 3", "users > 1", "near_miss", "'slow' in effects", "tier < 2",
                "services.all(s, s.tier > 0)", "percent * 2.0 > 3.0", "recurrence - 1 > severity"]), 1..6),
            joins in proptest::collection::vec(prop::sample::select(vec![" && ", " || "]), 5)) {
            let mut text = String::new();
            for (at, part) in parts.iter().enumerate() {
                if at > 0 { text.push_str(joins[at - 1]); }
                text.push_str(part);
            }
            if let Verdict::Unknown { missing, .. } = verdict(&text) {
                prop_assert!(!missing.is_empty());
            }
        }
    }
}
