//! A user's whole state, and every rule about sessions: issue, verify, touch, end, block, list.
//!
//! Nothing here waits, reads a clock or stores anything. A caller reads the value, applies a rule and swaps the
//! value; if another caller was faster, it reads and applies the rule again. So whatever holds when these
//! functions run one after another holds for the service, and no ended session can come back.

mod account;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::account::Account;
pub use self::account::{Device, Proof, Way};
use crate::identity::{Identity, StoredIdentity, UserKey};
use crate::seal::Sealed;
use crate::store::FOR_EVER;

/// A time of the store's clock, or a span, in milliseconds.
pub type Millis = u64;

/// How many sessions a user can have at once. One more sign-in ends the oldest that was never used, since its answer may
/// have been lost; if there is none, the least recently used.
pub const LIVE_SESSIONS: usize = 8;

/// How many ended sessions are remembered, with how they ended. Beyond that the oldest is forgotten and counts as
/// expired, so that endless sign-ins cannot grow the value endlessly.
const ENDED_SESSIONS: usize = 64;

/// How many of a user's session_keys are kept: when two sign-ins overtake each other, either key may be the one
/// that the phone has.
const SESSION_KEYS: usize = 2;

/// The idle deadline moves (a write) at the first use, and then only once a tenth of the idle timeout has passed since it
/// last moved.
const TOUCH_AFTER: u64 = 10;

/// How far the clocks of two servers may be apart. A time that is further ahead comes from a clock that was wrong.
pub(crate) const APART: Millis = 60_000;

/// The first byte of a guest, or of a user with an account, as releases stored them that did not seal who a WeChat user
/// is. They are read, and sealed when they are written.
const OPEN_GUEST: u8 = 2;
const OPEN_ACCOUNT: u8 = 3;
/// The first byte of a stored user whose account was deleted.
const DELETED: u8 = 4;
/// The first byte of a stored guest. A value of another version is unreadable, never misread: older releases answer 503
/// for it, which signs nobody out.
const GUEST: u8 = 5;
/// The first byte of a stored user with an account.
const ACCOUNT: u8 = 6;
/// The first byte of a value that is no user, but leads from a WeChat user, or from another identity, to an account.
pub const POINTER: u8 = 0x80;

/// The name of a session in the store: a hash of its token, so that a dump yields no usable token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SessionId(pub [u8; 16]);

/// How long sessions live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// A session ends when it has not been used for this long.
    pub idle: Duration,
    /// A session ends this long after its sign-in, however much it is used.
    pub absolute: Duration,
    /// The session of an account can be renewed on its phone without the user for this long after the user's last proof.
    pub renewable: Duration,
}

impl Default for Lifetimes {
    /// Two hours without use, seven days in all; renewable for thirty days.
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(7200),
            absolute: Duration::from_secs(604_800),
            renewable: Duration::from_secs(30 * 24 * 3600),
        }
    }
}

impl Lifetimes {
    fn idle_millis(&self) -> Millis {
        self.idle.as_millis() as Millis
    }

    fn absolute_millis(&self) -> Millis {
        self.absolute.as_millis() as Millis
    }
}

/// Why a session id that this server once issued is no longer accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Ended by its own user, by idleness or by its deadline.
    #[error("the session has expired")]
    Expired,
    /// A sign-in on another device pushed it out.
    #[error("the session was replaced by another device's")]
    Replaced,
    /// The user ended it from another session, or an administrator did.
    #[error("the session was revoked")]
    Revoked,
}

/// An administrator has blocked the user, who cannot sign in for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the user is blocked")]
pub struct Blocked;

/// What verification finds out about a live session.
#[derive(Debug, PartialEq, Eq)]
pub struct Standing {
    /// The time left to the absolute deadline, in milliseconds.
    pub remaining: Millis,
    /// Whether the idle deadline should move: at the first use, and whenever enough of the idle timeout has passed.
    pub touch_due: bool,
}

/// A live session, as a list of a user's devices shows it. Spans are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The session's name in the store, with which nobody can sign in.
    pub id: SessionId,
    /// The time left to the absolute deadline.
    pub remaining: Millis,
    /// How long ago the session was last used, to within a tenth of the idle timeout.
    pub unused: Millis,
}

impl Listed {
    /// When the session began.
    pub fn since(&self, lifetimes: &Lifetimes, now: Millis) -> Millis {
        let left = lifetimes.absolute_millis().saturating_sub(self.remaining);
        now.saturating_sub(left)
    }
}

/// Everything that the store holds about one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    owner: Owner,
    live: Vec<Live>,
    ended: Vec<Ended>,
    /// A guest's, the last received first. They go with the last live session.
    session_keys: Vec<Sealed>,
    /// When the block is over; 0 if there never was one.
    blocked_until: Millis,
}

