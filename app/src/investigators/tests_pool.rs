//! The rules and the trained pool, on both databases.

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

#[rstest]
#[tokio::test]
async fn rules_are_read_by_all_and_saved_by_who_decides(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Contributor).await);
    let (_, shipped) = ask(&app, &bob, "GET", "/investigator-rules", Value::Null).await;
    assert_eq!((&shipped["method"], &shipped["answer_hours"]), (&json!("chain"), &json!(4)));
    let mut rules = json!({"method": "chain", "rungs": ["commander", "pool"], "answer_hours": 8,
        "tenure_months": 12, "most_open": 1});
    let put = |who: Viewer, version, rules: Value| {
        let app = &app;
        async move {
            let call = Call { method: "PUT", path: "/investigator-rules", version: Some(version) };
            app.call(&who, call, rules).await
        }
    };
    assert_eq!(put(bob.clone(), 0, rules.clone()).await.0, StatusCode::FORBIDDEN);
    let (status, saved) = put(ada.clone(), 0, rules.clone()).await;
    assert_eq!(
        (status, &saved["version"], &saved["rungs"]),
        (StatusCode::OK, &json!(1), &json!(["commander", "pool"]))
    );
    assert_eq!(put(ada.clone(), 0, rules.clone()).await.0, StatusCode::PRECONDITION_FAILED);
    rules["rungs"] = json!(["pool", "pool"]);
    rules["answer_hours"] = json!(0);
    rules["last_team"] = json!("nobody");
    let (status, refused) = put(ada.clone(), 1, rules).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["errors"].as_array().unwrap().len(), 3, "{refused}");

    let page = app.get(&bob, "/investigators").await.body;
    assert!(
        page.contains("has 8 of their own working hours") && !page.contains("Change the rules"),
        "{page}"
    );
    let form = [
        ("version", "1"),
        ("method", "by_hand"),
        ("answer_hours", "4"),
        ("tenure_months", "6"),
        ("most_open", "2"),
        ("place_pool", "2"),
        ("place_commander", "1"),
        ("place_manager", ""),
    ];
    assert_eq!(app.post(&ada, "/investigators", &form).await.location, "/investigators");
    let (_, now) = ask(&app, &bob, "GET", "/investigator-rules", Value::Null).await;
    assert_eq!((&now["method"], &now["rungs"]), (&json!("by_hand"), &json!(["commander", "pool"])));
    assert_eq!(app.post(&ada, "/investigators", &form).await.status, StatusCode::CONFLICT);

    // By hand, nobody is asked by itself.
    let answer =
        app.post(&ada, "/incidents", &[("title", "It was slow"), ("kind", "outage")]).await;
    let key = answer.location.split('/').nth(2).unwrap().to_owned();
    app.post(&ada, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
    let path = format!("/incidents/{key}/retrospectives");
    assert_eq!(
        ask(&app, &ada, "POST", &path, json!({"kind": "light"})).await.0,
        StatusCode::CREATED
    );
    let path = format!("/retrospectives/{key}/investigator");
    let (_, search) = ask(&app, &ada, "GET", &path, Value::Null).await;
    assert_eq!((&search["turns"], &search["owner"]), (&json!([]), &Value::Null));
}

#[rstest]
#[tokio::test]
async fn the_pool_is_seen_by_who_decides_and_by_oneself(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Contributor).await);
    let (cora, rolf) =
        (app.person("cora", Seat::Contributor).await, app.person("rolf", Seat::Reader).await);
    ask(&app, &ada, "POST", "/services", json!({"name": "Checkout", "tier": 1})).await;
    let said = json!({"training": "a course", "skills": "interviews", "is_available": true, "services": ["checkout"]});
    let of = |who: &Viewer| format!("/investigators/{}", who.id);
    assert_eq!(ask(&app, &bob, "PUT", &of(&bob), said.clone()).await.0, StatusCode::FORBIDDEN);
    let (status, one) = ask(&app, &ada, "PUT", &of(&bob), said.clone()).await;
    assert_eq!((status, &one["services"]), (StatusCode::OK, &json!(["checkout"])));
    assert_eq!(
        ask(&app, &ada, "PUT", &of(&rolf), said.clone()).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let strange = json!({"is_available": true, "services": ["moon"]});
    assert_eq!(
        ask(&app, &ada, "PUT", &of(&bob), strange).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    ask(&app, &ada, "PUT", &of(&cora), said).await;
    let count = |body: Value| body["items"].as_array().unwrap().len();
    assert_eq!(count(ask(&app, &ada, "GET", "/investigators", Value::Null).await.1), 2);
    assert_eq!(count(ask(&app, &bob, "GET", "/investigators", Value::Null).await.1), 1);
    assert_eq!(count(ask(&app, &rolf, "GET", "/investigators", Value::Null).await.1), 0);
    let page = app.get(&bob, "/investigators").await.body;
    assert!(page.contains("interviews") && !page.contains("Cora"), "{page}");

    let not_now = [("person", bob.id.as_str()), ("is_available", "no")];
    let path = "/investigators/pool/availability";
    assert_eq!(app.post(&cora, path, &not_now).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.post(&bob, path, &not_now).await.status, StatusCode::SEE_OTHER);
    assert!(app.get(&ada, "/investigators").await.body.contains("not now"));
    assert_eq!(ask(&app, &ada, "DELETE", &of(&bob), Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ask(&app, &ada, "DELETE", &of(&bob), Value::Null).await.0, StatusCode::NOT_FOUND);
    let form = [("person", bob.id.as_str()), ("training", "a course"), ("service", "checkout")];
    assert_eq!(app.post(&ada, "/investigators/pool", &form).await.status, StatusCode::SEE_OTHER);
    assert!(app.get(&ada, "/investigators").await.body.contains("Checkout"));
    let out = [("person", cora.id.as_str())];
    assert_eq!(
        app.post(&ada, "/investigators/pool/removal", &out).await.status,
        StatusCode::SEE_OTHER
    );
}
