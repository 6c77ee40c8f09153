//! An action's life. What it takes to be in a state is in the state: there is no accepted action
//! without an owner, a day and a done-when to check for, because there is no way to write one down.

use crate::access::PersonId;
use crate::teams::TeamId;

kit::words!(
    /// What an action is for.
    Aim {
        /// To get back sooner.
        Recovery = "recovery", "recovery";
        /// So that it does not happen.
        Prevention = "prevention", "prevention";
        /// So that it is noticed sooner.
        Detection = "detection", "detection";
        /// So that it hurts less.
        Mitigation = "mitigation", "mitigation";
        /// So that the response is easier.
        Response = "response", "response";
        /// So that more people know.
        Learning = "learning", "learning";
        /// To find something out; a team may own it for a while.
        Investigation = "investigation", "investigation";
    }
);

kit::words!(
    /// The word for where an action is in its life (domain model 2.6).
    StateName {
        /// Somebody suggests it.
        Proposed = "proposed", "proposed";
        /// Somebody promised it.
        Accepted = "accepted", "accepted";
        /// It is under way.
        InProgress = "in_progress", "in progress";
        /// Its owner says that it holds.
        Done = "done", "done";
        /// It was seen to hold.
        Verified = "verified", "verified";
        /// It did not hold after all.
        Reopened = "reopened", "reopened";
        /// It will not happen; what remains is a risk.
        MovedToRisk = "moved_to_risk", "moved to risk";
        /// It will not happen, and why.
        Dropped = "dropped", "dropped";
        /// It was not promised, and why.
        Declined = "declined", "declined";
    }
);

impl StateName {
    /// Whether somebody still owes it.
    #[must_use]
    pub fn is_owed(self) -> bool {
        matches!(self, StateName::Accepted | StateName::InProgress | StateName::Reopened)
    }

    /// Whether nothing follows.
    #[must_use]
    pub fn has_ended(self) -> bool {
        matches!(
            self,
            StateName::Verified | StateName::MovedToRisk | StateName::Dropped | StateName::Declined
        )
    }
}

/// Who keeps a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// One person.
    Person(PersonId),
    /// A team, for an investigation, until the day on which it names a person.
    Team {
        /// Which.
        team: TeamId,
        /// By when it names a person, `2026-11-12`.
        name_person_by: String,
    },
}

/// What was promised: who, by when, and how we know that it is done. Made by [`Promise::of`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    owner: Owner,
    due: String,
    done_when: String,
}

impl Promise {
    /// A promise that can be kept (I6).
    ///
    /// # Errors
    /// Which field is missing, and why.
    pub fn of(owner: Owner, due: &str, done_when: &str, aim: Aim) -> Result<Promise, Refused> {
        if matches!(owner, Owner::Team { .. }) && aim != Aim::Investigation {
            return Err(Refused::TeamOwns);
        }
        if due.trim().is_empty() {
            return Err(Refused::NoDue);
        }
        if done_when.trim().is_empty() {
            return Err(Refused::NoDoneWhen);
        }
        let (due, done_when) = (due.trim().to_owned(), done_when.trim().to_owned());
        Ok(Promise { owner, due, done_when })
    }

    /// Who keeps it.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// By when, `2026-11-12`.
    #[must_use]
    pub fn due(&self) -> &str {
        &self.due
    }

    /// How we know.
    #[must_use]
    pub fn done_when(&self) -> &str {
        &self.done_when
    }

    fn is_kept_by(&self, person: &PersonId) -> bool {
        matches!(&self.owner, Owner::Person(owner) if owner == person)
    }
}

