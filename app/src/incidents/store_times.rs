//! Key times in the database. Each read takes the [`Incident`], which was found for the viewer.

use super::incident::{Incident, IncidentId};
use super::key_time::{KeyTimeName, Moment, Precision};
use super::recorded::{KeyTime, Override};
use crate::access::PersonId;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

/// A key time as its row has it.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub name: KeyTimeName,
    pub recorded_at: Time,
    pub recorded_precision: Precision,
    pub recorded_uncertainty_s: i64,
    pub source: String,
    pub recorder: String,
    pub override_at: Option<Time>,
    pub override_precision: Option<Precision>,
    pub override_uncertainty_s: Option<i64>,
    pub corrector: Option<String>,
    pub override_on: Option<Time>,
    pub override_reason: Option<String>,
}

fn moment(at: Time, precision: Option<Precision>, uncertainty_s: Option<i64>) -> Moment {
    let uncertainty_s = uncertainty_s.and_then(|seconds| u32::try_from(seconds).ok());
    Moment {
        at: at.timestamp(),
        precision: precision.unwrap_or(Precision::Second),
        uncertainty_s: uncertainty_s.unwrap_or(0),
    }
}

impl Row {
    pub(super) fn key_time(self) -> KeyTime {
        let corrected = match (self.override_at, self.override_on) {
            (Some(at), Some(on)) => Some(Override {
                moment: moment(at, self.override_precision, self.override_uncertainty_s),
                by: self.corrector.unwrap_or_default(),
                on,
                reason: self.override_reason.unwrap_or_default(),
            }),
            _ => None,
        };
        KeyTime {
            name: self.name,
            recorded: moment(
                self.recorded_at,
                Some(self.recorded_precision),
                Some(self.recorded_uncertainty_s),
            ),
            source: self.source,
            recorded_by: self.recorder,
            corrected,
        }
    }
}

/// The key times of an incident, in the order of their names.
///
/// # Errors
/// What the database says.
pub async fn key_times(conn: &mut Conn, incident: &Incident) -> Result<Vec<KeyTime>> {
    let select = query(sql!(
        "select k.name, k.recorded_at, k.recorded_precision, k.recorded_uncertainty_s, k.source,
                r.name as recorder, k.override_at, k.override_precision, k.override_uncertainty_s,
                o.name as corrector, k.override_on, k.override_reason
         from key_times k join people r on r.id = k.recorded_by
         left join people o on o.id = k.override_by
         where k.incident_id = $1"
    ));
    let rows: Vec<Row> = select.bind(incident.id.clone()).all(conn).await?;
    let mut times: Vec<KeyTime> = rows.into_iter().map(Row::key_time).collect();
    times.sort_by_key(|time| time.name);
    Ok(times)
}

/// What is said of a key time for the first time.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Which.
    pub name: KeyTimeName,
    /// When.
    pub moment: Moment,
    /// From where.
    pub source: String,
    /// What shows it.
    pub evidence_id: Option<String>,
}

/// Records a key time, unless it is recorded. Says whether it did.
///
/// # Errors
/// What the database says.
pub async fn record(
    tx: &mut Tx,
    id: &IncidentId,
    recording: &Recording,
    by: &PersonId,
    now: Time,
) -> Result<bool> {
    let insert = query(sql!(
        "insert into key_times (incident_id, name, recorded_at, recorded_precision,
            recorded_uncertainty_s, source, evidence_id, recorded_by, recorded_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (incident_id, name) do nothing"
    ));
    let insert = insert.bind(id.clone()).bind(recording.name).bind(Time::new(recording.moment.at));
    let insert =
        insert.bind(recording.moment.precision).bind(i64::from(recording.moment.uncertainty_s));
    let insert = insert.bind(recording.source.clone()).bind(recording.evidence_id.clone());
    Ok(insert.bind(by.clone()).bind(now).run(tx).await? == 1)
}

/// What is believed of a key time now, and why it differs from the record.
#[derive(Debug, Clone, Copy)]
pub struct Correction<'a> {
    /// Which.
    pub name: KeyTimeName,
    /// When.
    pub moment: Moment,
    /// Why.
    pub reason: &'a str,
}

/// Corrects a recorded key time; the recorded value stays.
///
/// # Errors
/// What the database says.
pub async fn correct(
    tx: &mut Tx,
    id: &IncidentId,
    correction: &Correction<'_>,
    by: &PersonId,
    now: Time,
) -> Result<bool> {
    let Correction { name, moment, reason } = *correction;
    let update = query(sql!(
        "update key_times set override_at = $3, override_precision = $4,
             override_uncertainty_s = $5, override_by = $6, override_on = $7, override_reason = $8
         where incident_id = $1 and name = $2"
    ));
    let update =
        update.bind(id.clone()).bind(name).bind(Time::new(moment.at)).bind(moment.precision);
    let update = update.bind(i64::from(moment.uncertainty_s)).bind(by.clone()).bind(now);
    Ok(update.bind(reason.to_owned()).run(tx).await? == 1)
}
