//! Signing in with an address and a password, and out again.

use super::{password, session, store};
use crate::access::Session;
use crate::app::App;
use crate::audit::{self, Deed};
use axum::http::StatusCode;
use kit::db::Time;
use kit::web::Problem;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Wrong tries for one address before it must wait.
const TRIES: usize = 10;
/// How long a wrong try counts, in seconds.
const MEMORY_S: i64 = 15 * 60;
/// Addresses remembered at most; beyond it the oldest half is forgotten.
const ADDRESSES: usize = 10_000;

static WRONG: LazyLock<Mutex<HashMap<String, Vec<Time>>>> = LazyLock::new(Mutex::default);

fn may_try(address: &str, now: Time) -> bool {
    let mut wrong = WRONG.lock().unwrap_or_else(PoisonError::into_inner);
    let recent = |at: &Time| now.microseconds() - at.microseconds() < MEMORY_S * 1_000_000;
    if wrong.len() > ADDRESSES {
        wrong.retain(|_, tries| tries.iter().any(recent));
    }
    let tries = wrong.entry(address.to_owned()).or_default();
    tries.retain(recent);
    tries.len() < TRIES
}

fn was_wrong(address: &str, now: Time) {
    let mut wrong = WRONG.lock().unwrap_or_else(PoisonError::into_inner);
    wrong.entry(address.to_owned()).or_default().push(now);
}

/// Begins a session for whoever knows the password; gives the secret.
///
/// # Errors
/// 422 when address and password do not belong together, whichever is wrong; 429 after ten tries.
pub async fn sign_in(app: &App, email: &str, password: String) -> Result<String, Problem> {
    let key = email.trim().to_lowercase();
    let now = app.now();
    if !may_try(&key, now) {
        let detail = "There were many wrong tries for this address. Wait 15 minutes.";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", detail));
    }
    let known = {
        let mut conn = app.db.read().await?;
        store::by_email(&mut conn, &key).await?
    };
    let digest = known.as_ref().and_then(|known| known.password_digest.clone());
    let right = password::verify(app, password.chars().take(password::LONGEST).collect(), digest);
    match (right.await?, known) {
        (true, Some(known)) => {
            let mut tx = app.db.write().await?;
            let secret = session::begin(&mut tx, app, &known.id).await?;
            audit::record(
                &mut tx,
                now,
                Deed::new(&known.id, "person.signed_in", known.id.as_str()),
            )
            .await?;
            tx.commit().await?;
            Ok(secret)
        }
        _ => {
            was_wrong(&key, now);
            Err(Problem::field("email", "This address and this password do not belong together."))
        }
    }
}

/// Ends a session.
///
/// # Errors
/// What the database says.
pub async fn sign_out(app: &App, session: &Session) -> Result<(), Problem> {
    let mut tx = app.db.write().await?;
    store::end_session(&mut tx, &session.digest).await?;
    tx.commit().await?;
    Ok(())
}
