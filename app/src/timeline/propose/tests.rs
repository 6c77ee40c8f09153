use super::*;
use crate::evidence::import::item::{
    AlertSignal, AlertState, ChangeKind, ChangeSignal, ChangeState, Item, Kind, Occurred,
    PageSignal, Series, ZoneOrigin,
};
use crate::incidents::key_time::{KeyTimeName, Precision};
use crate::timeline::fact::{Fact, Phase};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn time(text: &str) -> Timestamp {
    format!("2026-11-17T{text}Z").parse().expect("a time")
}

fn item(kind: Kind, source: &str, at: &str, text: &str) -> Item {
    let occurred =
        Occurred { at: time(at), precision: Precision::Second, zone: ZoneOrigin::Instant };
    let mut item = Item::new(kind, source, format!("{at} {text}"), occurred);
    item.text = text.into();
    item
}

fn says(who: &str, at: &str, text: &str) -> Item {
    let mut item = item(Kind::Chat, "slack", at, text);
    item.author = Some(who.into());
    item.place = Some("inc-7".into());
    item
}

fn bot(who: &str, at: &str, text: &str) -> Item {
    Item { author_is_bot: true, ..says(who, at, text) }
}

fn alert(name: &str, at: &str, state: AlertState) -> Item {
    let mut item = item(Kind::Alert, "alertmanager", at, &format!("{name} on host {at}"));
    item.author = Some("Alertmanager".into());
    item.author_is_bot = true;
    item.signals.alert = Some(AlertSignal { name: name.into(), state, severity: None });
    item
}

fn deploy(at: &str, what: ChangeKind, state: ChangeState, revision: &str) -> Item {
    let mut item = item(Kind::Deploy, "gitlab", at, &format!("{what:?} {state:?} {revision}"));
    let environment = Some("production".into());
    item.signals.change =
        Some(ChangeSignal { what, state, environment, revision: Some(revision.into()) });
    item.place = Some("shop/basket".into());
    item
}

fn page(at: &str, signal: PageSignal, text: &str) -> Item {
    let mut item = item(Kind::Page, "pagerduty", at, text);
    item.signals.page = Some(signal);
    item
}

fn of(items: &[Item]) -> Proposal<String> {
    let items: Vec<(String, &Item)> =
        items.iter().map(|item| (item.external_id.clone(), item)).collect();
    propose(&items)
}

fn texts(proposal: &Proposal<String>) -> Vec<&str> {
    proposal.entries.iter().map(|entry| entry.text.as_str()).collect()
}

fn key_time(proposal: &Proposal<String>, name: KeyTimeName) -> Option<Timestamp> {
    proposal.key_times.iter().find(|time| time.name == name).map(|time| time.at)
}

fn asks(proposal: &Proposal<String>) -> String {
    proposal.questions.iter().map(Question::ask).collect::<Vec<_>>().join("\n")
}

/// A small incident of our own, told by a chat, an alerting system, a pager and a deployment log.
fn basket_incident() -> Vec<Item> {
    let mut decided =
        says("Rosa", "14:20:00", "Decision: roll back to v4.1.0, Jun go ahead :rocket:");
    decided.signals.pinned = true;
    let mut root = says(
        "Jun",
        "14:10:30",
        "Error rate on basket went from 0.2% to 31% at 13:58 UTC, deploy 9c1e2ab finished 13:57:10",
    );
    root.signals.reactions = vec![("eyes".into(), 2)];
    let mut asked = says("Kim", "14:12:00", "did the cache get flushed?");
    asked.answers = Some(root.external_id.clone());
    let mut joined = says("Kim", "14:09:00", "Kim has joined the channel");
    joined.signals.system_message = true;
    let mut gone = says("Kim", "14:15:00", "resolved");
    gone.signals.deleted = true;
    vec![
        deploy("13:57:10", ChangeKind::Deployment, ChangeState::Succeeded, "9c1e2ab"),
        alert("BasketErrors", "14:01:00", AlertState::Firing),
        alert("BasketErrors", "14:01:02", AlertState::Firing),
        bot("Alertmanager", "14:01:30", "[FIRING:2] BasketErrors (basket)\nhost a is down"),
        page("14:02:00", PageSignal::Triggered, "BasketErrors"),
        page("14:04:00", PageSignal::Acknowledged, "acknowledged"),
        says("Rosa", "14:05:00", "I'm on it, declaring SEV-2"),
        joined,
        root,
        asked,
        gone,
        says("Kim", "14:13:00", "lunch was nice by the way"),
        decided,
        bot("deploybot", "14:21:00", "Rollback of basket to v4.1.0 started"),
        says("Jun", "14:21:40", "rollback started"),
        bot("deploybot", "14:26:00", "Rollback of basket to v4.1.0 finished"),
        says("Jun", "14:28:00", "errors are down, back to 0.2%"),
        bot("Alertmanager", "14:29:00", "[RESOLVED] BasketErrors (basket)"),
        says("Rosa", "14:30:00", "Mitigated."),
        says("Rosa", "14:55:00", "Resolved at 14:55 UTC, thanks all!"),
    ]
}

