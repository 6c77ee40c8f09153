//! Risks in the database: how they are found. Writing is in `store_write.rs`.

use super::risk::{Acceptance, Level, State, StateName};
use crate::access::{PersonId, Viewer};
use crate::actions::ActionId;
use crate::factors::FactorId;
use crate::incidents::{IncidentId, Key};
use crate::retrospectives::{Address, RetrospectiveId};
use crate::services::ServiceId;
use crate::{draft_visible, visible, was_published};
use kit::db::{Conn, Result, Time, query};
use kit::sql;
use kit::web::Problem;

kit::id!(
    /// A risk's id. People see `RISK-3`.
    RiskId,
    "rsk"
);

/// A risk as it is read by one viewer.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Risk {
    /// Its id.
    pub id: RiskId,
    /// The number in `RISK-3`.
    pub number: i64,
    /// The retrospective it comes from.
    pub retrospective_id: RetrospectiveId,
    /// The incident through which it is seen.
    pub incident_id: IncidentId,
    /// The number in the incident's key.
    pub incident_number: i64,
    /// The incident's title.
    pub incident_title: String,
    /// Which of the incident's retrospectives.
    pub nth: i64,
    /// Whether that is the newest that was not waived.
    pub is_newest: bool,
    /// The action that became it.
    pub action_id: Option<ActionId>,
    /// What could hurt us.
    pub statement: String,
    /// How likely.
    pub likelihood: Level,
    /// How bad.
    pub impact: Level,
    /// How its impact is softened.
    pub softened_by: String,
    /// As it is kept; [`Risk::now`] says what the day makes of it.
    pub state: StateName,
    /// Who carries it.
    pub accepted_by: Option<PersonId>,
    /// Their name.
    pub accepted_by_name: Option<String>,
    /// Since when.
    pub accepted_at: Option<Time>,
    /// Until which day.
    pub accepted_until: Option<String>,
    /// When it is looked at again.
    pub review_on: Option<String>,
    /// When it was written down.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts the changes.
    pub version: i64,
    /// What was said with its last move.
    pub note: String,
    /// Whether the viewer is one of the draft's people.
    pub is_of_draft: bool,
    /// Whether the viewer may read the factors it comes from.
    pub sees_story: bool,
}

impl Risk {
    /// What people call it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("RISK-{}", self.number)
    }

    /// The incident's key.
    #[must_use]
    pub fn incident_key(&self) -> Key {
        Key(self.incident_number)
    }

    /// Where its retrospective is found.
    #[must_use]
    pub fn address(&self) -> Address {
        Address { key: self.incident_key(), nth: (!self.is_newest).then_some(self.nth) }
    }

    /// Where it is in its life on a day: what is to be looked at again by then is due for review.
    #[must_use]
    pub fn now(&self, today: &str) -> StateName {
        let has_come = self.review_on.as_deref().is_some_and(|day| day <= today);
        if has_come && self.state != StateName::Closed {
            StateName::DueForReview
        } else {
            self.state
        }
    }

    /// Where it is in its life, with what it took to get there; `actions` treat it.
    ///
    /// # Errors
    /// When the row breaks what the schema keeps.
    pub fn life(&self, actions: Vec<ActionId>) -> Result<State, Problem> {
        Ok(match self.state {
            StateName::Open => State::Open,
            StateName::Treated => State::Treated { actions },
            StateName::DueForReview => State::DueForReview,
            StateName::Closed => State::Closed { reason: self.note.clone() },
            StateName::Accepted => {
                let by = self.accepted_by.clone();
                let by = by.ok_or_else(|| Problem::internal("accepted by nobody"))?;
                let until = self.accepted_until.as_deref().unwrap_or_default();
                let review_on = self.review_on.as_deref().unwrap_or_default();
                let accepted = Acceptance::of(by, until, review_on);
                State::Accepted(accepted.map_err(Problem::internal)?)
            }
        })
    }

    /// Whether this viewer may decide about it.
    #[must_use]
    pub fn may_be_moved_by(&self, viewer: &Viewer) -> bool {
        viewer.can_write() && (viewer.can_decide() || self.is_of_draft)
    }
}

/// That the risk `k` exists for the viewer: through its incident, and while nobody decided about it
/// in an unpublished draft, for the draft's people.
macro_rules! may_see {
    () => {
        concat!(
            "(",
            visible!(),
            " and (k.action_id is not null or ",
            draft_visible!(),
            " or ",
            was_published!(),
            " or exists (select 1 from risk_moves d where d.risk_id = k.id and d.n > 1)))"
        )
    };
}

macro_rules! whole {
    ($rest:expr) => {
        concat!(
            "select k.id, k.number, k.retrospective_id, k.incident_id,
                    i.number as incident_number, i.title as incident_title, r.nth,
                    (r.state <> 'waived' and not exists (
                        select 1 from retrospectives o where o.incident_id = r.incident_id
                        and o.state <> 'waived' and o.nth > r.nth)) as is_newest,
                    k.action_id, k.statement, k.likelihood, k.impact, k.softened_by, k.state,
                    k.accepted_by, p.name as accepted_by_name, k.accepted_at, k.accepted_until,
                    k.review_on, k.created_at, k.updated_at, k.version, m.note, ",
            draft_visible!(),
            " as is_of_draft, (",
            draft_visible!(),
            " or ",
            was_published!(),
            ") as sees_story
             from risks k join incidents i on i.id = k.incident_id
             join retrospectives r on r.id = k.retrospective_id
             join risk_moves m on m.risk_id = k.id and m.n = (
                 select max(l.n) from risk_moves l where l.risk_id = k.id)
             left join people p on p.id = k.accepted_by
             where ",
            may_see!(),
            $rest
        )
    };
}

