//! Near misses, looking back at projects, and several incidents in one retrospective, on both databases.

use super::{State, move_on};
use crate::access::{Seat, Viewer};
use crate::testing::{Answer, On, TestApp};
use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

fn read(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

async fn declare(app: &TestApp, by: &Viewer, title: &str) {
    let form = [("title", title), ("kind", "outage"), ("severity", "2"), ("report_only", "on")];
    let answer = app.post(by, "/incidents", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[rstest]
#[tokio::test]
async fn a_near_miss_enters_by_two_fields_and_a_thank_you(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let cora = app.person("cora", Seat::Contributor).await;
    let form = [("nearly", "The backup was nearly wiped. It was Tuesday."), ("stopped", " ")];
    let refused = app.post(&cora, "/near", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("or that it was luck") && refused.body.contains("nearly wiped"));
    let form = [form[0], ("stopped", "Noor read the plan twice.")];
    let sent = app.post(&cora, "/near", &form).await;
    assert_eq!(sent.location, "/near/INC-1", "{}", sent.body);
    let thanks = app.get(&cora, "/near/INC-1").await;
    assert!(thanks.body.contains("Thank you,"), "{}", thanks.body);
    assert!(thanks.body.contains("“The backup was nearly wiped” is INC-1"), "{}", thanks.body);
    let edit = app.get(&cora, "/r/INC-1/edit").await.body;
    assert!(edit.contains("It was Tuesday.") && edit.contains("Noor read the plan twice."));
    let ada = app.ada().await;
    assert_eq!(app.get(&ada, "/near/INC-1").await.status, StatusCode::NOT_FOUND, "thanks are hers");
    let page = app.get(&ada, "/i/INC-1").await.body;
    assert!(page.contains("Near miss") && page.contains("nobody owns it yet"), "{page}");
    let rob = app.person("rob", Seat::Reader).await;
    assert_eq!(app.post(&rob, "/near", &form).await.status, StatusCode::FORBIDDEN);
}

#[rstest]
#[tokio::test]
async fn a_project_has_a_retrospective_and_is_no_incident(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, cora) = (app.ada().await, app.person("cora", Seat::Contributor).await);
    declare(&app, &ada, "Checkout is down").await;
    let form = [("title", "Moving the ledger"), ("why", "It went well."), ("kind", "light")];
    let begun = app.post(&cora, "/retros/new", &form).await;
    assert_eq!(begun.location, "/r/INC-2/draft", "{}", begun.body);
    let draft = app.get(&cora, "/r/INC-2/draft").await.body;
    assert!(draft.contains("Light review") && draft.contains("Cora owns it"), "{draft}");
    for path in ["/incidents", "/api/v1/incidents", "/incidents.csv"] {
        let list = app.get(&ada, path).await.body;
        assert!(list.contains("Checkout is down") && !list.contains("Moving the ledger"), "{path}");
    }
    let asked = app.get(&ada, "/api/v1/incidents?kind=project").await.body;
    assert!(asked.contains("Moving the ledger"), "{asked}");
    assert!(app.get(&ada, "/retros").await.body.contains("Moving the ledger"));
    let form = [("kind", "project"), ("title", "Checkout is down"), ("version", "1")];
    let hidden = app.post(&ada, "/i/INC-1/edit", &form).await;
    assert_eq!(hidden.status, StatusCode::UNPROCESSABLE_ENTITY, "an incident stays one");
    let wordless = [("title", "A launch"), ("why", " "), ("kind", "light")];
    let wordless = app.post(&cora, "/retros/new", &wordless).await;
    assert_eq!(wordless.status, StatusCode::UNPROCESSABLE_ENTITY);
    for state in [State::Gathering, State::Drafting, State::Finalising] {
        move_on(&app.app, &cora, "INC-2", state, "").await.unwrap();
    }
    let out = app.post(&cora, "/r/INC-2/publish", &[("audience", "all")]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.body);
    assert!(app.get(&ada, "/r/INC-2").await.body.contains("Moving the ledger"));
}

/// Ada's published retrospective of INC-1 that covers INC-2.
async fn covering(app: &TestApp, ada: &Viewer) {
    declare(app, ada, "Checkout is down").await;
    declare(app, ada, "Cards are refused").await;
    let form = [("decision", "open"), ("kind", "cluster"), ("why", "It came back.")];
    let form = [form[0], form[1], form[2], ("owner", ada.id.as_str())];
    let opened = app.post(ada, "/i/INC-1/retro", &form).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let at = "/api/v1/retrospectives/INC-1/incidents";
    for (key, says) in [("INC-1", "already"), ("INC-9", "There is no INC-9"), ("7", "INC-")] {
        let body = json!({ "incident": key, "reason": "Alike." });
        let no = app.api(ada, Method::POST, at, body).await;
        assert_eq!(no.status, StatusCode::UNPROCESSABLE_ENTITY, "{key}");
        assert!(no.body.contains(says), "{}", no.body);
    }
    let form = [("incident", "inc-2"), ("reason", "The same pool ran dry.")];
    let covered = app.post(ada, "/r/INC-1/incidents", &form).await;
    assert_eq!(covered.status, StatusCode::SEE_OTHER, "{}", covered.body);
    for state in
        [State::Gathering, State::Drafting, State::InReview, State::MeetingHeld, State::Finalising]
    {
        move_on(&app.app, ada, "INC-1", state, "").await.unwrap();
    }
    let out = app.post(ada, "/r/INC-1/publish", &[("audience", "all")]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.body);
}

#[rstest]
#[tokio::test]
async fn one_retrospective_covers_several_incidents_and_says_so_everywhere(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    covering(&app, &ada).await;
    let page = app.get(&ada, "/r/INC-1/incidents").await.body;
    assert!(page.contains("Cards are refused") && page.contains("The same pool ran dry."));
    let other = app.get(&ada, "/i/INC-2").await.body;
    assert!(other.contains("Theme review of INC-1") && other.contains("covers this one too"));
    for form in ["", ".md", ".html", ".json"] {
        let text = app.get(&ada, &format!("/r/INC-1/releases/1{form}")).await.body;
        assert!(text.contains("Cards are refused") && text.contains("The same pool"), "{form}");
    }
    let list = read(&app.get(&ada, "/api/v1/retrospectives/INC-1/incidents").await);
    assert_eq!(list["items"][0]["incident"], "INC-2");
    let gone = "/api/v1/retrospectives/INC-1/incidents/INC-2";
    let gone = app.api(&ada, Method::DELETE, gone, Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    assert!(!app.get(&ada, "/i/INC-2").await.body.contains("Theme review of INC-1"));
}

#[rstest]
#[tokio::test]
async fn who_may_not_see_one_of_its_incidents_sees_nothing_of_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    covering(&app, &ada).await;
    let role = super::Role::GIVEN[0];
    super::add_person(&app.app, &ada, "INC-1", &bob.id, role).await.unwrap();
    assert_eq!(app.get(&bob, "/r/INC-1/edit").await.status, StatusCode::OK);
    let red = app.post(&ada, "/i/INC-2/label", &[("label", "red")]).await;
    assert_eq!(red.status, StatusCode::SEE_OTHER, "{}", red.body);
    for path in [
        "/r/INC-1/edit",
        "/r/INC-1/incidents",
        "/r/INC-1/releases/1",
        "/r/INC-1/releases/1.json",
        "/api/v1/retrospectives/INC-1",
        "/api/v1/retrospectives/INC-1/releases/1",
    ] {
        let hidden = app.get(&bob, path).await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND, "{path}: {}", hidden.body);
        assert!(app.get(&ada, path).await.status.is_success(), "{path}");
    }
    for path in ["/retros", "/", "/i/INC-1", "/r/INC-1", "/api/v1/releases"] {
        let page = app.get(&bob, path).await.body;
        assert!(!page.contains(">Theme review</a>"), "{path}: {page}");
        assert!(!page.contains("Cards are refused"), "{path}");
    }
    // A private one is not brought into what more people read.
    declare(&app, &ada, "Nobody may know").await;
    app.post(&ada, "/i/INC-3/label", &[("label", "red")]).await;
    let form = [("incident", "INC-3"), ("reason", "Alike.")];
    let no = app.post(&ada, "/r/INC-1/incidents", &form).await;
    assert_eq!(no.status, StatusCode::UNPROCESSABLE_ENTITY);
    app.post(&ada, "/i/INC-2/label", &[("label", "green")]).await;
    assert_eq!(app.get(&bob, "/r/INC-1/releases/1").await.status, StatusCode::OK);
}
