//! How somebody is found: which rules are tried in which order, and what they mind.

use crate::teams::TeamId;
use kit::db::Time;
use serde::Serialize;
use utoipa::ToSchema;

kit::words!(
    /// Whether the product looks for somebody, or people do.
    Method {
        /// The chain asks one after another.
        Chain = "chain", "by the chain";
        /// Whoever decides names somebody.
        ByHand = "by_hand", "by hand";
    }
);

kit::words!(
    /// A rule of the chain, or another way in which a review came to somebody.
    Rung {
        /// Somebody of the trained pool who had no part in it.
        Pool = "pool", "Trained investigators";
        /// Whoever made the change that stands nearest before it, unless they are new.
        Nearest = "nearest", "Nearest the change";
        /// Somebody else of their team.
        Teammate = "teammate", "A teammate";
        /// Who answers for the team, until they hand it over.
        Manager = "manager", "The team’s manager";
        /// Whoever commanded the incident.
        Commander = "commander", "The commander";
        /// Somebody of the team it comes to in the end.
        Last = "last", "The team it comes to in the end";
        /// Somebody handed it over.
        HandedOver = "handed_over", "Handed over";
        /// Somebody named them.
        ByHand = "by_hand", "Named by hand";
    }
);

impl Rung {
    /// Those of the chain, in the order in which they come.
    pub const CHAIN: &'static [Rung] =
        &[Rung::Pool, Rung::Nearest, Rung::Teammate, Rung::Manager, Rung::Commander, Rung::Last];

    /// What it looks for, in a sentence.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Rung::Pool => {
                "Somebody of the trained pool who had no part in the incident; first those who know what was hit."
            }
            Rung::Nearest => {
                "Whoever made the last change before it was noticed, unless they are new here."
            }
            Rung::Teammate => {
                "Somebody else of the team that was hit or owns what was hit, unless they are new here."
            }
            Rung::Manager => "Who answers for that team: theirs at once, until they hand it over.",
            Rung::Commander => "Whoever commanded the incident.",
            Rung::Last => {
                "Somebody of the team that is named below, such as reliability engineers."
            }
            Rung::HandedOver => "Somebody handed it over.",
            Rung::ByHand => "Somebody was named.",
        }
    }
}

/// The rules that hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Counts the changes; 0 as shipped.
    pub version: i64,
    /// Whether the chain is used.
    pub method: Method,
    /// What is tried, in its order.
    pub rungs: Vec<Rung>,
    /// Working hours in which whoever is asked answers.
    pub answer_hours: i64,
    /// Who is here for fewer months is new.
    pub tenure_months: i64,
    /// Who owns so many open reviews is not asked for another.
    pub most_open: i64,
    /// Whom it comes to in the end.
    pub last_team: Option<TeamId>,
}

impl Default for Rules {
    /// As shipped: the whole chain, four working hours each, half a year, two at once.
    fn default() -> Rules {
        Rules {
            version: 0,
            method: Method::Chain,
            rungs: Rung::CHAIN.to_vec(),
            answer_hours: 4,
            tenure_months: 6,
            most_open: 2,
            last_team: None,
        }
    }
}

/// Rules of the chain by their words, in an order, each once.
///
/// # Errors
/// A sentence on what there is.
pub fn parse_rungs(words: &[&str]) -> Result<Vec<Rung>, String> {
    let mut rungs: Vec<Rung> = Vec::new();
    for word in words {
        let rung = Rung::parse(word).ok().filter(|rung| Rung::CHAIN.contains(rung));
        let rung = rung.ok_or_else(|| {
            let known: Vec<&str> = Rung::CHAIN.iter().map(|one| one.name()).collect();
            format!("`{word}` is not one of: {}.", known.join(", "))
        })?;
        if rungs.contains(&rung) {
            return Err(format!("`{word}` is there twice."));
        }
        rungs.push(rung);
    }
    Ok(rungs)
}

/// A rule that chose nobody, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[schema(as = InvestigatorRuleTried)]
pub struct Tried {
    /// Which.
    #[schema(inline)]
    pub rule: Rung,
    /// Why it chose nobody.
    pub because: String,
}

/// When rules were saved.
#[derive(Debug, Clone)]
pub struct Saved {
    /// The rules.
    pub rules: Rules,
    /// Who saved them; nobody for those that are shipped.
    pub by: Option<String>,
    /// When.
    pub at: Option<Time>,
}