/// Where an action is in its life, with what it takes to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Somebody suggests it.
    Proposed,
    /// It was not promised.
    Declined {
        /// Why.
        reason: String,
    },
    /// Somebody promised it.
    Accepted(Promise),
    /// It is under way.
    InProgress(Promise),
    /// Its owner says that it holds.
    Done {
        /// What was promised.
        promise: Promise,
        /// What was done.
        note: String,
    },
    /// It was seen to hold (I7).
    Verified {
        /// What was promised.
        promise: Promise,
        /// Who saw.
        by: PersonId,
        /// What shows it; may be empty when somebody other than the owner saw.
        evidence: String,
    },
    /// It did not hold after all.
    Reopened {
        /// What was promised.
        promise: Promise,
        /// Why.
        reason: String,
    },
    /// It will not happen; what remains is a risk.
    MovedToRisk {
        /// What was promised.
        promise: Promise,
        /// Why.
        reason: String,
        /// The number of the risk.
        risk: i64,
    },
    /// It will not happen.
    Dropped {
        /// What was promised.
        promise: Promise,
        /// Why.
        reason: String,
    },
}

/// What somebody wants to do to an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Promise it.
    Accept(Promise),
    /// Do not promise it.
    Decline {
        /// Why.
        reason: String,
    },
    /// Begin, also again.
    Begin,
    /// Another owner, day or done-when.
    Amend(Promise),
    /// It is done.
    Finish {
        /// What was done.
        note: String,
    },
    /// It holds.
    Verify {
        /// Who saw.
        by: PersonId,
        /// What shows it.
        evidence: String,
        /// Whether only another person than the owner may say so.
        needs_another: bool,
    },
    /// It did not hold.
    Reopen {
        /// Why.
        reason: String,
    },
    /// It becomes a risk.
    MoveToRisk {
        /// Why.
        reason: String,
        /// The number of the risk.
        risk: i64,
    },
    /// It will not happen.
    Drop {
        /// Why.
        reason: String,
    },
}

/// Why a step cannot be taken, in words for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not from here.
    #[error("It is {0}; from there it cannot be {1}. Open it again and look at what is offered.")]
    Not(StateName, &'static str),
    /// I6
    #[error(
        "A team owns an investigation only. Choose one person, or make its aim an investigation."
    )]
    TeamOwns,
    /// I6
    #[error("Say by when, as a day such as 2026-11-12.")]
    NoDue,
    /// I6
    #[error("Say how we will know that it is done.")]
    NoDoneWhen,
    /// I7
    #[error("Say in a sentence what was done, so that somebody else can look.")]
    NoNote,
    /// I7
    #[error("Say what shows that it holds, or let somebody other than the owner verify it.")]
    OwnerVerifies,
    /// Kinds major, security and data.
    #[error("For this kind of review somebody other than the owner verifies.")]
    NeedsAnother,
    /// A reason is always kept.
    #[error("Say why in a sentence. It stays readable, and nobody is blamed for it.")]
    NoReason,
}

impl Refused {
    /// The field of the form it is about; none when the state is.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Refused::Not(..) => None,
            Refused::TeamOwns => Some("owner"),
            Refused::NoDue => Some("due"),
            Refused::NoDoneWhen => Some("done_when"),
            Refused::NoNote => Some("note"),
            Refused::OwnerVerifies | Refused::NeedsAnother => Some("evidence"),
            Refused::NoReason => Some("reason"),
        }
    }
}

fn said(text: &str, or: Refused) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() { Err(or) } else { Ok(text.to_owned()) }
}

impl State {
    /// The word for it.
    #[must_use]
    pub fn name(&self) -> StateName {
        match self {
            State::Proposed => StateName::Proposed,
            State::Declined { .. } => StateName::Declined,
            State::Accepted(_) => StateName::Accepted,
            State::InProgress(_) => StateName::InProgress,
            State::Done { .. } => StateName::Done,
            State::Verified { .. } => StateName::Verified,
            State::Reopened { .. } => StateName::Reopened,
            State::MovedToRisk { .. } => StateName::MovedToRisk,
            State::Dropped { .. } => StateName::Dropped,
        }
    }

    /// What was promised, once something was.
    #[must_use]
    pub fn promise(&self) -> Option<&Promise> {
        match self {
            State::Proposed | State::Declined { .. } => None,
            State::Accepted(promise) | State::InProgress(promise) => Some(promise),
            State::Done { promise, .. }
            | State::Verified { promise, .. }
            | State::Reopened { promise, .. }
            | State::MovedToRisk { promise, .. }
            | State::Dropped { promise, .. } => Some(promise),
        }
    }

