//! Codes that prove a phone number or an address, and nonces that bind an id_token to a phone.
//!
//! *What an attacker can try:*
//! - to find out who has an account: a code is sent to whom it is asked for, whether they have one or not, and nobody here
//!   knows;
//! - to guess a code: five tries, counted by the swap that a verdict waits for, of a million codes
//!   (`parallel_guesses_get_five_tries`);
//! - to use up somebody else's tries, or to replace their code: a code belongs to the WeChat user whose phone asked for it
//!   (`a_stranger_can_neither_use_nor_spoil_a_code`);
//! - to have messages sent: a WeChat user gets one a minute for the same identifier and ten a day in all, an identifier
//!   ten a day, and all together a budget an hour;
//! - to use up an identifier's ten, so that its owner gets none: a WeChat user who has proven it in the last 30 days is
//!   counted alone (`strangers_cannot_keep_an_owner_from_codes`);
//! - to read codes in the store: they are hashed with a key of the ring.

mod nonce;
mod record;

use std::fmt;
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use wxsession_server::identity::UserKey;
use wxsession_server::random::{self, NoRandomness};
use wxsession_server::ring::KeyRing;
use wxsession_server::store::{Store, StoreError};
use wxsession_server::user::Millis;

use self::record::{Record, Verdict};
use crate::deliver::{Channel, Delivery, Full, Message};
use crate::identifier::Identifier;
use crate::keyed::Keyed;
use crate::tally::{self, Limit, TallyError};

const PURPOSE: &str = "wxsession/1/challenge";
/// How long a code or a nonce is good, in seconds.
pub(crate) const LIFE_SECONDS: u64 = record::LIFE / 1000;
/// How many codes there are: six digits.
const CODES: u32 = 1_000_000;
/// How many times a record is computed while others keep changing it.
const ATTEMPTS: usize = 8;
const DAY: Millis = 24 * 3600 * 1000;
const HOUR: Millis = 3600 * 1000;
/// How many codes an identifier gets a day, and how many a WeChat user may ask for.
const A_DAY: Limit = Limit {
    most: 10,
    within: DAY,
};

/// What a code is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Signing in, and registering.
    SignIn,
    /// Adding the identifier to an account.
    Link,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Link => "link",
        }
    }
}

/// A code is on its way, or was a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Seconds until it is over.
    pub expires_in: u64,
    /// Seconds until another one may be asked for.
    pub resend_in: u64,
}

