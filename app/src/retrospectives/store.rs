//! Retrospectives and their moves in the database. People are in `store_people.rs`, sections in
//! `store_sections.rs`, lessons in `store_lessons.rs`.

use super::retrospective::{Retrospective, RetrospectiveId, State, WaiverCode};
use crate::access::{PersonId, Viewer};
use crate::incidents::{Incident, Key, Label, Status};
use crate::kinds::{self, Kind};
use crate::{covered_visible, visible};
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

/// The condition that the viewer is one of the people of the retrospective `r`, so that its draft
/// exists for them (`$1` their id, `$2` reads everything). It is never instead of `visible!()`, always beside it.
#[macro_export]
macro_rules! draft_visible {
    () => {
        concat!(
            "(exists (select 1 from retrospective_people dra \
             where dra.retrospective_id = r.id and dra.person_id = $1) and ",
            $crate::covered_visible!("r.id"),
            ")"
        )
    };
}

/// The ids of the retrospectives that the viewer owns (`$1` their id).
#[macro_export]
macro_rules! owned_retrospectives {
    () => {
        "select own.id from retrospectives own where own.owner_id = $1"
    };
}

/// The condition that the retrospective `r` has been published, so that everybody who sees its
/// incidents sees what came of it.
#[macro_export]
macro_rules! was_published {
    () => {
        concat!(
            "(exists (select 1 from retrospective_moves pub where pub.retrospective_id = r.id \
                and pub.state in ('published', 'revised')) and ",
            $crate::covered_visible!("r.id"),
            ")"
        )
    };
}

/// What [`Retrospective`] is read from, up to the condition.
macro_rules! whole {
    ($rest:expr) => {
        concat!(
            "select r.id, r.incident_id, i.number as incident_number, i.label, r.nth,
                    (r.state <> 'waived' and not exists (
                        select 1 from retrospectives o where o.incident_id = r.incident_id
                        and o.state <> 'waived' and o.nth > r.nth)) as is_newest,
                    r.kind, r.kind_version,
                    coalesce((select string_agg(o.overlay, ' ' order by o.overlay)
                        from retrospective_overlays o where o.retrospective_id = r.id), '') as overlays,
                    r.policy_version, r.kind_reason, r.title, r.state, r.owner_id,
                    p.name as owner_name, r.facilitator_id, f.name as facilitator_name,
                    r.no_action_because, r.waived_code, r.created_by, r.created_at, r.updated_at,
                    r.version
             from retrospectives r join incidents i on i.id = r.incident_id
             left join people p on p.id = r.owner_id left join people f on f.id = r.facilitator_id
             where ",
            $rest
        )
    };
}

/// The draft that this viewer may read: the one asked for, or the newest of the incident that was not
/// waived.
///
/// # Errors
/// What the database says.
pub async fn find_draft(
    conn: &mut Conn,
    viewer: &Viewer,
    key: Key,
    nth: Option<i64>,
) -> Result<Option<Retrospective>> {
    let select = query(sql!(whole!(concat!(
        "i.number = $3 and r.state <> 'waived' and (cast($4 as bigint) is null or r.nth = $4) and ",
        draft_visible!(),
        " and ",
        visible!(),
        " order by r.nth desc limit 1"
    ))));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let found = select.bind(key.0).bind(nth).optional(conn).await?;
    with_kind(conn, found).await
}

/// Its kinds are known from here on.
async fn with_kind(conn: &mut Conn, found: Option<Retrospective>) -> Result<Option<Retrospective>> {
    if let Some(retro) = &found {
        kinds::know(conn, retro.kind_version).await?;
    }
    Ok(found)
}

/// Their kinds are known from here on.
pub(super) async fn with_kinds(conn: &mut Conn, found: Vec<Summary>) -> Result<Vec<Summary>> {
    for one in &found {
        kinds::know(conn, one.kind_version).await?;
    }
    Ok(found)
}

