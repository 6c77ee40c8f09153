//! The description of the API (OpenAPI 3.1), finished from what the slices say of their operations:
//! what all have in common is said here once.

use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa::{PartialSchema, ToSchema};

/// Methods a path may have, in the order in which they are shown.
pub const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// What each tag holds, in the order in which they are shown.
const TAGS: &[(&str, &str)] = &[
    ("sessions", "Signing in from a program, and who one is."),
    ("tokens", "Secrets for programs, and the accounts they act for."),
    ("home", "What waits for you."),
    ("people", "Who is here, for knowing whom to ask."),
    ("teams", "Who works together."),
    ("services", "What is run, who owns it, and what needs what."),
    ("catalogue", "People, teams and services, brought from files."),
    ("incidents", "What broke, for whom, how badly and when."),
    ("evidence", "What is known, as it arrived."),
    ("timeline", "What happened, as read from the evidence."),
    ("kinds", "The kinds of retrospective and what they ask."),
    ("actions", "What somebody promises to do, and what came of it."),
    ("risks", "What we know could hurt us, who carries it, and until when."),
    ("releases", "What was published, frozen."),
    ("audit", "Who did what, with what was before and after."),
    ("search", "Everything, by what it says."),
    ("retrospectives", "What is learned: deciding, people, states, titles and kinds."),
    ("investigators", "Who looks into it: who is asked by which rule, the trained pool."),
    ("sections", "The words of a retrospective, with every saved text."),
    ("lessons", "What went well, was hard, was luck, surprised, is not known."),
    ("factors", "What made it possible and what limited it, each with its evidence."),
    ("recommendations", "What factors suggest changing."),
    ("bulk", "Many changes in one request."),
    ("export", "Everything of a noun, line by line."),
];

const ABOUT: &str = "\
Everything that Afterword's pages do, for programs. Send a token as `Authorization: Bearer awt_…`; make \
one at `/tokens`. Lists come in pages: pass `next` as `cursor`. Filters are `field=value` or \
`field[op]=value`. A refusal is a problem document (RFC 9457) with a line for every wrong field. Send an \
`Idempotency-Key` with a POST, and it is done once. Send the `ETag` you read as `If-Match`, and you change \
only what you have seen. Within version 1 only additions are made: ignore fields and words you do not know.";

/// The finished document.
#[must_use]
pub fn finish(described: &OpenApi) -> Value {
    let mut document = json!(described);
    document["info"] = json!({
        "title": "Afterword",
        "version": "1",
        "description": ABOUT,
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["servers"] = json!([{ "url": "/", "description": "This instance." }]);
    document["security"] = json!([{ "token": [] }, { "browser": [] }]);
    components(&mut document);
    if let Some(paths) = document["paths"].as_object_mut() {
        for item in paths.values_mut() {
            for method in METHODS {
                if let Some(operation) = item.get_mut(method) {
                    common(method, operation);
                }
            }
        }
    }
    super::rules::state(&mut document);
    let used = tags_of(&document);
    let known = TAGS.iter().filter(|(name, _)| used.iter().any(|tag| tag == name));
    let mut tags: Vec<Value> =
        known.map(|(name, about)| json!({ "name": name, "description": about })).collect();
    let others = used.iter().filter(|tag| TAGS.iter().all(|(name, _)| name != tag));
    tags.extend(others.map(|tag| json!({ "name": tag })));
    document["tags"] = json!(tags);
    let listed_once = of_fields(&document);
    for (pointer, schema) in listed_once {
        if let Some(place) = document.pointer_mut(&pointer) {
            *place = schema;
        }
    }
    document
}

fn components(document: &mut Value) {
    let mut schemas = Vec::new();
    kit::web::Problem::schemas(&mut schemas);
    schemas.push((kit::web::Problem::name().into_owned(), kit::web::Problem::schema()));
    if !document["components"].is_object() {
        document["components"] = json!({});
    }
    let components = &mut document["components"];
    if !components["schemas"].is_object() {
        components["schemas"] = json!({});
    }
    for (name, schema) in schemas {
        components["schemas"][name] = json!(schema);
    }
    components["responses"] = json!({ "Problem": {
        "description": "Why it was not done: a problem document (RFC 9457).",
        "content": { "application/problem+json":
            { "schema": { "$ref": "#/components/schemas/Problem" } } },
    } });
    components["parameters"] = json!({ "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "description": "1 to 255 visible ASCII characters, such as a UUID. What is sent twice under one \
                        key is done once, and answered as the first time, for 48 hours.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
    } });
    components["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer",
            "description": "A token of the page `/tokens`, or one that `POST /api/v1/sessions` gave." },
        "browser": { "type": "apiKey", "in": "cookie", "name": "__Host-afterword",
            "description": "A browser's session; what changes something also needs the header x-csrf." },
    });
}

fn common(method: &str, operation: &mut Value) {
    operation["responses"]["default"] = json!({ "$ref": "#/components/responses/Problem" });
    if method == "post" && operation.get("security").is_none() {
        let reference = json!({ "$ref": "#/components/parameters/IdempotencyKey" });
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(reference),
            None => operation["parameters"] = json!([reference]),
        }
    }
}

fn tags_of(document: &Value) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for operation in operations(document) {
        for tag in operation.value["tags"].as_array().into_iter().flatten() {
            if let Some(tag) = tag.as_str().filter(|tag| !tags.iter().any(|one| one == tag)) {
                tags.push(tag.to_owned());
            }
        }
    }
    tags.sort();
    tags
}

/// Where `?fields=` may leave fields out, the schema says so: the pointer and what to put there.
fn of_fields(document: &Value) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    for operation in operations(document) {
        let takes_fields = operation.value["parameters"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["name"] == "fields"));
        if !takes_fields {
            continue;
        }
        let content = "/responses/200/content/application~1json/schema";
        let Some(schema) = operation.value.pointer(content) else { continue };
        let (pointer, schema) = match listed(document, schema) {
            Some((pointer, items)) => (pointer, items),
            None => (format!("{}{content}", operation.pointer()), schema.clone()),
        };
        if schema.get("anyOf").is_none() && places.iter().all(|(known, _)| *known != pointer) {
            let some = json!({ "type": "object", "description": "With `fields`: only those." });
            places.push((pointer, json!({ "anyOf": [schema, some] })));
        }
    }
    places
}

/// The items of a list's schema, which is a component.
fn listed(document: &Value, schema: &Value) -> Option<(String, Value)> {
    let name = schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")?;
    name.starts_with("Listed_").then_some(())?;
    let pointer = format!("/components/schemas/{name}/properties/items/items");
    Some((pointer.clone(), document.pointer(&pointer)?.clone()))
}

/// An operation of a document.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    /// Its path, with names in braces.
    pub path: &'a str,
    /// Its method, in lower case.
    pub method: &'a str,
    /// What is said of it.
    pub value: &'a Value,
}

impl Operation<'_> {
    pub(super) fn pointer(&self) -> String {
        format!("/paths/{}/{}", self.path.replace('/', "~1"), self.method)
    }
}

/// Every operation of a document, by path and method.
pub fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            if let Some(value) = item.get(method) {
                all.push(Operation { path, method, value });
            }
        }
    }
    all
}
