//! What a user with an account has besides sessions: under what each was granted, who holds the phones, and an
//! attachment of the accounts' keeper.
//!
//! A session that nobody has used for a while is as dead as a guest's, but its *grant* stays: a sign-in that presents it
//! on the phone that it was granted to renews it, until the user's proof is too old. Ending a session on purpose, be it by
//! its user, from another device, by an administrator or with a block, takes its grant away.

use serde::{Deserialize, Serialize};

use super::{
    APART, Blocked, Ending, LIVE_SESSIONS, Lifetimes, Millis, Owner, SessionId, User, receive,
};
use crate::identity::{Identity, StoredIdentity, UserKey};
use crate::seal::Sealed;

/// How many sessions of a user are alive or can be renewed. Beyond that a dead one with the oldest proof is forgotten.
const GRANTS: usize = LIVE_SESSIONS;

/// How many names of a session, before it was renewed, still lead to its grant.
const EARLIER: usize = 4;

/// How long it is remembered, in milliseconds, that sign-ins which had begun came too late: longer than any takes.
const CLOSED_FOR: Millis = 60_000;

/// Names the way in by which a session was proven: an identity of the account. Zero if nobody says.
pub type Way = [u8; 8];

/// What belongs to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account<I = StoredIdentity> {
    /// As backends know the user.
    pub(super) user: String,
    /// What keeps the value for ever. Only the accounts' keeper can read it.
    attachment: Option<Vec<u8>>,
    phones: Vec<Phone<I>>,
    grants: Vec<Grant>,
    /// Sign-ins that began until then came too late.
    closed_until: Millis,
}

/// A WeChat user who holds a phone on which the account is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Phone<I> {
    identity: I,
    /// The last received first.
    keys: Vec<Sealed>,
}

/// Under what a session was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Grant {
    session: SessionId,
    /// What the session was called before it was renewed, the name presented last first. An answer with a new name may
    /// have been lost, and the phone then comes back with an old one.
    earlier: Vec<SessionId>,
    phone: [u8; 16],
    by: Way,
    proved: Millis,
    /// When the session was last used, once it is dead.
    used: Millis,
}

/// When and by which way in the user of a session has shown who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The way in.
    pub by: Way,
    /// The moment, by the store's clock.
    pub proved: Millis,
}

impl Proof {
    /// Whether it is no older than this span, in milliseconds. One from the future is none: a clock was wrong.
    pub fn is_recent(&self, span: Millis, now: Millis) -> bool {
        self.proved <= now.saturating_add(APART) && now.saturating_sub(self.proved) <= span
    }
}

/// A phone on which the account is signed in, or can be without its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// The session's name in the store, with which nobody can sign in.
    pub id: SessionId,
    /// When and how the user signed in on it.
    pub proof: Proof,
    /// When it was last used, to within a tenth of the idle timeout.
    pub used: Millis,
}

impl User {
    /// A user with an account who has no session.
    pub fn with_account(user: &str) -> Self {
        Self::of(Owner::Account(Account::new(user)))
    }

    /// Whether the user is a WeChat user of the program and nothing else.
    pub fn is_guest(&self) -> bool {
        matches!(self.owner, Owner::Guest(_))
    }

    /// What the keeper of the accounts has attached to this one.
    pub fn attachment(&self) -> Option<&[u8]> {
        self.account()?.attachment.as_deref()
    }

    /// Attaches something to an account, which keeps its value for ever. Nothing is attached to a guest.
    pub fn attach(&mut self, attachment: Vec<u8>) {
        if let Some(account) = self.account_mut() {
            account.attachment = Some(attachment);
        }
    }

    /// Makes the value of a deleted account that of an account again. Sessions that were revoked stay so.
    pub fn found(&mut self, user: &str) {
        if self.is_deleted() {
            self.owner = Owner::Account(Account::new(user));
        }
    }

