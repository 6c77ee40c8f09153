//! Sessions: the cookie or token a request carries, and who that makes the request's viewer.

use super::store;
use crate::access::{PersonId, Session};
use crate::app::App;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::SignedDuration;
use kit::chance;
use kit::db::{Result as DbResult, Time, Tx};
use kit::web::{Csrf, Problem};

fn cookie_name(app: &App) -> &'static str {
    if app.config.has_secure_cookies() { "__Host-afterword" } else { "afterword" }
}

/// The header that gives the browser its cookie.
pub(super) fn set_cookie(app: &App, secret: &str, days: i64) -> HeaderValue {
    let secure = if app.config.has_secure_cookies() { "; Secure" } else { "" };
    let name = cookie_name(app);
    let max_age = days * 86_400;
    let text =
        format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Begins a session; gives the secret for the cookie or token.
pub(crate) async fn begin(tx: &mut Tx, app: &App, person: &PersonId) -> DbResult<String> {
    let secret = chance::secret();
    let now = app.now();
    let lasts = SignedDuration::from_hours(24 * app.config.session_days);
    let expires_at = Time::new(now.timestamp().saturating_add(lasts).unwrap_or(now.timestamp()));
    let digest = chance::digest(&secret);
    store::insert_session(tx, &digest, person, &chance::secret(), now, expires_at).await?;
    Ok(secret)
}

fn secret_of(app: &App, headers: &HeaderMap) -> Option<(String, bool)> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(token) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
        return Some((token.trim().to_owned(), false));
    }
    let name = cookie_name(app);
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| (value.trim().to_owned(), true))
}

/// A browser says where a request comes from; one from elsewhere changes nothing here.
fn comes_from_elsewhere(app: &App, request: &Request) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = header("host").unwrap_or("");
            let after = origin.split_once("://").map_or("", |(_, rest)| rest);
            after != host && origin != app.config.base_url
        }
        (None, None) => false,
    }
}

/// Finds the viewer of each request.
pub async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    use axum::response::IntoResponse;
    let carried = secret_of(&app, request.headers());
    // Also without a cookie: signing somebody in as somebody else is a change, too.
    let is_token = carried.as_ref().is_some_and(|(_, is_cookie)| !is_cookie);
    if !is_token && comes_from_elsewhere(&app, &request) {
        let detail = "This request came from another site, so nothing was changed.";
        return Problem::new(StatusCode::FORBIDDEN, "csrf", detail).into_response();
    }
    let Some((secret, is_cookie)) = carried else {
        return next.run(request).await;
    };
    let digest = chance::digest(&secret);
    let found = async {
        let mut conn = app.db.read().await?;
        store::session(&mut conn, &digest, app.now()).await
    };
    match found.await {
        Ok(Some(row)) => {
            let session = Session { digest, csrf: row.csrf.clone(), flash: row.flash.clone() };
            if is_cookie {
                request.extensions_mut().insert(Csrf(row.csrf.clone()));
            }
            request.extensions_mut().insert(session);
            request.extensions_mut().insert(row.viewer());
            next.run(request).await
        }
        Ok(None) => next.run(request).await,
        Err(error) => Problem::from(error).into_response(),
    }
}

/// Leaves a sentence for the next page of this session.
///
/// # Errors
/// What the database says.
pub async fn say(tx: &mut Tx, session: &Session, sentence: &str) -> DbResult<()> {
    store::set_flash(tx, &session.digest, Some(sentence)).await
}

/// [`say`], by itself: after a deed that is done.
///
/// # Errors
/// What the database says.
pub async fn tell(app: &App, session: &Session, sentence: &str) -> DbResult<()> {
    let mut tx = app.db.write().await?;
    say(&mut tx, session, sentence).await?;
    tx.commit().await
}

/// The sentence was shown.
///
/// # Errors
/// What the database says.
pub async fn was_said(app: &App, session: &Session) -> DbResult<()> {
    let mut tx = app.db.write().await?;
    store::set_flash(&mut tx, &session.digest, None).await?;
    tx.commit().await
}

/// What forms of the session with this secret give back.
#[cfg(test)]
pub(crate) async fn csrf_of(app: &App, secret: &str) -> Option<String> {
    let mut conn = app.db.read().await.ok()?;
    let row = store::session(&mut conn, &chance::digest(secret), app.now()).await.ok()??;
    Some(row.csrf)
}
