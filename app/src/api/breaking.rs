//! What would break a program written for an older description. Within a version only additions are
//! made (`docs/api.md`); a test compares today's description with `docs/openapi.baseline.json`.

use super::document::operations;
use serde_json::Value;
use std::collections::BTreeSet;

/// How deep schemas are compared.
const DEPTH: usize = 12;

/// Every change from `old` to `new` that breaks a program, each in a line; empty when there is none.
#[must_use]
pub fn changes(old: &Value, new: &Value) -> Vec<String> {
    let mut found = BTreeSet::new();
    for operation in operations(old) {
        let name = format!("{} {}", operation.method.to_uppercase(), operation.path);
        let Some(now) =
            new["paths"].get(operation.path).and_then(|item| item.get(operation.method))
        else {
            found.insert(format!("{name}: the operation is gone"));
            continue;
        };
        let mut compare = Compare { old, new, found: &mut found };
        compare.parameters(&name, operation.value, now);
        compare.body(&name, operation.value, now);
        compare.responses(&name, operation.value, now);
    }
    found.into_iter().collect()
}

/// Which way data goes: what is sent must not be asked more of, what is answered must not be less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Sent,
    Answered,
}

struct Compare<'a> {
    old: &'a Value,
    new: &'a Value,
    found: &'a mut BTreeSet<String>,
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|at| at.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

impl Compare<'_> {
    fn say(&mut self, name: &str, what: impl std::fmt::Display) {
        self.found.insert(format!("{name}: {what}"));
    }

    fn parameters(&mut self, name: &str, was: &Value, now: &Value) {
        let (old, new) = (self.old, self.new);
        let all = |document, operation: &Value| -> Vec<Value> {
            let list = operation["parameters"].as_array().cloned().unwrap_or_default();
            list.iter().map(|one| resolve(document, one).clone()).collect()
        };
        let (was, now) = (all(old, was), all(new, now));
        let same = |a: &Value, b: &Value| a["name"] == b["name"] && a["in"] == b["in"];
        for one in &was {
            let said = one["name"].as_str().unwrap_or("?");
            match now.iter().find(|other| same(one, other)) {
                None => self.say(name, format_args!("the parameter `{said}` is gone")),
                Some(other) => {
                    let place = format!("{name}, parameter `{said}`");
                    self.schema(&place, &one["schema"], &other["schema"], Way::Sent, 0);
                }
            }
        }
        for one in now.iter().filter(|one| one["required"] == true) {
            let was_required =
                was.iter().any(|other| same(one, other) && other["required"] == true);
            if !was_required {
                let said = one["name"].as_str().unwrap_or("?");
                self.say(name, format_args!("the parameter `{said}` is needed now"));
            }
        }
    }

    fn body(&mut self, name: &str, was: &Value, now: &Value) {
        let (was, now) = (&was["requestBody"], &now["requestBody"]);
        if now["required"] == true && was["required"] != true {
            self.say(name, "a body is needed now");
        }
        self.content(&format!("{name}, body"), was, now, Way::Sent);
    }

    fn responses(&mut self, name: &str, was: &Value, now: &Value) {
        for (status, answer) in was["responses"].as_object().into_iter().flatten() {
            let place = format!("{name}, {status}");
            let Some(other) = now["responses"].get(status) else {
                self.say(name, format_args!("the answer {status} is gone"));
                continue;
            };
            let (answer, other) = (resolve(self.old, answer), resolve(self.new, other));
            let (answer, other) = (answer.clone(), other.clone());
            self.content(&place, &answer, &other, Way::Answered);
        }
    }

    fn content(&mut self, place: &str, was: &Value, now: &Value, way: Way) {
        for (kind, one) in was["content"].as_object().into_iter().flatten() {
            match now["content"].get(kind) {
                None => self.say(place, format_args!("{kind} is gone")),
                Some(other) => self.schema(place, &one["schema"], &other["schema"], way, 0),
            }
        }
    }

    fn schema(&mut self, place: &str, was: &Value, now: &Value, way: Way, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let (was, now) = (resolve(self.old, was).clone(), resolve(self.new, now).clone());
        self.kinds(place, &was, &now, way);
        self.words(place, &was, &now, way);
        self.fields(place, &was, &now, way, depth);
        if was.get("items").is_some() {
            self.schema(&format!("{place}[]"), &was["items"], &now["items"], way, depth + 1);
        }
        for join in ["anyOf", "oneOf", "allOf"] {
            let (was, now) = (was[join].as_array(), now[join].as_array());
            let (Some(was), Some(now)) = (was, now) else { continue };
            for (one, other) in was.iter().zip(now) {
                self.schema(place, one, other, way, depth + 1);
            }
            if now.len() < was.len() {
                self.say(place, format_args!("one of its {join} is gone"));
            }
        }
    }

    /// What is sent may be of more kinds than before, what is answered of fewer.
    fn kinds(&mut self, place: &str, was: &Value, now: &Value, way: Way) {
        let (old, new) = (kinds(was), kinds(now));
        if old.is_empty() && new.is_empty() {
            return;
        }
        let fits = match way {
            Way::Sent => new.is_empty() || (!old.is_empty() && old.is_subset(&new)),
            Way::Answered => old.is_empty() || (!new.is_empty() && new.is_subset(&old)),
        };
        if !fits {
            self.say(place, format_args!("its type was {} and is {}", was["type"], now["type"]));
        }
    }

    /// Words that were taken are still taken. Answers may bring new words: programs are told to expect
    /// them.
    fn words(&mut self, place: &str, was: &Value, now: &Value, way: Way) {
        let (Some(new), Way::Sent) = (now["enum"].as_array(), way) else { return };
        match was["enum"].as_array() {
            None => self.say(place, "only some words are taken now"),
            Some(old) => {
                for word in old.iter().filter(|word| !new.contains(word)) {
                    self.say(place, format_args!("the word {word} is no longer taken"));
                }
            }
        }
    }

    fn fields(&mut self, place: &str, was: &Value, now: &Value, way: Way, depth: usize) {
        for (field, one) in was["properties"].as_object().into_iter().flatten() {
            match now["properties"].get(field) {
                None => self.say(place, format_args!("the field `{field}` is gone")),
                Some(other) => {
                    self.schema(&format!("{place}.{field}"), one, other, way, depth + 1);
                }
            }
        }
        let (old, new) = (required(was), required(now));
        match way {
            Way::Sent => {
                for field in new.difference(&old) {
                    self.say(place, format_args!("the field `{field}` is needed now"));
                }
            }
            Way::Answered => {
                let fields = &now["properties"];
                for field in old.difference(&new).filter(|field| fields.get(field).is_some()) {
                    self.say(place, format_args!("the field `{field}` may be absent now"));
                }
            }
        }
    }
}

