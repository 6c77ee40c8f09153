//! Operations on actions, on both databases.

use crate::access::{Seat, Viewer};
use crate::factors::tests::reviewed;
use crate::testing::{Answer, On, TestApp};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};

/// Changes what is at a version.
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
async fn an_action_is_proposed_kept_and_verified(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Contributor).await);
    let rob = app.person("rob", Seat::Reader).await;
    reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let of = "/api/v1/retrospectives/INC-1/actions";
    let new = json!({"title": "Cap retries", "done_when": "A test shows it", "class": "technical",
        "aim": "prevention", "strength": "strong"});
    let made = app.api(&ada, Method::POST, of, new.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(made.location, "/api/v1/actions/ACT-1");
    let stranger = app.api(&bob, Method::POST, of, new).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND, "a draft does not exist for others");
    let bare = json!({"title": "", "class": "technical", "aim": "prevention", "due": "soon",
        "strength": "strong", "owner": "bob"});
    let bare = app.api(&ada, Method::POST, of, bare).await;
    let mut fields = wrong(&bare);
    fields.sort();
    assert_eq!(fields, ["due", "owner", "title"]);

    let moves = "/api/v1/actions/ACT-1/moves";
    let hidden = app.api(&rob, Method::POST, moves, json!({"to": "begin"})).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND, "proposed in a draft");
    let odd = json!({"to": "accept", "owner": bob.id, "evidence": "x"});
    assert_eq!(wrong(&app.api(&ada, Method::POST, moves, odd).await), ["evidence"]);
    let nobody = json!({"to": "accept", "due": "2026-04-01"});
    assert_eq!(wrong(&app.api(&ada, Method::POST, moves, nobody).await), ["owner"]);
    let accept = json!({"to": "accept", "owner": bob.id, "due": "2026-04-01"});
    let accepted = app.api(&ada, Method::POST, moves, accept).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{}", accepted.body);
    assert_eq!(read(&accepted)["owner"], bob.id.as_str());
    let may_not = app.api(&rob, Method::POST, moves, json!({"to": "begin"})).await;
    assert_eq!(may_not.status, StatusCode::FORBIDDEN, "{}", may_not.body);
    let done = json!({"to": "finish", "note": "Both have one"});
    assert_eq!(app.api(&bob, Method::POST, moves, done).await.status, StatusCode::CREATED);
    let held = app.api(&ada, Method::POST, moves, json!({"to": "verify"})).await;
    assert_eq!(read(&held)["state"], "verified", "{}", held.body);
    let over = app.api(&ada, Method::POST, moves, json!({"to": "begin"})).await;
    assert_eq!(over.status, StatusCode::CONFLICT);
    let history = read(&app.get(&rob, moves).await);
    let states: Vec<&str> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["proposed", "accepted", "in_progress", "done", "verified"]);
}

#[rstest]
#[tokio::test]
async fn what_somebody_else_changed_is_not_lost(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let new = json!({"title": "Cap retries", "class": "technical", "aim": "prevention",
        "strength": "strong", "due": "2026-04-01", "priority": "P1"});
    app.api(&ada, Method::POST, "/api/v1/retrospectives/INC-1/actions", new).await;
    let path = "/api/v1/actions/ACT-1";
    let title = json!({"title": "Cap retries at one"});
    let unsaid = app.api(&ada, Method::PATCH, path, title.clone()).await;
    assert_eq!(unsaid.status, StatusCode::PRECONDITION_REQUIRED);
    let first = patch(&app, &ada, path, "\"v1\"", title).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let late = patch(&app, &ada, path, "\"v1\"", json!({"title": "Other"})).await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(read(&late)["current"]["title"], "Cap retries at one");
    let cleared = json!({"due": null, "priority": null});
    let cleared = read(&patch(&app, &ada, path, "\"v2\"", cleared).await);
    assert_eq!((&cleared["due"], &cleared["priority"]), (&Value::Null, &Value::Null));
    assert_eq!(cleared["title"], "Cap retries at one", "what is left out stays");
    let odd = patch(&app, &ada, path, "\"v3\"", json!({"aim": "fame", "colour": 1})).await;
    assert!(wrong(&odd).contains(&"aim".to_owned()), "{}", odd.body);
    let moves = "/api/v1/actions/ACT-1/moves";
    let me = json!({"to": "accept", "owner": ada.id, "due": "2026-04-01", "done_when": "So"});
    app.api(&ada, Method::POST, moves, me).await;
    let silent = patch(&app, &ada, path, "*", json!({"due": "2026-05-01"})).await;
    assert_eq!(wrong(&silent), ["due"], "what was promised is promised otherwise");
}

#[rstest]
#[tokio::test]
async fn lists_are_narrowed_and_paged(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    reviewed(&app, &ada, "Nobody could pay", "standard").await;
    for (title, due) in [("One", "2026-04-03"), ("Two", "2026-04-01"), ("Three", "2026-04-02")] {
        let new = json!({"title": title, "class": "process", "aim": "learning", "strength": "weak",
            "due": due});
        app.api(&ada, Method::POST, "/api/v1/retrospectives/INC-1/actions", new).await;
    }
    let mut titles = Vec::new();
    let mut path = "/api/v1/actions?limit=2&state=open".to_owned();
    loop {
        let page = read(&app.get(&ada, &path).await);
        for one in page["items"].as_array().unwrap() {
            titles.push(one["title"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/actions?limit=2&state=open&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(titles, ["Two", "Three", "One"]);
    let none = read(&app.get(&ada, "/api/v1/actions?class=technical").await);
    assert_eq!(none["items"].as_array().unwrap().len(), 0);
    for query in ["state=lost", "colour=red", "due[gt]=2026-04-01", "limit=0", "cursor=x"] {
        let answer = app.get(&ada, &format!("/api/v1/actions?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query} {}", answer.body);
    }
}
