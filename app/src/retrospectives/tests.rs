//! Retrospectives through the site: who decides, who reads, how it moves, what is never lost.

use super::{Address, Opening, Saved, State, lessons, open, sections, write};
use crate::access::{PersonId, Seat, Viewer};
use crate::incidents::{self, Incident};
use crate::kinds;
use crate::testing::{Answer, On, TestApp};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use rstest::rstest;

/// An incident that `by` declared and commanded, and that has resolved.
async fn resolved(app: &TestApp, by: &Viewer, title: &str, kind: &str) -> Incident {
    let answer = app.post(by, "/incidents", &[("title", title), ("kind", kind)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let key = answer.location.split('/').nth(2).unwrap().to_owned();
    if kind != "near_miss" {
        let form = [("status", "resolved")];
        let answer = app.post(by, &format!("/i/{key}/status"), &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    let mut conn = app.app.db.read().await.unwrap();
    incidents::need(&mut conn, by, &key).await.unwrap()
}

/// A retrospective of it that `by` owns.
async fn owned(app: &TestApp, by: &Viewer, incident: &Incident, kind: &str) -> String {
    let kind = kinds::find(kind).unwrap();
    let owner = Some(by.id.clone());
    let reason = "It was asked for.".to_owned();
    let opening = Opening { kind, reason, owner, facilitator: None, is_another: true };
    open(&app.app, by, incident, &opening).await.unwrap().to_string()
}

async fn wrote(
    app: &TestApp,
    by: &Viewer,
    key: &str,
    section: &str,
    version: i64,
    text: &str,
) -> i64 {
    match write(&app.app, by, key, section, (version, text)).await.unwrap() {
        Saved::Yes { version, .. } => version,
        Saved::Overtaken { theirs } => panic!("overtaken by {theirs:?}"),
    }
}

/// What the autosaving form sends.
async fn autosave(app: &TestApp, by: &Viewer, path: &str, version: i64, text: &str) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).append_pair("text", text).finish();
    let request = Request::builder().method(Method::POST).uri(path);
    let request = request.header(header::ACCEPT, "application/json");
    let request = request.header(header::IF_MATCH, format!("\"{version}\""));
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(Some(by), request.body(Body::from(body)).unwrap()).await
}

#[rstest]
#[tokio::test]
async fn a_resolved_incident_offers_a_kind_with_its_reason_and_one_form_opens_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let path = format!("/i/{}", incident.key());
    let page = app.get(&ada, &path).await;
    assert!(page.body.contains("Proposed: Standard review."), "{}", page.body);
    assert!(page.body.contains("something they use was not there"), "the reason is there");
    let why = app.get(&ada, &format!("{path}/retro")).await;
    assert!(why.body.contains("could not tell: data exposed is missing"), "{}", why.body);

    let form = [("decision", "open"), ("kind", "standard"), ("owner", ada.id.as_str())];
    let opened = app.post(&ada, &format!("{path}/retro"), &form).await;
    assert_eq!(opened.location, format!("/r/{}/draft", incident.key()), "{}", opened.body);
    let draft = app.get(&ada, &opened.location).await;
    assert!(
        draft.body.contains("Gather what the incident left behind"),
        "the next step: {}",
        draft.body
    );
    assert!(draft.body.contains("Why were we surprised?"), "the sections of the kind");
    assert!(app.get(&ada, &path).await.body.contains("Ada owns it"));
    let again = app.post(&ada, &format!("{path}/retro"), &form).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "one is under way");
    let another = [("decision", "open"), ("kind", "light"), ("why", "Quick."), ("another", "on")];
    assert_eq!(
        app.post(&ada, &format!("{path}/retro"), &another).await.status,
        StatusCode::SEE_OTHER
    );
    let first = app.get(&ada, &format!("/r/{}.1/draft", incident.key())).await;
    assert!(first.body.contains("Standard review"), "I25: both are there");
}

