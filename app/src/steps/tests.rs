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

#[rstest]
#[tokio::test]
async fn a_step_waits_for_something_outside_and_goes_on(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, eve) = (app.ada().await, app.person("eve", Seat::Contributor).await);
    let key = opened(&app, &ada).await;
    let hold = format!("/retrospectives/{key}/steps/survey/hold");
    let why = json!({"reason": "the supplier’s report"});
    let (status, one) = ask(&app, &ada, "PUT", &hold, why.clone()).await;
    assert_eq!(
        (status, &one["state"], &one["by"]),
        (StatusCode::OK, &json!("on_hold"), &json!("Ada"))
    );
    app.clock.set(kit::db::Time::new("2026-03-20T12:00:00Z".parse().unwrap()));
    let all = steps(&app, &ada, &key).await;
    assert_eq!(
        (&find(&all, "survey")["is_overdue"], &find(&all, "gather")["is_overdue"]),
        (&json!(false), &json!(true))
    );
    let page = app.get(&ada, &format!("/r/{key}/steps")).await.body;
    assert!(page.contains("waits for: the supplier’s report"), "{page}");
    assert_eq!(ask(&app, &eve, "PUT", &hold, why).await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        ask(&app, &ada, "PUT", &hold, json!({"reason": " "})).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let done = format!("/retrospectives/{key}/steps/assign/hold");
    assert_eq!(ask(&app, &ada, "PUT", &done, json!({"reason": "x"})).await.0, StatusCode::CONFLICT);
    app.post(&ada, &format!("/r/{key}/steps/survey"), &[("do", "go-on")]).await;
    assert_eq!(find(&steps(&app, &ada, &key).await, "survey")["state"], "open");
    app.post(&ada, &format!("/r/{key}/state"), &[("to", "on_hold"), ("reason", "the audit first")])
        .await;
    let page = app.get(&ada, &format!("/r/{key}/steps")).await.body;
    assert!(page.contains("It is on hold.") && page.contains("the audit first"), "{page}");
}

#[rstest]
#[tokio::test]
async fn what_the_policy_asks_for_beside_the_kind_is_a_step_of_its_team_s_days(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    // The shipped policy adds an audit of the alerts where a customer was faster.
    let new = json!({"title": "Nobody was paged", "severity": 3});
    let (_, made) = ask(&app, &ada, "POST", "/incidents", new).await;
    let key = made["key"].as_str().unwrap().to_owned();
    let path = format!("/incidents/{key}");
    let call = Call { method: "PATCH", path: &path, version: made["version"].as_i64() };
    let (status, said) = app.call(&ada, call, json!({"detection": "customer"})).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    app.post(&ada, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
    let path = format!("/incidents/{key}/retrospectives");
    let proposed = ask(&app, &ada, "POST", &path, json!({"kind": "light", "owner": ada.id})).await;
    assert_eq!(proposed.0, StatusCode::CREATED, "{}", proposed.1);
    let all = steps(&app, &ada, &key).await;
    let own: Vec<&Value> =
        all.iter().filter(|one| one["step"].as_str().unwrap().starts_with("policy-")).collect();
    assert_eq!(own.len(), 1, "{all:#?}");
    let one = own[0];
    assert!(one["name"].as_str().unwrap().starts_with("Audit the alerts"), "{one}");
    assert_eq!(
        (&one["by_words"], &one["state"], &one["who"][0]["name"], &one["due"]),
        (&json!(true), &json!("open"), &json!("Ada"), &json!("2026-03-19T17:00:00Z"))
    );
    assert!(one["added_because"].is_string(), "{one}");
    let skip = format!("/retrospectives/{key}/steps/policy-1/skip");
    let (status, one) = ask(&app, &ada, "PUT", &skip, json!({"reason": "done last week"})).await;
    assert_eq!((status, &one["state"]), (StatusCode::OK, &json!("skipped")));
}

#[rstest]
#[tokio::test]
async fn a_role_is_whoever_has_it_here_or_had_it_there(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Contributor).await);
    let mia = app.person("mia", Seat::Contributor).await;
    let key = opened(&app, &ada).await;
    for role in ["legal", "service_owner", "customer_voice"] {
        let own = json!({"name": role, "role": role, "anchor": "resolved", "due_after": "2d", "reason": "x"});
        ask(&app, &ada, "POST", &format!("/retrospectives/{key}/steps"), own).await;
    }
    let names = |all: &[Value], role: &str| {
        let one = all.iter().find(|one| one["role"] == role).unwrap();
        let who = one["who"].as_array().unwrap().iter();
        who.map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = steps(&app, &ada, &key).await;
    assert!(
        ["legal", "service_owner", "customer_voice"]
            .iter()
            .all(|role| names(&all, role).is_empty())
    );
    for who in [&bob, &mia] {
        let share = json!({"person": who.id, "role": "legal"});
        let (status, said) =
            ask(&app, &ada, "POST", &format!("/retrospectives/{key}/people"), share).await;
        assert_eq!(status, StatusCode::CREATED, "{said}");
    }
    let there = json!({"person_id": mia.id, "roles": ["customer_voice"]});
    ask(&app, &ada, "POST", &format!("/incidents/{key}/participants"), there).await;
    ask(&app, &ada, "POST", "/teams", json!({"name": "Payments"})).await;
    ask(&app, &ada, "PUT", "/teams/payments", json!({"name": "Payments", "manager": bob.id})).await;
    ask(&app, &ada, "POST", "/services", json!({"name": "Ledger", "tier": 1, "team": "payments"}))
        .await;
    let hits = json!({"services": ["ledger"], "teams": []});
    ask(&app, &ada, "PUT", &format!("/incidents/{key}/hits"), hits).await;
    let all = steps(&app, &ada, &key).await;
    assert_eq!(names(&all, "legal"), ["Bob", "Mia"], "several have one");
    assert_eq!(names(&all, "customer_voice"), ["Mia"]);
    assert_eq!(names(&all, "service_owner"), ["Bob"]);
}
