//! Operations on releases, on both databases.

use super::tests::{drafted, write};
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
async fn a_release_is_published_read_in_each_form_and_compared(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Reader).await);
    drafted(&app, &ada).await;
    let at = "/api/v1/retrospectives/INC-1/releases";
    let stranger = app.api(&rob, Method::POST, at, json!({})).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND, "a draft does not exist for others");
    let ahead = "/api/v1/retrospectives/INC-1/release-preview";
    assert_eq!(app.get(&rob, ahead).await.status, StatusCode::NOT_FOUND);
    let preview = read(&app.get(&ada, ahead).await);
    assert_eq!((&preview["is_ready"], &preview["document"]["release"]), (&json!(true), &json!(1)));
    assert!(preview["doubts"].is_array(), "{preview}");
    assert_eq!(read(&app.get(&ada, at).await)["items"], json!([]), "nothing is published by it");
    let made = app.api(&ada, Method::POST, at, json!({"audience": "everybody"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(made.location, format!("{at}/1"));
    let first = read(&app.get(&rob, &made.location).await);
    for (form, begins) in
        [("document", "{"), ("markdown", "# Carts"), ("html", "<!"), ("pdf", "%PDF-")]
    {
        let answer = app.get(&rob, &format!("{at}/1/{form}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{form}");
        assert!(answer.body.trim_start().starts_with(begins), "{form}");
    }
    let document = read(&app.get(&rob, &format!("{at}/1/document")).await);
    assert_eq!(document["title"], first["title"]);
    assert_eq!(document["title"], preview["document"]["title"]);

    write(&app, &ada, "Nobody could fill a cart for ten minutes.").await;
    let silent = app.api(&ada, Method::POST, at, json!({})).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("\"what_changed\""), "{}", silent.body);
    let second = json!({"what_changed": "How long it lasted."});
    assert_eq!(app.api(&ada, Method::POST, at, second).await.status, StatusCode::CREATED);
    let changes = read(&app.get(&rob, &format!("{at}/2/changes")).await);
    assert_eq!((&changes["before"], &changes["after"]), (&json!(1), &json!(2)));
    let all = read(&app.get(&rob, at).await);
    assert_eq!(all["items"][0]["number"], 2);
    assert_eq!(all["items"][1]["state"], "superseded");
    let newest = read(&app.get(&rob, "/api/v1/releases").await);
    assert_eq!(newest["items"].as_array().unwrap().len(), 1);
    assert_eq!(newest["items"][0]["incident"], "INC-1");
    for missing in ["3", "3/pdf", "1/changes", "x", "-1"] {
        let answer = app.get(&rob, &format!("{at}/{missing}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[rstest]
#[tokio::test]
async fn a_release_of_a_red_incident_is_not_there_for_others(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Reader).await);
    drafted(&app, &ada).await;
    let at = "/api/v1/retrospectives/INC-1/releases";
    app.api(&ada, Method::POST, at, json!({})).await;
    app.api(&ada, Method::PUT, "/api/v1/incidents/INC-1/label", json!({"label": "red"})).await;
    for path in ["", "/1", "/1/document", "/1/markdown", "/1/html", "/1/pdf", "/1/changes"] {
        let answer = app.get(&rob, &format!("{at}{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let newest = read(&app.get(&rob, "/api/v1/releases").await);
    assert_eq!(newest["items"], json!([]));
}
