//! Rules that hold for everything that is sent, stated once in the description, so that a program knows
//! them before it asks: no NUL in texts, a word where one is needed, which fields and words lists take.

use super::document::METHODS;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Any text that our databases keep.
const TEXT: &str = r"^[^\x00]*$";
/// Such a text with something to read in it.
const WORDS: &str = r"^[^\x00]*[^\s\x00-\x1f\x7f-\x9f][^\x00]*$";
/// What `etag` says, or any.
const ETAGS: &str = r#"^(\*|(W/)?"v[0-9]{1,18}"(, ?(W/)?"v[0-9]{1,18}")*)$"#;
/// Values of one `in` after its first.
const MORE: &str = "{0,49}";

/// States them in a document whose operations are described.
pub(super) fn state(document: &mut Value) {
    join(document);
    let bodies = sent(document);
    for name in bodies {
        texts(&mut document["components"]["schemas"][name.as_str()]);
    }
    nothing_to_choose(document);
    let asked = parameters(document);
    for (pointer, schema) in asked {
        if let Some(place) = document.pointer_mut(&pointer) {
            *place = schema;
        }
    }
}

/// What is described as a schema of its own and as a bare object at once is the former: a word whose
/// description stands beside it.
fn join(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(join),
        Value::Object(fields) => {
            fields.values_mut().for_each(join);
            // What may be left out and is never null has no null to fall back on.
            if fields.get("default").is_some_and(Value::is_null) && !may_be_null(fields) {
                fields.remove("default");
            }
            let Some([first, second]) =
                fields.get("allOf").and_then(Value::as_array).map(Vec::as_slice)
            else {
                return;
            };
            let Some(bare) = second.as_object().filter(|all| says_nothing_new(all)) else { return };
            let mut joined = first.clone();
            for (name, said) in bare.iter().filter(|(name, _)| *name != "type") {
                joined[name.as_str()] = said.clone();
            }
            *value = joined;
        }
        _ => {}
    }
}

/// Whether it is the bare object that stands beside a word: with its description, and what it is when absent.
fn says_nothing_new(schema: &Map<String, Value>) -> bool {
    schema.get("type").is_some_and(|kind| kind == "object")
        && schema.keys().all(|name| ["type", "description", "default"].contains(&name.as_str()))
}

fn may_be_null(schema: &Map<String, Value>) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let kinds = schema.get("type").and_then(Value::as_array);
    let one_of = schema.get("oneOf").and_then(Value::as_array);
    kinds.is_some_and(|all| all.iter().any(is_null))
        || one_of.is_some_and(|all| all.iter().any(|one| is_null(&one["type"])))
}

/// The names of all schemas that a body is made of.
fn sent(document: &mut Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut waiting: Vec<String> = Vec::new();
    for item in document["paths"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        for method in METHODS {
            let Some(body) = item.get_mut(method).and_then(|one| one.get_mut("requestBody")) else {
                continue;
            };
            for content in
                body["content"].as_object_mut().into_iter().flat_map(|all| all.values_mut())
            {
                texts(&mut content["schema"]);
            }
            references(body, &mut waiting);
        }
    }
    while let Some(name) = waiting.pop() {
        let schema = &document["components"]["schemas"][name.as_str()];
        if names.insert(name) {
            references(schema, &mut waiting);
        }
    }
    names
}

fn references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        Value::Object(fields) => {
            let name = fields.get("$ref").and_then(Value::as_str);
            let name = name.and_then(|at| at.strip_prefix("#/components/schemas/"));
            into.extend(name.map(str::to_owned));
            fields.values().for_each(|field| references(field, into));
        }
        _ => {}
    }
}

/// States of every plain text in a schema what it may hold.
fn texts(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else { return };
    if is_text(fields.get("type"))
        && ["pattern", "enum", "const", "format"].iter().all(|name| !fields.contains_key(*name))
    {
        let needs_words = fields.get("minLength").is_some_and(|least| *least != json!(0));
        fields.insert("pattern".to_owned(), json!(if needs_words { WORDS } else { TEXT }));
    }
    for (name, field) in fields.iter_mut() {
        match (name.as_str(), field) {
            ("properties", Value::Object(all)) => all.values_mut().for_each(texts),
            ("items" | "additionalProperties", field) => texts(field),
            ("oneOf" | "anyOf" | "allOf", Value::Array(all)) => all.iter_mut().for_each(texts),
            _ => {}
        }
    }
}

fn is_text(kind: Option<&Value>) -> bool {
    match kind {
        Some(Value::String(kind)) => kind == "string",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "string"),
        _ => false,
    }
}

/// Where the schema of a parameter stands, and what it says with the rules.
fn parameters(document: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for operation in super::document::operations(document) {
        let all = operation.value["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        for (n, one) in all.iter().enumerate() {
            if one["in"] != "query" && one["in"] != "header" {
                continue;
            }
            let pointer = format!("{}/parameters/{n}/schema", operation.pointer());
            found.push((pointer, parameter(document, operation.value, one)));
        }
    }
    found
}

fn parameter(document: &Value, operation: &Value, one: &Value) -> Value {
    let name = one["name"].as_str().unwrap_or("");
    let mut schema = one["schema"].clone();
    match name {
        "If-Match" => schema["pattern"] = json!(ETAGS),
        "cursor" => schema["pattern"] = json!("^[A-Za-z0-9_-]+$"),
        "fields" => {
            let names = names(document, &operation["responses"]["200"]).join("|");
            schema["pattern"] = json!(format!("^({names})(,({names}))*$"));
        }
        _ => match name.strip_suffix("[in]").and_then(|of| words(document, operation, of)) {
            Some(words) => schema["pattern"] = json!(format!("^({words})(,({words})){MORE}$")),
            None => texts(&mut schema),
        },
    }
    schema
}

/// Items that have no fields have none to choose.
fn nothing_to_choose(document: &mut Value) {
    let all = super::document::operations(document);
    let without =
        all.iter().filter(|one| names(document, &one.value["responses"]["200"]).is_empty());
    let pointers: Vec<String> =
        without.map(|one| format!("{}/parameters", one.pointer())).collect();
    for pointer in pointers {
        if let Some(Value::Array(parameters)) = document.pointer_mut(&pointer) {
            parameters.retain(|one| one["name"] != "fields");
        }
    }
}

/// What the parameter `name` takes, as alternatives.
fn words(document: &Value, operation: &Value, name: &str) -> Option<String> {
    let all = operation["parameters"].as_array()?;
    let schema = resolved(document, &all.iter().find(|one| one["name"] == name)?["schema"]);
    if let (Some(least), Some(most)) = (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        return Some((least..=most).map(|n| n.to_string()).collect::<Vec<_>>().join("|"));
    }
    let words = schema["enum"].as_array()?.iter().filter_map(Value::as_str);
    Some(words.collect::<Vec<_>>().join("|"))
}

/// The names of the fields that `fields` chooses from: of the items of a list, else of the answer.
fn names(document: &Value, answer: &Value) -> Vec<String> {
    let schema = &answer["content"]["application/json"]["schema"];
    let is_list = schema["$ref"].as_str().is_some_and(|at| at.contains("/schemas/Listed_"));
    let mut schema = resolved(document, schema);
    if is_list {
        schema = resolved(document, &schema["properties"]["items"]["items"]);
    }
    schema["properties"].as_object().into_iter().flat_map(|all| all.keys().cloned()).collect()
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let at = schema["$ref"].as_str().and_then(|at| at.strip_prefix('#'));
    at.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}
