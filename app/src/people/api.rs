//! What the command line needs of people: a session for an address and a password.

use super::sign_in;
use crate::access::{Session, Viewer};
use crate::app::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use kit::web::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is served under `/api/v1`.
pub fn routes() -> Router<App> {
    Router::new().route("/sessions", post(begin).delete(end)).route("/me", get(me))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    password: String,
}

#[derive(Serialize)]
struct Begun {
    token: String,
}

async fn begin(
    State(app): State<App>,
    Json(said): Json<Credentials>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    let token = sign_in::sign_in(&app, &said.email, said.password).await?;
    Ok((StatusCode::CREATED, Json(Begun { token })))
}

/// Ends the session that asks.
async fn end(State(app): State<App>, session: Session) -> Result<StatusCode, Problem> {
    sign_in::sign_out(&app, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn me(viewer: Viewer) -> Json<Value> {
    Json(json!({ "handle": viewer.handle, "name": viewer.name, "seat": viewer.seat }))
}