#[rstest]
#[tokio::test]
async fn a_waiver_needs_a_reason_and_keeps_the_name(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "A blip", "degradation").await;
    let path = format!("/i/{}/retro", incident.key());
    let none = app.post(&ada, &path, &[("decision", "waive"), ("text", "kept words")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("Choose why") && none.body.contains("kept words"), "{}", none.body);
    let wordless = app.post(&ada, &path, &[("decision", "waive"), ("code", "other")]).await;
    assert!(wordless.body.contains("Say why in a sentence"), "{}", wordless.body);
    let form = [("decision", "waive"), ("code", "known_and_treated"), ("text", "Fixed on Friday.")];
    assert_eq!(app.post(&ada, &path, &form).await.status, StatusCode::SEE_OTHER);
    for place in
        [format!("/i/{}", incident.key()), "/retros".into(), format!("/r/{}", incident.key())]
    {
        let page = app.get(&ada, &place).await.body;
        assert!(page.contains("Fixed on Friday.") && page.contains("Ada"), "I13, {place}: {page}");
    }
}

#[rstest]
#[tokio::test]
async fn editors_and_the_commander_decide_and_nobody_else(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let bob = app.person("bob", Seat::Contributor).await;
    let cem = app.person("cem", Seat::Contributor).await;
    let eve = app.person("eve", Seat::Reader).await;
    let incident = resolved(&app, &bob, "Search was slow", "outage").await;
    let path = format!("/i/{}/retro", incident.key());
    let form = [("decision", "open"), ("kind", "light"), ("why", "It was small.")];
    for other in [&cem, &eve] {
        assert!(app.get(other, &path).await.body.contains("or an editor"));
        assert_eq!(app.post(other, &path, &form).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(app.post(&bob, &path, &form).await.status, StatusCode::SEE_OTHER, "he commanded it");
}

#[rstest]
#[tokio::test]
async fn a_draft_exists_only_for_its_people_whatever_their_seat(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let bob = app.person("bob", Seat::Contributor).await;
    let others = [
        app.person("cem", Seat::Administrator).await,
        app.person("dora", Seat::Editor).await,
        app.person("eve", Seat::Reader).await,
        app.person("fay", Seat::Auditor).await,
    ];
    let incident = resolved(&app, &bob, "Carts were empty", "outage").await;
    let key = owned(&app, &bob, &incident, "standard").await;
    wrote(&app, &bob, &key, "sum", 0, "unbelievable-secret-words").await;
    let lesson = [("sort", "lucky"), ("text", "secret-lesson")];
    app.post(&bob, &format!("/r/{key}/lessons"), &lesson).await;
    let titled = [("title", "secret-title"), ("version", "3")];
    let titled = app.post(&bob, &format!("/r/{key}/title"), &titled).await;
    assert_eq!(titled.status, StatusCode::SEE_OTHER, "{}", titled.body);
    let mine = app.get(&bob, &format!("/r/{key}/edit")).await.body;
    assert!(mine.contains("unbelievable-secret-words") && mine.contains("secret-lesson"));

    for other in others.iter().chain([&ada]) {
        for path in
            ["", "/draft", "/edit", "/history", "/people", "/kind", ".1", ".1/edit", ".2/draft"]
        {
            let answer = app.get(other, &format!("/r/{key}{path}")).await;
            assert!(!answer.body.contains("secret"), "{} {path}: {}", other.handle, answer.body);
        }
        for path in ["/", "/retros", "/audit", &format!("/i/{key}"), &format!("/i/{key}/activity")]
        {
            let answer = app.get(other, path).await;
            assert!(!answer.body.contains("secret"), "{} {path}", other.handle);
        }
        assert_eq!(app.get(other, &format!("/r/{key}/edit")).await.status, StatusCode::NOT_FOUND);
        let plain = app.get(other, &format!("/r/{key}")).await;
        assert!(plain.body.contains("is being written; Bob owns it"), "{}", plain.body);
        for (path, form) in [
            ("sections/sum", [("text", "x"), ("version", "1")]),
            ("sections/sum/restore", [("old", "1"), ("version", "1")]),
            ("state", [("to", "on_hold"), ("reason", "x")]),
            ("people", [("person", other.id.as_str()), ("role", "observer")]),
            ("people/remove", [("person", bob.id.as_str()), ("role", "")]),
            ("kind", [("kind", "light"), ("version", "1")]),
            ("lessons", [("sort", "hard"), ("text", "x")]),
            ("no-action", [("before", ""), ("because", "x")]),
            ("title", [("title", "x"), ("version", "3")]),
            ("sections", [("section", "hyp"), ("version", "")]),
        ] {
            let answer = app.post(other, &format!("/r/{key}/{path}"), &form).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} {path}", other.handle);
        }
    }
    let itself = [("owner", others[0].id.as_str())];
    let answer = app.post(&others[0], &format!("/r/{key}/assign"), &itself).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "nobody gives themselves a draft");
    let handed = [("owner", ada.id.as_str())];
    let answer = app.post(&others[0], &format!("/r/{key}/assign"), &handed).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(app.get(&ada, &format!("/r/{key}/edit")).await.body.contains("secret"));
}