    /// Deletes an account: revokes every session, and keeps nothing that names anybody.
    pub fn delete(&mut self, lifetimes: &Lifetimes, now: Millis) {
        self.end_all(lifetimes, now);
        self.owner = Owner::Deleted(self.key().0);
    }

    /// Whether the account was deleted.
    pub fn is_deleted(&self) -> bool {
        matches!(self.owner, Owner::Deleted(_))
    }

    /// Whether the session may follow itself under a new name on the phone of this WeChat user, alive or not.
    pub fn is_renewable(
        &self,
        id: SessionId,
        holder: UserKey,
        lifetimes: &Lifetimes,
        now: Millis,
    ) -> bool {
        let grant = self.account().and_then(|account| account.grant(id));
        grant.is_some_and(|grant| grant.phone == holder.0 && grant.is_good(lifetimes, now))
    }

    /// The proof of a session.
    pub fn proof(&self, id: SessionId) -> Option<Proof> {
        Some(self.account()?.grant(id)?.proof())
    }

    /// Starts a session of an account on the phone of this WeChat user and ends `presented`, as [`User::issue`] does.
    ///
    /// # Errors
    /// The user is blocked.
    pub fn grant(
        &mut self,
        id: SessionId,
        presented: Option<SessionId>,
        holder: StoredIdentity,
        proof: Proof,
        lifetimes: &Lifetimes,
        now: Millis,
    ) -> Result<(), Blocked> {
        let before = presented.and_then(|presented| self.account()?.grant(presented).cloned());
        let replaced = before.as_ref().map(|before| before.session);
        self.issue(id, replaced, lifetimes, now)?;
        let phone = holder.key().0;
        let live = self.live_ids();
        if let Some(account) = self.account_mut() {
            account
                .grants
                .retain(|grant| Some(grant.session) != replaced);
            // Another WeChat user must not come back with what this one presented.
            let before = before.filter(|before| before.phone == phone);
            account.meet(holder);
            account.grants.push(Grant {
                session: id,
                earlier: before
                    .zip(presented)
                    .map(|(before, presented)| before.names(presented))
                    .unwrap_or_default(),
                phone,
                by: proof.by,
                proved: proof.proved,
                used: now,
            });
            account.make_room(&live);
            account.forget_phones(&live);
        }
        Ok(())
    }

    /// Keeps the session_key that came with the sign-in of this session, beside those of the same WeChat user.
    pub fn receive_for(
        &mut self,
        id: SessionId,
        session_key: Sealed,
        is_needless: impl Fn(&Sealed) -> bool,
    ) {
        if let Some(account) = self.account_mut()
            && let Some(phone) = account.grant(id).map(|grant| grant.phone)
            && let Some(phone) = account.phones.iter_mut().find(|other| other.key() == phone)
        {
            receive(&mut phone.keys, session_key, is_needless);
        }
    }

    /// What is kept of this WeChat user, if the account is signed in on a phone of theirs, or can be silently.
    pub fn known(&self, wechat: UserKey) -> Option<&StoredIdentity> {
        match &self.owner {
            Owner::Guest(identity) => Some(identity).filter(|identity| identity.key() == wechat),
            Owner::Account(account) => {
                let mut phones = account.phones.iter().map(|phone| &phone.identity);
                phones.find(|identity| identity.key() == wechat)
            }
            Owner::Deleted(_) => None,
        }
    }

    /// The phones on which the account is signed in or can be silently, in the order of the last sign-ins.
    pub fn devices(&self, lifetimes: &Lifetimes, now: Millis) -> Vec<Device> {
        let grants = self.account().map_or(&[][..], |account| &account.grants);
        let device = |grant: &Grant| {
            let live = self.live.iter().find(|live| live.id == grant.session);
            let is_alive = live.is_some_and(|live| now < live.ends(lifetimes));
            (is_alive || grant.is_good(lifetimes, now)).then(|| Device {
                id: grant.session,
                proof: grant.proof(),
                used: live.map_or(grant.used, |live| live.used),
            })
        };
        grants.iter().filter_map(device).collect()
    }

