//! Which importer fits, told from the name of a file and its first bytes.
//!
//! The content counts more than the name: people rename files. What fits nothing is refused in words
//! that say what we read.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;

use super::{Refused, Source, image, json, log, mattermost, slack, text};

/// How much of the head is looked at.
const HEAD: usize = 64 * 1024;

/// Which importer fits; looks at the name and at most the first 64 KiB.
pub fn detect(file_name: &str, head: &[u8]) -> Result<Source, Refused> {
    let head = &head[..head.len().min(HEAD)];
    let file = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name).to_ascii_lowercase();
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    if head.is_empty() {
        return Err(json::empty());
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return archive(head);
    }
    if is_picture(head) || image::is_svg(head) {
        return Ok(Source::Image);
    }
    if let Some(refused) = text::not_utf8(head) {
        return Err(refused);
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if head.starts_with(b"%PDF") || head.contains(&0) {
        return Err(nothing_fits("It is not text, and not a picture or archive we know."));
    }
    let head = String::from_utf8_lossy(head);
    let start = head.trim_start();
    if start.starts_with('{') || start.starts_with('[') && opens_json(start) {
        let found = of_json(start, ending);
        // a note may begin with a bracket, as Markdown does
        if found.is_ok()
            || !matches!(ending, "md" | "markdown" | "txt" | "text" | "log" | "csv" | "tsv")
        {
            return found;
        }
    }
    if start.to_ascii_lowercase().starts_with("<!doctype html")
        || start.to_ascii_lowercase().starts_with("<html")
    {
        return Err(nothing_fits("It is a web page."));
    }
    let timed = start.lines().take(20).filter(|line| log::begins_with_time(line)).count();
    match ending {
        "csv" | "tsv" => Ok(Source::Csv),
        "log" => Ok(Source::Log),
        "md" | "markdown" => Ok(Source::Note),
        "json" => Err(nothing_fits("It is called .json but is not JSON.")),
        "jsonl" | "ndjson" => Ok(Source::JsonLines),
        _ if timed >= 2 || timed == 1 && start.lines().nth(1).is_none() && ending != "txt" => {
            Ok(Source::Log)
        }
        _ if is_table(start) => Ok(Source::Csv),
        "txt" | "text" | "" => Ok(Source::Note),
        _ if start.chars().filter(|c| c.is_control() && !c.is_whitespace()).count() == 0
            && !head.contains('\u{fffd}') =>
        {
            Ok(Source::Note)
        }
        _ => Err(nothing_fits("It is not text we can read.")),
    }
}

fn nothing_fits(why: &str) -> Refused {
    let all: Vec<&str> = Source::ALL.iter().map(|source| source.label()).collect();
    Refused::new(why, format!("We read: {}.", all.join("; ")))
}

fn is_picture(head: &[u8]) -> bool {
    head.starts_with(b"\x89PNG\r\n\x1a\n")
        || head.starts_with(b"\xff\xd8\xff")
        || head.starts_with(b"GIF8")
        || head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP")
}

/// A zip, by the names of its first entries.
fn archive(head: &[u8]) -> Result<Source, Refused> {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(found) = head[at..].windows(4).position(|four| four == b"PK\x03\x04") {
        at += found;
        let length = head
            .get(at + 26..at + 28)
            .map_or(0, |two| usize::from(u16::from_le_bytes([two[0], two[1]])));
        if let Some(name) =
            head.get(at + 30..at + 30 + length).and_then(|name| std::str::from_utf8(name).ok())
        {
            names.push(name);
        }
        at += 4;
    }
    let last = |name: &&str, wanted: &[&str]| {
        name.rsplit('/').next().is_some_and(|file| wanted.contains(&file))
    };
    if names.iter().any(|name| {
        last(name, &["users.json", "channels.json", "groups.json", "dms.json"])
            || slack::is_day_file(name)
    }) {
        return Ok(Source::Slack);
    }
    if names.iter().any(|name| mattermost::is_export(name)) {
        return Ok(Source::Mattermost);
    }
    if names.iter().any(|name| {
        name.starts_with("word/")
            || name.starts_with("xl/")
            || *name == "[Content_Types].xml"
            || *name == "mimetype"
    }) {
        return Err(nothing_fits("It is an office document."));
    }
    // its table, at the end, may tell more
    Ok(Source::Slack)
}

