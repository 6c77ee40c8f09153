use super::entry::{Content, Entry, sort};
use super::fact::{Fact, Phase};
use super::merge::{self, Halves};
use super::promote::joined;
use super::{ChangeId, edit, of_incident, promote, shift, store, undo, write};
use crate::access::{Seat, Viewer};
use crate::evidence::EvidenceId;
use crate::evidence::capture::{self, Said as When};
use crate::incidents::declare::{Declaration, declare};
use crate::incidents::key_time::Precision;
use crate::incidents::{self, Incident, Kind, Label, Title};
use crate::testing::{On, TestApp};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use jiff::SignedDuration;
use kit::db::Time;
use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use rstest::rstest;

fn time(text: &str) -> Time {
    Time::new(text.parse().unwrap())
}

async fn incident(app: &TestApp, by: &Viewer, label: Label) -> Incident {
    let said = Declaration {
        title: Title::parse("Checkout is slow").unwrap(),
        kind: Kind::Outage,
        severity: Some(2),
        report_only: true,
        label,
    };
    let (_, key) = declare(&app.app, by, &said).await.unwrap();
    let mut conn = app.app.db.read().await.unwrap();
    incidents::need(&mut conn, by, &key.to_string()).await.unwrap()
}

async fn note(app: &TestApp, by: &Viewer, of: &Incident, at: &str, text: &str) -> EvidenceId {
    let when = When { at: time(at), precision: Precision::Second, typed: true };
    capture::note(&app.app, by, of, text, when).await.unwrap()
}

async fn entries(app: &TestApp, viewer: &Viewer, of: &Incident) -> Vec<Entry> {
    let mut conn = app.app.db.read().await.unwrap();
    of_incident(&mut conn, viewer, of).await.unwrap()
}

async fn hand(app: &TestApp, by: &Viewer, of: &Incident, at: &str, text: &str) -> Entry {
    let content = Content::plain(time(at), Fact::Event, text);
    let done = write::write(&app.app, by, of, content, None).await.unwrap();
    done.entries[0].clone()
}

fn base(of: &Incident) -> String {
    format!("/i/{}/timeline", of.key())
}

/// Sends a form as a key press does.
async fn press(
    app: &TestApp,
    by: &Viewer,
    path: &str,
    form: &[(&str, &str)],
) -> crate::testing::Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::builder().method(Method::POST).uri(path);
    let request = request.header(header::ACCEPT, "text/html").header("x-fragment", "1");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(Some(by), request.body(Body::from(body)).unwrap()).await
}

