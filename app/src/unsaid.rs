//! What chat exports hold and nobody here may read: tokens and e-mail addresses. Exports of three chats are
//! imported, put on a timeline and published, and then everything that the product gives out is searched
//! for them: pages, API, releases, NDJSON, the index, the export of everything, the log.

use crate::access::Viewer;
use crate::retrospectives::{self, Opening, State};
use crate::testing::{On, TestApp};
use crate::upkeep::all;
use crate::{incidents, kinds, search};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// In every token and address of the fixtures, and in nothing else.
const CANARY: &str = "zyxcanary";

/// Tokens of all the kinds that chats know, and addresses; each with the canary in it.
fn secrets() -> Vec<String> {
    let kinds =
        ["xoxb-12-34-", "xoxp-12-34-56-", "xoxe-98-76-", "xoxe.xoxp-1-", "xapp-1-A0-", "ghp_"];
    let mut secrets: Vec<String> = kinds.iter().map(|kind| format!("{kind}{CANARY}0123")).collect();
    secrets.extend([format!("ada.{CANARY}@example.net"), format!("ops+{CANARY}@mail.example.net")]);
    secrets
}

/// A text that says each of them, in a sentence, in brackets and as a link.
fn loose_talk() -> String {
    let all: Vec<String> =
        secrets().iter().map(|one| format!("use {one}, or ({one}) then")).collect();
    let link = format!("<mailto:eve.{CANARY}@example.net|eve.{CANARY}@example.net>");
    let file =
        format!("<https://files.slack.com/files-pri/T1-F1/x.png?t=xoxe-1-{CANARY}|the graph>");
    format!("We decided to roll back at once. {} {link} {file}", all.join(" "))
}

fn slack() -> Vec<u8> {
    let mail = format!("ben.{CANARY}@example.net");
    let token = format!("xoxe-1-{CANARY}");
    let with_token =
        |name: &str| format!("https://files.slack.com/files-pri/T1-F1/{name}?t={token}");
    let users = json!([
        { "id": "U1", "name": "ada", "profile": { "real_name": "Ada", "email": mail, "phone": "1" } },
        { "id": "U2", "name": format!("{mail}"), "profile": { "real_name": mail, "display_name": mail } },
    ]);
    let channels = json!([{ "id": "C1", "name": "inc-1", "topic": { "value": loose_talk() },
        "purpose": { "value": loose_talk() }, "members": ["U1", "U2"] }]);
    let says = |n: usize, more: Value| {
        let mut message = json!({ "type": "message", "user": if n.is_multiple_of(2) { "U1" } else { "U2" },
            "ts": format!("1772712000.{n:06}"), "text": loose_talk() });
        for (key, value) in more.as_object().unwrap() {
            message[key] = value.clone();
        }
        message
    };
    let files = json!([{ "id": "F1", "name": format!("{mail}.png"), "title": loose_talk(),
        "url_private": with_token("a.png"), "url_private_download": with_token("download/a.png"),
        "thumb_360": with_token("t.png"), "permalink": with_token("p.png") }]);
    let messages = json!([
        says(0, json!({})),
        says(
            1,
            json!({ "files": files, "reactions": [{ "name": "eyes", "count": 3, "users": ["U1"] }] })
        ),
        says(
            2,
            json!({ "attachments": [{ "fallback": loose_talk(), "title": loose_talk(),
            "text": loose_talk(), "author_name": mail, "from_url": with_token("f") }] })
        ),
        says(
            3,
            json!({ "text": "", "blocks": [{ "type": "rich_text", "elements": [{ "type":
            "rich_text_section", "elements": [{ "type": "text", "text": loose_talk() }, { "type": "link",
            "url": format!("mailto:{mail}"), "text": mail }] }] }] })
        ),
        says(4, json!({ "subtype": "channel_topic", "topic": loose_talk() })),
        says(5, json!({ "subtype": "bot_message", "username": mail, "bot_id": "B1" })),
        says(6, json!({ "ts": format!("bad {token}") })),
        says(7, json!({ "thread_ts": "1772712000.000000", "user_profile": { "real_name": mail } })),
    ]);
    let log = json!([{ "service_type": loose_talk(), "user_name": mail, "token": token, "date": "1772712000" }]);
    let day = messages.to_string();
    zipped(&[
        ("users.json", users.to_string()),
        ("channels.json", channels.to_string()),
        ("integration_logs.json", log.to_string()),
        ("inc-1/2026-03-05.json", day.clone()),
        (&format!("inc-1/{mail} {token}.json"), day),
    ])
}

