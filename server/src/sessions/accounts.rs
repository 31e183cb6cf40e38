//! Sessions of users who have an account.

use std::time::Duration;

use super::{Issued, Sessions, SessionsError, decode};
use crate::accounts::Entry;
use crate::identity::{Identity, UserKey};
use crate::session_key::SessionKey;
use crate::store::StoreError;
use crate::token::{Token, Version};
use crate::user::{Lifetimes, Millis, Proof, User};

/// Whose session a sign-in presents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A guest's.
    Guest(String),
    /// An account's.
    Account {
        /// The user.
        user: String,
        /// Whether the WeChat user who holds the phone may renew it without a word.
        renewable: bool,
    },
    /// Of a user under this key, of whom nothing is known any longer: an account, or another guest.
    Forgotten(UserKey),
}

/// When the user of a new session has shown who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Now.
    Now,
    /// In the session that the new one renews.
    Before,
}

/// What the accounts' keeper wants in place of what is attached.
pub enum Change {
    /// This, for this user.
    Attach {
        /// The user, as backends know them.
        user: String,
        /// What is attached.
        attachment: Vec<u8>,
    },
    /// No account: its sessions are revoked.
    Delete,
}

/// How far the clocks of two servers on one Redis may be apart: each knows the store's to within half a call's deadline.
/// While one of them makes up for a step of Redis's clock they may be further apart, for minutes.
const CLOCKS_APART: Millis = 100;

impl Sessions {
    /// Whose session this is, alive or not, as presented on the phone of this WeChat user.
    pub async fn owner(&self, presented: Token, holder: UserKey) -> Result<Owner, SessionsError> {
        let key = presented.user();
        let user = decode(key, self.0.store.get(key).await?.as_deref())?;
        let known = user.and_then(|user| Some((user.name()?, user)));
        Ok(match known {
            Some((name, user)) if user.is_guest() => Owner::Guest(name),
            Some((name, user)) => {
                let (id, now) = (presented.session(), self.0.store.now());
                Owner::Account {
                    user: name,
                    renewable: user.is_renewable(id, holder, &self.0.lifetimes, now),
                }
            }
            None if key == holder => Owner::Guest(key.guest()),
            None => Owner::Forgotten(key),
        })
    }

    /// Starts a session of a user with an account on the phone of this WeChat user. `began` is when the accounts were
    /// asked, by the store's clock.
    ///
    /// # Errors
    /// As [`issue`](Self::issue); and the way into the account was closed meanwhile.
    pub async fn enter(
        &self,
        entry: &Entry,
        shown: Shown,
        began: Millis,
        (holder, session_key): (&Identity, &SessionKey),
        presented: Option<Token>,
        version: Version,
    ) -> Result<Issued, SessionsError> {
        let key = UserKey::of_account(&entry.user);
        let token = self.0.mint.issue(key, version)?;
        let sealed = self.0.seals.seal(key, session_key)?;
        let same_user = presented.filter(|presented| presented.user() == key);
        let replaced = same_user.map(|presented| presented.session());
        let issued = self.update(key, |user, now| {
            let mut user = admitted(entry, user)?;
            if user.is_closed_to(began) {
                return Err(SessionsError::Closed);
            }
            let proof = match shown {
                Shown::Now => Proof {
                    by: entry.by,
                    proved: now,
                },
                // Refused if the session was ended after the accounts were asked.
                Shown::Before => replaced
                    .filter(|id| user.is_renewable(*id, holder.key(), &self.0.lifetimes, now))
                    .and_then(|id| user.proof(id))
                    .ok_or(SessionsError::Closed)?,
            };
            let told = self.sealed(key, Some(&user), holder)?;
            user.grant(
                token.session(),
                replaced,
                told,
                proof,
                &self.0.lifetimes,
                now,
            )?;
            user.receive_for(token.session(), sealed.clone(), |kept| {
                let kept = self.0.seals.open(key, kept);
                kept.is_none_or(|kept| kept == *session_key)
            });
            let remaining = user
                .verify(token.session(), &self.0.lifetimes, now)?
                .remaining;
            Ok((Some(user), Issued { token, remaining }))
        });
        let issued = issued.await?;
        self.end_elsewhere(presented, key).await;
        Ok(issued)
    }

    /// What is attached to the account under this key. `None` if there is no account.
    pub async fn attachment(&self, account: UserKey) -> Result<Option<Vec<u8>>, SessionsError> {
        let user = decode(account, self.0.store.get(account).await?.as_deref())?;
        let attachment = user.as_ref().and_then(User::attachment);
        Ok(attachment.map(<[u8]>::to_vec))
    }