    /// The state after a step: the one place where an action's life is decided.
    ///
    /// # Errors
    /// Why not.
    pub fn after(self, step: Step) -> Result<State, Refused> {
        let from = self.name();
        match (self, step) {
            (State::Proposed, Step::Accept(promise)) => Ok(State::Accepted(promise)),
            (State::Proposed, Step::Decline { reason }) => {
                Ok(State::Declined { reason: said(&reason, Refused::NoReason)? })
            }
            (State::Accepted(promise) | State::Reopened { promise, .. }, Step::Begin) => {
                Ok(State::InProgress(promise))
            }
            (State::Accepted(_), Step::Amend(promise)) => Ok(State::Accepted(promise)),
            (State::InProgress(_), Step::Amend(promise)) => Ok(State::InProgress(promise)),
            (State::InProgress(promise), Step::Finish { note }) => {
                Ok(State::Done { promise, note: said(&note, Refused::NoNote)? })
            }
            (State::Accepted(promise) | State::InProgress(promise), Step::Drop { reason }) => {
                Ok(State::Dropped { promise, reason: said(&reason, Refused::NoReason)? })
            }
            (
                State::Accepted(promise) | State::InProgress(promise),
                Step::MoveToRisk { reason, risk },
            ) => {
                let reason = said(&reason, Refused::NoReason)?;
                Ok(State::MovedToRisk { promise, reason, risk })
            }
            (State::Done { promise, .. }, Step::Reopen { reason }) => {
                Ok(State::Reopened { promise, reason: said(&reason, Refused::NoReason)? })
            }
            (State::Done { promise, .. }, Step::Verify { by, evidence, needs_another }) => {
                verified(promise, by, &evidence, needs_another)
            }
            (_, step) => Err(Refused::Not(from, step.past())),
        }
    }
}

/// I7: what shows it, or another pair of eyes; where the kind asks for it, the eyes.
fn verified(
    promise: Promise,
    by: PersonId,
    evidence: &str,
    needs_another: bool,
) -> Result<State, Refused> {
    let is_another = matches!(promise.owner(), Owner::Person(_)) && !promise.is_kept_by(&by);
    if needs_another && promise.is_kept_by(&by) {
        return Err(Refused::NeedsAnother);
    }
    if !is_another && evidence.trim().is_empty() {
        return Err(Refused::OwnerVerifies);
    }
    Ok(State::Verified { promise, by, evidence: evidence.trim().to_owned() })
}

impl Step {
    /// The word for what it would have made of the action.
    fn past(&self) -> &'static str {
        match self {
            Step::Accept(_) => "accepted",
            Step::Decline { .. } => "declined",
            Step::Begin => "begun",
            Step::Amend(_) => "promised otherwise",
            Step::Finish { .. } => "done",
            Step::Verify { .. } => "verified",
            Step::Reopen { .. } => "reopened",
            Step::MoveToRisk { .. } => "moved to a risk",
            Step::Drop { .. } => "dropped",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Aim, Owner, Promise, Refused, State, StateName, Step};
    use crate::access::PersonId;
    use crate::teams::TeamId;
    use proptest::prelude::{Just, Strategy, any, prop_oneof};
    use proptest::{prop_assert, prop_assert_eq, prop_assert_ne, proptest};

    fn person(n: u8) -> PersonId {
        PersonId::parse(&format!("per_{n:032x}")).unwrap()
    }

    fn promise(n: u8) -> Promise {
        Promise::of(Owner::Person(person(n)), "2030-01-01", "A page says so", Aim::Prevention)
            .unwrap()
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let text = || prop_oneof![Just(String::new()), Just(" ".to_owned()), Just("so".to_owned())];
        let step = prop_oneof![
            (0u8..3).prop_map(|n| Step::Accept(promise(n))),
            text().prop_map(|reason| Step::Decline { reason }),
            Just(Step::Begin),
            (0u8..3).prop_map(|n| Step::Amend(promise(n))),
            text().prop_map(|note| Step::Finish { note }),
            (0u8..3, text(), any::<bool>()).prop_map(|(n, evidence, needs_another)| {
                Step::Verify { by: person(n), evidence, needs_another }
            }),
            text().prop_map(|reason| Step::Reopen { reason }),
            text().prop_map(|reason| Step::MoveToRisk { reason, risk: 7 }),
            text().prop_map(|reason| Step::Drop { reason }),
        ];
        proptest::collection::vec(step, 0..24)
    }

