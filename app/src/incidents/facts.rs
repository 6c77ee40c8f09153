//! What follows from an incident's times and windows: durations and faults, computed when they are
//! asked for, so that a correction is seen everywhere at once.

use super::duration::{self, Duration, Fault, Told};
use super::impact::Window;
use super::incident::{Incident, Kind};
use super::key_time::{KeyTimeName, KeyTimes, Moment};
use super::recorded::KeyTime;
use super::{store_parts, store_times};
use kit::db::{Conn, Result, Time};

/// Times and windows, and what follows from them.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The key times as kept.
    pub times: Vec<KeyTime>,
    /// The impact windows.
    pub windows: Vec<Window>,
    /// Every named duration, or why it cannot be told. None for a near miss, where they mean nothing.
    pub durations: Vec<Duration>,
    /// What a person should look at.
    pub faults: Vec<Fault>,
}

impl Facts {
    /// What is believed now.
    #[must_use]
    pub fn believed(&self) -> KeyTimes {
        self.times.iter().map(|time| (time.name, time.now_believed())).collect()
    }

    /// When harm began, as far as anything says.
    #[must_use]
    pub fn impact_start(&self) -> Option<Time> {
        let believed = self.believed();
        let said = believed.get(&KeyTimeName::ImpactStart).map(|moment| Time::new(moment.at));
        said.or_else(|| self.windows.iter().map(|window| window.said.started_at).min())
    }

    /// The durations that can be told.
    #[must_use]
    pub fn told(&self) -> Vec<&Duration> {
        let is_told = |one: &&Duration| matches!(one.told, Told::Span { .. });
        self.durations.iter().filter(is_told).collect()
    }
}

/// Reads and computes them.
///
/// # Errors
/// What the database says.
pub async fn of(conn: &mut Conn, incident: &Incident, now: Time) -> Result<Facts> {
    let times = store_times::key_times(conn, incident).await?;
    let windows = store_parts::windows(conn, incident).await?;
    Ok(told(incident.kind, times, windows, now))
}

/// Computes them from what was read.
#[must_use]
pub fn told(kind: Kind, times: Vec<KeyTime>, windows: Vec<Window>, now: Time) -> Facts {
    let spans: Vec<duration::Window> = windows.iter().map(span_of).collect();
    let mut believed: KeyTimes =
        times.iter().map(|time| (time.name, time.now_believed())).collect();
    if !kind.is_measured() {
        return Facts { times, windows, durations: Vec::new(), faults: Vec::new() };
    }
    // The windows say when harm began and ended unless somebody recorded it.
    let starts = spans.iter().map(|span| span.start).min_by_key(|moment| moment.at);
    if let Some(start) = starts {
        believed.entry(KeyTimeName::ImpactStart).or_insert(start);
    }
    if !spans.is_empty() && spans.iter().all(|span| span.end.is_some()) {
        let ends = spans.iter().filter_map(|span| span.end).max_by_key(|moment| moment.at);
        if let Some(end) = ends {
            believed.entry(KeyTimeName::ImpactEnd).or_insert(end);
        }
    }
    let durations = duration::durations(&believed, &spans);
    let faults = duration::faults(&believed, &spans, now.timestamp());
    Facts { times, windows, durations, faults }
}

fn span_of(window: &Window) -> duration::Window {
    duration::Window {
        surface: window.said.surface.clone(),
        start: Moment::exact(window.said.started_at.timestamp()),
        end: window.said.ended_at.map(|end| Moment::exact(end.timestamp())),
    }
}
