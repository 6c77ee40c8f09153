//! The steps of one retrospective, put together: what its kind has, what was changed in this run, what
//! the facts say, and when each is due. Pure.

use super::fact::{Facts, Holds};
use super::store::Row;
use crate::calendars::{Offset, Working};
use crate::kinds::{Anchor, Done, Step};
use kit::db::Time;

kit::words!(
    /// Where a step is.
    StepState {
        /// It is still to be done.
        Open = "open", "to do";
        /// The facts, or somebody's words, say that it is done.
        Done = "done", "done";
        /// Somebody decided that this run goes without it, and said why.
        Skipped = "skipped", "skipped";
        /// It waits for something outside, and somebody said for what.
        OnHold = "on_hold", "on hold";
    }
);

/// Since when things are due.
#[derive(Debug, Clone, Copy, Default)]
pub struct Anchors {
    /// When the incident ended.
    pub resolved: Option<Time>,
    /// When the meeting was held.
    pub met: Option<Time>,
}

/// Somebody who does a step.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = StepDoer)]
pub struct Doer {
    /// Their name.
    pub name: String,
    /// Their handle, for those who are people here.
    pub handle: Option<String>,
}

/// A step as it stands.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its id in the kind, or `own-1`.
    pub id: String,
    /// What is done.
    pub name: String,
    /// Who does it, as a role.
    pub role: String,
    /// Who that is now; empty when nobody has the role.
    pub who: Vec<Doer>,
    /// Where it is.
    pub state: StepState,
    /// When it is due; none while its anchor is not known.
    pub due: Option<Time>,
    /// What the due date counts from, in words.
    pub due_words: String,
    /// What completes it, in words.
    pub completes: String,
    /// Whether words may complete it.
    pub by_words: bool,
    /// Since when it is done, skipped or on hold, where that is known.
    pub since: Option<Time>,
    /// Why it is done, skipped or on hold.
    pub because: String,
    /// Who skipped it, put it on hold or said that it is done.
    pub by: Option<String>,
    /// Why it was added, for one that the kind has not.
    pub added_because: Option<String>,
    /// Why it stands elsewhere than the kind has it.
    pub moved_because: Option<String>,
    /// Where it stands.
    pub place: i64,
}

impl Planned {
    /// Whether its day has passed and it is still to be done.
    #[must_use]
    pub fn is_overdue(&self, now: Time) -> bool {
        self.state == StepState::Open && self.due.is_some_and(|due| due < now)
    }

    /// The role as people say it.
    #[must_use]
    pub fn role_in_words(&self) -> String {
        self.role.replace('_', " ")
    }
}

/// Room between two steps of the kind, for those that are put between.
const APART: i64 = 1000;

/// Something that the policy asks for beside the kind's steps.
#[derive(Debug, Clone)]
pub struct Beside {
    /// What is done.
    pub what: String,
    /// How long after the decision.
    pub offset: Offset,
    /// Why, in the policy's words.
    pub why: String,
    /// When the policy decided.
    pub decided: Time,
}

/// What the steps of a retrospective are put together from.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Those of its kind.
    pub steps: &'a [&'a Step],
    /// What the policy asks for beside them.
    pub beside: &'a [Beside],
    /// What this run differs in.
    pub rows: &'a [Row],
    /// What the facts say.
    pub facts: &'a Facts<'a>,
    /// Since when things are due.
    pub anchors: Anchors,
    /// When people work.
    pub working: &'a Working,
}

impl Parts<'_> {
    fn row(&self, step: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.step == step)
    }

    fn after(&self, from: Time, offset: Offset) -> Option<Time> {
        self.working.due(from.timestamp(), offset).map(Time::new)
    }
}

/// What the policy asks for is done by whoever owns the review, unless a run says otherwise.
const OWNER: &str = "owner";

/// Puts the steps together, in their order.
#[must_use]
pub fn plan(parts: &Parts, who: impl Fn(&str) -> Vec<Doer>) -> Vec<Planned> {
    let Parts { steps, rows, facts, anchors, working, .. } = *parts;
    let held = planned_meeting(steps, anchors, working);
    let due = |anchor: Anchor, offset: Offset| {
        let from = match anchor {
            Anchor::Resolved => anchors.resolved,
            Anchor::Meeting => anchors.met.or(held),
        };
        from.and_then(|from| working.due(from.timestamp(), offset)).map(Time::new)
    };
    let own = steps.iter().zip(1_i64..).map(|(step, n)| {
        let row = parts.row(&step.id);
        let words = words_of(step.anchor, step.offset);
        let mut planned = Planned {
            id: step.id.clone(),
            name: step.name.clone(),
            role: step.role.clone(),
            who: who(&step.role),
            due: due(step.anchor, step.offset),
            due_words: words,
            completes: step.done.in_words(),
            by_words: step.done == Done::Said,
            place: n * APART,
            ..empty()
        };
        stand(&mut planned, row, facts.holds(&step.done));
        planned
    });
    let added = rows.iter().filter_map(|row| {
        let (name, role) = (row.name.clone()?, row.role.clone()?);
        let (anchor, offset) = (row.anchor()?, row.offset()?);
        let mut planned = Planned {
            id: row.step.clone(),
            name,
            who: who(&role),
            role,
            due: due(anchor, offset),
            due_words: words_of(anchor, offset),
            completes: Done::Said.in_words(),
            by_words: true,
            place: i64::MAX,
            added_because: row.add_reason.clone(),
            ..empty()
        };
        stand(&mut planned, Some(row), None);
        Some(planned)
    });
    let asked = asked_beside(parts, &who);
    let mut all: Vec<Planned> = own.chain(asked).chain(added).collect();
    all.sort_by(|a, b| (a.place, &a.id).cmp(&(b.place, &b.id)));
    all
}