/// A retrospective of an incident that was not waived, the one asked for or the newest, for deciding
/// about it without reading it.
///
/// # Errors
/// What the database says.
pub(super) async fn find_of(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
    nth: Option<i64>,
) -> Result<Option<Retrospective>> {
    let select = query(sql!(whole!(concat!(
        "r.incident_id = $3 and r.state <> 'waived'
         and (cast($4 as bigint) is null or r.nth = $4) and ",
        covered_visible!("r.id"),
        " and ",
        visible!(),
        " order by r.nth desc limit 1"
    ))));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let found = select.bind(incident.id.clone()).bind(nth).optional(conn).await?;
    with_kind(conn, found).await
}

/// A retrospective of an id, whoever asks; for what was found for a viewer before.
///
/// # Errors
/// What the database says.
pub async fn find_for_system(
    conn: &mut Conn,
    id: &RetrospectiveId,
) -> Result<Option<Retrospective>> {
    let select = query(sql!(whole!("r.id = $1")));
    let found = select.bind(id.clone()).optional(conn).await?;
    with_kind(conn, found).await
}

/// A retrospective of an id, of which this viewer may know.
///
/// # Errors
/// What the database says.
pub async fn find(
    conn: &mut Conn,
    viewer: &Viewer,
    id: &RetrospectiveId,
) -> Result<Option<Retrospective>> {
    let select = query(sql!(whole!(concat!(
        "r.id = $3 and ",
        covered_visible!("r.id"),
        " and ",
        visible!()
    ))));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let found = select.bind(id.clone()).optional(conn).await?;
    with_kind(conn, found).await
}

/// The running ones that nobody owns and of which this viewer may know, the newest first.
///
/// # Errors
/// What the database says.
pub async fn unowned(conn: &mut Conn, viewer: &Viewer, most: i64) -> Result<Vec<Retrospective>> {
    let select = query(sql!(whole!(concat!(
        "r.owner_id is null and r.state not in ('waived', 'closed', 'published', 'revised') and ",
        covered_visible!("r.id"),
        " and ",
        visible!(),
        " order by r.created_at desc, r.id desc limit $3"
    ))));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let found: Vec<Retrospective> = select.bind(most).all(conn).await?;
    for one in &found {
        kinds::know(conn, one.kind_version).await?;
    }
    Ok(found)
}

/// What everybody knows of a retrospective who may see its incident: never a word of its content.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Summary {
    /// Its id.
    pub id: RetrospectiveId,
    /// The number in the incident's key.
    pub incident_number: i64,
    /// The incident's title.
    pub incident_title: String,
    /// How far the incident may be shared.
    pub label: Label,
    /// Which of the incident's retrospectives it is, from 1.
    pub nth: i64,
    /// Whether it is the newest of its incident that was not waived.
    pub is_newest: bool,
    /// Its kind's id.
    pub kind: String,
    /// The version of the kinds that it has.
    pub kind_version: i64,
    /// Where it is in its life.
    pub state: State,
    /// Who owns it.
    pub owner_name: Option<String>,
    /// Why it was waived, as a word.
    pub waived_code: Option<WaiverCode>,
    /// Why it was waived or is on hold, in words.
    pub reason: Option<String>,
    /// Who made the last move.
    pub moved_by: Option<String>,
    /// When it last moved.
    pub moved_at: Option<Time>,
    /// Whether the viewer may read its draft.
    pub is_mine: bool,
    /// Whether the viewer owns it.
    pub owns: bool,
}

impl Summary {
    /// The incident's key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.incident_number)
    }

    /// Where it is found.
    #[must_use]
    pub fn address(&self) -> super::Address {
        super::Address { key: self.key(), nth: (!self.is_newest).then_some(self.nth) }
    }

    /// Its kind's name.
    #[must_use]
    pub fn kind_name(&self) -> &str {
        let found = kinds::of_version(self.kind_version).kind(&self.kind);
        found.map_or(self.kind.as_str(), |kind| kind.name.as_str())
    }
}

