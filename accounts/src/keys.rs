//! The keys of the accounts: one hashes identifiers, one seals what the store keeps of an account.
//!
//! Both derive from a master key of 32 random bytes. The ring cannot be the master: an identifier must hash to the same
//! key for ever, and the ring's first key changes. So the master lies in the store, sealed under the ring, and is sealed
//! anew under the first key whenever a server starts. A key may leave the ring once a server has started with a new one
//! before it.
//!
//! *What an attacker can try:* to read a dump of the store. Without the ring it tells no phone number, though there are
//! few enough of them to try all: the hash is keyed. It has no password hash to guess at either: accounts are sealed.

use std::fmt;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};
use wxsession_server::identity::UserKey;
use wxsession_server::random::{self, NoRandomness};
use wxsession_server::ring::KeyRing;
use wxsession_server::store::{Store, StoreError};

use crate::identifier::Kind;
use crate::pointer::FOR_EVER;
use crate::sealed::Seals;

const PURPOSE: &str = "wxsession/1/accounts";
/// The first byte of the stored master key. No user's value, pointer, tally or counter begins with it.
const VERSION: u8 = 0x83;
const HOLDER: &[u8] = b"master key";
const NONCE_BYTES: usize = 12;
/// How often the master key is read again while other servers change it.
const ATTEMPTS: usize = 8;

/// Why there are no keys. No account can be used without them.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The ring has changed too much.
    #[error(
        "the accounts are sealed under a key that is no longer in the key ring; put it back behind the new one, and \
         remove it once a server has started"
    )]
    KeyIsGone,
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness for a new key.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The keys of all accounts in one store.
pub struct Keys {
    index: Zeroizing<[u8; 32]>,
    cipher: Aes256Gcm,
}

impl Keys {
    /// Reads the keys from the store, or makes them if it has none.
    ///
    /// # Errors
    /// The store fails, or they cannot be opened with this ring.
    pub async fn open(store: &dyn Store, ring: &KeyRing) -> Result<Self, KeysError> {
        let seals = Seals::new(ring, PURPOSE);
        for _ in 0..ATTEMPTS {
            let old = store.get(place()).await?;
            let master = match old.as_deref() {
                None => Zeroizing::new(random::bytes()?),
                Some(value) => opened(&seals, value)?,
            };
            if old
                .as_deref()
                .is_some_and(|value| is_current(&seals, value))
            {
                return Ok(Self::derived(&master));
            }
            let sealed = seals.seal(HOLDER, master.as_slice())?;
            let new = [&[VERSION], sealed.as_bytes()].concat();
            if store.swap(place(), old, Some(new), FOR_EVER).await? {
                return Ok(Self::derived(&master));
            }
        }
        Err(StoreError::Contended.into())
    }

    /// Whether a server has kept accounts in this store.
    ///
    /// # Errors
    /// The store fails.
    pub async fn are_in(store: &dyn Store) -> Result<bool, StoreError> {
        Ok(store.get(place()).await?.is_some())
    }

    fn derived(master: &Zeroizing<[u8; 32]>) -> Self {
        let expand = |purpose: &[u8]| {
            let mut key = Zeroizing::new([0; 32]);
            Hkdf::<Sha256>::new(None, master.as_slice())
                .expand(purpose, key.as_mut_slice())
                .expect("32 bytes are within what HKDF-SHA256 can give");
            key
        };
        Self {
            index: expand(b"index"),
            cipher: Aes256Gcm::new(&(*expand(b"seal")).into()),
        }
    }

    /// The key of an identity's pointer: HMAC-SHA-256 of its kind, a zero byte and its one form, cut to 16 bytes.
    pub fn identity(&self, kind: Kind, normalised: &str) -> UserKey {
        let mut hash =
            Hmac::<Sha256>::new_from_slice(self.index.as_slice()).expect("HMAC takes any key");
        hash.update(kind.as_str().as_bytes());
        hash.update(&[0]);
        hash.update(normalised.as_bytes());
        let hash = hash.finalize().into_bytes();
        UserKey(std::array::from_fn(|index| hash[index]))
    }

