//! The corpus that is handed to us beside the repository; skipped, in words, where it is not.

use std::path::PathBuf;

use super::{super::detect, Kept, Options, Source, import, import_with};

/// A file of the corpus; `None`, and a line saying so, when there is no corpus.
fn corpus(path: &str) -> Option<Vec<u8>> {
    let file = folder()?.join(path);
    Some(std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
}

#[expect(clippy::disallowed_methods, reason = "where test inputs lie is said in the environment")]
fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var("AFTERWORD_CORPUS").map_or_else(|_| beside(), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no corpus at {}", folder.display());
    None
}

/// What somebody reading the story would find, as the corpus says.
fn expected() -> Option<serde_json::Value> {
    Some(
        serde_json::from_slice(&corpus("chat/slack/synthetic_incident_2026.expected.json")?)
            .unwrap(),
    )
}

/// Time and author of what people and bots said, without joins, topics and what was deleted.
fn told(kept: &Kept) -> Vec<(String, String)> {
    let mut items: Vec<_> =
        kept.items.iter().filter(|item| item.place.as_deref() == Some("inc-2026-0142")).collect();
    items.sort_by_key(|item| item.occurred.at);
    let second =
        |at: jiff::Timestamp| jiff::Timestamp::from_second(at.as_second()).unwrap().to_string();
    items
        .iter()
        .filter(|item| !item.signals.system_message && !item.signals.deleted)
        .map(|item| {
            let bot = if item.author_is_bot { " (bot)" } else { "" };
            (second(item.occurred.at), format!("{}{bot}", item.author.clone().unwrap_or_default()))
        })
        .collect()
}

fn wanted(expected: &serde_json::Value) -> Vec<(String, String)> {
    let text = |event: &serde_json::Value, key: &str| event[key].as_str().unwrap().to_owned();
    let events = expected["events_in_order"].as_array().unwrap().iter();
    events
        .filter(|event| event["key"] != "topic")
        .map(|event| (text(event, "at"), text(event, "author")))
        .collect()
}

#[test]
fn the_slack_export_tells_the_expected_story_as_zip_and_as_folder() {
    let (Some(expected), Some(zip)) =
        (expected(), corpus("chat/slack/synthetic_incident_2026.zip"))
    else {
        return;
    };
    let kept = import(Source::Slack, &zip).unwrap();
    assert_eq!(told(&kept), wanted(&expected));
    let of_channel =
        kept.items.iter().filter(|item| item.place.as_deref() == Some("inc-2026-0142")).count();
    assert_eq!(of_channel as u64, expected["message_count_total"].as_u64().unwrap());
    for (parent, replies) in expected["threads"].as_object().unwrap() {
        let id = format!("C0INC0142-{parent}");
        let count = kept.items.iter().filter(|item| item.answers.as_deref() == Some(&*id)).count();
        assert_eq!(count as u64, replies.as_u64().unwrap(), "replies to {parent}");
    }
    assert_eq!(kept.items.iter().filter(|item| item.signals.system_message).count(), 2);
    assert_eq!(kept.items.iter().filter(|item| item.signals.deleted).count(), 1);
    assert_eq!(kept.items.iter().filter(|item| item.signals.edited_at.is_some()).count(), 1);
    assert_eq!(kept.items.iter().filter(|item| item.signals.pinned).count(), 1);
    let log = kept.item("C0INC0142-1772754530.100259");
    assert!(log.text.contains("graph.png") && !log.text.contains("token"), "{}", log.text);
    let rollback = kept.item("C0INC0142-1772754723.100296");
    assert_eq!(rollback.text, "Decision: roll back to v2.14.3. @Ben Sørensen go ahead");
    assert_eq!(kept.reasons(), "");

    let folder = folder().unwrap().join("chat/slack/synthetic_incident_2026");
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            let inside = std::fs::read_dir(entry.path())
                .unwrap()
                .map(|e| e.unwrap().file_name().into_string().unwrap());
            paths.extend(inside.map(|file| format!("{name}/{file}")));
        } else {
            paths.push(name);
        }
    }
    let mut open = |path: &str| {
        Ok(Box::new(std::fs::File::open(folder.join(path))?) as Box<dyn std::io::Read>)
    };
    let mut from_folder = Kept::default();
    super::super::read_slack_folder(&paths, &mut open, &mut from_folder).unwrap();
    assert_eq!(from_folder.items, kept.items);
}

