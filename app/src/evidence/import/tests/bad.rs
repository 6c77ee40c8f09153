//! The bad inputs of the test plan, made here; and the files of the plan where `AFTERWORD_BAD` names
//! the folder that `bad_inputs.py` wrote.

use super::{Source, import, import_with, said, zipped};

const ALERT: &str = r#"{"version":"4","groupKey":"g","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"A"},"annotations":{"summary":"s"},"startsAt":"2026-11-21T07:12:33.123Z","endsAt":"0001-01-01T00:00:00Z","fingerprint":"f"}]}"#;

fn slack(messages: &str) -> Vec<u8> {
    zipped(&[
        (
            "users.json",
            br#"[{"id":"U1","name":"a","profile":{"real_name":"Ada","email":"ada@example.org"}}]"#,
        ),
        ("channels.json", br#"[{"id":"C1","name":"inc-1"}]"#),
        ("inc-1/2026-11-21.json", messages.as_bytes()),
    ])
}

#[test]
fn what_is_empty_cut_off_or_no_json_is_refused_with_a_remedy() {
    for body in [
        "",
        "{\"version\":\"4\",\"alerts\":[{",
        "NaN",
        &"[".repeat(100_000),
        &"{\"a\":".repeat(50_000),
    ] {
        let refused = import(Source::Alertmanager, body.as_bytes());
        let refused = refused.expect_err(&body[..body.len().min(40)]);
        assert!(!refused.remedy.is_empty(), "{refused}");
    }
}

#[test]
fn what_is_cut_off_before_its_source_shows_is_called_cut_off() {
    let refused = super::super::detect("x.json", b"{\"version\":\"4\",\"alerts\":[{").unwrap_err();
    assert!(refused.why.contains("cut off"), "{refused}");
    let refused = super::super::detect("x.json", b"{\"version\":\"4\"}").unwrap_err();
    assert!(refused.why.contains("not of a source we know"), "{refused}");
}

#[test]
fn two_values_on_one_line_are_refused_and_the_last_of_two_equal_keys_counts() {
    let refused =
        import(Source::Alertmanager, format!("{ALERT}{{\"second\":1}}").as_bytes()).unwrap_err();
    assert!(refused.why.contains("second on the same line"), "{refused}");
    let kept = import(
        Source::Alertmanager,
        ALERT.replace("\"alertname\":\"A\"", "\"alertname\":\"A\",\"alertname\":\"B\"").as_bytes(),
    )
    .unwrap();
    assert_eq!(kept.items[0].signals.alert.as_ref().unwrap().name, "B");
}

#[test]
fn a_byte_order_mark_is_passed_over_and_utf_16_refused() {
    let marked = [b"\xef\xbb\xbf", ALERT.as_bytes()].concat();
    assert_eq!(import(Source::Alertmanager, &marked).unwrap().items.len(), 1);
    let wide: Vec<u8> = ALERT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refused = import(Source::Alertmanager, &[&b"\xff\xfe"[..], &wide].concat()).unwrap_err();
    assert!(refused.why.contains("UTF-16"), "{refused}");
    assert!(super::super::detect("x.json", &wide).unwrap_err().why.contains("UTF-16"));
}

#[test]
fn broken_text_is_replaced_and_reported() {
    let bytes = ALERT
        .replace("\"s\"", "\"a?b\"")
        .into_bytes()
        .into_iter()
        .map(|b| if b == b'?' { 0xff } else { b });
    let kept = import(Source::Alertmanager, &bytes.collect::<Vec<u8>>()).unwrap();
    assert!(kept.items[0].text.contains("a\u{fffd}b") && kept.reasons().contains("not UTF-8"));
    let kept = import(
        Source::Alertmanager,
        ALERT.replace("\"s\"", r#""a\ud800b \ud83d\ude00""#).as_bytes(),
    )
    .unwrap();
    assert!(kept.items[0].text.contains("a\u{fffd}b 😀"), "{}", kept.items[0].text);
    assert!(kept.reasons().contains("surrogate"));
    let kept = import(
        Source::Alertmanager,
        ALERT.replace("\"alertname\":\"A\"", r#""alertname":"a\u0000b""#).as_bytes(),
    )
    .unwrap();
    assert_eq!(kept.items[0].signals.alert.as_ref().unwrap().name, "ab");
}

#[test]
fn numbers_past_a_machine_number_are_kept_as_text() {
    for number in ["1e999", &"9".repeat(400), "123456789012345678901234567890"] {
        let kept = import(
            Source::Alertmanager,
            ALERT
                .replace("\"alertname\":\"A\"", &format!("\"alertname\":\"A\",\"n\":{number}"))
                .as_bytes(),
        )
        .unwrap();
        let value = &kept.items[0].signals.labels.iter().find(|(key, _)| key == "n").unwrap().1;
        assert_eq!(value, number);
        assert!(kept.reasons().contains("kept as text"), "{}", kept.reasons());
    }
}

#[test]
fn very_many_and_very_long_things_are_bounded() {
    let long = ALERT.replace("\"s\"", &format!("\"{}\"", "x".repeat(5_000_000)));
    let kept = import(Source::Alertmanager, long.as_bytes()).unwrap();
    assert!(kept.items[0].text.len() < 70_000 && kept.items[0].text.contains("[cut here"));
    assert!(kept.reasons().contains("cut for show"));
    let labels: Vec<String> = (0..50_000).map(|i| format!("\"k{i}\":\"v\"")).collect();
    let kept = import(
        Source::Alertmanager,
        ALERT
            .replace("\"alertname\":\"A\"", &format!("\"alertname\":\"A\",{}", labels.join(",")))
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(kept.items[0].signals.labels.len(), 64);
    assert!(kept.reasons().contains("50001 labels"), "{}", kept.reasons());
}

#[test]
fn times_outside_of_reason_are_set_aside_and_a_leap_second_is_the_one_before() {
    for (at, says) in [
        ("9999-12-31T23:59:59Z", "outside"),
        ("-0001-01-01T00:00:00Z", "not a time"),
        ("1969-12-31T23:59:59Z", "outside"),
    ] {
        let kept =
            import(Source::Alertmanager, ALERT.replace("2026-11-21T07:12:33.123Z", at).as_bytes())
                .unwrap();
        assert!(kept.items.is_empty() && kept.reasons().contains(says), "{}", kept.reasons());
        assert!(kept.reasons().contains("$.alerts[0].startsAt"), "{}", kept.reasons());
    }
    let kept = import(
        Source::Alertmanager,
        ALERT.replace("2026-11-21T07:12:33.123Z", "2026-06-30T23:59:60Z").as_bytes(),
    )
    .unwrap();
    assert_eq!(kept.items[0].occurred.at.to_string(), "2026-06-30T23:59:59Z");
}

#[test]
fn an_end_before_the_start_is_placed_and_flagged() {
    let resolved = |start: &str, end: &str| {
        ALERT
            .replace("\"status\":\"firing\",\"labels\"", "\"status\":\"resolved\",\"labels\"")
            .replace("2026-11-21T07:12:33.123Z", start)
            .replace("0001-01-01T00:00:00Z", end)
    };
    let kept = import(
        Source::Alertmanager,
        resolved("2026-11-21T07:00:00Z", "2026-11-20T07:00:00Z").as_bytes(),
    )
    .unwrap();
    assert_eq!(kept.items.len(), 2);
    assert!(kept.reasons().contains("ends before it starts"));
    let kept = import(
        Source::Alertmanager,
        resolved("2026-11-01T01:30:00-04:00", "2026-11-01T01:10:00-05:00").as_bytes(),
    )
    .unwrap();
    assert!(kept.items[0].occurred.at < kept.items[1].occurred.at);
    assert_eq!(kept.reasons(), "");
}

#[test]
fn deceiving_characters_and_markup_are_made_harmless() {
    let marks = "\u{301}".repeat(4000);
    let kept = import(
        Source::Alertmanager,
        ALERT
            .replace("\"s\"", &format!("\"\u{202e}gnp.exe\u{202c} \u{200b}\u{2066} a{marks}\""))
            .as_bytes(),
    )
    .unwrap();
    let text = &kept.items[0].text;
    assert!(text.contains("gnp.exe") && !text.contains(['\u{202e}', '\u{2066}', '\u{200b}']));
    assert_eq!(text.matches('\u{301}').count(), 8);
    let kept = import(
        Source::Alertmanager,
        ALERT
            .replace("\"endsAt\"", "\"generatorURL\":\"javascript:alert(1)\",\"endsAt\"")
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(kept.items[0].url, None);
}

#[test]
fn wrong_types_name_their_path() {
    for (from, to) in
        [("\"alerts\":[", "\"alerts\":null,\"b\":["), ("\"alerts\":[", "\"alerts\":{},\"b\":[")]
    {
        let kept = import(Source::Alertmanager, ALERT.replace(from, to).as_bytes()).unwrap();
        assert!(kept.items.is_empty() && kept.reasons().contains("$.alerts"), "{}", kept.reasons());
    }
}

#[test]
fn packed_bodies_are_refused_in_words() {
    for packed in [&b"\x78\x9c\x01"[..], b"\x1f\x8b\x08\x00\x00"] {
        assert!(import(Source::Alertmanager, packed).unwrap_err().why.contains("packed"));
    }
}

#[test]
fn a_flat_bomb_is_refused_before_it_is_unpacked() {
    let spaces = vec![b' '; 20_000_000];
    let names: Vec<String> = (0..4).map(|i| format!("inc-1/{i}.json")).collect();
    let mut files: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), &spaces[..])).collect();
    files.push(("users.json", b"[]"));
    let refused = import(Source::Slack, &zipped(&files)).unwrap_err();
    assert!(refused.why.contains("unpacks to far more"), "{refused}");
}

#[test]
fn a_table_that_lies_about_sizes_is_found_out() {
    let mut zip = slack(&format!(
        "[{}]",
        vec![r#"{"type":"message","user":"U1","ts":"1772754067.100037","text":"hello"}"#; 50]
            .join(",")
    ));
    let mut at = 0;
    while let Some(found) = zip[at..].windows(4).position(|four| four == b"PK\x01\x02") {
        at += found;
        zip[at + 24..at + 28].copy_from_slice(&10_u32.to_le_bytes());
        at += 4;
    }
    let kept = import(Source::Slack, &zip).unwrap();
    assert!(
        kept.reasons().contains(
            "inc-1/2026-11-21.json | from here on | The file could not be read to its end"
        ),
        "{}",
        kept.reasons()
    );
}

#[test]
fn archives_inside_and_names_that_lead_out_are_not_opened() {
    let day = br#"[{"type":"message","user":"U1","ts":"1772754067.100037","text":"hello"}]"#;
    let zip = zipped(&[
        ("inc-1/2026-03-05.json", day),
        ("../../tmp/slip", b"x"),
        ("/tmp/abs", b"x"),
        ("inc-1/..\\x.json", b"[]"),
        ("inner.zip", b"PK\x03\x04"),
        ("users.json", b"[]"),
    ]);
    let kept = import(Source::Slack, &zip).unwrap();
    assert_eq!(kept.items.len(), 1);
    for name in ["../../tmp/slip", "/tmp/abs", "inc-1/..\\x.json", "inner.zip"] {
        assert!(
            kept.aside.iter().any(|a| a.place == name && a.why.contains("not opened")),
            "{name}: {}",
            kept.reasons()
        );
    }
    let nested = zipped(&[("0.zip", b"PK\x03\x04"), ("1.zip", b"PK\x03\x04")]);
    assert!(import(Source::Slack, &nested).unwrap_err().why.contains("no Slack export"));
}

#[test]
fn a_cut_off_archive_is_refused() {
    let whole = slack("[]");
    assert!(import(Source::Slack, &whole[..whole.len() - 30]).unwrap_err().why.contains("cut off"));
}

#[test]
fn an_archive_of_too_many_files_is_refused_by_its_table() {
    let mut zip = slack("[]");
    let end = zip.len() - 22;
    zip[end + 8..end + 12].copy_from_slice(&[0xfe, 0xff, 0xfe, 0xff]);
    assert!(import(Source::Slack, &zip).unwrap_err().why.contains("65534 files"));
}

#[test]
fn bad_and_equal_message_times_are_set_aside_one_by_one() {
    let messages: Vec<String> = [
        "0",
        "-1",
        "abc",
        "1763700000",
        "99999999999999.0",
        "1763700000.000001",
        "1763700000.000001",
        "NaN",
        "",
    ]
    .iter()
    .map(|ts| format!(r#"{{"type":"message","user":"U1","ts":"{ts}","text":"hello"}}"#))
    .collect();
    let kept = import(Source::Slack, &slack(&format!("[{}]", messages.join(",")))).unwrap();
    let ids: Vec<&str> = kept.items.iter().map(|item| item.external_id.as_str()).collect();
    assert_eq!(ids, ["C1-1763700000", "C1-1763700000.000001"]);
    assert_eq!(kept.aside.len(), 7, "{}", kept.reasons());
}

#[test]
fn damage_in_one_message_leaves_the_others() {
    let kept = import(Source::Slack, &slack(r#"[{"ts":"1772754067.000001","user":"U404","text":"a"},7,null,{"type":"x"},{"ts":"1772754067.000002","text":null},{"ts":"1772754067.000003" "text":"b"},{"ts":"1772754067.000004","text":"c"}]"#)).unwrap();
    assert_eq!(kept.items.len(), 3, "{}", kept.reasons());
    assert_eq!(kept.items[0].author.as_deref(), Some("U404"));
    assert_eq!(kept.aside.len(), 4, "{}", kept.reasons());
    assert!(kept.reasons().contains("inc-1/2026-11-21.json | message 6"), "{}", kept.reasons());
}

#[test]
fn broken_slack_markup_stays_text() {
    let text = "<@U1> <!channel> <https://x.test|a<b>> ".to_owned() + &"<".repeat(500);
    let kept = import(
        Source::Slack,
        &slack(&format!(r#"[{{"ts":"1772754067.000001","text":"{text}"}}]"#)),
    )
    .unwrap();
    assert!(
        kept.items[0].text.starts_with("@Ada @channel <https://x.test|ab> <<<"),
        "{}",
        kept.items[0].text
    );
}

#[test]
fn an_svg_is_kept_but_not_as_a_picture_and_an_enormous_picture_is_refused() {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#;
    let kept = import_with(Source::Image, svg, &said("UTC")).unwrap();
    assert!(kept.items[0].text.contains("not shown") && kept.reasons().contains("script"));
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend([60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat());
    png.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    let refused = import_with(Source::Image, &png, &said("UTC")).unwrap_err();
    assert!(refused.why.contains("60000 by 60000"), "{refused}");
}

#[test]
fn the_files_of_the_plan_neither_panic_nor_take_long() {
    #[expect(
        clippy::disallowed_methods,
        reason = "where test inputs lie is said in the environment"
    )]
    let Ok(folder) = std::env::var("AFTERWORD_BAD") else {
        println!("skipped: AFTERWORD_BAD names no folder written by bad_inputs.py");
        return;
    };
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let detected = super::super::detect(&name, &bytes);
        let source = detected.clone().unwrap_or(if name.ends_with("zip") {
            Source::Slack
        } else {
            Source::Alertmanager
        });
        let began = std::time::Instant::now();
        let read = import_with(source, &bytes, &said("UTC"));
        let took = began.elapsed();
        match read {
            Ok(kept) => println!(
                "{name} {took:?} detect {detected:?}: {} items, {} aside; first: {}",
                kept.items.len(),
                kept.aside.len(),
                kept.reasons().lines().next().unwrap_or("")
            ),
            Err(refused) => println!(
                "{name} {took:?} detect {:?}: refused: {refused}",
                detected.map_err(|r| r.why)
            ),
        }
        assert!(took < std::time::Duration::from_secs(10), "{name} took {took:?}");
    }
}
