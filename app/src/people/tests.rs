//! Signing in through the site: who is refused, and what that tells.

use crate::testing::{Answer, On, TestApp};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use std::net::SocketAddr;
use std::time::Instant;

const PASSWORD: &str = "a good long sentence";

/// The product with Ada in it, who has a password.
async fn with_ada() -> TestApp {
    let app = TestApp::start(On::Sqlite).await;
    let path = super::invite::setup_link(&app.app).await.unwrap().unwrap();
    let form = format!("name=Ada&email=ada%40example.org&password={PASSWORD}");
    let request = Request::post(path).header(header::CONTENT_TYPE, FORM).body(Body::from(form));
    assert_eq!(app.send(None, request.unwrap()).await.location, "/");
    app
}

const FORM: &str = "application/x-www-form-urlencoded";

fn from(peer: u8, mut request: Request<Body>) -> Request<Body> {
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, peer], 4000))));
    request
}

async fn at_the_page(app: &TestApp, peer: u8, email: &str, password: &str) -> Answer {
    let form = format!("email={email}&password={password}");
    let request = Request::post("/sign-in").header(header::CONTENT_TYPE, FORM);
    let request = request.header(header::ACCEPT, "text/html").body(Body::from(form)).unwrap();
    app.send(None, from(peer, request)).await
}

fn at_the_api(peer: u8, email: &str, password: &str) -> Request<Body> {
    let body = serde_json::json!({ "email": email, "password": password }).to_string();
    let request =
        Request::post("/api/v1/sessions").header(header::CONTENT_TYPE, "application/json");
    from(peer, request.body(Body::from(body)).unwrap())
}

#[tokio::test]
async fn s01_wrong_tries_elsewhere_slow_the_owner_and_do_not_lock_her_out() {
    let app = with_ada().await;
    for n in 0..12 {
        // What a peer says of itself counts for nothing: no proxy is configured.
        let mut request = at_the_api(7, "ada@example.org", "wrong wrong wrong");
        let said = format!("203.0.113.{n}").parse().unwrap();
        request.headers_mut().insert("x-forwarded-for", said);
        let status = app.send(None, request).await.status;
        let refused = if n < 10 { 422 } else { 429 };
        assert_eq!(status.as_u16(), refused, "try {n}");
    }
    let refused = app.raw(None, at_the_api(7, "ada@example.org", PASSWORD)).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "the right one, too");
    assert_eq!(refused.headers()[header::RETRY_AFTER], "900");
    let began = Instant::now();
    let owner = at_the_page(&app, 8, "ada%40example.org", PASSWORD).await;
    assert_eq!((owner.status, owner.location.as_str()), (StatusCode::SEE_OTHER, "/"));
    let took = began.elapsed().as_millis();
    assert!((250..5_000).contains(&took), "slowed, within bounds: {took} ms");
}

#[tokio::test]
async fn s02_an_address_that_nobody_has_is_refused_in_the_same_words_after_as_many_tries() {
    let app = with_ada().await;
    let mut told = Vec::new();
    for (peer, email) in [(7, "ada@example.org"), (9, "eve@example.org")] {
        for n in 0..11 {
            let at_api = app.send(None, at_the_api(peer, email, "wrong wrong wrong")).await;
            let mine = (at_api.status, at_api.body.replace(email, "ADDRESS"));
            if peer == 7 {
                told.push(mine);
            } else {
                assert_eq!(told[n], mine, "try {n}");
            }
        }
    }
    let [known, unknown] = [(7, "ada%40example.org"), (9, "eve%40example.org")];
    let known = at_the_page(&app, known.0, known.1, "wrong").await;
    let unknown = at_the_page(&app, unknown.0, unknown.1, "wrong").await;
    assert_eq!(known.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(known.body.contains("Wait 15 minutes"), "{}", known.body);
    assert_eq!((known.status, known.body), (unknown.status, unknown.body));
}

#[tokio::test]
async fn tries_that_come_all_at_once_are_counted_one_after_the_other() {
    let app = with_ada().await;
    let tries = (0..60).map(|_| app.send(None, at_the_api(7, "ada@example.org", "not the one")));
    let answers = futures_util::future::join_all(tries).await;
    let looked_at = answers.iter().filter(|answer| answer.status.as_u16() == 422).count();
    assert!((10..10 + super::password::AT_ONCE).contains(&looked_at), "{looked_at}");
    let right = (0..30).map(|_| app.send(None, at_the_api(8, "ada@example.org", PASSWORD)));
    let answers = futures_util::future::join_all(right).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::CREATED), "the owner's many");
}