#[rstest]
#[tokio::test]
async fn a_red_incidents_retrospective_is_nowhere_for_others(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let bob = app.person("bob", Seat::Contributor).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &bob, "Somebody was in the portal", "security").await;
    let key = owned(&app, &bob, &incident, "security").await;
    for path in [
        format!("/r/{key}"),
        format!("/r/{key}/draft"),
        format!("/i/{key}/retro"),
        format!("/r/{key}/people"),
    ] {
        assert_eq!(app.get(&ada, &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/retros", "/retros?state=assigned", "/"] {
        let page = app.get(&ada, path).await;
        assert!(
            !page.body.contains("portal") && !page.body.contains(&key),
            "{path}: {}",
            page.body
        );
    }
    let form = [("person", ada.id.as_str()), ("role", "reviewer")];
    let refused = app.post(&bob, &format!("/r/{key}/people"), &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "not on the incident's list");
    assert!(refused.body.contains("not on the list"), "{}", refused.body);
}

#[rstest]
#[tokio::test]
async fn a_reader_among_its_people_reads_and_writes_nothing(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let eve = app.person("eve", Seat::Reader).await;
    let incident = resolved(&app, &ada, "Mail was late", "outage").await;
    let key = owned(&app, &ada, &incident, "light").await;
    wrote(&app, &ada, &key, "sum", 0, "It was **late**.").await;
    let form = [("person", eve.id.as_str()), ("role", "reviewer")];
    assert_eq!(
        app.post(&ada, &format!("/r/{key}/people"), &form).await.status,
        StatusCode::SEE_OTHER
    );
    let page = app.get(&eve, &format!("/r/{key}/edit")).await.body;
    assert!(page.contains("<strong>late</strong>") && !page.contains("<textarea"), "{page}");
    let form = [("text", "x"), ("version", "1")];
    let refused = app.post(&eve, &format!("/r/{key}/sections/sum"), &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let owner = [("owner", eve.id.as_str())];
    let refused = app.post(&ada, &format!("/r/{key}/assign"), &owner).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a reader cannot own it");
    let gone = [("person", eve.id.as_str())];
    app.post(&ada, &format!("/r/{key}/people/remove"), &gone).await;
    assert_eq!(app.get(&eve, &format!("/r/{key}/edit")).await.status, StatusCode::NOT_FOUND);
}

#[rstest]
#[tokio::test]
async fn it_moves_by_the_table_and_each_move_says_who_and_why(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Slow pages", "outage").await;
    let key = owned(&app, &ada, &incident, "standard").await;
    let go = async |to: &str, reason: &str| {
        let form = [("to", to), ("reason", reason)];
        app.post(&ada, &format!("/r/{key}/state"), &form).await
    };
    let skipped = go("in_review", "").await;
    assert_eq!(skipped.status, StatusCode::CONFLICT);
    assert!(skipped.body.contains("from there it can be: gathering, on hold"), "{}", skipped.body);
    assert_eq!(go("gathering", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(go("on_hold", " ").await.status, StatusCode::UNPROCESSABLE_ENTITY, "needs words");
    assert_eq!(
        go("on_hold", "The supplier answers on Monday.").await.status,
        StatusCode::SEE_OTHER
    );
    assert!(app.get(&ada, &format!("/r/{key}/draft")).await.body.contains("answers on Monday"));
    assert_eq!(go("drafting", "").await.status, StatusCode::CONFLICT, "back to where it was");
    for to in ["gathering", "drafting", "in_review", "meeting_held", "finalising"] {
        assert_eq!(go(to, "").await.status, StatusCode::SEE_OTHER, "{to}");
    }
    assert_eq!(
        go("published", "").await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a release does"
    );
    let mut conn = app.app.db.read().await.unwrap();
    let retro = super::need_for_reading(&mut conn, &ada, &key).await.unwrap();
    let moves = super::moves(&mut conn, &retro.id).await.unwrap();
    let told: Vec<State> = moves.iter().map(|one| one.state).collect();
    assert_eq!(
        told,
        [
            State::Proposed,
            State::Assigned,
            State::Gathering,
            State::OnHold,
            State::Gathering,
            State::Drafting,
            State::InReview,
            State::MeetingHeld,
            State::Finalising
        ]
    );
    assert!(moves.iter().all(|one| one.name == "Ada"));
    assert!(!super::is_published(&mut conn, &retro.id).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn two_who_write_at_once_see_both_texts_and_lose_none(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let bob = app.person("bob", Seat::Contributor).await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "light").await;
    let form = [("person", bob.id.as_str()), ("role", "note_taker")];
    app.post(&ada, &format!("/r/{key}/people"), &form).await;
    let path = format!("/r/{key}/sections/sum");
    let saved = autosave(&app, &ada, &path, 0, "Ada's words").await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    let said: serde_json::Value = serde_json::from_str(&saved.body).unwrap();
    assert_eq!(said["version"], 1);
    assert!(said["said"].as_str().unwrap().starts_with("Saved 12:00"), "{said}");

    let late = autosave(&app, &bob, &path, 0, "Bob's words").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let said: serde_json::Value = serde_json::from_str(&late.body).unwrap();
    assert_eq!((said["theirs"].as_str(), said["version"].as_i64()), (Some("Ada's words"), Some(1)));
    let form = [("text", "Bob's words"), ("version", "0")];
    let page = app.post(&bob, &path, &form).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(
        page.body.contains("Bob&#39;s words") && page.body.contains("Ada&#39;s words"),
        "{}",
        page.body
    );
    let form = [("text", "both"), ("version", "1")];
    assert_eq!(app.post(&bob, &path, &form).await.status, StatusCode::SEE_OTHER);
    let nameless = app.post(&bob, &path, &[("text", "blind")]).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY, "which version?");
    assert_eq!(autosave(&app, &ada, &path, 7, "both").await.status, StatusCode::OK, "same words");
}

#[rstest]
#[tokio::test]
async fn every_saved_text_is_kept_and_can_stand_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "light").await;
    wrote(&app, &ada, &key, "sum", 0, "about 45,000 orders").await;
    app.clock.advance(std::time::Duration::from_secs(3600));
    wrote(&app, &ada, &key, "sum", 1, "about 30,000 orders").await;
    let history = app.get(&ada, &format!("/r/{key}/history?section=sum")).await.body;
    assert!(
        history.contains("<del>45,000</del>") && history.contains("<ins>30,000</ins>"),
        "{history}"
    );
    let form = [("old", "1"), ("version", "2")];
    let restored = app.post(&ada, &format!("/r/{key}/sections/sum/restore"), &form).await;
    assert_eq!(restored.status, StatusCode::SEE_OTHER, "{}", restored.body);
    let edit = app.get(&ada, &format!("/r/{key}/edit")).await.body;
    assert!(edit.contains("about 45,000 orders") && edit.contains("data-version=\"3\""), "{edit}");
    let absent = [("old", "9"), ("version", "3")];
    let answer = app.post(&ada, &format!("/r/{key}/sections/sum/restore"), &absent).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[rstest]
#[tokio::test]
async fn a_confirmed_section_becomes_a_draft_when_it_is_edited(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "light").await;
    let path = format!("/r/{key}/sections/sum");
    let empty = app.post(&ada, &path, &[("text", ""), ("version", "0"), ("state", "ready")]).await;
    assert_eq!(empty.status, StatusCode::CONFLICT, "nothing to stand by");
    for (version, state) in [("0", "ready"), ("1", "confirmed")] {
        let form = [("text", "It was down."), ("version", version), ("state", state)];
        assert_eq!(app.post(&ada, &path, &form).await.status, StatusCode::SEE_OTHER, "{state}");
    }
    assert!(app.get(&ada, &format!("/r/{key}/draft")).await.body.contains("Ada stands by it"));
    app.post(&ada, &path, &[("text", "It was slow."), ("version", "1")]).await;
    let draft = app.get(&ada, &format!("/r/{key}/draft")).await.body;
    assert!(!draft.contains("stands by it"), "{draft}");
}

#[rstest]
#[tokio::test]
async fn changing_the_kind_up_and_down_loses_no_word(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "standard").await;
    wrote(&app, &ada, &key, "lead", 0, "The pool was small since May.").await;
    let form = |kind: &'static str, version: &'static str| {
        [("kind", kind), ("version", version), ("reason", "It looked otherwise at first.")]
    };
    let wordless = [("kind", "light"), ("version", "3")];
    let refused = app.post(&ada, &format!("/r/{key}/kind"), &wordless).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stale = app.post(&ada, &format!("/r/{key}/kind"), &form("light", "1")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let page = app.get(&ada, &format!("/r/{key}/kind?kind=light")).await.body;
    let version = page.split("name=\"version\" value=\"").nth(1).unwrap();
    let version: &'static str = version.split('"').next().unwrap().to_owned().leak();
    let smaller = app.post(&ada, &format!("/r/{key}/kind"), &form("light", version)).await;
    assert_eq!(smaller.status, StatusCode::SEE_OTHER, "{}", smaller.body);
    let edit = app.get(&ada, &format!("/r/{key}/edit")).await.body;
    assert!(edit.contains("The pool was small since May."), "the word stays");
    assert!(!edit.contains("t-resp"), "what was empty and is not of the kind is out of the way");
    let mut conn = app.app.db.read().await.unwrap();
    let retro = super::need_for_reading(&mut conn, &ada, &key).await.unwrap();
    drop(conn);
    let bigger = kinds::find("major").unwrap();
    let looked = app.get(&ada, &format!("/r/{key}/kind?kind=major")).await.body;
    assert!(looked.contains("Sections that come, empty") && looked.contains("Cascade"), "{looked}");
    let new = (retro.library(), bigger, "Bigger.");
    super::change_kind(&app.app, &ada, &key, retro.version, new).await.unwrap();
    let edit = app.get(&ada, &format!("/r/{key}/edit")).await.body;
    assert!(edit.contains("The pool was small since May.") && edit.contains("t-casc"));
}

#[rstest]
#[tokio::test]
async fn a_section_of_the_library_stays_with_its_reason_and_a_step_of_the_old_kind_with_its_words(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "standard").await;
    let form = [("section", "vend-dep"), ("reason", "The card network was slow too.")];
    let added = app.post(&ada, &format!("/r/{key}/sections"), &form).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let said = [("do", "done"), ("note", "Held in the shared form, seven answers.")];
    app.post(&ada, &format!("/r/{key}/steps/survey"), &said).await;
    let version = {
        let mut conn = app.app.db.read().await.unwrap();
        super::need_for_reading(&mut conn, &ada, &key).await.unwrap().version
    };
    let look = app.get(&ada, &format!("/r/{key}/kind?kind=light")).await.body;
    assert!(look.contains("How we depend on them (0 words)"), "{look}");
    let form = [("kind", "light"), ("reason", "Small."), ("version", &version.to_string())];
    let smaller = app.post(&ada, &format!("/r/{key}/kind"), &form).await;
    assert_eq!(smaller.status, StatusCode::SEE_OTHER, "{}", smaller.body);
    let edit = app.get(&ada, &format!("/r/{key}/edit")).await.body;
    assert!(edit.contains("added: The card network was slow too."), "{edit}");
    let steps = app.get(&ada, &format!("/r/{key}/steps")).await.body;
    assert!(steps.contains("seven answers"), "{steps}");
}

#[rstest]
#[tokio::test]
async fn lessons_come_go_and_come_back(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let other = resolved(&app, &ada, "Slow", "outage").await;
    let key = owned(&app, &ada, &incident, "light").await;
    let others = owned(&app, &ada, &other, "light").await;
    let empty = [("sort", "hard"), ("text", " ")];
    let refused = app.post(&ada, &format!("/r/{key}/lessons"), &empty).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    app.post(&ada, &format!("/r/{key}/lessons"), &[("sort", "lucky"), ("text", "A quiet hour")])
        .await;
    let mut conn = app.app.db.read().await.unwrap();
    let retro = super::need_for_reading(&mut conn, &ada, &key).await.unwrap();
    let lesson = lessons(&mut conn, &retro.id).await.unwrap().remove(0);
    drop(conn);
    let form = [("sort", "hard"), ("text", "Two rooms"), ("version", "1")];
    let stray = app.post(&ada, &format!("/r/{others}/lessons/{}", lesson.id), &form).await;
    assert_eq!(stray.status, StatusCode::NOT_FOUND, "a lesson of another retrospective");
    let changed = app.post(&ada, &format!("/r/{key}/lessons/{}", lesson.id), &form).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER);
    let stale = app.post(&ada, &format!("/r/{key}/lessons/{}", lesson.id), &form).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("Two rooms"), "both texts are told");
    let removed = app.post(&ada, &format!("/r/{key}/lessons/{}/remove", lesson.id), &[]).await;
    let page = app.get(&ada, removed.location.split('#').next().unwrap()).await.body;
    assert!(!page.contains("<p>Two rooms</p>") && page.contains("Undo"), "{page}");
    app.post(&ada, &format!("/r/{key}/lessons/{}/restore", lesson.id), &[]).await;
    assert!(app.get(&ada, &format!("/r/{key}/edit")).await.body.contains("<p>Two rooms</p>"));
}