/// Whose sessions they are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owner {
    /// A WeChat user of this program, and nothing else.
    Guest(StoredIdentity),
    Account(Account),
    /// Nobody's any longer: the key of an account that was deleted.
    Deleted([u8; 16]),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Live {
    id: SessionId,
    /// The absolute deadline.
    deadline: Millis,
    /// When it was last used, to within a tenth of the idle timeout; at first the time of its sign-in.
    used: Millis,
}

impl Live {
    /// Whether it was never used since its sign-in. (Of sessions from before a change of the lifetimes nobody knows.)
    fn is_unused(&self, lifetimes: &Lifetimes) -> bool {
        self.used.saturating_add(lifetimes.absolute_millis()) == self.deadline
    }

    /// Takes back what a clock that was ahead has written, or the session would live on for as long as that was wrong.
    fn put_right(&mut self, lifetimes: &Lifetimes, now: Millis) {
        if self.is_ahead(lifetimes, now) {
            self.used = self.used.min(now);
            // A millisecond less, so that it counts as used: nobody knows whether it was.
            let longest = lifetimes.absolute_millis().saturating_sub(1);
            self.deadline = self.deadline.min(now.saturating_add(longest));
        }
    }

    fn is_ahead(&self, lifetimes: &Lifetimes, now: Millis) -> bool {
        let now = now.saturating_add(APART);
        self.used > now || self.deadline > now.saturating_add(lifetimes.absolute_millis())
    }

    fn remaining(&self, lifetimes: &Lifetimes, now: Millis) -> Millis {
        let left = self.deadline.saturating_sub(now);
        left.min(lifetimes.absolute_millis())
    }

    /// Idleness is judged by the current setting, so a changed timeout applies to existing sessions too.
    fn ends(&self, lifetimes: &Lifetimes) -> Millis {
        self.deadline
            .min(self.used.saturating_add(lifetimes.idle_millis()))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ended {
    id: SessionId,
    how: Ending,
    /// When the session would have ended anyway. It is remembered until then.
    deadline: Millis,
}

/// The endings that clients can tell apart. A session that its own user ended leaves no trace: to a client it looks
/// expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ending {
    Replaced,
    Revoked,
}

impl User {
    /// A guest without a session.
    pub fn new(identity: impl Into<StoredIdentity>) -> Self {
        Self::of(Owner::Guest(identity.into()))
    }

    fn of(owner: Owner) -> Self {
        Self {
            owner,
            live: Vec::new(),
            ended: Vec::new(),
            session_keys: Vec::new(),
            blocked_until: 0,
        }
    }

    /// The key of the user's value.
    pub fn key(&self) -> UserKey {
        match &self.owner {
            Owner::Guest(identity) => identity.key(),
            Owner::Account(account) => UserKey::of_account(&account.user),
            Owner::Deleted(key) => UserKey(*key),
        }
    }

    /// The user as backends know them; nobody if the account was deleted.
    pub fn name(&self) -> Option<String> {
        match &self.owner {
            Owner::Guest(_) => Some(self.key().guest()),
            Owner::Account(account) => Some(account.user.clone()),
            Owner::Deleted(_) => None,
        }
    }

    /// The WeChat user who holds the phone of this session.
    pub fn holder(&self, id: SessionId) -> Option<&StoredIdentity> {
        match &self.owner {
            Owner::Guest(identity) => Some(identity),
            Owner::Account(account) => account.holder(id),
            Owner::Deleted(_) => None,
        }
    }

    /// Replaces what is kept of who a guest is: WeChat may start to tell the unionid on some later day.
    pub fn learn(&mut self, told: StoredIdentity) {
        if let Owner::Guest(identity) = &mut self.owner {
            *identity = told;
        }
    }

    /// Seals what is still readable of who WeChat users are.
    ///
    /// # Errors
    /// As `seal`.
    pub fn seal<E>(
        &mut self,
        seal: impl Fn(&Identity) -> Result<StoredIdentity, E>,
    ) -> Result<(), E> {
        let identities: Vec<_> = match &mut self.owner {
            Owner::Guest(identity) => vec![identity],
            Owner::Account(account) => account.identities().collect(),
            Owner::Deleted(_) => Vec::new(),
        };
        for stored in identities {
            if let StoredIdentity::Open(identity) = stored {
                *stored = seal(identity)?;
            }
        }
        Ok(())
    }

