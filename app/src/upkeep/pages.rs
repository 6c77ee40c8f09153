//! What is asked for by programs that watch: `/healthz`, `/readyz`, `/metrics`.

use super::metrics::{self, Metrics};
use super::ready;
use crate::app::App;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::web::Problem;
use kit::web::road::get;
use std::fmt::Write;
use std::sync::Arc;

/// What is served outside of sessions.
pub fn routes(metrics: Arc<Metrics>) -> Router<App> {
    let show = move |State(app): State<App>, request: Request| -> Answer {
        Box::pin(metrics::show(app, metrics.clone(), request))
    };
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(show))
}

type Answer =
    std::pin::Pin<Box<dyn std::future::Future<Output = Result<Response, Problem>> + Send>>;

async fn healthz() -> &'static str {
    "alive\n"
}

/// 200 while it can answer, also when something is not as it should be; 503 when it cannot.
async fn readyz(State(app): State<App>, headers: HeaderMap) -> Response {
    let found = ready::look(&app).await;
    let status = match found.state {
        "not ready" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    if accept.contains("application/json") {
        return (status, axum::Json(found)).into_response();
    }
    let mut text = format!("{}; {}", found.state, found.database);
    if found.made_up {
        text.push_str("; made-up data");
    }
    text.push('\n');
    for why in &found.why {
        let _ = writeln!(text, "{why}");
    }
    (status, text).into_response()
}
