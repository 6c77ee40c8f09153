//! Releases through the site, on both databases.

use crate::access::{Seat, Viewer};
use crate::incidents::Key;
use crate::retrospectives::{self, Opening, State};
use crate::testing::{On, TestApp};
use crate::{incidents, kinds};
use axum::http::StatusCode;
use rstest::rstest;

/// A resolved incident with a drafted retrospective that Ada owns; gives the path of its reading view.
pub(super) async fn drafted(app: &TestApp, ada: &Viewer) -> String {
    let form = [("title", "Carts stay empty"), ("kind", "outage"), ("severity", "2")];
    app.post(ada, "/incidents", &form).await;
    app.post(ada, "/i/INC-1/status", &[("status", "resolved")]).await;
    let incident = {
        let mut conn = app.app.db.read().await.unwrap();
        incidents::find(&mut conn, ada, Key(1)).await.unwrap().unwrap()
    };
    let opening = Opening {
        kind: kinds::find("standard").unwrap(),
        reason: "people could not buy".to_owned(),
        owner: Some(ada.id.clone()),
        facilitator: None,
        is_another: false,
    };
    retrospectives::open(&app.app, ada, &incident, &opening).await.unwrap();
    for state in
        [State::Gathering, State::Drafting, State::InReview, State::MeetingHeld, State::Finalising]
    {
        retrospectives::move_on(&app.app, ada, "INC-1", state, "").await.unwrap();
    }
    write(app, ada, "Nobody could fill a cart. <script>alert(1)</script>").await;
    "/r/INC-1".to_owned()
}

pub(super) async fn write(app: &TestApp, by: &Viewer, text: &str) {
    let version = {
        let mut conn = app.app.db.read().await.unwrap();
        let retro = retrospectives::need_for_writing(&mut conn, by, "INC-1").await.unwrap();
        retrospectives::section(&mut conn, &retro.id, "sum").await.unwrap().unwrap().version
    };
    retrospectives::write(&app.app, by, "INC-1", "sum", (version, text)).await.unwrap();
}

/// I9, and decision 9 of the design.
#[rstest]
#[tokio::test]
async fn a_release_is_frozen_and_a_later_edit_makes_another(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Reader).await);
    let path = drafted(&app, &ada).await;
    let before = app.get(&rob, &path).await;
    assert!(!before.body.contains("Nobody could fill"), "a draft is seen by its people only");
    let published = app.post(&ada, "/r/INC-1/publish", &[("audience", "everybody")]).await;
    assert_eq!(published.location, "/r/INC-1", "{}", published.body);
    let first = app.get(&rob, &path).await;
    assert!(first.body.contains("Nobody could fill a cart."), "{}", first.body);
    assert!(!first.body.contains("<script>alert"), "what people write is text");
    let json = app.get(&rob, "/r/INC-1/releases/1.json").await.body;

    write(&app, &ada, "Nobody could fill a cart for ten minutes.").await;
    assert_eq!(app.get(&rob, "/r/INC-1/releases/1.json").await.body, json, "frozen");
    let refused = app.post(&ada, "/r/INC-1/publish", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "say what changed");
    app.post(&ada, "/r/INC-1/publish", &[("what_changed", "How long it lasted.")]).await;
    let second = app.get(&rob, &path).await.body;
    assert!(second.contains("for ten minutes") && second.contains("How long it lasted."));
    assert_eq!(app.get(&rob, "/r/INC-1/releases/1.json").await.body, json, "both stay");
    let changes = app.get(&rob, "/r/INC-1/releases/2/changes").await.body;
    assert!(changes.contains("<ins>"), "{changes}");
    let preview = app.get(&ada, "/r/INC-1/publish").await.body;
    assert!(
        preview.contains("release 3") && !preview.contains("releases/3"),
        "it is not there yet"
    );
    let old = app.get(&rob, "/r/INC-1/releases/1").await.body;
    assert!(old.contains("There is a newer release"));
}

#[rstest]
#[tokio::test]
async fn a_release_is_had_as_markdown_one_file_json_and_pdf(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    drafted(&app, &ada).await;
    app.post(&ada, "/r/INC-1/publish", &[]).await;
    let markdown = app.get(&ada, "/r/INC-1/releases/1.md").await.body;
    assert!(markdown.starts_with("# Carts stay empty\n"), "{markdown}");
    let single = app.get(&ada, "/r/INC-1/releases/1.html").await.body;
    assert!(single.contains("<style>") && !single.contains("<link"), "it needs no other file");
    let json = app.get(&ada, "/r/INC-1/releases/1.json").await.body;
    let document: super::Document = serde_json::from_str(&json).unwrap();
    let page = app.get(&ada, "/r/INC-1").await.body;
    assert!(page.contains(&document.sha256()), "the digest is of the JSON");
    let pdf = app.get(&ada, "/r/INC-1/releases/1.pdf").await;
    assert_eq!(pdf.status, StatusCode::OK);
    assert!(pdf.body.starts_with("%PDF-") && pdf.body.contains("/StructTreeRoot"), "tagged");
}

#[rstest]
#[tokio::test]
async fn only_its_owner_or_who_decides_publishes(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, cora) = (app.ada().await, app.person("cora", Seat::Contributor).await);
    drafted(&app, &ada).await;
    let stranger = app.post(&cora, "/r/INC-1/publish", &[]).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND, "a draft does not exist for others");
    let role = retrospectives::Role::GIVEN[0];
    retrospectives::add_person(&app.app, &ada, "INC-1", &cora.id, role).await.unwrap();
    let reviewer = app.post(&cora, "/r/INC-1/publish", &[]).await;
    assert_eq!(reviewer.status, StatusCode::FORBIDDEN);
}
