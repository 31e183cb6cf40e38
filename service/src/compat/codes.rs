//! Which session a login code stands for. weapp-session's clients have no session id: they sign in by a code, and call by
//! the same code from then on.
//!
//! *What an attacker can try:*
//! - to call by something else that the store has a value for, such as an openid, with which weapp-session itself gave
//!   away a live session: a code has a place of its own, and what is there opens by the code alone
//!   (`nothing_but_the_code_finds_its_session`);
//! - to read the store: the key under which a session id is sealed comes from the ring *and* the code, so that even a dump
//!   with its ring gives no id away (`a_dump_with_its_ring_tells_no_session`).

use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use hmac::{Hmac, Mac};
use secrecy::zeroize::Zeroizing;
use sha2::Sha256;
use wxsession_server::identity::UserKey;
use wxsession_server::random::{self, NoRandomness};
use wxsession_server::ring::KeyRing;
use wxsession_server::sessions::{Issued, SessionsError};
use wxsession_server::store::{Store, StoreError};
use wxsession_server::token::Token;
use wxsession_server::user::{Lifetimes, Millis};
use wxsession_server::wechat::LoginCode;

use super::values;
use crate::measured_store::MeasuredStore;

const PURPOSE: &str = "wxsession/1/code";
const KIND: &str = "login code";
/// The first byte of a stored value. No other value in the store begins with it.
const VERSION: u8 = 0x84;
const NONCE_BYTES: usize = 12;
/// A code is written again once a tenth of the idle timeout has passed since it was written, as a session is.
const AGAIN_AFTER: u64 = 10;

/// The keys from which each code's own key comes.
#[derive(Clone)]
pub(super) struct CodeKeys(Arc<[Zeroizing<[u8; 32]>]>);

impl CodeKeys {
    pub(super) fn new(ring: &KeyRing) -> Self {
        Self(ring.derive(PURPOSE).into())
    }

    /// The ciphers of a code. The first seals, all open.
    fn ciphers(&self, code: &LoginCode) -> impl Iterator<Item = Aes256Gcm> {
        self.0.iter().map(|key| {
            let mut hash = Hmac::<Sha256>::new_from_slice(key.as_slice())
                .expect("HMAC takes a key of any length");
            hash.update(code.reveal().as_bytes());
            Aes256Gcm::new(&hash.finalize().into_bytes())
        })
    }
}

/// The sessions of codes.
pub(super) struct Codes {
    store: MeasuredStore,
    keys: CodeKeys,
    idle: Millis,
}

/// The session id that a code stands for.
pub(super) struct Found {
    pub(super) session: Zeroizing<Vec<u8>>,
    /// Whether [`Codes::keep`] should follow.
    pub(super) is_due: bool,
}

impl Codes {
    pub(super) fn new(store: MeasuredStore, keys: CodeKeys, lifetimes: Lifetimes) -> Self {
        Self {
            store,
            keys,
            idle: Millis::try_from(lifetimes.idle.as_millis()).unwrap_or(Millis::MAX),
        }
    }

    /// Lets a code stand for a new session.
    pub(super) async fn register(
        &self,
        code: &LoginCode,
        issued: &Issued,
    ) -> Result<(), SessionsError> {
        let session = Zeroizing::new(issued.token.reveal().into_bytes());
        let value = self.sealed(code, &session)?;
        let ttl = self.ttl().min(issued.remaining);
        Ok(values::put(&self.store, place(code), value, ttl).await?)
    }

    /// The session of a code, alive or not.
    pub(super) async fn find(&self, code: &LoginCode) -> Result<Option<Found>, StoreError> {
        let value = self.store.get(place(code)).await?;
        Ok(value.and_then(|value| self.opened(code, &value)))
    }

    /// Keeps a code for as long again.
    pub(super) async fn keep(&self, code: &LoginCode, token: Token) -> Result<(), SessionsError> {
        let session = Zeroizing::new(token.reveal().into_bytes());
        let value = self.sealed(code, &session)?;
        // If somebody else has just written it, they have kept it.
        let old = self.store.get(place(code)).await?;
        self.store
            .swap(place(code), old, Some(value), self.ttl())
            .await?;
        Ok(())
    }

    /// Longer than a session is alive that is not used: whether it is alive is for the session to say.
    fn ttl(&self) -> Millis {
        self.idle.saturating_add(self.idle / AGAIN_AFTER * 2)
    }

    fn sealed(&self, code: &LoginCode, session: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        let nonce: [u8; NONCE_BYTES] = random::bytes()?;
        let written = self.store.now().to_be_bytes();
        let payload = Payload {
            msg: session,
            aad: &written,
        };
        let cipher = self.keys.ciphers(code).next();
        let sealed = cipher
            .and_then(|cipher| cipher.encrypt(&nonce.into(), payload).ok())
            .expect("a ring has a key, and a session id is within what AES-GCM can seal");
        Ok([&[VERSION], &written[..], &nonce, &sealed].concat())
    }