/// Why no code is sent, or why one is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ChallengeError {
    /// This server sends no codes. Clients are told `method_unknown`.
    #[error("this server sends no codes; its operator has to set --deliver-hook")]
    NotSetUp,
    /// A code cannot reach a name. Clients are told `bad_request`.
    #[error(
        "`identifier` must be a phone number or an e-mail address, which a code can be sent to"
    )]
    NoChannel,
    /// Too many codes were asked for. Clients are told `rate_limited`.
    #[error("too many codes were asked for")]
    Limited {
        /// Seconds until another one may be.
        retry_after: u64,
    },
    /// Too many codes are on their way. Clients are told `server_busy`.
    #[error(transparent)]
    Full(#[from] Full),
    /// What was typed is no code. It costs no try. Clients are told `bad_request`.
    #[error("`otp` must be the six digits that were sent")]
    Malformed,
    /// The code is wrong. Clients are told `challenge_wrong`.
    #[error("the code is wrong")]
    Wrong,
    /// No code was sent, or it has expired, or was tried too often. Clients are told `challenge_over`.
    #[error("the code has expired, or was tried too often")]
    Over,
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness for a code.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl From<TallyError> for ChallengeError {
    fn from(error: TallyError) -> Self {
        match error {
            TallyError::Limited { wait } => Self::Limited {
                retry_after: seconds(wait),
            },
            TallyError::Store(error) => Self::Store(error),
        }
    }
}

/// Sends codes and accepts them. Its clones share everything.
#[derive(Clone)]
pub struct Challenges(Arc<Shared>);

struct Shared {
    store: Arc<dyn Store>,
    keyed: Keyed,
    delivery: Option<Delivery>,
    an_hour: Limit,
    /// All codes count in the budget, so this process counts one after another.
    budget: Mutex<()>,
}

impl Challenges {
    /// Codes in this store, hashed with the ring's keys, sent by `delivery` if there is one: `an_hour` at most in an hour.
    pub fn new(
        store: Arc<dyn Store>,
        ring: &KeyRing,
        delivery: Option<Delivery>,
        an_hour: u32,
    ) -> Self {
        Self(Arc::new(Shared {
            store,
            keyed: Keyed::new(ring, PURPOSE),
            delivery,
            an_hour: Limit {
                most: an_hour,
                within: HOUR,
            },
            budget: Mutex::new(()),
        }))
    }

    /// Whether this server sends codes.
    pub fn are_sent(&self) -> bool {
        self.0.delivery.is_some()
    }

    /// Sends a code to an identifier, for this WeChat user. Within a minute of the last one nothing is sent.
    ///
    /// # Errors
    /// A code cannot be sent, or too many were.
    pub async fn send(
        &self,
        holder: UserKey,
        purpose: Purpose,
        identifier: &Identifier,
    ) -> Result<Sent, ChallengeError> {
        let channel = Channel::of(identifier).ok_or(ChallengeError::NoChannel)?;
        let delivery = self.0.delivery.as_ref().ok_or(ChallengeError::NotSetUp)?;
        let place = delivery.reserve()?;
        let key = self.key(holder, identifier);
        let (record, _) = self.read(key).await?;
        let now = self.0.store.now();
        if record.wait(now) > 0 {
            return Ok(sent(&record, now));
        }
        self.count(holder, identifier, record.is_known(now)).await?;
        let code = code()?;
        let hash = self.hash(key, purpose, &code);
        let changed = self.change(key, |record, now| {
            let is_due = record.wait(now) == 0;
            if is_due {
                record.send(hash, now);
            }
            (sent(record, now), is_due)
        });
        let (sent, is_due) = changed.await?;
        // Otherwise an equal request was faster.
        if is_due {
            place.send(Message {
                channel,
                to: Zeroizing::new(identifier.normalised().to_owned()),
                code,
                purpose,
                expires_in: sent.expires_in,
            });
        }
        Ok(sent)
    }

    /// Accepts a code that this WeChat user's phone has asked for. A right one stays right for the rest of its five minutes.
    ///
    /// # Errors
    /// The code is wrong or over, or the store fails.
    pub async fn redeem(
        &self,
        holder: UserKey,
        purpose: Purpose,
        identifier: &Identifier,
        otp: &str,
    ) -> Result<(), ChallengeError> {
        if self.0.delivery.is_none() {
            return Err(ChallengeError::NotSetUp);
        }
        let otp = otp.trim();
        if otp.len() != 6 || !otp.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ChallengeError::Malformed);
        }
        let key = self.key(holder, identifier);
        let hash = self.hash(key, purpose, otp);
        let verdict = self.change(key, |record, now| record.redeem(&hash, now));
        match verdict.await? {
            Verdict::Right => Ok(()),
            Verdict::Wrong => Err(ChallengeError::Wrong),
            Verdict::Over => Err(ChallengeError::Over),
        }
    }

    /// A nonce for an id_token that this WeChat user will present within five minutes.
    ///
    /// # Errors
    /// There is no randomness for it.
    pub fn nonce(&self, holder: UserKey) -> Result<String, ChallengeError> {
        Ok(nonce::issue(&self.0.keyed, holder, self.0.store.now())?)
    }

    /// Whether a nonce is one that this WeChat user was given in the last five minutes.
    pub fn is_nonce_of(&self, holder: UserKey, nonce: &str) -> bool {
        nonce::is_good(&self.0.keyed, holder, nonce, self.0.store.now())
    }

    /// Counts one more code, the narrowest limit first.
    async fn count(
        &self,
        holder: UserKey,
        identifier: &Identifier,
        is_known: bool,
    ) -> Result<(), ChallengeError> {
        let Shared {
            store,
            keyed,
            an_hour,
            budget,
            ..
        } = &*self.0;
        let of_holder = keyed.key(&[b"codes of a WeChat user", &holder.0]);
        tally::count(&**store, of_holder, A_DAY).await?;
        if !is_known {
            let kind = identifier.kind().as_str().as_bytes();
            let identifier = identifier.normalised().as_bytes();
            let of_identifier = keyed.key(&[b"codes of an identifier", kind, identifier]);
            tally::count(&**store, of_identifier, A_DAY).await?;
        }
        let _turn = budget.lock().await;
        tally::count(&**store, keyed.key(&[b"codes of all"]), *an_hour).await?;
        Ok(())
    }

    /// Applies a rule to a record. The outcome counts only if the record that it was computed from is still there.
    async fn change<T>(
        &self,
        key: UserKey,
        rule: impl Fn(&mut Record, Millis) -> T,
    ) -> Result<T, ChallengeError> {
        for _ in 0..ATTEMPTS {
            let (mut record, old) = self.read(key).await?;
            let now = self.0.store.now();
            let outcome = rule(&mut record, now);
            let (new, ttl) = (
                record.encode().ok_or(StoreError::Unreadable)?,
                record.ttl(now),
            );
            if ttl == 0 || old.as_ref() == Some(&new) {
                return Ok(outcome);
            }
            if self.0.store.swap(key, old, Some(new), ttl).await? {
                return Ok(outcome);
            }
        }
        Err(StoreError::Contended.into())
    }

    async fn read(&self, key: UserKey) -> Result<(Record, Option<Vec<u8>>), StoreError> {
        let value = self.0.store.get(key).await?;
        let record = match value.as_deref() {
            None => Record::default(),
            Some(value) => Record::decode(value).ok_or(StoreError::Unreadable)?,
        };
        Ok((record, value))
    }

    fn key(&self, holder: UserKey, identifier: &Identifier) -> UserKey {
        let kind = identifier.kind().as_str().as_bytes();
        let identifier = identifier.normalised().as_bytes();
        self.0.keyed.key(&[b"code", &holder.0, kind, identifier])
    }

    fn hash(&self, key: UserKey, purpose: Purpose, otp: &str) -> [u8; 32] {
        let purpose = purpose.as_str().as_bytes();
        self.0
            .keyed
            .hash(&[b"otp", &key.0, purpose, otp.as_bytes()])
    }
}

