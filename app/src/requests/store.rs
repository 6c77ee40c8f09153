//! Requests in the database.

use crate::access::{PersonId, Viewer};
use crate::incidents::{Incident, IncidentId, Key};
use crate::visible;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;
use std::collections::HashMap;

/// How many incidents one statement asks about.
const MANY: usize = 40;

kit::id!(
    /// A request's id.
    RequestId,
    "req"
);

kit::words!(
    /// Whether a request was answered.
    State {
        /// Nobody answered yet.
        Open = "open", "waits for an answer";
        /// A retrospective was opened.
        Accepted = "accepted", "accepted";
        /// No, with the reason.
        Declined = "declined", "declined";
    }
);

/// A request as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Of which incident.
    pub incident_id: IncidentId,
    /// The number in the incident's key.
    pub incident_number: i64,
    /// The incident's title.
    pub incident_title: String,
    /// Who asked.
    pub asked_by: PersonId,
    /// Their name.
    pub asked_name: String,
    /// Why, in a line.
    pub reason: String,
    /// When.
    pub asked_at: Time,
    /// When an answer is due.
    pub due_at: Time,
    /// Whether it was answered.
    pub state: State,
    /// The name of who answered.
    pub answered_name: Option<String>,
    /// When.
    pub answered_at: Option<Time>,
    /// What they said.
    pub answer: String,
}

impl Request {
    /// The incident's key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.incident_number)
    }

    /// Whether an answer was due before this time.
    #[must_use]
    pub fn is_late(&self, now: Time) -> bool {
        self.state == State::Open && self.due_at < now
    }
}

macro_rules! requests {
    ($rest:expr) => {
        concat!(
            "select q.id, q.incident_id, i.number as incident_number, i.title as incident_title,
                    q.asked_by, p.name as asked_name, q.reason, q.asked_at, q.due_at, q.state,
                    a.name as answered_name, q.answered_at, q.answer
             from review_requests q join incidents i on i.id = q.incident_id
             join people p on p.id = q.asked_by left join people a on a.id = q.answered_by
             where ",
            visible!(),
            $rest
        )
    };
}

/// The request of an id, if its incident exists for this viewer.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, viewer: &Viewer, id: &RequestId) -> Result<Option<Request>> {
    let select = query(sql!(requests!(" and q.id = $3")));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(id.clone()).optional(conn).await
}

/// The requests for an incident, the newest first.
///
/// # Errors
/// What the database says.
pub async fn of_incident(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<Vec<Request>> {
    let select = query(sql!(requests!(" and q.incident_id = $3 order by q.id desc")));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.id.clone()).all(conn).await
}

/// Requests that nobody answered, those due first first.
///
/// # Errors
/// What the database says.
pub async fn open_ones(conn: &mut Conn, viewer: &Viewer, most: i64) -> Result<Vec<Request>> {
    let select = query(sql!(requests!(" and q.state = 'open' order by q.due_at, q.id limit $3")));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(most).all(conn).await
}

/// Requests in a state or in any, the newest first.
///
/// # Errors
/// What the database says.
pub(super) async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    state: Option<State>,
    before: Option<RequestId>,
    most: i64,
) -> Result<Vec<Request>> {
    let select = query(sql!(requests!(
        " and (cast($3 as text) is null or q.state = $3)
          and (cast($4 as text) is null or q.id < $4) order by q.id desc limit $5"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(state).bind(before).bind(most).all(conn).await
}

#[derive(sqlx::FromRow)]
struct Count {
    incident_id: IncidentId,
    n: i64,
}

/// How many requests for each of up to 40 incidents were not declined; none of one that nobody asked for.
///
/// # Errors
/// What the database says.
pub async fn counts_for_system(
    conn: &mut Conn,
    incidents: &[IncidentId],
) -> Result<HashMap<IncidentId, i64>> {
    let mut select = query(sql!(
        "select incident_id, count(*) as n from review_requests
         where state in ('open', 'accepted')
           and incident_id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
               $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,
               $31, $32, $33, $34, $35, $36, $37, $38, $39, $40)
         group by incident_id"
    ));
    for n in 0..MANY {
        select = select.bind(incidents.get(n).map_or("", IncidentId::as_str).to_owned());
    }
    let rows: Vec<Count> = select.all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.incident_id, row.n)).collect())
}

