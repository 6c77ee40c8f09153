//! Factors as the search index reads them: whoever asks, since the index asks again who looks.

use crate::retrospectives::RetrospectiveId;
use kit::db::{Conn, Result, query};
use kit::sql;

#[derive(sqlx::FromRow)]
struct Statement {
    statement: String,
}

/// The statements of a retrospective's factors, in their order, whoever asks.
///
/// # Errors
/// What the database says.
pub async fn statements_for_system(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<String>> {
    let select = query(sql!(
        "select statement from factors where retrospective_id = $1 and deleted_at is null
         order by position, id"
    ));
    let rows: Vec<Statement> = select.bind(id.clone()).all(conn).await?;
    Ok(rows.into_iter().map(|row| row.statement).collect())
}
