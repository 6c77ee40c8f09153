//! Actions in the database: how they are found. Writing is in `store_write.rs`.

use super::action::{Aim, Owner, Promise, State, StateName};
use super::said::{Class, Priority, Strength};
use crate::access::{PersonId, Viewer};
use crate::factors::{FactorId, RecommendationId};
use crate::incidents::{IncidentId, Key};
use crate::retrospectives::{Address, RetrospectiveId};
use crate::teams::TeamId;
use crate::{draft_visible, owned_retrospectives, visible, was_published};
use kit::db::{Conn, Result, Statement, Time, query};
use kit::sql;
use kit::web::Problem;

kit::id!(
    /// An action's id. People see `ACT-7`.
    ActionId,
    "atn"
);

/// An action as it is read by one viewer.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Action {
    /// Its id.
    pub id: ActionId,
    /// The number in `ACT-7`.
    pub number: i64,
    /// The retrospective it comes from.
    pub retrospective_id: RetrospectiveId,
    /// The incident through which it is seen.
    pub incident_id: IncidentId,
    /// The number in the incident's key; none for an owner who may not see the incident.
    pub incident_number: Option<i64>,
    /// The incident's title; none as above.
    pub incident_title: Option<String>,
    /// Which of the incident's retrospectives.
    pub nth: i64,
    /// Whether that is the newest that was not waived.
    pub is_newest: bool,
    /// Verb first.
    pub title: String,
    /// How we know that it is done.
    pub done_when: String,
    /// Where it is in its life.
    pub state: StateName,
    /// The person who keeps it, or might.
    pub owner_id: Option<PersonId>,
    /// Their name.
    pub owner_name: Option<String>,
    /// The team that keeps it, or might.
    pub team_id: Option<TeamId>,
    /// Its name.
    pub team_name: Option<String>,
    /// By which day the team names a person.
    pub name_person_by: Option<String>,
    /// By when, `2026-11-12`.
    pub due: Option<String>,
    /// What sort of change.
    pub class: Class,
    /// What it is for.
    pub aim: Aim,
    /// How well it would hold.
    pub strength: Strength,
    /// How soon it matters.
    pub priority: Option<Priority>,
    /// What it takes.
    pub effort: String,
    /// What it is expected to change.
    pub effect: String,
    /// Which recommendation it carries out.
    pub recommendation_id: Option<RecommendationId>,
    /// The risk that it became.
    pub risk_number: Option<i64>,
    /// When it was written down.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts the changes.
    pub version: i64,
    /// What was said with its last move.
    pub note: String,
    /// Who made that move.
    pub moved_by: PersonId,
    /// Their name.
    pub moved_by_name: String,
    /// When.
    pub moved_at: Time,
    /// Whether the viewer is one of the draft's people.
    pub is_of_draft: bool,
    /// Whether the viewer may read the factors it answers.
    pub sees_story: bool,
    /// Whether the viewer is in the team that keeps it.
    pub is_of_team: bool,
    /// The kind of its retrospective.
    pub kind: String,
}

