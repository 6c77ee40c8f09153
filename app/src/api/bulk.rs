//! `POST /bulk`: up to 500 changes in one request. Each is the operation it names, done alone and in
//! order, with its own answer: one that is refused undoes none of the others.

use super::ShownOnce;
use super::export::Noun;
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::shell::routes;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, Router};
use kit::web::{Problem, Sent, Wrong};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tower::ServiceExt;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// Changes in one request at most.
const MOST: usize = 500;
/// The largest answer of one of them, in bytes.
const ANSWER_MAX: usize = 1 << 20;

/// All operations, for doing several of them in one request; put around them by the site.
#[derive(Clone)]
pub struct Operations {
    /// They themselves.
    pub router: Router,
    /// The lists among them.
    pub nouns: fn() -> &'static [Noun],
}

impl Operations {
    /// Does a request as this viewer, as if it had come from outside.
    pub(super) async fn ask(
        &self,
        viewer: &Viewer,
        session: Option<&Session>,
        mut request: Request<Body>,
    ) -> Response {
        request.extensions_mut().insert(viewer.clone());
        if let Some(session) = session {
            request.extensions_mut().insert(session.clone());
        }
        let Ok(response) = self.router.clone().oneshot(request).await;
        response
    }
}

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(bulk))
}

/// One change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BulkChange {
    /// Its method.
    method: BulkMethod,
    /// Its path after `/api/v1`, with its query: `/incidents/INC-42`.
    #[schema(pattern = "^/[!-~]*$")]
    path: String,
    /// The ETag you read, for what needs If-Match.
    #[serde(default)]
    if_match: Option<String>,
    /// Its body.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    body: Option<Map<String, Value>>,
}

kit::words!(
    /// Methods that change something.
    BulkMethod {
        /// Makes.
        Post = "POST", "POST";
        /// Sets.
        Put = "PUT", "PUT";
        /// Changes.
        Patch = "PATCH", "PATCH";
        /// Takes away.
        Delete = "DELETE", "DELETE";
    }
);

/// Changes to do in their order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Bulk {
    /// 1 to 500 changes.
    #[schema(min_items = 1, max_items = 500)]
    operations: Vec<BulkChange>,
    /// Whether to leave what comes after the first that is refused undone.
    #[serde(default)]
    stop_at_refusal: bool,
}

/// What one change was answered.
#[derive(Debug, Serialize, ToSchema)]
struct BulkAnswer {
    /// Its status; 424 for one that was left undone.
    status: u16,
    /// Where what it made is.
    location: Option<String>,
    /// The version of what it changed.
    etag: Option<String>,
    /// Its answer.
    body: Value,
}

/// What all were answered, in their order.
#[derive(Debug, Serialize, ToSchema)]
struct BulkAnswers {
    /// How many were done.
    done: usize,
    /// How many were refused or left undone.
    refused: usize,
    /// An answer for each.
    results: Vec<BulkAnswer>,
}

/// Does up to 500 changes, each alone, with an answer for each.
///
/// One that is refused undoes none of the others. The answer is 200 whatever became of them.
#[utoipa::path(
    post, path = "/bulk", tag = "bulk", operation_id = "bulk", request_body = Bulk,
    responses((status = 200, description = "An answer for each.", body = BulkAnswers)),
)]
async fn bulk(
    Extension(operations): Extension<Operations>,
    viewer: Viewer,
    session: Option<Extension<Session>>,
    Sent(said): Sent<Bulk>,
) -> Result<Response, Problem> {
    check(&said)?;
    let mut results = Vec::new();
    let mut shown_once = false;
    let mut refused = 0;
    for change in said.operations {
        let (answer, secret) = if said.stop_at_refusal && refused > 0 {
            (left_undone(), false)
        } else {
            one(&operations, &viewer, session.as_deref(), change).await
        };
        shown_once |= secret;
        refused += usize::from(answer.status >= 400);
        results.push(answer);
    }
    let done = results.len() - refused;
    let mut response = Json(BulkAnswers { done, refused, results }).into_response();
    if shown_once {
        response.extensions_mut().insert(ShownOnce);
    }
    Ok(response)
}

fn check(said: &Bulk) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    if !(1..=MOST).contains(&said.operations.len()) {
        wrong.note("operations", format!("Send 1 to {MOST} changes at once."));
    }
    for (index, change) in said.operations.iter().enumerate() {
        let path = format!("operations[{index}].path");
        if !change.path.starts_with('/') {
            wrong.note(&path, "A path begins with a slash, as /incidents/INC-42.");
        }
        if change.path.starts_with("/bulk") || change.path.starts_with("/import") {
            wrong.note(&path, "This is many changes by itself; send it on its own.");
        }
    }
    wrong.checked()
}

fn left_undone() -> BulkAnswer {
    let detail = "Left undone, since one before it was refused.";
    told(&Problem::new(StatusCode::FAILED_DEPENDENCY, "left_undone", detail))
}

fn told(problem: &Problem) -> BulkAnswer {
    let body = serde_json::to_value(problem).unwrap_or_default();
    BulkAnswer { status: problem.status.as_u16(), location: None, etag: None, body }
}

/// Does one; says also whether its answer holds a secret.
async fn one(
    operations: &Operations,
    viewer: &Viewer,
    session: Option<&Session>,
    change: BulkChange,
) -> (BulkAnswer, bool) {
    let method = match change.method {
        BulkMethod::Post => Method::POST,
        BulkMethod::Put => Method::PUT,
        BulkMethod::Patch => Method::PATCH,
        BulkMethod::Delete => Method::DELETE,
    };
    let mut request = Request::builder().method(method).uri(format!("/api/v1{}", change.path));
    if let Some(etag) = &change.if_match {
        request = request.header(header::IF_MATCH, etag);
    }
    let body = match &change.body {
        Some(body) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(json!(body).to_string())
        }
        None => Body::empty(),
    };
    let Ok(request) = request.body(body) else {
        return (told(&Problem::field("path", "This path or ETag is none.")), false);
    };
    let response = operations.ask(viewer, session, request).await;
    let secret = response.extensions().get::<ShownOnce>().is_some();
    (read(response).await, secret)
}

async fn read(response: Response) -> BulkAnswer {
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    let of = |name: HeaderName| {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    let (location, etag) = (of(header::LOCATION), of(header::ETAG));
    let body = match to_bytes(body, ANSWER_MAX).await {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Err(_) => Value::String("The answer is larger than 1 MiB; ask for it by itself.".into()),
    };
    BulkAnswer { status, location, etag, body }
}
