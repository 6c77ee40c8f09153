//! Room is kept for signing in: when the disk has less left than the reserve, everything that writes is
//! answered 507 before it begins, and is taken again as soon as there is room.

use super::ready::free_bytes;
use crate::app::App;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kit::db::Db;
use kit::web::Problem;

/// Signing in and out write a row each; the reserve is there for them.
const ALWAYS: [&str; 3] = ["/sign-in", "/sign-out", "/api/v1/sessions"];

/// Refuses writes while the disk is nearly full.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_ours = matches!(app.db, Db::Sqlite { .. });
    if is_read || !is_ours || ALWAYS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    match free_bytes(&app.config.data) {
        Some(free) if free < app.config.disk_reserve_bytes => full(free).into_response(),
        _ => next.run(request).await,
    }
}

fn full(free: u64) -> Problem {
    let detail = format!(
        "The server's disk is full ({} MiB left), so nothing was changed. Tell an administrator; what \
         you see can still be read.",
        free >> 20
    );
    Problem::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", detail)
}
