//! Marks in the database.

use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;
use serde_json::Value;

/// What was noted under a name.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Mark {
    /// What.
    pub value: Json<Value>,
    /// When.
    pub at: Time,
}

/// What is noted under a name.
///
/// # Errors
/// What the database says.
pub async fn mark(conn: &mut Conn, name: &str) -> Result<Option<Mark>> {
    let select = query(sql!("select value, at from upkeep_marks where name = $1"));
    select.bind(name.to_owned()).optional(conn).await
}

/// Notes something under a name, in place of what was there.
///
/// # Errors
/// What the database says.
pub async fn set_mark(tx: &mut Tx, name: &str, value: Value, at: Time) -> Result<()> {
    let insert = query(sql!(
        "insert into upkeep_marks (name, value, at) values ($1, $2, $3)
         on conflict (name) do update set value = excluded.value, at = excluded.at"
    ));
    insert.bind(name.to_owned()).bind(Json(value)).bind(at).run(tx).await?;
    Ok(())
}
