//! A store that is timed, and can be asked how it is.

use std::sync::Arc;
use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Answer, Millis, Store, StoreError, UserKey};
use crate::measures::{STORE_FAILURES, STORE_SECONDS};

/// How long an answer to "is it up" does.
const NEWS: Duration = Duration::from_secs(1);
/// Nobody's, for it is nobody's digest.
const NOBODY: UserKey = UserKey([0; 16]);

/// A [`Store`] whose calls are counted. It is none itself, so that a call takes no second box.
pub(crate) struct Measured {
    store: Arc<dyn Store>,
    get: Timed,
    swap: Timed,
    /// When it was asked how it is, and whether it answered.
    asked: Mutex<Option<(Instant, bool)>>,
}

struct Timed {
    seconds: Histogram,
    failures: Counter,
}

impl Measured {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            get: Timed::new("get"),
            swap: Timed::new("swap"),
            asked: Mutex::default(),
        }
    }

    pub(crate) async fn get(&self, user: UserKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.get.time(|| self.store.get(user)).await
    }

    pub(crate) async fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> Result<bool, StoreError> {
        let swap = || self.store.swap(user, old, new, ttl);
        self.swap.time(swap).await
    }

    pub(crate) fn now(&self) -> Millis {
        self.store.now()
    }

    /// Whether it answers. However many ask, it costs the store one read a second.
    pub(crate) async fn is_up(&self) -> bool {
        let mut asked = self.asked.lock().await;
        match *asked {
            Some((when, up)) if when.elapsed() < NEWS => up,
            _ => {
                let up = self.store.get(NOBODY).await.is_ok();
                *asked = Some((Instant::now(), up));
                up
            }
        }
    }
}

impl Timed {
    fn new(operation: &'static str) -> Self {
        Self {
            seconds: histogram!(STORE_SECONDS, "operation" => operation),
            failures: counter!(STORE_FAILURES, "operation" => operation),
        }
    }

    /// Some stores work before they give the future.
    async fn time<'store, T>(
        &self,
        call: impl FnOnce() -> Answer<'store, T>,
    ) -> Result<T, StoreError> {
        let start = std::time::Instant::now();
        let answer = call().await;
        self.seconds.record(start.elapsed());
        if answer.is_err() {
            self.failures.increment(1);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::time::Duration;

    use tokio::time::{advance, sleep};

    use super::super::{Answer, Millis, Store, StoreError, UserKey};
    use super::Measured;

    /// A store that hangs until its deadline, and counts who asks.
    #[derive(Default)]
    struct Hung(AtomicU32);

    impl Store for Hung {
        fn get(&self, _: UserKey) -> Answer<'_, Option<Vec<u8>>> {
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
        ) -> Answer<'_, bool> {
            Box::pin(async { Err(StoreError::Late) })
        }

        fn now(&self) -> Millis {
            0
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_is_asked_how_it_is_once_a_second_however_many_want_to_know() {
        let hung = Arc::new(Hung::default());
        let store = Measured::new(Arc::clone(&hung) as Arc<dyn Store>);
        let ups = tokio::join!(store.is_up(), store.is_up(), store.is_up());
        assert_eq!((ups, hung.0.load(Relaxed)), ((false, false, false), 1));
        advance(Duration::from_secs(1)).await;
        assert!(!store.is_up().await);
        assert_eq!(hung.0.load(Relaxed), 2);
    }
}
