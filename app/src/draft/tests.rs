use super::*;
use crate::evidence::import::item::{Item, Kind, Occurred, Precision, SetAside, ZoneOrigin};
use proptest::prelude::*;

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
