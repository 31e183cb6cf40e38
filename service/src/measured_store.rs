//! A store whose calls are timed, and that knows how it is.

use std::sync::Arc;

use metrics::{Counter, Histogram, counter, histogram};
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Mark, Noted, Store, StoreFuture};
use wxsession_server::user::Millis;

use crate::measures::{STORE_FAILURES, STORE_SECONDS};
use crate::store_health::{StoreHealth, StoreState};

/// A [`Store`] whose calls are timed and whose failures are counted.
#[derive(Clone)]
pub(crate) struct MeasuredStore(Arc<Measured>);

struct Measured {
    store: Arc<dyn Store>,
    get: Timed,
    swap: Timed,
    health: Arc<StoreHealth>,
}

struct Timed {
    seconds: Histogram,
    failures: Counter,
}

impl MeasuredStore {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self(Arc::new(Measured {
            health: Arc::new(StoreHealth::of(Arc::clone(&store))),
            store,
            get: Timed::new("get"),
            swap: Timed::new("swap"),
        }))
    }

    /// What can be done with the store.
    pub(crate) async fn state(&self) -> StoreState {
        self.0.health.ask().await
    }
}

impl Store for MeasuredStore {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        let Measured {
            store, get, health, ..
        } = &*self.0;
        get.time(|| store.get(user), |well| health.read_ended(well))
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        let Measured {
            store,
            swap,
            health,
            ..
        } = &*self.0;
        let call = || store.swap(user, old, new, ttl);
        swap.time(call, |well| health.write_ended(well))
    }

    fn get_noting(
        &self,
        user: UserKey,
        mark: Mark,
        ttl: Millis,
    ) -> StoreFuture<'_, (Option<Vec<u8>>, Noted)> {
        let Measured {
            store, get, health, ..
        } = &*self.0;
        let call = || store.get_noting(user, mark, ttl);
        get.time(call, |well| health.read_ended(well))
    }

    fn now(&self) -> Millis {
        self.0.store.now()
    }

    fn is_away(&self) -> bool {
        self.0.store.is_away() || self.0.health.known() != StoreState::Up
    }
}

impl Timed {
    fn new(operation: &'static str) -> Self {
        Self {
            seconds: histogram!(STORE_SECONDS, "operation" => operation),
            failures: counter!(STORE_FAILURES, "operation" => operation),
        }
    }

    /// Times the call from its beginning: some stores work before they return the future. Tells `ended` whether it went
    /// well.
    fn time<'a, T: 'a>(
        &'a self,
        call: impl FnOnce() -> StoreFuture<'a, T>,
        ended: impl FnOnce(bool) + Send + 'a,
    ) -> StoreFuture<'a, T> {
        let start = std::time::Instant::now();
        let result = call();
        Box::pin(async move {
            let result = result.await;
            self.seconds.record(start.elapsed());
            if result.is_err() {
                self.failures.increment(1);
            }
            ended(result.is_ok());
            result
        })
    }
}