macro_rules! summary {
    ($rest:expr) => {
        concat!(
            "select r.id, i.number as incident_number, i.title as incident_title, i.label, r.nth,
                    (r.state <> 'waived' and not exists (
                        select 1 from retrospectives o where o.incident_id = r.incident_id
                        and o.state <> 'waived' and o.nth > r.nth)) as is_newest,
                    r.kind, r.kind_version, r.state, p.name as owner_name, r.waived_code,
                    case when r.state in ('waived', 'on_hold') then m.reason end as reason,
                    q.name as moved_by, m.at as moved_at, ",
            draft_visible!(),
            " as is_mine, coalesce(r.owner_id = $1, false) as owns
             from retrospectives r join incidents i on i.id = r.incident_id
             left join people p on p.id = r.owner_id
             left join retrospective_moves m on m.retrospective_id = r.id and m.n = (
                 select max(l.n) from retrospective_moves l where l.retrospective_id = r.id)
             left join people q on q.id = m.by_person
             where ",
            covered_visible!("r.id"),
            " and ",
            visible!(),
            $rest
        )
    };
}
pub(super) use summary;

/// When the retrospective `r` last moved, after whether the viewer owns it: the order of what they write.
macro_rules! urgency {
    () => {
        "case when r.owner_id = $1 then 0 else 1 end,
         (select l.at from retrospective_moves l where l.retrospective_id = r.id
          order by l.n desc limit 1), r.id"
    };
}

/// The first `$3` of what the viewer writes and that is not over. Only these are then read whole.
macro_rules! of_viewer {
    ($more:expr) => {
        concat!(
            "r.id in (select r.id from retrospectives r join incidents i on i.id = r.incident_id
                 where r.id in (select dra.retrospective_id from retrospective_people dra
                                where dra.person_id = $1)
                   and r.state not in ('waived', 'closed', 'published', 'revised')",
            $more,
            " and ",
            covered_visible!("r.id"),
            " and ",
            visible!(),
            " order by ",
            urgency!(),
            " limit $3) order by ",
            urgency!()
        )
    };
}

/// What everybody knows of an incident's retrospectives, the newest first.
///
/// # Errors
/// What the database says.
pub async fn of_incident(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<Vec<Summary>> {
    let select = query(sql!(summary!(" and r.incident_id = $3 order by r.nth desc")));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let found = select.bind(incident.id.clone()).all(conn).await?;
    with_kinds(conn, found).await
}

/// Those that this viewer works on and that are not over, the oldest move first.
///
/// # Errors
/// What the database says.
pub async fn mine(conn: &mut Conn, viewer: &Viewer, most: i64) -> Result<Vec<Summary>> {
    let select = query(sql!(summary!(concat!(" and ", of_viewer!("")))));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let found = select.bind(most).all(conn).await?;
    with_kinds(conn, found).await
}

/// Those that this viewer writes: their own, and those of theirs that nobody owns yet; none on hold.
/// Their own first, then the oldest move.
///
/// # Errors
/// What the database says.
pub async fn written_by(conn: &mut Conn, viewer: &Viewer, most: i64) -> Result<Vec<Retrospective>> {
    let select = query(sql!(whole!(concat!(
        visible!(),
        " and ",
        of_viewer!(
            " and r.state <> 'on_hold'
              and case when r.owner_id = $1 then 1 when r.state = 'proposed' then 1 else 0 end = 1"
        )
    ))));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let found: Vec<Retrospective> = select.bind(most).all(conn).await?;
    for one in &found {
        kinds::know(conn, one.kind_version).await?;
    }
    Ok(found)
}

/// Those whose incident this viewer may see, the newest first.
///
/// # Errors
/// What the database says.
pub async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    state: Option<State>,
    before: Option<RetrospectiveId>,
    most: i64,
) -> Result<Vec<Summary>> {
    let all = sql!(summary!(
        " and cast($3 as text) is null and (cast($4 as text) is null or r.id < $4)
          order by r.id desc limit $5"
    ));
    let of_state = sql!(summary!(
        " and r.state = $3 and (cast($4 as text) is null or r.id < $4)
          order by r.id desc limit $5"
    ));
    let select = query(if state.is_some() { of_state } else { all });
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let found = select.bind(state).bind(before).bind(most).all(conn).await?;
    with_kinds(conn, found).await
}

