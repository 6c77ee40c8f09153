//! Incidents through the site, on both databases.

use crate::access::{Seat, Viewer};
use crate::testing::{On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;

/// Declares an incident and gives its path.
async fn declared(app: &TestApp, by: &Viewer, title: &str, kind: &str) -> String {
    let form = [("title", title), ("kind", kind), ("severity", "2")];
    let answer = app.post(by, "/incidents", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location
}

#[rstest]
#[tokio::test]
async fn three_inputs_declare_and_keys_are_never_reused(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    assert_eq!(declared(&app, &ada, "Checkout is slow", "degradation").await, "/i/INC-1");
    assert_eq!(declared(&app, &ada, "Carts are empty", "outage").await, "/i/INC-2");
    let page = app.get(&ada, "/i/inc-1").await;
    assert!(page.body.contains("Checkout is slow") && page.body.contains("severity 2"));
    assert!(page.body.contains("commander"), "whoever declares leads until somebody else does");
    let refused = app.post(&ada, "/incidents", &[("title", " "), ("severity", "9")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Say in a few words what happened."), "{}", refused.body);
}

#[rstest]
#[tokio::test]
async fn a_red_incident_does_not_exist_for_others(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let audrey = app.person("audrey", Seat::Auditor).await;
    let path = declared(&app, &ada, "Zyxcanary: keys in a log", "security").await;
    assert_eq!(app.get(&ada, &path).await.status, StatusCode::OK);
    assert_eq!(app.get(&audrey, &path).await.status, StatusCode::OK, "an auditor reads all");
    let hidden = app.get(&bob, &path).await;
    let never = app.get(&bob, "/i/INC-77").await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    let session_free = |body: &str| body.split("csrf").next().unwrap_or("").to_owned();
    assert_eq!(session_free(&hidden.body), session_free(&never.body), "the same answer");
    for list in ["/incidents", "/incidents.csv", "/people", "/"] {
        assert!(!app.get(&bob, list).await.body.contains("Zyxcanary"), "{list}");
    }
    let status = format!("{path}/status");
    assert_eq!(
        app.post(&bob, &status, &[("status", "resolved")]).await.status,
        StatusCode::NOT_FOUND
    );
    app.post(&ada, &format!("{path}/list"), &[("person", "bob")]).await;
    assert_eq!(app.get(&bob, &path).await.status, StatusCode::OK, "named people see it");
}

#[rstest]
#[tokio::test]
async fn a_reader_and_an_auditor_write_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    for (handle, seat) in [("rob", Seat::Reader), ("audrey", Seat::Auditor)] {
        let viewer = app.person(handle, seat).await;
        let form = [("title", "x"), ("kind", "outage")];
        assert_eq!(app.post(&viewer, "/incidents", &form).await.status, StatusCode::FORBIDDEN);
        let time = [("name", "detected"), ("at", "2026-03-05 11:00"), ("zone", "UTC")];
        let answer = app.post(&viewer, &format!("{path}/times"), &time).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
}

/// I10, and decision 7 of the design: nothing that follows from a time is stored.
#[rstest]
#[tokio::test]
async fn a_corrected_time_keeps_what_was_recorded_and_everything_follows(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let times = format!("{path}/times");
    for (name, at) in [("impact_start", "2026-03-05 10:00"), ("detected", "2026-03-05 10:30")] {
        let form = [("name", name), ("at", at), ("zone", "UTC")];
        assert_eq!(app.post(&ada, &times, &form).await.status, StatusCode::SEE_OTHER);
    }
    assert!(app.get(&ada, &path).await.body.contains("30 min"));
    let mut form = vec![("name", "detected"), ("at", "2026-03-05 10:07"), ("zone", "UTC")];
    let refused = app.post(&ada, &times, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a correction has a reason");
    assert!(refused.body.contains("2026-03-05 10:07"), "what was typed is given back");
    form.push(("reason", "The first alert was muted"));
    app.post(&ada, &times, &form).await;
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("7 min"), "the duration follows");
    assert!(page.contains("recorded: 2026-03-05 10:30"), "the record stays");
    let wrong = [("name", "mitigated"), ("at", "2026-03-05 09:00"), ("zone", "UTC")];
    app.post(&ada, &times, &wrong).await;
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("mend=mitigated"), "a fault leads to where it is mended");
    let log = app.get(&ada, &format!("{path}/activity")).await.body;
    assert!(log.contains("key_time.corrected") && log.contains("The first alert was muted"));
}

#[rstest]
#[tokio::test]
async fn impact_says_who_how_many_and_what_it_cost(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Carts are empty", "outage").await;
    let form = [
        ("surface", "add to cart"),
        ("effect", "unavailable"),
        ("started_at", "2026-03-05 13:45"),
        ("ended_at", "2026-03-05 14:30"),
        ("zone", "UTC"),
        ("users_count", "4,100"),
        ("users_method", "failed carts"),
        ("users_confidence", "likely"),
        ("money_expected", "45000"),
        ("money_actual", "15000"),
        ("currency", "usd"),
    ];
    let impact = format!("{path}/impact");
    let saved = app.post(&ada, &impact, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("30,000.00 USD"), "expected minus actual");
    assert!(page.contains("4,100") && page.contains("45 min"), "{page}");
    let backwards = [
        ("surface", "x"),
        ("effect", "slow"),
        ("started_at", "2026-03-05 14:00"),
        ("ended_at", "2026-03-05 13:00"),
        ("zone", "UTC"),
    ];
    let refused = app.post(&ada, &impact, &backwards).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("ends before it starts"), "{}", refused.body);
}

#[rstest]
#[tokio::test]
async fn a_life_goes_only_where_it_may(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Carts are empty", "outage").await;
    let status = format!("{path}/status");
    let refused = app.post(&ada, &status, &[("status", "closed")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    app.clock.advance(std::time::Duration::from_secs(600));
    assert_eq!(
        app.post(&ada, &status, &[("status", "resolved")]).await.status,
        StatusCode::SEE_OTHER
    );
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("2026-03-05 12:10:00"), "resolving records the key time");
    assert!(page.contains("10 min"), "declared to resolved");
    let cancel = app.post(&ada, &status, &[("status", "active")]).await;
    assert_eq!(cancel.status, StatusCode::SEE_OTHER, "reopen");
    let refused = app.post(&ada, &status, &[("status", "cancelled")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "it was none: say why");
}

#[rstest]
#[tokio::test]
async fn two_who_edit_at_once_lose_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Carts are empty", "outage").await;
    let edit = |title: &'static str| {
        [
            ("title", title),
            ("kind", "outage"),
            ("detection", "alert"),
            ("version", "2"),
            ("description", "long words"),
        ]
    };
    let first = app.post(&ada, &format!("{path}/edit"), &edit("Carts stay empty")).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let second = app.post(&ada, &format!("{path}/edit"), &edit("Something else")).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.body.contains("long words"), "what was typed is given back");
    assert!(app.get(&ada, &path).await.body.contains("Carts stay empty"));
}

#[rstest]
#[tokio::test]
async fn a_window_of_another_incident_is_not_found(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let secret = declared(&app, &ada, "Keys in a log", "security").await;
    let open = declared(&app, &bob, "Carts are empty", "outage").await;
    let form =
        [("surface", "logs"), ("effect", "exposed_data"), ("started_at", "2026-03-05 10:00")];
    app.post(&ada, &format!("{secret}/impact"), &form).await;
    let page = app.get(&ada, &secret).await.body;
    let at = page.find("mend=win_").expect("a window") + "mend=".len();
    let window = &page[at..at + 36];
    let remove = format!("{open}/impact/{window}/remove");
    assert_eq!(app.post(&bob, &remove, &[]).await.status, StatusCode::NOT_FOUND);
    assert!(app.get(&ada, &secret).await.body.contains(window), "it is still there");
}
