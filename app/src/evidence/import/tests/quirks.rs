//! One test for each quirk of a source, on small fixtures of our own.

use jiff::Timestamp;

use super::super::{
    Options, Precision, Source, ZoneOrigin, csv, detect, image,
    item::{AlertState, ChangeKind, ChangeState, Mapping, PageSignal},
    json_lines, read_slack_folder, scrub,
};
use super::{Kept, import, import_with, said, zipped};

const USERS: &[u8] = br#"[{"id":"U1","name":"ada","real_name":"Ada Okafor","profile":{"display_name":"ada","email":"ada@example.org"}},{"id":"U2","name":"ben","profile":{"real_name":"Ben"}}]"#;
const CHANNELS: &[u8] = br#"[{"id":"C1","name":"inc-1","pins":[{"id":"1772754151.000000"}]},{"id":"C2","name":"general"}]"#;
const DAY: &[u8] = include_bytes!("../fixtures/slack_day.json");

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn slack() -> Kept {
    import(
        Source::Slack,
        &zipped(&[
            ("inc-1/2026-03-05.json", DAY),
            ("users.json", USERS),
            ("channels.json", CHANNELS),
            ("integration_logs.json", b"[]"),
        ]),
    )
    .unwrap()
}

#[test]
fn slack_markup_becomes_what_people_saw_and_blocks_are_not_doubled() {
    let kept = slack();
    assert_eq!(
        kept.item("C1-1772754150.100111").text,
        "On it, SEV-1 & I lead. @here see #general and #war-room, cc @sre @Ben"
    );
    assert_eq!(
        kept.item("C1-1772754150.100112").text,
        "deploy 4f2a (https://git.example.org/c/4f2a) went out, mail [e-mail removed]"
    );
    assert_eq!(kept.item("C1-1772754165.000001").text, "only in blocks, @Ben");
}

#[test]
fn two_slack_messages_in_one_second_keep_their_ids_and_microseconds() {
    let kept = slack();
    assert_eq!(kept.item("C1-1772754150.100111").occurred.at, at("2026-03-05T23:42:30.100111Z"));
    assert_eq!(kept.item("C1-1772754150.100112").occurred.at, at("2026-03-05T23:42:30.100112Z"));
    assert_eq!(kept.items[0].occurred.zone, ZoneOrigin::Instant);
}

#[test]
fn the_date_in_a_slack_file_name_is_not_believed() {
    let kept =
        import(Source::Slack, &zipped(&[("inc-1/1999-01-01.json", DAY), ("users.json", USERS)]))
            .unwrap();
    assert!(kept.items.iter().all(|item| item.occurred.at > at("2026-03-05T00:00:00Z")));
}

#[test]
fn slack_threads_broadcasts_and_missing_parents_are_told() {
    let kept = slack();
    assert_eq!(kept.item("C1-1772754150.100112").answers.as_deref(), Some("C1-1772754150.100111"));
    assert_eq!(kept.item("C1-1772754150.100111").answers, None);
    let broadcast = kept.item("C1-1772754151.000000");
    assert!(
        !broadcast.signals.system_message
            && broadcast.signals.labels.contains(&("also_sent_to".into(), "channel".into()))
    );
    assert!(
        kept.reasons().contains("1 replies answer 1 messages that are not in the export"),
        "{}",
        kept.reasons()
    );
    assert_eq!(kept.aside.len(), 1);
}

#[test]
fn slack_bots_system_messages_edits_pins_and_deletions_are_signals() {
    let kept = slack();
    let bot = kept.item("C1-1772754160.000001");
    assert_eq!((bot.author.as_deref(), bot.author_is_bot), (Some("Alertmanager"), true));
    assert_eq!(bot.text, "Down\n10.0.0.1 is down\nseverity: critical");
    assert_eq!(bot.url.as_deref(), Some("https://alerts.example.org/#/alerts"));
    assert!(kept.item("C1-1772754161.000001").signals.system_message);
    let gone = kept.item("C1-1772754162.000001");
    assert!(gone.signals.deleted && !gone.text.contains("This message"));
    assert!(kept.item("C1-1772754163.000001").signals.pinned, "pinned_to");
    assert!(kept.item("C1-1772754151.000000").signals.pinned, "pins of the channel");
    assert_eq!(
        kept.item("C1-1772754150.100112").signals.edited_at,
        Some(at("2026-03-05T23:52:28Z"))
    );
    assert_eq!(kept.item("C1-1772754150.100111").signals.reactions, [("eyes".to_owned(), 3)]);
}

