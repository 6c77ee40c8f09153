//! From an incident to its release, all from a terminal, on both databases.

use super::{Said, Site, run_with};
use crate::access::{Seat, Viewer};
use crate::actions::tests::proposed;
use crate::cli::Exit;
use crate::testing::On;
use rstest::rstest;

/// The rows of a printed table, without its header.
fn rows(said: &Said) -> Vec<&str> {
    said.out.lines().skip(1).collect()
}

#[rstest]
#[tokio::test]
async fn incidents_are_declared_listed_and_shown_and_a_red_one_is_not_there_for_others(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let site = Site::start(on).await;
    let (ada, bob) = (site.app.ada().await, site.app.person("bob", Seat::Contributor).await);
    let none = site.run(&bob, &["incidents"]).await.done();
    assert_eq!(none.out, "", "an empty list is no line for a script");

    let declared = ["incidents", "declare", "Nobody can pay", "--severity", "1"];
    let said = site.run(&bob, &declared).await.done();
    assert!(said.out.starts_with("INC-1 is declared: http"), "{said:?}");
    let red = ["--json", "incidents", "declare", "A key leaked", "--kind", "security"];
    assert_eq!(site.run(&ada, &red).await.done().json()["key"], "INC-2");

    let list = site.run(&bob, &["incidents"]).await.done();
    assert!(list.out.starts_with("KEY "), "{list:?}");
    assert_eq!(rows(&list).len(), 1, "the red one is not there: {list:?}");
    assert!(rows(&list)[0].starts_with("INC-1 ") && rows(&list)[0].ends_with("Nobody can pay"));
    let both = site.run(&ada, &["--json", "incidents"]).await.done().json();
    assert_eq!(both["items"].as_array().unwrap().len(), 2);
    let one = site.run(&ada, &["--json", "incidents", "--limit", "1"]).await.done().json();
    assert_eq!((one["items"].as_array().unwrap().len(), one["next"].is_string()), (1, true));
    let worst = site.run(&ada, &["--json", "incidents", "--severity", "1,2"]).await.done().json();
    assert_eq!(worst["items"].as_array().unwrap().len(), 1);
    let old = ["--json", "incidents", "--before", "2020-01-01"];
    assert_eq!(site.run(&ada, &old).await.done().json()["items"].as_array().unwrap().len(), 0);

    let shown = site.run(&bob, &["incidents", "show", "inc-1"]).await.done();
    assert!(shown.out.contains("outage, severity 1"), "{shown:?}");
    assert_eq!(site.run(&bob, &["incidents", "show", "INC-2"]).await.exit, Exit::NotFound);
    let refused = site.run(&ada, &["incidents", "declare", "  "]).await;
    assert_eq!(refused.exit, Exit::Usage, "{refused:?}");
}

#[rstest]
#[tokio::test]
async fn an_entry_is_written_and_the_timeline_is_a_table_and_a_csv(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let site = Site::start(on).await;
    let ada = site.app.ada().await;
    let key = site.declared(&ada, "Nobody can pay").await;
    let fact = crate::timeline::Fact::ALL[0].name();
    let add = ["timeline", "add", &key, "Rolled back to 1.7.3", "--at", "11:10", "--fact", fact];
    let said = site.run(&ada, &add).await.done();
    assert!(!said.out.trim().is_empty(), "{said:?}");
    let table = site.run(&ada, &["timeline", &key]).await.done();
    assert_eq!(rows(&table).len(), 1, "{table:?}");
    assert!(rows(&table)[0].starts_with("2026-03-05 11:10"), "{table:?}");
    assert!(rows(&table)[0].contains("Rolled back to 1.7.3"), "{table:?}");
    let csv = site.run(&ada, &["timeline", &key, "--csv"]).await.done();
    assert!(csv.out.contains("Rolled back to 1.7.3") && csv.out.contains(','), "{csv:?}");
    let wrong = ["timeline", "add", &key, "x", "--at", "late", "--fact", fact];
    assert_eq!(site.run(&ada, &wrong).await.exit, Exit::Usage);
    assert_eq!(site.run(&ada, &["timeline", "INC-99"]).await.exit, Exit::NotFound);
}

