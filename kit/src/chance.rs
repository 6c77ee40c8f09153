//! Chance, from the operating system. The one place that asks for it.

/// `N` bytes nobody can foresee.
///
/// # Panics
/// When the operating system has no randomness to give; nothing safe can be done then.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// A secret for links and cookies: 256 bits, as 64 hexadecimal digits.
#[must_use]
pub fn secret() -> String {
    hex::encode(bytes::<32>())
}

/// The digest under which a secret is kept; the secret itself is never stored.
#[must_use]
pub fn digest(secret: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(secret.as_bytes()))
}