#[test]
fn slack_files_of_both_forms_are_named_without_tokens() {
    let kept = slack();
    assert_eq!(
        kept.item("C1-1772754163.000001").text,
        "look\nFile: graph.png (5xx by pod) https://files.slack.com/files-pri/T-F1/graph.png"
    );
    assert_eq!(
        kept.item("C1-1772754164.000001").text,
        "old form\nFile: trace.txt https://example.slack.com/files/U2/F2/trace.txt"
    );
}

#[test]
fn a_slack_folder_reads_the_tables_first_whatever_the_order() {
    let paths: Vec<String> = [
        "export/inc-1/2026-03-05.json",
        "export/users.json",
        "export/channels.json",
        "export/notes.txt",
    ]
    .map(String::from)
    .to_vec();
    let mut open = |path: &str| -> std::io::Result<Box<dyn std::io::Read>> {
        let bytes = if path.ends_with("users.json") {
            USERS
        } else if path.ends_with("channels.json") {
            CHANNELS
        } else {
            DAY
        };
        Ok(Box::new(bytes))
    };
    let mut kept = Kept::default();
    read_slack_folder(&paths, &mut open, &mut kept).unwrap();
    assert_eq!(kept.items, slack().items);
    assert!(kept.reasons().contains("export/notes.txt"), "{}", kept.reasons());
}

#[test]
fn reading_stops_when_the_sink_says_so() {
    let mut kept = Kept { most: Some(2), ..Kept::default() };
    super::read(Source::Slack, std::io::Cursor::new(DAY), &Options::default(), &mut kept).unwrap();
    assert_eq!(kept.items.len(), 2);
}

#[test]
fn mattermost_posts_replies_bots_and_deletions() {
    let kept = import(Source::Mattermost, include_bytes!("../fixtures/mattermost.jsonl")).unwrap();
    let hook = kept.item("eng/inc-1/1772754067123-hook");
    assert_eq!(
        (hook.author.as_deref(), hook.author_is_bot, hook.text.as_str()),
        (Some("Alertmanager"), true, "Down")
    );
    assert_eq!(hook.occurred.at, at("2026-03-05T23:41:07.123Z"));
    let post = kept.item("eng/inc-1/1772754150000-ada");
    assert_eq!(
        post.text,
        "rolling back, @Benny. See status (https://status.example.org/x)\nFile: graph.png"
    );
    assert_eq!(post.signals.reactions, [("eyes".to_owned(), 2)]);
    assert!(post.signals.pinned && post.signals.edited_at.is_some());
    assert_eq!(
        kept.item("eng/inc-1/1772754160000-ben").answers.as_deref(),
        Some("eng/inc-1/1772754150000-ada")
    );
    assert!(kept.item("eng/inc-1/1772754170000-ada").signals.system_message);
    assert!(!kept.item("eng/inc-1/1772754180000-ada").text.contains("secret"));
    assert_eq!(kept.item("direct/ada, ben/1772754200000-ada").text, "psst");
    assert!(
        kept.reasons().contains("line 10") && kept.reasons().contains("hologram"),
        "{}",
        kept.reasons()
    );
    assert!(kept.reasons().contains("create_at"));
}

