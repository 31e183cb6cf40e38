//! Which session a login code stands for. weapp-session's clients have no session id: they sign in by a code, and call
//! by the same code from then on.
//!
//! *What an attacker can try:*
//! - to call by something else that the store has a value for, such as an openid, with which weapp-session itself gave
//!   away a live session: a code has a place of its own, and what is there opens by the code alone
//!   (`nothing_but_the_code_finds_its_session`);
//! - to read the store: the key under which a session id is sealed comes from the ring *and* the code, so that even a
//!   dump with its ring gives no id away (`a_dump_with_its_ring_tells_no_session`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

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
/// How long no code is written again after the store has refused one, in milliseconds: every request would ask it in
/// vain.
const REST: Millis = 1000;

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
    /// Until when no code is written again.
    rests_until: AtomicU64,
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
            rests_until: AtomicU64::new(0),
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

    /// Keeps a code for as long again. After a failure no code is due for a while.
    pub(super) async fn keep(&self, code: &LoginCode, token: Token) -> Result<(), SessionsError> {
        let kept = self.write_again(code, token).await;
        if kept.is_err() {
            let rest = self.store.now().saturating_add(REST);
            self.rests_until.store(rest, Relaxed);
        }
        kept
    }

    async fn write_again(&self, code: &LoginCode, token: Token) -> Result<(), SessionsError> {
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
        let now = self.store.now();
        let age = now.saturating_sub(Millis::from_be_bytes(*written));
        let is_old = age.saturating_mul(AGAIN_AFTER) >= self.idle;
        Some(Found {
            session: Zeroizing::new(session?),
            is_due: is_old && now >= self.rests_until.load(Relaxed),
        })
    }
}

/// Where the store keeps what a code stands for.
pub(super) fn place(code: &LoginCode) -> UserKey {
    values::key(KIND, code.reveal().as_bytes())
}

#[cfg(test)]
mod tests;
