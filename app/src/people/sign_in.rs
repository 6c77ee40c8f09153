//! Signing in with an address and a password, and out again.

use super::tries::Verdict;
use super::{password, session, store};
use crate::access::Session;
use crate::api::Peer;
use crate::app::App;
use crate::audit::{self, Deed};
use axum::http::StatusCode;
use kit::web::Problem;

/// The longest address anybody has (RFC 5321); what is longer is nobody's.
const LONGEST_ADDRESS: usize = 254;

/// Begins a session for whoever knows the password; gives the secret.
///
/// # Errors
/// 422 when address and password do not belong together, whichever is wrong; 429 after many wrong
/// tries from there. Who is refused learns nothing of the address: what is said depends on the tries.
pub async fn sign_in(
    app: &App,
    peer: &Peer,
    email: &str,
    password: String,
) -> Result<String, Problem> {
    let key: String = email.trim().to_lowercase().chars().take(LONGEST_ADDRESS + 1).collect();
    let wait = asked(app, &key, peer)?;
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let known = {
        let mut conn = app.db.read().await?;
        store::by_email(&mut conn, &key).await?
    };
    let turn = password::turn(app).await?;
    // Many that came at once are counted one after the other, too.
    asked(app, &key, peer)?;
    let digest = known.as_ref().and_then(|known| known.password_digest.clone());
    let password = password.chars().take(password::LONGEST).collect();
    match (password::verify(&turn, password, digest).await?, known) {
        (true, Some(known)) => {
            drop(turn);
            app.tries.was_right(&key, peer);
            let mut tx = app.db.write().await?;
            let secret = session::begin(&mut tx, app, &known.id).await?;
            let deed = Deed::new(&known.id, "person.signed_in", known.id.as_str());
            audit::record(&mut tx, app.now(), deed).await?;
            tx.commit().await?;
            Ok(secret)
        }
        (_, known) => {
            if app.tries.was_wrong(&key, peer, app.now()) {
                // Not the address: people type their password into the wrong field.
                let person =
                    known.map_or_else(|| "nobody".to_owned(), |known| known.id.to_string());
                tracing::warn!(%peer, person, "wrong tries at signing in; from there it is refused now");
            }
            Err(Problem::field("email", "This address and this password do not belong together."))
        }
    }
}

/// How long the try waits before it is looked at.
fn asked(app: &App, address: &str, peer: &Peer) -> Result<std::time::Duration, Problem> {
    match app.tries.ask(address, peer, app.now()) {
        Verdict::After(wait) => Ok(wait),
        Verdict::Refused { seconds } => {
            let minutes = seconds.div_ceil(60);
            let plural = if minutes == 1 { "minute" } else { "minutes" };
            let detail = format!(
                "There were many wrong tries from where you are. Wait {minutes} {plural}, or sign in from \
                 another place."
            );
            let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", detail);
            problem.retry_after_s = Some(seconds);
            Err(problem)
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
