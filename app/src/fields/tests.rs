//! Fields through the site, on both databases.

use crate::access::{Seat, Viewer};
use crate::incidents::{self, Incident, Key};
use crate::kinds;
use crate::retrospectives::{self, Opening, State};
use crate::testing::{Answer, On, TestApp};
use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

const AT: &str = "/api/v1/retrospectives/INC-1/fields";

/// A draft of a kind that Ada owns.
async fn drafted(app: &TestApp, ada: &Viewer, kind: &str) -> Incident {
    let form = [("title", "Orders are gone"), ("kind", "data"), ("severity", "2")];
    app.post(ada, "/incidents", &form).await;
    app.post(ada, "/i/INC-1/status", &[("status", "resolved")]).await;
    let incident = {
        let mut conn = app.app.db.read().await.unwrap();
        incidents::find(&mut conn, ada, Key(1)).await.unwrap().unwrap()
    };
    let opening = Opening {
        kind: kinds::find(kind).unwrap(),
        reason: "orders were lost".to_owned(),
        owner: Some(ada.id.clone()),
        facilitator: None,
        is_another: false,
    };
    retrospectives::open(&app.app, ada, &incident, &opening).await.unwrap();
    incident
}

fn read(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

async fn fill(app: &TestApp, by: &Viewer, fields: Value) -> Answer {
    app.api(by, Method::PATCH, AT, json!({ "fields": fields })).await
}

#[rstest]
#[tokio::test]
async fn a_field_is_needed_at_its_milestone_and_stands_in_every_form_of_the_release(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Reader).await);
    drafted(&app, &ada, "data").await;
    let first = read(&app.get(&ada, AT).await);
    assert_eq!(first["missing"][0]["field"], "data-fate", "{first}");
    assert_eq!(first["missing"][0]["milestone"], "published");
    let draft = app.get(&ada, "/r/INC-1/draft").await.body;
    assert!(draft.contains("Needed before it is published:"), "{draft}");
    assert_eq!(app.get(&rob, AT).await.status, StatusCode::NOT_FOUND, "a draft is its people's");
    for state in
        [State::Gathering, State::Drafting, State::InReview, State::MeetingHeld, State::Finalising]
    {
        // Nothing is asked for before the milestone.
        retrospectives::move_on(&app.app, &ada, "INC-1", state, "").await.unwrap();
    }
    let early = app.post(&ada, "/r/INC-1/publish", &[("audience", "all")]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.body.contains("What became of the data"), "{}", early.body);
    assert_eq!(app.get(&rob, "/r/INC-1/releases/1").await.status, StatusCode::NOT_FOUND);

    let people = json!({ "what": "rpo", "promised": 300, "got": 5400 });
    let answer = fill(
        &app,
        &ada,
        json!({
            "data-fate": { "value": ["lost", "wrong"] },
            "data-records": { "value": 4100, "version": 0 },
            "restore": { "value": [people, {}] },
        }),
    );
    let filled = read(&answer.await);
    assert_eq!(filled["missing"], json!([]));
    let published = app.post(&ada, "/r/INC-1/publish", &[("audience", "all")]).await;
    assert_eq!(published.status, StatusCode::SEE_OTHER, "{}", published.body);
    for form in ["", ".md", ".html", ".json"] {
        let text = app.get(&rob, &format!("/r/INC-1/releases/1{form}")).await.body;
        for words in ["lost, wrong", "4,100 records", "data that may be lost", "1 h 30 min"] {
            assert!(text.contains(words), "{form} lacks {words}: {text}");
        }
    }
    let pdf = app.get(&rob, "/r/INC-1/releases/1.pdf").await;
    assert_eq!(pdf.status, StatusCode::OK);
}

