//! Which account an identity leads to, in the store; and the errands of [`crate::link`].

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use wxsession_server::identity::UserKey;
use wxsession_server::random::{self, NoRandomness};
use wxsession_server::store::{Store, StoreError};
use wxsession_server::user::{Lifetimes, Millis, SessionId, User};

use crate::account::{Account, Way};
use crate::identifier::Kind;
use crate::link::{Ask, Held, Linked, Linking, Wanted};
use crate::pointer::{Claim, FOR_EVER, Listing, Pointer, Strength};

/// How long a guest who is put back stays, unless the next use says better: the longest life of a session by default.
const GUEST_STAYS: Millis = 7 * 24 * 3600 * 1000;

/// What [`Books`] return.
pub type BooksFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, DirectoryError>> + Send + 'a>>;

/// What is done to an account: from what is there, if anything, to what shall be. `None` leaves everything as it is.
pub type Rule<'a> = dyn Fn(Option<Account>) -> Option<Change> + Send + Sync + 'a;

/// What shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// This account.
    Write(Account),
    /// No account.
    Remove,
}

/// Where the accounts themselves are kept, beside their sessions.
pub trait Books: Send + Sync + 'static {
    /// The account under this key.
    fn read(&self, account: UserKey) -> BooksFuture<'_, Option<Account>>;

    /// Changes an account by a rule, in one swap. Returns whether the rule wanted a change.
    fn change<'a>(&'a self, account: UserKey, rule: &'a Rule<'a>) -> BooksFuture<'a, bool>;
}

/// Why an account cannot be found or changed.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness for a claim or a seal.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The identity is being linked at this moment.
    #[error("the identity is being linked at this moment")]
    InBetween,
}

/// Where an identity leads.
#[derive(Debug)]
pub enum Found {
    /// To no account.
    Nowhere,
    /// To no account: it is a guest, in this state.
    Guest(GuestState),
    /// To this account.
    Account(Box<Member>),
}

/// Whether a guest may become somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestState {
    /// They may.
    Free,
    /// An administrator has blocked them.
    Blocked,
}

/// An account, and the identity that led to it.
#[derive(Debug)]
pub struct Member {
    /// The key of the account's value.
    pub key: UserKey,
    /// The account.
    pub account: Account,
    /// The claim of the identity.
    pub claim: Claim,
    /// Whether the identity is proven.
    pub strength: Strength,
}

/// An identity that shall lead to an account.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// What it is.
    pub kind: Kind,
    /// The key of its pointer.
    pub key: UserKey,
    /// Whether it is proven.
    pub strength: Strength,
    /// What its owner is shown of it.
    pub shown: String,
}

/// Finds accounts and links identities to them.
#[derive(Clone)]
pub struct Directory {
    store: Arc<dyn Store>,
    books: Arc<dyn Books>,
}

impl Directory {
    /// Finds in this store and in these books.
    pub fn new(store: Arc<dyn Store>, books: Arc<dyn Books>) -> Self {
        Self { store, books }
    }

    /// Where the accounts themselves are.
    pub fn books(&self) -> &dyn Books {
        &*self.books
    }

    /// Where the identity under this key leads.
    ///
    /// # Errors
    /// The store fails, or the identity is being linked at this moment.
    pub async fn find(&self, key: UserKey) -> Result<Found, DirectoryError> {
        match self.held(key).await? {
            Held::Nothing => Ok(Found::Nowhere),
            Held::Guest(value) => Ok(Found::Guest(self.state_of(key, &value)?)),
            Held::Pointer(pointer) => {
                let account = self.books.read(pointer.account).await?;
                let listing = listing(account.as_ref(), key, pointer.claim);
                match (account, listing) {
                    (Some(account), Listing::Proven | Listing::Unproven) => {
                        let strength = match listing {
                            Listing::Proven => Strength::Proven,
                            _ => Strength::Named,
                        };
                        let (key, claim) = (pointer.account, pointer.claim);
                        Ok(Found::Account(Box::new(Member {
                            key,
                            account,
                            claim,
                            strength,
                        })))
                    }
                    _ if pointer.is_given_up(self.store.now()) => Ok(Found::Nowhere),
                    _ => Err(DirectoryError::InBetween),
                }
            }
        }
    }

