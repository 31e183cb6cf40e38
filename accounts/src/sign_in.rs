//! What happens at a sign-in: a credential in, a user out.
//!
//! | credential | identity leads to an account | it leads nowhere |
//! |---|---|---|
//! | none, or `wechat` | that account | a guest |
//! | a password | that account if the password is right | wrong, after the same time |
//! | any with `register` | taken, unless the credential proves that the account is theirs | a new account |
//! | any other proof | that account | wrong |
//!
//! *What an attacker can try:*
//! - to learn which names exist: a wrong name, a wrong password and an account without a password are one answer, which
//!   takes one hash and the same reads of the store (`what_is_wrong_makes_no_difference`);
//! - to register somebody's address or number before its owner does, and wait: an identity that came with a password is
//!   not proven, and whoever proves it takes it over (`an_address_belongs_to_who_proves_it`);
//! - to escape a block by registering: a blocked guest stays one (`a_blocked_guest_cannot_register`);
//! - to be seen as an account that has let go of this WeChat user: a guest never gets the user id of a live account
//!   (`a_guest_is_never_taken_for_the_account_that_they_left`).

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wxsession_server::Identity;
use wxsession_server::identity::UserKey;
use wxsession_server::random::{self, NoRandomness};
use wxsession_server::store::StoreError;

use crate::account::Account;
use crate::directory::{Directory, DirectoryError, Found, GuestState, Member, Newcomer};
use crate::events::{Events, Happening};
use crate::hashing::{Busy, Hasher, PasswordRecord};
use crate::identifier::{Identifier, Kind};
use crate::keys::Keys;
use crate::limits::{Guess, LimitError, Limits, Phone};
use crate::link::Linked;
use crate::password::{Password, Weakness};
use crate::pointer::{Claim, Strength};

/// What owners are shown of a WeChat user. WeChat tells no name.
pub(crate) const WECHAT: &str = "WeChat";
const LINKED: Happening = Happening::Linked {
    identity: Kind::WeChat,
};

/// The WeChat user who holds the phone.
#[derive(Clone, Copy, Debug)]
pub struct Holder {
    /// The key of their value.
    pub key: UserKey,
}

/// What a sign-in asks for besides a session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// A new account.
    pub register: bool,
    /// That this phone's WeChat user becomes an identity of the account.
    pub link: bool,
}

/// Who somebody is.
#[derive(Debug)]
pub enum Verdict {
    /// A user with an account.
    Member(Entry),
    /// A WeChat user without one.
    Guest,
    /// The credentials are wrong.
    Wrong,
    /// An identity is another account's. Nothing has changed.
    Taken,
    /// The WeChat user is blocked.
    Blocked,
    /// The password must not be chosen.
    Weak(Weakness),
}

/// The way into an account: what must still hold in the value that the session is swapped into.
#[derive(Clone)]
pub struct Entry {
    /// The user, as backends know them.
    pub user: String,
    /// The key of the account's value.
    pub key: UserKey,
    /// The identity that the session is made by.
    pub claim: Claim,
    /// The hash that the password was verified against.
    password: Option<PasswordRecord>,
    /// The WeChat user who signs in.
    by: Holder,
}

impl Entry {
    /// Whether the way in is still open: the identity is listed, and the password is the one that was right. If it is,
    /// the account remembers this phone.
    pub fn admit(&self, account: &mut Account) -> bool {
        let password = self.password.as_ref();
        let is_open = account.way(self.claim).is_some()
            && password.is_none_or(|record| account.has_password(record));
        if is_open {
            account.meet(self.by.key);
        }
        is_open
    }
}

/// Why nobody can say who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The store fails, or the identity is being linked at this moment.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// There were too many attempts, or they cannot be counted.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// Too many passwords wait to be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The account has as many identities as it can have, or has changed meanwhile.
    #[error("the account refuses one more identity; it may have 16 at most")]
    Refused,
}

impl From<NoRandomness> for SignInError {
    fn from(error: NoRandomness) -> Self {
        Self::Directory(error.into())
    }
}

/// Says who somebody is. Its clones share everything.
#[derive(Clone)]
pub struct Doorkeeper {
    pub(crate) directory: Directory,
    pub(crate) keys: Arc<Keys>,
    pub(crate) hasher: Hasher,
    pub(crate) limits: Limits,
    /// The fewest characters of a new password.
    pub(crate) least: usize,
    pub(crate) events: Events,
}

impl Holder {
    /// The WeChat user whom WeChat has just named.
    pub fn new(wechat: &Identity) -> Self {
        Self { key: wechat.key() }
    }

