//! One place where everything that has to agree is put together.

use std::sync::Arc;

use crate::accounts::Accounts;
use crate::backend::Backend;
use crate::proof::ProofPolicy;
use crate::ring::{KeyRing, RingError};
use crate::sessions::Sessions;
use crate::store::{MemoryStore, Store};
use crate::user::Lifetimes;
use crate::watch::{Unwatched, Watch};
use crate::wechat::Exchange;

/// Puts a [`Backend`] together: the mini programs with their secrets, the store, the key ring and the
/// lifetimes.
pub struct Builder {
    wechat: Arc<dyn Exchange>,
    store: Arc<dyn Store>,
    ring: Option<KeyRing>,
    lifetimes: Lifetimes,
    proof: ProofPolicy,
    accounts: Option<MakeAccounts>,
    watch: Arc<dyn Watch>,
}

/// Makes the accounts, given the sessions beside which they are kept.
type MakeAccounts = Box<dyn FnOnce(&Sessions) -> Arc<dyn Accounts> + Send>;

impl Backend {
    /// Begins with the client of WeChat's API, which knows the mini programs and their secrets.
    ///
    /// Without further settings the sessions are kept in memory, under a new key ring, for two hours without
    /// use and seven days in all.
    ///
    /// ```
    /// use wxsession_server::Backend;
    /// use wxsession_server::wechat::{Api, Credentials, WECHAT_API, WeChat, tls_client};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let program = Credentials {
    ///     appid: "wx0123456789abcdef".into(),
    ///     secret: "the mini program's secret".into(),
    /// };
    /// let api = Api::new(&WECHAT_API.parse()?, tls_client())?;
    /// let backend = Backend::builder(WeChat::new([program], api)).build()?;
    /// let routes = backend.routes();
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(wechat: impl Exchange) -> Builder {
        Builder {
            wechat: Arc::new(wechat),
            store: Arc::new(MemoryStore::new()),
            ring: None,
            lifetimes: Lifetimes::default(),
            proof: ProofPolicy::default(),
            accounts: None,
            watch: Arc::new(Unwatched),
        }
    }
}

impl Builder {
    /// Keeps the sessions in this store.
    #[must_use]
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// Signs session ids with this ring. The sessions in a store are of use only with their ring, so a store
    /// that outlives the process needs a ring that does.
    #[must_use]
    pub fn key_ring(mut self, ring: KeyRing) -> Self {
        self.ring = Some(ring);
        self
    }

    /// Lets sessions live this long.
    #[must_use]
    pub fn lifetimes(mut self, lifetimes: Lifetimes) -> Self {
        self.lifetimes = lifetimes;
        self
    }

    /// Offers or demands signed requests. Without this there are none.
    #[must_use]
    pub fn proof(mut self, policy: ProofPolicy) -> Self {
        self.proof = policy;
        self
    }

    /// Asks these accounts who somebody is. Without accounts everybody is a guest.
    #[must_use]
    pub fn accounts<A: Accounts>(self, accounts: A) -> Self {
        self.accounts_beside(|_| accounts)
    }

    /// Asks accounts that are kept beside their sessions.
    #[must_use]
    pub fn accounts_beside<A: Accounts>(
        mut self,
        make: impl FnOnce(&Sessions) -> A + Send + 'static,
    ) -> Self {
        self.accounts = Some(Box::new(|sessions| Arc::new(make(sessions))));
        self
    }

    /// Tells `watch` of every session that a request presents.
    #[must_use]
    pub fn watch(mut self, watch: impl Watch) -> Self {
        self.watch = Arc::new(watch);
        self
    }

    /// Puts the backend together.
    ///
    /// # Errors
    /// There was no key ring, and the operating system gives no random bytes for a new one.
    pub fn build(self) -> Result<Backend, RingError> {
        let ring = match self.ring {
            Some(ring) => ring,
            None => KeyRing::generate()?,
        };
        let appids = self.wechat.appids();
        let sessions = Sessions::governed_by(
            self.proof,
            self.watch,
            self.store,
            &ring,
            self.lifetimes,
            appids,
        );
        let accounts = self.accounts.map(|make| make(&sessions));
        Ok(Backend::assemble(sessions, self.wechat, accounts))
    }
}
