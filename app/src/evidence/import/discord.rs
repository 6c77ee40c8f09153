//! Discord, as DiscordChatExporter writes it in JSON: one channel, its messages in `messages`.
//!
//! Times carry an offset and are believed. The guild and channel stand before the messages, so the
//! file is read from front to back with one message in memory.

use std::io::{Read, Seek};

use serde_json::Value;

use super::{
    emit::{Emit, Refused, Stop},
    item::{Item, Kind},
    json::{self, Cut, Pieces},
    markup, scrub, text, when,
};

/// Reads an export of one channel.
pub(super) fn read<R: Read + Seek>(input: R, emit: &mut Emit<'_>) -> Result<(), Stop> {
    let mut pieces = Pieces::new(text::open(input, &emit.meter.clone())?);
    match pieces.next_byte()? {
        Some(b'{') => pieces.pass(),
        None => return Err(json::empty().into()),
        Some(_) => return Err(json::broken("It does not begin with an object.").into()),
    }
    let (mut guild, mut channel, mut found) = (Value::Null, Value::Null, false);
    loop {
        let key = match next_key(&mut pieces)? {
            Next::Key(key) => key,
            Next::End => break,
            Next::Short if found => {
                let place = format!("byte {}", pieces.at);
                return emit.aside(
                    place,
                    "The file ends too early; it may lack messages. Export it again.",
                );
            }
            Next::Short => return Err(json::broken("It ends before the messages.").into()),
        };
        if key == "messages" && pieces.next_byte()? == Some(b'[') {
            found = true;
            pieces.pass();
            let whole = pieces.elements(emit, "message", |emit, value, place| {
                match message(&value, &guild, &channel) {
                    Ok(item) => emit.item(item, place),
                    Err(why) => emit.aside(place, why),
                }
            })?;
            if !whole {
                return Ok(());
            }
        } else {
            let value = part(&mut pieces)?;
            match key.as_str() {
                "guild" => guild = value,
                "channel" => channel = value,
                _ => {}
            }
        }
    }
    if found {
        return Ok(());
    }
    let why = "There are no messages in the file.";
    Err(Refused::new(why, "Export the channel with DiscordChatExporter as JSON.").into())
}

/// What stands next in the outer object.
enum Next {
    Key(String),
    End,
    Short,
}

/// Passes over a name and its colon.
fn next_key<R: std::io::BufRead>(pieces: &mut Pieces<R>) -> Result<Next, Stop> {
    loop {
        match pieces.next_byte()? {
            Some(b',') => pieces.pass(),
            Some(b'"') => break,
            Some(b'}') => return Ok(Next::End),
            None => return Ok(Next::Short),
            Some(_) => {
                let why = format!("At byte {} a name was expected.", pieces.at);
                return Err(json::broken(&why).into());
            }
        }
    }
    let key = part(pieces)?;
    if pieces.next_byte()? != Some(b':') {
        return Err(json::broken("A name is not followed by a value.").into());
    }
    pieces.pass();
    Ok(Next::Key(key.as_str().unwrap_or_default().to_owned()))
}

fn part<R: std::io::BufRead>(pieces: &mut Pieces<R>) -> Result<Value, Stop> {
    match pieces.cut(json::LONGEST_ELEMENT)? {
        Cut::Value => Ok(json::value(&pieces.bytes).map_err(|why| json::broken(&why))?.value),
        other => Err(json::broken(&other.why()).into()),
    }
}