    /// The user id of this WeChat user as a guest, which they keep when they register.
    pub fn guest_id(self) -> String {
        self.key.guest()
    }

    pub(crate) fn newcomer(self) -> Newcomer {
        Newcomer {
            kind: Kind::WeChat,
            key: self.key,
            strength: Strength::Proven,
            shown: WECHAT.into(),
        }
    }
}

impl Doorkeeper {
    /// Says who a WeChat user is who shows nothing else.
    ///
    /// # Errors
    /// The store fails, or the WeChat user is being linked at this moment.
    pub async fn by_wechat(&self, holder: Holder) -> Result<Verdict, SignInError> {
        match self.directory.find(holder.key).await? {
            Found::Account(member) => Ok(Verdict::Member(entry(*member, None, holder))),
            Found::Guest(_) => Ok(Verdict::Guest),
            Found::Nowhere if self.lives(&holder.guest_id()).await? => {
                // Their first account goes on without them, under the id that they had as a guest.
                self.found(holder, &self.another_id()?, vec![holder.newcomer()], None)
                    .await
            }
            Found::Nowhere if self.directory.clear(holder.key).await? => Ok(Verdict::Guest),
            Found::Nowhere => Err(DirectoryError::InBetween.into()),
        }
    }

    /// Says who somebody is by an identifier and a password.
    ///
    /// # Errors
    /// There were too many attempts, too many passwords wait, or the store fails.
    pub async fn by_password(
        &self,
        holder: Holder,
        identifier: &Identifier,
        password: &Password,
        wishes: Wishes,
    ) -> Result<Verdict, SignInError> {
        let newcomer = self.named(identifier);
        if wishes.register {
            return self
                .register(holder, newcomer, Some((identifier, password)), wishes)
                .await;
        }
        let member = match self.directory.find(newcomer.key).await? {
            Found::Account(member) => Some(*member),
            _ => {
                // As many reads as where there is an account, so that time does not tell.
                self.lives(identifier.normalised()).await?;
                None
            }
        };
        let known = member
            .as_ref()
            .is_some_and(|member| member.account.knows(holder.key));
        let guess = Guess {
            by: holder.key,
            at: member.as_ref().map_or(newcomer.key, |member| member.key),
            from: if known { Phone::Known } else { Phone::Stranger },
        };
        self.limits.guess(guess).await?;
        let record = member
            .as_ref()
            .and_then(|member| member.account.password())
            .cloned();
        let verified = self.hasher.verify(password, record.as_ref()).await;
        if verified != Ok(false) {
            self.limits.forgive(guess).await?;
        }
        match (verified?, member) {
            (true, Some(member)) => self.enter(entry(member, record, holder), wishes).await,
            _ => Ok(Verdict::Wrong),
        }
    }

    /// Says who somebody is who has proven an identity. With `register`, founds an account if it leads nowhere.
    ///
    /// # Errors
    /// The WeChat user registers too often, too many passwords wait, or the store fails.
    pub async fn by_proof(
        &self,
        holder: Holder,
        newcomer: Newcomer,
        wishes: Wishes,
    ) -> Result<Verdict, SignInError> {
        match self.directory.find(newcomer.key).await? {
            Found::Account(member) if member.strength == Strength::Proven => {
                self.enter(entry(*member, None, holder), wishes).await
            }
            _ if wishes.register => self.register(holder, newcomer, None, wishes).await,
            _ => Ok(Verdict::Wrong),
        }
    }

    /// An identifier that nobody has proven yet.
    pub fn named(&self, identifier: &Identifier) -> Newcomer {
        Newcomer {
            kind: identifier.kind(),
            key: self
                .keys
                .identity(identifier.kind(), identifier.normalised()),
            strength: Strength::Named,
            shown: identifier.shown(),
        }
    }

    /// Checks that a password may be chosen by the owner of this account.
    ///
    /// # Errors
    /// It is weak.
    pub fn check(&self, password: &Password, account: &Account) -> Result<(), Weakness> {
        password.check(self.least, |text| {
            let identifier = Identifier::parse(text);
            identifier.is_ok_and(|identifier| {
                let key = self.named(&identifier).key;
                account.ways().iter().any(|way| way.key() == key)
            })
        })
    }

    /// Links this phone's WeChat user first, if that is wished for.
    async fn enter(&self, entry: Entry, wishes: Wishes) -> Result<Verdict, SignInError> {
        if wishes.link {
            let still_open = |account: &Account| entry.admit(&mut account.clone());
            let wechat = [entry.by.newcomer()];
            match self.directory.link(entry.key, &wechat, still_open).await? {
                Linked::Done => self.events.tell(&entry.user, LINKED),
                Linked::Already => {}
                Linked::Taken => return Ok(Verdict::Taken),
                Linked::Refused => return Err(SignInError::Refused),
                Linked::Contended => return Err(contended()),
            }
        }
        Ok(Verdict::Member(entry))
    }