/// Not compressed, so that a file which leaves as it came is found, too.
fn zipped(files: &[(&str, String)]) -> Vec<u8> {
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn mattermost() -> Vec<u8> {
    let mail = format!("chie.{CANARY}@example.net");
    let user = json!({ "type": "user", "user": { "username": "chie", "email": mail,
        "nickname": mail, "auth_data": format!("xoxp-1-{CANARY}") } });
    let post = json!({ "type": "post", "post": { "team": "t", "channel": "inc", "user": "chie",
        "message": loose_talk(), "create_at": 1_772_712_000_123_i64,
        "attachments": [{ "path": format!("data/{mail}.png") }],
        "props": { "attachments": [{ "text": loose_talk(), "title_link": format!("https://x.example.org/?token=xoxb-1-{CANARY}") }] } } });
    format!("{}\n{user}\n{post}\n", json!({ "type": "version", "version": 1 })).into_bytes()
}

fn discord() -> Vec<u8> {
    let mail = format!("dan.{CANARY}@example.net");
    let author = json!({ "id": "1", "name": mail, "nickname": mail, "isBot": false });
    let message = json!({ "id": "9", "type": "Default", "timestamp": "2026-03-05T12:00:30.5+00:00",
        "content": loose_talk(), "author": author, "isPinned": true,
        "attachments": [{ "id": "2", "fileName": mail, "url": format!("https://cdn.example.org/a.png?token={CANARY}secret") }],
        "embeds": [{ "title": loose_talk(), "description": loose_talk(), "url": format!("https://x.example.org/?sig={CANARY}abc") }],
        "mentions": [author] });
    let export = json!({ "guild": { "id": "1", "name": "g" }, "channel": { "id": "2", "name": "inc",
        "type": "GuildTextChat", "topic": loose_talk() }, "messages": [message], "messageCount": 1 });
    export.to_string().into_bytes()
}

async fn import(app: &TestApp, by: &Viewer, name: &str, bytes: &[u8]) -> Value {
    let mut body = Vec::new();
    let head = format!(
        "--xx\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--xx--\r\n");
    let request = Request::post("/i/INC-1/imports")
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
        .body(Body::from(body));
    let answer = app.send(Some(by), request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Everything that a person or program can be given, each with the address it came from.
struct Given<'a> {
    app: &'a TestApp,
    by: &'a Viewer,
    all: Vec<(String, String)>,
}

impl Given<'_> {
    async fn ask(&mut self, path: &str) -> String {
        let request = Request::get(path).header(header::ACCEPT, "text/html, application/json");
        let answer = self.app.send(Some(self.by), request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        self.all.push((path.to_owned(), answer.body.clone()));
        answer.body
    }

    /// A page and, once each, the pages of ours that it leads to, below `prefixes`.
    async fn walk(&mut self, first: &str, prefixes: &[&str]) {
        let (mut open, mut seen) = (vec![first.to_owned()], BTreeSet::new());
        while let Some(path) = open.pop() {
            if !seen.insert(path.clone()) || seen.len() > 1_000 {
                continue;
            }
            let body = self.ask(&path).await;
            let links = body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
            let links =
                links.map(|link| link.split('#').next().unwrap_or("").replace("&amp;", "&"));
            open.extend(
                links.filter(|link| prefixes.iter().any(|prefix| link.starts_with(prefix))),
            );
        }
    }

    async fn list(&mut self, path: &str) {
        let mut next = Some(path.to_owned());
        while let Some(asked) = next {
            let body: Value = serde_json::from_str(&self.ask(&asked).await).unwrap();
            let join = if path.contains('?') { '&' } else { '?' };
            next = body["next"].as_str().map(|cursor| format!("{path}{join}cursor={cursor}"));
        }
    }
}

/// The log of everything that happens on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn published(app: &TestApp, ada: &Viewer) {
    app.post(ada, "/i/INC-1/status", &[("status", "resolved")]).await;
    let took_over = app.post(ada, "/i/INC-1/timeline/proposal", &[("all", "1")]).await;
    assert_eq!(took_over.status, StatusCode::SEE_OTHER, "{}", took_over.body);
    let incident = {
        let mut conn = app.app.db.read().await.unwrap();
        incidents::need(&mut conn, ada, "INC-1").await.unwrap()
    };
    let opening = Opening {
        kind: kinds::find("standard").unwrap(),
        reason: "people could not buy".to_owned(),
        owner: Some(ada.id.clone()),
        facilitator: None,
        is_another: false,
    };
    retrospectives::open(&app.app, ada, &incident, &opening).await.unwrap();
    for state in
        [State::Gathering, State::Drafting, State::InReview, State::MeetingHeld, State::Finalising]
    {
        retrospectives::move_on(&app.app, ada, "INC-1", state, "").await.unwrap();
    }
    let version = {
        let mut conn = app.app.db.read().await.unwrap();
        let retro = retrospectives::need_for_writing(&mut conn, ada, "INC-1").await.unwrap();
        retrospectives::section(&mut conn, &retro.id, "sum").await.unwrap().unwrap().version
    };
    retrospectives::write(&app.app, ada, "INC-1", "sum", (version, "Carts stayed empty."))
        .await
        .unwrap();
    let published = app.post(ada, "/r/INC-1/publish", &[("audience", "everybody")]).await;
    assert_eq!(published.location, "/r/INC-1", "{}", published.body);
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found
}

/// Asks for all that is given out.
async fn everything(app: &TestApp, ada: &Viewer) -> Vec<(String, String)> {
    let mut given = Given { app, by: ada, all: Vec::new() };
    given.walk("/i/INC-1", &["/i/INC-1", "/r/INC-1"]).await;
    for path in
        ["/", "/incidents", "/audit", "/i/INC-1/activity", "/i/INC-1/timeline.csv", "/r/INC-1"]
    {
        given.ask(path).await;
    }
    for form in ["md", "html", "json", "pdf"] {
        given.ask(&format!("/r/INC-1/releases/1.{form}")).await;
    }
    for noun in ["evidence", "imports", "timeline"] {
        given.list(&format!("/api/v1/incidents/INC-1/{noun}")).await;
    }
    given.list("/api/v1/incidents").await;
    for noun in ["incidents", "releases", "evidence", "timeline"] {
        let path = format!("/api/v1/export/{noun}.ndjson?incident=INC-1");
        let request = Request::get(&path).body(Body::empty()).unwrap();
        let answer = app.send(Some(ada), request).await;
        given.all.push((path, answer.body));
    }
    search::catch_up(&app.app).await.unwrap();
    for words in ["zyxcana*", "xoxb", "xoxe", "xoxp", "example.net", "removed", "roll back"] {
        let words = words.replace(' ', "+");
        given.ask(&format!("/search?q={words}")).await;
        given.ask(&format!("/api/v1/search?q={words}")).await;
    }
    given.all
}

#[tokio::test]
async fn tokens_and_addresses_of_chat_exports_reach_no_page_no_export_and_no_log() {
    let log = Log::default();
    let into = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("trace,h2=off")
        .with_writer(move || into.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    app.post(&ada, "/incidents", &[("title", "Carts"), ("kind", "outage"), ("severity", "2")])
        .await;
    let named = format!("export of gil.{CANARY}@example.net xoxb-1-{CANARY}.zip");
    for (name, bytes) in
        [(named.as_str(), slack()), ("mattermost.jsonl", mattermost()), ("discord.json", discord())]
    {
        assert!(bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()));
        let done = import(&app, &ada, name, &bytes).await;
        assert!(done.to_string().contains("\"added\""), "{done}");
    }
    published(&app, &ada).await;
    let mut given = everything(&app, &ada).await;

    let folder = tempfile::tempdir().unwrap();
    all::export(&app.app.db, &app.app.files(), folder.path(), false).await.unwrap();
    for path in files(folder.path()) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        given.push((path.display().to_string(), text));
    }
    given
        .push(("the log".to_owned(), String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned()));

    let marked = given.iter().filter(|(_, text)| text.contains("[token removed]")).count();
    assert!(given.len() > 40 && marked > 10, "{} texts, {marked} of them with marks", given.len());
    for (name, text) in &given {
        let at = text.to_lowercase().find(CANARY);
        let near =
            at.map(|at| text.chars().skip(at.saturating_sub(120)).take(300).collect::<String>());
        assert_eq!(near, None, "{name}");
        assert!(!text.contains("xoxe-") && !text.contains("xoxb-"), "{name}");
    }

    // The files themselves stay here, and leave with the other secrets only.
    let whole = tempfile::tempdir().unwrap();
    all::export(&app.app.db, &app.app.files(), whole.path(), true).await.unwrap();
    let holds = |path: &PathBuf| {
        std::fs::read(path).unwrap().windows(9).any(|part| part == CANARY.as_bytes())
    };
    assert_eq!(files(whole.path()).iter().filter(|path| holds(path)).count(), 3);
}

