//! Configuration through the site and the API, on both databases.

use crate::access::{Seat, Viewer};
use crate::kinds;
use crate::testing::{Answer, On, TestApp};
use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

const AT: &str = "/api/v1/configuration";

fn read(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// The shipped kinds with one more kind and another name for a section.
fn ours() -> String {
    let more = "
[[kinds]]
id = \"quick\"
name = \"Quick look\"
when = \"One hour, one page.\"
why_words = \"it was small\"
effort = \"an hour\"
sections = [\"sum\", \"surp\", \"casc\"]
roles = [\"owner\"]
audience = \"the team\"
confidentiality = \"amber\"
hides_severity = false
report = true
demands_actions = false
steps = [{ id = \"write\", name = \"Write it down\", role = \"owner\", anchor = \"resolved\", offset = \"2bd\", done = \"draft\" }]
";
    let text = kinds::SHIPPED.replacen(
        "id = \"casc\"\nname = \"Cascade\"",
        "id = \"casc\"\nname = \"Knock-on\"",
        1,
    );
    format!("{text}{more}")
}

async fn apply(app: &TestApp, by: &Viewer, files: Value, fingerprint: Option<&str>) -> Answer {
    let body = json!({ "files": files, "note": "ours", "fingerprint": fingerprint });
    app.api(by, Method::PUT, AT, body).await
}

async fn resolved(app: &TestApp, by: &Viewer, title: &str) {
    let form = [("title", title), ("kind", "other"), ("severity", "3"), ("report_only", "on")];
    app.post(by, "/incidents", &form).await;
}

#[rstest]
#[tokio::test]
async fn a_broken_file_changes_nothing_and_every_fault_has_its_place(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let before = read(&app.get(&ada, AT).await);
    assert_eq!(before["files"].as_array().unwrap().len(), 5);
    let broken = ours().replacen("\"surp\", \"casc\"]\nroles", "\"surp\", \"cask\"]\nroles", 1);
    let line = broken.lines().position(|line| line.contains("\"cask\"")).unwrap() + 1;
    let files = json!({
        "kinds.toml": broken,
        "words.toml": "retrospective = \"postmortem\"\nretrospectives = \"postmortems\"\nmenue = \"PM\"\n",
        "ground-rules.toml": "rules = [\"Listen.\"]\n",
        "polcy.toml": "",
    });
    let check = format!("{AT}/check");
    let checked = app.api(&ada, Method::POST, &check, json!({ "files": files })).await;
    let checked = read(&checked);
    assert_eq!(checked["is_whole"], false);
    let told = checked["faults"].to_string();
    assert!(told.contains("There is no section `cask`. Did you mean `casc`?"), "{told}");
    assert!(told.contains(&format!("\"line\":{line}")), "{told}");
    assert!(told.contains("did you mean `menu`?") && told.contains("did you mean `policy.toml`?"));
    let refused = apply(&app, &ada, files, None).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("files.kinds.toml"), "{}", refused.body);
    assert_eq!(read(&app.get(&ada, AT).await), before, "the whole file beside it was not applied");
}

#[rstest]
#[tokio::test]
async fn what_is_applied_is_in_force_and_what_was_opened_keeps_what_it_had(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    resolved(&app, &ada, "Slow").await;
    let form =
        [("decision", "open"), ("kind", "light"), ("why", "Small."), ("owner", ada.id.as_str())];
    let opened = app.post(&ada, "/i/INC-1/retro", &form).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);

    let before = read(&app.get(&ada, AT).await);
    let read_at = before["fingerprint"].as_str().unwrap().to_owned();
    let policy = crate::policy::SHIPPED.replacen("kind = \"light\"", "kind = \"quick\"", 1);
    let files = json!({ "kinds.toml": ours(), "policy.toml": policy });
    let applied = read(&apply(&app, &ada, files, Some(&read_at)).await);
    assert_eq!(applied["changed"], json!(["kinds.toml", "policy.toml"]));
    let late = apply(&app, &ada, json!({ "ground-rules.toml": "rules = []\n" }), Some(&read_at));
    assert_eq!(late.await.status, StatusCode::CONFLICT, "somebody was faster");
    let kinds = app.get(&ada, "/kinds").await.body;
    assert!(kinds.contains("Quick look") && kinds.contains("Knock-on"), "{kinds}");
    assert_eq!(app.get(&ada, "/kinds/quick.md").await.status, StatusCode::OK);
    let audit = app.get(&ada, "/audit").await.body;
    assert!(audit.contains("configuration.applied"), "{audit}");

    let old = read(&app.get(&ada, "/api/v1/retrospectives/INC-1").await);
    assert_eq!(old["kind_version"], kinds::shipped().version);
    let look = app.get(&ada, "/r/INC-1/kind").await.body;
    assert!(look.contains("The kinds were changed since."), "{look}");
    let look = app.get(&ada, "/r/INC-1/kind?kind=quick&newest=on").await.body;
    assert!(look.contains("As a quick look of the kinds in force"), "{look}");
    assert!(look.contains("Knock-on"), "{look}");
    let version = old["version"].as_i64().unwrap().to_string();
    let form = [("kind", "quick"), ("reason", "Newer."), ("version", &version), ("newest", "on")];
    let moved = app.post(&ada, "/r/INC-1/kind", &form).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
    let edit = app.get(&ada, "/r/INC-1/edit").await.body;
    assert!(edit.contains("Knock-on"), "{edit}");

    resolved(&app, &ada, "Slow again").await;
    let page = app.get(&ada, "/i/INC-2").await.body;
    assert!(page.contains("Proposed: Quick look."), "{page}");
    let accepted = app.post(&ada, "/i/INC-2/retro", &[("decision", "accept")]).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.body);
    let new = read(&app.get(&ada, "/api/v1/retrospectives/INC-2").await);
    assert_eq!(new["kind"], "quick");
    assert!(new["kind_version"].as_i64().unwrap() > 1 << 40);
    // A kind that the policy names does not go.
    let less = apply(&app, &ada, json!({ "kinds.toml": kinds::SHIPPED }), None).await;
    assert_eq!(less.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(less.body.contains("`quick` is not a kind of review"), "{}", less.body);
    let list = app.get(&ada, "/retros").await.body;
    assert!(list.contains("Quick look"), "{list}");
}

#[rstest]
#[tokio::test]
async fn an_administrator_edits_a_file_with_a_look_before_and_others_read_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, rob) = (app.ada().await, app.person("rob", Seat::Editor).await);
    let list = app.get(&rob, "/settings").await.body;
    assert!(list.contains("Ground rules") && list.contains("as it came with Afterword"), "{list}");
    let text = "rules = [\"Listen first.\", \"Ask twice.\"]\n";
    let look = [("text", text), ("do", "look")];
    let no = app.post(&rob, "/settings/ground-rules.toml", &look).await;
    assert_eq!(no.status, StatusCode::FORBIDDEN);
    let look = app.post(&ada, "/settings/ground-rules.toml", &look).await;
    assert!(look.body.contains("+ rules = [&#34;Listen first.&#34;"), "{}", look.body);
    assert!(app.get(&rob, "/settings").await.body.contains("as it came with Afterword"));
    let broken = [("text", "rules = [\"\"]"), ("do", "save")];
    let broken = app.post(&ada, "/settings/ground-rules.toml", &broken).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.body.contains("line 1, column 10"), "{}", broken.body);
    let save = [("text", text), ("note", "Shorter"), ("do", "save")];
    let saved = app.post(&ada, "/settings/ground-rules.toml", &save).await;
    assert_eq!(saved.location, "/settings/ground-rules.toml", "{}", saved.body);
    let file = app.get(&rob, "/settings/ground-rules.toml").await.body;
    assert!(
        file.contains("Listen first.") && file.contains("Shorter") && !file.contains("<textarea")
    );
    let download = app.get(&rob, "/settings/ground-rules.toml.txt").await;
    assert_eq!(download.body, text);
    assert_eq!(app.get(&rob, "/settings/secrets.toml").await.status, StatusCode::NOT_FOUND);

    resolved(&app, &ada, "Slow").await;
    let form =
        [("decision", "open"), ("kind", "standard"), ("why", "Asked."), ("owner", ada.id.as_str())];
    app.post(&ada, "/i/INC-1/retro", &form).await;
    for state in ["gathering", "drafting", "in_review"] {
        app.post(&ada, "/r/INC-1/state", &[("to", state)]).await;
    }
    let draft = app.get(&ada, "/r/INC-1/draft").await.body;
    assert!(draft.contains("Listen first."), "said before the meeting: {draft}");
    let named = "[[severities]]\nlevel = 1\nname = \"black\"\nsays = \"All.\"\n".to_owned()
        + "[[severities]]\nlevel = 2\nname = \"red\"\nsays = \"Many.\"\n"
        + "[[severities]]\nlevel = 3\nname = \"amber\"\nsays = \"Some.\"\n"
        + "[[severities]]\nlevel = 4\nname = \"grey\"\nsays = \"Few.\"\n";
    read(&apply(&app, &ada, json!({ "severities.toml": named }), None).await);
    let new = app.get(&ada, "/incidents/new").await.body;
    assert!(new.contains("amber"), "{new}");
}