    /// Starts the session `id` and ends `presented`, the session that it replaces. For a blocked user nothing
    /// changes.
    ///
    /// # Errors
    /// The user is blocked.
    pub fn issue(
        &mut self,
        id: SessionId,
        presented: Option<SessionId>,
        lifetimes: &Lifetimes,
        now: Millis,
    ) -> Result<(), Blocked> {
        if self.is_blocked(now) {
            return Err(Blocked);
        }
        self.forget_dead(lifetimes, now);
        // Unlike in `end`, the user stays signed in, and so the session_keys are kept.
        self.live.retain(|live| Some(live.id) != presented);
        while self.live.len() >= LIVE_SESSIONS {
            let live = self.live.iter();
            let last = live.min_by_key(|live| (!live.is_unused(lifetimes), live.used));
            let last = last.map(|live| live.id);
            self.end_as(Ending::Replaced, |live| Some(live.id) == last);
        }
        let deadline = now.saturating_add(lifetimes.absolute_millis());
        self.live.push(Live {
            id,
            deadline,
            used: now,
        });
        Ok(())
    }

    /// Whether an administrator has blocked the user.
    pub fn is_blocked(&self, now: Millis) -> bool {
        now < self.blocked_until
    }

    /// Keeps the session_key of a guest's sign-in and the one received before it. `is_needless` tells which kept keys are
    /// worth no place: the same key, or one that can no longer be opened.
    pub fn receive(&mut self, session_key: Sealed, is_needless: impl Fn(&Sealed) -> bool) {
        receive(&mut self.session_keys, session_key, is_needless);
    }

    /// The session_keys that this session's data may be encrypted with, the last received first: those of the WeChat
    /// user who holds its phone.
    pub fn session_keys(&self, id: SessionId) -> &[Sealed] {
        match &self.owner {
            Owner::Guest(_) => &self.session_keys,
            Owner::Account(account) => account.session_keys(id),
            Owner::Deleted(_) => &[],
        }
    }

    /// Verifies that the session is alive, and tells how long it has left.
    ///
    /// # Errors
    /// The session has ended, and how.
    pub fn verify(
        &self,
        id: SessionId,
        lifetimes: &Lifetimes,
        now: Millis,
    ) -> Result<Standing, Refusal> {
        if let Some(live) = self.live.iter().find(|live| live.id == id) {
            if now >= live.ends(lifetimes) {
                return Err(Refusal::Expired);
            }
            let unused = now.saturating_sub(live.used);
            return Ok(Standing {
                remaining: live.remaining(lifetimes, now),
                touch_due: live.is_unused(lifetimes)
                    || live.is_ahead(lifetimes, now)
                    || unused.saturating_mul(TOUCH_AFTER) >= lifetimes.idle_millis(),
            });
        }
        match self
            .ended
            .iter()
            .find(|ended| ended.id == id && now < ended.deadline)
        {
            Some(Ended {
                how: Ending::Replaced,
                ..
            }) => Err(Refusal::Replaced),
            Some(Ended {
                how: Ending::Revoked,
                ..
            }) => Err(Refusal::Revoked),
            None => Err(Refusal::Expired),
        }
    }

    /// Moves the idle deadline of a live session. An ended session stays ended.
    pub fn touch(&mut self, id: SessionId, lifetimes: &Lifetimes, now: Millis) {
        if let Some(live) = self.live.iter_mut().find(|live| live.id == id)
            && now < live.ends(lifetimes)
        {
            live.put_right(lifetimes, now);
            live.used = live.used.max(now);
            // In the very millisecond of its sign-in.
            live.used += u64::from(live.is_unused(lifetimes));
        }
    }

    /// Ends one session on its own user's behalf.
    pub fn end(&mut self, id: SessionId) {
        let follows = self.account_mut().and_then(|account| account.release(id));
        self.live
            .retain(|live| live.id != id && Some(live.id) != follows);
        self.forget_keys_of_nobody();
    }

    /// Ends every session; those that were alive are revoked, and none can be renewed.
    pub fn end_all(&mut self, lifetimes: &Lifetimes, now: Millis) {
        self.forget_dead(lifetimes, now);
        self.end_as(Ending::Revoked, |_| true);
        self.release_all_but(|_| false);
    }

    /// Ends every session but one; those that were alive are revoked, and none but that one can be renewed.
    pub fn end_others(&mut self, kept: SessionId, lifetimes: &Lifetimes, now: Millis) {
        self.forget_dead(lifetimes, now);
        self.end_as(Ending::Revoked, |live| live.id != kept);
        self.release_all_but(|id| id == kept);
    }

    /// Ends every session and lets no new one start for `span`. A span of zero lifts a block.
    pub fn block(&mut self, span: Millis, lifetimes: &Lifetimes, now: Millis) {
        self.end_all(lifetimes, now);
        self.blocked_until = now.saturating_add(span);
    }

    /// The live sessions, in the order of their sign-ins.
    pub fn list(&self, lifetimes: &Lifetimes, now: Millis) -> Vec<Listed> {
        let live = self.live.iter().filter(|live| now < live.ends(lifetimes));
        live.map(|live| Listed {
            id: live.id,
            remaining: live.remaining(lifetimes, now),
            unused: now.saturating_sub(live.used),
        })
        .collect()
    }

