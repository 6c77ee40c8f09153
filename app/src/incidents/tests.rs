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

/// The id that a link of the page mends, such as `par_…`.
fn mended<'a>(page: &'a str, prefix: &str) -> &'a str {
    let wanted = format!("mend={prefix}_");
    let at = page.find(&wanted).unwrap_or_else(|| panic!("no {wanted} in {page}")) + "mend=".len();
    page[at..].split(['#', '"', '&']).next().unwrap_or_default()
}

#[rstest]
#[tokio::test]
async fn what_is_said_of_a_participant_can_be_changed_and_the_audit_log_keeps_both(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let path = declared(&app, &ada, "Carts are empty", "outage").await;
    let people = format!("{path}/participants");
    let form = [("name", "Someone of the supplier"), ("role", "expert"), ("zone", "Asia/Tokyo")];
    assert_eq!(app.post(&ada, &people, &form).await.status, StatusCode::SEE_OTHER);
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("Asia/Tokyo") && page.contains("Someone of the supplier"), "{page}");
    let backwards = [("joined_at", "2026-03-05 11:00"), ("left_at", "2026-03-05 10:00")];
    let first = format!("{people}/{}", mended(&page, "par"));
    let refused = app.post(&ada, &first, &backwards).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("They left before they joined"), "{}", refused.body);
    let unknown = app.post(&ada, &first, &[("name", "Ada"), ("zone", "Europe/Nowhere")]).await;
    assert!(unknown.body.contains("is not a time zone"), "{}", unknown.body);
    let form = [
        ("role", "operations"),
        ("joined_at", "2026-03-05 10:00"),
        ("left_at", "2026-03-05 11:30"),
        ("times_in", "UTC"),
        ("zone", "Europe/Berlin"),
        ("on_call", "on"),
        ("called_out_of_hours", "on"),
        ("name", "nobody else: an account keeps its name"),
    ];
    let saved = app.post(&ada, &first, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = app.get(&ada, &path).await.body;
    assert!(
        page.contains("to 2026-03-05 11:30") && page.contains("on call out of hours"),
        "{page}"
    );
    assert!(!page.contains("nobody else"), "an account keeps its name");
    let log = app.get(&ada, &format!("{path}/activity")).await.body;
    assert!(log.contains("incident.participant_changed") && log.contains("Europe/Berlin"), "{log}");
    let other = declared(&app, &bob, "Search is slow", "outage").await;
    let foreign = format!("{other}/participants/{}", mended(&page, "par"));
    assert_eq!(app.post(&bob, &foreign, &form).await.status, StatusCode::NOT_FOUND);
}

#[rstest]
#[tokio::test]
async fn a_corrected_severity_has_its_reason_and_the_incident_follows(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let path = declared(&app, &ada, "Carts are empty", "outage").await;
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("severity 2"));
    let row = format!("{path}/severity/{}", mended(&page, "chg"));
    let mut form = vec![("severity", "1"), ("at", "2026-03-05 11:00"), ("reason", "all carts")];
    let refused = app.post(&ada, &row, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a correction has a reason");
    form.push(("because", "It was read from the wrong table"));
    let saved = app.post(&ada, &row, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("severity 1") && page.contains("2026-03-05 11:00"), "{page}");
    let later = [("severity", "3"), ("at", "2099-01-01 00:00"), ("because", "x")];
    assert!(app.post(&ada, &row, &later).await.body.contains("still to come"));
    let log = app.get(&ada, &format!("{path}/activity")).await.body;
    assert!(
        log.contains("incident.severity_corrected") && log.contains("the wrong table"),
        "{log}"
    );
    let other = declared(&app, &bob, "Search is slow", "outage").await;
    let foreign = row.replace(&path, &other);
    assert_eq!(app.post(&bob, &foreign, &form).await.status, StatusCode::NOT_FOUND);
    let remove = format!("{row}/remove");
    assert_eq!(app.post(&ada, &remove, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let removed = app.post(&ada, &remove, &[("because", "it was never said")]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("Nobody has said how severe it is"), "none is left");
}

#[rstest]
#[tokio::test]
async fn a_changed_impact_window_has_its_reason_and_every_figure_follows(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Carts are empty", "outage").await;
    let impact = format!("{path}/impact");
    let mut form = vec![
        ("surface", "add to cart"),
        ("effect", "unavailable"),
        ("started_at", "2026-03-05 10:00"),
        ("ended_at", "2026-03-05 10:45"),
    ];
    assert_eq!(app.post(&ada, &impact, &form).await.status, StatusCode::SEE_OTHER);
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("45 min"), "{page}");
    let window = mended(&page, "win").to_owned();
    form[3] = ("ended_at", "2026-03-05 10:20");
    form.push(("window", &window));
    let refused = app.post(&ada, &impact, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a change has a reason");
    form.push(("because", "The graph shows 10:20"));
    assert_eq!(app.post(&ada, &impact, &form).await.status, StatusCode::SEE_OTHER);
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("20 min") && !page.contains("45 min"), "{page}");
    let log = app.get(&ada, &format!("{path}/activity")).await.body;
    assert!(log.contains("The graph shows 10:20") && log.contains("10:45"), "before and after");
}
