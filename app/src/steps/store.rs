//! What a run's steps differ in, in the database.

use crate::access::PersonId;
use crate::calendars::Offset;
use crate::kinds::Anchor;
use crate::retrospectives::RetrospectiveId;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

/// What one step of one retrospective differs in.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    pub step: String,
    pub name: Option<String>,
    pub role: Option<String>,
    pub anchor: Option<String>,
    pub due_after: Option<String>,
    pub add_reason: Option<String>,
    pub place: Option<i64>,
    pub move_reason: Option<String>,
    pub skip_reason: Option<String>,
    pub skipped_by_name: Option<String>,
    pub skipped_at: Option<Time>,
    pub done_note: Option<String>,
    pub done_by_name: Option<String>,
    pub done_at: Option<Time>,
    pub hold_reason: Option<String>,
    pub held_by_name: Option<String>,
    pub held_at: Option<Time>,
}

impl Row {
    /// What an added step counts from.
    pub(super) fn anchor(&self) -> Option<Anchor> {
        Anchor::parse(self.anchor.as_deref()?).ok()
    }

    /// How long after.
    pub(super) fn offset(&self) -> Option<Offset> {
        self.due_after.as_deref()?.parse().ok()
    }
}

pub(super) async fn rows(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<Row>> {
    let select = query(sql!(
        "select s.step, s.name, s.role, s.anchor, s.due_after, s.add_reason, s.place, s.move_reason,
                s.skip_reason, k.name as skipped_by_name, s.skipped_at,
                s.done_note, d.name as done_by_name, s.done_at,
                s.hold_reason, h.name as held_by_name, s.held_at
         from steps s left join people k on k.id = s.skipped_by left join people d on d.id = s.done_by
         left join people h on h.id = s.held_by
         where s.retrospective_id = $1 order by s.step"
    ));
    select.bind(id.clone()).all(conn).await
}

async fn need_row(tx: &mut Tx, id: &RetrospectiveId, step: &str) -> Result<()> {
    let insert = query(sql!(
        "insert into steps (retrospective_id, step) values ($1, $2)
         on conflict (retrospective_id, step) do nothing"
    ));
    insert.bind(id.clone()).bind(step.to_owned()).run(tx).await?;
    Ok(())
}

/// Who said something of a step, what and when.
#[derive(Debug, Clone)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    pub by: &'a PersonId,
    pub at: Time,
}

/// What is said of a step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Saying {
    /// That this run goes without it.
    Skipped,
    /// What was done elsewhere.
    Done,
    /// What it waits for.
    Held,
}

/// Keeps what somebody says of a step, or takes it back.
pub(super) async fn say(
    tx: &mut Tx,
    id: &RetrospectiveId,
    step: &str,
    what: Saying,
    word: Option<Word<'_>>,
) -> Result<()> {
    need_row(tx, id, step).await?;
    let update = query(match what {
        Saying::Skipped => sql!(
            "update steps set skip_reason = $3, skipped_by = $4, skipped_at = $5
             where retrospective_id = $1 and step = $2"
        ),
        Saying::Held => sql!(
            "update steps set hold_reason = $3, held_by = $4, held_at = $5
             where retrospective_id = $1 and step = $2"
        ),
        Saying::Done => sql!(
            "update steps set done_note = $3, done_by = $4, done_at = $5
             where retrospective_id = $1 and step = $2"
        ),
    });
    let update = update.bind(id.clone()).bind(step.to_owned());
    let update = update.bind(word.as_ref().map(|word| word.text.to_owned()));
    let update = update.bind(word.as_ref().map(|word| word.by.clone()));
    update.bind(word.map(|word| word.at)).run(tx).await?;
    Ok(())
}

/// Puts a step elsewhere.
pub(super) async fn set_place(
    tx: &mut Tx,
    id: &RetrospectiveId,
    step: &str,
    place: i64,
    reason: &str,
) -> Result<()> {
    need_row(tx, id, step).await?;
    let update = query(sql!(
        "update steps set place = $3, move_reason = $4 where retrospective_id = $1 and step = $2"
    ));
    let update = update.bind(id.clone()).bind(step.to_owned()).bind(place);
    update.bind(reason.to_owned()).run(tx).await?;
    Ok(())
}

/// What an added step says.
#[derive(Debug)]
pub(super) struct Own<'a> {
    pub step: &'a str,
    pub name: &'a str,
    pub role: &'a str,
    pub anchor: Anchor,
    pub offset: Offset,
    pub reason: &'a str,
}

/// Adds a step that the kind has not.
pub(super) async fn insert(tx: &mut Tx, id: &RetrospectiveId, own: &Own<'_>) -> Result<()> {
    let insert = query(sql!(
        "insert into steps (retrospective_id, step, name, role, anchor, due_after, add_reason)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ));
    let insert = insert.bind(id.clone()).bind(own.step.to_owned()).bind(own.name.to_owned());
    let insert = insert.bind(own.role.to_owned()).bind(own.anchor.name().to_owned());
    let insert = insert.bind(own.offset.to_string()).bind(own.reason.to_owned());
    insert.run(tx).await?;
    Ok(())
}
