//! Nothing leaks: every route of the source is asked for as every seat that may not see the demo's red
//! incident, and nothing it holds may come back. Routes are read from the source, so a new one is
//! walked from the day it is written.

use crate::access::{Seat, Through, Viewer};
use crate::demo;
use crate::incidents::{self, Key};
use crate::testing::{On, TestApp};
use crate::{actions, evidence, factors, people, retrospectives, risks, timeline};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use rstest::rstest;
use std::collections::BTreeMap;
use std::path::Path;

/// The demo's red incident.
const RED: Key = Key(5);

/// A route as the source has it: its path and methods.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Route {
    path: String,
    method: &'static str,
}

/// Every `.route("…", get(…).post(…))` of a text.
fn routes_of(text: &str, prefix: &str) -> Vec<Route> {
    let mut routes = Vec::new();
    for part in text.split(".route(").skip(1) {
        let part = part.trim_start();
        let Some(rest) = part.strip_prefix('"') else { continue };
        let Some((path, rest)) = rest.split_once('"') else { continue };
        // To the parenthesis that ends the call.
        let mut depth = 1;
        let end = rest.find(|c| {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        });
        let call = &rest[..end.unwrap_or(rest.len())];
        for method in METHODS {
            if call.contains(&format!("{}(", method.to_lowercase())) {
                routes.push(Route { path: format!("{prefix}{path}"), method });
            }
        }
    }
    routes
}

/// Every `#[utoipa::path(get, path = "…")]` of a text.
fn operations_of(text: &str) -> Vec<Route> {
    let mut routes = Vec::new();
    for part in text.split("#[utoipa::path(").skip(1) {
        let method = part.trim_start().split(',').next().unwrap_or("").trim();
        let method = METHODS.iter().find(|one| one.eq_ignore_ascii_case(method));
        let path = part.split("path = \"").nth(1).and_then(|rest| rest.split('"').next());
        let (Some(method), Some(path)) = (method, path) else {
            panic!("an operation without a method or path: {}", &part[..part.len().min(80)])
        };
        routes.push(Route { path: format!("/api/v1{path}"), method });
    }
    routes
}

/// What an operation can be asked with.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "PATCH"];

/// Every operation that the source has.
pub(crate) fn every_operation() -> Vec<(String, String)> {
    let ours = every_route().into_iter().filter(|route| route.path.starts_with("/api/v1"));
    ours.map(|route| (route.method.to_lowercase(), route.path)).collect()
}

fn every_route() -> Vec<Route> {
    let mut routes = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs")
                && !path.ends_with("everywhere.rs")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                routes.extend(routes_of(&text, ""));
                routes.extend(operations_of(&text));
            }
        }
    }
    routes.sort();
    routes.dedup();
    routes
}

/// What stands for each `{name}` of a path, and what must never come back.
struct Secret {
    values: BTreeMap<&'static str, Vec<String>>,
    canaries: Vec<String>,
}

async fn secret(app: &TestApp) -> Secret {
    let mut conn = app.app.db.read().await.unwrap();
    let priya = somebody(&mut conn, "priya").await;
    let incident =
        incidents::find(&mut conn, &priya, RED).await.unwrap().expect("the auditor sees it");
    assert_eq!(incident.label.name(), "red");
    let filter = evidence::Filter::default();
    let pieces =
        evidence::of_incident(&mut conn, &priya, &incident.id, &filter, None, 500).await.unwrap();
    let entries = timeline::of_incident(&mut conn, &priya, &incident).await.unwrap();
    let actions = actions::of_incident(&mut conn, &priya, &incident.id).await.unwrap();
    let mut canaries = vec![incident.title.clone(), incident.description.clone()];
    canaries.extend(pieces.iter().map(|one| one.body.clone()));
    canaries.extend(entries.iter().map(|one| one.text.clone()));
    canaries.extend(actions.iter().map(|one| one.title.clone()));
    let retros = retrospectives::of_incident(&mut conn, &priya, &incident).await.unwrap();
    let mut factor_ids = Vec::new();
    let mut risk_keys = Vec::new();
    let (mut lesson_ids, mut recommendation_ids) = (Vec::new(), Vec::new());
    for retro in &retros {
        for lesson in retrospectives::lessons(&mut conn, &retro.id).await.unwrap() {
            canaries.push(lesson.text.clone());
            lesson_ids.push(lesson.id.to_string());
        }
        for one in factors::recommendations_of(&mut conn, &retro.id).await.unwrap() {
            canaries.push(one.text.clone());
            recommendation_ids.push(one.id.to_string());
        }
        for factor in
            factors::of_retrospective(&mut conn, &priya, &incident.id, &retro.id).await.unwrap()
        {
            canaries.push(factor.statement.clone());
            factor_ids.push(factor.id.to_string());
        }
        for risk in risks::of_retrospective(&mut conn, &priya, &retro.id).await.unwrap() {
            canaries.push(risk.statement.clone());
            risk_keys.push(format!("RISK-{}", risk.number));
        }
    }
    canaries.retain(|text| text.len() >= 20);
    assert!(canaries.len() > 20, "the red incident holds much: {}", canaries.len());
    let mut keys = vec![RED.to_string()];
    keys.extend(actions.iter().take(1).map(|one| format!("ACT-{}", one.number)));
    keys.extend(risk_keys.into_iter().take(1));
    let first = |ids: Vec<String>| ids.into_iter().take(1).collect::<Vec<_>>();
    let values = BTreeMap::from([
        ("key", keys),
        ("entry", first(entries.iter().map(|one| one.id.to_string()).collect())),
        ("id", first(pieces.iter().map(|one| one.id.to_string()).collect())),
        ("factor", first(factor_ids)),
        ("lesson", first(lesson_ids)),
        ("recommendation", first(recommendation_ids)),
        ("section", vec!["sum".to_owned()]),
        ("release", vec!["1".to_owned(), "1.md".to_owned(), "1.json".to_owned()]),
        ("file", vec!["standard.md".to_owned()]),
    ]);
    Secret { values, canaries }
}

