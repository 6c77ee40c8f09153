//! Rules and the trained pool in the database.

use super::rules::{Method, Rules, Saved, parse_rungs};
use crate::access::PersonId;
use crate::services::ServiceId;
use crate::teams::TeamId;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

#[derive(sqlx::FromRow)]
struct Row {
    version: i64,
    method: Method,
    rungs: String,
    answer_hours: i64,
    tenure_months: i64,
    most_open: i64,
    last_team_id: Option<TeamId>,
    saved_by_name: Option<String>,
    saved_at: Time,
}

/// The rules that hold: the newest that were saved, else those that are shipped.
pub(super) async fn rules(conn: &mut Conn) -> Result<Saved> {
    let select = query(sql!(
        "select r.version, r.method, r.rungs, r.answer_hours, r.tenure_months, r.most_open,
                r.last_team_id, p.name as saved_by_name, r.saved_at
         from investigator_rules r join people p on p.id = r.saved_by
         order by r.version desc limit 1"
    ));
    let row: Option<Row> = select.optional(conn).await?;
    let Some(row) = row else {
        return Ok(Saved { rules: Rules::default(), by: None, at: None });
    };
    let words: Vec<&str> = row.rungs.split(',').filter(|word| !word.is_empty()).collect();
    let rules = Rules {
        version: row.version,
        method: row.method,
        rungs: parse_rungs(&words).unwrap_or_default(),
        answer_hours: row.answer_hours,
        tenure_months: row.tenure_months,
        most_open: row.most_open,
        last_team: row.last_team_id,
    };
    Ok(Saved { rules, by: row.saved_by_name, at: Some(row.saved_at) })
}

/// Saves rules as the next version. A duplicate when somebody saved meanwhile.
pub(super) async fn save(tx: &mut Tx, rules: &Rules, by: &PersonId, now: Time) -> Result<()> {
    let insert = query(sql!(
        "insert into investigator_rules (version, method, rungs, answer_hours, tenure_months,
                most_open, last_team_id, saved_by, saved_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    ));
    let words: Vec<&str> = rules.rungs.iter().map(|rung| rung.name()).collect();
    let insert = insert.bind(rules.version + 1).bind(rules.method).bind(words.join(","));
    let insert = insert.bind(rules.answer_hours).bind(rules.tenure_months).bind(rules.most_open);
    insert.bind(rules.last_team.clone()).bind(by.clone()).bind(now).run(tx).await?;
    Ok(())
}

/// Somebody of the trained pool.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Investigator {
    /// Who.
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
    /// Their handle.
    pub handle: String,
    /// What they were trained in.
    pub training: String,
    /// What they are good at, such as interviews.
    pub skills: String,
    /// Whether they can be asked now.
    pub is_available: bool,
}

/// The trained pool, by name.
pub(super) async fn pool(conn: &mut Conn) -> Result<Vec<Investigator>> {
    let select = query(sql!(
        "select i.person_id, p.name, p.handle, i.training, i.skills, i.is_available
         from investigators i join people p on p.id = i.person_id
         where p.deactivated_at is null order by p.name_key, p.id"
    ));
    select.all(conn).await
}

/// Somebody knows a service.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Knows {
    pub person_id: PersonId,
    pub slug: String,
    pub name: String,
}

/// Which services those of the pool know, by name.
pub(super) async fn knows(conn: &mut Conn) -> Result<Vec<Knows>> {
    let select = query(sql!(
        "select k.person_id, s.slug, s.name from investigator_services k
         join services s on s.id = k.service_id order by s.name_key, s.id"
    ));
    select.all(conn).await
}

/// What is said of somebody of the pool.
#[derive(Debug, Clone)]
pub struct Trained {
    /// What they were trained in.
    pub training: String,
    /// What they are good at.
    pub skills: String,
    /// Whether they can be asked now.
    pub is_available: bool,
    /// Which services they know.
    pub services: Vec<ServiceId>,
}

/// Adds somebody to the pool, or says anew what is known of them.
pub(super) async fn put(
    tx: &mut Tx,
    person: &PersonId,
    said: &Trained,
    by: &PersonId,
    now: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into investigators (person_id, training, skills, is_available, added_by, added_at, version)
         values ($1, $2, $3, $4, $5, $6, 1)
         on conflict (person_id) do update set training = excluded.training, skills = excluded.skills,
             is_available = excluded.is_available, version = investigators.version + 1"
    ));
    let insert = insert.bind(person.clone()).bind(said.training.clone()).bind(said.skills.clone());
    insert.bind(said.is_available).bind(by.clone()).bind(now).run(tx).await?;
    forget_services(tx, person).await?;
    for service in &said.services {
        let insert = query(sql!(
            "insert into investigator_services (person_id, service_id) values ($1, $2)
             on conflict (person_id, service_id) do nothing"
        ));
        insert.bind(person.clone()).bind(service.clone()).run(tx).await?;
    }
    Ok(())
}

async fn forget_services(tx: &mut Tx, person: &PersonId) -> Result<()> {
    let delete = query(sql!("delete from investigator_services where person_id = $1"));
    delete.bind(person.clone()).run(tx).await?;
    Ok(())
}

/// Says whether somebody can be asked now. Says whether they are in the pool.
pub(super) async fn set_available(
    tx: &mut Tx,
    person: &PersonId,
    is_available: bool,
) -> Result<bool> {
    let update = query(sql!(
        "update investigators set is_available = $2, version = version + 1 where person_id = $1"
    ));
    Ok(update.bind(person.clone()).bind(is_available).run(tx).await? == 1)
}

/// Takes somebody out of the pool. Says whether they were in it.
pub(super) async fn remove(tx: &mut Tx, person: &PersonId) -> Result<bool> {
    forget_services(tx, person).await?;
    let delete = query(sql!("delete from investigators where person_id = $1"));
    Ok(delete.bind(person.clone()).run(tx).await? == 1)
}
