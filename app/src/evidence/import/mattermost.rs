//! Mattermost bulk exports: JSON lines of `version`, `team`, `channel`, `user`, `post`, or a zip with
//! one such file.
//!
//! Posts have no id there: theirs is made of team, channel, time and user. Replies are inside the post
//! they answer. E-mail addresses of users are never read.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, BufReader, Read, Seek},
    sync::LazyLock,
};

use regex::Regex;
use serde_json::Value;

use super::{
    archive::{Files, Zip},
    emit::{Emit, Refused, Stop},
    item::{Item, Kind},
    json, markup,
    text::{self, Lines},
    when,
};

/// Lines that hold no messages.
const NOT_POSTS: &[&str] =
    &["version", "team", "emoji", "role", "scheme", "direct_channel", "bot", "permission"];

/// Reads a bulk export.
pub(super) fn read<R: Read + Seek>(mut input: R, emit: &mut Emit<'_>) -> Result<(), Stop> {
    let mut magic = [0; 4];
    input.rewind()?;
    let got = input.read(&mut magic)?;
    if !magic[..got].starts_with(b"PK") {
        return lines(text::open(input, &emit.meter.clone())?, emit);
    }
    let mut zip = Zip::open(input, emit)?;
    let found: Vec<usize> =
        (0..zip.names().len()).filter(|i| is_export(&zip.names()[*i])).collect();
    let [index] = found[..] else {
        let why = format!(
            "The archive holds {} .jsonl files; a Mattermost export holds one.",
            found.len()
        );
        return Err(Refused::new(why, "Unpack it and import the .jsonl file.").into());
    };
    let others = zip.names().len() - 1;
    emit.file = Some(zip.names()[index].clone());
    let file = zip.open(index)?;
    let mut reader = BufReader::with_capacity(64 * 1024, emit.meter.over(file));
    text::skip_mark(&mut reader)?;
    lines(reader, emit)?;
    emit.file = None;
    if others > 0 {
        emit.aside("other files", format!("{others} attached files in the archive were not read; the messages tell their names."))?;
    }
    Ok(())
}

/// Whether a name in an archive is that of the export.
pub(super) fn is_export(name: &str) -> bool {
    name.ends_with(".jsonl") && !name.starts_with("__MACOSX/")
}

#[derive(Default)]
struct Directory {
    people: HashMap<String, String>,
    channels: HashMap<String, String>,
    bots: std::collections::HashSet<String>,
}

fn lines<R: BufRead>(reader: R, emit: &mut Emit<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(reader);
    let mut directory = Directory::default();
    let mut any = false;
    while let Some(line) = lines.next()? {
        let place = format!("line {}", line.number);
        if line.text.trim().is_empty() {
            continue;
        }
        any = true;
        if line.left_out > 0 {
            emit.aside(place, "The line is longer than 4 MiB; it was left out.")?;
            continue;
        }
        if line.repaired {
            emit.aside(&*place, "Some bytes were not UTF-8 and were replaced by �.")?;
        }
        match json::value(line.text.as_bytes()) {
            Ok(parsed) => {
                parsed.report(emit, &place)?;
                one(&parsed.value, &place, &mut directory, emit)?;
            }
            Err(why) => emit.aside(place, why)?,
        }
    }
    if any { Ok(()) } else { Err(json::empty().into()) }
}

fn one(
    value: &Value,
    place: &str,
    directory: &mut Directory,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    match json::text(value, "/type") {
        Some("user") => directory.add_person(&value["user"]),
        Some("bot") => {
            let name = json::text(value, "/bot/username").unwrap_or_default();
            directory.bots.insert(name.to_owned());
        }
        Some("channel") => {
            let channel = &value["channel"];
            if let (Some(name), Some(shown)) =
                (json::text(channel, "/name"), json::text(channel, "/display_name"))
            {
                directory.channels.insert(name.to_owned(), shown.to_owned());
            }
        }
        Some("post") => with_replies(&value["post"], place, directory, emit)?,
        Some("direct_post") => with_replies(&value["direct_post"], place, directory, emit)?,
        Some(known) if NOT_POSTS.contains(&known) => {}
        Some(other) => emit
            .aside(place, format!("Lines of the type “{other}” are not known; it was left out."))?,
        None => {
            emit.aside(place, "The line has no type, so it is not from a Mattermost export.")?
        }
    }
    Ok(())
}

