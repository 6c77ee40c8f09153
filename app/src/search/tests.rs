//! Search through the site, on both databases.

use super::handle::{self, State};
use crate::access::{Seat, Viewer};
use crate::actions::tests::{accepted, proposed};
use crate::evidence::Mark;
use crate::evidence::{capture, take_in};
use crate::factors::tests::{factor, noted, reviewed};
use crate::incidents::{self, Incident, Label, change::Change};
use crate::people::Name;
use crate::retrospectives::{self, LessonSort};
use crate::services::{self, NewService};
use crate::testing::{Answer, On, TestApp};
use crate::timeline::{self, Fact};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use rstest::rstest;
use serde_json::Value;

/// A word that stands in everything that is hidden, and nowhere else.
const CANARY: &str = "zyxcanary";
/// One that is nowhere at all, of the same length.
const CONTROL: &str = "qwvjkhbtp";

async fn found(app: &TestApp, by: &Viewer, query: &str) -> Value {
    handle::catch_up(&app.app).await.unwrap();
    let answer = api(app, by, &format!("/api/v1/search?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

async fn api(app: &TestApp, by: &Viewer, path: &str) -> Answer {
    app.send(Some(by), Request::builder().uri(path).body(Body::empty()).unwrap()).await
}

fn keys(found: &Value) -> Vec<&str> {
    found["results"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect()
}

fn passage(found: &Value) -> String {
    let parts = found["results"][0]["found_in"][0]["passage"].as_array().unwrap();
    let shown = |part: &Value| match part["is_hit"].as_bool() {
        Some(true) => format!("[{}]", part["text"].as_str().unwrap()),
        _ => part["text"].as_str().unwrap().to_owned(),
    };
    parts.iter().map(shown).collect()
}

async fn declared(app: &TestApp, by: &Viewer, title: &str) -> Incident {
    let form = [("title", title), ("kind", "outage"), ("severity", "2")];
    let answer = app.post(by, "/incidents", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let key = answer.location.split('/').nth(2).unwrap().to_owned();
    let mut conn = app.app.db.read().await.unwrap();
    incidents::need(&mut conn, by, &key).await.unwrap()
}

async fn service(app: &TestApp, by: &Viewer, name: &str) -> services::ServiceId {
    let name = Name::parse(name).unwrap();
    let new = NewService { name, team: None, tier: 2, description: String::new() };
    services::add(&app.app, by, &new).await.unwrap()
}

async fn entry(app: &TestApp, by: &Viewer, incident: &Incident, text: &str) {
    let path = format!("/i/{}/timeline", incident.key());
    let fact = Fact::ALL[0].name();
    let form = [("at", "2026-03-05 11:00"), ("fact", fact), ("text", text), ("zone", "UTC")];
    let answer = app.post(by, &path, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let mut conn = app.app.db.read().await.unwrap();
    let all = timeline::of_incident(&mut conn, by, incident).await.unwrap();
    assert!(all.iter().any(|one| one.text == text), "it is there");
}

#[rstest]
#[tokio::test]
async fn what_was_just_written_is_found_wherever_it_stands(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, cem) = (app.ada().await, app.person("cem", Seat::Contributor).await);
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let key = incident.key().to_string();
    entry(&app, &ada, &incident, "The connection pools were exhausted").await;
    noted(&app, &ada, &incident, "dial tcp 10.0.0.1:5432: connect: ECONNREFUSED").await;
    factor(&app, &ada, &key, "Two nodes share one limit").await;
    let action = proposed(&app, &ada, &key, "Buy a second gadget").await;
    declared(&app, &ada, "Mail arrived late").await;
    for (query, place, said) in [
        ("q=paid+nobody", "incident", ""),
        ("q=pool", "timeline", "The connection [pools] were exhausted"),
        ("q=%22pools+were+exhausted%22", "timeline", "The connection [pools] [were] [exhausted]"),
        ("q=exha*", "timeline", "The connection pools were [exhausted]"),
        ("q=conection", "timeline", "The [connection] pools were exhausted"),
        ("q=econnrefused", "evidence", "connect: [ECONNREFUSED]"),
        ("q=10.0.0.1:5432", "evidence", "[10.0.0.1:5432]"),
        ("q=share+limit", "factors", "Two nodes [share] one [limit]"),
        ("q=gadget", "action", "ACT-1 Buy a second [gadget]"),
        ("q=ACT-1", "action", "[ACT-1] Buy"),
        ("q=INC-1", "incident", ""),
    ] {
        let answer = found(&app, &ada, query).await;
        if query.contains("paid") {
            // "paid" is not "pay" to a stemmer; "nobody" still leads there.
            assert_eq!(keys(&answer), ["INC-1"], "{query}");
            continue;
        }
        assert_eq!(keys(&answer)[0], "INC-1", "{query}: {answer}");
        let places = answer["results"][0]["found_in"].as_array().unwrap();
        assert!(places.iter().any(|one| one["what"] == place), "{query}: {answer}");
        assert!(passage(&answer).contains(said), "{query}: {}", passage(&answer));
    }
    let mended = found(&app, &ada, "q=conection").await;
    assert_eq!(mended["mended"][0]["found"], "connection");
    assert_eq!(found(&app, &ada, "q=pool+-exhausted").await["total"], 0);
    // A word of the title and one of the evidence.
    assert_eq!(keys(&found(&app, &ada, "q=nobody+econnrefused").await), ["INC-1"]);
    assert_eq!(found(&app, &ada, "q=gadget").await["results"][0]["open_actions"], 0);
    accepted(&app, &ada, &action, &cem, "2026-04-01").await;
    assert_eq!(found(&app, &ada, "q=gadget").await["results"][0]["open_actions"], 1);
    assert_eq!(found(&app, &ada, "q=nobody&open_actions=no").await["total"], 0);
    // The draft's factors are for its people; the accepted action for everybody.
    assert_eq!(found(&app, &cem, "q=share+limit").await["total"], 0);
    assert_eq!(found(&app, &cem, "q=gadget").await["total"], 1);
}

#[rstest]
#[tokio::test]
async fn a_pasted_line_finds_the_incident_that_had_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = declared(&app, &ada, "Nobody could pay").await;
    let line = "2026-03-05T10:00:01Z ERROR payments.pool: acquire: context deadline exceeded \
                (host=db-7.internal, waited=30000ms)";
    noted(&app, &ada, &incident, line).await;
    let other = declared(&app, &ada, "Mail arrived late").await;
    noted(&app, &ada, &other, "ERROR in the host of mail, and somebody waited").await;
    let asked = "2026-11-17T23:59:59Z ERROR payments.pool: acquire: context deadline exceeded \
                 (host=db-9.internal, waited=31337ms)";
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", asked).finish();
    let answer = found(&app, &ada, &query).await;
    assert_eq!(keys(&answer)[0], "INC-1", "{answer}");
    assert!(
        answer["results"][0]["found_in"][0]["url"].as_str().unwrap().contains("/evidence/evi_")
    );
}

#[rstest]
#[tokio::test]
async fn it_follows_edits_undone_imports_and_marks(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = declared(&app, &ada, "Nobody could pay").await;
    let note = noted(&app, &ada, &incident, "gremlins").await;
    assert_eq!(found(&app, &ada, "q=gremlins").await["total"], 1);
    let piece = capture::which(&app.app, &ada, &incident, Some(note.as_str())).await.unwrap();
    capture::mark(&app.app, &ada, &incident, &piece, Mark::Pinned, true).await.unwrap();
    assert_eq!(found(&app, &ada, "q=gremlins").await["total"], 1, "a pin loses nothing");
    let path = format!("/api/v1/incidents/{}/imports?file_name=app.log", incident.key());
    let body = "2026-03-05T10:00:01Z ERROR kaboomers in the cellar\n".repeat(3);
    let request = Request::builder().method(Method::POST).uri(&path);
    let request = request.header("content-type", "application/octet-stream");
    let request = request.header("content-length", body.len());
    let import = app.send(Some(&ada), request.body(Body::from(body)).unwrap()).await;
    assert_eq!(import.status, StatusCode::CREATED, "{}", import.body);
    assert_eq!(keys(&found(&app, &ada, "q=kaboomers").await), ["INC-1"]);
    let import: Value = serde_json::from_str(&import.body).unwrap();
    let id = crate::evidence::ImportId::parse(import["id"].as_str().unwrap()).unwrap();
    let import = take_in::show(&app.app, &ada, &incident, &id).await.unwrap();
    capture::undo(&app.app, &ada, &incident, &id).await.unwrap();
    assert_eq!(found(&app, &ada, "q=kaboomers").await["total"], 0, "taken back");
    assert_eq!(found(&app, &ada, "q=gremlins").await["total"], 1, "the rest stays");
    let said = take_in::Asked::default();
    take_in::again(&app.app, &ada, &incident, &import, said).await.unwrap();
    assert_eq!(found(&app, &ada, "q=kaboomers").await["total"], 1, "brought again");
    let form = [("title", "Somebody could pay"), ("kind", "outage"), ("version", "1")];
    app.post(&ada, "/i/INC-1/edit", &form).await;
}

#[rstest]
#[tokio::test]
async fn facets_are_counted_and_narrow(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let (pay, mail) = (service(&app, &ada, "Payments").await, service(&app, &ada, "Mail").await);
    for (title, hit) in [("Pool was empty", &pay), ("Pool was full", &pay), ("Pool froze", &mail)] {
        let incident = declared(&app, &ada, title).await;
        let change = Change::by(&app.app, &ada, &incident, None).unwrap();
        change.hits(std::slice::from_ref(hit), &[]).await.unwrap();
    }
    let all = found(&app, &ada, "q=pool").await;
    assert_eq!(all["total"], 3);
    let services = &all["choices"]["service"];
    assert_eq!(services[0]["label"], "Payments");
    assert_eq!((&services[0]["count"], &services[1]["count"]), (&2.into(), &1.into()));
    let some = found(&app, &ada, "q=pool&service=mail").await;
    assert_eq!(keys(&some), ["INC-3"]);
    assert_eq!(some["choices"]["service"][0]["count"], 2, "what another choice would give");
    assert_eq!(some["choices"]["kind"][0]["count"], 1, "of those that are left");
    assert_eq!(found(&app, &ada, "service=payments").await["total"], 2, "without words");
    assert_eq!(found(&app, &ada, "q=pool&from=2026-03-06").await["total"], 0);
    assert_eq!(found(&app, &ada, "q=pool&to=2026-03-06&severity=2&kind=outage").await["total"], 3);
    let page = app.get(&ada, "/search?q=pool&service=mail").await;
    assert!(page.body.contains("<mark>Pool</mark> froze"), "{}", page.body);
    assert!(page.body.contains("aria-current=\"true\">Mail"), "{}", page.body);
    let csv = app.get(&ada, "/search.csv?q=pool").await.body;
    assert_eq!(csv.lines().count(), 4, "{csv}");
}

#[rstest]
#[tokio::test]
async fn b63_odd_questions_have_an_answer_or_a_clear_refusal(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    declared(&app, &ada, "Nobody could pay").await;
    handle::catch_up(&app.app).await.unwrap();
    for odd in [
        "\"",
        "*",
        "(((",
        "NEAR/99999",
        "a* b* c*",
        "^.*$|[a-z]+",
        "a\0b",
        "-",
        "-pay",
        "\u{202e}",
        "title:pay AND (",
        "pay~9999",
        "\\",
        "ｐａｙ",
        "p*",
        "💥",
    ] {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", odd).finish();
        for path in ["/search", "/search.csv", "/api/v1/search", "/api/v1/search/suggest"] {
            let answer = app.get(&ada, &format!("{path}?{query}")).await;
            // Programs are told what no text holds; who types it in a page has it taken out.
            let is_refused = odd.contains('\0') && path.starts_with("/api/");
            let status = if is_refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            assert_eq!(answer.status, status, "{odd:?} {path}: {}", answer.body);
        }
    }
    let many = "q=".to_owned() + &"word+".repeat(10_000);
    let refused = app.get(&ada, &format!("/search?{many}")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("at most 4000 characters"), "{}", refused.body);
    for bad in
        ["kind=nonsense", "severity=9", "from=yesterday", "page=0", "page=x", "open_actions=1"]
    {
        let refused = api(&app, &ada, &format!("/api/v1/search?q=pay&{bad}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(refused.body.contains(bad.split('=').next().unwrap()), "{}", refused.body);
    }
}

#[rstest]
#[tokio::test]
async fn without_an_index_the_database_answers_and_says_so(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    declared(&app, &ada, "Nobody could pay").await;
    let page = app.get(&ada, "/search?q=nobody").await.body;
    assert!(
        page.contains("The index is being made") && page.contains("<mark>Nobody</mark>"),
        "{page}"
    );
    assert_eq!(app.app.search.state(), State::Missing);
    assert_eq!(found(&app, &ada, "q=nobody").await["is_simple"], false);
    assert_eq!(app.app.search.state(), State::Ready);
}

#[rstest]
#[tokio::test]
async fn without_an_index_answers_are_narrowed_too(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let first = declared(&app, &ada, "Nobody could pay").await;
    declared(&app, &ada, "Nobody could sign in").await;
    let checkout = service(&app, &ada, "Checkout").await;
    Change::by(&app.app, &ada, &first, None).unwrap().hits(&[checkout], &[]).await.unwrap();
    let resolved = serde_json::json!({ "status": "resolved", "reason": "" });
    app.api(&ada, Method::POST, "/api/v1/incidents/INC-1/statuses", resolved).await;
    for (narrow, expected) in [
        ("", vec!["INC-2", "INC-1"]),
        ("&service=checkout", vec!["INC-1"]),
        ("&service=mail", vec![]),
        ("&team=payments", vec![]),
        ("&kind=outage&severity=2", vec!["INC-2", "INC-1"]),
        ("&kind=data", vec![]),
        ("&severity=1", vec![]),
        ("&state=resolved", vec!["INC-1"]),
        ("&from=2026-03-05&to=2026-03-05", vec!["INC-2", "INC-1"]),
        ("&from=2026-03-06", vec![]),
        ("&open_actions=yes", vec![]),
        ("&open_actions=no&service=checkout", vec!["INC-1"]),
    ] {
        let answer = api(&app, &ada, &format!("/api/v1/search?q=nobody{narrow}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{narrow}: {}", answer.body);
        let found: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(found["is_simple"], true);
        assert_eq!(keys(&found), expected, "{narrow}");
    }
    assert_eq!(app.app.search.state(), State::Missing);
}

#[rstest]
#[tokio::test]
async fn who_said_it_is_found_after_what_was_said(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let (one, two) = (declared(&app, &ada, "One").await, declared(&app, &ada, "Two").await);
    noted(&app, &ada, &two, "zaphod was asked").await;
    let line = r#"{"at":"2026-03-05T11:00:00Z","text":"the pool is empty","by":"Zaphod <zaphod@example.org>"}"#;
    let path = format!(
        "/api/v1/incidents/{}/imports?file_name=said.jsonl&mapping=at=at,text=text,author=by",
        one.key()
    );
    let request = Request::builder().method(Method::POST).uri(&path);
    let request = request.header("content-type", "application/octet-stream");
    let request = request.header("content-length", line.len());
    let import = app.send(Some(&ada), request.body(Body::from(line)).unwrap()).await;
    assert_eq!(import.status, StatusCode::CREATED, "{}", import.body);
    let answer = found(&app, &ada, "q=zaphod").await;
    assert_eq!(keys(&answer), ["INC-2", "INC-1"], "{answer}");
    let said = answer["results"][1]["found_in"][0]["passage"].to_string();
    assert!(said.contains("pool") && said.contains("Zaphod"), "{said}");
    assert!(!answer.to_string().contains("example.org"), "{answer}");
}

#[rstest]
#[tokio::test]
async fn a_search_that_fails_says_that_it_failed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    declared(&app, &ada, "Nobody could pay").await;
    // Made by what ran before and opened anew, so that nothing of it is in memory yet.
    handle::rebuild(&app.app).await.unwrap();
    let home = app.app.config.data.join("index");
    let folder = home.join(std::fs::read_to_string(home.join("current")).unwrap().trim());
    // A disk that lost what was written: as long as before, and nothing but zeros.
    let mut damaged = 0;
    for file in std::fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "store") {
            let size = usize::try_from(path.metadata().unwrap().len()).unwrap();
            let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            std::io::Write::write_all(&mut file, &vec![0; size]).unwrap();
            damaged += 1;
        }
    }
    assert!(damaged > 0);
    let answer = api(&app, &ada, "/api/v1/search?q=nobody").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    assert!(answer.body.contains("search_failed"), "{}", answer.body);
    handle::rebuild(&app.app).await.unwrap();
    assert_eq!(found(&app, &ada, "q=nobody").await["total"], 1, "it is made anew");
}

#[rstest]
#[tokio::test]
async fn a_damaged_or_foreign_index_is_made_anew_and_a_good_one_is_kept(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    declared(&app, &ada, "Nobody could pay").await;
    assert_eq!(found(&app, &ada, "q=nobody").await["total"], 1);
    let home = app.app.config.data.join("index");
    let current = || std::fs::read_to_string(home.join("current")).unwrap();
    let first = current();
    let again = |app: &TestApp| {
        let mut other = app.app.clone();
        other.search = super::Search::default();
        other
    };
    // As after a restart: the engine that held the folder is gone.
    drop(std::mem::take(&mut again(&app).search));
    handle::rebuild(&app.app).await.unwrap();
    let second = current();
    assert_ne!(first, second);
    assert!(!home.join(&first).exists(), "the one before is gone");
    assert_eq!(found(&app, &ada, "q=nobody").await["total"], 1);
    // Damaged: its list of parts does not read.
    let meta = home.join(&second).join("meta.json");
    std::fs::write(&meta, "{").unwrap();
    let restarted = again(&app);
    handle::catch_up(&restarted).await.unwrap();
    assert_ne!(current(), second, "made anew");
    assert_eq!(restarted.search.view().unwrap().searcher.num_docs(), 1);
}

/// Everything a red incident or a draft can say, with the canary in it.
async fn hidden(app: &TestApp, by: &Viewer, title: &str, is_red: bool) -> Incident {
    let incident = reviewed(app, by, title, "standard").await;
    let key = incident.key().to_string();
    let says = |what: &str| format!("{what} {CANARY} {what}");
    if is_red {
        let change = Change::by(&app.app, by, &incident, None).unwrap();
        let secret = service(app, by, &says("Service")).await;
        change.hits(&[secret], &[]).await.unwrap();
        entry(app, by, &incident, &says("Entry")).await;
        noted(app, by, &incident, &says("Note")).await;
        change.label(Label::Red).await.unwrap();
    }
    retrospectives::write(&app.app, by, &key, "sum", (0, &says("Section"))).await.unwrap();
    factor(app, by, &key, &says("Factor")).await;
    let lesson = (LessonSort::ALL[0], says("Lesson"));
    retrospectives::add_lesson(&app.app, by, &key, (lesson.0, &lesson.1)).await.unwrap();
    let action = proposed(app, by, &key, &says("Action")).await;
    if is_red {
        accepted(app, by, &action, by, "2026-04-01").await;
    }
    let risk = says("Risk");
    let form = [("statement", risk.as_str()), ("likelihood", "medium"), ("impact", "high")];
    let answer = app.post(by, &format!("/r/{key}/risks"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    incident
}

/// An answer without what differs each time, and with one word for what was asked.
fn plain(answer: &Answer, word: &str) -> String {
    let body = answer.body.replace(word, "WORD");
    let mut out = String::new();
    for line in body.lines() {
        let is_time = line.contains(" ms");
        out.push_str(if is_time { "took" } else { line });
        out.push('\n');
    }
    match serde_json::from_str::<Value>(&body) {
        Ok(mut json) => {
            json["took_ms"] = Value::Null;
            format!("{} {json}", answer.status)
        }
        Err(_) => format!("{} {out}", answer.status),
    }
}

#[rstest]
#[tokio::test]
async fn i15_nothing_tells_of_what_is_hidden(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let seats = [Seat::Administrator, Seat::Editor, Seat::Contributor, Seat::Reader];
    let mut outsiders = Vec::new();
    for (name, seat) in ["otto", "edda", "cora", "rolf"].into_iter().zip(seats) {
        outsiders.push(app.person(name, seat).await);
    }
    let priya = app.person("priya", Seat::Auditor).await;
    declared(&app, &ada, "Something everybody may know").await;
    hidden(&app, &ada, "A draft", false).await;
    hidden(&app, &ada, &format!("Red {CANARY}"), true).await;
    assert_eq!(
        keys(&found(&app, &ada, &format!("q={CANARY}")).await).len(),
        2,
        "its people find both"
    );
    // The auditor reads the red incident, and no draft.
    let audited = found(&app, &priya, &format!("q={CANARY}")).await;
    assert_eq!(keys(&audited), ["INC-3"], "{audited}");
    let places = audited["results"][0]["found_in"].as_array().unwrap();
    assert!(places.iter().all(|one| !one["url"].as_str().unwrap().starts_with("/r/")), "{audited}");
    let mut cells = 0;
    for outsider in &outsiders {
        for form in [
            "q=WORD",
            "q=%22WORD+entry%22",
            "q=WORD+entry",
            "q=SHORT*",
            "q=SHORTbry",
            "q=-WORD",
            "q=everybody+WORD",
            "q=note+WORD+section+factor+lesson+action+risk+entry",
            "service=service-WORD-service",
            "q=everybody&service=service-WORD-service",
        ] {
            for path in ["/search", "/search.csv", "/api/v1/search", "/api/v1/search/suggest"] {
                let ask = |word: &str| form.replace("WORD", word).replace("SHORT", &word[..6]);
                let told = app.get(outsider, &format!("{path}?{}", ask(CANARY))).await;
                let nothing = app.get(outsider, &format!("{path}?{}", ask(CONTROL))).await;
                let (told, nothing) = (
                    plain(&told, CANARY).replace(&CANARY[..6], "SHORT"),
                    plain(&nothing, CONTROL).replace(&CONTROL[..6], "SHORT"),
                );
                assert_eq!(told, nothing, "{path}?{form} as {}", outsider.seat.name());
                cells += 1;
            }
        }
        let all = found(&app, outsider, "kind=outage").await;
        assert_eq!(all["total"], 2, "the red one is not counted");
        assert!(!all.to_string().contains(CANARY), "{all}");
    }
    println!("{cells} answers compared with those for a word that is nowhere");
    // Shared a moment ago, and taken away again.
    let rolf = &outsiders[3];
    let incident = {
        let mut conn = app.app.db.read().await.unwrap();
        incidents::need(&mut conn, &ada, "INC-3").await.unwrap()
    };
    let change = Change::by(&app.app, &ada, &incident, None).unwrap();
    change.share(&rolf.id, "Rolf").await.unwrap();
    assert_eq!(found(&app, rolf, &format!("q={CANARY}")).await["total"], 1, "shared");
    change.unshare(&rolf.id).await.unwrap();
    let before = api(&app, rolf, &format!("/api/v1/search?q={CANARY}")).await.body;
    let before: Value = serde_json::from_str(&before).unwrap();
    assert_eq!(before["results"].as_array().unwrap().len(), 0, "also before the index follows");
    assert_eq!(before["total"], 0);
    assert_eq!(found(&app, rolf, &format!("q={CANARY}")).await["total"], 0);
}

#[rstest]
#[tokio::test]
async fn the_palette_offers_pages_keys_people_and_incidents(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Reader).await);
    declared(&app, &ada, "Nobody could pay").await;
    handle::catch_up(&app.app).await.unwrap();
    let offers = async |by: &Viewer, q: &str| {
        let answer = api(&app, by, &format!("/api/v1/search/suggest?q={q}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        let offers = answer["offers"].as_array().unwrap().clone();
        offers.iter().map(|one| one["url"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(offers(&ada, "retros").await.contains(&"/retros".to_owned()));
    assert_eq!(offers(&ada, "inc-1").await[0], "/i/INC-1");
    assert!(offers(&ada, "nob").await.contains(&"/i/INC-1".to_owned()), "as one types");
    assert!(offers(&ada, "new").await.contains(&"/incidents/new".to_owned()));
    assert!(
        !offers(&rob, "new").await.contains(&"/incidents/new".to_owned()),
        "a reader writes none"
    );
    assert!(offers(&rob, "ad").await.iter().any(|url| url.starts_with("/people")));
    assert!(!offers(&rob, "audit").await.contains(&"/audit".to_owned()));
    let answer = app.get_as_nobody("/search?q=pay").await;
    assert_eq!(answer.location, "/sign-in?next=/search%3Fq%3Dpay");
}

#[rstest]
#[tokio::test]
async fn an_administrator_has_it_made_anew_while_it_answers(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Reader).await);
    declared(&app, &ada, "Nobody could pay").await;
    let following = handle::start(&app.app);
    let until = async |wanted: &str| {
        for _ in 0..200 {
            let answer = api(&app, &ada, "/api/v1/search?q=nobody").await.body;
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer["total"], 1, "it always answers");
            if answer["index"] == wanted {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("it is never {wanted}");
    };
    until("ready").await;
    let refused = app.api(&rob, Method::POST, "/api/v1/search/index", Value::Null).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let begun = app.api(&ada, Method::POST, "/api/v1/search/index", Value::Null).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    until("ready").await;
    // What is written now is found within a second, by the task alone.
    declared(&app, &ada, "Goblins in the cellar").await;
    let began = std::time::Instant::now();
    loop {
        let answer = api(&app, &ada, "/api/v1/search?q=goblins").await.body;
        if answer.contains("INC-2") {
            break;
        }
        assert!(began.elapsed().as_millis() < 5_000, "{answer}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    println!("found {} ms after it was saved", began.elapsed().as_millis());
    following.abort();
}
