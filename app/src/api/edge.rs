//! What is around every operation: refusals as problem documents, and what a cookie or a token must
//! bring for a request that changes something.

use crate::access::{Scope, Viewer};
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kit::web::{Csrf, Problem};

/// The most bytes of a refusal that become its detail.
const DETAIL: usize = 2048;

/// Whether a request is for a program.
#[must_use]
pub fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Makes every refusal of the API a problem document.
pub async fn problems(request: Request, next: Next) -> Response {
    if !is_api(request.uri().path()) {
        return next.run(request).await;
    }
    let method = request.method().clone();
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let is_problem = response.extensions().get::<Problem>().is_some()
        || kind(response.headers()).starts_with("application/problem+json");
    let mut response = if is_problem { response } else { told(&method, response).await };
    if status == StatusCode::UNAUTHORIZED {
        let ask = HeaderValue::from_static("Bearer realm=\"Afterword\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
    }
    response
}

fn kind(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// The problem behind a refusal that is none yet: the router's, an extractor's, a panic's.
async fn told(method: &Method, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let said = to_bytes(body, DETAIL).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    let status = parts.status;
    let problem = match status.as_u16() {
        404 => Problem::not_found(),
        405 => {
            let allow = parts.headers.get(header::ALLOW).and_then(|value| value.to_str().ok());
            let allow = allow.unwrap_or("another method");
            let detail = format!("{method} is not understood here; there is: {allow}.");
            Problem::new(status, "method", detail)
        }
        413 => Problem::new(status, "too_large", "This is larger than what is taken here."),
        code if code >= 500 => {
            let mut problem = Problem::internal(&said);
            problem.status = status;
            problem
        }
        _ if said.is_empty() => Problem::new(status, "refused", "This was not understood."),
        _ => Problem::new(status, "refused", said),
    };
    let mut response = problem.into_response();
    for (name, value) in &parts.headers {
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// Refuses what changes something when a cookie vouches for it and its form's secret is not there, or
/// when a token has not the scope.
pub async fn guard(request: Request, next: Next) -> Response {
    match may(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn may(request: &Request) -> Result<(), Problem> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if let Some(viewer) = request.extensions().get::<Viewer>() {
        viewer.must_have(if reads { Scope::Read } else { Scope::Write })?;
    }
    let Some(csrf) = request.extensions().get::<Csrf>().filter(|_| !reads) else { return Ok(()) };
    let given = request.headers().get("x-csrf").and_then(|value| value.to_str().ok());
    // A form with files brings it inside; who reads the form looks.
    let is_form = kind(request.headers()).starts_with("multipart/");
    if is_form || given.is_some_and(|given| csrf.is(given)) {
        return Ok(());
    }
    let detail = "A browser's session changes nothing here without its secret in the header x-csrf. \
                  Programs send a token: Authorization: Bearer awt_….";
    Err(Problem::new(StatusCode::FORBIDDEN, "csrf", detail))
}