#[rstest]
#[tokio::test]
async fn no_word_of_a_draft_is_in_the_audit(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "light").await;
    wrote(&app, &ada, &key, "sum", 0, "wordA").await;
    wrote(&app, &ada, &key, "sum", 1, "wordA wordB").await;
    app.post(&ada, &format!("/r/{key}/lessons"), &[("sort", "lucky"), ("text", "wordC")]).await;
    app.post(&ada, &format!("/r/{key}/no-action"), &[("before", ""), ("because", "wordD")]).await;
    app.post(&ada, &format!("/r/{key}/title"), &[("title", "wordE"), ("version", "4")]).await;
    let mut conn = app.app.db.read().await.unwrap();
    let lines = crate::audit::of_incident(&mut conn, &ada, incident.id.as_str(), i64::MAX, 100)
        .await
        .unwrap();
    let whats: Vec<&str> = lines.iter().map(|line| line.what.as_str()).collect();
    for what in [
        "retrospective.opened",
        "retrospective.moved",
        "section.written",
        "lesson.added",
        "retrospective.no_action",
        "retrospective.titled",
    ] {
        assert!(whats.contains(&what), "{what} in {whats:?}");
    }
    assert_eq!(whats.iter().filter(|what| **what == "section.written").count(), 1, "one sitting");
    for word in ["wordA", "wordB", "wordC", "wordD", "wordE"] {
        assert!(!format!("{lines:?}").contains(word), "{word}");
    }
    assert!(format!("{lines:?}").contains("characters"));
}

