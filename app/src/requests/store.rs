//! Requests in the database.

use crate::access::{PersonId, Viewer};
use crate::incidents::{Incident, IncidentId, Key};
use crate::visible;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

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

/// Those of this viewer that were answered at or after a time, the newest answer first.
///
/// # Errors
/// What the database says.
pub async fn answered_for(
    conn: &mut Conn,
    viewer: &Viewer,
    since: Time,
    most: i64,
) -> Result<Vec<Request>> {
    let select = query(sql!(requests!(
        " and q.asked_by = $1 and q.state <> 'open' and q.answered_at >= $3
          order by q.answered_at desc, q.id limit $4"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(since).bind(most).all(conn).await
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
    n: i64,
}

/// How many requests for an incident were not declined.
///
/// # Errors
/// What the database says.
pub async fn count_for_system(conn: &mut Conn, incident: &IncidentId) -> Result<i64> {
    let select = query(sql!(
        "select count(*) as n from review_requests
         where incident_id = $1 and state in ('open', 'accepted')"
    ));
    let count: Count = select.bind(incident.clone()).one(conn).await?;
    Ok(count.n)
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
