//! One Slack message: who wrote it, what people saw, and what hints that it matters.

use serde_json::Value;

use super::{
    super::{
        item::{Item, Kind},
        json,
        markup::{self, Names},
        scrub, when,
    },
    Channel, Directory, person_name,
};

/// One message as an item, or why it is none.
pub(super) fn message(value: &Value, channel: &Channel, names: &Directory) -> Result<Item, String> {
    if !value.is_object() {
        return Err("It is not a message but another kind of JSON value.".into());
    }
    if let Some(other) = json::text(value, "/type").filter(|kind| *kind != "message") {
        return Err(format!("It is not a message but of the type “{other}”."));
    }
    let subtype = json::text(value, "/subtype").unwrap_or("");
    if subtype == "message_changed" || subtype == "message_deleted" {
        return Err(format!(
            "It is a record of an edit ({subtype}), not a message; the message itself is in the export on its own."
        ));
    }
    let ts =
        match value.get("ts") {
            Some(Value::String(ts)) => ts.as_str(),
            Some(Value::Number(_)) => return Err(
                "Its ts is a number, which has lost digits; it must be a text as Slack writes it."
                    .into(),
            ),
            _ => return Err("It has no ts, so there is no time for it.".into()),
        };
    let occurred = when::epoch(ts).map_err(|why| why.0)?;
    let place = json::text(value, "/channel_name")
        .filter(|_| names.channels.is_empty())
        .unwrap_or(&channel.name);
    let id = if channel.id.is_empty() { place } else { &channel.id };
    let mut item = Item::new(Kind::Chat, "slack", format!("{id}-{ts}"), occurred);
    item.place = Some(place.to_owned());
    item.answers = json::text(value, "/thread_ts")
        .filter(|parent| *parent != ts)
        .map(|parent| format!("{id}-{parent}"));
    (item.author, item.author_is_bot) = author(value, subtype, names);
    signals(value, subtype, channel, ts, &mut item);
    if subtype == "tombstone" {
        item.signals.deleted = true;
        item.text = "(deleted in Slack)".into();
    } else {
        item.text = body(value, names);
        item.url = json::list(value, "/attachments")
            .iter()
            .find_map(|a| json::text(a, "/title_link"))
            .map(str::to_owned);
    }
    Ok(item)
}

fn author(value: &Value, subtype: &str, names: &Directory) -> (Option<String>, bool) {
    let bot_id = json::text(value, "/bot_id");
    let is_bot = subtype == "bot_message" || bot_id.is_some();
    let user = json::text(value, "/user").or_else(|| json::text(value, "/comment/user"));
    let said = json::text(value, "/username").filter(|_| is_bot);
    let known = said
        .or_else(|| json::text(value, "/bot_profile/name").filter(|_| is_bot))
        .or_else(|| user.and_then(|id| names.person(id)))
        .or_else(|| value.get("user_profile").and_then(person_name))
        .or_else(|| bot_id.and_then(|id| names.bots.get(id)).map(String::as_str))
        .or_else(|| json::text(value, "/username"))
        .or(user)
        .or(bot_id);
    (known.map(str::to_owned), is_bot)
}

fn signals(value: &Value, subtype: &str, channel: &Channel, ts: &str, item: &mut Item) {
    let signals = &mut item.signals;
    signals.system_message = is_system(subtype);
    signals.pinned =
        !json::list(value, "/pinned_to").is_empty() || channel.pins.iter().any(|pin| pin == ts);
    signals.edited_at =
        json::text(value, "/edited/ts").and_then(|ts| when::epoch(ts).ok()).map(|o| o.at);
    for reaction in json::list(value, "/reactions") {
        let Some(name) = json::text(reaction, "/name") else { continue };
        let users = json::list(reaction, "/users").len() as u64;
        let count = reaction.get("count").and_then(Value::as_u64).unwrap_or(users);
        signals.reactions.push((name.to_owned(), u32::try_from(count).unwrap_or(u32::MAX)));
    }
    if subtype == "thread_broadcast" {
        item.label("also_sent_to", "channel");
    }
}

