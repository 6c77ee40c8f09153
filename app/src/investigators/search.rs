//! Looking for somebody, asking them, and going on when their time is over.

use super::candidates::Field;
use super::chain;
use super::rules::{Method, Rung, Tried};
use super::store::{self, NewTurn};
use super::store_pool;
use super::turn::{Turn, TurnState};
use crate::access::{PersonId, Through, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::calendars::{self, Offset, Unit};
use crate::incidents::store_index;
use crate::people;
use crate::retrospectives::{self as retros, Retrospective, RetrospectiveId, State};
use jiff::SignedDuration;
use kit::db::{Conn, DbError, Time, Tx};
use kit::web::Problem;
use serde_json::json;
use std::time::Duration;

/// How often it is looked whose time is over.
const A_MINUTE: Duration = Duration::from_secs(60);
/// How many turns are gone on from at once.
const AT_ONCE: i64 = 100;

/// Looks for somebody, when a review was opened without an owner.
///
/// # Errors
/// What the database says.
pub async fn opened(
    tx: &mut Tx,
    viewer: &Viewer,
    retro: &RetrospectiveId,
    now: Time,
) -> Result<(), Problem> {
    let saved = store_pool::rules(tx).await?;
    if saved.rules.method == Method::ByHand {
        return Ok(());
    }
    let retro = need(tx, retro).await?;
    next(tx, &retro, Some(&viewer.id), now).await
}

async fn need(conn: &mut Conn, id: &RetrospectiveId) -> Result<Retrospective, Problem> {
    let found = retros::find_for_system(conn, id).await?;
    found.ok_or_else(|| Problem::internal("a review with turns is gone"))
}

/// Somebody owns a review now: whoever is asked is asked no more, and a term begins.
///
/// # Errors
/// What the database says.
pub async fn led(
    tx: &mut Tx,
    retro: &RetrospectiveId,
    owner: &PersonId,
    now: Time,
) -> Result<(), DbError> {
    let mut rule = Rung::ByHand;
    for turn in store::turns(tx, retro).await? {
        if turn.state == TurnState::Open {
            let is_theirs = turn.person_id.as_ref() == Some(owner);
            let state = if is_theirs { TurnState::Taken } else { TurnState::Withdrawn };
            rule = if is_theirs { turn.rule } else { rule };
            store::end(tx, &turn.id, state, now).await?;
        }
    }
    store::end_term(tx, retro, now).await?;
    store::begin_term(tx, retro, owner, rule, now).await
}

/// Until when somebody answers: so many of their own working hours from now.
pub(super) async fn due(
    conn: &mut Conn,
    person: &PersonId,
    hours: i64,
    now: Time,
) -> Result<Time, DbError> {
    let working = calendars::of_person_id(conn, person).await?;
    let due = working.due(now.timestamp(), Offset { n: hours, unit: Unit::WorkingHours });
    // A calendar without a working day: a day each four hours, so that it does go on.
    let days = SignedDuration::from_hours(24 * (1 + hours / 4));
    let later = || now.timestamp().saturating_add(days).unwrap_or(now.timestamp());
    Ok(Time::new(due.unwrap_or_else(later)))
}

/// Which rules had their turn since somebody last owned it or the search was begun anew.
fn done(turns: &[Turn]) -> (Vec<Rung>, Vec<PersonId>) {
    let anew = |turn: &&Turn| turn.state != TurnState::Taken && turn.state != TurnState::Nobody;
    let own: Vec<&Turn> = turns.iter().rev().take_while(anew).collect();
    let rules = own.iter().map(|turn| turn.rule).collect();
    (rules, own.iter().filter_map(|turn| turn.person_id.clone()).collect())
}

/// Asks the next one; or writes down that there is nobody left.
async fn next(
    tx: &mut Tx,
    retro: &Retrospective,
    by: Option<&PersonId>,
    now: Time,
) -> Result<(), Problem> {
    let Some(incident) = store_index::find_for_system(tx, &retro.incident_id).await? else {
        return Ok(());
    };
    let rules = store_pool::rules(tx).await?.rules;
    let (done, mut asked) = done(&store::turns(tx, &retro.id).await?);
    asked.extend(retro.owner_id.clone());
    let hours = rules.answer_hours;
    let field = Field::read(tx, incident, rules, asked, now).await?;
    let found = chain::look(tx, &field, &done).await?;
    let Some(chosen) = found.chosen else { return nobody(tx, retro, by, found.tried, now).await };
    let is_at_once = chosen.rule == Rung::Manager;
    let due_at = if is_at_once { None } else { Some(due(tx, &chosen.person, hours, now).await?) };
    let new = NewTurn {
        retro,
        person: Some(&chosen.person),
        rule: chosen.rule,
        because: &chosen.because,
        tried: found.tried,
        context: "",
        asked_by: by,
        due_at,
        state: TurnState::Open,
    };
    store::insert(tx, new, now).await?;
    record(tx, retro, by, "investigator.asked", chosen.rule, now).await?;
    if is_at_once {
        // Nobody did this: it follows from who opened the review, and from the rule that is kept with it.
        let opener = viewer(tx, &retro.created_by).await?;
        retros::set_owner(tx, &opener, retro, &chosen.person, now).await?;
    }
    Ok(())
}

async fn viewer(conn: &mut Conn, id: &PersonId) -> Result<Viewer, Problem> {
    let person = people::find(conn, id).await?;
    let person = person.ok_or_else(|| Problem::internal("who opened a review is gone"))?;
    Ok(Viewer {
        id: person.id,
        name: person.name,
        handle: person.handle,
        seat: person.seat,
        zone: person.zone,
        through: Through::Session,
    })
}

async fn nobody(
    tx: &mut Tx,
    retro: &Retrospective,
    by: Option<&PersonId>,
    tried: Vec<Tried>,
    now: Time,
) -> Result<(), Problem> {
    let new = NewTurn {
        retro,
        person: None,
        rule: Rung::Last,
        because: "No rule of the chain is left.",
        tried,
        context: "",
        asked_by: by,
        due_at: None,
        state: TurnState::Nobody,
    };
    store::insert(tx, new, now).await?;
    record(tx, retro, by, "investigator.nobody", Rung::Last, now).await
}

/// A line of the record, without a name: who was asked is nobody's business but theirs and its people's.
pub(super) async fn record(
    tx: &mut Tx,
    retro: &Retrospective,
    by: Option<&PersonId>,
    what: &str,
    rule: Rung,
    now: Time,
) -> Result<(), Problem> {
    let deed = Deed {
        by,
        what,
        object: retro.id.as_str(),
        incident: Some(retro.incident_id.as_str()),
        before: None,
        after: Some(json!({ "rule": rule })),
    };
    audit::record(tx, now, deed).await?;
    Ok(())
}

/// Goes on from a turn that ended without an owner.
pub(super) async fn on(tx: &mut Tx, turn: &Turn, now: Time) -> Result<(), Problem> {
    let retro = need(tx, &turn.retrospective_id).await?;
    record(tx, &retro, None, "investigator.went_on", turn.rule, now).await?;
    let waits = retro.owner_id.is_none() && retro.state == State::Proposed;
    if waits { next(tx, &retro, None, now).await } else { Ok(()) }
}

/// Begins the search anew, for who decides: everybody may be asked again.
///
/// # Errors
/// 403 for who does not decide about the incident; 409 when somebody owns it or is asked.
pub async fn search_again(app: &App, viewer: &Viewer, key: &str) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let (retro, incident) = retros::need_known(&mut tx, viewer, key).await?;
    crate::incidents::must_decide(&mut tx, viewer, &incident).await?;
    if let Some(name) = &retro.owner_name {
        let detail =
            format!("{name} owns it. They can hand it over; or name somebody else by hand.");
        return Err(Problem::conflict("owned", detail));
    }
    let turns = store::turns(&mut tx, &retro.id).await?;
    if turns.iter().any(|turn| turn.state == TurnState::Open) {
        let detail = "Somebody is asked already; it goes on by itself when they do not take it.";
        return Err(Problem::conflict("asked", detail));
    }
    if retro.state != State::Proposed {
        let detail = format!("It is {}; there is nothing to look for.", retro.state);
        return Err(Problem::conflict("state", detail));
    }
    next(&mut tx, &retro, Some(&viewer.id), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Goes on from every turn whose time is over. Says from how many.
///
/// # Errors
/// What the database says.
pub async fn go_on(app: &App) -> Result<usize, Problem> {
    let now = app.now();
    let due = {
        let mut conn = app.db.read().await?;
        store::due_for_system(&mut conn, now, AT_ONCE).await?
    };
    let mut gone = 0;
    for turn in due {
        let mut tx = app.db.write().await?;
        // Another node, or they themselves, may have been faster.
        if store::end(&mut tx, &turn.id, TurnState::WentOn, now).await? {
            on(&mut tx, &turn, now).await?;
            tx.commit().await?;
            gone += 1;
        }
    }
    Ok(gone)
}

/// Goes on each minute, as long as the process serves.
pub async fn keep_going(app: App) {
    loop {
        match go_on(&app).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(gone, "reviews went on to the next whom they could come to"),
            Err(problem) => tracing::error!(detail = problem.detail, "a review could not go on"),
        }
        tokio::time::sleep(A_MINUTE).await;
    }
}