impl Action {
    /// What people call it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("ACT-{}", self.number)
    }

    /// The incident's key, for who may see it.
    #[must_use]
    pub fn incident_key(&self) -> Option<Key> {
        self.incident_number.map(Key)
    }

    /// Where its retrospective is found, for who may see it.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        let nth = (!self.is_newest).then_some(self.nth);
        self.incident_key().map(|key| Address { key, nth })
    }

    /// Who keeps it, or might.
    #[must_use]
    pub fn owner(&self) -> Option<Owner> {
        match (&self.owner_id, &self.team_id) {
            (Some(person), _) => Some(Owner::Person(person.clone())),
            (None, Some(team)) => Some(Owner::Team {
                team: team.clone(),
                name_person_by: self.name_person_by.clone().unwrap_or_default(),
            }),
            (None, None) => None,
        }
    }

    /// Who keeps it, by name.
    #[must_use]
    pub fn owner_in_words(&self) -> Option<&str> {
        self.owner_name.as_deref().or(self.team_name.as_deref())
    }

    /// Whether only another person than the owner verifies: the kind of review says so.
    #[must_use]
    pub fn needs_another(&self) -> bool {
        crate::kinds::find(&self.kind).is_some_and(|kind| kind.verify_by_other)
    }

    /// Where it is in its life, with what it took to get there.
    ///
    /// # Errors
    /// When the row breaks a promise that the schema keeps.
    pub fn life(&self) -> Result<State, Problem> {
        let promise = || {
            let owner = self.owner().ok_or_else(|| Problem::internal("a promise without owner"))?;
            let due = self.due.as_deref().unwrap_or_default();
            Promise::of(owner, due, &self.done_when, self.aim).map_err(Problem::internal)
        };
        let note = || self.note.clone();
        Ok(match self.state {
            StateName::Proposed => State::Proposed,
            StateName::Declined => State::Declined { reason: note() },
            StateName::Accepted => State::Accepted(promise()?),
            StateName::InProgress => State::InProgress(promise()?),
            StateName::Done => State::Done { promise: promise()?, note: note() },
            StateName::Verified => {
                State::Verified { promise: promise()?, by: self.moved_by.clone(), evidence: note() }
            }
            StateName::Reopened => State::Reopened { promise: promise()?, reason: note() },
            StateName::MovedToRisk => State::MovedToRisk {
                promise: promise()?,
                reason: note(),
                risk: self.risk_number.unwrap_or_default(),
            },
            StateName::Dropped => State::Dropped { promise: promise()?, reason: note() },
        })
    }

    /// Whether the day is past and somebody still owes it.
    #[must_use]
    pub fn is_overdue(&self, today: &str) -> bool {
        self.state.is_owed() && self.due.as_deref().is_some_and(|due| due < today)
    }

    /// Whether this viewer may move it on: who keeps it, who decides, who writes the draft.
    #[must_use]
    pub fn may_be_moved_by(&self, viewer: &Viewer) -> bool {
        let keeps = self.owner_id.as_ref() == Some(&viewer.id) || self.is_of_team;
        let owes = keeps && !matches!(self.state, StateName::Proposed | StateName::Declined);
        viewer.can_write() && (owes || viewer.can_decide() || self.is_of_draft)
    }
}

/// That the action `a` exists for the viewer: through its incident, and while it is only proposed or
/// declined in an unpublished draft, for the draft's people; what somebody keeps, always for them.
macro_rules! may_see {
    () => {
        concat!(
            "((",
            visible!(),
            " and (a.state not in ('proposed', 'declined') or ",
            draft_visible!(),
            " or ",
            was_published!(),
            ")) or (a.owner_id = $1 and a.state not in ('proposed', 'declined')))"
        )
    };
}

/// What [`Action`] is read from, up to what else is asked.
macro_rules! whole {
    ($rest:expr) => {
        concat!(
            "select a.id, a.number, a.retrospective_id, a.incident_id,
                    case when ",
            visible!(),
            " then i.number end as incident_number, case when ",
            visible!(),
            " then i.title end as incident_title, r.nth,
                    (r.state <> 'waived' and not exists (
                        select 1 from retrospectives o where o.incident_id = r.incident_id
                        and o.state <> 'waived' and o.nth > r.nth)) as is_newest,
                    a.title, a.done_when, a.state, a.owner_id, p.name as owner_name, a.team_id,
                    t.name as team_name, a.name_person_by, a.due, a.class, a.aim, a.strength,
                    a.priority, a.effort, a.effect, a.recommendation_id, a.risk_number,
                    a.created_at, a.updated_at, a.version, m.note, m.by_person as moved_by,
                    q.name as moved_by_name, m.at as moved_at, ",
            draft_visible!(),
            " as is_of_draft, (",
            visible!(),
            " and (",
            draft_visible!(),
            " or ",
            was_published!(),
            ")) as sees_story,
                    exists (select 1 from team_members tm
                        where tm.team_id = a.team_id and tm.person_id = $1) as is_of_team,
                    r.kind
             from actions a join incidents i on i.id = a.incident_id
             join retrospectives r on r.id = a.retrospective_id
             join action_moves m on m.action_id = a.id and m.n = (
                 select max(l.n) from action_moves l where l.action_id = a.id)
             join people q on q.id = m.by_person
             left join people p on p.id = a.owner_id left join teams t on t.id = a.team_id
             where ",
            may_see!(),
            $rest
        )
    };
}