#[test]
fn discord_offsets_embeds_replies_and_system_messages() {
    let kept = import(Source::Discord, include_bytes!("../fixtures/discord.json")).unwrap();
    let first = kept.item("10");
    assert_eq!(
        first.text,
        "rolling back @Ben :fire:\nFile: graph.png https://cdn.discordapp.com/a/graph.png"
    );
    assert_eq!(first.occurred.at, at("2026-03-05T23:41:07Z"));
    assert_eq!(first.occurred.zone, ZoneOrigin::Stated("+01:00".into()));
    assert_eq!(first.url.as_deref(), Some("https://discord.com/channels/1/2/10"));
    let reply = kept.item("11");
    assert_eq!(
        (reply.text.as_str(), reply.answers.as_deref()),
        ("Down\n10.0.0.1\nseverity: critical", Some("10"))
    );
    assert!(kept.item("12").signals.system_message);
    assert!(
        kept.reasons().contains("message 4") && kept.reasons().contains("no zone"),
        "{}",
        kept.reasons()
    );
}

#[test]
fn a_resolved_alert_tells_that_it_fired_with_the_id_it_had_then() {
    let alert = |state: &str, end: &str| {
        format!(
            r#"{{"version":"4","groupKey":"g","status":"firing","truncatedAlerts":10,"alerts":[{{"status":"{state}","labels":{{"alertname":"Down","severity":"page","service":"shop"}},"annotations":{{"summary":"s"}},"startsAt":"2026-03-05T23:41:07Z","endsAt":"{end}","fingerprint":"f"}}]}}"#
        )
    };
    let fired =
        import(Source::Alertmanager, alert("firing", "0001-01-01T00:00:00Z").as_bytes()).unwrap();
    let both =
        import(Source::Alertmanager, alert("resolved", "2026-03-05T23:50:00Z").as_bytes()).unwrap();
    assert_eq!(fired.items.len(), 1);
    assert_eq!(fired.items[0], both.items[0]);
    let resolved = both.items[1].signals.alert.as_ref().unwrap();
    assert_eq!(
        (resolved.state, resolved.severity.as_deref()),
        (AlertState::Resolved, Some("page"))
    );
    assert_eq!(both.items[1].occurred.at, at("2026-03-05T23:50:00Z"));
    assert!(fired.reasons().contains("left 10 more alerts"));
}

#[test]
fn prometheus_series_leave_gaps_where_there_is_no_number() {
    let answer = br#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"app"},"values":[[1795246959.781,"0"],[1795246964,"NaN"],[1795246969,"1.5"]]},{"metric":{"__name__":"up","job":"db"},"values":[[1795246959,"+Inf"]]}]}}"#;
    let kept = import(Source::Prometheus, answer).unwrap();
    assert_eq!(kept.items.len(), 1);
    let series = &kept.items[0].series;
    assert_eq!((series.len(), series[0].name.as_str()), (1, "job=\"app\""));
    assert_eq!(
        series[0].points,
        [(at("2026-11-21T07:42:39.781Z"), 0.0), (at("2026-11-21T07:42:49Z"), 1.5)]
    );
    assert!(
        kept.reasons().contains("NaN") && kept.reasons().contains("no points"),
        "{}",
        kept.reasons()
    );
}

#[test]
fn github_events_are_known_by_their_shape() {
    let kept = import(Source::GitHub, include_bytes!("../fixtures/github.jsonl")).unwrap();
    let change = |id: &str| kept.item(id).signals.change.clone().unwrap();
    assert_eq!(change("deployment-1").state, ChangeState::Started);
    assert_eq!(
        (change("deployment_status-2").what, change("deployment_status-2").state),
        (ChangeKind::Rollback, ChangeState::Failed)
    );
    let status = kept.item("deployment_status-2");
    assert!(status.author_is_bot);
    assert_eq!(status.url.as_deref(), Some("https://ci.example.org/run/2"));
    assert_eq!(change("workflow_run-3-1-requested").state, ChangeState::Started);
    assert_eq!(change("workflow_run-3-1-completed").state, ChangeState::Cancelled);
    let deleted = kept.items.iter().find(|item| item.text == "Branch old deleted").unwrap();
    assert_eq!(deleted.occurred.at, at("2019-05-15T15:20:57Z"), "pushed_at as a number");
    let created =
        kept.items.iter().find(|item| item.text.starts_with("Branch main created")).unwrap();
    assert_eq!(created.occurred.at, at("2026-03-05T23:01:00Z"), "pushed_at as text");
    assert_eq!(change("release-4-published").revision.as_deref(), Some("v2"));
    assert!(
        kept.reasons().contains("line 8") && kept.reasons().contains("“issue”"),
        "{}",
        kept.reasons()
    );
    assert!(
        kept.reasons().contains("line 9") && kept.reasons().contains("ends too early"),
        "{}",
        kept.reasons()
    );
}