    /// Removes a pointer that leads nowhere, so that a guest can stand in its place. Returns whether the place is free.
    ///
    /// # Errors
    /// The store fails.
    pub async fn clear(&self, key: UserKey) -> Result<bool, DirectoryError> {
        let Held::Pointer(pointer) = self.held(key).await? else {
            return Ok(true);
        };
        let account = self.books.read(pointer.account).await?;
        let is_stale = listing(account.as_ref(), key, pointer.claim) == Listing::Absent;
        Ok(is_stale
            && pointer.is_given_up(self.store.now())
            && self
                .swap(key, Held::Pointer(pointer), Held::Nothing)
                .await?)
    }

    /// Links identities to an account that exists, while `may` holds for it.
    ///
    /// # Errors
    /// The store fails: the link is then made as a whole, or not at all.
    pub async fn link(
        &self,
        account: UserKey,
        newcomers: &[Newcomer],
        may: impl Fn(&Account) -> bool + Send + Sync,
    ) -> Result<Linked, DirectoryError> {
        let ways = self.ways(newcomers)?;
        let dangling = self.dangling(account).await?;
        let list = |account: Option<Account>| {
            let mut account = account.filter(|account| may(account))?;
            account.unlist(&dangling);
            for way in &ways {
                account.list(way.clone()).ok()?;
            }
            Some(Change::Write(account))
        };
        let claims: Vec<Claim> = ways.iter().map(|way| way.claim).collect();
        let unlist = |account: Option<Account>| {
            let mut account = account?;
            account.unlist(&claims);
            Some(Change::Write(account))
        };
        let linked = self.run(account, &ways, &list, &unlist).await?;
        if let (Linked::Already, [newcomer]) = (linked, newcomers)
            && newcomer.strength == Strength::Proven
        {
            self.prove(account, newcomer.key).await?;
        }
        Ok(linked)
    }

    /// Founds an account with these identities. It exists from the moment when it lists them.
    ///
    /// # Errors
    /// As [`link`](Self::link).
    pub async fn found(
        &self,
        user: &str,
        newcomers: &[Newcomer],
        account: impl Fn(Vec<Way>) -> Account + Send + Sync,
    ) -> Result<Linked, DirectoryError> {
        let ways = self.ways(newcomers)?;
        let list = |existing: Option<Account>| {
            existing
                .is_none()
                .then(|| Change::Write(account(ways.clone())))
        };
        let unlist = |_: Option<Account>| Some(Change::Remove);
        let account = UserKey::of_account(user);
        self.run(account, &ways, &list, &unlist).await
    }

    /// The claims that an account lists and whose pointers lead elsewhere. Such a claim never counts again.
    ///
    /// # Errors
    /// The store fails.
    pub async fn dangling(&self, key: UserKey) -> Result<Vec<Claim>, DirectoryError> {
        let mut dangling = Vec::new();
        if let Some(account) = self.books.read(key).await? {
            for way in account.ways() {
                let held = self.held(way.key()).await?;
                let agrees = matches!(held, Held::Pointer(pointer) if pointer.claim == way.claim);
                if !agrees {
                    dangling.push(way.claim);
                }
            }
        }
        Ok(dangling)
    }

    /// Removes the pointers of identities that were unlinked, so that nothing of them stays behind.
    ///
    /// # Errors
    /// The store fails.
    pub async fn forget(&self, ways: &[Way]) -> Result<(), DirectoryError> {
        for way in ways {
            if let Held::Pointer(pointer) = self.held(way.key()).await?
                && pointer.claim == way.claim
            {
                self.swap(way.key(), Held::Pointer(pointer), Held::Nothing)
                    .await?;
            }
        }
        Ok(())
    }