/// `[2026-…] text` is a log, `[{` is JSON.
fn opens_json(start: &str) -> bool {
    let inside = start[1..].trim_start();
    inside.is_empty()
        || inside.starts_with(['{', '[', ']', '"', 'n', 't', 'f']) && !log::begins_with_time(start)
}

fn of_json(start: &str, ending: &str) -> Result<Source, Refused> {
    let keys = keys(start);
    let has = |all: &[&str]| all.iter().all(|key| keys.contains(key));
    let first = start.lines().next().unwrap_or("");
    let one_line =
        serde_json::from_str::<serde_json::Value>(first).ok().filter(serde_json::Value::is_object);
    if let Some(line) = &one_line {
        let mattermost = json::text(line, "/type")
            .is_some_and(|kind| matches!(kind, "version" | "team" | "channel" | "user" | "post"));
        if mattermost
            && (line.get("version").is_some()
                || json::text(line, "/type").is_some_and(|kind| line.get(kind).is_some()))
        {
            return Ok(Source::Mattermost);
        }
    }
    let known = [
        (
            has(&["guild", "channel"]) && (has(&["messages"]) || has(&["exportedAt"])),
            Source::Discord,
        ),
        (has(&["object_kind"]), Source::GitLab),
        (has(&["resultType"]), Source::Prometheus),
        (
            has(&["log_entries"])
                || has(&["event_type", "occurred_at"])
                || has(&["log_entry"])
                || start.contains("_log_entry\""),
            Source::PagerDuty,
        ),
        (
            has(&["groupKey"])
                || has(&["fingerprint", "startsAt"])
                || has(&["alerts", "activeAt"])
                || has(&["alerts", "startsAt"]),
            Source::Alertmanager,
        ),
        (
            has(&["deployment_status"])
                || has(&["workflow_run"])
                || has(&["pusher"])
                || has(&["repository", "sender"])
                || has(&["statuses_url", "environment"])
                || has(&["before", "after", "ref"]),
            Source::GitHub,
        ),
        (is_slack_message(start), Source::Slack),
    ];
    if let Some((_, source)) = known.iter().find(|(fits, _)| *fits) {
        return Ok(*source);
    }
    let lines_of_objects =
        one_line.is_some() && start.lines().nth(1).is_some_and(|line| line.starts_with('{'));
    let list_of_objects = start.starts_with('[') && start[1..].trim_start().starts_with('{');
    if matches!(ending, "jsonl" | "ndjson") || lines_of_objects || list_of_objects {
        return Ok(Source::JsonLines);
    }
    if start.len() < HEAD / 2 && is_cut_off(start) {
        let why = "It begins as JSON and ends in the middle; it may be cut off.";
        return Err(Refused::new(why, "Download or export it again."));
    }
    Err(nothing_fits("It is JSON, but not of a source we know."))
}

/// Whether the text, which is a whole file, ends before its first value does.
fn is_cut_off(text: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    values.next().is_some_and(|value| value.is_err_and(|error| error.is_eof()))
}

/// Whether there is a `ts` as only Slack writes it.
fn is_slack_message(text: &str) -> bool {
    static TS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""ts"\s*:\s*"[0-9]{9,11}\.[0-9]{6}""#).expect("constant"));
    TS.is_match(text)
}

/// Every `"key":` in the text, at whatever depth.
fn keys(text: &str) -> HashSet<&str> {
    let mut keys = HashSet::new();
    let mut rest = text;
    while let Some(open) = rest.find('"') {
        let inside = &rest[open + 1..];
        let Some(close) = end_of_string(inside) else { break };
        rest = &inside[close + 1..];
        if close <= 40 && rest.trim_start().starts_with(':') {
            keys.insert(&inside[..close]);
        }
    }
    keys
}

fn end_of_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let end = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        end
    })
}

/// Whether the first lines have the same number of separators, and at least one.
fn is_table(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().take(4).collect();
    [',', ';', '\t'].iter().any(|separator| {
        let count = |line: &str| line.matches(*separator).count();
        lines.len() >= 2
            && count(lines[0]) >= 1
            && lines
                .iter()
                .filter(|line| !line.is_empty())
                .all(|line| count(line) >= count(lines[0]))
    })
}
