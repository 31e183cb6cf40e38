//! Sessions over a store. Each operation reads a user's value, applies a rule of [`crate::user`] and swaps the
//! value.

mod accounts;
mod administration;
pub(crate) mod error;
mod touches;

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;

pub use self::accounts::{Change, Owner, Shown};
pub use self::error::SessionsError;
use self::touches::Touches;
use crate::identity::{Identity, StoredIdentity, UserKey};
use crate::once_a_minute::OnceAMinute;
use crate::proof::{Coverage, ProofPolicy};
use crate::random::NoRandomness;
use crate::replays::{Replays, Unrepeated};
use crate::ring::KeyRing;
use crate::seal::Seals;
use crate::session_key::SessionKey;
use crate::store::{Store, StoreError};
use crate::token::{Token, TokenMint, Version};
use crate::user::{Lifetimes, Millis, POINTER, Refusal, SessionId, User};
use crate::watch::{Unwatched, Watch};

/// How many times a change is computed while others keep changing the value.
const SWAP_ATTEMPTS: usize = 8;

/// How many queues there are for the changes that this process makes. Each user belongs to one.
const QUEUES: usize = 4096;

/// How long a change waits for its turn before it gives up.
const TURN_DEADLINE: Duration = Duration::from_secs(2);

static STAYS: OnceAMinute = OnceAMinute::new();

/// The sessions of all users. Its clones share everything, because each request makes some.
#[derive(Clone)]
pub struct Sessions(Arc<Shared>);

struct Shared {
    store: Arc<dyn Store>,
    /// Changes to one user take turns, because most of them would otherwise be computed in vain. Correctness
    /// does not depend on it: other processes may share the store, and the swap decides.
    turns: Box<[Mutex<()>]>,
    touches: Arc<Touches>,
    mint: TokenMint,
    policy: ProofPolicy,
    replays: Replays,
    seals: Seals,
    lifetimes: Lifetimes,
    appids: Box<[String]>,
    watch: Arc<dyn Watch>,
}

/// A session that has just started.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The token that the client presents from now on.
    pub token: Token,
    /// Milliseconds to the absolute deadline.
    pub remaining: Millis,
}

/// A live session.
#[derive(Debug)]
pub struct Verified {
    /// The user, as backends know them.
    pub user: String,
    /// The WeChat user who holds the phone.
    pub identity: Identity,
    /// Milliseconds to the absolute deadline.
    pub remaining: Millis,
    /// Whether [`Sessions::touch`] should follow.
    pub touch_due: bool,
}

/// The session_keys of a live session's user.
#[derive(Debug)]
pub struct UserKeys {
    /// The mini program.
    pub appid: String,
    /// The keys that the user's data may be encrypted with, the last received first.
    pub keys: Vec<SessionKey>,
}

impl UserKeys {
    /// Whether `check` holds for any of the keys. Since all are tried, the order in which sign-ins were
    /// answered does not matter.
    pub fn any(&self, check: impl Fn(&SessionKey) -> bool) -> bool {
        self.keys.iter().any(check)
    }
}

