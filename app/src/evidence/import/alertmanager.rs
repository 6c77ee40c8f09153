//! Alertmanager: webhook bodies (version 4, and Grafana's of the same shape), the list of its read API
//! (v2), and the alerts of Prometheus (`api/v1/alerts`).
//!
//! There is no event id: an alert is told by its group, fingerprint, start and state. One delivery mixes
//! firing and resolved alerts, whatever its own `status` says. A resolved alert tells two facts, that it
//! fired and that it was resolved; the first has the same id as the delivery when it fired.

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

use serde_json::{Value, value::RawValue};

use super::{
    emit::{Emit, Refused, Stop, digest},
    item::{AlertSignal, AlertState, Item, Kind, Occurred, Options},
    json, text, when,
};

/// A body whose alerts are not taken apart yet: twenty thousand of them would take ten times the memory
/// of their text.
struct Body {
    /// Everything else.
    rest: Value,
    /// The text of the list of alerts, or of what stands in its place.
    alerts: Option<String>,
}

impl Body {
    fn read(bytes: &[u8]) -> Result<json::Parsed<Body>, String> {
        json::parsed(bytes, |text| {
            match serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
                Ok(fields) => Body::of(fields),
                // A list, a number: what is no object has no alerts either.
                Err(_) => Ok(Body { rest: serde_json::from_str(text)?, alerts: None }),
            }
        })
    }

    fn of(mut fields: BTreeMap<String, &RawValue>) -> serde_json::Result<Body> {
        let mut alerts = fields.remove("alerts").map(|raw| raw.get().to_owned());
        let data = fields.get("data").map(|raw| raw.get());
        if alerts.is_none()
            && let Some(mut data) =
                data.and_then(|text| serde_json::from_str::<BTreeMap<String, &RawValue>>(text).ok())
            && let Some(inner) = data.remove("alerts")
        {
            alerts = Some(inner.get().to_owned());
            fields.remove("data");
        }
        let rest = fields.into_iter().map(|(key, raw)| Ok((key, serde_json::from_str(raw.get())?)));
        Ok(Body { rest: Value::Object(rest.collect::<serde_json::Result<_>>()?), alerts })
    }
}

/// Reads bodies: one, a list, or one on each line.
pub(super) fn read<R: Read + Seek>(
    input: R,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let reader = text::open(input, &emit.meter.clone())?;
    let mut known = false;
    json::bodies_by(Body::read, reader, emit, |emit, body, place| {
        let is_alert = body.rest.get("fingerprint").is_some() && body.rest.get("labels").is_some();
        known |= is_alert || body.alerts.is_some();
        if is_alert {
            return one(&body.rest, &body.rest, place, options, emit);
        }
        match body.alerts {
            Some(alerts) => group(&body.rest, &alerts, place, options, emit),
            None => emit.aside(place, "It has no alerts, so it is not from Alertmanager."),
        }
    })?;
    if known {
        return Ok(());
    }
    let why = "There is nothing of Alertmanager in the file.";
    Err(Refused::new(
        why,
        "Give the JSON body of a webhook (version 4), or what api/v2/alerts answers.",
    )
    .into())
}

fn group(
    body: &Value,
    alerts: &str,
    place: &str,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let Ok(alerts) = serde_json::from_str::<Vec<&RawValue>>(alerts) else {
        return emit.aside(format!("{place}, $.alerts"), "It must be a list of alerts.");
    };
    if alerts.is_empty() {
        return emit.aside(format!("{place}, $.alerts"), "The list of alerts is empty.");
    }
    for (index, alert) in alerts.iter().enumerate() {
        let place = format!("{place}, $.alerts[{index}]");
        match json::value(alert.get().as_bytes()) {
            Ok(parsed) => {
                parsed.report(emit, &place)?;
                one(body, &parsed.value, &place, options, emit)?;
            }
            Err(why) => emit.aside(place, why)?,
        }
    }
    match body.get("truncatedAlerts").and_then(Value::as_u64) {
        None | Some(0) => Ok(()),
        Some(count) => emit.aside(format!("{place}, $.truncatedAlerts"), format!("Alertmanager left {count} more alerts of this group out of the delivery (its max_alerts).")),
    }
}