/// The incidents that have ended and have no retrospective, the newest first.
///
/// # Errors
/// What the database says.
pub async fn undecided(conn: &mut Conn, viewer: &Viewer, most: i64) -> Result<Vec<Incident>> {
    let select = query(sql!(concat!(
        "select i.id, i.number, i.title, i.kind, i.severity, i.status, i.description, i.detection,
                i.environment, i.label, i.report_only, i.declared_by, i.created_at, i.updated_at,
                i.version
         from incidents i
         where i.status in ($3, $4)
           and not exists (select 1 from retrospectives r where r.incident_id = i.id)
           and not exists (select 1 from retrospective_incidents c where c.covered_id = i.id)
           and ",
        visible!(),
        " order by i.number desc limit $5"
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(Status::Resolved).bind(Status::Closed).bind(most).all(conn).await
}

#[derive(sqlx::FromRow)]
struct Last {
    n: Option<i64>,
}

/// What is written down of a new retrospective.
#[derive(Debug)]
pub(super) struct NewRetrospective<'a> {
    pub incident: &'a Incident,
    pub kind: &'static Kind,
    /// The version of the kinds that it is of.
    pub kind_version: i64,
    pub reason: &'a str,
    pub by: &'a PersonId,
}

/// Adds one in the state `proposed`, without a move.
///
/// # Errors
/// What the database says; a duplicate when another writer took the number, on PostgreSQL.
pub(super) async fn insert(
    tx: &mut Tx,
    new: &NewRetrospective<'_>,
    now: Time,
) -> Result<(RetrospectiveId, i64)> {
    let last = query(sql!("select max(nth) as n from retrospectives where incident_id = $1"));
    let last: Last = last.bind(new.incident.id.clone()).one(tx).await?;
    let nth = last.n.unwrap_or(0) + 1;
    let id = RetrospectiveId::at(now);
    let insert = query(sql!(
        "insert into retrospectives (id, incident_id, nth, kind, kind_version, kind_reason, title,
             state, no_action_because, created_by, created_at, updated_at, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $10, 1)"
    ));
    let insert = insert.bind(id.clone()).bind(new.incident.id.clone()).bind(nth);
    let insert = insert.bind(new.kind.id.clone()).bind(new.kind_version);
    let insert = insert.bind(new.reason.to_owned()).bind(new.incident.title.clone());
    insert.bind(State::Proposed).bind(new.by.clone()).bind(now).run(tx).await?;
    Ok((id, nth))
}

/// Remembers by which version of the policy it was decided.
///
/// # Errors
/// What the database says.
pub(super) async fn set_policy_version(
    tx: &mut Tx,
    id: &RetrospectiveId,
    version: i64,
) -> Result<()> {
    let update = query(sql!("update retrospectives set policy_version = $2 where id = $1"));
    update.bind(id.clone()).bind(version).run(tx).await?;
    Ok(())
}

/// Moves it on, if it is still in `from`. Says whether it did.
///
/// # Errors
/// What the database says.
pub(super) async fn set_state(
    tx: &mut Tx,
    id: &RetrospectiveId,
    from: State,
    to: State,
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update retrospectives set state = $3, updated_at = $4, version = version + 1
         where id = $1 and state = $2"
    ));
    Ok(update.bind(id.clone()).bind(from).bind(to).bind(now).run(tx).await? == 1)
}

