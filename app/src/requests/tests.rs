//! Requests through the site, on both databases.

use crate::access::{Seat, Viewer};
use crate::testing::{Call, On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

async fn incident(app: &TestApp, by: &Viewer, form: &[(&str, &str)]) -> String {
    let answer = app.post(by, "/incidents", form).await;
    answer.location.split('/').nth(2).unwrap().to_owned()
}

fn post(path: &str) -> Call<'_> {
    Call { method: "POST", path, version: None }
}

#[rstest]
#[tokio::test]
async fn whoever_reads_an_incident_asks_and_is_answered(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let rolf = app.person("rolf", Seat::Reader).await;
    let key = incident(&app, &ada, &[("title", "Checkout was slow")]).await;
    let page = app.get(&rolf, &format!("/i/{key}")).await.body;
    assert!(page.contains("Ask for a review"), "a reader asks too");
    let path = format!("/i/{key}/requests");
    assert_eq!(app.post(&rolf, &path, &[("reason", " ")]).await.status, 422);
    app.post(&rolf, &path, &[("reason", "It was slow last week too.")]).await;
    let page = app.get(&rolf, &format!("/i/{key}")).await.body;
    // Thursday and three business days.
    assert!(page.contains("It was slow last week too.") && page.contains("due by 2026-03-10"));
    assert!(!page.contains("Decline"), "a reader does not answer");
    let again = app.post(&rolf, &path, &[("reason", "Once more.")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let home = app.get(&ada, "/").await.body;
    assert!(home.contains("Rolf asks for a review of “Checkout was slow”"), "{home}");
    assert!(!app.get(&rolf, "/").await.body.contains("Rolf asks for"));

    let (_, list) = app
        .call(&ada, Call { method: "GET", path: "/review-requests", version: None }, Value::Null)
        .await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/review-requests/{id}/decline");
    let (status, _) = app.call(&rolf, post(&path), json!({ "reason": "No." })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, said) =
        app.call(&ada, post(&path), json!({ "reason": "The review of INC-7 covers it." })).await;
    assert_eq!((status, &said["state"]), (StatusCode::OK, &json!("declined")));
    let (status, _) = app.call(&ada, post(&path), json!({ "reason": "Again." })).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let home = app.get(&rolf, "/").await.body;
    assert!(home.contains("Your wish for a review of “Checkout was slow” was declined"), "{home}");
    assert!(home.contains("The review of INC-7 covers it."));
}

#[rstest]
#[tokio::test]
async fn opening_accepts_what_was_asked_and_waiving_declines_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let rolf = app.person("rolf", Seat::Reader).await;
    let mut keys = Vec::new();
    for title in ["One", "Two"] {
        let key = incident(&app, &ada, &[("title", title), ("kind", "other")]).await;
        let path = format!("/incidents/{key}/review-requests");
        let (status, _) = app.call(&rolf, post(&path), json!({ "reason": "I wonder." })).await;
        assert_eq!(status, StatusCode::CREATED);
        app.post(&ada, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
        keys.push(key);
    }
    let card = app.get(&ada, &format!("/i/{}/retro", keys[0])).await.body;
    assert!(
        card.contains("Proposed: Standard review.") && card.contains("Somebody asked"),
        "{card}"
    );
    let done = app.post(&ada, &format!("/i/{}/retro", keys[0]), &[("decision", "accept")]).await;
    assert!(done.location.starts_with("/r/"), "{done:?}");
    let waive = [("decision", "waive"), ("code", "harm_negligible"), ("text", "A minute, nobody.")];
    app.post(&ada, &format!("/i/{}/retro", keys[1]), &waive).await;
    let page = app.get(&rolf, "/requests").await.body;
    assert!(page.contains("Nobody waits for an answer") && page.contains("A minute, nobody."));
    assert!(page.contains("accepted") && page.contains("declined"));
}

#[rstest]
#[tokio::test]
async fn what_one_may_not_see_one_cannot_ask_about(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let rolf = app.person("rolf", Seat::Reader).await;
    let otto = app.person("otto", Seat::Auditor).await;
    let key = incident(&app, &ada, &[("title", "Keys were out"), ("kind", "security")]).await;
    let path = format!("/incidents/{key}/review-requests");
    let ask = json!({ "reason": "Why?" });
    assert_eq!(app.call(&rolf, post(&path), ask.clone()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(app.call(&otto, post(&path), ask.clone()).await.0, StatusCode::FORBIDDEN);
    assert_eq!(app.call(&ada, post(&path), ask).await.0, StatusCode::CREATED);
    assert!(!app.get(&rolf, "/requests").await.body.contains("Keys were out"));
    assert!(!app.get(&rolf, "/api/v1/review-requests").await.body.contains("Keys were out"));
}

#[rstest]
#[tokio::test]
async fn an_answer_is_due_in_the_days_of_the_team_it_concerns(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let call = |method, path| Call { method, path, version: None };
    app.call(&ada, post("/teams"), json!({"name": "Payments"})).await;
    app.call(&ada, post("/services"), json!({"name": "Ledger", "tier": 1, "team": "payments"}))
        .await;
    app.call(&ada, post("/calendars"), json!({"name": "Hamburg", "zone": "Europe/Berlin"})).await;
    let off = json!({"days": [{"day": "2026-03-09", "name": "Off"}]});
    app.call(&ada, post("/calendars/hamburg/holidays"), off).await;
    app.call(&ada, call("PUT", "/teams/payments/calendar"), json!({"calendar": "hamburg"})).await;
    let key = incident(&app, &ada, &[("title", "It was slow")]).await;
    let hits = json!({"services": ["ledger"], "teams": []});
    app.call(&ada, call("PUT", &format!("/incidents/{key}/hits")), hits).await;
    let path = format!("/incidents/{key}/review-requests");
    let (status, asked) = app.call(&ada, post(&path), json!({"reason": "I wonder."})).await;
    assert_eq!(status, StatusCode::CREATED, "{asked}");
    // Friday, then Tuesday and Wednesday, when work ends in Hamburg.
    assert_eq!(asked["due_at"], "2026-03-11T16:00:00Z", "{asked}");
}