/// What a home page tells of requests.
#[derive(Debug, Default)]
pub struct ForHome {
    /// Those that nobody answered, those due first first.
    pub open: Vec<Request>,
    /// Those of the viewer that were answered of late, the newest answer first.
    pub answered: Vec<Request>,
    /// How many for each of the incidents that were asked about were not declined.
    pub counts: HashMap<IncidentId, i64>,
}

/// What is asked for of requests: as many open ones, the viewer's own that were answered since a time and as
/// many of them, and how many there are for up to 40 incidents.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Open ones at most.
    pub open: i64,
    /// Answered since then.
    pub since: Time,
    /// Answered ones at most.
    pub answered: i64,
    /// Counted for these, which were found for the viewer.
    pub counted: &'a [IncidentId],
}

#[derive(sqlx::FromRow)]
struct Part {
    part: i64,
    #[sqlx(flatten)]
    request: Request,
}

/// All that a home page tells of requests, in one statement.
///
/// # Errors
/// What the database says.
pub async fn for_home(conn: &mut Conn, viewer: &Viewer, wanted: Wanted<'_>) -> Result<ForHome> {
    let select = query(sql!(concat!(
        "select cast(1 as bigint) as part, o.* from (",
        requests!(" and q.state = 'open' order by q.due_at, q.id limit $4"),
        ") o union all select 2, a.* from (",
        requests!(
            " and q.asked_by = $1 and q.state <> 'open' and q.answered_at >= $3
              order by q.answered_at desc, q.id limit $5"
        ),
        ") a union all select 3, c.* from (",
        requests!(
            " and q.state in ('open', 'accepted')
              and q.incident_id in ($6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                    $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32,
                    $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45)"
        ),
        ") c"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let mut select = select.bind(wanted.since).bind(wanted.open).bind(wanted.answered);
    for n in 0..MANY {
        select = select.bind(wanted.counted.get(n).map_or("", IncidentId::as_str).to_owned());
    }
    let mut found = ForHome::default();
    for Part { part, request } in select.all(conn).await? {
        match part {
            1 => found.open.push(request),
            2 => found.answered.push(request),
            _ => *found.counts.entry(request.incident_id).or_default() += 1,
        }
    }
    found.open.sort_by(|a, b| (a.due_at, a.id.as_str()).cmp(&(b.due_at, b.id.as_str())));
    found.answered.sort_by(|a, b| {
        b.answered_at.cmp(&a.answered_at).then_with(|| a.id.as_str().cmp(b.id.as_str()))
    });
    Ok(found)
}

/// Writes a request down.
///
/// # Errors
/// A duplicate when this person has an open one; what else the database says.
pub(super) async fn insert(
    tx: &mut Tx,
    incident: &IncidentId,
    by: &PersonId,
    reason: &str,
    (now, due): (Time, Time),
) -> Result<RequestId> {
    let id = RequestId::at(now);
    let insert = query(sql!(
        "insert into review_requests (id, incident_id, asked_by, reason, asked_at, due_at, state, answer)
         values ($1, $2, $3, $4, $5, $6, 'open', '')"
    ));
    let insert = insert.bind(id.clone()).bind(incident.clone()).bind(by.clone());
    insert.bind(reason.to_owned()).bind(now).bind(due).run(tx).await?;
    Ok(id)
}

/// What somebody was answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a> {
    pub state: State,
    pub text: &'a str,
    pub by: &'a PersonId,
}

/// Answers one that is open. Says whether it was.
///
/// # Errors
/// What the database says.
pub(super) async fn answer(
    tx: &mut Tx,
    id: &RequestId,
    answer: Answer<'_>,
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update review_requests set state = $2, answer = $3, answered_by = $4, answered_at = $5
         where id = $1 and state = 'open'"
    ));
    let update = update.bind(id.clone()).bind(answer.state).bind(answer.text.to_owned());
    Ok(update.bind(answer.by.clone()).bind(now).run(tx).await? == 1)
}

#[derive(sqlx::FromRow)]
struct Id {
    id: RequestId,
}

/// The ids of the open requests for an incident.
///
/// # Errors
/// What the database says.
pub(super) async fn open_of(tx: &mut Tx, incident: &IncidentId) -> Result<Vec<RequestId>> {
    let select = query(sql!(
        "select id from review_requests where incident_id = $1 and state = 'open' order by id"
    ));
    let rows: Vec<Id> = select.bind(incident.clone()).all(tx).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