/// Writes down a move.
///
/// # Errors
/// What the database says.
pub(super) async fn insert_move(
    tx: &mut Tx,
    id: &RetrospectiveId,
    to: State,
    by: &PersonId,
    reason: &str,
    now: Time,
) -> Result<()> {
    let last =
        query(sql!("select max(n) as n from retrospective_moves where retrospective_id = $1"));
    let last: Last = last.bind(id.clone()).one(tx).await?;
    let insert = query(sql!(
        "insert into retrospective_moves (id, retrospective_id, n, state, at, by_person, reason)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ));
    let insert = insert.bind(MoveId::at(now)).bind(id.clone()).bind(last.n.unwrap_or(0) + 1);
    insert.bind(to).bind(now).bind(by.clone()).bind(reason.to_owned()).run(tx).await?;
    Ok(())
}

kit::id!(
    /// A move's id.
    MoveId,
    "rmv"
);

/// A move, as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Move {
    /// To where.
    pub state: State,
    /// When.
    pub at: Time,
    /// By whom.
    pub name: String,
    /// Why, where somebody said.
    pub reason: String,
}

/// Its moves, the first one first.
///
/// # Errors
/// What the database says.
pub async fn moves(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<Move>> {
    let select = query(sql!(
        "select m.state, m.at, p.name, m.reason
         from retrospective_moves m join people p on p.id = m.by_person
         where m.retrospective_id = $1 order by m.n"
    ));
    select.bind(id.clone()).all(conn).await
}

#[derive(sqlx::FromRow)]
struct Before {
    state: State,
}

/// Where it was before it was put on hold.
///
/// # Errors
/// What the database says.
pub(super) async fn before_hold(conn: &mut Conn, id: &RetrospectiveId) -> Result<Option<State>> {
    let select = query(sql!(
        "select state from retrospective_moves
         where retrospective_id = $1 and state <> 'on_hold' order by n desc limit 1"
    ));
    let before: Option<Before> = select.bind(id.clone()).optional(conn).await?;
    Ok(before.map(|before| before.state))
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

/// Whether a release of it is out.
///
/// # Errors
/// What the database says.
pub async fn is_published(conn: &mut Conn, id: &RetrospectiveId) -> Result<bool> {
    let select = query(sql!(
        "select count(*) as n from retrospective_moves
         where retrospective_id = $1 and state in ('published', 'revised')"
    ));
    let count: Count = select.bind(id.clone()).one(conn).await?;
    Ok(count.n > 0)
}

/// Sets its kind and why.
///
/// # Errors
/// What the database says.
pub(super) async fn set_kind(
    tx: &mut Tx,
    id: &RetrospectiveId,
    version: i64,
    (kind, kind_version, reason): (&Kind, i64, &str),
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update retrospectives set kind = $3, kind_version = $4, kind_reason = $5, updated_at = $6,
             version = version + 1 where id = $1 and version = $2"
    ));
    let update = update.bind(id.clone()).bind(version).bind(kind.id.clone());
    let update = update.bind(kind_version).bind(reason.to_owned()).bind(now);
    Ok(update.run(tx).await? == 1)
}

/// Sets who owns and who facilitates it.
///
/// # Errors
/// What the database says.
pub(super) async fn set_leads(
    tx: &mut Tx,
    id: &RetrospectiveId,
    owner: Option<&PersonId>,
    facilitator: Option<&PersonId>,
    now: Time,
) -> Result<()> {
    let update = query(sql!(
        "update retrospectives set owner_id = $2, facilitator_id = $3, updated_at = $4,
             version = version + 1 where id = $1"
    ));
    let update = update.bind(id.clone()).bind(owner.cloned()).bind(facilitator.cloned());
    update.bind(now).run(tx).await?;
    Ok(())
}

/// Counts a change of what hangs on it.
///
/// # Errors
/// What the database says.
pub(super) async fn touch(tx: &mut Tx, id: &RetrospectiveId, now: Time) -> Result<()> {
    let update = query(sql!(
        "update retrospectives set updated_at = $2, version = version + 1 where id = $1"
    ));
    update.bind(id.clone()).bind(now).run(tx).await?;
    Ok(())
}

/// Sets its title.
///
/// # Errors
/// What the database says.
pub(super) async fn set_title(
    tx: &mut Tx,
    id: &RetrospectiveId,
    version: i64,
    title: &str,
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update retrospectives set title = $3, updated_at = $4, version = version + 1
         where id = $1 and version = $2"
    ));
    let update = update.bind(id.clone()).bind(version).bind(title.to_owned()).bind(now);
    Ok(update.run(tx).await? == 1)
}

/// Sets why no action follows, if nobody else did since `before` was read. Says whether it did.
///
/// # Errors
/// What the database says.
pub(super) async fn set_no_action(
    tx: &mut Tx,
    id: &RetrospectiveId,
    before: &str,
    because: &str,
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update retrospectives set no_action_because = $3, updated_at = $4, version = version + 1
         where id = $1 and no_action_because = $2"
    ));
    let update = update.bind(id.clone()).bind(before.to_owned()).bind(because.to_owned());
    Ok(update.bind(now).run(tx).await? == 1)
}

/// Sets why it was waived.
///
/// # Errors
/// What the database says.
pub(super) async fn set_waiver(tx: &mut Tx, id: &RetrospectiveId, code: WaiverCode) -> Result<()> {
    let update = query(sql!("update retrospectives set waived_code = $2 where id = $1"));
    update.bind(id.clone()).bind(code).run(tx).await?;
    Ok(())
}
