//! Passwords: argon2id, so many at once and no more, the same time for the unknown.

use crate::app::App;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use kit::web::Problem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, mpsc};
use std::thread;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// A password's fewest characters (NIST SP 800-63B: length is what counts).
pub const SHORTEST: usize = 10;
/// Its most, so that hashing is bounded.
pub const LONGEST: usize = 256;

/// How many are hashed at once; each takes a core and 19 MiB.
pub const AT_ONCE: usize = 2;

/// Compared against when nobody has the address, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password"));

/// Checks the length.
///
/// # Errors
/// A sentence.
pub fn parse(text: &str) -> Result<String, String> {
    match text.chars().count() {
        len if len < SHORTEST => {
            Err(format!("A password has at least {SHORTEST} characters; a sentence is good."))
        }
        len if len > LONGEST => Err(format!("A password has at most {LONGEST} characters.")),
        _ => Ok(text.to_owned()),
    }
}

fn hash_now(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .unwrap_or_default()
}

/// Leave to hash one password; so many are given at once and no more.
#[must_use]
pub struct Turn(#[expect(dead_code, reason = "it is held, not read")] OwnedSemaphorePermit);

/// Waits for one's turn.
///
/// # Errors
/// When the server is ending.
pub async fn turn(app: &App) -> Result<Turn, Problem> {
    app.hashing.clone().acquire_owned().await.map(Turn).map_err(Problem::internal)
}

/// The digest to store.
///
/// # Errors
/// When the server is ending.
pub async fn hash(app: &App, password: String) -> Result<String, Problem> {
    let _turn = turn(app).await?;
    apart(move || hash_now(&password)).await
}

/// Whether the password is the one. Takes as long when there is none to compare with.
///
/// # Errors
/// When the server is ending.
pub async fn verify(
    _turn: &Turn,
    password: String,
    digest: Option<String>,
) -> Result<bool, Problem> {
    let known = digest.is_some();
    let check = move || {
        let digest = digest.unwrap_or_else(|| NOBODY.clone());
        PasswordHash::new(&digest)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    };
    let same = apart(check).await?;
    Ok(known && same)
}

type Work = Box<dyn FnOnce() + Send>;

/// Hashing has threads of its own, as many as may hash at once: each block of 19 MiB is then taken
/// from the same few places again. On the runtime's many threads the allocator keeps one for each.
static HASHERS: LazyLock<mpsc::Sender<Work>> = LazyLock::new(|| {
    let (send, work) = mpsc::channel::<Work>();
    let work = Arc::new(Mutex::new(work));
    for _ in 0..AT_ONCE {
        let work = work.clone();
        thread::spawn(move || {
            loop {
                let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
                match next {
                    // A panic is answered where it is awaited; the thread goes on.
                    Ok(next) => drop(catch_unwind(AssertUnwindSafe(next))),
                    Err(_) => break,
                }
            }
        });
    }
    send
});

async fn apart<T: Send + 'static>(hash: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let (done, came) = oneshot::channel();
    let work = Box::new(move || {
        done.send(hash()).ok();
    });
    HASHERS.send(work).map_err(Problem::internal)?;
    came.await.map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, apart};

    #[tokio::test]
    async fn hashing_keeps_to_its_own_few_threads() {
        let mut threads = std::collections::HashSet::new();
        let asked: Vec<_> = (0..50).map(|_| apart(|| std::thread::current().id())).collect();
        for one in futures_util::future::join_all(asked).await {
            threads.insert(one.unwrap());
        }
        assert!(threads.len() <= AT_ONCE, "{threads:?}");
        assert!(!threads.contains(&std::thread::current().id()));
    }
}