#[rstest]
#[tokio::test]
async fn a_piece_becomes_an_entry_that_cites_it_and_says_its_text_and_time(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let id = note(&app, &ada, &of, "2026-03-05T10:02:03Z", "pool is at 100 of 100").await;
    let path = format!("{}/promote", base(&of));
    let form = [("evidence", id.as_str()), ("phase", "diagnosis"), ("fact", "indicator")];
    let answer = press(&app, &ada, &path, &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(answer.body.contains("class=\"item used\""), "{}", answer.body);
    assert!(answer.body.contains("id=\"entries\"") && answer.body.contains("class=\"toast\""));
    let all = entries(&app, &ada, &of).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].text, "pool is at 100 of 100");
    assert_eq!(all[0].at, time("2026-03-05T10:02:03Z"));
    assert_eq!((all[0].phase, all[0].fact), (Some(Phase::Diagnosis), Fact::Indicator));
    assert_eq!(all[0].cites, std::slice::from_ref(&id));
    let again = press(&app, &ada, &path, &form).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "the same piece twice: {}", again.body);
    assert_eq!(entries(&app, &ada, &of).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn undo_takes_a_change_back_whole_for_a_day(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let one = note(&app, &ada, &of, "2026-03-05T10:02:00Z", "one").await;
    let two = note(&app, &ada, &of, "2026-03-05T10:03:00Z", "two").await;
    for id in [&one, &two] {
        promote::promote(&app.app, &ada, &of, std::slice::from_ref(id), (None, None), None)
            .await
            .unwrap();
    }
    let before = entries(&app, &ada, &of).await;
    let ids: Vec<_> = before.iter().map(|entry| entry.id.clone()).collect();
    let done = merge::merge(&app.app, &ada, &of, &ids, &[], None).await.unwrap();
    let merged = entries(&app, &ada, &of).await;
    assert_eq!(merged.len(), 1);
    assert_eq!(merged[0].text, "one\ntwo");
    assert_eq!(merged[0].cites.len(), 2, "citations are united");
    let undone = undo::undo(&app.app, &ada, &of, done.id.as_ref(), None).await.unwrap();
    assert!(undone.says.starts_with("Undone: merged"), "{}", undone.says);
    let after = entries(&app, &ada, &of).await;
    let contents = |all: &[Entry]| all.iter().map(|e| e.content.clone()).collect::<Vec<_>>();
    assert_eq!(contents(&after), contents(&before), "the rows are as they were");
    let twice = undo::undo(&app.app, &ada, &of, done.id.as_ref(), None).await.unwrap_err();
    assert!(twice.detail.contains("undone already"), "{}", twice.detail);
    let late = hand(&app, &ada, &of, "2026-03-05T11:00:00Z", "late").await;
    app.clock.advance(std::time::Duration::from_secs(25 * 3600));
    let refused = undo::undo(&app.app, &ada, &of, None, None).await.unwrap_err();
    assert!(refused.detail.contains("more than 24 hours ago"), "{}", refused.detail);
    assert!(entries(&app, &ada, &of).await.iter().any(|entry| entry.id == late.id));
}

#[rstest]
#[tokio::test]
async fn undo_never_goes_over_a_later_change_of_the_same_entry(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let bob = app.person("bob", Seat::Contributor).await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let entry = hand(&app, &ada, &of, "2026-03-05T10:02:00Z", "rollback").await;
    let other = hand(&app, &ada, &of, "2026-03-05T10:05:00Z", "other").await;
    let phase = Some(Phase::Repair);
    let which = (&entry.id, None);
    let set = edit::set_phase(&app.app, &ada, &of, which, phase, None).await.unwrap();
    edit::delete(&app.app, &bob, &of, (&other.id, None), None).await.unwrap();
    let content = Content { text: "rollback began".into(), ..entry.content.clone() };
    let by_bob = edit::edit(&app.app, &bob, &of, (&entry.id, 2), content, None).await.unwrap();
    let refused = undo::undo(&app.app, &ada, &of, set.id.as_ref(), None).await.unwrap_err();
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.detail.contains("“Edited an entry” changed the same entry later"),
        "{}",
        refused.detail
    );
    undo::undo(&app.app, &ada, &of, by_bob.id.as_ref(), None).await.unwrap();
    undo::undo(&app.app, &ada, &of, set.id.as_ref(), None).await.unwrap();
    let now = entries(&app, &ada, &of).await;
    assert_eq!(now.len(), 1, "what else was done stays done");
    assert_eq!((now[0].text.as_str(), now[0].phase), ("rollback", None));
    assert_eq!(now[0].version, 5, "a version never comes again");
}

