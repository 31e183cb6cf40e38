//! A user's whole state, and every rule about sessions: issue, verify, touch, end, block, list.
//!
//! Nothing here waits, reads a clock or stores anything. A caller reads the value, applies a rule and swaps the
//! value; if another caller was faster, it reads and applies the rule again. So whatever holds when these
//! functions run one after another holds for the service, and no ended session can come back.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::identity::{Identity, UserKey};
use crate::seal::Sealed;

/// A time of the store's clock, or a span, in milliseconds.
pub type Millis = u64;

/// How many sessions a user can have at once. One more sign-in ends the least recently used.
pub const LIVE_SESSIONS: usize = 8;

/// How many ended sessions are remembered, with how they ended. Beyond that the oldest is forgotten and counts as
/// expired, so that endless sign-ins cannot grow the value endlessly.
const ENDED_SESSIONS: usize = 64;

/// How many of a user's session_keys are kept: when two sign-ins overtake each other, either key may be the one
/// that the phone has.
const SESSION_KEYS: usize = 2;

/// The idle deadline moves (a write) only once a tenth of the idle timeout has passed since it last moved.
const TOUCH_AFTER: u64 = 10;

/// The first byte of a stored value. A value of another version is unreadable, never misread.
const VERSION: u8 = 2;

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
}

impl Default for Lifetimes {
    /// Two hours without use, seven days in all.
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(7200),
            absolute: Duration::from_secs(604_800),
        }
    }
}

impl Lifetimes {
    fn idle_millis(&self) -> Millis {
        self.idle.as_millis() as Millis
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
    /// Whether enough of the idle timeout has passed that the idle deadline should move.
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

/// Everything that the store holds about one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    identity: Identity,
    live: Vec<Live>,
    ended: Vec<Ended>,
    /// The last received first. They go with the last live session.
    session_keys: Vec<Sealed>,
    /// When the block is over; 0 if there never was one.
    blocked_until: Millis,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Live {
    id: SessionId,
    /// The absolute deadline.
    deadline: Millis,
    used: Millis,
}

impl Live {
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
    /// A user without a session.
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            live: Vec::new(),
            ended: Vec::new(),
            session_keys: Vec::new(),
            blocked_until: 0,
        }
    }

    /// Who the user is to WeChat.
    pub fn into_identity(self) -> Identity {
        self.identity
    }

    /// The key of the user's value.
    pub fn key(&self) -> UserKey {
        UserKey::new(&self.identity.appid, &self.identity.openid)
    }

    /// The user's mini program.
    pub fn appid(&self) -> &str {
        &self.identity.appid
    }

    /// Learns the unionid, which WeChat may start to tell on some later day.
    pub fn learn(&mut self, identity: &Identity) {
        if identity.unionid.is_some() {
            self.identity.unionid.clone_from(&identity.unionid);
        }
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
        if now < self.blocked_until {
            return Err(Blocked);
        }
        self.forget_dead(lifetimes, now);
        // Unlike in `end`, the user stays signed in, and so the session_keys are kept.
        self.live.retain(|live| Some(live.id) != presented);
        while self.live.len() >= LIVE_SESSIONS {
            let oldest = self
                .live
                .iter()
                .min_by_key(|live| live.used)
                .map(|live| live.id);
            self.end_as(Ending::Replaced, |live| Some(live.id) == oldest);
        }
        let deadline = now.saturating_add(lifetimes.absolute.as_millis() as Millis);
        self.live.push(Live {
            id,
            deadline,
            used: now,
        });
        Ok(())
    }

    /// Keeps the session_key of a sign-in and the one received before it. `is_needless` tells which kept keys are
    /// worth no place: the same key, or one that can no longer be opened.
    pub fn receive(&mut self, session_key: Sealed, is_needless: impl Fn(&Sealed) -> bool) {
        self.session_keys.retain(|kept| !is_needless(kept));
        self.session_keys.insert(0, session_key);
        self.session_keys.truncate(SESSION_KEYS);
    }

    /// The session_keys that this user's data may be encrypted with, the last received first.
    pub fn session_keys(&self) -> &[Sealed] {
        &self.session_keys
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
                remaining: live.deadline - now,
                touch_due: unused.saturating_mul(TOUCH_AFTER) >= lifetimes.idle_millis(),
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
            live.used = live.used.max(now);
        }
    }

    /// Ends one session on its own user's behalf.
    pub fn end(&mut self, id: SessionId) {
        self.live.retain(|live| live.id != id);
        self.forget_keys_of_nobody();
    }

    /// Ends every session; those that were alive are revoked.
    pub fn end_all(&mut self, lifetimes: &Lifetimes, now: Millis) {
        self.forget_dead(lifetimes, now);
        self.end_as(Ending::Revoked, |_| true);
    }

    /// Ends every session but one; those that were alive are revoked.
    pub fn end_others(&mut self, kept: SessionId, lifetimes: &Lifetimes, now: Millis) {
        self.forget_dead(lifetimes, now);
        self.end_as(Ending::Revoked, |live| live.id != kept);
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
            remaining: live.deadline - now,
            unused: now.saturating_sub(live.used),
        })
        .collect()
    }

    /// How long the value is worth keeping from `now` on, or `None` if it is not.
    pub fn worth_keeping(&self, lifetimes: &Lifetimes, now: Millis) -> Option<Millis> {
        let live = self.live.iter().map(|live| live.ends(lifetimes));
        let ended = self.ended.iter().map(|ended| ended.deadline);
        live.chain(ended)
            .chain([self.blocked_until])
            .max()?
            .checked_sub(now)
            .filter(|left| *left > 0)
    }

    /// The stored form: a version byte, then the fields.
    pub fn encode(&self) -> Vec<u8> {
        // Writing to a growing vector cannot fail, and an empty value would not be readable.
        postcard::to_extend(self, vec![VERSION]).unwrap_or_default()
    }

    /// The user in a stored value, or `None` if it is damaged or of another version.
    pub fn decode(value: &[u8]) -> Option<Self> {
        let (version, fields) = value.split_first()?;
        if *version != VERSION {
            return None;
        }
        let (user, rest) = postcard::take_from_bytes(fields).ok()?;
        rest.is_empty().then_some(user)
    }

    fn end_as(&mut self, how: Ending, which: impl Fn(&Live) -> bool) {
        for live in self.live.extract_if(.., |live| which(live)) {
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
        self.live.retain(|live| now < live.ends(lifetimes));
        self.ended.retain(|ended| now < ended.deadline);
        self.forget_keys_of_nobody();
    }

    fn forget_keys_of_nobody(&mut self) {
        if self.live.is_empty() {
            self.session_keys.clear();
        }
    }
}

#[cfg(test)]
mod tests;
