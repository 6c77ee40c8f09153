//! Factors and recommendations through the site, on both databases.

use super::{Certainty, FactorId, NewFactor, add, of_retrospective};
use crate::access::{Seat, Viewer};
use crate::evidence::{EvidenceId, capture};
use crate::incidents::{self, Incident};
use crate::kinds;
use crate::retrospectives::{self, Opening};
use crate::testing::{On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;

/// A resolved incident with a retrospective that `by` owns.
pub(crate) async fn reviewed(app: &TestApp, by: &Viewer, title: &str, kind: &str) -> Incident {
    let class = if kind == "security" { "security" } else { "outage" };
    let form = [("title", title), ("kind", class)];
    let answer = app.post(by, "/incidents", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let key = answer.location.split('/').nth(2).unwrap().to_owned();
    app.post(by, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
    let incident = {
        let mut conn = app.app.db.read().await.unwrap();
        incidents::need(&mut conn, by, &key).await.unwrap()
    };
    let reason = "It was asked for.".to_owned();
    let (kind, owner) = (kinds::find(kind).unwrap(), Some(by.id.clone()));
    let opening = Opening { kind, reason, owner, facilitator: None, is_another: false };
    retrospectives::open(&app.app, by, &incident, &opening).await.unwrap();
    incident
}

/// A note among the evidence.
pub(crate) async fn noted(app: &TestApp, by: &Viewer, of: &Incident, text: &str) -> EvidenceId {
    let when = capture::when("", app.app.now()).unwrap();
    capture::note(&app.app, by, of, text, when).await.unwrap()
}

/// A factor with only what every factor has.
pub(crate) async fn factor(app: &TestApp, by: &Viewer, key: &str, statement: &str) -> FactorId {
    let new = NewFactor { statement: statement.to_owned(), ..NewFactor::default() };
    add(&app.app, by, key, &new).await.unwrap()
}

async fn all(app: &TestApp, by: &Viewer, key: &str) -> Vec<super::Factor> {
    let mut conn = app.app.db.read().await.unwrap();
    let retro = retrospectives::need_for_reading(&mut conn, by, key).await.unwrap();
    of_retrospective(&mut conn, by, &retro.incident_id, &retro.id).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn paths_stand_side_by_side_with_their_facets_and_what_they_cite(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let path = format!("/r/{}/factors", incident.key());
    let empty = app.get(&ada, &path).await;
    assert!(empty.body.contains("No factors yet"), "{}", empty.body);
    let note = noted(&app, &ada, &incident, "Both nodes refuse at 100 connections").await;
    let form = [
        ("statement", "Both nodes share one limit"),
        ("certainty", "confirmed"),
        ("path", "How it became harm"),
        ("role", "enabled"),
        ("role", "propagated"),
        ("layer", "design"),
        ("cites", note.as_str()),
    ];
    let added = app.post(&ada, &path, &form).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let other = [("statement", "No dashboard shows the queue"), ("path", "Why it took so long")];
    app.post(&ada, &path, &other).await;
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("How it became harm") && page.contains("Why it took so long"), "{page}");
    assert!(page.contains("enabled · propagated · design"), "{page}");
    assert!(page.contains("1 source"), "{page}");
    let some = app.get(&ada, &format!("{path}?layer=design")).await.body;
    assert!(some.contains("How it became harm") && !some.contains("Why it took so long"), "{some}");
    let first = all(&app, &ada, &incident.key().to_string()).await.remove(0).id;
    let mended = app.get(&ada, &format!("{path}/{first}")).await;
    assert!(mended.body.contains("Both nodes refuse at 100"), "the list to cite from");
}

#[rstest]
#[tokio::test]
async fn i3_a_confirmed_factor_cites_evidence(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let (key, path) = (incident.key().to_string(), format!("/r/{}/factors", incident.key()));
    let bare = [("statement", "Both nodes share one limit"), ("certainty", "confirmed")];
    let refused = app.post(&ada, &path, &bare).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("cites at least one piece of evidence"), "{}", refused.body);
    assert!(refused.body.contains("Both nodes share one limit"), "what was typed is kept");
    assert!(all(&app, &ada, &key).await.is_empty());

    let elsewhere = reviewed(&app, &ada, "Search was slow", "standard").await;
    let foreign = noted(&app, &ada, &elsewhere, "Not of this one").await;
    let form = [bare[0], bare[1], ("cites", foreign.as_str())];
    let refused = app.post(&ada, &path, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "of another incident");

    let own = noted(&app, &ada, &incident, "Refused at 100 connections").await;
    let form = [bare[0], bare[1], ("cites", own.as_str())];
    assert_eq!(app.post(&ada, &path, &form).await.status, StatusCode::SEE_OTHER);
    let confirmed = all(&app, &ada, &key).await.remove(0);
    assert_eq!(confirmed.certainty, Certainty::Confirmed);
    let there = format!("{path}/{}", confirmed.id);
    let without = [bare[0], bare[1], ("version", "1")];
    let refused = app.post(&ada, &there, &without).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "nor can it lose its last one");
    assert_eq!(all(&app, &ada, &key).await[0].cites, [own]);
}

#[rstest]
#[tokio::test]
async fn i4_no_column_of_factors_names_a_person_as_a_cause(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let schema = include_str!("../../migrations/0008_factors.sql");
    let people: Vec<&str> = schema.lines().filter(|line| line.contains("people (id)")).collect();
    let writes = |line: &&str| line.trim().starts_with("created_by ");
    assert_eq!(people.len(), 2, "one for each table with an author");
    assert!(people.iter().all(writes), "who wrote it, and nobody else: {people:?}");

    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    app.person("noor", Seat::Editor).await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    factor(&app, &ada, &incident.key().to_string(), "Noor set the limit too low").await;
    let page = app.get(&ada, &format!("/r/{}/factors", incident.key())).await.body;
    assert!(page.contains("names a person. What in the system"), "asked, not refused: {page}");
}

#[rstest]
#[tokio::test]
async fn the_direct_cause_is_a_lens_on_one_factor_and_asks_for_more(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let (key, path) = (incident.key().to_string(), format!("/r/{}/factors", incident.key()));
    let form = [("statement", "A typo in the limit went out"), ("direct_cause", "on")];
    app.post(&ada, &path, &form).await;
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("What else had to be true?"), "002-05: {page}");
    assert!(page.contains("Which design would have absorbed it"), "003-27: {page}");
    let form = [("statement", "The limit was lowered"), ("direct_cause", "on")];
    app.post(&ada, &path, &form).await;
    let lensed = all(&app, &ada, &key).await.into_iter().filter(|one| one.direct_cause);
    let lensed: Vec<String> = lensed.map(|one| one.statement).collect();
    assert_eq!(lensed, ["The limit was lowered"], "at most one");
    let page = app.get(&ada, &path).await.body;
    assert!(!page.contains("What else had to be true?"), "there is more now");
    assert!(page.contains("direct\"") && !page.contains("tag harm"), "dimmed, not red");
}

