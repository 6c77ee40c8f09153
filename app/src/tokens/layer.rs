//! Who a request with a token is.

use super::store::{self, Shown};
use super::token::PREFIX;
use crate::access::{Refused, Scopes, Through, Viewer};
use crate::app::App;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kit::chance;
use kit::db::{DbError, Time};
use kit::web::Problem;

const HOUR_US: i64 = 3_600_000_000;

/// The token in `Authorization: Bearer awt_…`.
fn shown(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (kind, secret) = value.split_once(' ')?;
    let secret = secret.trim();
    (kind.eq_ignore_ascii_case("bearer") && secret.starts_with(PREFIX)).then_some(secret)
}

/// Finds the viewer behind a token. It is good for the API alone: pages are a browser's.
pub async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let Some(secret) = shown(request.headers()).filter(|_| is_api).map(str::to_owned) else {
        return next.run(request).await;
    };
    match viewer(&app, &secret).await {
        Ok(Some(viewer)) => drop(request.extensions_mut().insert(viewer)),
        Ok(None) => {
            let detail =
                "This token is not known, has ended or was revoked. Make another at /tokens.";
            let problem = Problem::new(StatusCode::UNAUTHORIZED, "token", detail);
            request.extensions_mut().insert(Refused(problem));
        }
        Err(error) => return Problem::from(error).into_response(),
    }
    next.run(request).await
}

async fn viewer(app: &App, secret: &str) -> Result<Option<Viewer>, DbError> {
    let now = app.now();
    let found = {
        let mut conn = app.db.read().await?;
        store::find_for_system(&mut conn, &chance::digest(secret), now).await?
    };
    let Some(found) = found else { return Ok(None) };
    let Ok(scopes) = Scopes::parse(&found.scopes) else { return Ok(None) };
    note_use(app, &found, now).await;
    let Shown { token_id, id, name, handle, seat, zone, .. } = found;
    let through = Through::Token { id: token_id.to_string(), scopes };
    Ok(Some(Viewer { id, name, handle, seat, zone, through }))
}

/// Once an hour; a request is not refused because this did not work.
async fn note_use(app: &App, found: &Shown, now: Time) {
    let hour = Time::from_microseconds(now.microseconds().div_euclid(HOUR_US) * HOUR_US);
    let Some(hour) = hour.filter(|hour| found.last_used_at.is_none_or(|at| at < *hour)) else {
        return;
    };
    let noted = async {
        let mut tx = app.db.write().await?;
        store::was_used(&mut tx, &found.token_id, hour).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "it is not noted that a token was used");
    }
}
