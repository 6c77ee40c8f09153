//! The facts that complete steps.

use crate::actions::{Action, StateName};
use crate::kinds::Done;
use crate::retrospectives::{Move, Retrospective, Section, SectionState, State};
use kit::db::Time;

/// What is known of a retrospective that a step may be completed by.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The retrospective.
    pub retro: &'a Retrospective,
    /// Its moves, the first one first.
    pub moves: &'a [Move],
    /// Its sections.
    pub sections: &'a [Section],
    /// What is left to write that no reader wants to miss.
    pub to_write: Option<&'a str>,
    /// Its actions that the reader may see.
    pub actions: &'a [Action],
    /// How many pieces of evidence its incident has.
    pub evidence: i64,
    /// How many timeline entries its incident has.
    pub entries: i64,
}

/// Whether a fact holds: since when, where that is known, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds {
    /// Since when.
    pub since: Option<Time>,
    /// What it says.
    pub because: String,
}

impl Facts<'_> {
    /// Whether a fact holds.
    #[must_use]
    pub fn holds(&self, done: &Done) -> Option<Holds> {
        let yes = |since, because: String| Some(Holds { since, because });
        match done {
            Done::Owner => {
                let name = self.retro.owner_name.clone()?;
                yes(self.last(&[State::Assigned]), format!("{name} owns it"))
            }
            Done::Evidence => {
                let words = crate::shell::words::count(many(self.evidence), "piece", "pieces");
                (self.evidence > 0)
                    .then(|| Holds { since: None, because: format!("{words} of evidence") })
            }
            Done::Timeline => {
                let least = self.retro.kind().timeline_minimum.unwrap_or(1).max(1);
                let words = crate::shell::words::count(many(self.entries), "entry", "entries");
                let holds = self.entries >= least;
                holds.then(|| Holds { since: None, because: format!("the timeline has {words}") })
            }
            Done::Draft => match self.to_write {
                None if self.sections.iter().any(|one| !one.is_empty()) => {
                    let last = self.sections.iter().map(|one| one.updated_at).max();
                    yes(last, "what no reader wants to miss has words".to_owned())
                }
                _ => None,
            },
            Done::Section(id) => {
                let own = self.sections.iter().find(|one| one.section == *id)?;
                let ready = matches!(own.state, SectionState::Ready | SectionState::Confirmed);
                let because = format!("“{}” is {}", own.name(), own.state);
                ready.then_some(Holds { since: Some(own.updated_at), because })
            }
            Done::Sent => self.reached(&[State::InReview], "its readers have it"),
            Done::Read => {
                self.reached(&[State::MeetingHeld, State::Finalising], "it was read, and taken in")
            }
            Done::Met => self.reached(&[State::MeetingHeld], "the meeting was held"),
            Done::Actions => self.settled(),
            Done::Published => {
                self.reached(&[State::Published, State::Revised], "a release is out")
            }
            Done::Closed => self.reached(&[State::Closed], "it is closed"),
            Done::Said => None,
        }
    }

    fn last(&self, states: &[State]) -> Option<Time> {
        self.moves.iter().rev().find(|one| states.contains(&one.state)).map(|one| one.at)
    }

    fn reached(&self, states: &[State], because: &str) -> Option<Holds> {
        let since = self.last(states)?;
        Some(Holds { since: Some(since), because: because.to_owned() })
    }

    /// Every action is promised or decided against; or it is said why there is none.
    fn settled(&self) -> Option<Holds> {
        let open = self.actions.iter().any(|one| one.state == StateName::Proposed);
        if open {
            return None;
        }
        let last = self.actions.iter().map(|one| one.moved_at).max();
        match self.actions.len() {
            0 if self.retro.no_action_because.is_empty() => None,
            0 => Some(Holds { since: None, because: "it says why no action follows".to_owned() }),
            n => {
                let words = crate::shell::words::count(n, "action is", "actions are");
                Some(Holds { since: last, because: format!("{words} promised or decided against") })
            }
        }
    }
}

fn many(n: i64) -> usize {
    usize::try_from(n).unwrap_or(0)
}
