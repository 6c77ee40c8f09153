//! The timeline's operations of the API, through the site, on both databases.

use crate::access::{Seat, Viewer};
use crate::evidence::EvidenceId;
use crate::evidence::{Precision, capture};
use crate::incidents::declare::{Declaration, declare};
use crate::incidents::{self, Incident, Kind, Label, Title};
use crate::testing::{Call, On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

async fn incident(app: &TestApp, by: &Viewer, label: Label) -> Incident {
    let title = Title::parse("Checkout is slow").unwrap();
    let (kind, severity) = (Kind::Outage, Some(2));
    let said = Declaration { title, kind, severity, report_only: true, label };
    let (_, key) = declare(&app.app, by, &said).await.unwrap();
    let mut conn = app.app.db.read().await.unwrap();
    incidents::need(&mut conn, by, &key.to_string()).await.unwrap()
}

async fn note(app: &TestApp, by: &Viewer, of: &Incident, at: &str, text: &str) -> EvidenceId {
    let at = kit::db::Time::new(at.parse().unwrap());
    let when = capture::Said { at, precision: Precision::Second, typed: true };
    capture::note(&app.app, by, of, text, when).await.unwrap()
}

fn base(of: &Incident) -> String {
    format!("/incidents/{}/timeline", of.key())
}

async fn ask(app: &TestApp, by: &Viewer, path: &str) -> (StatusCode, Value) {
    app.call(by, Call { method: "GET", path, version: None }, Value::Null).await
}

async fn post(app: &TestApp, by: &Viewer, path: &str, body: Value) -> (StatusCode, Value) {
    app.call(by, Call { method: "POST", path, version: None }, body).await
}

fn said(minute: u32, text: &str) -> Value {
    json!({ "at": format!("2026-03-05T10:{minute:02}:00Z"), "fact": "event", "text": text })
}

#[rstest]
#[tokio::test]
async fn an_entry_is_written_read_changed_and_undone(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let piece = note(&app, &ada, &of, "2026-03-05T10:02:03Z", "pool is at 100 of 100").await;
    let new = json!({
        "at": "2026-03-05T10:02:00Z", "fact": "action", "phase": "repair", "text": " Rolled back ",
        "actor": "role:commander", "result": "worked", "cites": [piece],
        "until": "2026-03-05T10:05:00Z"
    });
    let (status, made) = post(&app, &ada, &base(&of), new).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let entry = &made["entries"][0];
    assert_eq!(entry["text"], "Rolled back");
    assert_eq!(entry["cites"], json!([piece]));
    assert_eq!((&entry["precision"], &entry["version"]), (&json!("minute"), &json!(1)));
    let path = format!("{}/{}", base(&of), entry["id"].as_str().unwrap());
    let (_, read) = ask(&app, &ada, &path).await;
    assert_eq!(read, *entry);

    let change = Call { method: "PATCH", path: &path, version: Some(1) };
    let body = json!({ "until": null, "phase": null, "text": "Rolled back to 1.7.3" });
    let (status, changed) = app.call(&ada, change, body).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    let now = &changed["entries"][0];
    assert_eq!((&now["until"], &now["phase"]), (&Value::Null, &Value::Null));
    assert_eq!((&now["actor"], &now["version"]), (&json!("role:commander"), &json!(2)));
    assert_eq!(now["cites"], json!([piece]), "what it cites is kept");

    let (status, undone) = post(&app, &ada, &format!("{}/undo", base(&of)), json!({})).await;
    assert_eq!(status, StatusCode::OK, "{undone}");
    assert_eq!(undone["entries"][0]["text"], "Rolled back");
    let (_, changes) = ask(&app, &ada, &format!("{}/changes", base(&of))).await;
    let told: Vec<(&Value, &Value)> = changes["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (&c["number"], &c["can_be_undone"]))
        .collect();
    assert_eq!(told, [(&json!(2), &json!(false)), (&json!(1), &json!(true))]);

    let taken = Call { method: "DELETE", path: &path, version: Some(3) };
    let (status, gone) = app.call(&ada, taken, Value::Null).await;
    assert_eq!((status, &gone["taken_away"]), (StatusCode::OK, &json!([read["id"]])), "{gone}");
    assert_eq!(ask(&app, &ada, &path).await.0, StatusCode::NOT_FOUND);
}

#[rstest]
#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_written(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let bad = json!({
        "at": "2026-03-05T10:02:00Z", "until": "2026-03-05T09:00:00Z", "fact": "event", "text": " ",
        "result": "worked", "uncertainty_s": -1, "actor": "x".repeat(121)
    });
    let (status, problem) = post(&app, &ada, &base(&of), bad).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let paths: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["until", "result", "uncertainty_s", "text", "actor"]);
    let stranger =
        json!({ "at": "2026-03-05T10:02:00Z", "fact": "event", "text": "x", "who": "Ada" });
    let (status, problem) = post(&app, &ada, &base(&of), stranger).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let both = json!({ "by": "five", "all": true });
    let (status, problem) = post(&app, &ada, &format!("{}/shift", base(&of)), both).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["errors"][0]["path"], "by");
    assert_eq!(ask(&app, &ada, &base(&of)).await.1["items"], json!([]));
}

