//! What is known of people, and who sees how much of it, on both databases.

use crate::access::{Seat, Viewer};
use crate::people::{Email, Handle, Name, NewPerson, register};
use crate::testing::{Call, On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

async fn put(app: &TestApp, who: &Viewer, of: &Viewer, body: Value) -> (StatusCode, Value) {
    let path = format!("/people/{}/details", of.id);
    app.call(who, Call { method: "PUT", path: &path, version: None }, body).await
}

async fn get(app: &TestApp, who: &Viewer, of: &Viewer) -> Value {
    let path = format!("/people/{}/details", of.id);
    app.call(who, Call { method: "GET", path: &path, version: None }, Value::Null).await.1
}

#[rstest]
#[tokio::test]
async fn colleagues_see_how_to_reach_somebody_and_no_more(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let (bob, eve) =
        (app.person("bob", Seat::Contributor).await, app.person("eve", Seat::Auditor).await);
    let works = json!({"days": [1, 2, 4], "from": "08:00", "to": "12:30"});
    let said = json!({"name": "Bob B.", "zone": "Europe/Berlin", "works": works, "chat": "@bob.b",
        "code": "bobcode", "pager": "P1BOB", "away_until": "2026-03-20", "joined_on": "2020-01-01"});
    assert_eq!(put(&app, &eve, &bob, said.clone()).await.0, StatusCode::FORBIDDEN);
    let (status, own) = put(&app, &bob, &bob, said.clone()).await;
    assert_eq!((status, &own["works"], &own["chat"]), (StatusCode::OK, &works, &json!("bob.b")));
    assert_eq!(own["joined_on"], Value::Null, "only administrators say since when");
    assert_eq!(put(&app, &ada, &bob, said.clone()).await.1["joined_on"], "2020-01-01");
    let again =
        json!({"name": "Bob B.", "zone": "Europe/Berlin", "chat": "bob.b", "code": "bobcode"});
    assert_eq!(put(&app, &bob, &bob, again).await.1["joined_on"], "2020-01-01");
    put(&app, &ada, &bob, said.clone()).await;

    let others = get(&app, &eve, &bob).await;
    assert_eq!((&others["chat"], &others["works"]["to"]), (&json!("bob.b"), &json!("12:30")));
    for field in ["code", "pager", "email", "joined_on"] {
        assert_eq!(others[field], Value::Null, "{field}");
        assert_ne!(get(&app, &ada, &bob).await[field], Value::Null, "{field}");
    }
    let page = app.get(&eve, "/people/bob").await.body;
    assert!(page.contains("bob.b") && page.contains("Mon, Tue, Thu, 08:00 to 12:30"), "{page}");
    assert!(page.contains("Away until 2026-03-20"), "{page}");
    for private in ["bobcode", "P1BOB", "bob@example.org", "2020-01-01", "Say it anew"] {
        assert!(!page.contains(private), "{private}");
        assert!(app.get(&bob, "/people/bob").await.body.contains(private), "{private}");
    }

    let (status, refused) =
        put(&app, &eve, &eve, json!({"name": "Eve", "zone": "UTC", "chat": "Bob.B"})).await;
    assert_eq!(
        (status, &refused["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("chat"))
    );
    let odd = json!({"name": "", "zone": "Mars", "works": {"days": [9], "from": "1", "to": "2"}, "away_until": "soon"});
    let (_, refused) = put(&app, &bob, &bob, odd).await;
    let paths: Vec<&str> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["name", "zone", "works.days", "away_until"]);
    let typed = [
        ("name", "Bob"),
        ("zone", "Mars"),
        ("works_days", "Mon"),
        ("works_from", "10:00"),
        ("works_to", "09:00"),
    ];
    let form = app.post(&bob, "/people/bob", &typed).await;
    assert_eq!(form.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(form.body.contains("Mars") && form.body.contains("Work ends later"), "{}", form.body);
    assert_eq!(app.post(&eve, "/people/bob", &typed).await.status, StatusCode::FORBIDDEN);
}

#[rstest]
#[tokio::test]
async fn somebody_of_the_catalogue_comes_in_as_themselves(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let mut tx = app.app.db.write().await.unwrap();
    let new = NewPerson {
        handle: Handle::parse("chie").unwrap(),
        name: Name::parse("Chie").unwrap(),
        email: Some(Email::parse("chie@example.org").unwrap()),
        password_digest: None,
        seat: Seat::Contributor,
        zone: "Asia/Tokyo".to_owned(),
    };
    let chie = register(&mut tx, &new, app.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.post(&bob, "/people/chie/invitation", &[]).await.status, StatusCode::FORBIDDEN);
    let page = app.post(&ada, "/people/chie/invitation", &[]).await.body;
    let (_, rest) = page.split_once("/invitation/").expect("a link");
    let path = format!("/invitation/{}", rest.split(['<', '"']).next().unwrap());
    let form = app.get_as_nobody(&path).await.body;
    assert!(form.contains("Asia/Tokyo") && !form.contains("name=\"handle\""), "{form}");
    let body = "name=Chie&email=chie%40example.org&zone=Asia%2FTokyo&password=a+long+enough+one";
    let come = || {
        axum::http::Request::builder()
            .method("POST")
            .uri(&path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("host", "127.0.0.1:8080")
            .body(axum::body::Body::from(body))
            .unwrap()
    };
    let done = app.send(None, come()).await;
    assert_eq!(
        (done.status, done.location.as_str()),
        (StatusCode::SEE_OTHER, "/"),
        "{}",
        done.body
    );
    assert_eq!(app.send(None, come()).await.status, StatusCode::NOT_FOUND, "it works once");
    let again = json!({"seat": "contributor", "person": chie});
    let call = Call { method: "POST", path: "/invitations", version: None };
    assert_eq!(app.call(&ada, call, again).await.0, StatusCode::CONFLICT);
}
