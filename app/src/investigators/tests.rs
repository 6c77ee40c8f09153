//! The chain on both databases: who is asked, by which rule, until when, and what comes of it.

use crate::access::{Seat, Viewer};
use crate::evidence::{self, Item, Kind, Occurred, Precision, ZoneOrigin};
use crate::incidents;
use crate::investigators::go_on;
use crate::testing::{Call, On, TestApp};
use axum::http::StatusCode;
use jiff::SignedDuration;
use kit::db::Time;
use rstest::rstest;
use serde_json::{Value, json};

type Answered = (StatusCode, Value);

async fn ask(
    app: &TestApp,
    by: &Viewer,
    method: &'static str,
    path: &str,
    body: Value,
) -> Answered {
    app.call(by, Call { method, path, version: None }, body).await
}

/// A small company: Ada administers, Mia answers for the team Payments of Bob and Cora, Dan commands.
struct Company {
    app: TestApp,
    ada: Viewer,
    bob: Viewer,
    cora: Viewer,
    dan: Viewer,
    mia: Viewer,
}

impl Company {
    async fn start(on: On) -> Company {
        let app = TestApp::start(on).await;
        let ada = app.ada().await;
        let bob = app.person("bob", Seat::Contributor).await;
        let cora = app.person("cora", Seat::Contributor).await;
        let dan = app.person("dan", Seat::Contributor).await;
        let mia = app.person("mia", Seat::Contributor).await;
        let company = Company { app, ada, bob, cora, dan, mia };
        company.admin("POST", "/teams", json!({"name": "Payments"})).await;
        for one in [&company.bob, &company.cora] {
            let path = format!("/teams/payments/members/{}", one.id);
            company.admin("PUT", &path, Value::Null).await;
        }
        let said = json!({"name": "Payments", "manager": company.mia.id});
        company.admin("PUT", "/teams/payments", said).await;
        let service = json!({"name": "Checkout", "tier": 1, "team": "payments"});
        company.admin("POST", "/services", service).await;
        company
    }

    async fn admin(&self, method: &'static str, path: &str, body: Value) -> Value {
        let (status, said) = ask(&self.app, &self.ada, method, path, body).await;
        assert!(status.is_success(), "{method} {path}: {status} {said}");
        said
    }

    /// Says when somebody joined, and what they are called where code is kept.
    async fn describe(&self, who: &Viewer, joined_on: &str) {
        let said = json!({"name": who.name, "zone": "UTC", "joined_on": joined_on, "code": format!("{}-code", who.handle)});
        self.admin("PUT", &format!("/people/{}/details", who.id), said).await;
    }

    async fn train(&self, who: &Viewer) {
        let said =
            json!({"training": "two reviews", "is_available": true, "services": ["checkout"]});
        self.admin("PUT", &format!("/investigators/{}", who.id), said).await;
    }

