//! Which kind of review fits: the default right-sizing rules, as far as the facts at hand allow. The
//! first rule that fires chooses; each one before it says why it did not.

use super::Kind;
use crate::incidents::impact::Effect;
use crate::incidents::{Detection, Kind as IncidentKind};

/// What is known of an incident that a rule may ask for.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What kind of incident it was.
    pub kind: IncidentKind,
    /// How bad, if somebody said.
    pub severity: Option<i64>,
    /// The effects of its impact windows.
    pub effects: Vec<Effect>,
    /// Who noticed first.
    pub detection: Detection,
}

/// What is proposed and why.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The kind; none when no rule asks for a review.
    pub kind: Option<&'static Kind>,
    /// Why, as a sentence.
    pub reason: String,
    /// The rules before it, each with why it did not fire.
    pub tried: Vec<(&'static str, String)>,
}

/// Why a rule fired, or why it did not.
type Answer = Result<String, String>;

struct Rule {
    name: &'static str,
    kind: &'static str,
    asks: fn(&Facts) -> Answer,
}

const RULES: &[Rule] = &[
    Rule { name: "Security, or data exposed", kind: "security", asks: security },
    Rule { name: "Data lost or wrong", kind: "data", asks: data },
    Rule { name: "Severity 1, or the public is watching", kind: "major", asks: major },
    Rule { name: "A supplier's fault, severity 2 or worse", kind: "vendor", asks: vendor },
    Rule { name: "A change of ours, rolled back, severity 2 or 3", kind: "deploy", asks: deploy },
    Rule { name: "People could not use it", kind: "standard", asks: noticed },
    Rule { name: "A near miss", kind: "near", asks: near_miss },
    Rule { name: "Severity 4, or a small degradation", kind: "light", asks: small },
];

/// Proposes a kind of review.
#[must_use]
pub fn propose(facts: &Facts) -> Proposal {
    let mut tried = Vec::new();
    for rule in RULES {
        match (rule.asks)(facts) {
            Ok(reason) => {
                return Proposal { kind: super::find(rule.kind), reason, tried };
            }
            Err(why_not) => tried.push((rule.name, why_not)),
        }
    }
    let reason = "No rule asks for a review of this one. If something was learned, the light review \
                  keeps it; if not, waive it and say why.";
    Proposal { kind: None, reason: reason.to_owned(), tried }
}

fn severity_in_words(facts: &Facts) -> String {
    facts.severity.map_or("nobody said a severity".to_owned(), |n| format!("its severity is {n}"))
}

fn has(facts: &Facts, effect: Effect) -> bool {
    facts.effects.contains(&effect)
}

fn security(facts: &Facts) -> Answer {
    if facts.kind == IncidentKind::Security {
        return Ok(
            "It is a security incident: there may be duties to tell, and care is needed over \
                   who may read."
                .to_owned(),
        );
    }
    if has(facts, Effect::ExposedData) {
        return Ok(
            "Data was exposed: there may be duties to tell, and care is needed over who may \
                   read."
                .to_owned(),
        );
    }
    Err("it is no security incident, and no impact says that data was exposed".to_owned())
}

fn data(facts: &Facts) -> Answer {
    let why = "trust in data is slow to come back.";
    if facts.kind == IncidentKind::Data {
        return Ok(format!("Data was lost, wrong or mixed up: {why}"));
    }
    if has(facts, Effect::LostData) || has(facts, Effect::WrongData) {
        return Ok(format!("An impact says that data was lost or wrong: {why}"));
    }
    Err("no impact says that data was lost or wrong".to_owned())
}

fn major(facts: &Facts) -> Answer {
    if facts.severity == Some(1) {
        return Ok("Its severity is 1: the harm was large.".to_owned());
    }
    if facts.detection == Detection::Public {
        return Ok("The public noticed it first.".to_owned());
    }
    Err(format!("{}, and the public did not notice first", severity_in_words(facts)))
}

fn vendor(facts: &Facts) -> Answer {
    if facts.kind != IncidentKind::Vendor {
        return Err("the fault was not in a supplier".to_owned());
    }
    match facts.severity {
        Some(1 | 2) => Ok("The fault was in a supplier: we learn about our dependence.".to_owned()),
        _ => Err(severity_in_words(facts)),
    }
}

