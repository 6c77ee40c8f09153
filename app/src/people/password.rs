//! Passwords: argon2id, so many at once and no more, the same time for the unknown.

use crate::app::App;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use kit::web::Problem;
use std::sync::LazyLock;

/// A password's fewest characters (NIST SP 800-63B: length is what counts).
pub const SHORTEST: usize = 10;
/// Its most, so that hashing is bounded.
pub const LONGEST: usize = 256;

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

/// The digest to store.
///
/// # Errors
/// When the server is ending.
pub async fn hash(app: &App, password: String) -> Result<String, Problem> {
    let _turn = app.hashing.acquire().await.map_err(Problem::internal)?;
    tokio::task::spawn_blocking(move || hash_now(&password)).await.map_err(Problem::internal)
}

/// Whether the password is the one. Takes as long when there is none to compare with.
///
/// # Errors
/// When the server is ending.
pub async fn verify(app: &App, password: String, digest: Option<String>) -> Result<bool, Problem> {
    let _turn = app.hashing.acquire().await.map_err(Problem::internal)?;
    let known = digest.is_some();
    let check = move || {
        let digest = digest.unwrap_or_else(|| NOBODY.clone());
        PasswordHash::new(&digest)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    };
    let same = tokio::task::spawn_blocking(check).await.map_err(Problem::internal)?;
    Ok(known && same)
}
