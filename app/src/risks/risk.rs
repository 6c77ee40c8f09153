//! A risk's life: what we know could hurt us and carry openly, until when, and who said so.

use crate::access::PersonId;
use crate::actions::ActionId;
use crate::factors::FactorId;
use crate::services::ServiceId;
use crate::shell::moment;
use kit::web::{Problem, Said};

kit::words!(
    /// How likely, or how bad.
    Level {
        /// Hardly.
        Low = "low", "low";
        /// It may well.
        Medium = "medium", "medium";
        /// Very.
        High = "high", "high";
    }
);

kit::words!(
    /// The word for where a risk is in its life (domain model 2.6).
    StateName {
        /// Nobody decided yet what to do about it.
        Open = "open", "open";
        /// Actions treat it.
        Treated = "treated", "treated";
        /// Somebody carries it, until a day.
        Accepted = "accepted", "accepted";
        /// Its day has come.
        DueForReview = "due_for_review", "due for review";
        /// It is no risk any more.
        Closed = "closed", "closed";
    }
);

/// That somebody carries a risk. Made by [`Acceptance::of`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    by: PersonId,
    until: String,
    review_on: String,
}

impl Acceptance {
    /// Accepted by somebody until a day, and looked at again not later than that.
    ///
    /// # Errors
    /// Which day is missing or out of order.
    pub fn of(by: PersonId, until: &str, review_on: &str) -> Result<Acceptance, Refused> {
        let (until, review_on) = (until.trim(), review_on.trim());
        if until.is_empty() {
            return Err(Refused::NoUntil);
        }
        if review_on.is_empty() {
            return Err(Refused::NoReview);
        }
        if until < review_on {
            return Err(Refused::ReviewAfterEnd);
        }
        Ok(Acceptance { by, until: until.to_owned(), review_on: review_on.to_owned() })
    }

    /// Who carries it.
    #[must_use]
    pub fn by(&self) -> &PersonId {
        &self.by
    }

    /// Until which day.
    #[must_use]
    pub fn until(&self) -> &str {
        &self.until
    }

    /// When it is looked at again.
    #[must_use]
    pub fn review_on(&self) -> &str {
        &self.review_on
    }
}

/// Where a risk is in its life, with what it takes to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nobody decided yet.
    Open,
    /// Actions treat it.
    Treated {
        /// Which; at least one.
        actions: Vec<ActionId>,
    },
    /// Somebody carries it.
    Accepted(Acceptance),
    /// Its day has come.
    DueForReview,
    /// It is no risk any more.
    Closed {
        /// Why.
        reason: String,
    },
}

/// What somebody decides about a risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Have actions treat it.
    Treat {
        /// Which.
        actions: Vec<ActionId>,
    },
    /// Carry it.
    Accept(Acceptance),
    /// Look at it again, because its day has come or something has changed.
    Review,
    /// Leave it undecided.
    Reopen,
    /// It is none any more.
    Close {
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
    /// Treated by nothing.
    #[error("Choose at least one action that treats it; or accept it for a while.")]
    NoAction,
    /// Accepted for ever.
    #[error("Say until which day it is accepted, such as 2026-11-12.")]
    NoUntil,
    /// Accepted or moved here, and never looked at again (I8).
    #[error("Say on which day it is looked at again, such as 2026-11-12.")]
    NoReview,
    /// Looked at too late.
    #[error("It is looked at again not later than the day until which it is accepted.")]
    ReviewAfterEnd,
    /// Closed without a reason.
    #[error("Say why it is no risk any more.")]
    NoReason,
}

impl Refused {
    /// The field of the form it is about; none when the state is.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Refused::Not(..) => None,
            Refused::NoAction => Some("action"),
            Refused::NoUntil => Some("until"),
            Refused::NoReview | Refused::ReviewAfterEnd => Some("review_on"),
            Refused::NoReason => Some("note"),
        }
    }
}

impl State {
    /// The word for it.
    #[must_use]
    pub fn name(&self) -> StateName {
        match self {
            State::Open => StateName::Open,
            State::Treated { .. } => StateName::Treated,
            State::Accepted(_) => StateName::Accepted,
            State::DueForReview => StateName::DueForReview,
            State::Closed { .. } => StateName::Closed,
        }
    }

    /// The state after a step: the one place where a risk's life is decided.
    ///
    /// # Errors
    /// Why not.
    pub fn after(self, step: Step) -> Result<State, Refused> {
        let from = self.name();
        match (self, step) {
            (State::Open, Step::Treat { actions }) if actions.is_empty() => Err(Refused::NoAction),
            (State::Open, Step::Treat { actions }) => Ok(State::Treated { actions }),
            (State::Open | State::DueForReview, Step::Accept(acceptance)) => {
                Ok(State::Accepted(acceptance))
            }
            (State::Open | State::Treated { .. } | State::Accepted(_), Step::Review) => {
                Ok(State::DueForReview)
            }
            (State::DueForReview, Step::Reopen) => Ok(State::Open),
            (State::DueForReview, Step::Close { reason }) if reason.trim().is_empty() => {
                Err(Refused::NoReason)
            }
            (State::DueForReview, Step::Close { reason }) => {
                Ok(State::Closed { reason: reason.trim().to_owned() })
            }
            (_, step) => Err(Refused::Not(from, step.past())),
        }
    }
}