#[rstest]
#[tokio::test]
async fn a_retrospective_is_opened_written_moved_on_published_and_taken_away(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let site = Site::start(on).await;
    let (ada, bob) = (site.app.ada().await, site.app.person("bob", Seat::Contributor).await);
    let key = site.declared(&ada, "Nobody can pay").await;
    site.app.post(&ada, &format!("/i/{key}/status"), &[("status", "resolved")]).await;

    let before = site.run(&ada, &["retro", &key]).await.done();
    assert!(before.out.contains(&format!("afterword retro open {key}")), "{before:?}");
    let open = ["retro", "open", &key, "--kind", "standard", "--reason", "asked", "--owner", "me"];
    let opened = site.run(&ada, &open).await.done();
    assert!(opened.out.contains("owner Ada") && opened.out.contains("Next: "), "{opened:?}");
    let stranger = site.run(&bob, &["retro", &key]).await.done();
    assert!(stranger.out.contains("not shared with you"), "{stranger:?}");
    assert_eq!(site.run(&bob, &["retro", "sections", &key]).await.exit, Exit::NotFound);

    let sections = site.run(&ada, &["--json", "retro", "sections", &key]).await.done().json();
    let items = sections["items"].as_array().unwrap();
    let own = items.iter().find(|one| one["auto"] == false).expect("people write some of them");
    let section = own["id"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("words.md").display().to_string();
    std::fs::write(&file, "For 40 minutes nobody could pay.\n").unwrap();
    let write = ["retro", "write", &key, section, &file];
    let saved = site.run(&ada, &write).await.done();
    assert_eq!(saved.out, "Saved as version 1.\n");
    let again = site.run(&ada, &write).await;
    assert_eq!(again.exit, Exit::Conflict, "what stands is not overwritten unread: {again:?}");
    assert!(again.error.contains("--version 1"), "{again:?}");
    std::fs::write(&file, "For 42 minutes nobody could pay.\n").unwrap();
    let read = [&write[..], &["--version", "1"]].concat();
    assert_eq!(site.run(&ada, &read).await.done().out, "Saved as version 2.\n");
    std::fs::write(&file, "For 43 minutes nobody could pay.\n").unwrap();
    let late = site.run(&ada, &read).await;
    assert_eq!(late.exit, Exit::Conflict);
    assert!(late.error.contains("at version 2 now. Nothing was overwritten"), "{late:?}");
    let words = site.run(&ada, &["retro", "read", &key, section]).await.done().out;
    assert_eq!(words, "For 42 minutes nobody could pay.\n");

    site.run(&ada, &["retro", "people", &key, "--add", "bob"]).await.done();
    assert!(site.run(&bob, &["retro", &key]).await.done().out.contains("standard retrospective"));
    let typo = site.run(&ada, &["retro", "people", &key, "--add", "bobb"]).await;
    assert!(typo.error.contains("did you mean bob?"), "{typo:?}");

    assert_eq!(
        site.run(&ada, &["export", &key]).await.exit,
        Exit::NotFound,
        "nothing is published"
    );
    let early = site.run(&ada, &["publish", &key]).await;
    assert_eq!(early.exit, Exit::Conflict, "{early:?}");
    for state in ["gathering", "drafting", "in_review", "meeting_held", "finalising"] {
        site.run(&ada, &["retro", "move", &key, state]).await.done();
    }
    let published = site.run(&ada, &["publish", &key, "--audience", "Everybody"]).await.done();
    assert!(
        published.out.starts_with(&format!("Release 1 of {key} is published")),
        "{published:?}"
    );

    let carol = site.app.person("carol", Seat::Reader).await;
    let markdown = site.run(&carol, &["export", &key]).await.done().out;
    assert!(markdown.starts_with("# ") && markdown.contains("42 minutes"), "{markdown}");
    let json = site.run(&carol, &["export", &key, "--json"]).await.done();
    assert_eq!(json.json()["title"].as_str().map(str::is_empty), Some(false));
    let at = folder.path().display().to_string();
    site.run(&carol, &["export", &key, "--html", "-o", &at]).await.done();
    let html = folder.path().join(format!("{key}-release-1.html"));
    assert!(std::fs::read_to_string(&html).unwrap().starts_with("<!"));
    let again = site.run(&carol, &["export", &key, "--html", "-o", &at]).await;
    assert_eq!(again.exit, Exit::Conflict, "a file that is there stays: {again:?}");
    let pdf = folder.path().join("a.pdf").display().to_string();
    site.run(&carol, &["export", &key, "--pdf", "-o", &pdf]).await.done();
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF-"));
    assert_eq!(site.run(&carol, &["export", &key, "--json", "--md"]).await.exit, Exit::Usage);
}

#[rstest]
#[tokio::test]
async fn a_retrospective_is_waived_with_its_reason(#[values(On::Sqlite, On::Postgres)] on: On) {
    let site = Site::start(on).await;
    let ada = site.app.ada().await;
    let key = site.declared(&ada, "Nobody can pay").await;
    site.app.post(&ada, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
    let why = "the supplier reviews it";
    let waive = ["retro", "waive", &key, "--code", "other", "--text", why];
    site.run(&ada, &waive).await.done();
    let shown = site.run(&ada, &["retro", &key]).await.done();
    assert!(shown.out.contains("waived") && shown.out.contains(why), "{shown:?}");
}

#[rstest]
#[tokio::test]
async fn an_action_is_accepted_done_and_verified_from_a_terminal(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let site = Site::start(on).await;
    let (ada, bob) = (site.app.ada().await, site.app.person("bob", Seat::Contributor).await);
    let incident = crate::factors::tests::reviewed(&site.app, &ada, "No pay", "standard").await;
    let key = incident.key().to_string();
    let action = proposed(&site.app, &ada, &key, "Cap the retries").await;

    let of = site.run(&ada, &["actions", "of", &key]).await.done();
    assert!(of.out.contains(&action) && of.out.contains("Cap the retries"), "{of:?}");
    assert_eq!(site.run(&bob, &["actions"]).await.done().out, "", "nothing is his yet");
    let accept = ["actions", "accept", &action, "--owner", "bob", "--due", "2026-04-01"];
    let said = site.run(&ada, &accept).await.done();
    assert!(said.out.contains("owner Bob, due 2026-04-01"), "{said:?}");
    let mine = site.run(&bob, &["actions"]).await.done();
    assert_eq!(rows(&mine).len(), 1, "{mine:?}");
    let due = ["--json", "actions", "--due-before", "2026-03-20"];
    assert_eq!(site.run(&bob, &due).await.done().json()["items"].as_array().unwrap().len(), 0);
    let low = action.to_lowercase();
    site.run(&bob, &["actions", "begin", &low]).await.done();
    site.run(&bob, &["actions", "done", &low, "--note", "merged"]).await.done();
    let verify = ["--json", "actions", "verify", &low, "--evidence", "the drill held"];
    assert_eq!(site.run(&ada, &verify).await.done().json()["state"], "verified");
    let late = site.run(&bob, &["actions", "begin", &low]).await;
    assert!(matches!(late.exit, Exit::Conflict | Exit::Usage), "{late:?}");
    assert_eq!(site.run(&ada, &["actions", "show", "ACT-99"]).await.exit, Exit::NotFound);
}

#[rstest]
#[tokio::test]
async fn a_token_for_a_script_does_what_its_scopes_say_until_it_is_revoked(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let site = Site::start(on).await;
    let ada = site.app.ada().await;
    let key = site.declared(&ada, "Nobody can pay").await;
    let make = ["--json", "tokens", "make", "reports", "--scope", "read", "--days", "30"];
    let made = site.run(&ada, &make).await.done().json();
    let secret = made["secret"].as_str().unwrap();
    let script = [("AFTERWORD_URL", site.url.as_str()), ("AFTERWORD_TOKEN", secret)];
    assert_eq!(rows(&run_with(&script, &["incidents"]).await.done()).len(), 1);
    let write = run_with(&script, &["note", &key, "x"]).await;
    assert_eq!(write.exit, Exit::NotAllowed, "{write:?}");
    let listed = site.run(&ada, &["tokens"]).await.done();
    assert!(!listed.out.contains(secret) && listed.out.contains("reports"), "{listed:?}");
    let id = made["token"]["id"].as_str().unwrap();
    site.run(&ada, &["tokens", "revoke", id]).await.done();
    assert_eq!(run_with(&script, &["incidents"]).await.exit, Exit::NotAllowed);
}

#[rstest]
#[tokio::test]
async fn a_policy_is_checked_as_a_file_and_tried_on_a_server(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let site = Site::start(on).await;
    let ada = site.app.ada().await;
    let key = site.declared(&ada, "Checkout is down").await;
    site.app.post(&ada, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
    let said = site.run(&ada, &["policy", "show"]).await.done();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.toml");
    let file = path.display().to_string();
    std::fs::write(&path, &said.out).unwrap();
    let said = run_with(&[], &["policy", "check", &file]).await.done();
    assert!(said.out.contains("is whole: 10 rules, 3 additions."), "{said:?}");

    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("!near_miss && (kind", "!neer_miss && (kind", 1)).unwrap();
    let said = run_with(&[], &["policy", "check", &file]).await;
    assert_eq!(said.exit, Exit::Usage, "{said:?}");
    let line = text.lines().position(|line| line.contains("!near_miss &&")).unwrap() + 1;
    let place =
        format!("policy.toml:{line}:10: There is no fact `neer_miss`; did you mean `near_miss`?");
    assert!(said.error.contains(&place), "{said:?}");
    let said = run_with(&[], &["--json", "policy", "check", &file]).await;
    assert_eq!(said.json()["faults"][0]["column"], 10);
    let said = site.run(&ada, &["policy", "simulate", &file]).await;
    assert_eq!(said.exit, Exit::Usage, "{said:?}");

    std::fs::write(&path, text.replacen("kind == 'outage' ||", "", 1)).unwrap();
    let said = site.run(&ada, &["policy", "simulate", &file, "--days", "30"]).await.done();
    assert!(said.out.starts_with("1 incidents looked at; for 1 of them"), "{said:?}");
    assert!(said.out.contains("INC-1: standard → none"), "{said:?}");
    let missing = folder.path().join("none.toml").display().to_string();
    assert_eq!(run_with(&[], &["policy", "check", &missing]).await.exit, Exit::Failed);
}

#[rstest]
#[tokio::test]
async fn a_catalogue_is_looked_at_and_brought_in(#[values(On::Sqlite, On::Postgres)] on: On) {
    let site = Site::start(on).await;
    let ada = site.app.ada().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (teams, services) = (path("teams.csv"), path("services.csv"));
    std::fs::write(&teams, "team,description\nPayments,Money in\n").unwrap();
    std::fs::write(&services, "service,team,tier\nLedger,Payments,1\n").unwrap();
    let seen =
        site.run(&ada, &["catalogue", "import", &teams, &services, "--preview"]).await.done();
    assert!(seen.out.contains("Nothing is written. It would be: 2 added"), "{seen:?}");
    assert!(!site.app.get(&ada, "/teams").await.body.contains("Money in"));
    let done = site.run(&ada, &["catalogue", "import", &teams, &services]).await.done();
    assert!(done.out.contains("services.csv:2: service Ledger: added"), "{done:?}");
    std::fs::write(&services, "service,tier\nLedger,9\n").unwrap();
    let aside = site.run(&ada, &["catalogue", "import", &teams, &services]).await;
    assert_eq!(aside.exit, Exit::SetAside, "{aside:?}");
    assert!(
        aside.out.contains("services.csv:2: service Ledger: set aside. A tier is"),
        "{aside:?}"
    );
    let json = site.run(&ada, &["--json", "catalogue", "import", &teams]).await.done();
    assert_eq!(json.json()["left_alone"], 1);
    let missing = site.run(&ada, &["catalogue", "import", &path("none.csv")]).await;
    assert_eq!(missing.exit, Exit::Usage, "{missing:?}");
}

#[rstest]
#[tokio::test]
async fn who_is_asked_to_investigate_answers(#[values(On::Sqlite, On::Postgres)] on: On) {
    let site = Site::start(on).await;
    let ada = site.app.ada().await;
    let bob = site.app.person("bob", Seat::Contributor).await;
    let cora = site.app.person("cora", Seat::Contributor).await;
    let pool = |who: &Viewer| format!("/api/v1/investigators/{}", who.id);
    for who in [&bob, &cora] {
        let said = serde_json::json!({ "is_available": true });
        site.app.api(&ada, axum::http::Method::PUT, &pool(who), said).await;
    }
    let key = site.declared(&ada, "Checkout is down").await;
    site.app.post(&ada, &format!("/i/{key}/status"), &[("status", "resolved")]).await;
    site.run(&ada, &["retro", "open", &key]).await.done();
    let seen = site.run(&ada, &["retro", "investigator", &key]).await.done();
    assert!(
        seen.out.contains("Nobody owns it yet")
            && seen.out.contains("Bob (pool): open, to answer by"),
        "{seen:?}"
    );
    let over =
        ["retro", "investigator", &key, "--hand-over", "cora", "--context", "ask legal first"];
    site.run(&bob, &over).await.done();
    let refused = site.run(&bob, &["retro", "investigator", &key, "--take"]).await;
    assert_eq!(refused.exit, Exit::Conflict, "{refused:?}");
    site.run(&cora, &["retro", "investigator", &key, "--take"]).await.done();
    let seen = site.run(&cora, &["retro", "investigator", &key]).await.done();
    assert!(
        seen.out.contains("Cora owns it") && seen.out.contains("Cora (handed over): taken"),
        "{seen:?}"
    );
    let late = site.run(&bob, &["retro", "investigator", &key, "--pass-on"]).await;
    assert_eq!(late.exit, Exit::Conflict, "{late:?}");
}