async fn somebody(conn: &mut kit::db::Conn, handle: &str) -> Viewer {
    let one = people::by_handle(conn, handle).await.unwrap().expect("somebody of the demo");
    let people::Person { id, handle, name, seat, zone, .. } = one;
    Viewer { id, handle, name, seat, zone, through: Through::Session }
}

/// The paths a route's pattern stands for.
fn paths(pattern: &str, values: &BTreeMap<&'static str, Vec<String>>) -> Vec<String> {
    let mut paths = vec![String::new()];
    for (index, part) in pattern.split('/').enumerate() {
        let options: Vec<String> = match part.split_once('{') {
            Some((before, rest)) => {
                let (name, after) = rest.split_once('}').expect("a name in braces");
                let known = values.get(name).cloned().filter(|all| !all.is_empty());
                let known = known.unwrap_or_else(|| vec!["1".to_owned()]);
                known.into_iter().map(|value| format!("{before}{value}{after}")).collect()
            }
            None => vec![part.to_owned()],
        };
        let slash = if index == 0 { "" } else { "/" };
        paths = paths
            .iter()
            .flat_map(|path| options.iter().map(move |one| format!("{path}{slash}{one}")))
            .collect();
    }
    paths
}

#[rstest]
#[tokio::test]
async fn no_route_tells_any_outsider_of_a_red_incident(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    demo::load(&app.app, &mut |_| {}).await.expect("the demo loads");
    let secret = secret(&app).await;
    let outsiders = [
        None,
        Some(app.person("otto", Seat::Administrator).await),
        Some(app.person("edda", Seat::Editor).await),
        Some(app.person("cora", Seat::Contributor).await),
        Some(app.person("rolf", Seat::Reader).await),
    ];
    let routes = every_route();
    assert!(routes.len() > 90, "the source's routes are read: {}", routes.len());
    let mut cells = 0;
    let mut faults = Vec::new();
    // Walking out ends the session that walks.
    let ends = |route: &&Route| route.path.ends_with("/sessions") || route.path == "/sign-out";
    for route in routes.iter().filter(|route| !ends(route)) {
        for path in paths(&route.path, &secret.values) {
            for outsider in &outsiders {
                cells += 1;
                faults.extend(walk(&app, outsider.as_ref(), route, &path, &secret).await);
            }
        }
    }
    println!("{cells} cells of {} routes walked", routes.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

async fn walk(
    app: &TestApp,
    outsider: Option<&Viewer>,
    route: &Route,
    path: &str,
    secret: &Secret,
) -> Option<String> {
    let method: Method = route.method.parse().unwrap();
    let request =
        Request::builder().method(method.clone()).uri(path).header(header::ACCEPT, "text/html");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = app.send(outsider, request.body(Body::empty()).unwrap()).await;
    let who = outsider.map_or("nobody", |viewer| viewer.seat.name());
    if answer.status.is_server_error() {
        return Some(format!("{method} {path} as {who}: {}", answer.status));
    }
    let told = secret.canaries.iter().find(|text| {
        let escaped = text.replace('&', "&#38;").replace('\'', "&#39;").replace('"', "&#34;");
        answer.body.contains(text.as_str()) || answer.body.contains(&escaped)
    });
    if let Some(told) = told {
        return Some(format!("{method} {path} as {who} tells “{told}”"));
    }
    let is_of_it = path.contains(&RED.to_string()) && method == Method::GET;
    let is_hidden = matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)
        || (outsider.is_none()
            && matches!(answer.status, StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED));
    (is_of_it && !is_hidden).then(|| format!("{method} {path} as {who}: {}", answer.status))
}

#[test]
fn routes_are_read_from_source() {
    let text = r#".route("/a/{key}", get(show).post(make)).route(
        "/b", post(go))"#;
    let found = routes_of(text, "");
    let found: Vec<_> = found.iter().map(|one| (one.method, one.path.as_str())).collect();
    assert_eq!(found, [("GET", "/a/{key}"), ("POST", "/a/{key}"), ("POST", "/b")]);
    let text = "#[utoipa::path(\n    patch, path = \"/a/{key}\", tag = \"a\")]\nasync fn f() {}";
    let found = operations_of(text);
    assert_eq!((found[0].method, found[0].path.as_str()), ("PATCH", "/api/v1/a/{key}"));
}