impl Sessions {
    /// Keeps the sessions of these mini programs' users in this store, with tokens signed by this ring, and gives no tokens
    /// that take signed requests.
    ///
    /// Make one, and clone it: where the store does not remember which signed requests were served, each one that is made has
    /// a memory of its own.
    ///
    /// A [`Backend`](crate::Backend) has its own. A service that only verifies, beside a backend on the same
    /// store and ring, makes them here:
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use wxsession_server::Sessions;
    /// use wxsession_server::ring::KeyRing;
    /// use wxsession_server::store::MemoryStore;
    /// use wxsession_server::user::Lifetimes;
    ///
    /// # fn main() -> Result<(), wxsession_server::ring::RingError> {
    /// let store = Arc::new(MemoryStore::new());
    /// let ring = KeyRing::generate()?;
    /// let sessions = Sessions::new(store, &ring, Lifetimes::default(), ["wx0123456789abcdef"]);
    /// assert!(sessions.authenticate(b"made-up").is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(
        store: Arc<dyn Store>,
        ring: &KeyRing,
        lifetimes: Lifetimes,
        appids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let watch = Arc::new(Unwatched);
        Self::governed_by(ProofPolicy::Off, watch, store, ring, lifetimes, appids)
    }

    /// The same under this policy, and reports to `watch` every session that a request presents.
    pub fn governed_by(
        policy: ProofPolicy,
        watch: Arc<dyn Watch>,
        store: Arc<dyn Store>,
        ring: &KeyRing,
        lifetimes: Lifetimes,
        appids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self(Arc::new(Shared {
            replays: Replays::new(store.now()),
            policy,
            store,
            turns: (0..QUEUES).map(|_| Mutex::const_new(())).collect(),
            touches: Arc::new(Touches::new()),
            mint: TokenMint::new(ring),
            seals: Seals::new(ring),
            lifetimes,
            appids: appids.into_iter().map(Into::into).collect(),
            watch,
        }))
    }

    /// Starts a session of a user whom WeChat has named, and keeps the session_key that came with the name.
    /// `presented` is the session that the new one replaces on the same device.
    pub async fn issue(
        &self,
        identity: &Identity,
        session_key: &SessionKey,
        presented: Option<Token>,
        version: Version,
    ) -> Result<Issued, SessionsError> {
        let key = self.key(&identity.appid, &identity.openid)?;
        let token = self.0.mint.issue(key, version)?;
        let sealed = self.0.seals.seal(key, session_key)?;
        let same_user = presented.filter(|presented| presented.user() == key);
        let issued = self.update(key, |user, now| {
            let told = self.sealed(key, user.as_ref(), identity)?;
            let mut user = user.unwrap_or_else(|| User::new(told.clone()));
            user.learn(told);
            let replaced = same_user.map(|presented| presented.session());
            user.issue(token.session(), replaced, &self.0.lifetimes, now)?;
            user.receive(sealed.clone(), |kept| {
                let kept = self.0.seals.open(key, kept);
                kept.is_none_or(|kept| kept == *session_key)
            });
            let standing = user.verify(token.session(), &self.0.lifetimes, now)?;
            Ok((
                Some(user),
                Issued {
                    token,
                    remaining: standing.remaining,
                },
            ))
        });
        let issued = issued.await?;
        self.end_elsewhere(presented, key).await;
        Ok(issued)
    }

    /// Ends the session of another user on the same device. If that fails, it is no reason to refuse the new session.
    async fn end_elsewhere(&self, presented: Option<Token>, key: UserKey) {
        if let Some(presented) = presented.filter(|presented| presented.user() != key)
            && let Err(error) = self.end(presented).await
            && let Some(left_out) = STAYS.due()
        {
            let error = &error as &dyn Error;
            tracing::warn!(
                error,
                left_out,
                "the previous user's session could not be ended; not logged again for a minute"
            );
        }
    }

    /// Reports a session that a request presented.
    pub(crate) fn report(&self, user: Option<UserKey>, found: Result<Coverage, &SessionsError>) {
        self.0.watch.looked_up(user, found);
    }

    /// Reports a sign-in.
    pub(crate) fn report_sign_in(&self, version: Version) {
        self.0.watch.signed_in(version);
    }

    /// Returns the live session's user. One read.
    pub async fn verify(&self, token: Token) -> Result<Verified, SessionsError> {
        let value = self.0.store.get(token.user()).await?;
        self.verified(token, value.as_deref())
    }

    /// The same, for a request that must not have been served before, if that matters. One read.
    pub(crate) async fn verify_once(
        &self,
        token: Token,
        unrepeated: Option<Unrepeated>,
    ) -> Result<Verified, SessionsError> {
        let Some(unrepeated) = unrepeated else {
            return self.verify(token).await;
        };
        let user = token.user();
        let (value, noted) = self.get_noting(user, unrepeated).await?;
        let verified = self.verified(token, value.as_deref())?;
        self.note(user, unrepeated, noted)?;
        Ok(verified)
    }

    fn verified(&self, token: Token, value: Option<&[u8]>) -> Result<Verified, SessionsError> {
        let user = decode(token.user(), value)?;
        let id = token.session();
        let (user, identity) = self.ours(user, token.user(), id)?;
        let standing = user.verify(id, &self.0.lifetimes, self.0.store.now())?;
        let named = user.name().zip(identity);
        let (user, identity) = named.ok_or(StoreError::Unreadable)?;
        Ok(Verified {
            user,
            identity,
            remaining: standing.remaining,
            touch_due: standing.touch_due,
        })
    }

    /// Moves the idle deadline, unless another request has already moved it. If somebody else has just changed
    /// the value, the deadline stays: the next use moves it.
    pub async fn touch(&self, token: Token) -> Result<(), SessionsError> {
        let old = self.0.store.get(token.user()).await?;
        let Some(mut user) = decode(token.user(), old.as_deref())? else {
            return Ok(());
        };
        let now = self.0.store.now();
        let standing = user.verify(token.session(), &self.0.lifetimes, now);
        if !standing.is_ok_and(|standing| standing.touch_due) {
            return Ok(());
        }
        user.touch(token.session(), &self.0.lifetimes, now);
        let new = self.kept(token.user(), Some(user), now)?;
        self.swap(token.user(), old, new).await?;
        Ok(())
    }

    /// Ends the session. A session that has already ended stays as it is.
    pub async fn end(&self, token: Token) -> Result<(), SessionsError> {
        self.update(token.user(), |mut user, _| {
            if let Some(user) = &mut user {
                user.end(token.session());
            }
            Ok((user, ()))
        })
        .await
    }

    /// Ends all sessions of this live session's user.
    pub async fn end_all(&self, token: Token) -> Result<(), SessionsError> {
        self.update_by(token, |user, now| user.end_all(&self.0.lifetimes, now))
            .await
    }

    /// Ends all sessions of the user but this one, which must live.
    pub async fn end_others(&self, token: Token) -> Result<(), SessionsError> {
        self.update_by(token, |user, now| {
            user.end_others(token.session(), &self.0.lifetimes, now)
        })
        .await
    }

    /// The session_keys of a live session's user. One read.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub async fn session_keys(&self, token: Token) -> Result<UserKeys, SessionsError> {
        let user = decode(
            token.user(),
            self.0.store.get(token.user()).await?.as_deref(),
        )?;
        let id = token.session();
        let (user, holder) = self.ours(user, token.user(), id)?;
        user.verify(id, &self.0.lifetimes, self.0.store.now())?;
        let holder = holder.ok_or(StoreError::Unreadable)?;
        let sealed = user.session_keys(id).iter();
        let keys = sealed.filter_map(|sealed| self.0.seals.open(token.user(), sealed));
        Ok(UserKeys {
            appid: holder.appid,
            keys: keys.collect(),
        })
    }

    /// Whether it is known that no session can be kept now. Then no login code needs to be spent to find that out.
    pub fn are_away(&self) -> bool {
        self.0.store.is_away()
    }

    /// Which sessions start, and which count.
    pub fn policy(&self) -> ProofPolicy {
        self.0.policy
    }

    pub(crate) fn mint(&self) -> &TokenMint {
        &self.0.mint
    }

    pub(crate) fn replays(&self) -> &Replays {
        &self.0.replays
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// How long sessions live.
    pub fn lifetimes(&self) -> &Lifetimes {
        &self.0.lifetimes
    }

    /// The mini programs whose users have sessions here.
    pub fn appids(&self) -> &[String] {
        &self.0.appids
    }

    /// The key of a user's value.
    fn key(&self, appid: &str, openid: &str) -> Result<UserKey, SessionsError> {
        if self.serves(appid) {
            Ok(UserKey::new(appid, openid))
        } else {
            Err(SessionsError::UnknownApp)
        }
    }

    /// Returns the user and who holds the phone, if the mini program of the session is one of this server's. The store and
    /// the ring may also serve other mini programs, whose sessions count for nothing here.
    fn ours(
        &self,
        user: Option<User>,
        key: UserKey,
        id: SessionId,
    ) -> Result<(User, Option<Identity>), SessionsError> {
        let user = user.ok_or(Refusal::Expired)?;
        let Some(stored) = user.holder(id) else {
            return Ok((user, None));
        };
        let holder = self.0.seals.open_identity(key, stored);
        let holder = holder.ok_or(StoreError::Unreadable)?;
        if self.serves(&holder.appid) {
            Ok((user, Some(holder)))
        } else {
            Err(Refusal::Expired.into())
        }
    }

    /// Seals what WeChat has told of a WeChat user, with the unionid that is known if it told none this time.
    fn sealed(
        &self,
        key: UserKey,
        user: Option<&User>,
        told: &Identity,
    ) -> Result<StoredIdentity, NoRandomness> {
        let known = user.and_then(|user| user.known(told.key()));
        let known = known.and_then(|known| self.0.seals.open_identity(key, known));
        let unionid = || known.and_then(|known| known.unionid);
        let identity = Identity {
            unionid: told.unionid.clone().or_else(unionid),
            ..told.clone()
        };
        self.0.seals.seal_identity(key, &identity)
    }

    fn serves(&self, appid: &str) -> bool {
        self.0.appids.iter().any(|ours| ours == appid)
    }

    /// A change that only the holder of a live session may make.
    async fn update_by(
        &self,
        token: Token,
        rule: impl Fn(&mut User, Millis),
    ) -> Result<(), SessionsError> {
        self.update(token.user(), |user, now| {
            let id = token.session();
            let (mut user, _) = self.ours(user, token.user(), id)?;
            user.verify(id, &self.0.lifetimes, now)?;
            rule(&mut user, now);
            Ok((Some(user), ()))
        })
        .await
    }

    async fn update<T>(
        &self,
        key: UserKey,
        rule: impl Fn(Option<User>, Millis) -> Result<(Option<User>, T), SessionsError>,
    ) -> Result<T, SessionsError> {
        let queue = &self.0.turns[queue(key)];
        let _turn = match queue.try_lock() {
            Ok(turn) => turn,
            Err(_) => {
                // A change that turns out to change nothing needs no turn, so repeating it delays nobody. And
                // while the store is away, nobody waits for another change to fail.
                let old = self.0.store.get(key).await?;
                let (new, outcome) = self.changed(key, old.as_deref(), &rule)?;
                if new.value == old {
                    return Ok(outcome);
                }
                timeout(TURN_DEADLINE, queue.lock())
                    .await
                    .map_err(|_| StoreError::NoTurn)?
            }
        };
        for _ in 0..SWAP_ATTEMPTS {
            let old = self.0.store.get(key).await?;
            let (new, outcome) = self.changed(key, old.as_deref(), &rule)?;
            if self.swap(key, old, new).await? {
                return Ok(outcome);
            }
        }
        Err(StoreError::Contended.into())
    }

    /// What a rule makes of a value.
    fn changed<T>(
        &self,
        key: UserKey,
        old: Option<&[u8]>,
        rule: impl Fn(Option<User>, Millis) -> Result<(Option<User>, T), SessionsError>,
    ) -> Result<(Kept, T), SessionsError> {
        let now = self.0.store.now();
        let (user, outcome) = rule(decode(key, old)?, now)?;
        match old {
            Some(pointer) if is_pointer(pointer) && user.is_some() => Err(SessionsError::Linked),
            Some(pointer) if is_pointer(pointer) => Ok((Kept::as_it_is(pointer), outcome)),
            _ => Ok((self.kept(key, user, now)?, outcome)),
        }
    }

    async fn swap(
        &self,
        key: UserKey,
        old: Option<Vec<u8>>,
        new: Kept,
    ) -> Result<bool, StoreError> {
        if new.value == old {
            return Ok(true);
        }
        self.0.store.swap(key, old, new.value, new.ttl).await
    }

    fn kept(&self, key: UserKey, user: Option<User>, now: Millis) -> Result<Kept, NoRandomness> {
        let kept = user.and_then(|user| Some((user.worth_keeping(&self.0.lifetimes, now)?, user)));
        let Some((ttl, mut user)) = kept else {
            return Ok(Kept::default());
        };
        user.seal(|identity| self.0.seals.seal_identity(key, identity))?;
        let value = Some(user.encode());
        Ok(Kept { value, ttl })
    }
}

