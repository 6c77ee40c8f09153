//! Lessons in the database.

use super::retrospective::{LessonSort, RetrospectiveId};
use crate::access::PersonId;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

kit::id!(
    /// A lesson's id.
    LessonId,
    "les"
);

/// A lesson as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Lesson {
    /// Its id.
    pub id: LessonId,
    /// What sort it is.
    pub sort: LessonSort,
    /// One or two sentences.
    pub text: String,
    /// Its place among the others.
    pub position: i64,
    /// Counts the changes.
    pub version: i64,
}

/// The lessons of a retrospective, in order.
///
/// # Errors
/// What the database says.
pub async fn lessons(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<Lesson>> {
    let select = query(sql!(
        "select id, sort, text, position, version from lessons
         where retrospective_id = $1 and deleted_at is null order by position, id"
    ));
    select.bind(id.clone()).all(conn).await
}

/// One of them.
///
/// # Errors
/// What the database says.
pub(super) async fn lesson(
    conn: &mut Conn,
    id: &RetrospectiveId,
    lesson: &LessonId,
) -> Result<Option<Lesson>> {
    let select = query(sql!(
        "select id, sort, text, position, version from lessons
         where retrospective_id = $1 and id = $2 and deleted_at is null"
    ));
    select.bind(id.clone()).bind(lesson.clone()).optional(conn).await
}

#[derive(sqlx::FromRow)]
struct Last {
    n: Option<i64>,
}

/// Adds one at the end.
///
/// # Errors
/// What the database says.
pub(super) async fn insert(
    tx: &mut Tx,
    id: &RetrospectiveId,
    (sort, text): (LessonSort, &str),
    by: &PersonId,
    now: Time,
) -> Result<LessonId> {
    let last = query(sql!("select max(position) as n from lessons where retrospective_id = $1"));
    let last: Last = last.bind(id.clone()).one(tx).await?;
    let lesson = LessonId::at(now);
    let insert = query(sql!(
        "insert into lessons (id, retrospective_id, sort, text, position, created_by, created_at,
             version)
         values ($1, $2, $3, $4, $5, $6, $7, 1)"
    ));
    let insert = insert.bind(lesson.clone()).bind(id.clone()).bind(sort).bind(text.to_owned());
    let insert = insert.bind(last.n.unwrap_or(0) + 1).bind(by.clone()).bind(now);
    insert.run(tx).await?;
    Ok(lesson)
}

/// Changes one, if nobody else did since `version`. Says whether it did.
///
/// # Errors
/// What the database says.
pub(super) async fn update(
    tx: &mut Tx,
    id: &RetrospectiveId,
    lesson: &LessonId,
    version: i64,
    (sort, text): (LessonSort, &str),
) -> Result<bool> {
    let update = query(sql!(
        "update lessons set sort = $4, text = $5, version = version + 1
         where retrospective_id = $1 and id = $2 and version = $3 and deleted_at is null"
    ));
    let update = update.bind(id.clone()).bind(lesson.clone()).bind(version).bind(sort);
    Ok(update.bind(text.to_owned()).run(tx).await? == 1)
}

/// Takes one away, or brings it back. Says whether that changed anything.
///
/// # Errors
/// What the database says.
pub(super) async fn set_deleted(
    tx: &mut Tx,
    id: &RetrospectiveId,
    lesson: &LessonId,
    at: Option<Time>,
) -> Result<bool> {
    let update = query(sql!(
        "update lessons set deleted_at = $3
         where retrospective_id = $1 and id = $2
           and ((cast($4 as bigint) = 1 and deleted_at is not null)
                or (cast($4 as bigint) = 0 and deleted_at is null))"
    ));
    let bring_back = i64::from(at.is_none());
    Ok(update.bind(id.clone()).bind(lesson.clone()).bind(at).bind(bring_back).run(tx).await? == 1)
}