/// That the action is among the first of those that exist for the viewer and that `$rest` says, which
/// ends in an order and a limit. Only these are then read whole.
macro_rules! first {
    ($rest:expr) => {
        concat!(
            " and a.id in (select a.id from actions a join incidents i on i.id = a.incident_id
                  join retrospectives r on r.id = a.retrospective_id where ",
            may_see!(),
            $rest,
            ")"
        )
    };
}

/// The action of a number, if it exists for this viewer.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, viewer: &Viewer, number: i64) -> Result<Option<Action>> {
    let select = query(sql!(whole!(" and a.number = $3")));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(number).optional(conn).await
}

/// The actions of a retrospective that this viewer may see, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_retrospective(
    conn: &mut Conn,
    viewer: &Viewer,
    id: &RetrospectiveId,
) -> Result<Vec<Action>> {
    let select = query(sql!(whole!(" and a.retrospective_id = $3 order by a.number")));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(id.clone()).all(conn).await
}

/// The actions that came of an incident and that this viewer may see, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_incident(conn: &mut Conn, viewer: &Viewer, id: &IncidentId) -> Result<Vec<Action>> {
    let select = query(sql!(whole!(" and a.incident_id = $3 order by a.number")));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(id.clone()).all(conn).await
}

kit::words!(
    /// Whose actions a list shows.
    Whose {
        /// The viewer's own.
        Mine = "mine", "Mine";
        /// Their teams'.
        Teams = "teams", "My teams’";
        /// Everybody's.
        All = "all", "All";
    }
);

/// What a list is narrowed to.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Whose.
    pub whose: Whose,
    /// Only in this state, or `open` for what has not ended.
    pub state: Option<String>,
    /// Only of this class.
    pub class: Option<Class>,
    /// Only with this aim.
    pub aim: Option<Aim>,
    /// Only due before this day and still owed.
    pub before: Option<String>,
    /// Only after this place in the order: a day and a number.
    pub after: Option<(String, i64)>,
}

impl Default for Filter {
    fn default() -> Filter {
        let whose = Whose::All;
        Filter { whose, state: None, class: None, aim: None, before: None, after: None }
    }
}

/// The day of what is done and waits to be verified, in the order of lists: after what is owed.
pub const DONE_DAY: &str = "9999-99-98";
/// The day of what has none, in the order of lists.
pub const NO_DAY: &str = "9999-99-99";

/// The day by which an action stands in lists; an index has the same words.
macro_rules! day {
    () => {
        "case when a.state = 'done' then '9999-99-98' else coalesce(a.due, '9999-99-99') end"
    };
}

/// A list of actions, by the day they are due. `$first` is the condition that an index answers.
macro_rules! listed {
    ($first:expr) => {
        sql!(whole!(concat!(
            " and ",
            $first,
            " and (cast($4 as text) is null or a.class = cast($4 as text))
              and (cast($5 as text) is null or a.aim = cast($5 as text))
              and (cast($6 as text) is null
                   or (a.due < cast($6 as text) and a.state in ('accepted', 'in_progress', 'reopened')))
              and (",
            day!(),
            ", a.number) > (cast($7 as text), $8) order by ",
            day!(),
            ", a.number limit $9"
        )))
    };
}

/// The statement of a list. Those that people open most read no more rows than they show.
fn list_of(filter: &Filter) -> Statement {
    let is_open = filter.state.as_deref() == Some("open");
    match filter.whose {
        Whose::Mine if is_open => listed!(
            "a.owner_id = $1 and cast($3 as text) = 'open'
             and a.state in ('proposed', 'accepted', 'in_progress', 'done', 'reopened')"
        ),
        Whose::Mine => {
            listed!("a.owner_id = $1 and (cast($3 as text) is null or a.state = cast($3 as text))")
        }
        Whose::All if is_open => listed!(
            "cast($3 as text) = 'open'
             and a.state in ('proposed', 'accepted', 'in_progress', 'done', 'reopened')"
        ),
        Whose::All => listed!("(cast($3 as text) is null or a.state = cast($3 as text))"),
        Whose::Teams => listed!(
            "(coalesce(a.team_id, '') in (
                  select mine.team_id from team_members mine where mine.person_id = $1)
              or coalesce(a.owner_id, '') in (
                  select theirs.person_id from team_members mine
                  join team_members theirs on theirs.team_id = mine.team_id
                  where mine.person_id = $1))
             and (cast($3 as text) is null or a.state = cast($3 as text)
                  or (cast($3 as text) = 'open' and a.state in
                      ('proposed', 'accepted', 'in_progress', 'done', 'reopened')))"
        ),
    }
}

