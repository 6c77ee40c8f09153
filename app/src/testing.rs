//! What tests stand on: the product on a database of its own, a clock one can set, and one small
//! company. Fixtures go through the verbs, so no test makes a state that the product cannot.

use crate::access::{PersonId, Seat, Through, Viewer};
use crate::app::App;
use crate::config::{self, Config};
use crate::people::{self, Email, Handle, Name, NewPerson, session};
use crate::site;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use kit::clock::SetClock;
use kit::db::{Db, Time, migrate};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::OnceCell;
use tower::ServiceExt;

/// On which database a test runs; each storage test runs on both.
#[derive(Debug, Clone, Copy)]
pub enum On {
    /// A file of the test's own.
    Sqlite,
    /// A database of the test's own on the private server.
    Postgres,
}

/// The product, running for one test.
pub struct TestApp {
    /// The product.
    pub app: App,
    /// Its clock.
    pub clock: Arc<SetClock>,
    router: Router,
    sessions: Mutex<HashMap<PersonId, (String, String)>>,
    _folder: tempfile::TempDir,
}

/// What a request was answered.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Where it sends on to; empty when nowhere.
    pub location: String,
    /// Its body as text.
    pub body: String,
}

/// When every test begins, unless it sets the clock.
pub fn start_of_tests() -> Time {
    Time::new("2026-03-05T12:00:00Z".parse().unwrap())
}

static POSTGRES: OnceCell<String> = OnceCell::const_new();

