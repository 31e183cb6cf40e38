//! A store for tests, with a clock that they move.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::yield_now;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Store, StoreFuture};

/// A store whose time passes when a test says so. Others get their turn at every call.
#[derive(Default)]
pub(crate) struct TimedStore {
    now: AtomicU64,
    pub(crate) values: Mutex<HashMap<UserKey, (Vec<u8>, u64)>>,
}

impl TimedStore {
    pub(crate) fn pass(&self, millis: u64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Store for TimedStore {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            yield_now().await;
            let values = self.values.lock().unwrap();
            let alive = values.get(&user).filter(|(_, until)| self.now() < *until);
            Ok(alive.map(|(value, _)| value.clone()))
        })
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: u64,
    ) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            let present = self.get(user).await?;
            let mut values = self.values.lock().unwrap();
            if present != old {
                return Ok(false);
            }
            match new {
                Some(value) => values.insert(user, (value, self.now().saturating_add(ttl))),
                None => values.remove(&user),
            };
            Ok(true)
        })
    }

    fn now(&self) -> u64 {
        1_700_000_000_000 + self.now.load(Ordering::Relaxed)
    }
}