    /// Revokes these sessions of an account, whether they are alive or can be renewed.
    pub fn revoke(
        &mut self,
        lifetimes: &Lifetimes,
        now: Millis,
        which: impl Fn(SessionId, Proof) -> bool,
    ) {
        self.forget_dead(lifetimes, now);
        let grants = self.account().map_or(&[][..], |account| &account.grants);
        let chosen = grants
            .iter()
            .filter(|grant| which(grant.session, grant.proof()));
        let chosen: Vec<_> = chosen.map(|grant| grant.session).collect();
        self.end_as(Ending::Revoked, |live| chosen.contains(&live.id));
        self.release_all_but(|id| !chosen.contains(&id));
    }

    /// Revokes this session, whether it is alive or can be renewed.
    pub fn revoke_one(&mut self, id: SessionId, lifetimes: &Lifetimes, now: Millis) {
        self.forget_dead(lifetimes, now);
        self.end_as(Ending::Revoked, |live| live.id == id);
        self.release_all_but(|other| other != id);
    }

    /// Lets no sign-in that has begun by now come to an end: it may rest on what the accounts said before they changed.
    pub fn close(&mut self, now: Millis) {
        if let Some(account) = self.account_mut() {
            account.closed_until = now;
        }
    }

    /// Whether a sign-in that began at this time came too late.
    pub fn is_closed_to(&self, began: Millis) -> bool {
        let closed = self.account().map_or(0, |account| account.closed_until);
        // None takes longer, so a clock that was wrong closed it.
        began <= closed && closed - began <= CLOSED_FOR
    }

    pub(super) fn release_all_but(&mut self, kept: impl Fn(SessionId) -> bool) {
        let live = self.live_ids();
        if let Some(account) = self.account_mut() {
            account.grants.retain(|grant| kept(grant.session));
            account.forget_phones(&live);
        }
    }

    pub(super) fn account(&self) -> Option<&Account> {
        match &self.owner {
            Owner::Account(account) => Some(account),
            Owner::Guest(_) | Owner::Deleted(_) => None,
        }
    }

    pub(super) fn account_mut(&mut self) -> Option<&mut Account> {
        match &mut self.owner {
            Owner::Account(account) => Some(account),
            Owner::Guest(_) | Owner::Deleted(_) => None,
        }
    }
}

impl Account {
    fn new(user: &str) -> Self {
        Self {
            user: user.to_owned(),
            attachment: None,
            phones: Vec::new(),
            grants: Vec::new(),
            closed_until: 0,
        }
    }

    pub(super) fn identities(&mut self) -> impl Iterator<Item = &mut StoredIdentity> {
        self.phones.iter_mut().map(|phone| &mut phone.identity)
    }

    pub(super) fn holder(&self, id: SessionId) -> Option<&StoredIdentity> {
        self.phone(id).map(|phone| &phone.identity)
    }

    pub(super) fn session_keys(&self, id: SessionId) -> &[Sealed] {
        self.phone(id).map_or(&[], |phone| &phone.keys)
    }

    /// Until when the value is worth keeping for the sake of the account. `None`: for ever.
    pub(super) fn worth_keeping(&self, lifetimes: &Lifetimes) -> Option<Millis> {
        let grants = self.grants.iter().map(|grant| grant.ends(lifetimes));
        let closed = match self.closed_until {
            0 => 0,
            closed => closed.saturating_add(CLOSED_FOR),
        };
        let until = grants.fold(closed, Millis::max);
        self.attachment.is_none().then_some(until)
    }

    /// Takes the grant of a session away. Returns what the session is called now.
    pub(super) fn release(&mut self, id: SessionId) -> Option<SessionId> {
        self.take(id).map(|grant| grant.session)
    }

