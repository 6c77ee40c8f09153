//! A turn: somebody is asked to investigate, and what came of it.

use super::rules::{Rung, Tried};
use crate::access::PersonId;
use crate::retrospectives::RetrospectiveId;
use kit::db::{Json, Time};

kit::id!(
    /// A turn's id.
    TurnId,
    "trn"
);

kit::words!(
    /// What came of a turn.
    TurnState {
        /// They are asked and have not answered.
        Open = "open", "is asked";
        /// It is theirs.
        Taken = "taken", "took it";
        /// It went on to the next.
        WentOn = "went_on", "it went on";
        /// They handed it over.
        HandedOver = "handed_over", "handed it over";
        /// Somebody was named meanwhile.
        Withdrawn = "withdrawn", "somebody was named meanwhile";
        /// The chain came to its end.
        Nobody = "nobody", "the chain came to its end";
    }
);

/// A turn as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Turn {
    /// Its id.
    pub id: TurnId,
    /// Of which review.
    pub retrospective_id: RetrospectiveId,
    /// From 1.
    pub n: i64,
    /// Who was asked; nobody at the end of the chain.
    pub person_id: Option<PersonId>,
    /// Their name.
    pub name: Option<String>,
    /// Which rule chose them.
    pub rule: Rung,
    /// Why it did.
    pub because: String,
    /// The rules before it, each with why it chose nobody.
    pub tried: Json<Vec<Tried>>,
    /// What whoever handed it over says.
    pub context: String,
    /// The name of who handed it over or began the search.
    pub asked_by_name: Option<String>,
    /// When.
    pub asked_at: Time,
    /// Until when they answer.
    pub due_at: Option<Time>,
    /// What came of it.
    pub state: TurnState,
    /// Since when.
    pub ended_at: Option<Time>,
}

/// Who owned it, from when until when.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Term {
    /// Their name.
    pub name: String,
    /// By which rule.
    pub rule: Rung,
    /// From when.
    pub since: Time,
    /// Until when; none while it is theirs.
    pub until: Option<Time>,
}