#[test]
fn the_mattermost_export_tells_the_expected_story() {
    let (Some(expected), Some(bytes)) =
        (expected(), corpus("chat/mattermost/synthetic_incident_2026.import.jsonl"))
    else {
        return;
    };
    let kept = import(Source::Mattermost, &bytes).unwrap();
    assert_eq!(told(&kept), wanted(&expected));
    assert_eq!(kept.items.iter().filter(|item| item.signals.system_message).count(), 2);
    assert_eq!(kept.items.iter().filter(|item| item.answers.is_some()).count(), 3);
    assert_eq!(kept.reasons(), "");
    let zip = super::zipped(&[("export/import.jsonl", &bytes), ("export/data/graph.png", b"x")]);
    let zipped = import(Source::Mattermost, &zip).unwrap();
    assert_eq!(zipped.items, kept.items);
    assert!(zipped.reasons().contains("1 attached files"), "{}", zipped.reasons());
}

#[test]
fn the_discord_export_tells_the_expected_story() {
    let (Some(expected), Some(bytes)) =
        (expected(), corpus("chat/discord/synthetic_incident_2026.json"))
    else {
        return;
    };
    let kept = import(Source::Discord, &bytes).unwrap();
    let wanted: Vec<_> = wanted(&expected)
        .into_iter()
        .map(|(at, author)| {
            // a colleague who left is so called there
            (at, author.replace("Former Colleague", "Deleted User"))
        })
        .collect();
    assert_eq!(told(&kept), wanted);
    assert_eq!(kept.items.len(), 16);
    assert_eq!(kept.items.iter().filter(|item| item.signals.system_message).count(), 2);
    assert_eq!(kept.items.iter().filter(|item| item.signals.pinned).count(), 1);
    assert_eq!(kept.reasons(), "");
}

#[test]
fn the_real_slack_export_is_read_whole() {
    let Some(zip) = corpus("chat/slack/real_2016_scrubbed.zip") else { return };
    let kept = import(Source::Slack, &zip).unwrap();
    assert_eq!(kept.items.len(), 858);
    assert!(
        kept.items.iter().all(|item| !item.text.contains("<@U") && !item.text.contains("&amp;"))
    );
    let found = kept.items.iter().find(|item| item.text.contains("@example.org"));
    assert!(found.is_none(), "{found:#?}");
    println!("{}", kept.reasons());
}

#[test]
fn pieces_of_todays_slack_are_read() {
    for piece in
        ["normal_thread", "thread_with_broadcast_reply", "message_with_files_and_rich_text"]
    {
        let Some(bytes) = corpus(&format!("chat/slack/modern_pieces/{piece}.json")) else { return };
        let name = format!("{piece}.json");
        assert_eq!(detect(&name, &bytes), Ok(Source::Slack), "{name}");
        let kept = import(Source::Slack, &bytes);
        let kept = kept.unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert!(!kept.items.is_empty() || !kept.aside.is_empty(), "{name}");
        assert!(kept.items.iter().all(|item| !item.text.contains("xoxe")), "{name}");
        println!("{name}: {} items\n{}", kept.items.len(), kept.reasons());
    }
}

#[test]
fn every_webhook_body_is_read_or_set_aside_in_words() {
    let now = Some("2026-11-21T07:42:37Z".parse().unwrap());
    let options = Options { now_for_undated: now, ..Options::default() };
    for (folder_name, source, taken) in [
        ("alertmanager", Source::Alertmanager, &["v4"][..]),
        ("github", Source::GitHub, &["deployment", "push", "workflow_run", "release"]),
        ("gitlab", Source::GitLab, &["deployment", "push", "pipeline", "release", "job"]),
        ("pagerduty", Source::PagerDuty, &["v2", "v3"]),
        ("prometheus_api", Source::Alertmanager, &["alertmanager_api", "prometheus_api_v1_alerts"]),
        ("prometheus_api", Source::Prometheus, &["prometheus_api_v1_query_range"]),
        ("grafana", Source::Alertmanager, &["alerting_v11"]),
    ] {
        let Some(root) = folder() else { return };
        let files = std::fs::read_dir(root.join("webhooks").join(folder_name))
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut read = 0;
        for path in files.filter(|path| path.extension().is_some_and(|end| end == "json")) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bytes = std::fs::read(&path).unwrap();
            if !taken.iter().any(|start| name.starts_with(start)) {
                continue;
            }
            assert_eq!(detect(&name, &bytes), Ok(source), "{name}");
            let kept = import_with(source, &bytes, &options)
                .unwrap_or_else(|refused| panic!("{name}: {refused}"));
            println!(
                "{name}: {} items, first {:?}\n{}",
                kept.items.len(),
                kept.items.first().map(|i| (
                    &i.occurred,
                    &i.text,
                    &i.author,
                    &i.url,
                    &i.external_id
                )),
                kept.reasons()
            );
            assert!(!kept.items.is_empty(), "{name}: {}", kept.reasons());
            read += 1;
        }
        assert!(read > 0, "{folder_name}");
    }
}
