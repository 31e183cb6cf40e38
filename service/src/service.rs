//! The reference, and around it the layers that an operator needs.

use std::sync::Arc;

use secrecy::SecretString;
use wxsession_server::ring::{KeyRing, RingError};
use wxsession_server::store::Store;
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::WeChat;
use wxsession_server::{Backend, Sessions};

use crate::accounts::Authority;
use crate::counters::VerificationCounters;
use crate::internal::Internal;
use crate::measured_store::MeasuredStore;
use crate::public::Public;
use crate::wechat::GuardedWeChat;

/// A backend whose store is measured, whose calls of WeChat's API are guarded, and whose verifications are
/// counted.
#[derive(Clone)]
pub struct Service {
    backend: Backend,
    store: MeasuredStore,
    wechat: GuardedWeChat,
    authority: Authority,
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
    ) -> Result<Self, RingError> {
        Self::under(Authority::WeChat, wechat, store, ring, lifetimes)
    }

    /// The same, where this authority says who a user is.
    ///
    /// # Errors
    /// As [`Service::new`].
    pub fn under(
        authority: Authority,
        wechat: WeChat,
        store: Arc<dyn Store>,
        ring: KeyRing,
        lifetimes: Lifetimes,
    ) -> Result<Self, RingError> {
        let store = MeasuredStore::new(store);
        let wechat = GuardedWeChat::around(wechat);
        let backend = Backend::builder(wechat.clone())
            .store(store.clone())
            .key_ring(ring)
            .lifetimes(lifetimes)
            .watch(VerificationCounters::new());
        let backend = match &authority {
            Authority::WeChat => backend,
            Authority::Hook(hook) => backend.accounts(hook.clone()),
        };
        let backend = backend.build()?;
        Ok(Self {
            backend,
            store,
            wechat,
            authority,
        })
    }

    /// The sessions behind the routes.
    pub fn sessions(&self) -> &Sessions {
        self.backend.sessions()
    }

    /// The routes for clients.
    pub fn public(&self) -> Public {
        Public::new(self.backend.clone())
    }

    /// The routes for the operator's own services. With a `token`, callers must present it as `Authorization: Bearer`;
    /// without one, everybody who reaches the listener is trusted.
    pub fn internal(&self, token: Option<SecretString>) -> Internal {
        Internal::new(
            self.backend.clone(),
            self.store.clone(),
            self.wechat.clone(),
            self.authority.clone(),
            token,
        )
    }
}
