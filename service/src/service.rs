//! The reference, and around it the layers that an operator needs.

use std::sync::Arc;

use secrecy::SecretString;
use wxsession_accounts::keys::KeysError;
use wxsession_accounts::{BuiltIn, Foundation, Settings};
use wxsession_server::ring::{KeyRing, RingError};
use wxsession_server::store::Store;
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::WeChat;
use wxsession_server::{Backend, ProofPolicy, Sessions};

use crate::accounts::{self, Authority};
use crate::compat::{self, Compatibility, OldClients};
use crate::counters::SessionCounters;
use crate::edge::SignInLimit;
use crate::internal::Internal;
use crate::measured_store::MeasuredStore;
use crate::public::Public;
use crate::upstream::{Upstream, UpstreamSettings};
use crate::wechat::GuardedWeChat;

/// A backend whose store is measured, whose calls of WeChat's API are guarded, and whose verifications are
/// counted.
#[derive(Clone)]
pub struct Service {
    backend: Backend,
    store: MeasuredStore,
    wechat: GuardedWeChat,
    authority: Authority,
    accounts: Option<BuiltIn>,
    keys: compat::Keys,
    old_clients: Option<OldClients>,
    upstream: Option<UpstreamSettings>,
}

/// Why a service cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The key ring cannot be used.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// The accounts in the store cannot be used.
    #[error("--accounts: the accounts in the store cannot be used")]
    Accounts(#[from] KeysError),
}

impl Service {
    /// Puts together a service whose users are WeChat users alone. Counts with the recorder of `metrics` that is
    /// installed by then.
    ///
    /// # Errors
    /// The backend cannot be built.
    pub fn new(
        wechat: WeChat,
        store: Arc<dyn Store>,
        ring: KeyRing,
        lifetimes: Lifetimes,
        policy: ProofPolicy,
    ) -> Result<Self, RingError> {
        let wechat = GuardedWeChat::around(wechat);
        let store = MeasuredStore::new(store);
        let authority = Authority::WeChat;
        Self::assemble(authority, None, wechat, store, ring, lifetimes, policy)
    }

    /// The same, where this authority says who a user is. Must be called in a Tokio runtime.
    ///
    /// # Errors
    /// As [`Service::new`]; and the store has accounts that cannot be opened with this ring, or stays away.
    pub async fn under(
        authority: Authority,
        wechat: WeChat,
        store: Arc<dyn Store>,
        ring: KeyRing,
        lifetimes: Lifetimes,
        policy: ProofPolicy,
    ) -> Result<Self, ServiceError> {
        let store = MeasuredStore::new(store);
        let wechat = GuardedWeChat::around(wechat);
        let foundation = match &authority {
            Authority::BuiltIn(settings) => {
                let settings = Settings {
                    phone_numbers: Some(Arc::new(wechat.clone())),
                    ..Settings::clone(settings)
                };
                Some(accounts::open(Arc::new(store.clone()), &ring, &settings).await?)
            }
            Authority::WeChat | Authority::Hook(_) => {
                accounts::warn_of_unused(&store).await;
                None
            }
        };
        Ok(Self::assemble(
            authority, foundation, wechat, store, ring, lifetimes, policy,
        )?)
    }

    fn assemble(
        authority: Authority,
        foundation: Option<Foundation>,
        wechat: GuardedWeChat,
        store: MeasuredStore,
        ring: KeyRing,
        lifetimes: Lifetimes,
        policy: ProofPolicy,
    ) -> Result<Self, RingError> {
        let keys = compat::Keys::new(&ring);
        let backend = Backend::builder(wechat.clone())
            .store(store.clone())
            .key_ring(ring)
            .lifetimes(lifetimes)
            .proof(policy)
            .watch(SessionCounters::new());
        let backend = match (&authority, foundation.clone()) {
            (Authority::Hook(hook), _) => backend.accounts(hook.clone()),
            (_, Some(foundation)) => {
                backend.accounts_beside(move |sessions| foundation.beside(sessions))
            }
            (_, None) => backend,
        };
        let backend = backend.build()?;
        let accounts = foundation.map(|foundation| foundation.beside(backend.sessions()));
        Ok(Self {
            backend,
            store,
            wechat,
            authority,
            accounts,
            keys,
            old_clients: None,
            upstream: None,
        })
    }

    /// Serves old clients too, which sign in no more often than this limit allows.
    #[must_use]
    pub fn compatible_with(
        mut self,
        compatibility: Compatibility,
        limit: Option<SignInLimit>,
    ) -> Self {
        self.old_clients = Some(OldClients::new(
            compatibility,
            limit,
            self.backend.clone(),
            self.store.clone(),
            self.keys.clone(),
        ));
        self
    }

    /// Carries every request that is not for the server itself to the app's backend.
    #[must_use]
    pub fn in_front_of(mut self, upstream: UpstreamSettings) -> Self {
        self.upstream = Some(upstream);
        self
    }

    /// The sessions behind the routes.
    pub fn sessions(&self) -> &Sessions {
        self.backend.sessions()
    }

    /// The routes for clients.
    pub fn public(&self) -> Public {
        let mut public = Public::new(self.backend.clone());
        if let Some(old_clients) = &self.old_clients {
            public = public.with_old_clients(old_clients.routes());
        }
        if let Some(settings) = self.upstream.clone() {
            let (sessions, old_clients) = (self.sessions().clone(), self.old_clients.clone());
            public = public.carrying_to(Upstream::new(settings, sessions, old_clients));
        }
        match &self.accounts {
            Some(accounts) => public.with_accounts(accounts.routes(Arc::new(self.wechat.clone()))),
            None => public,
        }
    }

    /// The routes for the operator's own services. With a `token`, callers must present it as `Authorization: Bearer`;
    /// without one, everybody who reaches the listener is trusted.
    pub fn internal(&self, token: Option<SecretString>) -> Internal {
        Internal::new(
            self.backend.clone(),
            self.store.clone(),
            self.wechat.clone(),
            (self.authority.clone(), self.accounts.clone()),
            token,
        )
        .serving(self.old_clients.clone())
    }
}