#[rstest]
#[tokio::test]
async fn a_reason_for_no_action_is_not_written_over(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "light").await;
    let path = format!("/r/{key}/no-action");
    let first = app.post(&ada, &path, &[("before", ""), ("because", "It is gone.")]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let late = app.post(&ada, &path, &[("before", ""), ("because", "Other words")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.body.contains("It is gone.") && late.body.contains("Other words"),
        "{}",
        late.body
    );
}

#[rstest]
#[tokio::test]
async fn its_people_are_those_who_were_there(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let bob = app.person("bob", Seat::Contributor).await;
    let cem = app.person("cem", Seat::Contributor).await;
    let incident = resolved(&app, &bob, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "standard").await;
    let edit = format!("/r/{key}/edit");
    assert_eq!(app.get(&bob, &edit).await.status, StatusCode::OK, "he commanded");
    assert_eq!(app.get(&cem, &edit).await.status, StatusCode::NOT_FOUND);
    let owner = [("person", ada.id.as_str())];
    let kept = app.post(&bob, &format!("/r/{key}/people/remove"), &owner).await;
    assert_eq!(kept.status, StatusCode::CONFLICT, "the owner stays until another is named");
    let stranger = PersonId::at(app.app.now());
    let form = [("person", stranger.as_str()), ("role", "observer")];
    let refused = app.post(&ada, &format!("/r/{key}/people"), &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = [("person", cem.id.as_str()), ("role", "owner")];
    let refused = app.post(&ada, &format!("/r/{key}/people"), &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "owners are named elsewhere");
}

#[rstest]
#[tokio::test]
async fn sections_are_of_their_own_retrospective(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "light").await;
    let form = [("text", "x"), ("version", "0")];
    let absent = app.post(&ada, &format!("/r/{key}/sections/casc"), &form).await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND, "the light kind has none");
    let unknown = app.post(&ada, &format!("/r/{key}/sections"), &[("section", "nope")]).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    app.post(&ada, &format!("/r/{key}/sections"), &[("section", "det")]).await;
    assert_eq!(
        app.post(&ada, &format!("/r/{key}/sections/det"), &form).await.status,
        StatusCode::SEE_OTHER
    );
    let long = "x".repeat(super::write::SECTION_MAX + 1);
    let refused = app
        .post(&ada, &format!("/r/{key}/sections/sum"), &[("text", &long), ("version", "0")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("100000") && refused.body.contains(&long[..1000]), "given back");
    let mut conn = app.app.db.read().await.unwrap();
    let retro = super::need_for_reading(&mut conn, &ada, &key).await.unwrap();
    assert!(sections(&mut conn, &retro.id).await.unwrap().iter().any(|one| one.section == "det"));
    assert_eq!(Address::parse(&key).unwrap(), retro.address());
}

#[rstest]
#[tokio::test]
async fn the_next_step_asks_for_what_readers_want_and_lets_the_rest_be(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "light").await;
    for to in [State::Gathering, State::Drafting] {
        super::move_on(&app.app, &ada, &key, to, "").await.unwrap();
    }
    let draft = format!("/r/{key}/draft");
    assert!(app.get(&ada, &draft).await.body.contains("Write what surprised you"));
    for section in ["surp", "sum"] {
        wrote(&app, &ada, &key, section, 0, "words").await;
    }
    assert!(app.get(&ada, &draft).await.body.contains("Write “Impact”"));
    wrote(&app, &ada, &key, "imp", 0, "words").await;
    app.post(&ada, &format!("/r/{key}/sections"), &[("section", "det")]).await;
    let page = app.get(&ada, &draft).await.body;
    assert!(page.contains("Have one other person read it"), "{page}");
    assert!(page.contains("3 sections have words; 1 is empty, which is fine"), "{page}");
}