#[test]
fn gitlab_times_in_three_forms_and_a_job_without_any() {
    let bytes = include_bytes!("../fixtures/gitlab.jsonl");
    let kept = import(Source::GitLab, bytes).unwrap();
    assert_eq!(kept.item("deployment-30-15-success").occurred.at, at("2021-04-28T19:50:00Z"));
    assert_eq!(kept.item("pipeline-1-31-failed").occurred.at, at("2016-08-12T15:26:29Z"));
    let push = kept.item("push-15-refs/heads/main-95790bf8-da156088");
    assert_eq!(
        (push.occurred.at, push.text.as_str()),
        (at("2016-08-12T15:23:21Z"), "4 commits pushed to main\nda156088 Fix the pool")
    );
    assert!(kept.items.iter().all(|item| !item.external_id.starts_with("job-")));
    assert!(
        kept.reasons().contains("line 4") && kept.reasons().contains("say the day and zone"),
        "{}",
        kept.reasons()
    );
    let placed = import_with(Source::GitLab, bytes, &said("UTC")).unwrap();
    let job = placed.item("job-380-1977-created");
    assert_eq!(
        (job.occurred.at, job.occurred.precision),
        (at("2026-03-05T00:00:00Z"), Precision::Day)
    );
    let received =
        Options { now_for_undated: Some(at("2026-03-05T12:00:00Z")), ..Options::default() };
    assert_eq!(
        import_with(Source::GitLab, bytes, &received)
            .unwrap()
            .item("job-380-1977-created")
            .occurred
            .at,
        at("2026-03-05T12:00:00Z")
    );
}

#[test]
fn pagerduty_entries_and_webhooks_share_ids() {
    let kept = import(Source::PagerDuty, include_bytes!("../fixtures/pagerduty.json")).unwrap();
    let ack = kept.item("R2");
    assert_eq!(
        (ack.signals.page, ack.author.as_deref(), ack.author_is_bot),
        (Some(PageSignal::Acknowledged), Some("Ada"), false)
    );
    assert_eq!(kept.item("R1").signals.page, Some(PageSignal::Triggered));
    assert!(kept.item("R1").author_is_bot);
    assert_eq!(kept.item("R3").signals.page, None);
    assert!(
        kept.reasons().contains("no id") && kept.reasons().contains("next page"),
        "{}",
        kept.reasons()
    );
    let v2 = br#"{"messages":[{"id":"M1","event":"incident.trigger","log_entries":[{"id":"R1","type":"trigger_log_entry","summary":"x","created_at":"2026-03-05T23:41:07Z"}]},{"id":"M2","event":"incident.resolve","created_on":"2026-03-05T23:59:00Z","incident":{"title":"5xx"}}]}"#;
    let hooks = import(Source::PagerDuty, v2).unwrap();
    assert_eq!(hooks.item("R1").occurred, kept.item("R1").occurred);
    assert_eq!(hooks.item("M2").signals.page, Some(PageSignal::Resolved));
    let v3 = br#"{"event":{"id":"E1","event_type":"incident.annotated","occurred_at":"2026-03-05T23:45:00Z","agent":{"type":"user_reference","summary":"Ada"},"data":{"incident":{"summary":"5xx","html_url":"https://example.pagerduty.com/i/1"},"content":"killing long queries"}}}"#;
    let v3 = import(Source::PagerDuty, v3).unwrap();
    assert_eq!(v3.item("E1").text, "Annotated: 5xx\nkilling long queries");
    assert_eq!(v3.item("E1").place.as_deref(), Some("5xx"));
}

