//! Evidence through the site, on both databases.

use super::files::Arriving;
use super::piece::{ImportId, State};
use super::store::{self, Filter};
use super::store_imports::{self, NewImport};
use super::{capture, take_in};
use crate::access::{Seat, Viewer};
use crate::app::App;
use crate::incidents::{self, Incident};
use crate::testing::{Answer, On, TestApp};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use std::fmt::Write as _;

const ALERTS: &str = r#"{"version":"4","groupKey":"{}:{alertname=\"Latency\"}","status":"resolved","receiver":"x","alerts":[
 {"status":"resolved","labels":{"alertname":"CheckoutLatencyP99","severity":"page"},"annotations":{"summary":"3.2 s over 5 min"},"startsAt":"2026-03-05T14:09:12Z","endsAt":"2026-03-05T14:41:00Z","generatorURL":"http://prometheus.example.org/graph","fingerprint":"aa11"}]}"#;

/// A Slack export of `many` messages, one of which says what it should not.
fn slack(many: usize) -> Vec<u8> {
    use std::io::Write;
    let mut day = String::from("[");
    for n in 0..many {
        let text = match n {
            1 => "key xoxb-123456789012-abcdefabcdef by ada@example.org".to_owned(),
            n => format!("message {n}"),
        };
        let comma = if n > 0 { "," } else { "" };
        write!(
            day,
            "{comma}{}",
            json!({"type": "message", "user": "U1", "text": text,
            "ts": format!("{}.{:06}", 1_772_719_200 + n / 10, n % 10 * 100)})
        )
        .unwrap();
    }
    day.push(']');
    let users = r#"[{"id":"U1","name":"ada","profile":{"real_name":"Ada Okafor","email":"ada@example.org"}}]"#;
    let channels = r#"[{"id":"C1","name":"inc-1"}]"#;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let files =
        [("users.json", users), ("channels.json", channels), ("inc-1/2026-03-05.json", &day)];
    for (name, text) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn png() -> Vec<u8> {
    // 1 × 1, grey.
    hex::decode("89504e470d0a1a0a0000000d4948445200000001000000010800000000 3a7e9b55 0000000a49444154789c6360000000020001 e221bc33 0000000049454e44ae426082".replace(' ', "")).unwrap()
}

async fn declared(app: &TestApp, by: &Viewer, title: &str, kind: &str) -> String {
    let answer = app.post(by, "/incidents", &[("title", title), ("kind", kind)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location
}

async fn incident(app: &TestApp, viewer: &Viewer, path: &str) -> Incident {
    let mut conn = app.app.db.read().await.unwrap();
    incidents::need(&mut conn, viewer, path.trim_start_matches("/i/")).await.unwrap()
}

fn form(fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--xx\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for (name, bytes) in files {
        let head = format!(
            "--xx\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xx--\r\n");
    body
}

async fn bring(
    app: &TestApp,
    by: &Viewer,
    path: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &[u8])],
    accept: &str,
) -> Answer {
    let request = Request::post(format!("{path}/imports"))
        .header(header::ACCEPT, accept)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
        .body(Body::from(form(fields, files)))
        .unwrap();
    app.send(Some(by), request).await
}

/// Brings one file as the upload zone does.
async fn drop_file(app: &TestApp, by: &Viewer, path: &str, name: &str, bytes: &[u8]) -> Value {
    let answer = bring(app, by, path, &[], &[(name, bytes)], "application/json").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// The flash, which the page shows once.
async fn flash(app: &TestApp, by: &Viewer, path: &str) -> String {
    let page = app.get(by, path).await.body;
    page.split("role=\"status\"")
        .nth(1)
        .unwrap_or("")
        .split("</div></div>")
        .next()
        .unwrap()
        .to_owned()
}

#[rstest]
#[tokio::test]
async fn a_file_is_taken_in_shown_and_not_doubled(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let empty = app.get(&ada, &format!("{path}/evidence")).await;
    assert!(empty.body.contains("Nothing is here yet"), "{}", empty.body);

    let first = drop_file(&app, &ada, &path, "alerts.json", ALERTS.as_bytes()).await;
    assert_eq!((&first["added"], &first["already"]), (&json!(2), &json!(0)), "{first}");
    let page = app.get(&ada, &format!("{path}/evidence")).await;
    assert!(page.body.contains("CheckoutLatencyP99") && page.body.contains("14:09:12"));
    assert!(page.body.contains("5 March 2026") && page.body.contains("Alertmanager"));

    let again = drop_file(&app, &ada, &path, "renamed.json", ALERTS.as_bytes()).await;
    assert_eq!((&again["added"], &again["already"]), (&json!(0), &json!(2)), "{again}");
    let result = app.get(&ada, again["url"].as_str().unwrap()).await;
    assert!(result.body.contains("Nothing new: all 2 were already here."), "{}", result.body);
    assert!(app.get(&ada, &path).await.body.contains("All 2"), "the incident's page counts them");
}

#[rstest]
#[tokio::test]
async fn an_import_is_taken_back_whole_and_comes_back_as_it_was(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let export = slack(30);
    let first = drop_file(&app, &ada, &path, "export.zip", &export).await;
    assert_eq!(first["added"], 30, "{first}");
    let it = incident(&app, &ada, &path).await;
    let before = everything(&app.app, &ada, &it).await;
    let url = first["url"].as_str().unwrap();

    let undone = app.post(&ada, &format!("{url}/undo"), &[]).await;
    assert_eq!(undone.location, url);
    assert!(flash(&app, &ada, url).await.contains("30 pieces are no longer shown"));
    assert!(everything(&app.app, &ada, &it).await.is_empty());
    let page = app.get(&ada, &format!("{path}/evidence")).await;
    assert!(page.body.contains("Nothing is here yet"));
    let one = format!("{path}/evidence/{}", before[0].0);
    assert_eq!(app.get(&ada, &one).await.status, StatusCode::NOT_FOUND);
    let twice = app.post(&ada, &format!("{url}/undo"), &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);

    let again = drop_file(&app, &ada, &path, "export.zip", &export).await;
    assert_eq!((&again["added"], &again["already"]), (&json!(30), &json!(0)), "{again}");
    assert_eq!(everything(&app.app, &ada, &it).await, before, "ids and digests stay");
    assert_eq!(app.get(&ada, &one).await.status, StatusCode::OK);
}

/// Ids and digests of an incident's evidence, in order, read page by page.
async fn everything(app: &App, viewer: &Viewer, incident: &Incident) -> Vec<(String, String)> {
    let mut conn = app.db.read().await.unwrap();
    let (mut all, mut after) = (Vec::new(), None);
    let filter = Filter::default();
    loop {
        let page =
            store::of_incident(&mut conn, viewer, &incident.id, &filter, after.as_ref(), 7).await;
        let page = page.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(last.cursor());
        all.extend(page.into_iter().map(|piece| (piece.id.to_string(), piece.content_hash)));
    }
}

#[rstest]
#[tokio::test]
async fn order_and_digests_do_not_depend_on_the_order_of_arrival(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let notes = "2026-03-05T14:09:12Z second of the same instant\n2026-03-05T14:09:12Z again\n";
    let files: [(&str, &[u8]); 2] = [("a.json", ALERTS.as_bytes()), ("b.log", notes.as_bytes())];
    let mut told = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let path = declared(&app, &ada, "The same", "outage").await;
        for n in order {
            drop_file(&app, &ada, &path, files[n].0, files[n].1).await;
        }
        let it = incident(&app, &ada, &path).await;
        let mut conn = app.app.db.read().await.unwrap();
        let all = Filter::default();
        let page = store::of_incident(&mut conn, &ada, &it.id, &all, None, 100).await.unwrap();
        let hashes: Vec<String> = page.iter().map(|piece| piece.content_hash.clone()).collect();
        let texts: Vec<String> = page.into_iter().map(|piece| piece.body).collect();
        told.push((hashes, texts));
    }
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    assert_eq!(sorted(told[0].0.clone()), sorted(told[1].0.clone()));
    assert_eq!(told[0].1.len(), 4);
    let place = |texts: &[String], what: &str| texts.iter().position(|t| t.contains(what)).unwrap();
    for (_, texts) in &told {
        assert!(
            place(texts, "second of") < place(texts, "again"),
            "as the file has them: {texts:?}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn tokens_and_addresses_are_on_no_page_in_no_answer_and_in_no_activity(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let bob = app.person("bob", Seat::Editor).await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let name = "export of eve@example.net.zip";
    let done = drop_file(&app, &ada, &path, name, &slack(5)).await;
    let url = done["url"].as_str().unwrap().to_owned();
    let key = path.trim_start_matches("/i/");
    let api = format!("/api/v1/incidents/{key}/imports/{}", url.rsplit('/').next().unwrap());
    let it = incident(&app, &ada, &path).await;
    let ids = everything(&app.app, &ada, &it).await;
    let one = format!("{path}/evidence/{}", ids[1].0);
    let pages = [
        format!("{path}/evidence"),
        format!("{path}/imports"),
        url,
        api,
        one,
        format!("{path}/activity"),
        path.clone(),
        format!("{path}/capture"),
    ];
    for page in &pages {
        let answer = app.get(&bob, page).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        for secret in ["xoxb-1234", "ada@example.org", "eve@example.net"] {
            assert!(!answer.body.contains(secret), "{secret} on {page}");
        }
    }
    let shown = app.get(&bob, &pages[4]).await.body;
    assert!(shown.contains("[token removed]") && shown.contains("[e-mail removed]"), "{shown}");
    let mut conn = app.app.db.read().await.unwrap();
    let lines =
        crate::audit::of_incident(&mut conn, &ada, it.id.as_str(), i64::MAX, 100).await.unwrap();
    let lines = format!("{lines:?}");
    assert!(lines.contains("evidence.imported") && !lines.contains("example.net"), "{lines}");
}

#[rstest]
#[tokio::test]
async fn evidence_of_a_red_incident_does_not_exist_for_others(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let red = declared(&app, &ada, "Keys in a log", "security").await;
    let open = declared(&app, &bob, "Checkout is slow", "outage").await;
    let done = drop_file(&app, &ada, &red, "graph.png", &png()).await;
    assert_eq!(done["added"], 1, "{done}");
    let it = incident(&app, &ada, &red).await;
    let id = everything(&app.app, &ada, &it).await[0].0.clone();
    let import = done["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(png()));
    let below = [
        "evidence".to_owned(),
        format!("evidence/{id}"),
        "imports".to_owned(),
        format!("imports/{import}"),
        format!("imports/{import}/set-aside.json"),
        format!("files/{digest}"),
        "capture".to_owned(),
    ];
    for one in &below {
        assert_eq!(app.get(&ada, &format!("{red}/{one}")).await.status, StatusCode::OK, "{one}");
        assert_eq!(app.get(&bob, &format!("{red}/{one}")).await.status, StatusCode::NOT_FOUND);
    }
    for one in &below[1..2] {
        // Nor through an incident that he may see.
        assert_eq!(app.get(&bob, &format!("{open}/{one}")).await.status, StatusCode::NOT_FOUND);
    }
    for child in [&below[3], &below[5]] {
        assert_eq!(app.get(&bob, &format!("{open}/{child}")).await.status, StatusCode::NOT_FOUND);
    }
    for (to, form) in [
        ("notes", [("text", "x")]),
        ("pins", [("id", id.as_str())]),
        ("dismissals", [("id", id.as_str())]),
        ("capture", [("name", "detected")]),
        (&format!("imports/{import}/undo"), [("a", "b")]),
    ] {
        let answer = app.post(&bob, &format!("{red}/{to}"), &form).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{to}");
    }
    let answer = app.post(&bob, &format!("{open}/pins"), &[("id", &id)]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = bring(&app, &bob, &red, &[], &[("a.json", ALERTS.as_bytes())], "text/html").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[rstest]
#[tokio::test]
async fn a_reader_reads_and_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, rea) = (app.ada().await, app.person("rea", Seat::Reader).await);
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let done = drop_file(&app, &ada, &path, "alerts.json", ALERTS.as_bytes()).await;
    let page = app.get(&rea, &format!("{path}/evidence")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("upload-zone") && !page.body.contains("Dismiss"));
    let url = done["url"].as_str().unwrap();
    assert_eq!(app.post(&rea, &format!("{url}/undo"), &[]).await.status, StatusCode::FORBIDDEN);
    for (to, form) in
        [("notes", ("text", "x")), ("pins", ("a", "b")), ("capture", ("name", "detected"))]
    {
        let answer = app.post(&rea, &format!("{path}/{to}"), &[form]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{to}");
    }
    let answer = bring(&app, &rea, &path, &[], &[("a.json", ALERTS.as_bytes())], "text/html").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(app.get_as_nobody(&format!("{path}/evidence")).await.status, StatusCode::SEE_OTHER);
}

#[rstest]
#[tokio::test]
async fn what_breaks_off_on_the_way_is_never_seen_and_can_be_sent_again(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let it = incident(&app, &ada, &path).await;
    let export = slack(9000);
    let import = begun(&app.app, &ada, &it, &export).await;
    {
        // The process ends: the future is dropped when some batches are written.
        let reading = take_in::read(&app.app, &ada, &it, &import);
        let mut reading = std::pin::pin!(reading);
        loop {
            let step = tokio::time::timeout(std::time::Duration::from_millis(2), &mut reading);
            assert!(step.await.is_err(), "it is stopped before its end");
            let now = take_in::show(&app.app, &ada, &it, &import.id).await.unwrap();
            if now.added >= 500 {
                break;
            }
        }
    }
    assert!(everything(&app.app, &ada, &it).await.is_empty(), "no half import is seen");
    assert!(app.get(&ada, &format!("{path}/evidence")).await.body.contains("Nothing is here yet"));
    // A thread that still reads finds nobody to hand to.
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    assert_eq!(take_in::sweep(&app.app).await.unwrap(), 1);
    let ended = take_in::show(&app.app, &ada, &it, &import.id).await.unwrap();
    assert_eq!((ended.state, ended.added), (State::Failed, 0));
    assert!(ended.failure.unwrap().contains("Import it again"));
    let again = drop_file(&app, &ada, &path, "export.zip", &export).await;
    assert_eq!((&again["added"], &again["already"]), (&json!(9000), &json!(0)), "{again}");
    assert_eq!(everything(&app.app, &ada, &it).await.len(), 9000);
}

#[rstest]
#[tokio::test]
async fn an_import_is_stopped_while_it_is_read_and_leaves_nothing(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let it = incident(&app, &ada, &path).await;
    let export = slack(9000);
    let import = begun(&app.app, &ada, &it, &export).await;
    let page = format!("{path}/imports/{}", import.id);
    let shown = app.get(&ada, &page).await.body;
    assert!(shown.contains("Stop reading it") && shown.contains("0 so far"), "{shown}");
    let reading = take_in::read(&app.app, &ada, &it, &import);
    let stopping = async {
        while take_in::show(&app.app, &ada, &it, &import.id).await.unwrap().added < 500 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        app.post(&ada, &format!("{page}/undo"), &[]).await
    };
    let (read, stopped) = tokio::join!(reading, stopping);
    assert_eq!(stopped.status, StatusCode::SEE_OTHER, "{}", stopped.body);
    assert_eq!(read.unwrap_err().status, StatusCode::CONFLICT);
    assert!(everything(&app.app, &ada, &it).await.is_empty());
    let shown = app.get(&ada, &page).await.body;
    assert!(shown.contains("Somebody stopped it"), "{shown}");
    assert!(shown.contains("Read the same file again"), "{shown}");
    let again = app.post(&ada, &format!("{page}/again"), &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert_eq!(everything(&app.app, &ada, &it).await.len(), 9000);
}

#[rstest]
#[tokio::test]
async fn what_has_no_time_of_its_own_is_the_same_when_it_comes_again_later(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let note: &[u8] = b"We rolled back and it got better.\n";
    for (name, bytes) in [("note.md", note.to_vec()), ("shot.png", png())] {
        let first = drop_file(&app, &ada, &path, name, &bytes).await;
        assert_eq!((&first["added"], &first["set_aside"]), (&json!(1), &json!(0)), "{first}");
        app.clock.advance(std::time::Duration::from_secs(3 * 3600));
        let again = drop_file(&app, &ada, &path, name, &bytes).await;
        assert_eq!((&again["added"], &again["already"]), (&json!(0), &json!(1)), "{again}");
        assert_eq!(again["set_aside"], json!(0), "{again}");
    }
}

async fn begun(app: &App, ada: &Viewer, it: &Incident, body: &[u8]) -> super::Import {
    let mut file = Arriving::begin(app).unwrap();
    file.take(body).await.unwrap();
    let kept = file.keep(app).await.unwrap();
    let new = NewImport {
        file_name: "export.zip".into(),
        source: "slack".into(),
        sha256: kept.sha256,
        size: kept.size.try_into().unwrap(),
        state: State::Reading,
        zone: None,
        day: None,
        mapping: None,
    };
    let mut tx = app.db.write().await.unwrap();
    let id: ImportId =
        store_imports::begin(&mut tx, &it.id, &new, &ada.id, app.now()).await.unwrap();
    tx.commit().await.unwrap();
    take_in::show(app, ada, it, &id).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn times_without_a_zone_are_asked_about_and_never_guessed(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let log = "2026-07-05T14:02:00Z deploy began\n2026-07-05 15:03:00 rollback began\n";
    let done = drop_file(&app, &ada, &path, "deploy.log", log.as_bytes()).await;
    assert_eq!((&done["added"], &done["set_aside"]), (&json!(1), &json!(1)), "{done}");
    let url = done["url"].as_str().unwrap();
    let page = app.get(&ada, url).await.body;
    assert!(
        page.contains("Some times say no zone or no day") && page.contains("has no zone"),
        "{page}"
    );
    let kept = app.get(&ada, &format!("{url}/set-aside.json")).await.body;
    assert!(kept.contains("\"count\":1") && kept.contains("has no zone"), "{kept}");

    let wrong = app.post(&ada, &format!("{url}/again"), &[("zone", "Europe/Atlantis")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("is not a time zone such as Europe/London"), "{}", wrong.body);
    let again = app.post(&ada, &format!("{url}/again"), &[("zone", "Europe/London")]).await;
    let page = app.get(&ada, &again.location).await.body;
    assert!(page.contains("Added 1; 1 were already here."), "{page}");
    let page = app.get(&ada, &format!("{path}/evidence")).await.body;
    assert!(page.contains("said at import: Europe/London") && page.contains("14:03:00"), "{page}");
}

#[rstest]
#[tokio::test]
async fn a_table_is_previewed_and_its_columns_chosen(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let table = "moment,note,words\n2026-03-05T14:02:00Z,a,it began\n2026-03-05T14:05:00Z,b,it <b>ended</b>\n";
    let answer = bring(&app, &ada, &path, &[], &[("t.csv", table.as_bytes())], "text/html").await;
    let url = answer.location;
    let page = app.get(&ada, &url).await.body;
    assert!(page.contains("Which column is what?") && page.contains("it began"), "{page}");
    assert!(!page.contains("<b>ended"), "cells are text");
    assert!(app.get(&ada, &format!("{path}/evidence")).await.body.contains("Nothing is here yet"));
    let chosen = [("map_at", "moment"), ("map_text", "words"), ("map_author", "")];
    let done = app.post(&ada, &format!("{url}/again"), &chosen).await;
    assert_eq!(done.location, url);
    assert!(app.get(&ada, &url).await.body.contains("Added 2."));
    assert!(app.get(&ada, &format!("{path}/evidence")).await.body.contains("it began"));
    let again =
        app.post(&ada, &format!("{url}/again"), &[("map_at", "nope"), ("map_text", "words")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("There is no column"), "{}", again.body);
}

#[rstest]
#[tokio::test]
async fn what_we_cannot_read_is_refused_with_the_list_of_what_we_read(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let answer =
        bring(&app, &ada, &path, &[], &[("r.pdf", b"%PDF-1.7 x")], "application/json").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("Slack export") && answer.body.contains("Alertmanager"),
        "{}",
        answer.body
    );
    let none = bring(&app, &ada, &path, &[], &[("", b"")], "text/html").await;
    assert!(none.body.contains("Choose a file first."), "{}", none.body);
    let two: [(&str, &[u8]); 2] = [("r.pdf", b"%PDF-1.7 x"), ("a.json", ALERTS.as_bytes())];
    let both = bring(&app, &ada, &path, &[], &two, "text/html").await;
    assert_eq!(both.location, format!("{path}/imports"), "the good one is taken all the same");
    let said = flash(&app, &ada, &both.location).await;
    assert!(said.contains("r.pdf") && said.contains("Added 2"), "{said}");
}

#[rstest]
#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_read(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let request = Request::post(format!("{path}/imports"))
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
        .header(header::CONTENT_LENGTH, (3_u64 << 30).to_string())
        .body(Body::from(form(&[], &[])))
        .unwrap();
    let answer = app.send(Some(&ada), request).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.body.contains("larger than 2048 MiB"), "{}", answer.body);

    let mut config = (*app.app.config).clone();
    config.upload_max_bytes = 1 << 20;
    let small = App::new(app.app.db.clone(), config, app.clock.clone());
    let mut file = Arriving::begin(&small).unwrap();
    file.take(&vec![b'x'; 1 << 20]).await.unwrap();
    let problem = file.take(b"x").await.unwrap_err();
    assert_eq!(problem.status, StatusCode::PAYLOAD_TOO_LARGE);
    drop(file);
    let left = std::fs::read_dir(small.files().join("incoming")).unwrap().count();
    assert_eq!(left, 0, "nothing of it stays");
}

#[rstest]
#[tokio::test]
async fn a_form_from_elsewhere_brings_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let csrf = axum::http::HeaderMap::new();
    let wanted = kit::web::Csrf("right".into());
    assert!(super::upload::check_csrf(Some(&wanted), &csrf, "wrong").is_err());
    assert!(super::upload::check_csrf(Some(&wanted), &csrf, "right").is_ok());
    let request = Request::post(format!("{path}/imports"))
        .header("sec-fetch-site", "cross-site")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
        .body(Body::from(form(&[], &[("a.json", ALERTS.as_bytes())])))
        .unwrap();
    assert_eq!(app.send(Some(&ada), request).await.status, StatusCode::FORBIDDEN);
    assert!(app.get(&ada, &format!("{path}/evidence")).await.body.contains("Nothing is here yet"));
}

#[rstest]
#[tokio::test]
async fn a_picture_is_shown_and_nothing_else_runs_here(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let digest = |bytes: &[u8]| hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes));
    drop_file(&app, &ada, &path, "graph.png", &png()).await;
    let again = drop_file(&app, &ada, &path, "graph.png", &png()).await;
    assert_eq!((&again["already"], &again["set_aside"]), (&json!(1), &json!(0)), "{again}");
    let url = format!("{path}/files/{}", digest(&png()));
    assert!(app.get(&ada, &format!("{path}/evidence")).await.body.contains(&url));
    assert_eq!(
        headers(&app, &ada, &url).await,
        ("image/png".into(), "inline".into(), "sandbox; default-src 'none'".into())
    );
    let export = slack(3);
    drop_file(&app, &ada, &path, "export.zip", &export).await;
    let raw = app.get(&ada, &format!("{path}/files/{}", digest(&export))).await;
    assert_eq!(raw.status, StatusCode::NOT_FOUND, "raw exports are never served");
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let answer = bring(&app, &ada, &path, &[], &[("x.svg", svg)], "application/json").await;
    if answer.status == StatusCode::OK {
        let url = format!("{path}/files/{}", digest(svg));
        let (kind, how, _) = headers(&app, &ada, &url).await;
        assert_eq!((kind.as_str(), how.as_str()), ("application/octet-stream", "attachment"));
    }
}

/// Type, disposition and policy of an answer.
async fn headers(app: &TestApp, by: &Viewer, url: &str) -> (String, String, String) {
    let request = Request::get(url).body(Body::empty()).unwrap();
    let response = app.raw(Some(by), request).await;
    let header = |name| {
        let value = response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        value.unwrap_or_default().split("; filename").next().unwrap().to_owned()
    };
    (header("content-type"), header("content-disposition"), header("content-security-policy"))
}

#[rstest]
#[tokio::test]
async fn a_note_a_pin_and_a_time_are_written_with_two_words(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.person("ada", Seat::Contributor).await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let back = format!("{path}/capture");
    let nothing = app.post(&ada, &format!("{path}/pins"), &[("back", &back)]).await;
    assert_eq!(nothing.status, StatusCode::CONFLICT, "{}", nothing.body);
    let saved = app
        .post(&ada, &format!("{path}/notes"), &[("text", "rollback started"), ("back", &back)])
        .await;
    assert_eq!(saved.location, back);
    let page = app.get(&ada, &back).await.body;
    assert!(
        page.contains("Saved, at 12:00:00 UTC.") && page.contains("rollback started"),
        "{page}"
    );
    app.post(&ada, &format!("{path}/notes"), &[("text", "saw it"), ("at", "11:58")]).await;
    app.post(&ada, &format!("{path}/pins"), &[("back", &back)]).await;
    assert!(flash(&app, &ada, &back).await.contains("Pinned: rollback started"));
    let pinned = app.get(&ada, &format!("{path}/evidence?pinned=1")).await.body;
    assert!(pinned.contains("rollback started") && !pinned.contains("saw it"));
    app.post(&ada, &back, &[("name", "mitigated"), ("at", "")]).await;
    let page = app.get(&ada, &back).await.body;
    assert!(page.contains("Mitigated: 2026-03-05 12:00:00 UTC"), "{page}");
    let empty = app.post(&ada, &format!("{path}/notes"), &[("text", " "), ("at", "soon")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        empty.body.contains("Write a word or two.") && empty.body.contains("such as 14:02"),
        "{}",
        empty.body
    );
    let elsewhere = [("text", "x"), ("back", "https://example.net/")];
    let answer = app.post(&ada, &format!("{path}/notes"), &elsewhere).await;
    assert_eq!(answer.location, format!("{path}/evidence"));
}

#[rstest]
#[tokio::test]
async fn filters_and_pages_go_back_to_the_first(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    drop_file(&app, &ada, &path, "export.zip", &slack(120)).await;
    drop_file(&app, &ada, &path, "alerts.json", ALERTS.as_bytes()).await;
    let mut url = format!("{path}/evidence?source=slack&author=ada+OKAFOR");
    let mut seen = 0;
    for _ in 0..3 {
        let page = app.get(&ada, &url).await.body;
        assert!(!page.contains("CheckoutLatency"));
        seen += page.matches("data-row").count();
        let Some((before, _)) = page.split_once("\">Older<") else { break };
        let link = before.rsplit("href=\"?").next().unwrap();
        let query = link.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        url = format!("{path}/evidence?{query}");
    }
    assert_eq!(seen, 120);
    let alerts = app.get(&ada, &format!("{path}/evidence?kind=alert")).await.body;
    assert_eq!(alerts.matches("data-row").count(), 2);
    for bad in ["before=1.2.3", "kind=gossip"] {
        let answer = app.get(&ada, &format!("{path}/evidence?{bad}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    let none = app.get(&ada, &format!("{path}/evidence?author=nobody")).await.body;
    assert!(none.contains("Nothing fits"));
}

#[rstest]
#[tokio::test]
async fn the_api_does_what_the_command_line_needs(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    declared(&app, &ada, "Checkout is slow", "outage").await;
    let base = "/api/v1/incidents/INC-1";
    let note = app
        .api(&ada, Method::POST, &format!("{base}/notes"), json!({"text": "rollback started"}))
        .await;
    assert_eq!(note.status, StatusCode::CREATED, "{}", note.body);
    let pin = app.api(&ada, Method::POST, &format!("{base}/pins"), json!({})).await;
    assert!(pin.body.contains("rollback started"), "{}", pin.body);
    let time = json!({"name": "mitigated", "at": "11:41", "uncertainty_s": 120});
    let time = app.api(&ada, Method::POST, &format!("{base}/times"), time).await;
    assert_eq!(time.status, StatusCode::CREATED, "{}", time.body);
    assert!(time.body.contains("2026-03-05 11:41"), "{}", time.body);
    let raw =
        Request::post(format!("{base}/imports?file_name=t.csv&mapping=at%3Dwhen%2Ctext%3Dwhat"))
            .body(Body::from("when,what\n2026-03-05T14:02:00Z,it began\nnever,it ended\n"))
            .unwrap();
    let done = app.send(Some(&ada), raw).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.body);
    let done: Value = serde_json::from_str(&done.body).unwrap();
    assert_eq!((&done["added"], &done["set_aside"]), (&json!(1), &json!(1)), "{done}");
    assert!(done["reasons"][0]["place"].as_str().unwrap().contains("row 3"), "{done}");
    let id = done["id"].as_str().unwrap();
    let undone = app.api(&ada, Method::POST, &format!("{base}/imports/{id}/undo"), json!({})).await;
    assert!(undone.body.contains("undone_at\":\"2026-03-05T12:00:00Z"), "{}", undone.body);
    let wrong = app.api(&ada, Method::POST, &format!("{base}/notes"), json!({"txet": "x"})).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("txet"), "{}", wrong.body);
    let missing =
        app.api(&ada, Method::POST, "/api/v1/incidents/INC-9/notes", json!({"text": "x"})).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[rstest]
#[tokio::test]
async fn another_text_under_a_known_id_changes_nothing_and_is_told(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let path = declared(&app, &ada, "Checkout is slow", "outage").await;
    let table = |what: &str| format!("id,at,text\n7,2026-03-05T14:02:00Z,{what}\n");
    let base = "/api/v1/incidents/INC-1/imports?file_name=t.csv";
    let send = async |what: &str| {
        let request = Request::post(base).body(Body::from(table(what))).unwrap();
        let answer = app.send(Some(&ada), request).await;
        serde_json::from_str::<Value>(&answer.body).unwrap()
    };
    let first = send("it began").await;
    assert_eq!(first["added"], 1, "{first}");
    let other = send("it ended").await;
    assert_eq!((&other["already"], &other["set_aside"]), (&json!(1), &json!(1)), "{other}");
    assert!(other["reasons"][0]["why"].as_str().unwrap().contains("Evidence does not change"));
    let it = incident(&app, &ada, &path).await;
    let id = super::ImportId::parse(first["id"].as_str().unwrap()).unwrap();
    capture::undo(&app.app, &ada, &it, &id).await.unwrap();
    let third = send("it ended").await;
    assert_eq!((&third["added"], &third["set_aside"]), (&json!(1), &json!(0)), "{third}");
    let page = app.get(&ada, &format!("{path}/evidence")).await.body;
    assert!(page.contains("it ended") && !page.contains("it began"));
}