impl Directory {
    fn add_person(&mut self, user: &Value) {
        let Some(username) = json::text(user, "/username") else { return };
        let full: Vec<&str> =
            ["/first_name", "/last_name"].iter().filter_map(|at| json::text(user, at)).collect();
        let name = match full[..] {
            [] => json::text(user, "/nickname").unwrap_or(username).to_owned(),
            _ => full.join(" "),
        };
        self.people.insert(username.to_owned(), name);
    }

    /// `@ben` becomes `@Ben Sørensen`.
    fn mentions(&self, text: &str) -> String {
        static MENTION: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(^|[^\w@./])@([a-z0-9][a-z0-9._-]{0,63})").expect("constant")
        });
        let named = |found: &regex::Captures<'_>| {
            let username = found[2].trim_end_matches(['.', '-', '_']);
            match self.people.get(username) {
                Some(name) => format!("{}@{name}{}", &found[1], &found[2][username.len()..]),
                None => found[0].to_owned(),
            }
        };
        if text.contains('@') {
            MENTION.replace_all(text, named).into_owned()
        } else {
            text.to_owned()
        }
    }
}

/// A post and the replies inside it.
fn with_replies(
    post: &Value,
    place: &str,
    directory: &Directory,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let members = || {
        json::list(post, "/channel_members")
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let channel = json::text(post, "/channel").map_or_else(members, str::to_owned);
    let team = json::text(post, "/team").unwrap_or("direct");
    let parent = match message(post, team, &channel, directory) {
        Ok(item) => Some(emit.item_without_id(item, place)?),
        Err(why) => {
            emit.aside(place, why)?;
            None
        }
    };
    for (index, reply) in json::list(post, "/replies").iter().enumerate() {
        let place = format!("{place}, reply {}", index + 1);
        match message(reply, team, &channel, directory) {
            Ok(mut item) => {
                item.answers = parent.clone();
                emit.item_without_id(item, &place)?;
            }
            Err(why) => emit.aside(place, why)?,
        }
    }
    Ok(())
}

fn message(post: &Value, team: &str, channel: &str, directory: &Directory) -> Result<Item, String> {
    let Some(created) = post.get("create_at").and_then(Value::as_i64) else {
        return Err("The post has no create_at, so there is no time for it.".into());
    };
    let occurred = when::epoch_ms(created).map_err(|why| why.0)?;
    let user = json::text(post, "/user").unwrap_or("unknown");
    let mut item =
        Item::new(Kind::Chat, "mattermost", format!("{team}/{channel}/{created}-{user}"), occurred);
    let hook = json::text(post, "/props/override_username")
        .or_else(|| json::text(post, "/props/webhook_display_name"));
    let flagged = |at: &str| json::name(post, at).is_some_and(|said| said == "true");
    item.author_is_bot = flagged("/props/from_webhook")
        || flagged("/props/from_bot")
        || directory.bots.contains(user);
    let known = directory.people.get(user).map_or(user, String::as_str);
    item.author = Some(hook.filter(|_| item.author_is_bot).unwrap_or(known).to_owned());
    item.place = Some(channel.to_owned());
    if let Some(shown) = directory.channels.get(channel) {
        item.label("channel", shown.as_str());
    }
    let at = |key: &str| {
        post.get(key)
            .and_then(Value::as_i64)
            .filter(|ms| *ms > 0)
            .and_then(|ms| when::epoch_ms(ms).ok())
    };
    item.signals.edited_at = at("edit_at").map(|occurred| occurred.at);
    item.signals.deleted = at("delete_at").is_some();
    item.signals.pinned = json::yes(post, "/is_pinned");
    item.signals.system_message =
        json::text(post, "/type").is_some_and(|kind| kind.starts_with("system_"));
    let mut counts = BTreeMap::<&str, u32>::new();
    for name in json::list(post, "/reactions").iter().filter_map(|r| json::text(r, "/emoji_name")) {
        *counts.entry(name).or_default() += 1;
    }
    item.signals.reactions =
        counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    item.text =
        if item.signals.deleted { "(deleted in Mattermost)".into() } else { body(post, directory) };
    Ok(item)
}

fn body(post: &Value, directory: &Directory) -> String {
    let mut lines =
        vec![directory.mentions(&markup::markdown(json::text(post, "/message").unwrap_or("")))];
    for attachment in json::list(post, "/props/attachments") {
        for at in ["/pretext", "/title", "/text", "/fallback"] {
            if let Some(text) = json::text(attachment, at).map(markup::markdown)
                && !lines.contains(&text)
            {
                lines.push(text);
            }
        }
    }
    for path in json::list(post, "/attachments").iter().filter_map(|a| json::text(a, "/path")) {
        lines.push(format!("File: {}", path.rsplit('/').next().unwrap_or(path)));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}
