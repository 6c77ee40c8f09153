//! Slack exports: a zip, a folder, or one day file on its own.
//!
//! What is believed: `ts` (a string, six decimals, the id of a message in its channel). What is not:
//! the date in a file's name (cut at midnight in Los Angeles), the order in a file, `users.json` for
//! e-mail addresses (never read). The text is taken from `text`; `blocks` repeat it.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufReader, Read, Seek},
};

use serde_json::Value;

mod message;

use message::message;

use super::{
    archive::{Files, Folder, Zip},
    emit::{Emit, Refused, Stop},
    item::{Options, Sink},
    json::{self, Pieces},
    markup::Names,
    text,
};

/// Tables beside the channels that hold no messages.
const NOT_CHANNELS: &[&str] = &[
    "integration_logs.json",
    "canvases.json",
    "lists.json",
    "org_users.json",
    "file_conversations.json",
    "huddle_transcripts.json",
    "external_users.json",
    "user_groups.json",
];
const TABLES: &[&str] = &["channels.json", "groups.json", "dms.json", "mpims.json"];

/// Reads a zip or one day file.
pub(super) fn read<R: Read + Seek>(
    mut input: R,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let mut magic = [0; 4];
    input.rewind()?;
    let got = input.read(&mut magic)?;
    input.rewind()?;
    if magic[..got].starts_with(b"PK") {
        let mut zip = Zip::open(input, emit)?;
        return export(&mut zip, emit);
    }
    let names = Directory::default();
    let reader = text::open(input, &emit.meter.clone())?;
    let stem = options.file_name.rsplit(['/', '\\']).next().unwrap_or("").trim_end_matches(".json");
    let channel = Channel { id: stem.to_owned(), name: stem.to_owned(), pins: Vec::new() };
    // a list of messages, or one alone
    json::bodies(reader, emit, |emit, value, place| {
        give(&value, place, &channel, &names, emit).map(|_| ())
    })
}

/// Reads an export as a folder: paths inside it, and a way to open one of them.
pub fn read_folder(
    paths: &[String],
    open: &mut dyn FnMut(&str) -> std::io::Result<Box<dyn Read>>,
    sink: &mut dyn Sink,
) -> Result<(), Refused> {
    let mut emit = Emit::new(sink);
    let mut folder = Folder::new(paths, open);
    super::finish(export(&mut folder, &mut emit))
}

/// Where a message was written.
#[derive(Debug, Clone, Default)]
struct Channel {
    id: String,
    name: String,
    /// `ts` of the messages pinned in it.
    pins: Vec<String>,
}

/// Who and what stands behind the ids.
#[derive(Debug, Default)]
struct Directory {
    people: HashMap<String, String>,
    bots: HashMap<String, String>,
    /// By the name of the folder.
    channels: HashMap<String, Channel>,
    channel_names: HashMap<String, String>,
}

impl Names for Directory {
    fn person(&self, id: &str) -> Option<&str> {
        self.people.get(id).map(String::as_str)
    }
    fn channel(&self, id: &str) -> Option<&str> {
        self.channel_names.get(id).map(String::as_str)
    }
}

/// Replies and the messages they answer, to tell which of those are not in the export.
#[derive(Debug, Default)]
struct Answers {
    /// How many replies there are to an id.
    wanted: HashMap<String, u64>,
}

fn export(files: &mut dyn Files, emit: &mut Emit<'_>) -> Result<(), Stop> {
    let names: Vec<String> = files.names().to_vec();
    let root = root(&names).map_err(|refused| emit.with_last_aside(refused))?;
    let mut directory = Directory::default();
    // by channel and then by day: the order of the names
    let mut days: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
    let mut other = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let Some(inside) = name.strip_prefix(root.as_str()) else {
            other.push(name);
            continue;
        };
        match inside.split_once('/') {
            None if inside == "users.json" => {
                table(files, index, emit, |user| directory.add_person(user))?
            }
            None if TABLES.contains(&inside) => {
                table(files, index, emit, |channel| directory.add_channel(channel))?
            }
            None if NOT_CHANNELS.contains(&inside) => {}
            Some((folder, file)) if file.ends_with(".json") && !file.contains('/') => {
                days.entry(folder).or_default().push((file, index))
            }
            _ => other.push(name),
        }
    }
    for name in other {
        emit.aside(name.as_str(), "It is not part of a Slack export we know; it was not read.")?;
    }
    for (folder, mut days) in days {
        days.sort_unstable();
        emit.forget();
        let channel = directory.channels.get(folder).cloned();
        let channel = channel.unwrap_or_else(|| Channel {
            id: folder.to_owned(),
            name: folder.to_owned(),
            pins: Vec::new(),
        });
        let mut answers = Answers::default();
        for (_, index) in days {
            emit.file = Some(names[index].clone());
            let read = match files.open(index) {
                Ok(file) => {
                    let mut reader = BufReader::with_capacity(64 * 1024, emit.meter.over(file));
                    text::skip_mark(&mut reader)
                        .and_then(|()| day_file(reader, &channel, &directory, &mut answers, emit))
                }
                Err(error) => Err(error.into()),
            };
            one_file(read, emit)?;
        }
        emit.file = Some(format!("{root}{folder}"));
        answers.report(emit)?;
        emit.file = None;
    }
    Ok(())
}

