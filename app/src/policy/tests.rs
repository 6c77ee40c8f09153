//! The policy through the site, on both databases.

use crate::access::{Seat, Viewer};
use crate::testing::{Call, On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

fn get(path: &str) -> Call<'_> {
    Call { method: "GET", path, version: None }
}

async fn resolved(app: &TestApp, by: &Viewer, title: &str, form: &[(&str, &str)]) -> String {
    let mut all = vec![("title", title)];
    all.extend_from_slice(form);
    let answer = app.post(by, "/incidents", &all).await;
    let key = answer.location.split('/').nth(2).unwrap().to_owned();
    app.post(by, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
    key
}

#[rstest]
#[tokio::test]
async fn a_decision_is_made_on_resolve_and_remembers_its_version(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let key = resolved(&app, &ada, "Nobody could pay", &[("kind", "outage")]).await;
    let path = format!("/incidents/{key}/decision");
    let (_, made) = app.call(&ada, get(&path), Value::Null).await;
    assert_eq!((&made["kind"], &made["outcome"]), (&json!("standard"), &json!("open")));
    assert_eq!((&made["policy_version"], &made["choice"]["rule"]), (&json!(1), &json!("standard")));
    let missing = made["choice"]["missing"].as_array().unwrap();
    assert!(missing.iter().any(|one| one["fact"] == "severity"), "{missing:?}");
    assert_eq!(made["facts"]["kind"], "outage");
    let page = app.get(&ada, &format!("/i/{key}")).await.body;
    assert!(
        page.contains("Proposed: Standard review.") && page.contains("Accept: Standard review")
    );
    assert!(page.contains("could not tell") && page.contains("version 1"), "{page}");

    let severity = json!({ "severity": 1, "reason": "Nobody at all." });
    let (status, _) = app
        .call(
            &ada,
            Call { method: "POST", path: &format!("/incidents/{key}/severities"), version: None },
            severity,
        )
        .await;
    assert!(status.is_success(), "{status}");
    let page = app.get(&ada, &format!("/i/{key}/retro")).await.body;
    assert!(page.contains("Accept: Major review"), "as it is known now");
    app.post(&ada, &format!("/i/{key}/retro"), &[("decision", "accept")]).await;
    let (_, made) = app.call(&ada, get(&path), Value::Null).await;
    assert_eq!((&made["kind"], &made["outcome"]), (&json!("major"), &json!("accepted")));
    assert_eq!(made["answered_by"], "Ada");
    let (_, retro) = app.call(&ada, get(&format!("/retrospectives/{key}")), Value::Null).await;
    assert_eq!(retro["policy_version"], 1, "I23");
}

#[rstest]
#[tokio::test]
async fn another_kind_needs_a_reason_and_a_waiver_too(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let mut keys = Vec::new();
    for title in ["One", "Two", "Three"] {
        keys.push(resolved(&app, &ada, title, &[("kind", "outage")]).await);
    }
    let path = format!("/i/{}/retro", keys[0]);
    let refused = app.post(&ada, &path, &[("decision", "open"), ("kind", "light")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("why this kind"), "{}", refused.body);
    let form = [("decision", "open"), ("kind", "light"), ("why", "Two minutes, one person.")];
    assert!(app.post(&ada, &path, &form).await.location.starts_with("/r/"));
    let path = format!("/i/{}/retro", keys[1]);
    assert_eq!(app.post(&ada, &path, &[("decision", "waive")]).await.status, 422);
    let form =
        [("decision", "waive"), ("code", "known_and_treated"), ("text", "=Known since May.")];
    app.post(&ada, &path, &form).await;
    let talk = [("decision", "waive"), ("code", "heat"), ("text", "Not now."), ("talk", "on")];
    let talked = app.post(&ada, &format!("/i/{}/retro", keys[2]), &talk).await;
    assert!(talked.location.starts_with("/r/"), "an open conversation instead: {talked:?}");
    let (_, all) = app.call(&ada, get("/policy/decisions"), Value::Null).await;
    let mut outcomes: Vec<&str> =
        all["items"].as_array().unwrap().iter().filter_map(|one| one["outcome"].as_str()).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["changed", "changed", "waived"]);
    let month = app.get(&ada, "/waivers?month=2026-03").await.body;
    assert!(month.contains("Known since May.") && month.contains("March 2026"), "{month}");
    assert!(app.get(&ada, "/waivers?month=2026-02").await.body.contains("Nothing was waived"));
    let csv = app.get(&ada, "/waivers.csv?month=2026-03").await.body;
    assert!(csv.contains("\"'=Known since May.\"") && csv.lines().count() == 2, "{csv}");
    let (_, list) = app.call(&ada, get("/waivers?month=2026-03"), Value::Null).await;
    assert_eq!(list["items"][0]["code"], "known_and_treated");
}

#[rstest]
#[tokio::test]
async fn a_policy_is_saved_whole_or_not_at_all(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let edda = app.person("edda", Seat::Editor).await;
    let (_, policy) = app.call(&ada, get("/policy"), Value::Null).await;
    assert_eq!((&policy["version"], &policy["is_shipped"]), (&json!(1), &json!(true)));
    let put = |version| Call { method: "PUT", path: "/policy", version: Some(version) };
    let mut wrong = policy["document"].clone();
    wrong["rules"][2]["when"] = json!("severty == 1 || slo_budget_burned >");
    wrong["rules"][3]["then"]["kind"] = json!("vendr");
    let (status, said) = app.call(&ada, put(1), json!({ "document": wrong })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = said["errors"].as_array().unwrap();
    let paths: Vec<&str> = errors.iter().filter_map(|one| one["path"].as_str()).collect();
    assert_eq!(paths, ["rules[3].then.kind", "rules[2].when"], "{errors:?}");
    assert!(
        errors[1]["message"].as_str().unwrap().starts_with("line 1, column 36: It ends too early"),
        "{errors:?}"
    );

    let mut right = policy["document"].clone();
    right["rules"][2]["when"] = json!("severity <= 2");
    let body = json!({ "document": right, "note": "Severity 2 is major here." });
    assert_eq!(app.call(&edda, put(1), body.clone()).await.0, StatusCode::FORBIDDEN);
    let (status, saved) = app.call(&ada, put(1), body.clone()).await;
    assert_eq!((status, &saved["version"]), (StatusCode::OK, &json!(2)), "{saved}");
    let (status, late) = app.call(&ada, put(1), json!({ "document": policy["document"] })).await;
    assert_eq!((status, &late["current"]["version"]), (StatusCode::PRECONDITION_FAILED, &json!(2)));
    let (_, first) = app.call(&edda, get("/policy/versions/1"), Value::Null).await;
    assert_eq!((&first["is_shipped"], &first["text"]), (&json!(true), &json!(super::SHIPPED)));
    let audit = app.get(&ada, "/audit").await.body;
    assert!(audit.contains("policy.saved"));

    let key = resolved(&app, &ada, "Slow", &[("kind", "degradation"), ("severity", "2")]).await;
    let (_, made) = app.call(&ada, get(&format!("/incidents/{key}/decision")), Value::Null).await;
    assert_eq!((&made["kind"], &made["policy_version"]), (&json!("major"), &json!(2)));
    let restore = Call { method: "POST", path: "/policy/restore", version: Some(2) };
    let (status, restored) = app.call(&ada, restore, Value::Null).await;
    assert_eq!((status, &restored["version"]), (StatusCode::OK, &json!(3)), "{restored}");
    assert_eq!(restored["document"], policy["document"]);
}

#[rstest]
#[tokio::test]
async fn a_trial_counts_what_its_viewer_may_see_and_saves_nothing(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let bob = app.person("bob", Seat::Contributor).await;
    let edda = app.person("edda", Seat::Editor).await;
    for severity in ["2", "3", "4"] {
        let form = [("kind", "degradation"), ("severity", severity)];
        resolved(&app, &bob, &format!("Slow {severity}"), &form).await;
    }
    resolved(&app, &bob, "Keys were out", &[("kind", "security"), ("severity", "2")]).await;
    let (_, policy) = app.call(&ada, get("/policy"), Value::Null).await;
    let mut document = policy["document"].clone();
    document["rules"][2]["when"] = json!("severity <= 2");
    let call = Call { method: "POST", path: "/policy/trials", version: None };
    let body = json!({ "document": document });
    let (status, trial) = app.call(&edda, call, body.clone()).await;
    assert_eq!(status, StatusCode::OK, "{trial}");
    assert_eq!(
        (&trial["looked_at"], &trial["is_all"]),
        (&json!(3), &json!(true)),
        "not the red one"
    );
    assert!(!trial.to_string().contains("Keys were out"));
    assert_eq!(
        (&trial["changed"], &trial["changes"][0]["kind_then"]),
        (&json!(1), &json!("major"))
    );
    let kind = |id: &str| {
        trial["kinds"].as_array().unwrap().iter().find(|one| one["kind"] == id).cloned().unwrap()
    };
    assert_eq!((&kind("major")["now"], &kind("major")["then"]), (&json!(0), &json!(1)));
    assert_eq!(kind("light")["minutes_then"], 90);
    assert_eq!(app.call(&bob, call, body.clone()).await.0, StatusCode::FORBIDDEN);
    let few = json!({ "document": document, "most": 2 });
    let (_, trial) = app.call(&edda, call, few).await;
    assert_eq!((&trial["looked_at"], &trial["is_all"]), (&json!(2), &json!(false)));
    let (status, _) = app.call(&edda, call, json!({ "document": document, "days": 0 })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, policy) = app.call(&ada, get("/policy"), Value::Null).await;
    assert_eq!(policy["version"], 1, "nothing was saved");
}

#[tokio::test]
async fn no_decision_tells_of_a_red_incident_on_the_same_service() {
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    app.post(&ada, "/services", &[("name", "Checkout"), ("tier", "1")]).await;
    let mut keys = Vec::new();
    for (title, kind) in [("One", "outage"), ("Two", "security"), ("Three", "outage")] {
        let answer = app.post(&ada, "/incidents", &[("title", title), ("kind", kind)]).await;
        let key = answer.location.split('/').nth(2).unwrap().to_owned();
        let path = format!("/incidents/{key}/hits");
        let put = Call { method: "PUT", path: &path, version: None };
        let hits = json!({ "services": ["checkout"], "teams": [] });
        let (status, said) = app.call(&ada, put, hits).await;
        assert!(status.is_success(), "{said}");
        keys.push(key);
    }
    app.post(&ada, &format!("/i/{}/status", keys[2]), &[("status", "resolved")]).await;
    let path = format!("/incidents/{}/decision", keys[2]);
    let (_, made) = app.call(&ada, get(&path), Value::Null).await;
    assert_eq!(
        (&made["facts"]["recurrence"], &made["facts"]["tier"]),
        (&json!(1), &json!(1)),
        "{made}"
    );
}

#[tokio::test]
async fn the_page_changes_a_rule_after_a_trial() {
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    let rolf = app.person("rolf", Seat::Reader).await;
    resolved(&app, &ada, "Slow", &[("kind", "degradation"), ("severity", "2")]).await;
    let page = app.get(&rolf, "/policy").await.body;
    assert!(page.contains("Security, or data exposed") && !page.contains("Add a rule"));
    assert_eq!(app.get(&rolf, "/policy/rules/major").await.status, StatusCode::FORBIDDEN);
    let page = app.get(&ada, "/policy/rules/major").await.body;
    assert!(
        page.contains("slo_budget_burned &#62; 20") || page.contains("slo_budget_burned &gt; 20"),
        "{page}"
    );
    let form = |when: &'static str, what: &'static str| {
        [
            ("version", "1"),
            ("as", "rule"),
            ("id", "major"),
            ("name", "Severity 1 or 2"),
            ("when", when),
            ("why", "Large harm."),
            ("kind", "major"),
            ("depth", "deep"),
            ("dues", "24h Write the preliminary note"),
            ("do", what),
        ]
    };
    let wrong = app.post(&ada, "/policy/rules/major", &form("severty <= 2", "try")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("line 1, column 1: There is no fact `severty`"), "{}", wrong.body);
    let tried = app.post(&ada, "/policy/rules/major", &form("severity <= 2", "try")).await;
    assert!(
        tried.body.contains("1 incident looked at") && tried.body.contains("What changes"),
        "{}",
        tried.body
    );
    assert!(
        tried.body.contains("severity &#60;= 2") || tried.body.contains("severity &lt;= 2"),
        "typed text stays"
    );
    let saved = app.post(&ada, "/policy/rules/major", &form("severity <= 2", "save")).await;
    assert_eq!(saved.location, "/policy");
    let stale = app.post(&ada, "/policy/rules/major", &form("severity <= 3", "save")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let page = app.get(&ada, "/policy").await.body;
    assert!(page.contains("Version 2, saved by Ada") && page.contains("Severity 1 or 2"));
    app.post(&ada, "/policy/rules/major/place", &[("version", "2"), ("to", "up")]).await;
    let removal = "/policy/rules/vendor/removal";
    let asked = app.post(&ada, removal, &[("version", "3"), ("do", "try")]).await.body;
    assert!(
        asked.contains("Nothing is saved yet") && asked.contains("name=\"version\" value=\"3\""),
        "{asked}"
    );
    app.post(&ada, removal, &[("version", "3"), ("do", "save")]).await;
    let effort = [("version", "4"), ("decides", "mitigated"), ("minutes_light", "30")];
    app.post(&ada, "/policy/effort", &effort).await;
    let file = app.get(&ada, "/policy.toml").await.body;
    assert!(file.contains("decides = \"mitigated\"") && !file.contains("\"vendor\""), "{file}");
    let key = {
        let answer = app.post(&ada, "/incidents", &[("title", "Late"), ("kind", "outage")]).await;
        answer.location.split('/').nth(2).unwrap().to_owned()
    };
    app.post(&ada, &format!("/i/{key}/status"), &[("status", "mitigated")]).await;
    assert!(
        app.get(&ada, &format!("/i/{key}")).await.body.contains("Accept:"),
        "asked at mitigation"
    );
    app.post(&ada, "/policy/restoration", &[("version", "5")]).await;
    assert!(app.get(&ada, "/policy").await.body.contains("Version 6"));
}

#[rstest]
#[tokio::test]
async fn what_is_written_down_after_the_fact_has_its_decision_too(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let form = [("title", "Nearly deleted"), ("kind", "near_miss")];
    let answer = app.post(&ada, "/incidents", &form).await;
    let key = answer.location.split('/').nth(2).unwrap().to_owned();
    let (_, made) = app.call(&ada, get(&format!("/incidents/{key}/decision")), Value::Null).await;
    assert_eq!((&made["kind"], &made["outcome"]), (&json!("near"), &json!("open")), "{made}");
}

#[rstest]
#[tokio::test]
async fn a_decision_is_not_found_by_who_may_not_see_its_incident(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let edda = app.person("edda", Seat::Editor).await;
    let key = resolved(&app, &ada, "Keys were out", &[("kind", "security")]).await;
    app.post(&ada, &format!("/i/{key}/retro"), &[("decision", "waive"), ("code", "heat")]).await;
    for path in [format!("/incidents/{key}/decision"), format!("/incidents/{key}/retrospectives")] {
        assert_eq!(app.call(&edda, get(&path), Value::Null).await.0, StatusCode::NOT_FOUND);
    }
    for path in ["/policy/decisions", "/waivers", "/review-requests"] {
        let (_, all) = app.call(&edda, get(path), Value::Null).await;
        assert_eq!(all["items"], json!([]), "{path}");
    }
    assert!(!app.get(&edda, "/waivers").await.body.contains("Keys were out"));
    assert!(app.get(&ada, "/waivers").await.body.contains("Keys were out"));
}

#[rstest]
#[tokio::test]
async fn the_like_of_an_incident_is_counted_by_when_harm_began(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    app.post(&ada, "/services", &[("name", "Checkout"), ("tier", "1")]).await;
    // Half a year ago, a month ago, as written down; then the one that is asked about.
    for (n, began) in ["2025-09-01 10:00", "2026-02-01 10:00", "", ""].iter().enumerate() {
        app.post(&ada, "/incidents", &[("title", "Nobody could pay"), ("kind", "outage")]).await;
        let path = format!("/incidents/INC-{}/hits", n + 1);
        let put = Call { method: "PUT", path: &path, version: None };
        let hits = json!({ "services": ["checkout"], "teams": [] });
        assert!(app.call(&ada, put, hits).await.0.is_success());
        if !began.is_empty() {
            let window =
                [("surface", "pay"), ("effect", "slow"), ("started_at", *began), ("zone", "UTC")];
            let said = app.post(&ada, &format!("/i/INC-{}/impact", n + 1), &window).await;
            assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
        }
    }
    app.post(&ada, "/i/INC-4/status", &[("status", "resolved")]).await;
    let (_, made) = app.call(&ada, get("/incidents/INC-4/decision"), Value::Null).await;
    assert_eq!(made["facts"]["recurrence"], 2, "the one of half a year ago is too old: {made}");
}
