//! The operations of factors and recommendations, through the site, on both databases.

use super::tests::{noted, reviewed};
use crate::access::{Seat, Viewer};
use crate::testing::{Call, On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

async fn ask(app: &TestApp, by: &Viewer, path: &str) -> (StatusCode, Value) {
    app.call(by, Call { method: "GET", path, version: None }, Value::Null).await
}

async fn post(app: &TestApp, by: &Viewer, path: &str, body: Value) -> (StatusCode, Value) {
    app.call(by, Call { method: "POST", path, version: None }, body).await
}

async fn send(
    app: &TestApp,
    by: &Viewer,
    (method, path, version): (&str, &str, i64),
    body: Value,
) -> (StatusCode, Value) {
    app.call(by, Call { method, path, version: Some(version) }, body).await
}

#[rstest]
#[tokio::test]
async fn a_factor_is_added_changed_moved_taken_away_and_back(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let all = format!("/retrospectives/{}/factors", incident.key());
    let piece = noted(&app, &ada, &incident, "Refused at 100 connections").await;
    let new = json!({
        "statement": "Both nodes  share one limit", "certainty": "confirmed", "cites": [piece],
        "roles": ["enabled", "propagated"], "layers": ["design"]
    });
    let (status, one) = post(&app, &ada, &all, new).await;
    assert_eq!(status, StatusCode::CREATED, "{one}");
    assert_eq!(one["statement"], "Both nodes share one limit");
    assert_eq!((&one["cites"], &one["version"]), (&json!([piece]), &json!(1)));
    let (_, two) =
        post(&app, &ada, &all, json!({ "statement": "No dashboard shows the queue" })).await;
    let path = format!("{all}/{}", one["id"].as_str().unwrap());
    assert_eq!(ask(&app, &ada, &path).await.1, one);

    let (status, now) =
        send(&app, &ada, ("PATCH", &path, 1), json!({ "layers": ["coordination"] })).await;
    assert_eq!(
        (status, &now["layers"], &now["roles"]),
        (StatusCode::OK, &json!(["coordination"]), &one["roles"])
    );
    let (status, late) = send(&app, &ada, ("PATCH", &path, 1), json!({ "statement": "x" })).await;
    assert_eq!((status, &late["current"]["version"]), (StatusCode::PRECONDITION_FAILED, &json!(2)));

    let down = format!("{path}/move");
    let (status, _) = post(&app, &ada, &down, json!({ "way": "down" })).await;
    assert_eq!(status, StatusCode::OK);
    let (_, list) = ask(&app, &ada, &format!("{all}?limit=1")).await;
    assert_eq!(list["items"][0]["id"], two["id"]);
    let next = list["next"].as_str().unwrap();
    let (_, rest) = ask(&app, &ada, &format!("{all}?cursor={next}")).await;
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&one["id"], &Value::Null));
    let (_, some) = ask(&app, &ada, &format!("{all}?layer=coordination&fields=id")).await;
    assert_eq!(some["items"], json!([{ "id": one["id"] }]));

    assert_eq!(send(&app, &ada, ("DELETE", &path, 2), Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ask(&app, &ada, &path).await.0, StatusCode::NOT_FOUND);
    let (status, back) = post(&app, &ada, &format!("{path}/restore"), Value::Null).await;
    assert_eq!((status, &back["id"]), (StatusCode::OK, &one["id"]), "{back}");
}

