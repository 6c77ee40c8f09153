//! What holds for every command: answers for people and for scripts, numbers, retries, no leaks.

use super::{Site, run_with};
use crate::access::Seat;
use crate::cli::Exit;
use crate::testing::On;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rstest::rstest;
use std::sync::{Arc, Mutex};

#[rstest]
#[tokio::test]
async fn a_note_from_a_terminal_is_evidence_and_a_script_gets_what_the_server_said(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let site = Site::start(on).await;
    let ada = site.app.ada().await;
    let key = site.declared(&ada, "Checkout is down").await;
    let said = site.run(&ada, &["note", &key, "rollback", "started"]).await.done();
    assert!(said.out.starts_with("Saved, at "), "{said:?}");
    let said = site.run(&ada, &["--json", "note", &key, "it is back"]).await.done();
    assert!(said.json()["id"].as_str().unwrap().starts_with("evi_"), "{said:?}");
    let said = site.run(&ada, &["time", &key.to_lowercase(), "mitigated", "11:58"]).await.done();
    assert!(said.out.contains("11:58"), "{said:?}");
}

#[rstest]
#[tokio::test]
async fn each_refusal_has_its_number_and_says_what_to_do(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let site = Site::start(on).await;
    let ada = site.app.ada().await;
    let reader = site.app.person("bob", Seat::Reader).await;
    let key = site.declared(&ada, "Checkout is down").await;

    let said = site.run(&ada, &["note", "INC-999", "x"]).await;
    assert_eq!(said.exit, Exit::NotFound, "{said:?}");
    assert!(said.error.contains("afterword incidents"), "{said:?}");

    let said = site.run(&reader, &["note", &key, "x"]).await;
    assert_eq!(said.exit, Exit::NotAllowed, "{said:?}");

    let said = site.run(&ada, &["note", &key, "x", "--at", "25:99"]).await;
    assert_eq!(said.exit, Exit::Usage, "{said:?}");

    let wrong = [("AFTERWORD_URL", site.url.as_str()), ("AFTERWORD_TOKEN", "wrong")];
    let said = run_with(&wrong, &["note", &key, "x"]).await;
    assert_eq!(said.exit, Exit::NotAllowed, "{said:?}");
    assert!(said.error.contains("token is not accepted"), "{said:?}");

    let said = run_with(&[], &["note", &key, "x"]).await;
    assert_eq!(said.exit, Exit::NotAllowed);
    assert!(said.error.contains("afterword login https://"), "{said:?}");

    let away = [("AFTERWORD_URL", "http://127.0.0.1:9"), ("AFTERWORD_TOKEN", "x")];
    let said = run_with(&away, &["note", &key, "x"]).await;
    assert_eq!(said.exit, Exit::Away);
    assert!(said.error.contains("check the address"), "{said:?}");

    let said = run_with(&[("AFTERWORD_URL", "ftp://x"), ("AFTERWORD_TOKEN", "x")], &["open"]).await;
    assert_eq!(said.exit, Exit::Usage, "{said:?}");
}

/// A server that is too busy twice; keeps the keys it was sent.
#[derive(Clone, Default)]
struct Busy(Arc<Mutex<Vec<String>>>);

async fn busy(State(Busy(keys)): State<Busy>, request: Request) -> Response {
    let key = request.headers().get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
    let mut keys = keys.lock().unwrap();
    keys.push(key.unwrap_or_default());
    if keys.len() <= 2 {
        return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")]).into_response();
    }
    (StatusCode::CREATED, r#"{"at":"12:00"}"#).into_response()
}

#[tokio::test]
async fn a_write_is_tried_again_with_the_same_key_so_that_it_is_done_once() {
    let server = Busy::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(busy).with_state(server.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let variables = [("AFTERWORD_URL", url.as_str()), ("AFTERWORD_TOKEN", "x")];
    run_with(&variables, &["note", "INC-1", "x"]).await.done();
    let keys = server.0.lock().unwrap().clone();
    assert_eq!(keys.len(), 3);
    assert!(keys[0].len() >= 32 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    run_with(&variables, &["note", "INC-1", "x"]).await.done();
    assert_ne!(server.0.lock().unwrap()[3], keys[0], "another note has another key");
}

#[tokio::test]
async fn open_prints_the_address_where_nobody_looks() {
    let variables = [("AFTERWORD_URL", "https://a.example.org/"), ("AFTERWORD_TOKEN", "x")];
    for (arguments, url) in [
        (&["open"][..], "https://a.example.org\n"),
        (&["open", "inc-42"], "https://a.example.org/i/INC-42\n"),
        (&["open", "INC-42", "timeline"], "https://a.example.org/i/INC-42/timeline\n"),
        (&["open", "act-7"], "https://a.example.org/actions/ACT-7\n"),
        (&["open", "RISK-3"], "https://a.example.org/risks/RISK-3\n"),
    ] {
        assert_eq!(run_with(&variables, arguments).await.done().out, url);
    }
    assert_eq!(run_with(&variables, &["open", "ACT-7", "timeline"]).await.exit, Exit::Usage);
    let said = run_with(&variables, &["--json", "open", "42"]).await.done();
    assert_eq!(said.json()["url"], "https://a.example.org/i/INC-42");
}

#[tokio::test]
async fn signing_in_keeps_the_token_for_the_other_commands() {
    let site = Site::start(On::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().display().to_string();
    let link = crate::people::invite::setup_link(&site.app.app).await.unwrap().unwrap();
    let form = [("name", "Ada"), ("email", "ada@example.org"), ("password", "a long sentence")];
    let http = reqwest_client();
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let kind = "application/x-www-form-urlencoded";
    let made = http.post(format!("{}{link}", site.url)).header("content-type", kind).body(text);
    made.send().await.unwrap();
    let login = |password| {
        let variables = [("XDG_CONFIG_HOME", home.clone()), ("AFTERWORD_PASSWORD", password)];
        let url = site.url.clone();
        async move {
            let borrowed: Vec<(&str, &str)> =
                variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
            run_with(&borrowed, &["login", &url, "--email", "ada@example.org"]).await
        }
    };
    let refused = login("another sentence".to_owned()).await;
    assert!(matches!(refused.exit, Exit::Usage | Exit::NotAllowed), "{refused:?}");
    let said = login("a long sentence".to_owned()).await.done();
    assert!(said.out.contains("as @ada"), "{said:?}");
    let alone = [("XDG_CONFIG_HOME", home.as_str())];
    let ada = run_with(&alone, &["note", "INC-1", "x"]).await;
    assert_eq!(ada.exit, Exit::NotFound, "signed in, and there is no such incident: {ada:?}");
    run_with(&alone, &["logout"]).await.done();
    assert_eq!(run_with(&alone, &["note", "INC-1", "x"]).await.exit, Exit::NotAllowed);
}

fn reqwest_client() -> reqwest::Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::new()
}

#[tokio::test]
async fn completions_and_man_pages_are_made_of_the_commands_themselves() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run_with(&[], &["completions", shell]).await.done().out;
        assert!(script.contains("mitigated") || script.contains("note"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("man1");
    run_with(&[], &["man", &at.display().to_string()]).await.done();
    let page = std::fs::read_to_string(at.join("afterword-note.1")).unwrap();
    assert!(page.contains("Examples") && page.contains("rollback started"), "{page}");
    let codes = run_with(&[], &["exit-codes"]).await.done().out;
    assert!(codes.contains("  6  the server does not answer"), "{codes}");
}
