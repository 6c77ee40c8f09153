//! What is given out and must come back as it was: signed with this instance's secret.

use crate::secret_file::Key;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The form of what is signed; text of another form is refused.
const VERSION: u8 = 1;
/// Bytes of the signature.
const TAG: usize = 32;

/// Signs and checks. Its key never leaves it.
#[derive(Clone)]
pub struct Signer(Key);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// With a key of the instance.
    #[must_use]
    pub fn new(key: Key) -> Signer {
        Signer(key)
    }

    /// The text that carries `payload` and is good only where `bound` is the same again.
    #[must_use]
    pub fn sign(&self, bound: &[&str], payload: &str) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(payload.as_bytes());
        bytes.extend_from_slice(&self.tag(bound, payload));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What the text carries, if it was made here, for the same `bound`, and not touched since.
    #[must_use]
    pub fn open(&self, bound: &[&str], text: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (version, rest) = bytes.split_first()?;
        if *version != VERSION || rest.len() < TAG {
            return None;
        }
        let (payload, tag) = rest.split_at(rest.len() - TAG);
        let payload = std::str::from_utf8(payload).ok()?;
        self.mac(bound, payload).verify_slice(tag).ok()?;
        Some(payload.to_owned())
    }

    /// A digest that only this instance can make: to tell whether two texts are the same, without
    /// keeping either.
    #[must_use]
    pub fn fingerprint(&self, parts: &[&[u8]]) -> String {
        let mut mac = self.keyed(b"fingerprint");
        for part in parts {
            Self::feed(&mut mac, part);
        }
        hex::encode(mac.finalize().into_bytes())
    }

    fn tag(&self, bound: &[&str], payload: &str) -> [u8; TAG] {
        self.mac(bound, payload).finalize().into_bytes().into()
    }

    fn mac(&self, bound: &[&str], payload: &str) -> Hmac<Sha256> {
        let mut mac = self.keyed(b"cursor");
        mac.update(&[VERSION]);
        for part in bound {
            Self::feed(&mut mac, part.as_bytes());
        }
        Self::feed(&mut mac, payload.as_bytes());
        mac
    }

    fn keyed(&self, purpose: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        Self::feed(&mut mac, purpose);
        mac
    }

    /// With its length before it, so that parts cannot be shifted into one another.
    fn feed(mac: &mut Hmac<Sha256>, part: &[u8]) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
}

#[cfg(test)]
mod tests {
    use super::Signer;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn what_was_signed_comes_back_and_nothing_else_does(
            payload in "\\PC{0,40}", at in 0_usize..200, other in "[A-Za-z0-9_-]",
        ) {
            let signer = Signer::new([7; 32]);
            let text = signer.sign(&["/a", "ada"], &payload);
            prop_assert_eq!(signer.open(&["/a", "ada"], &text), Some(payload));
            prop_assert_eq!(signer.open(&["/a", "bob"], &text), None);
            prop_assert_eq!(signer.open(&["/aa", "da"], &text), None);
            prop_assert_eq!(Signer::new([8; 32]).open(&["/a", "ada"], &text), None);
            let mut edited: Vec<String> = text.chars().map(String::from).collect();
            let at = at % edited.len();
            if edited[at] != other {
                edited[at] = other;
                prop_assert!(signer.open(&["/a", "ada"], &edited.concat()).is_none());
            }
        }
    }

    #[test]
    fn another_version_is_refused() {
        use base64::Engine;
        let signer = Signer::new([7; 32]);
        let coder = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let mut bytes = coder.decode(signer.sign(&[], "12")).unwrap();
        bytes[0] = 0;
        assert_eq!(signer.open(&[], &coder.encode(bytes)), None);
        assert_eq!(signer.open(&[], ""), None);
    }
}
