//! Operations on teams and services, on both databases.

use crate::access::Seat;
use crate::testing::{Answer, On, TestApp};
use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

fn read(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

#[rstest]
#[tokio::test]
async fn teams_and_services_are_written_down_and_listed(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Contributor).await);
    let made = app.api(&ada, Method::POST, "/api/v1/teams", json!({"name": "Payments"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(made.location, "/api/v1/teams/payments");
    let member = format!("{}/members/{}", made.location, bob.id);
    assert_eq!(app.api(&ada, Method::PUT, &member, Value::Null).await.status, 204);
    assert_eq!(app.api(&bob, Method::PUT, &member, Value::Null).await.status, 403);
    assert_eq!(read(&app.get(&bob, &made.location).await)["members"][0]["name"], "Bob");
    let again = app.api(&ada, Method::POST, "/api/v1/teams", json!({"name": "payments"})).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let refused = app.api(&bob, Method::POST, "/api/v1/teams", json!({"name": "Own"})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(app.get(&bob, "/api/v1/teams/nothing").await.status, StatusCode::NOT_FOUND);

    let new = json!({"name": "Checkout", "tier": 1, "team": "payments"});
    let made = app.api(&ada, Method::POST, "/api/v1/services", new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(read(&app.get(&bob, &made.location).await)["team"], "Payments");
    let odd = json!({"name": "", "tier": 7, "team": "nothing"});
    let odd = app.api(&ada, Method::POST, "/api/v1/services", odd).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    let paths: Vec<Value> =
        read(&odd)["errors"].as_array().unwrap().iter().map(|one| one["path"].clone()).collect();
    assert_eq!(paths, [json!("name"), json!("tier"), json!("team")]);
    let more = json!({"name": "Search", "tier": 2});
    app.api(&ada, Method::POST, "/api/v1/services", more).await;
    let first = read(&app.get(&bob, "/api/v1/services?limit=1&fields=slug").await);
    assert_eq!(first["items"], json!([{"slug": "checkout"}]));
    let next = first["next"].as_str().unwrap();
    let rest = read(&app.get(&bob, &format!("/api/v1/services?limit=1&cursor={next}")).await);
    assert_eq!((&rest["items"][0]["slug"], &rest["next"]), (&json!("search"), &Value::Null));
    let foreign = app.get(&bob, &format!("/api/v1/teams?cursor={next}")).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST, "a cursor is good for its list alone");
}