#[test]
fn an_incident_becomes_a_timeline_of_what_matters() {
    let found = of(&basket_incident());
    assert_eq!(
        texts(&found),
        [
            "Deployment of 9c1e2ab to production finished (shop/basket).",
            "2 alerts of BasketErrors for basket fired within 2 s.",
            "A page was sent: “BasketErrors”",
            "The page was acknowledged.",
            "“I'm on it, declaring SEV-2”",
            "“Error rate on basket went from 0.2% to 31% at 13:58 UTC, deploy 9c1e2ab finished 13:57:10”",
            "“did the cache get flushed?”",
            "“Decision: roll back to v4.1.0, Jun go ahead”",
            "“Rollback of basket to v4.1.0 started”",
            "“Rollback of basket to v4.1.0 finished”",
            "“errors are down, back to 0.2%”",
            "Alert BasketErrors for basket was resolved.",
            "“Mitigated.”",
            "“Resolved at 14:55 UTC, thanks all.”",
        ]
    );
    let phases: Vec<Option<Phase>> = found.entries.iter().map(|entry| entry.phase).collect();
    assert_eq!(phases[0], Some(Phase::LeadUp));
    assert_eq!(phases[1], Some(Phase::Detection));
    assert_eq!(phases[5], Some(Phase::Diagnosis));
    assert_eq!(phases[7], Some(Phase::KeyMoment));
    assert_eq!(phases[9], Some(Phase::Repair));
    assert_eq!(phases[13], Some(Phase::After));
    let names: Vec<&str> = found.participants.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(names, ["Jun", "Kim", "Rosa"]);
}

#[test]
fn each_entry_says_why_and_cites_all_that_tell_of_it() {
    let found = of(&basket_incident());
    let entry = |text: &str| {
        found.entries.iter().find(|entry| entry.text.contains(text)).expect("it is there")
    };
    assert_eq!(entry("alerts of BasketErrors").cites.len(), 3);
    assert_eq!(entry("v4.1.0 started").cites.len(), 2);
    let why = |text: &str| entry(text).reasons.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        why("Decision"),
        [
            "pinned",
            "words of a decision: “decision”, “roll back”, “go ahead”",
            "first mention of v4.1.0"
        ]
    );
    assert_eq!(
        why("declaring"),
        ["words of a state: “i'm on it”, “declaring”", "severity set to 2"]
    );
    assert_eq!(entry("declaring").actor.as_deref(), Some("Rosa"));
    assert!(found.entries.iter().all(|entry| !entry.reasons.is_empty() && !entry.cites.is_empty()));
}

#[test]
fn key_times_are_found_where_the_evidence_supports_them_and_missing_where_not() {
    let found = of(&basket_incident());
    let expected = [
        (KeyTimeName::ImpactStart, "13:58:00"),
        (KeyTimeName::Detected, "14:01:00"),
        (KeyTimeName::Paged, "14:02:00"),
        (KeyTimeName::Acknowledged, "14:04:00"),
        (KeyTimeName::Declared, "14:05:00"),
        (KeyTimeName::Engaged, "14:05:00"),
        (KeyTimeName::Mitigated, "14:30:00"),
        (KeyTimeName::Resolved, "14:55:00"),
    ];
    let times: Vec<(KeyTimeName, Timestamp)> =
        found.key_times.iter().map(|found| (found.name, found.at)).collect();
    assert_eq!(times, expected.map(|(name, at)| (name, time(at))));
    assert_eq!(found.key_times[0].precision, Precision::Minute);
    assert!(
        found.key_times.iter().all(|found| found.reason.ends_with('.') && !found.cites.is_empty())
    );
    let missing: Vec<KeyTimeName> = found
        .questions
        .iter()
        .filter_map(
            |q| if let Question::Missing { key_time, .. } = q { Some(*key_time) } else { None },
        )
        .collect();
    assert_eq!(missing, [KeyTimeName::Triggered, KeyTimeName::Identified, KeyTimeName::ImpactEnd]);
}

