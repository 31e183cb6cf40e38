//! session_keys and who WeChat users are, as they are stored: sealed, each for one user.
//!
//! AES-256-GCM under HKDF(ring key, "wxsession/1/seal" and the user's key). Without the ring neither a dump of the store,
//! nor what a disk keeps of deleted values, opens anything, and a seal that is moved to another user's value does not open
//! there.

use std::fmt;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::identity::{Identity, StoredIdentity, UserKey};
use crate::random::{self, NoRandomness};
use crate::ring::KeyRing;
use crate::session_key::{self, SessionKey};

const PURPOSE: &[u8] = b"wxsession/1/seal";
/// Tells sealed identities from sealed session_keys.
const IDENTITY: &[u8] = b"identity";
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// A sealed session_key: 44 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Random, so that the same key sealed twice looks different. A user has far too few seals for two nonces to
    /// collide.
    nonce: [u8; 12],
    key: [u8; session_key::BYTES],
    tag: [u8; 16],
}

/// Seals and opens what is kept of users.
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

    /// Seals who a WeChat user is, for the value of this user.
    ///
    /// # Errors
    /// The operating system gives no random bytes for the nonce.
    pub fn seal_identity(
        &self,
        user: UserKey,
        identity: &Identity,
    ) -> Result<StoredIdentity, NoRandomness> {
        let nonce: [u8; NONCE_BYTES] = random::bytes()?;
        // Writing to a growing vector cannot fail, and what is empty does not open.
        let mut sealed = postcard::to_stdvec(identity).unwrap_or_default();
        let tag: [u8; TAG_BYTES] = cipher(&self.keys[0], user)
            .encrypt_inout_detached(&nonce.into(), IDENTITY, sealed.as_mut_slice().into())
            .expect("a few hundred bytes are within what AES-GCM can seal")
            .into();
        let sealed = [&nonce[..], &tag, &sealed].concat();
        Ok(StoredIdentity::Sealed(identity.key(), sealed))
    }

    /// Who a WeChat user in the value of this user is, or `None` as for [`open`](Self::open).
    pub fn open_identity(&self, user: UserKey, stored: &StoredIdentity) -> Option<Identity> {
        let (key, sealed) = match stored {
            StoredIdentity::Open(identity) => return Some(identity.clone()),
            StoredIdentity::Sealed(key, sealed) => (key, sealed),
        };
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let (tag, sealed) = sealed.split_first_chunk::<TAG_BYTES>()?;
        self.keys.iter().find_map(|ring_key| {
            let mut identity = sealed.to_vec();
            let inout = identity.as_mut_slice().into();
            cipher(ring_key, user)
                .decrypt_inout_detached(&(*nonce).into(), IDENTITY, inout, &(*tag).into())
                .ok()?;
            let identity: Identity = postcard::from_bytes(&identity).ok()?;
            (identity.key() == *key).then_some(identity)
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
    use crate::identity::{Identity, StoredIdentity, UserKey};
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

    fn ann() -> Identity {
        Identity {
            appid: "wx1".into(),
            openid: "ann of WeChat".into(),
            unionid: Some("ann everywhere".into()),
        }
    }

    #[test]
    fn a_sealed_identity_opens_for_its_own_user_alone_and_shows_nothing() {
        let seals = seals(OLD);
        let sealed = seals.seal_identity(USER, &ann()).unwrap();
        assert_eq!(sealed.key(), ann().key());
        assert!(seals.open_identity(USER, &sealed) == Some(ann()));
        assert!(seals.open_identity(UserKey([8; 16]), &sealed).is_none());
        assert_ne!(sealed, seals.seal_identity(USER, &ann()).unwrap());
        let stored = postcard::to_stdvec(&sealed).unwrap();
        for shown in [b"ann".as_slice(), b"WeChat", b"every", b"wx1"] {
            assert!(!stored.windows(shown.len()).any(|window| window == shown));
        }
        assert!(seals.open_identity(USER, &ann().into()) == Some(ann()));
    }

    #[test]
    fn a_sealed_identity_with_any_byte_changed_or_cut_does_not_open() {
        let seals = seals(OLD);
        let StoredIdentity::Sealed(key, sealed) = seals.seal_identity(USER, &ann()).unwrap() else {
            panic!("it is open");
        };
        let opens = |key: UserKey, sealed: &[u8]| {
            let stored = StoredIdentity::Sealed(key, sealed.to_vec());
            seals.open_identity(USER, &stored).is_some()
        };
        assert!(opens(key, &sealed) && !opens(UserKey([9; 16]), &sealed));
        for index in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[index] ^= 1;
            assert!(
                !opens(key, &damaged) && !opens(key, &sealed[..index]),
                "byte {index}"
            );
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
        let from_old = old.seal_identity(USER, &ann()).unwrap();
        let from_both = both.seal_identity(USER, &ann()).unwrap();
        assert!(both.open_identity(USER, &from_old).is_some());
        assert!(new.open_identity(USER, &from_both).is_some());
        assert!(new.open_identity(USER, &from_old).is_none());
    }
}
