//! What a client or the store keeps for the server, and can neither read nor change: AES-256-GCM under a key of the ring.

use std::fmt;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::zeroize::Zeroizing;
use wxsession_server::random::{self, NoRandomness};
use wxsession_server::ring::KeyRing;

const NONCE_BYTES: usize = 12;

/// Seals texts for one purpose and opens them.
pub struct Seals {
    /// The first seals, all open.
    ciphers: Vec<Aes256Gcm>,
}

impl Seals {
    /// Seals for this purpose with the ring's keys.
    pub fn new(ring: &KeyRing, purpose: &str) -> Self {
        let keys = ring.derive(purpose).into_iter();
        Self {
            ciphers: keys.map(|key| Aes256Gcm::new(&(*key).into())).collect(),
        }
    }

    /// Seals a content that opens only with the same `holder`.
    ///
    /// # Errors
    /// There is no randomness for the nonce.
    pub fn seal(&self, holder: &[u8], content: &[u8]) -> Result<String, NoRandomness> {
        let nonce: [u8; NONCE_BYTES] = random::bytes()?;
        let payload = Payload {
            msg: content,
            aad: holder,
        };
        let sealed = self.ciphers[0]
            .encrypt(&nonce.into(), payload)
            .expect("a few kilobytes are within what AES-GCM can seal");
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Whether the seal was made with the first key, and may stay as it is.
    pub(crate) fn is_current(&self, holder: &[u8], sealed: &str) -> bool {
        let first = Self {
            ciphers: self.ciphers[..1].to_vec(),
        };
        first.open(holder, sealed).is_some()
    }

    /// The content, or `None` if the seal is damaged, another holder's, or made with a key that has left the ring.
    pub fn open(&self, holder: &[u8], sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        self.ciphers.iter().find_map(|cipher| {
            let payload = Payload {
                msg: sealed,
                aad: holder,
            };
            let content = cipher.decrypt(&(*nonce).into(), payload).ok()?;
            Some(Zeroizing::new(content))
        })
    }
}

impl fmt::Debug for Seals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seals(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use wxsession_server::ring::KeyRing;

    use super::Seals;

    const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn seals(ring: &str, purpose: &str) -> Seals {
        Seals::new(&KeyRing::parse(ring).unwrap(), purpose)
    }

    #[test]
    fn a_content_comes_back_to_its_holder_and_purpose_alone() {
        let ours = seals(OLD, "test");
        let sealed = ours.seal(b"ann", b"content").unwrap();
        assert_eq!(ours.open(b"ann", &sealed).unwrap().as_slice(), b"content");
        assert!(ours.open(b"ben", &sealed).is_none());
        assert!(seals(OLD, "another").open(b"ann", &sealed).is_none());
        assert_ne!(ours.seal(b"ann", b"content").unwrap(), sealed);
    }

    #[test]
    fn a_change_of_any_character_is_noticed() {
        let ours = seals(OLD, "test");
        let sealed = ours.seal(b"ann", b"content").unwrap();
        for index in 0..sealed.len() {
            let mut damaged = sealed.clone().into_bytes();
            damaged[index] = if damaged[index] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).unwrap();
            assert!(ours.open(b"ann", &damaged).is_none(), "character {index}");
        }
        for short in ["", "AAAA", "not base64!"] {
            assert!(ours.open(b"ann", short).is_none(), "{short}");
        }
    }

    #[test]
    fn every_key_of_the_ring_opens_and_the_first_seals() {
        let (old, both) = (seals(OLD, "test"), seals(&format!("{NEW}\n{OLD}"), "test"));
        let from_old = old.seal(b"ann", b"content").unwrap();
        let from_both = both.seal(b"ann", b"content").unwrap();
        assert!(both.open(b"ann", &from_old).is_some());
        assert!(old.open(b"ann", &from_both).is_none());
    }
}
