//! What deciding about the review of incidents goes by, of many at once.

use super::impact::Effect;
use super::incident::{Detection, Key, Kind};
use super::participants::Role;
use crate::access::Viewer;
use crate::visible;
use kit::db::{Conn, Result, query};
use kit::sql;

/// How many numbers [`briefs`] looks at.
pub const BRIEFS: usize = 40;

/// What deciding about the review of an incident goes by.
#[derive(Debug, Clone)]
pub struct Brief {
    /// What people call it.
    pub key: Key,
    /// What happened.
    pub title: String,
    /// Its kind.
    pub kind: Kind,
    /// 1 to 4, if somebody said.
    pub severity: Option<i64>,
    /// Who noticed first.
    pub detection: Detection,
    /// The effects of its impact windows, the earliest first.
    pub effects: Vec<Effect>,
    /// Whether the viewer commanded it.
    pub commands: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    title: String,
    kind: Kind,
    severity: Option<i64>,
    detection: Detection,
    effect: Option<Effect>,
    commands: bool,
}

/// Those of the first [`BRIEFS`] of these numbers that exist for this viewer, the newest first.
///
/// # Errors
/// What the database says.
pub async fn briefs(conn: &mut Conn, viewer: &Viewer, numbers: &[i64]) -> Result<Vec<Brief>> {
    let select = query(sql!(concat!(
        "select i.number, i.title, i.kind, i.severity, i.detection, w.effect,
                exists (select 1 from participants a where a.incident_id = i.id
                    and a.person_id = $1 and cast(a.roles as text) like $3) as commands
         from incidents i left join impact_windows w on w.incident_id = i.id
         where i.number in ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36,
                $37, $38, $39, $40, $41, $42, $43) and ",
        visible!(),
        " order by i.number desc, w.started_at, w.id"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let mut select = select.bind(format!("%\"{}\"%", Role::Commander.name()));
    for n in 0..BRIEFS {
        select = select.bind(numbers.get(n).copied().unwrap_or(0));
    }
    let rows: Vec<Row> = select.all(conn).await?;
    let mut briefs: Vec<Brief> = Vec::new();
    for Row { number, title, kind, severity, detection, effect, commands } in rows {
        let key = Key(number);
        match briefs.last_mut().filter(|last| last.key == key) {
            Some(last) => last.effects.extend(effect),
            None => {
                let effects = effect.into_iter().collect();
                briefs.push(Brief { key, title, kind, severity, detection, effects, commands });
            }
        }
    }
    Ok(briefs)
}
