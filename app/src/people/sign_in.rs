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
/// Addresses remembered at most; beyond it those tried longest ago are forgotten.
const ADDRESSES: usize = 10_000;
/// The longest address anybody has (RFC 5321); what is longer is nobody's.
const LONGEST_ADDRESS: usize = 254;

static WRONG: LazyLock<Mutex<Wrong>> = LazyLock::new(Mutex::default);

/// Wrong tries by address, for so many addresses and no more.
#[derive(Default)]
struct Wrong(HashMap<String, Vec<Time>>);

impl Wrong {
    fn may_try(&mut self, address: &str, now: Time) -> bool {
        let Some(tries) = self.0.get_mut(address) else { return true };
        tries.retain(|at| is_recent(*at, now));
        tries.len() < TRIES
    }

    fn was_wrong(&mut self, address: &str, now: Time) {
        if self.0.len() >= ADDRESSES && !self.0.contains_key(address) {
            self.make_room(now);
        }
        self.0.entry(address.to_owned()).or_default().push(now);
    }

    /// Forgets what is old; when that is not enough, the half that was tried longest ago.
    fn make_room(&mut self, now: Time) {
        let last = |tries: &[Time]| tries.last().map_or(i64::MIN, |at| at.microseconds());
        self.0.retain(|_, tries| tries.iter().any(|at| is_recent(*at, now)));
        if self.0.len() < ADDRESSES {
            return;
        }
        let mut ages: Vec<i64> = self.0.values().map(|tries| last(tries)).collect();
        let middle = ages.len() / 2;
        let (_, &mut middle, _) = ages.select_nth_unstable(middle);
        self.0.retain(|_, tries| last(tries) > middle);
    }
}

fn is_recent(at: Time, now: Time) -> bool {
    now.microseconds() - at.microseconds() < MEMORY_S * 1_000_000
}

fn wrong() -> std::sync::MutexGuard<'static, Wrong> {
    WRONG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins a session for whoever knows the password; gives the secret.
///
/// # Errors
/// 422 when address and password do not belong together, whichever is wrong; 429 after ten tries.
pub async fn sign_in(app: &App, email: &str, password: String) -> Result<String, Problem> {
    let key: String = email.trim().to_lowercase().chars().take(LONGEST_ADDRESS + 1).collect();
    let now = app.now();
    if !wrong().may_try(&key, now) {
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
            wrong().was_wrong(&key, now);
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

#[cfg(test)]
mod tests {
    use super::{ADDRESSES, TRIES, Wrong};
    use kit::db::Time;

    fn at(second: i64) -> Time {
        Time::from_microseconds(1_700_000_000_000_000 + second * 1_000_000).unwrap()
    }

    #[test]
    fn ten_wrong_tries_make_one_address_wait_and_no_other() {
        let mut wrong = Wrong::default();
        for n in 0..TRIES {
            assert!(wrong.may_try("ada", at(0)), "{n}");
            wrong.was_wrong("ada", at(0));
        }
        assert!(!wrong.may_try("ada", at(899)) && wrong.may_try("bob", at(899)));
        assert!(wrong.may_try("ada", at(900)), "after 15 minutes");
    }

    #[test]
    fn many_addresses_tried_take_no_more_memory_and_the_last_are_remembered() {
        let mut wrong = Wrong::default();
        for n in 0..3 * ADDRESSES {
            wrong.was_wrong(&format!("{n}@x.example"), at(i64::try_from(n).unwrap() / 100));
            assert!(wrong.0.len() <= ADDRESSES);
        }
        assert!(wrong.0.contains_key(&format!("{}@x.example", 3 * ADDRESSES - 1)));
        for n in 0..2 * ADDRESSES {
            wrong.may_try(&format!("{n}@y.example"), at(400));
        }
        assert!(wrong.0.len() <= ADDRESSES, "asking remembers nothing");
    }
}