/// Exports of chats, and the tokens and addresses in them.
struct Corpus {
    chats: Vec<(PathBuf, Vec<u8>)>,
    secrets: BTreeSet<String>,
}

/// The chats handed to us; none, and a line saying so, where they are not.
fn corpus() -> Option<Corpus> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/chat");
    if !folder.is_dir() {
        println!("skipped: no corpus at {}", folder.display());
        return None;
    }
    let token = regex::Regex::new(r"xox[a-z]-[\w.-]+|[\w.+-]+@[\w-]+\.[\w.]+\w").unwrap();
    let mut found = BTreeSet::new();
    let mut keep =
        |text: &str| found.extend(token.find_iter(text).map(|one| one.as_str().to_owned()));
    let mut chats = Vec::new();
    for path in files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.display().to_string();
        if name.ends_with(".zip") {
            let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
            for at in 0..zip.len() {
                let mut text = Vec::new();
                zip.by_index(at).unwrap().read_to_end(&mut text).unwrap();
                keep(&String::from_utf8_lossy(&text));
            }
            chats.push((path, bytes));
        } else if name.ends_with(".jsonl") || name.contains("discord") {
            keep(&String::from_utf8_lossy(&bytes));
            chats.push((path, bytes));
        }
    }
    Some(Corpus { chats, secrets: found })
}

#[tokio::test]
async fn nor_do_those_of_real_chats() {
    let Some(Corpus { chats, secrets }) = corpus() else { return };
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.person("zoe", crate::access::Seat::Administrator).await;
    app.post(&ada, "/incidents", &[("title", "Carts"), ("kind", "outage"), ("severity", "2")])
        .await;
    for (path, bytes) in &chats {
        let name = path.file_name().unwrap().to_string_lossy();
        import(&app, &ada, &name, bytes).await;
    }
    let mut given = Given { app: &app, by: &ada, all: Vec::new() };
    given.list("/api/v1/incidents/INC-1/evidence").await;
    given.list("/api/v1/incidents/INC-1/imports").await;
    for path in ["/i/INC-1/evidence", "/i/INC-1/timeline", "/i/INC-1/imports"] {
        given.ask(path).await;
    }
    let mut given = given.all;
    let folder = tempfile::tempdir().unwrap();
    all::export(&app.app.db, &app.app.files(), folder.path(), false).await.unwrap();
    for path in files(folder.path()) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        given.push((path.display().to_string(), text));
    }
    assert!(secrets.len() > 60, "the corpus has some: {}", secrets.len());
    for (name, text) in &given {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} in {name}");
        }
    }
}