    /// An incident at Checkout that Dan commanded and that ended; with a change by somebody before it.
    async fn incident(&self, changed_by: Option<&Viewer>) -> String {
        let form = [("title", "Nobody could pay"), ("kind", "outage"), ("severity", "2")];
        // Who declares it, commands it.
        let answer = self.app.post(&self.dan, "/incidents", &form).await;
        let key = answer.location.split('/').nth(2).unwrap().to_owned();
        let hits = json!({"services": ["checkout"], "teams": []});
        self.admin("PUT", &format!("/incidents/{key}/hits"), hits).await;
        if let Some(who) = changed_by {
            let mut conn = self.app.app.db.read().await.unwrap();
            let found = incidents::need(&mut conn, &self.ada, &key).await.unwrap();
            drop(conn);
            let at = self.app.app.now().timestamp() - SignedDuration::from_hours(1);
            let occurred = Occurred { at, precision: Precision::Second, zone: ZoneOrigin::Instant };
            let mut item = Item::new(Kind::Deploy, "github", format!("deploy-{key}"), occurred);
            item.author = Some(format!("{}-code", who.handle));
            item.text = "Deployed checkout 42".to_owned();
            evidence::bring(&self.app.app, &self.ada, &found, vec![item]).await.unwrap();
        }
        self.app.post(&self.ada, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
        key
    }

    /// Opens a review without an owner; gives whom it came to.
    async fn open(&self, key: &str) -> Value {
        let path = format!("/incidents/{key}/retrospectives");
        self.admin("POST", &path, json!({"kind": "standard"})).await;
        self.search(key).await
    }

    async fn search(&self, key: &str) -> Value {
        self.admin("GET", &format!("/retrospectives/{key}/investigator"), Value::Null).await
    }

    async fn answer(&self, who: &Viewer, key: &str, what: &str, body: Value) -> Answered {
        let path = format!("/retrospectives/{key}/investigator/{what}");
        ask(&self.app, who, "POST", &path, body).await
    }

    fn hours(&self, hours: i64) {
        self.app
            .clock
            .set(Time::new(self.app.app.now().timestamp() + SignedDuration::from_hours(hours)));
    }
}

fn last(search: &Value) -> &Value {
    search["turns"].as_array().unwrap().last().unwrap()
}

/// The rule of the last turn, whom it chose and what came of it.
fn told(search: &Value) -> (String, Option<String>, String) {
    let turn = last(search);
    let text = |field: &str| turn[field].as_str().map(str::to_owned);
    (text("rule").unwrap(), text("name"), text("state").unwrap())
}

fn came(rule: &str, name: &str, state: &str) -> (String, Option<String>, String) {
    (rule.to_owned(), Some(name.to_owned()), state.to_owned())
}

fn why_not(search: &Value, rule: &str) -> String {
    let tried = last(search)["tried"].as_array().unwrap().iter();
    let found = tried.clone().find(|one| one["rule"] == rule);
    found.map(|one| one["because"].as_str().unwrap().to_owned()).unwrap_or_default()
}

/// 002-21 to 002-25, 002-18: the rules in their order, each with why those before it chose nobody.
#[rstest]
#[tokio::test]
async fn one_after_another_is_asked_and_the_rules_are_kept(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let company = Company::start(on).await;
    let Company { app, ada, bob, cora, dan, mia, .. } = &company;
    let eve = app.person("eve", Seat::Contributor).await;
    company.describe(bob, "2020-01-01").await;
    company.describe(cora, "2021-01-01").await;
    company.train(&eve).await;
    company.train(dan).await;
    let key = company.incident(Some(bob)).await;
    let search = company.open(&key).await;
    assert_eq!(told(&search), came("pool", "Eve", "open"), "{search:#}");
    assert!(last(&search)["because"].as_str().unwrap().contains("knows Checkout"));
    // It is Thursday noon, UTC: four working hours end at 16:00.
    assert_eq!(last(&search)["due_at"], "2026-03-05T16:00:00Z");
    let home = app.get(&eve, "/").await.body;
    assert!(home.contains("Would you investigate “Nobody could pay”?"), "{home}");
    assert!(app.get(&eve, &format!("/i/{key}")).await.body.contains("nobody asks why"));

    assert_eq!(company.answer(bob, &key, "passing", json!({})).await.0, StatusCode::NOT_FOUND);
    assert_eq!(company.answer(&eve, &key, "passing", json!({})).await.0, StatusCode::NO_CONTENT);
    let search = company.search(&key).await;
    assert_eq!(told(&search), came("nearest", "Bob", "open"), "{search:#}");
    assert_eq!(company.answer(&eve, &key, "acceptance", json!({})).await.0, StatusCode::CONFLICT);
    let path = format!("/retrospectives/{key}/investigator");
    assert_eq!(
        ask(app, &eve, "GET", &path, Value::Null).await.0,
        StatusCode::NOT_FOUND,
        "she is asked no more"
    );

    company.hours(3);
    assert_eq!(go_on(&app.app).await.unwrap(), 0, "he has time until 16:00");
    company.hours(2);
    assert_eq!(go_on(&app.app).await.unwrap(), 1);
    let search = company.search(&key).await;
    assert_eq!(told(&search), came("teammate", "Cora", "open"), "{search:#}");
    let states: Vec<&str> = search["turns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| turn["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["went_on", "went_on", "open"], "a no and no answer are the same");
    // It is 17:00 now: four working hours end on Friday at 13:00.
    assert_eq!(last(&search)["due_at"], "2026-03-06T13:00:00Z");

    company.answer(cora, &key, "passing", json!({})).await;
    let search = company.search(&key).await;
    assert_eq!(told(&search), came("manager", "Mia", "taken"), "hers at once: {search:#}");
    assert_eq!((&search["owner"], &search["unowned_minutes"]), (&json!("Mia"), &json!(300)));
    assert_eq!(why_not(&search, "pool"), "it had its turn; it went on from there");
    let draft = app.get(mia, &format!("/r/{key}/draft")).await;
    assert_eq!(draft.status, StatusCode::OK);

    // She hands it over, with context; until it is taken it stays hers.
    let to = json!({"to": dan.id, "context": "Ask legal first."});
    assert_eq!(company.answer(bob, &key, "handovers", to.clone()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(company.answer(mia, &key, "handovers", to).await.0, StatusCode::NO_CONTENT);
    assert_eq!(company.search(&key).await["owner"], "Mia");
    let asked = app.get(dan, &format!("/r/{key}/investigator")).await.body;
    assert!(asked.contains("Ask legal first.") && asked.contains("It is mine"), "{asked}");
    let (status, search) = company.answer(dan, &key, "acceptance", json!({})).await;
    assert_eq!((status, told(&search)), (StatusCode::OK, came("handed_over", "Dan", "taken")));
    let terms: Vec<&str> = search["terms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|term| term["name"].as_str().unwrap())
        .collect();
    assert_eq!((terms, &search["unowned_minutes"]), (vec!["Mia", "Dan"], &json!(300)));
    assert_eq!(
        app.get(mia, &format!("/r/{key}/draft")).await.status,
        StatusCode::OK,
        "she still reads it"
    );
    let activity = app.get(ada, &format!("/i/{key}/activity")).await.body;
    assert!(!activity.contains("Eve") && !activity.contains("Cora"), "{activity}");
}

/// 002-22: who is new is left in peace; 002-24: the commander, then nobody.
#[rstest]
#[tokio::test]
async fn who_is_new_away_or_loaded_is_not_asked(#[values(On::Sqlite, On::Postgres)] on: On) {
    let company = Company::start(on).await;
    let Company { app, ada, bob, cora, dan, .. } = &company;
    company.describe(bob, "2026-01-01").await;
    company.describe(cora, "2021-01-01").await;
    let away = json!({"name": "Cora", "zone": "UTC", "joined_on": "2021-01-01", "away_until": "2026-03-06"});
    company.admin("PUT", &format!("/people/{}/details", cora.id), away).await;
    company.admin("PUT", "/teams/payments", json!({"name": "Payments"})).await;
    let key = company.incident(Some(bob)).await;
    let search = company.open(&key).await;
    assert_eq!(told(&search), came("commander", "Dan", "open"), "{search:#}");
    assert_eq!(why_not(&search, "pool"), "nobody is in the trained pool");
    assert!(why_not(&search, "nearest").contains("fewer than 6 months"), "{search:#}");
    assert_eq!(why_not(&search, "teammate"), "Cora is away");
    assert_eq!(why_not(&search, "manager"), "nobody answers for the team Payments");
    company.answer(dan, &key, "passing", json!({})).await;
    let search = company.search(&key).await;
    assert_eq!((&last(&search)["state"], &search["owner"]), (&json!("nobody"), &Value::Null));
    let home = app.get(ada, "/").await.body;
    assert!(home.contains("Find somebody who investigates “Nobody could pay”"), "{home}");
    assert!(!app.get(bob, "/").await.body.contains("Find somebody who investigates"));
    assert_eq!(company.answer(bob, &key, "searches", json!({})).await.0, StatusCode::FORBIDDEN);

    // Anew, after Cora is back: everybody may be asked again.
    company.hours(24 * 4);
    let (status, search) = company.answer(ada, &key, "searches", json!({})).await;
    assert_eq!((status, told(&search)), (StatusCode::OK, came("teammate", "Cora", "open")));
    assert_eq!(company.answer(ada, &key, "searches", json!({})).await.0, StatusCode::CONFLICT);

    // Whoever is asked for one and has another has enough.
    let mut keys = Vec::new();
    for _ in 0..2 {
        let key = company.incident(None).await;
        keys.push((told(&company.open(&key).await).1.unwrap(), key));
    }
    assert_eq!(keys[0].0, "Cora");
    assert_eq!(keys[1].0, "Dan", "two are enough for Cora");
    let why = why_not(&company.search(&keys[1].1).await, "teammate");
    assert!(why.contains("Cora has 2 open reviews already"), "{why}");
}

#[rstest]
#[tokio::test]
async fn a_red_incident_is_asked_only_of_those_on_its_list(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let company = Company::start(on).await;
    let Company { app, ada, bob, cora, .. } = &company;
    let eve = app.person("eve", Seat::Contributor).await;
    company.train(&eve).await;
    company.describe(cora, "2021-01-01").await;
    let key = company.incident(None).await;
    company.admin("PUT", &format!("/incidents/{key}/label"), json!({"label": "red"})).await;
    let search = company.open(&key).await;
    assert_eq!(told(&search), came("commander", "Dan", "open"), "{search:#}");
    assert!(why_not(&search, "pool").contains("Eve is not on the list"), "{search:#}");
    let to = json!({"to": bob.id});
    let (status, refused) = company.answer(ada, &key, "handovers", to).await;
    assert_eq!(
        (status, &refused["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("to"))
    );
    let path = format!("/retrospectives/{key}/investigator");
    assert_eq!(ask(app, &eve, "GET", &path, Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        app.get(&eve, &format!("/r/{key}/investigator")).await.status,
        StatusCode::NOT_FOUND
    );

    // Who hands over another review counts only what they may know of.
    let (status, _) = company.answer(&company.dan, &key, "acceptance", json!({})).await;
    assert!(status.is_success(), "{status}");
    let other = company.incident(None).await;
    company.open(&other).await;
    let finn = app.person("finn", Seat::Editor).await;
    let page = format!("/r/{other}/investigator");
    assert!(app.get(ada, &page).await.body.contains("Dan, 1 open review"));
    assert!(!app.get(&finn, &page).await.body.contains("1 open review"));
}

#[rstest]
#[tokio::test]
async fn somebody_named_by_hand_ends_the_asking(#[values(On::Sqlite, On::Postgres)] on: On) {
    let company = Company::start(on).await;
    let Company { app, ada, bob, cora, .. } = &company;
    company.describe(cora, "2021-01-01").await;
    let key = company.incident(None).await;
    assert_eq!(told(&company.open(&key).await), came("teammate", "Cora", "open"));
    let leads = json!({"owner": bob.id});
    company.admin("PUT", &format!("/retrospectives/{key}/leads"), leads).await;
    let search = company.search(&key).await;
    assert_eq!(told(&search), came("teammate", "Cora", "withdrawn"));
    assert_eq!(search["terms"][0]["rule"], "by_hand");
    assert_eq!(company.answer(cora, &key, "acceptance", json!({})).await.0, StatusCode::CONFLICT);
    company.hours(48);
    assert_eq!(go_on(&app.app).await.unwrap(), 0);

    // The pages do the same as the API.
    let key = company.incident(None).await;
    company.open(&key).await;
    let page = app.get(ada, &format!("/r/{key}/investigator")).await.body;
    assert!(page.contains("Cora") && page.contains("Why not by another rule"), "{page}");
    assert!(page.contains("Bob, 1 open review"), "who assigns sees what people carry: {page}");
    let seen_by_cora = app.get(cora, &format!("/r/{key}/investigator")).await.body;
    assert!(!seen_by_cora.contains("open review<"), "{seen_by_cora}");
    let path = format!("/r/{key}/investigator");
    assert_eq!(app.post(cora, &path, &[("do", "take")]).await.location, format!("/r/{key}/draft"));
    assert_eq!(company.search(&key).await["owner"], "Cora");
    let form = [("to", bob.id.as_str()), ("context", "Mind the ledger.")];
    app.post(cora, &format!("{path}/hand-over"), &form).await;
    assert_eq!(app.post(bob, &path, &[("do", "pass-on")]).await.location, "/");
    assert_eq!(company.search(&key).await["owner"], "Cora", "it stays where it was");
    assert_eq!(
        app.post(bob, &path, &[("do", "dance")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}