/// A file that cannot be read is set aside; the others go on.
fn one_file(read: Result<(), Stop>, emit: &mut Emit<'_>) -> Result<(), Stop> {
    match read {
        Err(Stop::Refused(refused)) => emit.aside("from here on", refused.to_string()),
        other => other,
    }
}

/// The folder inside the archive that holds the tables, with its `/`.
fn root(names: &[String]) -> Result<String, Refused> {
    let tables = names
        .iter()
        .filter(|name| matches!(name.rsplit('/').next(), Some("users.json" | "channels.json")));
    let shallowest = tables.min_by_key(|name| name.matches('/').count());
    if let Some(table) = shallowest {
        let end = table.rfind('/').map_or(0, |slash| slash + 1);
        return Ok(table[..end].to_owned());
    }
    if names.iter().any(|name| is_day_file(name)) {
        return Ok(String::new());
    }
    let why = "There is no Slack export in it: neither users.json nor channels.json nor a day file such as general/2026-03-05.json.";
    Err(Refused::new(why, "Choose the zip as Slack gave it, or the folder it unpacks to."))
}

/// `general/2026-03-05.json`.
pub(super) fn is_day_file(name: &str) -> bool {
    let mut parts = name.rsplit('/');
    let day = parts.next().and_then(|file| file.strip_suffix(".json"));
    parts.next().is_some() && day.is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok())
}

/// Reads a table of people or channels, one entry at a time.
fn table(
    files: &mut dyn Files,
    index: usize,
    emit: &mut Emit<'_>,
    mut add: impl FnMut(&Value),
) -> Result<(), Stop> {
    emit.file = Some(files.names()[index].clone());
    let read = match files.open(index) {
        Ok(file) => {
            let mut reader = BufReader::new(emit.meter.over(file));
            text::skip_mark(&mut reader).and_then(|()| {
                list(reader, emit, "entry", |_, value, _| {
                    add(&value);
                    Ok(())
                })
            })
        }
        Err(error) => Err(error.into()),
    };
    one_file(read, emit)?;
    emit.file = None;
    Ok(())
}

/// A file that is one JSON list.
fn list<R: std::io::BufRead>(
    reader: R,
    emit: &mut Emit<'_>,
    what: &str,
    each: impl FnMut(&mut Emit<'_>, Value, &str) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut pieces = Pieces::new(reader);
    match pieces.next_byte()? {
        Some(b'[') => pieces.pass(),
        None => return Err(json::empty().into()),
        Some(_) => return Err(json::broken("It does not begin with a list.").into()),
    }
    if pieces.elements(emit, what, each)? { json::after_the_end(&mut pieces, emit) } else { Ok(()) }
}

impl Directory {
    fn add_person(&mut self, user: &Value) {
        let Some(id) = json::text(user, "/id") else { return };
        let Some(name) = person_name(user).or_else(|| json::text(user, "/name")) else { return };
        if let Some(bot) = json::text(user, "/profile/bot_id") {
            self.bots.insert(bot.to_owned(), name.to_owned());
        }
        self.people.insert(id.to_owned(), name.to_owned());
    }

    fn add_channel(&mut self, channel: &Value) {
        let Some(id) = json::text(channel, "/id") else { return };
        let name = json::text(channel, "/name").unwrap_or(id).to_owned();
        let pins =
            json::list(channel, "/pins").iter().filter_map(|pin| json::name(pin, "/id")).collect();
        self.channel_names.insert(id.to_owned(), name.clone());
        // folders are named after the channel, those of direct messages after the id
        self.channels.insert(name.clone(), Channel { id: id.to_owned(), name, pins });
    }
}

/// The name a person goes by; an e-mail address never.
fn person_name(person: &Value) -> Option<&str> {
    ["/profile/real_name", "/real_name", "/profile/display_name", "/display_name"]
        .iter()
        .find_map(|at| json::text(person, at))
}

impl Answers {
    fn report(&self, emit: &mut Emit<'_>) -> Result<(), Stop> {
        let missing = self.wanted.iter().filter(|(parent, _)| !emit.has(parent));
        let (messages, replies) = missing.fold((0_u64, 0), |(m, r), (_, count)| (m + 1, r + count));
        if messages == 0 {
            return Ok(());
        }
        emit.aside("threads", format!("{replies} replies answer {messages} messages that are not in the export. The replies were taken; to have what they answer, export a longer time."))
    }
}

fn day_file<R: std::io::BufRead>(
    reader: R,
    channel: &Channel,
    names: &Directory,
    answers: &mut Answers,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    list(reader, emit, "message", |emit, value, place| {
        if let Some(parent) = give(&value, place, channel, names, emit)? {
            *answers.wanted.entry(parent).or_default() += 1;
        }
        Ok(())
    })
}

/// Gives a message on, or sets it aside; the id of what it answers.
fn give(
    value: &Value,
    place: &str,
    channel: &Channel,
    names: &Directory,
    emit: &mut Emit<'_>,
) -> Result<Option<String>, Stop> {
    match message(value, channel, names) {
        Ok(item) => {
            let answers = item.answers.clone();
            emit.item(item, place).map(|()| answers)
        }
        Err(why) => emit.aside(place, why).map(|()| None),
    }
}