    async fn register(
        &self,
        holder: Holder,
        newcomer: Newcomer,
        chosen: Option<(&Identifier, &Password)>,
        wishes: Wishes,
    ) -> Result<Verdict, SignInError> {
        if let Some((identifier, password)) = chosen {
            let is_identifier =
                |text: &str| Identifier::parse(text).is_ok_and(|text| text == *identifier);
            if let Err(weakness) = password.check(self.least, is_identifier) {
                return Ok(Verdict::Weak(weakness));
            }
        }
        // To be told that a name is taken is a guess at who exists.
        self.limits.probe(holder.key).await?;
        let verdict = match self.limits.register(holder.key).await {
            Ok(()) => {
                let verdict = self
                    .register_counted(holder, newcomer, chosen, wishes)
                    .await;
                let given_back = match verdict {
                    Ok(Verdict::Member(_)) => Ok(()),
                    _ => self.limits.unregister(holder.key).await,
                };
                // The question below is given back even if the registration cannot be.
                given_back.map_err(SignInError::from).and(verdict)
            }
            Err(limited) => Err(limited.into()),
        };
        if !matches!(verdict, Ok(Verdict::Taken)) {
            self.limits.forgive_probe(holder.key).await?;
        }
        verdict
    }

    async fn register_counted(
        &self,
        holder: Holder,
        newcomer: Newcomer,
        chosen: Option<(&Identifier, &Password)>,
        wishes: Wishes,
    ) -> Result<Verdict, SignInError> {
        if let Found::Account(member) = self.directory.find(newcomer.key).await?
            && (member.strength == Strength::Proven || newcomer.strength == Strength::Named)
        {
            return Ok(Verdict::Taken);
        }
        let mut newcomers = vec![newcomer];
        let mut user = self.another_id()?;
        match self.directory.find(holder.key).await? {
            Found::Guest(GuestState::Blocked) => return Ok(Verdict::Blocked),
            Found::Account(_) if wishes.link => return Ok(Verdict::Taken),
            Found::Account(_) => {}
            Found::Guest(GuestState::Free) | Found::Nowhere => {
                newcomers.push(holder.newcomer());
                let guest_id = holder.guest_id();
                if !self.lives(&guest_id).await? {
                    user = guest_id;
                }
            }
        }
        let password = match chosen {
            Some((_, password)) => Some(self.hasher.hash(password).await?),
            None => None,
        };
        self.found(holder, &user, newcomers, password).await
    }

    async fn found(
        &self,
        holder: Holder,
        user: &str,
        newcomers: Vec<Newcomer>,
        password: Option<PasswordRecord>,
    ) -> Result<Verdict, SignInError> {
        let account = |ways| Account::new(user.to_owned(), ways, password.clone());
        match self.directory.found(user, &newcomers, account).await? {
            Linked::Done => self.events.tell(user, Happening::Registered),
            Linked::Contended => return Err(contended()),
            // The same guest is registering on another phone, or the identity is another's.
            Linked::Taken | Linked::Already | Linked::Refused => return Ok(Verdict::Taken),
        }
        match self.directory.find(newcomers[0].key).await? {
            Found::Account(member) => Ok(Verdict::Member(entry(*member, password, holder))),
            // It was deleted at once, from another phone.
            _ => Ok(Verdict::Wrong),
        }
    }

    /// Whether an account with this user id exists.
    async fn lives(&self, user: &str) -> Result<bool, DirectoryError> {
        let account = self
            .directory
            .books()
            .read(UserKey::of_account(user))
            .await?;
        Ok(account.is_some())
    }

    /// A user id that no guest has: its first character is in no other.
    fn another_id(&self) -> Result<String, NoRandomness> {
        let id: [u8; 16] = random::bytes()?;
        Ok(format!("u.{}", URL_SAFE_NO_PAD.encode(id)))
    }
}

fn entry(member: Member, password: Option<PasswordRecord>, by: Holder) -> Entry {
    Entry {
        user: member.account.user().to_owned(),
        key: member.key,
        claim: member.claim,
        password,
        by,
    }
}

fn contended() -> SignInError {
    DirectoryError::from(StoreError::Contended).into()
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Entry(redacted)")
    }
}

impl fmt::Debug for Doorkeeper {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Doorkeeper")
    }
}

#[cfg(test)]
mod tests;
