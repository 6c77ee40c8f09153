//! `/api`: the description as a page, rendered from the document that programs read, so that the two
//! cannot differ. Works without JavaScript.

use super::document::{self, Operation};
use crate::app::App;
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::chance;
use kit::markdown;
use kit::web::Problem;
use kit::web::road::get;
use serde_json::Value;

/// The document as it is served, and as its page shows it.
pub struct Description {
    json: String,
    etag: HeaderValue,
    groups: Vec<Group>,
    about: String,
}

impl Description {
    /// What is served of the document.
    #[must_use]
    pub fn of(document: &Value) -> Description {
        let json = serde_json::to_string_pretty(document).unwrap_or_default();
        let etag = format!("\"{}\"", &chance::digest(&json)[..32]);
        Description {
            etag: HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"0\"")),
            json,
            groups: groups(document),
            about: text(&document["info"]["description"]),
        }
    }
}

type Described = fn() -> &'static Description;

/// What is served of the document.
pub fn routes(described: Described) -> Router<App> {
    Router::new()
        .route("/api", get(move |state, frame| show(described(), state, frame)))
        .route("/api/openapi.json", get(async move |headers| openapi(described(), &headers)))
}

fn openapi(served: &'static Description, headers: &HeaderMap) -> Response {
    let mut response = if headers.get(header::IF_NONE_MATCH) == Some(&served.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], served.json.as_str()).into_response()
    };
    response.headers_mut().insert(header::ETAG, served.etag.clone());
    response
}

/// A field of a body, an answer or a query.
#[derive(Debug, Clone)]
struct Field {
    name: String,
    kind: String,
    needed: bool,
    about: String,
}

/// A body or an answer.
#[derive(Debug, Clone)]
struct Part {
    title: String,
    about: String,
    fields: Vec<Field>,
}

/// An operation on the page.
#[derive(Debug, Clone)]
struct Shown {
    id: String,
    method: String,
    path: String,
    summary: String,
    about: String,
    parameters: Vec<Field>,
    parts: Vec<Part>,
}

/// The operations of a tag.
#[derive(Debug, Clone)]
struct Group {
    name: String,
    about: String,
    operations: Vec<Shown>,
}

fn groups(document: &Value) -> Vec<Group> {
    let all = document::operations(document);
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.map(|tag| {
        let of_it = |one: &&Operation<'_>| one.value["tags"][0] == tag["name"];
        Group {
            name: text(&tag["name"]),
            about: text(&tag["description"]),
            operations: all.iter().filter(of_it).map(|one| shown(document, one)).collect(),
        }
    })
    .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("").to_owned()
}

/// What a description says, as HTML: words between backticks are code.
fn said(value: &Value) -> String {
    let plain = value.as_str().unwrap_or("");
    let escaped = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut html = String::with_capacity(escaped.len());
    let parts: Vec<&str> = escaped.split('`').collect();
    // The last backtick of an odd number stands for itself.
    let whole = parts.len() - usize::from(parts.len().is_multiple_of(2));
    for (at, part) in parts.iter().enumerate() {
        match (at < whole, at % 2) {
            (true, 1) => html.extend(["<code>", part, "</code>"]),
            (true, _) => html.push_str(part),
            (false, _) => html.extend(["`", part]),
        }
    }
    html
}

fn shown(document: &Value, operation: &Operation<'_>) -> Shown {
    let value = operation.value;
    let parameters = value["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|one| parameter(document, resolve(document, one)));
    let mut parts: Vec<Part> = Vec::new();
    for (kind, content) in value["requestBody"]["content"].as_object().into_iter().flatten() {
        let title = format!("Body, {kind}");
        let about = said(&value["requestBody"]["description"]);
        parts.push(Part { title, about, fields: fields(document, &content["schema"]) });
    }
    let answers = value["responses"].as_object().into_iter().flatten();
    for (status, answer) in answers.filter(|(status, _)| *status != "default") {
        let title = format!("Answer {status}");
        let about = said(&answer["description"]);
        let contents = answer["content"].as_object().into_iter().flatten();
        let fields = contents.flat_map(|(_, one)| fields(document, &one["schema"])).collect();
        parts.push(Part { title, about, fields });
    }
    Shown {
        id: text(&value["operationId"]),
        method: operation.method.to_uppercase(),
        path: operation.path.to_owned(),
        summary: said(&value["summary"]),
        about: said(&value["description"]),
        parameters: parameters.collect(),
        parts,
    }
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|at| at.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

fn parameter(document: &Value, one: &Value) -> Field {
    let place = one["in"].as_str().unwrap_or("");
    let place = if place == "query" { String::new() } else { format!(", in the {place}") };
    Field {
        name: text(&one["name"]),
        kind: format!("{}{place}", kind(document, &one["schema"])),
        needed: one["required"] == true,
        about: said(&one["description"]),
    }
}

fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let schema = resolve(document, schema);
    let whole = schema["anyOf"].as_array().and_then(|all| all.first());
    let schema = whole.map_or(schema, |one| resolve(document, one));
    let needed = schema["required"].as_array().cloned().unwrap_or_default();
    let all = schema["properties"].as_object().into_iter().flatten();
    all.map(|(name, one)| Field {
        name: name.clone(),
        kind: kind(document, one),
        needed: needed.iter().any(|field| field == name),
        about: Some(said(&one["description"]))
            .filter(|about| !about.is_empty())
            .unwrap_or_else(|| said(&resolve(document, one)["description"])),
    })
    .collect()
}

/// A schema in a few words.
fn kind(document: &Value, schema: &Value) -> String {
    let name = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next());
    let schema = resolve(document, schema);
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        return words.join(" | ");
    }
    for join in ["anyOf", "oneOf"] {
        if let Some(all) = schema[join].as_array() {
            let mut all: Vec<String> = all.iter().map(|one| kind(document, one)).collect();
            all.dedup();
            return all.join(" or ");
        }
    }
    let said = match &schema["type"] {
        Value::String(one) => one.clone(),
        Value::Array(all) => {
            let all: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
            all.join(" or ")
        }
        _ => "anything".to_owned(),
    };
    match (said.as_str(), name) {
        ("array", _) => format!("list of {}", kind(document, &schema["items"])),
        ("object", Some(name)) => name.to_owned(),
        ("string", _) if schema["format"] == "date-time" => "time (RFC 3339)".to_owned(),
        _ => said,
    }
}

#[derive(askama::Template)]
#[template(path = "api/templates/api.html")]
struct ApiPage {
    page: Page,
    groups: &'static [Group],
    about: String,
    base: String,
}

async fn show(
    served: &'static Description,
    State(app): State<App>,
    frame: Frame,
) -> Result<Response, Problem> {
    let about = markdown::to_html(&served.about, &markdown::Options::default());
    let base = app.config.base_url.clone();
    shell::page(&ApiPage { page: frame.page("API", ""), groups: &served.groups, about, base })
}

#[cfg(test)]
mod tests {
    use super::said;
    use serde_json::json;

    #[test]
    fn words_between_backticks_are_code_and_nothing_else_is_markup() {
        assert_eq!(said(&json!("`next` of <b>")), "<code>next</code> of &lt;b&gt;");
        assert_eq!(said(&json!("a ` alone")), "a ` alone");
        assert_eq!(said(&json!("`a` and `b")), "<code>a</code> and `b");
        assert_eq!(said(&json!(null)), "");
    }
}