/// The queue of a user. A key is a digest, so users spread evenly.
fn queue(key: UserKey) -> usize {
    usize::from(u16::from_le_bytes([key.0[0], key.0[1]])) % QUEUES
}

/// The value to store for a user, and for how long.
#[derive(Default)]
struct Kept {
    value: Option<Vec<u8>>,
    ttl: Millis,
}

impl Kept {
    fn as_it_is(value: &[u8]) -> Self {
        Self {
            value: Some(value.to_vec()),
            ttl: 0,
        }
    }
}

/// An unreadable value is a failure of the store: if it counted as absent, it would sign the user out. So is the
/// value of another user: write access to the store must not let anybody become somebody else. Where a WeChat user was
/// linked to an account, the guest is gone with all their sessions.
fn decode(key: UserKey, value: Option<&[u8]>) -> Result<Option<User>, StoreError> {
    let read = |value| User::decode(key, value).filter(|user| user.key() == key);
    value
        .filter(|value| !is_pointer(value))
        .map(|value| read(value).ok_or(StoreError::Unreadable))
        .transpose()
}

/// Whether the value leads from a WeChat user to an account.
fn is_pointer(value: &[u8]) -> bool {
    value.first() == Some(&POINTER)
}

impl fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sessions")
            .field("lifetimes", &self.0.lifetimes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
