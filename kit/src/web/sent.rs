//! A JSON body, read into its type; every wrong field is named by its path.

use super::heard::Heard;
use super::{FieldError, Problem};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// Wrong fields told at most.
const MOST: usize = 50;

/// What was sent as JSON.
#[derive(Debug, Clone, Copy)]
pub struct Sent<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + ToSchema> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Sent<T>, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("").to_owned();
        if !is_json(&kind) {
            let detail =
                format!("JSON is expected here (Content-Type: application/json), not `{kind}`.");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            Problem::new(rejection.status(), "body", format!("The body was not read: {rejection}"))
        })?;
        read(&bytes).map(Sent)
    }
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Reads a value of a type out of JSON.
///
/// # Errors
/// 400 when it is not JSON, with line and column; 422 with a line for every wrong field.
pub fn read<T: DeserializeOwned + ToSchema>(bytes: &[u8]) -> Result<T, Problem> {
    let value = heard(bytes)?;
    let mut errors = Vec::new();
    nul(&value, &mut String::new(), &mut errors);
    match serde_path_to_error::deserialize(&value) {
        Ok(read) if errors.is_empty() => Ok(read),
        Ok(_) => Err(Problem::invalid(errors)),
        Err(first) => {
            let first = wrong(first.path(), &first.inner().to_string());
            collect::<T>(value, first, &mut errors);
            Err(Problem::invalid(errors))
        }
    }
}

fn heard(bytes: &[u8]) -> Result<Value, Problem> {
    let not_json = |error: &serde_json::Error| {
        let detail = format!("This is not JSON: {error}.");
        Problem::new(StatusCode::BAD_REQUEST, "not_json", detail)
    };
    let mut from = serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize(&mut from) {
        Ok(Heard(value)) => from.end().map(|()| value).map_err(|error| not_json(&error)),
        Err(error) if error.inner().is_data() => {
            Err(Problem::invalid(vec![wrong(error.path(), &error.inner().to_string())]))
        }
        Err(error) => Err(not_json(error.inner())),
    }
}

/// Every wrong field: what is found is taken out and the rest is read again.
fn collect<T: DeserializeOwned + ToSchema>(
    mut value: Value,
    first: FieldError,
    errors: &mut Vec<FieldError>,
) {
    let absent = absent::<T>(&value);
    let found_before = errors.len();
    while errors.len() < MOST {
        let Err(error) = serde_path_to_error::deserialize::<_, T>(&value) else { break };
        let said = error.inner().to_string();
        if said.starts_with("missing field") || !take_out(&mut value, error.path()) {
            if errors.len() == found_before && absent.is_empty() {
                errors.push(wrong(error.path(), &said));
            }
            break;
        }
        errors.push(wrong(error.path(), &said));
    }
    errors.extend(absent.into_iter().map(|name| {
        let message = format!("`{name}` is missing.");
        FieldError { path: name, message }
    }));
    if errors.is_empty() {
        errors.push(first);
    }
}

/// The fields that the type needs and the value lacks.
fn absent<T: ToSchema>(value: &Value) -> Vec<String> {
    let (RefOr::T(Schema::Object(object)), Some(fields)) = (T::schema(), value.as_object()) else {
        return Vec::new();
    };
    object.required.into_iter().filter(|name| !fields.contains_key(name)).collect()
}

fn wrong(path: &Path, said: &str) -> FieldError {
    let path = match path.to_string() {
        dot if dot == "." => String::new(),
        path => path,
    };
    // serde_json adds the place in the text, which the path says better.
    let said = said.split(" at line ").next().unwrap_or(said);
    let message = if path.is_empty() { format!("{said}.") } else { format!("`{path}`: {said}.") };
    FieldError { path, message }
}

/// Takes the value at a path out of an object or list. Says whether it was there.
fn take_out(value: &mut Value, path: &Path) -> bool {
    let segments: Vec<&Segment> = path.iter().collect();
    let Some((last, before)) = segments.split_last() else { return false };
    let mut at = value;
    for segment in before {
        let next = match segment {
            Segment::Map { key } => at.get_mut(key.as_str()),
            Segment::Seq { index } => at.get_mut(*index),
            Segment::Enum { .. } | Segment::Unknown => return false,
        };
        let Some(next) = next else { return false };
        at = next;
    }
    match (last, at) {
        (Segment::Map { key }, Value::Object(fields)) => fields.remove(key.as_str()).is_some(),
        (Segment::Seq { index }, Value::Array(items)) if *index < items.len() => {
            items.remove(*index);
            true
        }
        _ => false,
    }
}

/// No database of ours keeps NUL in text.
fn nul(value: &Value, path: &mut String, errors: &mut Vec<FieldError>) {
    if errors.len() >= MOST {
        return;
    }
    let length = path.len();
    match value {
        Value::String(text) if text.contains('\0') => {
            let message = format!("`{path}` holds the character NUL; take it out.");
            errors.push(FieldError { path: path.clone(), message });
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                nul(item, path, errors);
                path.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                nul(item, path, errors);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, utoipa::ToSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read by serde alone")]
    struct Window {
        end: Option<u32>,
    }

    #[derive(Debug, Deserialize, utoipa::ToSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read by serde alone")]
    struct Thing {
        title: String,
        number: u32,
        windows: Option<Vec<Window>>,
        note: Option<String>,
    }

    fn told(text: &str) -> (u16, Vec<String>) {
        let problem = read::<Thing>(text.as_bytes()).unwrap_err();
        let paths = problem.errors.into_iter().map(|error| error.path).collect();
        (problem.status.as_u16(), paths)
    }

    #[test]
    fn every_wrong_field_is_told_by_its_path() {
        let text =
            r#"{"number": "x", "windows": [{}, {"end": "y"}], "colour": 1, "note": "a\u0000b"}"#;
        let (status, mut paths) = told(text);
        paths.sort();
        assert_eq!(status, 422);
        assert_eq!(paths, ["colour", "note", "number", "title", "windows[1].end"]);
        assert_eq!(told(r#"{"title": "a", "number": -1}"#), (422, vec!["number".to_owned()]));
        assert_eq!(told(r#"{"title": "a", "title": "b", "number": 1}"#).0, 422);
        assert_eq!(told(r#"{"title": "a", "number": 1.5}"#), (422, vec!["number".to_owned()]));
        assert_eq!(told(r#"{"title": "a", "number": 1} x"#), (400, vec![]));
        assert_eq!(told("[]").0, 422);
        assert_eq!(told("{"), (400, vec![]));
        assert!(read::<Thing>(br#"{"title": "a", "number": 1}"#).is_ok());
        assert_eq!(read::<Thing>(br#"{"title": "a", "number": 1e1}"#).unwrap().number, 10);
    }
}