#[expect(clippy::disallowed_methods, reason = "a test's surroundings are its environment")]
async fn postgres_server() -> String {
    if let Ok(url) = std::env::var("AFTERWORD_TEST_POSTGRES") {
        return url;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools/test-postgres");
    let run = std::process::Command::new(script).output().expect("tools/test-postgres runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).trim().lines().last().unwrap_or_default().to_owned()
}

fn with_database(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').expect("an address with a database");
    format!("{base}/{name}")
}

async fn execute(server: &str, sql: String) {
    use sqlx::Connection;
    let mut admin = sqlx_postgres::PgConnection::connect(server).await.expect("PostgreSQL answers");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.expect("it is done");
}

/// The address of a migrated database that tests are copied from.
async fn template() -> &'static str {
    POSTGRES
        .get_or_init(|| async {
            let server = postgres_server().await;
            let name = format!("template_{}", std::process::id());
            execute(&server, format!("drop database if exists {name}")).await;
            execute(&server, format!("create database {name}")).await;
            let db = Db::postgres(&with_database(&server, &name), 1).await.expect("it opens");
            migrate(&db, site::MIGRATIONS, start_of_tests()).await.expect("it migrates");
            db.close().await;
            server
        })
        .await
}

/// A database of the test's own, migrated.
pub async fn database(on: On, folder: &std::path::Path) -> Db {
    match on {
        On::Sqlite => {
            let db = Db::sqlite(&folder.join("afterword.sqlite")).await.expect("it opens");
            migrate(&db, site::MIGRATIONS, start_of_tests()).await.expect("it migrates");
            db
        }
        On::Postgres => {
            static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
            let server = template().await;
            let name = format!("test_{}", hex::encode(kit::chance::bytes::<8>()));
            let pid = std::process::id();
            {
                let _turn = ONE_AT_A_TIME.lock().await;
                execute(server, format!("create database {name} template template_{pid}")).await;
            }
            Db::postgres(&with_database(server, &name), 4).await.expect("it opens")
        }
    }
}

impl TestApp {
    /// A product with nobody in it.
    pub async fn start(on: On) -> TestApp {
        // A test's clock stands still, so nothing would be allowed again.
        TestApp::start_with(on, &[("api.requests_per_minute", "10000000")]).await
    }

    /// A product with nobody in it, and settings of the test's own.
    pub async fn start_with(on: On, settings: &[(&str, &str)]) -> TestApp {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(on, folder.path()).await;
        let clock = Arc::new(SetClock::at(start_of_tests()));
        let data = folder.path().display().to_string();
        let mut flags = vec![("data", data)];
        flags.extend(settings.iter().map(|(key, value)| (*key, (*value).to_owned())));
        let values = config::collect(None, &[], &flags).expect("settings");
        let config: Config = config::check(&values).expect("settings");
        std::fs::create_dir_all(folder.path().join("files")).expect("a folder");
        let app = App::new(db, config, clock.clone());
        let router = site::router(app.clone());
        TestApp { app, clock, router, sessions: Mutex::default(), _folder: folder }
    }

    /// Somebody with a seat, signed in: `ada`, `bob`, …
    pub async fn person(&self, handle: &str, seat: Seat) -> Viewer {
        let mut tx = self.app.db.write().await.unwrap();
        let person = NewPerson {
            handle: Handle::parse(handle).unwrap(),
            name: Name::parse(
                &handle[..1].to_uppercase().chars().chain(handle[1..].chars()).collect::<String>(),
            )
            .unwrap(),
            email: Some(Email::parse(&format!("{handle}@example.org")).unwrap()),
            password_digest: None,
            seat,
            zone: "UTC".to_owned(),
        };
        let id = people::register(&mut tx, &person, self.app.now()).await.unwrap();
        let secret = session::begin(&mut tx, &self.app, &id).await.unwrap();
        tx.commit().await.unwrap();
        let name = person.name.as_str().to_owned();
        let viewer = Viewer {
            id: id.clone(),
            name,
            handle: handle.to_owned(),
            seat,
            zone: "UTC".into(),
            through: Through::Session,
        };
        let csrf = session::csrf_of(&self.app, &secret).await.unwrap();
        self.sessions.lock().unwrap().insert(id, (secret, csrf));
        viewer
    }

    /// Runs SQL past the product, to see whether it notices.
    pub async fn execute(&self, sql: &str) {
        let text = sqlx::AssertSqlSafe(sql.to_owned());
        match &self.app.db {
            Db::Sqlite { writer, .. } => {
                sqlx::raw_sql(text).execute(writer).await.expect("it is done");
            }
            Db::Postgres(pool) => {
                sqlx::raw_sql(text).execute(pool).await.expect("it is done");
            }
        }
    }

    /// The address of the test's own PostgreSQL database; none on SQLite.
    pub async fn postgres_url(&self) -> Option<String> {
        let Db::Postgres(pool) = &self.app.db else { return None };
        let (name,): (String,) =
            sqlx::query_as("select current_database()::text").fetch_one(pool).await.unwrap();
        Some(with_database(template().await, &name))
    }

    /// An administrator called Ada.
    pub async fn ada(&self) -> Viewer {
        self.person("ada", Seat::Administrator).await
    }

    /// Sends a request as somebody, or as nobody; gives the answer as it comes.
    pub async fn raw(
        &self,
        as_whom: Option<&Viewer>,
        request: Request<Body>,
    ) -> axum::response::Response {
        let (mut parts, body) = request.into_parts();
        if let Some(viewer) = as_whom {
            let (secret, csrf) = self.sessions.lock().unwrap()[&viewer.id].clone();
            let cookie = format!("__Host-afterword={secret}");
            parts.headers.insert(header::COOKIE, cookie.parse().unwrap());
            parts.headers.insert("x-csrf", csrf.parse().unwrap());
        }
        self.router.clone().oneshot(Request::from_parts(parts, body)).await.unwrap()
    }

    /// Sends a request with somebody's cookie and nothing else that vouches for it.
    pub async fn without_csrf(&self, viewer: &Viewer, mut request: Request<Body>) -> Answer {
        let (secret, _) = self.sessions.lock().unwrap()[&viewer.id].clone();
        let cookie = format!("__Host-afterword={secret}");
        request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        self.send(None, request).await
    }

    /// Sends a request as somebody, or as nobody.
    pub async fn send(&self, as_whom: Option<&Viewer>, request: Request<Body>) -> Answer {
        let response = self.raw(as_whom, request).await;
        let status = response.status();
        let location = response.headers().get(header::LOCATION);
        let location = location.map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
        let bytes = to_bytes(response.into_body(), 64 << 20).await.unwrap();
        Answer { status, location, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Answers on a port of its own while the test runs; gives the address.
    pub async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    /// What somebody's command line shows instead of a cookie.
    pub fn token(&self, viewer: &Viewer) -> String {
        self.sessions.lock().unwrap()[&viewer.id].0.clone()
    }

    /// Opens a page.
    pub async fn get(&self, viewer: &Viewer, path: &str) -> Answer {
        self.send(Some(viewer), page_request(Method::GET, path, Body::empty())).await
    }

    /// Opens a page as nobody.
    pub async fn get_as_nobody(&self, path: &str) -> Answer {
        self.send(None, page_request(Method::GET, path, Body::empty())).await
    }

    /// Sends a form.
    pub async fn post(&self, viewer: &Viewer, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = page_request(Method::POST, path, Body::from(body));
        let kind = "application/x-www-form-urlencoded".parse().unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        self.send(Some(viewer), request).await
    }

    /// Sends JSON to the API.
    pub async fn api(
        &self,
        viewer: &Viewer,
        method: Method,
        path: &str,
        body: serde_json::Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(Some(viewer), request.body(Body::from(body.to_string())).unwrap()).await
    }
}

/// What is asked of the API.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The method.
    pub method: &'a str,
    /// Under `/api/v1`.
    pub path: &'a str,
    /// The version that is changed, where one is.
    pub version: Option<i64>,
}

impl TestApp {
    /// Asks the API with a JSON body and gives the JSON it answers; null when that is empty.
    pub async fn call(
        &self,
        viewer: &Viewer,
        call: Call<'_>,
        body: serde_json::Value,
    ) -> (StatusCode, serde_json::Value) {
        let path = format!("/api/v1{}", call.path);
        let mut request = Request::builder().method(call.method).uri(path);
        if let Some(version) = call.version {
            request = request.header(header::IF_MATCH, format!("\"v{version}\""));
        }
        request = request.header(header::CONTENT_TYPE, "application/json");
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.send(Some(viewer), request.body(Body::from(text)).unwrap()).await;
        let json = serde_json::from_str(&answer.body).unwrap_or(serde_json::Value::Null);
        (answer.status, json)
    }
}

fn page_request(method: Method, path: &str, body: Body) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    request
        .header(header::ACCEPT, "text/html")
        .header(header::HOST, "127.0.0.1:8080")
        .body(body)
        .unwrap()
}

mod whole {
    use super::{On, TestApp, database};
    use axum::body::Body;
    use axum::http::{StatusCode, header};
    use rstest::rstest;

    #[rstest]
    #[tokio::test]
    async fn every_statement_of_the_program_prepares(#[values(On::Sqlite, On::Postgres)] on: On) {
        let folder = tempfile::tempdir().unwrap();
        let db = database(on, folder.path()).await;
        let mut conn = db.read().await.unwrap();
        let mut wrong = Vec::new();
        let mut count = 0;
        for statement in kit::db::statements() {
            count += 1;
            if let Err(error) = kit::db::prepare(&mut conn, statement).await {
                wrong.push(format!("{}:{} {error}", statement.file, statement.line));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(count > 10, "the statements are registered: {count}");
    }

    #[rstest]
    #[tokio::test]
    async fn the_first_one_comes_by_the_set_up_link_and_it_works_once(
        #[values(On::Sqlite, On::Postgres)] on: On,
    ) {
        let app = TestApp::start(on).await;
        let path = crate::people::invite::setup_link(&app.app).await.unwrap().unwrap();
        assert_eq!(app.get_as_nobody(&path).await.status, StatusCode::OK);
        let form = |password: &str| {
            let said = format!("name=Ada&email=ada%40example.org&password={password}");
            let mut request = super::page_request(axum::http::Method::POST, &path, said.into());
            let kind = "application/x-www-form-urlencoded".parse().unwrap();
            request.headers_mut().insert(axum::http::header::CONTENT_TYPE, kind);
            request
        };
        let refused = app.send(None, form("short")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("at least 10 characters"), "{}", refused.body);
        assert!(refused.body.contains("ada@example.org"), "what was typed is kept");
        assert_eq!(app.send(None, form("a good long sentence")).await.location, "/");
        assert_eq!(app.get_as_nobody(&path).await.status, StatusCode::NOT_FOUND);
        assert!(crate::people::invite::setup_link(&app.app).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_sign_in_sent_by_another_site_is_refused_and_leads_nowhere_else() {
        let app = TestApp::start(On::Sqlite).await;
        app.ada().await;
        let sent = |site: &str| {
            axum::http::Request::post("/sign-in")
                .header("sec-fetch-site", site)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from("email=nobody%40x.example&password=a+long+guess"))
                .unwrap()
        };
        assert_eq!(app.send(None, sent("cross-site")).await.status, StatusCode::FORBIDDEN);
        let own = app.send(None, sent("same-origin")).await;
        assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
        let lost = axum::http::Request::get("/nope")
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, "https://evil.test//evil.test/x")
            .body(Body::empty())
            .unwrap();
        let lost = app.send(None, lost).await;
        assert!(!lost.body.contains("evil"), "{}", lost.body);
    }

    #[tokio::test]
    async fn nobody_is_sent_to_sign_in_and_comes_back_to_the_page() {
        let app = TestApp::start(On::Sqlite).await;
        let answer = app.get_as_nobody("/people?x=1").await;
        assert_eq!(answer.location, "/sign-in?next=/people%3Fx%3D1");
    }
}
