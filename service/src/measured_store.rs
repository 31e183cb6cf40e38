//! A store whose calls are timed, and that can be asked whether it is up.

use std::sync::Arc;
use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};
use tokio::sync::Mutex;
use tokio::time::Instant;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Store, StoreFuture};
use wxsession_server::user::Millis;

use crate::measures::{STORE_FAILURES, STORE_SECONDS};

/// How long an "is it up?" answer stays fresh.
const FRESH: Duration = Duration::from_secs(1);
/// The key of no user, because no digest is all zeros.
const NOBODY: UserKey = UserKey([0; 16]);

/// A [`Store`] whose calls are timed and whose failures are counted.
#[derive(Clone)]
pub(crate) struct MeasuredStore(Arc<Measured>);

struct Measured {
    store: Arc<dyn Store>,
    get: Timed,
    swap: Timed,
    /// When the store was last asked whether it is up, and whether it answered.
    asked: Mutex<Option<(Instant, bool)>>,
}

struct Timed {
    seconds: Histogram,
    failures: Counter,
}

impl MeasuredStore {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self(Arc::new(Measured {
            store,
            get: Timed::new("get"),
            swap: Timed::new("swap"),
            asked: Mutex::default(),
        }))
    }

    /// Whether the store answers. However many ask, the store is read once a second.
    pub(crate) async fn is_up(&self) -> bool {
        let mut asked = self.0.asked.lock().await;
        match *asked {
            Some((when, up)) if when.elapsed() < FRESH => up,
            _ => {
                let up = self.0.store.get(NOBODY).await.is_ok();
                *asked = Some((Instant::now(), up));
                up
            }
        }
    }
}

impl Store for MeasuredStore {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        let Measured { store, get, .. } = &*self.0;
        get.time(|| store.get(user))
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        let Measured { store, swap, .. } = &*self.0;
        swap.time(|| store.swap(user, old, new, ttl))
    }

    fn now(&self) -> Millis {
        self.0.store.now()
    }
}

impl Timed {
    fn new(operation: &'static str) -> Self {
        Self {
            seconds: histogram!(STORE_SECONDS, "operation" => operation),
            failures: counter!(STORE_FAILURES, "operation" => operation),
        }
    }

    /// Times the call from its beginning: some stores work before they return the future.
    fn time<'a, T: 'a>(&'a self, call: impl FnOnce() -> StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        let start = std::time::Instant::now();
        let result = call();
        Box::pin(async move {
            let result = result.await;
            self.seconds.record(start.elapsed());
            if result.is_err() {
                self.failures.increment(1);
            }
            result
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::time::Duration;

    use tokio::time::{advance, sleep};
    use wxsession_server::identity::UserKey;
    use wxsession_server::store::{Store, StoreError, StoreFuture};
    use wxsession_server::user::Millis;

    use super::MeasuredStore;

    /// A store that hangs until its deadline, and counts the calls.
    #[derive(Default)]
    struct Hung(AtomicU32);

    impl Store for Hung {
        fn get(&self, _: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
            self.0.fetch_add(1, Relaxed);
            Box::pin(async {
                sleep(Duration::from_millis(100)).await;
                Err(StoreError::Late)
            })
        }

        fn swap(
            &self,
            _: UserKey,
            _: Option<Vec<u8>>,
            _: Option<Vec<u8>>,
            _: Millis,
        ) -> StoreFuture<'_, bool> {
            Box::pin(async { Err(StoreError::Late) })
        }

        fn now(&self) -> Millis {
            0
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_is_asked_how_it_is_once_a_second_however_many_want_to_know() {
        let hung = Arc::new(Hung::default());
        let store = MeasuredStore::new(Arc::clone(&hung) as Arc<dyn Store>);
        let ups = tokio::join!(store.is_up(), store.is_up(), store.is_up());
        assert_eq!((ups, hung.0.load(Relaxed)), ((false, false, false), 1));
        advance(Duration::from_secs(1)).await;
        assert!(!store.is_up().await);
        assert_eq!(hung.0.load(Relaxed), 2);
    }
}
