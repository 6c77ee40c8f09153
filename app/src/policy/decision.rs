//! The one decision of an incident: made when it ends, made anew while nobody answered, and answered with
//! the deed that opens or waives its review.

use super::decide::{Choice, choose};
use super::document::Anchor;
use super::facts::Facts;
use super::gather::{self, since};
use super::store_decisions::{self, Answer, Decision, NewDecision};
use super::version::{self, Current};
use crate::access::{PersonId, Viewer};
use crate::audit::{self, Deed};
use crate::incidents::store_often;
use crate::incidents::{Incident, IncidentId, Status, Whole};
use kit::db::{Conn, Result as DbResult, Time, Tx};
use kit::web::Problem;
use serde_json::json;
use std::collections::HashMap;

kit::words!(
    /// What people made of a decision.
    Outcome {
        /// Nobody answered yet.
        Open = "open", "waits for an answer";
        /// The chosen kind was taken.
        Accepted = "accepted", "accepted";
        /// Another kind was taken, with a reason.
        Changed = "changed", "changed";
        /// No review, with a reason.
        Waived = "waived", "waived";
    }
);

/// What the policy in force chooses for an incident as it is known now.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The policy's version.
    pub version: i64,
    /// What it chose.
    pub choice: Choice,
}

/// What the policy in force chooses for an incident as it is known now.
///
/// # Errors
/// What the database says.
pub async fn proposal(conn: &mut Conn, incident: &Incident) -> DbResult<Proposal> {
    let proposer = Proposer::read(conn).await?;
    let facts = facts_of_one(conn, incident).await?;
    Ok(proposer.choose(&facts))
}

async fn facts_of_one(conn: &mut Conn, incident: &Incident) -> DbResult<Facts> {
    let facts = gather::facts_of(conn, std::slice::from_ref(incident)).await?;
    Ok(facts.into_iter().next().unwrap_or_default())
}

/// Asks the policy in force, which is read once, about incidents whose parts were read.
#[derive(Debug)]
pub struct Proposer {
    current: Current,
}

/// An incident with what is known of it: its parts, and how many asked that it is reviewed.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Its parts.
    pub parts: &'a Whole,
    /// How many requests for a review of it were not declined.
    pub requests: i64,
}

impl Proposer {
    /// Reads the policy in force.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(conn: &mut Conn) -> DbResult<Proposer> {
        Ok(Proposer { current: version::current(conn).await? })
    }

    /// Reads the policy in force, and the decision of an incident that was found for the viewer.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read_with_decision(
        conn: &mut Conn,
        incident: &Incident,
    ) -> DbResult<(Proposer, Option<Decision>)> {
        let (row, decision) = store_decisions::with_newest_version(conn, incident).await?.unzip();
        Ok((Proposer { current: version::of_row(row)? }, decision.flatten()))
    }

    /// Whether the incident has come where the policy decides.
    #[must_use]
    pub fn is_due(&self, incident: &Incident) -> bool {
        is_due_by(incident, || self.current.policy.document.decides)
    }

    /// What it chooses for each of up to 40 incidents, in their order.
    ///
    /// # Errors
    /// What the database says.
    pub async fn proposals(&self, conn: &mut Conn, all: &[Known<'_>]) -> DbResult<Vec<Proposal>> {
        let asked: Vec<(IncidentId, Time)> = all
            .iter()
            .map(|one| (one.incident.id.clone(), since(one.incident, one.parts)))
            .collect();
        let often = match self.asks_how_often() && !all.is_empty() {
            true => store_often::often(conn, &asked).await?,
            false => HashMap::new(),
        };
        let choose = |one: &Known<'_>| {
            let often = often.get(&one.incident.id).copied().unwrap_or_default();
            self.choose(&gather::facts(one.incident, one.parts, often, one.requests))
        };
        Ok(all.iter().map(choose).collect())
    }

    /// Whether anything in the policy asks how often the like of an incident came.
    fn asks_how_often(&self) -> bool {
        let policy = &self.current.policy;
        let mut asked = policy.rules.iter().chain(&policy.additions).flat_map(|one| &one.asks);
        asked.any(|fact| ["recurrence", "repeats"].contains(fact))
    }

    fn choose(&self, facts: &Facts) -> Proposal {
        let Current { version, policy, .. } = &self.current;
        Proposal { version: *version, choice: choose(policy, facts) }
    }
}

/// Makes the decision of an incident that came where the policy decides, within the deed that moved it.
///
/// # Errors
/// What the database says.
pub async fn incident_moved(
    tx: &mut Tx,
    by: &PersonId,
    incident: &Incident,
    now: Time,
) -> DbResult<()> {
    if is_due(tx, incident).await? {
        make(tx, by, incident, now).await?;
    }
    Ok(())
}

/// Whether the incident has come where the policy decides.
///
/// # Errors
/// What the database says.
pub async fn is_due(conn: &mut Conn, incident: &Incident) -> DbResult<bool> {
    let decides = match incident.status {
        Status::Mitigated => version::current(conn).await?.policy.document.decides,
        _ => Anchor::Resolved,
    };
    Ok(is_due_by(incident, || decides))
}

fn is_due_by(incident: &Incident, decides: impl Fn() -> Anchor) -> bool {
    match incident.status {
        Status::Resolved | Status::Closed => true,
        Status::Mitigated => decides() == Anchor::Mitigated,
        _ => false,
    }
}

/// Writes down what the policy chooses now. What was answered stays as it was answered.
async fn make(tx: &mut Tx, by: &PersonId, incident: &Incident, now: Time) -> DbResult<Current> {
    let current = version::current_kept(tx, now).await?;
    let facts = facts_of_one(tx, incident).await?;
    let choice = choose(&current.policy, &facts);
    let new = NewDecision {
        incident: &incident.id,
        version: current.version,
        choice: &choice,
        facts: &facts,
    };
    if store_decisions::write(tx, &new, now).await? {
        let key = incident.key().to_string();
        let deed = Deed::new(by, "review.proposed", &key).of(incident.id.as_str());
        let after = json!({ "kind": choice.kind, "rule": choice.rule, "policy": current.version });
        audit::record(tx, now, deed.after(after)).await?;
    }
    Ok(current)
}

/// Keeps what people made of the decision, within the deed that opened or waived the review. What the
/// policy chooses is written down as it is now, since that is what was shown. Gives its version.
///
/// # Errors
/// What the database says.
pub async fn answered(
    tx: &mut Tx,
    viewer: &Viewer,
    incident: &Incident,
    (kind, reason): (Option<&str>, &str),
    now: Time,
) -> Result<i64, Problem> {
    let current = make(tx, &viewer.id, incident, now).await?;
    let decision = store_decisions::of_incident(tx, viewer, incident).await?;
    let chosen = decision.as_ref().and_then(|one| one.kind.as_deref());
    let outcome = match kind {
        None => Outcome::Waived,
        Some(kind) if chosen == Some(kind) => Outcome::Accepted,
        Some(_) => Outcome::Changed,
    };
    let answer = Answer { outcome, kind, reason, by: &viewer.id };
    store_decisions::answer(tx, &incident.id, &answer, now).await?;
    Ok(decision.map_or(current.version, |one| one.policy_version))
}
