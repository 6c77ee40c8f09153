//! Decisions in the database.

use super::decide::Choice;
use super::decision::Outcome;
use super::facts::Facts;
use super::store::Row;
use crate::access::{PersonId, Viewer};
use crate::incidents::{Incident, IncidentId, Key};
use crate::visible;
use kit::db::{Conn, Json, Result, Time, Tx, query};
use kit::sql;

kit::id!(
    /// A decision's id.
    DecisionId,
    "dec"
);

/// What the policy chose for an incident, and what people made of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// The number in the incident's key.
    pub incident_number: i64,
    /// The incident's title.
    pub incident_title: String,
    /// By which version of the policy.
    pub policy_version: i64,
    /// The kind that was chosen; none when no review was asked for.
    pub kind: Option<String>,
    /// The rule that chose.
    pub rule: String,
    /// All of the choice.
    pub choice: Json<Choice>,
    /// What was known.
    pub facts: Json<Facts>,
    /// When it was made.
    pub made_at: Time,
    /// What people made of it.
    pub outcome: Outcome,
    /// The kind that was taken.
    pub decided_kind: Option<String>,
    /// Why another one, or none.
    pub reason: String,
    /// The name of who answered.
    pub answered_name: Option<String>,
    /// When.
    pub answered_at: Option<Time>,
}

impl Decision {
    /// The incident's key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.incident_number)
    }
}

macro_rules! decisions {
    ($rest:expr) => {
        concat!(
            "select d.id, i.number as incident_number, i.title as incident_title, d.policy_version,
                    d.kind, d.rule, d.choice, d.facts, d.made_at, d.outcome, d.decided_kind, d.reason,
                    p.name as answered_name, d.answered_at
             from policy_decisions d join incidents i on i.id = d.incident_id
             left join people p on p.id = d.answered_by where ",
            visible!(),
            $rest
        )
    };
}

/// The decision about an incident, if there is one.
///
/// # Errors
/// What the database says.
pub async fn of_incident(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<Option<Decision>> {
    let select = query(sql!(decisions!(" and d.incident_id = $3")));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(incident.id.clone()).optional(conn).await
}

/// What is told of a decision besides its incident; all of it is there, or nothing.
#[derive(Debug, sqlx::FromRow)]
struct Kept {
    id: Option<DecisionId>,
    policy_version: Option<i64>,
    kind: Option<String>,
    rule: Option<String>,
    choice: Option<Json<Choice>>,
    facts: Option<Json<Facts>>,
    made_at: Option<Time>,
    outcome: Option<Outcome>,
    decided_kind: Option<String>,
    reason: Option<String>,
    answered_name: Option<String>,
    answered_at: Option<Time>,
}

impl Kept {
    fn decision(self, incident: &Incident) -> Option<Decision> {
        Some(Decision {
            id: self.id?,
            incident_number: incident.number,
            incident_title: incident.title.clone(),
            policy_version: self.policy_version?,
            kind: self.kind,
            rule: self.rule?,
            choice: self.choice?,
            facts: self.facts?,
            made_at: self.made_at?,
            outcome: self.outcome?,
            decided_kind: self.decided_kind,
            reason: self.reason?,
            answered_name: self.answered_name,
            answered_at: self.answered_at,
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
struct WithVersion {
    #[sqlx(flatten)]
    version: Row,
    #[sqlx(flatten)]
    kept: Kept,
}

/// The newest version of the policy, if one is kept, with the decision about an incident that was found for
/// the viewer.
///
/// # Errors
/// What the database says.
pub(super) async fn with_newest_version(
    conn: &mut Conn,
    incident: &Incident,
) -> Result<Option<(Row, Option<Decision>)>> {
    let select = query(sql!(
        "select v.version, v.text, v.note, v.is_shipped, s.name as saved_by, v.saved_at, d.id,
                d.policy_version, d.kind, d.rule, d.choice, d.facts, d.made_at, d.outcome,
                d.decided_kind, d.reason, p.name as answered_name, d.answered_at
         from policy_versions v left join people s on s.id = v.saved_by
         left join policy_decisions d on d.incident_id = $1
         left join people p on p.id = d.answered_by
         order by v.version desc limit 1"
    ));
    let found: Option<WithVersion> = select.bind(incident.id.clone()).optional(conn).await?;
    Ok(found.map(|WithVersion { version, kept }| (version, kept.decision(incident))))
}

/// Decisions, the newest first.
///
/// # Errors
/// What the database says.
pub(super) async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    outcome: Option<Outcome>,
    before: Option<DecisionId>,
    most: i64,
) -> Result<Vec<Decision>> {
    let select = query(sql!(decisions!(
        " and (cast($3 as text) is null or d.outcome = $3)
          and (cast($4 as text) is null or d.id < $4) order by d.id desc limit $5"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(outcome).bind(before).bind(most).all(conn).await
}

/// What the policy chose, to be written down.
#[derive(Debug)]
pub(super) struct NewDecision<'a> {
    pub incident: &'a IncidentId,
    pub version: i64,
    pub choice: &'a Choice,
    pub facts: &'a Facts,
}

/// Writes down what the policy chose; instead of what it chose before, unless that was answered: the time
/// from which things are due stays the first. Says whether it was written.
///
/// # Errors
/// What the database says.
pub(super) async fn write(tx: &mut Tx, new: &NewDecision<'_>, now: Time) -> Result<bool> {
    let insert = query(sql!(
        "insert into policy_decisions (id, incident_id, policy_version, kind, rule, choice, facts,
             made_at, outcome, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', '')
         on conflict (incident_id) do update set policy_version = excluded.policy_version,
             kind = excluded.kind, rule = excluded.rule, choice = excluded.choice,
             facts = excluded.facts
         where policy_decisions.outcome = 'open'"
    ));
    let insert = insert.bind(DecisionId::at(now)).bind(new.incident.clone()).bind(new.version);
    let insert = insert.bind(new.choice.kind.clone()).bind(new.choice.rule.clone());
    let insert = insert.bind(Json(new.choice.clone())).bind(Json(new.facts.clone())).bind(now);
    Ok(insert.run(tx).await? == 1)
}

/// What people made of a decision.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub outcome: Outcome,
    pub kind: Option<&'a str>,
    pub reason: &'a str,
    pub by: &'a PersonId,
}

/// Answers it. The last answer counts: a review may be opened after it was waived.
///
/// # Errors
/// What the database says.
pub(super) async fn answer(
    tx: &mut Tx,
    incident: &IncidentId,
    answer: &Answer<'_>,
    now: Time,
) -> Result<()> {
    let update = query(sql!(
        "update policy_decisions set outcome = $2, decided_kind = $3, reason = $4, answered_by = $5,
             answered_at = $6 where incident_id = $1"
    ));
    let update = update.bind(incident.clone()).bind(answer.outcome);
    let update = update.bind(answer.kind.map(str::to_owned)).bind(answer.reason.to_owned());
    update.bind(answer.by.clone()).bind(now).run(tx).await?;
    Ok(())
}