#[rstest]
#[tokio::test]
async fn i3_holds_for_programs_and_wrong_fields_have_a_path(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let all = format!("/retrospectives/{}/factors", incident.key());
    for (body, path) in [
        (json!({ "statement": "Both share a limit", "certainty": "confirmed" }), "certainty"),
        (json!({ "statement": " " }), "statement"),
        (json!({ "statement": "x", "roles": ["enabled", "blamed"] }), "roles[1]"),
        (json!({ "statement": "x", "person": "Ada" }), "person"),
    ] {
        let (status, problem) = post(&app, &ada, &all, body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert_eq!(problem["errors"][0]["path"], path, "{problem}");
    }
    assert_eq!(ask(&app, &ada, &all).await.1["items"], json!([]));
    let new = json!({ "statement": "Noor made a typo", "direct_cause": true });
    app.person("noor", Seat::Editor).await;
    let (_, one) = post(&app, &ada, &all, new).await;
    let (_, asked) = ask(&app, &ada, &format!("{all}/questions")).await;
    assert_eq!(asked["naming_a_person"], json!([one["id"]]), "{asked}");
    assert_eq!(asked["questions"].as_array().unwrap().len(), 2, "{asked}");
}

#[rstest]
#[tokio::test]
async fn recommendations_answer_factors(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let of = |incident: &crate::incidents::Incident| format!("/retrospectives/{}", incident.key());
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let other = reviewed(&app, &ada, "Search was slow", "standard").await;
    let own = post(&app, &ada, &format!("{}/factors", of(&incident)), json!({ "statement": "A" }))
        .await
        .1;
    let foreign =
        post(&app, &ada, &format!("{}/factors", of(&other)), json!({ "statement": "B" })).await.1;
    let all = format!("{}/recommendations", of(&incident));
    let stray =
        json!({ "target": "system", "text": "Split the limit", "factors": [foreign["id"]] });
    let (status, problem) = post(&app, &ada, &all, stray).await;
    assert_eq!(
        (status, &problem["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("factors"))
    );
    let new = json!({ "target": "system", "text": "Split the limit", "factors": [own["id"]] });
    let (status, one) = post(&app, &ada, &all, new).await;
    assert_eq!((status, &one["factors"]), (StatusCode::CREATED, &json!([own["id"]])), "{one}");
    let path = format!("{all}/{}", one["id"].as_str().unwrap());
    let (status, now) = send(&app, &ada, ("PATCH", &path, 1), json!({ "target": "process" })).await;
    assert_eq!(
        (status, &now["target"], &now["factors"]),
        (StatusCode::OK, &json!("process"), &one["factors"])
    );
    let (status, late) = send(&app, &ada, ("PATCH", &path, 1), json!({ "text": "x" })).await;
    assert_eq!(
        (status, &late["current"]["target"]),
        (StatusCode::PRECONDITION_FAILED, &json!("process"))
    );
    let (_, list) = ask(&app, &ada, &format!("{all}?target=process")).await;
    assert_eq!(list["items"][0]["id"], one["id"]);
    assert_eq!(send(&app, &ada, ("DELETE", &path, 2), Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ask(&app, &ada, &all).await.1["items"], json!([]));
    let (status, _) = post(&app, &ada, &format!("{path}/restore"), Value::Null).await;
    assert_eq!(status, StatusCode::OK);
}

#[rstest]
#[tokio::test]
async fn factors_exist_for_the_people_of_the_draft_alone(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let edda = app.person("edda", Seat::Editor).await;
    let rolf = app.person("rolf", Seat::Reader).await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let of = format!("/retrospectives/{}", incident.key());
    let new = json!({ "statement": "Both nodes share one limit" });
    let (_, one) = post(&app, &ada, &format!("{of}/factors"), new.clone()).await;
    let path = format!("{of}/factors/{}", one["id"].as_str().unwrap());
    for path in [
        &format!("{of}/factors"),
        &path,
        &format!("{of}/factors/questions"),
        &format!("{of}/recommendations"),
    ] {
        assert_eq!(ask(&app, &edda, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(
        post(&app, &edda, &format!("{of}/factors"), new.clone()).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(send(&app, &edda, ("DELETE", &path, 1), Value::Null).await.0, StatusCode::NOT_FOUND);
    post(&app, &ada, &format!("{of}/people"), json!({ "person": rolf.id, "role": "observer" }))
        .await;
    assert_eq!(ask(&app, &rolf, &path).await.0, StatusCode::OK);
    assert_eq!(post(&app, &rolf, &format!("{of}/factors"), new).await.0, StatusCode::FORBIDDEN);
    assert_eq!(send(&app, &rolf, ("DELETE", &path, 1), Value::Null).await.0, StatusCode::FORBIDDEN);
}
