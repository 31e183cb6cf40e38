//! session_keys as they are stored: sealed, each for one user.
//!
//! AES-256-GCM under HKDF(ring key, "wxsession/1/seal" and the user's key). Without the ring a dump of the store
//! opens nothing, and a seal that is moved to another user's value does not open there.

use std::fmt;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::identity::UserKey;
use crate::random::{self, NoRandomness};
use crate::ring::KeyRing;
use crate::session_key::{self, SessionKey};

const PURPOSE: &[u8] = b"wxsession/1/seal";

/// A sealed session_key: 44 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Random, so that the same key sealed twice looks different. A user has far too few seals for two nonces to
    /// collide.
    nonce: [u8; 12],
    key: [u8; session_key::BYTES],
    tag: [u8; 16],
}

/// Seals session_keys and opens them.
pub struct Seals {
    /// The first seals, all open.
    keys: Vec<Hkdf<Sha256>>,
}

impl Seals {
    /// Seals with the ring's keys.
    pub fn new(ring: &KeyRing) -> Self {
        Self {
            keys: ring.extract(),
        }
    }

    /// Seals a user's session_key.
    ///
    /// # Errors
    /// The operating system gives no random bytes for the nonce.
    pub fn seal(&self, user: UserKey, session_key: &SessionKey) -> Result<Sealed, NoRandomness> {
        let nonce = random::bytes()?;
        let mut key = *session_key.0;
        let tag = cipher(&self.keys[0], user)
            .encrypt_inout_detached(&nonce.into(), b"", key.as_mut_slice().into())
            .expect("16 bytes are within what AES-GCM can seal")
            .into();
        Ok(Sealed { nonce, key, tag })
    }

    /// The session_key in a seal, or `None` if the seal is damaged, another user's, or made with a key that has left
    /// the ring.
    pub fn open(&self, user: UserKey, sealed: &Sealed) -> Option<SessionKey> {
        self.keys.iter().find_map(|ring_key| {
            let mut key = Zeroizing::new(sealed.key);
            let inout = key.as_mut_slice().into();
            cipher(ring_key, user)
                .decrypt_inout_detached(&sealed.nonce.into(), b"", inout, &sealed.tag.into())
                .ok()?;
            Some(SessionKey(key))
        })
    }
}

fn cipher(ring_key: &Hkdf<Sha256>, user: UserKey) -> Aes256Gcm {
    let mut derived = Zeroizing::new([0; 32]);
    ring_key
        .expand_multi_info(&[PURPOSE, &user.0], derived.as_mut_slice())
        .expect("32 bytes are within what HKDF-SHA256 can give");
    Aes256Gcm::new(&(*derived).into())
}

impl fmt::Debug for Seals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seals(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Sealed, Seals};
    use crate::identity::UserKey;
    use crate::ring::KeyRing;
    use crate::session_key::SessionKey;

    const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const USER: UserKey = UserKey([7; 16]);

    fn seals(ring: &str) -> Seals {
        Seals::new(&KeyRing::parse(ring).unwrap())
    }

    fn key() -> SessionKey {
        SessionKey::parse("HyVFkGl5F5OQWJZZaNzBBg==").unwrap()
    }

    fn bytes(sealed: &Sealed) -> Vec<u8> {
        postcard::to_stdvec(sealed).unwrap()
    }

    #[test]
    fn a_sealed_key_comes_back_as_it_was_and_is_44_bytes() {
        let seals = seals(OLD);
        let sealed = seals.seal(USER, &key()).unwrap();
        assert_eq!(bytes(&sealed).len(), 44);
        assert_eq!(seals.open(USER, &sealed), Some(key()));
    }

    #[test]
    fn the_same_key_is_never_sealed_to_the_same_bytes() {
        let seals = seals(OLD);
        assert_ne!(
            seals.seal(USER, &key()).unwrap(),
            seals.seal(USER, &key()).unwrap()
        );
    }

    #[test]
    fn another_users_seal_does_not_open() {
        let seals = seals(OLD);
        let sealed = seals.seal(USER, &key()).unwrap();
        assert!(seals.open(UserKey([8; 16]), &sealed).is_none());
    }

    #[test]
    fn a_change_of_any_byte_is_noticed() {
        let seals = seals(OLD);
        let genuine = bytes(&seals.seal(USER, &key()).unwrap());
        for index in 0..genuine.len() {
            let mut damaged = genuine.clone();
            damaged[index] ^= 1;
            let damaged = postcard::from_bytes(&damaged).unwrap();
            assert!(seals.open(USER, &damaged).is_none(), "byte {index}");
        }
    }

    #[test]
    fn every_key_of_the_ring_opens_and_the_first_seals() {
        let (old, both, new) = (seals(OLD), seals(&format!("{NEW}\n{OLD}")), seals(NEW));
        let from_old = old.seal(USER, &key()).unwrap();
        let from_both = both.seal(USER, &key()).unwrap();
        assert!(both.open(USER, &from_old).is_some());
        assert!(new.open(USER, &from_both).is_some());
        assert!(new.open(USER, &from_old).is_none());
    }
}