/// Joins, topics and the like: what Slack wrote, not a person.
fn is_system(subtype: &str) -> bool {
    subtype.starts_with("channel_")
        || subtype.starts_with("group_")
        || matches!(
            subtype,
            "pinned_item"
                | "unpinned_item"
                | "bot_add"
                | "bot_remove"
                | "bot_enable"
                | "bot_disable"
                | "reminder_add"
                | "reminder_delete"
                | "sh_room_created"
                | "huddle_thread"
                | "joiner_notification"
                | "mpdm_read"
                | "app_conversation_join"
        )
}

/// The text people saw: the message, then attachments and files it does not already tell.
fn body(value: &Value, names: &Directory) -> String {
    let plain = |text: &str| markup::slack(text, names);
    let mut text = json::text(value, "/text").map(plain).unwrap_or_default();
    if text.trim().is_empty() {
        text = json::list(value, "/blocks")
            .iter()
            .map(|block| block_text(block, names, 0))
            .collect::<Vec<_>>()
            .join("\n");
    }
    for attachment in json::list(value, "/attachments") {
        for at in ["/pretext", "/title", "/text"] {
            add(&mut text, json::text(attachment, at).map(plain));
        }
        for field in json::list(attachment, "/fields") {
            let (title, said) =
                (json::text(field, "/title").unwrap_or(""), json::name(field, "/value"));
            add(&mut text, said.map(|said| format!("{}: {}", plain(title), plain(&said))));
        }
        if text.trim().is_empty() {
            add(&mut text, json::text(attachment, "/fallback").map(plain));
        }
    }
    let one = value.get("file").filter(|file| file.is_object());
    for file in json::list(value, "/files").iter().chain(one) {
        add(&mut text, Some(file_line(file)));
    }
    text
}

/// Adds a line that is not there already.
fn add(text: &mut String, line: Option<String>) {
    let Some(line) = line.filter(|line| !line.trim().is_empty() && !text.contains(line.trim()))
    else {
        return;
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line.trim());
}

/// `File: graph.png (5xx by pod) https://…`, without the token.
fn file_line(file: &Value) -> String {
    let name = json::text(file, "/name")
        .or_else(|| json::text(file, "/title"))
        .unwrap_or("without a name");
    let title = json::text(file, "/title")
        .filter(|title| *title != name)
        .map(|title| format!(" ({title})"));
    let address = ["/permalink", "/url_private"]
        .iter()
        .find_map(|at| json::text(file, at))
        .and_then(scrub::file_url);
    let gone = matches!(json::text(file, "/mode"), Some("tombstone" | "hidden_by_limit"))
        .then_some(" (no longer in Slack)");
    format!(
        "File: {name}{}{}{}",
        title.unwrap_or_default(),
        gone.unwrap_or(""),
        address.map(|a| format!(" {a}")).unwrap_or_default()
    )
}

/// The words of a block, for messages whose `text` is empty.
fn block_text(block: &Value, names: &Directory, depth: u8) -> String {
    if depth > 8 {
        return String::new();
    }
    if let Some(text) = json::text(block, "/text").or_else(|| json::text(block, "/text/text")) {
        return markup::slack(text, names);
    }
    match json::text(block, "/type") {
        Some("user") => {
            return format!(
                "@{}",
                json::text(block, "/user_id").map_or("", |id| names.person(id).unwrap_or(id))
            );
        }
        Some("emoji") => return format!(":{}:", json::text(block, "/name").unwrap_or("")),
        Some("link") => return json::text(block, "/url").unwrap_or("").to_owned(),
        Some("broadcast") => return format!("@{}", json::text(block, "/range").unwrap_or("here")),
        _ => {}
    }
    let parts = json::list(block, "/elements").iter().chain(json::list(block, "/fields"));
    let between = if json::text(block, "/type") == Some("rich_text_section") { "" } else { "\n" };
    parts.map(|part| block_text(part, names, depth + 1)).collect::<Vec<_>>().join(between)
}
