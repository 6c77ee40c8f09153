//! Home through the site: what stands first, and that nobody sees another's steps.

use crate::access::{Seat, Viewer};
use crate::testing::{On, TestApp};
use rstest::rstest;

async fn resolved(app: &TestApp, by: &Viewer, title: &str) -> String {
    let answer = app.post(by, "/incidents", &[("title", title), ("kind", "outage")]).await;
    let key = answer.location.split('/').nth(2).unwrap().to_owned();
    app.post(by, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
    key
}

#[rstest]
#[tokio::test]
async fn a_new_instance_says_where_to_begin(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let page = app.get(&ada, "/").await.body;
    assert!(page.contains("Good afternoon, Ada."), "the clock says 12:00 UTC: {page}");
    assert!(page.contains("Nothing is here yet") && page.contains("/incidents/new"));
    let eve = app.person("eve", Seat::Reader).await;
    assert!(!app.get(&eve, "/").await.body.contains("/incidents/new"), "a reader declares nothing");
}

#[rstest]
#[tokio::test]
async fn deciding_comes_first_and_the_drafts_next_step_after_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let bob = app.person("bob", Seat::Contributor).await;
    let cem = app.person("cem", Seat::Contributor).await;
    let first = resolved(&app, &bob, "Nobody could pay").await;
    let page = app.get(&bob, "/").await.body;
    assert!(
        page.contains("One thing first.")
            && page.contains("Decide how “Nobody could pay” is reviewed"),
        "{page}"
    );
    assert!(page.contains("Proposed: Standard review."), "with its reason");
    assert!(app.get(&cem, "/").await.body.contains("Nothing waits for you"), "not his to decide");

    let form = [("decision", "open"), ("kind", "standard"), ("owner", bob.id.as_str())];
    app.post(&bob, &format!("/i/{first}/retro"), &form).await;
    resolved(&app, &bob, "Search was slow").await;
    let page = app.get(&bob, "/").await.body;
    let (decide, gather) = (
        page.find("Search was slow").unwrap(),
        page.find("Gather what the incident left behind").unwrap(),
    );
    assert!(decide < gather && page.contains("1 thing waits for you"), "{page}");
    assert!(
        !app.get(&cem, "/").await.body.contains("Gather what the incident left behind"),
        "not his draft"
    );
}
