//! Operations on sessions, and who one is.

use super::sign_in;
use crate::access::{Scope, Seat, Session, Through, Viewer};
use crate::api::{self, Peer, ShownOnce};
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kit::web::{Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(begin, end)).routes(routes!(me))
}

/// An address and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// The e-mail address one signs in with.
    email: String,
    /// The password.
    password: String,
}

/// A session.
#[derive(Serialize, ToSchema)]
struct Begun {
    /// Send it as `Authorization: Bearer …`.
    token: String,
}

/// Begins a session with an address and a password. Programs take a token instead.
#[utoipa::path(
    post, path = "/sessions", tag = "sessions", operation_id = "begin_session",
    request_body = Credentials, security(()),
    responses((status = 201, description = "The session's token.", body = Begun)),
)]
async fn begin(
    State(app): State<App>,
    peer: Peer,
    Sent(said): Sent<Credentials>,
) -> Result<Response, Problem> {
    let token = sign_in::sign_in(&app, &peer, &said.email, said.password).await?;
    let mut response = api::made("/api/v1/me", &Begun { token });
    response.extensions_mut().insert(ShownOnce);
    Ok(response)
}

/// Ends the session that asks.
#[utoipa::path(
    delete, path = "/sessions", tag = "sessions", operation_id = "end_session",
    responses((status = 204, description = "It has ended.")),
)]
async fn end(State(app): State<App>, session: Session) -> Result<StatusCode, Problem> {
    sign_in::sign_out(&app, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who asks.
#[derive(Serialize, ToSchema)]
struct Me {
    /// Their id.
    id: String,
    /// Unique, without `@`.
    handle: String,
    /// What colleagues call them.
    name: String,
    /// Their seat.
    seat: Seat,
    /// Their time zone, an IANA name.
    zone: String,
    /// What this token may be used for; null for a session, which may what the seat may.
    scopes: Option<Vec<Scope>>,
}

/// Says who you are, and what your token may be used for.
#[utoipa::path(
    get, path = "/me", tag = "sessions", operation_id = "show_me",
    responses((status = 200, description = "Who asks.", body = Me)),
)]
async fn me(viewer: Viewer) -> Json<Me> {
    let scopes = match &viewer.through {
        Through::Session => None,
        Through::Token { scopes, .. } => Some(scopes.all().to_vec()),
    };
    Json(Me {
        id: viewer.id.to_string(),
        handle: viewer.handle,
        name: viewer.name,
        seat: viewer.seat,
        zone: viewer.zone,
        scopes,
    })
}
