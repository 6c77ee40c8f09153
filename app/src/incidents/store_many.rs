//! Those parts of many incidents that how they are reviewed goes by, in one statement.

use super::incident::IncidentId;
use super::store_whole::{PartRow, Whole, head, of_review};
use kit::db::{Conn, Result, query};
use kit::sql;
use std::collections::HashMap;

/// How many incidents one statement asks for at a time.
pub const MANY: usize = 40;

macro_rules! asked {
    () => {
        "in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
             $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38,
             $39, $40)"
    };
}

/// The windows, participants, services and teams of incidents that were found for the viewer.
///
/// # Errors
/// What the database says.
pub async fn parts_of(
    conn: &mut Conn,
    incidents: &[IncidentId],
) -> Result<HashMap<IncidentId, Whole>> {
    let mut found: HashMap<IncidentId, Whole> = HashMap::with_capacity(incidents.len());
    for some in incidents.chunks(MANY) {
        let mut select = query(sql!(concat!(
            head!(),
            of_review!(asked!()),
            " order by part, t nulls last, k, s, id"
        )));
        for n in 0..MANY {
            select = select.bind(some.get(n).map_or("", IncidentId::as_str).to_owned());
        }
        for row in select.all::<PartRow>(conn).await? {
            if let Some(of) = row.of.clone() {
                found.entry(of).or_default().take_row(row);
            }
        }
    }
    Ok(found)
}
