use super::*;
use crate::evidence::import;
use crate::evidence::import::item::{
    Item, Kind, Occurred, Options, Precision, SetAside, Sink, ZoneOrigin,
};
use crate::incidents::key_time::KeyTimeName;
use jiff::Timestamp;
use proptest::prelude::*;
use std::ops::ControlFlow;
use std::path::Path;

fn says(at: &str, who: &str, text: &str) -> Item {
    let at = format!("2026-11-17T{at}Z").parse().expect("a time");
    let occurred = Occurred { at, precision: Precision::Second, zone: ZoneOrigin::Instant };
    let mut item = Item::new(Kind::Chat, "slack", format!("{at}-{who}"), occurred);
    (item.author, item.text, item.place) = (Some(who.into()), text.into(), Some("inc|7".into()));
    item
}

fn story() -> Found {
    let mut topic =
        says("14:01:00", "Ada", "Ada set the channel topic: SEV-2 baskets stay empty | IC: Ada");
    topic.signals.system_message = true;
    let mut report =
        says("14:00:00", "Bob", "baskets are down | `all` of them <script>alert(1)</script>");
    report.url = Some("https://chat.example/archives/a|b".into());
    let items = vec![
        says("14:30:00", "Ada", "Mitigated."),
        report,
        topic,
        says("14:02:00", "ada", "error rate went up at 13:55 UTC"),
        says("14:40:00", "Bob", "Action: alert on empty baskets"),
    ];
    let aside = |place: &str| SetAside {
        file: Some("x.json".into()),
        place: place.into(),
        why: "It has no time.".into(),
    };
    Found { items, set_aside: vec![aside("message 9"), aside("message 3")], title: None }
}

#[test]
fn files_become_a_draft_that_says_what_is_known_and_what_is_not() {
    let markdown = draft(story()).to_markdown();
    let expected = [
        "# baskets stay empty",
        "*The title is a guess from the evidence. All times are in UTC.*",
        "- Evidence: 5 from slack",
        "- Channels and places: inc\\|7",
        "| Impact start | 2026-11-17 13:55 |",
        "Missing, since nothing here supports them: introduced (the change or condition came into being); ",
        "| Undetected | 5 min ± 1 min | From impact start until it was detected. |",
        "| Response | cannot tell, because declared and resolved are missing |",
        "Offsets are counted from impact start at 2026-11-17 13:55:00.",
        "| 14:00:00 | +00:05 | “baskets are down \\| \\`all\\` of them \\<script\\>alert(1)\\</script\\>” (Bob) | Indicator, detection | [slack, inc\\|7](<https://chat.example/archives/a%7Cb>) |",
        "## Participants\n\n- Ada\n- ada\n- Bob\n",
        "## Named as to do\n\n- “Action: alert on empty baskets”",
        "- 2 times (x.json, message 3; x.json, message 9): It has no time.",
        "`afterword import INC-42 FILES…`",
    ];
    for part in expected {
        assert!(markdown.contains(part), "{part}\nis not in\n{markdown}");
    }
}

#[test]
fn the_same_is_there_as_data() {
    let data = serde_json::to_value(draft(story())).expect("it is plain data");
    assert_eq!(data["title"]["text"], "baskets stay empty");
    assert_eq!(data["key_times"][0]["name"], "impact_start");
    assert_eq!(data["durations"][0]["span"]["length_s"], 300);
    assert_eq!(data["timeline"][0]["offset_s"], 300);
    assert_eq!(data["set_aside"][0]["count"], 2);
    assert_eq!(data["timeline"][0]["cites"][0]["source"], "slack");
}

#[test]
fn nothing_found_is_said_so() {
    let markdown = draft(Found { title: Some("Quiet".into()), ..Found::default() }).to_markdown();
    assert!(markdown.starts_with("# Quiet\n\n*All times are in UTC.*"), "{markdown}");
    assert!(
        markdown.contains("- Evidence: none") && markdown.contains("Write the first one by hand."),
        "{markdown}"
    );
}

/// The cells of a row: pipes that are not escaped.
fn cells(row: &str) -> usize {
    let mut escaped = false;
    let mut count = 0;
    for c in row.chars() {
        match c {
            '\\' if !escaped => escaped = true,
            '|' if !escaped => count += 1,
            _ => escaped = false,
        }
        escaped &= c == '\\';
    }
    count
}

proptest! {
    #[test]
    fn the_markdown_is_well_formed_whatever_the_evidence_holds(texts in prop::collection::vec("Decision: [|`<>&#*\\-_\\\\\n\r\u{2028}(){}!~1.a ]{0,60}", 1..6), name in "[|`<>*\\\\\n a]{0,12}", title in prop::option::of("[#|`\n<a ]{0,20}")) {
        let mut found = story();
        found.title = title;
        for (minute, text) in texts.iter().enumerate() {
            let mut item = says(&format!("14:1{minute}:00"), &name, text);
            item.place = Some(text.clone());
            item.url = Some(format!("https://x.example/{name}"));
            found.items.push(item);
            found.set_aside.push(SetAside { file: None, place: name.clone(), why: text.clone() });
        }
        let markdown = draft(found).to_markdown();
        let mut columns = None;
        for line in markdown.lines() {
            if line.starts_with('|') {
                prop_assert_eq!(cells(line), *columns.get_or_insert(cells(line)), "{}", line);
                prop_assert!(line.ends_with(" |"));
            } else {
                columns = None;
                let known = line.is_empty() || line.starts_with("# ") || line.starts_with("## ") || line.starts_with("- ") || line == "---"
                    || line.starts_with('*') || line.starts_with(char::is_uppercase);
                prop_assert!(known, "{}", line);
            }
            // brackets of HTML are escaped; those of addresses stand as (<…>)
            let bare = line.replace("\\\\", "").replace("\\<", "").replace("(<", "");
            prop_assert!(!bare.contains('<'), "{}", line);
        }
    }

    #[test]
    fn the_order_of_files_changes_nothing(turn in 0_usize..5) {
        let mut turned = story();
        turned.items.rotate_left(turn);
        turned.set_aside.reverse();
        prop_assert_eq!(draft(story()).to_markdown(), draft(turned).to_markdown());
    }
}