    /// Notes when a session that is dead was last used.
    pub(super) fn died(&mut self, id: SessionId, used: Millis) {
        if let Some(grant) = self.grants.iter_mut().find(|grant| grant.session == id) {
            grant.used = used;
        }
    }

    /// Drops grants that are of no use any longer.
    pub(super) fn forget_dead(&mut self, live: &[SessionId], lifetimes: &Lifetimes, now: Millis) {
        self.grants
            .retain(|grant| live.contains(&grant.session) || grant.is_good(lifetimes, now));
    }

    /// Drops phones that have no session to come back with, and the keys of those without a live one.
    pub(super) fn forget_phones(&mut self, live: &[SessionId]) {
        let grants = &self.grants;
        self.phones.retain_mut(|phone| {
            let key = phone.key();
            let mut of_phone = grants.iter().filter(|grant| grant.phone == key);
            if !of_phone.clone().any(|grant| live.contains(&grant.session)) {
                phone.keys.clear();
            }
            of_phone.next().is_some()
        });
    }

    fn make_room(&mut self, live: &[SessionId]) {
        while self.grants.len() > GRANTS {
            let dead = self.grants.iter().enumerate();
            let dead = dead.filter(|(_, grant)| !live.contains(&grant.session));
            let Some((oldest, _)) = dead.min_by_key(|(_, grant)| grant.proved) else {
                return;
            };
            self.grants.remove(oldest);
        }
    }

    fn meet(&mut self, holder: StoredIdentity) {
        let key = holder.key();
        match self.phones.iter_mut().find(|phone| phone.key() == key.0) {
            Some(phone) => phone.identity = holder,
            None => self.phones.push(Phone {
                identity: holder,
                keys: Vec::new(),
            }),
        }
    }

    fn phone(&self, id: SessionId) -> Option<&Phone<StoredIdentity>> {
        let phone = self.grant(id)?.phone;
        self.phones.iter().find(|other| other.key() == phone)
    }

    fn grant(&self, id: SessionId) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.is_of(id))
    }

    fn take(&mut self, id: SessionId) -> Option<Grant> {
        let index = self.grants.iter().position(|grant| grant.is_of(id))?;
        Some(self.grants.remove(index))
    }
}

impl From<Account<Identity>> for Account {
    fn from(account: Account<Identity>) -> Self {
        let Account {
            user,
            attachment,
            phones,
            grants,
            closed_until,
        } = account;
        let phones = phones.into_iter().map(|phone| Phone {
            identity: phone.identity.into(),
            keys: phone.keys,
        });
        Self {
            user,
            attachment,
            phones: phones.collect(),
            grants,
            closed_until,
        }
    }
}

impl Grant {
    fn is_of(&self, id: SessionId) -> bool {
        self.session == id || self.earlier.contains(&id)
    }

    /// The names to remember once the session that the phone presents has a new name. The presented one stays, however
    /// often it comes: the phone may have no other.
    fn names(self, presented: SessionId) -> Vec<SessionId> {
        let others = std::iter::once(self.session).chain(self.earlier);
        let others = others.filter(|name| *name != presented);
        std::iter::once(presented)
            .chain(others)
            .take(EARLIER)
            .collect()
    }

    fn ends(&self, lifetimes: &Lifetimes) -> Millis {
        let span = lifetimes.renewable.as_millis() as Millis;
        self.proved.saturating_add(span)
    }

    /// Whether it renews its session. A proof from the future is none: a clock was wrong.
    fn is_good(&self, lifetimes: &Lifetimes, now: Millis) -> bool {
        self.proved <= now.saturating_add(APART) && now < self.ends(lifetimes)
    }

    fn proof(&self) -> Proof {
        Proof {
            by: self.by,
            proved: self.proved,
        }
    }
}

impl Phone<StoredIdentity> {
    fn key(&self) -> [u8; 16] {
        self.identity.key().0
    }
}
