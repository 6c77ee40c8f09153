//! PagerDuty: log entries as its REST API lists them (newest first), and webhooks v2 and v3.
//!
//! A v2 webhook may hold several messages, each with log entries in the form of the REST API, so that
//! the same entry has the same id by both ways. In v3 `data` changes its shape with `event_type`.

use std::io::{Read, Seek};

use serde_json::Value;

use super::{
    emit::{Emit, Stop},
    item::{Item, Kind, Options, PageSignal},
    json, text, when,
};

/// Reads bodies: one, a list, or one on each line.
pub(super) fn read<R: Read + Seek>(
    input: R,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let reader = text::open(input, &emit.meter.clone())?;
    json::bodies(reader, emit, |emit, value, place| body(&value, place, options, emit))
}

fn body(value: &Value, place: &str, options: &Options, emit: &mut Emit<'_>) -> Result<(), Stop> {
    if value.get("event").is_some_and(Value::is_object) {
        return give(event(&value["event"], options), place, emit);
    }
    if value.get("messages").is_some_and(Value::is_array) {
        for (index, message) in json::list(value, "/messages").iter().enumerate() {
            let place = format!("{place}, $.messages[{index}]");
            if json::list(message, "/log_entries").is_empty() {
                give(message_alone(message, options), &place, emit)?;
            } else {
                entries(message, &place, options, emit)?;
            }
        }
        return Ok(());
    }
    if value.get("log_entries").is_some_and(Value::is_array) {
        entries(value, place, options, emit)?;
        if json::yes(value, "/more") {
            emit.aside(place, "PagerDuty has more log entries (more: true). Ask for the next page and import it too.")?;
        }
        return Ok(());
    }
    if let Some(entry) = value.get("log_entry") {
        return give(entry_item(entry, options), place, emit);
    }
    if json::text(value, "/type").is_some_and(|kind| kind.contains("log_entry")) {
        return give(entry_item(value, options), place, emit);
    }
    emit.aside(
        place,
        "It is not from PagerDuty in a form we know: log entries, or a webhook of version 2 or 3.",
    )
}

fn give(item: Result<Item, String>, place: &str, emit: &mut Emit<'_>) -> Result<(), Stop> {
    match item {
        Ok(item) => emit.item(item, place),
        Err(why) => emit.aside(place, why),
    }
}

fn entries(value: &Value, place: &str, options: &Options, emit: &mut Emit<'_>) -> Result<(), Stop> {
    for (index, entry) in json::list(value, "/log_entries").iter().enumerate() {
        give(entry_item(entry, options), &format!("{place}, $.log_entries[{index}]"), emit)?;
    }
    Ok(())
}

/// The signal of an entry or event of this name, and whether it is a mere notice to a person.
fn signal(name: &str) -> Option<PageSignal> {
    let starts = |word: &str| name.starts_with(word);
    match () {
        () if starts("trigger") || starts("reopen") => Some(PageSignal::Triggered),
        () if starts("acknowledge") => Some(PageSignal::Acknowledged),
        () if starts("escalate") || starts("reach_trigger_limit") => Some(PageSignal::Escalated),
        () if starts("resolve") => Some(PageSignal::Resolved),
        () if starts("annotate") => Some(PageSignal::Annotated),
        () => None,
    }
}

fn page(id: &str, at: Option<&str>, name: &str, options: &Options) -> Result<Item, String> {
    let at = at.ok_or("PagerDuty tells no time for it.")?;
    let when = when::written(at, options.zone.as_ref()).map_err(|why| why.0)?;
    let mut item = Item::new(Kind::Page, "pagerduty", id.to_owned(), when.occurred);
    item.signals.page = signal(name);
    item.label("event", name);
    Ok(item)
}

fn entry_item(entry: &Value, options: &Options) -> Result<Item, String> {
    let id = json::name(entry, "/id").ok_or("The log entry has no id.")?;
    let name = json::text(entry, "/type")
        .unwrap_or("")
        .trim_end_matches("_reference")
        .trim_end_matches("_log_entry")
        .to_owned();
    let mut item = page(&id, json::text(entry, "/created_at"), &name, options)?;
    agent(&mut item, &entry["agent"]);
    item.place = ["/service/summary", "/incident/summary"]
        .iter()
        .find_map(|at| json::text(entry, at))
        .map(str::to_owned);
    item.url = ["/html_url", "/incident/html_url"]
        .iter()
        .find_map(|at| json::text(entry, at))
        .map(str::to_owned);
    let lines = [
        "/summary",
        "/incident/summary",
        "/channel/summary",
        "/channel/subject",
        "/channel/details",
        "/note",
    ];
    item.text = lines.iter().filter_map(|at| json::text(entry, at)).fold(String::new(), add);
    Ok(item)
}

fn event(event: &Value, options: &Options) -> Result<Item, String> {
    let id = json::name(event, "/id").ok_or("The event has no id.")?;
    let name = json::text(event, "/event_type").unwrap_or("");
    let short = name.split_once('.').map_or(name, |(_, short)| short);
    let mut item = page(&id, json::text(event, "/occurred_at"), short, options)?;
    agent(&mut item, &event["agent"]);
    // for notes and the like the incident is one level down
    let data = &event["data"];
    let incident = data.get("incident").filter(|incident| incident.is_object()).unwrap_or(data);
    item.place = json::text(incident, "/service/summary")
        .or_else(|| json::text(incident, "/summary"))
        .map(str::to_owned);
    item.url = json::text(incident, "/html_url").map(str::to_owned);
    let title = ["/title", "/summary"].iter().find_map(|at| json::text(incident, at)).unwrap_or("");
    item.text = add(String::new(), &format!("{}: {title}", capital(&short.replace('_', " "))));
    for at in ["/content", "/message", "/resolve_reason"] {
        item.text = json::text(data, at).into_iter().fold(item.text, add);
    }
    for (key, at) in
        [("urgency", "/urgency"), ("priority", "/priority/summary"), ("number", "/number")]
    {
        item.label(key, json::name(incident, at).unwrap_or_default());
    }
    Ok(item)
}

/// A v2 message without log entries.
fn message_alone(message: &Value, options: &Options) -> Result<Item, String> {
    let id = json::name(message, "/id").ok_or("The message has no id.")?;
    let name = json::text(message, "/event").unwrap_or("");
    let short = name.split_once('.').map_or(name, |(_, short)| short);
    let mut item = page(&id, json::text(message, "/created_on"), short, options)?;
    agent(&mut item, &message["incident"]["last_status_change_by"]);
    item.place = json::text(message, "/incident/service/name").map(str::to_owned);
    item.url = json::text(message, "/incident/html_url").map(str::to_owned);
    item.text =
        format!("{}: {}", capital(short), json::text(message, "/incident/title").unwrap_or(""));
    Ok(item)
}

fn agent(item: &mut Item, agent: &Value) {
    item.author =
        json::text(agent, "/summary").or_else(|| json::text(agent, "/name")).map(str::to_owned);
    item.author_is_bot = json::text(agent, "/type").is_some_and(|kind| !kind.starts_with("user"));
}

fn add(mut text: String, line: &str) -> String {
    if !line.is_empty() && !text.contains(line) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    text
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
