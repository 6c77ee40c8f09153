//! The table of seats: `docs/seats.md` says for every operation which seats may do it. It names exactly
//! the operations of the description, and each cell is tried.

use crate::access::{Seat, Viewer};
use crate::api::document::{Operation, operations};
use crate::site;
use crate::testing::{On, TestApp};
use axum::body::Body;
use axum::http::{Method, Request, header};
use rstest::rstest;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of the table; the last is who is not signed in.
const COLUMNS: [&str; 6] =
    ["administrator", "editor", "contributor", "reader", "auditor", "nobody"];

/// What `docs/seats.md` says: operation → who may.
fn table() -> BTreeMap<String, Vec<bool>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/seats.md");
    let text = std::fs::read_to_string(path).expect("docs/seats.md is there");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let rows = rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 1 + COLUMNS.len(), "{line}");
        let may = cells[1..].iter().map(|cell| match *cell {
            "yes" => true,
            "·" => false,
            other => panic!("`{other}` is neither yes nor ·: {line}"),
        });
        (cells[0].trim_matches('`').to_owned(), may.collect())
    });
    rows.collect()
}

fn name(operation: &Operation<'_>) -> String {
    operation.value["operationId"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_table_of_seats_has_every_operation_and_no_other() {
    let document = site::openapi();
    let described: BTreeSet<String> = operations(&document).iter().map(name).collect();
    let listed: BTreeSet<String> = table().into_keys().collect();
    assert_eq!(described, listed, "docs/seats.md");
}

/// Something of the schema's form.
fn sample(document: &Value, schema: &Value, n: usize) -> Value {
    let target = schema["$ref"].as_str().and_then(|at| at.strip_prefix('#'));
    let schema = target.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema);
    if let Some(word) = schema["enum"].get(0) {
        return word.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let needed = schema["required"].as_array().cloned().unwrap_or_default();
            let fields = needed.iter().filter_map(|name| {
                let name = name.as_str()?;
                Some((name.to_owned(), sample(document, &schema["properties"][name], n)))
            });
            Value::Object(fields.collect::<Map<String, Value>>())
        }
        Some("array") => json!([sample(document, &schema["items"], n)]),
        Some("integer" | "number") => json!(schema["minimum"].as_i64().unwrap_or(1)),
        Some("boolean") => json!(false),
        _ if schema["format"] == "date-time" => json!("2026-03-05T12:00:00Z"),
        _ => json!(format!("x{n}")),
    }
}

fn request(document: &Value, operation: &Operation<'_>, n: usize) -> Request<Body> {
    let path: Vec<String> = operation
        .path
        .split('/')
        .map(|part| match part {
            "{key}" => "INC-1".to_owned(),
            "{noun}" => "incidents.ndjson".to_owned(),
            name if name.starts_with('{') => "1".to_owned(),
            plain => plain.to_owned(),
        })
        .collect();
    let method: Method = operation.method.to_uppercase().parse().unwrap();
    let request = Request::builder().method(method).uri(path.join("/"));
    let request = request.header(header::IF_MATCH, "*");
    let body = operation.value["requestBody"]["content"].as_object();
    let body = body.and_then(|all| {
        let (kind, content) = all.iter().find(|(kind, _)| !kind.starts_with("multipart"))?;
        let is_json = kind.ends_with("json");
        let body = sample(document, &content["schema"], n).to_string();
        Some((kind.clone(), if is_json { body } else { "text".to_owned() }))
    });
    match body {
        Some((kind, body)) => request.header(header::CONTENT_TYPE, kind).body(Body::from(body)),
        None => request.body(Body::empty()),
    }
    .unwrap()
}

#[rstest]
#[tokio::test]
async fn every_cell_of_the_table_is_as_it_says(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let document = site::openapi();
    let table = table();
    let mut who: Vec<Option<Viewer>> = Vec::new();
    for seat in Seat::ALL {
        who.push(Some(app.person(&format!("the-{}", seat.name()), *seat).await));
    }
    who.push(None);
    let incident = json!({ "title": "Checkout is down" });
    let ada = who[0].as_ref().unwrap();
    app.api(ada, Method::POST, "/api/v1/incidents", incident).await;
    let mut all = operations(&document);
    // Whoever ends the session is nobody afterwards.
    all.sort_by_key(|one| name(one) == "end_session");
    let (mut cells, mut refused, mut proven, mut n) = (0, 0, 0, 0);
    let mut faults = Vec::new();
    for operation in &all {
        let name = name(operation);
        for (column, who) in who.iter().enumerate() {
            n += 1;
            cells += 1;
            let answer = app.send(who.as_ref(), request(&document, operation, n)).await;
            let status = answer.status.as_u16();
            let no = status == 401 || status == 403;
            let may = table.get(&name).is_some_and(|row| row[column]);
            if !may {
                refused += 1;
                proven += usize::from(no);
            }
            if (may && no) || (!may && status < 400) || status >= 500 {
                let says = if may { "yes" } else { "·" };
                let who = COLUMNS[column];
                faults.push(format!("{name} as {who}: {status}, and the table says {says}"));
            }
        }
    }
    println!("{cells} cells; {proven} of {refused} refusals are the seat's own");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(proven * 10 >= refused * 8, "{proven} of {refused}");
}
