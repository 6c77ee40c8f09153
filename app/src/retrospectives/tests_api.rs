//! The operations of retrospectives, sections and lessons, through the site, on both databases.

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

/// An incident that has ended.
async fn ended(app: &TestApp, by: &Viewer) -> String {
    let form = [("title", "Nobody could pay"), ("kind", "outage"), ("severity", "2")];
    let answer = app.post(by, "/incidents", &form).await;
    let key = answer.location.split('/').nth(2).unwrap().to_owned();
    app.post(by, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
    key
}

/// The same with a retrospective that `by` owns.
async fn opened(app: &TestApp, by: &Viewer) -> String {
    let key = ended(app, by).await;
    let body = json!({ "kind": "standard", "owner": by.id });
    let (status, made) = post(app, by, &format!("/incidents/{key}/retrospectives"), body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    key
}

#[rstest]
#[tokio::test]
async fn one_is_proposed_opened_moved_on_and_listed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let key = ended(&app, &ada).await;
    let of = format!("/incidents/{key}/retrospectives");
    let (_, review) = ask(&app, &ada, &of).await;
    assert_eq!((&review["may_decide"], &review["retrospectives"]), (&json!(true), &json!([])));
    let (status, wrong) = post(&app, &ada, &of, json!({ "kind": "grand" })).await;
    assert_eq!(
        (status, &wrong["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("kind"))
    );
    let (status, draft) =
        post(&app, &ada, &of, json!({ "kind": "standard", "owner": ada.id })).await;
    assert_eq!(status, StatusCode::CREATED, "{draft}");
    assert_eq!((&draft["key"], &draft["state"]), (&json!(key), &json!("assigned")));
    assert_eq!(draft["owner"]["name"], "Ada");
    let (status, twice) = post(&app, &ada, &of, json!({ "kind": "standard" })).await;
    assert_eq!((status, &twice["type"]), (StatusCode::CONFLICT, &json!("under_way")));

    let moves = format!("/retrospectives/{key}/moves");
    let (status, moved) = post(&app, &ada, &moves, json!({ "state": "gathering" })).await;
    assert_eq!((status, &moved["state"]), (StatusCode::OK, &json!("gathering")), "{moved}");
    assert!(moved["next_step"]["sentence"].as_str().unwrap().contains("timeline"), "{moved}");
    let (status, leap) = post(&app, &ada, &moves, json!({ "state": "closed" })).await;
    assert_eq!((status, &leap["type"]), (StatusCode::CONFLICT, &json!("state")));
    let (status, own) = post(&app, &ada, &moves, json!({ "state": "published" })).await;
    assert_eq!(
        (status, &own["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("state"))
    );
    let (_, done) = ask(&app, &ada, &format!("{moves}?limit=2")).await;
    assert_eq!(done["items"][1]["state"], "assigned");
    let next = done["next"].as_str().unwrap();
    let (_, rest) = ask(&app, &ada, &format!("{moves}?limit=2&cursor={next}")).await;
    assert_eq!((&rest["items"][0]["state"], &rest["next"]), (&json!("gathering"), &Value::Null));

    let (_, list) = ask(&app, &ada, "/retrospectives?state=gathering").await;
    assert_eq!(list["items"][0]["key"], json!(key));
    let (status, _) = ask(&app, &ada, "/retrospectives?state=lost").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[rstest]
#[tokio::test]
async fn waiving_needs_a_reason_and_somebody_who_decides(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let cora = app.person("cora", Seat::Contributor).await;
    let key = ended(&app, &ada).await;
    let path = format!("/incidents/{key}/retrospectives/waive");
    let (status, bare) = post(&app, &ada, &path, json!({ "code": "other" })).await;
    assert_eq!(
        (status, &bare["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("text"))
    );
    let code = json!({ "code": "known_and_treated" });
    assert_eq!(post(&app, &cora, &path, code.clone()).await.0, StatusCode::FORBIDDEN);
    let (status, waived) = post(&app, &ada, &path, code).await;
    assert_eq!(status, StatusCode::OK, "{waived}");
    assert_eq!(waived["retrospectives"][0]["waived_code"], "known_and_treated");
}

#[rstest]
#[tokio::test]
async fn title_kind_and_no_action_change_by_version(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = format!("/retrospectives/{}", opened(&app, &ada).await);
    let version = ask(&app, &ada, &path).await.1["version"].as_i64().unwrap();
    let (status, titled) =
        send(&app, &ada, ("PATCH", &path, version), json!({ "title": "Paying failed" })).await;
    assert_eq!((status, &titled["title"]), (StatusCode::OK, &json!("Paying failed")), "{titled}");
    let (status, late) = send(&app, &ada, ("PATCH", &path, version), json!({ "title": "x" })).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(late["current"]["title"], "Paying failed");
    let now = titled["version"].as_i64().unwrap();
    let kind = format!("{path}/kind");
    let (status, bare) =
        send(&app, &ada, ("PUT", &kind, now), json!({ "kind": "major", "reason": "" })).await;
    assert_eq!(
        (status, &bare["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("reason"))
    );
    let body = json!({ "kind": "major", "reason": "It was bigger than it looked." });
    let (status, grown) = send(&app, &ada, ("PUT", &kind, now), body).await;
    assert_eq!((status, &grown["kind"]), (StatusCode::OK, &json!("major")), "{grown}");

    let (now, no_action) = (grown["version"].as_i64().unwrap(), format!("{path}/no-action"));
    let because = json!({ "because": "The supplier ended it." });
    let (status, said) = send(&app, &ada, ("PUT", &no_action, now), because).await;
    assert_eq!(
        (status, &said["no_action_because"]),
        (StatusCode::OK, &json!("The supplier ended it."))
    );
    let now = said["version"].as_i64().unwrap();
    let (status, back) = send(&app, &ada, ("DELETE", &no_action, now), Value::Null).await;
    assert_eq!((status, &back["no_action_because"]), (StatusCode::OK, &Value::Null), "{back}");
}

#[rstest]
#[tokio::test]
async fn two_who_write_a_section_at_once_see_both_texts(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let key = opened(&app, &ada).await;
    let path = format!("/retrospectives/{key}/sections/sum");
    let (_, empty) = ask(&app, &ada, &path).await;
    assert_eq!((&empty["version"], &empty["state"]), (&json!(0), &json!("empty")));
    let (status, first) = send(&app, &ada, ("PUT", &path, 0), json!({ "text": "One." })).await;
    assert_eq!(
        (status, &first["version"], &first["state"]),
        (StatusCode::OK, &json!(1), &json!("draft"))
    );
    let (status, late) = send(&app, &ada, ("PUT", &path, 0), json!({ "text": "Two." })).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(
        (&late["current"]["text"], &late["current"]["yours"]),
        (&json!("One."), &json!("Two."))
    );
    assert_eq!(ask(&app, &ada, &path).await.1["text"], "One.", "nothing was overwritten");
    let (status, _) = send(&app, &ada, ("PUT", &path, 0), json!({ "text": "One." })).await;
    assert_eq!(status, StatusCode::OK, "the same text again is no conflict");
    let (status, long) =
        send(&app, &ada, ("PUT", &path, 1), json!({ "text": "x".repeat(100_001) })).await;
    assert_eq!(
        (status, &long["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("text"))
    );
    send(&app, &ada, ("PUT", &path, 1), json!({ "text": "Three." })).await;

    let (status, ready) =
        send(&app, &ada, ("PUT", &format!("{path}/state"), 2), json!({ "state": "ready" })).await;
    assert_eq!((status, &ready["state"]), (StatusCode::OK, &json!("ready")), "{ready}");
    let (status, _) =
        send(&app, &ada, ("PUT", &format!("{path}/state"), 1), json!({ "state": "confirmed" }))
            .await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);

    let versions = format!("{path}/versions");
    let (_, kept) = ask(&app, &ada, &format!("{versions}?limit=1")).await;
    assert_eq!(
        (&kept["items"][0]["version"], &kept["items"][0]["characters"]),
        (&json!(2), &json!(6))
    );
    let (_, more) =
        ask(&app, &ada, &format!("{versions}?cursor={}", kept["next"].as_str().unwrap())).await;
    assert_eq!((&more["items"][0]["version"], &more["next"]), (&json!(1), &Value::Null));
    let (_, old) = ask(&app, &ada, &format!("{versions}/1")).await;
    assert_eq!((&old["text"], &old["standing"]), (&json!("One."), &json!(2)));
    assert_eq!(old["compared"][0], json!({ "of": "older", "text": "One." }), "{old}");
    assert_eq!(ask(&app, &ada, &format!("{versions}/9")).await.0, StatusCode::NOT_FOUND);
    let back = format!("{versions}/1/restore");
    let (status, stands) = send(&app, &ada, ("POST", &back, 2), Value::Null).await;
    assert_eq!(
        (status, &stands["text"], &stands["version"]),
        (StatusCode::OK, &json!("One."), &json!(3))
    );

    let all = format!("/retrospectives/{key}/sections");
    let (_, list) = ask(&app, &ada, &format!("{all}?limit=1&fields=id")).await;
    let next = list["next"].as_str().unwrap();
    let (_, rest) = ask(&app, &ada, &format!("{all}?fields=id&cursor={next}")).await;
    assert!(!rest["items"].as_array().unwrap().contains(&list["items"][0]), "{rest}");
    let (status, none) = post(&app, &ada, &all, json!({ "section": "gossip" })).await;
    assert_eq!(
        (status, &none["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("section"))
    );
    let kind = crate::kinds::find("standard").unwrap();
    let optional = kind.optional.first().expect("the kind has one");
    let (status, added) = post(&app, &ada, &all, json!({ "section": optional })).await;
    assert_eq!((status, &added["id"]), (StatusCode::CREATED, &json!(optional)), "{added}");
}

#[rstest]
#[tokio::test]
async fn lessons_are_kept_changed_taken_away_and_back(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let all = format!("/retrospectives/{}/lessons", opened(&app, &ada).await);
    let (status, none) = post(&app, &ada, &all, json!({ "sort": "hard", "text": " " })).await;
    assert_eq!(
        (status, &none["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("text"))
    );
    let (status, one) =
        post(&app, &ada, &all, json!({ "sort": "hard", "text": "No dashboard." })).await;
    assert_eq!(status, StatusCode::CREATED, "{one}");
    post(&app, &ada, &all, json!({ "sort": "lucky", "text": "It was noon." })).await;
    let path = format!("{all}/{}", one["id"].as_str().unwrap());
    let (status, now) =
        send(&app, &ada, ("PATCH", &path, 1), json!({ "sort": "surprising" })).await;
    assert_eq!(
        (status, &now["sort"], &now["text"]),
        (StatusCode::OK, &json!("surprising"), &json!("No dashboard."))
    );
    let (status, late) = send(&app, &ada, ("PATCH", &path, 1), json!({ "text": "x" })).await;
    assert_eq!((status, &late["current"]["version"]), (StatusCode::PRECONDITION_FAILED, &json!(2)));
    let (status, null) = send(&app, &ada, ("PATCH", &path, 2), json!({ "text": null })).await;
    assert_eq!(
        (status, &null["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("text"))
    );
    assert_eq!(send(&app, &ada, ("DELETE", &path, 2), Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ask(&app, &ada, &path).await.0, StatusCode::NOT_FOUND);
    let (status, back) = post(&app, &ada, &format!("{path}/restore"), Value::Null).await;
    assert_eq!((status, &back["text"]), (StatusCode::OK, &json!("No dashboard.")), "{back}");
    let (_, list) = ask(&app, &ada, &format!("{all}?limit=1")).await;
    assert_eq!(list["items"][0]["text"], "No dashboard.");
    let next = list["next"].as_str().unwrap();
    let (_, rest) = ask(&app, &ada, &format!("{all}?cursor={next}")).await;
    assert_eq!((&rest["items"][0]["text"], &rest["next"]), (&json!("It was noon."), &Value::Null));
}

#[rstest]
#[tokio::test]
async fn a_draft_exists_for_its_people_alone(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let edda = app.person("edda", Seat::Editor).await;
    let rolf = app.person("rolf", Seat::Reader).await;
    let key = opened(&app, &ada).await;
    let of = format!("/retrospectives/{key}");
    send(&app, &ada, ("PUT", &format!("{of}/sections/sum"), 0), json!({ "text": "Secret." })).await;
    for tail in ["", "/moves", "/sections", "/sections/sum", "/sections/sum/versions", "/lessons"] {
        let path = format!("{of}{tail}");
        assert_eq!(ask(&app, &edda, &path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let lesson = json!({ "sort": "hard", "text": "x" });
    assert_eq!(
        post(&app, &edda, &format!("{of}/lessons"), lesson.clone()).await.0,
        StatusCode::NOT_FOUND
    );
    let (_, review) = ask(&app, &edda, &format!("/incidents/{key}/retrospectives")).await;
    assert_eq!(review["retrospectives"][0]["is_shared_with_you"], false, "only that it is written");
    let (status, people) = ask(&app, &edda, &format!("{of}/people")).await;
    assert_eq!(
        (status, &people["people"]),
        (StatusCode::OK, &Value::Null),
        "who decides sees who leads"
    );
    assert_eq!(ask(&app, &rolf, &format!("{of}/people")).await.0, StatusCode::NOT_FOUND);

    let people = format!("{of}/people");
    let (status, wrong) =
        post(&app, &ada, &people, json!({ "person": rolf.id, "role": "owner" })).await;
    assert_eq!(
        (status, &wrong["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("role"))
    );
    let (status, shared) =
        post(&app, &ada, &people, json!({ "person": rolf.id, "role": "reviewer" })).await;
    assert_eq!(status, StatusCode::CREATED, "{shared}");
    assert_eq!(ask(&app, &rolf, &of).await.0, StatusCode::OK);
    assert_eq!(post(&app, &rolf, &format!("{of}/lessons"), lesson).await.0, StatusCode::FORBIDDEN);
    let (status, _) =
        send(&app, &rolf, ("PUT", &format!("{of}/sections/sum"), 1), json!({ "text": "x" })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let away = format!("{people}/{}", rolf.id);
    let call = Call { method: "DELETE", path: &away, version: None };
    assert_eq!(app.call(&ada, call, Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ask(&app, &rolf, &of).await.0, StatusCode::NOT_FOUND);
    let leads = format!("{of}/leads");
    let call = Call { method: "PUT", path: &leads, version: None };
    let (status, now) =
        app.call(&ada, call, json!({ "owner": edda.id, "facilitator": ada.id })).await;
    assert_eq!((status, &now["owner"]["name"]), (StatusCode::OK, &json!("Edda")), "{now}");
    let (status, nobody) = app.call(&ada, call, json!({ "owner": null })).await;
    assert_eq!(
        (status, &nobody["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("owner"))
    );
}
