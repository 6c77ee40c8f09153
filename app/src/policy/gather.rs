//! Reads the facts of an incident from what the slices above know of it.

use super::facts::{Facts, SERVICES_MAX, Service, Value};
use crate::incidents::impact::{Confidence, Effect, Window};
use crate::incidents::store_many::{self, MANY};
use crate::incidents::store_often::{self, Often};
use crate::incidents::{Detection, HitService, Incident, IncidentId, Kind, Whole};
use crate::requests;
use jiff::SignedDuration;
use kit::db::{Conn, Result, Time};
use std::collections::BTreeMap;

/// How far back the like of an incident is looked for, in days.
const DAYS_BACK: i64 = 90;

/// The facts of incidents whose parts nobody has read yet, in their order. Nothing in them tells of an
/// incident that is red, but for those themselves.
///
/// # Errors
/// What the database says.
pub async fn facts_of(conn: &mut Conn, incidents: &[Incident]) -> Result<Vec<Facts>> {
    let mut all = Vec::with_capacity(incidents.len());
    for some in incidents.chunks(MANY) {
        let ids: Vec<IncidentId> = some.iter().map(|one| one.id.clone()).collect();
        let mut parts = store_many::parts_of(conn, &ids).await?;
        let requests = requests::counts_for_system(conn, &ids).await?;
        let parts: Vec<Whole> =
            some.iter().map(|one| parts.remove(&one.id).unwrap_or_default()).collect();
        let asked: Vec<(IncidentId, Time)> = some
            .iter()
            .zip(&parts)
            .map(|(one, parts)| (one.id.clone(), since(one, parts)))
            .collect();
        let often = store_often::often(conn, &asked).await?;
        for (one, parts) in some.iter().zip(&parts) {
            let often = often.get(&one.id).copied().unwrap_or_default();
            let requests = requests.get(&one.id).copied().unwrap_or(0);
            all.push(facts(one, parts, often, requests));
        }
    }
    Ok(all)
}

/// The facts of an incident with these parts, how often the like of it came, and how many asked that it is
/// reviewed.
#[must_use]
pub fn facts(incident: &Incident, parts: &Whole, often: Often, requests: i64) -> Facts {
    let mut facts = Facts::default();
    of_incident(&mut facts, incident);
    of_impact(&mut facts, incident, &parts.windows);
    of_services(&mut facts, parts, often.on_its_services);
    if !parts.participants.is_empty() {
        let called = parts.participants.iter().filter(|one| one.called_out_of_hours).count();
        facts.say("out_of_hours", whole(called));
    }
    facts.say("repeats", Value::Int(often.repeats));
    facts.say("requests", Value::Int(requests));
    facts
}

fn of_services(facts: &mut Facts, parts: &Whole, recurrence: i64) {
    if !parts.services.is_empty() {
        let service = |one: &HitService| Service {
            slug: one.slug.clone(),
            name: one.name.clone(),
            tier: one.tier,
            team: one.team.clone().unwrap_or_default(),
        };
        let all: Vec<Service> = parts.services.iter().take(SERVICES_MAX).map(service).collect();
        facts.may_say("tier", all.iter().map(|one| one.tier).min().map(Value::Int));
        facts.say("services", Value::Services(all));
        facts.say("recurrence", Value::Int(recurrence));
    }
    if !parts.teams.is_empty() {
        let slugs = parts.teams.iter().take(SERVICES_MAX).map(|one| one.slug.clone());
        facts.say("teams", Value::Texts(slugs.collect()));
    }
}

/// From when on the like of it is looked for: some time before it began, as far as its impact says; else
/// before it was written down.
pub(super) fn since(incident: &Incident, parts: &Whole) -> Time {
    let first = parts.windows.iter().map(|one| one.said.started_at).min();
    let began = first.unwrap_or(incident.created_at);
    let since = began.timestamp().checked_sub(SignedDuration::from_hours(24 * DAYS_BACK));
    Time::new(since.unwrap_or(began.timestamp()))
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
