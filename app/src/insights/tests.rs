//! Insights through the site, on both databases.

use crate::access::{Seat, Viewer};
use crate::testing::{Answer, On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::Value;

fn read(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

async fn ended(app: &TestApp, by: &Viewer, title: &str, severity: &str) -> String {
    let form =
        [("title", title), ("kind", "outage"), ("severity", severity), ("report_only", "on")];
    let answer = app.post(by, "/incidents", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location.split('/').nth(2).unwrap().to_owned()
}

async fn decide(app: &TestApp, by: &Viewer, key: &str, form: &[(&str, &str)]) {
    let answer = app.post(by, &format!("/i/{key}/retro"), form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[rstest]
#[tokio::test]
async fn kinds_rules_waivers_and_late_steps_are_told_and_every_figure_opens_its_list(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Reader).await);
    let one = ended(&app, &ada, "Checkout is down", "1").await;
    let two = ended(&app, &ada, "Cards are refused", "3").await;
    let three = ended(&app, &ada, "A blip", "4").await;
    ended(&app, &ada, "Not decided yet", "2").await;
    let owner = ("owner", ada.id.as_str());
    decide(&app, &ada, &one, &[("decision", "accept"), owner]).await;
    let form = [("decision", "open"), ("kind", "light"), ("why", "Small.")];
    decide(&app, &ada, &two, &form).await;
    let waive = [("decision", "waive"), ("code", "harm_negligible"), ("text", "")];
    decide(&app, &ada, &three, &waive).await;

    let all = read(&app.get(&ada, "/api/v1/insights/process").await);
    assert_eq!((&all["looked_at"], &all["undecided"]), (&3.into(), &1.into()), "{all}");
    let kinds = all["kinds"].as_array().unwrap();
    assert!(kinds.iter().any(|one| one["kind"] == "major" && one["rules"][0]["rule"] == "major"));
    assert_eq!(all["waivers"][0]["code"], "harm_negligible");
    assert_eq!(all["to_owner"]["count"], 1);
    assert_eq!(all["to_owner"]["p50"], Value::Null, "one is too few to tell");
    assert_eq!(all["unowned"][0]["key"], two);
    let open = all["open_with"].as_array().unwrap();
    assert_eq!((open.len(), &open[1]["name"]), (2, &"Ada".into()), "{all}");
    let theirs = read(&app.get(&rob, "/api/v1/insights/process").await);
    assert_eq!(theirs["open_with"], Value::Null, "only for who assigns");

    let page = app.get(&ada, "/insights").await.body;
    for says in ["Major review", "harm was too small", "Nobody owns these yet", "too few to tell"] {
        assert!(page.contains(says), "{says}: {page}");
    }
    assert!(!app.get(&rob, "/insights").await.body.contains("Open with whom"));
    for (query, has, has_not) in [
        ("kind=major", "Checkout is down", "A blip"),
        ("waived=harm_negligible", "A blip", "Checkout is down"),
        ("owner_within=4h", "Checkout is down", "Cards are refused"),
        ("kind=major&rule=major", "Checkout is down", "Cards are refused"),
    ] {
        let list = app.get(&rob, &format!("/insights/retrospectives?{query}")).await.body;
        assert!(list.contains(has) && !list.contains(has_not), "{query}: {list}");
    }
    let far = app.get(&ada, "/insights?from=2020-01-01&to=2020-02-01").await.body;
    assert!(far.contains("None was opened in these days"), "{far}");
    let bad = app.get(&ada, "/insights?from=soon").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[rstest]
#[tokio::test]
async fn what_one_may_not_see_is_in_no_figure(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let key = ended(&app, &ada, "Somebody was in", "1").await;
    decide(&app, &ada, &key, &[("decision", "accept"), ("owner", ada.id.as_str())]).await;
    app.post(&ada, &format!("/i/{key}/label"), &[("label", "red")]).await;
    let mine = read(&app.get(&ada, "/api/v1/insights/process").await);
    assert_eq!(mine["looked_at"], 1);
    let theirs = read(&app.get(&bob, "/api/v1/insights/process").await);
    assert_eq!((&theirs["looked_at"], &theirs["undecided"]), (&0.into(), &0.into()), "{theirs}");
    assert!(!theirs.to_string().contains("Ada"), "{theirs}");
    let list = app.get(&bob, "/insights/retrospectives").await.body;
    assert!(!list.contains("Somebody was in"), "{list}");
}
