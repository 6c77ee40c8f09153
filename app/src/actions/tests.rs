//! Actions through the site, on both databases.

use super::{Action, StateName, Whose};
use crate::access::{Seat, Viewer};
use crate::factors::tests::{factor, reviewed};
use crate::testing::{Answer, On, TestApp};
use axum::http::StatusCode;
use rstest::rstest;

/// Proposes an action in a retrospective; gives its key.
pub(crate) async fn proposed(app: &TestApp, by: &Viewer, retro: &str, title: &str) -> String {
    let form = [
        ("title", title),
        ("done_when", "A test shows it"),
        ("class", "technical"),
        ("aim", "prevention"),
        ("strength", "strong"),
    ];
    let answer = app.post(by, &format!("/r/{retro}/actions"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location.split('#').nth(1).unwrap().to_owned()
}

/// Sends a step.
pub(crate) async fn step(
    app: &TestApp,
    by: &Viewer,
    action: &str,
    to: &str,
    form: &[(&str, &str)],
) -> Answer {
    let mut all = vec![("to", to)];
    all.extend_from_slice(form);
    app.post(by, &format!("/actions/{action}/state"), &all).await
}

/// Has somebody accept it.
pub(crate) async fn accepted(app: &TestApp, by: &Viewer, action: &str, owner: &Viewer, due: &str) {
    let form = [("owner", owner.id.as_str()), ("due", due)];
    let answer = step(app, by, action, "accept", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

async fn seen(app: &TestApp, by: &Viewer, action: &str) -> Option<Action> {
    let mut conn = app.app.db.read().await.unwrap();
    let number = super::parse_key(action).unwrap();
    super::find(&mut conn, by, number).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn an_action_is_proposed_accepted_done_and_verified_with_one_history(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Contributor).await);
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let retro = incident.key().to_string();
    let empty = app.get(&ada, &format!("/r/{retro}/actions")).await;
    assert!(empty.body.contains("No action is a valid result. Record why."), "{}", empty.body);
    let action = proposed(&app, &ada, &retro, "Give each node its own limit").await;
    assert_eq!(action, "ACT-1");
    accepted(&app, &ada, &action, &bob, "2026-04-01").await;
    assert_eq!(step(&app, &bob, &action, "begin", &[]).await.status, StatusCode::SEE_OTHER);
    let later = [("due", "2026-04-20"), ("why", "The supplier was late")];
    assert_eq!(step(&app, &bob, &action, "amend", &later).await.status, StatusCode::SEE_OTHER);
    step(&app, &bob, &action, "finish", &[("note", "Both have one")]).await;
    step(&app, &ada, &action, "verify", &[]).await;
    let page = app.get(&bob, "/actions/act-1").await.body;
    let told = [
        "proposed",
        "accepted",
        "in progress",
        "Due 2026-04-20, was 2026-04-01.",
        "The supplier was late",
        "Both have one",
        "verified",
    ];
    for word in told {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert_eq!(seen(&app, &ada, &action).await.unwrap().state, StateName::Verified);
    let over = step(&app, &ada, &action, "begin", &[]).await;
    assert_eq!(over.status, StatusCode::CONFLICT);
    assert!(over.body.contains("It is verified; from there it cannot be begun"), "{}", over.body);
}

#[rstest]
#[tokio::test]
async fn i6_an_accepted_action_has_one_owner_a_day_and_a_done_when(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let retro = incident.key().to_string();
    let bare = [
        ("title", "Find out why"),
        ("class", "process"),
        ("aim", "prevention"),
        ("strength", "medium"),
    ];
    let made = app.post(&ada, &format!("/r/{retro}/actions"), &bare).await;
    let action = made.location.split('#').nth(1).unwrap();
    let me = ada.id.as_str();
    for (form, says) in [
        (vec![("due", "2026-04-01"), ("done_when", "x")], "Choose the one person"),
        (vec![("owner", me), ("done_when", "x")], "Say by when"),
        (vec![("owner", me), ("due", "2026-04-01")], "how we will know"),
        (vec![("owner", me), ("due", "soon"), ("done_when", "x")], "Say a day such as"),
    ] {
        let refused = step(&app, &ada, action, "accept", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        assert!(refused.body.contains(says), "{says}: {}", refused.body);
        assert_eq!(seen(&app, &ada, action).await.unwrap().state, StateName::Proposed);
    }
    app.post(&ada, "/teams", &[("name", "Payments")]).await;
    let team = {
        let mut conn = app.app.db.read().await.unwrap();
        crate::teams::all(&mut conn).await.unwrap().remove(0).id
    };
    let by_team = [
        ("owner", team.as_str()),
        ("name_person_by", "2026-03-20"),
        ("due", "2026-04-01"),
        ("done_when", "We know"),
    ];
    let refused = step(&app, &ada, action, "accept", &by_team).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "000-22: no investigation");
    let words = [
        ("title", "Find out why"),
        ("class", "process"),
        ("aim", "investigation"),
        ("strength", "medium"),
        ("version", "1"),
    ];
    app.post(&ada, &format!("/actions/{action}/edit"), &words).await;
    let nobody = [by_team[0], by_team[2], by_team[3]];
    let refused = step(&app, &ada, action, "accept", &nobody).await;
    assert!(refused.body.contains("by which day the team names a person"), "{}", refused.body);
    let kept = step(&app, &ada, action, "accept", &by_team).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    assert!(app.get(&ada, "/actions?whose=all").await.body.contains("Payments"));
}

#[rstest]
#[tokio::test]
async fn i7_done_has_a_note_and_verified_has_evidence_or_another_person(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    for (kind, alone) in [("standard", true), ("major", false)] {
        let incident = reviewed(&app, &ada, "Nobody could pay", kind).await;
        let action = proposed(&app, &ada, &incident.key().to_string(), "Cap the retries").await;
        accepted(&app, &ada, &action, &ada, "2026-04-01").await;
        let refused = step(&app, &ada, &action, "finish", &[("note", "  ")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("what was done"), "{}", refused.body);
        step(&app, &ada, &action, "finish", &[("note", "Capped at one")]).await;
        let refused = step(&app, &ada, &action, "verify", &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "the owner, without proof");
        let own = step(&app, &ada, &action, "verify", &[("evidence", "A load test")]).await;
        assert_eq!(own.status == StatusCode::SEE_OTHER, alone, "{kind}: {}", own.body);
        if !alone {
            assert!(own.body.contains("somebody other than the owner"), "{}", own.body);
            let other = step(&app, &bob, &action, "verify", &[]).await;
            assert_eq!(other.status, StatusCode::SEE_OTHER, "{}", other.body);
        }
    }
}

#[rstest]
#[tokio::test]
async fn what_is_not_done_keeps_its_reason(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let retro = incident.key().to_string();
    let one = proposed(&app, &ada, &retro, "Buy a second pool").await;
    let refused = step(&app, &ada, &one, "decline", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    step(&app, &ada, &one, "decline", &[("reason", "It moves the limit")]).await;
    let two = proposed(&app, &ada, &retro, "Cap the retries").await;
    accepted(&app, &ada, &two, &ada, "2026-04-01").await;
    step(&app, &ada, &two, "drop", &[("reason", "The library does it now")]).await;
    for path in [format!("/r/{retro}/actions"), "/risks".to_owned()] {
        let page = app.get(&ada, &path).await.body;
        assert!(page.contains("It moves the limit"), "002-49 {path}: {page}");
        assert!(page.contains("The library does it now"), "{path}: {page}");
    }
}

#[rstest]
#[tokio::test]
async fn proposals_of_a_draft_are_its_peoples_and_promises_are_everybodys(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let retro = incident.key().to_string();
    let why = factor(&app, &ada, &retro, "Zyxfactor").await;
    let form = [
        ("title", "Zyxcanary"),
        ("done_when", "x"),
        ("class", "technical"),
        ("aim", "prevention"),
        ("strength", "weak"),
        ("factor", why.as_str()),
    ];
    app.post(&ada, &format!("/r/{retro}/actions"), &form).await;
    for path in ["/actions?whose=all", "/actions.csv?whose=all", "/risks", "/"] {
        assert!(!app.get(&bob, path).await.body.contains("Zyxcanary"), "{path}");
    }
    assert_eq!(app.get(&bob, "/actions/ACT-1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(step(&app, &bob, "ACT-1", "begin", &[]).await.status, StatusCode::NOT_FOUND);
    assert!(app.get(&ada, "/actions?whose=all").await.body.contains("Zyxcanary"));
    accepted(&app, &ada, "ACT-1", &ada, "2026-04-01").await;
    let page = app.get(&bob, "/actions/ACT-1").await;
    assert!(page.body.contains("Zyxcanary"), "a promise is known");
    assert!(!page.body.contains("Zyxfactor"), "the draft is not");
    assert!(app.get(&ada, "/actions/ACT-1").await.body.contains("Zyxfactor"));
}

#[rstest]
#[tokio::test]
async fn a_red_incidents_actions_exist_for_its_list_and_their_owner(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let cem = app.person("cem", Seat::Contributor).await;
    let incident = reviewed(&app, &ada, "Zyxleak", "security").await;
    let action = proposed(&app, &ada, &incident.key().to_string(), "Zyxcanary").await;
    accepted(&app, &ada, &action, &cem, "2026-03-08").await;
    assert_eq!(app.get(&bob, "/actions/ACT-1").await.status, StatusCode::NOT_FOUND);
    let finish = [("note", "Mine")];
    assert_eq!(step(&app, &bob, &action, "finish", &finish).await.status, StatusCode::NOT_FOUND);
    for path in ["/actions?whose=all", "/actions.csv?whose=all&state=any", "/"] {
        assert!(!app.get(&bob, path).await.body.contains("Zyx"), "{path}");
    }
    let his = app.get(&cem, "/actions/ACT-1").await;
    assert!(his.body.contains("Zyxcanary") && !his.body.contains("Zyxleak"), "{}", his.body);
    assert!(!his.body.contains(&incident.key().to_string()), "nor its key");
    assert_eq!(step(&app, &cem, &action, "finish", &finish).await.status, StatusCode::SEE_OTHER);
    assert!(!app.get(&cem, "/actions").await.body.contains("Zyxleak"));
}

#[rstest]
#[tokio::test]
async fn the_owner_moves_their_own_and_who_may_not_is_told(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let (cem, dee) =
        (app.person("cem", Seat::Contributor).await, app.person("dee", Seat::Contributor).await);
    let rhea = app.person("rhea", Seat::Reader).await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let action = proposed(&app, &ada, &incident.key().to_string(), "Cap the retries").await;
    accepted(&app, &ada, &action, &cem, "2026-04-01").await;
    for who in [&dee, &rhea] {
        let refused = step(&app, who, &action, "begin", &[]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(!app.get(who, "/actions/ACT-1").await.body.contains("What next"));
    }
    assert_eq!(step(&app, &cem, &action, "begin", &[]).await.status, StatusCode::SEE_OTHER);
    let stale = step(&app, &ada, &action, "finish", &[("note", "x"), ("version", "2")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "somebody was faster");
}

#[rstest]
#[tokio::test]
async fn lists_are_by_day_filtered_and_guarded_against_formulas(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let retro = incident.key().to_string();
    let later = proposed(&app, &ada, &retro, "Later one").await;
    let late = proposed(&app, &ada, &retro, "=HYPERLINK(1)").await;
    let open = proposed(&app, &ada, &retro, "Nobody’s yet").await;
    accepted(&app, &ada, &later, &ada, "2026-05-01").await;
    accepted(&app, &ada, &late, &ada, "2026-03-01").await;
    let page = app.get(&ada, "/actions").await.body;
    let at = |word: &str| page.find(word).unwrap_or_else(|| panic!("{word}: {page}"));
    assert!(at("=HYPERLINK(1)") < at("Later one"), "what is past its day first");
    assert!(page.contains("was due 1 March 2026, 4 days ago"), "{page}");
    assert!(!page.contains("Nobody’s yet") && !page.contains("tag harm"), "calm");
    let csv = app.get(&ada, "/actions.csv?whose=all").await.body;
    assert!(csv.contains("\"'=HYPERLINK(1)\"") && csv.contains(&open), "{csv}");
    let past = app.get(&ada, "/actions?whose=all&due=overdue").await.body;
    assert!(past.contains("HYPERLINK") && !past.contains("Later one"));
    let none = app.get(&ada, "/actions?whose=all&aim=learning").await.body;
    assert!(none.contains("No action matches these filters."));
    assert!(app.get(&bob, "/actions").await.body.contains("You owe nothing"));

    app.post(&ada, "/teams", &[("name", "Payments")]).await;
    for who in ["ada", "bob"] {
        app.post(&ada, "/teams/members", &[("team", "payments"), ("person", who)]).await;
    }
    let filter = super::Filter { whose: Whose::Teams, ..super::Filter::default() };
    let mut conn = app.app.db.read().await.unwrap();
    let shared = super::list(&mut conn, &bob, &filter, 50).await.unwrap();
    assert_eq!(shared.len(), 2, "of a colleague in the same team");
    let due = super::mine(&mut conn, &ada, "2026-03-05").await.unwrap();
    let due: Vec<String> = due.iter().map(Action::key).collect();
    assert_eq!(due, [late], "due within a fortnight or past");
    let home = app.get(&ada, "/").await.body;
    assert!(home.contains("=HYPERLINK(1)") && home.contains("4 days ago"), "{home}");
    assert!(!app.get(&bob, "/").await.body.contains("HYPERLINK"), "nobody else’s");
    assert!(super::mine(&mut conn, &bob, "2026-03-05").await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn writing_help_asks_and_never_blocks(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let incident = reviewed(&app, &ada, "Nobody could pay", "standard").await;
    let path = format!("/r/{}/actions", incident.key());
    let form = [
        ("title", "Improve monitoring"),
        ("class", "technical"),
        ("aim", "detection"),
        ("strength", "weak"),
    ];
    assert_eq!(app.post(&ada, &path, &form).await.status, StatusCode::SEE_OTHER);
    let page = app.get(&ada, &path).await.body;
    assert!(page.contains("how far?") && page.contains("How will we know"), "{page}");
    assert!(page.contains("All of these are weak"), "{page}");
    let begun = app.get(&ada, &format!("{path}?usual=alert")).await.body;
    assert!(begun.contains("Set the alert … to page when"), "000-26: {begun}");
    let refused = app.post(&ada, &path, &[("title", ""), ("class", "cosmetic")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}