    /// Seals what the store keeps of this account.
    ///
    /// # Errors
    /// There is no randomness for the nonce.
    pub(crate) fn seal(&self, account: UserKey, content: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        let nonce: [u8; NONCE_BYTES] = random::bytes()?;
        let payload = Payload {
            msg: content,
            aad: &account.0,
        };
        let sealed = self
            .cipher
            .encrypt(&nonce.into(), payload)
            .expect("a few kilobytes are within what AES-GCM can seal");
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed, or `None` if it is damaged or another account's.
    pub(crate) fn unseal(&self, account: UserKey, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: &account.0,
        };
        let content = self.cipher.decrypt(&(*nonce).into(), payload).ok()?;
        Some(Zeroizing::new(content))
    }
}

/// Where the master key lies: under no user's key, since those are hashes of something longer.
fn place() -> UserKey {
    let hash = Sha256::digest(b"k\0accounts");
    UserKey(std::array::from_fn(|index| hash[index]))
}

fn text(value: &[u8]) -> Option<&str> {
    let (version, sealed) = value.split_first()?;
    let is_one = *version == VERSION;
    is_one.then(|| std::str::from_utf8(sealed).ok()).flatten()
}

fn opened(seals: &Seals, value: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeysError> {
    let sealed = text(value).ok_or(StoreError::Unreadable)?;
    let master = seals.open(HOLDER, sealed).ok_or(KeysError::KeyIsGone)?;
    let master: &[u8; 32] = master
        .as_slice()
        .try_into()
        .map_err(|_| StoreError::Unreadable)?;
    Ok(Zeroizing::new(*master))
}

fn is_current(seals: &Seals, value: &[u8]) -> bool {
    text(value).is_some_and(|sealed| seals.is_current(HOLDER, sealed))
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use wxsession_server::identity::UserKey;
    use wxsession_server::ring::KeyRing;
    use wxsession_server::store::{MemoryStore, Store};

    use super::{Keys, KeysError, place};
    use crate::identifier::Kind;

    const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    async fn open(store: &MemoryStore, ring: &str) -> Result<Keys, KeysError> {
        Keys::open(store, &KeyRing::parse(ring).unwrap()).await
    }

    #[tokio::test]
    async fn an_identity_has_the_same_key_whatever_becomes_of_the_ring() {
        let store = MemoryStore::new();
        let mut found = Vec::new();
        for ring in [OLD, OLD, &format!("{NEW}\n{OLD}"), NEW] {
            found.push(
                open(&store, ring)
                    .await
                    .unwrap()
                    .identity(Kind::Name, "li.na"),
            );
        }
        assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "{found:?}");
        let gone = open(&store, OLD).await;
        assert!(matches!(gone, Err(KeysError::KeyIsGone)), "{gone:?}");
        let another = open(&MemoryStore::new(), NEW).await.unwrap();
        assert_ne!(another.identity(Kind::Name, "li.na"), found[0]);
    }

    #[tokio::test]
    async fn kinds_and_borders_make_a_difference() {
        let keys = open(&MemoryStore::new(), OLD).await.unwrap();
        assert_ne!(
            keys.identity(Kind::Name, "a"),
            keys.identity(Kind::Email, "a")
        );
    }

    #[tokio::test]
    async fn servers_that_start_together_have_the_same_keys() {
        let store = MemoryStore::new();
        let (one, other) = tokio::join!(open(&store, OLD), open(&store, OLD));
        let key = |keys: Keys| keys.identity(Kind::Name, "a");
        assert_eq!(key(one.unwrap()), key(other.unwrap()));
    }

    #[tokio::test]
    async fn a_sealed_account_opens_under_its_own_key_alone() {
        let keys = open(&MemoryStore::new(), OLD).await.unwrap();
        let (ann, ben) = (UserKey([1; 16]), UserKey([2; 16]));
        let sealed = keys.seal(ann, b"content").unwrap();
        assert_eq!(keys.unseal(ann, &sealed).unwrap().as_slice(), b"content");
        assert!(keys.unseal(ben, &sealed).is_none());
        for index in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[index] ^= 1;
            assert!(keys.unseal(ann, &damaged).is_none(), "byte {index}");
        }
        assert!(keys.unseal(ann, &sealed[..5]).is_none());
    }

    #[tokio::test]
    async fn a_damaged_master_key_is_no_reason_to_make_another() {
        let store = MemoryStore::new();
        store
            .swap(place(), None, Some(vec![2, 0]), 1000)
            .await
            .unwrap();
        assert!(matches!(open(&store, OLD).await, Err(KeysError::Store(_))));
    }
}
