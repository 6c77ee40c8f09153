//! Versions against lost updates: `ETag: "v3"` out, `If-Match: "v3"` back in.

use super::Problem;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A version as a header.
#[must_use]
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"v{version}\"")).unwrap_or(HeaderValue::from_static("\"v0\""))
}

/// What counts its changes.
pub trait Versioned: Serialize {
    /// How often it was changed.
    fn version(&self) -> i64;
}

/// Which versions somebody means to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whatever it is now.
    Any,
    /// One of these.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// The version to change, if it is still one they mean.
    ///
    /// # Errors
    /// [`Problem`] 412 that shows what it is like now.
    pub fn check(&self, version: i64, current: &impl Serialize) -> Result<i64, Problem> {
        match self {
            IfMatch::Any => Ok(version),
            IfMatch::Versions(said) if said.contains(&version) => Ok(version),
            IfMatch::Versions(_) => Err(changed_meanwhile(version, current)),
        }
    }

    /// The thing, if it is of a version they mean.
    ///
    /// # Errors
    /// [`Problem`] 412 that shows what it is like now.
    pub fn of<T: Versioned>(&self, thing: T) -> Result<T, Problem> {
        self.check(thing.version(), &thing)?;
        Ok(thing)
    }
}

/// A thing with its version.
pub fn answered(thing: &impl Versioned) -> Response {
    versioned(&HeaderMap::new(), thing.version(), Json(thing))
}

/// What became of a change: the thing as it is now.
///
/// # Errors
/// What the change says; 412 with what it is like now when somebody was faster (`changed`).
pub fn changed<T: Versioned>(
    done: Result<(), Problem>,
    now: Result<T, Problem>,
) -> Result<Response, Problem> {
    match done {
        Err(problem) if problem.kind == "changed" => {
            let now = now?;
            Err(changed_meanwhile(now.version(), &now))
        }
        done => {
            done?;
            Ok(answered(&now?))
        }
    }
}

/// It was changed since it was read: 412 that shows what it is like now.
#[must_use]
pub fn changed_meanwhile(version: i64, current: &impl Serialize) -> Problem {
    let detail = format!(
        "Somebody changed it meanwhile; it is at version {version} now. Compare with `current`, then \
         send your change again with If-Match: \"v{version}\"."
    );
    let status = StatusCode::PRECONDITION_FAILED;
    let mut problem = Problem::new(status, "changed_meanwhile", detail);
    problem.current = serde_json::to_value(current).ok().map(Box::new);
    problem
}

fn versions(text: &str) -> Vec<i64> {
    let tags = text.split(',').map(|tag| tag.trim().trim_start_matches("W/"));
    let bare = tags.filter_map(|tag| tag.strip_prefix("\"v")?.strip_suffix('"'));
    bare.filter_map(|number| number.parse().ok()).collect()
}

fn said(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let all: Vec<&str> =
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    if all.is_empty() { None } else { Some(all.join(",")) }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IfMatch, Problem> {
        let Some(text) = said(&parts.headers, header::IF_MATCH) else {
            let detail = "Say which version you change: send the ETag that you read as If-Match.";
            return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "if_match", detail));
        };
        if text.trim() == "*" {
            return Ok(IfMatch::Any);
        }
        Ok(IfMatch::Versions(versions(&text)))
    }
}

/// A body with its version; `304` without one when the reader has that version already.
pub fn versioned(headers: &HeaderMap, version: i64, body: impl IntoResponse) -> Response {
    let has = said(headers, header::IF_NONE_MATCH);
    let same = has.is_some_and(|text| text.trim() == "*" || versions(&text).contains(&version));
    let mut response =
        if same { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    response.headers_mut().insert(header::ETAG, etag(version));
    response
}

#[cfg(test)]
mod tests {
    use super::{IfMatch, versions};

    #[test]
    fn a_version_that_is_no_longer_current_is_refused_with_what_is() {
        assert_eq!(versions("\"v3\", W/\"v4\", \"x\", v5"), [3, 4]);
        assert_eq!(IfMatch::Versions(vec![3]).check(3, &"now").unwrap(), 3);
        assert_eq!(IfMatch::Any.check(9, &"now").unwrap(), 9);
        let problem = IfMatch::Versions(vec![2]).check(3, &"now").unwrap_err();
        assert_eq!(problem.status, 412);
        assert_eq!(problem.current.unwrap().as_str(), Some("now"));
    }
}