impl Step {
    fn past(&self) -> &'static str {
        match self {
            Step::Treat { .. } => "treated",
            Step::Accept(_) => "accepted",
            Step::Review => "looked at again",
            Step::Reopen => "opened again",
            Step::Close { .. } => "closed",
        }
    }
}

/// What a risk says.
#[derive(Debug, Clone)]
pub struct NewRisk {
    /// What could hurt us, and how.
    pub statement: String,
    /// How likely.
    pub likelihood: Level,
    /// How bad.
    pub impact: Level,
    /// How its impact is softened.
    pub softened_by: String,
    /// When it is looked at again.
    pub review_on: Option<String>,
    /// Which factors it comes from.
    pub factors: Vec<FactorId>,
    /// Which services it would hit.
    pub services: Vec<ServiceId>,
}

const STATEMENT_MAX: usize = 600;
/// The most characters of everything else.
pub const TEXT_MAX: usize = 1000;

impl NewRisk {
    /// Reads a form. Services are named by their slugs in `among`.
    ///
    /// # Errors
    /// 422 with a line for each wrong field.
    pub fn read(said: &Said, among: &[crate::services::Service]) -> Result<NewRisk, Problem> {
        let likelihood = said.need("likelihood", Level::parse);
        let impact = said.need("impact", Level::parse);
        let slugs = said.all("service");
        let hit = among.iter().filter(|one| slugs.contains(&one.slug.as_str()));
        let new = NewRisk {
            statement: said.text("statement").split_whitespace().collect::<Vec<_>>().join(" "),
            likelihood: likelihood.unwrap_or(Level::Medium),
            impact: impact.unwrap_or(Level::Medium),
            softened_by: said.text("softened_by").to_owned(),
            review_on: said.may("review_on", moment::parse_day),
            factors: said.all("factor").into_iter().filter_map(FactorId::parse).collect(),
            services: hit.map(|one| one.id.clone()).collect(),
        };
        new.note_wrong(said);
        said.checked()?;
        Ok(new)
    }

    /// Notes each wrong field.
    pub(super) fn note_wrong(&self, said: &Said) {
        for (field, message) in self.wrong() {
            said.wrong(field, message);
        }
    }

    fn wrong(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        match self.statement.chars().count() {
            0 => wrong.push(("statement", "Say what could hurt us, and how.".to_owned())),
            n if n > STATEMENT_MAX => {
                let long = format!("A risk has at most {STATEMENT_MAX} characters; this has {n}.");
                wrong.push(("statement", long));
            }
            _ => {}
        }
        if self.softened_by.chars().count() > TEXT_MAX {
            wrong.push(("softened_by", format!("At most {TEXT_MAX} characters, please.")));
        }
        wrong
    }

    /// What every risk needs, wherever it comes from.
    ///
    /// # Errors
    /// 422 in words.
    pub fn checked(&self) -> Result<(), Problem> {
        match self.wrong().into_iter().next() {
            Some((field, message)) => Err(Problem::field(field, message)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Acceptance, Refused, State, StateName, Step};
    use crate::access::PersonId;
    use crate::actions::ActionId;
    use proptest::prelude::{Just, Strategy, prop_oneof};
    use proptest::{prop_assert, proptest};

    fn ada() -> PersonId {
        PersonId::parse(&format!("per_{:032x}", 1)).unwrap()
    }

    fn accepted() -> Acceptance {
        Acceptance::of(ada(), "2030-02-01", "2030-01-01").unwrap()
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let action = || ActionId::parse(&format!("atn_{:032x}", 1)).unwrap();
        let step = prop_oneof![
            Just(Step::Treat { actions: Vec::new() }),
            Just(Step::Treat { actions: vec![action()] }),
            Just(Step::Accept(accepted())),
            Just(Step::Review),
            Just(Step::Reopen),
            Just(Step::Close { reason: " ".into() }),
            Just(Step::Close { reason: "Gone".into() }),
        ];
        proptest::collection::vec(step, 0..16)
    }

    /// The diagram of domain model 2.6.
    fn may_follow(from: StateName, to: StateName) -> bool {
        use StateName::{Accepted, Closed, DueForReview, Open, Treated};
        match from {
            Open => matches!(to, Treated | Accepted | DueForReview),
            Treated | Accepted => to == DueForReview,
            DueForReview => matches!(to, Open | Accepted | Closed),
            Closed => false,
        }
    }

    proptest! {
        #[test]
        fn whatever_people_try_a_risk_goes_only_along_the_diagram(tried in steps()) {
            let mut state = State::Open;
            for step in tried {
                let from = state.name();
                if let Ok(next) = state.clone().after(step) {
                    prop_assert!(may_follow(from, next.name()), "{} to {}", from, next.name());
                    state = next;
                }
                if let State::Treated { actions } = &state {
                    prop_assert!(!actions.is_empty());
                }
                if let State::Accepted(acceptance) = &state {
                    prop_assert!(acceptance.review_on() <= acceptance.until());
                }
            }
        }
    }

    #[test]
    fn nothing_is_accepted_for_ever() {
        assert_eq!(Acceptance::of(ada(), "", "2030-01-01"), Err(Refused::NoUntil));
        assert_eq!(Acceptance::of(ada(), "2030-01-01", " "), Err(Refused::NoReview));
        let late = Acceptance::of(ada(), "2030-01-01", "2030-01-02");
        assert_eq!(late, Err(Refused::ReviewAfterEnd));
    }
}
