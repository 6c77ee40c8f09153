//! Incidents in the database. What belongs to one is in `store_parts.rs` and `store_times.rs`.

use super::incident::{Detection, Incident, IncidentId, Key, Kind, Label, Status, Title};
use crate::access::{PersonId, Viewer};
use crate::visible;
use kit::db::{Conn, Result, Statement, Time, Tx, query};
use kit::sql;

/// The incident of a key, if it exists for this viewer.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, viewer: &Viewer, key: Key) -> Result<Option<Incident>> {
    let select = query(sql!(concat!(
        "select i.id, i.number, i.title, i.kind, i.severity, i.status, i.description, i.detection,
                i.environment, i.label, i.report_only, i.declared_by, i.created_at, i.updated_at,
                i.version
         from incidents i where i.number = $3 and ",
        visible!()
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(key.0).optional(conn).await
}

/// The incident of an id, if it exists for this viewer.
///
/// # Errors
/// What the database says.
pub async fn find_by_id(
    conn: &mut Conn,
    viewer: &Viewer,
    id: &IncidentId,
) -> Result<Option<Incident>> {
    let select = query(sql!(concat!(
        "select i.id, i.number, i.title, i.kind, i.severity, i.status, i.description, i.detection,
                i.environment, i.label, i.report_only, i.declared_by, i.created_at, i.updated_at,
                i.version
         from incidents i where i.id = $3 and ",
        visible!()
    )));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    select.bind(id.clone()).optional(conn).await
}

/// What a list may be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in this status.
    pub status: Option<Status>,
    /// Only of this severity.
    pub severity: Option<i64>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only those that hit this service, by slug.
    pub service: Option<String>,
    /// Only numbers below; where the next page begins.
    pub below: Option<i64>,
}

/// A list of incidents. `$first` is the condition that an index answers.
macro_rules! listed {
    ($first:expr) => {
        sql!(concat!(
            "select i.id, i.number, i.title, i.kind, i.severity, i.status, i.description,
                    i.detection, i.environment, i.label, i.report_only, i.declared_by,
                    i.created_at, i.updated_at, i.version
             from incidents i
             where ",
            $first,
            " and i.number < $3
               and (cast($4 as text) is null or i.status = $4)
               and (cast($5 as bigint) is null or i.severity = $5)
               and (i.kind = $6 or (cast($6 as text) is null and i.kind <> 'project'))
               and (cast($7 as text) is null or exists (
                    select 1 from incident_services s join services v on v.id = s.service_id
                    where s.incident_id = i.id and v.slug = $7))
               and ",
            visible!(),
            " order by i.number desc limit $8"
        ))
    };
}

/// The statement of a list: what narrows it most leads. Nearly all incidents are closed, so that leads least.
fn list_of(filter: &Filter) -> Statement {
    match filter {
        Filter { status: Some(status), .. } if *status != Status::Closed => {
            listed!("i.status = $4")
        }
        Filter { severity: Some(_), .. } => listed!("i.severity = $5"),
        Filter { kind: Some(_), .. } => listed!("i.kind = $6"),
        _ => listed!("true"),
    }
}

/// The newest incidents this viewer may see.
///
/// # Errors
/// What the database says.
pub async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    most: i64,
) -> Result<Vec<Incident>> {
    let select = query(list_of(filter));
    let select = select.bind(viewer.id.clone()).bind(viewer.reads_everything());
    let select = select.bind(filter.below.unwrap_or(i64::MAX)).bind(filter.status);
    let select = select.bind(filter.severity).bind(filter.kind).bind(filter.service.clone());
    select.bind(most).all(conn).await
}

/// What is written down of a new incident.
#[derive(Debug, Clone)]
pub struct NewIncident {
    /// Its title.
    pub title: Title,
    /// Its kind.
    pub kind: Kind,
    /// Its severity, if somebody said.
    pub severity: Option<i64>,
    /// Its status.
    pub status: Status,
    /// How far it may be shared.
    pub label: Label,
    /// Who noticed first.
    pub detection: Detection,
    /// Written down after the fact.
    pub report_only: bool,
}

#[derive(sqlx::FromRow)]
struct Last {
    n: Option<i64>,
}

