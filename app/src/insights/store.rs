//! What the process did, read over retrospectives, incidents and decisions.

use crate::access::Viewer;
use crate::incidents::Key;
use crate::kinds;
use crate::retrospectives::{Address, State, WaiverCode};
use crate::{covered_visible, draft_visible, visible};
use kit::db::{Conn, Result, Time, query};
use kit::sql;

/// A retrospective, as far as the process is concerned.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Row {
    pub incident_number: i64,
    pub incident_title: String,
    pub nth: i64,
    pub is_newest: bool,
    pub kind: String,
    pub kind_version: i64,
    pub state: State,
    pub waived_code: Option<WaiverCode>,
    /// The rule that chose; none where the policy was not asked.
    pub rule: Option<String>,
    pub owner_name: Option<String>,
    /// Whether the viewer is one of its people.
    pub is_mine: bool,
    pub opened_at: Time,
    /// When the incident ended.
    pub ended_at: Option<Time>,
    /// When somebody first owned it.
    pub owned_at: Option<Time>,
    /// When a first release was out.
    pub published_at: Option<Time>,
}

impl Row {
    pub(super) fn address(&self) -> Address {
        let key = Key(self.incident_number);
        Address { key, nth: (!self.is_newest).then_some(self.nth) }
    }

    pub(super) fn kind_name(&self) -> &str {
        let found = kinds::of_version(self.kind_version).kind(&self.kind);
        found.map_or(self.kind.as_str(), |kind| kind.name.as_str())
    }

    /// Where it is read, or where it was decided that there is none.
    pub(super) fn url(&self) -> String {
        match self.state {
            State::Waived => format!("/i/{}", Key(self.incident_number)),
            _ => format!("/r/{}", self.address()),
        }
    }
}

/// Retrospectives that were opened, or waived, between two times, the newest first.
pub(super) async fn opened(
    conn: &mut Conn,
    viewer: &Viewer,
    (from, to): (Time, Time),
    most: i64,
) -> Result<Vec<Row>> {
    let select = query(sql!(concat!(
        "select i.number as incident_number, i.title as incident_title, r.nth,
                (r.state <> 'waived' and not exists (
                    select 1 from retrospectives o where o.incident_id = r.incident_id
                    and o.state <> 'waived' and o.nth > r.nth)) as is_newest,
                r.kind, r.kind_version, r.state, r.waived_code, d.rule, p.name as owner_name, ",
        draft_visible!(),
        " as is_mine, r.created_at as opened_at,
                (select max(s.at) from incident_statuses s where s.incident_id = r.incident_id
                    and s.status = 'resolved') as ended_at,
                (select min(m.at) from retrospective_moves m where m.retrospective_id = r.id
                    and m.state = 'assigned') as owned_at,
                (select min(m.at) from retrospective_moves m where m.retrospective_id = r.id
                    and m.state = 'published') as published_at
         from retrospectives r join incidents i on i.id = r.incident_id
         left join policy_decisions d on d.incident_id = i.id
         left join people p on p.id = r.owner_id
         where r.created_at >= $3 and r.created_at < $4 and ",
        covered_visible!("r.id"),
        " and ",
        visible!(),
        " order by r.created_at desc, r.id desc limit $5"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let found: Vec<Row> = select.bind(from).bind(to).bind(most).all(conn).await?;
    for one in &found {
        kinds::know(conn, one.kind_version).await?;
    }
    Ok(found)
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

/// How many incidents ended between two times and have neither a review nor a waiver.
pub(super) async fn undecided(
    conn: &mut Conn,
    viewer: &Viewer,
    (from, to): (Time, Time),
) -> Result<i64> {
    let select = query(sql!(concat!(
        "select count(*) as n from incidents i
         where i.status in ('resolved', 'closed') and i.kind <> 'project'
           and i.created_at >= $3 and i.created_at < $4
           and not exists (select 1 from retrospectives r where r.incident_id = i.id)
           and not exists (select 1 from retrospective_incidents c where c.covered_id = i.id)
           and ",
        visible!()
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let count: Count = select.bind(from).bind(to).one(conn).await?;
    Ok(count.n)
}