/// Collects what an importer finds.
#[derive(Default)]
struct Kept(Found);

impl Sink for Kept {
    fn item(&mut self, item: Item) -> ControlFlow<()> {
        self.0.items.push(item);
        ControlFlow::Continue(())
    }
    fn set_aside(&mut self, what: SetAside) -> ControlFlow<()> {
        self.0.set_aside.push(what);
        ControlFlow::Continue(())
    }
}

/// Reads files as a person would hand them over: the importer is told from name and content.
fn read(files: &[(String, Vec<u8>)]) -> Found {
    let mut kept = Kept::default();
    for (name, bytes) in files {
        let source = import::detect(name, bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
        let options = Options { file_name: name.clone(), ..Options::default() };
        let read = import::read(source, std::io::Cursor::new(bytes), &options, &mut kept);
        read.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
    kept.0
}

/// The corpus that is handed to us beside the repository; nothing, in words, where it is not.
#[expect(clippy::disallowed_methods, reason = "where test inputs lie is said in the environment")]
fn corpus(path: &str) -> Option<(String, Vec<u8>)> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var("AFTERWORD_CORPUS").map_or_else(|_| beside(), Into::into);
    if !folder.is_dir() {
        println!("skipped: no corpus at {}", folder.display());
        return None;
    }
    let bytes = std::fs::read(folder.join(path)).unwrap_or_else(|why| panic!("{path}: {why}"));
    Some((path.to_owned(), bytes))
}

#[test]
fn each_chat_of_the_corpus_becomes_the_expected_timeline() {
    let Some((_, expected)) = corpus("chat/slack/synthetic_incident_2026.expected.json") else {
        return;
    };
    let expected: serde_json::Value = serde_json::from_slice(&expected).expect("it is JSON");
    let second = |at: &serde_json::Value| {
        at.as_str().expect("a time").parse::<Timestamp>().expect("a time").as_second()
    };
    for chat in [
        "chat/slack/synthetic_incident_2026.zip",
        "chat/mattermost/synthetic_incident_2026.import.jsonl",
        "chat/discord/synthetic_incident_2026.json",
    ] {
        let Some(file) = corpus(chat) else { return };
        let draft = draft(read(&[file]));
        let events = expected["events_in_order"].as_array().expect("a list").iter();
        // a topic that tells nothing new is noise
        let wanted: Vec<i64> = events
            .filter(|event| event["key"] != "topic")
            .map(|event| second(&event["at"]))
            .collect();
        let found: Vec<i64> = draft.timeline.iter().map(|row| row.at.as_second()).collect();
        assert_eq!(found, wanted, "{chat}");
        let key_time = |name| {
            draft.key_times.iter().find(|time| time.name == name).map(|time| time.at.as_second())
        };
        assert_eq!(
            key_time(KeyTimeName::Detected),
            Some(second(&expected["detected_at"])),
            "{chat}"
        );
        assert_eq!(
            key_time(KeyTimeName::Mitigated),
            Some(second(&expected["mitigated_at"])),
            "{chat}"
        );
        assert_eq!(
            key_time(KeyTimeName::Resolved),
            Some(second(&expected["resolved_at"])),
            "{chat}"
        );
        assert_eq!(key_time(KeyTimeName::Paged), None, "nothing tells of a page");
        assert!(draft.participants.iter().any(|person| person.name == "千恵 田中"));
    }
}

#[test]
fn the_fresh_incident_of_the_demo_becomes_a_draft() {
    let fresh = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/fresh");
    let mut files = Vec::new();
    for folder in ["", "alerts", "deploys", "slack/inc-delivery-days"] {
        let entries = std::fs::read_dir(fresh.join(folder)).expect("the folder is there");
        let mut paths: Vec<_> = entries
            .map(|entry| entry.expect("readable").path())
            .filter(|path| path.is_file())
            .collect();
        paths.sort();
        for path in paths {
            let name = path.strip_prefix(&fresh).expect("inside").to_string_lossy().into_owned();
            files.push((name, std::fs::read(&path).expect("readable")));
        }
    }
    let draft = draft(read(&files));
    let at = |name| {
        draft.key_times.iter().find(|time| time.name == name).map(|time| time.at.to_string())
    };
    assert_eq!(at(KeyTimeName::Detected).as_deref(), Some("2026-11-17T06:46:07.412Z"));
    assert_eq!(at(KeyTimeName::Declared).as_deref(), Some("2026-11-17T06:58:30.072271Z"));
    assert_eq!(at(KeyTimeName::Resolved).as_deref(), Some("2026-11-17T08:34:00.507816Z"));
    assert_eq!(at(KeyTimeName::ImpactStart), None, "a metric alone does not say what users saw");
    assert!((15..=30).contains(&draft.timeline.len()), "{}", draft.timeline.len());
    assert_eq!(draft.set_aside.len(), 1, "the notes have no day");
    let html = kit::markdown::to_html(&draft.to_markdown(), &kit::markdown::Options::default());
    let rows = draft.timeline.len() + draft.key_times.len() + draft.durations.len() + 3;
    assert_eq!(html.matches("<tr>").count(), rows, "{html}");
}
