//! The edge through the site, on both databases.

use super::breaking;
use super::document::operations;
use crate::access::{Scope, Scopes, Seat, Viewer};
use crate::site;
use crate::testing::{On, TestApp};
use crate::tokens::{self, NewToken};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

async fn token(app: &TestApp, viewer: &Viewer, scopes: &[Scope]) -> String {
    let scopes = Scopes::new(scopes).unwrap();
    let new = NewToken { name: "a test".into(), scopes, days: 1, account: None };
    tokens::make(&app.app, viewer, &new).await.unwrap().secret
}

fn request(method: Method, path: &str, secret: &str, body: &Value) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
    let request = request.header(header::CONTENT_TYPE, "application/json");
    request.body(Body::from(body.to_string())).unwrap()
}

fn keyed(path: &str, secret: &str, key: &str, body: &Value) -> Request<Body> {
    let mut request = request(Method::POST, path, secret, body);
    request.headers_mut().insert(super::repeats::KEY, key.parse().unwrap());
    request
}

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(docs(name)).expect("the file is there");
    serde_json::from_str(&text).expect("it is JSON")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test's surroundings are its environment")]
fn the_description_in_docs_is_the_one_that_is_served() {
    if std::env::var("RENEW").is_ok() {
        let text = serde_json::to_string_pretty(&site::openapi()).unwrap();
        std::fs::write(docs("openapi.json"), format!("{text}\n")).unwrap();
    }
    assert!(
        read("openapi.json") == site::openapi(),
        "docs/openapi.json is not what is served; renew it with tools/openapi, or with: \
         RENEW=1 cargo test -p afterword --lib the_description_in_docs"
    );
}

#[test]
fn nothing_changed_that_breaks_a_program() {
    let broken = breaking::changes(&read("openapi.baseline.json"), &site::openapi());
    assert!(broken.is_empty(), "docs/api.md says what may change:\n{}", broken.join("\n"));
}

#[test]
fn every_operation_of_the_source_is_described_and_every_described_one_is_there() {
    let document = site::openapi();
    let described: BTreeSet<(String, String)> = operations(&document)
        .iter()
        .map(|one| (one.method.to_owned(), one.path.to_owned()))
        .collect();
    let written: BTreeSet<(String, String)> =
        crate::everywhere::every_operation().into_iter().collect();
    assert!(written.len() >= 15, "the source's operations are read: {}", written.len());
    assert_eq!(described, written);
}

