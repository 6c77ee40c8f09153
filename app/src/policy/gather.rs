//! Reads the facts of an incident from what the slices above know of it.

use super::facts::{Facts, SERVICES_MAX, Service, Value};
use crate::incidents::impact::{Confidence, Effect, Window};
use crate::incidents::{Detection, Incident, Kind, Whole, store_often, store_parts};
use crate::{requests, services};
use jiff::SignedDuration;
use kit::db::{Conn, Result, Time};
use std::collections::BTreeMap;

/// How far back the like of an incident is looked for, in days.
const DAYS_BACK: i64 = 90;

/// Reads the facts of incidents, one after the other; what is the same for all of them is read once.
#[derive(Debug)]
pub struct Gatherer {
    services: Vec<services::Service>,
}

impl Gatherer {
    /// Reads what is the same for all.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(conn: &mut Conn) -> Result<Gatherer> {
        Ok(Gatherer { services: services::all(conn).await? })
    }

    /// The facts of an incident whose parts nobody has read yet.
    ///
    /// # Errors
    /// What the database says.
    pub async fn facts(&self, conn: &mut Conn, incident: &Incident) -> Result<Facts> {
        let parts = Whole {
            windows: store_parts::windows(conn, incident).await?,
            participants: store_parts::participants(conn, incident).await?,
            services: store_parts::services(conn, incident).await?,
            teams: store_parts::teams(conn, incident).await?,
            ..Whole::default()
        };
        self.facts_with(conn, incident, &parts).await
    }

    /// The facts of an incident with these parts. Nothing in them tells of an incident that is red, but
    /// for this one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn facts_with(
        &self,
        conn: &mut Conn,
        incident: &Incident,
        parts: &Whole,
    ) -> Result<Facts> {
        let mut facts = Facts::default();
        of_incident(&mut facts, incident);
        of_impact(&mut facts, incident, &parts.windows);
        let often = store_often::often(conn, incident, before(incident, parts)).await?;
        self.of_services(&mut facts, parts, often.on_its_services);
        if !parts.participants.is_empty() {
            let called = parts.participants.iter().filter(|one| one.called_out_of_hours).count();
            facts.say("out_of_hours", whole(called));
        }
        facts.say("repeats", Value::Int(often.repeats));
        facts.say("requests", Value::Int(requests::count_for_system(conn, &incident.id).await?));
        Ok(facts)
    }

    fn of_services(&self, facts: &mut Facts, parts: &Whole, recurrence: i64) {
        if !parts.services.is_empty() {
            let find = |slug: &str| self.services.iter().find(|one| one.slug == slug);
            let all: Vec<Service> = parts
                .services
                .iter()
                .filter_map(|one| find(&one.slug))
                .take(SERVICES_MAX)
                .map(|one| Service {
                    slug: one.slug.clone(),
                    name: one.name.clone(),
                    tier: one.tier,
                    team: one.team.clone().unwrap_or_default(),
                })
                .collect();
            facts.may_say("tier", all.iter().map(|one| one.tier).min().map(Value::Int));
            facts.say("services", Value::Services(all));
            facts.say("recurrence", Value::Int(recurrence));
        }
        if !parts.teams.is_empty() {
            let slugs = parts.teams.iter().take(SERVICES_MAX).map(|one| one.slug.clone());
            facts.say("teams", Value::Texts(slugs.collect()));
        }
    }
}

/// The time in which the like of it is looked for: up to when it began, as far as its impact says; else
/// to when it was written down.
fn before(incident: &Incident, parts: &Whole) -> (Time, Time) {
    let first = parts.windows.iter().map(|one| one.said.started_at).min();
    let began = first.unwrap_or(incident.created_at);
    let since = began.timestamp().checked_sub(SignedDuration::from_hours(24 * DAYS_BACK));
    (Time::new(since.unwrap_or(began.timestamp())), began)
}

