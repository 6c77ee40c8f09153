//! Operations on risks, on both databases.

use crate::access::{Seat, Viewer};
use crate::factors::tests::reviewed;
use crate::testing::{Answer, On, TestApp};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};

async fn patch(app: &TestApp, by: &Viewer, path: &str, tag: &str, body: Value) -> Answer {
    let request = Request::builder().method(Method::PATCH).uri(path);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let request = request.header(header::IF_MATCH, tag).body(Body::from(body.to_string()));
    app.send(Some(by), request.unwrap()).await
}

fn read(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

fn wrong(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    let errors = read(answer)["errors"].as_array().unwrap().clone();
    errors.iter().map(|error| error["path"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[tokio::test]
async fn a_risk_is_written_down_carried_and_changed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Reader).await);
    reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let of = "/api/v1/retrospectives/INC-1/risks";
    let new = json!({"statement": "A second zone fails", "likelihood": "low", "impact": "high"});
    let made = app.api(&ada, Method::POST, of, new.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let path = "/api/v1/risks/RISK-1";
    assert_eq!(made.location, path);
    assert_eq!(app.api(&rob, Method::POST, of, new).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get(&rob, path).await.status, StatusCode::NOT_FOUND, "undecided in a draft");
    let odd = json!({"statement": " ", "likelihood": "low", "impact": "high", "services": ["x"]});
    let mut fields = wrong(&app.api(&ada, Method::POST, of, odd).await);
    fields.sort();
    assert_eq!(fields, ["services[0]", "statement"]);

    let moves = "/api/v1/risks/RISK-1/moves";
    let forever = json!({"to": "accept", "review_on": "2026-04-01"});
    assert_eq!(wrong(&app.api(&ada, Method::POST, moves, forever).await), ["until"]);
    let accept = json!({"to": "accept", "until": "2026-06-01", "review_on": "2026-04-01"});
    let accepted = app.api(&ada, Method::POST, moves, accept).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{}", accepted.body);
    assert_eq!(read(&accepted)["accepted_by_name"], "Ada");
    let may_not = app.api(&rob, Method::POST, moves, json!({"to": "close", "note": "x"})).await;
    assert_eq!(may_not.status, StatusCode::FORBIDDEN);
    let history = read(&app.get(&rob, moves).await);
    assert_eq!(history["items"].as_array().unwrap().len(), 2, "{history}");

    let version = read(&app.get(&ada, path).await)["version"].as_i64().unwrap();
    let tag = format!("\"v{version}\"");
    let changed = patch(&app, &ada, path, &tag, json!({"impact": "medium"})).await;
    assert_eq!(read(&changed)["impact"], "medium", "{}", changed.body);
    assert_eq!(read(&changed)["statement"], "A second zone fails");
    let late = patch(&app, &ada, path, &tag, json!({"impact": "low"})).await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(read(&late)["current"]["impact"], "medium");
    let list = read(&app.get(&rob, "/api/v1/risks?limit=1").await);
    assert_eq!(list["items"][0]["key"], "RISK-1");
}

#[rstest]
#[tokio::test]
async fn an_action_becomes_a_risk_whole_or_not_at_all(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let new = json!({"title": "Buy a zone", "class": "technical", "aim": "prevention",
        "strength": "strong", "done_when": "It is there"});
    app.api(&ada, Method::POST, "/api/v1/retrospectives/INC-1/actions", new).await;
    let accept = json!({"to": "accept", "owner": ada.id, "due": "2026-04-01"});
    app.api(&ada, Method::POST, "/api/v1/actions/ACT-1/moves", accept).await;
    let at = "/api/v1/actions/ACT-1/risk";
    let mut said = json!({"reason": "Too dear", "risk": {
        "statement": "A zone fails", "likelihood": "low", "impact": "high"}});
    let never = app.api(&ada, Method::POST, at, said.clone()).await;
    assert_eq!(wrong(&never), ["risk.review_on"]);
    assert_eq!(read(&app.get(&ada, "/api/v1/actions/ACT-1").await)["state"], "accepted");
    said["risk"]["review_on"] = json!("2026-05-01");
    let made = app.api(&ada, Method::POST, at, said).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let action = read(&app.get(&ada, "/api/v1/actions/ACT-1").await);
    assert_eq!((&action["state"], &action["risk"]), (&json!("moved_to_risk"), &json!("RISK-1")));
}