    /// Changes what is attached to the account under this key, in one swap: `rule` is given what is there, and says what
    /// shall be, or `None` to leave it. Returns whether there was a change.
    pub async fn attach(
        &self,
        account: UserKey,
        rule: impl Fn(Option<&[u8]>) -> Result<Option<Change>, SessionsError>,
    ) -> Result<bool, SessionsError> {
        self.update(account, |user, now| {
            let change = rule(user.as_ref().and_then(User::attachment))?;
            let is_change = change.is_some();
            let user = match (change, user) {
                (None, user) | (Some(Change::Delete), user @ None) => user,
                (Some(Change::Delete), Some(mut user)) => {
                    user.delete(&self.0.lifetimes, now);
                    Some(user)
                }
                (
                    Some(Change::Attach {
                        user: name,
                        attachment,
                    }),
                    user,
                ) => {
                    let mut user = founded(&name, user);
                    user.attach(attachment);
                    Some(user)
                }
            };
            Ok((user, is_change))
        })
        .await
    }

    /// Changes an account together with its sessions, in one swap, on behalf of this live session.
    pub async fn change<T>(
        &self,
        token: Token,
        rule: impl Fn(&mut User, &Lifetimes, Millis) -> Result<T, SessionsError>,
    ) -> Result<T, SessionsError> {
        self.update(token.user(), |user, now| {
            let id = token.session();
            let (mut user, _) = self.ours(user, token.user(), id)?;
            user.verify(id, &self.0.lifetimes, now)?;
            let outcome = rule(&mut user, &self.0.lifetimes, now)?;
            Ok((Some(user), outcome))
        })
        .await
    }

    /// The user of this live session, with everything that is kept of them, and the WeChat user who holds the phone. One
    /// read.
    pub async fn user(&self, token: Token) -> Result<(User, Identity), SessionsError> {
        let user = decode(
            token.user(),
            self.0.store.get(token.user()).await?.as_deref(),
        )?;
        let id = token.session();
        let (user, holder) = self.ours(user, token.user(), id)?;
        user.verify(id, &self.0.lifetimes, self.0.store.now())?;
        Ok((user, holder.ok_or(StoreError::Unreadable)?))
    }

    /// Ends the sessions of a user, by the name that backends know them by, but for `kept`, and lets no new one start for
    /// `block`. Sign-ins that are under way come to nothing: what they rest on may be what has changed. Returns once those
    /// of other servers cannot either, a tenth of a second later.
    pub async fn end_named(
        &self,
        user: &str,
        kept: Option<Token>,
        block: Option<Duration>,
    ) -> Result<(), SessionsError> {
        // A guest who registers keeps the name, so it may be either's.
        let guest = UserKey::of_guest(user);
        for key in guest.into_iter().chain([UserKey::of_account(user)]) {
            let kept = kept.filter(|kept| kept.user() == key);
            self.update(key, |known, now| {
                let mut known = match known {
                    Some(known) => known,
                    None if Some(key) == guest => return Ok((None, ())),
                    None => User::with_account(user),
                };
                known.close(now.saturating_add(CLOCKS_APART));
                match (block, kept) {
                    (Some(span), _) => {
                        let span = Millis::try_from(span.as_millis()).unwrap_or(Millis::MAX);
                        known.block(span, &self.0.lifetimes, now);
                    }
                    (None, Some(kept)) => known.end_others(kept.session(), &self.0.lifetimes, now),
                    (None, None) => known.end_all(&self.0.lifetimes, now),
                }
                Ok((Some(known), ()))
            })
            .await?;
        }
        // Sign-ins from now on rest on what the accounts say now, by whichever clock they begin.
        tokio::time::sleep(Duration::from_millis(CLOCKS_APART)).await;
        Ok(())
    }

    /// The time of the store's clock, in milliseconds.
    pub fn now(&self) -> Millis {
        self.0.store.now()
    }

    /// The time for phones to sign by, in seconds since 1970. In the second in which the server starts it is the next one.
    pub fn clock(&self) -> u64 {
        self.0.replays.clock(self.now())
    }
}

/// The user whose session may start.
fn admitted(entry: &Entry, user: Option<User>) -> Result<User, SessionsError> {
    let Some(admit) = &entry.admit else {
        return Ok(founded(&entry.user, user));
    };
    let mut user = user.ok_or(SessionsError::Closed)?;
    let attachment = user.attachment().and_then(|attachment| admit(attachment));
    user.attach(attachment.ok_or(SessionsError::Closed)?);
    Ok(user)
}

/// The value of this account, which may have been forgotten or deleted.
fn founded(name: &str, user: Option<User>) -> User {
    let mut user = user.unwrap_or_else(|| User::with_account(name));
    user.found(name);
    user
}
