//! Tokens through the site, on both databases.

use super::{NewAccount, NewToken, add_account, make, revoke};
use crate::access::{Scope, Scopes, Seat, Viewer};
use crate::people::{Handle, Name};
use crate::testing::{Answer, On, TestApp};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use std::time::Duration;

fn new(scopes: &[Scope]) -> NewToken {
    let scopes = Scopes::new(scopes).unwrap();
    NewToken { name: "nightly export".into(), scopes, days: 30, account: None }
}

async fn send(app: &TestApp, secret: &str, method: Method, path: &str, body: Value) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
    let request = request.header(header::CONTENT_TYPE, "application/json");
    app.send(None, request.body(Body::from(body.to_string())).unwrap()).await
}

async fn me(app: &TestApp, secret: &str) -> Answer {
    send(app, secret, Method::GET, "/api/v1/me", Value::Null).await
}

#[rstest]
#[tokio::test]
async fn a_token_may_what_the_seat_may_and_its_scopes_allow(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let rolf = app.person("rolf", Seat::Reader).await;
    let declare = async |secret: &str| {
        let body = json!({ "title": "Checkout is down" });
        send(&app, secret, Method::POST, "/api/v1/incidents", body).await
    };
    let read = make(&app.app, &ada, &new(&[Scope::Read])).await.unwrap().secret;
    assert_eq!(me(&app, &read).await.status, StatusCode::OK);
    let refused = declare(&read).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("`write`"), "{}", refused.body);
    let both = make(&app.app, &ada, &new(&[Scope::Read, Scope::Write])).await.unwrap().secret;
    assert_eq!(declare(&both).await.status, StatusCode::CREATED);
    let account = json!({ "handle": "bot", "name": "Bot", "seat": "administrator" });
    let refused = send(&app, &both, Method::POST, "/api/v1/service-accounts", account).await;
    assert!(refused.body.contains("`administer`"), "{}", refused.body);
    let write = make(&app.app, &ada, &new(&[Scope::Write])).await.unwrap().secret;
    assert_eq!(me(&app, &write).await.status, StatusCode::FORBIDDEN, "reading is a scope too");
    // A reader's token with every scope is a reader's still.
    let all = make(&app.app, &rolf, &new(Scope::ALL)).await.unwrap().secret;
    let refused = declare(&all).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("Your seat, reader"), "{}", refused.body);
    // No token makes a token, and none opens a page.
    let body = json!({ "name": "more", "scopes": ["read"] });
    let refused = send(&app, &both, Method::POST, "/api/v1/tokens", body).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let page = send(&app, &both, Method::GET, "/incidents", Value::Null).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
}

#[rstest]
#[tokio::test]
async fn a_token_ends_by_its_day_or_when_it_is_taken_back(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let bob = app.person("bob", Seat::Administrator).await;
    let one = make(&app.app, &ada, &new(&[Scope::Read])).await.unwrap();
    let two = make(&app.app, &ada, &new(&[Scope::Read])).await.unwrap();
    assert!(one.token.hint.len() == 4 && one.secret.ends_with(&one.token.hint));
    let id = one.token.id.to_string();
    assert_eq!(
        revoke(&app.app, &bob, &id).await.unwrap_err().status,
        404,
        "another's is not there"
    );
    revoke(&app.app, &ada, &id).await.unwrap();
    revoke(&app.app, &ada, &id).await.unwrap();
    let refused = me(&app, &one.secret).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.body.contains("was revoked"), "{}", refused.body);
    assert_eq!(me(&app, &two.secret).await.status, StatusCode::OK);
    let list = app.get(&ada, "/api/v1/tokens").await;
    assert!(
        list.body.contains("\"state\":\"revoked\"") && list.body.contains("\"state\":\"good\"")
    );
    assert!(list.body.contains("\"last_used_at\":\"2026-03-05T12:00:00Z\""), "{}", list.body);
    let audit = app.get(&ada, "/audit").await;
    assert!(audit.body.contains("token.revoked") && !audit.body.contains(&one.secret[4..]));
    app.clock.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(me(&app, &two.secret).await.status, StatusCode::UNAUTHORIZED);
}

#[rstest]
#[tokio::test]
async fn a_service_account_has_a_seat_and_does_not_sign_in(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    let edda = app.person("edda", Seat::Editor).await;
    let bot = NewAccount {
        handle: Handle::parse("deploy-bot").unwrap(),
        name: Name::parse("Deploy bot").unwrap(),
        seat: Seat::Contributor,
        about: "Sends deployments.".into(),
    };
    assert_eq!(add_account(&app.app, &edda, &bot).await.unwrap_err().status, 403);
    add_account(&app.app, &ada, &bot).await.unwrap();
    assert_eq!(add_account(&app.app, &ada, &bot).await.unwrap_err().status, 409);
    let acts = |viewer: Viewer, handle: &'static str| {
        let app = app.app.clone();
        async move {
            let new =
                NewToken { account: Some(handle.into()), ..new(&[Scope::Read, Scope::Write]) };
            make(&app, &viewer, &new).await
        }
    };
    assert_eq!(acts(edda.clone(), "deploy-bot").await.unwrap_err().status, 403);
    assert_eq!(acts(ada.clone(), "edda").await.unwrap_err().status, 422, "not for a person");
    let made = acts(ada.clone(), "deploy-bot").await.unwrap();
    let said = me(&app, &made.secret).await;
    let said: Value = serde_json::from_str(&said.body).unwrap();
    assert_eq!((&said["handle"], &said["seat"]), (&json!("deploy-bot"), &json!("contributor")));
    let body = json!({ "email": "deploy-bot", "password": "" });
    let refused = app.api(&ada, Method::POST, "/api/v1/sessions", body).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!app.get(&edda, "/tokens").await.body.contains("deploy-bot"));
    assert!(app.get(&ada, "/tokens").await.body.contains("deploy-bot"));
}

#[tokio::test]
async fn the_page_shows_a_secret_once_and_takes_tokens_back() {
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    assert!(app.get(&ada, "/tokens").await.body.contains("No token yet"));
    let form = [("name", "nightly"), ("scopes", "read"), ("scopes", "write"), ("days", "30")];
    let made = app.post(&ada, "/tokens", &form).await;
    assert_eq!(made.status, StatusCode::OK);
    let secret = made.body.split("awt_").nth(1).and_then(|rest| rest.get(..64)).unwrap();
    assert_eq!(me(&app, &format!("awt_{secret}")).await.status, StatusCode::OK);
    let page = app.get(&ada, "/tokens").await.body;
    assert!(page.contains("nightly") && !page.contains(secret));
    let id = page.split("/tokens/tok_").nth(1).and_then(|rest| rest.get(..32)).unwrap();
    let done = app.post(&ada, &format!("/tokens/tok_{id}/revocation"), &[]).await;
    assert_eq!(done.location, "/tokens");
    assert!(app.get(&ada, "/tokens").await.body.contains("1 more ended or was revoked"));
    let wrong =
        app.post(&ada, "/tokens", &[("name", ""), ("scopes", "decide"), ("days", "0")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("without `write`") && wrong.body.contains("from 1 to 366"));
}
