//! Whatever bytes come, no importer panics, and nothing that must go stays in.

use proptest::prelude::*;

use super::{super::detect, Source, import_with, said, zipped};

const SLACK: &str = include_str!("../fixtures/slack_day.json");
const MATTERMOST: &str = include_str!("../fixtures/mattermost.jsonl");
const DISCORD: &str = include_str!("../fixtures/discord.json");
const LOG: &str = include_str!("../fixtures/app.log");
const NOTE: &str = include_str!("../fixtures/note.md");
const CSV: &str = include_str!("../fixtures/timeline.csv");
const GITLAB: &str = include_str!("../fixtures/gitlab.jsonl");
const PAGER: &str = include_str!("../fixtures/pagerduty.json");
const GITHUB: &str = include_str!("../fixtures/github.jsonl");

fn fixtures() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [SLACK, MATTERMOST, DISCORD, LOG, NOTE, CSV, GITLAB, PAGER, GITHUB]
        .iter()
        .map(|text| text.as_bytes().to_vec())
        .collect();
    all.push(zipped(&[("users.json", b"[]"), ("inc/2026-03-05.json", SLACK.as_bytes())]));
    all.push(
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x20\0\0\x02\x58\x08\x02\0\0\0\0\0\0\0".to_vec(),
    );
    all.push(b"GIF89a\x20\x03\x58\x02\0\0\0".to_vec());
    all
}

fn tries_all(bytes: &[u8]) {
    for source in Source::ALL {
        if let Ok(kept) = import_with(source, bytes, &said("Europe/London")) {
            for item in kept.items {
                assert!(item.text.len() < 70_000 && !item.external_id.is_empty());
                assert!(!item.text.contains(['\0', '\u{202e}', '\r']));
            }
        }
    }
    let _ = detect("file.txt", bytes);
    let _ = super::super::csv::guess(bytes);
    let _ = super::super::json_lines::guess(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        tries_all(&bytes);
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,400}") {
        tries_all(text.as_bytes());
    }

    #[test]
    fn damaged_fixtures_never_panic(
        which in 0..12_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = fixtures().swap_remove(which);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        tries_all(&bytes);
    }

    #[test]
    fn lines_made_of_markup_and_times_never_panic(text in "([<>@#!|&*_`~\\[\\]()é😀 \n-]|2026-03-05|23:41|:|\\+02|pm|<@U1>|`{3}|https://a\\.b|Mar  5 |1772754067){0,60}") {
        tries_all(text.as_bytes());
        let quoted = serde_json::to_string(&text).unwrap();
        tries_all(format!("[{{\"ts\":\"1772754067.000001\",\"text\":{quoted}}}]").as_bytes());
    }

    #[test]
    fn planted_secrets_never_come_through(before in "[a-z ,.:]{0,30}", after in "[ ,.;\n]{1}[a-z ]{0,20}", which in 0..SECRETS.len()) {
        let (secret, hidden) = SECRETS[which];
        let text = super::super::scrub::text(&format!("{before} {secret}{after}"));
        prop_assert!(!text.contains(hidden), "{}", text);
        prop_assert!(text.contains(" removed]"), "{}", text);
    }
}

/// What is planted, and what of it must not be seen.
const SECRETS: [(&str, &str); 16] = [
    ("ada@example.org", "ada@"),
    ("<mailto:ada@example.org|ada@example.org>", "example.org"),
    ("xoxb-EXAMPLE-0000-notatoken", "notatoken"),
    ("https://files.example.org/a.png?token=xoxe-EXAMPLE1234&x=1", "EXAMPLE1234"),
    ("https://example.org/?a=1&access_token=EXAMPLEEXAMPLE", "EXAMPLEEXAMPLE"),
    ("ghp_EXAMPLEEXAMPLEEXAMPLEEXAMPLE", "EXAMPLEEX"),
    ("github_pat_EXAMPLE_EXAMPLEEXAMPLE", "EXAMPLEEX"),
    ("glpat-EXAMPLEEXAMPLE", "EXAMPLEEX"),
    ("AKIAEXAMPLEEXAMPLE00", "EXAMPLEEX"),
    ("Authorization: Bearer EXAMPLE.EXAMPLE-EXAMPLE", "EXAMPLE-"),
    ("eyJFWEFNUExF.RVhBTVBMRQ.RVhBTVBMRQ", "RVhBTV"),
    ("https://ada:EXAMPLE@db.example.org/x", "EXAMPLE"),
    ("postgres://app:EXAMPLE@db/x", "EXAMPLE"),
    ("password=EXAMPLEWORD", "EXAMPLEWORD"),
    ("-----BEGIN RSA PRIVATE KEY-----\nEXAMPLE\nEXAMPLE\n-----END RSA PRIVATE KEY-----", "EXAMPLE"),
    ("-----BEGIN PRIVATE KEY-----\nEXAMPLE cut off", "EXAMPLE"),
];