/// Adds an incident with the next number; gives its id and key.
///
/// # Errors
/// What the database says; a duplicate when another writer took the number, on PostgreSQL.
pub async fn insert(
    tx: &mut Tx,
    new: &NewIncident,
    by: &PersonId,
    now: Time,
) -> Result<(IncidentId, Key)> {
    let last: Last = query(sql!("select max(number) as n from incidents")).one(tx).await?;
    let key = Key(last.n.unwrap_or(0) + 1);
    let id = IncidentId::at(now);
    let insert = query(sql!(
        "insert into incidents (id, number, title, title_key, kind, severity, status, description,
            detection, environment, label, report_only, declared_by, created_at, updated_at, version)
         values ($1, $2, $3, $4, $5, $6, $7, '', $8, 'production', $9, $10, $11, $12, $12, 1)"
    ));
    let insert = insert.bind(id.clone()).bind(key.0).bind(new.title.as_str().to_owned());
    let insert = insert.bind(new.title.key()).bind(new.kind).bind(new.severity).bind(new.status);
    let insert = insert.bind(new.detection).bind(new.label).bind(new.report_only);
    insert.bind(by.clone()).bind(now).run(tx).await?;
    Ok((id, key))
}

/// What of an incident can be edited in one form.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Its title.
    pub title: Title,
    /// Markdown.
    pub description: String,
    /// Its kind.
    pub kind: Kind,
    /// Who noticed first.
    pub detection: Detection,
    /// Where it happened.
    pub environment: String,
}

/// Changes it, if nobody else did since `version`. Says whether it did.
///
/// # Errors
/// What the database says.
pub async fn edit(
    tx: &mut Tx,
    id: &IncidentId,
    version: i64,
    edit: &Edit,
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update incidents set title = $3, title_key = $4, description = $5, kind = $6,
             detection = $7, environment = $8, updated_at = $9, version = version + 1
         where id = $1 and version = $2"
    ));
    let update = update.bind(id.clone()).bind(version).bind(edit.title.as_str().to_owned());
    let update = update.bind(edit.title.key()).bind(edit.description.clone()).bind(edit.kind);
    let update = update.bind(edit.detection).bind(edit.environment.clone()).bind(now);
    Ok(update.run(tx).await? == 1)
}

/// Moves it on, if it is still in `from`. Says whether it did.
///
/// # Errors
/// What the database says.
pub async fn set_status(
    tx: &mut Tx,
    id: &IncidentId,
    from: Status,
    to: Status,
    now: Time,
) -> Result<bool> {
    let update = query(sql!(
        "update incidents set status = $3, updated_at = $4, version = version + 1
         where id = $1 and status = $2"
    ));
    Ok(update.bind(id.clone()).bind(from).bind(to).bind(now).run(tx).await? == 1)
}

/// Sets the label.
///
/// # Errors
/// What the database says.
pub async fn set_label(tx: &mut Tx, id: &IncidentId, label: Label, now: Time) -> Result<()> {
    let update = query(sql!(
        "update incidents set label = $2, updated_at = $3, version = version + 1 where id = $1"
    ));
    update.bind(id.clone()).bind(label).bind(now).run(tx).await?;
    Ok(())
}

/// Lets somebody see it, whatever its label.
///
/// # Errors
/// What the database says.
pub async fn share(
    tx: &mut Tx,
    id: &IncidentId,
    with: &PersonId,
    by: &PersonId,
    now: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into incident_access (incident_id, person_id, added_by, added_at)
         values ($1, $2, $3, $4) on conflict (incident_id, person_id) do nothing"
    ));
    insert.bind(id.clone()).bind(with.clone()).bind(by.clone()).bind(now).run(tx).await?;
    Ok(())
}

/// Takes somebody off its list.
///
/// # Errors
/// What the database says.
pub async fn unshare(tx: &mut Tx, id: &IncidentId, with: &PersonId) -> Result<()> {
    let delete =
        query(sql!("delete from incident_access where incident_id = $1 and person_id = $2"));
    delete.bind(id.clone()).bind(with.clone()).run(tx).await?;
    Ok(())
}

/// Who is on its list.
#[derive(Debug, Clone, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
#[schema(as = OnAccessList)]
pub struct Listed {
    /// Who.
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
}

/// The list of who may see it when it is red.
///
/// # Errors
/// What the database says.
pub async fn listed(conn: &mut Conn, incident: &Incident) -> Result<Vec<Listed>> {
    let select = query(sql!(
        "select a.person_id, p.name from incident_access a join people p on p.id = a.person_id
         where a.incident_id = $1 order by p.name_key, p.id"
    ));
    select.bind(incident.id.clone()).all(conn).await
}