#[rstest]
#[tokio::test]
async fn a_factor_is_changed_moved_taken_away_and_brought_back(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let (key, path) = (incident.key().to_string(), format!("/r/{}/factors", incident.key()));
    let (one, two) =
        (factor(&app, &ada, &key, "First").await, factor(&app, &ada, &key, "Second").await);
    app.post(&ada, &format!("{path}/{two}/up"), &[]).await;
    let order: Vec<FactorId> = all(&app, &ada, &key).await.into_iter().map(|f| f.id).collect();
    assert_eq!(order, [two.clone(), one.clone()]);

    let form = [("statement", "First, said better"), ("certainty", "unknown"), ("version", "1")];
    assert_eq!(app.post(&ada, &format!("{path}/{one}"), &form).await.status, StatusCode::SEE_OTHER);
    let late = app.post(&ada, &format!("{path}/{one}"), &form).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("First, said better"), "{}", late.body);
    let back = [("statement", "First"), ("certainty", "proposed"), ("version", "2")];
    let back = app.post(&ada, &format!("{path}/{one}"), &back).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "never newly proposed again");

    let gone = app.post(&ada, &format!("{path}/{one}/remove"), &[]).await;
    assert_eq!(all(&app, &ada, &key).await.len(), 1);
    assert!(app.get(&ada, &gone.location).await.body.contains("Bring it back"));
    app.post(&ada, &format!("{path}/{one}/restore"), &[]).await;
    assert_eq!(all(&app, &ada, &key).await.len(), 2);
    let never = app.post(&ada, &format!("{path}/{one}/restore"), &[]).await;
    assert_eq!(never.status, StatusCode::NOT_FOUND);
}

#[rstest]
#[tokio::test]
async fn recommendations_answer_factors_and_can_be_taken_back(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let key = incident.key().to_string();
    let why = factor(&app, &ada, &key, "Both nodes share one limit").await;
    let path = format!("/r/{key}/recommendations");
    let form =
        [("text", "Give each node its own limit"), ("target", "system"), ("factor", why.as_str())];
    assert_eq!(app.post(&ada, &path, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        app.post(&ada, &path, &[("text", " "), ("target", "person")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let made = {
        let mut conn = app.app.db.read().await.unwrap();
        let retro = retrospectives::need_for_reading(&mut conn, &ada, &key).await.unwrap();
        super::recommendations_of(&mut conn, &retro.id).await.unwrap().remove(0)
    };
    assert_eq!(made.factors, [why]);
    let page = app.get(&ada, &format!("/r/{key}/factors")).await.body;
    assert!(page.contains("Give each node its own limit") && page.contains("system or feature"));
    app.post(&ada, &format!("{path}/{}/remove", made.id), &[]).await;
    assert!(!app.get(&ada, &format!("/r/{key}/factors")).await.body.contains("own limit</h3>"));
    app.post(&ada, &format!("{path}/{}/restore", made.id), &[]).await;
    assert!(app.get(&ada, &format!("/r/{key}/factors")).await.body.contains("own limit</h3>"));
}

#[rstest]
#[tokio::test]
async fn a_drafts_factors_exist_for_its_people_only(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let audrey = app.person("audrey", Seat::Auditor).await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let key = incident.key().to_string();
    let id = factor(&app, &ada, &key, "Zyxcanary").await;
    let path = format!("/r/{key}/factors");
    for who in [&bob, &audrey] {
        for page in [path.clone(), format!("{path}/new"), format!("{path}/{id}")] {
            assert_eq!(app.get(who, &page).await.status, StatusCode::NOT_FOUND, "{page}");
        }
    }
    for deed in ["", "/remove", "/up", "/restore"] {
        let form = [("statement", "Mine now"), ("version", "1")];
        let answer = app.post(&bob, &format!("{path}/{id}{deed}"), &form).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{deed}");
    }
    let rhea = app.person("rhea", Seat::Reader).await;
    let role = retrospectives::Role::Reviewer;
    retrospectives::add_person(&app.app, &ada, &key, &rhea.id, role).await.unwrap();
    let reading = app.get(&rhea, &path).await;
    assert!(reading.body.contains("Zyxcanary") && !reading.body.contains("Add a factor"));
    let wrote = app.post(&rhea, &path, &[("statement", "A reader writes nothing")]).await;
    assert_eq!(wrote.status, StatusCode::FORBIDDEN);
}
