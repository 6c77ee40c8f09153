//! The one decision of an incident: made when it ends, made anew while nobody answered, and answered with
//! the deed that opens or waives its review.

use super::decide::{Choice, choose};
use super::document::Anchor;
use super::facts::Facts;
use super::gather::Gatherer;
use super::store_decisions::{self, Answer, NewDecision};
use super::version::{self, Current};
use crate::access::{PersonId, Viewer};
use crate::audit::{self, Deed};
use crate::incidents::{Incident, Status, Whole};
use kit::db::{Conn, Result as DbResult, Time, Tx};
use kit::web::Problem;
use serde_json::json;

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
    let facts = proposer.gatherer.facts(conn, incident).await?;
    Ok(proposer.choose(&facts))
}

/// Asks the policy in force about incidents whose parts were read; it and what is the same for all of
/// them are read once.
#[derive(Debug)]
pub struct Proposer {
    current: Current,
    gatherer: Gatherer,
}

impl Proposer {
    /// Reads the policy in force.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(conn: &mut Conn) -> DbResult<Proposer> {
        let current = version::current(conn).await?;
        Ok(Proposer { current, gatherer: Gatherer::read(conn).await? })
    }

    /// What it chooses for an incident with these parts.
    ///
    /// # Errors
    /// What the database says.
    pub async fn proposal(
        &self,
        conn: &mut Conn,
        incident: &Incident,
        parts: &Whole,
    ) -> DbResult<Proposal> {
        Ok(self.choose(&self.gatherer.facts_with(conn, incident, parts).await?))
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
    match incident.status {
        Status::Resolved | Status::Closed => Ok(true),
        Status::Mitigated => {
            let decides = version::current(conn).await?.policy.document.decides;
            Ok(decides == Anchor::Mitigated)
        }
        _ => Ok(false),
    }
}

/// Writes down what the policy chooses now. What was answered stays as it was answered.
async fn make(tx: &mut Tx, by: &PersonId, incident: &Incident, now: Time) -> DbResult<Current> {
    let current = version::current_kept(tx, now).await?;
    let facts = Gatherer::read(tx).await?.facts(tx, incident).await?;
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
