//! A store that counts its calls and can be switched off, in whole or for writes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use wxsession_server::identity::UserKey;
use wxsession_server::store::{MemoryStore, Store, StoreError, StoreFuture};
use wxsession_server::user::Millis;

#[derive(Default)]
pub(crate) struct Observed {
    store: MemoryStore,
    /// The number of calls.
    asked: AtomicUsize,
    away: AtomicBool,
    full: AtomicBool,
}

impl Observed {
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Relaxed)
    }

    pub(crate) fn be_away(&self, away: bool) {
        self.away.store(away, Relaxed);
    }

    /// Whether reads alone succeed.
    pub(crate) fn be_full(&self, full: bool) {
        self.full.store(full, Relaxed);
    }
}

impl Store for Observed {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.asked.fetch_add(1, Relaxed);
        if self.away.load(Relaxed) {
            return Box::pin(async { Err(StoreError::Late) });
        }
        self.store.get(user)
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        self.asked.fetch_add(1, Relaxed);
        if self.away.load(Relaxed) || self.full.load(Relaxed) {
            return Box::pin(async { Err(StoreError::Late) });
        }
        self.store.swap(user, old, new, ttl)
    }

    fn now(&self) -> Millis {
        self.store.now()
    }
}
