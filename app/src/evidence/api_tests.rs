//! Operations on evidence that is there, on both databases.

use crate::access::Seat;
use crate::testing::{Answer, On, TestApp};
use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

const AT: &str = "/api/v1/incidents/INC-1";

fn read(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

async fn noted(app: &TestApp) -> (crate::access::Viewer, Vec<String>) {
    let ada = app.ada().await;
    app.post(&ada, "/incidents", &[("title", "Nobody could pay"), ("kind", "outage")]).await;
    let mut ids = Vec::new();
    for text in ["first", "second", "third"] {
        let note = json!({ "text": text });
        let made = app.api(&ada, Method::POST, &format!("{AT}/notes"), note).await;
        ids.push(read(&made)["id"].as_str().unwrap().to_owned());
        app.clock.advance(std::time::Duration::from_secs(60));
    }
    (ada, ids)
}

#[rstest]
#[tokio::test]
async fn evidence_is_listed_narrowed_and_marked(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, ids) = noted(&app).await;
    let first = read(&app.get(&ada, &format!("{AT}/evidence?limit=2")).await);
    let texts: Vec<&str> = first["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["body"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["third", "second"]);
    let next = first["next"].as_str().unwrap();
    let rest = read(&app.get(&ada, &format!("{AT}/evidence?limit=2&cursor={next}")).await);
    assert_eq!((&rest["items"][0]["body"], &rest["next"]), (&json!("first"), &Value::Null));
    let piece = format!("{AT}/evidence/{}", ids[0]);
    for (part, field) in [("pin", "pinned"), ("dismissal", "dismissed")] {
        let mark = format!("{piece}/{part}");
        assert_eq!(app.api(&ada, Method::PUT, &mark, Value::Null).await.status, 204);
        assert_eq!(app.api(&ada, Method::PUT, &mark, Value::Null).await.status, 204, "again");
        assert_eq!(read(&app.get(&ada, &piece).await)["evidence"][field], true);
        if part == "pin" {
            let pinned = read(&app.get(&ada, &format!("{AT}/evidence?pinned=true")).await);
            assert_eq!(pinned["items"].as_array().unwrap().len(), 1);
        }
        assert_eq!(app.api(&ada, Method::DELETE, &mark, Value::Null).await.status, 204);
        assert_eq!(read(&app.get(&ada, &piece).await)["evidence"][field], false);
    }
    let counts = read(&app.get(&ada, &format!("{AT}/evidence-counts")).await);
    assert_eq!(counts["items"][0]["n"], 3);
    for query in ["kind=gossip", "colour=1", "pinned=perhaps"] {
        let answer = app.get(&ada, &format!("{AT}/evidence?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[rstest]
#[tokio::test]
async fn imports_are_listed_read_again_and_their_files_given(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, _) = noted(&app).await;
    let table = "when,what\n2026-03-05 11:00,paying failed\n";
    let request = axum::http::Request::builder().method(Method::POST);
    let request = request.uri(format!("{AT}/imports?file_name=log.csv"));
    let request = request.header("content-type", "text/csv").body(table.into()).unwrap();
    let brought = read(&app.send(Some(&ada), request).await);
    assert_eq!(brought["needs_zone"], true, "{brought}");
    let imports = format!("{AT}/imports");
    let listed = read(&app.get(&ada, &imports).await);
    assert_eq!(listed["items"][0]["file_name"], "log.csv");
    let again = format!("{imports}/{}/again", brought["id"].as_str().unwrap());
    let odd = app.api(&ada, Method::POST, &again, json!({"zone": "Mars/Base"})).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", odd.body);
    let done = read(&app.api(&ada, Method::POST, &again, json!({"zone": "UTC"})).await);
    assert_eq!(done["added"], 1, "{done}");
    let missing = format!("{AT}/files/{}", "0".repeat(64));
    assert_eq!(app.get(&ada, &missing).await.status, StatusCode::NOT_FOUND);
}

#[rstest]
#[tokio::test]
async fn seats_and_labels_hold_for_programs_too(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, ids) = noted(&app).await;
    let rob = app.person("rob", Seat::Reader).await;
    let pin = format!("{AT}/evidence/{}/pin", ids[0]);
    assert_eq!(app.api(&rob, Method::PUT, &pin, Value::Null).await.status, StatusCode::FORBIDDEN);
    app.post(&ada, "/i/INC-1/label", &[("label", "red")]).await;
    let piece = format!("evidence/{}", ids[0]);
    for path in ["evidence", "evidence-counts", "imports", &piece] {
        let answer = app.get(&rob, &format!("{AT}/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(app.api(&rob, Method::PUT, &pin, Value::Null).await.status, StatusCode::NOT_FOUND);
}
