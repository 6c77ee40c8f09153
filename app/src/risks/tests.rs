//! Risks through the site, on both databases.

use super::StateName;
use crate::access::{Seat, Viewer};
use crate::actions::tests::{accepted, proposed};
use crate::factors::tests::reviewed;
use crate::testing::{Answer, On, TestApp};
use axum::http::StatusCode;
use jiff::ToSpan;
use rstest::rstest;

async fn written(app: &TestApp, by: &Viewer, retro: &str, statement: &str) -> String {
    let form = [("statement", statement), ("likelihood", "medium"), ("impact", "high")];
    let answer = app.post(by, &format!("/r/{retro}/risks"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location.split('#').nth(1).unwrap().to_owned()
}

async fn decided(app: &TestApp, by: &Viewer, risk: &str, form: &[(&str, &str)]) -> Answer {
    app.post(by, &format!("/risks/{risk}/state"), form).await
}

async fn state(app: &TestApp, by: &Viewer, risk: &str) -> StateName {
    let mut conn = app.app.db.read().await.unwrap();
    super::need(&mut conn, by, risk).await.unwrap().state
}

#[rstest]
#[tokio::test]
async fn i8_an_action_that_becomes_a_risk_keeps_one_history_and_has_a_day_of_review(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, cem) = (app.ada().await, app.person("cem", Seat::Contributor).await);
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let action = proposed(&app, &ada, &incident.key().to_string(), "Buy a second pool").await;
    accepted(&app, &ada, &action, &cem, "2026-04-01").await;
    let form = [
        ("to", "risk"),
        ("reason", "Four weeks of work"),
        ("statement", "Both nodes share one limit"),
        ("likelihood", "medium"),
        ("impact", "high"),
    ];
    let path = format!("/actions/{action}/risk");
    let refused = app.post(&cem, &path, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("on which day it is looked at again"), "{}", refused.body);
    assert!(refused.body.contains("Four weeks of work"), "what was typed is kept");
    assert!(app.get(&ada, "/risks").await.body.contains("No risks"), "nothing was done by half");
    assert!(app.get(&ada, "/actions/ACT-1").await.body.contains(">accepted<"));

    let mut whole = form.to_vec();
    whole.push(("review_on", "2026-06-01"));
    let moved = app.post(&cem, &path, &whole).await;
    assert_eq!(moved.location, "/risks/RISK-1", "{}", moved.body);
    let risk = app.get(&ada, "/risks/RISK-1").await.body;
    assert!(risk.contains("It was ACT-1. Four weeks of work"), "{risk}");
    assert!(risk.contains("Buy a second pool") && risk.contains("in the history of"), "{risk}");
    let was = app.get(&ada, "/actions/ACT-1").await.body;
    assert!(was.contains("moved to risk") && was.contains("RISK-1"), "{was}");
    assert!(was.contains("accepted") && was.contains("proposed"), "its history is there");
    assert_eq!(app.post(&cem, &path, &whole).await.status, StatusCode::CONFLICT, "once");
}

#[rstest]
#[tokio::test]
async fn nothing_is_accepted_for_ever_and_its_day_comes(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let risk = written(&app, &ada, &incident.key().to_string(), "Both share one limit").await;
    let me = ada.id.as_str();
    for form in [
        vec![("to", "accept"), ("until", "2026-05-01"), ("review_on", "2026-04-01")],
        vec![("to", "accept"), ("accepted_by", me), ("review_on", "2026-04-01")],
        vec![("to", "accept"), ("accepted_by", me), ("until", "2026-05-01")],
        vec![
            ("to", "accept"),
            ("accepted_by", me),
            ("until", "2026-04-01"),
            ("review_on", "2026-05-01"),
        ],
        vec![("to", "treat"), ("review_on", "2026-04-01")],
        vec![("to", "close")],
        vec![("to", "forget")],
    ] {
        let refused = decided(&app, &ada, &risk, &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        assert_eq!(state(&app, &ada, &risk).await, StateName::Open);
    }
    let form = [
        ("to", "accept"),
        ("accepted_by", me),
        ("until", "2026-05-01"),
        ("review_on", "2026-04-01"),
        ("note", "Softened by the cap"),
    ];
    assert_eq!(decided(&app, &ada, &risk, &form).await.status, StatusCode::SEE_OTHER);
    let page = app.get(&ada, "/risks").await.body;
    assert!(page.contains("until 1 May 2026") && page.contains("review in 27 days"), "{page}");
    assert!(page.contains("Softened by the cap"), "the ledger of what we do not do");
    let day = app.app.now().timestamp() + (28 * 24).hours();
    app.clock.set(kit::db::Time::new(day));
    let viewer = &ada;
    assert!(app.get(viewer, "/risks").await.body.contains("due for review"), "by the clock");
    let home = app.get(viewer, "/").await.body;
    assert!(home.contains("Look again at the risk “Both share one limit”"), "{home}");
    let form = [("to", "close"), ("note", "Each node has its own limit")];
    assert_eq!(decided(&app, viewer, &risk, &form).await.status, StatusCode::SEE_OTHER);
    let page = app.get(viewer, "/risks/RISK-1").await.body;
    assert!(page.contains("closed: Each node has its own limit"), "{page}");
    assert!(page.matches("due for review").count() == 1, "the review is a line of its own: {page}");
}

#[rstest]
#[tokio::test]
async fn a_risk_is_treated_by_actions_of_its_retrospective(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let retro = incident.key().to_string();
    let other = reviewed(&app, &ada, "Search was slow", "standard").await;
    let foreign = proposed(&app, &ada, &other.key().to_string(), "Not of this one").await;
    let own = proposed(&app, &ada, &retro, "Cap the retries").await;
    let risk = written(&app, &ada, &retro, "Both share one limit").await;
    let refused = decided(&app, &ada, &risk, &[("to", "treat"), ("action", &foreign)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let treated = decided(&app, &ada, &risk, &[("to", "treat"), ("action", &own)]).await;
    assert_eq!(treated.status, StatusCode::SEE_OTHER, "{}", treated.body);
    assert!(app.get(&ada, "/risks/risk-1").await.body.contains("Cap the retries"));
    let again = decided(&app, &ada, &risk, &[("to", "reopen"), ("review_on", "2026-06-01")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert_eq!(state(&app, &ada, &risk).await, StateName::Open);
}

#[rstest]
#[tokio::test]
async fn an_undecided_risk_is_the_drafts_and_a_red_one_its_lists(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let cem = app.person("cem", Seat::Contributor).await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let open = written(&app, &ada, &incident.key().to_string(), "Zyxcanary").await;
    assert_eq!(app.get(&bob, "/risks/RISK-1").await.status, StatusCode::NOT_FOUND);
    assert!(!app.get(&bob, "/risks").await.body.contains("Zyxcanary"));
    let me = ada.id.as_str();
    let accept = [
        ("to", "accept"),
        ("accepted_by", me),
        ("until", "2026-05-01"),
        ("review_on", "2026-04-01"),
    ];
    decided(&app, &ada, &open, &accept).await;
    assert!(app.get(&bob, "/risks").await.body.contains("Zyxcanary"), "a decision is known");
    let refused = decided(&app, &cem, &open, &accept).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "a contributor outside the draft");

    let leak = reviewed(&app, &ada, "Zyxleak", "security").await;
    let red = written(&app, &ada, &leak.key().to_string(), "Zyxred").await;
    decided(&app, &ada, &red, &accept).await;
    assert_eq!(app.get(&bob, "/risks/RISK-2").await.status, StatusCode::NOT_FOUND);
    let page = app.get(&bob, "/risks").await.body;
    assert!(!page.contains("Zyxred") && !page.contains("Zyxleak"), "{page}");
    assert_eq!(decided(&app, &bob, &red, &accept).await.status, StatusCode::NOT_FOUND);
    assert!(app.get(&ada, "/risks").await.body.contains("Zyxred"));
}