#[rstest]
#[tokio::test]
async fn what_does_not_fit_changes_nothing_and_nobodys_value_is_overwritten(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    drafted(&app, &ada, "data").await;
    let wrong = fill(
        &app,
        &ada,
        json!({ "data-records": { "value": 1 }, "data-fat": { "value": "lost" },
            "restore": { "value": [{ "what": "rpa" }] } }),
    );
    let wrong = wrong.await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Did you mean `data-fate`?"), "{}", wrong.body);
    assert!(wrong.body.contains("fields.restore[0].what"), "{}", wrong.body);
    let gone = json!([{ "service": "svc_00000000000000000000000000000000" }]);
    let gone = fill(&app, &ada, json!({ "restore": { "value": gone } })).await;
    assert_eq!(gone.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", gone.body);
    let now = read(&app.get(&ada, AT).await);
    let of = |all: &Value, id: &str| {
        let all = all["fields"].as_array().unwrap();
        all.iter().find(|one| one["field"]["id"] == id).unwrap().clone()
    };
    assert_eq!(of(&now, "data-records")["value"], Value::Null, "a broken call changes nothing");
    read(&fill(&app, &ada, json!({ "data-records": { "value": 10, "version": 0 } })).await);
    let late = fill(&app, &ada, json!({ "data-records": { "value": 12, "version": 0 } })).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("it says now: 10 records"), "{}", late.body);
    let form = [
        ("v.data-records", "1"),
        ("f.data-records", "1,200"),
        ("v.restore", "0"),
        ("n.restore", "2"),
        ("f.restore.0.what", "rto"),
        ("f.restore.0.got", "90 min"),
    ];
    let saved = app.post(&ada, "/r/INC-1/fields", &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = app.get(&ada, "/r/INC-1/fields").await.body;
    assert!(page.contains("value=\"1200\"") && page.contains("value=\"1 h 30 min\""), "{page}");
    let typo = [("v.data-records", "2"), ("f.data-records", "many")];
    let typo = app.post(&ada, "/r/INC-1/fields", &typo).await;
    assert!(typo.body.contains("is not a number") && typo.body.contains("many"), "{}", typo.body);
}

#[rstest]
#[tokio::test]
async fn another_kind_keeps_what_was_filled_in_and_the_overlay_brings_its_own(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    drafted(&app, &ada, "data").await;
    read(&fill(&app, &ada, json!({ "data-records": { "value": 10 } })).await);
    let preview = "/api/v1/retrospectives/INC-1/kind/preview?kind=light";
    let preview = read(&app.get(&ada, preview).await);
    assert!(preview["dropped_fields"].as_array().unwrap().contains(&json!("Records hit")));
    let draft = read(&app.get(&ada, "/api/v1/retrospectives/INC-1").await);
    let version = draft["version"].as_i64().unwrap();
    let form = [("kind", "light"), ("reason", "Small."), ("version", &version.to_string())];
    let form: Vec<(&str, &str)> = form.to_vec();
    let changed = app.post(&ada, "/r/INC-1/kind", &form).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    let now = read(&app.get(&ada, AT).await);
    assert_eq!(now["fields"][0]["words"], "10 records", "{now}");
    assert_eq!(now["fields"][0]["is_wanted"], false);

    let overlay = "/api/v1/retrospectives/INC-1/overlays/regulated";
    let no = app.api(&ada, Method::PUT, overlay, json!({ "reason": " " })).await;
    assert_eq!(no.status, StatusCode::UNPROCESSABLE_ENTITY);
    let on = app.api(&ada, Method::PUT, overlay, json!({ "reason": "Orders have names." })).await;
    assert_eq!(read(&on)["overlays"], json!(["regulated"]));
    let sections = app.get(&ada, "/api/v1/retrospectives/INC-1/sections?limit=100").await.body;
    assert!(sections.contains("\"reg-duty\""), "{sections}");
    let steps = app.get(&ada, "/r/INC-1/steps").await.body;
    assert!(steps.contains("Decide with counsel which duties apply"), "{steps}");
    let now = read(&app.get(&ada, AT).await);
    assert_eq!(now["missing"][0]["field"], "reg-regimes", "{now}");
    let ids = json!([ada.id.as_str()]);
    read(&fill(&app, &ada, json!({ "reg-deciders": { "value": ids } })).await);
    let page = app.get(&ada, "/r/INC-1/kind").await.body;
    assert!(page.contains("Orders have names.") && page.contains("Take it off"), "{page}");
    let off = format!("{overlay}?reason=No+names+after+all");
    let off = app.api(&ada, Method::DELETE, &off, Value::Null).await;
    assert_eq!(read(&off)["overlays"], json!([]));
    let now = read(&app.get(&ada, AT).await);
    assert!(now.to_string().contains("\"words\":\"Ada\""), "what was filled in stays: {now}");
    assert_eq!(now["missing"], json!([]));
}

#[rstest]
#[tokio::test]
async fn a_red_drafts_values_are_nowhere_for_others(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Editor).await);
    drafted(&app, &ada, "data").await;
    read(&fill(&app, &ada, json!({ "data-method": { "value": "by the secret ledger" } })).await);
    for path in ["/r/INC-1/fields", "/r/INC-1/draft", "/i/INC-1", "/audit", AT] {
        let page = app.get(&rob, path).await;
        assert!(!page.body.contains("secret ledger"), "{path}");
    }
    let audit = app.get(&ada, "/i/INC-1/activity").await.body;
    assert!(!audit.contains("secret ledger"), "only its digest is in the audit");
    assert_eq!(fill(&app, &rob, json!({})).await.status, StatusCode::NOT_FOUND);
}