#[test]
fn nothing_becomes_nothing_and_small_talk_becomes_no_incident() {
    let nothing = of(&[]);
    assert!(
        nothing.entries.is_empty() && nothing.questions.is_empty() && nothing.key_times.is_empty()
    );
    let talk = of(&[
        says("Ada", "09:00:00", "good morning!"),
        says("Bob", "09:01:00", "lunch?"),
        says("Ada", "09:02:00", "merged, looks good"),
    ]);
    assert!(talk.entries.is_empty() && talk.key_times.is_empty() && talk.questions.is_empty());
}

#[test]
fn a_storm_is_one_entry() {
    let mut items: Vec<Item> =
        (0..60).map(|n| alert("ShardDown", &format!("14:01:{n:02}"), AlertState::Firing)).collect();
    items.truncate(41);
    assert_eq!(texts(&of(&items)), ["41 alerts of ShardDown fired within 40 s."]);
    let many: Vec<Item> = (0..9)
        .map(|n| alert(&format!("Alert{n}"), &format!("14:01:{:02}", n * 5), AlertState::Firing))
        .collect();
    assert_eq!(
        texts(&of(&many)),
        ["9 alerts of 9 kinds fired within 40 s: Alert0, Alert1, Alert2 and 6 more."]
    );
}

#[test]
fn names_that_begin_alike_are_different_alerts() {
    let name = |n: usize| format!("ReplicationLagOfThePrimaryDatabaseCluster{n}");
    let many: Vec<Item> =
        (0..7).map(|n| alert(&name(n), &format!("14:01:0{n}"), AlertState::Firing)).collect();
    let found = of(&many);
    let text = texts(&found)[0];
    assert!(text.starts_with("7 alerts of 7 kinds fired within 6 s: "), "{text}");
    assert!(text.ends_with(" and 4 more."), "{text}");
}

#[test]
fn a_silence_much_longer_than_usual_is_a_question_with_people_to_ask() {
    let mut items = vec![alert("BasketErrors", "14:00:00", AlertState::Firing)];
    for minute in [1, 2, 3, 4, 5] {
        items.push(says(
            "Ada",
            &format!("14:{minute:02}:00"),
            &format!("looking at graph number {minute} now"),
        ));
    }
    items.push(says("Bob", "14:50:00", "Mitigated."));
    let found = of(&items);
    let gap = found.questions.iter().find_map(|q| {
        if let Question::Gap { from, to, typical, people, .. } = q {
            Some((*from, *to, *typical, people.clone()))
        } else {
            None
        }
    });
    assert_eq!(
        gap,
        Some((
            time("14:05:00"),
            time("14:50:00"),
            SignedDuration::from_mins(1),
            vec!["Ada".into(), "Bob".into()]
        ))
    );
    assert!(
        asks(&found).contains(
            "Nothing is recorded from 14:05 to 14:50 UTC (45 min; usually something every 1 min)"
        ),
        "{}",
        asks(&found)
    );
    let mut early = items.clone();
    early.push(deploy("02:00:00", ChangeKind::Deployment, ChangeState::Succeeded, "abc1234"));
    let gaps = |items: &[Item]| {
        of(items).questions.iter().filter(|q| matches!(q, Question::Gap { .. })).count()
    };
    assert_eq!(gaps(&early), 1, "the night before is lead-up");
}

#[test]
fn contradictions_become_questions() {
    let fire = alert("BasketErrors", "14:00:00", AlertState::Firing);
    let asked = |items: &[Item]| asks(&of(items));
    let other = asked(&[fire.clone(), says("Ada", "16:02:00", "Resolved at 15:40 UTC")]);
    assert!(other.contains("The text says resolved at 15:40 UTC, the message was sent at 16:02:00 UTC on 2026-11-17. Which time holds?"), "{other}");
    let early = asked(&[
        says("Ada", "13:50:00", "Mitigated."),
        fire.clone(),
        says("Ada", "14:01:00", "we have an outage"),
    ]);
    assert!(early.contains("Mitigated lies before detected, by 10 min"), "{early}");
    let unseen = asked(&[fire.clone(), alert("DiskFull", "14:20:00", AlertState::Resolved)]);
    assert!(unseen.contains("The alert DiskFull was resolved at 14:20:00 UTC on 2026-11-17, but nothing here says when it fired"), "{unseen}");
    let again = asked(&[
        fire.clone(),
        says("Ada", "14:10:00", "Mitigated."),
        alert("BasketErrors", "14:15:01", AlertState::Firing),
    ]);
    assert!(again.contains("It was called mitigated at 14:10:00 UTC on 2026-11-17, but the alert BasketErrors fired at 14:15:01"), "{again}");
    let two = asked(&[
        fire.clone(),
        deploy("14:10:00", ChangeKind::Rollback, ChangeState::Started, "v4.1.0"),
        says("Ada", "14:40:00", "for the record: the rollback started at 14:25 UTC"),
    ]);
    assert!(two.contains("Two times are told for the start of the rollback: 14:10:00 UTC on 2026-11-17 and 14:25:00 UTC"), "{two}");
    let twice = asked(&[
        fire,
        says("Ada", "14:10:00", "Mitigated."),
        says("Bob", "15:00:00", "now it is mitigated"),
    ]);
    assert!(
        twice.contains("“mitigated” is said of 14:10:00 UTC on 2026-11-17 and of 15:00:00 UTC"),
        "{twice}"
    );
}