#[test]
fn csv_columns_are_guessed_and_rows_without_time_or_zone_set_aside() {
    let bytes = include_bytes!("../fixtures/timeline.csv");
    let (mapping, rows) = csv::guess(bytes);
    assert_eq!(
        mapping,
        Mapping {
            at: "Time".into(),
            text: "What".into(),
            author: Some("Who".into()),
            kind: None,
            url: Some("Link".into()),
            id: None
        }
    );
    assert_eq!(rows[1][2], "first page; then a second line");
    let kept = import(Source::Csv, bytes).unwrap();
    assert_eq!(kept.items.len(), 2, "{}", kept.reasons());
    assert_eq!(kept.items[0].url.as_deref(), Some("https://example.org/?a=1"));
    for says in ["row 3, line 4", "no zone", "time is empty", "3 cells", "not a time"] {
        assert!(kept.reasons().contains(says), "{says}: {}", kept.reasons());
    }
    let zoned = import_with(Source::Csv, bytes, &said("America/New_York")).unwrap();
    assert_eq!(zoned.items[1].occurred.at, at("2026-03-06T04:42:00Z"));
    assert_eq!(zoned.items[1].occurred.precision, Precision::Minute);
    assert_eq!(zoned.items[1].occurred.zone, ZoneOrigin::Said("America/New_York".into()));
    let wrong =
        Options { mapping: Some(Mapping { at: "When".into(), ..mapping }), ..Options::default() };
    assert!(
        import_with(Source::Csv, bytes, &wrong)
            .unwrap_err()
            .remedy
            .contains("Time, Who, What, Link")
    );
}

#[test]
fn an_unclosed_quote_ends_the_table_and_is_reported() {
    let text = format!(
        "time,text\n2026-03-05T23:41:07Z,a\n2026-03-05T23:42:07Z,\"{}",
        "x\n".repeat(4_000_000)
    );
    let kept = import(Source::Csv, text.as_bytes()).unwrap();
    assert_eq!(kept.items.len(), 1);
    assert!(kept.reasons().contains("4 MiB"), "{}", kept.reasons());
}

#[test]
fn json_lines_fields_inside_fields_and_nanoseconds() {
    let lines = b"{\"event\":{\"created\":1420452374669001603},\"msg\":\"a\",\"level\":\"warn\"}\n\n{\"event\":{\"created\":\"2026-03-05T23:41:07Z\"},\"msg\":\"b\"}\n[1]\n{\"msg\":\"c\"}\n";
    let (mapping, rows) = json_lines::guess(lines);
    assert_eq!((mapping.at.as_str(), mapping.text.as_str()), ("event.created", "msg"));
    assert_eq!(rows[1][0], "1420452374669001603");
    let kept = import(Source::JsonLines, lines).unwrap();
    assert_eq!(kept.items[0].occurred.at, at("2015-01-05T10:06:14.669001Z"));
    assert_eq!(kept.items.len(), 2);
    assert!(
        kept.reasons().contains("line 4") && kept.reasons().contains("line 5"),
        "{}",
        kept.reasons()
    );
}

#[test]
fn log_times_of_every_common_form() {
    let bytes = include_bytes!("../fixtures/app.log");
    let kept = import_with(Source::Log, bytes, &said("UTC")).unwrap();
    let times: Vec<String> = kept.items.iter().map(|item| item.occurred.at.to_string()).collect();
    assert_eq!(
        times,
        [
            "2026-03-05T23:38:02.113Z",
            "2026-03-05T23:41:07.123Z",
            "2026-03-05T23:41:08Z",
            "2026-03-05T23:41:09Z",
            "2026-03-05T22:41:10Z",
            "2026-03-05T23:41:11Z",
            "2026-03-05T23:41:12.123Z",
            "2026-03-05T23:41:13Z",
            "2026-03-05T22:41:14.123456Z",
            "2026-03-05T22:41:14.123456Z",
        ]
    );
    assert_eq!(
        kept.items[0].text,
        "ERROR pool exhausted (max=20)\njava.lang.IllegalStateException: no connection\n    at shop.Pool.take(Pool.java:41)"
    );
    assert_eq!(kept.items[2].text, "web-1 app[12]: restarting");
    assert_eq!(kept.items[7].text, "ready");
    assert!(kept.items[4].text.starts_with("10.0.0.1 - -"));
    assert!(
        kept.reasons().contains("line 1 |") && kept.reasons().contains("line 13 | The same"),
        "{}",
        kept.reasons()
    );
}