    async fn prove(&self, account: UserKey, key: UserKey) -> Result<(), DirectoryError> {
        if let Held::Pointer(pointer) = self.held(key).await? {
            let rule = |account: Option<Account>| {
                let mut account = account?;
                account.prove(pointer.claim);
                Some(Change::Write(account))
            };
            self.books.change(account, &rule).await?;
        }
        Ok(())
    }

    fn ways(&self, newcomers: &[Newcomer]) -> Result<Vec<Way>, NoRandomness> {
        let now = self.store.now();
        let ways = newcomers.iter().map(|newcomer| {
            let claim = Claim(random::bytes()?);
            let Newcomer {
                kind,
                key,
                strength,
                shown,
            } = newcomer.clone();
            Ok(Way::new(kind, key, claim, strength, shown, now))
        });
        ways.collect()
    }

    /// Does what a [`Linking`] asks for.
    async fn run(
        &self,
        account: UserKey,
        ways: &[Way],
        list: &Rule<'_>,
        unlist: &Rule<'_>,
    ) -> Result<Linked, DirectoryError> {
        let wanted = ways.iter().map(|way| Wanted {
            key: way.key(),
            claim: way.claim,
            strength: way.strength(),
        });
        let mut linking = Linking::new(account, wanted.collect());
        loop {
            match linking.ask() {
                Ask::Read(key) => {
                    let held = self.held(key).await?;
                    linking.read(held, self.store.now());
                }
                Ask::Judge(key, pointer) => {
                    let account = self.books.read(pointer.account).await?;
                    let listing = listing(account.as_ref(), key, pointer.claim);
                    linking.judge(listing, self.store.now());
                }
                Ask::Swap(key, old, new) => linking.swapped(self.swap(key, old, new).await?),
                Ask::List => linking.listed(self.books.change(account, list).await?),
                Ask::Unlist => {
                    self.books.change(account, unlist).await?;
                    linking.unlisted();
                }
                Ask::Nothing(linked) => return Ok(linked),
            }
        }
    }

    async fn held(&self, key: UserKey) -> Result<Held<Vec<u8>>, DirectoryError> {
        let value = self.store.get(key).await?;
        Ok(
            value.map_or(Held::Nothing, |value| match Pointer::decode(&value) {
                Some(pointer) => Held::Pointer(pointer),
                None => Held::Guest(value),
            }),
        )
    }

    async fn swap(
        &self,
        key: UserKey,
        old: Held<Vec<u8>>,
        new: Held<Vec<u8>>,
    ) -> Result<bool, DirectoryError> {
        let ttl = match new {
            Held::Nothing => 0,
            Held::Guest(_) => GUEST_STAYS,
            Held::Pointer(_) => FOR_EVER,
        };
        Ok(self.store.swap(key, stored(old), stored(new), ttl).await?)
    }

    /// An unreadable guest is a failure of the store: if they counted as free, a block could be escaped.
    fn state_of(&self, key: UserKey, value: &[u8]) -> Result<GuestState, DirectoryError> {
        let mut guest = User::decode(key, value).ok_or(StoreError::Unreadable)?;
        let nothing = SessionId([0; 16]);
        let issued = guest.issue(nothing, None, &Lifetimes::default(), self.store.now());
        Ok(issued.map_or(GuestState::Blocked, |()| GuestState::Free))
    }
}

fn listing(account: Option<&Account>, identity: UserKey, claim: Claim) -> Listing {
    account.map_or(Listing::Absent, |account| account.listing(identity, claim))
}

fn stored(held: Held<Vec<u8>>) -> Option<Vec<u8>> {
    match held {
        Held::Nothing => None,
        Held::Guest(value) => Some(value),
        Held::Pointer(pointer) => Some(pointer.encode()),
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Directory")
    }
}