fn whole(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn of_incident(facts: &mut Facts, incident: &Incident) {
    facts.say("kind", Value::Text(incident.kind.name().to_owned()));
    facts.say("near_miss", Value::Bool(incident.kind == Kind::NearMiss));
    facts.say("label", Value::Text(incident.label.name().to_owned()));
    facts.say("environment", Value::Text(incident.environment.clone()));
    facts.may_say("severity", incident.severity.map(Value::Int));
    if incident.detection != Detection::Unknown {
        facts.say("detection", Value::Text(incident.detection.name().to_owned()));
    }
}

fn of_impact(facts: &mut Facts, incident: &Incident, windows: &[Window]) {
    // A near miss did no harm: that is known without a window.
    if windows.is_empty() && incident.kind != Kind::NearMiss {
        return;
    }
    let has = |effect: Effect| Value::Bool(windows.iter().any(|one| one.said.effect == effect));
    facts.say("unavailable", has(Effect::Unavailable));
    facts.say("data_lost", has(Effect::LostData));
    facts.say("data_wrong", has(Effect::WrongData));
    facts.say("data_exposed", has(Effect::ExposedData));
    let mut effects: Vec<String> =
        windows.iter().map(|one| one.said.effect.name().to_owned()).collect();
    effects.sort();
    effects.dedup();
    facts.say("effects", Value::Texts(effects));
    let most = |of: fn(&Window) -> Option<i64>| windows.iter().filter_map(of).max();
    let all =
        |of: fn(&Window) -> Option<i64>| windows.iter().filter_map(of).reduce(i64::saturating_add);
    facts.may_say("users", most(|one| one.said.users_count).map(Value::Int));
    facts.may_say("users_confirmed", most(confirmed).map(Value::Int));
    facts.may_say("requests_failed", all(|one| one.said.requests_failed).map(Value::Int));
    facts.may_say("support_cases", all(|one| one.said.support_cases).map(Value::Int));
    let percent = windows.iter().filter_map(|one| one.said.percent).max_by(f64::total_cmp);
    facts.may_say("percent", percent.map(Value::Number));
    facts.may_say("slo_budget_burned", burned(windows).map(Value::Number));
    facts.may_say("longest_window_min", longest(windows).map(Value::Int));
    if let Some((lost, currency)) = lost(windows) {
        facts.say("cost_lost", Value::Number(lost));
        facts.say("currency", Value::Text(currency));
    }
}

fn confirmed(one: &Window) -> Option<i64> {
    let guessed = one.said.users_confidence == Some(Confidence::Low);
    one.said.users_count.filter(|_| !guessed)
}

/// Of the surface that burned most.
fn burned(windows: &[Window]) -> Option<f64> {
    let mut by_surface: BTreeMap<&str, f64> = BTreeMap::new();
    for one in windows {
        if let Some(burn) = one.said.slo_burn_percent {
            *by_surface.entry(one.said.surface.as_str()).or_default() += burn;
        }
    }
    by_surface.into_values().max_by(f64::total_cmp)
}

/// Minutes of the longest window; none while one is open.
fn longest(windows: &[Window]) -> Option<i64> {
    let minutes = |one: &Window| {
        let end = one.said.ended_at?;
        Some((end.microseconds() - one.said.started_at.microseconds()) / 60_000_000)
    };
    let all: Option<Vec<i64>> = windows.iter().map(minutes).collect();
    all?.into_iter().max()
}

/// What was lost in all, and in which currency; none when there are several.
fn lost(windows: &[Window]) -> Option<(f64, String)> {
    let mut currency: Option<&str> = None;
    let mut sum = 0.0;
    for one in windows {
        let (Some(lost), Some(of)) = (one.said.lost_in_major_units(), one.said.currency.as_deref())
        else {
            continue;
        };
        if currency.is_some_and(|known| known != of) {
            return None;
        }
        currency = Some(of);
        sum += lost;
    }
    currency.map(|of| (sum, of.to_owned()))
}