fn sent(record: &Record, now: Millis) -> Sent {
    Sent {
        expires_in: record.life(now) / 1000,
        resend_in: seconds(record.wait(now)),
    }
}

fn seconds(millis: Millis) -> u64 {
    millis.div_ceil(1000)
}

/// Six digits, each code as likely as any other.
fn code() -> Result<Zeroizing<String>, NoRandomness> {
    // Numbers above the largest multiple would make some codes likelier.
    const FAIR: u32 = u32::MAX - u32::MAX % CODES;
    loop {
        let number = u32::from_be_bytes(random::bytes()?);
        if number < FAIR {
            return Ok(Zeroizing::new(format!("{:06}", number % CODES)));
        }
    }
}

impl fmt::Debug for Challenges {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Challenges")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::code;

    #[test]
    fn a_code_has_six_digits_and_any_digit_at_any_place() {
        let codes: Vec<_> = (0..1000).map(|_| code().unwrap()).collect();
        let places = codes.iter().flat_map(|code| code.char_indices());
        let places: HashSet<_> = places.collect();
        let all = (0..6).flat_map(|place| ('0'..='9').map(move |digit| (place, digit)));
        assert_eq!(places, all.collect());
        // Of a million codes, a thousand hardly meet.
        assert!(
            codes
                .iter()
                .map(|code| code.as_str())
                .collect::<HashSet<_>>()
                .len()
                > 980
        );
    }
}