#[test]
fn every_operation_is_named_tagged_and_told_of() {
    let document = site::openapi();
    assert_eq!(document["openapi"], "3.1.0");
    let mut names = BTreeSet::new();
    for operation in operations(&document) {
        let said = format!("{} {}", operation.method, operation.path);
        let name = operation.value["operationId"].as_str().expect("a name");
        assert!(names.insert(name.to_owned()), "{said}: `{name}` is the name of another one");
        assert!(operation.value["tags"][0].is_string(), "{said} has no tag");
        assert!(operation.value["summary"].is_string(), "{said} does not say what it does");
        let refusal = &operation.value["responses"]["default"]["$ref"];
        assert_eq!(refusal, "#/components/responses/Problem", "{said}");
    }
    let text = document.to_string();
    for part in text.split("\"$ref\":\"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
}

#[rstest]
#[tokio::test]
async fn incidents_are_listed_in_pages_by_filters_and_fields(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    for (title, severity) in [("one", 1), ("two", 2), ("three", 1), ("four", 1)] {
        let body = json!({ "title": title, "severity": severity });
        let made = app.api(&ada, Method::POST, "/api/v1/incidents", body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    }
    let get = async |path: String| {
        let answer = app.get(&ada, &path).await;
        (answer.status, serde_json::from_str::<Value>(&answer.body).unwrap())
    };
    let base = "/api/v1/incidents?severity[in]=1,3&limit=2&fields=key,title";
    let (status, first) = get(base.into()).await;
    assert_eq!(status, 200, "{first}");
    let expected =
        json!([{ "key": "INC-4", "title": "four" }, { "key": "INC-3", "title": "three" }]);
    assert_eq!(first["items"], expected);
    let next = first["next"].as_str().expect("another page");
    let (_, second) = get(format!("{base}&cursor={next}")).await;
    assert_eq!(second["items"], json!([{ "key": "INC-1", "title": "one" }]));
    assert_eq!(second["next"], Value::Null);
    // Another filter, another reader, an edited cursor.
    let (status, problem) = get(format!("/api/v1/incidents?severity=2&cursor={next}")).await;
    assert_eq!((status.as_u16(), &problem["errors"][0]["path"]), (400, &json!("cursor")));
    let bob = app.person("bob", Seat::Editor).await;
    let others = app.get(&bob, &format!("{base}&cursor={next}")).await;
    assert_eq!(others.status, StatusCode::BAD_REQUEST);
    let (begin, end) = next.split_at(next.len() / 2);
    let other = if end.starts_with('A') { 'B' } else { 'A' };
    let edited = format!("{begin}{other}{}", &end[1..]);
    let (status, _) = get(format!("{base}&cursor={edited}")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    for (query, wrong) in [
        ("colour=red", "colour"),
        ("status[like]=a", "status[like]"),
        ("status=gone", "status"),
        ("limit=0", "limit"),
        ("fields=key,colour", "fields"),
        ("created_at[gte]=yesterday", "created_at[gte]"),
        ("service=a%00b", "service"),
    ] {
        let (status, problem) = get(format!("/api/v1/incidents?{query}")).await;
        assert_eq!(
            (status.as_u16(), &problem["errors"][0]["path"]),
            (400, &json!(wrong)),
            "{query}"
        );
    }
    for (query, count) in [
        ("created_at[gte]=2026-03-05T12:00:00Z", 4),
        ("created_at[gt]=2026-03-05T12:00:00Z", 0),
        ("created_at[lt]=-009998-01-02T00:00:00Z", 0),
        ("updated_at[lte]=9999-12-30T00:00:00Z&status=active&kind[in]=outage,data", 4),
        ("report_only=true", 0),
        ("service=nothing", 0),
        ("label=red", 0),
        ("detection=unknown", 4),
    ] {
        let (status, page) = get(format!("/api/v1/incidents?{query}")).await;
        assert_eq!(status, 200, "{query}: {page}");
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
    }
}

#[rstest]
#[tokio::test]
async fn a_change_needs_the_version_it_was_made_from(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let secret = token(&app, &ada, &[Scope::Read, Scope::Write]).await;
    let new = json!({ "title": "Checkout is down" });
    let made = app.raw(None, request(Method::POST, "/api/v1/incidents", &secret, &new)).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    assert_eq!(made.headers()[header::LOCATION], "/api/v1/incidents/INC-1");
    assert_eq!(made.headers()[header::ETAG], "\"v1\"");
    let patch = async |etag: Option<&str>, body: Value| {
        let mut request = request(Method::PATCH, "/api/v1/incidents/INC-1", &secret, &body);
        if let Some(etag) = etag {
            request.headers_mut().insert(header::IF_MATCH, etag.parse().unwrap());
        }
        let answer = app.send(None, request).await;
        (answer.status.as_u16(), serde_json::from_str::<Value>(&answer.body).unwrap())
    };
    assert_eq!(patch(None, json!({})).await.0, 428);
    let (status, now) = patch(Some("\"v1\""), json!({ "description": "Cards fail." })).await;
    assert_eq!(
        (status, &now["version"], &now["title"]),
        (200, &json!(2), &json!("Checkout is down"))
    );
    let (status, problem) = patch(Some("\"v1\""), json!({ "title": "x" })).await;
    assert_eq!(status, 412);
    assert_eq!(problem["current"]["version"], 2);
    let (status, problem) =
        patch(Some("*"), json!({ "title": " ", "environment": "", "kind": "fire", "colour": 1 }))
            .await;
    assert_eq!(status, 422);
    let paths: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["path"].as_str())
        .collect();
    assert_eq!(paths, ["colour", "kind"]);
    let (_, problem) = patch(Some("*"), json!({ "title": " ", "environment": "" })).await;
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
    let mut seen = request(Method::GET, "/api/v1/incidents/INC-1", &secret, &json!(null));
    seen.headers_mut().insert(header::IF_NONE_MATCH, "\"v2\"".parse().unwrap());
    assert_eq!(app.send(None, seen).await.status, StatusCode::NOT_MODIFIED);
}

#[rstest]
#[tokio::test]
async fn a_post_with_a_key_is_done_once(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let secret = token(&app, &ada, &[Scope::Read, Scope::Write]).await;
    let send = async |key: &str, title: &str| {
        let body = json!({ "title": title });
        let response = app.raw(None, keyed("/api/v1/incidents", &secret, key, &body)).await;
        let replayed = response.headers().contains_key("idempotency-replayed");
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, replayed, serde_json::from_slice::<Value>(&bytes).unwrap())
    };
    // At once, as a client that lost its patience does.
    let (one, two) = tokio::join!(send("k1", "down"), send("k1", "down"));
    let mut statuses = [one.0, two.0];
    statuses.sort_unstable();
    assert!(statuses == [201, 201] || statuses == [201, 409], "{statuses:?}");
    let first = if one.0 == 201 { one.2 } else { two.2 };
    let again = send("k1", "down").await;
    assert_eq!((again.0, again.1, &again.2), (201, true, &first));
    let other = send("k1", "something else").await;
    assert_eq!((other.0, &other.2["type"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(send("k2", "down").await.2["key"], "INC-2");
    let wrong = send("k3", "").await;
    assert_eq!((wrong.0, send("k3", "").await.1), (422, true), "a refusal is an answer too");
    assert_eq!(send("a b", "down").await.0, 400);
    let list = app.get(&ada, "/api/v1/incidents").await;
    assert_eq!(list.body.matches("\"key\":").count(), 2);
    // A run of the process that ended in the middle.
    app.execute("update repeats set status = null, run = 'before' where key = 'k1'").await;
    let lost = send("k1", "down").await;
    assert_eq!((lost.0, &lost.2["type"]), (409, &json!("unknown_outcome")));
    // Two days later the key is free again.
    app.clock.advance(std::time::Duration::from_secs(49 * 3600));
    let mut session = keyed("/api/v1/incidents", "none", "k1", &json!({ "title": "down" }));
    session.headers_mut().remove(header::AUTHORIZATION);
    assert_eq!(app.send(Some(&ada), session).await.status, StatusCode::CREATED);
}

/// Ada writes in Bob's incident, which is then hidden from her; her repeats tell her nothing of it.
#[rstest]
#[tokio::test]
async fn a_kept_answer_is_not_given_to_who_may_no_longer_see_what_it_tells_of(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.person("bert", Seat::Editor).await;
    let bob = app.person("bob", Seat::Editor).await;
    let send = async |who: &Viewer, path: &str, key: &str, body: &Value| {
        let mut request = keyed(path, "none", key, body);
        request.headers_mut().remove(header::AUTHORIZATION);
        app.send(Some(who), request).await
    };
    let new = json!({ "title": "Zanzibar leaks" });
    let made = app.api(&bob, Method::POST, "/api/v1/incidents", new).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let note = json!({ "status": "mitigated", "reason": "zanzibar" });
    let many = json!({ "operations": [
        { "method": "POST", "path": "/incidents/INC-1/notes", "body": { "text": "zanzibar" } },
    ] });
    let (status, bulk) = ("/api/v1/incidents/INC-1/statuses", "/api/v1/bulk");
    for (path, body) in [(status, &note), (bulk, &many)] {
        let first = send(&ada, path, "k", body).await;
        assert!(first.status.is_success(), "{path}: {}", first.body);
        let again = send(&ada, path, "k", body).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{path}");
    }
    let red = json!({ "label": "red" });
    let hidden = app.api(&bob, Method::PUT, "/api/v1/incidents/INC-1/label", red).await;
    assert_eq!(hidden.status, StatusCode::OK, "{}", hidden.body);
    assert_eq!(app.get(&ada, "/api/v1/incidents/INC-1").await.status, StatusCode::NOT_FOUND);
    for (path, body) in [(status, &note), (bulk, &many)] {
        let again = send(&ada, path, "k", body).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{path}");
        assert!(again.body.contains("done_before"), "{}", again.body);
        let canary = again.body.to_lowercase();
        assert!(!canary.contains("zanzibar") && !canary.contains("inc-1"), "{}", again.body);
    }
}

#[tokio::test]
async fn a_secret_is_in_no_kept_answer() {
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    let body = json!({ "name": "nightly", "scopes": ["read"] });
    let send = async || {
        let mut request = keyed("/api/v1/tokens", "none", "t1", &body);
        request.headers_mut().remove(header::AUTHORIZATION);
        app.send(Some(&ada), request).await
    };
    let made = send().await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert!(made.body.contains("awt_"));
    let again = send().await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("done_before") && !again.body.contains("awt_"), "{}", again.body);
}

#[tokio::test]
async fn every_refusal_of_the_api_is_a_problem_document() {
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    let json = "application/json";
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(3 << 20));
    for (method, path, kind, body, status) in [
        ("GET", "/api/v1/nothing", "", "", 404),
        ("GET", "/api/nothing", "", "", 404),
        ("GET", "/api/v1/incidents/INC-99", "", "", 404),
        ("GET", "/api/v1/incidents/%00", "", "", 404),
        ("PUT", "/api/v1/incidents", json, "{}", 405),
        ("POST", "/api/openapi.json", json, "{}", 405),
        ("POST", "/api/v1/incidents", "text/plain", "{}", 415),
        ("POST", "/api/v1/incidents", json, "{", 400),
        ("POST", "/api/v1/incidents", json, "{}", 422),
        ("POST", "/api/v1/incidents", json, &large, 413),
        ("GET", "/api/v1/incidents/INC-1/imports/x?from=y", "", "", 400),
    ] {
        let request = Request::builder().method(method).uri(path);
        let request =
            request.header(header::CONTENT_TYPE, kind).header(header::ACCEPT, "text/html");
        let response =
            app.raw(Some(&ada), request.body(Body::from(body.to_owned())).unwrap()).await;
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json", "{path}");
        if status == 405 {
            assert!(response.headers().contains_key(header::ALLOW), "{path}");
        }
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let problem: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(problem["status"], status, "{path}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|text| text.len() > 10), "{problem}");
    }
    let nobody = Request::builder().uri("/api/v1/me").body(Body::empty()).unwrap();
    let response = app.raw(None, nobody).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    let request = Request::builder().method("POST").uri("/api/v1/incidents");
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(r#"{"title": "x"}"#)).unwrap();
    let answer = app.without_csrf(&ada, request).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("x-csrf"), "{}", answer.body);
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let app = TestApp::start_with(On::Sqlite, &[("api.requests_per_minute", "3")]).await;
    let ada = app.ada().await;
    let bob = app.person("bob", Seat::Reader).await;
    let ask = async |who: Option<&Viewer>, path: &str| {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        app.raw(who, request).await
    };
    for left in ["2", "1", "0"] {
        let response = ask(Some(&ada), "/api/v1/me").await;
        assert_eq!(response.status(), StatusCode::OK);
        let said = response.headers()["ratelimit"].to_str().unwrap();
        assert!(said.contains(&format!("r={left};")), "{said}");
        assert_eq!(response.headers()["ratelimit-policy"], "\"minute\";q=3;w=60");
    }
    let response = ask(Some(&ada), "/api/v1/me").await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()[header::RETRY_AFTER], "20");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(ask(Some(&bob), "/api/v1/me").await.status(), StatusCode::OK, "each has their own");
    assert_eq!(ask(Some(&ada), "/people").await.status(), StatusCode::OK, "pages have another");
    app.clock.advance(std::time::Duration::from_secs(20));
    assert_eq!(ask(Some(&ada), "/api/v1/me").await.status(), StatusCode::OK);
    // Guessing tokens is counted, by address.
    let guess = async |n: u32| {
        let secret = format!("awt_{n:064}");
        app.send(None, request(Method::GET, "/api/v1/me", &secret, &json!(null))).await.status
    };
    assert_eq!(guess(1).await, StatusCode::UNAUTHORIZED);
    assert_eq!((guess(2).await, guess(3).await).1, StatusCode::UNAUTHORIZED);
    assert_eq!(guess(4).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_page_of_the_api_shows_every_operation() {
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    let page = app.get(&ada, "/api").await;
    assert_eq!(page.status, StatusCode::OK);
    let document = site::openapi();
    for operation in operations(&document) {
        let said = format!("{} {}", operation.method.to_uppercase(), operation.path);
        assert!(page.body.contains(&said), "{said}");
    }
    let served = app.get_as_nobody("/api/openapi.json").await;
    assert_eq!(serde_json::from_str::<Value>(&served.body).unwrap(), document);
}

#[rstest]
#[tokio::test]
async fn many_changes_are_done_each_alone(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let new =
        |title: &str| json!({ "method": "POST", "path": "/incidents", "body": { "title": title } });
    let operations = json!([
        new("one"),
        new(""),
        { "method": "PATCH", "path": "/incidents/INC-1", "if_match": "\"v1\"", "body": { "title": "two" } },
        { "method": "DELETE", "path": "/incidents/INC-1" },
        { "method": "POST", "path": "/tokens", "body": { "name": "x", "scopes": ["read"] } },
    ]);
    let body = json!({ "operations": operations });
    let answer = app.api(&ada, Method::POST, "/api/v1/bulk", body.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    let statuses: Vec<i64> = said["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].as_i64().unwrap())
        .collect();
    assert_eq!(statuses, [201, 422, 200, 405, 201]);
    assert_eq!((&said["done"], &said["refused"]), (&json!(3), &json!(2)));
    assert_eq!(said["results"][0]["location"], "/api/v1/incidents/INC-1");
    assert_eq!(said["results"][1]["body"]["errors"][0]["path"], "title");
    assert_eq!(said["results"][2]["etag"], "\"v2\"");
    // Once with a key; the secret in it is not kept.
    let send = async || {
        let mut request = keyed("/api/v1/bulk", "none", "b1", &body);
        request.headers_mut().remove(header::AUTHORIZATION);
        app.send(Some(&ada), request).await
    };
    assert!(send().await.body.contains("awt_"));
    assert!(!send().await.body.contains("awt_"));
    let stop = json!({ "operations": [new(""), new("three")], "stop_at_refusal": true });
    let answer = app.api(&ada, Method::POST, "/api/v1/bulk", stop).await;
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(said["results"][1]["status"], 424);
    let rolf = app.person("rolf", Seat::Reader).await;
    let answer =
        app.api(&rolf, Method::POST, "/api/v1/bulk", json!({ "operations": [new("x")] })).await;
    assert!(answer.body.contains("\"status\":403"), "{}", answer.body);
    for bad in [json!([]), json!([{ "method": "POST", "path": "/bulk" }])] {
        let body = json!({ "operations": bad });
        let answer = app.api(&ada, Method::POST, "/api/v1/bulk", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// The items of an export, and where it could go on.
fn lines(text: &str) -> (Vec<Value>, Vec<String>, bool) {
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let (mut items, mut nexts, mut ended) = (Vec::new(), Vec::new(), false);
    for mut line in lines {
        assert!(!ended && line.as_object().unwrap().len() == 1, "{line}");
        ended = line.get("end").is_some();
        if let Some(next) = line["next"].as_str() {
            nexts.push(next.to_owned());
        } else if line.get("item").is_some() {
            items.push(line["item"].take());
        }
    }
    (items, nexts, ended)
}

#[rstest]
#[tokio::test]
async fn incidents_are_brought_over_and_exported_line_by_line(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let line = |n: usize| {
        let times =
            json!({ "impact_start": "2024-03-05T12:00:00Z", "resolved": "2024-03-05T13:00:00Z" });
        let line = json!({ "id": format!("PD-{n}"), "title": format!("Incident {n}"), "severity": 2,
            "times": times, "private": n == 7 });
        format!("{line}\n")
    };
    let text: String = (1..=620).map(line).collect();
    let bad = "{\"id\": \"\", \"title\": \"x\", \"colour\": 1}\nnot json\n\n";
    let bring = async |who: &Viewer, body: String| {
        let request =
            Request::builder().method("POST").uri("/api/v1/import/incidents.ndjson?source=pager");
        let request = request.header(header::CONTENT_TYPE, "application/x-ndjson");
        app.send(Some(who), request.body(Body::from(body)).unwrap()).await
    };
    let answer = bring(&ada, format!("{bad}{text}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    let counts = |said: &Value| {
        ["lines", "added", "already", "refused"].map(|name| said[name].as_u64().unwrap())
    };
    assert_eq!(counts(&said), [622, 620, 0, 2]);
    assert_eq!(said["wrong_lines"][0]["line"], 1);
    assert_eq!(said["wrong_lines"][0]["errors"][0]["path"], "colour");
    assert_eq!(said["wrong_lines"][1]["line"], 2);
    // Broken off and sent again, with one more and one twice.
    let answer = bring(&ada, format!("{text}{}{}", line(621), line(621))).await;
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(counts(&said), [622, 1, 621, 0]);
    let cora = app.person("cora", Seat::Contributor).await;
    assert_eq!(bring(&cora, text.clone()).await.status, StatusCode::FORBIDDEN);
    let shown = app.get(&ada, "/i/INC-1").await;
    assert!(shown.body.contains("Incident 1") && shown.status == StatusCode::OK);

    let export = async |who: &Viewer, query: &str| {
        let answer = app.get(who, &format!("/api/v1/export/incidents.ndjson{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        lines(&answer.body)
    };
    let (all, nexts, ended) = export(&ada, "").await;
    // The first slice is short, so that an answer begins soon.
    assert_eq!((all.len(), nexts.len(), ended), (621, 4, true));
    let (others, _, _) = export(&cora, "").await;
    assert_eq!(others.len(), 620, "the red one is not there for others");
    let (rest, _, ended) = export(&ada, &format!("?after={}", nexts[3])).await;
    assert_eq!((rest.len(), ended), (1, true));
    assert_eq!(rest[..], all[620..]);
    let packed = Request::builder().uri("/api/v1/export/incidents.ndjson");
    let packed = packed.header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
    let packed = app.send(Some(&ada), packed).await;
    assert!(packed.status == StatusCode::OK && packed.body.len() > 1000, "it comes to its end");
    let wrong =
        app.get(&cora, &format!("/api/v1/export/incidents.ndjson?after={}", nexts[2])).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "another reader's place");
    let none = app.get(&ada, "/api/v1/export/secrets.ndjson").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert!(none.body.contains("there are: ") && none.body.contains("timeline"), "{}", none.body);
    let entry = json!({ "at": "2026-03-05T11:00:00Z", "text": "It began", "fact": "event" });
    let path = "/api/v1/incidents/INC-1/timeline";
    let made = app.api(&ada, Method::POST, path, entry).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let timelines = app.get(&cora, "/api/v1/export/timeline.ndjson").await;
    let (timelines, _, ended) = lines(&timelines.body);
    assert_eq!((timelines.len(), ended), (1, true), "{timelines:?}");
    assert!(timelines[0].to_string().contains("INC-1"), "{timelines:?}");
}

#[tokio::test]
async fn where_a_thing_is_stands_in_ascii() {
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    let made = app.api(&ada, Method::POST, "/api/v1/teams", json!({ "name": "Élan vital" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(made.location, "/api/v1/teams/%C3%A9lan-vital");
    assert_eq!(app.get(&ada, &made.location).await.status, StatusCode::OK);
}
