//! A store in this process's memory: for development, for tests, and where a restart may end all sessions.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::clock::Clock;
use super::{Store, StoreFuture};
use crate::identity::UserKey;
use crate::user::Millis;

/// How many values each swap checks for having expired: more than a swap can add, so they never pile up.
const SWEPT_PER_SWAP: usize = 2;

/// Values in memory.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Clock,
    values: Mutex<Values>,
}

#[derive(Debug, Default)]
struct Values {
    by_user: BTreeMap<UserKey, Value>,
    /// The user inspected last.
    inspected: Option<UserKey>,
}

#[derive(Debug)]
struct Value {
    /// Boxed, because a vector's spare capacity would be a tenth of the memory.
    bytes: Box<[u8]>,
    until: Millis,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self {
            clock: Clock::start(0),
            values: Mutex::default(),
        }
    }

    fn values(&self) -> MutexGuard<'_, Values> {
        // Nothing panics while it holds the lock, so even a poisoned one guards sound values.
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        let value = self.values().alive(user, self.now()).map(<[u8]>::to_vec);
        Box::pin(async { Ok(value) })
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        let now = self.now();
        let mut values = self.values();
        let applies = values.alive(user, now) == old.as_deref();
        if applies {
            match new {
                Some(bytes) => {
                    let until = now.saturating_add(ttl);
                    let bytes = bytes.into_boxed_slice();
                    values.by_user.insert(user, Value { bytes, until });
                }
                None => drop(values.by_user.remove(&user)),
            }
            values.sweep(now);
        }
        Box::pin(async move { Ok(applies) })
    }

    fn now(&self) -> Millis {
        self.clock.now()
    }
}

impl Values {
    fn alive(&self, user: UserKey, now: Millis) -> Option<&[u8]> {
        let value = self.by_user.get(&user)?;
        (now < value.until).then_some(&*value.bytes)
    }

    fn sweep(&mut self, now: Millis) {
        for _ in 0..SWEPT_PER_SWAP {
            let from = self.inspected.map_or(Unbounded, Excluded);
            let next = self.by_user.range((from, Unbounded)).next();
            self.inspected = next.map(|(user, _)| *user);
            if let Some((user, value)) = next.map(|(user, value)| (*user, value))
                && now >= value.until
            {
                self.by_user.remove(&user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Store;
    use super::MemoryStore;
    use crate::identity::UserKey;

    #[tokio::test]
    async fn values_that_are_over_leave_while_others_come() {
        let store = MemoryStore::new();
        let put = |name: u8, ttl| store.swap(UserKey([name; 16]), None, Some(vec![name]), ttl);
        for name in 0..50 {
            assert!(put(name, 1).await.unwrap());
        }
        std::thread::sleep(Duration::from_millis(3));
        for name in 100..150 {
            assert!(put(name, 60_000).await.unwrap());
        }
        assert_eq!(store.values().by_user.len(), 50);
    }
}