fn deploy(facts: &Facts) -> Answer {
    if facts.kind != IncidentKind::Deploy {
        return Err("it is not a change of ours that was rolled back".to_owned());
    }
    match facts.severity {
        Some(2 | 3) => {
            Ok("A change of ours set it off and a rollback undid it: a fast loop on the gates a \
                change passes."
                .to_owned())
        }
        _ => Err(severity_in_words(facts)),
    }
}

fn noticed(facts: &Facts) -> Answer {
    if facts.kind == IncidentKind::NearMiss {
        return Err("it is a near miss: nobody was harmed".to_owned());
    }
    if has(facts, Effect::Unavailable) || facts.kind == IncidentKind::Outage {
        return Ok("Something people use was not available to them.".to_owned());
    }
    if facts.detection == Detection::Customer {
        return Ok("A customer noticed it before we did.".to_owned());
    }
    let felt = has(facts, Effect::Errors) || has(facts, Effect::Slow);
    if felt && matches!(facts.severity, Some(1 | 2)) {
        let severity = severity_in_words(facts);
        return Ok(format!("People felt it, and {severity}."));
    }
    Err("no impact says that it was unavailable, and no customer noticed first".to_owned())
}

fn near_miss(facts: &Facts) -> Answer {
    if facts.kind == IncidentKind::NearMiss {
        return Ok(
            "Little or no harm, and it could have been otherwise: the cheapest way to learn."
                .to_owned(),
        );
    }
    Err("it is not marked as a near miss".to_owned())
}

fn small(facts: &Facts) -> Answer {
    match facts.severity {
        Some(4) => Ok("Its severity is 4: a light review keeps what was learned.".to_owned()),
        Some(3) => Ok(
            "Its severity is 3 and nothing asks for more: a light review keeps what was learned."
                .to_owned(),
        ),
        _ => Err(severity_in_words(facts)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, propose};
    use crate::incidents::impact::Effect;
    use crate::incidents::{Detection, Kind};

    fn facts(kind: Kind, severity: Option<i64>, effects: &[Effect]) -> Facts {
        Facts { kind, severity, effects: effects.to_vec(), detection: Detection::Alert }
    }

    fn chosen(facts: &Facts) -> Option<&'static str> {
        propose(facts).kind.map(|kind| kind.id.as_str())
    }

    #[test]
    fn the_first_rule_that_fits_chooses() {
        for (said, kind) in [
            (facts(Kind::Security, None, &[]), Some("security")),
            (facts(Kind::Outage, Some(1), &[Effect::ExposedData]), Some("security")),
            (facts(Kind::Data, Some(1), &[]), Some("data")),
            (facts(Kind::Outage, Some(1), &[]), Some("major")),
            (facts(Kind::Vendor, Some(2), &[]), Some("vendor")),
            (facts(Kind::Vendor, Some(3), &[Effect::Unavailable]), Some("standard")),
            (facts(Kind::Vendor, Some(3), &[Effect::Slow]), Some("light")),
            (facts(Kind::Deploy, Some(3), &[Effect::Unavailable]), Some("deploy")),
            (facts(Kind::Degradation, Some(2), &[Effect::Slow]), Some("standard")),
            (facts(Kind::Degradation, Some(4), &[Effect::Slow]), Some("light")),
            (facts(Kind::NearMiss, None, &[]), Some("near")),
            (facts(Kind::Other, None, &[]), None),
        ] {
            assert_eq!(chosen(&said), kind, "{said:?}");
        }
    }

    #[test]
    fn a_customer_who_noticed_first_asks_for_more_than_a_light_review() {
        let mut said = facts(Kind::Degradation, Some(4), &[]);
        said.detection = Detection::Customer;
        assert_eq!(chosen(&said), Some("standard"));
        said.kind = Kind::NearMiss;
        assert_eq!(chosen(&said), Some("near"), "nobody was harmed");
    }

    #[test]
    fn each_rule_before_says_why_it_did_not_fire() {
        let proposal = propose(&facts(Kind::Vendor, Some(3), &[Effect::Slow]));
        assert_eq!(proposal.tried.len(), 7);
        let vendor = &proposal.tried[3];
        assert_eq!(vendor.1, "its severity is 3");
        assert!(proposal.reason.contains("severity is 3"), "{}", proposal.reason);
    }
}
