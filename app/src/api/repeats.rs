//! `Idempotency-Key`: what is sent twice under one key is done once, and answered as the first time.
//!
//! The key is taken before the operation begins and its answer is kept after it; an operation goes on
//! when its sender goes away. When the process ends between the two, nobody knows whether it was done:
//! a repeat is then refused with 409 `unknown_outcome`, so that one looks before one repeats.

use super::bulk::Operations;
use super::still::{self, Told};
use super::store::{self, Kept, Which};
use crate::access::{Session, Through, Viewer};
use crate::app::App;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use kit::db::{DbError, Time};
use kit::web::Problem;
use std::collections::BTreeMap;

/// The header of the key.
pub const KEY: &str = "idempotency-key";
/// The longest key.
const KEY_MAX: usize = 255;
/// Hours a first answer is kept.
const HOURS: i64 = 48;
/// The largest JSON body that is compared byte by byte.
const BODY_MAX: usize = 2 << 20;
/// The largest answer that is kept.
const ANSWER_MAX: u64 = 1 << 20;

/// Marks an answer that holds a secret: it is never kept.
#[derive(Debug, Clone, Copy)]
pub struct ShownOnce;

/// What the layer needs.
#[derive(Clone)]
pub struct Repeats {
    /// The instance.
    pub app: App,
    /// All operations, to look whether what a kept answer tells of is still there.
    pub operations: Operations,
}