    fn opened(&self, code: &LoginCode, value: &[u8]) -> Option<Found> {
        let (written, rest) = value.strip_prefix(&[VERSION])?.split_first_chunk::<8>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let session = self.keys.ciphers(code).find_map(|cipher| {
            let payload = Payload {
                msg: sealed,
                aad: written,
            };
            cipher.decrypt(&(*nonce).into(), payload).ok()
        });
        let age = self
            .store
            .now()
            .saturating_sub(Millis::from_be_bytes(*written));
        Some(Found {
            session: Zeroizing::new(session?),
            is_due: age.saturating_mul(AGAIN_AFTER) >= self.idle,
        })
    }
}

/// Where the store keeps what a code stands for.
pub(super) fn place(code: &LoginCode) -> UserKey {
    values::key(KIND, code.reveal().as_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use wxsession_server::identity::UserKey;
    use wxsession_server::ring::KeyRing;
    use wxsession_server::sessions::Issued;
    use wxsession_server::store::{MemoryStore, Store};
    use wxsession_server::token::{Token, TokenMint};
    use wxsession_server::user::Lifetimes;
    use wxsession_server::wechat::LoginCode;

    use super::{CodeKeys, Codes, place};
    use crate::measured_store::MeasuredStore;

    const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn code(text: &str) -> LoginCode {
        LoginCode::parse(text).unwrap()
    }

    fn issued() -> Issued {
        let mint = TokenMint::new(&KeyRing::parse(OLD).unwrap());
        Issued {
            token: mint.issue(UserKey([7; 16])).unwrap(),
            remaining: 1_000_000,
        }
    }

    fn codes(store: &Arc<MemoryStore>, ring: &str, idle: Duration) -> Codes {
        let store = MeasuredStore::new(Arc::clone(store) as Arc<dyn Store>);
        let keys = CodeKeys::new(&KeyRing::parse(ring).unwrap());
        let lifetimes = Lifetimes {
            idle,
            ..Lifetimes::default()
        };
        Codes::new(store, keys, lifetimes)
    }

    async fn found(codes: &Codes, text: &str) -> Option<Vec<u8>> {
        let found = codes.find(&code(text)).await.unwrap();
        found.map(|found| found.session.to_vec())
    }

    fn revealed(token: Token) -> Option<Vec<u8>> {
        Some(token.reveal().into_bytes())
    }

    #[tokio::test]
    async fn nothing_but_the_code_finds_its_session() {
        let store = Arc::new(MemoryStore::new());
        let codes = codes(&store, OLD, Duration::from_secs(7200));
        let issued = issued();
        codes.register(&code("0a1b2c"), &issued).await.unwrap();
        assert_eq!(found(&codes, "0a1b2c").await, revealed(issued.token));
        for other in ["0a1b2", "0a1b2c ", "0A1B2C", &issued.token.reveal()] {
            assert_eq!(found(&codes, other).await, None, "{other}");
        }
        // Moved to another code's place, it does not open.
        let value = store.get(place(&code("0a1b2c"))).await.unwrap();
        store
            .swap(place(&code("another")), None, value, 1000)
            .await
            .unwrap();
        assert_eq!(found(&codes, "another").await, None);
    }

    #[tokio::test]
    async fn a_dump_with_its_ring_tells_no_session() {
        let store = Arc::new(MemoryStore::new());
        let codes = codes(&store, OLD, Duration::from_secs(7200));
        codes.register(&code("0a1b2c"), &issued()).await.unwrap();
        let value = store.get(place(&code("0a1b2c"))).await.unwrap().unwrap();
        // What the ring alone derives opens nothing.
        assert!(codes.opened(&code(" "), &value).is_none());
        let mut damaged = value.clone();
        for index in 0..value.len() {
            damaged[index] ^= 1;
            assert!(codes.opened(&code("0a1b2c"), &damaged).is_none(), "{index}");
            damaged[index] ^= 1;
        }
    }

    #[tokio::test]
    async fn every_key_of_the_ring_opens_and_the_first_seals() {
        let store = Arc::new(MemoryStore::new());
        let idle = Duration::from_secs(7200);
        let issued = issued();
        let old = codes(&store, OLD, idle);
        old.register(&code("old"), &issued).await.unwrap();
        let both = codes(&store, &format!("{NEW}\n{OLD}"), idle);
        both.register(&code("new"), &issued).await.unwrap();
        assert_eq!(found(&both, "old").await, revealed(issued.token));
        assert_eq!(found(&both, "new").await, revealed(issued.token));
        assert_eq!(found(&old, "new").await, None);
    }

    #[tokio::test]
    async fn a_code_that_is_used_is_kept_and_another_is_let_go() {
        let store = Arc::new(MemoryStore::new());
        // So short that it is due at once, and so long that it is not.
        let (due, fresh) = (Duration::ZERO, Duration::from_secs(7200));
        let issued = issued();
        let codes = codes(&store, OLD, fresh);
        codes.register(&code("a"), &issued).await.unwrap();
        assert!(!codes.find(&code("a")).await.unwrap().unwrap().is_due);
        let soon = super::Codes { idle: 0, ..codes };
        assert!(soon.find(&code("a")).await.unwrap().unwrap().is_due);
        assert_eq!(soon.ttl(), due.as_millis() as u64);
        soon.keep(&code("a"), issued.token).await.unwrap();
        assert_eq!(found(&soon, "a").await, None);
    }
}