fn required(schema: &Value) -> BTreeSet<String> {
    let all = schema["required"].as_array().into_iter().flatten();
    all.filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn kinds(schema: &Value) -> BTreeSet<String> {
    match &schema["type"] {
        Value::String(one) => BTreeSet::from([one.clone()]),
        Value::Array(all) => all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::changes;
    use serde_json::{Value, json};

    fn document() -> Value {
        json!({
            "paths": { "/a": { "post": {
                "parameters": [{ "name": "q", "in": "query", "schema": { "type": "string" } }],
                "requestBody": { "required": true, "content": { "application/json":
                    { "schema": { "$ref": "#/components/schemas/New" } } } },
                "responses": { "201": { "content": { "application/json":
                    { "schema": { "$ref": "#/components/schemas/Made" } } } } },
            } } },
            "components": { "schemas": {
                "New": { "type": "object", "required": ["title"], "properties": {
                    "title": { "type": "string" },
                    "kind": { "type": "string", "enum": ["a", "b"] },
                } },
                "Made": { "type": "object", "required": ["id"], "properties": {
                    "id": { "type": "string" },
                    "parts": { "type": "array", "items": { "type": "object",
                        "properties": { "n": { "type": "integer" } } } },
                } },
            } },
        })
    }

    fn told(edit: impl FnOnce(&mut Value)) -> String {
        let mut new = document();
        edit(&mut new);
        changes(&document(), &new).join("; ")
    }

    #[test]
    fn what_breaks_a_program_is_named_by_its_place() {
        let schema = |name: &str| format!("/components/schemas/{name}");
        for (pointer, value, wanted) in [
            ("/paths/~1a".to_owned(), json!({}), "the operation is gone"),
            ("/paths/~1a/post/parameters".to_owned(), json!([]), "parameter `q` is gone"),
            (
                "/paths/~1a/post/parameters".to_owned(),
                json!([{ "name": "q", "in": "query", "schema": { "type": "integer" } },
                    { "name": "r", "in": "query", "required": true, "schema": {} }]),
                "parameter `q`: its type was \"string\" and is \"integer\"; \
                 POST /a: the parameter `r` is needed now",
            ),
            ("/paths/~1a/post/responses".to_owned(), json!({}), "answer 201 is gone"),
            (schema("New") + "/required", json!(["title", "kind"]), "`kind` is needed now"),
            (schema("New") + "/properties/kind/enum", json!(["a"]), "\"b\" is no longer taken"),
            (schema("New") + "/properties/title/enum", json!(["a"]), "only some words"),
            (
                schema("Made") + "/properties/id/type",
                json!(["string", "null"]),
                ".id: its type was",
            ),
            (schema("Made") + "/required", json!([]), "`id` may be absent now"),
            (
                schema("Made") + "/properties/parts/items/properties",
                json!({}),
                "201.parts[]: the field `n` is gone",
            ),
        ] {
            let (place, field) = pointer.rsplit_once('/').expect("a field");
            let field = field.replace("~1", "/");
            let told = told(|new| new.pointer_mut(place).expect("a place")[field] = value);
            assert!(told.contains(wanted), "{pointer}: {told}");
        }
    }

    #[test]
    fn additions_break_nothing() {
        let told = told(|new| {
            new["paths"]["/b"] = json!({ "get": {} });
            let schemas = &mut new["components"]["schemas"];
            schemas["New"]["properties"]["note"] = json!({ "type": "string" });
            schemas["New"]["properties"]["kind"]["enum"] = json!(["a", "b", "c"]);
            schemas["Made"]["properties"]["url"] = json!({ "type": "string" });
            schemas["Made"]["required"] = json!(["id", "url"]);
        });
        assert_eq!(told, "");
    }
}
