//! Turns and terms in the database. Rules and the pool are in `store_pool.rs`.

use super::rules::{Rung, Tried};
use super::turn::{Term, Turn, TurnId, TurnState};
use crate::access::PersonId;
use crate::incidents::IncidentId;
use crate::retrospectives::{Retrospective, RetrospectiveId};
use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;

/// About how many reviews one statement asks.
pub(super) const MANY: usize = 40;

macro_rules! turns {
    ($rest:literal) => {
        concat!(
            "select t.id, t.retrospective_id, t.n, t.person_id, p.name, t.rule, t.because, t.tried,
                    t.context, a.name as asked_by_name, t.asked_at, t.due_at, t.state, t.ended_at
             from investigator_turns t left join people p on p.id = t.person_id
             left join people a on a.id = t.asked_by where ",
            $rest
        )
    };
}

/// The turns of a review, the first one first.
pub(super) async fn turns(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<Turn>> {
    let select = query(sql!(turns!("t.retrospective_id = $1 order by t.n")));
    select.bind(id.clone()).all(conn).await
}

/// The newest turn of an incident's reviews that waits: for an answer, or for somebody to be named.
pub(super) async fn waiting_of(conn: &mut Conn, incident: &IncidentId) -> Result<Option<Turn>> {
    let select = query(sql!(turns!(
        "t.incident_id = $1 and t.state in ('open', 'nobody') order by t.id desc limit 1"
    )));
    select.bind(incident.clone()).optional(conn).await
}

/// The turns in which somebody is asked now.
pub(super) async fn open_of(conn: &mut Conn, person: &PersonId) -> Result<Vec<Turn>> {
    let select =
        query(sql!(turns!("t.person_id = $1 and t.state = 'open' order by t.id limit 50")));
    select.bind(person.clone()).all(conn).await
}

/// The turns whose time is over, whoever asks.
pub(super) async fn due_for_system(conn: &mut Conn, now: Time, most: i64) -> Result<Vec<Turn>> {
    let select =
        query(sql!(turns!("t.state = 'open' and t.due_at <= $1 order by t.due_at, t.id limit $2")));
    select.bind(now).bind(most).all(conn).await
}

#[derive(sqlx::FromRow)]
struct Ended {
    retrospective_id: RetrospectiveId,
}

/// Which of up to [`MANY`] reviews have a chain that came to its end.
pub(super) async fn ended_of(
    conn: &mut Conn,
    reviews: &[RetrospectiveId],
) -> Result<Vec<RetrospectiveId>> {
    let mut select = query(sql!(
        "select t.retrospective_id from investigator_turns t
         where t.state = 'nobody' and not exists (select 1 from investigator_turns l
                 where l.retrospective_id = t.retrospective_id and l.n > t.n)
           and t.retrospective_id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
               $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,
               $31, $32, $33, $34, $35, $36, $37, $38, $39, $40)"
    ));
    for n in 0..MANY {
        select = select.bind(reviews.get(n).map_or("", RetrospectiveId::as_str).to_owned());
    }
    let rows: Vec<Ended> = select.all(conn).await?;
    Ok(rows.into_iter().map(|row| row.retrospective_id).collect())
}

#[derive(sqlx::FromRow)]
struct Count {
    person_id: PersonId,
    n: i64,
}

/// How many are asked of each who is asked: part of their load.
pub(super) async fn asked_of_each(conn: &mut Conn) -> Result<Vec<(PersonId, i64)>> {
    let select = query(sql!(
        "select person_id, count(*) as n from investigator_turns
         where state = 'open' and person_id is not null group by person_id"
    ));
    let rows: Vec<Count> = select.all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.person_id, row.n)).collect())
}

/// A turn to be written down.
#[derive(Debug)]
pub(super) struct NewTurn<'a> {
    pub retro: &'a Retrospective,
    pub person: Option<&'a PersonId>,
    pub rule: Rung,
    pub because: &'a str,
    pub tried: Vec<Tried>,
    pub context: &'a str,
    pub asked_by: Option<&'a PersonId>,
    pub due_at: Option<Time>,
    pub state: TurnState,
}

#[derive(sqlx::FromRow)]
struct Last {
    n: Option<i64>,
}

/// Adds a turn.
///
/// A duplicate when somebody is asked already.
pub(super) async fn insert(tx: &mut Tx, new: NewTurn<'_>, now: Time) -> Result<TurnId> {
    let last =
        query(sql!("select max(n) as n from investigator_turns where retrospective_id = $1"));
    let last: Last = last.bind(new.retro.id.clone()).one(tx).await?;
    let id = TurnId::at(now);
    let insert = query(sql!(
        "insert into investigator_turns (id, retrospective_id, incident_id, n, person_id, rule, because, tried,
                context, asked_by, asked_at, due_at, state, ended_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
    ));
    let insert = insert.bind(id.clone()).bind(new.retro.id.clone());
    let insert = insert.bind(new.retro.incident_id.clone()).bind(last.n.unwrap_or(0) + 1);
    let insert = insert.bind(new.person.cloned()).bind(new.rule).bind(new.because.to_owned());
    let insert = insert.bind(Json(new.tried)).bind(new.context.to_owned());
    let insert = insert.bind(new.asked_by.cloned()).bind(now).bind(new.due_at).bind(new.state);
    let ended = (new.state != TurnState::Open).then_some(now);
    insert.bind(ended).run(tx).await?;
    Ok(id)
}

/// Ends an open turn. Says whether it was open.
pub(super) async fn end(tx: &mut Tx, id: &TurnId, state: TurnState, now: Time) -> Result<bool> {
    let update = query(sql!(
        "update investigator_turns set state = $2, ended_at = $3 where id = $1 and state = 'open'"
    ));
    Ok(update.bind(id.clone()).bind(state).bind(now).run(tx).await? == 1)
}

/// Who owned a review, the first one first.
pub(super) async fn terms(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<Term>> {
    let select = query(sql!(
        "select p.name, t.rule, t.since, t.until from investigator_terms t
         join people p on p.id = t.person_id where t.retrospective_id = $1 order by t.n"
    ));
    select.bind(id.clone()).all(conn).await
}

/// Ends the term that runs, if one does.
pub(super) async fn end_term(tx: &mut Tx, id: &RetrospectiveId, now: Time) -> Result<()> {
    let update = query(sql!(
        "update investigator_terms set until = $2 where retrospective_id = $1 and until is null"
    ));
    update.bind(id.clone()).bind(now).run(tx).await?;
    Ok(())
}

/// Begins a term.
pub(super) async fn begin_term(
    tx: &mut Tx,
    id: &RetrospectiveId,
    person: &PersonId,
    rule: Rung,
    now: Time,
) -> Result<()> {
    let last =
        query(sql!("select max(n) as n from investigator_terms where retrospective_id = $1"));
    let last: Last = last.bind(id.clone()).one(tx).await?;
    let insert = query(sql!(
        "insert into investigator_terms (retrospective_id, n, person_id, rule, since)
         values ($1, $2, $3, $4, $5)"
    ));
    let insert = insert.bind(id.clone()).bind(last.n.unwrap_or(0) + 1).bind(person.clone());
    insert.bind(rule).bind(now).run(tx).await?;
    Ok(())
}
