//! Operations on what belongs to an incident, on both databases.

use crate::access::{Seat, Viewer};
use crate::testing::{Answer, On, TestApp};
use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use std::time::Duration;

const AT: &str = "/api/v1/incidents/INC-1";

async fn get(app: &TestApp, by: &Viewer, path: &str) -> Value {
    let answer = app.get(by, path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

async fn send(app: &TestApp, by: &Viewer, method: Method, path: &str, body: Value) -> Answer {
    app.api(by, method, path, body).await
}

fn paths(answer: &Answer) -> Vec<String> {
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["path"].as_str().unwrap().to_owned()).collect()
}

async fn declared(app: &TestApp, by: &Viewer) {
    let form = [("title", "Nobody could pay"), ("kind", "outage"), ("severity", "2")];
    app.post(by, "/incidents", &form).await;
}

#[rstest]
#[tokio::test]
async fn its_life_is_told_and_moved_on(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Reader).await);
    declared(&app, &ada).await;
    app.clock.advance(Duration::from_secs(60));
    let statuses = format!("{AT}/statuses");
    let made = send(&app, &ada, Method::POST, &statuses, json!({"status": "mitigated"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(made.location, statuses);
    let all = get(&app, &rob, &statuses).await;
    assert_eq!(all["items"][1]["status"], "mitigated");
    let first = get(&app, &rob, &format!("{statuses}?limit=1")).await;
    let next = first["next"].as_str().unwrap();
    let second = get(&app, &rob, &format!("{statuses}?limit=1&cursor={next}")).await;
    assert_eq!((&second["items"][0], &second["next"]), (&all["items"][1], &Value::Null));
    let back = send(&app, &ada, Method::POST, &statuses, json!({"status": "draft"})).await;
    assert_eq!(back.status, StatusCode::CONFLICT, "{}", back.body);
    let wrong = json!({"status": "asleep", "why": "x"});
    let wrong = send(&app, &ada, Method::POST, &statuses, wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(["status", "why"].iter().all(|one| paths(&wrong).contains(&(*one).to_owned())));
    let rob_tries = send(&app, &rob, Method::POST, &statuses, json!({"status": "resolved"})).await;
    assert_eq!(rob_tries.status, StatusCode::FORBIDDEN);

    let severities = format!("{AT}/severities");
    let said = json!({"severity": 1, "at": "2026-03-05T11:00:00Z", "reason": "All regions"});
    let made = send(&app, &ada, Method::POST, &severities, said).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let wrong = send(&app, &ada, Method::POST, &severities, json!({"severity": 9})).await;
    assert_eq!(paths(&wrong), ["severity"]);
    let far = json!({"severity": 1, "at": "0031-03-05T11:00:00Z"});
    assert_eq!(paths(&send(&app, &ada, Method::POST, &severities, far).await), ["at"]);
    let all = get(&app, &rob, &severities).await;
    assert!(all["items"].as_array().unwrap().iter().any(|one| one["reason"] == "All regions"));
    let row = all["items"].as_array().unwrap().iter().find(|one| one["reason"] == "All regions");
    let row = format!("{severities}/{}", row.unwrap()["id"].as_str().unwrap());
    let two = json!({"severity": 2, "at": "2026-03-05T11:30:00Z", "because": "It was later"});
    let corrected = send(&app, &ada, Method::PUT, &row, two).await;
    assert_eq!(corrected.status, StatusCode::NO_CONTENT, "{}", corrected.body);
    let silent = send(&app, &ada, Method::DELETE, &row, Value::Null).await;
    assert_eq!(paths(&silent), ["because"]);
    let gone = format!("{row}?because=Wrong%20one");
    assert_eq!(send(&app, &ada, Method::DELETE, &gone, Value::Null).await.status, 204);
    let lines = get(&app, &rob, &format!("{AT}/activity?limit=2")).await;
    assert_eq!(lines["items"][0]["object"], "INC-1");
    assert!(lines["next"].is_string());
}

#[rstest]
#[tokio::test]
async fn a_red_one_is_not_there_for_others(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Contributor).await);
    declared(&app, &ada).await;
    let red = json!({"label": "red"});
    let refused = send(&app, &bob, Method::PUT, &format!("{AT}/label"), red.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "a contributor does not decide");
    let done = send(&app, &ada, Method::PUT, &format!("{AT}/label"), red).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    for part in
        ["statuses", "severities", "access", "hits", "activity", "times", "durations", "impact"]
    {
        let answer = app.get(&bob, &format!("{AT}/{part}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{part}");
    }
    let on_list = format!("{AT}/access/{}", bob.id);
    let himself = send(&app, &bob, Method::PUT, &on_list, Value::Null).await;
    assert_eq!(himself.status, StatusCode::NOT_FOUND);
    let shared = send(&app, &ada, Method::PUT, &on_list, Value::Null).await;
    assert_eq!(shared.status, StatusCode::NO_CONTENT, "{}", shared.body);
    let list = get(&app, &bob, &format!("{AT}/access")).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert_eq!(send(&app, &ada, Method::DELETE, &on_list, Value::Null).await.status, 204);
    let last = format!("{AT}/access/{}", ada.id);
    let alone = send(&app, &ada, Method::DELETE, &last, Value::Null).await;
    assert_eq!(alone.status, StatusCode::CONFLICT, "somebody stays");
}

#[rstest]
#[tokio::test]
async fn impact_people_and_relations_are_written_down(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    declared(&app, &ada).await;
    app.post(&ada, "/incidents", &[("title", "It came again"), ("kind", "outage")]).await;
    let window = json!({
        "started_at": "2026-03-05T11:00:00Z", "ended_at": "2026-03-05T11:10:00Z",
        "surface": "Paying", "effect": "unavailable", "users_count": 4100,
    });
    let impact = format!("{AT}/impact");
    let made = send(&app, &ada, Method::POST, &impact, window.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let mut longer = window.clone();
    longer["ended_at"] = json!("2026-03-05T11:20:00Z");
    let silent = json!({ "window": longer, "because": "" });
    let silent = send(&app, &ada, Method::PUT, &made.location, silent).await;
    assert_eq!(paths(&silent), ["because"]);
    let changed = json!({ "window": longer, "because": "The log says so" });
    let changed = send(&app, &ada, Method::PUT, &made.location, changed).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let durations = get(&app, &ada, &format!("{AT}/durations")).await;
    let all = durations["durations"].as_array().unwrap();
    let told = all.iter().find(|one| one["name"] == "impact").unwrap();
    assert_eq!(told["told"]["span"]["length_s"], 1200);
    let mut wrong = window;
    wrong["ended_at"] = json!("2026-03-05T10:00:00Z");
    wrong["percent"] = json!(140.0);
    let wrong = send(&app, &ada, Method::POST, &impact, wrong).await;
    assert_eq!(paths(&wrong), ["ended_at", "percent"]);
    assert_eq!(send(&app, &ada, Method::DELETE, &made.location, Value::Null).await.status, 204);
    assert_eq!(send(&app, &ada, Method::DELETE, &made.location, Value::Null).await.status, 404);

    let people = format!("{AT}/participants");
    let one = json!({"person_id": ada.id, "roles": ["commander", "scribe"]});
    let made = send(&app, &ada, Method::POST, &people, one).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let nobody = send(&app, &ada, Method::POST, &people, json!({})).await;
    assert_eq!(paths(&nobody), ["name"]);
    let listed = get(&app, &ada, &people).await;
    assert_eq!(listed["items"][0]["name"], "Ada");
    let later = json!({"person_id": ada.id, "roles": ["scribe"], "zone": "Europe/Berlin"});
    let later = send(&app, &ada, Method::PUT, &made.location, later).await;
    let later: Value = serde_json::from_str(&later.body).unwrap();
    assert_eq!((&later["roles"], &later["zone"]), (&json!(["scribe"]), &json!("Europe/Berlin")));
    let other = json!({"name": "Somebody", "zone": "Mars/Base"});
    assert_eq!(paths(&send(&app, &ada, Method::PUT, &made.location, other).await), ["person_id"]);
    assert_eq!(send(&app, &ada, Method::DELETE, &made.location, Value::Null).await.status, 204);

    let related = format!("{AT}/related");
    let again = json!({"other": "INC-2", "relation": "repeat_of"});
    let made = send(&app, &ada, Method::POST, &related, again).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let itself = json!({"other": "INC-1", "relation": "related"});
    assert_eq!(paths(&send(&app, &ada, Method::POST, &related, itself).await), ["other"]);
    let other = get(&app, &ada, "/api/v1/incidents/INC-2/related").await;
    assert_eq!(other["items"][0]["key"], "INC-1");

    let unknown = json!({"services": ["nothing"], "teams": []});
    let unknown = send(&app, &ada, Method::PUT, &format!("{AT}/hits"), unknown).await;
    assert_eq!(paths(&unknown), ["services[0]"]);
    let none = json!({"services": [], "teams": []});
    let none = send(&app, &ada, Method::PUT, &format!("{AT}/hits"), none).await;
    assert_eq!(none.status, StatusCode::OK, "{}", none.body);
}