#[test]
fn log_times_without_zone_or_year_are_set_aside_with_the_remedy() {
    let kept = import(Source::Log, include_bytes!("../fixtures/app.log")).unwrap();
    assert!(
        kept.reasons().contains("say which zone") && kept.reasons().contains("say the day"),
        "{}",
        kept.reasons()
    );
    let many = "2026-03-05 23:41:07 a\n2026-03-05 23:41:08 b\n  more\n2026-03-05 23:41:09 c\n";
    let kept = import(Source::Log, many.as_bytes()).unwrap();
    assert_eq!(kept.aside.len(), 1, "{}", kept.reasons());
    assert!(kept.reasons().contains("lines 1 to 4"), "{}", kept.reasons());
}

#[test]
fn a_syslog_year_is_the_one_nearest_to_the_day_said() {
    let options = Options { day: Some(jiff::civil::date(2026, 1, 1)), ..said("UTC") };
    let kept =
        import_with(Source::Log, b"Dec 31 23:59:59 web-1 a\nJan  1 00:00:01 web-1 b\n", &options)
            .unwrap();
    assert_eq!(kept.items[0].occurred.at, at("2025-12-31T23:59:59Z"));
    assert_eq!(kept.items[1].occurred.at, at("2026-01-01T00:00:01Z"));
}

#[test]
fn a_time_that_came_twice_or_never_is_placed_and_says_so() {
    let kept = import_with(
        Source::Log,
        b"2026-10-25 01:30:00 twice\n2026-03-29 01:30:00 never\n",
        &said("Europe/London"),
    )
    .unwrap();
    assert_eq!(kept.items[0].occurred.at, at("2026-10-25T00:30:00Z"));
    let note = |n: usize| {
        kept.items[n].signals.labels.iter().find(|(key, _)| key == "time_note").unwrap().1.clone()
    };
    assert!(note(0).contains("came twice") && note(1).contains("did not exist"));
}

#[test]
fn notes_with_times_become_items_and_pass_midnight() {
    let bytes = include_bytes!("../fixtures/note.md");
    let kept = import_with(Source::Note, bytes, &said("Europe/London")).unwrap();
    let told: Vec<(String, &str)> =
        kept.items.iter().map(|item| (item.occurred.at.to_string(), item.text.as_str())).collect();
    assert_eq!(told[1], ("2026-03-05T23:50:00Z".to_owned(), "rollback started\nstill going"));
    assert_eq!(told[2], ("2026-03-05T23:58:30Z".to_owned(), "half done"));
    assert_eq!(
        told[3],
        ("2026-03-06T00:10:00Z".to_owned(), "done, see graph (https://graphs.example.org/x)")
    );
    assert_eq!(told[4], ("2026-03-06T00:15:00Z".to_owned(), "told support"));
    assert_eq!(kept.items[1].occurred.precision, Precision::Minute);
    assert_eq!(kept.items[0].occurred.precision, Precision::Day);
    let whole = Options { now_for_undated: Some(at("2026-03-06T09:00:00Z")), ..Options::default() };
    let kept = import_with(Source::Note, bytes, &whole).unwrap();
    assert_eq!((kept.items.len(), kept.items[0].occurred.at), (1, at("2026-03-06T09:00:00Z")));
    assert!(import(Source::Note, bytes).unwrap().reasons().contains("no time"));
}

