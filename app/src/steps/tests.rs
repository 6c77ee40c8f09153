//! Steps on both databases: due in the team's calendar, done by facts, opened again with them.

use crate::access::{Seat, Viewer};
use crate::testing::{Call, On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

async fn ask(
    app: &TestApp,
    by: &Viewer,
    method: &'static str,
    path: &str,
    body: Value,
) -> (StatusCode, Value) {
    app.call(by, Call { method, path, version: None }, body).await
}

/// An incident that ended on Thursday, 5 March 2026, at noon, with a standard review that `by` owns.
async fn opened(app: &TestApp, by: &Viewer) -> String {
    let form = [("title", "Nobody could pay"), ("kind", "outage"), ("severity", "2")];
    let answer = app.post(by, "/incidents", &form).await;
    let key = answer.location.split('/').nth(2).unwrap().to_owned();
    app.post(by, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
    let body = json!({ "kind": "standard", "owner": by.id });
    let path = format!("/incidents/{key}/retrospectives");
    let (status, made) = ask(app, by, "POST", &path, body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    key
}

async fn steps(app: &TestApp, by: &Viewer, key: &str) -> Vec<Value> {
    let path = format!("/retrospectives/{key}/steps?limit=100");
    let (status, all) = ask(app, by, "GET", &path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{all}");
    all["items"].as_array().unwrap().clone()
}

fn find<'a>(all: &'a [Value], id: &str) -> &'a Value {
    all.iter().find(|one| one["step"] == id).unwrap()
}

#[rstest]
#[tokio::test]
async fn steps_are_due_in_business_days_and_done_by_facts(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let key = opened(&app, &ada).await;
    let all = steps(&app, &ada, &key).await;
    let ids: Vec<&str> = all.iter().map(|one| one["step"].as_str().unwrap()).collect();
    assert_eq!(&ids[..3], ["assign", "gather", "interviews"]);
    // Two business days after a Thursday end on Monday, when work does.
    assert_eq!(find(&all, "gather")["due"], "2026-03-09T17:00:00Z");
    assert_eq!(find(&all, "assign")["state"], "done");
    assert!(find(&all, "assign")["because"].as_str().unwrap().contains("Ada owns it"));
    // The meeting is due on Thursday; its readers have a day.
    assert_eq!(find(&all, "meeting")["due"], "2026-03-12T17:00:00Z");
    assert_eq!(find(&all, "review")["due"], "2026-03-11T17:00:00Z");
    assert_eq!(find(&all, "gather")["state"], "open");

    let (_, note) =
        ask(&app, &ada, "POST", &format!("/incidents/{key}/notes"), json!({"text": "rollback"}))
            .await;
    assert!(note["id"].is_string(), "{note}");
    assert_eq!(find(&steps(&app, &ada, &key).await, "gather")["state"], "done");

    let holidays = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260306\nSUMMARY:Off\nEND:VEVENT\nEND:VCALENDAR\n";
    ask(&app, &ada, "POST", "/calendars", json!({"name": "All", "zone": "UTC", "for_all": true}))
        .await;
    ask(&app, &ada, "POST", "/calendars/all/holidays", json!({ "file": holidays })).await;
    let all = steps(&app, &ada, &key).await;
    assert_eq!(find(&all, "meeting")["due"], "2026-03-13T17:00:00Z", "Friday is a day off");

    app.post(&ada, &format!("/i/{key}/times"), &[("name", "resolved"), ("at", "2026-03-04 12:00")])
        .await;

    app.clock.set("2026-03-20T12:00:00Z".parse::<jiff::Timestamp>().unwrap().into());
    let all = steps(&app, &ada, &key).await;
    assert_eq!(
        (&find(&all, "draft")["is_overdue"], &find(&all, "gather")["is_overdue"]),
        (&json!(true), &json!(false))
    );
    let page = app.get(&ada, &format!("/r/{key}/steps")).await.body;
    assert!(page.contains("overdue") && page.contains("done when the meeting was held"), "{page}");
    assert!(app.get(&ada, &format!("/r/{key}/draft")).await.body.contains("overdue"));
}

#[rstest]
#[tokio::test]
async fn reopening_a_fact_opens_the_step_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let key = opened(&app, &ada).await;
    app.post(&ada, &format!("/r/{key}/no-action"), &[("because", "known and treated")]).await;
    let all = steps(&app, &ada, &key).await;
    assert_eq!(find(&all, "settle")["state"], "done", "{}", find(&all, "settle"));
    let action = json!({"title": "Page on queue age", "done_when": "the page fires in a drill", "class": "technical", "aim": "detection", "strength": "strong"});
    let (status, made) =
        ask(&app, &ada, "POST", &format!("/retrospectives/{key}/actions"), action).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let all = steps(&app, &ada, &key).await;
    assert_eq!(find(&all, "settle")["state"], "open", "an action is neither promised nor declined");
}

#[rstest]
#[tokio::test]
async fn a_run_skips_adds_and_reorders_with_reasons(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let key = opened(&app, &ada).await;
    let of = format!("/retrospectives/{key}/steps");
    let (status, _) = ask(&app, &bob, "GET", &of, Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "a draft is there for its people alone");

    let skip = format!("{of}/interviews/skip");
    let (status, no) = ask(&app, &ada, "PUT", &skip, json!({"reason": " "})).await;
    assert_eq!(
        (status, &no["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("reason"))
    );
    let (_, one) =
        ask(&app, &ada, "PUT", &skip, json!({"reason": "two people, both in the room"})).await;
    assert_eq!((&one["state"], &one["by"]), (&json!("skipped"), &json!("Ada")));
    let (_, one) = ask(&app, &ada, "DELETE", &skip, Value::Null).await;
    assert_eq!(one["state"], "open");
    let (status, _) =
        ask(&app, &ada, "PUT", &format!("{of}/assign/skip"), json!({"reason": "x"})).await;
    assert_eq!(status, StatusCode::CONFLICT, "it is done");

    let done = format!("{of}/survey/done");
    let (_, one) =
        ask(&app, &ada, "PUT", &done, json!({"note": "closed; results in the folder"})).await;
    assert_eq!(
        (&one["state"], &one["because"]),
        (&json!("done"), &json!("closed; results in the folder"))
    );
    let (_, one) = ask(&app, &ada, "DELETE", &done, Value::Null).await;
    assert_eq!(one["state"], "open");
    let (status, by_fact) =
        ask(&app, &ada, "PUT", &format!("{of}/publish/done"), json!({"note": "x"})).await;
    assert_eq!((status, &by_fact["type"]), (StatusCode::CONFLICT, &json!("by_fact")));

    let own = json!({"name": "Ask legal", "role": "Legal", "anchor": "resolved", "due_after": "8wh", "reason": "a customer asked"});
    let (status, one) = ask(&app, &ada, "POST", &of, own).await;
    assert_eq!(
        (status, &one["step"], &one["role"]),
        (StatusCode::CREATED, &json!("own-1"), &json!("legal"))
    );
    assert_eq!(one["due"], "2026-03-06T12:00:00Z");
    assert_eq!(steps(&app, &ada, &key).await.last().unwrap()["step"], "own-1");
    let place = json!({"before": "gather", "reason": "they answer slowly"});
    ask(&app, &ada, "PUT", &format!("{of}/own-1/place"), place).await;
    let (_, one) = ask(
        &app,
        &ada,
        "PUT",
        &format!("{of}/survey/place"),
        json!({"before": "own-1", "reason": "first"}),
    )
    .await;
    assert_eq!(one["moved_because"], "first");
    let all = steps(&app, &ada, &key).await;
    let ids: Vec<&str> = all.iter().map(|one| one["step"].as_str().unwrap()).collect();
    assert_eq!(&ids[..4], ["assign", "survey", "own-1", "gather"]);
    let (status, _) = ask(
        &app,
        &ada,
        "PUT",
        &format!("{of}/own-1/place"),
        json!({"before": "lunch", "reason": "x"}),
    )
    .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let odd = [
        ("name", "x"),
        ("role", "y"),
        ("reason", "z"),
        ("anchor", "resolved"),
        ("due_after", "soon"),
    ];
    let odd = app.post(&ada, &format!("/r/{key}/steps"), &odd).await;
    assert!(odd.body.contains("is not a time from an anchor"), "{}", odd.body);
}
