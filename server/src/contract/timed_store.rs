//! A store for tests, whose time passes when they say so.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::yield_now;

use crate::identity::UserKey;
use crate::store::{Store, StoreFuture};
use crate::user::Millis;

/// An ordinary day, because a clock does not start at zero.
const FIRST_DAY: Millis = 1_700_000_000_000;

/// Keeps values in memory, with a clock that stands still until [`pass`](Self::pass). Every call gives other tasks a
/// turn first, so that changes at the same time meet.
///
/// ```
/// use std::time::Duration;
///
/// use wxsession_server::contract::TimedStore;
/// use wxsession_server::identity::UserKey;
/// use wxsession_server::store::Store;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), wxsession_server::store::StoreError> {
/// let store = TimedStore::default();
/// let ann = UserKey::new("wx0123456789abcdef", "ann");
/// assert!(store.swap(ann, None, Some(b"one".to_vec()), 60_000).await?);
/// store.pass(Duration::from_secs(60));
/// assert_eq!(store.get(ann).await?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct TimedStore {
    passed: AtomicU64,
    /// The values, and until when they are kept.
    values: Mutex<BTreeMap<UserKey, (Vec<u8>, Millis)>>,
}

impl TimedStore {
    /// Lets this much time pass.
    pub fn pass(&self, time: Duration) {
        self.passed.fetch_add(time.as_millis() as Millis, Relaxed);
    }

    /// Every key with its value, as in a dump of the store.
    pub fn dump(&self) -> Vec<(UserKey, Vec<u8>)> {
        let values = self.alive();
        let pairs = values
            .iter()
            .map(|(user, (value, _))| (*user, value.clone()));
        pairs.collect()
    }

    /// The values whose time is not over.
    fn alive(&self) -> MutexGuard<'_, BTreeMap<UserKey, (Vec<u8>, Millis)>> {
        let now = self.now();
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.retain(|_, (_, until)| now < *until);
        values
    }
}

impl Store for TimedStore {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            yield_now().await;
            Ok(self.alive().get(&user).map(|(value, _)| value.clone()))
        })
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            yield_now().await;
            let until = self.now().saturating_add(ttl);
            let mut values = self.alive();
            let applies = values.get(&user).map(|(value, _)| value) == old.as_ref();
            match new {
                _ if !applies => {}
                Some(value) => {
                    values.insert(user, (value, until));
                }
                None => {
                    values.remove(&user);
                }
            }
            Ok(applies)
        })
    }

    fn now(&self) -> Millis {
        FIRST_DAY + self.passed.load(Relaxed)
    }
}