#[test]
fn pictures_tell_their_size_and_take_the_time_they_are_given() {
    let gif = b"GIF89a\x20\x03\x58\x02\0\0\0";
    let picture = image::header(std::io::Cursor::new(gif)).unwrap();
    assert_eq!((picture.media_type, picture.width, picture.height), ("image/gif", 800, 600));
    let mut kept = Kept::default();
    let options = Options { file_name: "graph.gif".into(), ..said("UTC") };
    super::super::read_image(
        std::io::Cursor::new(gif),
        &options,
        Some(at("2026-03-05T23:50:00Z")),
        &mut kept,
    )
    .unwrap();
    assert_eq!(
        (kept.items[0].text.as_str(), kept.items[0].occurred.at),
        ("Picture graph.gif, 800 by 600 pixels", at("2026-03-05T23:50:00Z"))
    );
    assert!(import(Source::Image, gif).unwrap_err().remedy.contains("when it was taken"));
    assert!(image::header(std::io::Cursor::new(b"<html>")).is_err());
}

#[test]
fn the_importer_is_told_from_the_content() {
    for (name, bytes, source) in [
        ("x.json", DAY, Source::Slack),
        ("x.jsonl", include_bytes!("../fixtures/mattermost.jsonl"), Source::Mattermost),
        ("x.json", include_bytes!("../fixtures/discord.json"), Source::Discord),
        ("x", include_bytes!("../fixtures/github.jsonl"), Source::GitHub),
        ("x", include_bytes!("../fixtures/gitlab.jsonl"), Source::GitLab),
        ("x", include_bytes!("../fixtures/pagerduty.json"), Source::PagerDuty),
        ("x.txt", include_bytes!("../fixtures/app.log"), Source::Log),
        ("x.md", include_bytes!("../fixtures/note.md"), Source::Note),
        ("x.csv", include_bytes!("../fixtures/timeline.csv"), Source::Csv),
        ("x.data", b"time,text\n2026-03-05T23:41:07Z,a\n", Source::Csv),
        ("x.jsonl", b"{\"a\":1}\n{\"a\":2}\n", Source::JsonLines),
        ("x.log", b"[2026-03-05 23:41:13] ready\n", Source::Log),
        ("x.zip", &zipped(&[("channels.json", b"[]")]), Source::Slack),
        ("x.zip", &zipped(&[("data/import.jsonl", b"{}")]), Source::Mattermost),
        ("x.md", b"[a link](https://example.org) and more", Source::Note),
        ("x.svg", b"<?xml version=\"1.0\"?><svg/>", Source::Image),
    ] as [(&str, &[u8], Source); 16]
    {
        assert_eq!(detect(name, bytes), Ok(source), "{name}");
    }
    for (name, bytes) in [
        ("x.pdf", &b"%PDF-1.7"[..]),
        ("x.json", b"{\"a\":1}"),
        ("x.html", b"<!doctype html>"),
        ("x.gz", b"\x1f\x8b\x08"),
        ("x", b""),
        ("x.bin", b"a\0b"),
    ] {
        let refused = detect(name, bytes).unwrap_err();
        assert!(!refused.why.is_empty() && !refused.remedy.is_empty(), "{name}");
    }
    assert!(detect("x.json", b"{\"a\":1}").unwrap_err().remedy.contains("Slack export"));
}

#[test]
fn addresses_keep_their_way_and_lose_their_secrets() {
    for (given, kept) in [
        ("https://example.org/a?b=1&token=EXAMPLE#top", Some("https://example.org/a?b=1#top")),
        ("https://ada:pw@example.org/a", Some("https://example.org/a")),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://example.org/a b", None),
        ("ftp://example.org/", None),
    ] {
        assert_eq!(scrub::url(given).as_deref(), kept, "{given}");
    }
}

#[test]
fn plain_words_are_not_taken_for_secrets() {
    for text in [
        "password: reset needed for checkout@v2.14.3",
        "the token bucket is empty, basic checks pass",
        "see https://example.org/a?page=2&sort=asc#part",
        "lodash@4.17.21 and @ada, 10.0.0.1:8080, key=3",
    ] {
        assert_eq!(scrub::text(text), text);
    }
}