#[rstest]
#[tokio::test]
async fn who_edits_what_somebody_changed_is_told_and_keeps_what_they_typed(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let entry = hand(&app, &ada, &of, "2026-03-05T10:02:00Z", "first words").await;
    let path = format!("{}/{}", base(&of), entry.id);
    let form = |text: &'static str, version: &'static str| {
        [("at", "2026-03-05 10:02"), ("fact", "event"), ("text", text), ("version", version)]
    };
    let saved = app.post(&ada, &path, &form("second words", "1")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let late = app.post(&ada, &path, &form("third words", "1")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("It now says: second words"), "{}", late.body);
    assert!(late.body.contains("third words"), "what was typed is still there");
    assert_eq!(entries(&app, &ada, &of).await[0].text, "second words");
    let wrong =
        app.post(&ada, &path, &[("at", "yesterday"), ("fact", "event"), ("version", "2")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Say what happened.") && wrong.body.contains("yesterday"));
    assert!(wrong.body.contains("Say a day and a time"), "{}", wrong.body);
}

#[rstest]
#[tokio::test]
async fn i2_a_sign_or_outcome_without_evidence_is_shown_as_unsupported(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let content = Content::plain(time("2026-03-05T10:00:00Z"), Fact::Outcome, "errors fell");
    let done = write::write(&app.app, &ada, &of, content, None).await.unwrap();
    let id = done.entries[0].id.clone();
    let says = "unsupported: cite or mark as memory";
    assert!(app.get(&ada, &base(&of)).await.body.contains(says));
    let counted = async |unsupported| {
        let mut conn = app.app.db.read().await.unwrap();
        let tally = store::tally(&mut conn, &ada, &of).await.unwrap();
        assert_eq!((tally.entries, tally.unsupported), (1, unsupported));
    };
    counted(1).await;
    let table = app.get(&ada, &format!("{}/table", base(&of))).await;
    assert!(table.body.contains("unsupported"), "{}", table.body);
    let piece = note(&app, &ada, &of, "2026-03-05T10:00:00Z", "errors fell to 0").await;
    edit::cite(&app.app, &ada, &of, &id, (std::slice::from_ref(&piece), &[]), None).await.unwrap();
    assert!(!app.get(&ada, &base(&of)).await.body.contains(says));
    counted(0).await;
    edit::cite(&app.app, &ada, &of, &id, (&[], &[piece]), None).await.unwrap();
    assert!(app.get(&ada, &base(&of)).await.body.contains(says));
    let memory = app.post(&ada, &format!("{}/{id}/memory", base(&of)), &[("version", "3")]).await;
    assert_eq!(memory.status, StatusCode::SEE_OTHER);
    let page = app.get(&ada, &base(&of)).await.body;
    assert!(!page.contains(says) && page.contains("from memory"));
    counted(0).await;
}

#[rstest]
#[tokio::test]
async fn a_split_gives_each_half_the_evidence_chosen_for_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let one = note(&app, &ada, &of, "2026-03-05T10:02:00Z", "one").await;
    let two = note(&app, &ada, &of, "2026-03-05T10:03:00Z", "two").await;
    let both = [one.clone(), two.clone()];
    let done = promote::promote(&app.app, &ada, &of, &both, (None, None), None).await.unwrap();
    let path = format!("{}/{}/split", base(&of), done.entries[0].id);
    let form = [
        ("version", "1"),
        ("first_text", "one"),
        ("second_text", "two"),
        ("second_at", "2026-03-05 10:03"),
        ("second_cites", two.as_str()),
    ];
    let answer = app.post(&ada, &path, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let all = entries(&app, &ada, &of).await;
    let said: Vec<_> = all.iter().map(|e| (e.text.as_str(), e.cites.clone())).collect();
    assert_eq!(said, [("one", vec![one.clone()]), ("two", vec![two])]);
    let stranger = Halves {
        first_text: "a".into(),
        second_text: "b".into(),
        second_at: all[1].at,
        second_cites: vec![one],
    };
    let which = (&all[1].id, all[1].version);
    let refused = merge::split(&app.app, &ada, &of, which, stranger, None).await.unwrap_err();
    assert!(refused.detail.contains("does not cite"), "{}", refused.detail);
}

#[rstest]
#[tokio::test]
async fn a_shift_there_and_back_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    for minute in 0..5 {
        hand(&app, &ada, &of, &format!("2026-03-05T10:0{minute}:00Z"), "entry").await;
    }
    let before = entries(&app, &ada, &of).await;
    let path = format!("{}/shift", base(&of));
    let chosen = [("by", "-00:05:30"), ("entry", before[4].id.as_str())];
    assert_eq!(app.post(&ada, &path, &chosen).await.status, StatusCode::SEE_OTHER);
    let moved = entries(&app, &ada, &of).await;
    assert_eq!(moved[0].id, before[4].id, "it moved before the others");
    let back = SignedDuration::from_secs(330);
    let only = [before[4].id.clone()];
    shift::shift(&app.app, &ada, &of, Some(&only), back, None).await.unwrap();
    let all = SignedDuration::from_hours(1);
    shift::shift(&app.app, &ada, &of, None, all, None).await.unwrap();
    shift::shift(&app.app, &ada, &of, None, -all, None).await.unwrap();
    let after = entries(&app, &ada, &of).await;
    let contents = |all: &[Entry]| all.iter().map(|e| e.content.clone()).collect::<Vec<_>>();
    assert_eq!(contents(&after), contents(&before));
    let none = app.post(&ada, &path, &[("by", "5 min")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("Select the entries to move."), "{}", none.body);
    let far =
        shift::shift(&app.app, &ada, &of, None, SignedDuration::from_hours(24 * 365 * 300), None);
    assert!(far.await.unwrap_err().detail.contains("1970 to 2200"));
    assert_eq!(contents(&entries(&app, &ada, &of).await), contents(&before), "all or none moved");
}

#[rstest]
#[tokio::test]
async fn a_private_incidents_timeline_does_not_exist_for_others(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let bob = app.person("bob", Seat::Editor).await;
    let leak = incident(&app, &ada, Label::Red).await;
    let open = incident(&app, &bob, Label::AmberStrict).await;
    let piece = note(&app, &ada, &leak, "2026-03-05T10:00:00Z", "secret words").await;
    let entry = hand(&app, &ada, &leak, "2026-03-05T10:00:00Z", "secret words").await;
    let api = format!("/api/v1/incidents/{}/timeline", leak.key());
    for path in [base(&leak), format!("{}/table", base(&leak)), format!("{}.csv", base(&leak)), api]
    {
        assert_eq!(app.get(&ada, &path).await.status, StatusCode::OK, "{path}");
        let answer = app.get(&bob, &path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.body.contains("secret"), "{path}");
    }
    let id = entry.id.to_string();
    let change = ChangeId::at(app.app.now()).to_string();
    let version = ("version", "1");
    let full = [version, ("at", "2026-03-05 10:00"), ("fact", "event"), ("text", "x")];
    // Of the private one, and of one's own with the other's ids.
    for of in [&leak, &open] {
        for (path, form) in [
            (format!("/{id}"), full.to_vec()),
            (format!("/{id}/delete"), vec![version]),
            (format!("/{id}/memory"), vec![version]),
            (format!("/{id}/cite"), vec![("drop", piece.as_str())]),
            ("/promote".to_owned(), vec![("evidence", piece.as_str())]),
            ("/phase".to_owned(), vec![("entry", id.as_str()), version, ("phase", "repair")]),
            ("/phase".to_owned(), vec![("evidence", piece.as_str())]),
            ("/merge".to_owned(), vec![("entry", id.as_str()), ("merge", piece.as_str())]),
            ("/shift".to_owned(), vec![("entry", id.as_str()), ("by", "5m")]),
            ("/undo".to_owned(), vec![("change", change.as_str())]),
        ] {
            let answer = app.post(&bob, &format!("{}{path}", base(of)), &form).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.body);
            assert!(!answer.body.contains("secret"), "{path}");
        }
    }
    let mut conn = app.app.db.read().await.unwrap();
    let kept = store::find(&mut conn, &leak.id, &entry.id).await.unwrap().unwrap();
    assert_eq!(kept, entry);
}

#[rstest]
#[tokio::test]
async fn a_reader_reads_and_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let rey = app.person("rey", Seat::Reader).await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let piece = note(&app, &ada, &of, "2026-03-05T10:00:00Z", "pool is full").await;
    let entry = hand(&app, &ada, &of, "2026-03-05T10:00:00Z", "pool was full").await;
    let page = app.get(&rey, &base(&of)).await;
    assert!(page.status == StatusCode::OK && page.body.contains("pool was full"));
    assert!(!page.body.contains("timeline/promote") && !page.body.contains("data-do=\"edit\""));
    let id = entry.id.to_string();
    let full = [("version", "1"), ("at", "2026-03-05 10:00"), ("fact", "event"), ("text", "mine")];
    for (path, form) in [
        (String::new(), full.to_vec()),
        (format!("/{id}"), full.to_vec()),
        (format!("/{id}/delete"), vec![("version", "1")]),
        ("/promote".to_owned(), vec![("evidence", piece.as_str())]),
        ("/phase".to_owned(), vec![("evidence", piece.as_str())]),
        ("/undo".to_owned(), vec![]),
        ("/proposal".to_owned(), vec![("all", "1")]),
        ("/aside".to_owned(), vec![]),
    ] {
        let answer = app.post(&rey, &format!("{}{path}", base(&of)), &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.body);
    }
    assert_eq!(entries(&app, &ada, &of).await, [entry]);
}

#[rstest]
#[tokio::test]
async fn a_first_timeline_is_proposed_with_reasons_and_taken_over(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    for (at, text) in [
        ("2026-03-05T10:00:00Z", "checkout is down, users see errors"),
        ("2026-03-05T10:04:00Z", "let's roll back to 4.18.1"),
        ("2026-03-05T10:05:00Z", "rolled back to 4.18.1"),
        ("2026-03-05T10:09:00Z", "mitigated, errors are back to normal"),
    ] {
        note(&app, &ada, &of, at, text).await;
    }
    let page = app.get(&ada, &base(&of)).await.body;
    assert!(page.contains("A first timeline is proposed") && page.contains("because: "), "{page}");
    let mark = page.split("name=\"mark\" value=\"").nth(1).unwrap()[..24].to_owned();
    let proposal = format!("{}/proposal", base(&of));
    let one = app.post(&ada, &proposal, &[("mark", &mark)]).await;
    assert_eq!(one.status, StatusCode::SEE_OTHER, "{}", one.body);
    let first = entries(&app, &ada, &of).await;
    assert!(first.len() == 1 && !first[0].cites.is_empty(), "{first:?}");
    let again = app.post(&ada, &proposal, &[("mark", &mark)]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "it is no longer proposed");
    let page = app.get(&ada, &base(&of)).await.body;
    let mark = page.split("name=\"mark\" value=\"").nth(1).unwrap()[..24].to_owned();
    let aside = format!("{}/aside", base(&of));
    assert_eq!(app.post(&ada, &aside, &[("mark", &mark)]).await.status, StatusCode::SEE_OTHER);
    let page = app.get(&ada, &base(&of)).await.body;
    assert!(!page.contains(&mark) && page.contains("1 put aside."), "it is not proposed again");
    app.post(&ada, &aside, &[]).await;
    assert!(app.get(&ada, &base(&of)).await.body.contains(&mark), "until it is brought back");
    app.post(&ada, &proposal, &[("all", "1")]).await;
    let all = entries(&app, &ada, &of).await;
    assert!(all.len() > 1 && all.iter().all(|entry| !entry.cites.is_empty()));
    app.post(&ada, &format!("{}/undo", base(&of)), &[]).await;
    assert_eq!(entries(&app, &ada, &of).await, first, "taking all over is undone at once");
}

#[rstest]
#[tokio::test]
async fn the_table_keeps_its_state_in_its_address(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    hand(&app, &ada, &of, "2026-03-05T10:00:00Z", "known at once").await;
    let later = Content {
        known_then: false,
        learned_at: Some(time("2026-03-07T09:00:00Z")),
        phase: Some(Phase::Diagnosis),
        precision: Precision::Minute,
        uncertainty_s: 60,
        ..Content::plain(time("2026-03-04T10:01:00Z"), Fact::Context, "learned in the review")
    };
    write::write(&app.app, &ada, &of, later, None).await.unwrap();
    let table = |query: &str| {
        let path = format!("{}/table{query}", base(&of));
        let (app, ada) = (&app, &ada);
        async move { app.get(ada, &path).await.body }
    };
    let all = table("").await;
    assert!(all.contains("known at once") && all.contains("learned in the review"));
    assert!(
        all.contains("≈ 10:01 <span class=\"z\">UTC</span>") && all.contains("± 1 min"),
        "{all}"
    );
    assert!(all.contains("Wednesday, 4 March 2026") && all.contains("Thursday, 5 March 2026"));
    assert!(!table("?known=then").await.contains("learned in the review"));
    assert!(!table("?fact=context").await.contains("known at once"));
    let phases = table("?phase=diagnosis&lanes=phase").await;
    assert!(
        phases.contains("<th scope=\"col\">Diagnosis</th>") && !phases.contains("known at once")
    );
    assert!(table("?phase=after").await.contains("Nothing matches"));
    assert!(table("?tz=nonsense&lanes=nonsense").await.contains("UTC"));
}

#[rstest]
#[tokio::test]
async fn files_of_the_timeline_hold_no_formula_and_all_entries(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    hand(&app, &ada, &of, "2026-03-05T10:00:00Z", "=HYPERLINK(\"http://x\")").await;
    let csv = app.get(&ada, &format!("{}.csv", base(&of))).await.body;
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{csv}");
    let path = format!("/api/v1/incidents/{}/timeline", of.key());
    let json: serde_json::Value = serde_json::from_str(&app.get(&ada, &path).await.body).unwrap();
    assert_eq!(json["items"][0]["incident"], of.key().to_string());
    assert_eq!(json["items"][0]["at"], "2026-03-05T10:00:00Z");
    assert_eq!(json["items"][0]["unsupported"], false);
}

#[rstest]
#[tokio::test]
async fn what_an_import_brought_that_was_taken_back_supports_nothing(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let path = format!(
        "/api/v1/incidents/{}/imports?file_name=notes.txt&day=2026-03-05&zone=UTC",
        of.key()
    );
    let body = "10:02:00 pool is at 100 of 100\n10:03:00 rollback started\n";
    let request = Request::builder().method(Method::POST).uri(&path);
    let request = request.header(header::CONTENT_TYPE, "application/octet-stream");
    let answer = app.send(Some(&ada), request.body(Body::from(body)).unwrap()).await;
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
    let mut conn = app.app.db.read().await.unwrap();
    let filter = crate::evidence::Filter::default();
    let pieces =
        crate::evidence::of_incident(&mut conn, &ada, &of.id, &filter, None, 10).await.unwrap();
    drop(conn);
    let id = pieces[0].id.clone();
    let as_sign = (Some(Fact::Indicator), None);
    promote::promote(&app.app, &ada, &of, &[id], as_sign, None).await.unwrap();
    assert!(!entries(&app, &ada, &of).await[0].is_unsupported());
    let import = pieces[0].import_id.clone().unwrap();
    capture::undo(&app.app, &ada, &of, &import).await.unwrap();
    let now = entries(&app, &ada, &of).await;
    assert!(now[0].cites.is_empty() && now[0].is_unsupported());
    let which = (&now[0].id, None);
    edit::set_phase(&app.app, &ada, &of, which, Some(Phase::After), None).await.unwrap();
    let request = Request::builder().method(Method::POST).uri(&path);
    let request = request.header(header::CONTENT_TYPE, "application/octet-stream");
    app.send(Some(&ada), request.body(Body::from(body)).unwrap()).await;
    assert!(!entries(&app, &ada, &of).await[0].is_unsupported(), "it comes back with its source");
}

fn content() -> impl Strategy<Value = Content> {
    let fact = prop::sample::select(Fact::ALL);
    let phase = prop::option::of(prop::sample::select(Phase::ALL));
    let precision = prop::sample::select(Precision::ALL);
    let cites = prop::collection::btree_set(0_u8..6, 0..3);
    let texts = prop::sample::select(vec!["a", "b", "c"]);
    (0_i64..4, 0_i64..2, precision, fact, phase, texts, cites, any::<bool>()).prop_map(
        |(at, tie, precision, fact, phase, text, cites, known_then)| Content {
            tie,
            precision,
            phase,
            known_then,
            cites: cites.into_iter().map(evidence).collect(),
            ..Content::plain(Time::from_microseconds(at * 1_000_000).unwrap(), fact, text)
        },
    )
}

fn evidence(n: u8) -> EvidenceId {
    EvidenceId::parse(&format!("evi_{n:032x}")).unwrap()
}

fn entry(content: Content) -> Entry {
    let now = time("2026-03-05T12:00:00Z");
    Entry {
        id: super::EntryId::at(now),
        incident_id: crate::incidents::IncidentId::at(now),
        content,
        created_by: crate::access::PersonId::at(now),
        created_at: now,
        updated_at: now,
        version: 1,
        deleted_at: None,
    }
}

fn shuffled() -> impl Strategy<Value = (Vec<Content>, Vec<Content>)> {
    prop::collection::vec(content(), 0..12)
        .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
}

proptest! {
    #[test]
    fn the_order_of_entries_never_depends_on_the_order_of_arrival((one, other) in shuffled()) {
        let read = |contents: Vec<Content>| {
            let mut entries: Vec<Entry> = contents.into_iter().map(entry).collect();
            sort(&mut entries);
            entries.into_iter().map(|entry| entry.content).collect::<Vec<_>>()
        };
        prop_assert_eq!(read(one), read(other));
    }

    #[test]
    fn a_merge_keeps_every_citation_and_the_earliest_time((one, other) in shuffled()) {
        prop_assert_eq!(joined(one.clone()), joined(other), "whatever was selected first");
        if let Some(whole) = joined(one.clone()) {
            for part in &one {
                prop_assert!(part.cites.iter().all(|id| whole.cites.contains(id)));
                prop_assert!(whole.at <= part.at && whole.text.contains(&part.text));
            }
            prop_assert_eq!(whole.known_then, one.iter().all(|part| part.known_then));
        } else {
            prop_assert!(one.is_empty());
        }
    }

    #[test]
    fn an_entry_is_kept_whole_with_a_change(content in content()) {
        let entry = entry(content);
        let kept = serde_json::to_string(&entry).unwrap();
        prop_assert_eq!(serde_json::from_str::<Entry>(&kept).unwrap(), entry);
    }
}