/// What the policy asks for, after the kind's own steps.
fn asked_beside(parts: &Parts, who: &impl Fn(&str) -> Vec<Doer>) -> Vec<Planned> {
    let after_own = i64::try_from(parts.steps.len()).unwrap_or(0);
    let planned = |(one, n): (&Beside, i64)| {
        let mut planned = Planned {
            id: format!("policy-{n}"),
            name: one.what.clone(),
            role: OWNER.to_owned(),
            who: who(OWNER),
            due: parts.after(one.decided, one.offset),
            due_words: format!("{} the policy decided", one.offset.in_words()),
            completes: Done::Said.in_words(),
            by_words: true,
            place: (after_own + n) * APART,
            added_because: Some(one.why.clone()),
            ..empty()
        };
        let row = parts.row(&planned.id);
        stand(&mut planned, row, None);
        planned
    };
    parts.beside.iter().zip(1_i64..).map(planned).collect()
}

fn empty() -> Planned {
    Planned {
        id: String::new(),
        name: String::new(),
        role: String::new(),
        who: Vec::new(),
        state: StepState::Open,
        due: None,
        due_words: String::new(),
        completes: String::new(),
        by_words: false,
        since: None,
        because: String::new(),
        by: None,
        added_because: None,
        moved_because: None,
        place: 0,
    }
}

fn words_of(anchor: Anchor, offset: Offset) -> String {
    format!("{} {}", offset.in_words(), anchor.in_words())
}

/// What was decided in this run comes first, then the facts, then somebody's words.
fn stand(planned: &mut Planned, row: Option<&Row>, holds: Option<Holds>) {
    if let Some(row) = row {
        planned.place = row.place.unwrap_or(planned.place);
        planned.moved_because.clone_from(&row.move_reason);
        if let Some(reason) = &row.skip_reason {
            planned.state = StepState::Skipped;
            planned.because.clone_from(reason);
            (planned.since, planned.by) = (row.skipped_at, row.skipped_by_name.clone());
            return;
        }
    }
    if let Some(holds) = holds {
        planned.state = StepState::Done;
        (planned.since, planned.because) = (holds.since, holds.because);
    } else if let Some(row) = row
        && let Some(note) = &row.done_note
    {
        planned.state = StepState::Done;
        planned.because.clone_from(note);
        (planned.since, planned.by) = (row.done_at, row.done_by_name.clone());
    } else if let Some(row) = row
        && let Some(reason) = &row.hold_reason
    {
        planned.state = StepState::OnHold;
        planned.because.clone_from(reason);
        (planned.since, planned.by) = (row.held_at, row.held_by_name.clone());
    }
}

/// Until it was held, the meeting is taken to be when it is due.
fn planned_meeting(steps: &[&Step], anchors: Anchors, working: &Working) -> Option<Time> {
    let meeting =
        steps.iter().find(|step| step.done == Done::Met && step.anchor == Anchor::Resolved)?;
    let resolved = anchors.resolved?;
    working.due(resolved.timestamp(), meeting.offset).map(Time::new)
}

/// Where a step has to be put to stand before another; none when there is no such step.
#[must_use]
pub fn place_before(all: &[Planned], moved: &str, before: Option<&str>) -> Option<i64> {
    let others: Vec<&Planned> = all.iter().filter(|one| one.id != moved).collect();
    let at = match before {
        None => others.len(),
        Some(id) => others.iter().position(|one| one.id == id)?,
    };
    let low = at.checked_sub(1).and_then(|n| others.get(n)).map_or(0, |one| one.place);
    match others.get(at) {
        None if low > i64::MAX / 2 => Some(low),
        None => Some(low.saturating_add(APART)),
        Some(next) if next.place > i64::MAX / 2 => Some(low.saturating_add(APART)),
        Some(next) => Some(low + (next.place - low) / 2),
    }
}