/// The actions this viewer may see, by the day they are due; what is done after what is owed.
///
/// # Errors
/// What the database says.
pub async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    most: i64,
) -> Result<Vec<Action>> {
    let (day, number) = filter.after.clone().unwrap_or((String::new(), 0));
    let select = query(list_of(filter)).bind(viewer.id.clone()).bind(viewer.reads_everything());
    let select = select.bind(filter.state.clone()).bind(filter.class);
    let select = select.bind(filter.aim).bind(filter.before.clone()).bind(day).bind(number);
    select.bind(most).all(conn).await
}

/// What waits for this viewer: their own that are due by `soon` or past, and what is done and not
/// theirs that they may see verified because they decide or write the draft.
///
/// # Errors
/// What the database says.
pub(super) async fn waiting(
    conn: &mut Conn,
    viewer: &Viewer,
    soon: &str,
    most: i64,
) -> Result<Vec<Action>> {
    let select = query(sql!(whole!(concat!(
        first!(concat!(
            " and a.id in (
                  select w.id from actions w where w.owner_id = $1 and w.due <= $3
                     and w.state in ('accepted', 'in_progress', 'reopened')
                  union all
                  select w.id from actions w where w.due <= $3
                     and w.state in ('accepted', 'in_progress', 'reopened')
                     and w.team_id in (
                         select tm.team_id from team_members tm where tm.person_id = $1)
                  union all
                  select w.id from actions w where w.state = 'done'
                     and coalesce(w.owner_id, '') <> $1 and w.retrospective_id in (",
            owned_retrospectives!(),
            ")) order by coalesce(a.due, '9999-99-99'), a.number limit $4"
        )),
        " order by coalesce(a.due, '9999-99-99'), a.number"
    ))));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(soon.to_owned()).bind(most).all(conn).await
}

/// What was decided against and why: declined and dropped, the newest first, before a number.
///
/// # Errors
/// What the database says.
pub async fn not_doing(
    conn: &mut Conn,
    viewer: &Viewer,
    below: i64,
    most: i64,
) -> Result<Vec<Action>> {
    let select = query(sql!(whole!(
        " and a.state in ('declined', 'dropped') and a.number < $3 order by a.number desc limit $4"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(below).bind(most).all(conn).await
}

/// A line of an action's history.
#[derive(Debug, Clone, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
#[schema(as = ActionMove)]
pub struct Move {
    /// 1, 2, …
    pub n: i64,
    /// What it became, or stayed.
    pub state: StateName,
    /// When.
    pub at: Time,
    /// By whom.
    pub name: String,
    /// The done note, the reason, what proves it, what was changed.
    pub note: String,
}

/// The history of an action that was found for the viewer, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn history(conn: &mut Conn, id: &ActionId) -> Result<Vec<Move>> {
    let select = query(sql!(
        "select m.n, m.state, m.at, p.name, m.note from action_moves m
         join people p on p.id = m.by_person where m.action_id = $1 order by m.n"
    ));
    select.bind(id.clone()).all(conn).await
}

#[derive(sqlx::FromRow)]
struct Answered {
    factor_id: FactorId,
}

/// Which factors an action that was found for the viewer answers.
///
/// # Errors
/// What the database says.
pub async fn factors(conn: &mut Conn, id: &ActionId) -> Result<Vec<FactorId>> {
    let select =
        query(sql!("select factor_id from action_factors where action_id = $1 order by factor_id"));
    let found: Vec<Answered> = select.bind(id.clone()).all(conn).await?;
    Ok(found.into_iter().map(|one| one.factor_id).collect())
}
