//! Values of fields in the database. Every one is kept; the last stands.

use crate::access::PersonId;
use crate::retrospectives::RetrospectiveId;
use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;
use serde_json::Value;

/// What stands in a field.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Row {
    pub field: String,
    pub version: i64,
    pub value: Option<Json<Value>>,
    pub name: String,
    pub at: Time,
}

/// What stands in the fields of a retrospective.
pub(super) async fn standing(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<Row>> {
    let select = query(sql!(
        "select v.field, v.version, v.value, p.name, v.at
         from field_values v join people p on p.id = v.by_person
         where v.retrospective_id = $1 and v.version = (
             select max(l.version) from field_values l
             where l.retrospective_id = v.retrospective_id and l.field = v.field)
         order by v.field"
    ));
    select.bind(id.clone()).all(conn).await
}

/// A new value of a field.
#[derive(Debug)]
pub(super) struct New<'a> {
    pub field: &'a str,
    pub version: i64,
    pub value: Option<Value>,
    pub by: &'a PersonId,
}

/// Writes a value.
///
/// # Errors
/// What the database says; a duplicate when somebody wrote that version meanwhile.
pub(super) async fn insert(
    tx: &mut Tx,
    id: &RetrospectiveId,
    new: New<'_>,
    now: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into field_values (retrospective_id, field, version, value, by_person, at)
         values ($1, $2, $3, $4, $5, $6)"
    ));
    let insert = insert.bind(id.clone()).bind(new.field.to_owned()).bind(new.version);
    insert.bind(new.value.map(Json)).bind(new.by.clone()).bind(now).run(tx).await?;
    Ok(())
}