    /// The diagram of domain model 2.6; amending stays where it is.
    fn may_follow(from: StateName, to: StateName) -> bool {
        use StateName::{
            Accepted, Declined, Done, Dropped, InProgress, MovedToRisk, Proposed, Reopened,
            Verified,
        };
        match from {
            Proposed => matches!(to, Accepted | Declined),
            Accepted => matches!(to, Accepted | InProgress | MovedToRisk | Dropped),
            InProgress => matches!(to, InProgress | Done | MovedToRisk | Dropped),
            Done => matches!(to, Verified | Reopened),
            Reopened => to == InProgress,
            Verified | MovedToRisk | Dropped | Declined => false,
        }
    }

    proptest! {
        #[test]
        fn whatever_people_try_an_action_goes_only_along_the_diagram(tried in steps()) {
            let mut state = State::Proposed;
            for step in tried {
                let from = state.name();
                match state.clone().after(step) {
                    Ok(next) => {
                        prop_assert!(may_follow(from, next.name()), "{} to {}", from, next.name());
                        state = next;
                    }
                    Err(refused) => prop_assert!(!refused.to_string().is_empty()),
                }
                // I6: whatever is promised has an owner, a day and a done-when.
                let is_free = matches!(state.name(), StateName::Proposed | StateName::Declined);
                prop_assert_eq!(state.promise().is_none(), is_free);
                if let Some(promise) = state.promise() {
                    prop_assert!(!promise.due().is_empty() && !promise.done_when().is_empty());
                }
                // I7: what was seen to hold was seen by another, or something shows it.
                if let State::Verified { promise, by, evidence } = &state
                    && evidence.is_empty()
                {
                    prop_assert_ne!(promise.owner(), &Owner::Person(by.clone()));
                }
                if let State::Done { note, .. } = &state {
                    prop_assert!(!note.trim().is_empty());
                }
                if let State::Declined { reason } | State::Dropped { reason, .. }
                    | State::MovedToRisk { reason, .. } | State::Reopened { reason, .. } = &state
                {
                    prop_assert!(!reason.trim().is_empty());
                }
            }
        }
    }

    #[test]
    fn a_team_owns_an_investigation_only_and_names_a_person_by_a_day() {
        let team = || Owner::Team {
            team: TeamId::parse(&format!("tea_{:032x}", 1)).unwrap(),
            name_person_by: "2030-01-01".into(),
        };
        let of = |aim| Promise::of(team(), "2030-02-01", "We know why", aim);
        assert_eq!(of(Aim::Prevention), Err(Refused::TeamOwns));
        let done = State::InProgress(of(Aim::Investigation).unwrap());
        let done = done.after(Step::Finish { note: "Found".into() }).unwrap();
        let verify = |evidence: &str| Step::Verify {
            by: person(1),
            evidence: evidence.into(),
            needs_another: false,
        };
        assert_eq!(done.clone().after(verify("")), Err(Refused::OwnerVerifies));
        assert!(done.after(verify("The write-up")).is_ok());
    }

    #[test]
    fn where_the_kind_asks_for_it_the_owner_never_verifies() {
        let done = State::Done { promise: promise(1), note: "Done".into() };
        let verify = |n, needs_another| Step::Verify {
            by: person(n),
            evidence: "A test".into(),
            needs_another,
        };
        assert_eq!(done.clone().after(verify(1, true)), Err(Refused::NeedsAnother));
        assert!(done.clone().after(verify(2, true)).is_ok());
        assert!(done.after(verify(1, false)).is_ok());
    }
}