fn one(
    body: &Value,
    alert: &Value,
    place: &str,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    if !alert.is_object() {
        return emit.aside(place, "It is not an alert but another kind of JSON value.");
    }
    let state = ["/status", "/state", "/status/state"].iter().find_map(|at| json::text(alert, at));
    if matches!(state, Some("pending" | "inactive" | "unprocessed")) {
        return emit.aside(place, "The alert had not fired yet (pending).");
    }
    let started = ["startsAt", "activeAt"]
        .iter()
        .find_map(|key| json::text(alert, &format!("/{key}")).map(|text| (*key, text)));
    let Some((key, started)) = started else {
        return emit.aside(place, "The alert has no startsAt, so there is no time for it.");
    };
    let start = match when::written(started, options.zone.as_ref()) {
        Ok(start) => start,
        Err(why) => return emit.aside(format!("{place}.{key}"), why.0),
    };
    let identity = identity(body, alert, started);
    let mut fired = item(
        body,
        alert,
        &format!("{identity}-firing"),
        start.occurred.clone(),
        AlertState::Firing,
    );
    if let Some(note) = start.note {
        fired.label("time_note", note);
    }
    emit.item(fired, place)?;
    if state != Some("resolved") {
        return Ok(());
    }
    let ended = json::text(alert, "/endsAt").filter(|at| !at.starts_with("0001-"));
    let Some(ended) = ended else {
        return emit.aside(
            format!("{place}.endsAt"),
            "The alert is resolved but has no end; only that it fired was taken.",
        );
    };
    match when::written(ended, options.zone.as_ref()) {
        Ok(end) => {
            let before = end.occurred.at < start.occurred.at;
            let mut resolved = item(
                body,
                alert,
                &format!("{identity}-resolved"),
                end.occurred,
                AlertState::Resolved,
            );
            if before {
                resolved.label("time_note", "the source says it ended before it started");
                emit.aside(
                    format!("{place}.endsAt"),
                    "The alert ends before it starts; both were taken as told, check the times.",
                )?;
            }
            emit.item(resolved, place)
        }
        Err(why) => emit.aside(format!("{place}.endsAt"), why.0),
    }
}

/// Fingerprint, start, and a digest of the group; without a fingerprint a digest of the labels.
fn identity(body: &Value, alert: &Value, started: &str) -> String {
    let labels = || alert.get("labels").map(Value::to_string).unwrap_or_default();
    let fingerprint = json::text(alert, "/fingerprint")
        .map_or_else(|| digest(&[&labels()])[..16].to_owned(), str::to_owned);
    match json::text(body, "/groupKey") {
        Some(group) => format!("{}-{fingerprint}-{started}", &digest(&[group])[..16]),
        None => format!("{fingerprint}-{started}"),
    }
}

fn item(body: &Value, alert: &Value, id: &str, occurred: Occurred, state: AlertState) -> Item {
    let mut item = Item::new(Kind::Alert, "alertmanager", id.to_owned(), occurred);
    let labels = alert.get("labels").and_then(Value::as_object);
    for (key, value) in labels.into_iter().flatten() {
        item.label(key, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    let name = json::text(alert, "/labels/alertname").unwrap_or("Alert without a name");
    let severity = json::text(alert, "/labels/severity").map(str::to_owned);
    let word = if state == AlertState::Firing { "firing" } else { "resolved" };
    let mut lines = vec![format!("{name} {word}")];
    for key in ["summary", "description", "message"] {
        lines.extend(
            json::name(alert, &format!("/annotations/{key}")).filter(|text| !text.is_empty()),
        );
    }
    item.text = lines.join("\n");
    item.author = Some("Alertmanager".into());
    item.author_is_bot = true;
    item.place = ["/labels/service", "/labels/job", "/labels/namespace"]
        .iter()
        .find_map(|at| json::text(alert, at))
        .or_else(|| json::text(body, "/receiver"))
        .map(str::to_owned);
    item.url = json::text(alert, "/generatorURL").map(str::to_owned);
    item.signals.alert = Some(AlertSignal { name: name.to_owned(), state, severity });
    item
}
