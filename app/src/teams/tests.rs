//! Teams: who is in one, who answers for it, on both databases.

use crate::access::Seat;
use crate::testing::{Call, On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

#[test]
fn a_slug_reads_like_its_name() {
    assert_eq!(super::slug("Search & Discovery  2"), "search-discovery-2");
    assert_eq!(super::slug("千恵"), "千恵");
}

#[rstest]
#[tokio::test]
async fn a_team_has_a_manager_and_people_come_and_go(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Contributor).await);
    let call = |method, path| Call { method, path, version: None };
    app.call(&ada, call("POST", "/teams"), json!({"name": "Payments"})).await;
    app.call(&ada, call("POST", "/teams"), json!({"name": "Search"})).await;
    let said =
        json!({"name": "Payments and billing", "description": "Money in", "manager": bob.id});
    let (status, team) = app.call(&ada, call("PUT", "/teams/payments"), said.clone()).await;
    assert_eq!(
        (status, &team["slug"], &team["manager"]["name"]),
        (StatusCode::OK, &json!("payments"), &json!("Bob"))
    );
    assert_eq!(app.call(&bob, call("PUT", "/teams/payments"), said).await.0, StatusCode::FORBIDDEN);
    let taken = json!({"name": "search"});
    assert_eq!(app.call(&ada, call("PUT", "/teams/payments"), taken).await.0, StatusCode::CONFLICT);
    let nobody = json!({"name": "Payments", "manager": "per_00000000000000000000000000000000"});
    let (status, refused) = app.call(&ada, call("PUT", "/teams/payments"), nobody).await;
    assert_eq!(
        (status, &refused["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("manager"))
    );

    let member = format!("/teams/payments/members/{}", bob.id);
    assert_eq!(app.call(&ada, call("PUT", &member), Value::Null).await.0, StatusCode::NO_CONTENT);
    let page = app.get(&bob, "/teams/payments").await;
    assert!(
        page.body.contains("Bob answers for it") && !page.body.contains("Take away"),
        "{}",
        page.body
    );
    assert_eq!(app.call(&bob, call("DELETE", &member), Value::Null).await.0, StatusCode::FORBIDDEN);
    assert_eq!(
        app.call(&ada, call("DELETE", &member), Value::Null).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(app.call(&ada, call("DELETE", &member), Value::Null).await.0, StatusCode::NOT_FOUND);
    let form = [("name", "Payments"), ("description", "x"), ("manager", "bob")];
    assert_eq!(app.post(&ada, "/teams/payments", &form).await.location, "/teams/payments");
    let odd = [("name", "Payments"), ("manager", "nobody")];
    assert_eq!(
        app.post(&ada, "/teams/payments", &odd).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(app.get(&bob, "/teams/nothing").await.status, StatusCode::NOT_FOUND);
}