#[test]
fn a_time_whose_zone_is_not_clear_is_asked_about_and_not_taken() {
    let found = of(&[
        alert("BasketErrors", "14:00:00", AlertState::Firing),
        says("Ada", "16:02:00", "Resolved at 17:02"),
    ]);
    assert_eq!(key_time(&found, KeyTimeName::Resolved), Some(time("16:02:00")));
    assert!(asks(&found).contains("In which zone is 17:02?"), "{}", asks(&found));
    let mut log = alert("BasketErrors", "15:00:10", AlertState::Firing);
    log.source = "csv".into();
    log.occurred.zone = ZoneOrigin::Said("Europe/London".into());
    let found = of(&[alert("BasketErrors", "14:00:00", AlertState::Firing), log]);
    assert!(
        asks(&found).contains("Are the times of csv really in Europe/London?"),
        "{}",
        asks(&found)
    );
}

#[test]
fn a_chart_is_an_indicator_only_when_it_left_a_steady_band() {
    let chart = |values: &[f64]| {
        let at = |n: usize| {
            time("14:00:00")
                .checked_add(SignedDuration::from_secs(30 * n as i64))
                .expect("in range")
        };
        let mut chart = item(Kind::Metric, "prometheus", "14:00:00", "errors: 1 series");
        chart.place = Some("errors".into());
        chart.series = vec![Series {
            name: "job=\"basket\"".into(),
            points: values.iter().enumerate().map(|(n, v)| (at(n), *v)).collect(),
        }];
        chart
    };
    let mut values = [1.0, 1.1, 0.9].repeat(7);
    values.extend([20.0, 31.0, 25.0, 1.0, 1.1, 1.0]);
    let found = of(&[chart(&values)]);
    assert_eq!(
        texts(&found)[0],
        "errors job=\"basket\" left its usual band (0.4 to 1.6) and went as far as 31."
    );
    assert_eq!((found.entries[0].fact, found.entries[1].fact), (Fact::Indicator, Fact::Outcome));
    assert_eq!(found.entries[0].at, time("14:10:30"));
    let flat = of(&[chart(&[1.0; 30])]);
    assert_eq!(
        (texts(&flat), flat.entries[0].fact),
        (vec!["Chart of errors: 1 series."], Fact::Context)
    );
}

#[test]
fn nobody_is_the_subject_of_a_fault() {
    let items = [
        alert("BasketErrors", "14:00:00", AlertState::Firing),
        says("Jun", "14:01:00", "looking at it"),
        says("Rosa", "14:05:00", "Jun broke the basket again. Decision: roll back now."),
        says("Kim", "14:06:00", "whose fault is the outage"),
    ];
    let all = texts(&of(&items)).join("\n");
    assert!(all.contains("“Decision: roll back now.”"), "{all}");
    assert!(!all.contains("broke") && !all.contains("fault"), "{all}");
}

#[test]
fn german_and_japanese_are_read() {
    let items = [
        says("Ada", "14:00:00", "Der Warenkorb funktioniert nicht, Kunden melden Fehler"),
        says("Bob", "14:02:00", "Bin dran"),
        says("Chie", "14:05:00", "ステータスページを更新しました"),
        says("Bob", "14:20:00", "Ursache gefunden: Zertifikat abgelaufen"),
        says("Chie", "14:30:00", "暫定復旧しました"),
        says("Ada", "14:50:00", "Störung behoben."),
    ];
    let found = of(&items);
    let names: Vec<KeyTimeName> = found.key_times.iter().map(|time| time.name).collect();
    use KeyTimeName as K;
    assert_eq!(
        names,
        [
            K::Detected,
            K::Acknowledged,
            K::Engaged,
            K::Identified,
            K::Mitigated,
            K::Resolved,
            K::FirstPublicNotice
        ]
    );
}