/// The risk of a number, if it exists for this viewer.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, viewer: &Viewer, number: i64) -> Result<Option<Risk>> {
    let select = query(sql!(whole!(" and k.number = $3")));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(number).optional(conn).await
}

/// The risks of a retrospective that this viewer may see, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_retrospective(
    conn: &mut Conn,
    viewer: &Viewer,
    id: &RetrospectiveId,
) -> Result<Vec<Risk>> {
    let select = query(sql!(whole!(" and k.retrospective_id = $3 order by k.number")));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(id.clone()).all(conn).await
}

/// The risks this viewer may see, by the day on which they are looked at again; closed ones only when
/// asked for. After a place in that order: a day and a number.
///
/// # Errors
/// What the database says.
pub async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    is_closed: bool,
    after: Option<(String, i64)>,
    most: i64,
) -> Result<Vec<Risk>> {
    let open = sql!(whole!(
        " and k.state <> 'closed'
          and (coalesce(k.review_on, '9999-99-99'), k.number) > (cast($3 as text), $4)
          order by coalesce(k.review_on, '9999-99-99'), k.number limit $5"
    ));
    let closed = sql!(whole!(
        " and k.state = 'closed'
          and (coalesce(k.review_on, '9999-99-99'), k.number) > (cast($3 as text), $4)
          order by coalesce(k.review_on, '9999-99-99'), k.number limit $5"
    ));
    let select = query(if is_closed { closed } else { open });
    let (day, number) = after.unwrap_or((String::new(), 0));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(day).bind(number).bind(most).all(conn).await
}

/// Those that somebody carries: accepted, the newest first.
///
/// # Errors
/// What the database says.
pub async fn accepted(conn: &mut Conn, viewer: &Viewer, most: i64) -> Result<Vec<Risk>> {
    let select = query(sql!(whole!(
        " and k.state in ('accepted', 'due_for_review') and k.accepted_by is not null
          order by k.number desc limit $3"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(most).all(conn).await
}

/// Those that this viewer carries and that are to be looked at again by a day, the longest due first.
///
/// # Errors
/// What the database says.
pub async fn mine_to_review(conn: &mut Conn, viewer: &Viewer, today: &str) -> Result<Vec<Risk>> {
    let select = query(sql!(whole!(
        " and k.accepted_by = $1 and k.state in ('accepted', 'due_for_review')
          and k.review_on <= $3 order by k.review_on, k.number limit 20"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(today.to_owned()).all(conn).await
}

/// A line of a risk's history.
#[derive(Debug, Clone, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
#[schema(as = RiskMove)]
pub struct Move {
    /// 1, 2, …
    pub n: i64,
    /// What it became.
    pub state: StateName,
    /// When.
    pub at: Time,
    /// By whom.
    pub name: String,
    /// What was said.
    pub note: String,
}

/// The history of a risk that was found for the viewer, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn history(conn: &mut Conn, id: &RiskId) -> Result<Vec<Move>> {
    let select = query(sql!(
        "select m.n, m.state, m.at, p.name, m.note from risk_moves m
         join people p on p.id = m.by_person where m.risk_id = $1 order by m.n"
    ));
    select.bind(id.clone()).all(conn).await
}

#[derive(sqlx::FromRow)]
struct Linked<T> {
    id: T,
}

/// Which factors a risk that was found for the viewer comes from.
///
/// # Errors
/// What the database says.
pub async fn factors(conn: &mut Conn, id: &RiskId) -> Result<Vec<FactorId>> {
    let select = query(sql!(
        "select factor_id as id from risk_factors where risk_id = $1 order by factor_id"
    ));
    let found: Vec<Linked<FactorId>> = select.bind(id.clone()).all(conn).await?;
    Ok(found.into_iter().map(|one| one.id).collect())
}

/// Which actions treat a risk that was found for the viewer.
///
/// # Errors
/// What the database says.
pub async fn actions(conn: &mut Conn, id: &RiskId) -> Result<Vec<ActionId>> {
    let select = query(sql!(
        "select action_id as id from risk_actions where risk_id = $1 order by action_id"
    ));
    let found: Vec<Linked<ActionId>> = select.bind(id.clone()).all(conn).await?;
    Ok(found.into_iter().map(|one| one.id).collect())
}

/// The names of the services that a risk found for the viewer would hit.
///
/// # Errors
/// What the database says.
pub async fn services(conn: &mut Conn, id: &RiskId) -> Result<Vec<String>> {
    let select = query(sql!(
        "select v.name as id from risk_services s join services v on v.id = s.service_id
         where s.risk_id = $1 order by v.name_key, v.id"
    ));
    let found: Vec<Linked<String>> = select.bind(id.clone()).all(conn).await?;
    Ok(found.into_iter().map(|one| one.id).collect())
}

/// Which services a risk found for the viewer would hit.
///
/// # Errors
/// What the database says.
pub async fn service_ids(conn: &mut Conn, id: &RiskId) -> Result<Vec<ServiceId>> {
    let select = query(sql!(
        "select service_id as id from risk_services where risk_id = $1 order by service_id"
    ));
    let found: Vec<Linked<ServiceId>> = select.bind(id.clone()).all(conn).await?;
    Ok(found.into_iter().map(|one| one.id).collect())
}