#[rstest]
#[tokio::test]
async fn two_who_write_at_once_lose_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let (_, made) = post(&app, &ada, &base(&of), said(2, "It broke")).await;
    let path = format!("{}/{}", base(&of), made["entries"][0]["id"].as_str().unwrap());
    let first = Call { method: "PATCH", path: &path, version: Some(1) };
    app.call(&ada, first, json!({ "text": "It broke at noon" })).await;
    for method in ["PATCH", "DELETE"] {
        let late = Call { method, path: &path, version: Some(1) };
        let (status, problem) = app.call(&ada, late, json!({ "text": "It fell over" })).await;
        assert_eq!(status, StatusCode::PRECONDITION_FAILED, "{method}");
        assert_eq!(problem["current"]["text"], "It broke at noon");
    }
    let blind = Call { method: "PATCH", path: &path, version: None };
    let (status, _) = app.call(&ada, blind, json!({ "text": "It fell over" })).await;
    assert_eq!(status, StatusCode::PRECONDITION_REQUIRED);
}

#[rstest]
#[tokio::test]
async fn who_may_not_see_finds_nothing_and_who_only_reads_writes_nothing(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let eve = app.person("eve", Seat::Editor).await;
    let rolf = app.person("rolf", Seat::Reader).await;
    let hidden = incident(&app, &ada, Label::Red).await;
    let (_, made) = post(&app, &ada, &base(&hidden), said(2, "It leaked")).await;
    let one = format!("{}/{}", base(&hidden), made["entries"][0]["id"].as_str().unwrap());
    for path in [
        &base(&hidden),
        &one,
        &format!("{}/changes", base(&hidden)),
        &format!("{}/proposal", base(&hidden)),
    ] {
        assert_eq!(ask(&app, &eve, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(post(&app, &eve, &base(&hidden), said(2, "x")).await.0, StatusCode::NOT_FOUND);

    let open = incident(&app, &ada, Label::AmberStrict).await;
    let elsewhere = format!("{}/{}", base(&open), made["entries"][0]["id"].as_str().unwrap());
    assert_eq!(ask(&app, &ada, &elsewhere).await.0, StatusCode::NOT_FOUND, "of another incident");
    assert_eq!(post(&app, &rolf, &base(&open), said(2, "x")).await.0, StatusCode::FORBIDDEN);
    let put_aside = format!("{}/proposal/put-aside", base(&open));
    let mark = json!({ "mark": "0123456789abcdef01234567" });
    assert_eq!(post(&app, &rolf, &put_aside, mark.clone()).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&app, &ada, &put_aside, mark).await.0, StatusCode::NO_CONTENT);
}

#[rstest]
#[tokio::test]
async fn a_list_pages_in_the_order_of_reading_and_skips_nothing(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    for minute in [5, 1, 3, 2, 4] {
        post(&app, &ada, &base(&of), said(minute, &format!("At {minute}"))).await;
    }
    let (_, first) = ask(&app, &ada, &format!("{}?limit=2", base(&of))).await;
    let texts = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&first), ["At 1", "At 2"]);
    // The one the page ended with goes away; the next page begins after where it was.
    let last = &first["items"][1];
    let path = format!("{}/{}", base(&of), last["id"].as_str().unwrap());
    app.call(&ada, Call { method: "DELETE", path: &path, version: Some(1) }, Value::Null).await;
    let next = first["next"].as_str().unwrap();
    let (_, second) = ask(&app, &ada, &format!("{}?limit=9&cursor={next}", base(&of))).await;
    assert_eq!(
        (texts(&second), &second["next"]),
        (vec!["At 3".into(), "At 4".into(), "At 5".into()], &Value::Null)
    );
    let (_, few) =
        ask(&app, &ada, &format!("{}?at[gt]=2026-03-05T10:03:00Z&fields=text", base(&of))).await;
    assert_eq!(few["items"], json!([{ "text": "At 4" }, { "text": "At 5" }]));
    let (status, told) = ask(&app, &ada, &format!("{}?colour=red", base(&of))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{told}");
}

#[rstest]
#[tokio::test]
async fn entries_are_promoted_merged_split_moved_and_cite(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    let one = note(&app, &ada, &of, "2026-03-05T10:02:03Z", "pool is at 100 of 100").await;
    let two = note(&app, &ada, &of, "2026-03-05T10:03:00Z", "queue grows").await;
    let at = |verb: &str| format!("{}/{verb}", base(&of));
    let (status, first) = post(&app, &ada, &at("promote"), json!({ "evidence": [one] })).await;
    assert_eq!(status, StatusCode::CREATED, "{first}");
    let (status, again) = post(&app, &ada, &at("promote"), json!({ "evidence": [one] })).await;
    assert_eq!((status, &again["type"]), (StatusCode::CONFLICT, &json!("on_timeline")));
    let id = first["entries"][0]["id"].as_str().unwrap().to_owned();

    let merging = json!({ "entries": [id], "evidence": [two] });
    let (status, merged) = post(&app, &ada, &at("merge"), merging).await;
    assert_eq!(status, StatusCode::OK, "{merged}");
    assert_eq!(merged["entries"][0]["text"], "pool is at 100 of 100\nqueue grows");
    let (status, few) = post(&app, &ada, &at("merge"), json!({ "entries": [id] })).await;
    assert_eq!(
        (status, &few["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("entries"))
    );

    let halves = json!({
        "first_text": "Pool full", "second_text": "Queue grows",
        "second_at": "2026-03-05T10:03:00Z", "second_cites": [two]
    });
    let path = at(&format!("{id}/split"));
    let (status, split) =
        app.call(&ada, Call { method: "POST", path: &path, version: Some(2) }, halves).await;
    assert_eq!(status, StatusCode::CREATED, "{split}");
    assert_eq!(split["entries"][0]["cites"], json!([one]));
    assert_eq!(split["entries"][1]["cites"], json!([two]));

    let (status, cited) =
        post(&app, &ada, &at(&format!("{id}/cite")), json!({ "add": [two], "remove": [one] }))
            .await;
    assert_eq!((status, &cited["entries"][0]["cites"]), (StatusCode::OK, &json!([two])), "{cited}");
    let (status, moved) =
        post(&app, &ada, &at("shift"), json!({ "by": "+5 min", "all": true })).await;
    assert_eq!((status, &moved["touched"]), (StatusCode::OK, &json!(2)), "{moved}");
    assert_eq!(moved["entries"][0]["at"], "2026-03-05T10:07:03Z");
}

#[rstest]
#[tokio::test]
async fn what_is_proposed_is_taken_over_put_aside_and_brought_back(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = incident(&app, &ada, Label::AmberStrict).await;
    note(&app, &ada, &of, "2026-03-05T10:00:00Z", "We decided to roll back checkout").await;
    note(&app, &ada, &of, "2026-03-05T10:05:00Z", "Rollback of checkout is done, it is mitigated")
        .await;
    let at = |verb: &str| format!("{}/proposal{verb}", base(&of));
    let (_, open) = ask(&app, &ada, &at("")).await;
    let first = open["entries"][0].clone();
    assert!(!first["why"].as_array().unwrap().is_empty(), "{open}");
    let how_many = open["entries"].as_array().unwrap().len();
    let mark = json!({ "mark": first["mark"] });
    post(&app, &ada, &at("/put-aside"), mark.clone()).await;
    let (_, fewer) = ask(&app, &ada, &at("")).await;
    assert_eq!(fewer["entries"].as_array().unwrap().len(), how_many - 1);
    assert_eq!(fewer["put_aside"], 1);
    let (status, _) = post(&app, &ada, &at("/bring-back"), Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, taken) = post(&app, &ada, &at("/take-over"), mark.clone()).await;
    assert_eq!((status, &taken["entries"][0]["text"]), (StatusCode::OK, &first["text"]), "{taken}");
    let (status, _) = post(&app, &ada, &at("/take-over"), mark).await;
    assert_eq!(status, StatusCode::CONFLICT, "no longer proposed");
    let (status, neither) = post(&app, &ada, &at("/take-over"), json!({})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{neither}");
    if let Some(time) = open["key_times"].as_array().unwrap().first() {
        let (status, told) =
            post(&app, &ada, &at("/key-time"), json!({ "mark": time["mark"] })).await;
        assert_eq!(status, StatusCode::OK, "{told}");
    }
}