#[test]
fn a_day_of_small_talk_does_not_hide_the_incident_of_another_day() {
    let mut items = basket_incident();
    for hour in 0..9 {
        let mut talk = says(
            "Ada",
            &format!("0{hour}:00:00"),
            "is the staging box down for anyone? never mind, merged",
        );
        talk.place = Some("general".into());
        items.push(talk);
    }
    assert_eq!(key_time(&of(&items), KeyTimeName::Resolved), Some(time("14:55:00")));
}

#[test]
fn many_entries_are_lightened_and_counted() {
    let items: Vec<Item> = (0..200)
        .map(|n| {
            says(
                "Ada",
                &format!("{:02}:{:02}:00", 8 + n / 60, n % 60),
                &format!("Decision: try number {n}"),
            )
        })
        .collect();
    let found = of(&items);
    assert_eq!((found.entries.len(), found.left_out), (MOST_ENTRIES, 200 - MOST_ENTRIES));
}

/// Texts that could come from anywhere.
fn any_item() -> impl Strategy<Value = Item> {
    let said = prop::sample::select(vec![
        "Mitigated.",
        "Resolved at 12:10 UTC",
        "İstanbul is down!!! ẞ",
        "[FIRING:3] Down (a|b)",
        "[RESOLVED] Down",
        "rollback started",
        "ok?",
        "Ada broke it 23:59 +14:00",
        "deploy 9c1e2ab finished 13:57:10Z",
        "ステータスページを更新しました",
        "",
        "on it",
        "sev-1 now",
        "```ERROR```\n\n|x|",
    ]);
    let text = prop_oneof![3 => said.prop_map(str::to_owned), 1 => ".{0,300}"];
    let kind = prop::sample::select(vec![
        Kind::Chat,
        Kind::Alert,
        Kind::Page,
        Kind::Deploy,
        Kind::Log,
        Kind::Metric,
        Kind::StatusPost,
        Kind::Manual,
        Kind::File,
    ]);
    let who = prop::option::of(prop::sample::select(vec!["Ada", "Bob", "bot", "\u{202e}x"]));
    (text, kind, who, 0_i64..400_000, any::<(bool, bool, bool)>(), 0_u8..8, 0_u32..4).prop_map(
        |(text, kind, who, second, (bot, pinned, system), signal, id)| {
            let at =
                time("00:00:00").checked_add(SignedDuration::from_secs(second)).expect("in range");
            let occurred =
                Occurred { at, precision: Precision::Second, zone: ZoneOrigin::Said("UTC".into()) };
            let mut item = Item::new(
                kind,
                if id % 2 == 0 { "slack" } else { "csv" },
                format!("{second}-{id}"),
                occurred,
            );
            (item.text, item.author, item.author_is_bot) = (text, who.map(str::to_owned), bot);
            (item.signals.pinned, item.signals.system_message) = (pinned, system);
            match signal {
                0 => item.signals.page = Some(PageSignal::Acknowledged),
                1 => {
                    item.signals.alert = Some(AlertSignal {
                        name: "Down".into(),
                        state: AlertState::Resolved,
                        severity: None,
                    })
                }
                2 => {
                    item.signals.change = Some(ChangeSignal {
                        what: ChangeKind::Rollback,
                        state: ChangeState::Started,
                        environment: None,
                        revision: Some("ü".repeat(30)),
                    })
                }
                3 => {
                    item.series =
                        vec![Series { name: "s".into(), points: vec![(at, f64::NAN), (at, 1.0)] }]
                }
                _ => {}
            }
            item
        },
    )
}

proptest! {
    #[test]
    fn the_order_of_arrival_changes_nothing(items in prop::collection::vec(any_item(), 0..40), turn in 0_usize..40) {
        // the same fact read twice has the same id, so each is there once
        let mut seen = std::collections::BTreeSet::new();
        let items: Vec<Item> = items.into_iter().filter(|item| seen.insert((item.source.clone(), item.external_id.clone()))).collect();
        let mut turned = items.clone();
        turned.rotate_left(turn.min(items.len()));
        turned.reverse();
        let json = |items: &[Item]| serde_json::to_string(&of(items)).expect("it is plain data");
        prop_assert_eq!(json(&items), json(&turned));
    }

    #[test]
    fn every_entry_is_one_short_line_that_cites_evidence(items in prop::collection::vec(any_item(), 0..40)) {
        let found = of(&items);
        for entry in &found.entries {
            prop_assert!(entry.text.chars().count() <= 200 && !entry.text.contains('\n') && !entry.text.trim().is_empty(), "{}", entry.text);
            prop_assert!(!entry.cites.is_empty() && !entry.reasons.is_empty());
        }
        prop_assert!(found.entries.windows(2).all(|pair| pair[0].at <= pair[1].at));
    }
}