/// Does each POST with a key once.
pub async fn layer(State(repeats): State<Repeats>, request: Request, next: Next) -> Response {
    let viewer = request.extensions().get::<Viewer>().cloned();
    let (true, Some(key), Some(viewer)) =
        (request.method() == Method::POST, request.headers().get(KEY).cloned(), viewer)
    else {
        return next.run(request).await;
    };
    match keyed(&repeats, &viewer, &key, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn keyed(
    repeats: &Repeats,
    viewer: &Viewer,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let app = &repeats.app;
    let which = which(viewer, key, request.uri().path())?;
    let (request, fingerprint, is_upload) = fingerprint(app, request).await?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    if store::reserve(&mut tx, &which, &fingerprint, &app.run, (now, before(now))).await? {
        tx.commit().await?;
        let app = app.clone();
        // Apart from the connection, so that it ends as it began when the sender goes away.
        let doing = tokio::spawn(async move {
            let response = next.run(request).await;
            keep(&app, &which, response, is_upload).await
        });
        return doing.await.map_err(Problem::internal);
    }
    let kept = store::kept(&mut tx, &which).await?;
    tx.commit().await?;
    let kept = kept.ok_or_else(running)?;
    let again = repeat(app, &kept, &fingerprint)?;
    if again.status().is_success() && !is_there(repeats, viewer, request, &kept).await {
        let detail = "This was done the first time. What it was about is not here any more, or not \
                      shared with you, so its answer is not given again.";
        return Err(Problem::conflict("done_before", detail));
    }
    Ok(again)
}

/// Whether what a kept answer tells of is still there for who asks again.
async fn is_there(repeats: &Repeats, viewer: &Viewer, request: Request, kept: &Kept) -> bool {
    let (parts, body) = request.into_parts();
    let session = parts.extensions.get::<Session>();
    let sent = to_bytes(body, BODY_MAX).await.unwrap_or_default();
    let headers = kept.headers.as_ref();
    let told = Told {
        path: parts.uri.path(),
        sent: &sent,
        location: headers.and_then(|all| all.0.get("location")).map(String::as_str),
        answer: kept.body.as_deref().unwrap_or(""),
    };
    still::is_there(&repeats.operations, viewer, session, &told).await
}

fn which(viewer: &Viewer, key: &HeaderValue, path: &str) -> Result<Which, Problem> {
    let text = key.to_str().ok().filter(|text| (1..=KEY_MAX).contains(&text.len()));
    let plain = text.filter(|text| text.bytes().all(|b| b.is_ascii_graphic()));
    let Some(key) = plain else {
        let detail = format!(
            "An Idempotency-Key has 1 to {KEY_MAX} visible ASCII characters, such as a UUID."
        );
        return Err(Problem::new(StatusCode::BAD_REQUEST, "idempotency_key", detail));
    };
    let who = match &viewer.through {
        Through::Session => viewer.id.to_string(),
        Through::Token { id, .. } => id.clone(),
    };
    Ok(Which { who, path: path.to_owned(), key: key.to_owned() })
}

fn before(now: Time) -> Time {
    let ago = now.timestamp().checked_sub(SignedDuration::from_hours(HOURS));
    Time::new(ago.unwrap_or(now.timestamp()))
}

/// Tells what was sent from anything else. JSON is compared as it is, with the version it means; a stream by what it says of
/// itself, since an import of the same file again adds nothing anyhow.
async fn fingerprint(app: &App, request: Request) -> Result<(Request, String, bool), Problem> {
    let (parts, body) = request.into_parts();
    let kind = header_of(&parts, header::CONTENT_TYPE);
    let query = parts.uri.query().unwrap_or("").to_owned();
    let is_json = kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim() == "application/json" || kind.trim().ends_with("+json"));
    if !is_json && !body.is_end_stream() {
        let length = header_of(&parts, header::CONTENT_LENGTH);
        let kind = kind.split(';').next().unwrap_or("").to_owned();
        let print = app.signer.fingerprint(&[query.as_bytes(), kind.as_bytes(), length.as_bytes()]);
        return Ok((Request::from_parts(parts, body), print, true));
    }
    let bytes = to_bytes(body, BODY_MAX).await.map_err(|error| {
        let detail = format!("The body was not read, or is larger than 2 MiB: {error}.");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    })?;
    let means = header_of(&parts, header::IF_MATCH);
    let all = [query.as_bytes(), kind.as_bytes(), &bytes, means.as_bytes()];
    let print = app.signer.fingerprint(if means.is_empty() { &all[..3] } else { &all });
    Ok((Request::from_parts(parts, Body::from(bytes)), print, false))
}

fn header_of(parts: &Parts, name: HeaderName) -> String {
    let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or("").to_owned()
}

fn running() -> Problem {
    let detail =
        "The first request with this Idempotency-Key is still running. Ask again in a second.";
    Problem::conflict("still_running", detail)
}

fn repeat(app: &App, kept: &Kept, fingerprint: &str) -> Result<Response, Problem> {
    if kept.fingerprint != fingerprint {
        let detail =
            "This Idempotency-Key was used for something else. Take a new key for a new request.";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Err(Problem::new(status, "idempotency_key_reused", detail));
    }
    let Some(status) = kept.status else {
        if *kept.run == *app.run {
            return Err(running());
        }
        let detail = "The server ended while the first request with this Idempotency-Key ran, so \
                      nobody knows whether it was done. Look, then repeat it with a new key if it was not.";
        return Err(Problem::conflict("unknown_outcome", detail));
    };
    let status = u16::try_from(status).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.ok_or_else(|| Problem::internal("a kept answer has no status"))?;
    let mut response = (status, kept.body.clone().unwrap_or_default()).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in kept.headers.iter().flat_map(|headers| &headers.0) {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
        {
            headers.insert(name, value);
        }
    }
    let yes = HeaderValue::from_static("true");
    headers.insert(HeaderName::from_static("idempotency-replayed"), yes);
    Ok(response)
}

/// Keeps the answer, or lets the key go when nothing can have been done. An answer that cannot be kept
/// is given all the same: the operation is done.
async fn keep(app: &App, which: &Which, response: Response, is_upload: bool) -> Response {
    let status = response.status();
    let not_done =
        [401, 429, 503].contains(&status.as_u16()) || (is_upload && status.is_client_error());
    if not_done {
        if let Err(error) = let_go(app, which).await {
            tracing::warn!(%error, "a key is not let go; a repeat will be told to look first");
        }
        return response;
    }
    let (response, keeping) = split(response).await;
    let kept = async {
        let mut tx = app.db.write().await?;
        store::keep(&mut tx, which, keeping.status, keeping.headers, keeping.body).await?;
        tx.commit().await
    };
    if let Err(error) = kept.await {
        tracing::warn!(%error, "an answer is not kept; a repeat will be told to look first");
    }
    response
}

async fn let_go(app: &App, which: &Which) -> Result<(), DbError> {
    let mut tx = app.db.write().await?;
    store::release(&mut tx, which).await?;
    tx.commit().await
}

/// What is kept of an answer.
struct Keeping {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Option<String>,
}

async fn split(response: Response) -> (Response, Keeping) {
    if response.extensions().get::<ShownOnce>().is_some() {
        let detail = "This was done the first time, and its secret was shown then. It is not kept: \
                      take it back and make another.";
        return (response, instead(detail));
    }
    if response.body().size_hint().upper().is_none_or(|bytes| bytes > ANSWER_MAX) {
        return (
            response,
            instead("This was done the first time; its answer was too large to keep."),
        );
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut headers = BTreeMap::new();
    for name in [header::CONTENT_TYPE, header::LOCATION, header::ETAG, header::RETRY_AFTER] {
        if let Some(value) = parts.headers.get(&name).and_then(|value| value.to_str().ok()) {
            headers.insert(name.to_string(), value.to_owned());
        }
    }
    let body = Some(String::from_utf8_lossy(&bytes).replace('\0', ""));
    let keeping = Keeping { status: parts.status.as_u16(), headers, body };
    (Response::from_parts(parts, Body::from(bytes)), keeping)
}

fn instead(detail: &str) -> Keeping {
    let problem = Problem::conflict("done_before", detail);
    let kind = "application/problem+json".to_owned();
    let headers = BTreeMap::from([(header::CONTENT_TYPE.to_string(), kind)]);
    let body = serde_json::to_string(&problem).ok();
    Keeping { status: StatusCode::CONFLICT.as_u16(), headers, body }
}