#[rstest]
#[tokio::test]
async fn a_text_saved_in_between_can_be_reached_and_stand_again(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = resolved(&app, &ada, "Nobody could pay", "outage").await;
    let key = owned(&app, &ada, &incident, "light").await;
    wrote(&app, &ada, &key, "sum", 0, "a long first thought").await;
    wrote(&app, &ada, &key, "sum", 1, "").await;
    let history = app.get(&ada, &format!("/r/{key}/history")).await.body;
    assert!(history.contains("section=sum&amp;version=1"), "{history}");
    let old = app.get(&ada, &format!("/r/{key}/history?section=sum&version=1")).await.body;
    assert!(old.contains("<ins>a long first thought</ins>"), "{old}");
    let form = [("old", "1"), ("version", "2")];
    app.post(&ada, &format!("/r/{key}/sections/sum/restore"), &form).await;
    assert!(app.get(&ada, &format!("/r/{key}/edit")).await.body.contains("a long first thought"));
    let never = app.get(&ada, &format!("/r/{key}/history?section=sum&version=9")).await;
    assert_eq!(never.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_preview_is_the_text_as_it_will_be_read() {
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    let answer = app.post(&ada, "/preview", &[("text", "**so** <script>x</script> INC-7")]).await;
    assert!(
        answer.body.contains("<strong>so</strong>") && !answer.body.contains("<script"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("/i/INC-7"));
    let page = app.get(&ada, "/kinds").await;
    assert!(page.body.contains("Near miss"), "the kinds can be read");
    let file = app.get(&ada, "/kinds/near.md").await;
    assert!(file.body.contains("## What stopped it"), "{}", file.body);
    assert_eq!(app.get(&ada, "/kinds/nope.md").await.status, StatusCode::NOT_FOUND);
}
