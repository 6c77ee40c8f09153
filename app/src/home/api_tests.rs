//! Operations on people, kinds, the audit log and one's next steps, on both databases.

use crate::access::Seat;
use crate::testing::{Answer, On, TestApp};
use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

fn read(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[rstest]
#[tokio::test]
async fn people_are_listed_without_their_addresses_and_invited_by_who_administers(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let all = app.get(&bob, "/api/v1/people").await;
    assert!(!all.body.contains("example.org"), "{}", all.body);
    assert_eq!(read(&all)["items"][0]["handle"], "ada");
    let one = read(&app.get(&bob, &format!("/api/v1/people/{}", ada.id)).await);
    assert_eq!(one["seat"], "administrator");
    assert_eq!(app.get(&bob, "/api/v1/people/per_1").await.status, StatusCode::NOT_FOUND);
    let new = json!({"seat": "reader", "note": "Chie"});
    let refused = app.api(&bob, Method::POST, "/api/v1/invitations", new.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let made = app.api(&ada, Method::POST, "/api/v1/invitations", new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let link: Value = serde_json::from_str(&made.body).unwrap();
    let path = link["link"].as_str().unwrap().split_once("/invitation/").unwrap().1;
    let page = app.get_as_nobody(&format!("/invitation/{path}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let odd = app.api(&ada, Method::POST, "/api/v1/invitations", json!({"seat": "king"})).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(odd.body.contains("\"path\":\"seat\""), "{}", odd.body);
}

#[rstest]
#[tokio::test]
async fn kinds_the_record_and_next_steps_are_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let kinds = read(&app.get(&bob, "/api/v1/kinds?limit=2").await);
    assert_eq!(kinds["items"].as_array().unwrap().len(), 2);
    assert!(kinds["next"].is_string());
    let standard = read(&app.get(&bob, "/api/v1/kinds/standard").await);
    assert!(standard["sections"].as_array().unwrap().iter().any(|one| one["id"] == "sum"));
    let template = app.get(&bob, "/api/v1/kinds/standard/template").await;
    assert!(template.body.starts_with('#'), "{}", template.body);
    assert_eq!(app.get(&bob, "/api/v1/kinds/none").await.status, StatusCode::NOT_FOUND);

    app.post(&ada, "/incidents", &[("title", "Nobody could pay"), ("severity", "2")]).await;
    app.post(&ada, "/i/INC-1/status", &[("status", "resolved")]).await;
    assert_eq!(app.get(&bob, "/api/v1/audit").await.status, StatusCode::FORBIDDEN);
    let first = read(&app.get(&ada, "/api/v1/audit?limit=1").await);
    assert_eq!(first["items"][0]["what"], "incident.status");
    let next = first["next"].as_str().unwrap();
    let second = read(&app.get(&ada, &format!("/api/v1/audit?limit=1&cursor={next}")).await);
    assert_eq!(second["items"][0]["what"], "review.proposed", "what the policy chose");

    let steps = read(&app.get(&bob, "/api/v1/me/next-steps").await);
    let step = &steps["items"][0];
    assert_eq!(step["url"], "/i/INC-1/retro", "{steps}");
    let reader = app.person("rob", Seat::Reader).await;
    let none = read(&app.get(&reader, "/api/v1/me/next-steps").await);
    assert_eq!(none["items"], json!([]));
}