    /// How long the value is worth keeping from `now` on, or `None` if it is not.
    pub fn worth_keeping(&self, lifetimes: &Lifetimes, now: Millis) -> Option<Millis> {
        let account = match self.account() {
            None => 0,
            Some(account) => match account.worth_keeping(lifetimes) {
                None => return Some(FOR_EVER),
                Some(until) => until,
            },
        };
        let live = self.live.iter().map(|live| live.ends(lifetimes));
        let ended = self.ended.iter().map(|ended| ended.deadline);
        live.chain(ended)
            .chain([self.blocked_until, account])
            .max()?
            .checked_sub(now)
            .filter(|left| *left > 0)
    }

    /// The stored form: a version byte, then the fields.
    pub fn encode(&self) -> Vec<u8> {
        let Self {
            owner,
            live,
            ended,
            session_keys,
            blocked_until,
        } = self;
        let fields = (live, ended, session_keys, blocked_until);
        let encoded = match owner {
            Owner::Guest(StoredIdentity::Open(identity)) => {
                postcard::to_extend(&(identity, fields), vec![OPEN_GUEST])
            }
            Owner::Guest(StoredIdentity::Sealed(_, sealed)) => {
                postcard::to_extend(&(sealed, fields), vec![GUEST])
            }
            Owner::Account(account) => postcard::to_extend(&(account, fields), vec![ACCOUNT]),
            Owner::Deleted(key) => postcard::to_extend(&(key, fields), vec![DELETED]),
        };
        // Writing to a growing vector cannot fail, and an empty value would not be readable.
        encoded.unwrap_or_default()
    }

    /// The user in the value that is stored under this key, or `None` if it is damaged or of another version.
    pub fn decode(key: UserKey, value: &[u8]) -> Option<Self> {
        let (version, mut fields) = value.split_first()?;
        let owner = match *version {
            // Taken whole, for a vector would be read byte by byte.
            GUEST => Owner::Guest(StoredIdentity::Sealed(
                key,
                take::<&[u8]>(&mut fields)?.into(),
            )),
            ACCOUNT => Owner::Account(take(&mut fields)?),
            DELETED => Owner::Deleted(take(&mut fields)?),
            OPEN_GUEST => Owner::Guest(StoredIdentity::Open(take(&mut fields)?)),
            OPEN_ACCOUNT => Owner::Account(take::<Account<Identity>>(&mut fields)?.into()),
            _ => return None,
        };
        let (live, ended, session_keys, blocked_until) = take(&mut fields)?;
        fields.is_empty().then_some(Self {
            owner,
            live,
            ended,
            session_keys,
            blocked_until,
        })
    }

    fn end_as(&mut self, how: Ending, which: impl Fn(&Live) -> bool) {
        let ending: Vec<_> = self.live.extract_if(.., |live| which(live)).collect();
        for live in ending {
            if let Some(account) = self.account_mut() {
                account.release(live.id);
            }
            self.ended.push(Ended {
                id: live.id,
                how,
                deadline: live.deadline,
            });
        }
        let surplus = self.ended.len().saturating_sub(ENDED_SESSIONS);
        self.ended.drain(..surplus);
        self.forget_keys_of_nobody();
    }

    fn forget_dead(&mut self, lifetimes: &Lifetimes, now: Millis) {
        let dead: Vec<_> = self
            .live
            .extract_if(.., |live| now >= live.ends(lifetimes))
            .collect();
        self.ended.retain(|ended| now < ended.deadline);
        for live in &mut self.live {
            live.put_right(lifetimes, now);
        }
        let live = self.live_ids();
        if let Some(account) = self.account_mut() {
            for dead in dead {
                account.died(dead.id, dead.used);
            }
            account.forget_dead(&live, lifetimes, now);
        }
        self.forget_keys_of_nobody();
    }

    fn forget_keys_of_nobody(&mut self) {
        let live = self.live_ids();
        if live.is_empty() {
            self.session_keys.clear();
        }
        if let Some(account) = self.account_mut() {
            account.forget_phones(&live);
        }
    }

    fn live_ids(&self) -> Vec<SessionId> {
        self.live.iter().map(|live| live.id).collect()
    }
}

/// Takes the next fields of a stored value.
fn take<'a, T: Deserialize<'a>>(fields: &mut &'a [u8]) -> Option<T> {
    let (taken, rest) = postcard::take_from_bytes(fields).ok()?;
    *fields = rest;
    Some(taken)
}

/// Puts a session_key first among these, and keeps as many as may be kept.
fn receive(keys: &mut Vec<Sealed>, received: Sealed, is_needless: impl Fn(&Sealed) -> bool) {
    keys.retain(|kept| !is_needless(kept));
    keys.insert(0, received);
    keys.truncate(SESSION_KEYS);
}

#[cfg(test)]
mod tests;