fn message(value: &Value, guild: &Value, channel: &Value) -> Result<Item, String> {
    if !value.is_object() {
        return Err("It is not a message but another kind of JSON value.".into());
    }
    let id = json::name(value, "/id").ok_or("The message has no id.")?;
    let written = json::text(value, "/timestamp").ok_or("The message has no timestamp.")?;
    let occurred = when::written(written, None).map_err(|why| why.0)?.occurred;
    let mut item = Item::new(Kind::Chat, "discord", id.clone(), occurred);
    item.author = ["/author/nickname", "/author/name"]
        .iter()
        .find_map(|at| json::text(value, at))
        .map(str::to_owned);
    item.author_is_bot = json::yes(value, "/author/isBot");
    item.place = json::text(channel, "/name").map(str::to_owned);
    let kind = json::text(value, "/type").unwrap_or("Default");
    item.signals.system_message = !matches!(
        kind,
        "Default"
            | "Reply"
            | "ChatInputCommand"
            | "ContextMenuCommand"
            | "ThreadStarterMessage"
            | "0"
            | "19"
            | "20"
            | "21"
            | "23"
    );
    item.signals.pinned = json::yes(value, "/isPinned");
    item.signals.edited_at = json::text(value, "/timestampEdited")
        .and_then(|at| when::written(at, None).ok())
        .map(|w| w.occurred.at);
    if matches!(kind, "Reply" | "19") || !item.signals.system_message {
        item.answers = json::name(value, "/reference/messageId").filter(|other| *other != id);
    }
    for reaction in json::list(value, "/reactions") {
        let name = ["/emoji/code", "/emoji/name"].iter().find_map(|at| json::text(reaction, at));
        let count = reaction.get("count").and_then(Value::as_u64).unwrap_or(1);
        if let Some(name) = name {
            item.signals
                .reactions
                .push((name.to_owned(), u32::try_from(count).unwrap_or(u32::MAX)));
        }
    }
    if let (Some(guild), Some(channel)) = (json::name(guild, "/id"), json::name(channel, "/id")) {
        item.url = Some(format!("https://discord.com/channels/{guild}/{channel}/{id}"));
    }
    item.text = body(value);
    Ok(item)
}

/// The words, then what the embeds and files add.
fn body(value: &Value) -> String {
    let mut lines =
        vec![markup::markdown(&references(json::text(value, "/content").unwrap_or(""), value))];
    for embed in json::list(value, "/embeds") {
        for at in ["/author/name", "/title", "/description"] {
            add(&mut lines, json::text(embed, at).map(markup::markdown));
        }
        for field in json::list(embed, "/fields") {
            let (name, said) =
                (json::text(field, "/name").unwrap_or(""), json::text(field, "/value"));
            add(
                &mut lines,
                said.map(|said| format!("{}: {}", markup::markdown(name), markup::markdown(said))),
            );
        }
    }
    for file in json::list(value, "/attachments") {
        let name = json::text(file, "/fileName").unwrap_or("without a name");
        let address = json::text(file, "/url").and_then(scrub::file_url).map(|a| format!(" {a}"));
        add(&mut lines, Some(format!("File: {name}{}", address.unwrap_or_default())));
    }
    for sticker in json::list(value, "/stickers").iter().filter_map(|s| json::text(s, "/name")) {
        add(&mut lines, Some(format!("Sticker: {sticker}")));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn add(lines: &mut Vec<String>, line: Option<String>) {
    if let Some(line) = line
        && !lines.iter().any(|there| there.contains(&line))
    {
        lines.push(line);
    }
}

/// `<@123>` and `<:name:123>`, where the exporter left them.
fn references(text: &str, message: &Value) -> String {
    if !text.contains('<') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let inside = after
            .find(['<', '>'])
            .filter(|end| after.as_bytes()[*end] == b'>')
            .map(|end| &after[..end]);
        match inside.and_then(|inside| reference(inside, message).map(|said| (inside.len(), said)))
        {
            Some((length, said)) => {
                out.push_str(&said);
                rest = &after[length + 1..];
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn reference(inside: &str, message: &Value) -> Option<String> {
    if let Some(id) = inside.strip_prefix("@!").or_else(|| inside.strip_prefix('@')) {
        let mentioned = json::list(message, "/mentions")
            .iter()
            .find(|m| json::name(m, "/id").is_some_and(|other| other == id));
        let name =
            mentioned.and_then(|m| json::text(m, "/nickname").or_else(|| json::text(m, "/name")));
        return Some(format!("@{}", name.unwrap_or(id)));
    }
    let mut parts = inside.split(':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("" | "a"), Some(name), Some(_)) if !name.is_empty() => Some(format!(":{name}:")),
        (Some("t"), Some(seconds), _) => {
            when::epoch(seconds).ok().map(|occurred| occurred.at.to_string())
        }
        _ => None,
    }
}
